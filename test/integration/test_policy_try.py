"""`sallyport policy try`: requests of a real gateway's ledger, decided again under another configuration."""

import json
import subprocess

import pytest

import lib_config
from lib_client import body
from lib_servers import BUILD

MAIL = "Write to jane.doe@kaufhaus.de."
IBAN = "Is DE89370400440532013000 valid?"


def config(cloud, **changes):
    base = lib_config.base(cloud)
    base["use_cases"]["plans"] = {"owner": "o", "purpose": "p", "level": "confidential"}
    base["sources"] = {"crm": {"level": "internal", "categories": ["pii"]}}
    base["applications"]["desk"].update(declares=["plans"], sources=["crm"])
    return lib_config.merged(base, changes)


def send(server, text, model="assistant", application="desk", more=None, **headers):
    named = {"x-sallyport-" + k.replace("_", "-"): v for k, v in headers.items()}
    fields = {**body("openai", model, text), **(more or {})}
    return server.post("/v1/chat/completions", fields, server.key(application), named)[0]


@pytest.fixture(scope="module")
def server(module_gateway, cloud_process):
    """A day's work: allowed, rerouted and refused, for every reason that a record knows."""
    server = module_gateway(config(cloud_process))
    for text, model, more in [
        ("Hello", "assistant", {}),
        ("Hello again", "assistant", {}),
        (MAIL, "assistant", {}),
        (IBAN, "assistant", {}),
        (MAIL, "cloud-only", {}),
        (IBAN, "cloud-only", {}),
        ("Hello", "local-only", {}),
        ("Keep this", "assistant", {"store": True}),
        ("Strange", "assistant", {"surprise": 1}),
    ]:
        send(server, text, model, more=more)
    assert send(server, "Plans", use_case="plans") == 200
    assert send(server, "Records", sources="crm") == 200
    assert send(server, "Hello", use_case="contracts") == 403
    assert send(server, "Hello", "assistant", "reader") == 403
    assert send(server, "Hello", "nobodys") == 404
    return server


