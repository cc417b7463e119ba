"""The shipped JSON Schema: a schema of its draft, and never stricter than `sallyport check`: what the schema
refuses, check refuses; what check accepts, the schema accepts. References between places are for check."""

import copy
import json
import subprocess

import jsonschema
import pytest
import yaml

from lib_servers import BUILD, ROOT

SCHEMA = json.loads((ROOT / "share" / "sallyport.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
FILES = {n: ROOT / n / "sallyport.yaml" for n in ("examples", "tour")}
PLAIN = yaml.safe_load(FILES["tour"].read_text(encoding="utf-8"))


def says_check(tmp_path, text):
    file = tmp_path / "sallyport.yaml"
    file.write_text(text, encoding="utf-8")
    command = [str(BUILD / "sallyport"), "check", "-c", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode == 0, done.stdout + done.stderr


def says_schema(value):
    return VALIDATOR.is_valid(value)


def changed(path, value):
    """The tour's file with one place set; `...` removes it."""
    config = copy.deepcopy(PLAIN)
    *above, last = path.split("/")
    place = config
    for name in above:
        place = place.setdefault(name, {})
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return config


GOOD = {
    "credential of a file": ("destinations/cloud/credential", "file:" + __file__),
    "timeouts": ("destinations/cloud/timeouts", {"connect": "250ms", "first_byte": "2min", "idle": "1h"}),
    "another port": ("listen/address", "127.0.0.1:9"),
    "IPv6": ("listen/address", "[::1]:18080"),
    "one text for a list": ("applications/developers/models", "assistant"),
    "all categories": ("destinations/cloud/clearance/categories", "all"),
    "no category": ("destinations/cloud/clearance/categories", []),
    "anywhere": ("use_cases/coding/residency", "*"),
    "an own level": ("levels", {"secret": 4}),
    "an own category": ("categories", {"reactor-design": 32}),
    "a permission": ("destinations/cloud/permits", ["unknown", "unreadable"]),
    "the least findings": ("limits/findings", 1),
    "the most workers": ("nginx/workers", 64),
    "a size": ("limits/body", "1MiB"),
    "no region": ("destinations/cloud/region", ""),
    "nothing withheld": ("review/withhold", []),
    "a kind masked": ("review/mask", ["outward-link", "pii"]),
    "a kind passes": ("review/pass", "hidden-text"),
    "hosts of images": ("review/hosts", ["img.example.org", "*.cdn.example"]),
    "an own key": ("applications/developers/keys", ["0123456789abcdef:" + "ab" * 32]),
}

# What one look at one place shows to be wrong: both refuse.
BAD = {
    "unknown key": ("listne", {}),
    "unknown key, deep": ("destinations/cloud/clearance/levle", "public"),
    "unknown key of an application": ("applications/developers/model", "assistant"),
    "version of the future": ("version", 2),
    "no version": ("version", ...),
    "version as text": ("version", "one"),
    "no destinations": ("destinations", {}),
    "missing tier": ("destinations/cloud/tier", ...),
    "half a clearance": ("destinations/cloud/clearance", {"level": "internal"}),
    "missing purpose": ("use_cases/coding/purpose", ...),
    "missing user_text": ("applications/developers/user_text", ...),
    "wrong tier": ("destinations/cloud/tier", "self_hosted"),
    "wrong dialect": ("destinations/cloud/dialect", "gemini"),
    "a number for a map": ("models", 3),
    "a list for a map": ("applications", ["developers"]),
    "a text for a map": ("limits", "none"),
    "a map for a text": ("state", {"folder": "state"}),
    "a map for a list": ("applications/developers/models", {"assistant": 1}),
    "a word for a switch": ("destinations/cloud/plain_http", "maybe"),
    "time without unit": ("destinations/cloud/timeouts", {"idle": 30}),
    "time with an unknown unit": ("limits/record_wait", "2 fortnights"),
    "size without unit": ("limits/body", 8388608),
    "size with a unit of time": ("limits/held", "1s"),
    "findings below the least": ("limits/findings", 0),
    "findings above the most": ("limits/findings", 100001),
    "workers above the most": ("nginx/workers", 65),
    "findings as a fraction": ("limits/findings", 1.5),
    "address without port": ("listen/address", "127.0.0.1"),
    "another scheme": ("destinations/cloud/base_url", "ftp://127.0.0.1/v1"),
    "credential in the clear": ("destinations/cloud/credential", "sk-not-a-reference"),
    "category of the shipped numbers": ("categories", {"mine": 3}),
    "level above the most": ("levels", {"mine": 16}),
    "name with a space": ("use_cases/my case", PLAIN["use_cases"]["coding"]),
    "upper case in a name": ("destinations/Cloud2", PLAIN["destinations"]["cloud"]),
    "repeated item": ("applications/developers/models", ["assistant", "assistant"]),
    "unknown permission": ("destinations/cloud/permits", ["everything"]),
    "empty list of models": ("applications/developers/models", []),
    "key that is no hash": ("applications/developers/keys", ["0123456789abcdef:secret"]),
    "tls without its key": ("listen/tls", {"certificate": "gateway.crt"}),
}

# Only a look at several places shows it: check refuses, the schema may not know.
REFERENCES = {
    "no such destination": ("models/assistant/destinations", ["cluod"]),
    "no such model": ("applications/developers/models", ["asistant"]),
    "no such use case": ("applications/developers/use_case", "codnig"),
    "no such level": ("destinations/cloud/clearance/level", "pubilc"),
    "no such category": ("use_cases/coding/categories", ["pli"]),
}


def test_the_schema_is_one_of_its_draft():
    assert SCHEMA["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$id"]
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    with pytest.raises(jsonschema.SchemaError):
        jsonschema.Draft202012Validator.check_schema({**SCHEMA, "type": "objekt"})


def test_check_prints_the_schema_that_is_shipped():
    command = [str(BUILD / "sallyport"), "check", "--print-schema"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and json.loads(done.stdout) == SCHEMA


@pytest.mark.parametrize("name", FILES)
def test_shipped_files_are_accepted_by_both(name, tmp_path):
    text = FILES[name].read_text(encoding="utf-8")
    accepted, said = says_check(tmp_path, text)
    assert accepted, said
    VALIDATOR.validate(yaml.safe_load(text))


@pytest.mark.parametrize("case", GOOD)
def test_what_check_accepts_the_schema_accepts(case, tmp_path):
    config = changed(*GOOD[case])
    accepted, said = says_check(tmp_path, yaml.safe_dump(json.loads(json.dumps(config))))
    assert accepted, said
    VALIDATOR.validate(config)


@pytest.mark.parametrize("case", BAD)
def test_what_the_schema_refuses_check_refuses(case, tmp_path):
    config = changed(*BAD[case])
    accepted, said = says_check(tmp_path, yaml.safe_dump(json.loads(json.dumps(config))))
    assert not says_schema(config)
    assert not accepted, said
    assert ".yaml:" in said, "it names the place"


@pytest.mark.parametrize("case", REFERENCES)
def test_references_are_the_business_of_check(case, tmp_path):
    config = changed(*REFERENCES[case])
    accepted, said = says_check(tmp_path, yaml.safe_dump(json.loads(json.dumps(config))))
    assert not accepted and "did you mean" in said, said


# ---- each place of both files, set to what does not belong there ----

INTRUDERS = [{"surplus": 1}, [[]], None, 7, "zz zz", 10**20]


def places(value, path=()):
    """Every path of a file, maps and lists included."""
    if path:
        yield path
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield from places(value[key], (*path, key))


def mutants(config):
    """The file with one place replaced by each intruder, removed, or given a surplus neighbour."""
    for path in places(config):
        for intruder in [*INTRUDERS, ...]:
            mutant = copy.deepcopy(config)
            above = mutant
            for key in path[:-1]:
                above = above[key]
            if intruder is ...:
                del above[path[-1]]
            else:
                above[path[-1]] = intruder
            yield "/".join(map(str, path)), intruder, mutant


@pytest.mark.parametrize("name", FILES)
def test_no_mutant_passes_check_that_the_schema_refuses(name, tmp_path):
    config = yaml.safe_load(FILES[name].read_text(encoding="utf-8"))
    wrong, n_refused = [], 0
    for place, intruder, mutant in mutants(config):
        if says_schema(mutant):
            continue
        accepted, _ = says_check(tmp_path, yaml.safe_dump(mutant, sort_keys=False))
        n_refused += not accepted
        if accepted:
            wrong.append((place, intruder))
    assert not wrong
    assert n_refused > 200
