/** Limits of callers: buckets, requests under way, and the table of those who have any. */
#include "sallyport/limit.h"

#include <string.h>

/* One request or byte, in the unit of the levels: microseconds of a minute. */
static const uint64_t UNIT = 60000000;

/* ---- buckets ---- */

static uint64_t capacity(uint64_t rate)
{
    return rate * UNIT;
}

/* What a full bucket holds drains in a minute, so longer spans need not be multiplied out. */
static uint64_t drained(uint64_t level, uint64_t rate, uint64_t elapsed_us)
{
    if (elapsed_us > UNIT && level <= capacity(rate)) return 0;
    const uint64_t most = rate ? UINT64_MAX / rate : UINT64_MAX;
    const uint64_t out = elapsed_us > most ? UINT64_MAX : elapsed_us * rate;
    return level > out ? level - out : 0;
}

static uint64_t time_to_drain(uint64_t level, uint64_t rate)
{
    return rate ? level / rate + (level % rate != 0) : 0;
}

/* Brings the levels up to date. Workers read the clock before they get here, so time may seem to run back by
 * a little: then nothing drains. A limit that is gone leaves nothing in its bucket. */
static void settle(sp_caller *c, const sp_rates *rates, uint64_t now_us)
{
    const uint64_t elapsed = now_us > c->at_us ? now_us - c->at_us : 0;
    c->requests = rates->requests_per_minute ? drained(c->requests, rates->requests_per_minute, elapsed) : 0;
    c->bytes = rates->bytes_per_minute ? drained(c->bytes, rates->bytes_per_minute, elapsed) : 0;
    c->at_us += elapsed;
}

