"""`sallyport audit`: what was recorded can be listed, shown, followed, checked and taken away, beside a
gateway that runs and from a copy of its state folder; content only for those who hold the private key."""

import base64
import hashlib
import json
import shutil
import subprocess
import time
import types

import pytest

import lib_client
from lib_servers import BUILD, Process

SECRET_WORDS = "the merger with Nordlicht closes on Friday"
FOLLOWED_S = 5
HEADER_BYTES = 4096


def sallyport(*args):
    command = [str(BUILD / "sallyport"), *map(str, args)]
    return subprocess.run(command, capture_output=True, timeout=60)


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def talk(module_gateway, cloud_process):
    """A gateway that runs, four requests that went through it, and a copy of its state."""
    cloud_process.reset()
    server = module_gateway()
    told = types.SimpleNamespace(server=server)
    told.plain = lib_client.ask(server, "openai", lib_client.body("openai", "assistant", SECRET_WORDS))
    told.stream = lib_client.Stream(server, lib_client.body("openai", "assistant", stream=True))
    told.streamed = told.stream.all()
    told.rerouted = lib_client.ask(server, "openai", lib_client.body("openai", "assistant"), "legal")
    told.denied = lib_client.refused(server, "openai", lib_client.body("openai", "cloud-only"), "legal")
    told.ids = [told.plain.id, told.stream.id, told.rerouted.id, told.denied.id]
    told.copy = server.folder / "copy"
    processes = shutil.ignore_patterns("*.sock", "*.db-shm", "*.db-wal", "*.tmp")
    shutil.copytree(server.state, told.copy, ignore=processes)
    return told


@pytest.fixture(params=["live", "copy"])
def audit(request, talk):
    """`audit(…)` on the log that is being written, or on a copy of which only the folder is known."""
    place = ["-c", talk.server.file] if request.param == "live" else ["--state", talk.copy]
    return lambda *args: sallyport("audit", *args, *place)


def good(done):
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


# ---- list ----


def test_list_has_one_line_per_request(audit, talk):
    rows = [line.split() for line in good(audit("list")).splitlines()]
    assert [row[1] for row in rows] == talk.ids
    assert [row[2] for row in rows] == ["allow", "allow", "reroute", "deny"]
    assert [row[3] for row in rows] == ["desk", "desk", "legal", "legal"]
    assert rows[3][-1] == "no_destination_cleared"


def test_list_as_json_has_one_object_per_line(audit, talk):
    rows = lines(good(audit("list", "--json")))
    assert [row["request_id"] for row in rows] == talk.ids
    assert [row["destination"] for row in rows] == ["cloud", "cloud", "local", ""]
    assert [row["tier"] for row in rows[:3]] == ["cloud", "cloud", "self-hosted"]
    assert [row["http_status"] for row in rows] == [200, 200, 200, 403]
    assert all(row["tokens_out"] > 0 for row in rows[:3]), "as the destination reported"


@pytest.mark.parametrize(
    "options, wanted",
    [
        (["--last", "1"], [3]),
        (["--last", "0"], [0, 1, 2, 3]),
        (["--app", "desk"], [0, 1]),
        (["--app", "nobody"], []),
        (["--outcome", "deny"], [3]),
        (["--outcome", "reroute"], [2]),
        (["--outcome", "lost"], []),
        (["--app", "desk", "--outcome", "deny"], []),
        (["--app", "legal", "--last", "1"], [3]),
        (["--app", "desk", "--last", "1"], [1]),
    ],
)
def test_list_selects(audit, talk, options, wanted):
    rows = lines(good(audit("list", "--json", *options)))
    assert [row["request_id"] for row in rows] == [talk.ids[i] for i in wanted]


def test_list_refuses_an_outcome_that_does_not_exist(audit):
    done = audit("list", "--outcome", "denied")
    assert done.returncode == 2 and b"unknown outcome" in done.stderr and done.stdout == b""


# ---- show ----


def test_show_has_every_record_and_no_content(audit, talk):
    text = good(audit("show", talk.plain.id))
    assert text.startswith(f"request {talk.plain.id}\nintent ") and "\noutcome " in text
    assert "desk" in text and "gpt-cloud" in text and SECRET_WORDS not in text
    shown = json.loads(good(audit("show", talk.plain.id, "--json")))
    assert [r["kind"] for r in shown["records"]] == ["intent", "outcome"]
    assert "request" not in shown and SECRET_WORDS not in json.dumps(shown)


