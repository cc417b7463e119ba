/** @file ngx_http_sallyport_confine.h  Between nginx and src/confine: a directive, a folder, and the moment
 * at which a worker gives up what it does not need. */
#pragma once
#include "ngx_http_sallyport.h"

#include "confine/confine.h"

/** Directive sallyport_confine PORT...: workers give up what they do not need (src/confine). */
char *ngx_http_sallyport_confine(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
/** Opens the folder that workers work in, as whoever starts nginx: their own user may not be able to reach
 * it. */
ngx_int_t ngx_http_sallyport_home(ngx_conf_t *cf, ngx_http_sallyport_main_conf_t *conf);
/** In a worker, before it starts threads or looks at a request. From then on paths below the state folder are
 * relative.
 */
ngx_int_t ngx_http_sallyport_confine_worker(ngx_cycle_t *cycle, ngx_http_sallyport_main_conf_t *conf);
/** A path as a worker opens it: relative to where it works, when it lies below. */
const char *ngx_http_sallyport_path(const ngx_http_sallyport_main_conf_t *conf, const ngx_str_t *path);
/** Wipes the values of the headers that carry a caller's credential: for the end of an exchange. */
void ngx_http_sallyport_forget_key(ngx_http_request_t *r);
