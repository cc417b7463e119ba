"""The stop switch: `sallyport pause` and `resume`, in force in every worker within a second, whatever of the gateway
is alive; refusals say why; with --now what runs is ended, and recorded so. Each gateway here has two workers."""

import contextlib
import json
import os
import signal
import threading
import time

import pytest

import lib_config
from lib_client import PATHS, Stream, body, error_of
from lib_disk import Disk
from lib_gateway import KEY

EFFECTIVE_S = 1.0  # the promise; a worker polls every 200 ms
REASON = "key found in a public repository"
MODEL = {"openai": "cloud-only", "anthropic": "claude-cloud-only"}
DESTINATION = {"openai": "cloud", "anthropic": "cloud-anthropic"}
FAILING_OVER = {"openai": "assistant", "anthropic": "claude"}
FINISH = {"openai": b"[DONE]", "anthropic": b"message_stop"}
KINDS = {
    "destination": lambda dialect: ["destination", DESTINATION[dialect]],
    "model": lambda dialect: ["model", MODEL[dialect]],
    "application": lambda dialect: ["application", "desk"],
    "use-case": lambda dialect: ["use-case", "helpdesk"],
    "all": lambda dialect: ["all"],
}
TWO = {"nginx": {"workers": 2}}

both = pytest.mark.parametrize("dialect", ["openai", "anthropic"])
every_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(scope="module")
def shared(module_gateway):
    return module_gateway(changes=TWO)


@pytest.fixture
def server(shared):
    """The shared gateway, with nothing paused before and after."""
    yield shared
    for stop in shared.cli_json("stops")["stops"]:
        shared.cli("resume", stop["kind"], *([stop["name"]] if stop["name"] else []), "--reason", "end of test")


def pause(server, what, *options, check=True):
    """The seconds that the command took."""
    began = time.monotonic()
    done = server.cli("pause", *what, "--reason", REASON, *options, check=check)
    return done if not check else time.monotonic() - began


def resume(server, what):
    server.cli("resume", *what, "--reason", "mended")


def post(server, dialect="openai", model=None, text="hello", application="desk", **more):
    headers = {"anthropic-version": "2023-06-01"} if dialect == "anthropic" else {}
    fields = body(dialect, model or MODEL[dialect], text, **more)
    return server.post(PATHS[dialect], fields, server.key(application), headers)


def background(call, *args, **kwargs):
    out = []
    thread = threading.Thread(target=lambda: out.append(call(*args, **kwargs)))
    thread.start()
    return thread, out


def wait_until(true, timeout_s=10):
    end = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


def workers(server):
    return children(int((server.state / "nginx.pid").read_text()))


def current(server):
    return server.state / "stops" / "current"


# ---- refused, and why ----


@both
@every_kind
def test_every_kind_refuses_in_every_worker_and_says_why(server, cloud, dialect, kind):
    what = KINDS[kind](dialect)
    assert post(server, dialect)[0] == 200
    pause(server, what)
    cloud.reset()
    for _ in range(12):  # connections of their own: both workers are asked
        status, headers, raw = post(server, dialect)
        _, code, message, _ = error_of(dialect, raw)
        assert (status, code) == (503, "stopped")
        assert headers["x-should-retry"] == "false" and "retry-after" not in headers
        subject = "everything" if kind == "all" else " ".join(what)
        assert f"{subject} is paused since 20" in message and REASON in message
    assert cloud.seen() == []
    record = server.explain(headers["x-sallyport-request-id"])["records"][-1]
    assert (record["kind"], record["status"], record["stopped"]) == ("refusal", "stopped", subject)
    assert record["stopped_reason"] == REASON and abs(record["stopped_ns"] / 1e9 - time.time()) < 60
    resume(server, what)
    assert all(post(server, dialect)[0] == 200 for _ in range(6))


@both
def test_a_paused_destination_leaves_the_next_candidate(server, cloud, dialect):
    pause(server, ["destination", DESTINATION[dialect]])
    status, headers, _ = post(server, dialect, FAILING_OVER[dialect])
    assert status == 200 and headers["x-sallyport-destination"].startswith("local")
    record = server.explain(headers["x-sallyport-request-id"])["records"][0]
    assert [c["reason"] for c in record["candidates"]] == ["stopped", "taken"]
    # ... but never one that the label does not flow to
    status, _, raw = post(server, dialect, text="the account is DE89 3704 0044 0532 0130 00")
    assert status == 403


