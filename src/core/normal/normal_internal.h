/** @file normal_internal.h  What the files of src/core/normal share: the map of a view, and the weaver that
 *  writes a view and its map together.
 *
 *  Each step (plain, squeeze, decode, ...) reads a text once, from front to back, and tells the weaver what
 * it changes: unit by unit, so many bytes become so many. What no step touches is kept without a word. */
#pragma once
#include "sallyport/normalise.h"

/** Most bytes of one block of a map; blocks go back to their pool with the map that had them. */
enum { SP_MAP_BLOCK = 1024 - 16 };

/** A stretch of a map: operations, and where they begin. */
typedef struct sp_map_block {
    uint32_t view_at, from_at; /**< offsets where the first operation begins */
    uint32_t n;
    uint8_t ops[SP_MAP_BLOCK];
} sp_map_block;

struct sp_view_map {
    sp_map_block **blocks;
    size_t n_blocks, cap;
    size_t view_n, from_n; /**< bytes that the operations cover so far */
    bool is_reversed;      /**< the view is the other text back to front; no operations */
};

/** Memory of a walk: what is given back is used again, since an arena takes nothing back. */
typedef struct sp_workspace {
    sp_mem *mem;
    sp_map_block **pool; /**< blocks without a map */
    size_t n_pool, cap_pool;
    size_t blocks_left; /**< blocks that may still be taken from `mem` */
    size_t inflated_left;
    void *inflater; /**< of inflate.c; NULL until something is inflated */
} sp_workspace;

/** A view under way. The first failure sticks in `status`. */
typedef struct sp_weaver {
    sp_workspace *work;
    sp_view_map *map;
    sp_bytes from; /**< what is read */
    uint8_t *out;  /**< cap bytes */
    size_t n, cap;
    size_t kept;       /**< from.p[kept..at) is unchanged and not written yet */
    uint32_t in, made; /**< the unit that is being repeated ... */
    uint32_t times;    /**< ... so often */
    bool is_cut;       /**< leave out what lies between windows, a line feed instead */
    bool has_changed;
    sp_range *windows;
    size_t n_windows, cap_windows;
    sp_status status;
} sp_weaver;

/** from.p[at .. at + in) becomes `made`; what lies before it and after the last change is kept. `at` never
 * goes back. `in` may be 0 only with nothing made. */
void sp_weave(sp_weaver *w, size_t at, size_t in, sp_bytes made);
/** Likewise, one byte made. */
void sp_weave_byte(sp_weaver *w, size_t at, size_t in, uint8_t made);
/** from.p[at .. at + in) goes. */
void sp_weave_drop(sp_weaver *w, size_t at, size_t in);
/** `times` units of `in` bytes each become made.n / times bytes each; of one length, and none empty. */
void sp_weave_units(sp_weaver *w, size_t at, size_t in, size_t times, sp_bytes made);
/** One character made, as UTF-8. */
void sp_weave_char(sp_weaver *w, size_t at, size_t in, uint32_t made);
/** Where what is made of w->from.p[at..] may be laid before it is woven: behind the gap that comes before it.
 *  Room for `n` bytes and all that is still to be read; NULL: w->status says why. Never moves without need.
 */
uint8_t *sp_weave_room(sp_weaver *w, size_t at, size_t n);
/** The rest is kept. To be called once, last. */
void sp_weave_end(sp_weaver *w);

/** A map forgets everything; its blocks go back to the pool. */
void sp_map_reset(sp_view_map *map, sp_workspace *work);
/** The unit of the other text that view byte `at` (< view_n) came from. */
sp_range sp_map_unit(const sp_view_map *map, size_t at);

/* ---- the steps; each reads w->from, weaves, and ends the weaving ---- */

