/* Measures the strategies on the texts that are named on the command line: held bytes and delay per event,
 * CPU per event, and whether a byte of a match is released before the match is complete, at each event of
 * a token stream and at every two-part split. compare TEXT...      prints two tables of Markdown */
#include "strategies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TEXT_MAX = 1 << 16, MATCHES_MAX = 4096, SPLITS_MAX = 6000 };

typedef struct match {
    size_t pattern, start, end;
} match;

typedef struct corpus {
    const char *name;
    uint8_t text[TEXT_MAX];
    size_t n;
    size_t cut[TEXT_MAX]; /* ends of events */
    size_t n_cuts;
    match matches[MATCHES_MAX];
    size_t n_matches;
} corpus;

/* ---- texts ---- */

static void read_text(corpus *c, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    c->n = fread(c->text, 1, sizeof c->text, f);
    (void)fclose(f);
    const char *slash = strrchr(path, '/');
    c->name = slash != NULL ? slash + 1 : path;
}

static bool is_letter(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* The end of a token that begins at `i`, cut as byte-pair tokenizers of the GPT family do before they
 * merge: a space with the word behind it, up to three digits, marks, bytes of one character; long words in
 * pieces as merging leaves them. */
static size_t token_end(const corpus *c, size_t i)
{
    const uint8_t *p = c->text;
    if (p[i] == ' ' && i + 1 < c->n && p[i + 1] != ' ') i++;
    size_t end = i + 1;
    if (is_letter(p[i])) {
        while (end < c->n && is_letter(p[end])) end++;
        const size_t piece = 3 + (p[i] + p[end - 1]) % 4;
        return end - i > 9 ? i + piece : end;
    }
    if (is_digit(p[i])) {
        while (end < c->n && end < i + 3 && is_digit(p[end])) end++;
        return end;
    }
    while (end < c->n && (p[end] & 0xc0) == 0x80) end++;
    while (end < c->n && end < i + 3 && !is_letter(p[end]) && !is_digit(p[end]) && p[end] < 0x80 &&
           p[end] != ' ')
        end++;
    return end;
}

static void cut_tokens(corpus *c)
{
    c->n_cuts = 0;
    for (size_t i = 0; i < c->n;) {
        i = token_end(c, i);
        c->cut[c->n_cuts++] = i;
    }
}

/* Leftmost-longest per pattern, by the automaton from each start. */
static void find_matches(corpus *c)
{
    nfa_run *run = calloc(1, sizeof *run);
    if (run == NULL) exit(EXIT_FAILURE);
    c->n_matches = 0;
    for (size_t p = 0; p < n_patterns; p++) {
        for (size_t i = 0; i < c->n; i++) {
            bool ran_out;
            const size_t end = nfa_longest(strategy_nfa(p), run, (sp_bytes){c->text, c->n}, i, &ran_out);
            if (end == 0) continue;
            if (c->n_matches < MATCHES_MAX) c->matches[c->n_matches++] = (match){p, i, end};
            i = end - 1;
        }
    }
    free(run);
}

/* ---- what is measured ---- */

typedef struct figures {
    size_t held_p50, held_p99, delay_p50, delay_p99;
    double us_per_event;
    size_t n_broken;       /* matches of which a byte left before they were complete, in the token stream */
    size_t n_broken_split; /* the same over all two-part splits: splits with another client text */
} figures;

static double cpu_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static size_t advance(const strategy *s, stream *st, size_t end)
{
    const size_t from = st->fed;
    st->fed = end;
    const size_t release = s->feed(s, st, from);
    if (release > st->release) st->release = release;
    return st->release;
}

/* Matches that begin before the release point and end after what has been fed. */
static size_t count_broken(const corpus *c, const strategy *s, const stream *st)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_matches; i++) {
        const match *m = &c->matches[i];
        if (!s->has_lines && patterns[m->pattern].run == RUN_LINE) continue;
        n += m->start < st->release && m->end > st->fed;
    }
    return n;
}

