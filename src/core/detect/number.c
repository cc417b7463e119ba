/* Numbers by shape. Text is read once into a cluster; a shape is compared with a stretch of it by a few
 * masks, then the row's check decides. What is left is weighed: a number that only looks right is worth what
 * its shape says, one with a word near by more. */
#include "detect/number.h"

#include "detect/columns.h"

#include <string.h>

/* "1234567", "12 34 56 78", "1-2345-67890-12-1": six digits that begin at the edge of a word. "AB 12",
 * "X1234567L", "RSSMRA85…": capitals, a digit, and one more of either. "1HGCM8", "27AAPFU": digits and
 * capitals. The second says nothing of what stands before its capital: looking for the edge of a word there
 * would halve the speed of the whole pass (ADR 30). */
const char *const sp_number_heads[] = {
    "\\b[0-9](?:(?:[ ./-]|\\) ?)?[0-9]){5}",
    "[A-Z][ -]?[0-9][A-Z0-9]",
    "\\b[0-9]{1,5}[A-Z][A-Z0-9]{2}",
    NULL,
};

/* ---- shapes ---- */

/* What a digit beside it takes from a number that no word speaks for: "1 2 3 4". */
enum { FLANKED_COSTS = 25 };

typedef struct sp_shape {
    uint64_t digits, letters, either; /* classes of the characters */
    uint64_t literal;                 /* characters that must be equal to `chars` */
    uint64_t may_part;                /* where '~' stands */
    uint8_t chars[SP_CLUSTER_MAX];
    uint8_t gap[SP_CLUSTER_MAX]; /* separators that must be there */
    uint16_t row;
    uint8_t n, alone;
    bool must_part, may_part_anywhere;
} sp_shape;

static bool is_gap(int c)
{
    return c == ' ' || c == '-' || c == '.' || c == '/';
}

static bool shape_char(sp_shape *s, char c)
{
    const uint64_t bit = UINT64_C(1) << s->n;
    if (s->n == SP_CLUSTER_MAX) return false;
    if (c == 'd')
        s->digits |= bit;
    else if (c == 'a')
        s->letters |= bit;
    else if (c == 'x')
        s->either |= bit;
    else if (sp_is_digit(c) || sp_is_upper(c))
        s->literal |= bit;
    else
        return false;
    s->chars[s->n++] = (uint8_t)c;
    return true;
}

/* One shape; @return what follows it, NULL where it is written wrong. */
static const char *shape_parse(sp_shape *s, const char *c)
{
    for (; *c != '\0' && *c != ' ' && *c != '=' && *c != '*'; c++) {
        const char gap = *c == '_' ? ' ' : *c;
        if (s->n < SP_CLUSTER_MAX && gap == '~') {
            s->may_part |= UINT64_C(1) << s->n;
        } else if (s->n < SP_CLUSTER_MAX && is_gap(gap)) {
            s->gap[s->n] = (uint8_t)gap;
            s->must_part = true;
        } else if (!shape_char(s, *c)) {
            return NULL;
        }
    }
    if (*c == '*') {
        s->may_part_anywhere = true;
        c++;
    }
    if (*c == '=') {
        for (c++; sp_is_digit(*c) && s->alone <= 10; c++) s->alone = (uint8_t)(s->alone * 10 + (*c - '0'));
    }
    if ((*c != ' ' && *c != '\0') || s->n < 4 || s->alone > 100) return NULL;
    return *c == ' ' ? c + 1 : c;
}

static sp_status index_grow(sp_number_index *index, sp_mem *mem)
{
    if (index->n_shapes < index->cap) return SP_OK;
    const size_t cap = index->cap == 0 ? 128 : index->cap * 2;
    sp_shape *v = sp_alloc(mem, cap, sizeof *v);
    if (v == NULL) return SP_ENOMEM;
    if (index->n_shapes > 0) memcpy(v, index->shapes, index->n_shapes * sizeof *v);
    index->shapes = v;
    index->cap = cap;
    return SP_OK;
}

static sp_status add_shapes(sp_number_index *index, uint16_t row, const char *shapes, sp_mem *mem)
{
    while (*shapes != '\0') {
        sp_shape s = {.row = row};
        shapes = shape_parse(&s, shapes);
        if (shapes == NULL) return SP_ERANGE;
        SP_TRY(index_grow(index, mem));
        size_t at = index->n_shapes++;
        for (; at > 0 && index->shapes[at - 1].n > s.n; at--) index->shapes[at] = index->shapes[at - 1];
        index->shapes[at] = s;
    }
    return SP_OK;
}

