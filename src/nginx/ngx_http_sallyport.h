/** @file ngx_http_sallyport.h  Private to the module: what its files share. The module is glue: it turns
 * nginx's values into the core's and back; nothing here decides. An exchange is a request with all its tries.
 *
 *  - gate.c      entry: route, identify
 *  - body.c      the body as it comes in
 *  - limit.c     rates of callers, memory that is held for them; accept.c: connections of each address
 *  - label.c     parse, label; turn.c, aside.c: whose turn it is, on the loop and on a thread of its own
 *  - attempt.c   decide, record, forward, fail over; declassify.c: a body made for one candidate
 *  - record.c    what is recorded, and waiting until it is durable
 *  - filter.c    the destination's answer: header and body filters; input.c: how it is framed and ends
 *  - answer.c    answers of our own: errors, models, health, metrics
 *  - health.c    what all workers know of the destinations; told.c: of what conversations were told
 *  - peer.c      addresses of a destination, TLS sessions; fresh.c: kept connections that are stale
 *  - exchange.c  the state of one request; metrics.c: counters
 *  - stop.c      what is paused: taking it over, ending what runs
 *  - worker.c    per process: engine, snapshot, ledger writer; module.c: directives, variables, life cycle
 */
#pragma once
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "sallyport/clock.h"
#include "sallyport/ledger.h"
#include "sallyport/splice.h"
#include "ngx_http_sallyport_aside.h"

extern ngx_module_t ngx_http_sallyport_module;

/** Parts of one answer that may be under way to the ledger at once. */
#define NGX_HTTP_SALLYPORT_FRAMES_MAX 8

/** Bit of c->buffered while bytes wait here; above the low-level bits (0x0f), beside those of write (0x10)
 * and gzip (0x20). In c, not in r: the unbuffered upstream looks there when it decides whether to call the
 * filters again. */
#define NGX_HTTP_SALLYPORT_BUFFERED 0x40

/* ---- configuration ---- */

typedef struct {
    ngx_str_t destination;
    ngx_str_t credential; /* in the clear, in locked pages of master and workers only */
} ngx_http_sallyport_credential_t;

typedef struct {
    ngx_str_t snapshot; /* path */
    ngx_str_t ledger;   /* path of the folder */
    ngx_str_t stops;    /* path of the folder */
    size_t segment;     /* bytes of a ledger segment */
    ngx_int_t per_address, credentials_fd;
    ngx_array_t credentials; /* ngx_http_sallyport_credential_t */
    void *secret;            /* the pages that they lie in */
    size_t secret_bytes;
    ngx_str_t home; /* the folder that holds the ledger's folder; workers work there */
    int home_fd;
    ngx_flag_t is_confined;
    ngx_array_t ports; /* uint16_t: what a confined worker may connect to */
    ngx_shm_zone_t *metrics;
} ngx_http_sallyport_main_conf_t;

typedef struct {
    ngx_str_t destination;   /* set: this location forwards to it and to nothing else */
    ngx_msec_t idle_timeout; /* between two pieces of an answer; unset: as long as to the first */
} ngx_http_sallyport_loc_conf_t;

/* ---- the worker ---- */

/** One generation of policy, mapped and decoded; lives as long as the worker or an exchange holds it. */
typedef struct {
    sp_snapshot snapshot;
    ngx_http_sallyport_detectors_t *detectors;
    sp_arena arena;
    void *map;
    size_t map_bytes;
    ino_t inode;
    ngx_uint_t refs;
} ngx_http_sallyport_policy_t;

typedef struct {
    sp_engine *engine;                   /* the built-in detectors */
    ngx_http_sallyport_tools_t tools;    /* the loop's */
    ngx_http_sallyport_policy_t *policy; /* NULL: none could be read; everything is refused */
    spl_writer *writer;
    spl_batch *submit_first, **submit_last; /* of this turn of the event loop */
    ngx_event_t submit_event, poll_event;
    ngx_connection_t *writer_connection;
    sp_sealer sealer;
    uint64_t sealer_until;
    bool has_sealer;
    sp_history history; /* blocks seen by this worker */
    void *history_table;
    uint32_t segment;     /* of the ledger, as the last durable record says; 0: none yet */
    uint64_t batch_bytes; /* of batches on their way to the ledger */
    sp_clock clock;
    uint64_t unready_until; /* a record failed a moment ago */
    struct stat refused;    /* the snapshot file that was refused last; zeroed: none */
    uint8_t random[4096];   /* the last n_random bytes are not used yet, the others are wiped */
    size_t n_random;
    ngx_http_sallyport_main_conf_t *conf;
    ngx_http_sallyport_stops_t stops;
} ngx_http_sallyport_worker_t;

