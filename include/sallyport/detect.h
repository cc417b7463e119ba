/** @file detect.h  Detectors over text: one pass of Hyperscan proposes, validators decide.
 *  Hyperscan looks for the *head* of what a detector wants: the first bytes that make it possible. The
 *  validator reads on from there and says yes, no, or that the text ended too early. Each detector
 *  declares the class of run in which its heads lie, its longest head and its longest match: that is what
 *  makes the release point of a stream sound (docs/adr/0008-release-point.md). A detector is a row in a
 *  family's file of src/core/detect: head, validator, run class, lengths, examples; nothing else has to be
 *  touched. */
#pragma once
#include "sallyport/base.h"

/** What a detector finds (tbl/kinds.h). */
typedef enum sp_kind {
    SP_KIND_NONE = 0,
#define X(ID, number, name, category, level, meaning) SP_KIND_##ID = (number),
#include "tbl/kinds.h"
    SP_KIND_OWN = 255,   /**< of an organisation: sp_finding.detector says which; has no row in the table */
    SP_KIND_LIMIT = 256, /**< numbers are below this, as a set of kinds has bits (sp_bits256) */
} sp_kind;

typedef struct sp_kind_info {
    sp_kind kind;
    const char *name;
    uint8_t category; /**< bit of sp_label.categories; SP_CAT_NONE: it brings none (sp_kind_categories) */
    uint8_t level;    /**< least level that comes with it */
    const char *meaning;
} sp_kind_info;
/** The row of a kind, or NULL. */
const sp_kind_info *sp_kind_get(sp_kind kind);
/** The categories that come with a kind, as a set: one or none. */
uint64_t sp_kind_categories(const sp_kind_info *kind);
/** Row `i` of the list in order, or NULL past its end. */
const sp_kind_info *sp_kind_at(size_t i);

/** A match that its validator confirmed: [start, end) in the scanned bytes. */
typedef struct sp_finding {
    uint32_t start, end;
    uint8_t kind;           /**< sp_kind */
    uint8_t confidence;     /**< 0..100 */
    uint16_t detector : 12; /**< row number in the engine */
    uint16_t view : 4;      /**< sp_view_kind that it was read in: 0, the text itself */
} sp_finding;
enum {
    SP_DETECTORS_MAX = 1 << 12, /**< detectors have lower numbers: they have to fit into a finding */
    SP_DETECTOR_NONE = SP_DETECTORS_MAX - 1, /**< what a small model says (judge.h) */
};

enum {
    SP_CUSTOM_MAX = 256,     /**< detectors of an organisation */
    SP_DETECTOR_OWN = 0xe00, /**< sp_finding.detector of the first of them */
    SP_CLASS_OWN = SP_KIND_LIMIT,
    SP_CLASS_LIMIT = SP_CLASS_OWN + SP_CUSTOM_MAX,
};
/** What findings are counted by: the kind, or SP_CLASS_OWN and the number of a detector of an organisation
 * whose kind is its own. */
static inline unsigned sp_finding_class(const sp_finding *f)
{
    return f->kind != SP_KIND_OWN ? f->kind : SP_CLASS_OWN + (f->detector & (SP_CUSTOM_MAX - 1));
}

/** Is it a finding that a rule of the organisation allows (custom.h)? Its class is the rule's; it brings no
 * label and hides no other finding. */
enum { SP_CONFIDENCE_ALLOWED = 1 }; /* less than what any detector's findings have */
static inline bool sp_finding_is_allowed(const sp_finding *f)
{
    return f->kind == SP_KIND_OWN && f->confidence == SP_CONFIDENCE_ALLOWED;
}

/** Compiled detectors: immutable, shared by all threads. */
typedef struct sp_engine sp_engine;
/** Working memory of one thread. */
typedef struct sp_scratch sp_scratch;
/** Which detectors these are: 0 for the built-in ones alone, else a number that is another one for others. */
uint64_t sp_engine_serial(const sp_engine *engine);
/** What a class of findings is: a row of the table, or of a detector of an organisation that the engine has.
 * NULL: there is none. Lives as long as the engine. */
const sp_kind_info *sp_engine_class(const sp_engine *engine, unsigned class);

