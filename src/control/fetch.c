#include "control/fetch.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "control/answer.h"

enum { REQUEST_MAX = 1024, HOST_MAX = 253, READ_BYTES = 16 << 10 };

typedef enum step { CONNECT = 0, HANDSHAKE, SEND, RECEIVE, DONE, FAILED } step;

struct spd_fetch {
    int fd;
    SSL *ssl; /* NULL: no TLS */
    short events;
    step at;
    char request[REQUEST_MAX];
    size_t n_request, n_sent;
    bool wants_body;
    sp_arena arena;
    sp_buf answer;
    spd_answer head;
};

/* ---- trust ---- */

spd_trust *spd_trust_new(const char *file, bool is_pinned)
{
    SSL_CTX *trust = SSL_CTX_new(TLS_client_method());
    if (trust == NULL || SSL_CTX_set_min_proto_version(trust, TLS1_2_VERSION) != 1 ||
        SSL_CTX_load_verify_file(trust, file) != 1) {
        SSL_CTX_free(trust);
        return NULL;
    }
    SSL_CTX_set_verify(trust, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_verify_depth(trust, 5);
    if (is_pinned) {
        (void)X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(trust), X509_V_FLAG_PARTIAL_CHAIN);
    }
    return trust;
}

void spd_trust_free(spd_trust *trust)
{
    SSL_CTX_free(trust);
}

/* ---- start ---- */

static socklen_t to_sockaddr(struct sockaddr_storage *out, const sp_address *a)
{
    memset(out, 0, sizeof *out);
    if (a->family == 6) {
        struct sockaddr_in6 in = {.sin6_family = AF_INET6, .sin6_port = htons(a->port)};
        memcpy(&in.sin6_addr, a->ip, 16);
        memcpy(out, &in, sizeof in);
        return sizeof in;
    }
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(a->port)};
    memcpy(&in.sin_addr, a->ip, 4);
    memcpy(out, &in, sizeof in);
    return sizeof in;
}

