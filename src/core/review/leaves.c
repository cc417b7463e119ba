/* Lists the strings, key names and numbers of an answer's JSON in document order, each with its row. A path
 * that no row names falls to the nearest "?" row above it, so that nothing is without a row and nothing is
 * skipped. */
#include "review/review_internal.h"

#include <string.h>

/* A place in the document as the table sees it: the rows whose path goes through it. They are neighbours,
 * since rows are sorted; and as
 * '.' and '[' sort before letters, those that go on below a name stand right behind the row of the name
 * itself. */
typedef struct place {
    const sp_leaf_row *row, *end; /**< none when nobody knows this place */
    size_t at;                    /**< length of the path up to here */
    const sp_leaf_row *unknown;   /**< the "?" row that covers what is not named */
} place;

typedef struct walk {
    sp_review *review;
    const sp_json *json;
    size_t n_members; /**< looked up so far */
    uint32_t index[SP_PATH_INDEX_MAX];
    size_t n_index;
    uint64_t hash; /**< of the keys below a "?" row */
} walk;

/* ---- the table ---- */

/* A key with one of these would read like a path. */
static bool is_plain(sp_bytes key)
{
    for (size_t i = 0; i < key.n; i++) {
        if (key.p[i] == '.' || key.p[i] == '[' || key.p[i] == '?' || key.p[i] == '\0') return false;
    }
    return key.n > 0;
}

/* Order of a row to a key at this place: < 0 before it, 0 when its path goes through the key, > 0 behind it.
 */
static int compare(const sp_leaf_row *row, size_t at, sp_bytes key)
{
    const char *name = row->path + at;
    if (key.p == NULL) return 1;
    int order = (uint8_t)name[0] - key.p[0]; /* the first letter tells most apart */
    if (order == 0) order = strncmp(name, (const char *)key.p, key.n);
    if (order != 0) return order;
    return name[key.n] == '\0' || name[key.n] == '.' || name[key.n] == '[' ? 0 : 1;
}

/* The first row of the place, from `low` on, whose order to the key is `least` or more. */
static const sp_leaf_row *bound(const place *object, const sp_leaf_row *low, sp_bytes key, int least)
{
    const sp_leaf_row *end = object->end;
    while (low < end) {
        const sp_leaf_row *mid = low + (end - low) / 2;
        const bool is_before = compare(mid, object->at, key) < least;
        low = is_before ? mid + 1 : low;
        end = is_before ? end : mid;
    }
    return low;
}

/* The place of member `key`; without rows when nobody knows it. */
static place search(const place *object, sp_bytes key)
{
    const size_t at = object->at + key.n;
    place member = {object->row, object->row, at, object->unknown};
    if (!is_plain(key)) return member;
    member.row = member.end = bound(object, object->row, key, 0);
    if (member.row < object->end && compare(member.row, object->at, key) == 0)
        member.end = bound(object, member.row, key, 1);
    return member;
}

static bool is_hinted(const sp_leaf_hint *hint, const sp_leaf_row *rows, const place *object, sp_bytes key)
{
    return hint->row < hint->end && rows + hint->object == object->row && hint->at == object->at &&
           hint->key_n == key.n && key.p != NULL &&
           memcmp(rows[hint->row].path + hint->at, key.p, key.n) == 0;
}

/* The same by what the n-th look-up of the event before found: the events of a stream are alike. Where a
 * place's rows begin and how long its path is tells which place it is. */
static place member_of(walk *w, const place *object, sp_bytes key)
{
    const sp_leaf_row *rows = w->review->table->rows;
    const size_t n = w->n_members++;
    sp_leaf_hint *hint = w->review->hints != NULL && n < SP_LEAF_HINTS ? &w->review->hints[n] : NULL;
    if (hint != NULL && is_hinted(hint, rows, object, key))
        return (place){rows + hint->row, rows + hint->end, object->at + key.n, object->unknown};
    const place member = search(object, key);
    if (hint != NULL && member.row < member.end)
        *hint = (sp_leaf_hint){(uint16_t)(object->row - rows), (uint16_t)(member.row - rows),
                               (uint16_t)(member.end - rows), (uint16_t)object->at, (uint16_t)key.n};
    return member;
}

/* The rows that go on with `next` ('.' or '['), and the "?" among them, which sorts first. */
static place below(const place *p, char next)
{
    const size_t skip = next == '.' ? 1 : 2;
    const sp_leaf_row *row = p->row, *end = p->end;
    while (row < end && row->path[p->at] < next) row++;
    while (row < end && end[-1].path[p->at] > next) end--;
    return (place){row, end, p->at + skip, p->unknown};
}

static void find_unknown(place *object)
{
    if (object->row < object->end && strcmp(object->row->path + object->at, "?") == 0)
        object->unknown = object->row;
}

/* The row that names this place itself; else what covers it. */
static const sp_leaf_row *row_of(const place *p)
{
    return p->row < p->end && p->row->path[p->at] == '\0' ? p->row : p->unknown;
}

/* ---- the document ---- */

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

static sp_status visit(walk *w, const place *p, const sp_node *v);

