/** @file detect.h  Detectors over text: one pass of Hyperscan proposes, validators decide.
 *  Each detector declares the class of run in which all of its matches lie and its longest match; that is what makes the release point of a
 *  stream sound (runs.h in src/core/detect, docs/adr). A detector is a row in a family's file: pattern, validator, run class, span, examples. */
#pragma once
#include "sallyport/base.h"

/** What a detector finds (tbl/kinds.h). */
typedef enum sp_kind {
    SP_KIND_NONE = 0,
#define X(ID, number, name, category, level, meaning) SP_KIND_##ID = (number),
#include "tbl/kinds.h"
    SP_KIND_LIMIT = 64, /**< numbers are below this */
} sp_kind;

typedef struct sp_kind_info {
    sp_kind kind;
    const char *name;
    uint8_t category; /**< bit of sp_label.categories */
    uint8_t level;    /**< least level that comes with it */
    const char *meaning;
} sp_kind_info;
/** The row of a kind, or NULL. */
const sp_kind_info *sp_kind_get(sp_kind kind);
const sp_kind_info *sp_kind_at(size_t i);

/** A match that its validator confirmed: [start, end) in the scanned bytes. */
typedef struct sp_finding {
    uint32_t start, end;
    uint8_t kind;       /**< sp_kind */
    uint8_t confidence; /**< 0..100 */
    uint16_t detector;  /**< row number in the engine */
} sp_finding;

/** Compiled detectors: immutable, shared by all threads. */
typedef struct sp_engine sp_engine;
/** Working memory of one thread. */
typedef struct sp_scratch sp_scratch;

/** Compiles all detectors for this CPU: about 50 ms; once per process, before requests. Takes memory from malloc (Hyperscan's own); free with
 *  sp_engine_free. @return SP_OK, SP_ENOMEM, SP_EINTERNAL with diag naming the row that does not compile. */
SP_NODISCARD sp_status sp_engine_new(sp_engine **out, sp_diag *diag);
void sp_engine_free(sp_engine *engine);
SP_NODISCARD sp_status sp_scratch_new(sp_scratch **out, const sp_engine *engine);
void sp_scratch_free(sp_scratch *scratch);

/** Growing list of findings in an arena. */
typedef struct sp_findings {
    sp_finding *v;
    size_t n, cap;
    sp_mem *mem;
    size_t limit; /**< more findings than this stop the scan with `is_full`; the label is then already decided by what was found */
    bool is_full;
} sp_findings;

/** Scans `text` (UTF-8, up to 4 GiB) in one pass. Findings are in order of start, without two of the same kind that overlap (the longest stays).
 *  A kind that was found `limit` times is not listed further; nothing else is lost.
 *  Cost: about 1 us per KB of prose. @return SP_OK, SP_ENOMEM, SP_EINTERNAL (engine failed: refuse). */
SP_NODISCARD sp_status sp_scan(sp_findings *out, const sp_engine *engine, sp_scratch *scratch, sp_bytes text);

/* ---- streams ---- */

/** Scans a text that arrives in pieces and says up to where it may be released. One per channel of an answer. */
typedef struct sp_tape sp_tape;

SP_NODISCARD sp_status sp_tape_new(sp_tape **out, const sp_engine *engine, sp_mem *mem);
/** Appends a piece (any cut, also inside a UTF-8 sequence). Findings that became certain are appended to `found` with offsets from the start of
 *  the channel. @param release  receives the release point: an offset from the start of the channel; every byte before it is outside of every
 *  finding that could still arise; never decreases; never inside a UTF-8 sequence. With `is_last` it is the end of the text.
 *  Whatever the cuts, the findings and, up to the first finding, the released bytes are the same (split invariance). */
SP_NODISCARD sp_status sp_tape_feed(sp_tape *tape, sp_scratch *scratch, sp_bytes piece, bool is_last, sp_findings *found, uint64_t *release);
