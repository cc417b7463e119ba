/** Whose turn it is on the event loop. While one caller alone is served, work is done as it comes. As soon as
 * there are several, what costs most of a request (judging it, forwarding it, reviewing a piece of its
 * answer) waits in a line by caller: the events of one turn of the loop only bring it there, at the end of
 * the turn it is done in fair order until the time for one turn is used up, and what is left stays for the
 * next turn, before which newcomers are seen. docs/adr/0023-fair-turns.md. */
#include "ngx_http_sallyport.h"

enum {
    TURN_US = 500,    /* of work at the end of a turn of the loop */
    COST = 4 << 10,   /* of a piece of work beside its bytes, in bytes of an ordinary body */
    SHARE = 16 << 10, /* bytes of an answer that are reviewed at one go: a fast stream has always more */
    ALONE_MS = 1000,  /* since another caller was seen, a caller is alone */
    KEEP_MS = 60000,  /* a timer holds a leaving worker while anything waits */
    CALLERS = 4096 + 1,
};

/** Somebody's turn, for as long as it lasts; on the stack. */
typedef struct own_turn {
    ngx_http_sallyport_exchange_t *x; /* NULL: it ended within it */
    struct own_turn *outer;           /* within which it was given; NULL: none */
} own_turn;

static struct {
    sp_fair line;
    sp_fair_row rows[CALLERS];
    size_t heap[CALLERS];
    ngx_event_t end_of_turn;
    own_turn *now;        /* NULL: it is nobody's */
    ngx_uint_t caller;    /* seen last … */
    ngx_msec_t rivals_ms; /* … and when it was last another one than before; 0: never */
} turns;

/** Whether several callers were seen of late. */
static bool has_rivals(void)
{
    return turns.rivals_ms && ngx_current_msec - turns.rivals_ms < ALONE_MS;
}

static void see(ngx_uint_t caller)
{
    if (turns.caller == caller) {
        return;
    }
    if (turns.caller) {
        turns.rivals_ms = ngx_current_msec;
    }
    turns.caller = caller;
}

/** What it waited for may end the exchange, and its connection. */
static void run(ngx_http_sallyport_exchange_t *x)
{
    ngx_connection_t *c = x->r->connection;
    own_turn own = {.x = x, .outer = turns.now};

    ngx_http_set_log_request(c->log, x->r);
    turns.now = &own;
    x->turn.taken = 0;
    x->turn.then(x);
    turns.now = own.outer;
    ngx_http_run_posted_requests(c);
}

static void keep_worker(void)
{
    if (!turns.end_of_turn.timer_set) {
        ngx_add_timer(&turns.end_of_turn, KEEP_MS);
    }
}

static void end_turn(ngx_event_t *event)
{
    const uint64_t until = ngx_http_sallyport_now_us() + TURN_US;
    sp_fair_place *place;

    while ((place = sp_fair_take(&turns.line)) != NULL) {
        run(ngx_queue_data(place, ngx_http_sallyport_exchange_t, turn.place));
        if (ngx_http_sallyport_now_us() >= until) {
            break;
        }
    }
    if (!sp_fair_is_empty(&turns.line)) {
        ngx_post_event(event, &ngx_posted_next_events);
        keep_worker();
    } else if (event->timer_set) {
        ngx_del_timer(event);
    }
}

bool ngx_http_sallyport_turn_waits(ngx_http_sallyport_exchange_t *x, size_t bytes,
                                   ngx_http_sallyport_then_pt then)
{
    if (turns.now && turns.now->x == x && x->turn.taken < SHARE) {
        x->turn.taken += bytes;
        return false;
    }
    if (x->turn.place.is_waiting) {
        return true;
    }
    see(x->caller);
    if (sp_fair_is_empty(&turns.line) && !has_rivals()) {
        return false;
    }
    x->turn.then = then;
    sp_fair_join(&turns.line, &x->turn.place, x->caller, COST + bytes);
    /* What joins again out of its own turn waits for the next turn of the loop: at once would be in this one,
     * which then had no end. */
    ngx_post_event(&turns.end_of_turn, turns.now ? &ngx_posted_next_events : &ngx_posted_events);
    keep_worker();
    return true;
}

void ngx_http_sallyport_turn(ngx_http_sallyport_exchange_t *x, ngx_http_sallyport_then_pt then)
{
    if (ngx_http_sallyport_turn_waits(x, 0, then)) {
        x->turn.then = then; /* also of one that waits already */
    } else {
        x->turn.then = then;
        run(x);
    }
}

void ngx_http_sallyport_turn_forget(ngx_http_sallyport_exchange_t *x)
{
    sp_fair_leave(&turns.line, &x->turn.place);
    for (own_turn *turn = turns.now; turn; turn = turn->outer) {
        if (turn->x == x) {
            turn->x = NULL;
        }
    }
}

void ngx_http_sallyport_turn_init(ngx_cycle_t *cycle)
{
    /* A timer's log names the socket of its data. */
    static ngx_connection_t nobody = {.fd = (ngx_socket_t)-1};

    ngx_memzero(&turns, sizeof turns);
    turns.line = (sp_fair){.rows = turns.rows, .heap = turns.heap, .n_rows = CALLERS};
    turns.end_of_turn.handler = end_turn;
    turns.end_of_turn.data = &nobody;
    turns.end_of_turn.log = cycle->log;
}