/* How long until `cost` fits on top of `level`; 0: now. */
static uint64_t wait_for(uint64_t level, uint64_t cost, uint64_t rate)
{
    if (rate == 0) return 0;
    const uint64_t room = capacity(rate);
    const uint64_t most = cost > room ? 0 : room - cost;
    return level > most ? time_to_drain(level - most, rate) : 0;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static void fill(sp_caller *c, const sp_rates *rates, uint64_t requests, uint64_t bytes)
{
    if (rates->requests_per_minute) c->requests += requests * UNIT;
    if (rates->bytes_per_minute) c->bytes += bytes * UNIT;
    c->idle_us = c->at_us + larger(time_to_drain(c->requests, rates->requests_per_minute),
                                   time_to_drain(c->bytes, rates->bytes_per_minute));
}

static void describe(sp_allowance *out, const sp_caller *c, const sp_rates *rates)
{
    const uint64_t rate = rates->requests_per_minute;
    const uint64_t room = capacity(rate);
    out->limit = rate;
    out->remaining = c->requests < room ? (room - c->requests) / UNIT : 0;
    out->reset_us = time_to_drain(c->requests, rate);
}

/* Beyond this a level could not be added to; no body comes near. */
static bool is_countable(const sp_rates *rates, uint64_t bytes)
{
    return rates->bytes_per_minute <= SP_RATE_MAX && bytes <= SP_RATE_MAX;
}

sp_status sp_caller_enter(sp_allowance *out, sp_caller *c, const sp_rates *rates, uint64_t bytes,
                          uint64_t now_us)
{
    *out = (sp_allowance){0};
    if (!is_countable(rates, bytes)) return SP_ERATE;
    settle(c, rates, now_us);
    const uint64_t wait = larger(wait_for(c->requests, UNIT, rates->requests_per_minute),
                                 wait_for(c->bytes, bytes * UNIT, rates->bytes_per_minute));
    const bool is_crowded = rates->concurrent && c->under_way >= rates->concurrent;
    if (wait == 0 && !is_crowded) {
        fill(c, rates, 1, bytes);
        c->under_way++;
    }
    describe(out, c, rates);
    out->wait_us = wait;
    return wait || is_crowded ? SP_ERATE : SP_OK;
}

sp_status sp_caller_add(sp_allowance *out, sp_caller *c, const sp_rates *rates, sp_body_piece piece,
                        uint64_t now_us)
{
    *out = (sp_allowance){0};
    if (!is_countable(rates, piece.bytes) || !is_countable(rates, piece.before)) return SP_ERATE;
    settle(c, rates, now_us);
    const uint64_t rate = rates->bytes_per_minute;
    const bool is_fit = wait_for(c->bytes, piece.bytes * UNIT, rate) == 0;
    if (is_fit) fill(c, rates, 0, piece.bytes);
    describe(out, c, rates);
    out->wait_us = is_fit ? 0 : wait_for(c->bytes, (piece.bytes + piece.before) * UNIT, rate);
    return is_fit ? SP_OK : SP_ERATE;
}

void sp_caller_leave(sp_caller *c, uint32_t n)
{
    c->under_way -= n < c->under_way ? n : c->under_way;
}

/* ---- the table ---- */

static bool is_idle(const sp_caller *c, uint64_t now_us)
{
    return !c->is_used || (c->under_way == 0 && c->idle_us <= now_us);
}

static size_t first_row(const uint8_t id[SP_CALLER_ID_BYTES], size_t n)
{
    uint64_t at;
    memcpy(&at, id, sizeof at);
    return (size_t)((at * UINT64_C(0x9e3779b97f4a7c15)) >> 32) %
           n; /* ids of the file may be written by hand */
}

/* Rows are never freed, only taken over, so behind a row that was never used there is no caller's. */
sp_caller *sp_caller_find(sp_caller *rows, size_t n, const uint8_t id[SP_CALLER_ID_BYTES], uint64_t now_us)
{
    const size_t first = first_row(id, n);
    const size_t window = n < SP_CALLERS_WINDOW ? n : SP_CALLERS_WINDOW;
    sp_caller *free_row = NULL;
    for (size_t i = 0; i < window; i++) {
        sp_caller *c = &rows[(first + i) % n];
        if (c->is_used && memcmp(c->id, id, sizeof c->id) == 0) return c;
        if (!free_row && is_idle(c, now_us)) free_row = c;
        if (!c->is_used) break;
    }
    if (free_row) {
        *free_row = (sp_caller){.at_us = now_us, .idle_us = now_us, .is_used = 1};
        memcpy(free_row->id, id, sizeof free_row->id);
    }
    return free_row;
}

/* ---- as answers say it ---- */

uint64_t sp_allowance_retry_s(const sp_allowance *allowance)
{
    const uint64_t s = allowance->wait_us / 1000000 + (allowance->wait_us % 1000000 != 0);
    return s ? s : 1;
}

void sp_span_append(sp_buf *out, uint64_t us)
{
    const uint64_t ms = us / 1000 + (us % 1000 != 0);
    const uint64_t s = ms / 1000 + (ms % 1000 != 0);
    if (ms < 1000) {
        sp_buf_append_u64(out, ms);
        sp_buf_append_str(out, "ms");
        return;
    }
    if (s >= 60) {
        sp_buf_append_u64(out, s / 60);
        sp_buf_append_byte(out, 'm');
    }
    sp_buf_append_u64(out, s % 60);
    sp_buf_append_byte(out, 's');
}

static const char *const field_names[][SP_ALLOWANCE_FIELDS] = {
    [SP_DIALECT_OPENAI] = {"x-ratelimit-limit-requests", "x-ratelimit-remaining-requests",
                           "x-ratelimit-reset-requests"},
    [SP_DIALECT_ANTHROPIC] = {"anthropic-ratelimit-requests-limit", "anthropic-ratelimit-requests-remaining",
                              "anthropic-ratelimit-requests-reset"},
};
enum { N_DIALECTS = sizeof field_names / sizeof field_names[0] };

/* The one dialect says a span, the other a time of day. */
static void reset_append(sp_buf *out, uint64_t reset_us, sp_dialect_id dialect, uint64_t now_s)
{
    if (dialect == SP_DIALECT_ANTHROPIC) {
        sp_buf_append_time(out, now_s + reset_us / 1000000 + (reset_us % 1000000 != 0));
    } else {
        sp_span_append(out, reset_us);
    }
}

size_t sp_allowance_fields(sp_allowance_field out[SP_ALLOWANCE_FIELDS], const sp_allowance *allowance,
                           sp_dialect_id dialect, uint64_t now_s, sp_mem *mem)
{
    if (allowance->limit == 0 || (size_t)dialect >= N_DIALECTS || !field_names[dialect][0]) return 0;
    sp_buf values[SP_ALLOWANCE_FIELDS] = {SP_BUF_IN(mem), SP_BUF_IN(mem), SP_BUF_IN(mem)};
    sp_buf_append_u64(&values[0], allowance->limit);
    sp_buf_append_u64(&values[1], allowance->remaining);
    reset_append(&values[2], allowance->reset_us, dialect, now_s);
    for (size_t i = 0; i < SP_ALLOWANCE_FIELDS; i++) {
        if (values[i].status != SP_OK) return 0;
        out[i] = (sp_allowance_field){field_names[dialect][i], sp_buf_bytes(&values[i])};
    }
    return SP_ALLOWANCE_FIELDS;
}

bool sp_allowance_hides(sp_bytes header_name)
{
    static const char *const families[] = {"x-ratelimit-", "anthropic-ratelimit-"};
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        const sp_bytes family = sp_bytes_of(families[i]);
        if (sp_bytes_eq_nocase(sp_bytes_sub(header_name, 0, family.n), family)) return true;
    }
    return false;
}
