#!/usr/bin/env bash
# Builds a variant; a second run does only what changed.
#   tools/build.sh release   build/        what is shipped: sallyport, sallyportd, ngx_http_sallyport_module.so
#   tools/build.sh asan      build/asan/   the same under AddressSanitizer and UndefinedBehaviorSanitizer
#   tools/build.sh clang     build/clang/  the same with the other compiler, without the nginx module
#   tools/build.sh tsan      build/tsan/   the same under ThreadSanitizer, without the nginx module
#   tools/build.sh fuzz      build/fuzz/   the libFuzzer targets (clang)
#   tools/build.sh VARIANT tests   the unit tests and replays as well
# CI=true turns warnings into errors.
. "$(dirname "$0")/lib.sh"

variant=${1:-release}
targets=(all)
[ "${2:-}" = tests ] && targets+=(meson-test-prereq)
case $variant in
release) dir=$BUILD;      cc=gcc;      options=() ;;
clang)   dir=$BUILD/clang; cc=clang-14; options=() ;;
asan)    dir=$BUILD/asan; cc=gcc;      options=(-Db_sanitize=address,undefined -Db_lundef=false) ;;
tsan)    dir=$BUILD/tsan; cc=gcc;      options=(-Db_sanitize=thread -Db_lundef=false) ;;
fuzz)    dir=$BUILD/fuzz; cc=clang-14; options=(-Db_sanitize=address,undefined -Db_lundef=false -Dfuzzing=true) ;;
*)       die "usage: tools/build.sh release|clang|asan|tsan|fuzz" ;;
esac
[ "${CI:-}" = true ] && options+=(-Dwerror=true) || options+=(-Dwerror=false)

# Options are set anew only when they differ: meson configures again after each change.
stamp="$cc ${options[*]}"
if [ ! -f "$dir/build.ninja" ]; then
    CC=$cc run_logged "meson-$variant" meson setup "$dir" "$ROOT" "${options[@]}"
elif [ "$stamp" != "$(cat "$dir/.options" 2>/dev/null)" ]; then
    run_logged "meson-$variant" meson configure "$dir" "${options[@]}"
fi
printf '%s' "$stamp" >"$dir/.options"

step "building $variant in ${dir#"$ROOT"/}"
log=$LOGS/ninja-$variant.log
mkdir -p "$LOGS"
if ! ninja -C "$dir" --quiet "${targets[@]}" >"$log" 2>&1; then
    # Each failed command with its messages; what Meson says when it configures again is left in the log.
    awk '/^FAILED:|[Ee]rror/ { show = 1 } show' "$log" | head -n 80 >&2
    die "the build of ${dir#"$ROOT"/} failed" "everything is in ${log#"$ROOT"/}; again with: ninja -C ${dir#"$ROOT"/}"
fi
# Warnings of a build that went through are for people to see.
grep -A6 -E 'warning:' "$log" | head -n 60 >&2 || true
case $variant in
release | asan) "$ROOT/tools/build-module.sh" "$variant" ;;
esac
