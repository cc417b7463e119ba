"""Builds of nginx with the module, and one nginx per test that is checked when it has ended."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from lib_mechanics import Nginx  # noqa: E402

BUILD = Path(os.environ.get("MECHANICS_BUILD", HERE.parents[2] / "build" / "mechanics"))
NGINX_CRATE = "1.28.3"  # nginx-src: version of the crate = version of nginx
SANITIZE = "-g -O1 -fsanitize=address,undefined -fno-omit-frame-pointer -DNGX_DEBUG_PALLOC=1"


@dataclass
class Build:
    nginx: str
    module: Path


def sh(command, cwd):
    done = subprocess.run(["bash", "-ec", command], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (command + "\n" + done.stdout + done.stderr)[-4000:]


def build_debian():
    """The module for the nginx of the distribution, with the flags that it was built with."""
    tree = BUILD / "debian"
    if not (tree / "objs" / "Makefile").exists():
        shutil.rmtree(tree, ignore_errors=True)
        shutil.copytree("/usr/share/nginx/src", tree, symlinks=True)
        sh(
            '. ./conf_flags; ./configure "${NGX_CONF_FLAGS[@]}" --with-ld-opt=-fPIC --with-cc-opt='
            f'"-g -O2 -fPIC -Wall -Wextra -Wno-unused-parameter -Wformat" --add-dynamic-module={HERE}',
            tree,
        )
    sh("make -f objs/Makefile modules", tree)
    return Build("/usr/sbin/nginx", tree / "objs" / "ngx_http_mechanics_module.so")


def build_sanitized():
    """A whole nginx under ASan and UBSan; NGX_DEBUG_PALLOC gives each pool allocation a malloc of its own."""
    tree = BUILD / "sanitized"
    if not (tree / "objs" / "Makefile").exists():
        crate = BUILD / "crate"
        shutil.rmtree(tree, ignore_errors=True)
        (crate / "src").mkdir(parents=True, exist_ok=True)
        (crate / "src" / "lib.rs").touch()
        (crate / "Cargo.toml").write_text(
            '[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"\n'
            f'[dependencies]\nnginx-src = "={NGINX_CRATE}"\n'
        )
        sh("cargo vendor -q", crate)
        shutil.copytree(crate / "vendor" / "nginx-src" / "nginx", tree)
        sh(
            "auto/configure --with-compat --with-debug --with-threads --with-http_ssl_module "
            f"--with-http_v2_module --with-cc-opt='{SANITIZE}' --with-ld-opt='-fsanitize=address,undefined' "
            f"--add-dynamic-module={HERE}",
            tree,
        )
    sh("make -j2", tree)
    return Build(str(tree / "objs" / "nginx"), tree / "objs" / "ngx_http_mechanics_module.so")


@pytest.fixture(scope="session", params=["debian", "sanitized"])
def build(request):
    return {"debian": build_debian, "sanitized": build_sanitized}[request.param]()


@pytest.fixture(params=["h1", "h2"])
def protocol(request):
    return request.param


@pytest.fixture(params=["h1", "h2", "h1-tls", "h2-tls"])
def any_protocol(request):
    return request.param


@pytest.fixture
def nginx(build, tmp_path):
    """nginx(**options) starts one; when the test is over it must end by itself and have kept every rule."""
    started = []

    def start(is_complete=True, **options):
        started.append((Nginx(build, tmp_path, **options), is_complete))
        return started[-1][0]

    yield start
    for server, is_complete in started:
        try:
            assert server.stop() == 0
        finally:
            server.process.kill()
        server.check(is_complete)
