/** @file review_internal.h  What the files of the review share.
 *
 *  The path of an event: sse.c cuts the stream into blocks; leaves.c lists what stands in the JSON of a
 * block, each string with its row of the dialect's table (answer_*.c); event.c judges it: texts that stream
 * go through their channel's tape (channel.c), arguments of tool calls are collected (call.c), all else is
 * scanned by itself; emit.c writes what may leave into the queue; queue.c says how much of the queue may go,
 * and which gate stands before the next byte.
 *
 *  Functions return SP_OK, or SP_ENOMEM / SP_EINTERNAL (the review is over, nothing may leave), or the
 * verdict with which the answer is cut. */
#pragma once
#include "review/acts.h"
#include "review/answer.h"
#include "review/channel.h"
#include "review/sse.h"
#include "sallyport/review.h"

enum {
    SP_CHANNELS_MAX = 1024, /**< texts that one answer may consist of */
    SP_CALLS_MAX = 1024,    /**< tool calls of one answer */
    SP_INDEX_MAX = 65535,   /**< of a choice, a block, a call */
    SP_LISTED_MAX = 1024,   /**< findings that a summary lists; all are acted on */
    SP_REPORTED_MAX = 256,  /**< bytes of a name that the destination reports */
};

/* ---- state ---- */

/** A tool call that is being collected. */
typedef struct sp_call {
    uint32_t index[SP_PATH_INDEX_MAX];
    const char *path;
    sp_buf text;     /**< arguments, decoded once */
    sp_buf name, id; /**< as clients join the pieces of them */
    /** With a policy that masks, arguments are kept back and leave in one piece. */
    const sp_leaf_row *arguments; /**< row of the arguments */
    sp_buf raw;                   /**< arguments as they stood, escaped; when complete: as they leave */
    bool is_touched;              /**< the event at hand has a piece of the arguments */
    bool is_written;
    bool is_complete; /**< and judged */
    bool is_recorded; /**< a gate was opened for it */
} sp_call;

typedef enum sp_wait_kind { SP_WAIT_TEXT = 0, SP_WAIT_CALL, SP_WAIT_FINISH } sp_wait_kind;

/** Why the queue may not leave beyond `at`. */
typedef struct sp_wait {
    uint8_t kind; /**< sp_wait_kind */
    uint64_t at;  /**< offset in all that was ever queued */
    sp_channel *channel;
    uint64_t text_end; /**< the channel has to be judged up to here */
    sp_call *call;
} sp_wait;

/** What the review finds out about the event at hand. */
typedef struct sp_judgement {
    const sp_sse_event *sse;
    sp_json json;
    bool is_whole;   /**< may not be altered (but for text that goes in front) */
    bool is_finish;  /**< tells the client that something is finished */
    bool is_end;     /**< the last event of a stream */
    bool is_dropped; /**< usage that the client did not ask for */
    bool closes_all;
    uint32_t closes; /**< number of entries in review->closing */
    bool is_leak;
} sp_judgement;

/** A change of the data of an event: [start, end) is replaced. */
typedef struct sp_edit {
    size_t start, end;
    size_t by, by_n; /**< in review->spliced */
} sp_edit;

/** Something that waits for its turn in a list that only grows at the end. */
typedef struct sp_list {
    sp_buf bytes;
    size_t first; /**< bytes at the front that are done with */
} sp_list;

/** Where a member was found in the table of answers: numbers of rows, small since each open stream has them.
 */
typedef struct sp_leaf_hint {
    uint16_t object;    /**< the first row of its object, whose path is `at` long */
    uint16_t row, end;  /**< its own; equal: none yet */
    uint16_t at, key_n; /**< lengths of the object's path and of the key */
} sp_leaf_hint;
enum { SP_LEAF_HINTS = 24 };

struct sp_review {
    sp_review_options options;
    const sp_answer_table *table;
    sp_mem *mem;
    sp_scratch *scratch;  /**< of the call at hand */
    sp_findings found;    /**< of the scan at hand */
    bool has_acted_on[2]; /**< something was found whose kind is acted on, if only where it is new; [1]: in
                             texts that clients show */

