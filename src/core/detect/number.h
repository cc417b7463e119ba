/** @file number.h  Numbers that people and things are given: national ids, accounts, policies. What they have
 * in common is done once: a *cluster* is read from the text (letters and digits in groups with single
 * separators), all rows whose shape lies in it are tried, and of those that overlap the best supported one
 * stays. So a row says only what is its own: shapes, check, words (sp_row in detect_internal.h).
 *
 *  A **shape** is written `d` digit, `a` letter, `x` letter or digit, `~` a separator that may be there (all
 * of a number the same one: blank, '-', '.' or '/', or none), everything else itself. Behind `=` stands how
 * sure it is without a word near by, 0 unless said: "ddd.ddd.ddd-dd=80 ddddddddddd". Shapes are parted by
 * blanks, so a blank that has to be there is written `_`. */
#pragma once
#include "detect/evidence.h"

/** Characters of a cluster, without separators; groups of it. */
enum { SP_CLUSTER_MAX = 40, SP_GROUPS_MAX = 16 };
/** Separators: blank, '-', '.', '/' and ')'. */
enum { SP_GAPS = 5 };

typedef struct sp_cluster {
    uint8_t chars[SP_CLUSTER_MAX]; /**< upper case */
    uint8_t gap[SP_CLUSTER_MAX];   /**< separator before the character; 0: none */
    uint32_t at[SP_CLUSTER_MAX];   /**< offset of each in the window */
    uint8_t first[SP_GROUPS_MAX];  /**< index of the first character of each group */
    uint8_t n, n_groups;
    uint8_t next_gap;                /**< a separator that was read and begins the next group */
    bool is_full;                    /**< more may follow than had room */
    size_t start;                    /**< where it begins in the window */
    size_t next;                     /**< offset of the first byte that was not read */
    uint64_t digits, letters, lower; /**< bit i: character i is one */
    uint64_t parted[SP_GAPS];        /**< bit i: before character i stands the separator of this number */
} sp_cluster;

/** A stretch of a cluster that is asked about: characters [from, from + n). */
typedef struct sp_stretch {
    const sp_cluster *cluster;
    uint8_t from, n;
} sp_stretch;

static inline const uint8_t *sp_stretch_chars(const sp_stretch *s)
{
    return s->cluster->chars + s->from;
}

/** What shapes of one length are taken where no word speaks for them. */
typedef struct sp_shape_alone {
    bool any;
    uint64_t gaps[SP_GAPS]; /* bit i: the separator of this number may stand before character i */
} sp_shape_alone;

/** The shapes of one length, a bit each: those that take a digit, a letter, no separator before it, a
 * separator before it as character i, and behind these those that stand without any. */
typedef struct sp_shape_set {
    uint64_t *accepts;
    size_t n_words;
    /* with no digit beside it, with one; of stretches of digits, and of those with letters */
    sp_shape_alone alone[2], flanked[2];
} sp_shape_set;

/** Rows by shape, and their words. Immutable once built. */
typedef struct sp_number_index {
    struct sp_shape *shapes; /* by length */
    size_t n_shapes, cap;
    uint16_t first[SP_CLUSTER_MAX + 2];    /* shapes of length n are first[n] up to first[n + 1] */
    sp_shape_set sets[SP_CLUSTER_MAX + 1]; /* by length */
    sp_evidence_index evidence;
    const sp_row *const *rows;
    sp_beside *beside; /* of the one row that has it; NULL: none has */
} sp_number_index;

/** @param rows  all rows of the engine, `n` of them; those with shapes are taken in. Borrowed.
 *  @param bad   receives the row that is written wrong.
 *  @return SP_OK, SP_ENOMEM, SP_ERANGE (a shape or a word is written wrong). */
SP_NODISCARD sp_status sp_number_index_init(sp_number_index *index, const sp_row *const *rows, size_t n,
                                            sp_mem *mem, const sp_row **bad);

/** What is known of numbers in the window of a pass: heads stand close together, and what one of them had
 * read the next need not read again. To be forgotten before another window. */
typedef struct sp_number_memo sp_number_memo;

/** @return NULL when there is no memory. */
sp_number_memo *sp_number_memo_new(sp_mem *mem);
/** @param tables_from  where tables may begin whose headers say what stands in their columns; SIZE_MAX: the
 * text is not there as a whole, so that none are looked for. */
void sp_number_forget(sp_number_memo *memo, size_t tables_from);

/** The lane's validator (as sp_validate): the first number in the cluster around a head, or a better one that
 *  overlaps it. `m->row` receives the row. */
void sp_number_find(const sp_number_index *index, sp_number_memo *memo, sp_window *w, size_t head_end,
                    sp_match *m);

/** What speaks for a row that was found at [start, end): a word before it, else one behind. @return false:
 * nothing does. */
bool sp_number_support(sp_support *out, const sp_number_index *index, sp_window *w, const sp_match *m);

/** What speaks for it in the head of its column, for people: the table is read anew, 64 KiB back at most. */
bool sp_number_heading(sp_support *out, const sp_number_index *index, const sp_window *w, const sp_match *m);

/** Confidence of a row by what speaks for it; 0 for nothing (NULL). */
uint8_t sp_number_sure(const sp_row *row, const sp_support *s);

/** Patterns of the heads, NULL-terminated: six digits, or letters with two digits. */
extern const char *const sp_number_heads[];
enum { SP_NUMBER_HEAD_MAX = 16, SP_NUMBER_LONGEST = 2 * SP_CLUSTER_MAX };
