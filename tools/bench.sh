#!/usr/bin/env bash
# Cost per request against bare nginx, measured in one run: test/bench/bench.py in the tests' Python, and before it what
# the detectors cost by themselves; with --growth how it grows: growth.py.
. "$(dirname "$0")/lib.sh"
[ -f "$ROOT/test/bench/bench.py" ] || die "test/bench/bench.py is missing: there is no benchmark in this tree"
program=bench.py
if [ "${1:-}" = --growth ]; then
    program=growth.py
    shift
fi
if [ "$program" = bench.py ]; then
    # the detectors by themselves, over what this tree consists of
    find "$ROOT/src" "$ROOT/include" "$ROOT/docs" -type f \( -name '*.[ch]' -o -name '*.md' \) -print0 |
        sort -z | xargs -0 "$BUILD/test/bench/bench_scan"
fi
exec "$BUILD/venv/bin/python" "$ROOT/test/bench/$program" "$@"