static int by_size(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

static size_t percentile(size_t *v, size_t n, unsigned percent)
{
    qsort(v, n, sizeof *v, by_size);
    return n == 0 ? 0 : v[(n - 1) * percent / 100];
}

/* Held bytes per event, and for each byte how many events later than its own it leaves. */
static void measure_stream(figures *out, const corpus *c, const strategy *s, stream *st)
{
    static size_t held[TEXT_MAX], delay[TEXT_MAX], event_of[TEXT_MAX];
    size_t released = 0;
    stream_reset(st);
    for (size_t e = 0, at = 0; e < c->n_cuts; e++) {
        for (; at < c->cut[e]; at++) event_of[at] = e;
        const bool is_last = e + 1 == c->n_cuts;
        const size_t release = is_last ? c->n : advance(s, st, c->cut[e]);
        if (!is_last) out->n_broken += count_broken(c, s, st);
        for (; released < release; released++) delay[released] = e - event_of[released];
        held[e] = c->cut[e] - (is_last ? c->n : release);
    }
    out->held_p50 = percentile(held, c->n_cuts, 50);
    out->held_p99 = percentile(held, c->n_cuts, 99);
    out->delay_p50 = percentile(delay, c->n, 50);
    out->delay_p99 = percentile(delay, c->n, 99);
}

static double measure_cpu(const corpus *c, const strategy *s, stream *st)
{
    size_t rounds = 0;
    const double start = cpu_us();
    while (rounds < 3 || cpu_us() - start < 100000) {
        stream_reset(st);
        for (size_t e = 0; e < c->n_cuts; e++) (void)advance(s, st, c->cut[e]);
        rounds++;
    }
    return (cpu_us() - start) / (double)(rounds * c->n_cuts);
}

static size_t broken_splits(const corpus *c, const strategy *s, stream *st)
{
    size_t n = 0;
    for (size_t cut = 1; cut < c->n && cut < SPLITS_MAX; cut++) {
        stream_reset(st);
        (void)advance(s, st, cut);
        n += count_broken(c, s, st) > 0;
    }
    return n;
}

static void print_row(const corpus *c, const strategy *s, const figures *f)
{
    printf("| %s | %s | %zu / %zu | %zu / %zu | %.2f | %zu | %zu |\n", c->name, s->name, f->held_p50,
           f->held_p99, f->delay_p50, f->delay_p99, f->us_per_event, f->n_broken, f->n_broken_split);
    (void)fflush(stdout);
}

/* Every pattern must match its own example whole, or the comparison compares nothing. */
static void check_examples(void)
{
    nfa_run *run = calloc(1, sizeof *run);
    if (run == NULL) exit(EXIT_FAILURE);
    for (size_t i = 0; i < n_patterns; i++) {
        bool ran_out;
        const sp_bytes text = sp_bytes_of(patterns[i].example);
        if (nfa_longest(strategy_nfa(i), run, text, 0, &ran_out) == text.n) continue;
        (void)fprintf(stderr, "pattern %s does not match its example\n", patterns[i].name);
        exit(EXIT_FAILURE);
    }
    free(run);
}

/* All strategies on the text that has been read into `c`. */
static void compare_on(corpus *c, stream *st)
{
    cut_tokens(c);
    find_matches(c);
    (void)fprintf(stderr, "%s: %zu bytes, %zu events, %zu matches\n", c->name, c->n, c->n_cuts, c->n_matches);
    for (size_t s = 0; s < n_strategies; s++) {
        figures f = {0};
        measure_stream(&f, c, &strategies[s], st);
        f.us_per_event = measure_cpu(c, &strategies[s], st);
        f.n_broken_split = broken_splits(c, &strategies[s], st);
        print_row(c, &strategies[s], &f);
    }
}

int main(int argc, char **argv)
{
    static corpus c;
    strategies_init();
    check_examples();
    stream st;
    stream_init(&st, c.text);
    printf("%zu patterns. Held and delay: p50 / p99 over events and bytes.\n\n", n_patterns);
    printf("| text | strategy | held bytes | delay, events | us per event | broken in stream | broken "
           "two-part splits |\n"
           "|---|---|---|---|---|---|---|\n");
    for (int i = 1; i < argc; i++) {
        read_text(&c, argv[i]);
        compare_on(&c, &st);
    }
    stream_fini(&st);
    strategies_fini();
    return EXIT_SUCCESS;
}
