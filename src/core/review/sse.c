/* The parser looks for line ends as bytes come in and reads a block's lines once its blank line is there. A
 * line ends with LF, CR or CR LF. A CR may be the last byte for a while: waiting for a possible LF would hold
 * an event back that is complete, so the CR ends the line and an LF that follows later becomes (or begins)
 * the next block. */
#include "review/sse.h"

#include <string.h>

void sp_sse_init(sp_sse *sse, sp_mem *mem, size_t event_max)
{
    *sse = (sp_sse){.raw = SP_BUF_IN(mem),
                    .data = SP_BUF_IN(mem),
                    .runs = SP_BUF_IN(mem),
                    .others = SP_BUF_IN(mem),
                    .event_max = event_max};
}

sp_status sp_sse_feed(sp_sse *sse, sp_bytes piece)
{
    const size_t done = sse->start;
    if (done > 0) {
        memmove(sse->raw.p, sse->raw.p + done, sse->raw.n - done);
        sse->raw.n -= done;
        sse->line -= done;
        sse->at -= done;
        sse->start = 0;
    }
    sp_buf_append(&sse->raw, piece);
    return sse->raw.status;
}

size_t sp_sse_waiting(const sp_sse *sse)
{
    return sse->raw.n - sse->start;
}

/* ---- the lines of a block ---- */

static sp_bytes without_bom(const sp_sse *sse, sp_bytes line)
{
    static const uint8_t bom[3] = {0xef, 0xbb, 0xbf};
    if (sse->is_begun || line.n < 3 || memcmp(line.p, bom, 3) != 0) return line;
    return sp_bytes_sub(line, 3, line.n);
}

/* The value after the colon; one space after it is not part of it. */
static sp_bytes value_of(sp_bytes line, size_t name_n)
{
    size_t from = name_n < line.n ? name_n + 1 : line.n;
    if (from < line.n && line.p[from] == ' ') from++;
    return sp_bytes_sub(line, from, line.n);
}

static void add_data(sp_sse *sse, sp_sse_event *event, sp_bytes value)
{
    if (event->has_data) sp_buf_append_byte(&sse->data, '\n');
    event->has_data = true;
    const sp_sse_run run = {sse->data.n, (size_t)(value.p - event->raw.p)};
    sp_buf_append(&sse->runs, (sp_bytes){(const uint8_t *)&run, sizeof run});
    sp_buf_append(&sse->data, value);
}

/* In order of place: an `event` line is known to be none only when a later one replaces it. */
static void add_other(sp_sse *sse, sp_span line)
{
    if (line.start == line.end) return;
    sp_buf_append(&sse->others, (sp_bytes){(const uint8_t *)&line, sizeof line});
    if (sse->others.status != SP_OK) return;
    sp_span *v = (sp_span *)(void *)sse->others.p;
    for (size_t i = sse->others.n / sizeof line - 1; i > 0 && v[i - 1].start > v[i].start; i--) {
        const sp_span later = v[i - 1];
        v[i - 1] = v[i];
        v[i] = later;
    }
}

/* @param whole  the line with its end, in the block's raw bytes. */
static void read_line(sp_sse *sse, sp_sse_event *event, sp_bytes line, sp_span whole)
{
    line = without_bom(sse, line);
    sse->is_begun = true;
    if (line.n == 0) return;
    const uint8_t *colon = memchr(line.p, ':', line.n);
    const size_t name_n = colon ? (size_t)(colon - line.p) : line.n;
    const sp_bytes name = sp_bytes_sub(line, 0, name_n);
    if (sp_bytes_eq(name, SP_LIT("data"))) {
        add_data(sse, event, value_of(line, name_n));
    } else if (sp_bytes_eq(name, SP_LIT("event"))) {
        add_other(sse, event->name_line); /* the last one counts */
        event->name = value_of(line, name_n);
        event->name_line = whole;
    } else {
        event->has_comment = event->has_comment || name_n == 0;
        add_other(sse, whole);
    }
}

static size_t after_line_end(sp_bytes s, size_t at)
{
    if (at + 1 < s.n && s.p[at] == '\r' && s.p[at + 1] == '\n') return at + 2;
    return at + 1;
}

/* Reads the lines of raw[start, end) into `event` and moves on behind them. */
static sp_status take_block(sp_sse *sse, size_t end, sp_sse_event *event)
{
    *event = (sp_sse_event){.raw = {sse->raw.p + sse->start, end - sse->start}};
    sse->data.n = sse->others.n = sse->runs.n = 0;
    if (event->raw.n > sse->event_max) return SP_EUPSIZE;
    for (size_t at = 0; at < event->raw.n;) {
        const size_t stop = sp_skip_line(event->raw, at), next = after_line_end(event->raw, stop);
        const sp_span whole = {(uint32_t)at, (uint32_t)(next < event->raw.n ? next : event->raw.n)};
        read_line(sse, event, sp_bytes_sub(event->raw, at, stop), whole);
        at = next;
    }
    event->data = sp_buf_bytes(&sse->data);
    event->runs = (const sp_sse_run *)(const void *)sse->runs.p;
    event->n_runs = sse->runs.n / sizeof(sp_sse_run);
    event->others = (const sp_span *)(const void *)sse->others.p;
    event->n_others = sse->others.n / sizeof(sp_span);
    sse->start = sse->line = sse->at = end;
    if (sse->data.status != SP_OK || sse->others.status != SP_OK) return SP_ENOMEM;
    return sse->runs.status;
}

/* ---- the blocks of a stream ---- */

/* An LF that completes a CR LF whose CR was the last byte of what had come. @return whether it stands alone,
 * as a block of its own. */
static bool skip_lf(sp_sse *sse)
{
    sse->skips_lf = false;
    if (sse->raw.p[sse->at] != '\n') return false;
    sse->at++;
    sse->line = sse->at;
    return sse->start == sse->at - 1;
}

/* Reads one line, whose end is at `stop`. @return whether it was the blank one. */
static bool end_line(sp_sse *sse, size_t stop)
{
    const sp_bytes all = sp_buf_bytes(&sse->raw);
    sp_bytes line = sp_bytes_sub(all, sse->line, stop);
    if (sse->line == sse->start) line = without_bom(sse, line);
    sse->at = sse->line = after_line_end(all, stop);
    sse->skips_lf = all.p[stop] == '\r' && stop + 1 == all.n;
    return line.n == 0;
}

sp_status sp_sse_next(sp_sse *sse, bool is_last, sp_sse_event *event, bool *found)
{
    *found = true;
    while (sse->at < sse->raw.n) {
        if (sse->skips_lf) {
            if (skip_lf(sse)) return take_block(sse, sse->at, event);
            continue;
        }
        sse->at = sp_skip_line(sp_buf_bytes(&sse->raw), sse->at);
        if (sse->at < sse->raw.n && end_line(sse, sse->at)) return take_block(sse, sse->at, event);
    }
    if (is_last && sse->start < sse->raw.n) return take_block(sse, sse->raw.n, event);
    *found = false;
    return sp_sse_waiting(sse) > sse->event_max ? SP_EUPSIZE : SP_OK;
}

size_t sp_sse_raw_offset(const sp_sse_event *event, size_t at)
{
    size_t i = event->n_runs;
    while (i > 1 && event->runs[i - 1].data_at > at) i--;
    return event->runs[i - 1].raw_at + (at - event->runs[i - 1].data_at);
}