def test_what_is_not_paused_goes_on(server, cloud):
    pause(server, ["application", "reader"])
    pause(server, ["model", "claude"])
    pause(server, ["use-case", "contracts"])
    assert post(server)[0] == 200
    assert post(server, model="local-only", application="reader")[0] == 503
    assert post(server, application="legal", model="assistant")[0] == 503
    assert post(server, "anthropic", "claude")[0] == 503
    metrics = server.metrics()
    assert metrics["sallyport_stops"] == 3 and metrics["sallyport_stopped_total"] >= 3


# ---- when it holds ----


@contextlib.contextmanager
def load(server, cloud, streams=8):
    """Streams that go on while the block runs."""
    cloud.always(text="word " * 400, pieces="word", pause_ms=20)
    open_streams = [
        Stream(server, body("openai", "cloud-only", stream=True)) for _ in range(streams)
    ]
    try:
        yield open_streams
    finally:
        for one in open_streams:
            one.leave()


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "with streams"])
def test_it_holds_within_a_second(server, cloud, busy):
    """From the command's start, with what a process costs to start: all requests after it are refused."""
    with load(server, cloud, 8 if busy else 0):
        took = pause(server, ["all"])
        statuses = {post(server)[0] for _ in range(12)}
    assert statuses == {503}
    assert took < EFFECTIVE_S, f"{took:.2f} s"


def test_the_command_says_how_many_obey(server):
    said = server.cli("pause", "model", "assistant", "--reason", REASON).stdout
    assert "model assistant is paused" in said and "2 of 2 workers obey" in said and REASON in said
    listed = server.cli_json("stops")
    assert (listed["workers"], listed["obeying"], listed["running"]) == (2, 2, True)
    (stop,) = listed["stops"]
    assert (stop["kind"], stop["name"], stop["reason"], stop["now"]) == ("model", "assistant", REASON, False)
    assert stop["by"] and stop["since"].endswith("Z")


def test_a_worker_that_hangs_is_told(server):
    (victim, *_) = workers(server)
    os.kill(victim, signal.SIGSTOP)
    try:
        done = server.cli("pause", "model", "assistant", "--reason", REASON, check=False)
    finally:
        os.kill(victim, signal.SIGCONT)
    assert done.returncode == 1 and "not every worker" in done.stderr and "1 of 2 workers" in done.stdout
    assert server.cli("stops").returncode == 0


def test_it_survives_a_restart(gateway, cloud):
    server = gateway(changes=TWO)
    pause(server, ["model", "cloud-only"])
    server.stop()
    server.start()
    assert post(server)[0] == 503
    resume(server, ["model", "cloud-only"])
    assert post(server)[0] == 200


def test_it_works_before_the_first_start_and_while_nothing_runs(gateway, cloud):
    server = gateway(changes=TWO, start=False)
    server.state.mkdir(mode=0o700)
    said = server.cli("pause", "all", "--reason", REASON).stdout
    assert "no gateway runs" in said
    server.start()
    assert post(server)[0] == 503


def test_it_works_with_the_daemon_dead(gateway, cloud):
    server = gateway(changes=TWO, alarms="sallyportd .* killed|exited")
    server.key()
    daemon = server.daemon_pid()
    os.kill(daemon, signal.SIGSTOP)  # dead to all who ask it, and not started again
    try:
        assert pause(server, ["destination", "cloud"]) < EFFECTIVE_S
        assert post(server)[0] == 503
        resume(server, ["destination", "cloud"])
        assert post(server)[0] == 200
    finally:
        os.kill(daemon, signal.SIGCONT)


def test_what_is_removed_and_returns_is_still_paused(gateway, cloud):
    server = gateway(changes=TWO)
    pause(server, ["model", "assistant"])
    config = lib_config.base(cloud)
    less = json.loads(json.dumps(config))
    del less["models"]["assistant"]
    for application in less["applications"].values():
        application["models"] = [m for m in application["models"] if m != "assistant"]
    server.configure(lib_config.merged(less, TWO))
    server.cli("reload")
    assert post(server, model="assistant")[0] == 404
    server.configure(lib_config.merged(config, TWO))
    server.cli("reload")
    assert post(server, model="assistant")[0] == 503


# ---- a list that cannot be read ----