def test_show_takes_the_beginning_of_an_id_if_no_other_starts_like_it(audit, talk):
    shown = json.loads(good(audit("show", talk.denied.id[:31].upper(), "--json")))
    assert shown["request_id"] == talk.denied.id
    done = audit("show", talk.ids[0][:4])
    assert done.returncode == 1 and b"several requests" in done.stderr and done.stdout == b""
    done = audit("show", "0" * 32)
    assert done.returncode == 1 and b"no such request" in done.stderr and done.stdout == b""


def test_payload_is_prompt_and_answer_exactly(audit, talk):
    shown = json.loads(good(audit("show", talk.plain.id, "--json", "--payload")))
    assert shown["request"].encode() == talk.plain.sent and SECRET_WORDS in shown["request"]
    answer = json.loads(shown["answer"])
    assert answer["choices"][0]["message"]["content"] == talk.plain.text
    assert shown["erased_blocks"] == 0
    assert SECRET_WORDS in good(audit("show", talk.plain.id, "--payload"))


def test_payload_of_a_stream_has_each_event(audit, talk):
    answer = json.loads(good(audit("show", talk.stream.id, "--json", "--payload")))["answer"]
    said, got = (
        "".join(c["delta"].get("content") or "" for d in lib_client.data_of(raw) for c in d["choices"])
        for raw in (answer.encode(), talk.streamed)
    )
    assert said == got != ""


@pytest.mark.parametrize("key", ["none", "short", "another"])
@pytest.mark.parametrize("command", ["show", "export"])
def test_without_the_private_key_nothing_opens(talk, tmp_path, key, command):
    state = tmp_path / "state"
    shutil.copytree(talk.copy, state)
    if key == "none":
        (state / "seal.key").unlink()
    else:
        (state / "seal.key").write_bytes(b"\x11" * (16 if key == "short" else 32))
    words = [talk.plain.id, "--json"] if command == "show" else []
    done = sallyport("audit", command, *words, "--payload", "--state", state)
    assert done.returncode == 1
    assert b"does not open with this key" in done.stderr or b"private key that opens payloads" in done.stderr
    assert SECRET_WORDS.encode() not in done.stdout + done.stderr
    assert sallyport("audit", command, *words, "--state", state).returncode == 0, "the rest needs no key"


# ---- tail ----


def test_tail_has_the_last_records(audit, talk):
    rows = lines(good(audit("tail", "--json", "-n", "3")))
    assert [r["kind"] for r in rows] == ["intent", "outcome", "refusal"]
    assert [r["request_id"] for r in rows] == [talk.rerouted.id, talk.rerouted.id, talk.denied.id]
    assert len(good(audit("tail")).splitlines()) == 7


def until(process, wanted):
    end = time.monotonic() + FOLLOWED_S
    while wanted not in process.output():
        assert time.monotonic() < end and process.child.poll() is None, process.output()
        time.sleep(0.02)


def test_tail_follows_what_is_recorded_from_now_on(gateway, tmp_path):
    server = gateway()
    first = lib_client.ask(server, "openai", lib_client.body("openai", "assistant"))
    command = [BUILD / "sallyport", "audit", "tail", "-f", "-n", "1", "--json", "-c", server.file]
    tail = Process(command, tmp_path / "tail.out", server.env)
    try:
        until(tail, first.id)
        second = lib_client.ask(server, "openai", lib_client.body("openai", "assistant"))
        until(tail, '"finish":"stop"')
        server.stop()
        server.start()
        third = lib_client.ask(server, "openai", lib_client.body("openai", "assistant"))
        until(tail, third.id)
        time.sleep(0.5)
        rows = lines(tail.output())
    finally:
        tail.child.terminate()
        tail.child.wait(10)
    wanted = [(first.id, "outcome")]
    wanted += [(i, kind) for i in (second.id, third.id) for kind in ("intent", "outcome")]
    assert [(r["request_id"], r["kind"]) for r in rows] == wanted


