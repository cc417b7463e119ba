/* What was told. A text is known by a keyed hash that proves it. Whether it is worth hashing is asked of a
 * hint first, which is made of its length and its ends alone: so a body whose texts were never told is looked
 * through without being read. The hash goes along the text block by block, since answers come in pieces. On
 * the way a text is known by its beginnings too, at each power of two: a client that left, or that adds to
 * what it got, has one of them. Nobody without the key can say which texts meet. */
#include "sallyport/told.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

enum { WAYS = 8, TABLE_LEAST = 4096 };

/** What a tag is of. Part of hint and hash, so that the kinds never meet. */
typedef enum tag_kind {
    KIND_WHOLE = 0,
    KIND_BEGINNING,
    KIND_BEHIND,
    KIND_BLOCK,
    KIND_SCOPE,
    KIND_MIX
} tag_kind;

typedef struct sp_told_entry {
    uint8_t mac[SP_TOLD_MAC_BYTES];
    uint64_t categories;
    sp_bits256 residency;
    uint8_t level, integrity;
    uint32_t used; /* the clock when it was kept or found last; 0: it is free */
} entry;
_Static_assert(sizeof(entry) == 64, "a line of the cache");

/** In front of the table. Behind it stamps, then entries. A hint falls on two of the stamps (Bloom, CACM
 * 13(7), 1970), each of which has a bit for this generation of texts and one for that before it: small, so
 * that looking is a matter of the cache. A generation is over when as many texts are new as the table holds;
 * what was not needed for two has been forgotten. */
typedef struct sp_told_head {
    uint32_t clock;
    uint32_t n_new;   /* texts of this generation */
    uint32_t is_odd;  /* which of the bits is this generation's */
    uint32_t is_used; /* something was told, ever */
    uint8_t pad[48];
} head;
_Static_assert(sizeof(head) == 64, "keeps what follows aligned");

enum {
    STAMPS = 32, /* for each entry: of texts that were not told one in sixty is hashed at most */
    PER_BYTE = 4,
    SET_BYTES = WAYS * (STAMPS / PER_BYTE + sizeof(entry)),
    EVEN_BITS = 0x55,
    ODD_BITS = 0xaa,
};

/* ---- hashes ---- */

static sp_status mac(sp_told *told, uint8_t out[SP_TOLD_MAC_BYTES], const sp_bytes *parts, size_t n_parts)
{
    size_t n = 0;
    if (EVP_MAC_init(told->mac, told->key, sizeof told->key, NULL) != 1) return SP_ECRYPTO;
    for (size_t i = 0; i < n_parts; i++) {
        if (parts[i].n > 0 && EVP_MAC_update(told->mac, parts[i].p, parts[i].n) != 1) return SP_ECRYPTO;
    }
    const bool is_done = EVP_MAC_final(told->mac, out, &n, SP_TOLD_MAC_BYTES) == 1 && n == SP_TOLD_MAC_BYTES;
    return is_done ? SP_OK : SP_ECRYPTO;
}

/** What a hash is of, beside its bytes. */
typedef struct subject {
    uint64_t n, kind;
} subject;

/* The hash of what stands behind another one. */
static sp_status mac_behind(sp_told *told, uint8_t out[SP_TOLD_MAC_BYTES], const uint8_t *before,
                            sp_bytes bytes, subject of)
{
    const sp_bytes parts[] = {{before, SP_TOLD_MAC_BYTES}, bytes, {(const uint8_t *)&of, sizeof of}};
    return mac(told, out, parts, sizeof parts / sizeof parts[0]);
}

