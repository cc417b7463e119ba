/* Leaves: one way to write a record, everything else refused. */
#include "record_help.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 3000 };

static sp_bytes encode(sp_mem *mem, const sp_record *record)
{
    sp_buf out = SP_BUF_IN(mem);
    assert_int_equal(sp_record_encode(&out, record), SP_OK);
    return sp_buf_bytes(&out);
}

/* ---- equality, field by field: structs have padding and borrowed texts ---- */

static bool same_bytes(sp_bytes a, sp_bytes b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static bool same_lists(const sp_record *a, const sp_record *b)
{
    if (a->n_atoms != b->n_atoms || a->n_candidates != b->n_candidates || a->n_blocks != b->n_blocks)
        return false;
    for (size_t i = 0; i < a->n_atoms; i++) {
        const sp_record_atom *x = &a->atoms[i], *y = &b->atoms[i];
        if (x->source != y->source || x->kind != y->kind || x->confidence != y->confidence ||
            x->level != y->level || x->count != y->count || x->start != y->start || x->end != y->end ||
            !same_bytes(x->place, y->place))
            return false;
    }
    for (size_t i = 0; i < a->n_candidates; i++) {
        const sp_record_candidate *x = &a->candidates[i], *y = &b->candidates[i];
        if (x->reason != y->reason || x->part != y->part || x->field != y->field || x->tier != y->tier ||
            !same_bytes(x->destination, y->destination))
            return false;
    }
    for (size_t i = 0; i < a->n_blocks; i++) {
        const sp_block_ref *x = &a->blocks[i], *y = &b->blocks[i];
        if (memcmp(x->id, y->id, 16) != 0 || memcmp(x->hash, y->hash, 32) != 0 || x->bytes != y->bytes)
            return false;
    }
    return true;
}

static bool same_field(const sp_record_field *f, const sp_record *a, const sp_record *b)
{
    static const size_t sizes[] = {
        [SP_TYPE_U8] = 1,  [SP_TYPE_U16] = 2,  [SP_TYPE_U32] = 4, [SP_TYPE_U64] = 8,
        [SP_TYPE_I32] = 4, [SP_TYPE_BOOL] = 1, [SP_TYPE_ID8] = 8, [SP_TYPE_ID16] = 16,
    };
    const uint8_t *x = (const uint8_t *)a + f->offset, *y = (const uint8_t *)b + f->offset;
    sp_bytes s, t;
    switch (f->type) {
    case SP_TYPE_TEXT:
    case SP_TYPE_VISIBLE:
        memcpy(&s, x, sizeof s);
        memcpy(&t, y, sizeof t);
        return same_bytes(s, t);
    case SP_TYPE_LABEL:
        return sp_label_eq(a->label, b->label);
    case SP_TYPE_ATOMS:
    case SP_TYPE_CANDIDATES:
    case SP_TYPE_BLOCKS:
        return same_lists(a, b);
    default:
        return memcmp(x, y, sizes[f->type]) == 0;
    }
}

static void assert_same(const sp_record *a, const sp_record *b)
{
    const sp_record_field *f;
    assert_int_equal(a->kind, b->kind);
    for (size_t i = 0; (f = sp_record__field(i)) != NULL; i++) {
        if (!same_field(f, a, b)) fail_msg("field %s differs", f->name);
    }
}

static void fields_stand_in_order_of_their_numbers(void **state)
{
    (void)state;
    const sp_record_field *f;
    unsigned last = 0;
    for (size_t i = 0; (f = sp_record__field(i)) != NULL; i++) {
        assert_true(f->number > last);
        assert_ptr_equal(sp_record__field_numbered(f->number), f);
        last = f->number;
    }
    assert_null(sp_record__field_numbered(0));
    assert_null(sp_record__field_numbered((uint8_t)(last + 1)));
}

/* ---- random records ---- */

static sp_bytes random_text(uint64_t *rng, sp_mem *mem, size_t max)
{
    const size_t n = next_random(rng) % 4 == 0 ? 0 : next_random(rng) % (max + 1);
    uint8_t *p = sp_alloc_bytes(mem, n + 1);
    for (size_t i = 0; i < n; i++) p[i] = (uint8_t)(0x20 + next_random(rng) % 95);
    return (sp_bytes){p, n};
}

static void random_lists(sp_record *r, uint64_t *rng, sp_mem *mem)
{
    r->n_atoms = next_random(rng) % 5;
    r->n_candidates = next_random(rng) % 5;
    r->n_blocks = next_random(rng) % 9;
    sp_record_atom *atoms = sp_alloc(mem, r->n_atoms + 1, sizeof *atoms);
    sp_record_candidate *candidates = sp_alloc(mem, r->n_candidates + 1, sizeof *candidates);
    sp_block_ref *blocks = sp_alloc(mem, r->n_blocks + 1, sizeof *blocks);
    for (size_t i = 0; i < r->n_atoms; i++) {
        atoms[i] = (sp_record_atom){.source = (uint8_t)next_random(rng),
                                    .kind = (uint8_t)next_random(rng),
                                    .count = (uint32_t)next_random(rng),
                                    .start = (uint32_t)next_random(rng),
                                    .end = (uint32_t)next_random(rng),
                                    .place = random_text(rng, mem, 512)};
    }
    for (size_t i = 0; i < r->n_candidates; i++) {
        candidates[i] = (sp_record_candidate){.destination = random_text(rng, mem, 255),
                                              .reason = (uint8_t)next_random(rng)};
    }
    for (size_t i = 0; i < r->n_blocks; i++) {
        blocks[i].bytes = (uint32_t)next_random(rng);
        for (size_t k = 0; k < 32; k++) blocks[i].hash[k] = (uint8_t)next_random(rng);
    }
    r->atoms = atoms;
    r->candidates = candidates;
    r->blocks = blocks;
}

static sp_label random_label(uint64_t *rng)
{
    sp_label label = {
        .categories = next_random(rng), .level = next_random(rng) % 16, .integrity = next_random(rng) % 2};
    switch (next_random(rng) % 3) {
    case 0:
        label.residency = SP_BITS256_ALL;
        break;
    case 1:
        for (size_t i = 0; i < 4; i++) label.residency.w[i] = next_random(rng);
        break;
    default:
        break;
    }
    if (next_random(rng) % 8 == 0) memset(&label, 0, sizeof label);
    return label;
}

/* Any bytes in the scalars, any text in the texts, through the table: a new field is in the test without
 * being named. */
static sp_record random_record(uint64_t *rng, sp_mem *mem)
{
    sp_record r = {0};
    const sp_record_field *f;
    for (size_t i = 0; (f = sp_record__field(i)) != NULL; i++) {
        static const size_t sizes[] = {
            [SP_TYPE_U8] = 1,  [SP_TYPE_U16] = 2, [SP_TYPE_U32] = 4,   [SP_TYPE_U64] = 8,
            [SP_TYPE_I32] = 4, [SP_TYPE_ID8] = 8, [SP_TYPE_ID16] = 16,
        };
        uint8_t *member = (uint8_t *)&r + f->offset;
        if (f->type == SP_TYPE_TEXT || f->type == SP_TYPE_VISIBLE) {
            const sp_bytes s = random_text(rng, mem, f->max);
            memcpy(member, &s, sizeof s);
        } else if (f->type < sizeof sizes / sizeof sizes[0] && sizes[f->type] > 0 &&
                   next_random(rng) % 4 != 0) {
            for (size_t k = 0; k < sizes[f->type]; k++) member[k] = (uint8_t)next_random(rng);
        }
    }
    r.kind = (uint8_t)(1 + next_random(rng) % SP_RECORD_ACT);
    r.is_stream = next_random(rng) % 2;
    r.label = random_label(rng);
    random_lists(&r, rng, mem);
    return r;
}

/* ---- laws ---- */

static void decode_gives_back_what_was_encoded(void **state)
{
    (void)state;
    uint64_t rng = 42;
    for (size_t i = 0; i < ROUNDS; i++) {
        sp_arena arena;
        sp_record back;
        sp_arena_init(&arena, 4 << 20);
        const sp_record record = random_record(&rng, &arena.mem);
        const sp_record want = help_carried(&record);
        const sp_bytes leaf = encode(&arena.mem, &record);
        assert_int_equal(sp_record_decode(&back, exact(&arena.mem, leaf), &arena.mem), SP_OK);
        assert_same(&want, &back);
        assert_bytes(encode(&arena.mem, &back), leaf);
        sp_arena_fini(&arena);
    }
}

static void each_kind_carries_what_the_table_says(void **state)
{
    (void)state;
    for (unsigned kind = SP_RECORD_INTENT; kind <= SP_RECORD_ACT; kind++) {
        sp_arena arena;
        sp_record back;
        sp_arena_init(&arena, 4 << 20);
        const sp_record record = help_full((uint8_t)kind), want = help_carried(&record);
        assert_int_equal(sp_record_decode(&back, encode(&arena.mem, &record), &arena.mem), SP_OK);
        assert_same(&want, &back);
        sp_arena_fini(&arena);
    }
}

/* A leaf that is cut or changed is refused, or it is the one way to write another record. */
static void check_other(sp_mem *mem, sp_bytes bytes)
{
    sp_record back;
    if (sp_record_decode(&back, exact(mem, bytes), mem) == SP_OK) {
        assert_bytes(encode(mem, &back), bytes);
    } else {
        assert_int_equal(back.kind, SP_RECORD_NONE);
    }
}

static void check_cuts_and_flips(sp_mem *mem, sp_bytes leaf)
{
    uint8_t changed[4096];
    assert_true(leaf.n < sizeof changed);
    memcpy(changed, leaf.p, leaf.n);
    for (size_t i = 0; i < leaf.n * 8; i++) {
        if (i % 8 == 0) check_other(mem, sp_bytes_sub(leaf, 0, i / 8));
        changed[i / 8] = (uint8_t)(leaf.p[i / 8] ^ 1u << i % 8);
        check_other(mem, (sp_bytes){changed, leaf.n});
        changed[i / 8] = leaf.p[i / 8];
    }
}

static void every_cut_and_every_flip_is_refused_or_canonical(void **state)
{
    (void)state;
    for (unsigned kind = SP_RECORD_INTENT; kind <= SP_RECORD_ACT; kind++) {
        sp_arena arena;
        sp_arena_init(&arena, 64 << 20);
        const sp_record record = help_full((uint8_t)kind);
        check_cuts_and_flips(&arena.mem, encode(&arena.mem, &record));
        sp_arena_fini(&arena);
    }
}

/* ---- refusals ---- */

typedef struct refusal {
    const char *name;
    const char *hex;
    sp_status status;
} refusal;

static const refusal refusals[] = {
    {"nothing", "", SP_ETRUNCATED},
    {"half a head", "534c01", SP_ETRUNCATED},
    {"another magic", "534d0101", SP_ERANGE},
    {"a later version", "534c0201", SP_EVERSION},
    {"no kind", "534c0100", SP_EVERSION},
    {"a later kind", "534c0107", SP_EVERSION},
    {"a later field", "534c01017f", SP_EVERSION},
    {"field number 0", "534c010100", SP_EVERSION},
    {"a field twice", "534c010102010202", SP_ERANGE},
    {"fields out of order",
     "534c0101030000000000000001"
     "0201",
     SP_ERANGE},
    {"a zero that is written", "534c01010200", SP_ERANGE},
    {"a flag that is neither", "534c01010e02", SP_ERANGE},
    {"a field of another kind", "534c0101120001", SP_ERANGE},
    {"an empty text", "534c0101060000", SP_ERANGE},
    {"a text that is not UTF-8", "534c0101060001ff", SP_ERANGE},
    {"a text beyond the end",
     "534c010106000161"
     "070002",
     SP_ETRUNCATED},
    {"a text beyond its maximum", "534c0101060100", SP_ERANGE},
    {"an empty list", "534c0101150000", SP_ERANGE},
    {"a list longer than the leaf", "534c010115ffff", SP_ETRUNCATED},
    {"a level beyond the last",
     "534c01010f1000"
     "0000000000000000"
     "01",
     SP_ERANGE},
    {"a residency of a later form",
     "534c01010f0100"
     "0000000000000000"
     "03",
     SP_ERANGE},
    {"everywhere, spelled out",
     "534c01010f0100"
     "0000000000000000"
     "02"
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
     SP_ERANGE},
    {"nowhere, spelled out",
     "534c01010f0100"
     "0000000000000000"
     "02"
     "0000000000000000000000000000000000000000000000000000000000000000",
     SP_ERANGE},
    {"a label that is zero",
     "534c01010f0000"
     "0000000000000000"
     "00",
     SP_ERANGE},
    {"an unprintable report",
     "534c0103180001"
     "07",
     SP_ERANGE},
};

static void what_the_encoder_never_writes_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        uint8_t leaf[64];
        sp_arena arena;
        sp_record back;
        const sp_bytes hex = sp_bytes_of(refusals[i].hex);
        sp_arena_init(&arena, 1 << 20);
        assert_int_equal(sp_hex_decode(leaf, hex.n / 2, hex), SP_OK);
        const sp_status got = sp_record_decode(&back, (sp_bytes){leaf, hex.n / 2}, &arena.mem);
        if (got != refusals[i].status) fail_msg("%s: %d", refusals[i].name, got);
        sp_arena_fini(&arena);
    }
}

