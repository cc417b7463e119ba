"""Fixtures: the two upstreams, and real gateways in front of them."""

import collections
import subprocess

import pytest

from lib_servers import Cloud, LocalModel


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
