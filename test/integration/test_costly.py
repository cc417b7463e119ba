"""Texts made to keep the detectors busy: a request with one goes nowhere, an answer ends before it, `scan` says so and
goes on; lists of everyday pass. What they cost is counted in test/unit/test_hostile_cost.c."""

import json
import subprocess

import pytest

import lib_config
from lib_client import Stream, body, error_of
from lib_servers import BUILD
from test_stream import both, outcome

HOSTILE = "_auth=" * 50000
MAILS = "\n".join(f"user{i}.name@host{i % 997}.example.org" for i in range(50000))
MATRIX = "\n".join(" ".join(str((i * 7 + k * k) % 10) for k in range(200)) for i in range(500))
MODELS = {"openai": "cloud-only", "anthropic": "claude-cloud-only"}


@pytest.fixture(scope="module")
def server(module_gateway, cloud_process):
    return module_gateway(lib_config.base(cloud_process))


def test_a_request_goes_nowhere(server):
    status, headers, answer = server.post("/v1/chat/completions", body("openai", "assistant", HOSTILE), server.key())
    assert status == 403 and error_of("openai", answer)[1] == "content_costly"
    outcome = server.explain(headers["x-sallyport-request-id"])["records"][-1]
    assert outcome["status"] == "content_costly"


def test_lists_of_everyday_go_on(server, cloud):
    cloud.always(text="Fine.")
    for text in (MAILS, MATRIX):
        status, _, answer = server.post("/v1/chat/completions", body("openai", "assistant", text), server.key())
        assert status == 200, answer


@both
def test_an_answer_ends_before_it(server, cloud, dialect):
    cloud.always(text="So it is. " + HOSTILE, pieces=50000)
    stream = Stream(server, body(dialect, MODELS[dialect], stream=True), dialect)
    raw = stream.all().decode()
    assert "content_costly" in raw
    assert len(raw) < len(HOSTILE) / 2
    assert outcome(server, stream)["status"] == "content_costly"


def test_an_answer_as_a_whole_is_withheld(server, cloud):
    cloud.always(text=HOSTILE)
    fields = body("openai", MODELS["openai"])
    status, _, answer = server.post("/v1/chat/completions", fields, server.key())
    assert status == 403 and error_of("openai", answer)[1] == "content_costly"


def test_scan_says_so_and_goes_on():
    rows = [{"id": 1, "text": HOSTILE}, {"id": 2, "text": "mail anna@example.org"}]
    given = "".join(json.dumps(row) + "\n" for row in rows)
    done = subprocess.run(
        [BUILD / "sallyport", "scan", "--jsonl"], input=given, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0
    first, second = [json.loads(line) for line in done.stdout.splitlines()]
    assert first["level"] == "restricted" and first["costly"] is True
    assert "costly" not in second and len(second["spans"]) == 1
    done = subprocess.run([BUILD / "sallyport", "scan"], input=HOSTILE, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "costs more to look through" in done.stdout
