/* (a) fixed windows, (b) run classes, (c) an automaton of our own, (d) heads and validators. (a) and (b)
 * scan what is held and the new piece with Hyperscan and whole patterns; (c) runs its automata over the
 * new piece only and needs no Hyperscan; (d) scans with Hyperscan for heads and follows each live
 * candidate with the automaton of its pattern, which stands for the hand-written validator. */
#include "strategies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONTEXT = 64, HEAD_MAX = 66 };

static nfa machines[STATE_PATTERNS];
static hs_database_t *whole_db, *lineless_db, *head_db;
static hs_scratch_t *scratch;
static nfa_run *candidate_run;

const nfa *strategy_nfa(size_t i)
{
    return &machines[i];
}

/* ---- set-up ---- */

static const char *whole_of(const pattern *p)
{
    return p->whole;
}

static const char *head_of(const pattern *p)
{
    return p->head;
}

static hs_database_t *compile(const char *(*text_of)(const pattern *), bool with_lines)
{
    const char *text[STATE_PATTERNS];
    unsigned flags[STATE_PATTERNS] = {0}, ids[STATE_PATTERNS], n = 0;
    for (unsigned i = 0; i < n_patterns; i++) {
        if (!with_lines && patterns[i].run == RUN_LINE) continue;
        text[n] = text_of(&patterns[i]);
        ids[n++] = i;
    }
    hs_database_t *db = NULL;
    hs_compile_error_t *error = NULL;
    if (hs_compile_multi(text, flags, ids, n, HS_MODE_BLOCK, NULL, &db, &error) != HS_SUCCESS) {
        (void)fprintf(stderr, "pattern %d: %s\n", error->expression, error->message);
        exit(EXIT_FAILURE);
    }
    if (hs_alloc_scratch(db, &scratch) != HS_SUCCESS) exit(EXIT_FAILURE);
    return db;
}

void strategies_init(void)
{
    for (size_t i = 0; i < n_patterns; i++) nfa_compile(&machines[i], patterns[i].whole, patterns[i].longest);
    whole_db = compile(whole_of, true);
    lineless_db = compile(whole_of, false);
    head_db = compile(head_of, true);
    candidate_run = calloc(1, sizeof *candidate_run);
    if (candidate_run == NULL) exit(EXIT_FAILURE);
}

void strategies_fini(void)
{
    (void)hs_free_scratch(scratch);
    (void)hs_free_database(whole_db);
    (void)hs_free_database(lineless_db);
    (void)hs_free_database(head_db);
    free(candidate_run);
}

void stream_init(stream *st, const uint8_t *p)
{
    memset(st, 0, sizeof *st);
    st->p = p;
    for (size_t i = 0; i < n_patterns; i++) {
        st->run[i] = calloc(1, sizeof *st->run[i]);
        if (st->run[i] == NULL) exit(EXIT_FAILURE);
    }
}

void stream_reset(stream *st)
{
    st->fed = st->release = 0;
    memset(st->busy, 0, sizeof st->busy);
    for (size_t i = 0; i < n_patterns; i++) st->run[i]->n = 0;
}

void stream_fini(stream *st)
{
    for (size_t i = 0; i < n_patterns; i++) free(st->run[i]);
}

/* ---- shared: a scan of what is held, some context before it, and what is new ---- */

static void scan_held(const hs_database_t *db, stream *st, match_event_handler on_match)
{
    const size_t start = st->release > CONTEXT ? st->release - CONTEXT : 0;
    if (hs_scan(db, (const char *)st->p + start, (unsigned)(st->fed - start), 0, scratch, on_match, st) !=
        HS_SUCCESS) {
        exit(EXIT_FAILURE);
    }
}

static int count_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *ctx)
{
    (void)id;
    (void)from;
    (void)to;
    (void)flags;
    ((stream *)ctx)->n_heads++;
    return 0;
}

/* ---- (a) fixed window ---- */

static size_t feed_window(const strategy *s, stream *st, size_t from)
{
    (void)from;
    scan_held(whole_db, st, count_match);
    return st->fed > s->window ? st->fed - s->window : 0;
}

/* ---- (b) run classes ---- */

static size_t floor_of(const stream *st, run_class run)
{
    size_t longest = 0;
    for (size_t i = 0; i < n_patterns; i++) {
        if (patterns[i].run == run && patterns[i].longest > longest) longest = patterns[i].longest;
    }
    return st->fed > longest ? st->fed - longest : 0;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\t';
}

static size_t open_word(const stream *st)
{
    size_t at = st->fed;
    for (const size_t floor = floor_of(st, RUN_WORD); at > floor && !is_space(st->p[at - 1]);) at--;
    return at;
}

static size_t open_line(const stream *st)
{
    size_t at = st->fed;
    for (const size_t floor = floor_of(st, RUN_LINE); at > floor && st->p[at - 1] != '\n';) at--;
    return at;
}

/* Members with up to `gaps` separators in a row; separators that cannot begin a match do not begin the
 * run.
 * */
