"""Failover: whichever destination fails in whichever way, the next one gets its own request, nothing is tried
where it may not go, and a destination that keeps failing is left alone until it recovers.

Three destinations with a server, a key and a clearance each. What counts is what each server saw, what the
caller got and what was recorded.
"""

import concurrent.futures
import itertools
import json
import socket
import struct
import threading
import time

import pytest

import lib_config
from lib_client import Stream, body, error_of
from lib_failover import CLEARANCES, FAULTS, MAY, ORDERS, PERSONAL, PUBLIC, Babbler, check_own, check_records, check_tries
from lib_failover import closed_port, destination, keys, post, read_request, settings
from lib_servers import Cloud


@pytest.fixture(scope="module")
def upstreams(tmp_path_factory):
    folder = tmp_path_factory.mktemp("upstreams")
    servers = {name: Cloud(folder / name, key=f"credential-of-{name}") for name in CLEARANCES}
    yield servers
    for server in servers.values():
        server.stop()


@pytest.fixture(scope="module")
def babbler():
    server = Babbler()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def fresh(upstreams, babbler):
    for upstream in upstreams.values():
        upstream.reset()
    babbler.got.clear()


# ---- each failed in each order ----


@pytest.fixture(scope="module", params=["openai", "anthropic"])
def faulty(request, module_gateway, upstreams, babbler):
    """A gateway with, for each destination and each fault, a twin that has this fault: NAME-FAULT."""
    dialect = request.param
    sock, nobody = closed_port()
    names = {}
    for name, fault in itertools.product(CLEARANCES, ["ok", *FAULTS]):
        babbles = fault in FAULTS and isinstance(FAULTS[fault].answer, bytes)
        url = nobody if fault == "refused" else babbler.url if babbles else upstreams[name].url
        names[f"{name}-{fault}"] = destination(name, url, dialect, **lib_config.PATIENT)
        names[f"{name}-{fault}"]["model"] = f"model-of-{name}-{fault}"
    orders = []
    for order, fault in itertools.product(ORDERS, FAULTS):
        for n_failing in (1, 2, 3):
            orders.append([f"{n}-{fault if i < n_failing else 'ok'}" for i, n in enumerate(order)])
    server = module_gateway(settings(names, orders), env=keys(upstreams))
    server.dialect = dialect
    yield server
    sock.close()


@pytest.fixture
def scripted(upstreams):
    """Each server answers to the twin's model as the fault says."""
    for name, upstream in upstreams.items():
        by_model = {f"model-of-{name}-{k}": v.answer for k, v in FAULTS.items() if isinstance(v.answer, dict)}
        upstream.script(by_model=by_model)


def cases(fault):
    """Orders, and how many of each fail. Waits take long, and heads break in one way, so few of them."""
    if fault in ("slow", "half-head", "nul-in-head", "broken-500"):
        return [(ORDERS[0], 1), (ORDERS[3], 2)]
    return list(itertools.product(ORDERS, (1, 2, 3)))


@pytest.mark.parametrize("text", [PUBLIC, PERSONAL], ids=["public", "personal"])
@pytest.mark.parametrize("fault", FAULTS)
def test_each_failed_in_each_order(faulty, upstreams, babbler, scripted, fault, text):
    """The first one, two or three of each order fail in the same way; with replay, so that all go on."""
    expected = {}
    for order, n_failing in cases(fault):
        twins = [f"{n}-{fault if i < n_failing else 'ok'}" for i, n in enumerate(order)]
        allowed = [t for t in twins if t.split("-")[0] in MAY[text]]
        good = [t for t in allowed if t.endswith("-ok")]
        status, headers, raw = post(faulty, ".".join(twins), text, faulty.dialect)
        tries = allowed[: allowed.index(good[0]) + 1] if good else allowed
        expected[headers["x-sallyport-request-id"]] = tries
        if good:
            assert status == 200 and headers["x-sallyport-destination"] == good[0], (twins, raw)
        else:
            assert status in (429, 500, 502, 503, 504, 529), (twins, raw)
            assert (headers.get("retry-after") == "7") == (fault == "503"), (twins, headers)
    check_tries(faulty, expected)
    check_own(upstreams)
    for raw in babbler.got:
        assert raw.count(b"credential-of-") == 1 and raw.count(b"model-of-") == 1