def sallyport(*args):
    command = [str(BUILD / "sallyport"), *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def attempt(server, cloud, tmp_path, *args, **changes):
    file = tmp_path / "new.yaml"
    new = config(cloud, **changes)
    new.update(listen={"address": "127.0.0.1:18999"}, state=str(server.state))
    lib_config.write(file, new)
    return sallyport("policy", "try", "-c", file, *args)


def changes(done):
    found = json.loads(done.stdout)
    assert found["changed"] == sum(c["requests"] for c in found["changes"])
    return [
        (c["requests"], c["application"], c["model"], *c["from"].values(), *c["to"].values())
        for c in found["changes"]
    ]


def test_the_same_configuration_changes_nothing(server, cloud_process, tmp_path):
    done = attempt(server, cloud_process, tmp_path)
    assert (done.returncode, done.stdout) == (0, "0 of 12 requests would end elsewhere\n")


def test_a_level_that_falls_moves_and_refuses(server, cloud_process, tmp_path):
    lower = {"cloud": {"clearance": {"level": "public", "categories": []}}}
    done = attempt(server, cloud_process, tmp_path, destinations=lower)
    assert done.stdout.splitlines() == [
        "1       desk             cloud-only       cloud -> refused (no_destination_cleared)",
        "2       desk             assistant        cloud -> local",
        "3 of 12 requests would end elsewhere",
    ]


def test_for_programs_the_worst_first(server, cloud_process, tmp_path):
    new = {
        "use_cases": {"helpdesk": {"level": "internal"}},
        "destinations": {
            "cloud": {"clearance": {"level": "confidential", "categories": ["pii", "financial"]}},
            "local": {"clearance": {"level": "public"}},
        },
        "vendors": {"stand-in": lib_config.vendor("dpa", "no-training")},
    }
    done = attempt(server, cloud_process, tmp_path, "--json", **new)
    assert changes(done) == [
        (1, "desk", "local-only", "local", "no_destination_cleared"),
        (1, "desk", "cloud-only", "no_destination_cleared", "cloud"),
        (2, "desk", "assistant", "local", "cloud"),
    ]


def test_rules_about_findings_are_those_of_the_new_file(server, cloud_process, tmp_path):
    rules = [{"kind": "iban", "level": "public"}, {"kind": "email", "at_least": 2, "level": "restricted"}]
    done = attempt(server, cloud_process, tmp_path, "--json", findings=rules)
    assert changes(done) == [
        (1, "desk", "cloud-only", "no_destination_cleared", "cloud"),
        (1, "desk", "assistant", "local", "cloud"),
    ]


def test_what_was_declared_has_to_be_there_still(server, cloud_process, tmp_path):
    fewer = {"desk": {"declares": [], "sources": []}}
    done = attempt(server, cloud_process, tmp_path, "--json", applications=fewer)
    assert sorted(changes(done)) == [
        (1, "desk", "assistant", "cloud", "source_refused"),
        (1, "desk", "assistant", "local", "use_case_refused"),
    ]


def test_a_permission_that_was_lacking_is_seen_when_it_is_given(server, cloud_process, tmp_path):
    new = {
        "destinations": {"cloud": {"permits": ["unknown", "state"]}},
        "applications": {"desk": {"permits": ["state"]}},
    }
    done = attempt(server, cloud_process, tmp_path, "--json", **new)
    assert sorted(changes(done)) == [
        (1, "desk", "assistant", "field_unknown", "cloud"),
        (1, "desk", "assistant", "provider_state_refused", "cloud"),
    ]


def test_an_application_or_a_model_that_is_gone(server, cloud_process, tmp_path):
    done = attempt(server, cloud_process, tmp_path, "--json", applications={"reader": None})
    assert changes(done) == [(1, "reader", "assistant", "not_permitted", "key_invalid")]
    keep = {"models": ["assistant", "cloud-only"]}
    done = attempt(server, cloud_process, tmp_path, "--json", applications={"desk": keep})
    assert (1, "desk", "local-only", "local", "not_permitted") in changes(done)


def test_facts_are_those_of_the_time_that_is_asked_about(server, cloud_process, tmp_path):
    stated = lib_config.vendor("dpa")
    stated["facts"]["dpa"]["until"] = "2099-01-01"
    new = {"vendors": {"stand-in": stated}}
    assert attempt(server, cloud_process, tmp_path, **new).stdout.startswith("0 of 12")
    done = attempt(server, cloud_process, tmp_path, "--at", "2099-01-01", "--json", **new)
    assert changes(done)[0] == (1, "desk", "cloud-only", "cloud", "no_destination_cleared")


def test_since_leaves_out_what_is_older(server, cloud_process, tmp_path):
    assert attempt(server, cloud_process, tmp_path, "--since", "2020-01-01").stdout.startswith("0 of 12")
    assert attempt(server, cloud_process, tmp_path, "--since", "2099-01-01").stdout.startswith("0 of 0 requests")
    done = attempt(server, cloud_process, tmp_path, "--since", "yesterday")
    assert done.returncode == 2 and "write a day or a second" in done.stderr


def test_a_declassifier_opens_what_it_would(server, cloud_process, tmp_path):
    new = {
        "declassifiers": {"drop": {"does": "drop", "categories": ["financial"], "destinations": ["cloud"]}},
        "findings": [{"kind": "iban", "level": "confidential", "categories": ["financial"]}],
    }
    done = attempt(server, cloud_process, tmp_path, "--json", **new)
    assert changes(done) == [
        (1, "desk", "cloud-only", "no_destination_cleared", "cloud"),
        (1, "desk", "assistant", "local", "cloud"),
    ]


def test_whom_it_was_for_and_what_was_declassified(gateway, cloud, tmp_path):
    people = {"clerk@corp": {"clearance": {"level": "internal", "categories": ["pii"]}}}
    mask = {"mask": {"does": "mask", "categories": ["financial"], "destinations": ["cloud"]}}
    server = gateway(config(cloud, subjects=people, declassifiers=mask))
    assert send(server, MAIL, subject="clerk@corp") == 200
    assert send(server, IBAN) == 200  # masked: what was found in it is in no record
    assert attempt(server, cloud, tmp_path, subjects=people).stdout.startswith("0 of 1 request ")
    people["clerk@corp"]["clearance"] = {"level": "internal", "categories": []}
    done = attempt(server, cloud, tmp_path, "--json", subjects=people)
    assert changes(done) == [(1, "desk", "assistant", "cloud", "reader_not_cleared")]


def test_a_destination_that_was_paused_is_again(gateway, cloud, tmp_path):
    server = gateway(config(cloud))
    server.cli("pause", "destination", "cloud", "--reason", "test")
    assert send(server, "Hello") == 200
    server.cli("resume", "destination", "cloud", "--reason", "test")
    assert send(server, "Hello") == 200
    done = attempt(server, cloud, tmp_path)
    assert done.stdout == "0 of 2 requests would end elsewhere\n"


def test_it_has_to_be_said_which_file():
    done = sallyport("policy", "try")
    assert done.returncode == 2 and "which configuration" in done.stderr
