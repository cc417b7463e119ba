"""Values in disguise are labelled like plain ones: a request that holds one does not go where the value may not, the
record says where it stands, and what hides more than is undone goes nowhere."""

import base64
import json
import subprocess

import pytest

from lib_client import body, error_of
from lib_servers import BUILD

KEY = "AKIAQYLPMN5HFIQR7XYA"
WIDE = "".join(chr(ord(c) + 0xFEE0) for c in KEY)
DISGUISES = {
    "base64": base64.b64encode(KEY.encode()).decode(),
    "full width": WIDE,
    "zero width": "\u200b".join(KEY),
    "percent": "".join(f"%{ord(c):02x}" for c in KEY),
    "entities": "".join(f"&#{ord(c)};" for c in KEY),
}
HISTORY = [{"role": "user", "content": "Summarise this."}, {"role": "assistant", "content": "Which text? " * 400}]


@pytest.fixture(scope="module")
def server(module_gateway):
    return module_gateway()


def ask(server, fields):
    status, headers, answer = server.post("/v1/chat/completions", fields, server.key())
    return status, headers, answer


def bury(text, depth):
    for i in range(depth):
        text = f"these are words {i}: " + base64.b64encode(text.encode()).decode()
    return text


@pytest.mark.parametrize("name", DISGUISES)
def test_it_does_not_go_to_the_cloud(server, name):
    text = f"The key id is {DISGUISES[name]}, thanks."
    status, headers, answer = ask(server, body("openai", "assistant", text))
    assert status == 200, answer
    assert headers["x-sallyport-destination"] == "local"
    intent = next(r for r in server.explain(headers["x-sallyport-request-id"])["records"] if r["kind"] == "intent")
    [atom] = [a for a in intent["atoms"] if a.get("kind") == "aws-access-key"]
    assert atom["place"] == "messages[0].content"
    sent = json.dumps(body("openai", "assistant", text)).encode()
    assert sent[atom["start"] : atom["end"]].decode() == json.dumps(DISGUISES[name])[1:-1]


def test_without_it_the_cloud_may_have_it(server):
    status, headers, _ = ask(server, body("openai", "assistant", "The key id is not here, thanks."))
    assert (status, headers["x-sallyport-destination"]) == (200, "cloud")


def test_it_is_found_in_a_history_that_was_seen_before(server):
    """The second turn does not look at the first one again: what was found in its views is kept with it."""
    said = {"role": "user", "content": "x " * 3000 + DISGUISES["base64"] + " is the key id"}
    messages = [*HISTORY, said]
    for turn in range(3):
        fields = {**body("openai", "assistant", ""), "messages": messages}
        status, headers, answer = ask(server, fields)
        assert (status, headers["x-sallyport-destination"]) == (200, "local"), (turn, answer)
        messages = [*messages, {"role": "assistant", "content": "I see. " * 900}, {"role": "user", "content": "Go on."}]


def test_what_hides_too_much_goes_nowhere(server):
    assert ask(server, body("openai", "assistant", bury("nothing of note, really", 3)))[0] == 200
    status, _, answer = ask(server, body("openai", "assistant", bury("nothing of note, really", 5)))
    assert status == 403 and error_of("openai", answer)[1] == "content_hidden"


def test_scan_says_how_it_was_read():
    text = "\n".join(f"The key id is {value}, thanks." for value in DISGUISES.values())
    done = subprocess.run(
        [BUILD / "sallyport", "scan", "--json", "--explain"], input=text, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    found = json.loads(done.stdout)["files"][0]["findings"]
    assert [(f["kind"], f["line"]) for f in found] == [("aws-access-key", i + 1) for i in range(len(DISGUISES))]
    assert [f["view"] for f in found] == ["decoded", "plain", "plain", "decoded", "decoded"]
    assert [text[f["start"] : f["end"]] for f in found] == list(DISGUISES.values())
    ways = ["base64", "full width, zero width", "full width, zero width", "percent encoding", "entities"]
    assert all(f"disguised: {way}" in f["reason"] for f, way in zip(found, ways, strict=True))


def test_scan_says_what_hides_too_much_and_goes_on():
    rows = [{"id": 1, "text": bury("nothing of note, really", 5)}, {"id": 2, "text": "nothing of note"}]
    given = "".join(json.dumps(row) + "\n" for row in rows)
    done = subprocess.run(
        [BUILD / "sallyport", "scan", "--jsonl"], input=given, capture_output=True, text=True, timeout=60
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    guessed = [a.pop("use_case") for a in answers]  # by a small model
    assert all(guessed) and answers[0].pop("injection") == 1 and answers[1].pop("injection") < 0.5
    assert answers[0] == {"id": 1, "spans": [], "level": "restricted", "hidden": True}
    assert answers[1] == {"id": 2, "spans": [], "level": "public"}
