/** Circuit breaker and retry budget of one destination. Closed, open, half-open follow from two times, so
 * that nothing has to happen at the moment when a wait is over. */
#include "sallyport/health.h"

#include "tbl/names.h"

enum {
    PROBE_HINT_MS = 1000,
    DOUBLINGS_MAX = 20, /* 2^20 times any time that a rule may say fits into 64 bits */
};

/* ---- the window ---- */

/** The slice of now; slices between the newest one and now are emptied first. A clock that seems to go back
 * (another process was late to write) counts into the newest. */
static sp_health_slice *slice_now(sp_health *h, uint64_t now_ms)
{
    const uint64_t now = now_ms / SP_HEALTH_SLICE_MS;
    if (now > h->newest) {
        const uint64_t passed = now - h->newest;
        for (uint64_t i = 1; i <= passed && i <= SP_HEALTH_SLICES; i++)
            h->slices[(h->newest + i) % SP_HEALTH_SLICES] = (sp_health_slice){0};
        h->newest = now;
    }
    return &h->slices[h->newest % SP_HEALTH_SLICES];
}

/** The sums of the window; 64 bits, so that no bits in a slice overflow them. */
typedef struct window {
    uint64_t begun, ended, failed, retried;
} window;

static window window_of(const sp_health *h)
{
    window sum = {0};
    for (size_t i = 0; i < SP_HEALTH_SLICES; i++) {
        sum.begun += h->slices[i].begun;
        sum.ended += h->slices[i].ended;
        sum.failed += h->slices[i].failed;
        sum.retried += h->slices[i].retried;
    }
    return sum;
}

/* ---- the circuit ---- */

const char *sp_circuit_name(sp_circuit circuit)
{
    static const char *const names[] = {"closed", "half-open", "open"};
    return SP_NAME_AT(names, circuit);
}

sp_circuit sp_health_circuit(const sp_health *h, uint64_t now_ms)
{
    if (h->open_until_ms == 0) return SP_CIRCUIT_CLOSED;
    return h->open_until_ms > now_ms ? SP_CIRCUIT_OPEN : SP_CIRCUIT_HALF_OPEN;
}

uint64_t sp_health_away_until(const sp_health *h, uint64_t now_ms)
{
    uint64_t until = h->wait_until_ms > now_ms ? h->wait_until_ms : 0;
    if (h->open_until_ms > now_ms && h->open_until_ms > until) until = h->open_until_ms;
    if (sp_health_circuit(h, now_ms) == SP_CIRCUIT_HALF_OPEN && h->probe_until_ms > now_ms) {
        const uint64_t soon = now_ms + PROBE_HINT_MS;
        until = until > soon ? until : soon;
    }
    return until;
}

static void open_circuit(sp_health *h, const sp_health_rules *rules, uint64_t now_ms)
{
    /* Closed for a whole window: whatever opens it now is a new trouble. */
    const uint64_t window_ms = (uint64_t)SP_HEALTH_SLICES * SP_HEALTH_SLICE_MS;
    if (h->open_until_ms == 0 && now_ms - h->closed_at_ms > window_ms) h->openings = 0;
    const uint32_t doublings = h->openings < DOUBLINGS_MAX ? h->openings : DOUBLINGS_MAX;
    const uint64_t wait_ms = (uint64_t)rules->open_ms << doublings;
    h->open_until_ms = now_ms + (wait_ms < rules->open_max_ms ? wait_ms : rules->open_max_ms);
    if (h->open_until_ms == 0) h->open_until_ms = 1;
    h->openings = doublings + 1;
    h->probe_until_ms = 0;
    h->in_a_row = 0;
    h->round++;
}

static void close_circuit(sp_health *h, uint64_t now_ms)
{
    h->open_until_ms = 0;
    h->probe_until_ms = 0;
    h->in_a_row = 0;
    h->closed_at_ms = now_ms;
    /* The failures that opened it must not open it again; what the budget counts stays. */
    for (size_t i = 0; i < SP_HEALTH_SLICES; i++) h->slices[i].ended = h->slices[i].failed = 0;
}

