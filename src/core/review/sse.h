/** @file sse.h  Server-sent events (WHATWG HTML, 9.2.6 "Interpreting an event stream"), cut into blocks
 * without losing a byte: put together, the raw bytes of all blocks are the bytes that were fed. One object
 * per stream, one thread at a time. Private to the review. */
#pragma once
#include "parse/json.h"

/** A run of `data` that stands in `raw`: data[data_at..] up to the next run equals raw[raw_at..]. */
typedef struct sp_sse_run {
    size_t data_at, raw_at;
} sp_sse_run;

/** A block of the stream: up to and with the blank line that ends it. All of it is borrowed until the next
 * call on the parser. */
typedef struct sp_sse_event {
    sp_bytes raw;      /**< every byte of the block */
    sp_bytes name;     /**< value of the last `event` line */
    sp_bytes data;     /**< values of the `data` lines, joined by newlines; no newline at the end */
    sp_span name_line; /**< in raw, with its line end; empty: there is none */
    bool has_data;     /**< there was a `data` line: without one a client is given nothing */
    bool has_comment;
    const sp_span *others; /**< in raw: lines that no client of a model needs (comments, `id`, `retry`,
                              `event` lines that a later one replaces, unknown ones), with their ends */
    size_t n_others;
    const sp_sse_run *runs;
    size_t n_runs;
} sp_sse_event;

typedef struct sp_sse {
    sp_buf raw;    /**< bytes that were fed and not yet handed out */
    size_t start;  /**< of the block that is being read */
    size_t line;   /**< of the line that is being read */
    size_t at;     /**< up to here no line end was found */
    bool skips_lf; /**< the last byte read was a CR that ended a line: an LF that follows belongs to it */
    bool is_begun; /**< the first line was seen: no byte order mark from here on */
    size_t event_max;
    sp_buf data, runs, others;
} sp_sse;

/** @param mem        for buffers, which are reused.
 *  @param event_max  most bytes of one block. */
void sp_sse_init(sp_sse *sse, sp_mem *mem, size_t event_max);

/** Appends a piece of the stream, cut anywhere. What the last block borrowed is gone. @return SP_OK or
 * SP_ENOMEM. */
SP_NODISCARD sp_status sp_sse_feed(sp_sse *sse, sp_bytes piece);

/** Hands out the next complete block. At the end of the stream (`is_last`) the rest is a block too, although
 * its blank line is missing: some clients read it, so it has to be judged.
 *  @param found  receives whether there was one.
 *  @return SP_OK, SP_ENOMEM, SP_EUPSIZE (a block above event_max). */
SP_NODISCARD sp_status sp_sse_next(sp_sse *sse, bool is_last, sp_sse_event *event, bool *found);

/** Bytes that wait for the end of their block. */
size_t sp_sse_waiting(const sp_sse *sse);

/** Where offset `at` of event->data stands in event->raw. The event must have data. */
size_t sp_sse_raw_offset(const sp_sse_event *event, size_t at);
