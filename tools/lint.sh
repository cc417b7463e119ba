#!/usr/bin/env bash
# Static analysis of our own files: clang-tidy 14 (.clang-tidy says what and why) and cppcheck, two processes each.
#   tools/lint.sh [FILE...] | --self-test
# Needs a configured release build. A file that was clean is not read again before it, a header or a rule changes.
# A suppression stands in the source, on its line, with its reason.
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

CACHE=$BUILD/lint
# readdirCalled asks for readdir_r, which glibc has deprecated.
CPPCHECK=(cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --library=posix
    --suppress=readdirCalled --suppress=missingInclude --suppress=missingIncludeSystem --error-exitcode=1 --template='{file}:{line}: {id}: {message}')
INCLUDES=(-Iinclude -Isrc -Isrc/core)
NGINX_INCLUDES=(-isystem build/nginx/src/core -isystem build/nginx/src/event -isystem build/nginx/src/event/modules
    -isystem build/nginx/src/os/unix -isystem build/nginx/src/http -isystem build/nginx/src/http/modules
    -isystem build/nginx/src/http/v2 -isystem build/nginx/objs)

# Compiles as the build does; what Meson does not build (the module) gets its flags here.
tidy_one() {
    case $1 in
    src/nginx/*) clang-tidy-14 --quiet "$1" -- -std=gnu11 -D_GNU_SOURCE "${INCLUDES[@]}" "${NGINX_INCLUDES[@]}" ;;
    *) clang-tidy-14 --quiet -p build --extra-arg=-Wno-unknown-warning-option "$1" ;;
    esac
}

# lint_one FILE: prints what is wrong; leaves a mark named after the content when nothing is.
lint_one() {
    local file=$1 mark out failed=0
    mark=$CACHE/$(cat "$HEADERS" "$file" | sha256sum | cut -c1-40)
    [ -e "$mark" ] && return 0
    out=$(tidy_one "$file" 2>&1) || failed=1
    if [ $failed = 1 ]; then
        # The findings here; the analyzer's path to each of them in a file of its own.
        printf '%s\n' "$out" >"$CACHE/$(basename "$file").txt"
        grep -E '(error|warning): ' <<<"$out" | sed -E "s#^(\.\./|$ROOT/(build/../)?)##" || printf '%s: %s\n' "$file" "$out"
        say "$file: the paths are in build/lint/$(basename "$file").txt"
    fi
    out=$("${CPPCHECK[@]}" "${INCLUDES[@]}" "$file" 2>&1) || { failed=1; printf '%s\n' "$out"; }
    [ $failed = 0 ] && : >"$mark"
    return $failed
}

if [ "${1:-}" = --one ]; then
    lint_one "$2"
    exit
fi

self_test() {
    local dir n=0
    dir=$(mktemp -d)
    printf 'int f(int a);\nint f(int a)\n{\n    int b[2] = {a, a};\n    return b[2];\n}\n' >"$dir/bad.c"
    printf 'int f(int a);\nint f(int a)\n{\n    return a;\n}\n' >"$dir/good.c"
    clang-tidy-14 --quiet --config-file=.clang-tidy "$dir/bad.c" -- >/dev/null 2>&1 && n=1
    clang-tidy-14 --quiet --config-file=.clang-tidy "$dir/good.c" -- >/dev/null 2>&1 || n=2
    "${CPPCHECK[@]}" "$dir/bad.c" >/dev/null 2>&1 && n=3
    "${CPPCHECK[@]}" "$dir/good.c" >/dev/null 2>&1 || n=4
    rm -rf "$dir"
    [ $n = 0 ] || die "lint --self-test: case $n does not hold"
    say "lint --self-test: ok (4 cases)"
}
if [ "${1:-}" = --self-test ]; then
    self_test
    exit
fi

[ -f build/compile_commands.json ] || die "build/compile_commands.json is missing" "run: tools/build.sh release"
mkdir -p "$CACHE"
HEADERS=$CACHE/headers
export HEADERS
find include src test -name '*.h' -print0 | sort -z | xargs -0 cat .clang-tidy test/.clang-tidy tools/lint.sh >"$HEADERS"

if [ $# -gt 0 ]; then
    files=("$@")
else
    # What is built: the sources of the build description, and the module's.
    mapfile -t files < <({
        python3 - <<'PY'
import json, os
root = os.getcwd()
for entry in json.load(open('build/compile_commands.json')):
    path = os.path.relpath(os.path.join(entry['directory'], entry['file']), root)
    if path.startswith(('src/', 'test/')):
        print(path)
PY
        find src/nginx -name '*.c'
    } | sort -u)
fi
[ ${#files[@]} -gt 0 ] || die "lint: FAILED: there was nothing to look at"
if printf '%s\n' "${files[@]}" | xargs -P 2 -n 1 tools/lint.sh --one; then
    say "lint: ok (${#files[@]} files)"
else
    say "lint: FAILED (${#files[@]} files)"
    exit 1
fi