static void what_a_leaf_cannot_say_is_not_encoded(void **state)
{
    (void)state;
    static uint8_t long_text[5000];
    static sp_block_ref many[SP_RECORD_BLOCKS_MAX + 1];
    static sp_record_atom atoms[200];
    sp_arena arena;
    sp_arena_init(&arena, 16 << 20);
    memset(long_text, 'x', sizeof long_text);
    for (size_t i = 0; i < 200; i++) atoms[i].place = (sp_bytes){long_text, 500};
    sp_record bad[7];
    for (size_t i = 0; i < 7; i++) bad[i] = help_full(SP_RECORD_INTENT);
    bad[0].application = (sp_bytes){long_text, 256};
    bad[1].parameters = (sp_bytes){long_text, 4097};
    bad[2].model = SP_LIT("\xff");
    bad[3].blocks = many, bad[3].n_blocks = SP_RECORD_BLOCKS_MAX + 1;
    bad[4].atoms = atoms, bad[4].n_atoms = 200; /* beyond SP_LEAF_MAX */
    bad[5].label.level = 16;
    bad[6].kind = SP_RECORD_ACT + 1;
    for (size_t i = 0; i < 7; i++) {
        sp_buf out = SP_BUF_IN(&arena.mem);
        sp_buf_append_str(&out, "before");
        assert_int_equal(sp_record_encode(&out, &bad[i]), SP_ERANGE);
        assert_bytes(sp_buf_bytes(&out), SP_LIT("before"));
    }
    sp_arena_fini(&arena);
}