# ---- verify ----


def test_verify_accepts_what_was_written(audit):
    assert "the ledger verifies: 1 segments, 7 records" in good(audit("verify"))
    verdict = json.loads(good(audit("verify", "--json")))
    assert verdict["valid"] is True and (verdict["records"], verdict["damaged"]) == (7, 0)


def damaged(talk, folder, change):
    """`audit verify` and `audit list` on a copy of the ledger whose only segment was changed."""
    state = folder / "state"
    shutil.copytree(talk.copy, state)
    segment = next((state / "ledger").glob("*.seg"))
    data = bytearray(segment.read_bytes())
    data = change(data) or data
    segment.write_bytes(data)
    return sallyport("audit", "verify", state / "ledger"), segment.name, state


@pytest.mark.parametrize("which", [0, 2])
@pytest.mark.parametrize("bit", [0, 7])
def test_a_flipped_bit_is_named_with_file_and_record(talk, tmp_path, which, bit):
    def flip(data):
        at = data.find(b"SL\x01", HEADER_BYTES)
        while data[at + 5 : at + 21].hex() != talk.ids[which]:
            at = data.find(b"SL\x01", at + 1)
        data[at + 30] ^= 1 << bit

    done, name, state = damaged(talk, tmp_path, flip)
    assert done.returncode == 1
    assert f"first damage: {name}, offset " in done.stdout.decode()
    assert f"record {talk.ids[which]}: " in done.stdout.decode()
    verdict = json.loads(sallyport("audit", "verify", state / "ledger", "--json").stdout)
    assert verdict["valid"] is False and talk.ids[which] in verdict["first_damage"]
    listed = sallyport("audit", "list", "--state", state)
    assert listed.returncode == 1 and b"the ledger is damaged" in listed.stderr


def test_a_flipped_bit_of_content_is_named_with_its_record(talk, tmp_path):
    def flip(data):
        data[HEADER_BYTES + 56 + 130] ^= 1  # ciphertext of the first block

    done, name, _ = damaged(talk, tmp_path, flip)
    assert done.returncode == 1
    assert f"first damage: {name}, offset {HEADER_BYTES}, record {talk.ids[0]}: " in done.stdout.decode()


def test_a_segment_that_was_cut_is_damage(talk, tmp_path):
    done, name, _ = damaged(talk, tmp_path, lambda data: data[: data.rfind(b"SL\x01")])
    assert done.returncode == 1 and f"first damage: {name}, offset " in done.stdout.decode()


# ---- what was cut off, against STATE/heads ----


def zeros_from(path, offset):
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(bytes(path.stat().st_size - offset))


def last_frame(path):
    data = path.read_bytes()
    return data.rindex(b"SPLF" + b"\1")


@pytest.fixture
def kept(gateway, cloud, tmp_path):
    """A gateway that was killed by its power going: the newest segment is open, the heads are kept."""
    server = gateway(changes={"nginx": {"workers": 1}})
    for n in range(4):
        lib_client.ask(server, "openai", lib_client.body("openai", "assistant", f"question {n}"))
    end = time.monotonic() + FOLLOWED_S
    rows = [heads_row(server.state)]
    while rows[-1][2] < 8:
        assert time.monotonic() < end, f"the daemon does not keep what was recorded: {rows[-1]}"
        time.sleep(0.05)
        rows.append(heads_row(server.state))
    state = tmp_path / "kept"
    shutil.copytree(server.state, state, ignore=shutil.ignore_patterns("*.sock", "*.db-shm", "*.db-wal", "*.tmp"))
    server.verify()
    return types.SimpleNamespace(server=server, state=state, segment=state / "ledger" / rows[-1][0], row=rows[-1])


def heads_row(state):
    """(segment, offset, records) of the first row."""
    fields = (state / "heads").read_text().split() or ["", "0", "0"]
    return fields[0], int(fields[1], 16), int(fields[2], 16)


def cut_of(state, *options):
    done = sallyport("audit", "verify", "--state", state, "--json", *options)
    verdict = json.loads(done.stdout)
    assert done.returncode == 1 and verdict["valid"] is False
    return verdict