@pytest.mark.parametrize("fault", FAULTS)
def test_what_may_have_been_worked_on_is_not_repeated_unasked(faulty, upstreams, scripted, fault):
    twins = [f"low-{fault}", "mid-ok", "own-ok"]
    status, headers, raw = post(faulty, "once." + ".".join(twins), dialect=faulty.dialect)
    tries = twins[:2] if FAULTS[fault].is_safe else twins[:1]
    check_records(faulty, headers["x-sallyport-request-id"], tries)
    assert (status == 200) == (len(tries) == 2), raw
    assert bool(upstreams["mid"].seen()) == (len(tries) == 2)


def test_after_the_first_byte_nothing_is_tried(faulty, upstreams):
    """Handed out is handed out: the stream ends with an error in its dialect, the next one sees nothing."""
    upstreams["low"].script(by_model={"model-of-low-500": {"text": "one two", "drop_after": 3, "drop": "rst"}})
    fields = body(faulty.dialect, "low-500.mid-ok.own-ok", PUBLIC, stream=True)
    stream = Stream(faulty, fields, faulty.dialect)
    assert stream.status == 200 and b"upstream_failed" in stream.all()
    assert not upstreams["mid"].seen() and not upstreams["own"].seen()
    check_tries(faulty, {stream.id: ["low-500"]})


# ---- one that keeps failing is left alone ----


def two(upstreams, breaker=None, retries=None, **more):
    """`low` before `own`, as models `both`, `first` (low alone) and `once`."""
    low = {"breaker": breaker or {}, "retries": retries or lib_config.PATIENT["retries"]}
    destinations = {
        "low": destination("low", upstreams["low"].url, "openai", **low),
        "own": destination("own", upstreams["own"].url, "openai", **low),
    }
    return settings(destinations, [["low", "own"], ["low"], ["own"]], **more)


def gauge(server, name, of):
    return server.metrics()[f'sallyport_destination_{name}{{destination="{of}"}}']


def until(what, timeout_s=20):
    end = time.monotonic() + timeout_s
    while not what():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.05)


def test_it_is_left_alone_probed_and_taken_again_by_all_workers_over_a_reload(gateway, upstreams):
    """Two workers, and new ones in between, act as one."""
    config = two(upstreams, {"failures": 4, "open": "2s", "open_max": "2s"}, nginx={"workers": 2})
    server = gateway(config, env=keys(upstreams))
    upstreams["low"].always(status=500)
    for _ in range(12):
        assert post(server, "low.own")[0] == 200
    assert len(upstreams["low"].seen()) == 4, "left alone after four failures in a row, in whichever worker"
    assert gauge(server, "circuit", "low") == 2 and gauge(server, "away_seconds", "low") in (1, 2)
    config["limits"] = {"body": "1MiB"}  # other wiring: new workers
    server.configure(config)
    server.cli("reload")
    assert post(server, "low.own")[1]["x-sallyport-destination"] == "own"
    assert len(upstreams["low"].seen()) in (4, 5), "new workers know what the old ones knew"
    # Half-open: a probe that takes its time, and nobody else is sent there meanwhile.
    upstreams["low"].always(delay_ms=900, status=500)
    until(lambda: gauge(server, "circuit", "low") == 1)
    before = len(upstreams["low"].seen())
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(server, "low.own")[0], range(16)))
    assert answers == [200] * 16 and len(upstreams["low"].seen()) == before + 1
    # It recovers: the next probe closes the circuit by itself.
    upstreams["low"].always(text="I am back")
    until(lambda: post(server, "low.own")[1]["x-sallyport-destination"] == "low")
    assert gauge(server, "circuit", "low") == 0
    assert server.metrics()["sallyport_circuits_opened_total"] >= 2