static bool start_tls(spd_fetch *f, const spd_fetch_options *options, char *host)
{
    f->ssl = SSL_new(options->trust);
    if (f->ssl == NULL || SSL_set_fd(f->ssl, f->fd) != 1) {
        return false;
    }
    SSL_set_connect_state(f->ssl);
    if (options->is_any_name) {
        return true;
    }
    SSL_set_hostflags(f->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set_tlsext_host_name(f->ssl, host) == 1 && SSL_set1_host(f->ssl, host) == 1;
}

static bool start(spd_fetch *f, const spd_fetch_options *options)
{
    char host[HOST_MAX + 1];
    struct sockaddr_storage to;
    const socklen_t n = to_sockaddr(&to, &options->address);
    if (options->host.n > HOST_MAX) {
        return false;
    }
    (void)snprintf(host, sizeof host, "%.*s", (int)options->host.n, (const char *)options->host.p);
    f->fd = socket(options->address.family == 6 ? AF_INET6 : AF_INET,
                   SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (f->fd < 0 || (options->trust != NULL && !start_tls(f, options, host))) {
        return false;
    }
    const int length =
        options->path == NULL
            ? 0
            : snprintf(f->request, sizeof f->request,
                       "GET %s HTTP/1.0\r\nHost: %s%s%s\r\nUser-Agent: sallyport\r\n\r\n", options->path,
                       options->address.family == 6 && strchr(host, ':') ? "[" : "", host,
                       options->address.family == 6 && strchr(host, ':') ? "]" : "");
    if (length < 0 || (size_t)length >= sizeof f->request) {
        return false;
    }
    f->n_request = (size_t)length;
    f->events = POLLOUT;
    if (connect(f->fd, (const struct sockaddr *)&to, n) != 0 && errno != EINPROGRESS) {
        f->at = FAILED;
    }
    return true;
}

spd_fetch *spd_fetch_new(const spd_fetch_options *options)
{
    spd_fetch *f = calloc(1, sizeof *f);
    if (f == NULL) {
        return NULL;
    }
    f->fd = -1;
    f->wants_body = options->wants_body;
    sp_arena_init(&f->arena, 2 * (size_t)SPD_FETCH_BODY_MAX);
    f->answer = SP_BUF_IN(&f->arena.mem);
    if (!start(f, options)) {
        spd_fetch_free(f);
        return NULL;
    }
    return f;
}

void spd_fetch_free(spd_fetch *f)
{
    if (f == NULL) {
        return;
    }
    SSL_free(f->ssl);
    if (f->fd >= 0) {
        (void)close(f->fd);
    }
    sp_arena_fini(&f->arena);
    free(f);
}

struct pollfd spd_fetch_poll(const spd_fetch *f)
{
    return (struct pollfd){.fd = f->fd, .events = f->events};
}

/* ---- steps: each returns the next one, or the same when it has to wait ---- */

/* What TLS or the socket wants before it goes on; `FAILED` when it never will. */
static step wait_for(spd_fetch *f, int result, step same)
{
    if (f->ssl == NULL) {
        return result < 0 && (errno == EAGAIN || errno == EINTR) ? same : FAILED;
    }
    switch (SSL_get_error(f->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        f->events = POLLIN;
        return same;
    case SSL_ERROR_WANT_WRITE:
        f->events = POLLOUT;
        return same;
    default:
        return FAILED;
    }
}

static step after_opening(spd_fetch *f)
{
    f->events = POLLOUT;
    return f->n_request > 0 ? SEND : DONE;
}

static step do_connect(spd_fetch *f)
{
    int failure = 0;
    socklen_t n = sizeof failure;
    struct pollfd fd = {.fd = f->fd, .events = POLLOUT};
    if (poll(&fd, 1, 0) <= 0) {
        return CONNECT;
    }
    if (getsockopt(f->fd, SOL_SOCKET, SO_ERROR, &failure, &n) != 0 || failure != 0) {
        return FAILED;
    }
    return f->ssl != NULL ? HANDSHAKE : after_opening(f);
}

static step do_handshake(spd_fetch *f)
{
    const int result = SSL_do_handshake(f->ssl);
    return result == 1 ? after_opening(f) : wait_for(f, result, HANDSHAKE);
}

static step do_send(spd_fetch *f)
{
    const char *from = f->request + f->n_sent;
    const size_t left = f->n_request - f->n_sent;
    const int n =
        f->ssl != NULL ? SSL_write(f->ssl, from, (int)left) : (int)send(f->fd, from, left, MSG_NOSIGNAL);
    if (n <= 0) {
        return wait_for(f, n, SEND);
    }
    f->n_sent += (size_t)n;
    f->events = f->n_sent == f->n_request ? POLLIN : POLLOUT;
    return f->n_sent == f->n_request ? RECEIVE : SEND;
}

/* Once the head is here it is not looked for again, however much follows. */
static spd_answer_state read_head(spd_fetch *f)
{
    return f->head.body_at > 0 ? SPD_ANSWER_WHOLE : spd_answer_read(&f->head, sp_buf_bytes(&f->answer));
}

static step after_bytes(spd_fetch *f)
{
    switch (read_head(f)) {
    case SPD_ANSWER_WHOLE:
        return f->wants_body ? RECEIVE : DONE;
    case SPD_ANSWER_PART:
        return RECEIVE;
    default:
        return FAILED;
    }
}

static step do_receive(spd_fetch *f)
{
    uint8_t *to = f->answer.n < SPD_FETCH_BODY_MAX ? sp_buf_reserve(&f->answer, READ_BYTES) : NULL;
    if (to == NULL) {
        return FAILED;
    }
    const int n = f->ssl != NULL ? SSL_read(f->ssl, to, READ_BYTES) : (int)recv(f->fd, to, READ_BYTES, 0);
    if (n > 0) {
        f->answer.n += (size_t)n;
        return after_bytes(f);
    }
    const bool is_over = f->ssl != NULL ? SSL_get_error(f->ssl, n) == SSL_ERROR_ZERO_RETURN : n == 0;
    if (is_over) {
        return read_head(f) == SPD_ANSWER_WHOLE ? DONE : FAILED;
    }
    return wait_for(f, n, RECEIVE);
}

spd_fetch_state spd_fetch_step(spd_fetch *f)
{
    static step (*const steps[])(spd_fetch * f) = {do_connect, do_handshake, do_send, do_receive};
    for (unsigned i = 0; i < 1024 && f->at < DONE; i++) {
        const step before = f->at;
        const size_t had = f->answer.n + f->n_sent;
        f->at = steps[before](f);
        if (f->at == before && f->answer.n + f->n_sent == had) {
            return SPD_FETCH_GOING;
        }
    }
    return f->at == DONE ? SPD_FETCH_DONE : f->at == FAILED ? SPD_FETCH_FAILED : SPD_FETCH_GOING;
}

unsigned spd_fetch_status(const spd_fetch *f)
{
    return f->head.status;
}

sp_bytes spd_fetch_body(const spd_fetch *f)
{
    return sp_bytes_sub(sp_buf_bytes(&f->answer), f->head.body_at, f->answer.n);
}
