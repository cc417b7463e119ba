/** Directives, variables, life cycle. The configuration that uses them is generated (src/conf);
 * docs/reference/directives.md lists them. */
#include "ngx_http_sallyport_confine.h"
#include "ngx_http_sallyport_known.h"
#include "ngx_http_sallyport_limit.h"
#include "ngx_http_sallyport_told.h"
#include "ngx_http_sallyport_upstream.h"

#include <sys/mman.h>

enum { SEGMENT_DEFAULT = 16 << 20, CREDENTIALS_MAX = 1 << 20 };

static char *set_handler(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

static ngx_command_t commands[] = {
    {ngx_string("sallyport_snapshot"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, ngx_conf_set_str_slot,
     NGX_HTTP_MAIN_CONF_OFFSET, offsetof(ngx_http_sallyport_main_conf_t, snapshot), NULL},
    {ngx_string("sallyport_ledger"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, ngx_conf_set_str_slot,
     NGX_HTTP_MAIN_CONF_OFFSET, offsetof(ngx_http_sallyport_main_conf_t, ledger), NULL},
    {ngx_string("sallyport_stops"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, ngx_conf_set_str_slot,
     NGX_HTTP_MAIN_CONF_OFFSET, offsetof(ngx_http_sallyport_main_conf_t, stops), NULL},
    {ngx_string("sallyport_segment"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, ngx_conf_set_size_slot,
     NGX_HTTP_MAIN_CONF_OFFSET, offsetof(ngx_http_sallyport_main_conf_t, segment), NULL},
    {ngx_string("sallyport_connections_per_address"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
     ngx_conf_set_num_slot, NGX_HTTP_MAIN_CONF_OFFSET, offsetof(ngx_http_sallyport_main_conf_t, per_address),
     NULL},
    {ngx_string("sallyport_credentials_fd"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, ngx_conf_set_num_slot,
     NGX_HTTP_MAIN_CONF_OFFSET, offsetof(ngx_http_sallyport_main_conf_t, credentials_fd), NULL},
    {ngx_string("sallyport_confine"), NGX_HTTP_MAIN_CONF | NGX_CONF_1MORE, ngx_http_sallyport_confine,
     NGX_HTTP_MAIN_CONF_OFFSET, 0, NULL},
    {ngx_string("sallyport"), NGX_HTTP_LOC_CONF | NGX_CONF_TAKE1, set_handler, NGX_HTTP_LOC_CONF_OFFSET, 0,
     NULL},
    {ngx_string("sallyport_destination"), NGX_HTTP_LOC_CONF | NGX_CONF_TAKE1, ngx_conf_set_str_slot,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(ngx_http_sallyport_loc_conf_t, destination), NULL},
    {ngx_string("sallyport_idle_timeout"), NGX_HTTP_LOC_CONF | NGX_CONF_TAKE1, ngx_conf_set_msec_slot,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(ngx_http_sallyport_loc_conf_t, idle_timeout), NULL},
    {ngx_string("sallyport_peer"), NGX_HTTP_UPS_CONF | NGX_CONF_TAKE1, ngx_http_sallyport_peer,
     NGX_HTTP_SRV_CONF_OFFSET, 0, NULL},
    {ngx_string("sallyport_fresh"), NGX_HTTP_UPS_CONF | NGX_CONF_NOARGS, ngx_http_sallyport_fresh,
     NGX_HTTP_SRV_CONF_OFFSET, 0, NULL},
    ngx_null_command,
};

/* ---- content handlers ---- */

static const struct {
    const char *name;
    ngx_http_handler_pt handler;
} handlers[] = {
    {"gate", ngx_http_sallyport_gate_handler}, {"next", ngx_http_sallyport_next_handler},
    {"fail", ngx_http_sallyport_fail_handler}, {"oversize", ngx_http_sallyport_oversize_handler},
    {"page", ngx_http_sallyport_page_handler},
};

static char *set_handler(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t *core = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    const ngx_str_t *value = cf->args->elts;

    for (size_t i = 0; i < sizeof handlers / sizeof handlers[0]; i++) {
        if (sp_bytes_eq(ngx_http_sallyport_bytes(value[1]), sp_bytes_of(handlers[i].name))) {
            core->handler = handlers[i].handler;
            return NGX_CONF_OK;
        }
    }
    return "takes gate, next, fail, oversize or page";
}

/* ---- configuration ---- */

static void *create_main_conf(ngx_conf_t *cf)
{
    ngx_http_sallyport_main_conf_t *conf = ngx_pcalloc(cf->pool, sizeof *conf);

    if (conf == NULL ||
        ngx_array_init(&conf->credentials, cf->pool, 4, sizeof(ngx_http_sallyport_credential_t)) != NGX_OK ||
        ngx_array_init(&conf->ports, cf->pool, 4, sizeof(uint16_t)) != NGX_OK) {
        return NULL;
    }
    conf->segment = NGX_CONF_UNSET_SIZE;
    conf->per_address = NGX_CONF_UNSET;
    conf->credentials_fd = NGX_CONF_UNSET;
    conf->home_fd = -1;
    return conf;
}

/** One `NAME VALUE` line per destination that has a credential. */
static ngx_int_t parse_credentials(ngx_conf_t *cf, ngx_http_sallyport_main_conf_t *conf, u_char *p,
                                   const u_char *end)
{
    while (p < end) {
        u_char *line_end = ngx_strlchr(p, (u_char *)(uintptr_t)end, '\n');
        u_char *space = line_end ? ngx_strlchr(p, line_end, ' ') : NULL;
        if (space == NULL) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "sallyport_credentials_fd: a line is not NAME VALUE");
            return NGX_ERROR;
        }
        ngx_http_sallyport_credential_t *c = ngx_array_push(&conf->credentials);
        if (c == NULL) {
            return NGX_ERROR;
        }
        c->destination = (ngx_str_t){(size_t)(space - p), p};
        c->credential = (ngx_str_t){(size_t)(line_end - space - 1), space + 1};
        p = line_end + 1;
    }
    return NGX_OK;
}

static void forget_credentials(void *data)
{
    ngx_http_sallyport_main_conf_t *conf = data;

    spp_secret_free(conf->secret, conf->secret_bytes);
    conf->secret = NULL;
}

/** Into pages of their own, which are wiped when this configuration is given up. */
static u_char *keep_credentials(ngx_conf_t *cf, ngx_http_sallyport_main_conf_t *conf, const u_char *text,
                                size_t n)
{
    ngx_pool_cleanup_t *cleanup = ngx_pool_cleanup_add(cf->pool, 0);
    bool is_locked = false;

    if (cleanup == NULL) {
        return NULL;
    }
    conf->secret = spp_secret_new(n, &is_locked);
    conf->secret_bytes = n;
    if (conf->secret == NULL) {
        return NULL;
    }
    cleanup->handler = forget_credentials;
    cleanup->data = conf;
    if (!is_locked) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, ngx_errno, "credentials cannot be locked in memory");
    }
    return ngx_cpymem(conf->secret, text, n) - n;
}

/** Credentials come through a descriptor of the parent (a sealed memory file): they stand in no file, no
 * environment and no snapshot. The text ends at the first NUL or at the end of the file. */
static ngx_int_t read_credentials(ngx_conf_t *cf, ngx_http_sallyport_main_conf_t *conf)
{
    struct stat info;
    ngx_int_t rc = NGX_OK;
    const int fd = (int)conf->credentials_fd;

    if (conf->credentials_fd == NGX_CONF_UNSET) {
        return NGX_OK;
    }
    if (fstat(fd, &info) != 0 || info.st_size > CREDENTIALS_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno, "sallyport_credentials_fd %d cannot be read", fd);
        return NGX_ERROR;
    }
    if (info.st_size == 0) {
        return NGX_OK;
    }
    const size_t size = (size_t)info.st_size;
    const u_char *text = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (text == MAP_FAILED) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno, "sallyport_credentials_fd %d cannot be read", fd);
        return NGX_ERROR;
    }
    const size_t n = strnlen((const char *)text, size);
    if (n > 0) {
        u_char *kept = keep_credentials(cf, conf, text, n);
        rc = kept ? parse_credentials(cf, conf, kept, kept + n) : NGX_ERROR;
    }
    (void)munmap((void *)(uintptr_t)text, size);
    return rc;
}

