/* Detectors for what a reader does not see and a machine obeys: sequences that command a terminal
 * (ECMA-48), and Unicode that has no shape of its own. Each head is one character, so none is ever cut but
 * in its bytes, which a stream holds anyway. */
#include "detect/detect_internal.h"

/* ---- terminals (ECMA-48; OSC as xterm has it) ---- */

enum { COMMAND_MAX = 2048, PARAMETERS_MAX = 64 };

static bool is_parameter(int c)
{
    return c >= 0x30 && c <= 0x3f;
}

static bool is_intermediate(int c)
{
    return c >= 0x20 && c <= 0x2f;
}

/* "31;1m" behind CSI. @return its end, 0 if it is none. */
static size_t csi_end(sp_window *w, size_t i, size_t *n_parameters)
{
    const size_t limit = i + PARAMETERS_MAX;
    size_t end = sp_skip(w, i, limit, is_parameter);
    *n_parameters = end - i;
    end = sp_skip(w, end, limit, is_intermediate);
    const int last = sp_peek(w, end);
    return last >= 0x40 && last <= 0x7e ? end + 1 : 0;
}

/* A string that a terminal reads up to BEL or ST; without one it ends with the line. */
static size_t string_end(sp_window *w, size_t i)
{
    const size_t limit = i + COMMAND_MAX;
    for (; i < limit; i++) {
        const int c = sp_peek(w, i);
        if (c == 0x07) return i + 1;
        if (c == 0x1b) return sp_peek(w, i + 1) == '\\' ? i + 2 : i;
        if (c == 0xc2 && sp_peek(w, i + 1) == 0x9c) return i + 2;
        if (c < 0 || c == '\n') break;
    }
    return i;
}

static bool begins_string(int c)
{
    return c == ']' || c == 'P' || c == '_' || c == '^' || c == 'X';
}

/* ESC is no character of any text. Colours do least, so they are the least sure to be meant ill. */
static void escape(sp_window *w, sp_match *m)
{
    size_t n_parameters = 0, end = m->start + 1;
    const int c = sp_peek(w, end);
    m->confidence = 90;
    if (begins_string(c)) {
        m->end = string_end(w, end + 1);
        return;
    }
    if (c == '[') {
        const size_t csi = csi_end(w, end + 1, &n_parameters);
        m->end = csi != 0 ? csi : end + 1;
        if (csi == 0 || w->p[csi - 1] == 'm') m->confidence = 75;
        return;
    }
    end = sp_skip(w, end, end + 4, is_intermediate);
    const int last = sp_peek(w, end);
    m->end = last >= 0x30 && last <= 0x7e ? end + 1 : m->start + 1;
    if (m->end == m->start + 1) m->confidence = 70;
}

/* C1 controls are two bytes of UTF-8. Text of a Western code page that was read as Latin-1 is full of them,
 * so they need more of a shape: parameters, and no other such control in front. */
static void control(sp_window *w, size_t head_end, sp_match *m)
{
    size_t n_parameters = 0;
    const bool is_csi = w->p[head_end - 1] == 0x9b;
    if (m->start >= 2 && w->p[m->start - 2] == 0xc2 && w->p[m->start - 1] < 0xa0) return;
    if (is_csi) {
        m->end = csi_end(w, head_end, &n_parameters);
        if (m->end != 0 && n_parameters > 0) m->confidence = 85;
        return;
    }
    const size_t number = sp_skip(w, head_end, head_end + 4, sp_is_digit);
    if (number == head_end || sp_peek(w, number) != ';') return;
    m->end = string_end(w, number + 1);
    m->confidence = 85;
}

/* Bytes that are no UTF-8 are no text for a terminal: an image, a library. Texts of requests and answers are
 * UTF-8 all over. */
static bool follows_text(const sp_window *w, size_t start)
{
    enum { LOOK = 16 };
    size_t i = start > LOOK ? start - LOOK : 0;
    while (i < start && (w->p[i] & 0xc0) == 0x80) i++;
    return sp_utf8_valid_prefix((sp_bytes){w->p + i, start - i}) == start - i;
}