@pytest.mark.parametrize("damage", ["cut", "edited", "empty", "missing"])
def test_a_list_that_cannot_be_read_stops_everything(gateway, cloud, damage):
    server = gateway(changes=TWO)
    pause(server, ["model", "claude"])
    whole = current(server).read_bytes()
    bad = {"cut": whole[:-7], "edited": whole.replace(b"claude", b"clauda"), "empty": b""}
    if damage == "missing":
        current(server).unlink()
    else:
        other = current(server).with_name("other")
        other.write_bytes(bad[damage])
        other.rename(current(server))
    time.sleep(EFFECTIVE_S)
    cloud.reset()
    status, _, raw = post(server)
    assert status == 503 and "cannot read what is paused" in error_of("openai", raw)[2]
    status, _, page = server.get("/readyz")
    assert status == 503 and b"list of stops" in page
    told = server.cli("stops", check=False)
    assert told.returncode == 1 and "refuses everything" in told.stderr and "stops reset" in told.stderr
    assert server.cli("pause", "all", "--reason", REASON, check=False).returncode == 1
    assert cloud.seen() == []
    server.cli("stops", "reset", "--reason", "list was damaged")
    assert post(server)[0] == 503  # the new list pauses everything
    server.cli("resume", "all", "--reason", "looked through")
    assert post(server)[0] == 200


def test_a_list_that_is_in_order_is_not_replaced(server):
    assert server.cli("stops", "reset", "--reason", REASON, check=False).returncode == 1
    assert server.cli_json("stops")["stops"] == []


# ---- the command line ----