static uint64_t fold(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide;
    const wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/** What a hint is made of. */
typedef struct ends {
    uint64_t n, first, last;
} ends;

/* @param seed  the hint of what stands before it, or 0. */
static uint64_t hint_of(const sp_told *told, const sp_told_scope *scope, const ends *e, tag_kind kind,
                        uint64_t seed)
{
    uint64_t whose;
    memcpy(&whose, scope->mac, sizeof whose);
    const uint64_t size = fold(whose ^ told->mix[0], (e->n << 3 | kind) ^ told->mix[1]);
    return fold(size ^ e->first ^ told->mix[2], e->last ^ seed ^ told->mix[3]);
}

/* ---- life ---- */

static sp_status make_mix(sp_told *told)
{
    const uint8_t none[SP_TOLD_MAC_BYTES] = {0};
    for (uint64_t i = 0; i < sizeof told->mix / SP_TOLD_MAC_BYTES; i++) {
        uint8_t *to = (uint8_t *)told->mix + i * SP_TOLD_MAC_BYTES;
        SP_TRY(mac_behind(told, to, none, SP_BYTES_EMPTY, (subject){i, KIND_MIX}));
    }
    return SP_OK;
}

sp_status sp_told_init(sp_told *told, void *table, size_t bytes, const uint8_t key[SP_TOLD_KEY_BYTES])
{
    memset(told, 0, sizeof *told);
    if (bytes < TABLE_LEAST) return SP_ERANGE;
    EVP_MAC *poly = EVP_MAC_fetch(NULL, "POLY1305", NULL);
    told->mac = poly != NULL ? EVP_MAC_CTX_new(poly) : NULL;
    EVP_MAC_free(poly); /* the context holds a reference of its own */
    told->head = table;
    told->n_sets = (bytes - sizeof(head)) / SET_BYTES;
    memcpy(told->key, key, sizeof told->key);
    const sp_status status = told->mac != NULL ? make_mix(told) : SP_ECRYPTO;
    if (status != SP_OK) sp_told_fini(told);
    return status;
}

void sp_told_fini(sp_told *told)
{
    EVP_MAC_CTX_free(told->mac);
    sp_wipe(told, sizeof *told);
}

sp_status sp_told_scope_of(sp_told_scope *out, sp_told *told, sp_bytes name)
{
    const uint8_t none[SP_TOLD_MAC_BYTES] = {0};
    return mac_behind(told, out->mac, none, name, (subject){name.n, KIND_SCOPE});
}

/* ---- the table ---- */

static uint8_t *stamps_of(const sp_told *told)
{
    return (uint8_t *)(told->head + 1);
}

static size_t n_stamps(const sp_told *told)
{
    return told->n_sets * WAYS * STAMPS;
}

/* @param part  of a hint, 32 bits. */
static size_t stamp_at(const sp_told *told, uint64_t part)
{
    return (size_t)((part * n_stamps(told)) >> 32);
}

static bool has_stamp(const sp_told *told, uint64_t part)
{
    const size_t at = stamp_at(told, part);
    const uint8_t byte = __atomic_load_n(&stamps_of(told)[at / PER_BYTE], __ATOMIC_ACQUIRE);
    return (byte >> at % PER_BYTE * 2 & 3) != 0;
}

static void put_stamp(sp_told *told, uint64_t part)
{
    const size_t at = stamp_at(told, part);
    uint8_t *byte = &stamps_of(told)[at / PER_BYTE];
    const unsigned bit = 1U << (at % PER_BYTE * 2 + told->head->is_odd);
    __atomic_store_n(byte, (uint8_t)(*byte | bit), __ATOMIC_RELEASE);
}

/* Read without the lock: what is written while somebody looks was not handed out yet. */
bool sp_told_may_have(const sp_told *told, uint64_t hint)
{
    return has_stamp(told, hint >> 32) && has_stamp(told, hint & UINT32_MAX);
}

/* The clock goes round; 0 is no time. */
static void touch(sp_told *told, entry *e, uint64_t hint)
{
    head *h = told->head;
    if (++h->clock == 0) h->clock = 1;
    __atomic_store_n(&e->used, h->clock, __ATOMIC_RELEASE);
    put_stamp(told, hint >> 32);
    put_stamp(told, hint & UINT32_MAX);
}

/* The bits of the generation before the last become those of the new one. */
static void begin_generation(sp_told *told)
{
    uint8_t *stamps = stamps_of(told);
    told->head->is_odd ^= 1;
    told->head->n_new = 0;
    const unsigned stay = told->head->is_odd ? EVEN_BITS : ODD_BITS;
    const size_t n = n_stamps(told) / PER_BYTE;
    for (size_t i = 0; i < n; i++) stamps[i] = (uint8_t)(stamps[i] & stay);
}

static void count_new(sp_told *told)
{
    if (told->head->n_new == told->n_sets * WAYS) begin_generation(told);
    told->head->n_new++;
    __atomic_store_n(&told->head->is_used, 1, __ATOMIC_RELEASE);
}

static entry *set_of(const sp_told *told, const sp_told_tag *tag)
{
    uint64_t at;
    memcpy(&at, tag->mac, sizeof at);
    entry *entries = (entry *)(void *)(stamps_of(told) + n_stamps(told) / PER_BYTE);
    return entries + at % told->n_sets * WAYS;
}

static entry *find(const sp_told *told, const sp_told_tag *tag)
{
    entry *set = set_of(told, tag);
    for (size_t i = 0; i < WAYS; i++) {
        if (__atomic_load_n(&set[i].used, __ATOMIC_ACQUIRE) != 0 &&
            memcmp(set[i].mac, tag->mac, sizeof set[i].mac) == 0)
            return &set[i];
    }
    return NULL;
}

/* A free entry of the set, or the one that nobody needed for the longest time. */
static entry *oldest(const sp_told *told, entry *set)
{
    entry *oldest = set;
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].used == 0) return &set[i];
        if (told->head->clock - set[i].used > told->head->clock - oldest->used) oldest = &set[i];
    }
    return oldest;
}

