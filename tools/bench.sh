#!/usr/bin/env bash
# Cost per request against bare nginx, measured in one run: test/bench/bench.py in the tests' Python; with --growth how it grows: growth.py.
. "$(dirname "$0")/lib.sh"
[ -f "$ROOT/test/bench/bench.py" ] || die "test/bench/bench.py is missing: there is no benchmark in this tree"
program=bench.py
if [ "${1:-}" = --growth ]; then
    program=growth.py
    shift
fi
exec "$BUILD/venv/bin/python" "$ROOT/test/bench/$program" "$@"
