/* Classes of runs. The class WORD decides how much of prose a stream holds back: one word. */
#include "detect/runs.h"

/* Bytes of heads: "https://hooks.slack.com/", "-----BEGIN", "user.name+tag@", "+49". Bytes above 0x7f are
 * not in it, so text in scripts without spaces is not held. */
static bool is_word(uint8_t c)
{
    static const sp_bits256 set = {{
        UINT64_C(0x07ffec3000000000), /* $ % * + - . / 0-9 : */
        UINT64_C(0x07fffffe87ffffff), /* @ A-Z _ a-z */
        0,
        0,
    }};
    return sp_bits256_has(set, c);
}

/* A blank or a dot at the end of a text begins none. */
static bool begins_number(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '(';
}

/* "AB 12 34 56", "12.34.56/78-9". */
static bool is_number(uint8_t c)
{
    return begins_number(c) || c == ' ' || c == ')' || (c >= '-' && c <= '/');
}

static bool is_in_run(sp_run run, uint8_t c)
{
    switch (run) {
    case SP_RUN_LINE:
        return c != '\n';
    case SP_RUN_NUMBER:
        return is_number(c);
    case SP_RUN_WORD:
    case SP_RUN_LIMIT:
        break;
    }
    return is_word(c);
}

/* What \b of a pattern takes for part of a word, in ASCII. */
static bool is_of_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

/* May a number begin here? Not inside of a word: the 3 of "word3" is its end. */
static bool is_edge(sp_bytes text, size_t at)
{
    if (!begins_number(text.p[at])) return false;
    return at == 0 || !is_of_word(text.p[at - 1]) || text.p[at] == '(';
}

/* Separators stand alone in a number, but for the blank behind a bracket: two of them end the run. */
static bool goes_back(sp_run run, sp_bytes text, size_t at)
{
    if (!is_in_run(run, text.p[at - 1])) return false;
    if (run != SP_RUN_NUMBER || at == text.n || text.p[at - 1] == ')') return true;
    return begins_number(text.p[at - 1]) || begins_number(text.p[at]);
}

size_t sp_run_open(sp_run run, sp_bytes text, size_t most)
{
    const size_t floor = text.n > most ? text.n - most : 0;
    size_t at = text.n;
    while (at > floor && goes_back(run, text, at)) at--;
    while (run == SP_RUN_NUMBER && at < text.n && !is_edge(text, at)) at++;
    return at;
}

/* How long the sequence is that `c` leads, 0 when it leads none (RFC 3629). */
static size_t sequence_length(uint8_t c)
{
    if (c >= 0xc2 && c <= 0xdf) return 2;
    if ((c & 0xf0) == 0xe0) return 3;
    if (c >= 0xf0 && c <= 0xf4) return 4;
    return 0;
}

size_t sp_utf8_open(sp_bytes text)
{
    for (size_t back = 1; back <= 3 && back <= text.n; back++) {
        const uint8_t c = text.p[text.n - back];
        if ((c & 0xc0) == 0x80) continue;
        return sequence_length(c) > back ? text.n - back : text.n;
    }
    return text.n;
}

size_t sp_utf8_align(sp_bytes text, size_t at)
{
    return at < text.n && (text.p[at] & 0xc0) == 0x80 ? sp_utf8_open((sp_bytes){text.p, at}) : at;
}