static sp_label label_of(const entry *e)
{
    return (sp_label){e->categories, e->residency, e->level, e->integrity};
}

static void put_label(entry *e, sp_label label)
{
    e->categories = label.categories;
    e->residency = label.residency;
    e->level = label.level;
    e->integrity = label.integrity;
}

/* A process that dies in between leaves an entry that is free. */
static entry *add(sp_told *told, const sp_told_tag *tag, const sp_label *label)
{
    entry *e = oldest(told, set_of(told, tag));
    count_new(told);
    __atomic_store_n(&e->used, 0, __ATOMIC_SEQ_CST);
    put_label(e, *label);
    memcpy(e->mac, tag->mac, sizeof e->mac);
    return e;
}

void sp_told_keep(sp_told *told, const sp_told_tag *tag, const sp_label *label)
{
    entry *e = find(told, tag);
    if (e == NULL)
        e = add(told, tag, label);
    else
        put_label(e, sp_label_join(label_of(e), *label));
    touch(told, e, tag->hint);
}

bool sp_told_find(sp_label *out, sp_told *told, const sp_told_tag *tag)
{
    entry *e = find(told, tag);
    if (e == NULL) return false;
    touch(told, e, tag->hint);
    *out = label_of(e);
    return true;
}

/* ---- a text ---- */

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static sp_bytes without_front(sp_bytes s)
{
    while (s.n > 0 && is_space(s.p[0])) s = (sp_bytes){s.p + 1, s.n - 1};
    return s;
}

static sp_bytes without_end(sp_bytes s)
{
    while (s.n > 0 && is_space(s.p[s.n - 1])) s.n--;
    return s;
}

/* Most pieces are eight bytes, of which a word has room for no others. */
static uint64_t shift_in(uint64_t word, sp_bytes s)
{
    if (s.n == sizeof word) {
        memcpy(&word, s.p, sizeof word);
        return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap64(word) : word;
    }
    for (size_t i = 0; i < s.n; i++) word = word << 8 | s.p[i];
    return word;
}

static sp_bytes last_bytes(sp_bytes s)
{
    return s.n > 8 ? sp_bytes_sub(s, s.n - 8, s.n) : s;
}

static ends ends_of(sp_bytes s)
{
    return (ends){s.n, shift_in(0, sp_bytes_sub(s, 0, 8)), shift_in(0, last_bytes(s))};
}

static bool is_beginning(uint64_t n)
{
    return n >= SP_TOLD_PREFIX_LEAST && (n & (n - 1)) == 0;
}

/* Up to where it can be read at once: the next beginning or the end of the block. */
static uint64_t next_stop(uint64_t n)
{
    for (uint64_t stop = SP_TOLD_PREFIX_LEAST; stop < SP_TOLD_BLOCK; stop *= 2) {
        if (n < stop) return stop;
    }
    return (n / SP_TOLD_BLOCK + 1) * SP_TOLD_BLOCK;
}

void sp_told_text_init(sp_told_text *text, sp_told *told, const sp_told_scope *scope, sp_mem *mem)
{
    *text = (sp_told_text){.told = told, .scope = scope, .block = SP_BUF_IN(mem), .gap = SP_BUF_IN(mem)};
    memcpy(text->chain, scope->mac, sizeof text->chain);
}

static sp_status put_tag(sp_buf *tags, uint64_t hint, const uint8_t proof[SP_TOLD_MAC_BYTES])
{
    sp_told_tag tag = {.hint = hint};
    memcpy(tag.mac, proof, sizeof tag.mac);
    sp_buf_append(tags, (sp_bytes){(const uint8_t *)&tag, sizeof tag});
    return tags->status;
}

