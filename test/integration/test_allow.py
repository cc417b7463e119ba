"""What an organisation allows: it brings no label, is recorded as allowed, and takes nothing from what else is found."""

import datetime
import json
import subprocess

import pytest

import lib_config
from lib_client import Stream, ask, body
from lib_servers import BUILD
from test_own_detectors import MODEL, TICKET, intent, said
from test_stream import both, content, outcome

CARD = "4111 1111 1111 1111"
OTHER = "5500 0000 0000 0004"
CARDS = {"name": "test-cards", "reason": "numbers that networks publish for tests", "kinds": ["card"], "values": [CARD]}
DESK = {
    "name": "desk",
    "reason": "tickets of the service desk",
    "kinds": ["ticket", "email"],
    "pattern": r"HR-0{4}|desk@corp\.example",
    "examples": ["HR-0000"],
    "near_misses": ["HR-0001"],
}
RULES = {"detectors": [TICKET], "allow": [CARDS, DESK]}
REVIEW = {"review": {"withhold": ["credentials", "pci"], "mask": ["hr"]}}


@pytest.fixture(scope="module")
def server(module_gateway, cloud_process):
    return module_gateway(lib_config.base(cloud_process), {**RULES, **REVIEW})


def found(record):
    return [(a["kind"], a.get("allowed_by"), a["count"], a["level"]) for a in record["atoms"] if a["source"] == "detector"]


@both
def test_what_is_allowed_does_not_stay_at_home_and_is_recorded(server, cloud, dialect):
    cloud.always(text="Fine.")
    got = intent(server, ask(server, dialect, said(dialect, f"try {CARD} or {CARD}, see HR-0000")).id)
    assert got["tier"] == "cloud"
    assert sorted(found(got)) == [("card", "test-cards", 2, 0), ("ticket", "desk", 1, 0)]
    for text in (f"try {CARD} or {OTHER}", "see HR-0000 and HR-0001"):
        assert intent(server, ask(server, dialect, said(dialect, text)).id)["tier"] == "self-hosted"


def test_people_are_told_of_it(server, cloud):
    cloud.always(text="Fine.")
    request_id = ask(server, "openai", said("openai", f"my card is {CARD}")).id
    assert "found: card, allowed by test-cards" in server.cli("explain", request_id).stdout
    assert "card x1, allowed by test-cards at " in server.cli("audit", "show", request_id).stdout


def test_a_long_text_that_was_seen_before_is_judged_alike(server, cloud):
    cloud.always(text="Fine.")
    long = f"A long story of {CARD}. " + "And so it went on. " * 400
    for _ in range(2):
        got = intent(server, ask(server, "openai", said("openai", long)).id)
        assert (got["tier"], found(got)) == ("cloud", [("card", "test-cards", 1, 0)])


@both
@pytest.mark.parametrize("pieces", ["char", "word", 7])
def test_an_answer_leaves_with_it(server, cloud, dialect, pieces):
    cloud.always(text=f"Take {CARD}, or HR-0000, not HR-0001.", pieces=pieces)
    got = Stream(server, body(dialect, MODEL[dialect], stream=True), dialect)
    assert content(dialect, got.all()) == f"Take {CARD}, or HR-0000, not [masked: ticket]."
    record = outcome(server, got)
    assert record["status"] == "ok"
    assert {(a["kind"], a.get("allowed_by")) for a in record["atoms"]} == {
        ("card", "test-cards"),
        ("ticket", "desk"),
        ("ticket", None),
    }
    cloud.always(text=f"Take {CARD}.")
    assert ask(server, dialect, body(dialect, MODEL[dialect])).text == f"Take {CARD}."


def test_an_answer_with_more_than_that_is_cut(server, cloud):
    cloud.always(text=f"Take {CARD}, or {OTHER}.", pieces="word")
    got = Stream(server, body("openai", MODEL["openai"], stream=True), "openai")
    assert OTHER not in content("openai", got.all()) and outcome(server, got)["status"] != "ok"


def test_a_rule_comes_and_ends_with_a_reload(gateway, cloud):
    server = gateway(lib_config.base(cloud))
    cloud.always(text="Fine.")
    yesterday = str(datetime.date.today() - datetime.timedelta(days=2))
    tomorrow = str(datetime.date.today() + datetime.timedelta(days=2))
    text = f"A long story of {CARD}. " * 300

    def tier():
        return intent(server, ask(server, "openai", said("openai", text)).id)["tier"]

    assert tier() == "self-hosted"
    for rules, expected in [
        ([CARDS], "cloud"),
        ([{**CARDS, "until": tomorrow}], "cloud"),
        ([{**CARDS, "until": yesterday}], "self-hosted"),
        ([CARDS], "cloud"),
        ([], "self-hosted"),
    ]:
        server.configure(lib_config.merged(lib_config.base(cloud), {"allow": rules}))
        server.cli("reload")
        assert tier() == expected, rules