def test_a_tail_that_was_cut_off_at_a_frame_is_missed(kept):
    name, offset, records = kept.row
    at = last_frame(kept.segment)
    zeros_from(kept.segment, at)
    assert sallyport("audit", "verify", kept.segment.parent).returncode == 0, "the ledger alone cannot tell"
    verdict = cut_of(kept.state)
    found = {"slot": 0, "segment": name, "offset": offset, "records": records, "found_records": records - 1}
    assert verdict["cut"] == 1 and found.items() <= verdict["first_cut"].items()
    text = sallyport("audit", "verify", "--state", kept.state).stdout.decode()
    assert f"{name}, offset {verdict['first_cut']['found_offset']}: slot 0 misses its last 1 records" in text
    assert f"up to offset {offset}: put back a copy" in text


def test_a_newest_segment_that_was_removed_is_missed(kept):
    kept.segment.unlink()
    verdict = cut_of(kept.state)
    assert verdict["cut"] == 1 and verdict["first_cut"]["segment"] == kept.row[0]
    assert f"{kept.row[0]}: the newest segment of slot 0 is missing" in verdict["first_damage"]


def test_a_copy_of_the_heads_elsewhere_misses_what_the_state_was_made_to_forget(kept, tmp_path):
    copy = shutil.copy(kept.state / "heads", tmp_path / "elsewhere")
    zeros_from(kept.segment, last_frame(kept.segment))
    (kept.state / "heads").write_text("")
    assert sallyport("audit", "verify", "--state", kept.state).returncode == 0
    assert cut_of(kept.state, "--heads", copy)["cut"] == 1
    assert sallyport("audit", "verify", kept.segment.parent, "--heads", copy).returncode == 1


def test_heads_that_are_missing_are_told(kept):
    (kept.state / "heads").unlink()
    assert "heads is missing" in cut_of(kept.state)["first_damage"]


def test_a_gateway_that_goes_on_without_its_last_records_does_not_forget_them(kept):
    """Stopped, cut, started: recovery closes what is there, and the heads stay for `verify` to tell."""
    kept.server.stop()
    segment = kept.server.state / "ledger" / kept.row[0]
    whole, heads = segment.read_bytes(), (kept.server.state / "heads").read_bytes()
    segment.write_bytes(kept.segment.read_bytes())  # open, as a kill leaves it
    zeros_from(segment, last_frame(segment))
    (segment.parent / "slot-00000000.lock").write_bytes(b"")  # who cuts it takes out what its writer stated as well
    kept.server.start()
    for n in range(4):
        lib_client.ask(kept.server, "openai", lib_client.body("openai", "assistant", f"later {n}"))
    end = time.monotonic() + FOLLOWED_S
    while "goes on without records" not in kept.server.all_logs():
        assert time.monotonic() < end, "the log does not tell"
        time.sleep(0.05)
    assert kept.server.verify(check=False).returncode == 1
    assert heads.split()[0] in (kept.server.state / "heads").read_bytes()
    kept.server.stop()
    for made in (kept.server.state / "ledger").glob("*.seg"):
        made.unlink()
    segment.write_bytes(whole)  # so that the end of the test finds a ledger that verifies
    (kept.server.state / "heads").write_bytes(heads)


def test_verify_says_when_there_is_no_ledger(tmp_path):
    done = sallyport("audit", "verify", tmp_path / "nowhere")
    assert done.returncode == 1 and b"cannot be read" in done.stderr


# ---- export ----


def test_export_can_be_checked_by_others(audit, talk):
    rows = lines(good(audit("export")))
    assert [row["record"]["kind"] for row in rows] == ["intent", "outcome"] * 3 + ["refusal"]
    for row in rows:
        leaf = base64.urlsafe_b64decode(row["leaf"] + "=" * (-len(row["leaf"]) % 4))
        assert hashlib.sha256(b"\0" + leaf).hexdigest() == row["leaf_hash"]
        assert leaf[5:21].hex() == row["record"]["request_id"] and "payload" not in row


def test_export_opens_payloads_and_selects(audit, talk):
    rows = lines(good(audit("export", "--app", "desk", "--payload")))
    assert {row["record"]["application"] for row in rows} == {"desk"} and len(rows) == 4
    assert rows[0]["payload"].encode() == talk.plain.sent
