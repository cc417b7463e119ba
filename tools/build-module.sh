#!/usr/bin/env bash
# Builds the nginx module with nginx's own configure, against the core and ledger archives of a variant.
#   tools/build-module.sh release   build/ngx_http_sallyport_module.so, working tree build/nginx
#   tools/build-module.sh asan      build/asan/ngx_http_sallyport_module.so, to be loaded under LD_PRELOAD of libasan
# Configure (10 s) runs only when the flags, the list of sources or nginx itself changed.
. "$(dirname "$0")/lib.sh"

NGINX_SRC=/usr/share/nginx/src
NAME=ngx_http_sallyport_module
WARN="-Wall -Wextra -Wno-unused-parameter -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef -Wformat=2 -Wcast-qual -Wimplicit-fallthrough"

variant=${1:-release}
case $variant in
release)
    dir=$BUILD
    cflags="-g -O2 -fPIC -fstack-protector-strong -fstack-clash-protection -D_FORTIFY_SOURCE=3"
    ldflags="-fPIC -Wl,-z,relro,-z,now"
    preload=()
    ;;
asan)
    dir=$BUILD/asan
    cflags="-g -O1 -fPIC -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer"
    ldflags="-fPIC -fsanitize=address,undefined"
    preload=("LD_PRELOAD=$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)")
    ;;
*) die "usage: tools/build-module.sh release|asan" ;;
esac

tree=$dir/nginx
out=$dir/$NAME.so
libs=("$dir/src/confine/libsallyport-confine.a" "$dir/src/ledger/libsallyport-ledger.a" "$dir/src/core/libsallyport-core.a" "$dir/libyyjson.a")
export SALLYPORT_LIBS="${libs[*]}"

compgen -G "$ROOT/src/nginx/*.c" >/dev/null || { say "src/nginx holds no source: no module is built"; exit 0; }
[ -f "$NGINX_SRC/conf_flags" ] || die "$NGINX_SRC is missing" "run: tools/setup.sh build"

# What decides about a new configure run: nginx, the flags, and the names (not the contents) of our sources.
fingerprint() {
    nginx -v 2>&1
    printf '%s\n' "$cflags" "$WARN" "$ldflags" "$SALLYPORT_LIBS" "$ROOT"
    cat "$ROOT/src/nginx/config" "$0"
    (cd "$ROOT" && printf '%s\n' src/nginx/*.[ch] include/sallyport/*.h src/ledger/*.h src/confine/*.h)
}

configure_tree() {
    step "configuring nginx for the module ($variant)"
    rm -rf "$tree"
    cp -r "$NGINX_SRC" "$tree"
    # shellcheck disable=SC1091 # part of Debian's nginx-dev
    . "$NGINX_SRC/conf_flags"
    (cd "$tree" && run_logged "nginx-configure-$variant" ./configure "${NGX_CONF_FLAGS[@]}" \
        --with-cc-opt="$cflags $WARN" --with-ld-opt="$ldflags" --add-dynamic-module="$ROOT/src/nginx")
    # nginx's headers are not ours to warn about.
    sed -i -E 's/-I (src|objs)/-isystem \1/g' "$tree/objs/Makefile"
}

want=$(fingerprint | sha256sum)
if [ "$want" != "$(cat "$tree/.fingerprint" 2>/dev/null)" ]; then
    configure_tree
    printf '%s' "$want" >"$tree/.fingerprint"
fi
# nginx's makefile knows nothing of our archives.
for lib in "${libs[@]}"; do
    [ -f "$lib" ] || die "${lib#"$ROOT"/} is missing" "run: tools/build.sh $variant"
    [ "$tree/objs/$NAME.so" -nt "$lib" ] || rm -f "$tree/objs/$NAME.so"
done
make -C "$tree" --no-print-directory -s -f objs/Makefile modules ||
    die "the nginx module does not build" "the compiler's messages are above; again with: tools/build-module.sh $variant"
cmp -s "$tree/objs/$NAME.so" "$out" && exit 0

# The linker takes any missing symbol for one of nginx's: only loading tells.
try=$tree/try
mkdir -p "$try/logs"
printf 'load_module %s;\npid %s;\nevents {}\nhttp { access_log off; }\n' "$tree/objs/$NAME.so" "$try/pid" >"$try/nginx.conf"
# ngx_module_names stands in each module: not a violation of the one-definition rule worth ending for.
run_logged "nginx-try-$variant" env "${preload[@]}" ASAN_OPTIONS=detect_leaks=0:detect_odr_violation=0 \
    nginx -t -p "$try" -e "$try/error.log" -c "$try/nginx.conf"
install -m 644 "$tree/objs/$NAME.so" "$out"
