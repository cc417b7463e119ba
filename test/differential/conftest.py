"""Fixtures: real gateways, one for each profile, between destinations that keep every byte and three readers of JSON."""

import collections
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]

import casefile  # noqa: E402
from lib_gateway import Gateway  # noqa: E402
from lib_servers import INSTALLED  # noqa: E402
from readers import Readers  # noqa: E402
from upstream import Upstream  # noqa: E402

READABLE = ["pii", "phi", "pci", "credentials", "source-code", "legal", "financial", "strategy", "hr", "export-controlled"]
TIERS = {
    "cloud": {"tier": "cloud", "jurisdictions": ["US"], "clearance": {"level": "internal", "categories": []}},
    "local": {"tier": "self-hosted", "jurisdictions": ["DE"], "clearance": {"level": "restricted", "categories": READABLE}},
}
MODELS = {"openai": "assistant", "anthropic": "claude"}


def sent_model(tier, dialect):
    """The model as that destination calls it."""
    return f"{tier}-{dialect}"


def configuration(profile, upstreams):
    """The configuration of a profile (profiles.toml)."""
    permits = profile["permits"]
    destinations = {
        sent_model(tier, dialect): {
            **fields,
            "vendor": tier,
            "dialect": dialect,
            "base_url": upstreams[tier].url + "/v1",
            "model": sent_model(tier, dialect),
            "credential": "none",
            "permits": permits,
        }
        for tier, fields in TIERS.items()
        for dialect in MODELS
    }
    application = {"use_case": "tests", "models": [*MODELS.values()], "user_text": "untrusted"}
    application["permits"] = [p for p in permits if p in ("state", "egress")]
    config = {
        "version": 1,
        "destinations": destinations,
        "models": {m: {"destinations": [sent_model(t, d) for t in TIERS]} for d, m in MODELS.items()},
        "use_cases": {"tests": {"owner": "tests", "purpose": "Tests", "level": "public"}},
        "applications": {"attacker": application},
    }
    if "withhold" in profile:
        config["review"] = {"withhold": profile["withhold"]}
    return config


class Site:
    """Both tiers and the gateways in front of them, each started when a case first asks for it."""

    def __init__(self, folder, pair):
        self.folder, self.pair = folder, pair
        self.upstreams = {tier: Upstream() for tier in TIERS}
        self.profiles, self.running = casefile.profiles(), {}

    def gateway(self, profile, tls=False):
        """The gateway of that profile; with `tls` another one, which speaks HTTP/2."""
        name = profile + ("-tls" if tls else "")
        if name not in self.running:
            config = configuration(self.profiles[profile], self.upstreams)
            folder = self.folder / name
            folder.mkdir()
            server = Gateway(folder, config)
            if tls:
                listen = {"address": f"127.0.0.1:{server.port}"}
                listen["tls"] = {"certificate": str(self.pair.cert), "key": str(self.pair.key)}
                server.configure({**config, "listen": listen})
                server.ca = str(self.pair.cert)
            self.running[name] = server.start()
        return self.running[name]

    def reset(self, scripted=None):
        """Nothing arrived, and the next answer is `scripted`."""
        for upstream in self.upstreams.values():
            upstream.reset(scripted)

    def arrived(self, tier):
        """What reached that tier, oldest first."""
        return self.upstreams[tier].arrived

    def end(self):
        problems = []
        for name, server in self.running.items():
            try:
                server.stop()
                server.check_clean()
            except AssertionError as error:
                problems.append(f"{name}: {error}")
        for upstream in self.upstreams.values():
            upstream.stop()
        assert not problems, "\n".join(problems)


def certificate(folder):
    """A self-signed certificate of localhost; it is its own CA."""
    pair = collections.namedtuple("Certificate", "cert key")(folder / "cert.pem", folder / "key.pem")
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    subprocess.run([*new, *name, "-keyout", pair.key, "-out", pair.cert], check=True, capture_output=True)
    return pair


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    made = Site(tmp_path_factory.mktemp("site"), certificate(tmp_path_factory.mktemp("tls")))
    yield made
    made.end()


@pytest.fixture(scope="session")
def readers(tmp_path_factory):
    made = Readers(tmp_path_factory.mktemp("readers"), INSTALLED / "bin" / "node")
    yield made
    made.stop()


def parameters(cases):
    """One test for each case, named as the case is; what is known not to hold is expected to fail, strictly."""
    return [
        pytest.param(c, id=c.name, marks=pytest.mark.xfail(strict=True, reason=c.limit) if c.limit else ()) for c in cases
    ]
