"""The one place where tests build a configuration: start from `base` and change what a test is about.

config = lib_config.base(cloud=cloud, local=local_model)
config["destinations"]["cloud"]["clearance"]["level"] = "public"
"""

import copy
import json
import pathlib

import yaml

CLOUD_VARIABLE = "TEST_CLOUD_KEY"  # the environment variable that holds the provider's key
# Tests make destinations fail over and over: only those that are about it want them to be kept away from.
PATIENT = {
    "breaker": {"failures": 0, "share": 0, "retry_after": "0ms"},
    "retries": {"share": 100, "floor": 10000},
}
MODELS = ["assistant", "cloud-only", "local-only", "claude", "claude-cloud-only", "claude-local-only"]


def _destination(server, tier, dialect, **more):
    return {
        "tier": tier,
        "dialect": dialect,
        "vendor": "stand-in" if tier == "cloud" else "own",
        "base_url": server.url + "/v1",
        **PATIENT,
        **more,
    }


def vendor(*facts, **more):
    """What is known of a vendor: each of these facts, for longer than a test runs."""
    stated = {"evidence": "a test", "source": "a test", "signer": "a test"}
    dates = {"from": "2020-01-01", "until": "2100-01-01"}
    return {"legal_seat": "US", "facts": {name: {**stated, **dates} for name in facts}, **more}


def _cloud(server, dialect, model):
    more = {"credential": "env:" + CLOUD_VARIABLE, "region": "us-east-1", "jurisdictions": ["US"]}
    more["clearance"] = {"level": "internal", "categories": ["pii"]}
    return _destination(server, "cloud", dialect, model=model, **more)


def _local(server, dialect):
    more = {"credential": "none", "region": "on-premises", "jurisdictions": ["DE"]}
    more["clearance"] = {"level": "restricted", "categories": ["all"]}
    return _destination(server, "self-hosted", dialect, model="gemma-3-270m", **more)


def _destinations(cloud, local):
    """One for each tier and dialect; without `local` the stand-in plays the self-hosted one too."""
    local = local or cloud
    both = {
        "cloud": _cloud(cloud, "openai", "gpt-cloud"),
        "cloud-anthropic": _cloud(cloud, "anthropic", "claude-cloud"),
        "local": _local(local, "openai"),
        "local-anthropic": _local(local, "anthropic"),
    }
    if local is cloud:
        for name in ("local", "local-anthropic"):
            both[name]["credential"] = "env:" + CLOUD_VARIABLE
    return both


def base(cloud, local=None):
    """A small whole configuration: both tiers, both dialects, three applications. `listen` and `state` are
    set by the gateway fixture."""
    return {
        "version": 1,
        "vendors": {"stand-in": vendor("dpa")},
        "destinations": _destinations(cloud, local),
        "models": {
            "assistant": {"destinations": ["cloud", "local"]},
            "cloud-only": {"destinations": ["cloud"]},
            "local-only": {"destinations": ["local"]},
            "claude": {"destinations": ["cloud-anthropic", "local-anthropic"]},
            "claude-cloud-only": {"destinations": ["cloud-anthropic"]},
            "claude-local-only": {"destinations": ["local-anthropic"]},
        },
        "use_cases": {
            "helpdesk": {"owner": "support", "purpose": "Answers to public questions", "level": "public"},
            "contracts": {
                "owner": "legal",
                "purpose": "Review of contracts",
                "level": "confidential",
                "categories": ["legal"],
            },
        },
        "applications": {
            "desk": {"use_case": "helpdesk", "models": list(MODELS), "user_text": "trusted"},
            "reader": {"use_case": "helpdesk", "models": ["local-only"], "user_text": "untrusted"},
            "legal": {"use_case": "contracts", "models": list(MODELS), "user_text": "trusted"},
        },
    }


def merged(config, changes):
    """`config` with `changes` laid over it, map by map; a value of None removes the key."""
    out = copy.deepcopy(config)
    for key, value in changes.items():
        if value is None:
            out.pop(key, None)
        elif isinstance(value, dict) and isinstance(out.get(key), dict):
            out[key] = merged(out[key], value)
        else:
            out[key] = value
    return out


def write(path, config):
    """Writes a dictionary as YAML, or a text as it is. Through JSON, so that maps which tests share do not
    become anchors, which the gateway does not read."""
    plain = config if isinstance(config, str) else json.loads(json.dumps(config))
    text = plain if isinstance(plain, str) else yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)
    pathlib.Path(path).write_text(text, encoding="utf-8")
