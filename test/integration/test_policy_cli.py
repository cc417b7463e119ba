"""The commands of a security architect: `policy`, `use-case`, `vendor`. With the real program and files as
people write them; what the tables mean is tried elsewhere."""

import json
import re
import stat
import subprocess

import pytest
import yaml

import lib_config
from lib_servers import BUILD

# Before clearances rested on facts: nothing is stated of anybody.
OLD = """\
version: 1
listen: {address: 127.0.0.1:18999}
state: ./state
categories: {works-council: 32}
destinations:
  cloud:                       # rented
    vendor: acme
    tier: cloud
    dialect: openai
    base_url: https://models.acme.example/v1
    model: large
    jurisdictions: [US]
    credential: none
    clearance: {level: confidential, categories: [pii, works-council]}
  local:
    vendor: own
    tier: self-hosted
    dialect: openai
    base_url: https://models.corp.example/v1
    model: small
    jurisdictions: [DE]
    credential: none
    clearance: {level: restricted, categories: all}
models:
  assistant: {destinations: [cloud, local]}
  rented: {destinations: [cloud]}
  owned: {destinations: [local]}
use_cases:
  general: {owner: it@corp.example, purpose: Questions, level: public}
  letters: {owner: service@corp.example, purpose: Letters, level: internal, categories: [pii]}
  forecast: {owner: treasury@corp.example, purpose: Forecasts, level: public, criticality: business-critical}
  secret: {owner: board@corp.example, purpose: Plans, level: confidential, tier: self-hosted-only}
applications:
  intranet: {use_case: general, models: [assistant], user_text: trusted}
  service: {use_case: letters, models: [assistant, rented], user_text: trusted}
  treasury: {use_case: forecast, models: [owned], user_text: trusted}
  board: {use_case: secret, models: [assistant], user_text: trusted}
"""
STATED = "evidence: contract, source: legal, signer: j.doe, from: 2020-01-01"
NO_TREASURY = OLD.replace("treasury: {use_case: forecast", "treasury: {use_case: general")


