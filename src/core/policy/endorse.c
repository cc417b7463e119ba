/** Who vouches for what a tool gave back. An endorser names tools and what their results may look like; a
 * result is its own where the call that it answers says so, and all of it is such a value. Whoever wrote the
 * text cannot name the tool, and a word of a closed list carries no instruction: no text raises trust (FIDES,
 * arXiv 2505.23643, section 4: a value of a bounded type carries no prompt). Where anything can be read in
 * two ways nobody vouches. */
#include "policy_internal.h"

enum {
    PARTS_MAX = 16384, /**< calls and results of a request that are looked at: where there are more, nobody
                          vouches for any. Sorting so many takes a few milliseconds */
    ID_MAX = 256,      /**< bytes of a call's id: those of providers have about 30 */
};

/* ---- what a value looks like ---- */

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static sp_bytes trimmed(sp_bytes s)
{
    while (s.n > 0 && is_blank(s.p[0])) s = sp_bytes_sub(s, 1, s.n);
    while (s.n > 0 && is_blank(s.p[s.n - 1])) s.n--;
    return s;
}

static size_t skip_digits(sp_bytes s, size_t at)
{
    while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9') at++;
    return at;
}

/** Where the integer part of a number ends (RFC 8259, section 6); 0: there is none. `s` is not empty. */
static size_t skip_integer(sp_bytes s)
{
    const size_t first = s.p[0] == '-' ? 1 : 0;
    const size_t end = skip_digits(s, first);
    return end == first || (s.p[first] == '0' && end > first + 1) ? 0 : end;
}

/** Behind the digits that have to stand at `at`; 0: none does. */
static size_t need_digits(sp_bytes s, size_t at)
{
    const size_t end = skip_digits(s, at);
    return end > at ? end : 0;
}

static bool is_integer(sp_bytes s)
{
    return skip_integer(s) == s.n;
}

static bool is_number(sp_bytes s)
{
    size_t at = skip_integer(s);
    if (at > 0 && at < s.n && s.p[at] == '.') at = need_digits(s, at + 1);
    if (at > 0 && at < s.n && (s.p[at] == 'e' || s.p[at] == 'E')) {
        at++;
        at = need_digits(s, at < s.n && (s.p[at] == '+' || s.p[at] == '-') ? at + 1 : at);
    }
    return at > 0 && at == s.n;
}

static bool is_boolean(sp_bytes s)
{
    return sp_bytes_eq(s, SP_LIT("true")) || sp_bytes_eq(s, SP_LIT("false"));
}

static unsigned read_digits(sp_bytes s, size_t from, size_t to)
{
    unsigned value = 0;
    for (size_t i = from; i < to; i++) value = value * 10 + (unsigned)(s.p[i] - '0');
    return value;
}

/** A day as RFC 3339 has it (full-date), in the Gregorian calendar. */
static bool is_date(sp_bytes s)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (s.n != 10 || skip_digits(s, 0) != 4 || s.p[4] != '-' || skip_digits(s, 5) != 7 || s.p[7] != '-' ||
        skip_digits(s, 8) != 10)
        return false;
    const unsigned year = read_digits(s, 0, 4), month = read_digits(s, 5, 7), day = read_digits(s, 8, 10);
    if (year == 0 || month == 0 || month > 12) return false;
    const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day > 0 && day <= days[month - 1] + (month == 2 && is_leap ? 1u : 0u);
}

static bool has(const sp_bytes *list, size_t n, sp_bytes word)
{
    for (size_t i = 0; i < n; i++) {
        if (sp_bytes_eq(list[i], word)) return true;
    }
    return false;
}

static bool is_value(const sp_endorser *e, sp_bytes text)
{
    const sp_bytes s = trimmed(text);
    if (s.n == 0 || s.n > SP_ENDORSED_BYTES) return false;
    switch ((sp_values)e->values) {
    case SP_VALUES_NUMBER:
        return is_number(s);
    case SP_VALUES_INTEGER:
        return is_integer(s);
    case SP_VALUES_BOOLEAN:
        return is_boolean(s);
    case SP_VALUES_DATE:
        return is_date(s);
    case SP_VALUES_WORDS:
        return has(e->words, e->n_words, s);
    case SP_VALUES_NONE:
    case SP_VALUES_ANY:
        break;
    }
    return false;
}

/* ---- who vouches ---- */

