/** @file json.h  Strict JSON (RFC 8259) with exact spans: yyjson reads, this layer refuses what parsers
 * read differently and says where each value stands in the input. Private to the core.
 *
 * Nodes lie in document order in one array: a container, then what it holds. A member of an object is two
 * nodes, key and value. A node of a string carries its decoded bytes (UTF-8, may hold NUL), a node of a
 * number its token, in the memory of the parse or in the text itself, which has to stay as long; neither ends
 * in a NUL that may be relied on. */
#pragma once
#include <yyjson.h>

#include "sallyport/request.h"

typedef struct yyjson_val sp_node;

/** The numbers are yyjson's own, so that a type is read without a table; containers are the highest. */
typedef enum sp_json_type {
    SP_JSON_NONE = 0, /**< the type of a NULL node, so that a missing member needs no case of its own */
    SP_JSON_NUMBER = YYJSON_TYPE_RAW, /**< numbers are kept as tokens */
    SP_JSON_NULL = YYJSON_TYPE_NULL,
    SP_JSON_BOOL = YYJSON_TYPE_BOOL,
    SP_JSON_STRING = YYJSON_TYPE_STR,
    SP_JSON_ARRAY = YYJSON_TYPE_ARR,
    SP_JSON_OBJECT = YYJSON_TYPE_OBJ,
} sp_json_type;
/** Bit of a string's node: none of its decoded bytes is beyond ASCII. Without it they have to be looked at.
 * In the bits that yyjson leaves free. */
enum { SP_JSON_ASCII = 1 << 5 };
_Static_assert((SP_JSON_ASCII & YYJSON_RESERVED_MASK) != 0, "a bit of ours");
_Static_assert(YYJSON_TYPE_STR < YYJSON_TYPE_ARR && YYJSON_TYPE_ARR < YYJSON_TYPE_OBJ &&
                   YYJSON_TYPE_BOOL < YYJSON_TYPE_ARR && YYJSON_TYPE_RAW != 0,
               "types are compared by their order");

typedef struct sp_json {
    sp_bytes text;        /**< borrowed: what was parsed */
    const sp_node *root;  /**< first of n_nodes */
    const sp_span *spans; /**< per node: the token with its quotes, a container with its braces */
    uint32_t n_nodes;
} sp_json;

/** What sp_json_parse_with lets pass; the zero value is strict. */
enum {
    SP_JSON_DUPLICATES =
        1, /**< repeated keys: for text that is only looked at, where each of them must be seen */
    SP_JSON_BY_YYJSON = 2, /**< nothing more; skips the quick reader, which the tests compare with this */
};

/** Parses one JSON value that fills `text` but for white space around it. Refuses repeated keys (compared
 * after decoding), invalid UTF-8, lone surrogates, a byte order mark, trailing bytes and nesting above
 * SP_DEPTH_MAX. Numbers are kept as tokens. No recursion.
 * @param text  1..SP_BODY_MAX bytes; borrowed, not modified.
 * @param mem   takes 24 bytes per value, at least 3 x text.n, and text.n where strings have escapes; for what
 * is refused 4 x text.n more.
 * @return SP_OK, SP_ESYNTAX (also for empty text), SP_EDUPKEY, SP_EUTF8, SP_EDEPTH, SP_ESIZE, SP_ENOMEM;
 *         diag->at is the offset in `text`. On failure `*out` is zeroed. Time O(n log n) in the worst
 *         case, whatever the keys are. */
SP_NODISCARD sp_status sp_json_parse(sp_json *out, sp_bytes text, sp_mem *mem, sp_diag *diag);
SP_NODISCARD sp_status sp_json_parse_with(sp_json *out, sp_bytes text, unsigned flags, sp_mem *mem,
                                          sp_diag *diag);

/** Memory for one event after the other: an sp_mem over bytes of the caller that starts anew at each
 * reset. Nothing to free. */
typedef struct sp_pool {
    sp_mem mem; /**< pass &pool.mem; valid as long as the pool does not move */
    uint8_t *start, *p;
    size_t size, n; /**< of all, and what is left from `p` on */
} sp_pool;
/** @param p  n bytes, aligned for any object; borrowed. */
void sp_pool_init(sp_pool *pool, void *p, size_t n);
/** What was taken from it is gone. */
void sp_pool_reset(sp_pool *pool);

/* ---- values; every accessor takes NULL and a node of any type ---- */

static inline sp_json_type sp_json_type_of(const sp_node *v)
{
    return v == NULL ? SP_JSON_NONE : (sp_json_type)(v->tag & YYJSON_TYPE_MASK);
}

/** Decoded bytes of a string or the token of a number, borrowed from the memory of the parse or from the
 * text; else empty. */
static inline sp_bytes sp_json_bytes(const sp_node *v)
{
    const sp_json_type type = sp_json_type_of(v);
    if (v == NULL || (type != SP_JSON_STRING && type != SP_JSON_NUMBER)) return SP_BYTES_EMPTY;
    return (sp_bytes){(const uint8_t *)v->uni.str, (size_t)(v->tag >> YYJSON_TAG_BIT)};
}

