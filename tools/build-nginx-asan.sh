#!/usr/bin/env bash
# Builds all of nginx (the current stable version, from its source) with the module under ASan and UBSan: build/nginx-asan
# then holds nginx and ngx_http_sallyport_module.so. NGX_DEBUG_PALLOC gives each pool allocation a malloc of its own, so
# that an overrun inside nginx's pools is seen, which the preloaded variant of tools/build-module.sh cannot do. It also
# shows that the module compiles and runs in another nginx than Debian's.
# A minute or two the first time; later only what changed.
. "$(dirname "$0")/lib.sh"

NAME=ngx_http_sallyport_module
OUT=$BUILD/nginx-asan
TREE=$OUT/tree
SANITIZE="-fsanitize=address,undefined"
# nginx's own, harmless and not ours to mend: a null memcpy of length 0, shifts of a signed int, and loads that are not
# aligned, which it makes on purpose on this processor. Our code has these checks in the variant build/asan.
CFLAGS="-g -O1 $SANITIZE -fno-sanitize=nonnull-attribute,shift,pointer-overflow,alignment -fno-omit-frame-pointer -fPIC -DNGX_DEBUG_PALLOC=1"
OPTIONS=(--with-compat --with-debug --with-threads --with-pcre-jit --with-http_ssl_module --with-http_v2_module
    --with-http_stub_status_module --with-http_realip_module --with-http_auth_request_module)

"$ROOT/tools/setup.sh" nginx-src
"$ROOT/tools/build.sh" asan
export SALLYPORT_LIBS="$BUILD/asan/src/confine/libsallyport-confine.a $BUILD/asan/src/ledger/libsallyport-ledger.a $BUILD/asan/src/core/libsallyport-core.a $BUILD/asan/libyyjson.a"

fingerprint() {
    printf '%s\n' "$CFLAGS" "${OPTIONS[@]}" "$ROOT"
    cat "$BUILD/deps/nginx/Cargo.lock" "$ROOT/src/nginx/config" "$0"
    (cd "$ROOT" && printf '%s\n' src/nginx/*.[ch] include/sallyport/*.h src/ledger/*.h src/confine/*.h)
}

want=$(fingerprint | sha256sum)
if [ "$want" != "$(cat "$OUT/.fingerprint" 2>/dev/null)" ]; then
    step "configuring all of nginx under the sanitizers"
    rm -rf "$OUT"
    mkdir -p "$OUT"
    cp -r "$BUILD/deps/nginx/nginx" "$TREE"
    # The probes of configure leak on purpose of being short.
    (cd "$TREE" && ASAN_OPTIONS=detect_leaks=0 run_logged nginx-asan-configure sh auto/configure "${OPTIONS[@]}" \
        --with-cc-opt="$CFLAGS" --with-ld-opt="$SANITIZE" --add-dynamic-module="$ROOT/src/nginx")
    printf '%s' "$want" >"$OUT/.fingerprint"
fi
step "building all of nginx under the sanitizers"
rm -f "$TREE/objs/$NAME.so"
run_logged nginx-asan-build make -C "$TREE" -j 2 -f objs/Makefile binary modules
install "$TREE/objs/nginx" "$TREE/objs/$NAME.so" "$OUT"

mkdir -p "$OUT/try/logs"
printf 'load_module %s;\nerror_log stderr;\npid %s;\nevents {}\nhttp { access_log off; }\n' "$OUT/$NAME.so" "$OUT/try/pid" >"$OUT/try/nginx.conf"
# ngx_module_names stands in each module: not a violation of the one-definition rule worth ending for.
ASAN_OPTIONS=detect_odr_violation=0:detect_leaks=0 run_logged nginx-asan-try "$OUT/nginx" -t -p "$OUT/try" -e stderr -c "$OUT/try/nginx.conf"
say "build/nginx-asan: nginx and the module are built, and the module loads"