static char *init_main_conf(ngx_conf_t *cf, void *data)
{
    ngx_http_sallyport_main_conf_t *conf = data;

    ngx_conf_init_size_value(conf->segment, SEGMENT_DEFAULT);
    ngx_conf_init_value(conf->per_address, 0);
    if (conf->snapshot.len == 0) {
        return NGX_CONF_OK; /* loaded, but not used by this configuration */
    }
    if (conf->ledger.len == 0 || conf->stops.len == 0) {
        return "sallyport_snapshot needs sallyport_ledger and sallyport_stops beside it";
    }
    if (ngx_conf_full_name(cf->cycle, &conf->snapshot, 0) != NGX_OK ||
        ngx_conf_full_name(cf->cycle, &conf->ledger, 0) != NGX_OK ||
        ngx_conf_full_name(cf->cycle, &conf->stops, 0) != NGX_OK) {
        return NGX_CONF_ERROR;
    }
    if (conf->stops.len > NGX_MAX_PATH - NGX_HTTP_SALLYPORT_STOPS_NAME) {
        return "the path of sallyport_stops is too long";
    }
    return ngx_http_sallyport_home(cf, conf) == NGX_OK && read_credentials(cf, conf) == NGX_OK
               ? NGX_CONF_OK
               : NGX_CONF_ERROR;
}

