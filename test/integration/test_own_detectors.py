"""Detectors of an organisation in the configuration, through the whole gateway: requests, answers, records, reload."""

import json
import subprocess

import pytest

import lib_config
from lib_client import Stream, ask, body
from lib_servers import BUILD
from test_stream import both, content, outcome

CODE_NAME = {
    "name": "code-name",
    "meaning": "code name of a project",
    "category": "legal",
    "level": "restricted",
    "terms": ["Nordlicht", "Project Falcon"],
    "examples": ["[Nordlicht] is late"],
    "near_misses": ["Nordlichter"],
}
TICKET = {
    "name": "ticket",
    "meaning": "number of a ticket",
    "category": "hr",
    "level": "internal",
    "pattern": r"\bHR-[0-9]{4}\b",
    "examples": ["see [HR-1234]"],
    "near_misses": ["HR-123"],
}
MODEL = {"openai": "assistant", "anthropic": "claude"}
OWN = {"detectors": [TICKET, CODE_NAME]}


@pytest.fixture(scope="module")
def server(module_gateway, cloud_process):
    config = lib_config.base(cloud_process)
    # What the desk may read says what an answer may hold.
    return module_gateway(config, {**OWN, "review": {"mask": ["legal"]}})


def said(dialect, text):
    return {**body(dialect, MODEL[dialect]), "messages": [{"role": "user", "content": text}]}


def intent(server, request_id):
    return server.explain(request_id)["records"][0]


@both
def test_a_request_with_a_code_name_stays_at_home(server, cloud, dialect):
    cloud.always(text="Fine.")
    plain = intent(server, ask(server, dialect, said(dialect, "Is it late?")).id)
    assert plain["tier"] == "cloud"
    got = intent(server, ask(server, dialect, said(dialect, "Is nordlicht late, and Nordlicht?")).id)
    assert got["tier"] == "self-hosted"
    found = [a for a in got["atoms"] if a["source"] == "detector"]
    assert [(a["kind"], a["count"], a["level"]) for a in found] == [("code-name", 2, 3)]
    assert "messages" in found[0]["place"] and "code-name" not in found[0]["place"]


@both
def test_what_is_told_of_it_has_its_name(server, cloud, dialect):
    cloud.always(text="Fine.")
    request_id = ask(server, dialect, said(dialect, "see HR-1234")).id
    assert intent(server, request_id)["tier"] == "self-hosted"  # the cloud has no clearance for hr
    told = server.cli("explain", request_id).stdout
    assert "found: ticket (a detector of your own, internal)" in told
    assert "ticket x1 at " in server.cli("audit", "show", request_id).stdout


@both
@pytest.mark.parametrize("pieces", ["char", "word", 7])
def test_an_answer_is_reviewed_by_them(server, cloud, dialect, pieces):
    cloud.always(text="Of PROJECT FALCON and Nordlicht we say nothing, of Nordlichter much.", pieces=pieces)
    got = Stream(server, body(dialect, MODEL[dialect], stream=True), dialect)
    assert content(dialect, got.all()) == "Of [masked: code-name] and [masked: code-name] we say nothing, of Nordlichter much."
    record = outcome(server, got)
    assert (record["status"], record["n_masked"]) == ("ok", 2)
    assert {a["kind"] for a in record["atoms"]} == {"code-name"}
    cloud.always(text="Nordlicht!")
    assert ask(server, dialect, body(dialect, MODEL[dialect])).text == "[masked: code-name]!"


def tier(server, text):
    return intent(server, ask(server, "openai", said("openai", text)).id)["tier"]


def test_a_reload_brings_and_takes_them_without_a_restart(gateway, cloud):
    """Also for a text that was seen before: what was said of it then is not believed."""
    server = gateway(lib_config.base(cloud))
    cloud.always(text="Fine.")
    long = "A long story of Nordlicht. " * 300
    with_it = lib_config.merged(lib_config.base(cloud), OWN)
    assert [tier(server, long), tier(server, long)] == ["cloud", "cloud"]
    for config, expected in [(with_it, "self-hosted"), (lib_config.base(cloud), "cloud"), (with_it, "self-hosted")]:
        server.configure(config)
        assert "with new workers" not in server.cli("reload").stdout
        assert [tier(server, long), tier(server, long)] == [expected, expected]


