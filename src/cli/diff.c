/* What differs between two texts, by lines: what both begin and end with is left out, and between these lines
 * are matched as the longest common subsequence says. */
#include "cli/edit_file.h"

enum { CONTEXT = 3, MATCHED_MAX = 500 };

typedef struct lines {
    sp_bytes *v;
    size_t n;
} lines;

/* The two texts, and the part of each that differs: [from, to). */
typedef struct difference {
    lines before, after;
    size_t from, to_before, to_after;
    uint16_t *common; /* [i][k]: longest common subsequence of what is behind i and k; NULL: not matched */
} difference;

static lines split(sp_bytes text, sp_mem *mem)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) n += text.p[i] == '\n';
    lines l = {sp_alloc(mem, n + 1, sizeof *l.v), 0};
    for (size_t start = 0; l.v != NULL && start < text.n;) {
        size_t end = start;
        while (end < text.n && text.p[end] != '\n') end++;
        l.v[l.n++] = sp_bytes_sub(text, start, end);
        start = end + 1;
    }
    return l;
}

static void find_ends(difference *d)
{
    d->to_before = d->before.n;
    d->to_after = d->after.n;
    while (d->from < d->to_before && d->from < d->to_after &&
           sp_bytes_eq(d->before.v[d->from], d->after.v[d->from])) {
        d->from++;
    }
    while (d->to_before > d->from && d->to_after > d->from &&
           sp_bytes_eq(d->before.v[d->to_before - 1], d->after.v[d->to_after - 1])) {
        d->to_before--;
        d->to_after--;
    }
}

static uint16_t *cell(const difference *d, size_t i, size_t k)
{
    return &d->common[(i - d->from) * (d->to_after - d->from + 1) + (k - d->from)];
}

static void match(difference *d, sp_mem *mem)
{
    const size_t n = d->to_before - d->from + 1, m = d->to_after - d->from + 1;
    d->common = n <= MATCHED_MAX && m <= MATCHED_MAX ? sp_alloc(mem, n * m, sizeof *d->common) : NULL;
    for (size_t i = d->to_before; d->common != NULL && i-- > d->from;) {
        for (size_t k = d->to_after; k-- > d->from;) {
            const bool is_same = sp_bytes_eq(d->before.v[i], d->after.v[k]);
            const uint16_t down = *cell(d, i + 1, k), right = *cell(d, i, k + 1);
            *cell(d, i, k) = is_same ? (uint16_t)(*cell(d, i + 1, k + 1) + 1) : down > right ? down : right;
        }
    }
}

static void put_line(sp_buf *out, char sign, sp_bytes line)
{
    sp_buf_append_byte(out, (uint8_t)sign);
    sp_buf_append(out, line);
    sp_buf_append_byte(out, '\n');
}

static void put_middle(sp_buf *out, const difference *d)
{
    size_t i = d->from;
    size_t k = i; /* both begin where the texts part */
    while (i < d->to_before || k < d->to_after) {
        const bool has_both = i < d->to_before && k < d->to_after && d->common != NULL;
        if (has_both && sp_bytes_eq(d->before.v[i], d->after.v[k])) {
            put_line(out, ' ', d->before.v[i++]);
            k++;
        } else if (i < d->to_before && (!has_both || *cell(d, i + 1, k) >= *cell(d, i, k + 1))) {
            put_line(out, '-', d->before.v[i++]);
        } else {
            put_line(out, '+', d->after.v[k++]);
        }
    }
}

static void put_range(sp_buf *out, char sign, size_t start, size_t end)
{
    sp_buf_append_byte(out, (uint8_t)sign);
    sp_buf_append_u64(out, end > start ? start + 1 : start);
    sp_buf_append_byte(out, ',');
    sp_buf_append_u64(out, end - start);
    sp_buf_append_byte(out, ' ');
}

void cli_diff_append(sp_buf *out, const char *path, sp_bytes before, sp_bytes after)
{
    difference d = {split(before, out->mem), split(after, out->mem), 0, 0, 0, NULL};
    if (d.before.v == NULL || d.after.v == NULL) {
        out->status = SP_ENOMEM;
        return;
    }
    find_ends(&d);
    if (d.from == d.to_before && d.from == d.to_after) {
        return;
    }
    match(&d, out->mem);
    const size_t first = d.from > CONTEXT ? d.from - CONTEXT : 0;
    const size_t left = d.before.n - d.to_before, tail = left < CONTEXT ? left : CONTEXT;
    sp_buf_append_str(out, "--- ");
    sp_buf_append_str(out, path);
    sp_buf_append_str(out, "\n+++ ");
    sp_buf_append_str(out, path);
    sp_buf_append_str(out, "\n@@ ");
    put_range(out, '-', first, d.to_before + tail);
    put_range(out, '+', first, d.to_after + tail);
    sp_buf_append_str(out, "@@\n");
    for (size_t i = first; i < d.from; i++) put_line(out, ' ', d.before.v[i]);
    put_middle(out, &d);
    for (size_t i = 0; i < tail; i++) put_line(out, ' ', d.before.v[d.to_before + i]);
}
