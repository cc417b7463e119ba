/** @file custom_internal.h  Detectors of an organisation, compiled: shared by building (custom.c) and looking
 * (custom_pass.c). */
#pragma once
#include "sallyport/custom.h"
#include "detect/number.h"

#include <hs/hs.h>

/** A term, as its match is judged. */
typedef struct sp_custom_term {
    uint16_t row;
    uint8_t n; /**< bytes */
    bool begins_word,
        ends_word; /**< its first and last byte are of a word: then no other may stand beside it */
} sp_custom_term;

/** A value that a rule allows of a class. */
typedef struct sp_allowed {
    uint16_t class, row;
    sp_bytes value;
} sp_allowed;

/** What Hyperscan is given. Of what is looked for, ids below sp_custom.n are of patterns, the others of
 * terms; of what is allowed they are rows. */
typedef struct sp_expressions {
    const char **v;
    unsigned *flags, *ids, n;
} sp_expressions;
static inline void sp_expressions_put(sp_expressions *e, const char *expression, unsigned flags, size_t id)
{
    e->v[e->n] = expression;
    e->flags[e->n] = flags;
    e->ids[e->n++] = (unsigned)id;
}

/** What a search needs beside the detectors: of one thread. Zeroed: nothing yet. */
typedef struct sp_custom_work {
    hs_scratch_t *hs;
    uint64_t serial;      /**< of the detectors that it fits */
    size_t *busy;         /**< per lane: where its last match ended; SIZE_MAX: it waits for more text */
    uint32_t *count;      /**< per detector: matches that were kept in this pass */
    sp_number_memo *memo; /**< of the pass at hand */
    size_t tables_from;   /**< of the pass at hand (sp_number_forget) */
    sp_findings numbers;  /**< of a pass */
    sp_finding *events;   /**< matches in a piece of a line, as Hyperscan tells them */
    size_t n_events, cap_events;
    uint64_t *marks; /**< a bit for each 64 bytes of a text in which a match ends */
    size_t cap_marks;
    sp_arena arena;
} sp_custom_work;

struct sp_custom {
    sp_arena arena;  /**< holds this very object */
    uint64_t serial; /**< other detectors have another one */
    sp_custom_detector *v;
    sp_row *rows;
    const sp_row **row_list;
    sp_kind_info *kinds; /**< of each: a shipped one, or its own */
    size_t n, n_sought;  /**< rows; those of them that look for something, and do not allow it */
    sp_custom_term *terms;
    size_t n_terms;
    sp_number_index numbers; /**< shapes, and the words of all */
    hs_database_t *ends;     /**< patterns and terms: where matches end; NULL: there is none */
    hs_database_t *matches;  /**< the same with where they start, for a line that has one */
    hs_database_t *heads;    /**< of numbers; NULL: there are no shapes */
    hs_database_t *whole;    /**< patterns that allow whole values; NULL: there are none */
    size_t width;            /**< longest match of a pattern or term */
    sp_allowed *allowed;     /**< by class, length and bytes */
    size_t n_allowed;
    uint64_t allows[SP_CLASS_LIMIT / 64]; /**< classes that a rule speaks of */
    sp_custom_work own;                   /**< of sp_custom_scan */
};

/** Makes it fit. @return SP_OK, SP_ENOMEM. */
SP_NODISCARD sp_status sp_custom__fit(sp_custom_work *work, const sp_custom *custom);
void sp_custom__work_fini(sp_custom_work *work);

/** As sp_engine__pass. Lanes: each detector, and one for all numbers.
 *  @param found  receives what was found, in order; sp_finding.detector is the number of the detector.
 *  @param pass   `pending` is lowered, `is_full` raised. */
SP_NODISCARD sp_status sp_custom__pass(sp_findings *found, sp_pass *pass, const sp_custom *custom,
                                       sp_custom_work *work, const sp_pass_in *in);
/** The lane of detector `row`. */
size_t sp_custom__lane(const sp_custom *custom, size_t row);
/** Takes what the rows allow: values into the list, patterns into `patterns`. @return SP_OK, SP_ENOMEM. */
SP_NODISCARD sp_status sp_custom__allow(sp_custom *custom, sp_expressions *patterns);
/** The row that allows a value of a class; custom->n: none does. Of several a value before a pattern, and
 * then the first. */
size_t sp_custom__allowed_by(const sp_custom *custom, sp_custom_work *work, unsigned class, sp_bytes value);
/** The word that made a match one. @return false: none was asked for. */
bool sp_custom__support(sp_support *out, const sp_custom *custom, sp_window *w, const sp_match *m);
