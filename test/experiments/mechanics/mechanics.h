/** @file mechanics.h  Shared by the files of the experiment's module.
 *
 * The way of a request: a content handler (`mechanics_decide`) reads the body, hands an intent to the
 * committer and suspends; when the intent is durable the request goes on in a named location with
 * `mechanics_guard` and `proxy_pass`; an error of the upstream leads by `error_page` to a named location that
 * decides again; the answer's end is held until its outcome is durable. */
#pragma once
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "committer.h"

/** Bound of each wait. The timer is ours and not cancelable: it also keeps a worker alive that got QUIT. */
#define NGX_HTTP_MECHANICS_WAIT_MS 3000

/** Our bit in r->connection->buffered: "an end is held". 0x0f belongs to TLS and HTTP/2, 0x10 to the write
 * filter, 0x20 to gzip. In the connection, not in the request: the unbuffered upstream looks only there when
 * it decides whether to call the filters with no input. With HTTP/2 it is the stream's own connection. */
#define NGX_HTTP_MECHANICS_BUFFERED 0x40

typedef struct {
    mech_committer *committer; /**< of this worker; NULL in the master */
    ngx_str_t record;
    ngx_msec_t delay;
} ngx_http_mechanics_main_conf_t;

typedef struct {
    ngx_str_t destination; /**< `mechanics_decide`: what this location decides for */
    ngx_str_t location;    /**< `mechanics_decide`: where the request goes then */
    ngx_str_t guard;       /**< `mechanics_guard`: the only destination that may be forwarded to from here */
} ngx_http_mechanics_loc_conf_t;

typedef enum {
    NGX_HTTP_MECHANICS_OPEN = 0, /**< nothing that ends the answer has been seen */
    NGX_HTTP_MECHANICS_WAITING,  /**< outcome is with the committer: the end is held */
    NGX_HTTP_MECHANICS_DURABLE,
    NGX_HTTP_MECHANICS_FAILED /**< the outcome cannot be recorded: an error goes out instead of the end */
} ngx_http_mechanics_outcome_e;

/** What is known of a request. Lives in r->pool and is the data of a pool cleanup, where it is found again
 * after a redirect has zeroed r->ctx. At most one op is in flight; the cleanup detaches it. */
typedef struct {
    ngx_http_request_t *request;
    mech_op *op;
    ngx_event_t timer;

    ngx_str_t body;        /**< as received; each try gets a body made from it */
    ngx_str_t destination; /**< of the current try */
    ngx_str_t location;
    ngx_uint_t tries;

    ngx_http_mechanics_outcome_e outcome;
    ngx_chain_t *free;
    ngx_chain_t *busy;
    u_char *held; /**< bytes of the answer that have not left */
    size_t held_bytes;
    size_t held_size;
    size_t safe_bytes; /**< of them, those that may leave now */

    unsigned is_admitted : 1;    /**< the intent of this try is durable and not yet used */
    unsigned is_sent : 1;        /**< it has been used */
    unsigned is_forwarded : 1;   /**< this or an earlier try was sent */
    unsigned is_intent_open : 1; /**< an intent was submitted whose outcome was not */
    unsigned is_stream : 1;
    unsigned is_header_held : 1;
    unsigned is_cut : 1; /**< the rest of the upstream's answer is dropped */
    unsigned is_flush : 1;
    unsigned is_last : 1;
    unsigned is_last_sent : 1;
} ngx_http_mechanics_state_t;

extern ngx_module_t ngx_http_mechanics_module;

/** The request's state, or NULL. */
ngx_http_mechanics_state_t *ngx_http_mechanics_state_find(ngx_http_request_t *r);

/** Content handler of `mechanics_decide`. */
ngx_int_t ngx_http_mechanics_decide_handler(ngx_http_request_t *r);

/** Content handler of `mechanics_fail`: every destination has failed; an answer of our own. */
ngx_int_t ngx_http_mechanics_fail_handler(ngx_http_request_t *r);

/** PRECONTENT handler of `mechanics_guard`. */
ngx_int_t ngx_http_mechanics_guard_handler(ngx_http_request_t *r);

/** Hands the outcome of the current try to the committer; `how` is one word. The filter is called again when
 * it is durable, or cannot become so. */
ngx_int_t ngx_http_mechanics_outcome_submit(ngx_http_mechanics_state_t *state, const char *how);

/** Puts the filters into the chain. */
ngx_int_t ngx_http_mechanics_filter_init(ngx_conf_t *cf);

void *ngx_http_mechanics_create_srv_conf(ngx_conf_t *cf);

/** `mechanics_upstream ADDRESS:PORT` in an upstream block, before `keepalive`. */
char *ngx_http_mechanics_upstream(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
