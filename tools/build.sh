#!/usr/bin/env bash
# Builds a variant; a second run does only what changed.
#   tools/build.sh release   build/        what is shipped: sallyport, sallyportd, ngx_http_sallyport_module.so
#   tools/build.sh asan      build/asan/   the same under AddressSanitizer and UndefinedBehaviorSanitizer
#   tools/build.sh clang     build/clang/  the same with the other compiler, without the nginx module
#   tools/build.sh tsan      build/tsan/   the same under ThreadSanitizer, without the nginx module
#   tools/build.sh fuzz      build/fuzz/   the libFuzzer targets (clang)
#   tools/build.sh VARIANT tests   the unit tests and replays as well
# Warnings are errors, in the release build only with CI=true: a user's newer compiler may know more of them.
. "$(dirname "$0")/lib.sh"

variant=${1:-release}
werror=true
case $variant in
release) dir=$BUILD;      cc=gcc;      options=(); werror=false ;;
clang)   dir=$BUILD/clang; cc=clang-14; options=() ;;
asan)    dir=$BUILD/asan; cc=gcc;      options=(-Db_sanitize=address,undefined -Db_lundef=false) ;;
tsan)    dir=$BUILD/tsan; cc=gcc;      options=(-Db_sanitize=thread -Db_lundef=false) ;;
fuzz)    dir=$BUILD/fuzz; cc=clang-14; options=(-Db_sanitize=address,undefined -Db_lundef=false -Dfuzzing=true) ;;
*)       die "usage: tools/build.sh release|clang|asan|tsan|fuzz" ;;
esac
[ "${CI:-}" != true ] || werror=true
options+=("-Dwerror=$werror")

# Two runs at once in one folder would step on each other.
mkdir -p "$dir"
exec 9>"$dir/.lock"
flock 9

# Options are set anew only when they differ: meson configures again after each change.
stamp="$cc ${options[*]}"
if [ ! -f "$dir/build.ninja" ]; then
    CC=$cc run_logged "meson-$variant" meson setup "$dir" "$ROOT" "${options[@]}"
elif [ "$stamp" != "$(cat "$dir/.options" 2>/dev/null)" ]; then
    run_logged "meson-$variant" meson configure "$dir" "${options[@]}"
fi
printf '%s' "$stamp" >"$dir/.options"

mkdir -p "$LOGS"

# ninja_build LABEL TARGET: all that can be built is, so that one run names every mistake.
ninja_build() {
    local log=$LOGS/ninja-$variant-$1.log
    step "building $variant in ${dir#"$ROOT"/}: $1"
    if ! ninja -C "$dir" --quiet -k 0 "$2" >"$log" 2>&1; then
        # Each failed command with its messages; what Meson says when it configures again is left in the log.
        awk '/^FAILED:|[Ee]rror/ { show = 1 } show' "$log" | head -n 80 >&2
        die "the build of ${dir#"$ROOT"/} failed" "everything is in ${log#"$ROOT"/}; again with: ninja -C ${dir#"$ROOT"/}"
    fi
    # Warnings of a build that went through are for people to see.
    grep -A6 -E 'warning:' "$log" | head -n 60 >&2 || true
}

ninja_build programs all
case $variant in
release | asan) "$ROOT/tools/build-module.sh" "$variant" ;;
esac
[ "${2:-}" != tests ] || ninja_build tests meson-test-prereq
