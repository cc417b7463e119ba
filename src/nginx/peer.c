/** A balancer with the addresses of the snapshot, so that names are followed without a reload; the stock
 * `keepalive` works behind it. One try takes one address: another address is another request's luck, another
 * destination another decision. `keepalive` calls set_session and save_session without looking: they must
 * exist. */
#include "ngx_http_sallyport_upstream.h"

/** The address is copied: the snapshot may be replaced while the request runs. */
typedef struct {
    ngx_http_sallyport_srv_conf_t *conf;
    ngx_str_t name;
    socklen_t socklen;
    ngx_sockaddr_t sockaddr;
    u_char text[NGX_SOCKADDR_STRLEN];
} peer_t;

static ngx_int_t get_peer(ngx_peer_connection_t *pc, void *data)
{
    peer_t *peer = data;

    pc->cached = 0;
    pc->connection = NULL;
    pc->sockaddr = &peer->sockaddr.sockaddr;
    pc->socklen = peer->socklen;
    pc->name = &peer->name;
    return NGX_OK;
}

static void free_peer(ngx_peer_connection_t *pc, void *data, ngx_uint_t state)
{
    pc->tries = 0; /* one try, one decision */
}

#if (NGX_HTTP_SSL)

static ngx_int_t set_session(ngx_peer_connection_t *pc, void *data)
{
    peer_t *peer = data;
    return ngx_ssl_set_session(pc->connection, peer->conf->session); /* takes NULL */
}

static void session_free(void *data)
{
    ngx_http_sallyport_srv_conf_t *conf = data;

    if (conf->session) {
        ngx_ssl_free_session(conf->session);
        conf->session = NULL;
    }
}

/** Called after the handshake and, with TLS 1.3, again for each ticket, by the request that uses the
 * connection then. */
static void save_session(ngx_peer_connection_t *pc, void *data)
{
    peer_t *peer = data;
    ngx_ssl_session_t *session = ngx_ssl_get_session(pc->connection); /* with a reference */

    if (session) {
        session_free(peer->conf);
        peer->conf->session = session;
    }
}

#endif

static void set_address(peer_t *peer, const sp_address *address)
{
    if (address->family == 6) {
        peer->socklen = sizeof(struct sockaddr_in6);
        peer->sockaddr.sockaddr_in6.sin6_family = AF_INET6;
        peer->sockaddr.sockaddr_in6.sin6_port = htons(address->port);
        ngx_memcpy(&peer->sockaddr.sockaddr_in6.sin6_addr, address->ip, 16);
    } else {
        peer->socklen = sizeof(struct sockaddr_in);
        peer->sockaddr.sockaddr_in.sin_family = AF_INET;
        peer->sockaddr.sockaddr_in.sin_port = htons(address->port);
        ngx_memcpy(&peer->sockaddr.sockaddr_in.sin_addr, address->ip, 4);
    }
    peer->name.data = peer->text;
    peer->name.len =
        ngx_sock_ntop(&peer->sockaddr.sockaddr, peer->socklen, peer->text, NGX_SOCKADDR_STRLEN, 1);
}

/** nginx takes an answer without a status line for HTTP/0.9 and a 200, and then speaks HTTP/0.9 to the client
 * as well. Here it is what it is in a destination's mouth: no answer. */
static ngx_int_t process_header(ngx_http_request_t *r)
{
    const ngx_uint_t version = r->http_version;
    ngx_http_sallyport_exchange_t *x = ngx_http_sallyport_exchange_find(r);
    const ngx_int_t rc = x->process_header(r);

    if (r->http_version == version) {
        return rc;
    }
    r->http_version = version;
    x->was_no_http = true;
    return NGX_HTTP_UPSTREAM_INVALID_HEADER;
}

static ngx_int_t init_peer(ngx_http_request_t *r, ngx_http_upstream_srv_conf_t *us)
{
    ngx_http_sallyport_srv_conf_t *conf = ngx_http_conf_upstream_srv_conf(us, ngx_http_sallyport_module);
    ngx_http_sallyport_exchange_t *x = ngx_http_sallyport_exchange_find(r);
    peer_t *peer = ngx_pcalloc(r->pool, sizeof *peer);
    ngx_peer_connection_t *pc = &r->upstream->peer;

    if (peer == NULL || x == NULL || x->decision.outcome == SP_DENY) {
        return NGX_ERROR;
    }
    const sp_destination *to = &x->policy->snapshot.destinations[x->decision.destination];
    if (!sp_bytes_eq(to->name, ngx_http_sallyport_bytes(conf->destination)) || to->n_addresses == 0) {
        return NGX_ERROR;
    }
    set_address(peer, &to->addresses[conf->turn++ % to->n_addresses]);
    x->process_header = r->upstream->process_header;
    r->upstream->process_header = process_header;
    peer->conf = conf;
    pc->data = peer;
    pc->tries = 1;
    pc->get = get_peer;
    pc->free = free_peer;
#if (NGX_HTTP_SSL)
    pc->set_session = set_session;
    pc->save_session = save_session;
#endif
    return NGX_OK;
}

static ngx_int_t init_upstream(ngx_conf_t *cf, ngx_http_upstream_srv_conf_t *us)
{
    us->peer.init = init_peer;
    return NGX_OK;
}

void *ngx_http_sallyport_peer_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_sallyport_srv_conf_t));
}

char *ngx_http_sallyport_peer(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_sallyport_srv_conf_t *peer = conf;
    ngx_http_upstream_srv_conf_t *upstream = ngx_http_conf_get_module_srv_conf(cf, ngx_http_upstream_module);
    const ngx_str_t *value = cf->args->elts;

    if (upstream->peer.init_upstream) {
        return "must stand before every other balancer directive";
    }
    peer->destination = value[1];
    upstream->peer.init_upstream = init_upstream;
#if (NGX_HTTP_SSL)
    ngx_pool_cleanup_t *cleanup = ngx_pool_cleanup_add(cf->pool, 0);
    if (cleanup == NULL) {
        return NGX_CONF_ERROR;
    }
    cleanup->handler = session_free;
    cleanup->data = peer;
#endif
    return NGX_CONF_OK;
}