def sallyport(*args, **options):
    command = [str(BUILD / "sallyport"), *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


@pytest.fixture
def write(tmp_path):
    def write(text, name="sallyport.yaml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


# ---- help ----

SUBS = {
    "policy": ["check", "explain", "test", "try", "migrate"],
    "use-case": ["list", "show", "add", "review"],
    "vendor": ["list", "show", "attest"],
}


@pytest.mark.parametrize("command, sub", [(c, s) for c, subs in SUBS.items() for s in subs])
def test_each_command_teaches_with_an_example(command, sub):
    done = sallyport(command, sub, "--help")
    assert done.returncode == 0 and done.stdout.startswith(f"usage: sallyport {command} {sub}")
    assert re.search(rf"\n    .*sallyport {command} {sub}", done.stdout)
    assert sub in sallyport(command, "--help").stdout


def test_a_wrong_word_gets_the_nearest():
    done = sallyport("policy", "chekc")
    assert done.returncode == 2 and "did you mean check?" in done.stderr


def test_completion_offers_them(tmp_path):
    script = tmp_path / "completion.bash"
    script.write_text(sallyport("completion", "bash").stdout)

    def complete(*words):
        quoted = " ".join(f"'{w}'" for w in ("sallyport", *words))
        code = f"source {script}; COMP_WORDS=({quoted}); COMP_CWORD={len(words)}; _sallyport; "
        code += "printf '%s\\n' \"${COMPREPLY[@]}\""
        return subprocess.check_output(["bash", "-c", code], text=True, cwd=tmp_path).split()

    assert complete("pol") == ["policy"] and complete("use-case", "re") == ["review"]
    assert complete("vendor", "attest", "--evi") == ["--evidence"]
    assert complete("policy", "") == [*SUBS["policy"], "--help"]


# ---- policy check ----

FACTS = f"""\
vendors:
  acme:
    legal_seat: US
    compelled_by: [US, GB]
    assessed: 2020-01-01
    facts:
      dpa: {{{STATED}, until: 2090-01-01}}
      scc: {{{STATED}, until: 2080-01-01}}
      iso-27001: {{{STATED}, until: "2080-01-01T00:00:01Z"}}
"""


def destinations(file):
    done = sallyport("policy", "check", "--json", "-c", file)
    return {d["name"]: d for d in json.loads(done.stdout)["destinations"]}


def test_check_shows_how_each_destination_stands(write):
    got = destinations(write(OLD + FACTS))["cloud"]
    assert got["tier"] == "cloud" and got["vendor"] == "acme"
    assert got["clearance"] == {"level": "confidential", "categories": ["pii", "works-council"]}
    assert set(got["known"]) == {"dpa", "scc", "iso-27001", "cloud", "tls"}
    assert set(got["touches"]) == {"US", "GB"}
    assert (got["next_lapse"], got["lapsing"]) == ("2080-01-01", ["scc"])
    assert (got["lacks"], got["never"]) == (["no-training"], ["self-hosted"])


def test_check_says_it_to_people_too(write):
    text = sallyport("policy", "check", "-c", write(OLD + FACTS)).stdout
    cloud = text.split("\n\n")[1]
    assert cloud.startswith("cloud: cloud, of acme\n")
    assert "  clearance    confidential, pii, works-council\n" in cloud
    assert re.search(r"  next lapse   2080-01-01 \(in \d+ days\): scc\n", cloud)
    assert "  lacks        no-training\n" in cloud and "  never        self-hosted: " in cloud
    assert "local: self-hosted, of own, of whom nothing is stated\n" in text
    assert "restricted, all categories\n" in text


def test_a_destination_without_a_stated_clearance_is_said_to_have_none(write):
    file = write(OLD.replace("    clearance: {level: restricted, categories: all}\n", ""))
    assert destinations(file)["local"]["clearance"] is None
    assert "none is stated: facts alone decide" in sallyport("policy", "check", "-c", file).stdout


def test_what_has_lapsed_is_not_known(write):
    file = write(OLD + FACTS.replace("2090-01-01", "2021-01-01"))
    assert "dpa" not in destinations(file)["cloud"]["known"]
    assert destinations(file)["cloud"]["lacks"] == ["dpa", "no-training"]


def test_check_begins_with_what_check_says(write):
    file = write(OLD + FACTS)
    plain = sallyport("check", "-c", file)
    assert plain.stdout and sallyport("policy", "check", "-c", file).stdout.startswith(plain.stdout)
    ours = json.loads(sallyport("policy", "check", "--json", "-c", file).stdout)
    assert ours.pop("destinations")
    assert ours == json.loads(sallyport("check", "--json", "-c", file).stdout)


def test_a_file_with_errors_has_no_table(write):
    file = write(OLD.replace("tier: cloud\n", "tier: clowd\n"))
    done = sallyport("policy", "check", "-c", file)
    assert done.returncode == 1 and 'did you mean "cloud"' in done.stdout and "next lapse" not in done.stdout
    done = sallyport("policy", "check", "--json", "-c", file)
    assert done.returncode == 1 and json.loads(done.stdout)["destinations"] == []


def test_strict_makes_warnings_fail(write):
    file = write(OLD)
    assert sallyport("policy", "check", "-c", file).returncode == 0
    assert sallyport("policy", "check", "--strict", "-c", file).returncode == 1


# ---- policy explain ----


def test_explain_is_the_same_under_both_names(write):
    file = write(OLD + FACTS)
    body = json.dumps({"model": "assistant", "messages": [{"role": "user", "content": "Hello"}]})
    words = ["explain", "--as", "service", "--json", "-c", file]
    found = [sallyport(*w, input=body) for w in (["policy", *words], words)]
    ours, plain = (json.loads(done.stdout)["records"][0] for done in found)
    assert ours["destination"] == "cloud" and set(ours) == set(plain)
    assert {k for k in ours if ours[k] != plain[k]} <= {"at", "at_ns"}


# ---- policy migrate ----


def lacking(file):
    found = json.loads(sallyport("check", "--json", "-c", file).stdout)["problems"]
    return [p["path"] for p in found if p["path"].endswith(".facts")]


def filled(skeleton):
    """As somebody fills it in who knows that all of it is true."""
    values = {"from": "2020-01-01", "until": "2100-01-01", "legal_seat": "US", "source": "legal"}
    for key, value in values.items():
        skeleton = skeleton.replace(f"{key}: EDIT", f"{key}: {value}")
    skeleton = skeleton.replace("[EDIT]", "[US]").replace("EDIT: what shows it", "contract")
    return skeleton.replace("EDIT", "j.doe")


def plain(text):
    """A file as PyYAML reads it, but for days, which are texts."""
    return json.loads(json.dumps(yaml.safe_load(text), default=str))


def test_what_migrate_prints_makes_an_old_file_whole(write):
    file = write(OLD)
    assert lacking(file) == ["destinations.cloud.facts", "destinations.local.facts"]
    done = sallyport("policy", "migrate", "-c", file)
    skeleton = plain(filled(done.stdout))
    assert done.returncode == 0 and set(skeleton["vendors"]) == {"acme"}
    assert set(skeleton["vendors"]["acme"]["facts"]) == {"dpa", "no-training"}
    assert set(skeleton["destinations"]["local"]["facts"]) == {"model-promoted"}
    lib_config.write(file, lib_config.merged(plain(OLD), skeleton))
    assert lacking(file) == []
    text = sallyport("policy", "migrate", "-c", file).stdout
    assert text.startswith("# All that can be stated is stated.") and plain(text) is None
    assert "# cloud lacks, for some for ever, self-hosted:" in text


def test_vendors_alone_can_be_appended_and_are_refused_until_edited(write):
    file = write(NO_TREASURY)
    skeleton = sallyport("policy", "migrate", "-c", file).stdout
    assert "\nvendors:\n" in skeleton and "\ndestinations:\n" not in skeleton
    file.write_text(NO_TREASURY + skeleton)
    done = sallyport("check", "-c", file)
    assert done.returncode == 1 and done.stdout.count('"EDIT" is not') >= 3
    file.write_text(NO_TREASURY + filled(skeleton))
    assert sallyport("check", "-c", file).returncode == 0


def test_migrate_says_what_happens_until_then(write):
    text = sallyport("policy", "migrate", "-c", write(OLD)).stdout
    assert "#   service (letters) asking for assistant: goes to local\n" in text
    assert "#   service (letters) asking for rented: refused\n" in text
    assert "#   treasury (forecast) asking for owned: refused\n" in text
    assert "# cloud lacks, for some for ever, dpa, no-training, self-hosted:\n" in text
    assert "intranet" not in text


def test_migrate_for_programs(write):
    got = json.loads(sallyport("policy", "migrate", "--json", "-c", write(OLD)).stdout)["destinations"]
    assert [d["name"] for d in got] == ["cloud", "local"]
    assert got[0]["state_of_vendor"] == ["dpa", "no-training"] and got[0]["never"] == ["self-hosted"]
    way = {"application": "service", "use_case": "letters", "model": "rented", "goes_to": None}
    assert way in got[0]["until_then"]


def test_a_vendor_that_is_there_is_not_described_again(write):
    file = write(OLD + FACTS.replace("dpa:", "baa:"))
    vendor = yaml.safe_load(sallyport("policy", "migrate", "-c", file).stdout)["vendors"]["acme"]
    assert set(vendor) == {"facts"} and set(vendor["facts"]) == {"dpa", "no-training"}


def test_what_follows_from_others_is_stated_by_these(write):
    policy = """\
facts:
  papers: {number: 40, all_of: [basis, soc2-type2, assessed]}
  basis: {number: 41, any_of: [scc, dpf]}
requirements: [works-council requires papers]
"""
    file = write(OLD.replace("categories: [pii]}", "categories: [pii, works-council]}") + policy)
    vendor = yaml.safe_load(sallyport("policy", "migrate", "-c", file).stdout)["vendors"]["acme"]
    assert {"scc", "soc2-type2"} <= set(vendor["facts"]) and "dpf" not in vendor["facts"]
    assert vendor["assessed"] == "EDIT" and not {"papers", "basis", "assessed"} & set(vendor["facts"])


def test_a_vendor_whose_name_is_no_name_has_its_facts_with_the_destination(write):
    file = write(OLD.replace("vendor: acme", "vendor: Acme Inc"))
    got = yaml.safe_load(sallyport("policy", "migrate", "-c", file).stdout)
    assert "vendors" not in got and set(got["destinations"]["cloud"]["facts"]) == {"dpa", "no-training"}


def test_a_file_in_order_lacks_nothing(write):
    file = write(NO_TREASURY.replace("[assistant, rented]", "[owned]").replace("secret, m", "general, m"))
    done = sallyport("policy", "migrate", "-c", file)
    assert done.returncode == 0 and done.stdout.startswith("# Nothing is missing")


def test_migrate_refuses_a_file_with_errors(write):
    done = sallyport("policy", "migrate", "-c", write(OLD.replace("tier: cloud\n", "tier: clowd\n")))
    assert done.returncode == 1 and done.stdout == "" and "clowd" in done.stderr


# ---- policy test ----

CASES = """\
- name: a question is for whoever comes first
  given: {application: intranet, model: assistant, text: "What is a bond?", at: 2026-06-15}
  expect: {outcome: allow, destination: cloud, status: ok, level: public, categories: []}
- name: an account is found by the detectors, and stays
  given: {application: intranet, model: assistant, text: "Is DE89370400440532013000 valid?"}
  expect: {outcome: reroute, destination: local, level: confidential, categories: [financial],
           because: cloud categories}
- name: letters need a contract
  given: {application: service, model: rented, text: "Thank Mrs Holm.", at: "2089-12-31T23:59:59Z"}
  expect: {outcome: allow, destination: cloud}
- name: and only while it lasts
  given: {application: service, model: rented, text: "Thank Mrs Holm.", at: 2090-01-01}
  expect: {outcome: deny, status: no_destination_cleared,
           because: [no_destination_cleared, cloud requirement dpa]}
- name: or as if it had run out
  given: {application: service, model: assistant, text: "Thank Mrs Holm.", lapsed: [dpa of acme]}
  expect: {outcome: reroute, destination: local, because: cloud requirement dpa}
- name: what is kept at a provider is refused
  given:
    application: intranet
    model: assistant
    request: {model: assistant, store: true, messages: [{role: user, content: "What is a bond?"}]}
  expect: {outcome: deny, because: provider_state_refused}
- name: a model of nobody
  given: {application: intranet, model: gpt-9, text: "What is a bond?"}
  expect: {outcome: deny, because: model_unknown}
- name: a use case that the application may not declare
  given: {application: intranet, model: assistant, use_case: [letters, secret], text: "What is a bond?"}
  expect: {outcome: deny, because: use_case_refused}
- name: a body that is none
  given: {application: intranet, model: assistant, request: {model: assistant}}
  expect: {outcome: deny, status: field_missing}
"""


@pytest.fixture
def policy(write):
    return write(OLD + FACTS)


def test_cases_are_decided_as_the_gateway_would(write, policy):
    done = sallyport("policy", "test", write(CASES, "cases.yaml"), "-c", policy)
    assert (done.returncode, done.stdout, done.stderr) == (0, "9 cases, 0 failed\n", "")


def test_what_differs_is_said_with_its_line(write, policy):
    first = "destination: cloud, status: ok, level: public"
    cases = CASES.replace(first, "destination: local, level: internal")
    cases = cases.replace("cloud requirement dpa]", "cloud requirement scc]")
    file = write(cases.replace("[financial]", "[pii]"), "cases.yaml")
    done = sallyport("policy", "test", file, "-c", policy)
    assert done.returncode == 1
    assert done.stdout == f"""\
{file}:1: a question is for whoever comes first
    destination: expected local, got cloud
    level: expected internal, got public
{file}:4: an account is found by the detectors, and stays
    categories: expected pii, got financial
{file}:11: and only while it lasts
    because: expected cloud requirement scc, got no_destination_cleared; cloud requirement dpa
9 cases, 3 failed
"""
    found = json.loads(sallyport("policy", "test", file, "-c", policy, "--json").stdout)
    assert (found["cases"], found["failed"]) == (9, 3)
    assert [f["line"] for f in found["failures"]] == [1, 4, 11] and found["failures"][0]["file"] == str(file)
    assert found["failures"][0]["differences"][0] == {
        "what": "destination",
        "expected": "local",
        "got": "cloud",
    }


def test_several_files_are_one_run(write, policy):
    one = write(CASES, "one.yaml")
    two = write(CASES.replace("because: model_unknown", "because: ok"), "two.yaml")
    done = sallyport("policy", "test", one, two, "-c", policy)
    assert done.returncode == 1 and done.stdout.endswith("\n18 cases, 1 failed\n")
    assert done.stdout.startswith(f"{two}:24: a model of nobody\n")


def test_mistakes_in_any_file_are_named_before_anything_is_decided(write, policy):
    one = write(CASES.replace("destination: cloud, status", "destination: clout, status"), "one.yaml")
    two = write(CASES.replace("use_case: [", "use_cse: ["), "two.yaml")
    done = sallyport("policy", "test", one, two, "-c", policy)
    assert done.returncode == 1 and done.stdout == ""
    said = done.stderr.splitlines()
    assert said[0].startswith(f"{one}:3:41: error: cases.expect.destination: ") and '"cloud"' in said[1]
    unknown = next(i for i, line in enumerate(said) if line.startswith(f"{two}:28:"))
    assert "cases.given: unknown key" in said[unknown] and 'did you mean "use_case"?' in said[unknown + 1]


def test_a_case_file_that_is_not_there(tmp_path, policy):
    done = sallyport("policy", "test", tmp_path / "none.yaml", "-c", policy)
    assert done.returncode == 1 and "none.yaml" in done.stderr
    assert sallyport("policy", "test", "-c", policy).returncode == 2


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
def test_a_text_is_a_message_in_the_dialect_of_the_models_first_destination(write, dialect):
    file = write(OLD.replace("dialect: openai", f"dialect: {dialect}"))
    case = "- name: n\n  given: {application: intranet, model: assistant, text: Hello}\n"
    cases = write(case + "  expect: {outcome: allow, destination: cloud}\n", "cases.yaml")
    assert sallyport("policy", "test", cases, "-c", file).returncode == 0


def test_a_case_cannot_write_to_the_terminal(write, policy):
    case = "- name: n\n  given: {application: intranet, model: assistant, text: Hello}\n"
    cases = write(case + '  expect: {because: "cloud level \\e[2J"}\n', "cases.yaml")
    done = sallyport("policy", "test", cases, "-c", policy)
    assert done.returncode == 1 and "\x1b" not in done.stdout and "\\x1b[2J" in done.stdout


# ---- use-case, vendor: the register ----

REGISTER = OLD.replace(
    "  secret: {owner: board@corp.example, purpose: Plans, level: confidential, tier: self-hosted-only}\n",
    """\
  secret:                      # the board's
    owner: board@corp.example
    purpose: Plans
    level: confidential
    tier: self-hosted-only
    review: 2020-02-29         # long ago
    approver: ciso@corp.example

""",
)
REGISTER = REGISTER.replace("use_case: general, models", "use_case: general, declares: [letters], models")


def table(*args):
    return json.loads(sallyport(*args, "--json").stdout)


def test_the_register_of_use_cases(write):
    file = write(REGISTER)
    rows = {u["name"]: u for u in table("use-case", "list", "-c", file)["use_cases"]}
    assert list(rows) == ["general", "letters", "forecast", "secret"]
    assert (rows["secret"]["overdue"], rows["secret"]["review"]) == (True, "2020-02-29")
    assert (rows["general"]["overdue"], rows["general"]["review"]) == (False, None)
    assert rows["forecast"]["criticality"] == "business-critical"
    assert rows["letters"]["categories"] == ["pii"] and rows["letters"]["declared_by"] == ["intranet"]
    assert rows["secret"]["applications"] == ["board"] and rows["secret"]["tier"] == "self-hosted-only"
    text = sallyport("use-case", "list", "-c", file).stdout
    assert re.search(r"^secret +confidential +self-hosted-only +overdue: 2020-02-29 \(\d+ days ago\)", text, re.M)


def test_one_use_case(write):
    file = write(REGISTER)
    assert table("use-case", "show", "secret", "-c", file)["purpose"] == "Plans"
    text = sallyport("use-case", "show", "letters", "-c", file).stdout
    assert "  used by      service\n  declared by  intranet\n  models       -\n" in text
    done = sallyport("use-case", "show", "leters", "-c", file)
    assert done.returncode == 1 and "did you mean letters?" in done.stderr


def test_what_is_known_of_vendors(write):
    file = write(OLD + FACTS.replace("2090-01-01", "2021-01-01"))
    vendor = table("vendor", "list", "-c", file)["vendors"][0]
    assert (vendor["name"], vendor["legal_seat"]) == ("acme", "US")
    assert vendor["destinations"] == [{"name": "cloud", "facts": []}]
    assert set(vendor["compelled_by"]) == {"US", "GB"} and vendor["assessed"] == "2020-01-01"
    assert [(f["fact"], f["holds"]) for f in vendor["facts"]] == [
        ("dpa", False),
        ("scc", True),
        ("iso-27001", True),
    ]
    assert vendor["facts"][2]["until"] == "2080-01-01T00:00:01Z" and vendor["facts"][0]["signer"] == "j.doe"
    line = sallyport("vendor", "list", "-c", file).stdout
    assert re.search(r"^acme +US +2 of 3 +scc +until 2080-01-01 \(in \d+ days\)$", line, re.M)
    text = sallyport("vendor", "show", "acme", "-c", file).stdout
    assert re.search(r"    dpa +lapsed +2021-01-01 \(\d+ days ago\) +contract \(legal, j.doe\)\n", text)
    assert "too old since 2020-12-31" in text
    done = sallyport("vendor", "show", "acne", "-c", file)
    assert done.returncode == 1 and "did you mean acme?" in done.stderr


# ---- changes to the file ----

REVIEW = ["use-case", "review", "secret", "--until", "2099-06-30", "--approver", "cro@corp.example"]
ATTEST = ["--source", "legal", "--signer", "j.doe@corp.example", "--from", "2020-01-01", "--until", "2099-01-01"]
ADD = ["use-case", "add", "hr", "--owner", "people@corp.example", "--purpose", "Letters, to staff"]
ADD += ["--level", "internal", "--categories", "pii,hr", "--tier", "self-hosted-only", "--review", "2099-01-01"]


def changed_lines(before, after):
    """What a change is, line by line: (removed, added)."""
    old, new = before.splitlines(), after.splitlines()
    return [x for x in old if x not in new], [x for x in new if x not in old]


def test_a_review_changes_two_values_and_nothing_else(write):
    file = write(REGISTER)
    done = sallyport(*REVIEW, "-c", file)
    assert done.returncode == 0, done.stderr
    assert changed_lines(REGISTER, file.read_text()) == (
        ["    review: 2020-02-29         # long ago", "    approver: ciso@corp.example"],
        ["    review: 2099-06-30         # long ago", "    approver: cro@corp.example"],
    )
    assert not table("use-case", "show", "secret", "-c", file)["overdue"]
    assert "-    review: 2020-02-29         # long ago\n" in done.stdout
    assert "+    review: 2099-06-30         # long ago\n" in done.stdout


def test_the_difference_is_a_patch(write, tmp_path):
    file = write(REGISTER)
    patch = sallyport(*REVIEW, "--dry-run", "-c", file).stdout
    assert file.read_text() == REGISTER
    subprocess.run(["patch", "-s", str(file)], input=patch, text=True, check=True, cwd=tmp_path)
    copy = write(REGISTER, "copy.yaml")
    sallyport(*REVIEW, "-c", copy)
    assert file.read_text() == copy.read_text() != REGISTER


def test_for_programs_a_change_says_whether_it_was_made(write):
    file = write(REGISTER)
    dry = table(*REVIEW, "--dry-run", "-c", file)
    assert (dry["changes"], dry["written"]) == (True, False) and dry["diff"].startswith("--- ")
    assert table(*REVIEW, "-c", file)["written"]
    again = table(*REVIEW, "-c", file)
    assert (again["changes"], again["written"], again["diff"]) == (False, False, "")
    assert sallyport(*REVIEW, "-c", file).stdout == "nothing changes\n"


def test_a_use_case_is_added_behind_the_last(write):
    file = write(REGISTER)
    assert sallyport(*ADD, "-c", file).returncode == 0
    assert changed_lines(REGISTER, file.read_text()) == (
        [],
        [
            "  hr:",
            "    owner: people@corp.example",
            '    purpose: "Letters, to staff"',
            "    level: internal",
            "    categories: [pii, hr]",
            "    review: 2099-01-01",
        ],
    )
    assert file.read_text().index("approver: ciso@corp.example\n  hr:\n") > 0
    assert table("use-case", "show", "hr", "-c", file)["purpose"] == "Letters, to staff"
    done = sallyport(*ADD, "-c", file)
    assert done.returncode == 1 and "there already" in done.stderr


@pytest.mark.parametrize(
    "args, line",
    [
        (["acme", "dpa"], "      dpa: {evidence: annex 2, source: legal, signer: j.doe@corp.example,"),
        (["acme", "no-training"], "      no-training: {evidence: annex 2, source: legal,"),
        (["cloud", "private-link"], "      private-link: {evidence: annex 2, source: legal,"),
    ],
)
def test_a_fact_is_stated_or_renewed(write, args, line):
    file = write(OLD + FACTS)
    done = sallyport("vendor", "attest", *args, "--evidence", "annex 2", *ATTEST, "-c", file)
    assert done.returncode == 0, done.stderr
    removed, added = changed_lines(OLD + FACTS, file.read_text())
    assert len(removed) == (1 if args[1] == "dpa" else 0) and added[0].startswith(line)
    assert args[1] in destinations(file)["cloud"]["known"]
    assert f"    {args[1]} " in sallyport("vendor", "show", "acme", "-c", file).stdout


def test_what_would_be_wrong_is_not_written(write):
    file = write(OLD + FACTS)
    for args, said in [
        (["vendor", "attest", "acme", "dpo", "--evidence", "e", *ATTEST], 'did you mean "dpa"?'),
        (["vendor", "attest", "acme", "tls", "--evidence", "e", *ATTEST], "the gateway states itself"),
        (["vendor", "attest", "acne", "dpa", "--evidence", "e", *ATTEST], "did you mean acme?"),
        (["vendor", "attest", "acme", "dpa", "--evidence", "e", *ATTEST[:-1], "2019-01-01"], "is not after"),
        (["use-case", "review", "letters", "--until", "soon", "--approver", "x"], "write a day"),
        (["use-case", "add", "x y", "--owner", "o", "--purpose", "p", "--level", "public"], "cannot be a name"),
        (["use-case", "add", "x", "--owner", "o", "--purpose", "p", "--level", "publc"], '"public"?'),
    ]:
        done = sallyport(*args, "-c", file)
        assert done.returncode == 1 and said in done.stderr and done.stdout == "", (args, done.stderr)
        assert file.read_text() == OLD + FACTS


def test_what_is_missing_on_the_command_line_is_named(write):
    file = write(OLD + FACTS)
    for args, missing in [
        (["vendor", "attest", "acme", "dpa"], "--evidence"),
        (["use-case", "review", "letters", "--until", "2099-01-01"], "--approver"),
        (["use-case", "add", "x", "--owner", "o", "--level", "public"], "--purpose"),
    ]:
        done = sallyport(*args, "-c", file)
        assert done.returncode == 2 and f"something is missing: {missing}" in done.stderr


def test_a_value_stays_a_value(write):
    file = write(REGISTER)
    text = 'x}, tier: cloud-allowed, # "\\'
    assert sallyport(*REVIEW[:-1], text, "-c", file).returncode == 0
    got = table("use-case", "show", "secret", "-c", file)
    assert (got["approver"], got["tier"]) == (text, "self-hosted-only")


def test_the_file_keeps_its_mode_and_its_link(write, tmp_path):
    file = write(REGISTER)
    file.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(file)
    assert sallyport(*REVIEW, "-c", link).returncode == 0
    assert link.is_symlink() and "2099-06-30" in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link.yaml", "sallyport.yaml"]


def test_a_file_beside_that_cannot_be_made_leaves_the_file(write, tmp_path):
    """A name as long as names may be leaves no room for that of the file beside it, whoever runs the command."""
    file = write(REGISTER).rename(tmp_path / ("n" * 250 + ".yaml"))
    done = sallyport(*REVIEW, "-c", file)
    assert done.returncode == 1 and file.read_text() == REGISTER
    assert [p.name for p in tmp_path.iterdir()] == [file.name]
