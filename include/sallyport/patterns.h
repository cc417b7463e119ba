/** @file patterns.h  Wordings of attacks by family: one pass of Hyperscan over a text, beside the model
 * (model.h). A row says what an attack is called and stands in the sentence that explains a refusal; the
 * model finds what no row foresaw. Rows are in src/core/detect/patterns_rows.c, each with examples that are
 * its tests. */
#pragma once
#include "sallyport/base.h"

/** What an attack wants or how it hides. Numbers are bits of sp_pattern_hits.families. */
typedef enum sp_attack_family {
    SP_ATTACK_OVERRIDE = 0, /**< drop the rules that were given */
    SP_ATTACK_ROLE_PLAY,    /**< be somebody without rules */
    SP_ATTACK_PROMPT_THEFT, /**< give the system prompt away */
    SP_ATTACK_DELIMITER,    /**< forge the marks between system, user and data */
    SP_ATTACK_EXFILTRATION, /**< carry data out: by mail, link, image */
    SP_ATTACK_TOOL_HIJACK,  /**< have tools do what nobody asked for, unseen */
    SP_ATTACK_ENCODED,      /**< orders to be decoded, then followed */
    SP_ATTACK_HIDDEN,       /**< text for the model that no person sees */
    SP_ATTACK_LIMIT
} sp_attack_family;

/** Stable name of a family, kebab-case; NULL past the end. */
const char *sp_attack_family_name(sp_attack_family family);

/** Compiled rows: immutable, shared by all threads. */
typedef struct sp_patterns sp_patterns;
/** Working memory of one thread. */
typedef struct sp_patterns_scratch sp_patterns_scratch;

/** Compiles all rows for this CPU; once per process. Takes memory from malloc; free with sp_patterns_free.
 *  @return SP_OK, SP_ENOMEM, SP_EINTERNAL (diag names the row). On failure `*out` is NULL. */
SP_NODISCARD sp_status sp_patterns_new(sp_patterns **out, sp_diag *diag);
/** After all its scratches. NULL is allowed. */
void sp_patterns_free(sp_patterns *patterns);
/** @return SP_OK, SP_ENOMEM. */
SP_NODISCARD sp_status sp_patterns_scratch_new(sp_patterns_scratch **out, const sp_patterns *patterns);
/** NULL is allowed. */
void sp_patterns_scratch_free(sp_patterns_scratch *scratch);

/** What was found. */
typedef struct sp_pattern_hits {
    uint32_t families; /**< set of bits 1 << sp_attack_family */
    uint16_t score;    /**< per mille, of the surest row; 0 when there is none */
    uint16_t row;      /**< the surest row */
    size_t end;        /**< where it was seen: its first match ends there */
} sp_pattern_hits;

/** Looks for all rows in `text` (UTF-8 by promise; any bytes are safe), as the assistant reads it: decode
 * disguises before. Time is linear in the text.
 *  @return SP_OK, SP_ERANGE (4 GiB or more), SP_EINTERNAL (the engine failed: refuse). */
SP_NODISCARD sp_status sp_patterns_scan(sp_pattern_hits *out, const sp_patterns *patterns,
                                        sp_patterns_scratch *scratch, sp_bytes text);