    sp_sse sse;
    sp_leaf_hint *hints;     /**< SP_LEAF_HINTS of a stream; NULL: a whole answer */
    sp_buf leaves;           /**< sp_leaf of the event at hand, in the memory that streams take in turns */
    sp_buf alone, alone_ok;  /**< strings scanned by themselves, of this event; and of the last one, in which
                                nothing was found */
    sp_buf marks;            /**< where each of them begins */
    sp_buf closing;          /**< uint32_t: indexes of choices or blocks that the event at hand closes */
    sp_buf edits;            /**< sp_edit */
    sp_buf spliced;          /**< what they put in */
    sp_buf rendered, after;  /**< a text with its masks in it: as it stands in JSON, decoded */
    sp_masks masks;          /**< of the string at hand */
    sp_escapes *maps;        /**< of the levels of a text; NULL: none yet */
    sp_pool shapes;          /**< JSON of arguments */
    sp_buf channels, calls;  /**< sp_channel *, sp_call * */
    sp_buf blocks;           /**< by index: how far a block of Anthropic is (answer_anthropic.c) */
    sp_buf spare, spare_raw; /**< buffers of a call that is over */
    sp_buf decoded;          /**< a text with one more level of escapes resolved */
    sp_buf folded;           /**< a text folded, with what folds in `folds` */
    sp_escapes folds;
    sp_buf head; /**< members that an event of ours repeats (append_piece) */

    sp_buf out; /**< the queue (of a whole answer: its body); out.p[0] has offset out_at of all that was
                   queued */
    uint64_t out_at, given; /**< given: up to here it was released */
    sp_list waits;          /**< sp_wait, in order of `at` */
    sp_gate gate;           /**< closed now */
    bool is_input_over;     /**< terminator, end or cut: what comes now is not looked at */
    uint8_t last_cr;        /**< sp_last_cr */
    bool is_outcome_passed;
    bool is_ended;     /**< the last byte was released */
    sp_status verdict; /**< why the answer is cut */
    sp_bytes why;      /**< what the error event says of it; empty: the sentence of the status */

    sp_buf answer; /**< bytes of the destination for the record */
    bool is_answer_taken;
    sp_buf listed; /**< sp_review_finding */
    sp_buf model, id, version, finish;
    sp_review_summary summary;
    sp_passage_run passage_run; /**< of the texts of a whole answer that clients join */
    sp_buf told;                /**< sp_told_tag, for the caller */
    bool is_told_taken;
    size_t n_told;             /**< tags so far */
    sp_told_question question; /**< what the answer answers */
    sp_told_text *blocks_told; /**< all texts that clients join over blocks, one behind the other */
    unsigned n_blocks_told;
};

/** Whether the last block ended with a CR whose LF may be still to come, and what became of the block. */
typedef enum sp_last_cr { SP_CR_NONE = 0, SP_CR_SENT, SP_CR_DROPPED } sp_last_cr;

/* ---- leaves.c ---- */
/** Both are gone when another text is read with this scratch: forget them before the call from outside
 * returns. */
SP_NODISCARD sp_status sp_review__leaves(sp_review *review, sp_bytes json_text, sp_json *json);
void sp_review__leaves_forget(sp_review *review);
static inline sp_leaf *sp_review__leaf_at(sp_review *review)
{
    return (sp_leaf *)(void *)review->leaves.p;
}
static inline size_t sp_review__n_leaves(const sp_review *review)
{
    return review->leaves.n / sizeof(sp_leaf);
}

/* ---- findings.c: SP_ELEAK when a finding may not leave ---- */

