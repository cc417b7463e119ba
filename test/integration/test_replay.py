"""What was recorded is decided again: each request comes back out of the log as it was sealed, `explain` decides
it offline under the same configuration, and says the same as the record, field by field."""

import json
import subprocess

import pytest

from lib_client import body, refused, ask
from lib_servers import BUILD

IBAN = "The refund goes to DE89 3704 0044 0532 0130 00."
KEY = "AKIAQYLPMN5HFIQR7XYA"
TOOL = [{"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}}]

# name: application, dialect, fields, whether it is allowed
REQUESTS = {
    "plain": ("desk", "openai", body("openai", "assistant"), True),
    "stream": ("desk", "openai", body("openai", "assistant", stream=True, temperature=0.5), True),
    "rerouted": ("desk", "openai", body("openai", "assistant", IBAN), True),
    "a secret": ("desk", "openai", body("openai", "assistant", f"{IBAN} {KEY}"), True),
    "tools": ("desk", "openai", body("openai", "cloud-only", tools=TOOL), True),
    "untrusted": ("reader", "openai", body("openai", "local-only", IBAN), True),
    "use case": ("legal", "openai", body("openai", "assistant"), True),
    "anthropic": ("desk", "anthropic", body("anthropic", "claude", IBAN), True),
    "not cleared": ("desk", "openai", body("openai", "cloud-only", IBAN), False),
    "no such model": ("desk", "openai", body("openai", "unheard-of"), False),
    "not allowed": ("reader", "openai", body("openai", "assistant"), False),
    "not cleared, anthropic": ("legal", "anthropic", body("anthropic", "claude-cloud-only"), False),
}

# All that both say of the decision. Not: ids and times, the generation, what was sealed, what was answered.
DECIDED = {
    "attempt", "application", "use_case", "dialect", "model", "is_stream", "label", "outcome", "parameters",
    "atoms", "candidates", "bytes_in",
}  # fmt: skip
WHERE = {"destination", "destination_model", "region", "tier"}


@pytest.fixture(scope="module")
def server(module_gateway):
    return module_gateway()


def decide_again(server, application, dialect, content):
    command = [BUILD / "sallyport", "explain", "--as", application, "--dialect", dialect, "--json"]
    done = subprocess.run(
        [*command, "-c", server.file], input=content, capture_output=True, env=server.env, timeout=60
    )
    (record,) = json.loads(done.stdout)["records"]
    return record


@pytest.mark.parametrize("name", REQUESTS)
def test_a_recorded_request_is_decided_again(server, cloud, name):
    application, dialect, fields, is_allowed = REQUESTS[name]
    send = ask if is_allowed else refused
    request_id = send(server, dialect, fields, application).id
    shown = server.cli_json("audit", "show", request_id, "--payload")
    recorded = shown["records"][0]
    assert recorded["kind"] == ("intent" if is_allowed else "refusal")
    assert json.loads(shown["request"]) == fields
    again = decide_again(server, application, dialect, shown["request"].encode())
    fields_of_kind = DECIDED | (WHERE if is_allowed else {"status"})
    assert fields_of_kind <= recorded.keys() and fields_of_kind <= again.keys()
    assert {k: again[k] for k in fields_of_kind} == {k: recorded[k] for k in fields_of_kind}