def test_when_all_are_away_it_is_said_at_once(gateway, upstreams):
    """No wait, no try: 503 with the soonest time; records name the reason."""
    server = gateway(two(upstreams, {"failures": 1, "open": "30s"}), env=keys(upstreams))
    for name in ("low", "own"):
        upstreams[name].always(status=500)
    assert post(server, "low.own")[0] == 500
    status, headers, raw = post(server, "low.own")
    assert (status, error_of("openai", raw)[1]) == (503, "upstream_away")
    assert 25 <= int(headers["retry-after"]) <= 30
    assert [len(upstreams[n].seen()) for n in ("low", "own")] == [1, 1]
    records = server.explain(headers["x-sallyport-request-id"])["records"]
    assert [(r["kind"], r["status"]) for r in records] == [("refusal", "upstream_away")]
    assert {c["reason"] for c in records[0]["candidates"]} == {"away"}
    assert server.metrics()["sallyport_away_total"] == 1
    # The label still decides first: what may go to `own` alone is not told about `low`.
    status, _, raw = post(server, "low", PERSONAL)
    assert (status, error_of("openai", raw)[1]) == (403, "no_destination_cleared")


def test_who_asks_to_wait_is_left_alone_for_that_time(gateway, upstreams):
    """A 429 is no failure, but its Retry-After holds, in seconds and as a date, within the bound."""
    config = two(upstreams, {"failures": 1, "share": 0, "retry_after": "3s"})
    server = gateway(config, env=keys(upstreams))
    for value in ("2", "Fri, 31 Dec 9999 23:59:59 GMT"):
        upstreams["low"].always(status=429, headers={"retry-after": value})
        until(lambda: gauge(server, "away_seconds", "low") == 0)
        upstreams["low"].reset()
        upstreams["low"].always(status=429, headers={"retry-after": value})
        assert post(server, "low.own")[1]["x-sallyport-destination"] == "own"
        assert gauge(server, "circuit", "low") == 0 and 1 <= gauge(server, "away_seconds", "low") <= 3
        assert post(server, "low.own")[1]["x-sallyport-destination"] == "own"
        assert len(upstreams["low"].seen()) == 1
    upstreams["low"].always(text="here")
    until(lambda: post(server, "low.own")[1]["x-sallyport-destination"] == "low")


def test_the_last_answer_says_when_to_come_back(gateway, upstreams):
    """The caller gets the Retry-After of the last one that failed, whoever writes the answer."""
    server = gateway(two(upstreams, lib_config.PATIENT["breaker"]), env=keys(upstreams))
    upstreams["low"].always(status=503, headers={"retry-after": "11"})
    upstreams["own"].always(status=503, headers={"retry-after": "22"})
    assert post(server, "low.own")[1]["retry-after"] == "22"
    upstreams["own"].always(status=503)
    assert "retry-after" not in post(server, "low.own")[1]


def test_an_outage_adds_a_fifth_at_most(gateway, upstreams):
    """All destinations fail, circuits never open: tries are at most 1.25 times the requests."""
    patient = lib_config.PATIENT["breaker"]
    config = two(upstreams, patient, {"share": 20, "floor": 0})
    config["destinations"]["mid"] = destination("mid", upstreams["mid"].url, "openai", breaker=patient)
    config["destinations"]["mid"]["retries"] = {"share": 20, "floor": 0}
    config["models"]["all"] = {"destinations": ["low", "mid", "own"]}
    config["applications"]["desk"]["models"].append("all")
    server = gateway(config, env=keys(upstreams))
    for upstream in upstreams.values():
        upstream.always(status=503, headers={"retry-after": "9"})
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(server, "all"), range(300)))
    tries = sum(len(u.seen()) for u in upstreams.values())
    assert 300 < tries <= 1.25 * 300
    denied = [(h, raw) for _, h, raw in answers if json.loads(raw)["error"]["code"] == "upstream_retry_denied"]
    assert len(denied) >= 240 and {h["retry-after"] for h, _ in denied} == {"9"}
    assert server.metrics()["sallyport_retries_denied_total"] == len(denied)
    kinds = server.record_kinds(denied[0][0]["x-sallyport-request-id"])
    assert kinds[-1] == ("refusal", "upstream_retry_denied")
    assert [k for k, _ in kinds[:-1]] in (["intent", "outcome"], ["intent", "outcome"] * 2)


