/** @file ngx_http_sallyport_aside.h  Private to the module: work that would hold up the event loop is done
 *  aside, by one thread of the worker (aside.c), so that no turn of the loop is longer for it; and what a
 * body holds, which is that work (label.c). docs/adr/0021-turns-of-the-loop.md. */
#pragma once
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "sallyport/custom.h"
#include "sallyport/history.h"
#include "sallyport/recall.h"
#include "ngx_http_sallyport_turn.h"

/** The detectors of a policy: the built-in ones and the organisation's. Generations whose configuration says
 * the same of them share one. */
typedef struct {
    sp_engine *engine;
    sp_custom *custom; /* NULL: there are none */
    ngx_uint_t refs;
} ngx_http_sallyport_detectors_t;

/** What a thread needs to look at a body. The loop has one, the thread aside has another. */
typedef struct {
    sp_scratch *scratch;
    sp_arena work; /* for the tree of a body while it is parsed */
} ngx_http_sallyport_tools_t;

/** A step of the work. On the thread: it touches nothing but the exchange's own memory, what is immutable and
 * the tools; no nginx call. */
typedef void (*ngx_http_sallyport_step_pt)(ngx_http_sallyport_exchange_t *x,
                                           ngx_http_sallyport_tools_t *tools);

/** The work of one exchange: it waits for its turn, is under way, or neither. */
typedef struct {
    sp_fair_place place; /* while it waits */
    bool is_under_way;
    ngx_http_sallyport_step_pt step;
    ngx_http_sallyport_then_pt then;
    ngx_event_t timer;
} ngx_http_sallyport_work_t;

/** How far the look at a body has come. */
typedef struct {
    sp_status status; /* the first that was not SP_OK */
    sp_diag diag;
    sp_parts parts;
    sp_told_scope scope;  /* of what is remembered for the application */
    sp_recalled recalled; /* of the body as it came, also for one that a declassifier made of it */
    sp_bytes question;    /* what the answer answers, likewise */
    uint64_t now_s;       /* when that was looked up: the label is of this second */
    ngx_http_sallyport_then_pt labelled;
    ngx_http_sallyport_work_t work;
} ngx_http_sallyport_reading_t;

/** All that is known of a body. */
typedef struct {
    sp_bytes body;
    sp_request request;
    sp_findings findings;
    sp_findings proposals;
    sp_labelling labelling;
    sp_pieces pieces;
    sp_status status; /* of reading it */
} ngx_http_sallyport_view_t;

/** What a declassifier makes of the original: the same for every candidate and in every try, so it is made
 * once. There are as many as declassifiers were asked for; they live with the exchange, within its bound. */
typedef struct ngx_http_sallyport_made_s {
    const sp_declassifier *by;
    bool is_read; /* parsed, scanned and labelled */
    ngx_http_sallyport_view_t view;
    struct ngx_http_sallyport_made_s *next;
} ngx_http_sallyport_made_t;

/** A body that a declassifier made stands in the place of the original while `is_on`. */
typedef struct {
    bool is_on;
    uint8_t candidate;                      /* for which it stands there */
    uint32_t refused;                       /* candidates for which it did not do, a bit each, in this try */
    uint32_t opened;                        /* candidates for which it did, in any try */
    ngx_http_sallyport_made_t *here, *made; /* the one that stands there; all of them */
    ngx_http_sallyport_view_t original;
} ngx_http_sallyport_declassified_t;

/* ---- aside ---- */

/** Starts the thread; after the worker was confined. */
ngx_int_t ngx_http_sallyport_aside_init(ngx_cycle_t *cycle);
/** Waits for the step that is under way. */
void ngx_http_sallyport_aside_fini(void);
/** Bytes that one turn of the loop labels by itself: at worst 30 ms. */
enum { NGX_HTTP_SALLYPORT_A_TURN = 256 << 10 };
/** Whether work that takes as long as labelling `bytes` of a new body is more than this turn of the loop has
 * left. What is small never is. */
bool ngx_http_sallyport_aside_is_due(size_t bytes);
/** Has `step` done aside when its turn comes, then calls `then` on the loop. Turns are by caller and bytes.
 * The exchange, its request and its arena are the thread's meanwhile; a client that leaves is noticed. Past
 * its bound of waiting `then` is called without the step, with reading.status SP_EBUSY. */
void ngx_http_sallyport_aside(ngx_http_sallyport_exchange_t *x, ngx_http_sallyport_step_pt step,
                              ngx_http_sallyport_then_pt then);
/** A further step of work whose turn it is: for `then` only. */
void ngx_http_sallyport_aside_on(ngx_http_sallyport_exchange_t *x, ngx_http_sallyport_step_pt step,
                                 ngx_http_sallyport_then_pt then);
/** The exchange ends; it is not under way. */
void ngx_http_sallyport_aside_forget(ngx_http_sallyport_exchange_t *x);

/* ---- label.c ---- */

/** Parses and labels x->body, on the loop or aside, and calls `then` with the outcome in x->reading. Fills in
 * request, pieces, findings and labelling of the exchange: the same ones, wherever it is done. */
void ngx_http_sallyport_label(ngx_http_sallyport_exchange_t *x, ngx_http_sallyport_then_pt then);
/** Labels anew, without a scan, what has outlived its label by this second: the review of a use case falls
 * due while a body waits for its turn or a try runs. @return SP_OK, SP_ENOMEM: nothing may be decided. */
SP_NODISCARD sp_status ngx_http_sallyport_label_renew(ngx_http_sallyport_exchange_t *x, uint64_t now_s);

/** Puts a declassified body in the place of the original, for the first candidate that it might open, and
 * labels it: `then` is called as by ngx_http_sallyport_label. @return false: there is no such candidate,
 * nothing was done. */
bool ngx_http_sallyport_declassify(ngx_http_sallyport_exchange_t *x, const sp_question *question,
                                   ngx_http_sallyport_then_pt then);
/** The original back in its place; the candidate is not tried that way again. Nothing where it is there. */
void ngx_http_sallyport_declassify_undo(ngx_http_sallyport_exchange_t *x);
