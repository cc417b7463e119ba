/** @file detect_internal.h  What the files of src/core/detect share: rows, the window that validators read
 *  through, candidates.
 *
 *  A row's pattern matches the *head* of what it looks for: the few bytes that make a match possible
 *  ("ghp_", "-----BEGIN", a letter, '@' and a letter). Hyperscan reports where heads end; the validator
 *  then reads on from there, byte by byte through sp_peek, and decides. A validator that asked for a byte
 *  past the end of what has arrived sets `ran_out`: its candidate is alive, and a stream holds it back
 *  from its start. So nobody has to know whether a partial regular expression match is alive. Only a head
 *  that is itself cut in two has no candidate yet; heads lie in one run (runs.h) and are short. */
#pragma once
#include "sallyport/detect.h"
#include "detect/meter.h"
#include "detect/runs.h"
#include "detect/signs.h"

/** Bytes before a match that a validator may look at: boundaries, and words that make a bare number mean
 *  something. A stream keeps that many bytes that have already gone. */
enum { SP_CONTEXT_MAX = 128 };
/** No match is longer; longer tokens are cut to it. A validator reads at most SP_LOOK_MAX bytes further.
 *  Together they bound what a stream holds. */
enum { SP_SPAN_MAX = 16000, SP_LOOK_MAX = 256 };
_Static_assert(SP_SPAN_MAX + SP_LOOK_MAX < SP_TAPE_HOLD_MAX,
               "a candidate that ran out of text must fit into a tape");

/** What is known of the bytes in which values of services are looked for (secret.c), so that heads that lie
 *  close do not read the same bytes again. Offsets in the window; zeroed, nothing is known. */
enum { SP_VALUE_NAMES = 64 };
typedef struct sp_value_memo {
    size_t run_from, run_to;   /**< all of it are characters of keys */
    size_t bare_from, bare_to; /**< no digit stands in it */
    struct {
        size_t behind;       /**< 1 + where a service's name may begin; 0: nothing is known */
        size_t service;      /**< the first that its three letters may be of; SIZE_MAX: none */
    } names[SP_VALUE_NAMES]; /**< by offset */
} sp_value_memo;

/** What a validator may read: all of it, or what has arrived of it. */
typedef struct sp_window {
    const uint8_t *p;
    size_t n;
    bool is_last;    /**< nothing follows: the end of the window is the end of the text */
    bool ran_out;    /**< a byte past the end was asked for and may still arrive */
    size_t floor;    /**< end of the row's match before: a validator that looks back does not go behind it */
    sp_meter *meter; /**< what is done is charged here; NULL: nobody counts */
    sp_value_memo *values; /**< of validators of values (secret.h), zeroed before a pass; NULL: none */
} sp_window;

/** Charges work, where somebody counts (sp_meter_charge). Validators whose work is not bounded by a
 *  few bytes around their head say so. */
static inline void sp_charge(const sp_window *w, size_t units)
{
    if (w->meter != NULL) sp_meter_charge(w->meter, units);
}

/** Byte `i`, or -1 past the end. */
static inline int sp_peek(sp_window *w, size_t i)
{
    if (i < w->n) return w->p[i];
    w->ran_out = w->ran_out || !w->is_last;
    return -1;
}

/** The byte before `i`, or -1 at the start. */
static inline int sp_before(const sp_window *w, size_t i)
{
    return i > 0 ? w->p[i - 1] : -1;
}

/** What a validator says about a head. Confidence 0 rejects. */
typedef struct sp_match {
    size_t start, end;
    uint8_t confidence;
    uint16_t row; /**< the row that is asked, set before; of a number (number.h): which one it is */
} sp_match;

/** @param head_end  where the head ended: w->p[head_end - 1] is its last byte. Sets m->start before it
 *                   looks at any byte from head_end on, m->end and m->confidence if it accepts. Reads
 *                   forward through sp_peek only, at most SP_SPAN_MAX + SP_LOOK_MAX bytes from m->start,
 *                   and at most SP_CONTEXT_MAX bytes before m->start. */
typedef void sp_validate(sp_window *w, size_t head_end, sp_match *m);

/** A text and where in it the row must find its match: "call [+49 30 901820] now"; without brackets it
 *  must find none. */
typedef const char *sp_example;

/** Do these letters (upper case) and digits prove themselves: check digits, dates, ranges? */
typedef bool sp_check(const uint8_t *chars, size_t n);

/** Does a token prove itself: a checksum, a decoded part? */
typedef bool sp_proof(sp_bytes token);

/** How sure a number that begins at `start` is by what stands before it, where no word speaks for it; 0: not.
 * Looks at no more than SP_CONTEXT_MAX bytes. */
typedef uint8_t sp_beside(const sp_window *w, size_t start);

/** Does what stands before a number at `start` say that its word means something else? As sp_beside. */
typedef bool sp_unlike(const sp_window *w, size_t start);

/** A detector: of a number, which has shapes; of a token, which has forms; or of anything else, which has a
 *  head. */