static void the_most_blocks_fit(void **state)
{
    (void)state;
    static sp_block_ref many[SP_RECORD_BLOCKS_MAX];
    sp_arena arena;
    sp_record back, record = help_full(SP_RECORD_INTENT);
    sp_arena_init(&arena, 16 << 20);
    record.blocks = many;
    record.n_blocks = SP_RECORD_BLOCKS_MAX;
    assert_int_equal(sp_record_decode(&back, encode(&arena.mem, &record), &arena.mem), SP_OK);
    assert_int_equal(back.n_blocks, SP_RECORD_BLOCKS_MAX);
    sp_arena_fini(&arena);
}

/* A destination must not be able to keep its answer from being recorded by what it reports. */
static void odd_reports_are_left_out(void **state)
{
    (void)state;
    static uint8_t long_text[129];
    sp_arena arena;
    sp_record back, record = help_full(SP_RECORD_OUTCOME);
    sp_arena_init(&arena, 1 << 20);
    memset(long_text, 'x', sizeof long_text);
    record.answer_id = (sp_bytes){long_text, 129};
    record.answer_model = SP_LIT("a\nb");
    record.finish = SP_LIT("\xc3\xa9");
    record.answer_version = (sp_bytes){long_text, 128};
    assert_int_equal(sp_record_decode(&back, encode(&arena.mem, &record), &arena.mem), SP_OK);
    assert_int_equal(back.answer_id.n, 0);
    assert_int_equal(back.answer_model.n, 0);
    assert_int_equal(back.finish.n, 0);
    assert_int_equal(back.answer_version.n, 128);
    sp_arena_fini(&arena);
}