static sp_status visit_elements(walk *w, const place *element, const sp_node *array)
{
    const size_t n_index = w->n_index;
    uint32_t deeper = 0; /* indexes beyond SP_PATH_INDEX_MAX are not kept */
    uint32_t *index = n_index < SP_PATH_INDEX_MAX ? &w->index[n_index] : &deeper;
    w->n_index++;
    const uint32_t most = n_index == 0 ? w->review->options.n_choices : 0; /* only choices lie on top */
    for (sp_each it = sp_each_of(array); sp_each_step(&it);) {
        SP_TRY(index_of(index, it.value, it.index));
        if (most > 0 && *index >= most) return SP_EUPSYNTAX;
        SP_TRY(visit(w, element, it.value));
    }
    *index = 0;
    w->n_index = n_index;
    return SP_OK;
}

/* Names are texts (tokens that a model did not choose), their values say how likely each was. */
static sp_status visit_named(walk *w, const sp_leaf_row *row, const sp_each *it)
{
    w->index[2] = it->index;
    sp_status status = add_leaf(w, row, it->key, true);
    if (status == SP_OK && sp_json_type_of(it->value) != SP_JSON_NUMBER)
        status = add_below(w, row, it->value);
    w->index[2] = 0;
    return status;
}

static sp_status visit_unknown(walk *w, const sp_leaf_row *row, const sp_each *it)
{
    SP_CHECK(row != NULL); /* every table begins with "?" */
    if (row->cls == SP_LEAF_FIRST) return visit_named(w, row, it);
    SP_TRY(add_leaf(w, row, it->key, true));
    w->hash = hash_key(0, sp_json_bytes(it->key));
    const sp_status status = add_below(w, row, it->value);
    w->hash = 0;
    return status;
}

static sp_status visit_members(walk *w, const place *object, const sp_node *v)
{
    for (sp_each it = sp_each_of(v); sp_each_step(&it);) {
        SP_CHECK(it.key != NULL); /* a member has a key */
        const place member = member_of(w, object, sp_json_bytes(it.key));
        if (member.row < member.end)
            SP_TRY(visit(w, &member, it.value));
        else
            SP_TRY(visit_unknown(w, object->unknown, &it));
    }
    return SP_OK;
}

/* Numbers and nothing else, in lists of any depth: recursion is bounded by SP_DEPTH_MAX. */
static bool is_vector(const sp_node *v)
{
    for (sp_each it = sp_each_of(v); sp_each_step(&it);) {
        const sp_json_type type = sp_json_type_of(it.value);
        if (type == SP_JSON_ARRAY ? !is_vector(it.value) : type != SP_JSON_NUMBER) return false;
    }
    return true;
}

/* Where rows go on below, so does the walk; recursion is bounded by the longest row. All else is text of one
 * row, or unknown: an array where the table has a string is nothing that it knows. */
static sp_status visit(walk *w, const place *p, const sp_node *v)
{
    const sp_json_type type = sp_json_type_of(v);
    if (is_text(v)) return add_leaf(w, row_of(p), v, false);
    if (type < SP_JSON_ARRAY) return SP_OK;
    if (type == SP_JSON_ARRAY && row_of(p)->cls == SP_LEAF_VECTOR && is_vector(v)) return SP_OK;
    place inner = below(p, type == SP_JSON_OBJECT ? '.' : '[');
    if (inner.row == inner.end) return add_below(w, p->unknown, v);
    if (type == SP_JSON_ARRAY) return visit_elements(w, &inner, v);
    find_unknown(&inner);
    return visit_members(w, &inner, v);
}

/* ---- parsing with memory that is used again ---- */

enum { LEAVES_USUAL = 16 };

/* Tree and leaves are of no use behind the event at hand: all streams of a thread take turns in their memory,
 * each within what it may still take for itself. */
static sp_status parse(sp_review *review, sp_bytes text, sp_json *json)
{
    sp_mem *work = sp_scratch_work(review->scratch, review->mem->limit - review->mem->used);
    review->leaves = SP_BUF_IN(work);
    if (sp_buf_reserve(&review->leaves, LEAVES_USUAL * sizeof(sp_leaf)) == NULL) return SP_ENOMEM;
    const sp_status status = sp_json_parse(json, text, work, NULL);
    return status == SP_OK || status == SP_EINTERNAL || status == SP_ENOMEM ? status : SP_EUPSYNTAX;
}

void sp_review__leaves_forget(sp_review *review)
{
    review->leaves = SP_BUF_IN(review->mem);
}

sp_status sp_review__leaves(sp_review *review, sp_bytes json_text, sp_json *json)
{
    SP_TRY(parse(review, json_text, json));
    if (sp_json_type_of(json->root) != SP_JSON_OBJECT) return SP_EUPSYNTAX;
    walk w = {.review = review, .json = json};
    place top = {review->table->rows, review->table->rows + review->table->n_rows, 0, NULL};
    find_unknown(&top);
    if (review->table->is_index_on_top) {
        SP_TRY(index_of(&w.index[0], json->root, 0));
        w.n_index = 1;
    }
    return visit_members(&w, &top, json->root);
}
