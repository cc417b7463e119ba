/** One thread per worker for what would hold up the event loop. The loop keeps the line of those that wait
 * and gives the thread one step at a time; an eventfd brings it back. While a step is under way the request
 * is `blocked` as nginx's own threads block it: whoever ends it meanwhile leaves its memory alone. */
#include "ngx_http_sallyport.h"

#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

enum {
    SMALL = 16 << 10,  /* at worst 2 ms of labelling (docs/operate/cost.md): never worth a thread */
    A_TURN_US = 10000, /* has passed: something took longer than it was counted for, and that was all */
    CALLERS = 4096 + 1,
};

static struct {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wakeup;
    ngx_http_sallyport_exchange_t *given; /* under the lock: what the thread has to do */
    bool is_closing;                      /* under the lock */
    bool has_thread;
    int fd;
    ngx_http_sallyport_tools_t tools; /* the thread's */

    ngx_connection_t *connection;             /* from here on the loop's */
    ngx_http_sallyport_exchange_t *under_way; /* what the thread has */
    sp_fair line;
    sp_fair_row rows[CALLERS];
    size_t heap[CALLERS];
    ngx_msec_t turn;   /* the time at which this turn of the loop began, by the loop's clock … */
    uint64_t since_us; /* … and about when, by the system's */
    size_t taken;      /* the bytes that it has labelled by itself */
} aside;

bool ngx_http_sallyport_aside_is_due(size_t bytes)
{
    if (bytes <= SMALL) {
        return false;
    }
    const uint64_t now_us = ngx_http_sallyport_now_us();
    if (aside.turn != ngx_current_msec) {
        aside.turn = ngx_current_msec;
        aside.since_us = now_us;
        aside.taken = 0;
    }
    if (bytes > NGX_HTTP_SALLYPORT_A_TURN - aside.taken || now_us - aside.since_us > A_TURN_US) {
        return true;
    }
    aside.taken += bytes;
    return false;
}

/* ---- the thread ---- */

static void report(void)
{
    const uint64_t one = 1;
    const ssize_t n = write(aside.fd, &one, sizeof one); /* a counter that is full is readable, too */
    (void)n;
}

static void *run(void *unused)
{
    (void)unused;
    (void)prctl(PR_SET_NAME, "aside"); /* for ps, perf and the bench */
    pthread_mutex_lock(&aside.lock);
    while (!aside.is_closing) {
        ngx_http_sallyport_exchange_t *x = aside.given;
        if (x == NULL) {
            pthread_cond_wait(&aside.wakeup, &aside.lock);
            continue;
        }
        pthread_mutex_unlock(&aside.lock);
        x->reading.work.step(x, &aside.tools);
        pthread_mutex_lock(&aside.lock);
        aside.given = NULL;
        report();
    }
    pthread_mutex_unlock(&aside.lock);
    return NULL;
}

/* ---- the line ---- */

static void give(ngx_http_sallyport_exchange_t *x)
{
    aside.under_way = x;
    x->reading.work.is_under_way = true;
    x->r->main->blocked++;
    pthread_mutex_lock(&aside.lock);
    aside.given = x;
    pthread_cond_signal(&aside.wakeup);
    pthread_mutex_unlock(&aside.lock);
}

static void give_next(void)
{
    sp_fair_place *place = aside.under_way ? NULL : sp_fair_take(&aside.line);

    if (place) {
        give(ngx_queue_data(place, ngx_http_sallyport_exchange_t, reading.work.place));
    }
}

/** Goes on, or ends a request that was ended while the thread had it: nginx has then put its own finalizer in
 * the place of the handler that waits. */
static void resume(ngx_http_sallyport_exchange_t *x)
{
    ngx_http_request_t *r = x->r;
    ngx_connection_t *c = r->connection;

    ngx_http_set_log_request(c->log, r);
    if (r->write_event_handler != ngx_http_request_empty_handler) {
        r->write_event_handler(r);
    } else {
        x->reading.work.then(x);
    }
    ngx_http_run_posted_requests(c);
}

