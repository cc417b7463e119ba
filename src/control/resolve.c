#include "control/resolve.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include <ares.h>

#include "control/process.h"

enum {
    TTL_MIN_S = 1, /* a time to live of 0 would ask without end */
    TTL_MAX_S = 3600,
    RETRY_FIRST_MS = 1000,
    RETRY_MAX_MS = 60000,
    QUERY_MS = 2000,
    QUERY_TRIES = 2,
    HOST_MAX = 253, /* RFC 1035, as text without the last dot */
};

typedef struct host {
    struct host *next;
    struct spd_resolver *resolver;
    char name[HOST_MAX + 1];
    spc_addresses addresses;
    uint64_t next_ms; /* when to ask */
    unsigned failures;
    bool is_watched, is_asked, is_tried;
} host;

struct spd_resolver {
    ares_channel channel;
    host *hosts; /* never removed: a query that is under way points here */
    bool has_changed;
};

/* ---- addresses ---- */

/* Nothing that a provider serves stands there, but a cloud's metadata service does (169.254.169.254): a name
 * that leads there is an attack. */
static bool is_usable(const sp_address *a)
{
    const uint8_t *ip = a->ip;
    if (a->family == 4) {
        return ip[0] != 0 && ip[0] < 224 && !(ip[0] == 169 && ip[1] == 254);
    }
    static const uint8_t zero[16];
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return memcmp(ip, zero, sizeof zero) != 0 && ip[0] != 0xff &&
           !(ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80) && memcmp(ip, mapped, sizeof mapped) != 0;
}

static bool address_of(sp_address *out, const struct ares_addrinfo_node *node)
{
    *out = (sp_address){0};
    if (node->ai_family == AF_INET && node->ai_addrlen >= sizeof(struct sockaddr_in)) {
        struct sockaddr_in in;
        memcpy(&in, node->ai_addr, sizeof in);
        out->family = 4;
        memcpy(out->ip, &in.sin_addr, 4);
    } else if (node->ai_family == AF_INET6 && node->ai_addrlen >= sizeof(struct sockaddr_in6)) {
        struct sockaddr_in6 in;
        memcpy(&in, node->ai_addr, sizeof in);
        out->family = 6;
        memcpy(out->ip, &in.sin6_addr, 16);
    }
    return out->family != 0 && is_usable(out);
}

static bool holds(const spc_addresses *list, const sp_address *a)
{
    for (size_t i = 0; i < list->n; i++) {
        if (list->v[i].family == a->family && memcmp(list->v[i].ip, a->ip, sizeof a->ip) == 0) {
            return true;
        }
    }
    return false;
}

/* The same set in another order (round robin) is no change. */
static bool is_same(const spc_addresses *a, const spc_addresses *b)
{
    for (size_t i = 0; i < b->n; i++) {
        if (!holds(a, &b->v[i])) {
            return false;
        }
    }
    return a->n == b->n;
}

/* ---- answers ---- */

static void on_failure(host *h, int code)
{
    const unsigned shift = h->failures < 6 ? h->failures : 6;
    const uint64_t wait = (uint64_t)RETRY_FIRST_MS << shift;
    h->failures++;
    h->next_ms = spd_monotonic_ms() + (wait < RETRY_MAX_MS ? wait : RETRY_MAX_MS);
    if (h->failures == 1 || (h->failures & 7) == 0) {
        spd_log("error", "name \"%s\" is not resolved: %s; %s", h->name, ares_strerror(code),
                h->addresses.n > 0 ? "its last addresses stay in use" : "its destinations are passed over");
    }
}

static void on_success(host *h, const struct ares_addrinfo *info)
{
    spc_addresses fresh = {0};
    uint64_t ttl = TTL_MAX_S;
    for (const struct ares_addrinfo_node *node = info->nodes; node != NULL; node = node->ai_next) {
        sp_address a;
        if (node->ai_ttl >= 0 && (uint64_t)node->ai_ttl < ttl) {
            ttl = (uint64_t)node->ai_ttl;
        }
        if (fresh.n < SP_ADDRESSES_MAX && address_of(&a, node) && !holds(&fresh, &a)) {
            fresh.v[fresh.n++] = a;
        }
    }
    if (fresh.n == 0) {
        on_failure(h, ARES_ENODATA);
        return;
    }
    if (!is_same(&h->addresses, &fresh)) {
        h->addresses = fresh;
        h->resolver->has_changed = true;
        spd_log("notice", "name \"%s\" has %u addresses", h->name, (unsigned)fresh.n);
    }
    h->failures = 0;
    h->next_ms = spd_monotonic_ms() + (ttl > TTL_MIN_S ? ttl : TTL_MIN_S) * 1000;
}

static void on_answer(void *arg, int code, int timeouts, struct ares_addrinfo *info)
{
    host *h = arg;
    (void)timeouts;
    h->is_asked = false;
    if (code == ARES_EDESTRUCTION) {
        return;
    }
    h->is_tried = true;
    if (code == ARES_SUCCESS && info != NULL) {
        on_success(h, info);
    } else {
        on_failure(h, code);
    }
    ares_freeaddrinfo(info);
}

/* ---- life ---- */

