/** Connections per address: before anything is read of one, let alone a handshake made, it is counted, and
 * closed where its address has enough. Each worker counts its own, since what it protects are its own
 * connections. */
#include "ngx_http_sallyport_limit.h"

#include "sallyport/tally.h"

enum { ANSWER_MAX = 512 };

static struct {
    sp_tally tally;
    sp_arena arena;
    ngx_uint_t most;
    time_t said; /* when the log was told last */
    char answer[ANSWER_MAX];
} at_door;

static void leave(void *data)
{
    sp_tally_leave(&at_door.tally, *(const uint32_t *)data);
}

/** Of the port: one with TLS speaks no HTTP before its handshake. */
static bool is_tls(const ngx_connection_t *c)
{
    const ngx_http_port_t *port = c->listening->servers;

    if (c->listening->sockaddr->sa_family == AF_INET6) {
        return ((const ngx_http_in6_addr_t *)port->addrs)[0].conf.ssl;
    }
    return ((const ngx_http_in_addr_t *)port->addrs)[0].conf.ssl;
}

static void refuse(ngx_connection_t *c)
{
    ngx_http_sallyport_count(NGX_HTTP_SALLYPORT_M_CROWDED, 1);
    if (at_door.said != ngx_time()) {
        at_door.said = ngx_time();
        ngx_log_error(NGX_LOG_WARN, c->log, 0,
                      "sallyport: %V has too many connections; a further one is closed", &c->addr_text);
    }
    if (!is_tls(c)) {
        (void)c->send(c, (u_char *)at_door.answer, ngx_strlen(at_door.answer));
    }
    ngx_http_close_connection(c);
}

static void identify(uint8_t id[SP_TALLY_ID_BYTES], const ngx_connection_t *c)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)c->sockaddr;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)c->sockaddr;

    if (c->sockaddr->sa_family == AF_INET) {
        sp_tally_id(id, 4, (sp_bytes){(const uint8_t *)&v4->sin_addr, 4});
    } else if (c->sockaddr->sa_family == AF_INET6) {
        sp_tally_id(id, 6, (sp_bytes){(const uint8_t *)&v6->sin6_addr, 16});
    } else {
        sp_tally_id(id, 0, SP_BYTES_EMPTY);
    }
}

/** In the place of nginx's own handler of a new connection, and before it. */
static void accepted(ngx_connection_t *c)
{
    uint8_t id[SP_TALLY_ID_BYTES];
    ngx_pool_cleanup_t *cleanup = ngx_pool_cleanup_add(c->pool, sizeof(uint32_t));

    if (cleanup == NULL) {
        ngx_http_close_connection(c);
        return;
    }
    identify(id, c);
    const uint32_t row = sp_tally_enter(&at_door.tally, id, (uint32_t)at_door.most);
    if (row == 0) {
        refuse(c);
        return;
    }
    *(uint32_t *)cleanup->data = row;
    cleanup->handler = leave;
    ngx_http_init_connection(c);
}

static void write_answer(void)
{
    const sp_error_info *row = sp_error_get(SP_ECROWD);
    u_char body[ANSWER_MAX / 2];
    u_char *end = ngx_snprintf(body, sizeof body,
                               "{\"error\":{\"message\":\"%s\",\"type\":\"server_error\",\"param\":null,"
                               "\"code\":\"%s\"}}",
                               row->sentence, row->name);

    (void)ngx_snprintf((u_char *)at_door.answer, sizeof at_door.answer,
                       "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\n"
                       "content-length: %uz\r\nretry-after: 1\r\nconnection: close\r\n\r\n%*s%Z",
                       (size_t)(end - body), (size_t)(end - body), body);
}

ngx_int_t ngx_http_sallyport_accept_init(ngx_cycle_t *cycle, ngx_uint_t most)
{
    ngx_listening_t *listening = cycle->listening.elts;
    uint64_t seed;

    if (most == 0) {
        return NGX_OK;
    }
    at_door.most = most;
    sp_arena_init(&at_door.arena, SIZE_MAX / 2);
    if (ngx_http_sallyport_random(&seed, sizeof seed) != NGX_OK ||
        sp_tally_init(&at_door.tally, (uint32_t)cycle->connection_n, seed, &at_door.arena.mem) != SP_OK) {
        ngx_log_error(NGX_LOG_ALERT, cycle->log, 0, "sallyport: addresses cannot be counted");
        return NGX_ERROR;
    }
    write_answer();
    for (ngx_uint_t i = 0; i < cycle->listening.nelts; i++) {
        if (listening[i].handler == ngx_http_init_connection) {
            listening[i].handler = accepted;
        }
    }
    return NGX_OK;
}
