/** The stop switch in a worker: takes over the list of what is paused, and ends what runs where the list says
 * so, and what runs with a key that serves no longer: when a list or a snapshot comes, and when it expires.
 * What has been decided is asked about again at the moment of sending (attempt.c). A list that cannot be read
 * stops everything new; it ends nothing that runs, since it names nothing. */
#include "ngx_http_sallyport_confine.h"

enum {
    SEEN_BYTES = 21, /* a generation as 20 digits, and a newline: one write, always the same place */
    LIST_MEMORY = 2 * SP_STOPS_FILE_MAX,
};

/** The folder as the worker reaches it. */
static const char *folder(void)
{
    const ngx_http_sallyport_main_conf_t *conf = ngx_http_sallyport_worker.conf;

    return ngx_http_sallyport_path(conf, &conf->stops);
}

/* ---- the list ---- */

/** The worker says which generation of the list it obeys, so that whoever pauses something knows when it
 * holds.
 */
static void tell_seen(ngx_log_t *log)
{
    const ngx_http_sallyport_stops_t *s = &ngx_http_sallyport_worker.stops;
    u_char text[SEEN_BYTES + 1];

    (void)ngx_snprintf(text, sizeof text, "%020uL\n", s->list.is_known ? s->list.generation : (uint64_t)0);
    if (s->seen_fd >= 0 && pwrite(s->seen_fd, text, SEEN_BYTES, 0) != SEEN_BYTES) {
        ngx_log_error(NGX_LOG_ERR, log, ngx_errno, "sallyport: cannot say which stops are obeyed");
    }
}

