/* Looking for detectors of an organisation. What they find depends on nothing but the line around it, so that
 * a text in pieces gives what the whole gives: a pattern has no anchors and is of bounded width W, so a match
 * at `start` is known when W + 1 bytes behind it are, whatever stands before its W + 1 last bytes. Of one
 * detector the choice goes by start, each time the longest. Hyperscan tells matches in no order that it
 * promises, so those of a piece of a line are gathered before anything is chosen.
 *
 * Most texts hold none: one pass without starts of matches says in which lines one ends, and only those are
 * looked at again, with starts, each by itself (a leftmost start before a newline would hide one behind it).
 */
#include "detect/custom_internal.h"

#include <stdlib.h>
#include <string.h>

enum {
    PIECE = 512,      /* starts that are decided at once */
    MARK = 64,        /* bytes per mark */
    CHECKED_MAX = 64, /* characters that a check is made for */
    WORK_BYTES_MAX = 64 << 20,
    SHARE_PER_BYTE = 192, /* units that a detector may cost of itself, and how many may */
    SHARES_MAX = 32,
};

/* ---- working memory ---- */

sp_status sp_custom__fit(sp_custom_work *work, const sp_custom *custom)
{
    hs_database_t *const all[] = {custom->ends, custom->matches, custom->heads, custom->whole};
    if (work->serial == custom->serial) return SP_OK;
    if (work->serial == 0) sp_arena_init(&work->arena, WORK_BYTES_MAX);
    sp_arena_reset(&work->arena, 0);
    *work = (sp_custom_work){
        .hs = work->hs, .serial = work->serial, .arena = work->arena, .tables_from = work->tables_from};
    work->arena.mem.ctx = &work->arena;
    work->serial = UINT64_MAX; /* fits nothing until it is done */
    work->numbers = SP_FINDINGS_IN(&work->arena.mem, SIZE_MAX);
    work->busy = sp_alloc(&work->arena.mem, custom->n + 1, sizeof *work->busy);
    work->count = sp_alloc(&work->arena.mem, custom->n + 1, sizeof *work->count);
    work->memo = sp_number_memo_new(&work->arena.mem);
    if (work->busy == NULL || work->count == NULL || work->memo == NULL) return SP_ENOMEM;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i] != NULL && hs_alloc_scratch(all[i], &work->hs) != HS_SUCCESS) return SP_ENOMEM;
    }
    work->serial = custom->serial;
    return SP_OK;
}

void sp_custom__work_fini(sp_custom_work *work)
{
    (void)hs_free_scratch(work->hs);
    if (work->serial != 0) sp_arena_fini(&work->arena);
    *work = (sp_custom_work){0};
}

/* ---- a pass ---- */

typedef struct custom_pass {
    const sp_custom *custom;
    sp_custom_work *work;
    const sp_pass_in *in;
    sp_findings *found;
    sp_pass *pass;
    sp_window window;
    size_t piece;        /* where the piece of a line begins that is looked at */
    size_t first, limit; /* starts of it that are to be decided */
    sp_status status;
} custom_pass;

static void hold(custom_pass *p, size_t start)
{
    if (start < p->pass->pending) p->pass->pending = start;
}

static sp_status keep(custom_pass *p, size_t row, sp_match m)
{
    if (p->work->count[row] >= SP_PASS_MAX) {
        p->pass->is_full = true;
        return SP_OK;
    }
    p->work->count[row]++;
    const sp_finding f = {.start = (uint32_t)m.start,
                          .end = (uint32_t)m.end,
                          .confidence = m.confidence,
                          .detector = row & (SP_CUSTOM_MAX - 1)};
    return sp_findings__insert(p->found, f);
}

/* ---- one match of a pattern or a term ---- */

/* Letters in upper case and digits, as a check wants them; a longer match is none that a check is made for.
 */
static bool passes(const sp_row *row, sp_bytes match)
{
    uint8_t chars[CHECKED_MAX];
    size_t n = 0;
    if (row->check == NULL) return true;
    for (size_t i = 0; i < match.n; i++) {
        const uint8_t c = match.p[i];
        if (!sp_is_alnum(c)) continue;
        if (n == CHECKED_MAX) return false;
        chars[n++] = c >= 'a' && c <= 'z' ? (uint8_t)(c - ('a' - 'A')) : c;
    }
    return row->check(chars, n);
}

bool sp_custom__support(sp_support *out, const sp_custom *custom, sp_window *w, const sp_match *m)
{
    return custom->rows[m->row].near != NULL && sp_number_support(out, &custom->numbers, w, m);
}

