/* System texts that came before, each with its table of passages. Whether a text is the same is asked of all
 * of its bytes. The least recent one goes, by second chance; what comes once does not drive out what comes
 * often. */
#include <string.h>

#include "review/passages.h"

typedef struct sp_shelf_place place;

enum { ARENA_MAX = 2 * SP_SHELF_TEXT_MAX + (40 << 10) };

void sp_shelf_init(sp_shelf *shelf, uint64_t key)
{
    *shelf = (sp_shelf){.key = key};
}

static void clear(place *p)
{
    sp_wipe((void *)(uintptr_t)p->text.p, p->text.n);
    sp_arena_fini(&p->arena);
    *p = (place){0};
}

void sp_shelf_fini(sp_shelf *shelf)
{
    for (size_t i = 0; i < SP_SHELF_PLACES; i++) clear(&shelf->v[i]);
}

/* ---- the texts of a request ---- */

typedef struct texts {
    sp_bytes v[SP_SHELF_TEXTS];
    size_t n, bytes; /* with their lengths */
} texts;

/* @return false: more of them than are kept. */
static bool gather(texts *out, const sp_request *request)
{
    out->n = out->bytes = 0;
    for (size_t i = 0; i < request->n_segments; i++) {
        const sp_segment *s = &request->segments[i];
        if (!sp_segment_is_system(s)) continue;
        if (out->n == SP_SHELF_TEXTS) return false;
        out->v[out->n] = sp_bytes_sub(request->text, s->text_start, s->text_end);
        out->bytes += sizeof out->v->n + out->v[out->n++].n;
    }
    return out->bytes <= SP_SHELF_TEXT_MAX;
}

static bool is_same(const place *p, const uint8_t scope[8], const texts *t)
{
    size_t at = 0, n;
    if (p->text.n != t->bytes || memcmp(p->scope, scope, sizeof p->scope) != 0) return false;
    for (size_t i = 0; i < t->n; i++) {
        memcpy(&n, p->text.p + at, sizeof n);
        at += sizeof n;
        if (n != t->v[i].n || memcmp(p->text.p + at, t->v[i].p, n) != 0) return false;
        at += n;
    }
    return true;
}

static sp_status copy_texts(sp_bytes *out, const texts *t, sp_mem *mem)
{
    uint8_t *to = sp_alloc_bytes(mem, t->bytes);
    if (to == NULL) return SP_ENOMEM;
    *out = (sp_bytes){to, t->bytes};
    for (size_t i = 0; i < t->n; i++) {
        memcpy(to, &t->v[i].n, sizeof t->v[i].n);
        memcpy(to + sizeof t->v[i].n, t->v[i].p, t->v[i].n);
        to += sizeof t->v[i].n + t->v[i].n;
    }
    return SP_OK;
}

/* ---- places ---- */

/* @return SP_SHELF_PLACES: it is not there. */
static size_t find(const sp_shelf *shelf, const uint8_t scope[8], const texts *t)
{
    size_t i = 0;
    while (i < SP_SHELF_PLACES && !is_same(&shelf->v[i], scope, t)) i++;
    return i;
}

static place *make_room(sp_shelf *shelf)
{
    place *p;
    while ((p = &shelf->v[shelf->hand])->is_recent) {
        p->is_recent = false;
        shelf->hand = (shelf->hand + 1) % SP_SHELF_PLACES;
    }
    shelf->hand = (shelf->hand + 1) % SP_SHELF_PLACES;
    clear(p);
    sp_arena_init(&p->arena, ARENA_MAX);
    return p;
}

/* An empty place is the same as no text at all, and no request that is looked for has none. */
static sp_status fill(place *p, const sp_shelf *shelf, const uint8_t scope[8], const sp_request *request,
                      const texts *t)
{
    sp_passages *made;
    SP_TRY(sp_passages_new(&made, request, shelf->key, &p->arena.mem));
    SP_TRY(copy_texts(&p->text, t, &p->arena.mem));
    memcpy(p->scope, scope, sizeof p->scope);
    p->passages = made;
    return SP_OK;
}

/* An exchange may outlive what stands here. */
static sp_status copy_passages(sp_passages **out, const sp_passages *from, sp_mem *mem)
{
    *out = NULL;
    if (from == NULL) return SP_OK;
    sp_passages *p = sp_alloc(mem, 1, sizeof *p);
    uint64_t *table = sp_alloc_bytes(mem, (from->mask + 1) * sizeof *table);
    if (p == NULL || table == NULL) return SP_ENOMEM;
    memcpy(table, from->table, (from->mask + 1) * sizeof *table);
    *p = *from;
    p->table = table;
    *out = p;
    return SP_OK;
}

sp_status sp_shelf_passages(sp_passages **out, sp_shelf *shelf, const uint8_t scope[8],
                            const sp_request *request, sp_mem *mem)
{
    texts t;
    *out = NULL;
    if (!gather(&t, request)) return sp_passages_new(out, request, shelf->key, mem);
    if (t.n == 0) return SP_OK;
    const size_t at = find(shelf, scope, &t);
    if (at < SP_SHELF_PLACES) {
        shelf->v[at].is_recent = true;
        return copy_passages(out, shelf->v[at].passages, mem);
    }
    place *p = make_room(shelf);
    if (fill(p, shelf, scope, request, &t) == SP_OK) return copy_passages(out, p->passages, mem);
    clear(p);
    return sp_passages_new(out, request, shelf->key, mem);
}