void spd_resolver_free(spd_resolver *resolver)
{
    if (resolver == NULL) {
        return;
    }
    ares_destroy(resolver->channel);
    ares_library_cleanup();
    while (resolver->hosts != NULL) {
        host *next = resolver->hosts->next;
        free(resolver->hosts);
        resolver->hosts = next;
    }
    free(resolver);
}

sp_status spd_resolver_new(spd_resolver **out, const char *servers, sp_diag *diag)
{
    struct ares_options options = {.timeout = QUERY_MS, .tries = QUERY_TRIES};
    *out = NULL;
    spd_resolver *resolver = calloc(1, sizeof *resolver);
    if (resolver == NULL) {
        return sp_fail(diag, SP_ENOMEM, SIZE_MAX, "no memory for the resolver");
    }
    if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS ||
        ares_init_options(&resolver->channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES) !=
            ARES_SUCCESS) {
        free(resolver);
        return sp_fail(diag, SP_EINTERNAL, SIZE_MAX, "the name resolver does not start");
    }
    if (servers != NULL && ares_set_servers_ports_csv(resolver->channel, servers) != ARES_SUCCESS) {
        spd_resolver_free(resolver);
        return sp_fail(diag, SP_ERANGE, SIZE_MAX, "not a list of name servers");
    }
    *out = resolver;
    return SP_OK;
}

/* ---- hosts ---- */

static host *find(const spd_resolver *resolver, sp_bytes name)
{
    for (host *h = resolver->hosts; h != NULL; h = h->next) {
        if (sp_bytes_eq_nocase(sp_bytes_of(h->name), name)) {
            return h;
        }
    }
    return NULL;
}

static host *add(spd_resolver *resolver, sp_bytes name)
{
    host *h = name.n <= HOST_MAX ? calloc(1, sizeof *h) : NULL;
    if (h == NULL) {
        return NULL;
    }
    memcpy(h->name, name.p, name.n);
    h->resolver = resolver;
    h->next = resolver->hosts;
    resolver->hosts = h;
    return h;
}

sp_status spd_resolver_watch(spd_resolver *resolver, const spc_conf *conf)
{
    for (host *h = resolver->hosts; h != NULL; h = h->next) {
        h->is_watched = false;
    }
    for (size_t i = 0; i < conf->destinations.n; i++) {
        const spc_url *url = &conf->destinations.v[i].url;
        if (url->address.family != 0) {
            continue;
        }
        host *h = find(resolver, url->host);
        h = h != NULL ? h : add(resolver, url->host);
        if (h == NULL) {
            return SP_ENOMEM;
        }
        h->is_watched = true;
    }
    return SP_OK;
}

void spd_resolver_tick(spd_resolver *resolver, uint64_t now_ms)
{
    static const struct ares_addrinfo_hints hints = {
        .ai_flags = ARES_AI_NOSORT, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    for (host *h = resolver->hosts; h != NULL; h = h->next) {
        if (h->is_watched && !h->is_asked && now_ms >= h->next_ms) {
            h->is_asked = true;
            ares_getaddrinfo(resolver->channel, h->name, NULL, &hints, on_answer, h);
        }
    }
    ares_process_fd(resolver->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD); /* time-outs */
}

/* c-ares has macros for its bits; theirs shift a signed 1 by 31. */
int spd_resolver_fds(const spd_resolver *resolver, struct pollfd *fds)
{
    ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
    const unsigned bits = (unsigned)ares_getsock(resolver->channel, sockets, ARES_GETSOCK_MAXNUM);
    int n = 0;
    for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM && n < SPD_RESOLVER_FDS; i++) {
        const bool is_read = (bits >> i & 1) != 0, is_write = (bits >> (i + ARES_GETSOCK_MAXNUM) & 1) != 0;
        if (is_read || is_write) {
            const int events = (is_read ? POLLIN : 0) | (is_write ? POLLOUT : 0);
            fds[n++] = (struct pollfd){.fd = sockets[i], .events = (short)events};
        }
    }
    return n;
}

void spd_resolver_process(spd_resolver *resolver, const struct pollfd *fds, int n)
{
    for (int i = 0; i < n; i++) {
        const bool is_read = (fds[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0;
        const bool is_write = (fds[i].revents & POLLOUT) != 0;
        if (is_read || is_write) {
            ares_process_fd(resolver->channel, is_read ? fds[i].fd : ARES_SOCKET_BAD,
                            is_write ? fds[i].fd : ARES_SOCKET_BAD);
        }
    }
}

bool spd_resolver_take_changed(spd_resolver *resolver)
{
    const bool has_changed = resolver->has_changed;
    resolver->has_changed = false;
    return has_changed;
}

bool spd_resolver_is_settled(const spd_resolver *resolver)
{
    for (const host *h = resolver->hosts; h != NULL; h = h->next) {
        if (h->is_watched && !h->is_tried) {
            return false;
        }
    }
    return true;
}

spc_addresses *spd_resolver_addresses(const spd_resolver *resolver, const spc_conf *conf, sp_mem *mem)
{
    spc_addresses *out = sp_alloc(mem, conf->destinations.n, sizeof *out);
    for (size_t i = 0; out != NULL && i < conf->destinations.n; i++) {
        const spc_url *url = &conf->destinations.v[i].url;
        const host *h = url->address.family == 0 ? find(resolver, url->host) : NULL;
        if (h != NULL) {
            out[i] = h->addresses;
        }
    }
    return out;
}