static size_t gap_number(uint8_t gap)
{
    switch (gap) {
    case '-':
        return 1;
    case '.':
        return 2;
    case '/':
        return 3;
    case ')':
        return 4;
    default:
        return 0;
    }
}

/* The words that say which shapes take what as character i. */
enum { ROW_DIGIT = 0, ROW_LETTER, ROW_JOINED, ROW_PARTED, ROWS };

static void set_add(sp_shape_set *set, const sp_shape *shape, size_t at)
{
    uint64_t *words = set->accepts + at / 64;
    const uint64_t bit = UINT64_C(1) << at % 64;
    const bool any = shape->may_part_anywhere;
    for (size_t i = 0; i < shape->n; i++, words += ROWS * set->n_words) {
        const uint64_t here = UINT64_C(1) << i;
        const bool is_sure = ((shape->digits | shape->letters | shape->literal) & here) != 0;
        const bool is_digit = (shape->digits & here) != 0 || sp_is_digit(shape->chars[i]);
        const bool is_parted = shape->must_part ? shape->gap[i] != 0 : (shape->may_part & here) != 0;
        words[ROW_DIGIT * set->n_words] |= is_sure && !is_digit ? 0 : bit;
        words[ROW_LETTER * set->n_words] |= is_sure && is_digit ? 0 : bit;
        words[ROW_JOINED * set->n_words] |= any || !is_parted ? bit : 0;
        words[ROW_PARTED * set->n_words] |= any || is_parted ? bit : 0;
    }
    words[0] |= any || !shape->must_part ? bit : 0; /* without any separator */
}

static void alone_add(sp_shape_alone *alone, const sp_shape *shape)
{
    alone->any = true;
    for (size_t i = 1; i < shape->n; i++) {
        const uint64_t bit = UINT64_C(1) << i;
        const bool may_be_any =
            shape->may_part_anywhere || (!shape->must_part && (shape->may_part & bit) != 0);
        for (size_t g = 0; g < SP_GAPS; g++) {
            if (may_be_any || (shape->gap[i] != 0 && gap_number(shape->gap[i]) == g)) alone->gaps[g] |= bit;
        }
    }
}

/* Does a stretch without letters fit, as far as its letters say? */
static bool takes_digits(const sp_shape *shape)
{
    if (shape->letters != 0) return false;
    for (size_t i = 0; i < shape->n; i++) {
        if ((shape->literal >> i & 1) != 0 && !sp_is_digit(shape->chars[i])) return false;
    }
    return true;
}

static sp_status set_init(sp_number_index *index, size_t n, sp_mem *mem)
{
    sp_shape_set *set = &index->sets[n];
    const size_t first = index->first[n], count = (size_t)index->first[n + 1] - first;
    set->n_words = (count + 63) / 64;
    for (size_t i = first; i < first + count; i++) {
        const sp_shape *shape = &index->shapes[i];
        const int least = index->rows[shape->row]->least;
        for (size_t has_letters = !takes_digits(shape); has_letters < 2; has_letters++) {
            if (shape->alone >= least) alone_add(&set->alone[has_letters], shape);
            if (shape->alone - FLANKED_COSTS >= least) alone_add(&set->flanked[has_letters], shape);
        }
    }

    if (count == 0) return SP_OK;
    const size_t total = (ROWS * n + 1) * set->n_words;
    set->accepts = sp_alloc(mem, total, sizeof *set->accepts);
    if (set->accepts == NULL) return SP_ENOMEM;
    memset(set->accepts, 0, total * sizeof *set->accepts);
    for (size_t i = 0; i < count; i++) set_add(set, &index->shapes[first + i], i);
    return SP_OK;
}

static sp_status index_seal(sp_number_index *index, sp_mem *mem)
{
    size_t i = 0;
    for (size_t n = 0; n < sizeof index->first / sizeof index->first[0]; n++) {
        while (i < index->n_shapes && index->shapes[i].n < n) i++;
        index->first[n] = (uint16_t)i;
    }
    for (size_t n = 1; n <= SP_CLUSTER_MAX; n++) SP_TRY(set_init(index, n, mem));
    sp_evidence_seal(&index->evidence);
    return SP_OK;
}

