/* What was seen before. A table of sets; an entry is found by the tag of a piece, which is a keyed hash:
 * nobody without the key can say which entries meet. Each set forgets by second chance. Nothing here decides
 * what a request holds: a verdict is that of the scan of the same bytes, a reference that of a durable frame.
 */
#include "sallyport/history.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

enum { WAYS = 8, HEAD_BYTES = 3 * 8 + 6 * 4 };

typedef struct sp_history_entry {
    uint8_t tag[SP_TAG_BYTES];
    bool is_used, is_recent;
    sp_verdict verdict;
    sp_block_ref ref;
    uint32_t segment; /* 0: not stored */
} entry;

/* ---- life ---- */

static size_t sets_in(size_t bytes)
{
    size_t n = 1;
    while (n * 2 * WAYS * sizeof(entry) <= bytes) n *= 2;
    return n;
}

sp_status sp_history_init(sp_history *history, void *table, size_t bytes, const uint8_t key[32])
{
    memset(history, 0, sizeof *history);
    if (bytes < WAYS * sizeof(entry) || bytes < 4096) return SP_ERANGE;
    EVP_MAC *poly = EVP_MAC_fetch(NULL, "POLY1305", NULL);
    history->mac = poly != NULL ? EVP_MAC_CTX_new(poly) : NULL;
    EVP_MAC_free(poly); /* the context holds a reference of its own */
    if (history->mac == NULL) return SP_ECRYPTO;
    history->entries = table;
    history->n_sets = sets_in(bytes);
    memcpy(history->key, key, sizeof history->key);
    return SP_OK;
}

void sp_history_forget(sp_history *history)
{
    if (history->entries != NULL) sp_wipe(history->entries, history->n_sets * WAYS * sizeof(entry));
}

void sp_history_fini(sp_history *history)
{
    sp_history_forget(history);
    EVP_MAC_CTX_free(history->mac);
    sp_wipe(history, sizeof *history);
}

/* ---- the table ---- */

static entry *set_of(const sp_history *history, const uint8_t tag[SP_TAG_BYTES])
{
    size_t at;
    memcpy(&at, tag, sizeof at);
    return &history->entries[(at & (history->n_sets - 1)) * WAYS];
}

static entry *find(const sp_history *history, const uint8_t tag[SP_TAG_BYTES])
{
    entry *set = set_of(history, tag);
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].is_used && memcmp(set[i].tag, tag, SP_TAG_BYTES) == 0) {
            set[i].is_recent = true;
            return &set[i];
        }
    }
    return NULL;
}

/* A free entry, or one that was not asked for since its neighbours lost their second chance. Where the search
 * starts is as random as the tag. */
static entry *victim(entry *set, uint8_t start)
{
    for (size_t i = 0; i < WAYS; i++) {
        if (!set[i].is_used) return &set[i];
    }
    for (size_t i = 0; i < (size_t)2 * WAYS; i++) {
        entry *e = &set[((size_t)start + i) % WAYS];
        if (!e->is_recent) return e;
        e->is_recent = false;
    }
    return &set[start % WAYS];
}

/* The entry of a tag, an empty one if there is none. It is not recent until it is asked for again: what comes
 * once does not drive out what comes often. */
static entry *find_or_add(const sp_history *history, const uint8_t tag[SP_TAG_BYTES])
{
    entry *e = find(history, tag);
    if (e != NULL) return e;
    e = victim(set_of(history, tag), tag[SP_TAG_BYTES - 1]);
    memset(e, 0, sizeof *e);
    memcpy(e->tag, tag, SP_TAG_BYTES);
    e->is_used = true;
    return e;
}

const sp_block_ref *sp_history_find(sp_history *history, const uint8_t tag[SP_TAG_BYTES], uint32_t segment)
{
    const entry *e = segment != 0 ? find(history, tag) : NULL;
    return e != NULL && e->segment == segment ? &e->ref : NULL;
}

void sp_history_keep(sp_history *history, const uint8_t tag[SP_TAG_BYTES], const sp_block_ref *ref,
                     uint32_t segment)
{
    entry *e = find_or_add(history, tag);
    e->ref = *ref;
    e->segment = segment;
}

/* ---- pieces ---- */

static bool is_small(uint32_t start, uint32_t end)
{
    return end - start < SP_PIECE_LEAST;
}

/* Small blocks are joined from the front; one of the least size stands alone, so that what changes before it
 * does not move the cuts behind it. Blocks beyond the maximum share the last piece. */
static bool joins(const sp_piece *last, const sp_block *block, size_t n)
{
    return n == SP_PIECES_MAX || (is_small(last->start, last->end) && is_small(block->start, block->end));
}