/** Lists review->found and judges it. @param at  offset of the scanned text in the text of its place. */
SP_NODISCARD sp_status sp_review__list(sp_review *review, sp_place place, uint64_t at, const sp_sink *sink);
/** What is looked for beside what a scan finds. */
typedef struct sp_find {
    bool addresses; /**< of all sorts: clients show the text as it stands */
    bool whole; /**< names, tables and what is disguised: all of the text is there before any of it leaves */
} sp_find;
/** Finds in a text that is complete: review->found. */
SP_NODISCARD sp_status sp_review__find(sp_review *review, sp_bytes text, sp_find what);
/** The same in the text folded; nothing when nothing folds. Offsets are those of the text. */
SP_NODISCARD sp_status sp_review__find_folded(sp_review *review, sp_bytes text);
/** Scans a text that is complete and where nothing can be replaced. */
SP_NODISCARD sp_status sp_review__scan(sp_review *review, sp_bytes text, sp_place place);
/** Scans `text`, which is what reading `number` of the channel holds back, as if it ended there, and lists
 * what may not leave; with `is_end`, since it does end there, also what is replaced. Tapes list the rest. */
SP_NODISCARD sp_status sp_review__peek(sp_review *review, sp_channel *channel, size_t number, sp_bytes text,
                                       bool is_end);
/** Adds a string to those of the event at hand that are scanned by themselves. */
void sp_review__alone(sp_review *review, sp_bytes text, sp_place place);
/** The next string of them begins here; for one that is put together byte by byte. */
void sp_review__alone_begin(sp_review *review, sp_place place);
/** Scans them all; _joined: as clients put them together, for what goes over their ends. */
SP_NODISCARD sp_status sp_review__scan_joined(sp_review *review);
SP_NODISCARD sp_status sp_review__scan_alone(sp_review *review);

/* ---- channel.c ---- */
SP_NODISCARD sp_status sp_review__channel(sp_review *review, const sp_leaf *leaf, sp_channel **out);
static inline size_t sp_review__n_channels(const sp_review *review)
{
    return review->channels.n / sizeof(sp_channel *);
}
static inline sp_channel *sp_review__channel_at(const sp_review *review, size_t i)
{
    return ((sp_channel **)(void *)review->channels.p)[i];
}
/** Puts the collected piece on the tape. A finding that may not leave shows in channel->stop. */
SP_NODISCARD sp_status sp_review__channel_feed(sp_review *review, sp_channel *channel, bool is_last);
/** The same for a piece in mid-stream, of any row. */
SP_NODISCARD sp_status sp_review__channel_advance(sp_review *review, sp_channel *channel);
/** Judges what is held back but for what could become a finding if the text goes on. */
SP_NODISCARD sp_status sp_review__channel_pause(sp_review *review, sp_channel *channel);
/** Judges what is held back of a text whose block is over, and that of the next may go on. */
SP_NODISCARD sp_status sp_review__channel_hold(sp_review *review, sp_channel *channel);
/** The same for all such texts, when what comes next is none of them. */
SP_NODISCARD sp_status sp_review__pause_held(sp_review *review);
/** What it holds back since its block is over may leave. */
void sp_review__let_go(sp_channel *channel);
/** Judges what is held back as if the text ended here; the tape stays, in case that more comes. */
SP_NODISCARD sp_status sp_review__channel_settle(sp_review *review, sp_channel *channel);

/* ---- call.c ---- */
/** The call that a leaf belongs to; begins it (a wait in the queue) when it is new. */
SP_NODISCARD sp_status sp_review__call(sp_review *review, const char *path, const uint32_t *index,
                                       sp_call **out);
/** Judges the calls of choice or block `index` (UINT32_MAX: all) that are below number `below`. */
SP_NODISCARD sp_status sp_review__calls_complete(sp_review *review, uint32_t index, uint32_t below);
/** Judges the calls that will never be complete. */
SP_NODISCARD sp_status sp_review__calls_abandon(sp_review *review);
/** The arguments of a complete call stand in the queue. */
SP_NODISCARD sp_status sp_review__call_written(sp_review *review, sp_call *call);
/** The gate that was opened covers every call that is complete now. */
void sp_review__calls_recorded(sp_review *review);
/** Scans a text at each level of escapes. @param sink  without a stop. */
SP_NODISCARD sp_status sp_review__scan_levels(sp_review *review, sp_bytes text, sp_place place,
                                              const sp_sink *sink);