typedef struct sp_row {
    const char *name; /**< unique, kebab-case; stands in diagnostics and manuals */
    const char *head; /**< a pattern of words (heads.h); NULL: its sign, its shapes or its forms say where it
                         may be */
    unsigned flags;   /**< 0, HS_FLAG_CASELESS or HS_FLAG_UTF8 */
    sp_validate *validate;
    const char *shapes; /**< as number.h describes them */
    const char *forms;  /**< as token.h describes them */
    sp_proof *proof;    /**< NULL: nothing proves the token */
    sp_check *check;    /**< NULL: nothing proves it */
    sp_beside *beside;  /**< of one row with shapes at most; NULL: only words speak for it */
    sp_unlike *unlike;  /**< of a row with shapes; NULL: its words mean nothing else */
    const char *near;   /**< words that name it, between '|'; weak ones behind a '~' (evidence.h) */
    const char *source; /**< who says so: law, standard, registry */
    uint8_t sure;       /**< confidence with such a word right before it; 0: 90 with a check, 75 without */
    const sp_example *examples; /**< NULL-terminated, at least one of each sort; the unit tests */
    uint16_t head_max; /**< most bytes from the start of a match to the end of its head: what a cut head can
                          be long */
    uint16_t longest;  /**< longest span of a match in bytes, up to SP_SPAN_MAX */
    uint8_t kind;      /**< sp_kind */
    uint8_t run;       /**< sp_run: the class of run in which its heads lie */
    uint8_t sign;      /**< sp_sign: a head of classes, instead of a pattern; of values, beside it */
    uint8_t least;     /**< matches of less confidence are dropped */
    bool is_whole;     /**< found by the pass over whole texts (names.h), not in a stream */
    bool is_asked;     /**< found by the pass that tells addresses alone (outward.c) */
} sp_row;

/** The rows of one file. */
typedef struct sp_family {
    const sp_row *rows;
    size_t n;
} sp_family;

/** What rows of numbers share: how their heads lie in a text. */
#define SP_NUMBER_ROW .run = SP_RUN_NUMBER, .head_max = 16, .longest = 120, .least = 60

/** What rows of tokens share: their words, and what forms read before these, lie in one word of the text. */
#define SP_TOKEN_ROW .run = SP_RUN_WORD, .head_max = 80, .longest = 2400, .least = 60

/** Row `i` over all families, or NULL past the end. sp_finding.detector is this number. */
const sp_row *sp_row_at(size_t i);

/* ---- candidates (engine.c) ---- */

/** The result of one pass over a window, in the scratch until the next pass. */
typedef struct sp_pass {
    const sp_finding *v; /**< by start, longer first; may overlap */
    size_t n;
    size_t pending; /**< earliest start of a candidate that ran out of text; SIZE_MAX if there is none */
    bool is_full;   /**< of a kind more were seen than kept */
} sp_pass;

/** Most findings of one kind that a pass keeps. */
enum { SP_PASS_MAX = 4096 };

/** What stands before the text of a pass, too. */
typedef struct sp_around {
    sp_bytes text;  /**< ends where that text does */
    bool is_needed; /**< receives whether a finding depends on more of it */
} sp_around;

/** A window to run the detectors over. */
typedef struct sp_pass_in {
    sp_bytes text;
    size_t from;   /**< candidates that start before are ignored: an earlier pass has dealt with them */
    bool is_last;  /**< nothing follows `text` */
    uint64_t base; /**< offset of text.p[0] in the channel */
    const uint64_t
        *lane_end; /**< NULL, or per lane the offset in the channel where its last match before `from` ends */
    sp_meter *meter;   /**< of the scan that the pass is part of; NULL: the pass is all of it */
    sp_around *around; /**< NULL: the text is all there is */
} sp_pass_in;

/** Runs all detectors over a window. Of one lane the matches do not overlap: that is a row, or all rows of
 * numbers together, of which the best supported one wins.
 *  @return as sp_scan: SP_EWORK as soon as the meter is over; then nothing was found. */
SP_NODISCARD sp_status sp_engine__pass(sp_pass *out, const sp_engine *engine, sp_scratch *scratch,
                                       const sp_pass_in *in);
/** The same, and the rows of whole texts (names.h): `text` is whole lines from `from` on. */
SP_NODISCARD sp_status sp_engine__pass_whole(sp_pass *out, const sp_engine *engine, sp_scratch *scratch,
                                             const sp_pass_in *in);
/** The same as sp_engine__pass, and each address that is brought as an image or a link, whatever it carries:
 * for whoever knows which hosts it may point at. */
SP_NODISCARD sp_status sp_engine__pass_addresses(sp_pass *out, const sp_engine *engine, sp_scratch *scratch,
                                                 const sp_pass_in *in);
size_t sp_engine__n_lanes(const sp_engine *engine);
size_t sp_engine__lane_of(const sp_engine *engine, uint16_t row);
/** Longest head in a run of class `run` over all rows; 0 when no row uses the class. */
size_t sp_engine__head_max(const sp_engine *engine, sp_run run);

