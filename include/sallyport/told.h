/** @file told.h  What conversations were told: texts of answers, each by a keyed tag, with the label of its
 * answer. Where such a text comes back in a request, that label comes back (docs/adr/0028-told.md). Content
 * is never kept. A table may be shared by processes: each has an sp_told of its own, calls of one sp_told are
 * one at a time, and those that say so are made under a lock that all of them share. */
#pragma once
#include "sallyport/label.h"

enum {
    SP_TOLD_KEY_BYTES = 32,
    SP_TOLD_MAC_BYTES = 16,
    SP_TOLD_BYTES = 16 << 20, /**< of a table: 233,016 texts or beginnings of texts */
    SP_TOLD_ALONE = 96,   /**< a text of fewer bytes says little: it counts behind the same question only */
    SP_TOLD_BLOCK = 4096, /**< what is hashed at once */
    SP_TOLD_PREFIX_LEAST = 128, /**< a beginning of a text is known from here on, at each power of 2 */
};

/** A table as one process sees it. */
typedef struct sp_told {
    struct sp_told_head *head; /**< the caller's memory */
    size_t n_sets;
    uint8_t key[SP_TOLD_KEY_BYTES];
    uint64_t mix[4];
    void *mac; /**< libcrypto context */
} sp_told;

/** What a text is found by: what says that it may be there, and what proves that it is the one. */
typedef struct sp_told_tag {
    uint64_t hint;
    uint8_t mac[SP_TOLD_MAC_BYTES];
} sp_told_tag;

/** Whose conversations: texts of two scopes never meet. */
typedef struct sp_told_scope {
    uint8_t mac[SP_TOLD_MAC_BYTES];
} sp_told_scope;

/** @param table  `bytes` bytes, aligned for any object: all zero, or a table that was in use. The caller's,
 * until sp_told_fini. Pages that were never used need not exist.
 *  @param key    32 random bytes, the same for all that use the table; the caller's own.
 *  @return SP_OK, SP_ERANGE (a table of less than 4 KiB), SP_ECRYPTO; then `*told` is zeroed. */
SP_NODISCARD sp_status sp_told_init(sp_told *told, void *table, size_t bytes,
                                    const uint8_t key[SP_TOLD_KEY_BYTES]);
/** Leaves the table as it is. Allowed on a zeroed one. */
void sp_told_fini(sp_told *told);

/** The scope of a name. @return SP_OK, SP_ECRYPTO. */
SP_NODISCARD sp_status sp_told_scope_of(sp_told_scope *out, sp_told *told, sp_bytes name);

/* ---- the table ---- */

/** Whether it may hold this tag: false is certain. Looks at the hint alone; needs no lock. */
bool sp_told_may_have(const sp_told *told, uint64_t hint);
/** Joins a label into what is kept of a tag. Where there is no room one that was not needed for long is
 * forgotten, the oldest of its set of 8. Under the lock; does not hash, cannot fail. */
void sp_told_keep(sp_told *told, const sp_told_tag *tag, const sp_label *label);
/** The label that is kept of a tag. Under the lock; does not hash. @return false: none, and `*out` is left
 * alone. */
bool sp_told_find(sp_label *out, sp_told *told, const sp_told_tag *tag);

/* ---- what is answered ---- */

/** The text that short ones are told behind. Its hash is made once, when the first of them needs it. */
typedef struct sp_told_question {
    sp_bytes text; /**< without white space at its ends; borrowed */
    bool is_proved;
    uint8_t mac[SP_TOLD_MAC_BYTES];
} sp_told_question;
/** @param text  empty: nothing is answered. */
sp_told_question sp_told_question_of(sp_bytes text);

/* ---- a text, in whatever pieces it comes ---- */

/** A text while it is read. White space at its two ends does not count. Borrows what it is initialised with.
 */
typedef struct sp_told_text {
    sp_told *told;
    const sp_told_scope *scope;
    uint8_t chain[SP_TOLD_MAC_BYTES]; /**< of the blocks that are over */
    uint64_t n;                       /**< bytes so far */
    uint64_t first, last;             /**< up to 8 bytes of it */
    sp_buf block;                     /**< the one that is not over */
    sp_buf gap;                       /**< white space at the end, so far */
} sp_told_text;

/** @param mem  takes up to twice SP_TOLD_BLOCK, and twice the longest run of white space. */
void sp_told_text_init(sp_told_text *text, sp_told *told, const sp_told_scope *scope, sp_mem *mem);
/** Reads on. @param tags  NULL, or receives an sp_told_tag for each beginning that is complete now: of
 * SP_TOLD_PREFIX_LEAST bytes, and of each further power of 2. @return SP_OK, SP_ENOMEM, SP_ECRYPTO. */
SP_NODISCARD sp_status sp_told_text_add(sp_told_text *text, sp_bytes piece, sp_buf *tags);
/** Appends the tag of the text as a whole; it may go on. Nothing of an empty one.
 *  @param question  what it answers: part of the tag where the text is shorter than SP_TOLD_ALONE.
 *  @return SP_OK, SP_ENOMEM, SP_ECRYPTO. */
SP_NODISCARD sp_status sp_told_text_end(const sp_told_text *text, sp_told_question *question, sp_buf *tags);

/* ---- a text that is there as a whole ---- */

/** Appends the tags by which a text that came back is found, those that the table may have: its own or, where
 * it is not there, that of its longest beginning. Reads as much of the text as the table asks for: mostly its
 * ends.
 *  @param question  what it would answer; NULL: it answers nothing, and is looked for only where it is no
 * shorter than SP_TOLD_ALONE.
 *  @return SP_OK, SP_ENOMEM, SP_ECRYPTO. */
SP_NODISCARD sp_status sp_told_look(sp_buf *tags, sp_told *told, const sp_told_scope *scope, sp_bytes text,
                                    sp_told_question *question);
/** Has the memory fetched that sp_told_look will read for a text: some texts ahead, since it lies anywhere.
 */
void sp_told_expect(const sp_told *told, const sp_told_scope *scope, sp_bytes text);
