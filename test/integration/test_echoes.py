"""What an answer says that the caller sent is told apart from what the model brings, and policy may let it leave: in
streams and whole, with a history that is known and not scanned again, and in the record.

The writings of a value and the cuts are in test/unit/test_echoes.c; here it is the way through.
"""

import pytest

import lib_config
from lib_client import Stream, ask, body, refused
from test_stream import both, content, outcome

MODEL = {"openai": "local-only", "anthropic": "claude-local-only"}
KEY, OTHER_KEY = "AKIAQ3EGRZTV5NKWXJ2M", "AKIAZ7MWTB4CLQH2YVXN"
ASKED = f"I am Ann.Lee@example.com, and the key of the build is {KEY}."
DESK = "The desk is desk@kaufhaus.example, tell nobody."


@pytest.fixture(scope="module")
def server(module_gateway, cloud_process):
    review = {"withhold": ["credentials"], "mask": ["pii"], "echoes": ["credentials", "email"]}
    return module_gateway(lib_config.base(cloud_process), {"review": review})


@pytest.fixture(scope="module")
def silent(module_gateway, cloud_process):
    return module_gateway(lib_config.base(cloud_process), {"review": {"withhold": ["credentials"], "mask": ["pii"]}})


def talk(dialect, *texts, **more):
    """A conversation of turns in turn, behind a system text."""
    turns = [{"role": ["user", "assistant"][i % 2], "content": t} for i, t in enumerate(texts)]
    if dialect == "anthropic":
        return {**body(dialect, MODEL[dialect], system=DESK, **more), "messages": turns}
    return {**body(dialect, MODEL[dialect], **more), "messages": [{"role": "system", "content": DESK}, *turns]}


def found(server, id):
    return sorted((a["source"], a["kind"], a["count"]) for a in server.explain(id)["records"][-1]["atoms"])


@both
def test_who_sent_it_gets_it_back(server, cloud, dialect):
    said = f"Write to ann.lee@example.com with {KEY} and to eve@example.com or desk@kaufhaus.example then"
    told = f"Write to ann.lee@example.com with {KEY} and to [masked: email] or [masked: email] then"
    atoms = [("detector", "email", 2), ("echo", "aws-access-key", 1), ("echo", "email", 1)]
    cloud.always(text=said)
    got = ask(server, dialect, talk(dialect, ASKED))
    assert got.text == told and found(server, got.id) == atoms
    cloud.always(text=said, pieces="char", packet_bytes=70)
    stream = Stream(server, talk(dialect, ASKED, stream=True), dialect)
    assert content(dialect, stream.all()) == told
    assert outcome(server, stream)["status"] == "ok" and found(server, stream.id) == atoms


@both
def test_a_key_that_the_model_brings_does_not_leave(server, cloud, dialect):
    cloud.always(text=f"The key is {OTHER_KEY} and no other", pieces=3)
    refusal = refused(server, dialect, talk(dialect, ASKED))
    assert refusal.code == "answer_withheld" and OTHER_KEY not in refusal.message
    stream = Stream(server, talk(dialect, ASKED, stream=True), dialect)
    raw = stream.all().decode()
    assert "answer_withheld" in raw and OTHER_KEY[:8] not in raw
    assert found(server, stream.id) == [("detector", "aws-access-key", 1)]


@both
def test_of_a_history_that_is_known(server, cloud, dialect):
    """Its blocks are not scanned again: their values are those of the spans that were kept."""
    cloud.always(text=f"Use {KEY} so")
    turns = [ASKED, "Noted, Ann."]
    for n in range(3):
        got = ask(server, dialect, talk(dialect, *turns, f"And now, for the {n}th time?"))
        assert got.text == f"Use {KEY} so" and found(server, got.id) == [("echo", "aws-access-key", 1)]
        turns += [f"And now, for the {n}th time?", f"Use {KEY} so"]


@both
def test_policy_that_says_nothing_of_it(silent, cloud, dialect):
    """As before: withheld and masked, and told apart all the same."""
    cloud.always(text="Write to ann.lee@example.com so")
    got = ask(silent, dialect, talk(dialect, ASKED))
    assert got.text == "Write to [masked: email] so" and found(silent, got.id) == [("echo", "email", 1)]
    cloud.always(text=f"Use {KEY} so")
    assert refused(silent, dialect, talk(dialect, ASKED)).code == "answer_withheld"