/* The proof of the text so far. */
static sp_status prove(const sp_told_text *text, uint8_t out[SP_TOLD_MAC_BYTES], tag_kind kind)
{
    return mac_behind(text->told, out, text->chain, sp_buf_bytes(&text->block), (subject){text->n, kind});
}

static sp_status put_own(const sp_told_text *text, sp_buf *tags, tag_kind kind)
{
    uint8_t proof[SP_TOLD_MAC_BYTES];
    const ends e = {text->n, text->first, text->last};
    SP_TRY(prove(text, proof, kind));
    return put_tag(tags, hint_of(text->told, text->scope, &e, kind, 0), proof);
}

static sp_status stop_at(sp_told_text *text, sp_buf *tags)
{
    if (text->block.status != SP_OK) return text->block.status;
    if (text->block.n == SP_TOLD_BLOCK) {
        SP_TRY(prove(text, text->chain, KIND_BLOCK));
        text->block.n = 0;
    }
    return tags != NULL && is_beginning(text->n) ? put_own(text, tags, KIND_BEGINNING) : SP_OK;
}

static sp_status take(sp_told_text *text, sp_bytes s, sp_buf *tags)
{
    while (s.n > 0) {
        const uint64_t left = next_stop(text->n) - text->n;
        const sp_bytes now = sp_bytes_sub(s, 0, left < s.n ? (size_t)left : s.n);
        if (text->n < 8) text->first = shift_in(text->first, sp_bytes_sub(now, 0, 8 - (size_t)text->n));
        text->last = shift_in(text->last, last_bytes(now));
        sp_buf_append(&text->block, now);
        text->n += now.n;
        SP_TRY(stop_at(text, tags));
        s = sp_bytes_sub(s, now.n, s.n);
    }
    return SP_OK;
}

/* White space in the middle counts once something follows it. */
sp_status sp_told_text_add(sp_told_text *text, sp_bytes piece, sp_buf *tags)
{
    if (text->n == 0) piece = without_front(piece);
    const sp_bytes inner = without_end(piece);
    if (inner.n > 0) {
        SP_TRY(take(text, sp_buf_bytes(&text->gap), tags));
        text->gap.n = 0;
        SP_TRY(take(text, inner, tags));
    }
    sp_buf_append(&text->gap, sp_bytes_sub(piece, inner.n, piece.n));
    return text->gap.status;
}

/* The proof of a text that is there, without a copy of it. @param s  trimmed. */
static sp_status prove_bytes(sp_told *told, const sp_told_scope *scope, sp_bytes s, tag_kind kind,
                             uint8_t out[SP_TOLD_MAC_BYTES])
{
    uint64_t n = 0;
    memcpy(out, scope->mac, SP_TOLD_MAC_BYTES);
    for (; s.n - n >= SP_TOLD_BLOCK; n += SP_TOLD_BLOCK) {
        const sp_bytes block = sp_bytes_sub(s, n, n + SP_TOLD_BLOCK);
        SP_TRY(mac_behind(told, out, out, block, (subject){n + SP_TOLD_BLOCK, KIND_BLOCK}));
    }
    return mac_behind(told, out, out, sp_bytes_sub(s, n, s.n), (subject){s.n, kind});
}

static uint64_t whole_hint(const sp_told *told, const sp_told_scope *scope, sp_bytes s)
{
    const ends e = ends_of(s);
    return hint_of(told, scope, &e, KIND_WHOLE, 0);
}

/* ---- a short text, behind what it answers ---- */

sp_told_question sp_told_question_of(sp_bytes text)
{
    return (sp_told_question){.text = without_end(without_front(text))};
}

/* @param own  the text's proof; becomes that of both. */
static sp_status prove_behind(sp_told *told, const sp_told_scope *scope, sp_told_question *question,
                              uint8_t own[SP_TOLD_MAC_BYTES])
{
    if (!question->is_proved) SP_TRY(prove_bytes(told, scope, question->text, KIND_WHOLE, question->mac));
    question->is_proved = true;
    return mac_behind(told, own, question->mac, (sp_bytes){own, SP_TOLD_MAC_BYTES},
                      (subject){question->text.n, KIND_BEHIND});
}