/** Its turn has not come in time. The timer also keeps a leaving worker alive as long as something waits. */
static void waited_too_long(ngx_event_t *event)
{
    ngx_http_sallyport_exchange_t *x = event->data;

    if (x->reading.work.is_under_way) {
        ngx_add_timer(event, x->policy->snapshot.limits.label_wait_ms);
        return;
    }
    sp_fair_leave(&aside.line, &x->reading.work.place);
    x->reading.status = SP_EBUSY;
    resume(x);
}

static void came_back(ngx_event_t *event)
{
    ngx_http_sallyport_exchange_t *x = aside.under_way;
    uint64_t count;
    const ssize_t n = read(aside.fd, &count, sizeof count);

    (void)event;
    if (n != sizeof count || x == NULL) {
        return;
    }
    pthread_mutex_lock(&aside.lock); /* what the thread wrote is seen from here on */
    pthread_mutex_unlock(&aside.lock);
    aside.under_way = NULL;
    x->reading.work.is_under_way = false;
    x->r->main->blocked--;
    resume(x);
    give_next();
}

/* ---- for an exchange ---- */

void ngx_http_sallyport_aside_on(ngx_http_sallyport_exchange_t *x, ngx_http_sallyport_step_pt step,
                                 ngx_http_sallyport_then_pt then)
{
    x->reading.work.step = step;
    x->reading.work.then = then;
    give(x);
}

void ngx_http_sallyport_aside(ngx_http_sallyport_exchange_t *x, ngx_http_sallyport_step_pt step,
                              ngx_http_sallyport_then_pt then)
{
    ngx_http_sallyport_work_t *work = &x->reading.work;

    work->step = step;
    work->then = then;
    work->timer.handler = waited_too_long;
    work->timer.data = x;
    work->timer.log = x->r->connection->log;
    ngx_add_timer(&work->timer, x->policy->snapshot.limits.label_wait_ms);
    ngx_http_sallyport_watch_client(x->r);
    sp_fair_join(&aside.line, &work->place, x->caller, x->body.n);
    give_next();
}

void ngx_http_sallyport_aside_forget(ngx_http_sallyport_exchange_t *x)
{
    sp_fair_leave(&aside.line, &x->reading.work.place);
    if (x->reading.work.timer.timer_set) {
        ngx_del_timer(&x->reading.work.timer);
    }
}

/* ---- life ---- */

static ngx_int_t watch(ngx_cycle_t *cycle)
{
    ngx_connection_t *c = ngx_get_connection(aside.fd, cycle->log);

    if (c == NULL) {
        return NGX_ERROR;
    }
    c->read->handler = came_back;
    c->read->log = cycle->log;
    c->read->channel = 1; /* no "open socket left" at exit */
    c->log = cycle->log;
    aside.connection = c;
    return ngx_add_event(c->read, NGX_READ_EVENT, NGX_CLEAR_EVENT);
}

/** Signals are the loop's. */
static bool start(void)
{
    sigset_t all, before;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    aside.has_thread = pthread_create(&aside.thread, NULL, run, NULL) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return aside.has_thread;
}

ngx_int_t ngx_http_sallyport_aside_init(ngx_cycle_t *cycle)
{
    aside.line = (sp_fair){.rows = aside.rows, .heap = aside.heap, .n_rows = CALLERS};
    sp_arena_init(&aside.tools.work, 0);
    aside.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    (void)pthread_mutex_init(&aside.lock, NULL); /* with default attributes neither of the two can fail */
    (void)pthread_cond_init(&aside.wakeup, NULL);
    if (aside.fd < 0 || sp_scratch_new(&aside.tools.scratch, ngx_http_sallyport_worker.engine) != SP_OK ||
        !start()) {
        ngx_log_error(NGX_LOG_ALERT, cycle->log, ngx_errno, "sallyport: the thread aside cannot be started");
        return NGX_ERROR;
    }
    return watch(cycle);
}

void ngx_http_sallyport_aside_fini(void)
{
    if (!aside.has_thread) {
        return;
    }
    pthread_mutex_lock(&aside.lock);
    aside.is_closing = true;
    pthread_cond_signal(&aside.wakeup);
    pthread_mutex_unlock(&aside.lock);
    (void)pthread_join(aside.thread, NULL);
    sp_arena_fini(&aside.tools.work);
    sp_scratch_free(aside.tools.scratch);
    (void)close(aside.fd);
    aside.has_thread = false;
}
