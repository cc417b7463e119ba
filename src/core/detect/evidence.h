/** @file evidence.h  Words that say what a number near by is: "NHS no.", "numer PESEL", `taxId`, 身份证号.
 *  Detectors list their words; one index holds those of all, so that the text around a candidate is read once
 *  whatever may be there (primary element, supporting evidence, proximity: as suites against data loss work).
 *
 *  A word is a run of letters; `taxId` and `tax_id` are the words "tax" and "id". Case and accents do not
 * count in Latin, case not in Greek and Cyrillic. In scripts that do not part words (from U+0800 on) an entry
 * is found inside of a run. */
#pragma once
#include "detect/detect_internal.h"

/** A code point as words are compared: small and without accents; 0 for what is no letter below U+0800. */
uint32_t sp_evidence_fold(uint32_t c);

/** How much a word says. */
typedef enum sp_weight {
    SP_WEIGHT_NONE = 0,
    SP_WEIGHT_WEAK,  /**< fits this and others: "tax number" */
    SP_WEIGHT_STRONG /**< names it: "pesel" */
} sp_weight;

/** Words of one entry at most: "clave única de registro de población". */
enum { SP_EVIDENCE_WORDS_MAX = 6 };

/** An index of entries, immutable once built. */
typedef struct sp_evidence_index {
    struct sp_evidence_entry *v; /* by hash */
    size_t n, cap;
    uint64_t seen[1024]; /* bit for the low bits of each hash: most words of a text are no entry */
} sp_evidence_index;

/** Adds what a row lists. @param near  entries between '|', each weak behind a '~'; NULL: nothing.
 *  @return SP_OK, SP_ENOMEM, SP_ERANGE (an entry of no word, or of too many). */
SP_NODISCARD sp_status sp_evidence_add(sp_evidence_index *index, uint16_t row, const char *near, sp_mem *mem);
/** Behind the last sp_evidence_add: makes it ready to be asked. */
void sp_evidence_seal(sp_evidence_index *index);

/** What speaks for a row. */
typedef struct sp_support {
    uint16_t row;
    uint8_t weight; /**< sp_weight */
    uint8_t
        distance; /**< bytes between it and the candidate, as if SP_EVIDENCE_BEHIND more where it follows */
    uint32_t start, end; /**< of the words */
} sp_support;

enum {
    SP_SUPPORTS_MAX = 96, /**< rows that are told apart around one candidate; the nearest words come first */
    SP_EVIDENCE_AHEAD = 48,  /**< bytes after a candidate, of its line, in which words count */
    SP_EVIDENCE_BEHIND = 24, /**< a word that follows is worth one that much farther away before */
};

/** All support around a candidate: for each row the best. */
typedef struct sp_supports {
    sp_support v[SP_SUPPORTS_MAX];
    size_t n;
} sp_supports;

/** Words in the SP_CONTEXT_MAX bytes before `start`. A word that begins right at the edge does not count. */
void sp_evidence_before(sp_supports *out, const sp_evidence_index *index, const sp_window *w, size_t start);
/** Words of one entry, as they stand in a text. */
typedef struct sp_evidence_hit {
    uint32_t start, end;
    uint32_t first; /**< the first of the entries, in the index */
} sp_evidence_hit;

/** How far a text was read. */
typedef struct sp_evidence_reader {
    size_t to;   /**< the next word is looked for from here on */
    size_t edge; /**< a word that begins here does not count; SIZE_MAX: all do */
    struct {
        uint32_t hash, start;
    } open[SP_EVIDENCE_WORDS_MAX]; /**< what the last words begin, the newest in front */
    size_t n_open;
} sp_evidence_reader;

enum { SP_EVIDENCE_HITS = 128 };

/** What was read for sp_evidence_before_next, so that the next candidate behind it need not read the same
 * text again: what it found last, and the entries on the way. */
typedef struct sp_evidence_last {
    bool is_set; /**< false: nothing yet; also to be cleared before another window */
    size_t start;
    sp_supports supports;
    bool has_read;   /**< `hits` are all entries in reach that the reader has passed */
    size_t read_for; /**< for a candidate that begins here, or behind it */
    sp_evidence_reader reader;
    sp_evidence_hit hits[SP_EVIDENCE_HITS];
    size_t n_hits;
} sp_evidence_last;

/** The same as sp_evidence_before. Reads what has not been read yet: of candidates that go forward each byte
 * once, but where a script without spaces or a mask is cut. */
void sp_evidence_before_next(sp_supports *out, const sp_evidence_index *index, const sp_window *w,
                             size_t start, sp_evidence_last *last);
/** Words in the SP_EVIDENCE_AHEAD bytes after `end`, up to the end of the line. Reads ahead. */
void sp_evidence_after(sp_supports *out, const sp_evidence_index *index, sp_window *w, size_t end);
/** Words in [from, to), which head the column of a candidate, as if it stood right behind them. */
void sp_evidence_heading(sp_supports *out, const sp_evidence_index *index, const sp_window *w, size_t from,
                         size_t to);
/** Adds what `from` holds, as if its words had been read into `to`. */
void sp_supports_merge(sp_supports *to, const sp_supports *from);

/** A stretch of a window that holds no letter; empty at first. */
typedef struct sp_wordless {
    size_t from, to;
} sp_wordless;

/** Is there no letter in [from, to)? Remembers how far it has looked: of questions that go forward each byte
 * is read about once. */
bool sp_is_wordless(sp_wordless *known, const sp_window *w, size_t from, size_t to);
/** What speaks for a row; NULL: nothing. */
const sp_support *sp_supports_find(const sp_supports *supports, uint16_t row);
