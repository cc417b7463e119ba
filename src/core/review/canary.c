/* A canary stands in the system text and nowhere else: who says it has read that. It is looked for among the
 * letters and digits of an answer, whatever stands between them and without case, in the writings that a
 * model is asked for to get a text past a filter: forwards and backwards, rotated by 13, in hexadecimal, in
 * base 64 behind any number of bytes. All writings at once, one bit per character of each: shift-and
 * (Baeza-Yates and Gonnet, CACM 35(10), 1992). */
#include "review/canary.h"

#include <openssl/sha.h>
#include <string.h>

#include "detect/detect_internal.h"

enum { SYMBOLS = 36, BASE64_SHIFTS = 3, KEY_BYTES = 32, NAME_MAX = 255 };

struct sp_canary {
    uint64_t at[SYMBOLS][SP_CANARY_LANES];  /* bit i: this symbol stands there */
    uint64_t first[SP_CANARY_LANES];        /* bits where a writing begins */
    uint64_t last[SP_CANARY_LANES];         /* bits where one ends */
    uint8_t n_before[SP_CANARY_LANES * 64]; /* of each bit: symbols of its writing up to it */
    unsigned lane, bit;                     /* free from here on */
};

/* ---- its text ---- */

static void put_hex(uint8_t *out, sp_bytes bytes)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.n; i++) {
        out[2 * i] = (uint8_t)digits[bytes.p[i] >> 4];
        out[2 * i + 1] = (uint8_t)digits[bytes.p[i] & 15];
    }
}

sp_status sp_canary_text(uint8_t out[SP_CANARY_BYTES], const uint8_t key[32], sp_bytes application)
{
    static const char what[] = "sallyport canary";
    uint8_t all[KEY_BYTES + sizeof what + NAME_MAX], hash[SHA256_DIGEST_LENGTH];
    if (application.n > NAME_MAX) return SP_ERANGE;
    memcpy(all, key, KEY_BYTES);
    memcpy(all + KEY_BYTES, what, sizeof what);
    if (application.n > 0) memcpy(all + KEY_BYTES + sizeof what, application.p, application.n);
    const bool is_made = SHA256(all, KEY_BYTES + sizeof what + application.n, hash) != NULL;
    sp_wipe(all, sizeof all);
    if (!is_made) return SP_ECRYPTO;
    put_hex(out, (sp_bytes){hash, SP_CANARY_BYTES / 2});
    return SP_OK;
}

/* ---- its writings ---- */

/* SYMBOLS: none. */
static unsigned symbol_of(uint8_t c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'z') return c - 'a' + 10U;
    if (c >= 'A' && c <= 'Z') return c - 'A' + 10U;
    return SYMBOLS;
}

/* A writing lies in one lane. */
static sp_status add(sp_canary *canary, const uint8_t *text, unsigned n)
{
    if (canary->bit + n > 64) {
        canary->lane++;
        canary->bit = 0;
    }
    if (canary->lane >= SP_CANARY_LANES || n == 0 || n > SP_CANARY_WRITTEN_MAX) return SP_EINTERNAL;
    for (unsigned i = 0; i < n; i++) {
        const unsigned symbol = symbol_of(text[i]), bit = canary->bit + i;
        if (symbol == SYMBOLS) return SP_EINTERNAL;
        canary->at[symbol][canary->lane] |= UINT64_C(1) << bit;
        canary->n_before[canary->lane * 64 + bit] = (uint8_t)(i + 1);
    }
    canary->first[canary->lane] |= UINT64_C(1) << canary->bit;
    canary->last[canary->lane] |= UINT64_C(1) << (canary->bit + n - 1);
    canary->bit += n;
    return SP_OK;
}

static sp_status add_turned(sp_canary *canary, sp_bytes text)
{
    uint8_t backwards[SP_CANARY_BYTES], rotated[SP_CANARY_BYTES], hex[2 * SP_CANARY_BYTES];
    for (size_t i = 0; i < text.n; i++) {
        const uint8_t c = text.p[i];
        backwards[text.n - 1 - i] = c;
        rotated[i] = c >= 'a' && c <= 'z' ? (uint8_t)('a' + (c - 'a' + 13) % 26) : c;
    }
    put_hex(hex, text);
    SP_TRY(add(canary, backwards, SP_CANARY_BYTES));
    SP_TRY(add(canary, rotated, SP_CANARY_BYTES));
    return add(canary, hex, 2 * SP_CANARY_BYTES);
}