def test_an_outage_under_load_costs_few_tries_and_ends_by_itself(gateway, upstreams):
    """Defaults: with every destination failing nearly all is refused at once; back again, all is served."""
    server = gateway(two(upstreams, {"open": "1s", "open_max": "1s"}, {"share": 20}), env=keys(upstreams))
    for name in ("low", "own"):
        upstreams[name].always(status=500)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(server, "low.own")[0], range(400)))
    assert set(answers) <= {500, 502, 503} and sum(len(upstreams[n].seen()) for n in ("low", "own")) < 100
    for name in ("low", "own"):
        upstreams[name].always(text="fine")
    until(lambda: post(server, "low.own")[1].get("x-sallyport-destination") == "low")
    assert [post(server, "low.own")[0] for _ in range(20)] == [200] * 20


def test_a_start_in_the_midst_of_an_outage_does_not_begin_from_nothing(gateway, upstreams):
    """What the master that ended knew holds for the next one; what was damaged, or is of an older outage, does not."""
    config = two(upstreams, {"failures": 4, "open": "1h", "open_max": "1h"})
    server = gateway(config, env=keys(upstreams))
    upstreams["low"].always(status=500)
    for _ in range(6):
        assert post(server, "low.own")[0] == 200
    assert gauge(server, "away_seconds", "low") > 3000
    server.stop()
    kept = (server.state / "circuits").read_bytes()
    server.start()
    assert gauge(server, "circuit", "low") == 2 and gauge(server, "circuit", "own") == 0
    assert 30 < gauge(server, "away_seconds", "low") <= 60, "a start believes what it was told for a minute"
    assert [post(server, "low.own")[0] for _ in range(6)] == [200] * 6
    assert len(upstreams["low"].seen()) == 4, "nothing since the circuit opened"
    assert (server.state / "circuits").read_bytes() == kept, "a start that fails has not used it up"
    server.stop()
    written_at = 56  # milliseconds, behind magic, boot, sizes and sum
    of_the_future = kept[:written_at] + b"\xff" * 7 + b"\x7f" + kept[written_at + 8 :]
    for broken in (
        kept[:-1],
        kept[:20] + b"0" + kept[21:],
        kept[:-9] + b"\xff" + kept[-8:],
        of_the_future,
        b"",
    ):
        (server.state / "circuits").write_bytes(broken)
        server.start()
        assert gauge(server, "circuit", "low") == 0
        server.stop()


def test_clients_that_leave_say_nothing_about_a_destination(gateway, upstreams):
    server = gateway(two(upstreams, {"failures": 2}), env=keys(upstreams))
    upstreams["low"].always(pause_ms=200, text="one two three four")
    for _ in range(4):
        stream = Stream(server, body("openai", "low.own", PUBLIC, stream=True))
        stream.until(b"one")
        stream.leave()
    until(lambda: server.metrics()["sallyport_client_aborts_total"] == 4)
    assert gauge(server, "circuit", "low") == 0


def test_streams_that_break_off_count(gateway, upstreams):
    server = gateway(two(upstreams, {"failures": 2}), env=keys(upstreams))
    upstreams["low"].always(text="one two three four", drop_after=3, drop="rst")
    for _ in range(2):
        assert b"upstream_failed" in Stream(server, body("openai", "low.own", PUBLIC, stream=True)).all()
    assert gauge(server, "circuit", "low") == 2


def test_all_candidates_are_tried_however_many(gateway, upstreams):
    """nginx allows ten internal redirects to a request; a model may have sixteen candidates."""
    names = [f"low-{i}" for i in range(15)] + ["own"]
    more = {"vendor": "x", **lib_config.PATIENT}
    destinations = {
        n: {**destination(n.split("-")[0], upstreams[n.split("-")[0]].url, "openai", **more)} for n in names
    }
    server = gateway(settings(destinations, [names]), env=keys(upstreams))
    upstreams["low"].always(status=500)
    status, headers, _ = post(server, ".".join(names))
    assert (status, headers["x-sallyport-destination"]) == (200, "own")
    assert len(upstreams["low"].seen()) == 15


# ---- time-outs, kept connections ----


