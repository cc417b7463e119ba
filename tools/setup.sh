#!/usr/bin/env bash
# Installs what the build (or the tests) need and cannot find. A second run looks and leaves within a second.
#   tools/setup.sh build   Debian packages, yyjson
#   tools/setup.sh test    the same, plus the tests' packages and the Python environment in build/venv
#   tools/setup.sh tour    build, plus the local model server of the tour
#   tools/setup.sh nginx-src   nginx's source, for tools/build-nginx-asan.sh
. "$(dirname "$0")/lib.sh"

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "'$*' needs root, and there is no sudo" "run it as root once, then run make again"
    fi
}

# The names of the given levels that are not installed.
missing_packages() {
    local want
    want=$(awk -v levels=" $* " '!/^#/ && NF && index(levels, " " $1 " ") { print $2 }' "$ROOT/tools/packages.apt")
    # A name that dpkg has never heard of is reported on stderr and gets no line: it is missing as well.
    comm -23 <(sort -u <<<"$want") \
        <(xargs dpkg-query -W -f='${db:Status-Abbrev} ${Package}\n' 2>/dev/null <<<"$want" |
            awk '$1 == "ii" { print $2 }' | sort -u)
}

apt_install() {
    step "installing $# Debian packages: $*"
    # A package list that is older than a day, or misses one of the names, is fetched anew.
    if ! apt-get install -s --no-install-recommends "$@" >/dev/null 2>&1 ||
        [ -z "$(find /var/lib/apt/lists -maxdepth 1 -name '*Packages*' -mtime -1 -print -quit)" ]; then
        run_logged apt-update as_root apt-get update
    fi
    run_logged apt-install as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "$@"
}

install_packages() {
    command -v dpkg-query >/dev/null ||
        die "this is not a Debian system" "install what tools/packages.apt lists, then run: meson setup build && ninja -C build"
    local missing
    missing=$(missing_packages "$@")
    # shellcheck disable=SC2086 # one word per package is meant
    [ -z "$missing" ] || apt_install $missing
}

# Debian 12's own cargo (1.65) speaks only the registry's old git index, hundreds of megabytes; cargo-web is current.
need_cargo() {
    local version
    if version=$(cargo --version 2>/dev/null) && [ "$(printf '%s\n' "cargo 1.68" "$version" | sort -V | head -n 1)" = "cargo 1.68" ]; then
        return
    fi
    apt_install cargo-web
}

# install_crate NAME CRATE PATH...: vendors tools/deps/NAME, where cargo checks each crate against the SHA-256 of the lock
# file, and moves the PATHs of CRATE to build/deps/NAME. The lock file is the stamp: a changed pin is fetched again.
install_crate() {
    local from=$ROOT/tools/deps/$1 out=$BUILD/deps/$1 tmp=$BUILD/deps/.$1 crate=$2
    cmp -s "$from/Cargo.lock" "$out/Cargo.lock" && return
    step "fetching $1 (crate $crate, pinned by checksum)"
    need_cargo
    rm -rf "$tmp" "$out"
    mkdir -p "$tmp" "$out"
    cp "$from/Cargo.toml" "$from/Cargo.lock" "$tmp"
    : >"$tmp/none.rs"
    (cd "$tmp" && run_logged "vendor-$1" cargo vendor --locked --quiet vendor)
    shift 2
    for path in "$@"; do
        mv "$tmp/vendor/$crate/$path" "$out"
    done
    mv "$tmp/Cargo.lock" "$out"
    rm -rf "$tmp"
}

install_yyjson() {
    install_crate yyjson yyjson-sys yyjson/src/yyjson.c yyjson/src/yyjson.h yyjson/LICENSE
}

install_venv() {
    local pins want
    pins=$(cat "$ROOT/test/requirements.txt" "$ROOT/test/integration/requirements.txt")
    want=$BUILD/venv/.pins
    [ "$pins" = "$(cat "$want" 2>/dev/null)" ] && return
    step "installing the tests' Python packages into build/venv"
    [ -x "$BUILD/venv/bin/python" ] || run_logged venv python3 -m venv "$BUILD/venv"
    run_logged pip "$BUILD/venv/bin/python" -m pip install --disable-pip-version-check --no-input \
        -r "$ROOT/test/requirements.txt"
    printf '%s\n' "$pins" >"$want"
}

install_servers() {
    "$ROOT/test/servers/setup.sh"
}

case ${1:-} in
build)
    install_packages build
    install_yyjson
    ;;
test)
    install_packages build test
    install_yyjson
    install_venv
    install_servers
    ;;
tour)
    install_packages build
    install_yyjson
    install_servers
    ;;
nginx-src)
    install_crate nginx nginx-src nginx
    ;;
*)
    die "usage: tools/setup.sh build|test|tour|nginx-src"
    ;;
esac