/** The state of this process; zeroed until init_process. The one global: a worker is single-threaded and
 * nginx gives callbacks no other way in. */
extern ngx_http_sallyport_worker_t ngx_http_sallyport_worker;

ngx_int_t ngx_http_sallyport_worker_init(ngx_cycle_t *cycle, ngx_http_sallyport_main_conf_t *conf);
void ngx_http_sallyport_worker_fini(void);
ngx_http_sallyport_policy_t *ngx_http_sallyport_policy_hold(void); /* NULL when there is none */
void ngx_http_sallyport_policy_release(ngx_http_sallyport_policy_t *policy);
/** Hands a batch to the ledger at the end of this turn of the event loop. */
void ngx_http_sallyport_submit(spl_batch *batch);
/** A sealer for the snapshot's key, at most a minute old; NULL when libcrypto fails. */
sp_sealer *ngx_http_sallyport_sealer(const sp_snapshot *snapshot);
/** Random bytes for keys, salts and ids, each handed out once. */
ngx_int_t ngx_http_sallyport_random(void *out, size_t n);
bool ngx_http_sallyport_is_ready(void);

/* ---- metrics ---- */

enum {
#define X(ID, name, type, help) NGX_HTTP_SALLYPORT_M_##ID,
#include "tbl/metrics.h"
    NGX_HTTP_SALLYPORT_N_METRICS
};
void ngx_http_sallyport_count(ngx_uint_t metric, ngx_uint_t n);
ngx_int_t ngx_http_sallyport_metrics_zone(ngx_conf_t *cf, ngx_http_sallyport_main_conf_t *conf);
void ngx_http_sallyport_metrics_append(sp_buf *out);

/* ---- one exchange ---- */

typedef enum {
    SALLYPORT_ARRIVED = 0, /* nothing decided: whatever asks to forward is refused */
    SALLYPORT_RECORDING,   /* an intent waits to be durable */
    SALLYPORT_FORWARDED,   /* decided and durable for exactly one destination */
    SALLYPORT_REFUSED,     /* an answer of our own is on its way */
} ngx_http_sallyport_state_t;

typedef enum {
    SALLYPORT_ANSWER_NONE = 0,
    SALLYPORT_ANSWER_STREAM, /* events are handed out as they are reviewed */
    SALLYPORT_ANSWER_WHOLE,  /* header and body wait for the verdict */
    SALLYPORT_ANSWER_BAD,    /* cannot be reviewed: dropped, an error of ours takes its place */
} ngx_http_sallyport_answer_t;

/** The body on its way in: memory of its own, as large as what has come asks for. */
typedef struct {
    u_char *p;
    size_t n, room;
    bool is_open; /* pieces are taken */
    ngx_http_client_body_handler_pt then;
    ngx_event_t timer;
} ngx_http_sallyport_received_t;
typedef void (*ngx_http_sallyport_durable_pt)(ngx_http_sallyport_exchange_t *x, sp_status status);

struct ngx_http_sallyport_exchange_s {
    ngx_http_request_t *r;
    ngx_http_sallyport_turn_t turn;
    ngx_http_sallyport_policy_t *policy;
    sp_arena arena;
    size_t
        arena_limit;   /* most that the arena may ever hold; arena.mem.limit follows the room in the worker */
    ngx_uint_t caller; /* row among the callers, from 1; 0: not counted among them */
    uint64_t held;     /* bytes, as last counted */
    sp_allowance allowance;
    ngx_http_sallyport_state_t state;
    uint64_t arrived_us, first_byte_us;
    ngx_uint_t
        http_version; /* the client's; nginx writes 0.9 over it when a destination sends no status line */
    uint8_t id[SP_REQUEST_ID_BYTES];
    u_char id_text[2 * SP_REQUEST_ID_BYTES + 1];

