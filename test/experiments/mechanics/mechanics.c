/* Directives, variables and the worker's committer. */
#include "mechanics.h"

static ngx_int_t ngx_http_mechanics_init(ngx_conf_t *cf);
static ngx_int_t ngx_http_mechanics_add_variables(ngx_conf_t *cf);
static void *ngx_http_mechanics_create_main_conf(ngx_conf_t *cf);
static void *ngx_http_mechanics_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_mechanics_decide(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static char *ngx_http_mechanics_fail(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static ngx_int_t ngx_http_mechanics_init_process(ngx_cycle_t *cycle);
static void ngx_http_mechanics_exit_process(ngx_cycle_t *cycle);

static ngx_command_t ngx_http_mechanics_commands[] = {

    {ngx_string("mechanics_record"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, ngx_conf_set_str_slot,
     NGX_HTTP_MAIN_CONF_OFFSET, offsetof(ngx_http_mechanics_main_conf_t, record), NULL},

    {ngx_string("mechanics_delay"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, ngx_conf_set_msec_slot,
     NGX_HTTP_MAIN_CONF_OFFSET, offsetof(ngx_http_mechanics_main_conf_t, delay), NULL},

    {ngx_string("mechanics_decide"), NGX_HTTP_LOC_CONF | NGX_CONF_TAKE2, ngx_http_mechanics_decide,
     NGX_HTTP_LOC_CONF_OFFSET, 0, NULL},

    {ngx_string("mechanics_guard"), NGX_HTTP_LOC_CONF | NGX_CONF_TAKE1, ngx_conf_set_str_slot,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(ngx_http_mechanics_loc_conf_t, guard), NULL},

    {ngx_string("mechanics_fail"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, ngx_http_mechanics_fail,
     NGX_HTTP_LOC_CONF_OFFSET, 0, NULL},

    {ngx_string("mechanics_upstream"), NGX_HTTP_UPS_CONF | NGX_CONF_TAKE1, ngx_http_mechanics_upstream,
     NGX_HTTP_SRV_CONF_OFFSET, 0, NULL},

    ngx_null_command};

static ngx_http_module_t ngx_http_mechanics_module_ctx = {
    ngx_http_mechanics_add_variables,
    ngx_http_mechanics_init,
    ngx_http_mechanics_create_main_conf,
    NULL,
    ngx_http_mechanics_create_srv_conf,
    NULL,
    ngx_http_mechanics_create_loc_conf,
    NULL /* nothing is inherited: an inner location without the directives has none of them */
};

ngx_module_t ngx_http_mechanics_module = {NGX_MODULE_V1,
                                          &ngx_http_mechanics_module_ctx,
                                          ngx_http_mechanics_commands,
                                          NGX_HTTP_MODULE,
                                          NULL,
                                          NULL,
                                          ngx_http_mechanics_init_process,
                                          NULL,
                                          NULL,
                                          ngx_http_mechanics_exit_process,
                                          NULL,
                                          NGX_MODULE_V1_PADDING};

/* $mechanics_path, $mechanics_destination: what the current try sends. Not cacheable: a second try has
 * others. */
static ngx_int_t ngx_http_mechanics_variable(ngx_http_request_t *r, ngx_http_variable_value_t *v,
                                             uintptr_t data)
{
    ngx_http_mechanics_state_t *state = ngx_http_mechanics_state_find(r);

    if (state == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    const ngx_str_t *value = data ? &state->destination : &r->uri;

    v->data = value->data;
    v->len = value->len & 0xfffffff; /* the field has 28 bits; a URI is far shorter */
    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = 0;

    return NGX_OK;
}

static ngx_int_t ngx_http_mechanics_add_variables(ngx_conf_t *cf)
{
    static ngx_str_t names[] = {ngx_string("mechanics_path"), ngx_string("mechanics_destination")};

    for (ngx_uint_t i = 0; i < 2; i++) {
        ngx_http_variable_t *var = ngx_http_add_variable(cf, &names[i], NGX_HTTP_VAR_NOCACHEABLE);

        if (var == NULL) {
            return NGX_ERROR;
        }
        var->get_handler = ngx_http_mechanics_variable;
        var->data = i;
    }

    return NGX_OK;
}

static ngx_int_t ngx_http_mechanics_init(ngx_conf_t *cf)
{
    ngx_http_core_main_conf_t *cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    ngx_http_handler_pt *h = ngx_array_push(&cmcf->phases[NGX_HTTP_PRECONTENT_PHASE].handlers);

    if (h == NULL) {
        return NGX_ERROR;
    }
    *h = ngx_http_mechanics_guard_handler;

    return ngx_http_mechanics_filter_init(cf);
}

static void *ngx_http_mechanics_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_mechanics_main_conf_t *conf = ngx_pcalloc(cf->pool, sizeof(*conf));

    if (conf != NULL) {
        conf->delay = NGX_CONF_UNSET_MSEC;
    }
    return conf;
}

static void *ngx_http_mechanics_create_loc_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_mechanics_loc_conf_t));
}

static char *ngx_http_mechanics_decide(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_mechanics_loc_conf_t *lcf = conf;
    ngx_http_core_loc_conf_t *clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    ngx_str_t *value = cf->args->elts;

    if (clcf->handler) {
        return "conflicts with another content handler";
    }

    clcf->handler = ngx_http_mechanics_decide_handler;
    lcf->destination = value[1];
    lcf->location = value[2];

    return NGX_CONF_OK;
}

static char *ngx_http_mechanics_fail(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t *clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    clcf->handler = ngx_http_mechanics_fail_handler;

    return NGX_CONF_OK;
}

static void ngx_http_mechanics_event_handler(ngx_event_t *ev)
{
    ngx_connection_t *c = ev->data;

    mech_committer_reap(c->data);
}

static ngx_int_t ngx_http_mechanics_init_process(ngx_cycle_t *cycle)
{
    ngx_http_mechanics_main_conf_t *mcf =
        ngx_http_cycle_get_module_main_conf(cycle, ngx_http_mechanics_module);

    if (mcf == NULL || mcf->record.len == 0) {
        return NGX_OK;
    }

    ngx_conf_init_msec_value(mcf->delay, 0);

    mcf->committer = mech_committer_open((char *)mcf->record.data, (unsigned)mcf->delay);
    if (mcf->committer == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, ngx_errno, "mechanics: no committer for \"%V\"",
                      &mcf->record);
        return NGX_ERROR;
    }

    ngx_connection_t *c = ngx_get_connection(mech_committer_fd(mcf->committer), cycle->log);
    if (c == NULL) {
        return NGX_ERROR;
    }

    c->data = mcf->committer;
    c->read->handler = ngx_http_mechanics_event_handler;
    c->read->log = cycle->log;
    c->read->channel = 1; /* else the exit of the worker reports an open socket */

    return ngx_add_event(c->read, NGX_READ_EVENT, NGX_CLEAR_EVENT);
}

/* What was submitted by the last cleanups of this worker becomes durable before it ends. */
static void ngx_http_mechanics_exit_process(ngx_cycle_t *cycle)
{
    ngx_http_mechanics_main_conf_t *mcf =
        ngx_http_cycle_get_module_main_conf(cycle, ngx_http_mechanics_module);

    if (mcf != NULL && mcf->committer != NULL) {
        mech_committer_close(mcf->committer);
        mcf->committer = NULL;
    }
}
