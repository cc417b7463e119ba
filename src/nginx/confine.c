/** A worker gives up what it does not need: src/confine has the table, here are the paths and ports of this
 * run. */
#include "ngx_http_sallyport_confine.h"

#include <libgen.h>

enum { FOLDER_MAX = 4096, PORT_MAX = 65535 };

char *ngx_http_sallyport_confine(ngx_conf_t *cf, ngx_command_t *cmd, void *data)
{
    ngx_http_sallyport_main_conf_t *conf = data;
    const ngx_str_t *value = cf->args->elts;

    if (conf->is_confined) {
        return "is there twice";
    }
    conf->is_confined = 1;
    for (ngx_uint_t i = 1; i < cf->args->nelts; i++) {
        const ngx_int_t port = ngx_atoi(value[i].data, value[i].len);
        uint16_t *to = ngx_array_push(&conf->ports);
        if (to == NULL || port < 1 || port > PORT_MAX) {
            return "takes ports";
        }
        *to = (uint16_t)port;
    }
    return NGX_CONF_OK;
}

/* ---- where it works ---- */

static void close_home(void *data)
{
    const ngx_http_sallyport_main_conf_t *conf = data;

    (void)close(conf->home_fd);
}

ngx_int_t ngx_http_sallyport_home(ngx_conf_t *cf, ngx_http_sallyport_main_conf_t *conf)
{
    ngx_pool_cleanup_t *cleanup = ngx_pool_cleanup_add(cf->pool, 0);
    u_char *copy = ngx_pnalloc(cf->pool, conf->ledger.len + 1);

    if (cleanup == NULL || copy == NULL) {
        return NGX_ERROR;
    }
    (void)ngx_cpystrn(copy, conf->ledger.data, conf->ledger.len + 1);
    conf->home.data = (u_char *)dirname((char *)copy);
    conf->home.len = ngx_strlen(conf->home.data);
    conf->home_fd = open((const char *)conf->home.data, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (conf->home_fd < 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "sallyport_ledger: the folder \"%V\" cannot be opened", &conf->home);
        return NGX_ERROR;
    }
    cleanup->handler = close_home;
    cleanup->data = conf;
    return NGX_OK;
}

const char *ngx_http_sallyport_path(const ngx_http_sallyport_main_conf_t *conf, const ngx_str_t *path)
{
    const bool is_below = path->len > conf->home.len + 1 && path->data[conf->home.len] == '/' &&
                          ngx_memcmp(path->data, conf->home.data, conf->home.len) == 0;
    return (const char *)path->data + (is_below ? conf->home.len + 1 : 0);
}

/* ---- the worker ---- */

static ngx_int_t report(ngx_cycle_t *cycle, const spp_report *done)
{
    char text[128];

    spp_report_text(text, sizeof text, done);
    ngx_log_error(NGX_LOG_NOTICE, cycle->log, 0, "sallyport: worker confined by %s", text);
    if (done->missing[0]) {
        ngx_log_error(NGX_LOG_WARN, cycle->log, 0, "sallyport: this kernel does not confine a worker's%s",
                      done->missing);
    }
    return NGX_OK;
}

static ngx_int_t confine(ngx_cycle_t *cycle, const ngx_http_sallyport_main_conf_t *conf)
{
    char folder[FOLDER_MAX], seen[NGX_MAX_PATH];
    spp_report done;
    const char *failed = NULL;

    if (ngx_cpystrn((u_char *)folder, (u_char *)(uintptr_t)ngx_http_sallyport_path(conf, &conf->snapshot),
                    sizeof folder) >= (u_char *)folder + sizeof folder - 1) {
        return NGX_ERROR;
    }
    (void)ngx_snprintf((u_char *)seen, sizeof seen, "%s/seen%Z", ngx_http_sallyport_path(conf, &conf->stops));
    const spp_place places[] = {
        {dirname(folder), SPP_READ},
        {ngx_http_sallyport_path(conf, &conf->ledger), SPP_WRITE_FILES},
        {ngx_http_sallyport_path(conf, &conf->stops), SPP_READ},
        {seen, SPP_WRITE_FILES},
    };
    const spp_bounds bounds = {.places = places,
                               .n_places = sizeof places / sizeof places[0],
                               .ports = conf->ports.elts,
                               .n_ports = conf->ports.nelts};
    if (!spp_harden() || !spp_confine(SPP_WORKER, &bounds, &done, &failed)) {
        ngx_log_error(NGX_LOG_ALERT, cycle->log, ngx_errno, "sallyport: a worker cannot be confined: %s",
                      failed ? failed : "the kernel refuses to harden it");
        return NGX_ERROR;
    }
    return report(cycle, &done);
}

ngx_int_t ngx_http_sallyport_confine_worker(ngx_cycle_t *cycle, ngx_http_sallyport_main_conf_t *conf)
{
    if (fchdir(conf->home_fd) != 0) {
        ngx_log_error(NGX_LOG_ALERT, cycle->log, ngx_errno, "sallyport: \"%V\" cannot be entered",
                      &conf->home);
        return NGX_ERROR;
    }
    if (conf->credentials_fd != NGX_CONF_UNSET) {
        (void)close((int)conf->credentials_fd); /* what it needs of it, it has */
    }
    if (conf->secret && !spp_secret_relock(conf->secret, conf->secret_bytes)) {
        ngx_log_error(NGX_LOG_WARN, cycle->log, ngx_errno,
                      "sallyport: credentials cannot be locked in memory");
    }
    return conf->is_confined ? confine(cycle, conf) : NGX_OK;
}
