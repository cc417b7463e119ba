/** @file normalise.h  Texts as their readers take them: what is disguised in a text, undone, with a map back.
 *
 *  A *view* is a text that a person or a model may read out of the original one: full width as ASCII, letters
 *  of other scripts as those that they look like, escapes and packed runs decoded, letters that stand apart
 *  pushed together. Detectors look at views as they look at the text, and what they find is mapped back to
 *  the bytes that it came from. A view is made only where a cheap pass (sp_normalise_hint) says so; what the
 *  views undo, and what they do not, is docs/reference/detection.md.
 *
 *  Pure over its inputs: no global state, safe from any thread; all memory is the caller's sp_mem. */
#pragma once
#include "sallyport/base.h"

/** What a view undoes. In the order in which the views of one text come. */
typedef enum sp_view_kind {
    SP_VIEW_TEXT = 0, /**< the text itself: the root of all views, never shown */
    SP_VIEW_PLAIN,    /**< compatibility forms (NFKC), what no screen shows, overlays, bidi overrides */
    SP_VIEW_SKELETON, /**< letters of other scripts that look like ASCII (UTS 39) */
    SP_VIEW_SPELLED,  /**< digits as words; "at" and "dot" */
    SP_VIEW_SQUEEZED, /**< characters with one and the same separator behind each; short lines */
    SP_VIEW_DIGITS,   /**< digits without what stands between their groups */
    SP_VIEW_LETTERS,  /**< digits and signs in words that stand for letters; accents */
    SP_VIEW_ROT13,
    SP_VIEW_REVERSED,
    SP_VIEW_DECODED, /**< entities, percent, escapes, quoted-printable; base64, base32, hexadecimal; deflate
                      */
    SP_VIEW_KINDS
} sp_view_kind;

/** Stable name of a kind, for tables and tests; "?" of what is none. */
const char *sp_view_name(sp_view_kind kind);

/** What sp_normalise_hint saw: a view that no bit asks for would be the text itself. */
typedef enum sp_hint {
    SP_HINT_WIDE = 1 << 0,     /**< characters beyond ASCII that may have another form */
    SP_HINT_ACCENTS = 1 << 1,  /**< more accents than languages have */
    SP_HINT_ESCAPES = 1 << 2,  /**< &…; %XX \u \x \n =XX */
    SP_HINT_PACKED = 1 << 3,   /**< a run that may be base64, base32 or hexadecimal of text */
    SP_HINT_SPACED = 1 << 4,   /**< four characters in a row that stand alone */
    SP_HINT_LINES = 1 << 5,    /**< lines of a few characters */
    SP_HINT_SPELLED = 1 << 6,  /**< words for digits, for dot or at */
    SP_HINT_DIGITS = 1 << 7,   /**< groups of digits that make a number */
    SP_HINT_LEET = 1 << 8,     /**< digits between letters */
    SP_HINT_ROT13 = 1 << 9,    /**< the commonest words, each letter 13 further */
    SP_HINT_REVERSED = 1 << 10 /**< the commonest words, back to front */
} sp_hint;

/** One pass over `text` (any bytes), 1 to 2 ns per byte: which views are worth making.
 *  @return set of sp_hint. Says too much at times. Says too little where a disguise is shorter than what it
 * asks for, and of rot13, reversed and spelled digits, which it looks for in two words of 32 bytes
 *          (docs/reference/detection.md). */
uint32_t sp_normalise_hint(sp_bytes text);

/** A half open stretch of a text, in bytes. */
typedef struct sp_range {
    size_t start, end;
} sp_range;

/** How a view came out of the one before it. Opaque. */
typedef struct sp_view_map sp_view_map;

/** A view. Valid during the call that shows it; no longer than its text but where something was inflated. */
typedef struct sp_view {
    sp_bytes text;
    const struct sp_view *from; /**< what it was made of; NULL: the text itself */
    const sp_view_map *map;
    const sp_range *windows; /**< what is worth looking at: changed places with their surroundings, in order,
                                apart; between them the view is as what it was made of */
    size_t n_windows;
    sp_view_kind kind;
    uint8_t depth; /**< how many decodings lie between it and the text */
    size_t base;   /**< of the text itself: where in the whole of it the stretch begins that was looked at */
} sp_view;

/** The stretch of the original text that [start, end) of a view came from: from the first byte of the first
 *  character or code that took part to the last byte of the last, with all that was dropped between; never
 *  inside of a UTF-8 sequence. Of what was inflated or turned round all is one code. An empty stretch maps to
 *  an empty one. O(depth x log n). */
sp_range sp_view_origin(const sp_view *view, size_t start, size_t end);

/** Which steps had a part in [start, end) of a view: set of 1 << sp_view_kind. The view's own where the bytes
 *  differ from those that they were made of, those before it where their number does. */
uint32_t sp_view_steps(const sp_view *view, size_t start, size_t end);

/** Bytes around a change that belong to its window, and as many again up to white space. */
enum { SP_VIEW_AROUND = 256 };

/** How much is undone before it is refused. */
typedef struct sp_view_limits {
    size_t depth;      /**< decodings inside of decodings; a text that needs more is refused */
    size_t inflated;   /**< bytes in all that inflating may make */
    size_t shown;      /**< bytes in all windows that are shown: what the caller will scan */
    uint32_t unwanted; /**< set of 1 << sp_view_kind that need not be made: of those that no other is made of,
                          SP_VIEW_DIGITS to SP_VIEW_REVERSED */
} sp_view_limits;

/** Depth 3; 2 n + 64 KiB inflated; 8 n + 64 KiB shown, of a text of `n` bytes (issue 7: at most ten times
 *  prose). */
sp_view_limits sp_view_limits_of(size_t n);

/** Sees a view. @return SP_OK to go on; all else ends the walk and is its result. */
typedef sp_status sp_view_fn(void *ctx, const sp_view *view);

/** Shows every view of `text` that differs from it, each after the one that it was made of: of stretches of
 *  the text where the hint asks for one, in order, with up to 256 bytes around.
 *  @param mem  takes at most 3 x text + 64 KiB; where something is inflated 4 x what came of it more.
 *  @param fn   called for each view; the view is gone when it returns.
 *  @return SP_OK; SP_ERANGE: more is hidden than the limits allow, or the text has 2 GiB or more: nobody has
 *          seen all of it, so refuse; SP_ENOMEM; what `fn` returned. */
SP_NODISCARD sp_status sp_views_each(sp_bytes text, const sp_view_limits *limits, sp_mem *mem, sp_view_fn *fn,
                                     void *ctx);