static void terminal_escape(sp_window *w, size_t head_end, sp_match *m)
{
    const bool is_escape = w->p[head_end - 1] == 0x1b;
    m->start = head_end - (is_escape ? 1 : 2);
    if (!follows_text(w, m->start)) return;
    if (is_escape)
        escape(w, m);
    else
        control(w, head_end, m);
}

/* ---- characters without a shape (UAX #9, UTS #51, UTR #36) ---- */

/* Most of them that one finding spans; bytes in which a bidirectional embedding has to end, and how many may
 * be open at once. */
enum { UNSEEN_MAX = 4096, LINE_MAX_BYTES = 1024, NESTED_MAX = 8 };

typedef enum unseen {
    UNSEEN_NONE = 0,
    UNSEEN_WIDTH,    /* zero width: spaces, joiners, invisible operators, byte order marks */
    UNSEEN_SELECTOR, /* chooses a variant of the character before it */
    UNSEEN_RARE,     /* the same, of ideographs: 240 of them, enough for a byte */
    UNSEEN_TAG,      /* ASCII that is not shown */
    UNSEEN_OVERRIDE, /* turns the order of what follows */
    UNSEEN_OPENS,    /* begins a stretch of another direction */
    UNSEEN_CLOSES,
} unseen;

static unseen unseen_of_three(const uint8_t *p)
{
    const uint32_t c = (uint32_t)(p[0] & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3fu);
    if ((c >= 0x200b && c <= 0x200d) || (c >= 0x2060 && c <= 0x2064) || c == 0xfeff) return UNSEEN_WIDTH;
    if (c >= 0xfe00 && c <= 0xfe0f) return UNSEEN_SELECTOR;
    if (c == 0x202d || c == 0x202e) return UNSEEN_OVERRIDE;
    if (c == 0x202a || c == 0x202b || (c >= 0x2066 && c <= 0x2068)) return UNSEEN_OPENS;
    return c == 0x202c || c == 0x2069 ? UNSEEN_CLOSES : UNSEEN_NONE;
}

/* What stands at `i`, and its bytes. */
static unseen unseen_at(sp_window *w, size_t i, size_t *n)
{
    const int lead = sp_peek(w, i);
    *n = lead == 0xf3 ? 4 : 3;
    if (lead != 0xe2 && lead != 0xef && lead != 0xf3) return UNSEEN_NONE;
    for (size_t k = 1; k < *n; k++) {
        if ((sp_peek(w, i + k) & ~0x3f) != 0x80) return UNSEEN_NONE;
    }
    if (lead != 0xf3) return unseen_of_three(w->p + i);
    if (w->p[i + 1] != 0xa0) return UNSEEN_NONE;
    if (w->p[i + 2] < 0x82) return UNSEEN_TAG;
    return w->p[i + 2] >= 0x84 && w->p[i + 2] < 0x88 ? UNSEEN_RARE : UNSEEN_NONE;
}

static bool is_of_run(unseen kind)
{
    return kind >= UNSEEN_WIDTH && kind <= UNSEEN_TAG;
}

/* Does one of them end right before `i`? */
static bool follows_run(const sp_window *w, size_t i)
{
    sp_window before = {w->p, i, true, false, 0, w->meter, NULL};
    size_t n;
    if (i >= 3 && is_of_run(unseen_at(&before, i - 3, &n)) && n == 3) return true;
    return i >= 4 && is_of_run(unseen_at(&before, i - 4, &n)) && n == 4;
}

/* The flags of England, Scotland, Wales and the like: a black flag, tags of its region, a last tag. @return
 * where it ends, `i`: it is none. */
static size_t flag_end(sp_window *w, size_t i)
{
    static const uint8_t black_flag[] = {0xf0, 0x9f, 0x8f, 0xb4};
    enum { TAGS_MAX = 7 };
    for (size_t k = 0; k < 4; k++) {
        if (i < 4 || w->p[i - 4 + k] != black_flag[k]) return i;
    }
    size_t end = i, n;
    for (unsigned tags = 0; tags <= TAGS_MAX && unseen_at(w, end, &n) == UNSEEN_TAG; tags++) {
        end += 4;
        if (w->p[end - 2] == 0x81 && w->p[end - 1] == 0xbf) return tags > 1 ? end : i;
    }
    return i;
}

