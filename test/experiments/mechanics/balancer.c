/* A balancer of our own with one address, behind which the stock `keepalive` works, TLS sessions included.
 * `keepalive` wraps the peer and calls set_session and save_session without looking: they must exist. */
#include "mechanics.h"

typedef struct {
    ngx_addr_t addr;
#if (NGX_HTTP_SSL)
    ngx_ssl_session_t *session; /* of this worker; NULL until the upstream has given one */
#endif
} ngx_http_mechanics_srv_conf_t;

/* The address is copied: in the product it comes from a snapshot that may be replaced while the request runs.
 */
typedef struct {
    ngx_http_mechanics_srv_conf_t *scf;
    ngx_str_t name;
    socklen_t socklen;
    ngx_sockaddr_t sockaddr;
} ngx_http_mechanics_peer_t;

void *ngx_http_mechanics_create_srv_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_mechanics_srv_conf_t));
}

static ngx_int_t ngx_http_mechanics_get_peer(ngx_peer_connection_t *pc, void *data)
{
    ngx_http_mechanics_peer_t *peer = data;

    pc->cached = 0;
    pc->connection = NULL;
    pc->sockaddr = &peer->sockaddr.sockaddr;
    pc->socklen = peer->socklen;
    pc->name = &peer->name;

    return NGX_OK;
}

static void ngx_http_mechanics_free_peer(ngx_peer_connection_t *pc, void *data, ngx_uint_t state)
{
    pc->tries = 0; /* one try, one decision */
}

#if (NGX_HTTP_SSL)

static ngx_int_t ngx_http_mechanics_set_session(ngx_peer_connection_t *pc, void *data)
{
    ngx_http_mechanics_peer_t *peer = data;

    return ngx_ssl_set_session(pc->connection, peer->scf->session); /* accepts NULL */
}

static void ngx_http_mechanics_session_free(void *data)
{
    ngx_http_mechanics_srv_conf_t *scf = data;

    if (scf->session != NULL) {
        ngx_ssl_free_session(scf->session);
        scf->session = NULL;
    }
}

/* Called after the handshake and, with TLS 1.3, again for each ticket, long after the request that opened the
   connection has gone: ours is the peer of the request that uses it now. */
static void ngx_http_mechanics_save_session(ngx_peer_connection_t *pc, void *data)
{
    ngx_http_mechanics_peer_t *peer = data;
    ngx_ssl_session_t *session = ngx_ssl_get_session(pc->connection); /* with a reference */

    if (session != NULL) {
        ngx_http_mechanics_session_free(peer->scf);
        peer->scf->session = session;
    }
}

#endif

static ngx_int_t ngx_http_mechanics_init_peer(ngx_http_request_t *r, ngx_http_upstream_srv_conf_t *us)
{
    ngx_http_mechanics_srv_conf_t *scf = ngx_http_conf_upstream_srv_conf(us, ngx_http_mechanics_module);
    ngx_http_mechanics_peer_t *peer = ngx_pcalloc(r->pool, sizeof(*peer));
    ngx_peer_connection_t *pc = &r->upstream->peer;

    if (peer == NULL) {
        return NGX_ERROR;
    }

    peer->scf = scf;
    peer->name = scf->addr.name;
    peer->socklen = scf->addr.socklen;
    ngx_memcpy(&peer->sockaddr, scf->addr.sockaddr, scf->addr.socklen);

    pc->data = peer;
    pc->tries = 1;
    pc->get = ngx_http_mechanics_get_peer;
    pc->free = ngx_http_mechanics_free_peer;
#if (NGX_HTTP_SSL)
    pc->set_session = ngx_http_mechanics_set_session;
    pc->save_session = ngx_http_mechanics_save_session;
#endif

    return NGX_OK;
}

static ngx_int_t ngx_http_mechanics_init_upstream(ngx_conf_t *cf, ngx_http_upstream_srv_conf_t *us)
{
    us->peer.init = ngx_http_mechanics_init_peer;

    return NGX_OK;
}

char *ngx_http_mechanics_upstream(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_mechanics_srv_conf_t *scf = conf;
    ngx_http_upstream_srv_conf_t *uscf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_upstream_module);
    ngx_str_t *value = cf->args->elts;

    if (uscf->peer.init_upstream != NULL) {
        return "must stand before every other balancer directive";
    }

    if (ngx_parse_addr_port(cf->pool, &scf->addr, value[1].data, value[1].len) != NGX_OK) {
        return "needs ADDRESS:PORT";
    }

    scf->addr.name = value[1];
    uscf->peer.init_upstream = ngx_http_mechanics_init_upstream;

#if (NGX_HTTP_SSL)
    ngx_pool_cleanup_t *cln = ngx_pool_cleanup_add(cf->pool, 0);

    if (cln == NULL) {
        return NGX_CONF_ERROR;
    }
    cln->handler = ngx_http_mechanics_session_free;
    cln->data = scf;
#endif

    return NGX_CONF_OK;
}