@pytest.mark.parametrize(
    "rule, said",
    [
        ({**CARDS, "kinds": ["crd"]}, 'did you mean "card"?'),
        ({**CARDS, "kinds": ["github-token"]}, "say credentials: true"),
        ({**CARDS, "kinds": ["injection"]}, "small model"),
        ({**CARDS, "pattern": "a"}, "needs one of values and a pattern"),
        ({**CARDS, "values": ["x" * 128]}, "1 to 127 bytes"),
        ({k: v for k, v in CARDS.items() if k != "values"}, "needs one of values and a pattern"),
        ({k: v for k, v in CARDS.items() if k != "reason"}, "reason"),
        ({k: v for k, v in DESK.items() if k != "near_misses"}, "needs examples and near_misses"),
        ({**DESK, "pattern": "HR-0+"}, "has no bound"),
        ({**DESK, "pattern": "(HR-0000)?"}, "matches nothing at all"),
        ({**DESK, "examples": ["see HR-0000"]}, "is not allowed by its rule"),
        ({**DESK, "near_misses": ["HR-0000"]}, '"HR-0000" is allowed by its rule'),
        ({**DESK, "until": "soon"}, "until"),
    ],
)
def test_a_rule_that_is_written_wrong_is_refused_with_its_place(gateway, cloud, rule, said):
    server = gateway(lib_config.base(cloud), {"detectors": [TICKET], "allow": [rule]}, start=False)
    done = server.cli("check", check=False)
    told = done.stdout + done.stderr
    assert done.returncode == 1 and said in told and ": error: allow" in told


def test_two_of_one_name_are_refused_and_a_wide_one_is_warned_of(gateway, cloud):
    server = gateway(lib_config.base(cloud), {"allow": [CARDS, CARDS]}, start=False)
    done = server.cli("check", check=False)
    assert '"test-cards" is there twice' in done.stdout + done.stderr
    wide = {**DESK, "kinds": ["card"], "pattern": "[0-9 -]{12,30}", "examples": [CARD], "near_misses": ["x"]}
    server = gateway(lib_config.base(cloud), {"allow": [wide]}, start=False)
    done = server.cli("check")
    assert done.returncode == 0 and "warning: allow.kinds: the rule allows much of what is found as" in done.stderr + done.stdout


def test_credentials_where_the_rule_says_so(tmp_path, gateway, cloud):
    rule = {**CARDS, "kinds": ["github-token"], "credentials": True}
    server = gateway(lib_config.base(cloud), {"allow": [rule]}, start=False)
    assert server.cli("check").returncode == 0


def test_a_decision_without_a_gateway_has_it(gateway, cloud):
    server = gateway(lib_config.base(cloud), RULES, start=False)
    request = json.dumps(said("openai", f"{CARD} HR-0001"))
    command = [str(BUILD / "sallyport"), "explain", "--as", "desk", "--json", "-c", str(server.file)]
    done = subprocess.run(command, input=request, capture_output=True, text=True, timeout=60)
    assert found(json.loads(done.stdout)["records"][0]) == [("card", "test-cards", 1, 0), ("ticket", None, 1, 1)]


def scan(server, *args, text):
    command = [str(BUILD / "sallyport"), "scan", "-c", str(server.file), *args]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=60)


def test_scan_tells_of_it_with_its_reasons_only(gateway, cloud):
    server = gateway(lib_config.base(cloud), RULES, start=False)
    quiet = scan(server, text=f"card {CARD}")
    assert (quiet.returncode, "card" in quiet.stdout) == (0, False)
    told = scan(server, "--explain", text=f"card {CARD}, HR-0001")
    assert told.returncode == 1
    assert 'stdin:1:6: card allowed by test-cards "41…" numbers that networks publish for tests' in told.stdout
    asked = scan(server, "--explain", "--kind", "ticket", text=f"card {CARD}, HR-0000, HR-0001").stdout
    assert "card" not in asked and "ticket allowed by desk" in asked and "ticket (confidence" in asked
    said = json.loads(scan(server, "--json", "--explain", text=f"card {CARD}, HR-0001").stdout)["files"][0]
    assert [s["kind"] for s in said["findings"]] == ["ticket"]
    assert [(a["kind"], a["allowed_by"], a["start"], a["end"]) for a in said["allowed"]] == [("card", "test-cards", 5, 24)]
    line = json.loads(scan(server, "--jsonl", text=json.dumps({"id": 1, "text": CARD}) + "\n").stdout)
    assert line["spans"] == []
