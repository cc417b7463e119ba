/** @file base.h  Bytes, memory, growing buffers, cursors over untrusted bytes, bit sets, text encodings.
 *  No global state: safe from any thread as long as one object is used by one thread at a time. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "sallyport/status.h"

/* ---- bytes ---- */

/** A borrowed run of bytes. Not NUL-terminated. `p` may be NULL only if `n` is 0. */
typedef struct sp_bytes {
    const uint8_t *p;
    size_t n;
} sp_bytes;

#define SP_BYTES_EMPTY ((sp_bytes){NULL, 0})
/** The bytes of a string literal, without its NUL. */
#define SP_LIT(s) ((sp_bytes){(const uint8_t *)("" s), sizeof(s) - 1})

/** The bytes of a C string without its NUL; borrowed. NULL gives the empty run. */
sp_bytes sp_bytes_of(const char *s);
/** Equality in time that depends on the lengths and the first difference: not for secrets. */
static inline bool sp_bytes_eq(sp_bytes a, sp_bytes b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
/** ASCII case folded equality (RFC 9110 field names). Not for secrets. */
bool sp_bytes_eq_nocase(sp_bytes a, sp_bytes b);
/** Bytewise order, shorter first when one is a prefix of the other: <0, 0, >0. */
int sp_bytes_cmp(sp_bytes a, sp_bytes b);
bool sp_bytes_starts(sp_bytes s, sp_bytes prefix);
/** The part [start, end) clipped to the run; start > end gives the empty run. */
sp_bytes sp_bytes_sub(sp_bytes s, size_t start, size_t end);
/** Equality whose time depends only on `n`: for secrets and their hashes. */
bool sp_equal_secret(const uint8_t *a, const uint8_t *b, size_t n);
/** Overwrites memory so that the compiler keeps the stores. */
void sp_wipe(void *p, size_t n);

/** a + b and a * b of sizes from outside. @return false on overflow, `*out` then untouched. */
SP_NODISCARD bool sp_size_add(size_t *out, size_t a, size_t b);
SP_NODISCARD bool sp_size_mul(size_t *out, size_t a, size_t b);

/* ---- memory ---- */

/** Where a function takes memory from. No free of single objects: the owner of the arena releases all at
 * once. `alloc` returns memory aligned for any object, not zeroed, or NULL; `n` is never 0. */
typedef struct sp_mem {
    void *(*alloc)(void *ctx, size_t n);
    void *ctx;
    size_t used;  /**< bytes handed out so far */
    size_t limit; /**< hard limit for `used`; reaching it is SP_ENOMEM, never a crash */
} sp_mem;

/** `count` zeroed objects of `size` bytes; NULL when the limit or the allocator says no, or on overflow.
 * count 0 gives NULL. */
void *sp_alloc(sp_mem *mem, size_t count, size_t size);
/** Like sp_alloc without zeroing, for byte buffers that are filled at once. */
void *sp_alloc_bytes(sp_mem *mem, size_t n);
/** A copy of `s` in `mem`. @return SP_ENOMEM when it does not fit; `*out` is then empty. */
SP_NODISCARD sp_status sp_bytes_copy(sp_bytes *out, sp_bytes s, sp_mem *mem);

/** An arena over malloc, for the daemon, the CLI and tests. Under ASan each object is a malloc of its own, so
 * that an overrun shows. Opaque but for its size. */
typedef struct sp_arena {
    sp_mem mem; /**< pass &arena.mem */
    struct sp_arena_block *head;
} sp_arena;
/** @param limit  most bytes that may be handed out. */
void sp_arena_init(sp_arena *arena, size_t limit);
/** Frees everything taken from it. Allowed on a zeroed or already finished arena. */
void sp_arena_fini(sp_arena *arena);
/** Everything taken from it is gone; keeps one block of at most `most` bytes for what comes next, so that
 * work that is done over and over meets memory that is in the cache. */
void sp_arena_reset(sp_arena *arena, size_t most);

/* ---- growing buffer ---- */

/** Bytes that grow in `mem` (old storage is not given back before the arena goes, so growth doubles). The
 * first failure sticks: append freely, look at `status` once. */
typedef struct sp_buf {
    uint8_t *p;
    size_t n, cap;
    sp_mem *mem;
    sp_status status;
} sp_buf;
#define SP_BUF_IN(m) ((sp_buf){NULL, 0, 0, (m), SP_OK})

void sp_buf_append(sp_buf *b, sp_bytes s);
void sp_buf_append_byte(sp_buf *b, uint8_t c);
void sp_buf_append_str(sp_buf *b, const char *s);
/** Decimal text. */
void sp_buf_append_u64(sp_buf *b, uint64_t v);
/** Seconds since 1970 as RFC 3339 in UTC: 2026-11-24T16:13:00Z. */
void sp_buf_append_time(sp_buf *b, uint64_t s);
/** `s` as the inside of a JSON string: quotes, backslash and control characters escaped, the rest as it is.
 */
void sp_buf_append_json(sp_buf *b, sp_bytes s);
/** sp_buf_reserve where there is no room, or the status is bad. */
uint8_t *sp_buf_grow(sp_buf *b, size_t n);
/** Makes room for `n` more bytes and returns where they go, or NULL (status set). The caller adds to b->n
 * what it wrote. Here, since a record is written field by field, byte by byte: ADR 25. */
static inline uint8_t *sp_buf_reserve(sp_buf *b, size_t n)
{
    return b->status == SP_OK && n <= b->cap - b->n ? b->p + b->n : sp_buf_grow(b, n);
}
static inline sp_bytes sp_buf_bytes(const sp_buf *b)
{
    return (sp_bytes){b->p, b->n};
}

/* ---- cursors over binary data: big-endian, sticky error, a failed read yields zeroes ---- */

typedef struct sp_reader {
    const uint8_t *p, *end;
    sp_status
        status; /**< SP_ETRUNCATED after the first short read, SP_ERANGE after a length above its maximum */
} sp_reader;
sp_reader sp_reader_of(sp_bytes s);
uint8_t sp_read_u8(sp_reader *in);
uint16_t sp_read_u16(sp_reader *in);
uint32_t sp_read_u32(sp_reader *in);
uint64_t sp_read_u64(sp_reader *in);
/** `n` raw bytes, borrowed. */
sp_bytes sp_read_raw(sp_reader *in, size_t n);
/** Bytes behind a u16 or u32 length; SP_ERANGE when the length is above `max`. Borrowed. */
sp_bytes sp_read_bytes16(sp_reader *in, size_t max);
sp_bytes sp_read_bytes32(sp_reader *in, size_t max);
size_t sp_reader_left(const sp_reader *in);
/** SP_OK when everything was read without error and nothing is left over, else SP_ETRUNCATED or SP_ERANGE. */
SP_NODISCARD sp_status sp_reader_end(const sp_reader *in);

void sp_write_u8(sp_buf *b, uint8_t v);
void sp_write_u16(sp_buf *b, uint16_t v);
void sp_write_u32(sp_buf *b, uint32_t v);
void sp_write_u64(sp_buf *b, uint64_t v);
/** Overwrites four bytes that were written at `at`: a length that is known only later. Else nothing. */
void sp_write_u32_at(sp_buf *b, size_t at, uint32_t v);
/** Length and bytes; a longer run than the length can say sets SP_ERANGE. */
void sp_write_bytes16(sp_buf *b, sp_bytes s);
void sp_write_bytes32(sp_buf *b, sp_bytes s);

/* ---- bit set of 256 ---- */

typedef struct sp_bits256 {
    uint64_t w[4];
} sp_bits256;
#define SP_BITS256_ALL ((sp_bits256){{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}})
#define SP_BITS256_NONE ((sp_bits256){{0, 0, 0, 0}})
static inline sp_bits256 sp_bits256_and(sp_bits256 a, sp_bits256 b)
{
    return (sp_bits256){{a.w[0] & b.w[0], a.w[1] & b.w[1], a.w[2] & b.w[2], a.w[3] & b.w[3]}};
}
static inline sp_bits256 sp_bits256_and_not(sp_bits256 a, sp_bits256 b)
{
    return (sp_bits256){{a.w[0] & ~b.w[0], a.w[1] & ~b.w[1], a.w[2] & ~b.w[2], a.w[3] & ~b.w[3]}};
}
static inline sp_bits256 sp_bits256_or(sp_bits256 a, sp_bits256 b)
{
    return (sp_bits256){{a.w[0] | b.w[0], a.w[1] | b.w[1], a.w[2] | b.w[2], a.w[3] | b.w[3]}};
}
static inline bool sp_bits256_is_empty(sp_bits256 a)
{
    return (a.w[0] | a.w[1] | a.w[2] | a.w[3]) == 0;
}
static inline bool sp_bits256_has(sp_bits256 a, uint8_t bit)
{
    return (a.w[bit >> 6] >> (bit & 63)) & 1;
}
static inline void sp_bits256_add(sp_bits256 *a, uint8_t bit)
{
    a->w[bit >> 6] |= UINT64_C(1) << (bit & 63);
}
/** Is every member of `a` in `b`? */
static inline bool sp_bits256_subset(sp_bits256 a, sp_bits256 b)
{
    return ((a.w[0] & ~b.w[0]) | (a.w[1] & ~b.w[1]) | (a.w[2] & ~b.w[2]) | (a.w[3] & ~b.w[3])) == 0;
}

/* ---- text encodings ---- */

/** 2n lower-case hexadecimal digits and a NUL into `out[2n+1]`. */
void sp_hex_encode(char *out, sp_bytes s);
/** @return SP_ERANGE unless `hex` is exactly 2*n digits of either case. */
SP_NODISCARD sp_status sp_hex_decode(uint8_t *out, size_t n, sp_bytes hex);
/** base64url without padding (RFC 4648 section 5). Appends ceil(4n/3) characters. */
void sp_base64url_append(sp_buf *b, sp_bytes s);
/** Strict: no padding, no other characters, unused bits zero. @return SP_ERANGE unless it decodes to exactly
 * `n` bytes. */
SP_NODISCARD sp_status sp_base64url_decode(uint8_t *out, size_t n, sp_bytes text);
/** CRC-32 (ISO-HDLC, as zlib and PNG): a check against typing errors, not against an adversary. Start with
 * crc 0. */
uint32_t sp_crc32(uint32_t crc, sp_bytes s);
/** CRC-32C (Castagnoli, RFC 3720): frames of the ledger. Start with crc 0. */
uint32_t sp_crc32c(uint32_t crc, sp_bytes s);
/** Length of the longest prefix that is valid UTF-8 (RFC 3629): s.n when all is valid. A sequence cut off at
 * the end ends the prefix. */
size_t sp_utf8_valid_prefix(sp_bytes s);
/** Bytes of the character at s[at] (at < s.n), 1 to 4; 0: it is no UTF-8. */
size_t sp_utf8_sequence(sp_bytes s, size_t at);
/** Where from `at` (<= s.n) on the first quote, backslash, control character below 0x20 or byte beyond ASCII
 * stands; s.n when there is none. */
size_t sp_skip_plain(sp_bytes s, size_t at);
/** Where from `at` (<= s.n) on the first LF or CR stands; s.n when there is none. */
size_t sp_skip_line(sp_bytes s, size_t at);
/** Bytes of a block, of which sets of bits tell. */
enum { SP_BLOCK = 64 };
/** What the bytes of a block are, a bit per byte: bit i is byte i. */
typedef struct sp_classes {
    uint64_t alpha;   /**< ASCII letters */
    uint64_t digit;   /**< ASCII digits */
    uint64_t high;    /**< beyond ASCII */
    uint64_t line;    /**< LF */
    uint64_t escape;  /**< '&' '%' '\\' '=': what encodings of single characters begin with */
    uint64_t bracket; /**< '(' '[' '{' '<' */
    uint64_t blank;   /**< ' ' */
    uint64_t d, o, t; /**< these letters, in either case */
} sp_classes;
/** Writes the classes of `n` blocks at `p`, all bytes of which must be readable. Of several at once each is
 * cheaper. */
void sp_classes_64(sp_classes *out, const uint8_t *p, size_t n);
/** The same for what numbers, addresses and assignments consist of. */
typedef struct sp_marks {
    uint64_t digit, alpha, upper;
    uint64_t dot, colon, dash, blank, equals, star;
    uint64_t quote; /**< either */
    uint64_t join;  /**< '@' and '+' */
    uint64_t gap;   /**< ' ' '.' '-' '/' ')': what stands between the digits of a number */
} sp_marks;
/** Likewise, their marks. */
void sp_marks_64(sp_marks *out, const uint8_t *p, size_t n);
/** The same for what a key of some service may consist of. */
typedef struct sp_key_chars {
    uint64_t key;   /**< ASCII letters and digits and "!#$%&*+-./^_~" */
    uint64_t digit; /**< of these */
    uint64_t stop;  /**< ';' '}' ')' LF and beyond ASCII */
} sp_key_chars;
/** Writes those of the one block at `p`. */
void sp_key_chars_64(sp_key_chars *out, const uint8_t *p);
/** Appends a time as RFC 3339, UTC: with microseconds 2026-11-24T16:13:00.000000Z, and from seconds
 * 2026-11-24T16:13:00Z. */
void sp_time_append(sp_buf *out, uint64_t at_ns);
void sp_date_append(sp_buf *out, uint64_t at_s);
/** Parses decimal digits only. @return false when empty, not digits, or above `max`. */
SP_NODISCARD bool sp_u64_parse(uint64_t *out, sp_bytes text, uint64_t max);

/** Goes over the places where a word with a capital may begin: a capital before a small letter, or the first
 * byte of a letter beyond ASCII, behind what is no letter; and over each '@'. */
typedef struct sp_capitals {
    sp_bytes text;
    size_t at, end; /**< `bits` tell of [at, end); begins with `end` as where to begin */
    uint64_t bits;  /**< such places that were not told yet */
} sp_capitals;
/** The next such place from `i` on, which never decreases; text.n: none. */
size_t sp_capitals_next(sp_capitals *capitals, size_t i);