static void each_failing_allocation_is_told(void **state)
{
    (void)state;
    const sp_record record = help_full(SP_RECORD_INTENT);
    sp_status status = SP_ENOMEM;
    for (size_t at = 1; status != SP_OK; at++) {
        failing f;
        failing_init(&f, at);
        sp_buf out = SP_BUF_IN(&f.mem);
        status = sp_record_encode(&out, &record);
        assert_true(status == SP_OK || (status == SP_ENOMEM && out.n == 0));
        sp_arena_fini(&f.arena);
        assert_true(at < 100);
    }
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    const sp_bytes leaf = encode(&arena.mem, &record);
    status = SP_ENOMEM;
    for (size_t at = 1; status != SP_OK; at++) {
        failing f;
        sp_record back;
        failing_init(&f, at);
        status = sp_record_decode(&back, leaf, &f.mem);
        assert_true(status == SP_OK || (status == SP_ENOMEM && back.kind == SP_RECORD_NONE));
        sp_arena_fini(&f.arena);
        assert_true(at < 100);
    }
    sp_arena_fini(&arena);
}

/* ---- findings of an answer ---- */

enum { FINDINGS = 1024 };

/* Findings of two kinds in turns, each pair at a place of its own of `n_places`. */
static sp_review_summary many_findings(sp_review_finding *list, const char *path, size_t n_places)
{
    for (size_t i = 0; i < FINDINGS; i++) {
        list[i] = (sp_review_finding){
            .finding = {.start = (uint32_t)i,
                        .end = (uint32_t)i + 9,
                        .kind = i % 2 ? SP_KIND_IBAN : SP_KIND_EMAIL,
                        .confidence = (uint8_t)(i % 100)},
            .place = {.path = path, .index = {(uint32_t)(i / 2 % n_places)}},
        };
    }
    return (sp_review_summary){.findings = list, .n_findings = FINDINGS};
}

