/* All rows in one Hyperscan database. Each row is told of once per text: which families there are matters,
 * not how often. */
#include "detect/patterns_internal.h"

#include <hs/hs.h>
#include <string.h>

enum { PATTERNS_BYTES_MAX = 1 << 20 };

struct sp_patterns {
    sp_arena arena; /* holds this very object */
    hs_database_t *db;
};

struct sp_patterns_scratch {
    sp_arena arena; /* holds this very object */
    hs_scratch_t *hs;
};

static const char *const family_names[] = {
    [SP_ATTACK_OVERRIDE] = "override",         [SP_ATTACK_ROLE_PLAY] = "role-play",
    [SP_ATTACK_PROMPT_THEFT] = "prompt-theft", [SP_ATTACK_DELIMITER] = "delimiter",
    [SP_ATTACK_EXFILTRATION] = "exfiltration", [SP_ATTACK_TOOL_HIJACK] = "tool-hijack",
    [SP_ATTACK_ENCODED] = "encoded",           [SP_ATTACK_HIDDEN] = "hidden",
};
_Static_assert(sizeof family_names / sizeof family_names[0] == SP_ATTACK_LIMIT, "each family has a name");

const char *sp_attack_family_name(sp_attack_family family)
{
    return (unsigned)family < SP_ATTACK_LIMIT ? family_names[family] : NULL;
}

/* An arena that holds the object of which it is a member is moved in when that exists, and out before it
 * goes. */
static void arena_move(sp_arena *to, const sp_arena *from)
{
    *to = *from;
    to->mem.ctx = to;
}

static sp_status compile(sp_patterns *p, sp_diag *diag)
{
    const char *patterns[SP_PATTERN_ROWS_MAX];
    unsigned flags[SP_PATTERN_ROWS_MAX], ids[SP_PATTERN_ROWS_MAX];
    const unsigned n = sp_patterns__collect(patterns, flags, ids);
    hs_compile_error_t *error = NULL;
    const hs_error_t rc = hs_compile_multi(patterns, flags, ids, n, HS_MODE_BLOCK, NULL, &p->db, &error);
    const sp_pattern_row *bad =
        error != NULL && error->expression >= 0 ? sp_pattern_row_at((size_t)error->expression) : NULL;
    (void)hs_free_compile_error(error);
    if (rc == HS_SUCCESS) return SP_OK;
    return sp_fail(diag, SP_EINTERNAL, SIZE_MAX,
                   bad != NULL ? bad->name : "the attack patterns do not compile on this CPU");
}

/* What was made with another version of Hyperscan, or was cut, is not taken. */
static sp_status read_made(sp_patterns *p, sp_bytes made)
{
    const bool is_taken = hs_deserialize_database((const char *)made.p, made.n, &p->db) == HS_SUCCESS;
    return is_taken ? SP_OK : SP_EINTERNAL;
}

sp_status sp_patterns__new_of(sp_patterns **out, sp_diag *diag, sp_bytes made)
{
    *out = NULL;
    if (hs_valid_platform() != HS_SUCCESS)
        return sp_fail(diag, SP_EINTERNAL, SIZE_MAX, "this CPU lacks SSSE3");
    sp_arena arena;
    sp_arena_init(&arena, PATTERNS_BYTES_MAX);
    sp_patterns *p = sp_alloc(&arena.mem, 1, sizeof *p);
    if (p == NULL) return sp_fail(diag, SP_ENOMEM, SIZE_MAX, "out of memory");
    arena_move(&p->arena, &arena);
    sp_status status = read_made(p, made);
    if (status != SP_OK) status = compile(p, diag);
    if (status == SP_OK)
        *out = p;
    else
        sp_patterns_free(p);
    return status;
}

sp_status sp_patterns_new(sp_patterns **out, sp_diag *diag)
{
    return sp_patterns__new_of(out, diag, (sp_bytes){sp_patterns__made, sp_patterns__made_n});
}

void sp_patterns_free(sp_patterns *patterns)
{
    if (patterns == NULL) return;
    (void)hs_free_database(patterns->db);
    sp_arena arena;
    arena_move(&arena, &patterns->arena);
    sp_arena_fini(&arena);
}

sp_status sp_patterns_scratch_new(sp_patterns_scratch **out, const sp_patterns *patterns)
{
    *out = NULL;
    sp_arena arena;
    sp_arena_init(&arena, PATTERNS_BYTES_MAX);
    sp_patterns_scratch *s = sp_alloc(&arena.mem, 1, sizeof *s);
    if (s == NULL) return SP_ENOMEM;
    arena_move(&s->arena, &arena);
    if (hs_alloc_scratch(patterns->db, &s->hs) != HS_SUCCESS) {
        sp_patterns_scratch_free(s);
        return SP_ENOMEM;
    }
    *out = s;
    return SP_OK;
}

void sp_patterns_scratch_free(sp_patterns_scratch *scratch)
{
    if (scratch == NULL) return;
    (void)hs_free_scratch(scratch->hs);
    sp_arena arena;
    arena_move(&arena, &scratch->arena);
    sp_arena_fini(&arena);
}

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *ctx)
{
    (void)from; /* start of match is not asked for: it is dear */
    (void)flags;
    sp_pattern_hits *hits = ctx;
    const sp_pattern_row *row = sp_pattern_row_at(id);
    hits->families |= UINT32_C(1) << row->family;
    if (row->score > hits->score) {
        hits->score = row->score;
        hits->row = (uint16_t)id;
        hits->end = (size_t)to;
    }
    return 0;
}

sp_status sp_patterns_scan(sp_pattern_hits *out, const sp_patterns *patterns, sp_patterns_scratch *scratch,
                           sp_bytes text)
{
    memset(out, 0, sizeof *out);
    if (text.n == 0) return SP_OK;
    if (text.n > UINT32_MAX) return SP_ERANGE;
    const hs_error_t rc =
        hs_scan(patterns->db, (const char *)text.p, (unsigned)text.n, 0, scratch->hs, on_match, out);
    return rc == HS_SUCCESS ? SP_OK : SP_EINTERNAL;
}