/* ---- event.c ---- */
SP_NODISCARD sp_status sp_review__event(sp_review *review, const sp_sse_event *sse);
/** Adds a leaf to what is scanned by itself. @param before  the leaf in front of it, or NULL. */
void sp_review__alone_leaf(sp_review *review, const sp_leaf *leaf, const sp_leaf *before);
/** Whether clients join it with others; what a number of BYTES adds. */
bool sp_review__is_joined(const sp_leaf *leaf);
uint8_t sp_review__byte_of(sp_bytes number);
/** Closes everything: no more events will come. */
SP_NODISCARD sp_status sp_review__close_all(sp_review *review);
/** The same for a stream that ended before it was over: what is safe leaves, open calls do not. @return not
 * SP_OK. */
SP_NODISCARD sp_status sp_review__abandon_all(sp_review *review);
SP_NODISCARD sp_status sp_review__closes(sp_review *review, sp_judgement *event, uint32_t index);

/* ---- emit.c ---- */
SP_NODISCARD sp_status sp_review__emit(sp_review *review, const sp_judgement *event);
/** Adds a change of the event's data (of a whole answer: of its body). */
SP_NODISCARD sp_status sp_review__edit(sp_review *review, size_t start, size_t end, sp_bytes by);
/** Sends what a channel holds back, up to what is judged, in an event of its own. */
SP_NODISCARD sp_status sp_review__flush(sp_review *review, sp_channel *channel);
/** Queues the rest of it behind a wait. */
SP_NODISCARD sp_status sp_review__flush_held(sp_review *review, sp_channel *channel);

/* ---- telling.c: what the client is told, for whoever remembers it ---- */
/** The text of a channel goes on with `text`, or with what a raw string of JSON says. */
SP_NODISCARD sp_status sp_review__tell(sp_review *review, sp_channel *channel, sp_bytes text);
SP_NODISCARD sp_status sp_review__tell_raw(sp_review *review, sp_channel *channel, sp_bytes raw);
/** A call that is complete, before its buffers go. */
SP_NODISCARD sp_status sp_review__tell_call(sp_review *review, const sp_call *call);
/** A whole answer, once it was judged: its leaves, with the edits in them. */
SP_NODISCARD sp_status sp_review__tell_whole(sp_review *review);
/** What was taken is forgotten. */
void sp_review__told_forget(sp_review *review);

/* ---- queue.c ---- */
uint64_t sp_review__queue_end(const sp_review *review);
SP_NODISCARD sp_status sp_review__wait(sp_review *review, sp_wait wait);
/** How much is queued beyond what the next step could release. */
size_t sp_review__held(sp_review *review);
/** Forgets what the last step lent. */
void sp_review__queue_tidy(sp_review *review);
SP_NODISCARD sp_status sp_review__step(sp_review *review, sp_review_step *step);

/* ---- stream.c, whole.c ---- */
SP_NODISCARD sp_status sp_review__stream_feed(sp_review *review, sp_bytes piece, bool is_last);
SP_NODISCARD sp_status sp_review__whole_feed(sp_review *review, sp_bytes piece, bool is_last);

/* ---- summary.c ---- */
void sp_review__note(sp_review *review, const sp_leaf *leaf);

static inline sp_place sp_review__channel_place(const sp_channel *channel)
{
    const uint32_t *i = channel->index;
    return (sp_place){channel->row->path, {i[0], i[1], i[2], i[3]}};
}
static inline sp_place sp_review__place(const sp_leaf *leaf)
{
    return (sp_place){leaf->row->path, {leaf->index[0], leaf->index[1], leaf->index[2], leaf->index[3]}};
}
/** Servers write "" or null where nothing is finished yet. */
static inline bool sp_review__is_finish(const sp_leaf *leaf)
{
    return leaf->row->cls == SP_LEAF_FINISH && leaf->text.n > 0;
}
static inline bool sp_review__is_fatal(sp_status status)
{
    return status == SP_ENOMEM || status == SP_EINTERNAL;
}