static uint8_t weigh(custom_pass *p, const sp_match *m)
{
    static const sp_support right_there = {.weight = SP_WEIGHT_STRONG};
    sp_support found;
    const sp_row *row = &p->custom->rows[m->row];
    if (row->near == NULL) return sp_number_sure(row, &right_there);
    const bool is_near = sp_custom__support(&found, p->custom, &p->window, m);
    return sp_number_sure(row, is_near ? &found : NULL);
}

/* What a match costs that Hyperscan tells and that is put in order, or a head of a number; and, of a pattern,
 * each byte of the match: Hyperscan keeps every place where one may have begun. */
enum { EVENT_COSTS = 24, START_COSTS = 8 };

/* Work that is more than the text may cost ends the pass. @param n  bytes of a match of a pattern. */
static sp_status charge_event(const custom_pass *p, size_t n)
{
    sp_charge(&p->window, EVENT_COSTS + n * START_COSTS);
    return p->window.meter != NULL && sp_meter_is_over(p->window.meter) ? SP_EWORK : SP_OK;
}

/* The longest match of a start. */
static sp_status judge(custom_pass *p, const sp_finding *event)
{
    const size_t row = event->detector;
    size_t *busy = &p->work->busy[row];
    sp_match m = {event->start, event->end, 0, (uint16_t)row};
    const sp_bytes text = {p->window.p, p->window.n};
    if (m.start < *busy || !passes(&p->custom->rows[row], sp_bytes_sub(text, m.start, m.end))) return SP_OK;
    p->window.ran_out = false;
    p->window.floor = 0;
    m.confidence = weigh(p, &m);
    if (p->window.ran_out) {
        hold(p, m.start);
        *busy = SIZE_MAX;
        return SP_OK;
    }
    if (m.confidence < p->custom->rows[row].least) return SP_OK;
    *busy = m.end;
    return keep(p, row, m);
}

/* ---- a piece of a line ---- */

static bool is_word_byte(int c)
{
    return sp_is_alnum(c) || c == '_' || c >= 0x80;
}

/* Does the term stand alone? A match that ends where the text so far ends is not decided here yet. */
static bool stands_alone(const custom_pass *p, const sp_custom_term *term, size_t start, size_t end)
{
    const bool is_word_before = is_word_byte(sp_before(&p->window, start));
    const bool is_word_behind = end < p->window.n && is_word_byte(p->window.p[end]);
    return !(term->begins_word && is_word_before) && !(term->ends_word && is_word_behind);
}

static sp_status put_event(sp_custom_work *work, sp_finding event)
{
    if (work->n_events == work->cap_events) {
        const size_t cap = work->cap_events == 0 ? 64 : work->cap_events * 2;
        sp_finding *v = sp_alloc(&work->arena.mem, cap, sizeof *v);
        if (v == NULL) return SP_ENOMEM;
        if (work->n_events > 0) memcpy(v, work->events, work->n_events * sizeof *v);
        work->events = v;
        work->cap_events = cap;
    }
    work->events[work->n_events++] = event;
    return SP_OK;
}

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *ctx)
{
    (void)flags;
    custom_pass *p = ctx;
    const sp_custom *c = p->custom;
    const sp_custom_term *term = id < c->n ? NULL : &c->terms[id - c->n];
    const size_t end = p->piece + (size_t)to;
    const size_t start = term != NULL ? end - term->n : p->piece + (size_t)from;
    if (start < p->first || start >= p->limit) return 0;
    if (term != NULL && !stands_alone(p, term, start, end)) return 0;
    const uint16_t row = term != NULL ? term->row : (uint16_t)id;
    const sp_finding event = {
        .start = (uint32_t)start, .end = (uint32_t)end, .detector = row & (SP_CUSTOM_MAX - 1)};
    p->status = charge_event(p, term != NULL ? 0 : end - start);
    if (p->status == SP_OK) p->status = put_event(p->work, event);
    return p->status == SP_OK ? 0 : 1;
}

/* By start, the longest first. */
static int by_start(const void *a, const void *b)
{
    const sp_finding *x = a;
    const sp_finding *y = b;
    if (x->start != y->start) return x->start < y->start ? -1 : 1;
    if (x->detector != y->detector) return x->detector < y->detector ? -1 : 1;
    return x->end == y->end ? 0 : x->end > y->end ? -1 : 1;
}

static bool is_longest(const sp_finding *events, size_t i)
{
    return i == 0 || events[i].start != events[i - 1].start || events[i].detector != events[i - 1].detector;
}

