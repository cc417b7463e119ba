/** @file conversions.h  Small conversions between nginx's values and the core's, and clocks. Part of
 * ngx_http_sallyport.h, private to the module. */
#pragma once
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "sallyport/base.h"

uint64_t ngx_http_sallyport_now_us(void); /* monotonic */
uint64_t ngx_http_sallyport_now_s(void);  /* what validity is judged by: never goes back */

/** Walks nginx's list of header fields: start with `part` at its first part and `i` 0. */
typedef struct {
    ngx_list_part_t *part;
    ngx_uint_t i;
} ngx_http_sallyport_fields_t;

/** The next field, or NULL after the last one. */
static inline ngx_table_elt_t *ngx_http_sallyport_field(ngx_http_sallyport_fields_t *at)
{
    while (at->part && at->i >= at->part->nelts) {
        at->part = at->part->next;
        at->i = 0;
    }
    return at->part ? (ngx_table_elt_t *)at->part->elts + at->i++ : NULL;
}

/** Copies and returns the end of the copy; unlike ngx_cpymem it takes the empty run, whose pointer may be
 * NULL. */
static inline u_char *ngx_http_sallyport_copy(u_char *p, sp_bytes s)
{
    return s.n ? ngx_cpymem(p, s.p, s.n) : p;
}

static inline sp_bytes ngx_http_sallyport_bytes(ngx_str_t s)
{
    return (sp_bytes){s.data, s.len};
}