/** A string without escapes: its decoded bytes are its token. */
static inline bool sp_json_is_verbatim(const sp_node *v)
{
    const unsigned kind = YYJSON_TYPE_MASK | YYJSON_SUBTYPE_MASK;
    return v != NULL && (v->tag & kind) == (YYJSON_TYPE_STR | YYJSON_SUBTYPE_NOESC);
}

/** A string that is known to be ASCII. */
static inline bool sp_json_is_ascii(const sp_node *v)
{
    return v != NULL && (v->tag & SP_JSON_ASCII) != 0;
}

static inline bool sp_json_is_true(const sp_node *v)
{
    return v != NULL && (v->tag & YYJSON_TAG_MASK) == (YYJSON_TYPE_BOOL | YYJSON_SUBTYPE_TRUE);
}

/** Number of elements of an array or of members of an object; else 0. */
static inline size_t sp_json_count(const sp_node *v)
{
    if (v == NULL) return 0;
    return sp_json_type_of(v) >= SP_JSON_ARRAY ? (size_t)(v->tag >> YYJSON_TAG_BIT) : 0;
}

/** The first node inside of a container (element or key), NULL when there is none. Go on with sp_json_next
 * for sp_json_count steps. */
static inline const sp_node *sp_json_first(const sp_node *v)
{
    return v != NULL && sp_json_count(v) > 0 ? v + 1 : NULL;
}

/** The node after `v` and all that it holds: the next element; from a key its value; from a value the next
 * key. Not past the end of the container: count. */
static inline const sp_node *sp_json_next(const sp_node *v)
{
    if (v == NULL) return NULL;
    const bool is_container = sp_json_type_of(v) >= SP_JSON_ARRAY;
    return (const sp_node *)(const void *)((const uint8_t *)v +
                                           (is_container ? v->uni.ofs : sizeof(sp_node)));
}

/** The value of member `key`, or NULL (also when `object` is none). Linear in the number of members. */
const sp_node *sp_json_find(const sp_node *object, sp_bytes key);
/** The same for a path of keys, e.g. SP_LIT("usage"), SP_LIT("input_tokens"). */
const sp_node *sp_json_find2(const sp_node *object, sp_bytes key, sp_bytes inner);

/** Iteration: `for (sp_each it = sp_each_of(v); sp_each_step(&it);)` gives it.key (NULL in an array) and
 * it.value, in order. */
typedef struct sp_each {
    const sp_node *key, *value;
    const sp_node *next;
    size_t left;
    uint32_t index; /**< of it.value in its container */
    bool is_object;
} sp_each;

static inline sp_each sp_each_of(const sp_node *container)
{
    return (sp_each){.next = sp_json_first(container),
                     .left = sp_json_count(container),
                     .index = UINT32_MAX,
                     .is_object = sp_json_type_of(container) == SP_JSON_OBJECT};
}

static inline bool sp_each_step(sp_each *it)
{
    if (it->left == 0) return false;
    it->left--;
    it->index++; /* wraps from UINT32_MAX to 0 at the first step */
    it->key = it->is_object ? it->next : NULL;
    it->value = it->is_object ? sp_json_next(it->next) : it->next;
    it->next = it->left > 0 ? sp_json_next(it->value) : NULL;
    return true;
}

/* ---- places in the input ---- */

/** The token in json->text: a string with its quotes, a container with its braces. */
static inline sp_span sp_json_span(const sp_json *json, const sp_node *v)
{
    return json->spans[v - json->root];
}

/** The inside of a string token (without quotes); of another value the token itself. */
static inline sp_span sp_json_inner(const sp_json *json, const sp_node *v)
{
    const sp_span s = sp_json_span(json, v);
    return sp_json_type_of(v) == SP_JSON_STRING ? (sp_span){s.start + 1, s.end - 1} : s;
}

/** What to cut out of the text to remove member `key` (a key node of `object`) whole: with the comma and
 * white space that go with it. What stays is JSON; to remove several members of one object, take each from
 * a text that was parsed anew. */
sp_span sp_json_member_span(const sp_json *json, const sp_node *object, const sp_node *key);

/* ---- tokens ---- */

/** Whether all parsers read a number token alike: an integer within +-(2^53-1), or a decimal with a
 * fraction and at most 17 significant digits in all. No exponent, no negative zero. */
bool sp_number_is_plain(sp_bytes token);
/** Whether a number token (of JSON) has a finite double, which every parser can give it: beyond that Python
 * and JavaScript read infinity and Go refuses (RFC 8259 section 6). Time linear in the token. */
bool sp_number_is_finite(sp_bytes token);
/** The value of a token that is an integer 0..2^53-1 without fraction and exponent. */
SP_NODISCARD bool sp_number_u64(uint64_t *out, sp_bytes token);
/** Where the decoded offset `at` of a string lies inside its raw token `raw` (without quotes): the start
 * of the escape or byte that yields the decoded byte `at`. When the byte is not the first of what the
 * escape yields, `round_up` gives the end of the escape, else its start. `at` equal to the decoded length
 * gives raw.n. @return SP_ERANGE when `at` lies beyond. O(raw.n). */
SP_NODISCARD sp_status sp_json_raw_offset(size_t *out, sp_bytes raw, size_t at, bool round_up);