/* Appends a block: to the last piece, or as a new one. */
static sp_piece *put_block(sp_pieces *out, const sp_block *block)
{
    const uint32_t text_start = out->n > 0 ? out->v[out->n - 1].text_end : 0;
    if (out->n == 0 || !joins(&out->v[out->n - 1], block, out->n)) {
        out->v[out->n++] = (sp_piece){
            .start = block->start, .state = block->state, .text_start = text_start, .text_end = text_start};
    }
    out->v[out->n - 1].end = block->end;
    return &out->v[out->n - 1];
}

sp_status sp_history_cut(sp_pieces *out, const sp_request *request, sp_mem *mem)
{
    const size_t most = request->n_blocks < SP_PIECES_MAX ? request->n_blocks : SP_PIECES_MAX;
    size_t segment = 0;
    *out = (sp_pieces){.v = sp_alloc(mem, most, sizeof *out->v)};
    if (out->v == NULL) return SP_ENOMEM;
    out->request = request;
    for (size_t i = 0; i < request->n_blocks; i++) {
        sp_piece *piece = put_block(out, &request->blocks[i]);
        for (; segment < request->n_segments && request->segments[segment].block <= i; segment++) {
            piece->text_end = request->segments[segment].text_end + 1; /* its newline */
            piece->n_segments++;
        }
    }
    return SP_OK;
}

/* ---- tags ---- */

/* What beside its bytes makes two pieces different. Dialect and operation name the table that they are read
 * by. The lengths keep apart what follows; size of the text and
 * number of segments follow from the rest, and are there so that a mistake in that would show as a miss. */
static sp_bytes head_of(uint8_t head[HEAD_BYTES], const sp_pieces *pieces, const sp_piece *piece,
                        const uint8_t scope[SP_KEY_ID_BYTES], uint32_t context)
{
    const sp_request *request = pieces->request;
    const struct sp_dialect *const dialect = request->dialect;
    const uint32_t numbers[] = {
        (uint32_t)request->operation,        piece->state,      piece->end - piece->start, context,
        piece->text_end - piece->text_start, piece->n_segments,
    };
    _Static_assert(SP_KEY_ID_BYTES == 8 && sizeof dialect == 8 && sizeof numbers == 24, "fills the head");
    memcpy(head, scope, 8);
    memcpy(head + 8, &dialect, 8);
    memcpy(head + 16, &pieces->detectors, 8);
    memcpy(head + 24, numbers, sizeof numbers);
    return (sp_bytes){head, HEAD_BYTES};
}

static bool mac(const sp_history *history, uint8_t tag[SP_TAG_BYTES], const sp_bytes *parts, size_t n_parts)
{
    size_t n = 0;
    if (EVP_MAC_init(history->mac, history->key, sizeof history->key, NULL) != 1) return false;
    for (size_t i = 0; i < n_parts; i++) {
        if (parts[i].n > 0 && EVP_MAC_update(history->mac, parts[i].p, parts[i].n) != 1) return false;
    }
    return EVP_MAC_final(history->mac, tag, &n, SP_TAG_BYTES) == 1 && n == SP_TAG_BYTES;
}

sp_status sp_history_tag(sp_history *history, sp_pieces *pieces, const uint8_t scope[SP_KEY_ID_BYTES])
{
    const sp_request *request = pieces->request;
    uint8_t head[HEAD_BYTES];
    for (size_t i = 0; i < pieces->n; i++) {
        sp_piece *piece = &pieces->v[i];
        const uint32_t context = piece->text_start < SP_PART_CONTEXT ? piece->text_start : SP_PART_CONTEXT;
        const sp_bytes parts[] = {
            head_of(head, pieces, piece, scope, context),
            sp_bytes_sub(request->text, piece->text_start - context, piece->text_start),
            sp_bytes_sub(request->body, piece->start, piece->end),
        };
        if (!mac(history, piece->tag, parts, sizeof parts / sizeof parts[0])) return SP_ECRYPTO;
    }
    return SP_OK;
}

/* ---- verdicts ---- */

sp_status sp_history_look(sp_parts *out, const sp_history *history, const sp_pieces *pieces, sp_mem *mem)
{
    *out = (sp_parts){sp_alloc_bytes(mem, pieces->n * sizeof *out->v), pieces->n};
    if (out->v == NULL) {
        *out = (sp_parts){NULL, 0};
        return SP_ENOMEM;
    }
    for (size_t i = 0; i < out->n; i++) {
        const entry *e = find(history, pieces->v[i].tag);
        out->v[i].end = pieces->v[i].text_end;
        out->v[i].verdict = e != NULL ? e->verdict : (sp_verdict){.is_known = false};
    }
    return SP_OK;
}

void sp_history_learn(sp_history *history, const sp_pieces *pieces, const sp_parts *parts)
{
    for (size_t i = 0; i < parts->n; i++) {
        const sp_verdict *said = &parts->v[i].verdict;
        if (said->is_known) find_or_add(history, pieces->v[i].tag)->verdict = *said;
    }
}
