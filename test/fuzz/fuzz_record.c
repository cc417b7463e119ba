/* Leaves and block bodies from outside. What is accepted encodes to the same bytes, and its JSON is JSON. */
#include <stdlib.h>
#include <string.h>

#include <yyjson.h>

#include "sallyport/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 16 << 20 };

static void must(int holds)
{
    if (!holds) abort();
}

static void check_leaf(sp_bytes leaf)
{
    sp_arena arena;
    sp_record record;
    sp_arena_init(&arena, ARENA_BYTES);
    if (sp_record_decode(&record, leaf, &arena.mem) == SP_OK) {
        sp_buf again = SP_BUF_IN(&arena.mem), json = SP_BUF_IN(&arena.mem);
        must(sp_record_encode(&again, &record) == SP_OK);
        must(sp_bytes_eq(sp_buf_bytes(&again), leaf));
        sp_record_json_append(&json, &record, NULL);
        must(json.status == SP_OK);
        yyjson_doc *doc = yyjson_read((const char *)json.p, json.n, 0);
        must(doc != NULL);
        yyjson_doc_free(doc);
    }
    sp_arena_fini(&arena);
}

static void check_block(sp_bytes body)
{
    static const uint8_t secret[32] = {7};
    sp_arena arena;
    sp_block_ref ref;
    sp_arena_init(&arena, ARENA_BYTES);
    sp_buf plain = SP_BUF_IN(&arena.mem);
    if (sp_block_ref_of(&ref, body) == SP_OK) {
        must(ref.bytes <= body.n);
        must(sp_block_open(&plain, body, secret) != SP_OK); /* nobody sealed to this key */
        must(plain.n == 0);
    }
    sp_arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* A copy of the exact size, so that a read past the end is seen. */
    uint8_t *copy = malloc(size > 0 ? size : 1);
    if (copy == NULL) return 0;
    if (size > 0) memcpy(copy, data, size);
    check_leaf((sp_bytes){copy, size});
    check_block((sp_bytes){copy, size});
    free(copy);
    return 0;
}