sp_status sp_number_index_init(sp_number_index *index, const sp_row *const *rows, size_t n, sp_mem *mem,
                               const sp_row **bad)
{
    *index = (sp_number_index){.rows = rows};
    for (size_t i = 0; i < n; i++) {
        if (rows[i]->shapes == NULL) continue;
        *bad = rows[i];
        if (rows[i]->beside != NULL && index->beside != NULL) return SP_ERANGE;
        if (rows[i]->beside != NULL) index->beside = rows[i]->beside;
        SP_TRY(add_shapes(index, (uint16_t)i, rows[i]->shapes, mem));
        SP_TRY(sp_evidence_add(&index->evidence, (uint16_t)i, rows[i]->near, mem));
    }
    return index_seal(index, mem);
}

/* ---- the cluster ---- */

static bool is_group_char(int c)
{
    return sp_is_alnum(c);
}

/* A group may begin with a digit or a capital; prose goes on with small letters. */
static bool begins_group(sp_window *w, size_t i)
{
    const int c = sp_peek(w, i);
    return sp_is_digit(c) || sp_is_upper(c);
}

static void cluster_put(sp_cluster *k, uint8_t c, size_t at, uint8_t gap)
{
    const uint64_t bit = UINT64_C(1) << k->n;
    const bool is_lower = c >= 'a' && c <= 'z';
    if (sp_is_digit(c)) k->digits |= bit;
    if (!sp_is_digit(c)) k->letters |= bit;
    if (is_lower) k->lower |= bit;
    if (gap != 0) k->parted[gap_number(gap)] |= bit;
    k->gap[k->n] = gap;
    k->at[k->n] = (uint32_t)at;
    k->chars[k->n++] = is_lower ? (uint8_t)(c - ('a' - 'A')) : c;
}

/* Reads groups from where it stands until something else follows, or no more fits. */
static void cluster_go_on(sp_cluster *k, sp_window *w)
{
    bool is_inside = k->n > 0 && k->next_gap == 0; /* room ended in the midst of a group */
    k->is_full = true;
    while (k->n < SP_CLUSTER_MAX && (is_inside || k->n_groups < SP_GROUPS_MAX)) {
        if (!is_inside && !begins_group(w, k->next)) break;
        if (!is_inside) k->first[k->n_groups++] = k->n;
        is_inside = false;
        while (k->n < SP_CLUSTER_MAX && is_group_char(sp_peek(w, k->next))) {
            cluster_put(k, w->p[k->next], k->next, k->next_gap);
            k->next_gap = 0;
            k->next++;
        }
        const int c = sp_peek(w, k->next);
        if (k->n == SP_CLUSTER_MAX && is_group_char(c)) return;
        if (!is_gap(c) && c != ')') break;
        k->next_gap = w->p[k->next++];
        if (c == ')' && sp_peek(w, k->next) == ' ') k->next++; /* "(030) 90 18 20" */
    }
    k->is_full = k->n == SP_CLUSTER_MAX || k->n_groups == SP_GROUPS_MAX;
}

static void cluster_read(sp_cluster *k, sp_window *w, size_t i)
{
    k->start = k->next = i;
    k->n = k->n_groups = k->next_gap = 0;
    k->digits = k->letters = k->lower = 0;
    memset(k->parted, 0, sizeof k->parted);
    cluster_go_on(k, w);
}

/* Drops the groups before `group`, and reads what now has room. */
static void cluster_shift(sp_cluster *k, sp_window *w, uint8_t group)
{
    const uint8_t n = k->first[group];
    k->n = (uint8_t)(k->n - n);
    k->n_groups = (uint8_t)(k->n_groups - group);
    memmove(k->chars, k->chars + n, k->n);
    memmove(k->gap, k->gap + n, k->n);
    memmove(k->at, k->at + n, k->n * sizeof k->at[0]);
    for (uint8_t g = 0; g < k->n_groups; g++) k->first[g] = (uint8_t)(k->first[g + group] - n);
    k->gap[0] = 0;
    k->start = k->at[0];
    k->digits >>= n;
    k->letters >>= n;
    k->lower >>= n;
    for (size_t i = 0; i < SP_GAPS; i++) k->parted[i] >>= n;
    if (k->is_full) cluster_go_on(k, w);
}

static bool is_capital_or_digit(int c)
{
    return sp_is_digit(c) || sp_is_upper(c);
}

/* Six digits back: 0 if there are not that many. */
static size_t six_digits(const sp_window *w, size_t head_end)
{
    size_t i = head_end, n = 0;
    while (n < 6 && i > 0) {
        if (sp_is_digit(w->p[i - 1]))
            n++;
        else if (!is_gap(w->p[i - 1]) && w->p[i - 1] != ')')
            break;
        i--;
    }
    return n == 6 ? i + 1 : 0;
}

