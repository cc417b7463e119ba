/* Lists of stops from outside. What is accepted encodes to the same bytes, and stops what it names. Since the
 * checksum keeps almost everything out, the input is tried with a fresh one as well. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "sallyport/stop.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 4 << 20, SUM_BYTES = 69 };

static void must(int holds)
{
    if (!holds) abort();
}

static void check_found(const sp_stops *stops)
{
    const sp_stop_target nothing = {0};
    for (size_t i = 0; i < stops->n; i++) {
        const sp_stop *s = &stops->v[i];
        const sp_stop_target target = {s->name, s->name, s->name, s->name};
        must(sp_stop_ok(s));
        must(sp_stops_find(stops, &target, false) != NULL);
        must(sp_stops_get(stops, s->kind, s->name) == s);
    }
    must((sp_stops_find(stops, &nothing, false) != NULL) ==
         (stops->n > 0 && stops->v[0].kind == SP_STOP_ALL));
}

static void check_file(sp_bytes file)
{
    sp_arena arena;
    sp_stops stops;
    sp_diag diag;
    sp_arena_init(&arena, ARENA_BYTES);
    if (sp_stops_decode(&stops, file, &arena.mem, &diag) == SP_OK) {
        sp_buf again = SP_BUF_IN(&arena.mem), text = SP_BUF_IN(&arena.mem);
        must(sp_stops_encode(&again, &stops) == SP_OK);
        must(sp_bytes_eq(sp_buf_bytes(&again), file));
        check_found(&stops);
        for (size_t i = 0; i < stops.n; i++) sp_stop_append(&text, &stops.v[i]);
        must(text.status == SP_OK && sp_utf8_valid_prefix(sp_buf_bytes(&text)) == text.n);
    } else {
        must(!stops.is_known && stops.n == 0);
    }
    sp_arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t hash[SHA256_DIGEST_LENGTH];
    char hex[65], line[SUM_BYTES + 1];
    uint8_t *copy = malloc(size + SUM_BYTES);
    if (copy == NULL) return 0;
    if (size > 0) memcpy(copy, data, size);
    check_file((sp_bytes){copy, size});
    (void)SHA256(data, size, hash);
    sp_hex_encode(hex, (sp_bytes){hash, sizeof hash});
    (void)snprintf(line, sizeof line, "sum\t%s\n", hex);
    memcpy(copy + size, line, SUM_BYTES);
    check_file((sp_bytes){copy, size + SUM_BYTES});
    free(copy);
    return 0;
}
