"""Fixtures: the two upstreams, and real gateways in front of them."""

import collections
import subprocess

import pytest

import lib_config
from lib_gateway import Gateway
from lib_servers import ASAN, Cloud, LocalModel

# What it looks for in the memory of processes cannot be told from what a sanitizer keeps of memory that was freed, and a
# worker that it crashes on purpose leaves a report.
collect_ignore = ["test_leaks.py"] if ASAN else []


@pytest.fixture(scope="session")
def cloud_process(tmp_path_factory):
    server = Cloud(tmp_path_factory.mktemp("cloud") / "out")
    yield server
    server.stop()


@pytest.fixture
def cloud(cloud_process):
    """The stand-in of a cloud provider, with nothing scripted and nothing seen."""
    cloud_process.reset()
    return cloud_process


@pytest.fixture(scope="session")
def local_model(tmp_path_factory):
    """The self-hosted model: real weights, loaded once for all tests."""
    server = LocalModel(tmp_path_factory.mktemp("local") / "out")
    yield server
    server.stop()


Certificate = collections.namedtuple("Certificate", "cert key")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A self-signed certificate of 127.0.0.1 and localhost; it is its own CA."""
    folder = tmp_path_factory.mktemp("tls")
    pair = Certificate(folder / "cert.pem", folder / "key.pem")
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=IP:127.0.0.1,DNS:localhost",
            "-days",
            "2",
            "-keyout",
            pair.key,
            "-out",
            pair.cert,
        ],
        check=True,
        capture_output=True,
    )
    return pair


class Gateways:
    """Makes the gateways of one test and ends them all, whatever happens to one of them."""

    def __init__(self, folder, cloud):
        self.folder, self.cloud, self.made = folder, cloud, []

    def __call__(
        self, config=None, changes=None, local=None, env=None, start=True, unclean=False, alarms=None
    ):
        """`config`: a dictionary, the text of the file, or None for lib_config.base; `changes` are laid over it.
        `local`: the real model as self-hosted tier, else the stand-in plays it. `start=False`: only
        configured. `unclean=True`: the test does its own checks, since it breaks something on purpose;
        `alarms`: a pattern of the alarms that it causes on purpose, all else is checked."""
        config = lib_config.base(self.cloud, local) if config is None else config
        config = lib_config.merged(config, changes) if changes else config
        folder = self.folder / f"gateway-{len(self.made) + 1}"
        folder.mkdir()
        server = Gateway(folder, config, {lib_config.CLOUD_VARIABLE: self.cloud.key, **(env or {})})
        self.made.append((server, unclean, alarms))
        return server.start() if start else server

    def end(self):
        problems = []
        for server, unclean, alarms in self.made:
            try:
                server.stop()
                if server.runs and not unclean:
                    server.check_clean(alarms)
            except (AssertionError, OSError, subprocess.SubprocessError) as error:
                problems.append(f"{server.folder.name}: {error}")
        assert not problems, "\n".join(problems)


@pytest.fixture
def gateway(tmp_path, cloud):
    """`gateway(…)` starts a real gateway (see Gateways) that runs until the test ends; then its logs and
    records are checked."""
    gateways = Gateways(tmp_path, cloud)
    yield gateways
    gateways.end()


@pytest.fixture
def real_gateway(gateway, local_model):
    """A gateway whose self-hosted tier is the real model."""
    return gateway(local=local_model)


@pytest.fixture(scope="module")
def module_gateway(tmp_path_factory, cloud_process):
    """Like `gateway`, for tests of a module that share what they start."""
    gateways = Gateways(tmp_path_factory.mktemp("module"), cloud_process)
    yield gateways
    gateways.end()