/** The finding as it counts: of the rule of the organisation that allows it, or as it is.
 *  @param text  that its offsets are of. */
sp_finding sp_engine__weigh(const sp_engine *engine, sp_scratch *scratch, sp_bytes text, sp_finding f);

/** Of a class that was cut off nobody has seen whether what is behind is allowed, too. Where all that was
 * kept is, its last is told as it was found, so that its rules fire. */
typedef struct sp_cut {
    uint32_t left[SP_CLASS_LIMIT]; /**< of a class that was cut off: how many come yet; of others 0 */
    bool is_told[SP_CLASS_LIMIT];  /**< one came that counts */
} sp_cut;
/** Begins to go through the first `n` findings of a pass. */
void sp_cut__begin(sp_cut *cut, const sp_pass *pass, size_t n);
/** The next one. @param counts  it is told, and no rule allows it. @return true: it has to be told as it is.
 */
bool sp_cut__is_due(sp_cut *cut, const sp_finding *found, bool counts);
/** The next one, as it is told. @param weighed  what sp_engine__weigh made of it. */
sp_finding sp_cut__next(sp_cut *cut, sp_finding found, sp_finding weighed);

/* ---- choosing among overlaps (findings.c) ---- */

/** Goes through findings by start and keeps, per class, the leftmost, and of one start the longest. */
typedef struct sp_chooser {
    uint64_t end[SP_CLASS_LIMIT];   /**< where the last kept one of each class ended */
    uint32_t count[SP_CLASS_LIMIT]; /**< how many were kept */
} sp_chooser;

/** Appends `f`, moved by `shift`, to `out` unless it overlaps one of its class or the class has reached
 *  out->limit.
 *  @return SP_OK, SP_ENOMEM, SP_ERANGE when its offset does not fit. */
SP_NODISCARD sp_status sp_chooser_offer(sp_chooser *c, sp_findings *out, sp_finding f, uint64_t shift);
/** Appends `f`. @return SP_OK, SP_ENOMEM. */
SP_NODISCARD sp_status sp_findings__append(sp_findings *list, sp_finding f);
/** Puts `f` at its place into a list that is sorted by start, longer first. Cheap when `f` belongs near
 *  the end. */
SP_NODISCARD sp_status sp_findings__insert(sp_findings *list, sp_finding f);
/** Puts all of `more`, which is sorted so too, at their places. Linear. */
SP_NODISCARD sp_status sp_findings__merge(sp_findings *list, const sp_findings *more);

/* ---- shared by validators (chars.c) ---- */

static inline bool sp_is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static inline bool sp_is_upper(int c)
{
    return c >= 'A' && c <= 'Z';
}

static inline bool sp_is_alpha(int c)
{
    return sp_is_upper(c) || (c >= 'a' && c <= 'z');
}

static inline bool sp_is_alnum(int c)
{
    return sp_is_alpha(c) || sp_is_digit(c);
}

static inline bool sp_is_hex(int c)
{
    return sp_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/** Letters, digits, '-' and '_'. */
static inline bool sp_is_base64url(int c)
{
    return sp_is_alnum(c) || c == '-' || c == '_';
}

/** Letters, digits, '+' and '/'. */
static inline bool sp_is_base64(int c)
{
    return sp_is_alnum(c) || c == '+' || c == '/';
}

static inline bool sp_is_space(int c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/** First offset at or after `i` whose byte is not of the class, at most `limit`. */
static inline size_t sp_skip(sp_window *w, size_t i, size_t limit, bool (*is_class)(int c))
{
    const size_t from = i;
    while (i < limit && is_class(sp_peek(w, i))) i++;
    sp_charge(w, i - from);
    return i;
}
/** Does the text at `i` go on with `word`? ASCII case is ignored if `nocase`. */
bool sp_goes_on(sp_window *w, size_t i, const char *word, bool nocase);
/** Does one of the words (NULL-terminated list, lower case) stand within `reach` bytes before `at`, in any
 *  case, as a word? */
bool sp_has_context(const sp_window *w, size_t at, size_t reach, const char *const *words);
/** How many bytes, up to `most`, stand before `at` on its line; a line that ends in a backslash goes on. */
size_t sp_line_reach(const sp_window *w, size_t at, size_t most);
/** Different bytes among [start, end): a cheap measure that tells keys from placeholders. */
unsigned sp_count_distinct(const sp_window *w, size_t start, size_t end);
/** Does [start, end) hold a digit, an upper-case and a lower-case letter? */
bool sp_is_mixed(const sp_window *w, size_t start, size_t end);
/** The Luhn check (ISO/IEC 7812-1 annex B) over the digits of [start, end); other bytes are passed over. */
bool sp_luhn(const uint8_t *p, size_t n);
/** ISO 7064 MOD 97-10 over letters and digits, the first four moved to the end, as in an IBAN; other bytes
 *  are passed over. */
bool sp_mod97(const uint8_t *p, size_t n);