static void open_seen(ngx_log_t *log)
{
    ngx_http_sallyport_stops_t *s = &ngx_http_sallyport_worker.stops;

    (void)ngx_snprintf((u_char *)s->seen, sizeof s->seen, "%s/seen/%P%Z", folder(), ngx_pid);
    s->seen_fd = open(s->seen, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (s->seen_fd < 0) {
        ngx_log_error(NGX_LOG_ERR, log, ngx_errno, "sallyport: open \"%s\" failed", s->seen);
    }
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_size == b->st_size;
}

/** The whole file, which is never written in place. */
static sp_status read_file(sp_bytes *out, int fd, size_t n, sp_mem *mem)
{
    u_char *p = n > 0 && n <= SP_STOPS_FILE_MAX ? sp_alloc_bytes(mem, n) : NULL;

    *out = (sp_bytes){p, p ? n : 0};
    return p && pread(fd, p, n, 0) == (ssize_t)n ? SP_OK : SP_ECORRUPT;
}

static void take_over(const sp_stops *stops, sp_arena arena)
{
    ngx_http_sallyport_stops_t *s = &ngx_http_sallyport_worker.stops;

    sp_arena_fini(&s->arena);
    s->arena = arena;
    s->list = *stops;
}

static void read_list(ngx_log_t *log, int fd, const struct stat *info)
{
    sp_arena arena;
    sp_bytes file;
    sp_stops stops = {0};
    sp_diag diag = {.text = "it cannot be read whole"};

    sp_arena_init(&arena, LIST_MEMORY);
    sp_status status = read_file(&file, fd, (size_t)info->st_size, &arena.mem);
    status = status == SP_OK ? sp_stops_decode(&stops, file, &arena.mem, &diag) : status;
    if (status != SP_OK) {
        ngx_log_error(NGX_LOG_ERR, log, 0,
                      "sallyport: the list of stops is refused, so everything is: %s; see `sallyport stops`",
                      diag.text);
    } else {
        ngx_log_error(NGX_LOG_NOTICE, log, 0, "sallyport: %uz stops hold, generation %uL", stops.n,
                      stops.generation);
    }
    take_over(&stops, arena);
}

void ngx_http_sallyport_stops_poll(ngx_log_t *log)
{
    ngx_http_sallyport_stops_t *s = &ngx_http_sallyport_worker.stops;
    struct stat info;

    if (stat(s->path, &info) != 0) {
        ngx_memzero(&info, sizeof info);
    }
    if (s->has_polled && is_same_file(&info, &s->file)) {
        if (ngx_http_sallyport_now_s() >= s->next_expiry_s) {
            ngx_http_sallyport_stops_end_running();
        }
        return;
    }
    const int fd = open(s->path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &info) == 0) {
        read_list(log, fd, &info);
    } else {
        ngx_log_error(NGX_LOG_ERR, log, ngx_errno,
                      "sallyport: the list of stops \"%s\" cannot be opened, so everything is refused",
                      s->path);
        take_over(&(sp_stops){0}, (sp_arena){0});
        ngx_memzero(&info, sizeof info); /* one that is there is tried again */
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    s->file = info;
    s->has_polled = true;
    ngx_http_sallyport_stops_end_running();
    tell_seen(log);
}

void ngx_http_sallyport_stops_init(ngx_log_t *log)
{
    ngx_http_sallyport_stops_t *s = &ngx_http_sallyport_worker.stops;

    ngx_queue_init(&s->exchanges);
    s->next_expiry_s = UINT64_MAX;
    (void)ngx_snprintf((u_char *)s->path, sizeof s->path, "%s/current%Z", folder());
    open_seen(log);
    ngx_http_sallyport_stops_poll(log);
}

void ngx_http_sallyport_stops_fini(void)
{
    ngx_http_sallyport_stops_t *s = &ngx_http_sallyport_worker.stops;

    if (s->seen_fd >= 0) {
        (void)close(s->seen_fd);
        (void)unlink(s->seen);
    }
    sp_arena_fini(&s->arena);
}

/* ---- one exchange ---- */

/** Keeps its own copy: the list may be replaced before the record is written. A text that finds no memory is
 * left out. */
void ngx_http_sallyport_stop_note(ngx_http_sallyport_exchange_t *x, const sp_stop *stop)
{
    sp_mem *mem = &x->arena.mem;

    x->stop = *stop;
    x->stop.by = SP_BYTES_EMPTY;
    if (sp_bytes_copy(&x->stop.name, stop->name, mem) != SP_OK ||
        sp_bytes_copy(&x->stop.reason, stop->reason, mem) != SP_OK) {
        x->stop.name = x->stop.reason = SP_BYTES_EMPTY;
    }
}

bool ngx_http_sallyport_key_serves(const ngx_http_sallyport_exchange_t *x)
{
    const ngx_http_sallyport_policy_t *newest = ngx_http_sallyport_worker.policy;

    return sp_key_serves(&newest->snapshot, x->key->id, ngx_http_sallyport_now_s());
}

const sp_stop *ngx_http_sallyport_stop_of(const ngx_http_sallyport_exchange_t *x, bool now_only)
{
    static const sp_stop gone = {
        .kind = SP_STOP_KEY, .is_now = true, .reason = SP_LIT("it was revoked, or has expired")};
    const sp_destination *destinations = x->policy->snapshot.destinations;
    const sp_target to = {
        .model = x->request.model,
        .destination =
            x->decision.outcome != SP_DENY ? destinations[x->decision.destination].name : SP_BYTES_EMPTY,
    };
    return ngx_http_sallyport_key_serves(x)
               ? sp_purpose_stop(&x->purpose, &ngx_http_sallyport_worker.stops.list, &to, now_only)
               : &gone;
}

sp_bytes ngx_http_sallyport_stop_text(ngx_http_sallyport_exchange_t *x)
{
    sp_buf text = SP_BUF_IN(&x->arena.mem);

    sp_buf_append_str(&text, sp_error_get(SP_ESTOPPED)->sentence);
    sp_buf_append_str(&text, ": ");
    sp_stop_append(&text, &x->stop);
    return text.status == SP_OK ? sp_buf_bytes(&text) : SP_BYTES_EMPTY;
}

/** Ends the try of a request that waits for its destination: nginx is told that the time is over, in whatever
 * step it waits (handshake, sending, first byte), and goes to `next` or `fail`, which see why. */
static void end_try(ngx_http_sallyport_exchange_t *x)
{
    const ngx_http_upstream_t *u = x->r->upstream;
    ngx_connection_t *c = u ? u->peer.connection : NULL;

    if (c == NULL) {
        return; /* nothing was sent: there is no such step */
    }
    x->is_try_stopped = true;
    c->read->timedout = 1;
    c->write->timedout = 1;
    c->read->handler(c->read);
}

/** @return whether it was ended; `x` may be gone then. */
static void end_one(ngx_http_sallyport_exchange_t *x)
{
    if (x->state != SALLYPORT_FORWARDED || x->is_try_stopped) {
        return; /* what waits for its intent is asked about again when that is durable */
    }
    const sp_stop *stop = ngx_http_sallyport_stop_of(x, true);
    if (stop == NULL) {
        return;
    }
    ngx_http_set_log_request(x->r->connection->log, x->r);
    ngx_http_sallyport_stop_note(x, stop);
    if (x->answer == SALLYPORT_ANSWER_NONE) {
        end_try(x);
    } else {
        ngx_http_sallyport_filter_stop(x);
    }
}

void ngx_http_sallyport_stops_expect(const ngx_http_sallyport_exchange_t *x)
{
    ngx_http_sallyport_stops_t *s = &ngx_http_sallyport_worker.stops;
    const uint64_t expires_s = x->key ? x->key->expires_s : 0; /* 0: it never does */

    if (expires_s > ngx_http_sallyport_now_s()) {
        s->next_expiry_s = ngx_min(s->next_expiry_s, expires_s);
    }
}

/** Each exchange is moved to the list again before it is looked at: to end one may free it, and others of its
 * connection with it, and each takes itself off whatever list it is on. */
void ngx_http_sallyport_stops_end_running(void)
{
    ngx_http_sallyport_stops_t *s = &ngx_http_sallyport_worker.stops;
    ngx_queue_t todo;

    ngx_queue_init(&todo);
    s->next_expiry_s = UINT64_MAX;
    if (ngx_queue_empty(&s->exchanges)) {
        return;
    }
    ngx_queue_add(&todo, &s->exchanges);
    ngx_queue_init(&s->exchanges);
    while (!ngx_queue_empty(&todo)) {
        ngx_queue_t *first = ngx_queue_head(&todo);
        ngx_queue_remove(first);
        ngx_queue_insert_tail(&s->exchanges, first);
        ngx_http_sallyport_stops_expect(ngx_queue_data(first, ngx_http_sallyport_exchange_t, link));
        end_one(ngx_queue_data(first, ngx_http_sallyport_exchange_t, link));
    }
}
