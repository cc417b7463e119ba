"""Rule 2: no byte reaches a destination before its intent is durable, none that states a finish reaches the
client before the outcome is. The disk of these gateways does what the test wants (lib_disk)."""

import concurrent.futures
import json
import os
import subprocess
import threading
import time

import pytest

from lib_client import PATHS, Stream, body, error_of
from lib_disk import Disk

WAIT_S = 0.4  # limits.record_wait of the gateways here
MARK = "marker-"
NOBODY_WAITED = "a record that nobody waited for could not be made durable"


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    return Disk(tmp_path_factory.mktemp("disk"))


def with_disk(disk, **limits):
    return {
        "nginx": {"binary": str(disk.nginx)},
        "limits": {"record_wait": f"{int(WAIT_S * 1000)}ms", **limits},
    }


@pytest.fixture(scope="module")
def server(module_gateway, disk):
    return module_gateway(changes=with_disk(disk), alarms=NOBODY_WAITED)


@pytest.fixture
def patient(gateway, disk):
    """A gateway that waits longer for its disk than any test holds it."""
    return gateway(changes=with_disk(disk, record_wait="20s"))


@pytest.fixture(autouse=True)
def healthy(disk):
    disk.heal()
    yield
    disk.heal()


def post(server, text="hello", dialect="openai", model="cloud-only", **more):
    headers = {"anthropic-version": "2023-06-01"} if dialect == "anthropic" else {}
    return server.post(PATHS[dialect], body(dialect, model, text, **more), server.key(), headers)


def background(call, *args, **kwargs):
    """Runs a call beside the test: (thread, list that gets its result)."""
    out = []
    thread = threading.Thread(target=lambda: out.append(call(*args, **kwargs)))
    thread.start()
    return thread, out


def wait_until(true, timeout_s=5):
    end = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)


# ---- the intent ----


def test_nothing_is_forwarded_while_the_intent_is_not_durable(patient, cloud, disk):
    patient.key()
    disk.hang()
    thread, result = background(post, patient)
    time.sleep(0.5)
    assert cloud.seen() == [] and result == []
    disk.heal()
    thread.join(10)
    assert result[0][0] == 200 and len(cloud.seen()) == 1


def test_a_request_waits_for_its_disk_and_is_forwarded_then(server, cloud, disk):
    server.key()
    disk.slow(0.15)
    began = time.time()
    assert post(server)[0] == 200
    assert cloud.seen()[0]["at"] - began >= 0.15


@pytest.mark.parametrize("how", ["hang", "fail"])
@pytest.mark.parametrize("dialect, model", [("openai", "cloud-only"), ("anthropic", "claude-cloud-only")])
def test_without_a_durable_record_nothing_leaves(server, cloud, disk, how, dialect, model):
    server.key()
    before = server.metrics()["sallyport_record_failures_total"]
    getattr(disk, how)()
    began = time.monotonic()
    status, headers, raw = post(server, dialect=dialect, model=model)
    assert time.monotonic() - began < WAIT_S + 1, "the wait has a bound"
    assert status == 503 and error_of(dialect, raw)[1] == "record_not_durable"
    assert headers["retry-after"] == "1" and "x-should-retry" not in headers
    assert cloud.seen() == []
    disk.heal()
    wait_until(lambda: post(server, dialect=dialect, model=model)[0] == 200)  # recovers by itself
    assert len(cloud.seen()) == 1
    assert server.metrics()["sallyport_record_failures_total"] > before


def test_a_refusal_that_cannot_be_recorded_says_so(server, cloud, disk):
    server.key()
    disk.fail()
    status, _, raw = post(server, "DE89 3704 0044 0532 0130 00")
    assert status == 503 and error_of("openai", raw)[1] == "record_not_durable"
    disk.heal()
    wait_until(lambda: post(server, "DE89 3704 0044 0532 0130 00")[0] == 403)
    assert cloud.seen() == []


# ---- the outcome ----


def test_a_whole_answer_waits_for_its_outcome(patient, cloud, disk):
    cloud.always(delay_ms=300)
    patient.key()
    thread, result = background(post, patient)
    wait_until(cloud.seen)
    disk.hang()  # the intent is durable, the outcome is not
    time.sleep(0.8)
    assert result == [], "not even the header of an unrecorded answer leaves"
    disk.heal()
    thread.join(10)
    assert result[0][0] == 200