/* The characters that hold bits of the canary alone, when `shift` bytes stand before it in its group. */
static sp_status add_base64(sp_canary *canary, sp_bytes text, unsigned shift)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t written[SP_CANARY_WRITTEN_MAX];
    unsigned n = 0;
    const unsigned from = (8 * shift + 5) / 6, to = 8 * (shift + SP_CANARY_BYTES) / 6;
    for (unsigned i = from; i < to && n < sizeof written; i++) {
        const unsigned bit = 6 * i - 8 * shift, byte = bit / 8;
        const unsigned next = byte + 1 < text.n ? text.p[byte + 1] : 0;
        const unsigned two = (unsigned)text.p[byte] << 8 | next;
        written[n++] = (uint8_t)digits[two >> (10 - bit % 8) & 63];
    }
    return add(canary, written, n);
}

sp_status sp_canary_new(sp_canary **out, const uint8_t text[SP_CANARY_BYTES], sp_mem *mem)
{
    const sp_bytes bytes = {text, SP_CANARY_BYTES};
    *out = NULL;
    sp_canary *canary = sp_alloc(mem, 1, sizeof *canary);
    if (canary == NULL) return SP_ENOMEM;
    SP_TRY(add(canary, text, SP_CANARY_BYTES));
    SP_TRY(add_turned(canary, bytes));
    for (unsigned shift = 0; shift < BASE64_SHIFTS; shift++) SP_TRY(add_base64(canary, bytes, shift));
    *out = canary;
    return SP_OK;
}

/* ---- an answer ---- */

static unsigned longest(const sp_canary *canary, const uint64_t lanes[SP_CANARY_LANES])
{
    unsigned n = 0;
    for (unsigned lane = 0; lane < SP_CANARY_LANES; lane++) {
        for (uint64_t bits = lanes[lane]; bits != 0; bits &= bits - 1) {
            const unsigned here = canary->n_before[lane * 64 + (unsigned)__builtin_ctzll(bits)];
            n = here > n ? here : n;
        }
    }
    return n;
}

/* Where the letter stands that is the n-th from the end. */
static uint64_t start_of(const sp_canary_run *run, unsigned n)
{
    return run->starts[(run->n_letters - n) % SP_CANARY_WRITTEN_MAX];
}

/* @return whether a writing is complete; its bits are then left in `done`. */
static bool step(sp_canary_run *run, const sp_canary *canary, unsigned symbol, uint64_t done[SP_CANARY_LANES])
{
    uint64_t any = 0;
    for (unsigned lane = 0; lane < SP_CANARY_LANES; lane++) {
        run->lanes[lane] = (run->lanes[lane] << 1 | canary->first[lane]) & canary->at[symbol][lane];
        done[lane] = run->lanes[lane] & canary->last[lane];
        any |= done[lane];
    }
    return any != 0;
}

/* An offset in the text at hand: its start for what lies before it. */
static uint64_t own_offset(const sp_canary_run *run, uint64_t at)
{
    return at > run->before ? at - run->before : 0;
}

static sp_status tell(sp_canary_run *run, const sp_canary *canary, const uint64_t done[SP_CANARY_LANES],
                      sp_findings *found)
{
    const uint64_t start = start_of(run, longest(canary, done)), end = own_offset(run, run->last);
    if (start < run->before) run->over_end = end;
    if (end > UINT32_MAX) return SP_OK;
    const sp_finding one = {.start = (uint32_t)own_offset(run, start),
                            .end = (uint32_t)end,
                            .kind = SP_KIND_SYSTEM_PROMPT,
                            .confidence = 100};
    return sp_findings__insert(found, one);
}

static sp_status read_letter(sp_canary_run *run, const sp_canary *canary, unsigned symbol, sp_findings *found)
{
    uint64_t done[SP_CANARY_LANES];
    const uint64_t at = run->last - 1;
    run->starts[run->n_letters++ % SP_CANARY_WRITTEN_MAX] = at;
    return step(run, canary, symbol, done) ? tell(run, canary, done, found) : SP_OK;
}

sp_status sp_canary_feed(sp_canary_run *run, const sp_canary *canary, sp_bytes piece, sp_findings *found)
{
    for (size_t i = 0; i < piece.n; i++) {
        const unsigned symbol = symbol_of(piece.p[i]);
        const uint64_t at = run->n_read++;
        if (symbol == SYMBOLS) continue;
        if (at - run->last > SP_CANARY_GAP_MAX) memset(run->lanes, 0, sizeof run->lanes);
        run->last = at + 1;
        SP_TRY(read_letter(run, canary, symbol, found));
    }
    const unsigned n = run->n_read - run->last > SP_CANARY_GAP_MAX ? 0 : longest(canary, run->lanes);
    const uint64_t held = n > 0 ? start_of(run, n) : run->n_read;
    run->held = own_offset(run, held);
    run->is_open_in_front = held < run->before;
    return SP_OK;
}
