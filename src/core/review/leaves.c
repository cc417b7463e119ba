/* Lists the strings, key names and numbers of an answer's JSON in document order, each with its row. A path
 * that no row names falls to the nearest "?" row above it, so that nothing is without a row and nothing is
 * skipped. */
#include "review/review_internal.h"

#include <string.h>

typedef struct walk {
    sp_review *review;
    const sp_json *json;
    char path[SP_PATH_BYTES_MAX];
    size_t path_n;
    uint32_t index[SP_PATH_INDEX_MAX];
    size_t n_index;
    uint64_t hash; /**< of the keys below a "?" row */
} walk;

/* First row that is not before `path`; n_rows when there is none. */
static size_t lower_bound(const sp_answer_table *table, const char *path)
{
    size_t low = 0, high = table->n_rows;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (strcmp(table->rows[mid].path, path) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

const sp_leaf_row *sp_review__row(const sp_answer_table *table, const char *path)
{
    const size_t i = lower_bound(table, path);
    return i < table->n_rows && strcmp(table->rows[i].path, path) == 0 ? &table->rows[i] : NULL;
}

static bool is_prefix(const sp_answer_table *table, const char *path)
{
    const size_t i = lower_bound(table, path);
    return i < table->n_rows && strncmp(table->rows[i].path, path, strlen(path)) == 0;
}

/* The "?" row that covers what stands at w->path. Each table has a row "?", so the loop ends. */
static const sp_leaf_row *unknown_row(const walk *w)
{
    char path[SP_PATH_BYTES_MAX + 2];
    size_t n = w->path_n;
    for (;;) {
        while (n > 0 && w->path[n - 1] != '.') n--;
        memcpy(path, w->path, n);
        path[n] = '?';
        path[n + 1] = '\0';
        const sp_leaf_row *row = sp_review__row(w->review->table, path);
        if (row != NULL || n == 0) return row;
        n--;
    }
}

static sp_status add_leaf(walk *w, const sp_leaf_row *row, const sp_node *node, bool is_key)
{
    sp_leaf leaf = {.row = row,
                    .text = sp_json_bytes(node),
                    .inner = sp_json_inner(w->json, node),
                    .hash = w->hash,
                    .is_string = !is_key && sp_json_type_of(node) == SP_JSON_STRING,
                    .is_key = is_key};
    memcpy(leaf.index, w->index, sizeof leaf.index);
    sp_buf_append(&w->review->leaves, (sp_bytes){(const uint8_t *)&leaf, sizeof leaf});
    return w->review->leaves.status;
}

static bool is_text(const sp_node *v)
{
    const sp_json_type type = sp_json_type_of(v);
    return type == SP_JSON_STRING || type == SP_JSON_NUMBER;
}

/* Tells the texts below one "?" row apart (FNV-1a over the names of their keys): two that stream side by side
 * must not be joined. */
static uint64_t hash_key(uint64_t hash, sp_bytes key)
{
    for (size_t i = 0; i < key.n; i++) hash = (hash ^ key.p[i]) * UINT64_C(0x100000001b3);
    return (hash ^ '.') * UINT64_C(0x100000001b3);
}

/* All that is below an unknown place belongs to its row. Recursion is bounded by SP_DEPTH_MAX. */
static sp_status add_below(walk *w, const sp_leaf_row *row, const sp_node *v)
{
    if (is_text(v)) return add_leaf(w, row, v, false);
    const uint64_t hash = w->hash;
    for (sp_each it = sp_each_of(v); sp_each_step(&it);) {
        if (it.key != NULL) SP_TRY(add_leaf(w, row, it.key, true));
        if (it.key != NULL) w->hash = hash_key(hash, sp_json_bytes(it.key));
        SP_TRY(add_below(w, row, it.value));
        w->hash = hash;
    }
    return SP_OK;
}

/* The number of an element: what its member `index` says, since servers leave elements out; else its
 * position. */
static sp_status index_of(uint32_t *out, const sp_node *element, uint32_t position)
{
    const sp_node *index = sp_json_find(element, SP_LIT("index"));
    uint64_t n = position;
    if (index != NULL && sp_json_type_of(index) != SP_JSON_NULL && !sp_number_u64(&n, sp_json_bytes(index))) {
        return SP_EUPSYNTAX;
    }
    if (n > SP_INDEX_MAX) return SP_EUPSYNTAX;
    *out = (uint32_t)n;
    return SP_OK;
}

static sp_status visit(walk *w, const sp_node *v);

static sp_status visit_elements(walk *w, const sp_node *array)
{
    const size_t path_n = w->path_n, n_index = w->n_index;
    memcpy(w->path + path_n, "[]", 3);
    w->path_n += 2;
    if (n_index < SP_PATH_INDEX_MAX) w->n_index++;
    for (sp_each it = sp_each_of(array); sp_each_step(&it);) {
        uint32_t unused;
        SP_TRY(index_of(n_index < SP_PATH_INDEX_MAX ? &w->index[n_index] : &unused, it.value, it.index));
        SP_TRY(visit(w, it.value));
    }
    if (n_index < SP_PATH_INDEX_MAX) w->index[n_index] = 0;
    w->n_index = n_index;
    w->path_n = path_n;
    w->path[path_n] = '\0';
    return SP_OK;
}

/* Extends the path by a key. @return false when no row can be that long: then it is unknown as well. */
static bool push_key(walk *w, sp_bytes key)
{
    const size_t dot = w->path_n > 0;
    if (w->path_n + dot + key.n + 4 > sizeof w->path) return false;
    if (dot) w->path[w->path_n++] = '.';
    memcpy(w->path + w->path_n, key.p, key.n);
    w->path_n += key.n;
    w->path[w->path_n] = '\0';
    return true;
}

/* A key with one of these would read like a path. */
static bool is_plain(sp_bytes key)
{
    for (size_t i = 0; i < key.n; i++) {
        if (key.p[i] == '.' || key.p[i] == '[' || key.p[i] == '?' || key.p[i] == '\0') return false;
    }
    return key.n > 0;
}

static sp_status visit_unknown(walk *w, const sp_each *it)
{
    const sp_leaf_row *row = unknown_row(w);
    SP_TRY(add_leaf(w, row, it->key, true));
    w->hash = hash_key(0, sp_json_bytes(it->key));
    const sp_status status = add_below(w, row, it->value);
    w->hash = 0;
    return status;
}

static sp_status visit_member(walk *w, const sp_each *it)
{
    const size_t path_n = w->path_n;
    const sp_bytes key = sp_json_bytes(it->key);
    const bool fits = is_plain(key) && push_key(w, key);
    if (!fits) memcpy(w->path + path_n, ".?", 3);
    if (!fits) w->path_n = path_n + 2;
    const bool is_known = fits && is_prefix(w->review->table, w->path);
    const sp_status status = is_known ? visit(w, it->value) : visit_unknown(w, it);
    w->path_n = path_n;
    w->path[path_n] = '\0';
    return status;
}

/* Is there a row below the path for what a container of this kind holds? */
static bool has_rows_below(walk *w, char next)
{
    w->path[w->path_n] = next;
    w->path[w->path_n + 1] = '\0';
    const bool yes = is_prefix(w->review->table, w->path_n > 0 ? w->path : "");
    w->path[w->path_n] = '\0';
    return yes;
}

/* Depth is bounded by SP_DEPTH_MAX (and in truth by the longest row), so recursion is. */
static sp_status visit(walk *w, const sp_node *v)
{
    const sp_json_type type = sp_json_type_of(v);
    if (type == SP_JSON_OBJECT && has_rows_below(w, '.')) {
        for (sp_each it = sp_each_of(v); sp_each_step(&it);) SP_TRY(visit_member(w, &it));
        return SP_OK;
    }
    if (type == SP_JSON_ARRAY && has_rows_below(w, '[')) return visit_elements(w, v);
    const sp_leaf_row *row = is_text(v) ? sp_review__row(w->review->table, w->path) : NULL;
    return add_below(w, row != NULL ? row : unknown_row(w), v);
}

/* ---- parsing with memory that is used again ---- */

enum { POOL_BLOCK = 4096 };

/* yyjson's values and spans take 24 bytes each, and a value may be two bytes long ("1,"): 3 n does for most,
 * 16 n for all. */
static sp_status parse(sp_review *review, sp_bytes text, sp_json *json)
{
    for (size_t factor = 4; factor <= 32; factor *= 4) {
        size_t need;
        if (!sp_size_mul(&need, text.n, factor) || !sp_size_add(&need, need, POOL_BLOCK)) return SP_ENOMEM;
        if (review->pool.size < need) {
            void *p = sp_alloc_bytes(review->mem, need * 2);
            if (p == NULL) return SP_ENOMEM;
            sp_pool_init(&review->pool, p, need * 2);
        }
        sp_pool_reset(&review->pool);
        const sp_status status = sp_json_parse(json, text, &review->pool.mem, NULL);
        if (status == SP_OK) return SP_OK;
        if (status != SP_ENOMEM) return status == SP_EINTERNAL ? status : SP_EUPSYNTAX;
    }
    return SP_ENOMEM;
}

sp_status sp_review__leaves(sp_review *review, sp_bytes json_text, sp_json *json)
{
    review->leaves.n = 0;
    SP_TRY(parse(review, json_text, json));
    if (sp_json_type_of(json->root) != SP_JSON_OBJECT) return SP_EUPSYNTAX;
    walk w = {.review = review, .json = json};
    if (review->table->is_index_on_top) {
        SP_TRY(index_of(&w.index[0], json->root, 0));
        w.n_index = 1;
    }
    return visit(&w, json->root);
}
