"""Rule 1: what is not in order is a clear error, and nothing is forwarded. No error, log or record says what a
client wrote: each body here carries a canary."""

import json
import os
import signal
import time

import pytest

import lib_config
from lib_client import PATHS, body, error_of
from lib_servers import NGINX, call

CANARY = "canary-7f3a91"
DIALECTS = ["openai", "anthropic"]
MODEL = {"openai": "cloud-only", "anthropic": "claude-cloud-only"}
both = pytest.mark.parametrize("dialect", DIALECTS)
LIMIT = 64 << 10


@pytest.fixture(scope="module")
def server(module_gateway, cloud_process):
    """lib_config.base with small limits."""
    return module_gateway(lib_config.base(cloud_process), {"limits": {"body": "64KiB", "answer": "64KiB"}})


def send(server, dialect, data, key=None, **headers):
    own = {"content-type": "application/json", "authorization": "Bearer " + (key or server.key())}
    if dialect == "anthropic":
        own["anthropic-version"] = "2023-06-01"
    return call(server.port, "POST", PATHS[dialect], data, {**own, **headers})


def check(server, cloud, dialect, result, status, code):
    """Refused so; nothing reached the upstream; the canary is in no answer, log or record."""
    got, headers, raw = result
    _, word, message, request_id = error_of(dialect, raw)
    assert (got, word) == (status, code), message
    assert cloud.seen() == []
    assert CANARY not in raw.decode() + json.dumps(headers)
    assert CANARY not in server.all_logs()
    return message, request_id


def whole(dialect, **more):
    return json.dumps(body(dialect, MODEL[dialect], CANARY, **more))


# ---- bodies ------------------------------------------------------------------------------------------------