    sp_route route;
    const sp_key *key;
    sp_purpose purpose; /* without an application until the caller is known */
    ngx_http_sallyport_received_t received;
    sp_bytes body; /* the whole of what was received, one run */
    sp_request request;
    sp_findings findings, proposals;
    sp_labelling labelling;
    ngx_http_sallyport_reading_t reading; /* how these came about */
    ngx_http_sallyport_declassified_t declassified;
    sp_decision decision;
    bool is_retry_denied; /* no retry may follow: the budget is empty */
    uint32_t decide_us;
    bool is_admitted;        /* one durable intent admits one sending: set when durable, taken by the guard */
    uint32_t tried;          /* candidates that failed, a bit each */
    uint8_t attempt;         /* 1 for the first try; 0: none yet */
    sp_health_ticket ticket; /* of the try under way, until its outcome */
    bool was_no_http;        /* what came in the try is no answer at all */
    bool was_stale;          /* the try failed on a kept connection before any byte of an answer … */
    bool was_unsent;         /* … and nothing of it had reached the destination when that closed */
    uint8_t n_unsent;        /* tries of that kind */
    ngx_int_t (*process_header)(ngx_http_request_t *r); /* nginx's own */
    uint32_t retry_after_s; /* what the destination that failed last asked for; 0: nothing */
    bool asked_usage;
    sp_pieces pieces; /* of the body; none when it did not parse */

    spl_batch *pending; /* what the exchange waits for */
    ngx_event_t wait;
    ngx_http_sallyport_durable_pt on_durable;
    uint8_t pending_kind; /* sp_record_kind of what brings blocks of the request and is waited for */
    bool owes_outcome;    /* an intent was handed to the ledger, its outcome not yet */

    ngx_queue_t link;    /* in the worker's list */
    sp_stop stop;        /* what refused or ended it; texts live in the arena */
    bool is_try_stopped; /* the try that now fails was ended by a stop */
    sp_status refusal;   /* why: for the answer of our own */
    sp_bytes refusal_text;
    ngx_uint_t refusal_http; /* status of that answer where it is not its row's; 0: it is */

    ngx_http_sallyport_answer_t answer;
    sp_review *review;
    sp_status verdict;                                /* first failure of the answer */
    spl_batch *frames[NGX_HTTP_SALLYPORT_FRAMES_MAX]; /* parts of the answer under way to the ledger */
    bool is_frame_lost; /* part of the answer could not be recorded: it must not be finished */
    bool is_filtering;  /* the body filter is on the stack: what becomes durable now is sent by it */
    bool gate_is_shut, is_fed_last, is_header_held, is_ended, is_dead, is_last_sent;
    uint64_t bytes_out;
    bool is_full;                             /* input waits until a part of the answer is recorded */
    struct ngx_http_sallyport_input_s *input; /* of this try */
    bool is_broken;                           /* the destination broke off */
    bool is_timed_out;                        /* it fell silent */
    ngx_chain_t *in;                          /* of the destination, not taken yet */
    ngx_chain_t *out, **out_last, *free, *busy;
};

/** Makes the exchange of a main request; NULL when memory is short. */
ngx_http_sallyport_exchange_t *ngx_http_sallyport_exchange_new(ngx_http_request_t *r);
/** The exchange of a request, also after a redirect zeroed its context; NULL when there is none. */
ngx_http_sallyport_exchange_t *ngx_http_sallyport_exchange_find(ngx_http_request_t *r);

/* ---- handlers: content of `sallyport gate|next|fail|oversize|page`, guard of forwarding locations ---- */

ngx_int_t ngx_http_sallyport_gate_handler(ngx_http_request_t *r);
ngx_int_t ngx_http_sallyport_next_handler(ngx_http_request_t *r);
ngx_int_t ngx_http_sallyport_fail_handler(ngx_http_request_t *r);
ngx_int_t ngx_http_sallyport_oversize_handler(ngx_http_request_t *r);
ngx_int_t ngx_http_sallyport_page_handler(ngx_http_request_t *r);
ngx_int_t ngx_http_sallyport_guard_handler(ngx_http_request_t *r);
/** Finds the route of a request, as far as there is one: the dialect of an error is set in any case. */
void ngx_http_sallyport_gate_route(ngx_http_sallyport_exchange_t *x);