/** What a part says of itself; empty where it says nothing, or several things. */
static sp_bytes said(const sp_request *r, uint32_t segment)
{
    if (segment == 0 || segment == SP_SEVERAL) return SP_BYTES_EMPTY;
    const sp_segment *s = &r->segments[segment - 1];
    return sp_bytes_sub(r->text, s->text_start, s->text_end);
}

/** Is all that stands in the result the tool's, as far as the dialect's table knows it? */
static bool is_tools(const sp_request *r, const sp_tool_part *result)
{
    for (size_t i = result->first; i < result->end; i++) {
        if (r->segments[i].origin != SP_ORIGIN_TOOL) return false;
    }
    return true;
}

static bool vouches(const sp_endorser *e, const sp_request *r, sp_bytes tool, const sp_tool_part *result)
{
    if (!has(e->tools, e->n_tools, tool)) return false;
    if (e->values == SP_VALUES_ANY) return is_tools(r, result);
    return result->is_plain && is_value(e, said(r, result->text));
}

/** 1 + place of the first endorser of the application that vouches for the result of this call; 0: none. */
static uint8_t find_endorser(const sp_purpose *p, const sp_request *r, const sp_tool_part *call,
                             const sp_tool_part *result)
{
    const sp_bytes tool = said(r, call->name);
    if (tool.n == 0 || (result->name != 0 && !sp_bytes_eq(said(r, result->name), tool))) return 0;
    for (uint8_t i = 0; i < p->application->n_endorsers; i++) {
        if (vouches(&p->snapshot->endorsers[p->application->endorsers[i]], r, tool, result))
            return (uint8_t)(i + 1);
    }
    return 0;
}

/* ---- which result answers which call ---- */

/** An id where it stands. */
typedef struct mention {
    sp_bytes id;
    uint32_t part; /**< of the request */
} mention;

/** By id, those of one id in the order of the body. */
static bool is_before(const mention *a, const mention *b)
{
    if (a->id.n != b->id.n) return a->id.n < b->id.n;
    const int order = memcmp(a->id.p, b->id.p, a->id.n);
    return order != 0 ? order < 0 : a->part < b->part;
}

static void swap(mention *v, size_t a, size_t b)
{
    const mention m = v[a];
    v[a] = v[b];
    v[b] = m;
}

static void sift_down(mention *v, size_t at, size_t n)
{
    for (size_t child = 2 * at + 1; child < n; at = child, child = 2 * at + 1) {
        if (child + 1 < n && is_before(&v[child], &v[child + 1])) child++;
        if (!is_before(&v[at], &v[child])) return;
        swap(v, at, child);
    }
}

/** Heapsort: ids are chosen by the caller, and no choice of them makes it slow. */
static void sort(mention *v, size_t n)
{
    for (size_t i = n / 2; i-- > 0;) sift_down(v, i, n);
    for (size_t i = n; i-- > 1;) {
        swap(v, 0, i);
        sift_down(v, 0, i);
    }
}

static size_t gather(mention *out, const sp_request *r)
{
    size_t n = 0;
    for (uint32_t i = 0; i < r->n_tool_parts; i++) {
        const sp_bytes id = said(r, r->tool_parts[i].id);
        if (id.n > 0 && id.n <= ID_MAX) out[n++] = (mention){id, i};
    }
    return n;
}

/** Two of one id, the call first: else nobody knows what answers what. */
static bool is_pair(const mention *v, size_t n, const sp_request *r)
{
    return n == 2 && !r->tool_parts[v[0].part].is_result && r->tool_parts[v[1].part].is_result;
}

static void find_endorsed(uint8_t *by, const sp_purpose *p, const sp_request *r, const mention *v, size_t n)
{
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && sp_bytes_eq(v[end].id, v[i].id);) end++;
        if (!is_pair(v + i, end - i, r)) continue;
        const uint32_t result = v[i + 1].part;
        by[result] = find_endorser(p, r, &r->tool_parts[v[i].part], &r->tool_parts[result]);
    }
}

sp_status sp_endorse__results(const uint8_t **by, const sp_purpose *p, const sp_request *r, sp_mem *mem)
{
    *by = NULL;
    if (p->application->n_endorsers == 0 || r->n_tool_parts == 0 || r->n_tool_parts > PARTS_MAX) return SP_OK;
    mention *v = sp_alloc_bytes(mem, r->n_tool_parts * sizeof *v);
    uint8_t *found = sp_alloc(mem, r->n_tool_parts, sizeof *found);
    if (!v || !found) return SP_ENOMEM;
    const size_t n = gather(v, r);
    sort(v, n);
    find_endorsed(found, p, r, v, n);
    *by = found;
    return SP_OK;
}