void sp_view__plain(sp_weaver *w);
void sp_view__skeleton(sp_weaver *w);
void sp_view__squeeze(sp_weaver *w);
/** Is the line feed at s[at] beside a line of a few characters, and no end of a line of text or of code? */
bool sp_view__is_break(sp_bytes s, size_t at);
void sp_view__spell(sp_weaver *w);
void sp_view__join_digits(sp_weaver *w);
/** Stand enough digits for a number in s[start .. end), in groups with no more between them than numbers
 * have?
 */
bool sp_view__has_groups(sp_bytes s, size_t start, size_t end);
void sp_view__letters(sp_weaver *w);
void sp_view__rot13(sp_weaver *w);
void sp_view__decode(sp_weaver *w);

/** Does an encoding of a single character begin at s[at]? */
bool sp_escape_is_at(sp_bytes s, size_t at);

/** Least length of a packed run without its padding: ten bytes in base64, which come out as ASCII by chance
 * once in 20,000 runs. */
enum { SP_PACKED_MIN = 14 };
/** The run of base64's alphabet that begins at `at` (nothing of it before): woven if it holds text.
 *  @return where to read on: behind the run, whether it was woven or not. */
size_t sp_view__unpack(sp_weaver *w, size_t at);
/** May a run hold text that the SP_PACKED_MIN letters and digits at `at` are part of (none before it)? Looks
 *  at a number of bytes that is bounded; says yes where they do not tell. */
bool sp_packed_may_be_at(sp_bytes s, size_t at);

/** Gives the next bytes of what is packed, up to `n`; 0 at its end. */
typedef size_t sp_source_fn(void *ctx, uint8_t *out, size_t n);
/** Inflates what gzip (RFC 1952) or zlib (RFC 1950) packed. Sets w->status when the limits end it.
 *  @param at    where in w->from it stands: the result is laid behind the gap before it, not woven.
 *  @param made  receives the result when it was one whole stream of text; else it is empty. */
void sp_view__inflate(sp_weaver *w, size_t at, sp_source_fn *next, void *ctx, sp_bytes *made);

/** Is this what a person wrote: UTF-8, nine tenths of it printable? */
bool sp_is_text(sp_bytes s);

/* ---- characters ---- */

/** The character at s[at] and its bytes; what is no UTF-8 is one byte and UINT32_MAX. */
uint32_t sp_char_at(sp_bytes s, size_t at, size_t *n);
/** UTF-8 of `c` into out[4]. @return its bytes. */
size_t sp_char_encode(uint8_t *out, uint32_t c);
/** From `at` on, the first byte beyond ASCII; s.n when there is none. */
size_t sp_ascii_end(sp_bytes s, size_t at);
static inline bool sp_ascii_is_alpha(uint8_t c)
{
    return (uint8_t)((c | 0x20) - 'a') < 26;
}
static inline bool sp_ascii_is_digit(uint8_t c)
{
    return (uint8_t)(c - '0') < 10;
}
static inline bool sp_ascii_is_alnum(uint8_t c)
{
    return sp_ascii_is_alpha(c) || sp_ascii_is_digit(c);
}
/** 0..15, or -1. */
int sp_hex_value(uint8_t c);

/** Classes of words that the hint samples and sp_view__spell reads. */
typedef enum sp_word_class {
    SP_WORD_NONE = 0,
    SP_WORD_DIGIT, /**< value 0..9 */
    SP_WORD_SIGN,  /**< value: the character */
    SP_WORD_ROT13,
    SP_WORD_REVERSED
} sp_word_class;
/** What the word s[at .. at + n) (ASCII letters, any case; UTF-8) means. @param value  receives its value. */
sp_word_class sp_word_get(sp_bytes s, size_t at, size_t n, uint8_t *value);
/** What words of a block of 64 bytes mean: set of 1 << sp_word_class, SP_WORD_NONE never.
 *  @param block   8 bytes behind it must be readable too, whatever they are.
 *  @param starts  where the words begin.
 *  @param word    bytes that words consist of (ASCII letters and digits, and all beyond ASCII); `next`: those
 *                 of the block behind. */
unsigned sp_word_classes(const uint8_t *block, uint64_t starts, uint64_t word, uint64_t next);
