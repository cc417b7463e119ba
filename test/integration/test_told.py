"""What a conversation was told, it stays: an answer's text comes back as history, and with it the label of the request
that it answered, though the text that made it so has left the window (docs/adr/0028-told.md).

How a text is known is tried in test/unit/test_told.c; here it is the way through: answer, zone, request, decision,
record. Each test has sentences of its own, since a gateway forgets nothing that a module of tests could fill.
"""

import concurrent.futures
import itertools
import json
import signal

import pytest

import lib_config
from lib_client import Stream, ask, body, data_of

CARD = "4111 1111 1111 1111"  # of category pci, for which the cloud's vendor has no fact
MODEL = {"openai": "assistant", "anthropic": "claude"}
NUMBER = itertools.count(1)
both = pytest.mark.parametrize("dialect", ["openai", "anthropic"])


@pytest.fixture(scope="module")
def server(module_gateway, cloud_process):
    changes = {"destinations": {"cloud-anthropic": {"permits": ["opaque"]}, "local-anthropic": {"permits": ["opaque"]}}}
    return module_gateway(lib_config.base(cloud_process), changes)


def sentence():
    """Long enough to stand alone, with nothing in it that a detector knows, and said nowhere else."""
    return (
        f"The payment of case {next(NUMBER)} was refused by the bank, so please ask the customer whether another "
        "way of paying would do, and answer on the same day.\nThank you.\n"
    )


def messages(*said):
    return [{"role": role, "content": content} for role, content in said]


def send(server, dialect, said, application="desk", **headers):
    """(tier, the record that says why) of a request that is forwarded."""
    fields = {"model": MODEL[dialect], "max_tokens": 16, "messages": said}
    path = "/v1/chat/completions" if dialect == "openai" else "/v1/messages"
    own = {"anthropic-version": "2023-06-01"} if dialect == "anthropic" else {}
    named = {"x-sallyport-" + k.replace("_", "-"): v for k, v in headers.items()}
    status, got, answer = server.post(path, fields, server.key(application), {**own, **named})
    assert status == 200, answer
    record = decision(server, got["x-sallyport-request-id"])
    return record["tier"], record


def decision(server, request_id):
    return next(r for r in server.explain(request_id)["records"] if r["kind"] in ("intent", "refusal"))


def told_atom(record):
    return next((a for a in record["atoms"] if a["source"] == "told"), None)


def tell(server, cloud, dialect="openai", text=None, question=f"My card is {CARD}.", **answer):
    """Has a text said to a request that may not leave the house."""
    text = text or sentence()
    cloud.always(text=text, **answer)
    tier, _ = send(server, dialect, messages(("user", question)))
    assert tier == "self-hosted"
    return text


# ---- history ----


@both
def test_an_answer_keeps_the_label_of_its_request(server, cloud, dialect):
    text = tell(server, cloud, dialect)
    tier, record = send(server, dialect, messages(("assistant", text), ("user", "And now?")))
    assert tier == "self-hosted"
    atom = told_atom(record)
    assert (atom["count"], atom["level"], atom["place"]) == (1, 3, "messages[0].content")
    assert atom["end"] > atom["start"] > 0
    assert "pci" in record["label"]
    assert [a for a in record["atoms"] if a["source"] == "detector"] == []


@both
def test_what_nobody_was_told_goes_to_the_cloud(server, cloud, dialect):
    tell(server, cloud, dialect)
    tier, record = send(server, dialect, messages(("assistant", sentence()), ("user", "And now?")))
    assert tier == "cloud"
    assert told_atom(record) is None


@both
def test_a_stream_is_remembered(server, cloud, dialect):
    text = sentence()
    cloud.always(text=text, pieces="char", packet_bytes=50)
    fields = body(dialect, MODEL[dialect], f"My card is {CARD}.", stream=True)
    assert Stream(server, fields, dialect).all()
    tier, record = send(server, dialect, messages(("assistant", text.strip()), ("user", "And now?")))
    assert tier == "self-hosted"
    assert told_atom(record)


def test_a_client_that_leaves_has_what_it_was_told(server, cloud):
    """It sends back as much as it had, while the stream still runs."""
    text = sentence() * 4
    cloud.always(text=text, pieces=20, pauses={"30": 20000})
    stream = Stream(server, body("openai", MODEL["openai"], f"My card is {CARD}.", stream=True))
    stream.until(text[400:420].encode())
    whole = stream.bytes[: stream.bytes.rindex(b"\n\n") + 2]
    got = "".join(c["delta"].get("content") or "" for d in data_of(whole) for c in d["choices"])
    tier, record = send(server, "openai", messages(("assistant", got), ("user", "Go on.")))
    stream.connection.close()
    assert tier == "self-hosted"
    assert told_atom(record)


def test_it_stays_when_it_is_told_on(server, cloud):
    """The answer to a request that holds an answer has its label too."""
    first = tell(server, cloud)
    second = sentence()
    cloud.always(text=second)
    assert send(server, "openai", messages(("assistant", first), ("user", "In other words?")))[0] == "self-hosted"
    assert send(server, "openai", messages(("assistant", second), ("user", "And?")))[0] == "self-hosted"