/** Compiles all detectors and wordings of attacks for this CPU, loads the small models: about 0.4 s; once per
 *  process, before requests. Takes memory from malloc (Hyperscan's own); free with sp_engine_free.
 *  @param diag  NULL, or receives the name of the row that does not compile.
 *  @return SP_OK, SP_ENOMEM, SP_EINTERNAL (also on a CPU without SSSE3). On failure `*out` is NULL. */
SP_NODISCARD sp_status sp_engine_new(sp_engine **out, sp_diag *diag);
/** After all its scratches and tapes. NULL is allowed. */
void sp_engine_free(sp_engine *engine);
/** Working memory for scans and tapes of one thread, any number of them in turn. @return SP_OK, SP_ENOMEM. */
SP_NODISCARD sp_status sp_scratch_new(sp_scratch **out, const sp_engine *engine);
/** NULL is allowed. */
void sp_scratch_free(sp_scratch *scratch);
/** Memory for the work at hand, which many take in turns instead of each keeping its own: what was taken from
 * it before is gone. Valid until the next call and as long as the scratch is.
 *  @param limit  bytes that may be taken from it. */
sp_mem *sp_scratch_work(sp_scratch *scratch, size_t limit);

/** Growing list of findings in an arena. */
typedef struct sp_findings {
    sp_finding *v;
    size_t n, cap;
    sp_mem *mem;
    size_t limit; /**< most findings of one class from one scan or one tape: the first decide what a label
                     needs */
    bool is_full; /**< a kind had more than `limit`, or thousands; only that kind has lost some */
} sp_findings;

/** An empty list in `m` that takes up to `most` findings of each kind. */
#define SP_FINDINGS_IN(m, most) ((sp_findings){NULL, 0, 0, (m), (most), false})

/** Scans `text` (UTF-8 by promise; any bytes are safe) in one pass and appends findings in order of start.
 *  Two of one kind do not overlap: the leftmost stays, of one start the longest. Time is linear in the
 *  text whatever it holds: about 3 us per KB of code; of what is nothing but heads up to some 400, then the
 *  budget ends it (ADR 43; test_hostile_cost counts).
 *  @return SP_OK, SP_ENOMEM, SP_ERANGE (4 GiB or more), SP_EINTERNAL (the engine failed: refuse), SP_EWORK:
 *          it costs more than a text of its length may, so nobody has seen all of it: refuse. */
SP_NODISCARD sp_status sp_scan(sp_findings *out, const sp_engine *engine, sp_scratch *scratch, sp_bytes text);

/** Scans like sp_scan, and for what only evidence tells: names of persons, places, organisations, addresses.
 * They are looked for line by line, so that a stream would have to hold lines back: tapes leave them out. For
 * requests, and for whoever has a text as a whole. */
SP_NODISCARD sp_status sp_scan_whole(sp_findings *out, const sp_engine *engine, sp_scratch *scratch,
                                     sp_bytes text);

/** What a scan may be asked beside what all scans look for: bits. */
enum {
    SP_ASK_NO_MORE = 0,
    SP_ASK_LINES = 1, /**< what sp_scan_whole looks for */
    /** Each address that is brought as an image or a link, whatever it carries and however its scheme is
     * spelled (kinds unlisted-image and unlisted-link): which hosts are listed, the caller knows. For
     * answers, where a policy lists hosts. */
    SP_ASK_ADDRESSES = 2,
};
typedef unsigned sp_asks;

/** Scans like sp_scan, and for what `asks` says. @return as sp_scan. */
SP_NODISCARD sp_status sp_scan_for(sp_findings *out, const sp_engine *engine, sp_scratch *scratch,
                                   sp_bytes text, sp_asks asks);

/** Of findings that overlap keeps the surest: the one of more confidence, of two as sure the longer, then the
 * one that begins first; hidden text yields to the values that are hidden there. One that lost against a
 * finding which itself lost stays, unless it lost otherwise.
 * For whoever shows findings or acts on their bytes; a label joins all that were found.
 *  @param list  in order of start, as sp_scan gives it; stays so. Takes no memory. Time linear in the list,
 *               and quadratic in the findings of one heap in which each overlaps the next. */
void sp_findings_settle(sp_findings *list);