/* How many of each kind there are in a run, up to its end. */
typedef struct unseen_run {
    size_t end;
    unsigned n[UNSEEN_CLOSES + 1];
} unseen_run;

static unseen_run read_run(sp_window *w, size_t i)
{
    unseen_run run = {.end = i};
    size_t n;
    for (unseen kind; run.end < i + UNSEEN_MAX - 4 && is_of_run(kind = unseen_at(w, run.end, &n));
         run.end += n)
        run.n[kind]++;
    return run;
}

/* Emoji join with one joiner and one selector; scripts of Persia and India with one joiner; a file begins
 * with one mark. Runs of them, and selectors of ideographs behind letters of ASCII, write something. */
static uint8_t weigh_run(const unseen_run *run, bool is_behind_ascii, bool goes_on)
{
    if (run->n[UNSEEN_TAG] > 0) return 95;
    if (run->n[UNSEEN_RARE] > 1 || (run->n[UNSEEN_RARE] == 1 && is_behind_ascii)) return 90;
    if (goes_on && run->n[UNSEEN_WIDTH] + run->n[UNSEEN_SELECTOR] > 0) return 85;
    return run->n[UNSEEN_WIDTH] > 7 || run->n[UNSEEN_SELECTOR] > 2 ? 85 : 0;
}

/* Embeddings and isolates have their place in text of both directions, where they end on their line
 * (arXiv:2111.00169: what does not end there reorders the line behind it). */
static bool is_unclosed(sp_window *w, size_t i)
{
    const size_t limit = i + LINE_MAX_BYTES;
    unsigned depth = 1;
    while (i < limit && depth <= NESTED_MAX) {
        size_t n;
        const int c = sp_peek(w, i);
        if (c < 0 || c == '\n') return true;
        const unseen kind = unseen_at(w, i, &n);
        if (kind == UNSEEN_CLOSES && --depth == 0) return false;
        depth += kind == UNSEEN_OPENS;
        i += kind != UNSEEN_NONE ? n : 1;
    }
    return depth > NESTED_MAX;
}

static void direction(sp_window *w, unseen kind, sp_match *m)
{
    m->end = m->start + 3;
    if (kind == UNSEEN_OVERRIDE || (kind == UNSEEN_OPENS && is_unclosed(w, m->end))) m->confidence = 90;
}

static void hidden_text(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end - (w->p[head_end - 3] == 0xa0 && head_end > 3 && w->p[head_end - 4] == 0xf3 ? 4 : 3);
    size_t n;
    const unseen kind = unseen_at(w, m->start, &n);
    if (!is_of_run(kind)) {
        direction(w, kind, m);
        return;
    }
    const bool goes_on = m->start == w->floor && w->floor > 0;
    if (!goes_on && follows_run(w, m->start)) return;
    const size_t start = kind == UNSEEN_TAG ? flag_end(w, m->start) : m->start;
    const unseen_run run = read_run(w, start);
    if (w->ran_out) return;
    m->start = start;
    m->end = run.end;
    m->confidence = weigh_run(&run, start > 0 && w->p[start - 1] < 0x80, goes_on);
}

/* ---- rows ---- */

/* Examples cannot hold brackets of their own: CSI and OSC as ESC writes them are in test_outward.c. */
static const sp_example escape_examples[] = {
    "red [\xc2\x9b"
    "31;1m]text",
    "[\xc2\x9d"
    "52;c;cm0gLXJmIH4=\x07] copied",
    "[\x1b"
    "c]wiped",
    "[\x1b"
    "P+q544e\x1b\\]",
    "[\x1b(0]lines",
    "[\x1b"
    "7]",
    "[\x1b_Gf=100;AAAA\x1b\\]!",
    "[\xc2\x9d"
    "8;;https://evil.example\xc2\x9c]",
    "printf '\\033 31m'",
    "\\x1b and \\u001b and ^",
    "he said \xc3\xa2\xc2\x80\xc2\x9d"
    "8;\xc2\x9d and left",
    "\xc2\x9bNext page",
    "price\xc2\xa0"
    "31;1m",
    "line\xc2\x85next",
    "\xc2\x9d"
    ";; no number \xc2\x9d;",
    NULL,
};