static sp_status put_behind(const sp_told_text *text, sp_told_question *question, sp_buf *tags)
{
    uint8_t proof[SP_TOLD_MAC_BYTES];
    const ends e = {text->n, text->first, text->last};
    const uint64_t seed = whole_hint(text->told, text->scope, question->text);
    SP_TRY(prove(text, proof, KIND_WHOLE));
    SP_TRY(prove_behind(text->told, text->scope, question, proof));
    return put_tag(tags, hint_of(text->told, text->scope, &e, KIND_BEHIND, seed), proof);
}

sp_status sp_told_text_end(const sp_told_text *text, sp_told_question *question, sp_buf *tags)
{
    if (text->n == 0) return SP_OK;
    return text->n < SP_TOLD_ALONE ? put_behind(text, question, tags) : put_own(text, tags, KIND_WHOLE);
}

/* ---- looking ---- */

/** Where somebody looks. */
typedef struct view {
    sp_told *told;
    const sp_told_scope *scope;
    sp_buf *tags;
} view;

static sp_status look_behind(const view *v, sp_bytes s, sp_told_question *question)
{
    uint8_t proof[SP_TOLD_MAC_BYTES];
    const ends e = ends_of(s);
    const uint64_t seed = whole_hint(v->told, v->scope, question->text);
    const uint64_t hint = hint_of(v->told, v->scope, &e, KIND_BEHIND, seed);
    if (!sp_told_may_have(v->told, hint)) return SP_OK;
    SP_TRY(prove_bytes(v->told, v->scope, s, KIND_WHOLE, proof));
    SP_TRY(prove_behind(v->told, v->scope, question, proof));
    return put_tag(v->tags, hint, proof);
}

/* The longest beginning that is known of a text of `n` bytes; 0: none. */
static size_t beginning_of(size_t n)
{
    size_t most = SP_TOLD_PREFIX_LEAST;
    if (n < most) return 0;
    while (most <= n / 2) most *= 2;
    return most;
}

/* @param is_there  whether the table seems to have it: what is told or forgotten meanwhile does not count. */
static sp_status look_alone(const view *v, sp_bytes s, tag_kind kind, bool *is_there)
{
    sp_told_tag tag;
    const ends e = ends_of(s);
    *is_there = false;
    tag.hint = hint_of(v->told, v->scope, &e, kind, 0);
    if (!sp_told_may_have(v->told, tag.hint)) return SP_OK;
    SP_TRY(prove_bytes(v->told, v->scope, s, kind, tag.mac));
    *is_there = find(v->told, &tag) != NULL;
    return put_tag(v->tags, tag.hint, tag.mac);
}

/* A text that is known as a whole needs no beginning. */
static sp_status look_long(const view *v, sp_bytes s)
{
    bool is_there;
    SP_TRY(look_alone(v, s, KIND_WHOLE, &is_there));
    const sp_bytes beginning = sp_bytes_sub(s, 0, beginning_of(s.n));
    return is_there || beginning.n == 0 ? SP_OK : look_alone(v, beginning, KIND_BEGINNING, &is_there);
}

static void expect(const sp_told *told, const sp_told_scope *scope, sp_bytes s, tag_kind kind)
{
    const ends e = ends_of(s);
    const size_t at = stamp_at(told, hint_of(told, scope, &e, kind, 0) >> 32);
    __builtin_prefetch(&stamps_of(told)[at / PER_BYTE]);
}

void sp_told_expect(const sp_told *told, const sp_told_scope *scope, sp_bytes text)
{
    if (text.n < SP_TOLD_ALONE || __atomic_load_n(&told->head->is_used, __ATOMIC_ACQUIRE) == 0) return;
    const sp_bytes s = without_end(without_front(text));
    if (s.n < SP_TOLD_ALONE) return;
    expect(told, scope, s, KIND_WHOLE);
    if (beginning_of(s.n) > 0) expect(told, scope, sp_bytes_sub(s, 0, beginning_of(s.n)), KIND_BEGINNING);
}

sp_status sp_told_look(sp_buf *tags, sp_told *told, const sp_told_scope *scope, sp_bytes text,
                       sp_told_question *question)
{
    const view v = {told, scope, tags};
    if (text.n < SP_TOLD_ALONE && question == NULL) return SP_OK;
    if (__atomic_load_n(&told->head->is_used, __ATOMIC_ACQUIRE) == 0) return SP_OK;
    const sp_bytes s = without_end(without_front(text));
    if (s.n >= SP_TOLD_ALONE) return look_long(&v, s);
    return s.n == 0 || question == NULL ? SP_OK : look_behind(&v, s, question);
}
