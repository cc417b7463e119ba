#!/usr/bin/env bash
# Fuzzes every target for a share of the given time, two at once; 5 s each at least.
#   tools/fuzz.sh SECONDS [TARGET...]
#   tools/fuzz.sh --coverage [FOLDER...]   what the inputs reach, by file: tools/fuzz_coverage
# New inputs that reach new code gather in build/fuzz-corpus/TARGET; a crash leaves its input in build/fuzz-crashes.
# To keep a find: copy it into test/corpus/TARGET, where the normal tests replay it.
. "$(dirname "$0")/lib.sh"

MIN_S=5
AT_ONCE=2

# fuzz_one TARGET SECONDS
fuzz_one() {
    local name=$1 seconds=$2 log=$LOGS/fuzz-$1.log own=$BUILD/fuzz-corpus/$1 dictionary=() started=$SECONDS
    mkdir -p "$own" "$BUILD/fuzz-crashes" "$LOGS"
    [ -f "$ROOT/test/fuzz/$name.dict" ] && dictionary=("-dict=$ROOT/test/fuzz/$name.dict")
    if [ ! -d "$ROOT/test/corpus/$name" ]; then
        say "fuzz $name: FAILED: test/corpus/$name is missing: a target starts from real inputs"
        return 1
    fi
    if "$BUILD/fuzz/test/fuzz/fuzz_$name" "${dictionary[@]}" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -max_len=65536 -print_final_stats=1 -artifact_prefix="$BUILD/fuzz-crashes/$name-" \
        "$own" "$ROOT/test/corpus/$name" >"$log" 2>&1; then
        say "fuzz $name: ok ($(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs in $((SECONDS - started)) s)"
    else
        say "fuzz $name: FAILED, see build/logs/fuzz-$name.log and build/fuzz-crashes"
        grep -E '^(==[0-9]+==ERROR|SUMMARY|.*runtime error|artifact_prefix)' "$log" | head -n 8
        return 1
    fi
}

if [ "${1:-}" = --one ]; then
    fuzz_one "$2" "$3"
    exit
fi

if [ "${1:-}" = --coverage ]; then
    shift
    exec "$ROOT/tools/fuzz_coverage" "$@"
fi

[[ ${1:-} =~ ^[0-9]+$ ]] || die "usage: tools/fuzz.sh SECONDS [TARGET...] | --coverage [FOLDER...]"
total=$1
shift
"$ROOT/tools/build.sh" fuzz
targets=("$@")
if [ ${#targets[@]} = 0 ]; then
    mapfile -t targets < <(python3 -c '
import json, sys
names = [t["name"] for t in json.load(open(sys.argv[1])) if t["name"].startswith("fuzz_")]
print("\n".join(sorted(n[len("fuzz_"):] for n in names)))' "$BUILD/fuzz/meson-info/intro-targets.json" | grep .)
fi
[ ${#targets[@]} -gt 0 ] || die "fuzz: FAILED: there is no target"
share=$((total * AT_ONCE / ${#targets[@]}))
[ $share -ge $MIN_S ] || share=$MIN_S
step "fuzzing ${#targets[@]} targets, $share s each"
if printf '%s\n' "${targets[@]}" | xargs -P $AT_ONCE -I{} "$ROOT/tools/fuzz.sh" --one {} "$share"; then
    say "fuzz: ok (${#targets[@]} targets)"
else
    say "fuzz: FAILED (${#targets[@]} targets)"
    exit 1
fi
