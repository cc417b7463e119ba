/** Connections that are kept for the next request, seen from behind `keepalive`. A destination may close an
 * idle one at any time. One that is closed is not used; one that closes while the request is on its way
 * fails, which says nothing about the destination. Whether the request may then be sent again rests on TCP:
 * when the peer has sent its FIN, and nothing of the request was acknowledged by then, the peer had closed
 * before any of it arrived, so that it was certainly not applied (RFC 9110 section 9.2.2, RFC 9112
 * section 9.3.1). A reset without FIN proves nothing: what was received may not have been acknowledged yet.
 */
#include "ngx_http_sallyport_upstream.h"

/** The C library's view of TCP_INFO ends before the fields that matter here (linux/tcp.h, since Linux 4.1),
 * and both headers cannot be had together. */
typedef struct {
    struct tcp_info info;
    uint64_t pacing_rate, max_pacing_rate, bytes_acked;
} tcp_state_t;
_Static_assert(offsetof(tcp_state_t, pacing_rate) == 104, "as the kernel lays it out");

/** What stands before us in the row of balancers, and what the connection had acknowledged before the try. */
typedef struct {
    ngx_http_sallyport_exchange_t *x;
    ngx_event_get_peer_pt get;
    ngx_event_free_peer_pt free;
#if (NGX_HTTP_SSL)
    ngx_event_set_peer_session_pt set_session;
    ngx_event_save_peer_session_pt save_session;
#endif
    void *data;
    uint64_t acked;
} fresh_t;

static bool read_tcp(const ngx_connection_t *c, tcp_state_t *state)
{
    socklen_t n = sizeof *state;

    ngx_memzero(state, sizeof *state);
    return getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, state, &n) == 0 && n >= sizeof *state;
}

/** As `keepalive` closes what it does not want. */
static void drop(ngx_connection_t *c)
{
#if (NGX_HTTP_SSL)
    if (c->ssl) {
        c->ssl->no_wait_shutdown = 1;
        c->ssl->no_send_shutdown = 1;
        (void)ngx_ssl_shutdown(c); /* quiet: frees, does not wait */
    }
#endif
    ngx_destroy_pool(c->pool);
    ngx_close_connection(c);
}

/** After a try that reached nobody only a new connection will do. */
static ngx_int_t get_peer(ngx_peer_connection_t *pc, void *data)
{
    fresh_t *fresh = data;
    tcp_state_t now;

    for (;;) {
        const ngx_int_t rc = fresh->get(pc, fresh->data);
        if (rc != NGX_DONE) {
            return rc;
        }
        if (fresh->x->n_unsent == 0 && read_tcp(pc->connection, &now) &&
            now.info.tcpi_state == TCP_ESTABLISHED) {
            fresh->acked = now.bytes_acked;
            return rc;
        }
        drop(pc->connection);
        pc->connection = NULL;
        pc->cached = 0;
    }
}

static void look_at_failure(fresh_t *fresh, const ngx_peer_connection_t *pc)
{
    ngx_http_sallyport_exchange_t *x = fresh->x;
    const ngx_connection_t *c = pc->connection;
    tcp_state_t now;

    if (!pc->cached || c == NULL || c->read->timedout || c->write->timedout ||
        x->r->upstream->headers_in.status_n != 0) {
        return;
    }
    x->was_stale = true;
    x->was_unsent =
        read_tcp(c, &now) && now.info.tcpi_state == TCP_CLOSE_WAIT && now.bytes_acked == fresh->acked;
}

static void free_peer(ngx_peer_connection_t *pc, void *data, ngx_uint_t state)
{
    fresh_t *fresh = data;

    if (state & NGX_PEER_FAILED) {
        look_at_failure(fresh, pc);
    }
    fresh->free(pc, fresh->data, state);
}

#if (NGX_HTTP_SSL)

static ngx_int_t set_session(ngx_peer_connection_t *pc, void *data)
{
    fresh_t *fresh = data;
    return fresh->set_session(pc, fresh->data);
}

static void save_session(ngx_peer_connection_t *pc, void *data)
{
    fresh_t *fresh = data;
    fresh->save_session(pc, fresh->data);
}

#endif

static ngx_int_t init_peer(ngx_http_request_t *r, ngx_http_upstream_srv_conf_t *us)
{
    const ngx_http_sallyport_srv_conf_t *conf =
        ngx_http_conf_upstream_srv_conf(us, ngx_http_sallyport_module);
    ngx_http_sallyport_exchange_t *x = ngx_http_sallyport_exchange_find(r);
    ngx_peer_connection_t *pc = &r->upstream->peer;
    fresh_t *fresh = ngx_pcalloc(r->pool, sizeof *fresh);

    if (fresh == NULL || x == NULL || conf->init_peer(r, us) != NGX_OK) {
        return NGX_ERROR;
    }
    fresh->x = x;
    fresh->get = pc->get;
    fresh->free = pc->free;
    fresh->data = pc->data;
    pc->get = get_peer;
    pc->free = free_peer;
    pc->data = fresh;
#if (NGX_HTTP_SSL)
    fresh->set_session = pc->set_session;
    fresh->save_session = pc->save_session;
    pc->set_session = set_session;
    pc->save_session = save_session;
#endif
    return NGX_OK;
}

static ngx_int_t init_upstream(ngx_conf_t *cf, ngx_http_upstream_srv_conf_t *us)
{
    ngx_http_sallyport_srv_conf_t *conf = ngx_http_conf_upstream_srv_conf(us, ngx_http_sallyport_module);

    if (conf->init_upstream(cf, us) != NGX_OK) {
        return NGX_ERROR;
    }
    conf->init_peer = us->peer.init;
    us->peer.init = init_peer;
    return NGX_OK;
}

char *ngx_http_sallyport_fresh(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_sallyport_srv_conf_t *fresh = conf;
    ngx_http_upstream_srv_conf_t *upstream = ngx_http_conf_get_module_srv_conf(cf, ngx_http_upstream_module);

    if (fresh->destination.len == 0 || upstream->peer.init_upstream == NULL) {
        return "must stand behind \"sallyport_peer\" and \"keepalive\"";
    }
    fresh->init_upstream = upstream->peer.init_upstream;
    upstream->peer.init_upstream = init_upstream;
    return NGX_CONF_OK;
}