def test_the_first_byte_and_the_pause_have_limits_of_their_own(gateway, upstreams):
    config = two(upstreams, lib_config.PATIENT["breaker"])
    config["destinations"]["low"]["timeouts"] = {"first_byte": "6s", "idle": "1s"}
    config["destinations"]["own"]["timeouts"] = {"first_byte": "1s", "idle": "6s"}
    server = gateway(config, env=keys(upstreams))
    upstreams["low"].script({"delay_ms": 2500, "text": "late"}, {"text": "one two", "pauses": {"2": 4000}})
    assert post(server, "low")[0] == 200, "two seconds to the first byte are fine, although `idle` is one"
    raw = Stream(server, body("openai", "low", PUBLIC, stream=True)).all()
    assert b"upstream_timeout" in raw and b"[DONE]" not in raw, "a pause of four seconds is not waited for"
    upstreams["own"].script({"text": "one two", "pauses": {"2": 2500}}, {"delay_ms": 3000})
    assert b"[DONE]" in Stream(server, body("openai", "own", PUBLIC, stream=True)).all()
    assert post(server, "own")[0] == 504


ANSWER = {
    "id": "a",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "ok"}, "finish_reason": "stop"}],
}


class Keeper:
    """A server that answers once on its first connection, and then "close": closes it at once; "reset": takes
    the next request and resets; "half": has not read the first request whole and reads nothing more, so that
    its kernel, with a small buffer, acknowledges nothing of the next one. Later connections are served well."""

    def __init__(self, how):
        self.how, self.kept = how, []
        self.socket = socket.socket()
        if how == "half":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen()
        self.url = "http://127.0.0.1:%d" % self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.kept.append(connection)
            threading.Thread(target=self.talk, args=(connection, len(self.kept) == 1), daemon=True).start()

    def talk(self, connection, is_first):
        body_ = json.dumps(ANSWER).encode()
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        connection.recv(100) if is_first and self.how == "half" else read_request(connection)
        connection.sendall(head % len(body_) + body_)
        if self.how == "close":
            connection.close()
        elif self.how == "reset" and is_first:
            read_request(connection)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()

    def stop(self):
        self.socket.close()
        for connection in self.kept:
            connection.close()


@pytest.fixture
def keeper():
    made = []

    def make(how):
        made.append(Keeper(how))
        return made[-1]

    yield make
    for server in made:
        server.stop()


def alone(url, upstreams, **breaker):
    """One destination, no replay, a circuit that opens at the first failure."""
    config = two(upstreams, {"failures": 1, **breaker})
    config["destinations"]["low"]["base_url"] = url + "/v1"
    return config


def test_a_kept_connection_that_was_closed_is_not_used(gateway, upstreams, keeper):
    server = gateway(alone(keeper("close").url, upstreams), env=keys(upstreams))
    answers = [post(server, "once.low") for _ in range(30)]
    assert [a[0] for a in answers] == [200] * 30
    check_tries(server, {h["x-sallyport-request-id"]: ["low"] for _, h, _ in answers})
    assert gauge(server, "circuit", "low") == 0


def test_a_request_that_reached_nobody_is_sent_again(gateway, upstreams, keeper):
    """The peer closed before anything of it had arrived there: certain, so it needs no `replay`."""
    half = keeper("half")
    server = gateway(alone(half.url, upstreams), env=keys(upstreams))
    assert post(server, "once.low", "long " * 2600)[0] == 200
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        answer = pool.submit(post, server, "once.low")
        until(lambda: server.metrics()["sallyport_attempts_total"] == 2)
        time.sleep(0.3)
        assert not answer.done() and len(half.kept) == 1, "it is on its way on the kept connection"
        half.kept[0].shutdown(socket.SHUT_WR)
        status, headers, raw = answer.result()
    assert status == 200 and len(half.kept) == 2, raw
    records = check_records(server, headers["x-sallyport-request-id"], ["low", "low"])
    assert [r["status"] for r in records if r["kind"] == "outcome"] == ["upstream_failed", "ok"]
    assert gauge(server, "circuit", "low") == 0, "no failure of the destination"


def test_a_request_that_may_have_arrived_is_not_sent_again(gateway, upstreams, keeper):
    """A reset on a kept connection proves nothing; nor does it say that the destination is ill."""
    rude = keeper("reset")
    server = gateway(alone(rude.url, upstreams), env=keys(upstreams))
    assert post(server, "once.low")[0] == 200
    status, headers, _ = post(server, "once.low")
    assert status == 502 and len(rude.kept) == 1
    check_records(server, headers["x-sallyport-request-id"], ["low"])
    assert gauge(server, "circuit", "low") == 0
    assert post(server, "once.low")[0] == 200 and len(rude.kept) == 2