static void *create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_sallyport_loc_conf_t *conf = ngx_pcalloc(cf->pool, sizeof *conf);

    if (conf) {
        conf->idle_timeout = NGX_CONF_UNSET_MSEC;
    }
    return conf;
}

/** Not inherited: a location forwards only if it says so itself. A gate from which nginx keeps
 * headers would miss a slip that lowers a label. The core's own settings are merged before ours. */
static char *merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    const ngx_http_core_loc_conf_t *core = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    const ngx_http_core_srv_conf_t *server = ngx_http_conf_get_module_srv_conf(cf, ngx_http_core_module);

    if (core->handler == ngx_http_sallyport_gate_handler &&
        (!server->underscores_in_headers || server->ignore_invalid_headers)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "`sallyport gate` has to see every header of its server: set "
                           "\"underscores_in_headers on\" and \"ignore_invalid_headers off\" in http");
        return NGX_CONF_ERROR;
    }
    return NGX_CONF_OK;
}

/* ---- variables ---- */

/** nginx's variables are set per value; none of ours may be cached, or a second try would get the first
 * one's. */
static ngx_int_t variable_set(ngx_http_variable_value_t *v, ngx_pool_t *pool, sp_bytes a, sp_bytes b)
{
    u_char *p = ngx_pnalloc(pool, a.n + b.n + 1);

    if (p == NULL) {
        return NGX_ERROR;
    }
    v->data = p;
    (void)ngx_http_sallyport_copy(ngx_http_sallyport_copy(p, a), b);
    v->len = (unsigned)(a.n + b.n) & 0xfffffff;
    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = 0;
    return NGX_OK;
}

static const sp_destination *decided_destination(ngx_http_request_t *r, ngx_http_sallyport_exchange_t **x)
{
    *x = ngx_http_sallyport_exchange_find(r);
    if (*x == NULL || (*x)->state != SALLYPORT_FORWARDED) {
        return NULL;
    }
    return &(*x)->policy->snapshot.destinations[(*x)->decision.destination];
}

/** $sallyport_uri: base path of the destination, the route's path there, and the query, which is one that the
 * route knows, byte for byte. Nothing of it is the client's choice of words. */