/* Where the cluster of a head begins: six digits back, or the group with the capital, and capitals before it.
 */
static size_t head_start(const sp_window *w, size_t head_end)
{
    const size_t digits = six_digits(w, head_end);
    if (digits != 0) return digits - 1;
    size_t i = head_end;
    const size_t floor = head_end > SP_NUMBER_HEAD_MAX ? head_end - SP_NUMBER_HEAD_MAX : 0;
    while (i > floor && is_capital_or_digit(w->p[i - 1])) i--;
    const bool is_parted = head_end - i == 2 && i >= 2 && is_gap(w->p[i - 1]) && sp_is_upper(w->p[i - 2]);
    if (is_parted && sp_is_digit(w->p[i])) {
        i--;
        while (i > floor && sp_is_upper(w->p[i - 1])) i--;
    }
    return i;
}

/* ---- candidates ---- */

/* What holds for a stretch whatever row asks. */
typedef struct stretch_facts {
    uint64_t digits, letters; /* bit 0: its first character */
    uint64_t gaps;            /* bit i: a separator stands before character i; not bit 0 */
    uint8_t gap;              /* the separator, if all are the same; else 0 */
} stretch_facts;

static stretch_facts facts_of(const sp_stretch *s)
{
    const sp_cluster *k = s->cluster;
    const uint64_t all = (UINT64_C(1) << s->n) - 1;
    stretch_facts f = {k->digits >> s->from & all, k->letters >> s->from & all, 0, 0};
    for (size_t i = 0; i < SP_GAPS; i++) f.gaps |= k->parted[i];
    f.gaps = f.gaps >> s->from & all & ~UINT64_C(1);
    if (f.gaps == 0) return f;
    const uint8_t gap = k->gap[s->from + __builtin_ctzll(f.gaps)];
    if ((k->parted[gap_number(gap)] >> s->from & f.gaps) == f.gaps) f.gap = gap;
    return f;
}

/* Separators stand where the shape has them. Are they what it asks for, or, where it allows some, all alike?
 */
static bool gaps_fit(const sp_shape *shape, const sp_stretch *s, const stretch_facts *f)
{
    if (shape->may_part_anywhere) return true;
    if (shape->must_part) {
        for (uint8_t i = 1; i < s->n; i++) {
            if (s->cluster->gap[s->from + i] != shape->gap[i]) return false;
        }
        return true;
    }
    return f->gap != 0;
}

static bool shape_fits(const sp_shape *shape, const sp_stretch *s, const stretch_facts *f)
{
    if (f->gaps != 0 && !gaps_fit(shape, s, f)) return false;
    for (uint64_t left = shape->literal; left != 0; left &= left - 1) {
        const int i = __builtin_ctzll(left);
        if (shape->chars[i] != sp_stretch_chars(s)[i]) return false;
    }
    return true;
}

/* What is known of a row at a stretch. Of what has words the one nearest to its word is meant; a check makes
 * up for some distance. */
typedef struct weight {
    uint8_t sure;
    bool is_supported;
    int near; /* the higher the nearer */
} weight;

typedef struct candidate {
    sp_match match;
    weight weight;
} candidate;

/* What is known of the stretches that begin at one offset. */
typedef struct beginning {
    uint64_t pass; /* it is of the pass of this number; other passes have other windows */
    size_t start;
    size_t tried;    /* stretches that end here or before it were tried */
    size_t ahead_of; /* `supports` holds what stands after this end; SIZE_MAX: after none yet */
    bool has_before; /* it holds what stands before the start */
    bool is_continued;
    candidate best;
    sp_supports supports;
} beginning;

/* What speaks behind the stretches that end at one offset. */
typedef struct ending {
    uint64_t pass;
    size_t end;
    sp_supports supports;
} ending;

/* Which shapes take characters and separators that stand so (set_find): texts of numbers repeat themselves.
 */
enum { FITS = 256, FIT_WORDS = 6 };
typedef struct fit_of {
    uint64_t letters, gaps;
    uint64_t fit[FIT_WORDS];
    uint8_t n; /* 0: none yet */
} fit_of;

/* By offset: two of one cluster are two bytes apart or more. */
enum { EDGES = 32 };

struct sp_number_memo {
    uint64_t pass;
    uint64_t cluster_of; /* the pass whose cluster this is */
    bool is_barren;      /* no number begins in the cluster */
    sp_cluster cluster;
    sp_wordless before, after;
    sp_evidence_last last;
    sp_columns columns;
    beginning beginnings[EDGES];
    ending endings[EDGES];
    fit_of fits[FITS];
};