static sp_record record_findings(sp_mem *mem, const sp_review_summary *summary)
{
    sp_record back, record = help_full(SP_RECORD_OUTCOME);
    assert_int_equal(sp_record_of_findings(&record, summary, mem), SP_OK);
    assert_int_equal(sp_record_decode(&back, encode(mem, &record), mem), SP_OK);
    return back;
}

static size_t count_of(const sp_record *record, uint8_t kind)
{
    size_t n = 0;
    for (size_t i = 0; i < record->n_atoms; i++) {
        n += record->atoms[i].kind == kind ? record->atoms[i].count : 0;
    }
    return n;
}

static void findings_of_one_place_are_one_atom(void **state)
{
    (void)state;
    static sp_review_finding list[FINDINGS];
    sp_arena arena;
    sp_arena_init(&arena, 4 << 20);
    const sp_review_summary summary = many_findings(list, "choices[].delta.content", 3);
    const sp_record record = record_findings(&arena.mem, &summary);
    assert_int_equal(record.n_atoms, 6);
    assert_bytes(record.atoms[3].place, SP_LIT("choices[1].delta.content"));
    assert_int_equal(record.atoms[3].kind, SP_KIND_IBAN);
    assert_int_equal(record.atoms[3].start, 3);
    assert_int_equal(record.atoms[3].end, 12);
    assert_int_equal(record.atoms[3].confidence, 99);
    assert_int_equal(count_of(&record, SP_KIND_IBAN), FINDINGS / 2);
    sp_arena_fini(&arena);
}