static ngx_int_t variable_uri(ngx_http_request_t *r, ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_sallyport_exchange_t *x;
    const sp_destination *to = decided_destination(r, &x);

    if (to == NULL || x->route.upstream_path == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }
    sp_buf path = SP_BUF_IN(&x->arena.mem);
    sp_buf_append_str(&path, x->route.upstream_path);
    if (r->args.len) {
        sp_buf_append_byte(&path, '?');
        sp_buf_append(&path, ngx_http_sallyport_bytes(r->args));
    }
    return path.status == SP_OK ? variable_set(v, r->pool, to->base_path, sp_buf_bytes(&path)) : NGX_ERROR;
}

/* ---- a credential on its way ---- */

/** The head of the request as it went to the destination, which nginx keeps until the exchange is over. */
static void wipe_sent(void *data)
{
    const ngx_http_upstream_t *u = data;

    if (u->request_bufs && u->request_bufs->buf->temporary) {
        const ngx_buf_t *head = u->request_bufs->buf;
        sp_wipe(head->start, (size_t)(head->end - head->start));
    }
}

static ngx_int_t wipe_later(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t *last = r->pool->cleanup;

    if (last && last->handler == wipe_sent && last->data == r->upstream) {
        return NGX_OK;
    }
    ngx_pool_cleanup_t *cleanup = ngx_pool_cleanup_add(r->pool, 0);
    if (cleanup == NULL) {
        return NGX_ERROR;
    }
    cleanup->handler = wipe_sent;
    cleanup->data = r->upstream;
    return NGX_OK;
}

/** $sallyport_credential: the credential of the decided destination, as it stands in the locked pages; not
 * found where there is none. */
static ngx_int_t variable_credential(ngx_http_request_t *r, ngx_http_variable_value_t *v, uintptr_t data)
{
    const ngx_http_sallyport_main_conf_t *conf = ngx_http_get_module_main_conf(r, ngx_http_sallyport_module);
    const ngx_http_sallyport_credential_t *c = conf->credentials.elts;
    ngx_http_sallyport_exchange_t *x;
    const sp_destination *to = decided_destination(r, &x);

    v->not_found = 1;
    for (ngx_uint_t i = 0; to && r->upstream && i < conf->credentials.nelts; i++) {
        if (!sp_bytes_eq(to->name, ngx_http_sallyport_bytes(c[i].destination))) {
            continue;
        }
        v->data = c[i].credential.data;
        v->len = (unsigned)c[i].credential.len & 0xfffffff;
        v->valid = 1;
        v->no_cacheable = 1;
        v->not_found = 0;
        return wipe_later(r);
    }
    return NGX_OK;
}

static ngx_http_variable_t variables[] = {
    {ngx_string("sallyport_uri"), NULL, variable_uri, 0, NGX_HTTP_VAR_NOCACHEABLE, 0},
    {ngx_string("sallyport_credential"), NULL, variable_credential, 0, NGX_HTTP_VAR_NOCACHEABLE, 0},
};

static ngx_int_t preconfiguration(ngx_conf_t *cf)
{
    ngx_http_sallyport_main_conf_t *conf = ngx_http_conf_get_module_main_conf(cf, ngx_http_sallyport_module);

    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        ngx_http_variable_t *v = ngx_http_add_variable(cf, &variables[i].name, variables[i].flags);
        if (v == NULL) {
            return NGX_ERROR;
        }
        v->get_handler = variables[i].get_handler;
        v->data = variables[i].data;
    }
    if (ngx_http_sallyport_metrics_zone(cf, conf) != NGX_OK ||
        ngx_http_sallyport_health_zone(cf, conf) != NGX_OK) {
        return NGX_ERROR;
    }
    if (ngx_http_sallyport_told_zone(cf) != NGX_OK || ngx_http_sallyport_known_zone(cf) != NGX_OK) {
        return NGX_ERROR;
    }
    return ngx_http_sallyport_limit_zone(cf);
}

/** What nginx adds to a line of its log about a request. Its own words quote the request line, the host and
 * the referrer: a key in the query, or content, would stand in a file. */
static u_char *log_request(ngx_http_request_t *r, ngx_http_request_t *sr, u_char *buf, size_t len)
{
    const ngx_http_upstream_t *u = sr->upstream;

    if (u && u->peer.name) {
        return ngx_snprintf(buf, len, ", upstream: %V", u->peer.name);
    }
    return buf;
}