def test_an_answer_whose_outcome_is_not_durable_becomes_an_error(server, cloud, disk):
    cloud.always(text="the answer that stays inside", delay_ms=300)
    server.key()
    thread, result = background(post, server)
    wait_until(cloud.seen)
    disk.fail()
    thread.join(10)
    disk.heal()
    status, _, raw = result[0]
    assert status == 503 and error_of("openai", raw)[1] == "record_not_durable" and b"stays inside" not in raw
    wait_until(lambda: post(server)[0] == 200)


FINISH = {"openai": b'"finish_reason":"stop"', "anthropic": b"end_turn"}
LAST = {"openai": b"[DONE]", "anthropic": b"message_stop"}
# The event after the first word: before it a pause would leave no time between the text and the finish.
BEHIND_ONE = {"openai": "4", "anthropic": "5"}
MODEL = {"openai": "cloud-only", "anthropic": "claude-cloud-only"}


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
def test_what_states_a_finish_waits_for_the_outcome(patient, cloud, disk, dialect):
    """The text leaves at once, the finish only when the outcome is durable."""
    cloud.always(text="one two three. ", pauses={BEHIND_ONE[dialect]: 1000})  # time to stop the disk
    stream = Stream(patient, body(dialect, MODEL[dialect], stream=True), dialect)
    stream.until(b"one")
    disk.hang()
    threading.Timer(3, disk.heal).start()
    came = stream.until(FINISH[dialect])
    stream.all()
    assert came > 2.7, "the finish came before the disk was healed"
    texts = [at for at, piece in stream.pieces if b"three" in piece]
    assert texts and texts[0] < 2.7, "the text does not wait for the outcome"
    assert LAST[dialect] in stream.bytes


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
def test_a_finish_whose_outcome_is_not_durable_never_comes(server, cloud, disk, dialect):
    cloud.always(text="one two three. ", pauses={BEHIND_ONE[dialect]: 1000})
    stream = Stream(server, body(dialect, MODEL[dialect], stream=True), dialect)
    stream.until(b"one")
    disk.fail()
    assert stream.is_cut()
    disk.heal()
    assert FINISH[dialect] not in stream.bytes and LAST[dialect] not in stream.bytes
    wait_until(lambda: post(server)[0] == 200)


# ---- tool calls ----

TOOL = {"name": "transfer", "arguments": {"amount": 12, "to": "the landlord"}}
CALL_END = {"openai": b"landlord", "anthropic": b"content_block_stop"}


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
def test_a_tool_call_waits_for_a_durable_answer_frame(patient, cloud, disk, dialect):
    """The call is complete, but the disk hangs: no part of it leaves until a frame that holds it is durable."""
    cloud.always(tool_calls=[TOOL], tool_pieces=100, pauses={"3": 300})
    stream = Stream(patient, body(dialect, MODEL[dialect], stream=True), dialect)
    disk.hang()
    threading.Timer(1.5, disk.heal).start()
    stream.until(b"transfer")
    came = stream.until(CALL_END[dialect])
    first = next(at for at, piece in stream.pieces if b"transfer" in piece)
    stream.all()
    assert came > 1.2 and first > 1.2
    kinds = [kind for kind, _ in patient.record_kinds(stream.id)]
    assert kinds == ["intent", "answer", "outcome"]


# ---- the books balance ----


def numbered(server, number):
    """One request whose text says which it is: (number, status, request id)."""
    dialect = ["openai", "anthropic"][number % 2]
    status, headers, _ = post(server, f"{MARK}{number:03d}", dialect, MODEL[dialect], stream=number % 3 == 0)
    return number, status, headers["x-sallyport-request-id"]


def test_each_request_at_the_destination_has_an_intent_before_it(server, cloud):
    """Forty at once: what arrived is what was recorded, each after its own intent, and each intent has its end."""
    server.key()
    threads = [background(numbered, server, n) for n in range(40)]
    for thread, _ in threads:
        thread.join(30)
    asked = {number: request_id for _, out in threads for number, _, request_id in out}
    seen = {int(s["body"].split(MARK)[1][:3]): s["at"] for s in cloud.seen()}
    assert len(asked) == 40 and set(asked) == set(seen) and len(cloud.seen()) == 40
    for number, request_id in asked.items():
        records = server.explain(request_id)["records"]
        assert [r["kind"] for r in records] == ["intent", "outcome"]
        assert records[0]["at_ns"] / 1e9 <= seen[number] + 0.001


