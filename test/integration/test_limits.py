"""What a key may ask for: requests and bytes per minute, requests at once, memory. What is beyond is refused in the
dialect's shape with what SDKs read, reaches no destination and no ledger, and leaves other callers alone."""

import concurrent.futures
import contextlib
import datetime
import json
import os
import re
import threading
import time

import pytest

import lib_config
from lib_client import PATHS, Stream, ask, body, refused, sdk
from test_exhaustion import answer_of, chunk, opened, worker_of
from test_http import head_of

DIALECTS = ["openai", "anthropic"]
MODEL = {"openai": "cloud-only", "anthropic": "claude-cloud-only"}
both = pytest.mark.parametrize("dialect", DIALECTS)
LIMIT, REMAINING, RESET = (
    {
        "openai": f"x-ratelimit-{name}-requests",
        "anthropic": f"anthropic-ratelimit-requests-{name}",
    }
    for name in ("limit", "remaining", "reset")
)


def limited(cloud, desk=None, **limits):
    """A configuration in which the keys of `desk` have limits, and those of `reader` and `legal` none."""
    config = lib_config.base(cloud)
    config["applications"]["desk"]["limits"] = desk or {}
    return lib_config.merged(config, {"limits": limits} if limits else {})


def fields(dialect="openai", **more):
    return body(dialect, MODEL[dialect], **more)


def reset_s(dialect, value, now):
    """Seconds until the limit is whole again, as the dialect writes it."""
    if dialect == "anthropic":
        at = datetime.datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
        return at.timestamp() - now
    found = re.fullmatch(r"(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?", value)
    minutes, seconds, ms = (int(g or 0) for g in found.groups())
    return 60 * minutes + seconds + ms / 1000


# ---- requests per minute -----------------------------------------------------------------------------------


@both
def test_the_rate_is_kept_and_told(gateway, cloud, dialect):
    """Allowed answers count down; the one beyond is a 429 that says when; the destination's own numbers, which
    speak of the organisation's account, do not stand beside ours."""
    server = gateway(limited(cloud, {"requests_per_minute": 3}))
    before = server.metrics()
    for left in (2, 1, 0):
        answer = ask(server, dialect, fields(dialect))
        assert answer.headers[LIMIT[dialect]] == "3" and answer.headers[REMAINING[dialect]] == str(left)
        assert 0 < reset_s(dialect, answer.headers[RESET[dialect]], time.time()) <= 61
    said = refused(server, dialect, fields(dialect), max_retries=0)
    kind = {"openai": "requests", "anthropic": "rate_limit_error"}[dialect]
    assert (said.status, said.kind, said.code) == (429, kind, "rate_limit_exceeded")
    assert said.headers[REMAINING[dialect]] == "0" and "x-should-retry" not in said.headers
    assert 1 <= int(said.headers["retry-after"]) <= 20
    assert int(said.headers["retry-after"]) - 1 <= int(said.headers["retry-after-ms"]) / 1000 <= 20
    assert len(cloud.seen()) == 3
    after = server.metrics()
    assert after["sallyport_limited_total"] - before["sallyport_limited_total"] == 1
    assert said.id not in {r["request_id"] for r in server.records()}  # a flood must not fill the ledger


@both
def test_sdks_wait_and_try_again(gateway, cloud, dialect):
    """With their own defaults: what is over the rate is late, not lost, and waits no longer than it is told."""
    server = gateway(limited(cloud, {"requests_per_minute": 15}))
    with sdk(server, dialect) as client:
        create = (client.chat.completions if dialect == "openai" else client.messages).with_raw_response.create
        retries = [create(**fields(dialect)).retries_taken for _ in range(17)]
    assert sum(retries) >= 1 and server.metrics()["sallyport_limited_total"] == sum(retries)
    assert len(cloud.seen()) == 17


def test_a_key_without_a_limit_hears_the_destination(gateway, cloud):
    server = gateway(limited(cloud))
    answer = ask(server, "openai", fields())
    assert answer.headers["x-ratelimit-limit-requests"] == "10000"
    assert ask(server, "anthropic", fields("anthropic")).headers["anthropic-ratelimit-requests-limit"] == "4000"


def test_keys_have_limits_of_their_own(gateway, cloud):
    """Of one application too, and a stranger's key takes nothing from anybody."""
    server = gateway(limited(cloud, {"requests_per_minute": 1}))
    first, second = server.key("desk"), server.new_key("desk")
    other = first[:-1] + ("0" if first[-1] != "0" else "1")
    for key, status in ((other, 401), (first, 200), (first, 429), (other, 401), (second, 200), (second, 429)):
        assert server.post(PATHS["openai"], fields(), key)[0] == status
    assert server.post(PATHS["openai"], fields(), server.key("legal"))[0] != 429


