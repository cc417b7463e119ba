"""Credentials of each sort (ADR 31) on their way through a real gateway: none leaves, whole or in pieces.

One of each sort of row: a token by its form, a value by its name, a key by its service, an address with a password.
Made for these tests; none opens anything.
"""

import pytest

import lib_config
from lib_client import Stream, body, data_of

LEAKS = {
    "a token by its form": ("gitlab-token", "glpat-" + "x8Kq2mVb7Tz4Rw9LpJ3n", "Use {} for the upload."),
    "a checksum that holds": ("api-key", "cfat_" + "aAbBcCdDeEfFgGhHiIjJkKlLmMnNoOpPqQrRsStT" + "03fa099b", "It is {} now."),
    "a password in settings": ("password", "Tr0ub4dor&3", 'Set db_password = "{}" in the file.'),
    "a password that is told": ("password", "hunter2hunter", "The password is {} and nothing else."),
    "a key that its name tells": ("api-key", "4f8a2c91d07b4e3f9a6c5d18e2b7f034", 'Write api_key: "{}" there.'),
    "a key of a service": ("api-key", "Xk28dLmQpz71JvR0tW93", "Take codacy token {} for that."),
    "an address with a password": ("connection-string", "postgres://shop:Gr8twall@db/shop", "Call {} then."),
    "a hash of a password": ("password-hash", "$2b$12$" + "abcdefghijklmnopqrstuuxF0yzH1mW8pLs5Qe3Vt6Rk9Jn2Bc4Dd", "It reads {} there."),
}
HARMLESS = {
    "a digest": "The layer is sha256:7d3f0c2b9e5a48d1b6f07c3e2a914d587d3f0c2b9e5a48d1b6f07c3e2a914d58 as built.",
    "a placeholder": 'Set api_key = "<your-api-key>" and DB_PASSWORD=${DB_PASSWORD} first.',
    "code": "password = getpass() and token = request_token_from_server(user)",
    "an identifier": "The request_id was a8f5f167-f44f-4964-e6c9-98dee827110c today.",
}


@pytest.fixture(scope="module")
def server(module_gateway, cloud_process):
    return module_gateway(lib_config.base(cloud_process), {})


def answer(server):
    return Stream(server, body("openai", "cloud-only", stream=True), "openai")


def shown(raw):
    return "".join(c["delta"].get("content") or "" for d in data_of(raw) for c in d.get("choices", []))


@pytest.mark.parametrize("pieces", ["char", "word"])
@pytest.mark.parametrize("leak", LEAKS)
def test_no_credential_leaves(server, cloud, leak, pieces):
    kind, secret, text = LEAKS[leak]
    cloud.always(text=text.format(secret), pieces=pieces)
    got = answer(server)
    raw = got.all()
    assert secret[4:] not in shown(raw) and text.split("{}")[0] == shown(raw)[: len(text.split("{}")[0])]
    record = server.explain(got.id)["records"][-1]
    assert record["status"] == "answer_withheld"
    assert kind in {a["kind"] for a in record["atoms"]}


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_what_only_looks_like_one_passes(server, cloud, text):
    cloud.always(text=text, pieces="char")
    got = answer(server)
    assert shown(got.all()) == text
    assert server.explain(got.id)["records"][-1]["status"] == "ok"