def broken(dialect):
    """Name: (body, code). `{C}` stands for the canary."""
    good = whole(dialect)
    inner = '"messages":[{"role":"user","content":"{C}"}],"max_tokens":16'.replace("{C}", CANARY)
    model = f'"model":"{MODEL[dialect]}"'
    return {
        "nothing": ("", "json_syntax"),
        "no JSON": (CANARY, "json_syntax"),
        "half of it": (good[: len(good) // 2], "json_syntax"),
        "bytes behind it": (good + CANARY, "json_syntax"),
        "two of them": (good + good, "json_syntax"),
        "a byte order mark": ("\ufeff" + good, "json_syntax"),
        "a comment": (good.replace("{", "{/* " + CANARY + " */", 1), "json_syntax"),
        "a comma at the end": (good[:-1] + ",}", "json_syntax"),
        "single quotes": (good.replace('"', "'"), "json_syntax"),
        "NaN": (good[:-1] + ', "temperature": NaN}', "json_syntax"),
        "a list": ("[" + good + "]", None),
        "a key twice": (f"{{{model},{inner},{model}}}", "json_duplicate_key"),
        "a key twice by escape": (f'{{{model},{inner},"mod\\u0065l":"local-only"}}', "json_duplicate_key"),
        "invalid UTF-8": (good.encode().replace(CANARY.encode(), CANARY.encode() + b"\xc3("), "json_utf8"),
        "a lone surrogate": (good.replace(CANARY, CANARY + "\\ud800"), "json_utf8"),
        "an odd number": (good[:-1] + ', "top_p": 1e999}', None),
        "a number of the wrong kind": (good.replace('"max_tokens": 16', '"max_tokens": 16.5'), None),
        "no model": ("{" + inner + "}", "field_missing"),
        "no messages": ("{" + model + ',"max_tokens":16}', "field_missing"),
        "a model that is a number": ('{"model":7,' + inner + "}", "field_invalid"),
        "a model in another case": ('{"MODEL":"local-only",' + model + "," + inner + "}", None),
        "messages that are a string": (
            "{" + model + f',"max_tokens":16,"messages":"{CANARY}"}}',
            "field_invalid",
        ),
        "too deep": (good[:-1] + ', "metadata": ' + '{"a":' * 70 + "1" + "}" * 70 + "}", "json_depth"),
        "an unknown model": (good.replace(MODEL[dialect], CANARY), "model_unknown"),
    }


@pytest.mark.parametrize("how", broken("openai"))
@both
def test_a_broken_body(server, cloud, dialect, how):
    data, code = broken(dialect)[how]
    data = data if isinstance(data, bytes) else data.encode()
    status, headers, raw = send(server, dialect, data)
    assert 400 <= status < 500
    _, word, _, request_id = error_of(dialect, raw)
    check(server, cloud, dialect, (status, headers, raw), status, code or word)
    (record,) = server.explain(request_id)["records"]
    assert (record["kind"], record["status"], record["http_status"]) == ("refusal", word, status)
    assert CANARY not in json.dumps(record)


def test_the_position_is_named(server, cloud):
    data = whole("openai").encode().replace(CANARY.encode(), CANARY.encode() + b"\xff")
    message, _ = check(server, cloud, "openai", send(server, "openai", data), 400, "json_utf8")
    assert f"at byte {data.index(0xFF)}" in message


# ---- bounds ------------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "chunked"])
def test_a_body_that_is_too_large(server, cloud, dialect, chunked):
    data = whole(dialect, stop=["x" * LIMIT]).encode()
    result = send(server, dialect, iter([data]) if chunked else data)
    check(server, cloud, dialect, result, 413, "limit_size")


@both
def test_a_body_that_just_fits(server, cloud, dialect):
    data = whole(dialect).encode()
    data += b" " * (LIMIT - len(data))
    assert send(server, dialect, data)[0] == 200 and cloud.seen()[0]["body_bytes"] <= LIMIT


@both
def test_an_answer_that_is_too_large(server, cloud, dialect):
    cloud.always(text="no end of it " * 10000)
    status, headers, raw = send(server, dialect, whole(dialect))
    assert (status, error_of(dialect, raw)[1]) == (502, "upstream_size")
    assert server.record_kinds(headers["x-sallyport-request-id"])[-1] == ("outcome", "upstream_size")


# ---- the snapshot ------------------------------------------------------------------------------------------


def wait_until(true, timeout_s):
    end = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


def test_an_expired_snapshot_refuses_everything(gateway, cloud):
    """The daemon stands still: workers go on for the life of their snapshot, then refuse, then recover."""
    server = gateway(changes={"limits": {"snapshot_life": "10s"}})
    data, daemon = whole("openai"), server.daemon_pid()
    assert send(server, "openai", data)[0] == 200
    os.kill(daemon, signal.SIGSTOP)
    try:
        assert send(server, "openai", data)[0] == 200, "the daemon may stand still for a while"
        wait_until(lambda: server.get("/readyz")[0] == 503, 15)
        cloud.reset()
        _, request_id = check(server, cloud, "openai", send(server, "openai", data), 503, "snapshot_expired")
        assert request_id not in [r["request_id"] for r in server.records()], "nobody could be identified"
        assert server.get("/healthz")[0] == 200
    finally:
        os.kill(daemon, signal.SIGCONT)
    wait_until(lambda: server.get("/readyz")[0] == 200, 10)
    assert send(server, "openai", data)[0] == 200


@pytest.mark.parametrize("how", ["garbage", "truncated", "empty", "one bit"])
def test_a_bad_snapshot_changes_nothing(gateway, cloud, how):
    """A worker that finds a file it cannot trust keeps the last good one."""
    server = gateway(unclean=True)
    server.key()
    (path,) = (server.state / "snapshot").glob("*.snap")
    good = path.read_bytes()
    flipped = bytes([*good[: len(good) // 2], good[len(good) // 2] ^ 1, *good[len(good) // 2 + 1 :]])
    bad = {
        "garbage": os.urandom(4096),
        "truncated": good[: len(good) // 2],
        "empty": b"",
        "one bit": flipped,
    }[how]
    fresh = path.with_suffix(".fresh")
    fresh.write_bytes(bad)
    fresh.replace(path)
    wait_until(lambda: "sallyport: the snapshot" in server.all_logs(), 5)
    assert send(server, "openai", whole("openai"))[0] == 200 and len(cloud.seen()) == 1
    fresh.write_bytes(good)
    fresh.replace(path)


def test_without_a_snapshot_nothing_is_served(gateway, cloud):
    """A worker that starts and finds none it can trust: not ready, and every request is refused."""
    server = gateway(unclean=True)
    server.key()
    os.kill(server.daemon_pid(), signal.SIGSTOP)
    daemon = server.daemon_pid()
    try:
        (path,) = (server.state / "snapshot").glob("*.snap")
        path.unlink()
        master = int((server.state / "nginx.pid").read_text())
        with open(f"/proc/{master}/task/{master}/children", encoding="ascii") as children:
            (worker,) = [int(pid) for pid in children.read().split()]
        os.kill(worker, 9)
        wait_until(lambda: _status(server, "/readyz") == 503, 5)
        check(server, cloud, "openai", send(server, "openai", whole("openai")), 503, "snapshot_expired")
        assert server.get("/healthz")[0] == 200
    finally:
        os.kill(daemon, signal.SIGCONT)


def _status(server, path):
    try:
        return server.get(path)[0]
    except OSError:
        return None


# ---- no way there ------------------------------------------------------------------------------------------


@both
def test_a_destination_without_an_address(gateway, cloud, dialect):
    """Its name resolves to nothing (.invalid never does): refused as unreachable, decided without a try."""
    name = {"openai": "cloud", "anthropic": "cloud-anthropic"}[dialect]
    server = gateway(changes={"destinations": {name: {"base_url": "https://nowhere.invalid/v1"}}})
    _, request_id = check(
        server, cloud, dialect, send(server, dialect, whole(dialect)), 502, "upstream_failed"
    )
    (record,) = server.explain(request_id)["records"]
    assert record["kind"] == "refusal" and [c["reason"] for c in record["candidates"]] == ["address"]


@both
def test_a_destination_that_is_silent(gateway, cloud, dialect):
    """The time limit of its entry: 504, recorded, and the model's other destination is not asked again."""
    name = {"openai": "cloud", "anthropic": "cloud-anthropic"}[dialect]
    server = gateway(changes={"destinations": {name: {"timeouts": {"first_byte": "1s", "idle": "1s"}}}})
    cloud.always(delay_ms=5000)
    status, headers, raw = send(server, dialect, whole(dialect))
    assert (status, error_of(dialect, raw)[1]) == (504, "upstream_timeout")
    kinds = server.record_kinds(headers["x-sallyport-request-id"])
    assert kinds == [("intent", None), ("outcome", "upstream_timeout")]


# ---- what leaks nowhere ------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize("label", ["public", "secret"])
def test_the_payload_is_in_no_log(gateway, cloud, dialect, label):
    """Neither of what was allowed nor of what was refused: nothing in logs, nor in the ledger in the clear."""
    server = gateway()
    text = CANARY + (" AKIAQYLPMN5HFIQR7XYA" if label == "secret" else "")
    cloud.always(text="answer-" + CANARY)
    status, headers, _ = send(server, dialect, json.dumps(body(dialect, MODEL[dialect], text)))
    assert status == (200 if label == "public" else 403)
    shown = server.cli_json("audit", "show", headers["x-sallyport-request-id"], "--payload")
    assert CANARY in shown["request"], "who may read it can"
    server.stop()
    files = [f for f in server.folder.rglob("*") if f.is_file()]
    assert len(files) > 5
    holding = [
        f for f in files if CANARY.encode() in f.read_bytes() or b"AKIAQYLPMN5HFIQR7XYA" in f.read_bytes()
    ]
    assert holding == []


# ---- a slip in nginx's own configuration -------------------------------------------------------------------


def edited_nginx(tmp_path, script):
    """nginx, with its generated configuration changed by a script of sed on its way."""
    wrapper = tmp_path / "nginx-edited"
    wrapper.write_text(
        f'#!/bin/sh\nfor a do shift; case "$a" in *nginx.conf) sed "{script}" "$a" >"$a.edited"; a="$a.edited";; esac; '
        f'set -- "$@" "$a"; done\nexec {NGINX} "$@"\n'
    )
    wrapper.chmod(0o755)
    return wrapper


def test_what_was_decided_once_is_sent_once(gateway, cloud, tmp_path):
    """nginx is told to send a failed request once more without asking: nobody has decided or recorded that."""
    again = edited_nginx(tmp_path, "s/= @sp_fail;/= @sp_last_cloud;/")
    server = gateway(changes={"nginx": {"binary": str(again)}})
    cloud.always(drop_before_head=True)
    status = server.post("/v1/chat/completions", body("openai", "cloud-only"), server.key())[0]
    assert status >= 400 and len(cloud.seen()) == 1