def test_a_limit_holds_over_workers_and_reloads(gateway, cloud):
    """Four workers count as one; a reload, with new workers or without, gives nobody a fresh minute."""
    config = lib_config.merged(
        limited(cloud, {"requests_per_minute": 10}), {"nginx": {"workers": 4}}
    )
    server = gateway(config)
    key = server.key("desk")
    statuses = [server.post(PATHS["openai"], fields(), key)[0] for _ in range(14)]
    assert statuses.count(200) == 10 and statuses.count(429) == 4
    for change in ({"limits": {"record_wait": "3s"}}, {"limits": {"body": "4MiB"}}):
        config = lib_config.merged(config, change)
        server.configure(config)
        server.cli("reload")
        assert server.post(PATHS["openai"], fields(), key)[0] == 429
    server.configure(lib_config.merged(config, {"applications": {"desk": {"limits": None}}}))
    server.cli("reload")
    assert server.post(PATHS["openai"], fields(), key)[0] == 200


def on_four_workers(cloud, desk):
    return lib_config.merged(limited(cloud, desk), {"nginx": {"workers": 4}})


def at_once(call, n):
    """What `n` threads that begin together get."""
    with concurrent.futures.ThreadPoolExecutor(n) as pool:
        ready = threading.Barrier(n)
        return [f.result() for f in [pool.submit(lambda: (ready.wait(), call())[1]) for _ in range(n)]]


def test_a_thousand_calls_at_once_overshoot_by_none(gateway, cloud):
    """Workers race for the last ones."""
    server = gateway(on_four_workers(cloud, {"requests_per_minute": 50}))
    key = server.key("desk")
    started = time.monotonic()
    calls = at_once(lambda: [server.post(PATHS["openai"], fields(), key)[0] for _ in range(20)], 50)
    statuses = [status for each in calls for status in each]
    most = 50 + int((time.monotonic() - started) * 50 / 60) + 1
    assert set(statuses) == {200, 429} and 50 <= statuses.count(200) <= most
    assert len(cloud.seen()) == statuses.count(200)


# ---- at once -----------------------------------------------------------------------------------------------


def test_streams_at_once(gateway, cloud):
    """The third of two is refused while two run; ended or abandoned, each makes room again."""
    cloud.always(text="and on " * 4000, pause_ms=20)
    server = gateway(limited(cloud, {"concurrent": 2}))
    open_ones = [Stream(server, fields(stream=True)) for _ in range(2)]
    for stream in open_ones:
        stream.until(b"and")
    said = refused(server, "openai", fields(), max_retries=0)
    assert (said.status, said.code, said.headers["retry-after"]) == (429, "rate_limit_exceeded", "1")
    assert Stream(server, fields(stream=True), application="legal").status != 429
    open_ones.pop().leave()
    end = time.monotonic() + 5
    while (again := Stream(server, fields(stream=True))).status == 429:
        assert time.monotonic() < end, "an abandoned stream still counts"
        time.sleep(0.02)
    again.leave()
    open_ones.pop().leave()


def test_streams_that_race_for_room_take_no_more_than_there_is(gateway, cloud):
    cloud.always(text="and on " * 4000, pause_ms=20)
    server = gateway(on_four_workers(cloud, {"concurrent": 5}))
    server.key()
    streams = at_once(lambda: Stream(server, fields(stream=True)), 40)
    assert sorted(s.status for s in streams) == [200] * 5 + [429] * 35
    for stream in streams:
        stream.leave()


def test_a_worker_that_dies_takes_nothing_with_it(gateway, cloud):
    """What it had under way does not count for ever against the key."""
    cloud.always(text="and on " * 4000, pause_ms=20)
    server = gateway(limited(cloud, {"concurrent": 2, "requests_per_minute": 1000}), alarms="exited on signal 9")
    lost = [Stream(server, fields(stream=True)) for _ in range(2)]
    for stream in lost:
        stream.until(b"and")
    assert refused(server, "openai", fields(), max_retries=0).status == 429
    dead = worker_of(server)
    os.kill(dead, 9)
    end = time.monotonic() + 10
    while True:
        with contextlib.suppress(OSError):
            stream = Stream(server, fields(stream=True))
            if stream.status == 200:
                break
        assert time.monotonic() < end, "the dead worker's streams still count"
        time.sleep(0.05)
    stream.leave()