/* However many places an answer has and however long they are, its record fits and no finding is lost. */
static void findings_of_many_places_fit(void **state)
{
    (void)state;
    static sp_review_finding list[FINDINGS];
    static char long_path[600];
    memset(long_path, 'p', sizeof long_path - 1);
    long_path[0] = '[';
    const char *const paths[] = {"choices[].delta.content", long_path};
    for (size_t i = 0; i < 2; i++) {
        sp_arena arena;
        sp_arena_init(&arena, 4 << 20);
        const sp_review_summary summary = many_findings(list, paths[i], FINDINGS);
        const sp_record record = record_findings(&arena.mem, &summary);
        assert_int_equal(count_of(&record, SP_KIND_IBAN), FINDINGS / 2);
        assert_int_equal(count_of(&record, SP_KIND_EMAIL), FINDINGS / 2);
        assert_in_range(record.n_atoms, 32, 258);
        assert_int_equal(record.atoms[record.n_atoms - 1].place.n, 0);
        assert_true(record.atoms[record.n_atoms - 3].place.n > 0);
        assert_int_equal(encode(&arena.mem, &record).n < 48 << 10, true);
        sp_arena_fini(&arena);
    }
}

static void findings_that_find_no_memory_are_told(void **state)
{
    (void)state;
    static sp_review_finding list[FINDINGS];
    const sp_review_summary summary = many_findings(list, "choices[].delta.content", 3);
    sp_status status = SP_ENOMEM;
    size_t at;
    for (at = 1; status != SP_OK; at++) {
        failing f;
        sp_record record = {0};
        failing_init(&f, at);
        status = sp_record_of_findings(&record, &summary, &f.mem);
        assert_true(status == SP_OK || (status == SP_ENOMEM && record.n_atoms == 0));
        sp_arena_fini(&f.arena);
        assert_true(at < 100);
    }
    assert_true(at > 8); /* two lists, six places */
}

/* ---- ids, hashes, JSON ---- */

static void the_request_id_is_found_in_a_damaged_leaf(void **state)
{
    (void)state;
    uint8_t id[SP_REQUEST_ID_BYTES];
    sp_arena arena;
    const sp_record record = help_full(SP_RECORD_OUTCOME);
    sp_arena_init(&arena, 1 << 20);
    const sp_bytes leaf = encode(&arena.mem, &record);
    assert_true(sp_leaf_request_id(id, sp_bytes_sub(leaf, 0, 21)));
    assert_memory_equal(id, record.request_id, sizeof id);
    assert_false(sp_leaf_request_id(id, sp_bytes_sub(leaf, 0, 20)));
    assert_false(sp_leaf_request_id(id, SP_LIT("SL\1\1\2\1")));
    sp_arena_fini(&arena);
}

