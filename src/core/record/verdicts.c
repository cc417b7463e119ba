/* Verdicts in memory that processes share. An entry is written by one at a time: its counter is odd while it
 * is, and whoever finds it odd or changed has read nothing (a seqlock: Lameter, Effective Synchronization on
 * Linux/NUMA Systems, 2005). All of it is read and written as atomic words, with acquire and release in the
 * place of fences, which ThreadSanitizer does not see. A process that dies while it writes leaves its entry
 * odd: nobody reads or writes it again. Its piece is scanned anew each time, its set has one place less, and
 * nothing else is lost. */
#include "sallyport/verdicts.h"

#include <string.h>

enum { WAYS = 8, TAG_WORDS = SP_TAG_BYTES / 4, SAID_WORDS = sizeof(sp_verdict) / 4, TABLE_LEAST = 4096 };
enum { PIECES = 131072 }; /* that a table has room for, as verdicts.h says */
_Static_assert(sizeof(sp_verdict) % 4 == 0 && SP_TAG_BYTES % 4 == 0, "copied by words");

typedef struct sp_verdict_entry {
    uint32_t turn;   /* 0: free; odd: being written */
    uint32_t recent; /* it was asked for since its neighbours lost their second chance */
    uint32_t tag[TAG_WORDS];
    uint32_t said[SAID_WORDS];
} entry;
_Static_assert(PIECES * sizeof(entry) <= SP_VERDICTS_BYTES,
               "a table that were smaller would be half as large");

/* ---- words ---- */

static uint32_t load(const uint32_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void store(uint32_t *word, uint32_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static void load_all(void *out, const uint32_t *from, size_t n)
{
    uint8_t *to = out;
    for (size_t i = 0; i < n; i++) {
        const uint32_t word = load(&from[i]);
        memcpy(to + 4 * i, &word, 4);
    }
}

static void store_all(uint32_t *to, const void *from, size_t n)
{
    const uint8_t *bytes = from;
    for (size_t i = 0; i < n; i++) {
        uint32_t word;
        memcpy(&word, bytes + 4 * i, 4);
        store(&to[i], word);
    }
}

/* ---- the table ---- */

static size_t sets_in(size_t bytes)
{
    size_t n = 1;
    while (n * 2 * WAYS * sizeof(entry) <= bytes) n *= 2;
    return n;
}

sp_status sp_verdicts_init(sp_verdicts *verdicts, void *table, size_t bytes)
{
    *verdicts = (sp_verdicts){NULL, 0};
    if (bytes < TABLE_LEAST) return SP_ERANGE;
    *verdicts = (sp_verdicts){table, sets_in(bytes)};
    return SP_OK;
}

static entry *set_of(const sp_verdicts *verdicts, const uint8_t tag[SP_TAG_BYTES])
{
    size_t at;
    memcpy(&at, tag, sizeof at);
    return &verdicts->entries[(at & (verdicts->n_sets - 1)) * WAYS];
}

static bool has_tag(const entry *e, const uint8_t tag[SP_TAG_BYTES])
{
    uint8_t own[SP_TAG_BYTES];
    load_all(own, e->tag, TAG_WORDS);
    return memcmp(own, tag, SP_TAG_BYTES) == 0;
}

/* Reads an entry of this tag. @return false: it is another's, or was written meanwhile. */
static bool take(sp_verdict *out, const entry *e, const uint8_t tag[SP_TAG_BYTES])
{
    const uint32_t turn = load(&e->turn);
    if (turn == 0 || turn % 2 == 1 || !has_tag(e, tag)) return false;
    load_all(out, e->said, SAID_WORDS);
    return load(&e->turn) == turn;
}

bool sp_verdicts_find(sp_verdict *out, const sp_verdicts *verdicts, const uint8_t tag[SP_TAG_BYTES])
{
    entry *set = set_of(verdicts, tag);
    for (size_t i = 0; i < WAYS; i++) {
        if (!take(out, &set[i], tag)) continue;
        if (load(&set[i].recent) == 0) store(&set[i].recent, 1);
        return true;
    }
    memset(out, 0, sizeof *out);
    return false;
}

/* The entry of this tag, a free one, or one that was not asked for since its neighbours lost their second
 * chance; none that is being written, since it may stay so. Where the search starts is as random as the tag.
 */
static entry *place_of(entry *set, const uint8_t tag[SP_TAG_BYTES])
{
    const size_t start = tag[SP_TAG_BYTES - 1];
    for (size_t i = 0; i < WAYS; i++) {
        if (load(&set[i].turn) == 0 || has_tag(&set[i], tag)) return &set[i];
    }
    for (size_t i = 0; i < (size_t)2 * WAYS; i++) {
        entry *e = &set[(start + i) % WAYS];
        if (load(&e->turn) % 2 == 1) continue;
        if (load(&e->recent) == 0) return e;
        store(&e->recent, 0);
    }
    return &set[start % WAYS];
}

void sp_verdicts_keep(const sp_verdicts *verdicts, const uint8_t tag[SP_TAG_BYTES], const sp_verdict *said)
{
    entry *e = place_of(set_of(verdicts, tag), tag);
    uint32_t turn = load(&e->turn);
    const bool is_ours = turn % 2 == 0 && __atomic_compare_exchange_n(&e->turn, &turn, turn + 1, false,
                                                                      __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
    if (!is_ours) return;
    store(&e->recent, 0);
    store_all(e->tag, tag, TAG_WORDS);
    store_all(e->said, said, SAID_WORDS);
    store(&e->turn, turn + 2 != 0 ? turn + 2 : 2);
}

/* ---- pieces ---- */

sp_status sp_verdicts_look(sp_parts *out, const sp_verdicts *verdicts, const sp_pieces *pieces, sp_mem *mem)
{
    *out = (sp_parts){sp_alloc_bytes(mem, pieces->n * sizeof *out->v), pieces->n};
    if (out->v == NULL) {
        *out = (sp_parts){NULL, 0};
        return SP_ENOMEM;
    }
    for (size_t i = 0; i < out->n; i++) {
        out->v[i].end = pieces->v[i].text_end;
        (void)sp_verdicts_find(&out->v[i].verdict, verdicts, pieces->v[i].tag);
    }
    return SP_OK;
}

/* More may have been asked of a piece than was kept. */
static bool is_kept(const sp_verdicts *verdicts, const uint8_t *tag, const sp_verdict *said)
{
    sp_verdict known;
    bool is_all = sp_verdicts_find(&known, verdicts, tag);
    for (size_t i = 0; i < SP_DOUBTS; i++)
        is_all = is_all && (known.doubts[i].is_known || !said->doubts[i].is_known);
    return is_all;
}

void sp_verdicts_learn(const sp_verdicts *verdicts, const sp_pieces *pieces, const sp_parts *parts)
{
    for (size_t i = 0; i < parts->n; i++) {
        const sp_verdict *said = &parts->v[i].verdict;
        if (said->is_known && !is_kept(verdicts, pieces->v[i].tag, said))
            sp_verdicts_keep(verdicts, pieces->v[i].tag, said);
    }
}