/** What a policy says of the findings of an answer, kind by kind; zeroed: nothing. Borrowed. */
typedef struct sp_kind_actions {
    sp_bits256 withheld, masked; /**< kinds that cut the answer; that are replaced */
    sp_bits256 passed;           /**< kinds that leave though something else is shipped for them */
    sp_bits256 echoed;           /**< kinds that leave where the request held the value */
    const sp_bytes *hosts;       /**< where images and links may point, whatever they carry: a name, or `*.`
                                    and what hosts end with */
    size_t n_hosts;
} sp_kind_actions;

/** Hosts at which what answers show may point, as in sp_kind_actions; nowhere else. Borrowed. */
typedef struct sp_host_list {
    const sp_bytes *v;
    size_t n;
    bool is_given; /**< false: it may point anywhere */
} sp_host_list;

/* ---- what there is to find, and why something was found ---- */

/** A detector as people read about it. All strings are static; NULL: it has none. */
typedef struct sp_detector {
    const char *name;
    sp_kind kind;
    const char *head;   /**< pattern of its first bytes */
    const char *shapes; /**< of a number: `d` digit, `a` letter, `x` either, `~` a separator or none */
    const char *forms;  /**< of a token, between blanks: `ghp_{w36}` is that and 36 letters or digits */
    const char *words;  /**< that name it, between '|'; weak ones behind a '~' */
    const char *source; /**< who says what it looks like */
    const char *run;    /**< where its first bytes lie: within a word, a line or a number */
    const char *const *examples; /**< NULL-terminated: found is what stands in brackets; nothing without them.
                                    Forms have none: they are filled at random where they are tested */
    uint16_t longest;            /**< bytes of a match */
    uint8_t sure;                /**< confidence with such a word beside it; 0: 90 with a check, 75 without */
    uint8_t least;               /**< matches of less are dropped */
    bool is_whole;               /**< looked for in whole texts, not in streams */
    bool is_asked;               /**< looked for in answers alone, where a policy lists hosts */
    bool is_checked;             /**< of a number: a check digit, a date or a range has to be right */
} sp_detector;
/** Detector `i` in order (sp_finding.detector). @return false past the end. */
bool sp_detector_at(sp_detector *out, size_t i);
/** The detector of a finding, also one of the organisation: `head` is then its pattern, and it has no
 * examples. Lives as long as the engine. @return false: there is none. */
bool sp_engine_detector(sp_detector *out, const sp_engine *engine, uint16_t detector);

/** The word that made a number one of its kind. */
typedef struct sp_named_by {
    uint32_t start, end; /**< of the words in the text; equal: none, it was taken for what it looks like */
    uint8_t distance;    /**< bytes between them and the match */
    bool is_weak;        /**< it fits this kind and others */
} sp_named_by;
/** Looks again at a finding of sp_scan in the same text; of one in a view nothing is said. */
void sp_finding_explain(sp_named_by *out, const sp_engine *engine, sp_bytes text, const sp_finding *f);

/* ---- texts of which parts were scanned before ---- */

/** Findings of a part that are kept with it; a part with more is scanned each time. */
enum { SP_PART_FINDINGS_MAX = 4 };

/** Whose texts were judged (judge.h): those that nobody vouches for, those of users. */
typedef enum sp_doubt_of { SP_DOUBT_OF_OTHERS = 0, SP_DOUBT_OF_USERS, SP_DOUBTS } sp_doubt_of;

/** The worst that was judged of the texts of a part. Offsets from its start. */
typedef struct sp_doubt {
    bool is_known;
    uint8_t confidence; /**< 0: nothing */
    uint32_t start, end;
} sp_doubt;

/** What a scan of a part said, whatever stands behind it. Offsets from the start of the part. */
typedef struct sp_verdict {
    bool is_known; /**< false: nothing is known, or it depends on what follows, or there was too much */
    uint8_t n;
    sp_finding v[SP_PART_FINDINGS_MAX];
    sp_doubt doubts[SP_DOUBTS]; /**< sp_propose's: a scan leaves them alone */
} sp_verdict;

/** A stretch of a text, from where the one before ends to `end`. */
typedef struct sp_part {
    uint32_t end;
    sp_verdict verdict; /**< known before: the part is not scanned. Else receives what is worth keeping */
} sp_part;

/** All parts of a text, in order. */
typedef struct sp_parts {
    sp_part *v;
    size_t n;
} sp_parts;