sp_number_memo *sp_number_memo_new(sp_mem *mem)
{
    sp_number_memo *memo = sp_alloc(mem, 1, sizeof *memo);
    if (memo == NULL) return NULL;
    memset(memo, 0, sizeof *memo);
    memo->pass = 1;
    return memo;
}

static void forget(sp_number_memo *memo)
{
    memo->pass++;
    memo->before = memo->after = (sp_wordless){0, 0};
    memo->last.is_set = false;
}

void sp_number_forget(sp_number_memo *memo, size_t tables_from)
{
    forget(memo);
    sp_columns_begin(&memo->columns, tables_from);
}

/* The search around one head. */
typedef struct search {
    const sp_number_index *index;
    sp_window *w;
    sp_number_memo *memo;
    beginning *at;
} search;

/* How sure a word makes, and what distance costs: of two kinds with a word each the nearer one is meant. */
enum { NEAR_CHECKED = 90, NEAR_BARE = 75, WEAK_COSTS = 15, REACH = 12, REACH_BARE = 2 };

/* Does its check prove a row? One that only narrows it down says so by what it is sure of. */
static bool is_proven(const sp_row *row)
{
    return row->check != NULL && row->sure == 0;
}

uint8_t sp_number_sure(const sp_row *row, const sp_support *s)
{
    if (s == NULL) return 0;
    const int base = row->sure != 0 ? row->sure : row->check != NULL ? NEAR_CHECKED : NEAR_BARE;
    const int cost =
        s->distance / (is_proven(row) ? REACH : REACH_BARE) + (s->weight == SP_WEIGHT_WEAK ? WEAK_COSTS : 0);
    return (uint8_t)(cost < base ? base - cost : 0);
}

static void look_before(search *q)
{
    const size_t start = q->at->start, from = start > SP_CONTEXT_MAX ? start - SP_CONTEXT_MAX : 0;
    if (q->at->has_before) return;
    q->at->has_before = true;
    q->at->supports.n = 0;
    if (!sp_is_wordless(&q->memo->before, q->w, from, start))
        sp_evidence_before_next(&q->at->supports, &q->index->evidence, q->w, start, &q->memo->last);
    const sp_column_head head = sp_columns_find(&q->memo->columns, q->w, start);
    if (head.end > head.start)
        sp_evidence_heading(&q->at->supports, &q->index->evidence, q->w, head.start, head.end);
}

/* Nothing to read after `end`, and nothing to wait for? */
static bool is_silent_after(search *q, size_t end)
{
    const size_t n = q->w->n, most = end + SP_EVIDENCE_AHEAD < n ? end + SP_EVIDENCE_AHEAD : n;
    const uint8_t *newline =
        memchr(q->w->p + end, '\n', most - end); /* words of the next line do not count */
    if (newline == NULL && most == n && end + SP_EVIDENCE_AHEAD > n && !q->w->is_last) return false;
    return sp_is_wordless(&q->memo->after, q->w, end, newline != NULL ? (size_t)(newline - q->w->p) : most);
}

/* What the words behind `end` speak for, whoever begins before it. */
static const sp_supports *supports_after(search *q, size_t end)
{
    ending *e = &q->memo->endings[end / 2 % EDGES];
    if (e->pass != q->memo->pass || e->end != end) {
        e->supports.n = 0;
        sp_evidence_after(&e->supports, &q->index->evidence, q->w, end);
        e->pass = q->memo->pass;
        e->end = end;
    }
    return &e->supports;
}

static void look_after(search *q, size_t end)
{
    if (q->at->ahead_of == end) return;
    q->at->ahead_of = end;
    if (is_silent_after(q, end)) return;
    sp_supports_merge(&q->at->supports, supports_after(q, end));
}

enum { NEAR_CHECK = 24, NEAR_WEAK = -40, NEAR_ALONE = -20, SURE_ALONE = 85 };

static int nearness(const sp_row *row, const sp_support *s)
{
    return (is_proven(row) ? NEAR_CHECK : 0) + (s->weight == SP_WEIGHT_WEAK ? NEAR_WEAK : 0) - s->distance;
}

/* Confidence of a row whose shape and check hold. What follows is read only where it can matter, since a
 * stream waits for it. */
