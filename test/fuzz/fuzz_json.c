/* The strict JSON reader. Laws on what it accepts: spans lie inside of each other and in order, a token
 * decodes to the node's bytes, a document made of the root's span alone is accepted again with the same
 * nodes, and no object has a key twice. The quick reader and yyjson read the same. */
#include <stdlib.h>
#include <string.h>

#include "parse/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LAW(cond)             \
    do {                      \
        if (!(cond)) abort(); \
    } while (0)

static void check_string(const sp_json *json, const sp_node *v)
{
    const sp_span inner = sp_json_inner(json, v);
    const sp_bytes raw = sp_bytes_sub(json->text, inner.start, inner.end), text = sp_json_bytes(v);
    LAW(json->text.p[inner.start - 1] == '"' && json->text.p[inner.end] == '"');
    LAW(sp_utf8_valid_prefix(text) == text.n);
    if (sp_json_is_verbatim(v)) LAW(sp_bytes_eq(raw, text));
    size_t down, up;
    LAW(sp_json_raw_offset(&down, raw, text.n, false) == SP_OK && down == raw.n);
    LAW(sp_json_raw_offset(&up, raw, 0, true) == SP_OK && up == 0);
    LAW(sp_json_raw_offset(&up, raw, text.n + 1, true) == SP_ERANGE);
}

static void check_container(const sp_json *json, const sp_node *v)
{
    uint32_t at = sp_json_span(json, v).start + 1;
    for (sp_each it = sp_each_of(v); sp_each_step(&it);) {
        const sp_span value = sp_json_span(json, it.value);
        const sp_span first = it.key != NULL ? sp_json_span(json, it.key) : value;
        LAW(first.start >= at && value.end < sp_json_span(json, v).end);
        at = value.end;
        /* The first member of that name is this one: there is no other. Quadratic, so for small ones. */
        if (it.key != NULL && sp_json_count(v) < 64) LAW(sp_json_find(v, sp_json_bytes(it.key)) == it.value);
    }
}

static void check_node(const sp_json *json, const sp_node *v)
{
    const sp_span span = sp_json_span(json, v);
    LAW(span.start < span.end && span.end <= json->text.n);
    const sp_bytes token = sp_bytes_sub(json->text, span.start, span.end);
    switch (sp_json_type_of(v)) {
    case SP_JSON_STRING:
        check_string(json, v);
        return;
    case SP_JSON_NUMBER:
        LAW(sp_bytes_eq(token, sp_json_bytes(v)));
        return;
    case SP_JSON_BOOL:
        LAW(sp_bytes_eq(token, sp_json_is_true(v) ? SP_LIT("true") : SP_LIT("false")));
        return;
    case SP_JSON_NULL:
        LAW(sp_bytes_eq(token, SP_LIT("null")));
        return;
    default:
        check_container(json, v);
    }
}

static bool is_ascii(sp_bytes s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] >= 0x80) return false;
    }
    return true;
}

static void check_same(const sp_node *a, const sp_node *b)
{
    LAW((a->tag & ~(uint64_t)SP_JSON_ASCII) == (b->tag & ~(uint64_t)SP_JSON_ASCII));
    LAW(sp_bytes_eq(sp_json_bytes(a), sp_json_bytes(b)));
    LAW(sp_json_type_of(a) < SP_JSON_ARRAY || a->uni.ofs == b->uni.ofs);
    LAW(!sp_json_is_ascii(a) || is_ascii(sp_json_bytes(a)));
}

/* Whoever reads, it is the same: yyjson alone, or the quick reader where it does not give up. */
static void check_readers(const sp_json *json, sp_status status, const sp_diag *diag)
{
    sp_arena arena;
    sp_json other;
    sp_diag said = {0};
    sp_arena_init(&arena, (size_t)64 << 20);
    LAW(sp_json_parse_with(&other, json->text, SP_JSON_BY_YYJSON, &arena.mem, &said) == status);
    LAW(other.n_nodes == json->n_nodes && (status == SP_OK || said.at == diag->at));
    for (uint32_t i = 0; status == SP_OK && i < other.n_nodes; i++) {
        check_same(json->root + i, other.root + i);
        LAW(json->spans[i].start == other.spans[i].start && json->spans[i].end == other.spans[i].end);
    }
    sp_arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sp_arena arena;
    sp_arena_init(&arena, (size_t)64 << 20);
    sp_json json, again;
    sp_diag diag = {0};
    const sp_bytes text = {data, size};
    const sp_status status = sp_json_parse(&json, text, &arena.mem, &diag);
    check_readers(&(sp_json){text, json.root, json.spans, json.n_nodes}, status, &diag);
    if (status == SP_OK) {
        for (uint32_t i = 0; i < json.n_nodes; i++) check_node(&json, json.root + i);
        const sp_span root = sp_json_span(&json, json.root);
        LAW(sp_json_parse(&again, sp_bytes_sub(text, root.start, root.end), &arena.mem, NULL) == SP_OK);
        LAW(again.n_nodes == json.n_nodes);
    } else {
        LAW(json.root == NULL && diag.code == status && (diag.at <= size || diag.at == SIZE_MAX));
        /* Only repeated keys are let through by that flag. */
        if (status != SP_EDUPKEY)
            LAW(sp_json_parse_with(&json, text, SP_JSON_DUPLICATES, &arena.mem, NULL) == status);
    }
    sp_arena_fini(&arena);
    return 0;
}