/** Bytes in front of a part that its verdict may depend on beside the part itself. */
enum { SP_PART_CONTEXT = 128 };

/** Scans like sp_scan_whole, with exactly its findings, what is not known yet. Where a candidate at the end
 * of a part reaches into the next, all is scanned as one text.
 *  @param parts  cover `text` in order; each but an empty one ends with a newline. A known verdict must come
 *                from a part of the same bytes behind the same SP_PART_CONTEXT bytes (or all there are).
 *  @return as sp_scan. */
SP_NODISCARD sp_status sp_scan_parts(sp_findings *out, const sp_engine *engine, sp_scratch *scratch,
                                     sp_bytes text, sp_parts parts);

/* ---- what is disguised ---- */

/** A text to scan as it stands and as its readers take it. */
typedef struct sp_scan_in {
    const sp_engine *engine;
    sp_scratch *scratch;
    sp_bytes text;
    sp_parts parts; /**< as sp_scan_parts wants them; none: nothing is known of the text */
    sp_mem *mem;    /**< for the views: as sp_views_each says, of each part that is new */
} sp_scan_in;

/** Scans like sp_scan_parts or sp_scan_whole, and the views of what is not known yet (normalise.h). What is
 * found in a view lies where it came from in the text; its `view` says which. Of one kind none overlap: what
 * was seen in part before is widened. What a view shows as the text does is not told again. Where a view
 * holds more of a class than a pass keeps, and none of it is sure enough, the first is told all the same. A
 * disguise that begins more than SP_PART_CONTEXT bytes before a part and goes on in it is not undone.
 *  @param out  findings that are there already are left alone.
 *  @return as sp_scan; SP_EHIDDEN: more is hidden than is undone (sp_view_limits_of), so nobody has seen all
 *          of it: refuse. Then `out` holds what was found until then. */
SP_NODISCARD sp_status sp_scan_disguised(sp_findings *out, const sp_scan_in *in);

/** Adds what its views show of a text to what a scan of it as it stands found; without parts.
 *  @param out  holds that and nothing else. @return as sp_scan_disguised. */
SP_NODISCARD sp_status sp_scan_views(sp_findings *out, const sp_scan_in *in);

/* ---- streams ---- */

/** Scans a text that arrives in pieces and says up to where it may go. One per channel of an answer. */
typedef struct sp_tape sp_tape;

/** Most bytes between the release point and the end of what has been fed. */
enum { SP_TAPE_HOLD_MAX = 16384 };

/** Takes about 2 KiB from `mem`, and up to 100 KiB more while a match as long as a private key is open;
 *  not more however long the channel is. Borrows `engine` and the `scratch` of the thread that will feed it.
 *  @return SP_OK, SP_ENOMEM. */
SP_NODISCARD sp_status sp_tape_new(sp_tape **out, const sp_engine *engine, sp_scratch *scratch, sp_mem *mem);
/** From now on it finds what SP_ASK_ADDRESSES asks for, too. Before it is fed. */
void sp_tape_tell_addresses(sp_tape *tape);

/** Appends a piece: any cut, also inside a UTF-8 sequence; may be empty. Findings that became certain are
 *  appended to `found` in order of start, each once, with offsets from the start of the channel. Whatever
 *  the cuts, they are those of sp_scan over the whole text (split invariance), and every byte before the
 *  release point is outside of every finding that has not been reported.
 *  @param release  receives the release point, an offset from the start of the channel: never decreases,
 *                   never inside a UTF-8 sequence, the end of the text with `is_last`. Who withholds
 *                   findings lets out what is before both it and the start of the first finding.
 *  Holds at most SP_TAPE_HOLD_MAX bytes, in prose the last word. Cost: a scan of the piece, of what is
 *  held and of 128 bytes before it; so feed at once what waits.
 *  @return SP_OK, SP_ENOMEM, SP_ERANGE (a finding beyond 4 GiB), SP_EWORK (all pieces together cost more than
 *          they may), SP_EINTERNAL (also when fed after its last piece). After a failure the tape is of no
 *          more use, and nothing further may be released. */
SP_NODISCARD sp_status sp_tape_feed(sp_tape *tape, sp_bytes piece, bool is_last, sp_findings *found,
                                    uint64_t *release);