static void a_leaf_hash_is_that_of_rfc_6962(void **state)
{
    (void)state;
    uint8_t hash[32];
    char hex[65];
    assert_int_equal(sp_leaf_hash(hash, SP_BYTES_EMPTY), SP_OK);
    sp_hex_encode(hex, (sp_bytes){hash, sizeof hash});
    assert_string_equal(hex, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    assert_int_equal(sp_leaf_hash(hash, SP_LIT("L123456")), SP_OK);
    sp_hex_encode(hex, (sp_bytes){hash, sizeof hash});
    assert_string_equal(hex, "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
}

static void json_says_names_and_times(void **state)
{
    (void)state;
    static const char want[] =
        "{\"kind\":\"refusal\",\"request_id\":\"101112131415161718191a1b1c1d1e1f\",\"attempt\":2,"
        "\"at\":\"2026-11-24T17:00:00.123456Z\",\"at_ns\":1795539600123456789,\"generation\":7,"
        "\"key_id\":\"a0a1a2a3a4a5a6a7\",\"application\":\"in\\\"tra\",\"use_case\":\"contracts\","
        "\"dialect\":\"openai\","
        "\"model\":\"assistant\",\"is_stream\":true,\"label\":\"confidential;legal,financial;*;trusted\","
        "\"outcome\":\"reroute\",\"status\":\"answer_withheld\",\"http_status\":200,"
        "\"parameters\":\"temperature=0.2;max_tokens=100\","
        "\"atoms\":[{\"source\":\"detector\",\"kind\":\"iban\",\"confidence\":99,\"level\":2,\"count\":3,"
        "\"start\":17,"
        "\"end\":39,\"place\":\"messages[1].content\"},{\"source\":\"use-case\",\"kind\":0,\"confidence\":0,"
        "\"level\":1,"
        "\"count\":1,\"start\":0,\"end\":0,\"place\":\"\"}],"
        "\"candidates\":[{\"destination\":\"openai-eu\",\"reason\":\"";
    sp_arena arena;
    sp_record record = help_full(SP_RECORD_REFUSAL);
    sp_arena_init(&arena, 1 << 20);
    record.application = SP_LIT("in\"tra");
    record.at_ns = UINT64_C(1795539600123456789);
    sp_buf out = SP_BUF_IN(&arena.mem);
    sp_record_json_append(&out, &record, NULL);
    assert_int_equal(out.status, SP_OK);
    const sp_bytes head = sp_bytes_sub(sp_buf_bytes(&out), 0, sizeof want - 1);
    sp_buf_append_byte(&out, 0);
    if (!same_bytes(head, sp_bytes_of(want))) fail_msg("%s", (const char *)out.p);
    assert_non_null(strstr((const char *)out.p, "\"bytes_in\":4096,\"decide_us\":90,\"total_us\":345678,"));
    assert_null(strstr((const char *)out.p, "destination_model")); /* not of this kind */
    sp_arena_fini(&arena);
}

typedef struct time_case {
    uint64_t at_ns;
    const char *text;
} time_case;

static void times_are_those_of_the_calendar(void **state)
{
    (void)state;
    static const time_case cases[] = {
        {0, "1970-01-01T00:00:00.000000Z"},
        {UINT64_C(951782399999999999), "2000-02-28T23:59:59.999999Z"},
        {UINT64_C(951782400000000000), "2000-02-29T00:00:00.000000Z"},
        {UINT64_C(4107542400000000000), "2100-03-01T00:00:00.000000Z"},
        {UINT64_MAX, "2554-07-21T23:34:33.709551Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sp_arena arena;
        sp_arena_init(&arena, 1 << 16);
        sp_buf out = SP_BUF_IN(&arena.mem);
        sp_time_append(&out, cases[i].at_ns);
        assert_bytes(sp_buf_bytes(&out), sp_bytes_of(cases[i].text));
        sp_arena_fini(&arena);
    }
}

/* ---- the manual ---- */

/* docs/reference/record.md beside the sources, found from this file's own name. */
static char *manual(void)
{
    char path[4096];
    const char *end = strstr(__FILE__, "test/unit/test_record.c");
    assert_non_null(end);
    (void)snprintf(path, sizeof path, "%.*sdocs/reference/record.md", (int)(end - __FILE__), __FILE__);
    FILE *f = fopen(path, "rb");
    if (f == NULL) fail_msg("%s cannot be read", path);
    char *text = calloc(1, 256 << 10);
    assert_non_null(text);
    assert_true(fread(text, 1, (256 << 10) - 1, f) > 0);
    (void)fclose(f);
    return text;
}

static void the_manual_lists_every_field(void **state)
{
    (void)state;
    char *text = manual();
    const sp_record_field *f;
    for (size_t i = 0; (f = sp_record__field(i)) != NULL; i++) {
        char row[64];
        (void)snprintf(row, sizeof row, "\n| %u | `%s` |", (unsigned)f->number, f->name);
        if (strstr(text, row) == NULL) fail_msg("no row%s", row);
    }
    free(text);
}

/* Hexadecimal digits of the code block that follows `heading`, comments behind # left out. */
static size_t example(uint8_t *out, size_t max, const char *text, const char *heading)
{
    const char *at = strstr(text, heading);
    assert_non_null(at);
    at = strstr(at, "```");
    assert_non_null(at);
    const char *const end = strstr(at + 3, "```");
    size_t n = 0;
    bool is_comment = false;
    for (at += 3; at < end; at++) {
        is_comment = *at == '#' || (is_comment && *at != '\n');
        if (is_comment || *at == ' ' || *at == '\n') continue;
        assert_true(n < max);
        assert_int_equal(sp_hex_decode(&out[n++], 1, (sp_bytes){(const uint8_t *)at++, 2}), SP_OK);
    }
    return n;
}

static void the_worked_example_of_the_manual_is_right(void **state)
{
    (void)state;
    uint8_t leaf[1024], stated[32], hash[32];
    sp_arena arena;
    sp_record back;
    char *text = manual();
    sp_arena_init(&arena, 1 << 20);
    const size_t n = example(leaf, sizeof leaf, text, "### Worked example");
    assert_int_equal(sp_record_decode(&back, (sp_bytes){leaf, n}, &arena.mem), SP_OK);
    assert_int_equal(back.kind, SP_RECORD_INTENT);
    assert_bytes(back.application, SP_LIT("intranet"));
    assert_bytes(back.destination, SP_LIT("local"));
    assert_int_equal(back.label.level, 2);
    assert_int_equal(back.n_atoms, 1);
    assert_int_equal(back.n_blocks, 1);
    assert_int_equal(example(stated, sizeof stated, text, "leaf hash of the example"), sizeof stated);
    assert_int_equal(sp_leaf_hash(hash, (sp_bytes){leaf, n}), SP_OK);
    assert_memory_equal(hash, stated, sizeof hash);
    sp_arena_fini(&arena);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_stand_in_order_of_their_numbers),
        cmocka_unit_test(decode_gives_back_what_was_encoded),
        cmocka_unit_test(each_kind_carries_what_the_table_says),
        cmocka_unit_test(every_cut_and_every_flip_is_refused_or_canonical),
        cmocka_unit_test(what_the_encoder_never_writes_is_refused),
        cmocka_unit_test(what_a_leaf_cannot_say_is_not_encoded),
        cmocka_unit_test(the_most_blocks_fit),
        cmocka_unit_test(odd_reports_are_left_out),
        cmocka_unit_test(each_failing_allocation_is_told),
        cmocka_unit_test(findings_of_one_place_are_one_atom),
        cmocka_unit_test(findings_of_many_places_fit),
        cmocka_unit_test(findings_that_find_no_memory_are_told),
        cmocka_unit_test(the_request_id_is_found_in_a_damaged_leaf),
        cmocka_unit_test(a_leaf_hash_is_that_of_rfc_6962),
        cmocka_unit_test(json_says_names_and_times),
        cmocka_unit_test(times_are_those_of_the_calendar),
        cmocka_unit_test(the_manual_lists_every_field),
        cmocka_unit_test(the_worked_example_of_the_manual_is_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