static size_t open_grouped(const stream *st, run_class run, const char *members, const char *separators,
                           unsigned gaps)
{
    const size_t floor = floor_of(st, run);
    size_t start = st->fed;
    unsigned n = 0;
    for (size_t at = st->fed; at > floor; at--) {
        const char c = (char)st->p[at - 1];
        if (c != '\0' && strchr(members, c) != NULL)
            n = 0;
        else if (c == '\0' || strchr(separators, c) == NULL || ++n > gaps)
            break;
        if (n == 0 || c == '(' || c == '+') start = at - 1;
    }
    return start;
}

/* Is there a whole "-----END …-----" at `at`? */
static bool is_block_end(const stream *st, size_t at)
{
    if (st->fed - at < 14 || memcmp(st->p + at, "-----END ", 9) != 0) return false;
    for (size_t i = at + 9; i + 5 <= st->fed && st->p[i] != '\n'; i++) {
        if (memcmp(st->p + i, "-----", 5) == 0) return true;
    }
    return false;
}

/* From the last "-----BEGIN" that no "-----END …-----" has closed; or from dashes that may become one. */
static size_t open_block(const stream *st)
{
    const size_t floor = floor_of(st, RUN_BLOCK);
    size_t open = st->fed;
    for (size_t at = st->fed; at-- > floor;) {
        if (st->p[at] != '-') continue;
        const size_t n = st->fed - at < 10 ? st->fed - at : 10;
        if (is_block_end(st, at)) break;
        if (memcmp(st->p + at, "-----BEGIN", n) == 0) open = at;
    }
    return open;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t feed_runs(const strategy *s, stream *st, size_t from)
{
    (void)from;
    scan_held(s->has_lines ? whole_db : lineless_db, st, count_match);
    size_t open = least(open_word(st), open_block(st));
    open = least(open, open_grouped(st, RUN_DIGITS, "0123456789", " .-/(),+", 2));
    open = least(open, open_grouped(st, RUN_GROUPS, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", " ", 1));
    return s->has_lines ? least(open, open_line(st)) : open;
}

/* ---- (c) automata ---- */

static size_t feed_automata(const strategy *s, stream *st, size_t from)
{
    (void)s;
    uint64_t open = st->fed;
    for (size_t i = 0; i < n_patterns; i++) {
        for (size_t at = from; at < st->fed; at++) {
            nfa_feed(&machines[i], st->run[i], st->p[at], at > 0 ? st->p[at - 1] : -1, at, true);
        }
        const uint64_t alive = nfa_alive(st->run[i]);
        open = alive < open ? alive : open;
    }
    return (size_t)open;
}

/* ---- (d) heads and validators ---- */

static bool is_local(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c != '\0' && strchr("._%+-", c) != NULL);
}

static bool is_head_byte(uint8_t c)
{
    return is_local(c) || c == '@' || c == ':' || c == '/' || c == '(';
}

static size_t start_of(const pattern *p, const stream *st, size_t head_end)
{
    size_t start = head_end - p->head_bytes;
    if (p->start == HEAD_FIXED) return start;
    const size_t floor = start > HEAD_MAX ? start - HEAD_MAX : 0;
    while (start > floor && is_local(st->p[start - 1])) start--;
    while (!is_local(st->p[start]) || strchr("._%+-", st->p[start]) != NULL) start++;
    return start;
}

static int on_head(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *ctx)
{
    (void)from;
    (void)flags;
    stream *st = ctx;
    const size_t base = st->release > CONTEXT ? st->release - CONTEXT : 0;
    const size_t head_end = base + (size_t)to;
    st->n_heads++;
    if (head_end <= st->busy[id]) return 0;
    const size_t start = start_of(&patterns[id], st, head_end);
    if (start < st->release || start < st->busy[id]) return 0;
    bool ran_out = false;
    const size_t end = nfa_longest(&machines[id], candidate_run, (sp_bytes){st->p, st->fed}, start, &ran_out);
    if (ran_out)
        st->pending = least(st->pending, start);
    else if (end > 0)
        st->busy[id] = end;
    return 0;
}

static size_t feed_heads(const strategy *s, stream *st, size_t from)
{
    (void)s;
    (void)from;
    st->pending = SIZE_MAX;
    scan_held(head_db, st, on_head);
    size_t open = st->fed;
    for (const size_t floor = st->fed > HEAD_MAX ? st->fed - HEAD_MAX : 0;
         open > floor && is_head_byte(st->p[open - 1]);)
        open--;
    return least(open, st->pending);
}

const strategy strategies[] = {
    {"(a) window 64", 64, true, feed_window},
    {"(a) window 512", 512, true, feed_window},
    {"(a) window 8192", 8192, true, feed_window},
    {"(b) runs, without line patterns", 0, false, feed_runs},
    {"(b) runs, all", 0, true, feed_runs},
    {"(c) own automata", 0, true, feed_automata},
    {"(d) heads and validators", 0, true, feed_heads},
};
const size_t n_strategies = sizeof strategies / sizeof strategies[0];