def test_a_rule_counts_them_by_name(gateway, cloud):
    rule = {"kind": "ticket", "at_least": 3, "level": "restricted", "categories": ["hr"]}
    server = gateway(lib_config.base(cloud), {**OWN, "findings": [rule]})
    cloud.always(text="Fine.")
    assert tier(server, "HR-1111 and HR-2222") == "cloud"
    assert tier(server, "HR-1111, HR-2222 and HR-3333") == "self-hosted"


@pytest.mark.parametrize(
    "change, said",
    [
        ({"pattern": "HR-[0-9]+"}, "has no bound"),
        ({"examples": ["[HR-12]"]}, "does not find"),
        ({"near_misses": ["HR-1234"]}, "finds something in the near miss"),
        ({"level": "internl"}, 'did you mean "internal"?'),
        ({"name": "iban"}, "is the name of a shipped kind"),
    ],
)
def test_one_that_does_not_do_is_refused_with_its_place(gateway, cloud, change, said):
    server = gateway(lib_config.base(cloud), {"detectors": [CODE_NAME, {**TICKET, **change}]}, start=False)
    done = server.cli("check", check=False)
    assert done.returncode == 1 and said in done.stderr + done.stdout
    assert ": error: detectors" in done.stderr + done.stdout


def test_a_decision_without_a_gateway_has_them(gateway, cloud):
    server = gateway(lib_config.base(cloud), OWN, start=False)
    request = json.dumps(said("openai", "about Project Falcon"))
    command = [str(BUILD / "sallyport"), "explain", "--as", "desk", "--json", "-c", str(server.file)]
    done = subprocess.run(command, input=request, capture_output=True, text=True, timeout=60)
    kinds = [a["kind"] for a in json.loads(done.stdout)["records"][0]["atoms"] if a["source"] == "detector"]
    assert kinds == ["code-name"]


# ---- scan ----


def scan(folder, *args, text):
    path = folder / "sallyport.yaml"
    lib_config.write(path, {**lib_config.base(NOWHERE), **OWN})
    command = [str(BUILD / "sallyport"), "scan", "-c", str(path), *args]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=60)


class NOWHERE:
    url = "http://127.0.0.1:9"


TEXT = "HR-1234 of nordlicht, anna.weber@example.org"


def test_scan_with_a_configuration_has_them(tmp_path):
    done = scan(tmp_path, text=TEXT)
    assert done.returncode == 1
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["ticket", "code-name", "email"]
    assert "code name of a project" in done.stdout
    only = scan(tmp_path, "--kind", "code-name", text=TEXT).stdout
    assert [line.split()[1] for line in only.splitlines()] == ["code-name"]
    wrong = scan(tmp_path, "--kind", "code-nam", text=TEXT)
    assert wrong.returncode == 2 and "code-name" in wrong.stderr


@pytest.mark.parametrize("form", ["--json", "--sarif", "--jsonl"])
def test_scan_names_them_in_every_form(tmp_path, form):
    text = json.dumps({"id": 1, "text": TEXT}) + "\n" if form == "--jsonl" else TEXT
    done = scan(tmp_path, form, "--explain", text=text)
    said = json.loads(done.stdout)
    found = {
        "--json": lambda: [(s["kind"], s["level"]) for s in said["files"][0]["findings"]],
        "--sarif": lambda: [(r["ruleId"], r["rank"]) for r in said["runs"][0]["results"]],
        "--jsonl": lambda: [(s["category"], s["confidence"]) for s in said["spans"]],
    }[form]()
    assert [name.replace("_", "-") for name, _ in found] == ["ticket", "code-name", "email"]
    assert "by the detector code-name" in done.stdout
    if form == "--sarif":
        assert [r["id"] for r in said["runs"][0]["tool"]["driver"]["rules"]] == ["ticket", "code-name", "email"]
    if form == "--jsonl":
        assert said["level"] == "restricted"