static const sp_example hidden_examples[] = {
    "hello[\xf3\xa0\x81\xa9\xf3\xa0\x81\xa7\xf3\xa0\x81\xae] there",
    "a[\xe2\x80\x8b\xe2\x80\x8c\xe2\x80\x8b\xe2\x80\x8d\xe2\x80\x8b\xe2\x80\x8b\xe2\x80\x8c\xe2\x80\x8b]b",
    "access [\xe2\x80\xae]nimda",
    "/* [\xe2\x81\xa6] if admin\nnext",
    "\xf0\x9f\x98\x80[\xf3\xa0\x85\x94\xf3\xa0\x85\x95\xf3\xa0\x85\xa3\xf3\xa0\x85\xa4]!",
    "a[\xf3\xa0\x84\x95]b",
    "x[\xef\xb8\x80\xef\xb8\x81\xef\xb8\x80\xef\xb8\x8f]y",
    /* NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one text, of a flag and of tags that are of none */
    "\xf0\x9f\x8f\xb4\xf3\xa0\x81\xa7\xf3\xa0\x81\xa2\xf3\xa0\x81\xa5\xf3\xa0\x81\xae\xf3\xa0\x81\xa7\xf3\xa0"
    "\x81\xbf"
    "[\xf3\xa0\x81\xa9\xf3\xa0\x81\xa7]",
    /* families, a rainbow flag, a heart on fire, the flag of England */
    "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7",
    "\xf0\x9f\x8f\xb3\xef\xb8\x8f\xe2\x80\x8d\xf0\x9f\x8c\x88",
    "\xe2\x9d\xa4\xef\xb8\x8f\xe2\x80\x8d\xf0\x9f\x94\xa5",
    "\xf0\x9f\x8f\xb4\xf3\xa0\x81\xa7\xf3\xa0\x81\xa2\xf3\xa0\x81\xa5\xf3\xa0\x81\xae\xf3\xa0\x81\xa7\xf3\xa0"
    "\x81\xbf!",
    /* Persian and Hindi, a mark at the start, marks of direction, a soft hyphen, an ideograph's variant */
    "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae\xd9\x88\xd8\xa7\xd9\x87\xd9\x85",
    "\xe0\xa4\x95\xe0\xa5\x8d\xe2\x80\x8d\xe0\xa4\xb7",
    "\xef\xbb\xbf{}",
    "\xe2\x80\x8f\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d\xe2\x80\x8e (shalom)",
    "co\xc2\xad"
    "operate",
    "\xe8\x91\x9b\xf3\xa0\x84\x80\xe5\x9f\x8e",
    "name: \xe2\x81\xa8\xd8\xb9\xd9\x84\xd9\x8a\xe2\x81\xa9 and more",
    "\xe2\x80\xab\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d\xe2\x80\xac",
    "the\xe2\x80\x8b long\xe2\x80\x8b word",
    NULL,
};

static const sp_row rows[] = {
    {
        .name = "terminal-escape",
        .kind = SP_KIND_TERMINAL_ESCAPE,
        .head = "\\x1b|\\xc2[\\x9b\\x9d]",
        .validate = terminal_escape,
        .head_max = 2,
        .longest = COMMAND_MAX + 4,
        .least = 60,
        .source = "ECMA-48; xterm control sequences",
        .examples = escape_examples,
    },
    {
        .name = "hidden-text",
        .kind = SP_KIND_HIDDEN_TEXT,
        .head = "\\xf3\\xa0[\\x80\\x81\\x84-\\x87][\\x80-\\xbf]|\\xef\\xb8[\\x80-\\x8f]|\\xef\\xbb\\xbf|"
                "\\xe2\\x80[\\x8b-\\x8d\\xaa-\\xae]|\\xe2\\x81[\\xa0-\\xa9]",
        .validate = hidden_text,
        .head_max = 4,
        .longest = UNSEEN_MAX,
        .least = 60,
        .source = "UAX #9, UTS #51, UTR #36; CVE-2021-42574",
        .examples = hidden_examples,
    },
};

const sp_family sp_family_unseen = {rows, sizeof rows / sizeof rows[0]};
