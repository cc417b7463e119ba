#!/usr/bin/env bash
# Everything that is tested, stage by stage; the last line counts. The stages are in tools/run_tests.py.
#   tools/test.sh [STAGE...]     without names: all of them
. "$(dirname "$0")/lib.sh"
if ! "$ROOT/tools/setup.sh" test; then
    say "0 passed, 1 failed"
    exit 1
fi
exec python3 "$ROOT/tools/run_tests.py" "$@"