static weight weigh(search *q, const sp_shape *shape, size_t end, bool is_flanked)
{
    const sp_row *row = q->index->rows[shape->row];
    int alone = shape->alone;
    if (row->near != NULL) {
        look_before(q);
        const sp_support *found = sp_supports_find(&q->at->supports, shape->row);
        if (found == NULL && alone < NEAR_CHECKED) {
            look_after(q, end);
            found = sp_supports_find(&q->at->supports, shape->row);
        }
        const uint8_t near = sp_number_sure(row, found);
        const bool is_other = found != NULL && row->unlike != NULL && row->unlike(q->w, q->at->start);
        if (found != NULL && near >= row->least && !is_other)
            return (weight){near > alone ? near : (uint8_t)alone, true, nearness(row, found)};
    }
    const uint8_t beside = row->beside != NULL ? row->beside(q->w, q->at->start) : 0;
    if (beside > alone) return (weight){beside, true, NEAR_ALONE};
    if (is_flanked) alone -= FLANKED_COSTS;
    return (weight){(uint8_t)(alone > 0 ? alone : 0), alone >= SURE_ALONE, NEAR_ALONE};
}

/* What has a word of its own wins over what only looks right, then the nearer one, the surer one, the longer
 * one. */
static bool is_better(const candidate *a, const candidate *b)
{
    if (b->match.confidence == 0) return true;
    if (a->weight.is_supported != b->weight.is_supported) return a->weight.is_supported;
    if (a->weight.near != b->weight.near) return a->weight.near > b->weight.near;
    if (a->match.confidence != b->match.confidence) return a->match.confidence > b->match.confidence;
    return a->match.end - a->match.start > b->match.end - b->match.start;
}

/* Word `word` of the set of shapes whose classes of characters are those of a stretch, and whose separators
 * stand where it has them. */
static uint64_t set_find(const sp_shape_set *set, const sp_stretch *s, const stretch_facts *f, size_t word)
{
    const uint64_t *row = set->accepts + word;
    const size_t n = set->n_words;
    uint64_t fit = f->gaps == 0 ? row[(size_t)ROWS * s->n * n] : ~UINT64_C(0);
    for (size_t i = 0; i < s->n && fit != 0; i++, row += ROWS * n) {
        fit &= row[f->letters >> i & 1 ? ROW_LETTER * n : ROW_DIGIT * n];
        if (f->gaps != 0) fit &= row[f->gaps >> i & 1 ? ROW_PARTED * n : ROW_JOINED * n];
    }
    return fit;
}

/* All words of the set, remembered for stretches of this pattern; NULL: they are too many to be. */
static const uint64_t *fit_for(search *q, const sp_stretch *s, const stretch_facts *f)
{
    const sp_shape_set *set = &q->index->sets[s->n];
    const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15); /* Knuth's: spreads what is near */
    const uint64_t mixed = ((f->gaps * odd) ^ (f->letters + s->n)) * odd;
    if (set->n_words > FIT_WORDS) return NULL;
    fit_of *known = &q->memo->fits[mixed >> 56 & (FITS - 1)];
    if (known->n == s->n && known->gaps == f->gaps && known->letters == f->letters) return known->fit;
    known->n = s->n;
    known->gaps = f->gaps;
    known->letters = f->letters;
    for (size_t word = 0; word < set->n_words; word++) known->fit[word] = set_find(set, s, f, word);
    return known->fit;
}

/* A stretch of which it is asked whether any can be taken; one whose shapes are looked up; one of its shapes
 * with its check, and what is weighed. */
enum { STRETCH_COSTS = 16, SHAPE_COSTS = 16, ALONE_COSTS = 8 };

static void try_shape(search *q, const sp_shape *shape, const sp_stretch *s, bool is_flanked)
{
    const sp_row *row = q->index->rows[shape->row];
    const uint32_t *at = s->cluster->at + s->from;
    const size_t end = (size_t)at[s->n - 1] + 1;
    sp_charge(q->w, SHAPE_COSTS);
    if (row->check != NULL && !row->check(sp_stretch_chars(s), s->n)) return;
    const weight got = weigh(q, shape, end, is_flanked);
    const candidate other = {{at[0], end, got.sure, shape->row}, got};
    if (got.sure >= row->least && is_better(&other, &q->at->best)) q->at->best = other;
}

/* The best row for one stretch. */
static void try_stretch(search *q, const sp_stretch *s, bool is_flanked)
{
    const stretch_facts f = facts_of(s);
    const sp_shape_set *set = &q->index->sets[s->n];
    const sp_shape *shapes = q->index->shapes + q->index->first[s->n];
    const uint64_t *fits = fit_for(q, s, &f);
    sp_charge(q->w, STRETCH_COSTS);
    for (size_t word = 0; word < set->n_words; word++) {
        uint64_t fit = fits != NULL ? fits[word] : set_find(set, s, &f, word);
        for (; fit != 0; fit &= fit - 1) {
            const sp_shape *shape = &shapes[word * 64 + (size_t)__builtin_ctzll(fit)];
            if (shape_fits(shape, s, &f)) try_shape(q, shape, s, is_flanked);
        }
    }
}

