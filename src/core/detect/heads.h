/** @file heads.h  Heads that are words. A row writes them as a small regular expression; here each becomes
 * the words that it stands for, and Hyperscan is given nothing but words: it finds these faster than
 * expressions, and is ready for them in a tenth of the time (ADR 49). What stands before a word that is no
 * plain byte, and the edges of words, are looked at where a word was found. */
#pragma once
#include "sallyport/base.h"

#include <hs/hs.h>

/** What a row says. Understood are bytes, `\` and a sign or `xHH`, `\b` at the ends, `.`, `[...]` of bytes
 * and ranges (of whole characters with HS_FLAG_UTF8), `(?:...|...)`, `(?-i:...)` around all letters of one
 *  alternative, `?` and `{n,m}`; neither a `.` nor a class that is repeated may stand at the end. */
typedef struct sp_head_source {
    const char *pattern;
    unsigned flags; /**< 0, HS_FLAG_CASELESS or HS_FLAG_UTF8 */
    uint16_t lane;
} sp_head_source;

struct sp_head;
struct sp_head_set;

/** All heads. Immutable once made: any number of threads may read it. */
typedef struct sp_heads {
    hs_database_t *db;       /* its expressions are words, by number */
    const struct sp_head *v; /* by word */
    const uint32_t *first;   /* per word the first of its heads in `v`; one more ends the last */
    const struct sp_head_set *sets;
} sp_heads;

/** @param v     borrowed for the call.
 *  @param mem   holds what is made, but for the database, which sp_heads_fini frees.
 *  @param bad   set to the source that is not understood; `n` when it is none.
 *  @return SP_OK, SP_ENOMEM, SP_EINTERNAL: a pattern is not understood, or Hyperscan does not compile. */
SP_NODISCARD sp_status sp_heads_init(sp_heads *out, const sp_head_source *v, size_t n, sp_mem *mem,
                                     size_t *bad);
void sp_heads_fini(sp_heads *heads);

/** A head of a lane ends at `end`. @return false: nothing more is asked. */
typedef bool sp_head_seen(void *ctx, uint16_t lane, size_t end);

/** Tells all heads in order of their ends, each lane and end once. A text's ends are edges of words.
 *  @param hs  allocated for heads->db.
 *  @return SP_OK, also when `seen` said no; SP_EINTERNAL. */
SP_NODISCARD sp_status sp_heads_scan(const sp_heads *heads, hs_scratch_t *hs, sp_bytes text,
                                     sp_head_seen *seen, void *ctx);