# ---- bytes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("announced", ["length", "chunks"])
def test_bytes_per_minute(gateway, cloud, announced):
    """Announced or not, what does not fit is refused; a caller of small requests goes on when its share is back."""
    server = gateway(limited(cloud, {"request_bytes_per_minute": "1MiB"}, body="1MiB"))
    text = json.dumps(fields(content="word " * 120_000)).encode()
    more = {"content_length": len(text)} if announced == "length" else {"transfer_encoding": "chunked"}
    sent = text if announced == "length" else chunk(text) + b"0\r\n\r\n"
    statuses, answers = [], []
    for _ in range(3):
        with opened(server, head_of(server, "openai", **more), sent) as sock:
            answers.append(answer_of(sock))
            statuses.append(answers[-1][0])
    assert statuses == [200, 429, 429]
    # Of chunks only the next piece has to fit, and a slow machine has given much of the share back by now.
    assert (announced == "length") < int(answers[-1][1]["retry-after"]) <= 60
    assert len(cloud.seen()) == 1


# ---- memory ------------------------------------------------------------------------------------------------

HELD = "sallyport_held_bytes"


def held_back(stack, server, key, n):
    """Connections with a body of 4 MiB each that goes on."""
    socks = []
    for _ in range(n):
        head = head_of(server, "openai", transfer_encoding="chunked", authorization="Bearer " + key)
        socks.append(stack.enter_context(opened(server, head)))
        with contextlib.suppress(OSError):
            socks[-1].sendall(chunk(b"{" + b" " * (4 << 20)))
    return socks


def answers_of(socks):
    out = []
    for sock in socks:
        sock.settimeout(0.05)
        with contextlib.suppress(TimeoutError):
            out.append(answer_of(sock))
    return out


def until_released(server):
    end = time.monotonic() + 5
    while server.metrics()[HELD] > 1 << 20:
        assert time.monotonic() < end, f"{server.metrics()[HELD]} bytes are still held"
        time.sleep(0.05)


def test_memory_of_one_key_leaves_room_for_others(gateway, cloud):
    """One key announces and sends bodies without their ends until its share is full: 503, to it alone. What it
    held is free when its connections are gone."""
    server = gateway(limited(cloud, None, memory="256MiB", memory_per_key="64MiB"))
    key = server.key("desk")
    other = server.key("legal")
    with contextlib.ExitStack() as stack:
        socks = held_back(stack, server, key, 20)
        time.sleep(0.3)
        assert server.metrics()[HELD] <= 64 << 20
        answers = answers_of(socks)
        assert server.post(PATHS["openai"], fields(), other)[0] != 503
    assert len(answers) >= 4 and {a[0] for a in answers} == {503}
    assert json.loads(answers[0][2])["error"]["code"] == "busy" and answers[0][1]["retry-after"] == "1"
    until_released(server)
    assert server.post(PATHS["openai"], fields(), key)[0] == 200
    assert len(cloud.seen()) >= 1


def test_memory_of_all_keys_is_bounded(gateway, cloud):
    """Each within its share, together beyond what the worker may hold: the later ones are refused."""
    server = gateway(limited(cloud, None, memory="128MiB", memory_per_key="64MiB"))
    keys = [server.key(a) for a in ("desk", "reader", "legal")]
    with contextlib.ExitStack() as stack:
        socks = [s for key in keys for s in held_back(stack, server, key, 14)]
        time.sleep(0.3)
        assert 64 << 20 < server.metrics()[HELD] <= 128 << 20
        answers = answers_of(socks)
    assert len(answers) >= 10 and {a[0] for a in answers} == {503}
    until_released(server)
    assert server.post(PATHS["openai"], fields(), keys[0])[0] == 200


def test_a_request_that_needs_more_than_the_share_is_refused_and_recorded(gateway, cloud):
    """Its parsed form does not fit beside its bytes. The refusal is recorded with the body."""
    config = limited(cloud, None, memory="64MiB", memory_per_key="64MiB", body="24MiB")
    server = gateway(lib_config.merged(config, {"audit": {"segment": "64MiB"}}))
    deep = ",".join(['{"role":"user","content":"a"}'] * 750_000)
    text = ('{"model":"cloud-only","messages":[' + deep + "]}").encode()
    status, headers, answer = server.post(PATHS["openai"], text, server.key("desk"))
    assert (status, json.loads(answer)["error"]["code"]) == (503, "busy") and cloud.seen() == []
    assert server.record_kinds(headers["x-sallyport-request-id"]) == [("refusal", "busy")]
    assert server.post(PATHS["openai"], fields(), server.key("desk"))[0] == 200


def test_an_answer_that_finds_no_room_is_an_error(gateway, cloud):
    """A whole answer is held until it has been reviewed; one that does not fit is none."""
    cloud.always(text="word " * 3_000_000)
    server = gateway(limited(cloud, None, memory="64MiB", memory_per_key="64MiB", answer="16MiB"))
    with sdk(server, "openai", max_retries=0) as client, pytest.raises(Exception) as raised:
        client.chat.completions.create(**fields())
    assert raised.value.response.status_code == 503
    assert raised.value.body["code"] == "busy"
    cloud.always(text="short")
    assert ask(server, "openai", fields()).text == "short"
    assert server.metrics()[HELD] < 1 << 20