def test_it_comes_back_in_anybodys_name(server, cloud):
    text = tell(server, cloud)
    tool = [
        {"role": "assistant", "content": "", "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "c", "content": text},
    ]
    for said in (messages(("user", text)), messages(("system", text), ("user", "Hello")), tool):
        assert send(server, "openai", said)[0] == "self-hosted"


def test_a_short_answer_counts_behind_its_question(server, cloud):
    question = f"Is {CARD} valid?"
    tell(server, cloud, text="Yes.", question=question)
    tier, record = send(server, "openai", messages(("user", "Is it valid?"), ("assistant", "Yes."), ("user", "Sure?")))
    assert tier == "cloud"
    assert told_atom(record) is None


@both
def test_arguments_and_thinking_are_remembered(server, cloud, dialect):
    letter = sentence().strip()
    call = {"name": "mail", "arguments": {"n": 1, "text": letter}, "id": "call_1"}
    tools = {
        "openai": [{"type": "function", "function": {"name": "mail", "parameters": {"type": "object"}}}],
        "anthropic": [{"name": "mail", "input_schema": {"type": "object"}}],
    }[dialect]
    cloud.always(tool_calls=[call], tool_pieces=7)
    fields = body(dialect, MODEL[dialect], f"My card is {CARD}.", stream=True, tools=tools)
    assert Stream(server, fields, dialect).all()
    anew = {"text": letter, "n": 1}  # as a client writes it that read it
    back = {
        "openai": {
            "role": "assistant",
            "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "mail", "arguments": json.dumps(anew)}}],
        },
        "anthropic": {
            "role": "assistant",
            "content": [{"type": "tool_use", "id": "call_1", "name": "mail", "input": anew}],
        },
    }[dialect]
    assert send(server, dialect, [back, *messages(("user", "Go on."))])[0] == "self-hosted"


def test_an_application_has_a_memory_of_its_own(server, cloud):
    text = tell(server, cloud)
    said = messages(("assistant", text), ("user", "And now?"))
    assert send(server, "openai", said)[0] == "self-hosted"
    cloud.always(text="No.")
    assert told_atom(send(server, "openai", said, application="legal")[1]) is None


# ---- the label of an answer ----


def test_the_label_of_an_answer_is_that_of_its_request_and_of_what_review_found(server, cloud):
    """It comes back with the part of the answer that holds nothing of it."""
    text = sentence()
    cloud.always(text=text + f"The card was {CARD}.")
    tier, record = send(server, "openai", messages(("user", "What was it about?")))
    assert (tier, "pci" in record["label"]) == ("cloud", False)
    outcome = server.explain(record["request_id"])["records"][-1]
    assert "pci" in outcome["answer_label"]
    tier, record = send(server, "openai", messages(("assistant", text), ("user", "And now?")))
    assert (tier, "pci" in record["label"]) == ("self-hosted", True)
    assert told_atom(record)["level"] == 3


def test_a_masked_answer_is_known_as_the_client_got_it(gateway, cloud):
    server = gateway(changes={"review": {"mask": ["pii"]}})
    text = sentence() + "Write to anna.berg@example.org."
    cloud.always(text=text)
    got = ask(server, "openai", body("openai", "assistant", f"My card is {CARD}.")).text
    assert "[masked: email]" in got
    tier, record = send(server, "openai", messages(("assistant", got), ("user", "And now?")))
    assert tier == "self-hosted"
    assert told_atom(record)


def test_a_refusal_of_the_gateway_is_no_answer(server, cloud):
    cloud.always(status=500, error={"message": sentence(), "type": "server_error", "code": None})
    fields = body("openai", "local-only", f"My card is {CARD}.")
    status, _, answer = server.post("/v1/chat/completions", fields, server.key())
    assert status >= 500
    cloud.always(text="No.")
    said = json.loads(answer)["error"]["message"] + sentence()
    assert told_atom(send(server, "openai", messages(("assistant", said), ("user", "And?")))[1]) is None


# ---- declassifying ----


def test_masking_a_request_does_not_mask_what_it_was_told(gateway, cloud):
    """An atom that no detector made is not taken out: with it in the way, the cloud stays closed."""
    changes = {"declassifiers": {"mask-pii": {"does": "mask", "categories": ["pii"], "destinations": ["cloud"]}}}
    changes["destinations"] = {"cloud": {"clearance": {"level": "internal", "categories": []}}}
    server = gateway(changes=changes)
    ask_for = messages(("user", "Write to anna.berg@example.org."))
    cloud.always(text="Done.")
    assert send(server, "openai", ask_for)[0] == "cloud"
    text = tell(server, cloud)
    assert send(server, "openai", [*messages(("assistant", text)), *ask_for])[0] == "self-hosted"


# ---- workers, reload, restart ----


def test_all_workers_know_it_and_a_reload_keeps_it(gateway, cloud):
    server = gateway(changes={"nginx": {"workers": 2}})
    text = tell(server, cloud)
    said = messages(("assistant", text), ("user", "And now?"))
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        tiers = list(pool.map(lambda _: send(server, "openai", said)[0], range(48)))
    assert set(tiers) == {"self-hosted"}
    writers = [f for f in (server.state / "ledger").glob("*.seg") if f.stat().st_size > 0]
    assert len(writers) >= 2, "one worker alone was asked"
    server.cli("reload")
    assert send(server, "openai", said)[0] == "self-hosted"
    server.process.child.send_signal(signal.SIGHUP)
    for _ in range(8):
        assert send(server, "openai", said)[0] == "self-hosted"


def test_a_restart_forgets(gateway, cloud):
    """Nothing of it was on a disk."""
    server = gateway()
    text = tell(server, cloud)
    server.stop()
    server.start()
    tier, record = send(server, "openai", messages(("assistant", text), ("user", "And now?")))
    assert (tier, told_atom(record)) == ("cloud", None)


# ---- explaining ----


def test_people_are_told_why(server, cloud):
    text = tell(server, cloud)
    _, record = send(server, "openai", messages(("assistant", text), ("user", "And now?")))
    shown = server.cli("explain", record["request_id"]).stdout
    assert "restricted by an answer that was given before, found again in messages[0].content, bytes " in shown