/* Does a number go on across this separator? A dash joins letters too. A blank says little. */
static bool joins(int gap, int next)
{
    if (gap == '-') return is_capital_or_digit(next);
    return (gap == '.' || gap == ',' || gap == '/') && sp_is_digit(next);
}

/* Is there a digit in the letters and digits that end before `end`? */
static bool has_digit_before(const sp_window *w, size_t end)
{
    const size_t floor = end > SP_CLUSTER_MAX ? end - SP_CLUSTER_MAX : 0;
    for (size_t i = end; i > floor && sp_is_alnum(w->p[i - 1]); i--) {
        if (sp_is_digit(w->p[i - 1])) return true;
    }
    return false;
}

static bool is_continued(sp_columns *columns, const sp_window *w, size_t start)
{
    const int before = sp_before(w, start);
    if (before == ',' && sp_columns_part(columns, w, start - 1)) return false;
    if (sp_is_alnum(before) || before == '_' || before == '\\' || before == '+') return true;
    return start >= 2 && joins(before, w->p[start - 2]) && has_digit_before(w, start - 1);
}

static bool goes_on(sp_columns *columns, sp_window *w, size_t end)
{
    const int c = sp_peek(w, end);
    if (c == ',' && sp_columns_part(columns, w, end)) return false;
    if (sp_is_alnum(c) || c == '_') return true;
    return (c == '.' || c == ',' || c == '-' || c == '/') && joins(c, sp_peek(w, end + 1));
}

static bool is_flanked(sp_window *w, size_t start, size_t end)
{
    const bool before = start >= 2 && w->p[start - 1] == ' ' && sp_is_digit(w->p[start - 2]);
    return before || (sp_peek(w, end) == ' ' && sp_is_digit(sp_peek(w, end + 1)));
}

/* What is known of a start; of one that was not seen yet, nothing. */
static beginning *beginning_at(sp_number_memo *memo, const sp_window *w, size_t start)
{
    beginning *b = &memo->beginnings[start / 2 % EDGES];
    if (b->pass == memo->pass && b->start == start) return b;
    b->pass = memo->pass;
    b->start = b->tried = start;
    b->ahead_of = SIZE_MAX;
    b->has_before = false;
    b->best = (candidate){0};
    b->is_continued = is_continued(&memo->columns, w, start);
    return b;
}

/* End of the stretches up to a group. */
static size_t end_of_group(const sp_cluster *k, uint8_t group)
{
    const uint8_t to = group + 1 < k->n_groups ? k->first[group + 1] : k->n;
    return (size_t)k->at[to - 1] + 1;
}

/* Does nothing around a stretch speak for any row? Asks nothing that a stream would wait for. */
static bool is_alone(search *q, size_t end)
{
    const bool has_all = q->w->is_last || end + SP_EVIDENCE_AHEAD <= q->w->n;
    if (!is_silent_after(q, end) && (!has_all || supports_after(q, end)->n > 0)) return false;
    look_before(q);
    if (q->at->supports.n > 0) return false;
    return q->index->beside == NULL || q->index->beside(q->w, q->at->start) == 0;
}

/* Is there a shape with its length and separators that is taken where no word speaks for it? */
static bool stands_alone(const sp_number_index *index, const sp_stretch *s, bool flanked)
{
    const sp_shape_set *set = &index->sets[s->n];
    const bool has_letters = (s->cluster->letters >> s->from & ((UINT64_C(1) << s->n) - 1)) != 0;
    const sp_shape_alone *alone = flanked ? &set->flanked[has_letters] : &set->alone[has_letters];
    const uint64_t behind_first = (UINT64_C(1) << s->n) - 2;
    uint64_t others = 0;
    for (size_t g = 0; g < SP_GAPS; g++)
        others |= s->cluster->parted[g] >> s->from & behind_first & ~alone->gaps[g];
    return alone->any && others == 0;
}

/* Can any shape be taken here? In a table of numbers nearly none can, and most stretches are of tables. */
static bool may_be_taken(search *q, const sp_stretch *s, size_t end, bool flanked)
{
    sp_charge(q->w, ALONE_COSTS);
    return stands_alone(q->index, s, flanked) || !is_alone(q, end);
}