def test_each_intent_has_its_end(gateway, cloud, disk):
    """An outcome that the disk did not take is made up for at the next start: no try stays open."""
    server = gateway(changes=with_disk(disk), alarms=NOBODY_WAITED)
    cloud.always(delay_ms=300)
    server.key()
    thread, _ = background(post, server)
    wait_until(cloud.seen)
    disk.fail()
    thread.join(10)
    disk.heal()
    assert post(server)[0] == 200
    assert [t["outcome"] for t in server.records()] == ["open", "allow"]
    server.stop()
    server.start()
    lost, allowed = server.records()
    assert (lost["outcome"], allowed["outcome"]) == ("lost", "allow")
    assert server.record_kinds(lost["request_id"]) == [("intent", None), ("loss", "outcome_lost")]


def worker_of(server):
    master = int((server.state / "nginx.pid").read_text())
    with open(f"/proc/{master}/task/{master}/children", encoding="ascii") as children:
        (worker,) = [int(pid) for pid in children.read().split()]
    return worker


def test_a_worker_that_dies_leaves_a_loss(gateway, cloud):
    """kill -9 between intent and outcome: service goes on, and the loss is recorded without a new start."""
    server = gateway(alarms="exited on signal 9")
    cloud.always(delay_ms=3000)
    server.key()
    thread, _ = background(lambda: pytest.raises(Exception, post, server, MARK))
    wait_until(cloud.seen)
    os.kill(worker_of(server), 9)
    thread.join(10)
    cloud.reset()
    wait_until(lambda: server.get("/readyz")[0] == 200)
    assert post(server)[0] == 200
    wait_until(lambda: [t["outcome"] for t in server.records()] == ["lost", "allow"], 10)
    lost = server.records()[0]
    assert server.record_kinds(lost["request_id"]) == [("intent", None), ("loss", "outcome_lost")]
    server.stop()
    server.start()
    assert [t["outcome"] for t in server.records()] == ["lost", "allow"], "and it is not recorded twice"


# ---- a full disk ----


SMALL = {"audit": {"segment": "1MiB"}, "limits": {"body": "256KiB"}}


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 8 MiB, as far as the machine lets us mount one."""
    folder = tmp_path / "small-disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(folder):
    filler = folder / "filler"
    with open(filler, "wb", buffering=0) as file:
        try:
            while file.write(bytes(1 << 12)):
                pass
        except OSError:
            return filler
    raise AssertionError("the disk does not get full")


def test_a_full_disk_refuses_and_recovers(small_disk, gateway, cloud):
    server = gateway(
        changes=SMALL | {"state": str(small_disk / "state")},
        alarms="|".join((NOBODY_WAITED, "No space left")),
    )
    server.state = small_disk / "state"
    server.key()
    filler = fill(small_disk)
    statuses = []
    while 503 not in statuses and len(statuses) < 40:
        big = json.dumps({"words": f"{len(statuses)}: " + "of no harm " * 20000})  # none was stored before
        statuses.append(post(server, big)[0])
    assert statuses[-1] == 503 and set(statuses[:-1]) <= {200}, statuses
    cloud.reset()
    status, _, raw = post(server, big)
    assert status == 503 and error_of("openai", raw)[1] == "record_not_durable" and cloud.seen() == []
    filler.unlink()
    wait_until(lambda: post(server, big)[0] == 200)
    assert len(cloud.seen()) == 1
    server.verify()


def test_a_history_that_is_known_while_segments_end(gateway, cloud):
    """Records name blocks of the segment that is written; when it ends under way, they bring them after all."""
    server = gateway(changes=SMALL)
    texts = [f"{i}: " + "of no harm " * 6000 for i in range(4)]
    server.key()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda i: post(server, texts[i % 4])[0], range(1200)))
    assert set(done) == {200}
    tries = server.records()
    assert len(tries) == len(done) == len(cloud.seen())
    segments = list((server.state / "ledger").glob("*.seg"))
    assert 3 <= len(segments) <= 8, "a record of known blocks is small"
    server.verify()
    for record in tries[:: len(tries) // 20]:
        shown = server.cli_json("audit", "show", record["request_id"], "--payload")
        assert json.loads(shown["request"])["messages"][0]["content"] in texts


def test_a_long_answer_waits_for_its_record_no_longer_than_the_bound(server, cloud, disk):
    """More than may be under way to the ledger: what comes then waits in the upstream's buffer, and not for ever."""
    cloud.always(text="A refund is due within 14 days. " * 160_000, pieces=4000, pauses={"40": 1000})
    stream = Stream(server, body("openai", "cloud-only", stream=True), "openai")
    stream.until(b"refund")
    stream.connection.sock.settimeout(WAIT_S + 6)
    disk.hang()
    started = time.monotonic()
    assert stream.is_cut()
    assert time.monotonic() - started < WAIT_S + 4
    disk.heal()
    assert LAST["openai"] not in stream.bytes
    wait_until(lambda: post(server)[0] == 200)
