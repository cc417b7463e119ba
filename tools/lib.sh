# Shared by the scripts of this folder; sourced, never run. Sets ROOT and BUILD.
# shellcheck shell=bash
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=$ROOT/build
LOGS=$BUILD/logs
export ROOT BUILD LOGS

say()  { printf '%s\n' "$*"; }
step() { printf '== %s\n' "$*"; }

# die WHAT [WHAT TO DO]
die() {
    printf 'error: %s\n' "$1" >&2
    [ $# -lt 2 ] || printf '       %s\n' "$2" >&2
    exit 1
}

# run_logged NAME COMMAND...: the output goes to build/logs/NAME.log; only a failure shows its end.
run_logged() {
    local log=$LOGS/$1.log
    shift
    mkdir -p "$LOGS"
    if ! "$@" >"$log" 2>&1 </dev/null; then
        tail -n 25 "$log" >&2
        die "'$*' failed" "the whole output is in ${log#"$ROOT"/}"
    fi
}
