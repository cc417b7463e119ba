/* Snapshots from outside. What is accepted is whole: names are found, keys serve as they say, and what is
 * encoded of it decodes to the same; what is not is zeroed, which refuses. Since the hash keeps almost
 * everything out, the input is tried with a fresh one as well. */
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "sallyport/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 16 << 20, HASH_BYTES = SHA256_DIGEST_LENGTH };

static void must(int holds)
{
    if (!holds) abort();
}

/* What a request is asked about by these tables stays inside of them, whatever they say. */
static void check_purpose(const sp_snapshot *s, const sp_application *a)
{
    sp_purpose purpose;
    sp_purpose_init(&purpose, s, a, NULL);
    for (size_t i = 0; i < a->n_declares; i++)
        (void)!sp_purpose_declare(&purpose, s->use_cases[a->declares[i]].name);
    for (size_t i = 0; i < a->n_sources; i++)
        (void)!sp_purpose_draw_on(&purpose, s->sources[a->sources[i]].name);
    for (size_t i = 0; i < s->n_models; i++) sp_purpose_bind(&purpose, SP_BINDS_MODEL, s->models[i].binds);
    for (size_t i = 0; i < purpose.n_use_cases; i++) must(purpose.use_cases[i].row < s->n_use_cases);
    for (size_t i = 0; i < purpose.n_sources; i++) must(purpose.sources[i] < s->n_sources);
    must(a->n_endorsers <= SP_ENDORSERS_NAMED);
    for (size_t i = 0; i < a->n_endorsers; i++) must(a->endorsers[i] < s->n_endorsers);
}

/* Nobody vouches for values of no kind, of no tool, or for one of a list that is empty. */
static void check_endorser(const sp_endorser *e)
{
    must(e->values > SP_VALUES_NONE && e->values <= SP_VALUES_WORDS);
    must(e->n_tools > 0 && (e->n_words > 0) == (e->values == SP_VALUES_WORDS));
    for (size_t i = 0; i < e->n_tools; i++) must(e->tools[i].n > 0);
    for (size_t i = 0; i < e->n_words; i++) must(e->words[i].n > 0);
}

static void check_tables(const sp_snapshot *s)
{
    const sp_label label = {UINT64_MAX, SP_BITS256_ALL, SP_LEVEL_MAX, SP_UNTRUSTED};
    sp_flow flow;
    sp_flow_init(&flow, s, &label, 1000);
    for (size_t i = 0; i < s->n_destinations; i++) (void)sp_flow_reaches(&flow, &s->destinations[i], NULL);
    for (size_t i = 0; i < s->n_applications; i++) check_purpose(s, &s->applications[i]);
    for (size_t i = 0; i < s->n_endorsers; i++) check_endorser(&s->endorsers[i]);
    for (size_t i = 0; i < s->n_declassifiers; i++) {
        for (size_t j = 0; j < s->declassifiers[i].n_destinations; j++)
            must(s->declassifiers[i].destinations[j] < s->n_destinations);
    }
    for (size_t i = 0; i < 64; i++) must(!((s->handled >> i) & 1) || s->handling[i].categories == 0);
}

static void check_found(const sp_snapshot *s)
{
    for (size_t i = 0; i < s->n_models; i++) {
        must(sp_model_find(s, s->models[i].name) == (int)i);
        for (size_t j = 0; j < s->models[i].n_destinations; j++)
            must(s->models[i].destinations[j] < s->n_destinations);
    }
    for (size_t i = 0; i < s->n_applications; i++) {
        must(s->applications[i].use_case < s->n_use_cases);
        for (size_t j = 0; j < s->applications[i].n_models; j++)
            must(s->applications[i].models[j] < s->n_models);
    }
    check_tables(s);
    for (size_t i = 0; i < s->n_keys; i++) {
        const sp_key *key = &s->keys[i];
        const bool is_over = key->is_revoked || (key->expires_s != 0 && key->expires_s <= 1000);
        must(key->application < s->n_applications);
        must(sp_key_serves(s, key->id, 1000) == !is_over);
    }
}

/* What is decoded is written as it was read, and from then on nothing changes. */
static void check_again(const sp_snapshot *s, sp_mem *mem)
{
    sp_snapshot back;
    sp_buf once = SP_BUF_IN(mem), twice = SP_BUF_IN(mem);
    must(sp_snapshot_encode(&once, s) == SP_OK);
    must(sp_snapshot_decode(&back, sp_buf_bytes(&once), mem, NULL) == SP_OK);
    must(sp_snapshot_encode(&twice, &back) == SP_OK);
    must(sp_bytes_eq(sp_buf_bytes(&once), sp_buf_bytes(&twice)));
}

static void check_file(sp_bytes file)
{
    sp_arena arena;
    sp_snapshot snapshot;
    sp_diag diag;
    sp_arena_init(&arena, ARENA_BYTES);
    if (sp_snapshot_decode(&snapshot, file, &arena.mem, &diag) == SP_OK) {
        check_found(&snapshot);
        check_again(&snapshot, &arena.mem);
    } else {
        must(snapshot.generation == 0 && snapshot.expires_s == 0 && snapshot.n_keys == 0);
        must(snapshot.n_models == 0 && snapshot.n_destinations == 0 && snapshot.n_applications == 0);
    }
    sp_arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + HASH_BYTES);
    if (copy == NULL) return 0;
    if (size > 0) memcpy(copy, data, size);
    check_file((sp_bytes){copy, size});
    if (size >= HASH_BYTES) {
        (void)SHA256(copy, size - HASH_BYTES, copy + size - HASH_BYTES);
        check_file((sp_bytes){copy, size});
    }
    free(copy);
    return 0;
}