bool sp_health_begin(sp_health *h, const sp_health_rules *rules, uint64_t now_ms, sp_health_ticket *ticket)
{
    *ticket = (sp_health_ticket){0};
    if (sp_health_away_until(h, now_ms) != 0) return false;
    const bool is_probe = sp_health_circuit(h, now_ms) == SP_CIRCUIT_HALF_OPEN;
    if (is_probe) {
        h->probe_until_ms = now_ms + rules->probe_ms;
        h->round++;
    }
    slice_now(h, now_ms)->begun++;
    *ticket = (sp_health_ticket){.round = h->round, .is_held = true, .is_probe = is_probe};
    return true;
}

static bool is_current(const sp_health *h, const sp_health_ticket *ticket)
{
    return ticket->is_held && ticket->round == h->round;
}

void sp_health_answered(sp_health *h, sp_health_ticket *ticket, uint64_t now_ms)
{
    if (is_current(h, ticket) && ticket->is_probe && h->open_until_ms != 0) close_circuit(h, now_ms);
}

/** The probe of a half-open circuit reports. */
static void end_probe(sp_health *h, const sp_health_rules *rules, sp_health_verdict verdict, uint64_t now_ms)
{
    switch (verdict) {
    case SP_HEALTH_GOOD:
    case SP_HEALTH_BUSY:
        close_circuit(h, now_ms);
        return;
    case SP_HEALTH_FAILED:
        open_circuit(h, rules, now_ms);
        return;
    case SP_HEALTH_NOTHING:
        break;
    }
    h->probe_until_ms = 0; /* the next request is the probe */
}

static bool must_open(const sp_health *h, const sp_health_rules *rules)
{
    const window sum = window_of(h);
    const bool by_number = rules->failures != 0 && h->in_a_row >= rules->failures;
    const bool by_share =
        rules->share != 0 && sum.ended >= rules->least && sum.failed * 100 >= sum.ended * rules->share;
    return by_number || by_share;
}

static void end_closed(sp_health *h, const sp_health_rules *rules, sp_health_verdict verdict, uint64_t now_ms)
{
    if (verdict != SP_HEALTH_GOOD && verdict != SP_HEALTH_FAILED) return;
    sp_health_slice *slice = slice_now(h, now_ms);
    slice->ended++;
    if (verdict == SP_HEALTH_GOOD) {
        h->in_a_row = 0;
        return;
    }
    slice->failed++;
    h->in_a_row++;
    if (must_open(h, rules)) open_circuit(h, rules, now_ms);
}

void sp_health_end(sp_health *h, const sp_health_rules *rules, sp_health_ticket *ticket,
                   sp_health_verdict verdict, uint64_t now_ms)
{
    const sp_health_ticket held = *ticket;
    *ticket = (sp_health_ticket){0};
    if (!is_current(h, &held)) return;
    if (h->open_until_ms == 0) {
        end_closed(h, rules, verdict, now_ms);
    } else if (held.is_probe) {
        end_probe(h, rules, verdict, now_ms);
    }
}

void sp_health_wait(sp_health *h, const sp_health_rules *rules, uint64_t wait_ms, uint64_t now_ms)
{
    const uint64_t until = now_ms + (wait_ms < rules->wait_max_ms ? wait_ms : rules->wait_max_ms);
    if (until > h->wait_until_ms) h->wait_until_ms = until;
}

bool sp_health_take_retry(sp_health *h, const sp_health_rules *rules, uint64_t now_ms)
{
    sp_health_slice *slice = slice_now(h, now_ms);
    const window sum = window_of(h);
    const uint64_t floor = (uint64_t)rules->retry_floor * SP_HEALTH_SLICES * SP_HEALTH_SLICE_MS / 1000;
    if (sum.retried * 100 >= sum.begun * rules->retry_share + floor * 100) return false;
    slice->retried++;
    return true;
}

bool sp_health_is_refusal(unsigned upstream)
{
    return upstream == 429 || upstream >= 500;
}

sp_health_verdict sp_health_judge(sp_status status, unsigned upstream)
{
    switch (status) {
    case SP_OK:
    case SP_EUPSTREAM:
    case SP_EUPTYPE:
    case SP_EUPSYNTAX:
        break;
    case SP_EUPTIMEOUT:
        return SP_HEALTH_FAILED;
    case SP_EUPAUTH:
    case SP_EUPSIZE:
    case SP_ELEAK:
        return SP_HEALTH_GOOD;
    default:
        return SP_HEALTH_NOTHING;
    }
    if (upstream == 429) return SP_HEALTH_BUSY;
    return status != SP_OK || sp_health_is_refusal(upstream) ? SP_HEALTH_FAILED : SP_HEALTH_GOOD;
}