/* All stretches that begin with a group; the best of them. Small letters occur at the end of what is a number
 * ("12345678z"), or everywhere in it; in the midst of capitals it is something else. */
static const candidate *try_group(search *q, uint8_t group)
{
    const sp_cluster *k = &q->memo->cluster;
    const uint8_t from = k->first[group];
    beginning *b = q->at = beginning_at(q->memo, q->w, k->at[from]);
    const size_t tried = b->tried;
    uint8_t g = k->n_groups;
    while (g > group && end_of_group(k, (uint8_t)(g - 1)) > tried) g--;
    if (g == k->n_groups) return &b->best;
    b->tried = end_of_group(k, (uint8_t)(k->n_groups - 1));
    if (b->is_continued) return &b->best;
    for (; g < k->n_groups; g++) {
        const uint8_t to = g + 1 < k->n_groups ? k->first[g + 1] : k->n;
        const size_t end = end_of_group(k, g);
        const sp_stretch s = {k, from, (uint8_t)(to - from)};
        if (q->index->first[s.n] == q->index->first[s.n + 1] || goes_on(&q->memo->columns, q->w, end))
            continue;
        const bool flanked = is_flanked(q->w, b->start, end);
        if (may_be_taken(q, &s, end, flanked)) try_stretch(q, &s, flanked);
    }
    return &b->best;
}

/* The cluster that begins at `start`. @return false: it is part of one in which no number begins. */
static bool cluster_at(sp_number_memo *memo, sp_window *w, size_t start)
{
    sp_cluster *k = &memo->cluster;
    if (memo->cluster_of == memo->pass && start >= k->start && start < k->next) {
        for (uint8_t g = 0; g < k->n_groups; g++) {
            if (k->at[k->first[g]] != start) continue;
            if (memo->is_barren && (g == 0 || !k->is_full)) return false;
            if (g > 0) cluster_shift(k, w, g);
            return true;
        }
    }
    cluster_read(k, w, start);
    memo->cluster_of = memo->pass;
    return true;
}

/* The best of all stretches of the cluster. */
static candidate best_of_cluster(search *q)
{
    const sp_cluster *k = &q->memo->cluster;
    candidate best = {0};
    for (uint8_t g = 0; g < k->n_groups; g++) {
        if (best.match.confidence != 0 && k->at[k->first[g]] >= best.match.end) break;
        const candidate *other = try_group(q, g);
        if (other->match.confidence != 0 && is_better(other, &best)) best = *other;
    }
    return best;
}

void sp_number_find(const sp_number_index *index, sp_number_memo *memo, sp_window *w, size_t head_end,
                    sp_match *m)
{
    search q = {index, w, memo, NULL};
    m->start = head_start(w, head_end);
    const int before = sp_before(w, m->start);
    if (m->start < w->floor || sp_is_alnum(before) || before == '_') return;
    if (!cluster_at(memo, w, m->start)) return;
    const candidate best = best_of_cluster(&q);
    memo->is_barren = best.match.confidence == 0;
    /* What runs out is held from the start of the cluster: further text may make another stretch the better
     * one. */
    if (w->ran_out)
        forget(memo);
    else if (best.match.confidence != 0)
        *m = best.match;
}

bool sp_number_support(sp_support *out, const sp_number_index *index, sp_window *w, const sp_match *m)
{
    sp_supports supports = {.n = 0};
    sp_evidence_before(&supports, &index->evidence, w, m->start);
    const sp_support *found = sp_supports_find(&supports, m->row);
    if (found == NULL) sp_evidence_after(&supports, &index->evidence, w, m->end);
    if (found == NULL) found = sp_supports_find(&supports, m->row);
    if (found != NULL) *out = *found;
    return found != NULL;
}

bool sp_number_heading(sp_support *out, const sp_number_index *index, const sp_window *w, const sp_match *m)
{
    enum { TABLE_MAX = 64 << 10 };
    sp_columns columns;
    sp_supports supports = {.n = 0};
    size_t from = m->start > TABLE_MAX ? m->start - TABLE_MAX : 0;
    while (from > 0 && from < m->start && w->p[from - 1] != '\n') from++;
    sp_columns_begin(&columns, from);
    const sp_column_head head = sp_columns_find(&columns, w, m->start);
    if (head.end > head.start) sp_evidence_heading(&supports, &index->evidence, w, head.start, head.end);
    const sp_support *found = sp_supports_find(&supports, m->row);
    if (found != NULL) *out = *found;
    return found != NULL;
}