WRONG = {
    "a name that is not configured": (["destination", "clowd"], 1, "did you mean cloud?"),
    "a kind that does not exist": (["modell", "assistant"], 2, "did you mean model?"),
    "no name": (["model"], 2, "name is missing"),
    "all with a name": (["all", "cloud"], 2, "takes no name"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_slip_pauses_nothing_and_is_told(server, case):
    words, code, said = WRONG[case]
    done = server.cli("pause", *words, "--reason", REASON, check=False)
    assert done.returncode == code and said in done.stderr
    assert server.cli_json("stops")["stops"] == []


@pytest.mark.parametrize("reason", [[], ["--reason", ""], ["--reason", "a\nb"], ["--reason", "x" * 201]])
def test_a_reason_of_one_line_is_wanted(server, reason):
    assert server.cli("pause", "all", *reason, check=False).returncode == 2


def test_what_is_not_paused_cannot_be_resumed(server):
    done = server.cli("resume", "model", "assistant", "--reason", REASON, check=False)
    assert done.returncode == 1 and "not paused" in done.stderr


def test_every_change_is_in_the_log(server):
    pause(server, ["model", "assistant"], "--now")
    resume(server, ["model", "assistant"])
    lines = [json.loads(line) for line in server.cli("stops", "log").stdout.splitlines()][-2:]
    assert [e["act"] for e in lines] == ["pause model assistant --now", "resume model assistant"]
    assert lines[0]["stopped_reason"] == REASON and lines[0]["act_operator"]
    assert lines[1]["generation"] > lines[0]["generation"]


# ---- with --now: what runs is ended ----


def ended(server, stream, dialect):
    """Reads the rest, which has to end with the dialect's error; the seconds that it took."""
    began = time.monotonic()
    raw = stream.all()
    took = time.monotonic() - began
    assert FINISH[dialect] not in raw and b'"stopped"' in raw and REASON.encode() in raw
    return took


@both
@every_kind
def test_a_stream_in_the_middle_is_ended_with_its_error(server, cloud, dialect, kind):
    cloud.always(text="one two three " * 100, pieces="word", pause_ms=100)
    what = KINDS[kind](dialect)
    stream = Stream(server, body(dialect, MODEL[dialect], stream=True), dialect)
    stream.until(b"two")
    pause(server, what, "--now")
    assert ended(server, stream, dialect) < EFFECTIVE_S
    records = server.explain(stream.id)["records"]
    assert [(r["kind"], r.get("status")) for r in records][-1] == ("outcome", "stopped")
    assert records[-1]["stopped_reason"] == REASON
    wait_until(lambda: cloud.seen()[0]["peer_left"])  # no more tokens are made


@both
def test_without_now_a_stream_may_finish(server, cloud, dialect):
    cloud.always(text="one two three four five six", pieces="word", pause_ms=200)
    stream = Stream(server, body(dialect, MODEL[dialect], stream=True), dialect)
    stream.until(b"two")
    pause(server, ["all"])
    assert FINISH[dialect] in stream.all()
    assert server.record_kinds(stream.id)[-1] == ("outcome", "ok")


def test_streams_of_others_go_on(server, cloud):
    cloud.always(text="one two three four five six seven", pieces="word", pause_ms=200)
    stopped = Stream(server, body("openai", "cloud-only", stream=True))
    goes_on = Stream(server, body("openai", "local-only", stream=True))
    stopped.until(b"two"), goes_on.until(b"two")
    pause(server, ["destination", "cloud"], "--now")
    ended(server, stopped, "openai")
    assert FINISH["openai"] in goes_on.all()


def test_many_streams_are_ended_at_once(server, cloud):
    with load(server, cloud, 24) as streams:
        for one in streams:
            one.until(b"word")
        pause(server, ["all"], "--now")
        began = time.monotonic()
        for one in streams:
            ended(server, one, "openai")
        assert time.monotonic() - began < EFFECTIVE_S


@both
def test_a_whole_answer_under_way_is_refused(server, cloud, dialect):
    cloud.always(text="the answer that stays inside", delay_ms=0, packet_bytes=40, packet_gap_ms=200)
    thread, out = background(post, server, dialect)
    wait_until(cloud.seen)
    pause(server, ["all"], "--now")
    thread.join(5)
    status, headers, raw = out[0]
    assert (status, error_of(dialect, raw)[1]) == (503, "stopped") and b"stays inside" not in raw
    assert headers["x-should-retry"] == "false"


@both
def test_who_waits_for_the_first_byte_is_refused(server, cloud, dialect):
    cloud.always(delay_ms=20000)
    thread, out = background(post, server, dialect)
    wait_until(cloud.seen)
    pause(server, ["destination", DESTINATION[dialect]], "--now")
    thread.join(EFFECTIVE_S)
    assert not thread.is_alive()
    status, headers, raw = out[0]
    assert (status, error_of(dialect, raw)[1]) == (503, "stopped") and REASON in error_of(dialect, raw)[2]
    kinds = server.record_kinds(headers["x-sallyport-request-id"])
    assert kinds == [("intent", None), ("outcome", "stopped")]


@both
def test_who_waits_for_the_first_byte_goes_to_the_next_only_where_that_repeats_nothing(gateway, cloud, dialect):
    model = FAILING_OVER[dialect]
    server = gateway(changes={**TWO, "models": {model: {"replay": True}}})
    slow = {"delay_ms": 20000}
    cloud.script(slow, then="default")
    thread, out = background(post, server, dialect, model)
    wait_until(cloud.seen)
    pause(server, ["destination", DESTINATION[dialect]], "--now")
    thread.join(EFFECTIVE_S + 1)
    status, headers, _ = out[0]
    assert status == 200 and headers["x-sallyport-destination"].startswith("local")
    kinds = server.record_kinds(headers["x-sallyport-request-id"])
    assert kinds == [("intent", None), ("outcome", "stopped"), ("intent", None), ("outcome", "ok")]


# ---- with a disk that hangs: between decision and sending, and at a gate ----


@pytest.fixture
def disk(tmp_path_factory):
    return Disk(tmp_path_factory.mktemp("disk"))


@pytest.fixture
def held(gateway, disk):
    """A gateway whose records can be held back."""
    server = gateway(changes={"nginx": {"binary": str(disk.nginx), "workers": 2}, "limits": {"record_wait": "20s"}})
    server.key()
    yield server
    disk.heal()


@both
@pytest.mark.parametrize("now", [[], ["--now"]], ids=["later", "now"])
def test_who_waits_for_its_record_is_never_sent(held, cloud, disk, dialect, now):
    """Decided before the pause, durable after it: asked about again at the moment of sending."""
    disk.hang()
    thread, out = background(post, held, dialect)
    time.sleep(0.5)
    assert pause(held, ["destination", DESTINATION[dialect]], *now) < EFFECTIVE_S
    disk.heal()
    thread.join(10)
    status, headers, raw = out[0]
    assert (status, error_of(dialect, raw)[1]) == (503, "stopped") and cloud.seen() == []
    kinds = held.record_kinds(headers["x-sallyport-request-id"])
    assert kinds == [("intent", None), ("outcome", "stopped"), ("refusal", "stopped")]


def test_who_waits_for_its_record_goes_to_the_next_candidate(held, cloud, disk):
    disk.hang()
    thread, out = background(post, held, "openai", "assistant")
    time.sleep(0.5)
    pause(held, ["destination", "cloud"])
    disk.heal()
    thread.join(10)
    assert out[0][0] == 200 and out[0][1]["x-sallyport-destination"] == "local" and len(cloud.seen()) == 1


# The event after the first word: before it a pause would leave no time between the text and the call.
BEHIND_ONE = {"openai": "4", "anthropic": "5"}
TOOL = {"name": "transfer", "arguments": {"amount": 12, "to": "the landlord"}}


@both
def test_a_tool_call_held_back_at_its_gate_never_leaves(held, cloud, disk, dialect):
    """The call is judged and waits for its record; the pause comes before that is durable."""
    cloud.always(text="one two three. ", tool_calls=[TOOL], tool_pieces=100, pauses={BEHIND_ONE[dialect]: 1000})
    stream = Stream(held, body(dialect, MODEL[dialect], stream=True), dialect)
    stream.until(b"one")
    disk.hang()
    time.sleep(2.0)  # the whole answer is there
    pause(held, ["all"], "--now")
    disk.heal()
    raw = stream.all()
    assert b"landlord" not in raw and FINISH[dialect] not in raw and b'"stopped"' in raw
    assert held.record_kinds(stream.id)[-1] == ("outcome", "stopped")


# ---- workers that drain ----


def test_a_worker_that_drains_after_a_reload_obeys_too(gateway, cloud):
    server = gateway(changes=TWO)
    cloud.always(text="one two three " * 200, pieces="word", pause_ms=100)
    stream = Stream(server, body("openai", "cloud-only", stream=True))
    stream.until(b"two")
    server.configure(lib_config.merged(lib_config.base(cloud), {"nginx": {"workers": 1}}))
    server.cli("reload")
    assert len(workers(server)) > 1  # the one that drains is there
    said = server.cli("pause", "model", "cloud-only", "--now", "--reason", REASON).stdout
    assert "2 of 2 workers obey" in said
    assert ended(server, stream, "openai") < EFFECTIVE_S


# ---- a key that is revoked ends what runs with it ----


def revoke(server, key):
    server.cli("key", "revoke", key.split("_")[1], "--reason", "found in a public repository")


@both
def test_a_stream_is_ended_when_its_key_is_revoked(server, cloud, dialect):
    """Those of other keys go on."""
    cloud.always(text="one two three " * 100, pieces="word", pause_ms=100)
    key = server.new_key("desk")
    fields = body(dialect, MODEL[dialect], stream=True)
    stream = Stream(server, fields, dialect, headers={"authorization": "Bearer " + key})
    other = Stream(server, fields, dialect)
    stream.until(b"two")
    other.until(b"two")
    revoke(server, key)
    began = time.monotonic()
    raw = stream.all()
    assert time.monotonic() - began < EFFECTIVE_S
    assert FINISH[dialect] not in raw and b'"stopped"' in raw and b"serves no longer" in raw
    last = server.explain(stream.id)["records"][-1]
    assert (last["status"], last["stopped"]) == ("stopped", "the caller's key")
    other.until(b"three")
    other.connection.close()


@both
def test_a_stream_is_ended_when_its_key_expires(server, cloud, dialect):
    """By the worker itself: no list and no snapshot comes meanwhile."""
    cloud.always(text="one two three " * 100, pieces="word", pause_ms=100)
    key = KEY.search(server.cli("key", "create", "desk", "--expires", "3s").stdout).group()
    began = time.monotonic()
    stream = Stream(server, body(dialect, MODEL[dialect], stream=True), dialect, headers={"authorization": "Bearer " + key})
    stream.until(b"two")
    raw = stream.all()
    assert 1 < time.monotonic() - began < 3 + EFFECTIVE_S
    assert FINISH[dialect] not in raw and b'"stopped"' in raw and b"serves no longer" in raw
    last = server.explain(stream.id)["records"][-1]
    assert (last["status"], last["stopped"]) == ("stopped", "the caller's key")


@both
def test_who_waits_for_its_record_is_not_sent_when_its_key_is_revoked(held, cloud, disk, dialect):
    key = held.new_key("desk")
    disk.hang()
    headers = {"anthropic-version": "2023-06-01"}
    thread, out = background(held.post, PATHS[dialect], body(dialect, MODEL[dialect]), key, headers)
    time.sleep(0.5)
    revoke(held, key)
    time.sleep(0.5)  # the snapshot without it is there; only the ledger's disk hangs
    disk.heal()
    thread.join(10)
    status, headers, raw = out[0]
    assert (status, error_of(dialect, raw)[1]) == (401, "key_invalid") and cloud.seen() == []
    assert held.record_kinds(headers["x-sallyport-request-id"])[-1] == ("refusal", "key_invalid")