/** First of all: a body that is too large is logged before any location was asked. */
static ngx_int_t log_handler(ngx_http_request_t *r)
{
    r->log_handler = log_request;
    return NGX_DECLINED;
}

static ngx_int_t add_handler(ngx_conf_t *cf, ngx_http_phases phase, ngx_http_handler_pt handler)
{
    ngx_http_core_main_conf_t *core = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    ngx_http_handler_pt *h = ngx_array_push(&core->phases[phase].handlers);

    if (h == NULL) {
        return NGX_ERROR;
    }
    *h = handler;
    return NGX_OK;
}

static ngx_int_t postconfiguration(ngx_conf_t *cf)
{
    if (add_handler(cf, NGX_HTTP_POST_READ_PHASE, log_handler) != NGX_OK ||
        add_handler(cf, NGX_HTTP_PRECONTENT_PHASE, ngx_http_sallyport_guard_handler) != NGX_OK) {
        return NGX_ERROR;
    }
    ngx_http_sallyport_filter_init();
    ngx_http_sallyport_body_filter_init();
    return NGX_OK;
}

/* ---- life cycle: engine, descriptors and the committer's thread belong to workers, never to the master ----
 */

/** At that level nginx writes headers, keys among them, and parts of bodies. */
static bool logs_everything(const ngx_log_t *log)
{
    for (; log; log = log->next) {
        if (log->log_level & NGX_LOG_DEBUG_ALL) {
            return true;
        }
    }
    return false;
}

/** The master reads credentials too, and workers are its children: nobody may look into it. */
static ngx_int_t init_module(ngx_cycle_t *cycle)
{
    const ngx_http_sallyport_main_conf_t *conf =
        ngx_http_cycle_get_module_main_conf(cycle, ngx_http_sallyport_module);

    if (conf == NULL || !conf->is_confined || ngx_test_config) {
        return NGX_OK;
    }
    if (logs_everything(&cycle->new_log)) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                      "sallyport: at level debug nginx logs keys and content: set error_log to info or less");
        return NGX_ERROR;
    }
    if (!spp_harden()) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, ngx_errno, "sallyport: the kernel refuses to harden nginx");
        return NGX_ERROR;
    }
    return NGX_OK;
}

static ngx_int_t init_process(ngx_cycle_t *cycle)
{
    ngx_http_sallyport_main_conf_t *conf =
        ngx_http_cycle_get_module_main_conf(cycle, ngx_http_sallyport_module);

    ngx_queue_init(&ngx_http_sallyport_worker.stops.exchanges);
    if (conf == NULL || conf->snapshot.len == 0 ||
        (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)) {
        return NGX_OK;
    }
    return ngx_http_sallyport_worker_init(cycle, conf);
}

static void exit_process(ngx_cycle_t *cycle)
{
    ngx_http_sallyport_worker_fini();
}

static void exit_master(ngx_cycle_t *cycle)
{
    const ngx_http_sallyport_main_conf_t *conf =
        ngx_http_cycle_get_module_main_conf(cycle, ngx_http_sallyport_module);

    if (conf != NULL) {
        ngx_http_sallyport_health_keep(conf);
    }
}

static ngx_http_module_t module_context = {
    .preconfiguration = preconfiguration,
    .postconfiguration = postconfiguration,
    .create_main_conf = create_main_conf,
    .init_main_conf = init_main_conf,
    .create_srv_conf = ngx_http_sallyport_peer_conf,
    .create_loc_conf = create_loc_conf,
    .merge_loc_conf = merge_loc_conf,
};

ngx_module_t ngx_http_sallyport_module = {
    NGX_MODULE_V1,
    &module_context,
    commands,
    NGX_HTTP_MODULE,
    NULL, /* init_master */
    init_module,
    init_process,
    NULL, /* init_thread */
    NULL, /* exit_thread */
    exit_process,
    exit_master,
    NGX_MODULE_V1_PADDING,
};