static sp_status scan_piece(custom_pass *p, size_t from, size_t to)
{
    sp_custom_work *work = p->work;
    p->piece = from;
    work->n_events = 0;
    const hs_error_t rc = hs_scan(p->custom->matches, (const char *)p->window.p + from, (unsigned)(to - from),
                                  0, work->hs, on_match, p);
    if (p->status != SP_OK) return p->status;
    if (rc != HS_SUCCESS) return SP_EINTERNAL;
    if (work->n_events > 1) qsort(work->events, work->n_events, sizeof *work->events, by_start);
    for (size_t i = 0; i < work->n_events; i++) {
        if (is_longest(work->events, i)) SP_TRY(judge(p, &work->events[i]));
    }
    return SP_OK;
}

/* Decides the starts of a line up to `limit`. A piece is seen with what its matches may depend on. */
static sp_status scan_line(custom_pass *p, size_t from, size_t to, size_t limit)
{
    const size_t reach = p->custom->width + 1;
    p->first = from > p->in->from ? from : p->in->from;
    while (p->first < limit) {
        p->limit = limit - p->first > PIECE ? p->first + PIECE : limit;
        const size_t begin = p->first - from > reach ? p->first - reach : from;
        const size_t end = to - p->limit > reach ? p->limit + reach : to;
        SP_TRY(scan_piece(p, begin, end));
        p->first = p->limit;
    }
    return SP_OK;
}

/* ---- lines ---- */

static int on_end(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *ctx)
{
    (void)id, (void)from, (void)flags;
    uint64_t *marks = ctx;
    const size_t at = ((size_t)to - 1) / MARK;
    marks[at / 64] |= UINT64_C(1) << (at % 64);
    return 0;
}

static sp_status mark_ends(custom_pass *p)
{
    sp_custom_work *work = p->work;
    const size_t n = p->window.n / MARK / 64 + 1;
    if (n > work->cap_marks) {
        work->marks = sp_alloc(&work->arena.mem, 2 * n, sizeof *work->marks);
        work->cap_marks = work->marks != NULL ? 2 * n : 0;
        if (work->marks == NULL) return SP_ENOMEM;
    }
    memset(work->marks, 0, n * sizeof *work->marks);
    const hs_error_t rc = hs_scan(p->custom->ends, (const char *)p->window.p, (unsigned)p->window.n, 0,
                                  work->hs, on_end, work->marks);
    return rc == HS_SUCCESS ? SP_OK : SP_EINTERNAL;
}

/* The first byte at or behind `at` that has a mark, or the end. */
static size_t next_mark(const custom_pass *p, size_t at)
{
    const size_t n = p->window.n / MARK + 1;
    for (size_t i = at / MARK; i < n; i++) {
        const uint64_t left = p->work->marks[i / 64] >> (i % 64);
        if (left == 0) {
            i |= 63;
            continue;
        }
        i += (size_t)__builtin_ctzll(left);
        return i * MARK > at ? i * MARK : at;
    }
    return p->window.n;
}

/* Where the line of byte `at` begins, not before `least`. */
static size_t line_start(const custom_pass *p, size_t at, size_t least)
{
    const uint8_t *newline = at > least ? memrchr(p->window.p + least, '\n', at - least) : NULL;
    return newline != NULL ? (size_t)(newline - p->window.p) + 1 : least;
}

static size_t line_end(const custom_pass *p, size_t at)
{
    const uint8_t *newline = memchr(p->window.p + at, '\n', p->window.n - at);
    return newline != NULL ? (size_t)(newline - p->window.p) : p->window.n;
}

/* Starts from here on are not decided: the last line may go on. */
static size_t decided(const custom_pass *p)
{
    const size_t n = p->window.n, width = p->custom->width;
    if (p->in->is_last) return n;
    const size_t from = n > width ? n - width : 0;
    return line_start(p, n, from);
}

static sp_status scan_lines(custom_pass *p)
{
    const size_t n = p->window.n, sure = decided(p);
    if (p->custom->ends == NULL) return SP_OK;
    if (sure < n) hold(p, sure > p->in->from ? sure : p->in->from);
    SP_TRY(mark_ends(p));
    size_t least = 0;
    for (size_t at = next_mark(p, 0); at < n; at = next_mark(p, least)) {
        const size_t from = line_start(p, at, least), to = line_end(p, at);
        SP_TRY(scan_line(p, from, to, to < sure ? to : sure));
        least = to + 1;
        if (least >= n) break;
    }
    return SP_OK;
}

/* ---- numbers ---- */