/** Body is here: parse, label, decide, record, forward or refuse. */
void ngx_http_sallyport_attempt(ngx_http_sallyport_exchange_t *x);

/* ---- records ---- */

/** Records the intent of the current decision and calls `then` when it is durable, or has failed, or took too
 * long. */
void ngx_http_sallyport_record_intent(ngx_http_sallyport_exchange_t *x, ngx_http_sallyport_durable_pt then);
/** The same for a refusal. */
void ngx_http_sallyport_record_refusal(ngx_http_sallyport_exchange_t *x, ngx_http_sallyport_durable_pt then);
/** A record that was waited for relied on a segment that is closed: records it again with all of its blocks,
 * within the same bound of waiting. @return false when that record cannot be built: it is not durable. */
bool ngx_http_sallyport_record_again(ngx_http_sallyport_exchange_t *x);
/** A batch is durable: the blocks that it brought may be named by later records. */
void ngx_http_sallyport_record_known(const spl_batch *batch);
/** Records a part of the answer (kind ANSWER), or the outcome. `then` NULL: nobody waits. */
void ngx_http_sallyport_record_answer(ngx_http_sallyport_exchange_t *x, ngx_http_sallyport_durable_pt then);
void ngx_http_sallyport_record_outcome(ngx_http_sallyport_exchange_t *x, sp_status status,
                                       ngx_http_sallyport_durable_pt then);
/** While a request waits and nothing is read from its client: notice when it leaves. */
void ngx_http_sallyport_watch_client(ngx_http_request_t *r);
/** Whether another part of an answer may be recorded without waiting for it. */
bool ngx_http_sallyport_record_has_room(const ngx_http_sallyport_exchange_t *x);
/** A batch came back: takes note if it was a part of the answer. @return false when it is what `x` waits for.
 */
bool ngx_http_sallyport_record_frame_done(ngx_http_sallyport_exchange_t *x, const spl_batch *batch,
                                          sp_status status);
/** Ends a wait without its handler: the request goes away. */
void ngx_http_sallyport_record_forget(ngx_http_sallyport_exchange_t *x);

/* ---- answers of our own ---- */

/** Refuses: records if the caller is identified, then answers in the dialect's shape. `text` NULL: the row's
 * sentence. Finalizes the request. */
void ngx_http_sallyport_refuse(ngx_http_sallyport_exchange_t *x, sp_status status, const sp_bytes *text);
/** Sends the error of x->refusal now. Returns what the content handler returns. */
ngx_int_t ngx_http_sallyport_send_error(ngx_http_sallyport_exchange_t *x);
/** Prepares status and headers of an error of ours, and its body, without sending. */
sp_bytes ngx_http_sallyport_error_body(ngx_http_sallyport_exchange_t *x, sp_status status, sp_bytes text);
void ngx_http_sallyport_error_headers(ngx_http_sallyport_exchange_t *x, sp_status status, size_t body_bytes);
ngx_int_t ngx_http_sallyport_send_page(ngx_http_sallyport_exchange_t *x, ngx_uint_t status, const char *type,
                                       sp_bytes body);
ngx_int_t ngx_http_sallyport_serve(ngx_http_sallyport_exchange_t *x);
void ngx_http_sallyport_own_headers(ngx_http_sallyport_exchange_t *x);
ngx_int_t ngx_http_sallyport_header_push(ngx_http_request_t *r, const char *name, sp_bytes value);

/* ---- filters ---- */

void ngx_http_sallyport_filter_init(void);
/** Stands in front of the proxy for the body of this try: call when its header has come. */
ngx_int_t ngx_http_sallyport_input_watch(ngx_http_sallyport_exchange_t *x);
/** Whether the header says in one way only where the body ends: a length that is a number, or `chunked`, or
 * neither. */
bool ngx_http_sallyport_input_is_framed(const ngx_http_request_t *r);
void ngx_http_sallyport_filter_resume(ngx_http_sallyport_exchange_t *x);

#include "conversions.h"