static int on_head(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *ctx)
{
    (void)id, (void)from, (void)flags;
    custom_pass *p = ctx;
    size_t *busy = &p->work->busy[p->custom->n];
    sp_match m = {(size_t)to, (size_t)to, 0, 0};
    p->status = charge_event(p, 0);
    if (p->status != SP_OK) return 1;
    if (to <= *busy) return 0;
    p->window.ran_out = false;
    p->window.floor = *busy;
    sp_number_find(&p->custom->numbers, p->work->memo, &p->window, (size_t)to, &m);
    if (m.start < p->in->from || m.start < *busy) return 0;
    if (p->window.ran_out) {
        hold(p, m.start < to ? m.start : (size_t)to);
        *busy = SIZE_MAX;
        return 0;
    }
    if (m.confidence < p->custom->rows[m.row].least) return 0;
    *busy = m.end;
    p->status = keep(p, m.row, m);
    return p->status == SP_OK ? 0 : 1;
}

static sp_status scan_numbers(custom_pass *p)
{
    if (p->custom->heads == NULL) return SP_OK;
    const hs_error_t rc = hs_scan(p->custom->heads, (const char *)p->window.p, (unsigned)p->window.n, 0,
                                  p->work->hs, on_head, p);
    if (p->status != SP_OK) return p->status;
    return rc == HS_SUCCESS ? SP_OK : SP_EINTERNAL;
}

/* ---- all ---- */

size_t sp_custom__lane(const sp_custom *custom, size_t row)
{
    return row < custom->n && custom->v[row].shapes == NULL ? row : custom->n;
}

static void prepare(sp_custom_work *work, const sp_custom *custom, const sp_pass_in *in)
{
    memset(work->count, 0, custom->n * sizeof *work->count);
    for (size_t i = 0; i <= custom->n; i++) {
        const uint64_t end = in->lane_end != NULL ? in->lane_end[i] : 0;
        work->busy[i] = end > in->base ? (size_t)(end - in->base) : 0;
    }
}

/* What detectors of an organisation may cost of themselves: each makes its own matches of the same bytes, so
 * that a budget that knew nothing of them would refuse base64 wherever a dozen take any word. It is no one
 * else's, is not carried on, and ends with so many rows. What they cost beyond it is charged to the scan. */
static uint64_t share(const sp_custom *custom, size_t n)
{
    const size_t rows = custom->n_sought < SHARES_MAX ? custom->n_sought : SHARES_MAX;
    return (uint64_t)n * rows * SHARE_PER_BYTE;
}

static sp_meter meter_of(const custom_pass *p)
{
    const sp_meter *all = p->in->meter;
    if (all == NULL) return SP_METER_NEW;
    const uint64_t left = sp_meter_is_over(all) ? 0 : all->allowed - all->used;
    return (sp_meter){0, left + share(p->custom, p->window.n)};
}

static void settle(const custom_pass *p, const sp_meter *own)
{
    const uint64_t shared = share(p->custom, p->window.n);
    if (p->in->meter != NULL && own->used > shared) sp_meter_charge(p->in->meter, own->used - shared);
}

static sp_status scan_all(custom_pass *p)
{
    SP_TRY(scan_lines(p));
    p->work->numbers.n = 0;
    p->found = &p->work->numbers;
    return scan_numbers(p);
}

sp_status sp_custom__pass(sp_findings *found, sp_pass *pass, const sp_custom *custom, sp_custom_work *work,
                          const sp_pass_in *in)
{
    SP_TRY(sp_custom__fit(work, custom));
    prepare(work, custom, in);
    sp_number_forget(work->memo, work->tables_from);
    custom_pass p = {.custom = custom,
                     .work = work,
                     .in = in,
                     .found = found,
                     .pass = pass,
                     .window = {in->text.p, in->text.n, in->is_last, false, 0, NULL, NULL}};
    sp_meter own = meter_of(&p);
    if (in->meter != NULL) p.window.meter = &own;
    const sp_status status = scan_all(&p);
    settle(&p, &own);
    SP_TRY(status);
    return sp_findings__merge(found, &work->numbers);
}

sp_status sp_custom_scan(sp_findings *out, sp_custom *custom, sp_bytes text)
{
    sp_pass pass = {NULL, 0, SIZE_MAX, false};
    sp_findings found = SP_FINDINGS_IN(out->mem, 0);
    sp_meter meter = SP_METER_NEW;
    const sp_pass_in in = {text, 0, true, 0, NULL, &meter, NULL};
    sp_meter_allow(&meter, text.n);
    if (text.n > UINT32_MAX) return SP_ERANGE;
    if (text.n == 0) return SP_OK;
    SP_TRY(sp_custom__pass(&found, &pass, custom, &custom->own, &in));
    out->is_full = out->is_full || pass.is_full;
    for (size_t i = 0; i < found.n; i++) {
        if (out->n >= out->limit) {
            out->is_full = true;
            return SP_OK;
        }
        SP_TRY(sp_findings__insert(out, found.v[i]));
    }
    return SP_OK;
}
