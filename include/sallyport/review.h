/** @file review.h  An answer is reviewed while it passes: bytes of the destination in, bytes for the client
 * out, with gates in between. Works on a stream (SSE) and on a whole JSON answer alike. No I/O, no clock: the
 * caller feeds, sends and makes durable.
 *
 *  Order of things: feed -> step.release may be sent at once -> step.gate tells what must be durable before
 *  anything else leaves -> the caller records, then calls sp_review_pass -> next step. What is fed while a
 * gate is closed queues up (bounded by held_max).
 *
 *  What leaves: text up to the release point of its channel; signed thinking and fields that are not known
 * only in whole events, never altered; a tool call whole, once it was judged and an answer gate passed; all
 * that says "finished" (an error of the destination too) after the outcome gate. In a stream the part of a
 * text that is held back goes into the next event of its channel, or into an event of ours before the text
 * pauses or ends. What leaves depends on the bytes of the destination alone, not on how they are cut. */
#pragma once
#include "sallyport/detect.h"
#include "sallyport/dialect.h"
#include "sallyport/request.h"
#include "sallyport/told.h"

/** What has to be durable before the bytes behind it may leave. */
typedef enum sp_gate {
    SP_GATE_NONE = 0,
    SP_GATE_ANSWER,  /**< an answer frame: the next bytes complete a tool call */
    SP_GATE_OUTCOME, /**< the outcome: the next bytes tell the client that the answer is finished, or cut */
} sp_gate;

/** How the texts of an answer are remembered. */
typedef struct sp_review_told {
    sp_told *told; /**< NULL: they are not */
    const sp_told_scope *scope;
    sp_bytes before; /**< the last text of the request that it answers */
} sp_review_told;

/** What of a request's system text an answer is compared with. Lives in the memory that it was made in. */
typedef struct sp_passages sp_passages;

/** So many words in a row, wherever they stand in the first 4,000 or so, are a passage that is found. */
enum { SP_PASSAGE_WORDS = 12 };

/** @param out  receives NULL where the request has no system text of as many words.
 *  @param key  random to whoever writes texts.
 *  @param mem  takes up to 32 KiB, a third of the text or so. Time linear in the text.
 *  @return SP_OK, SP_ENOMEM. */
SP_NODISCARD sp_status sp_passages_new(sp_passages **out, const sp_request *request, uint64_t key,
                                       sp_mem *mem);

/** System texts of the last requests with their passages: an application sends the same one each time. Keeps
 * content, in memory alone; for one thread. */
enum { SP_SHELF_PLACES = 16, SP_SHELF_TEXT_MAX = 32 << 10, SP_SHELF_TEXTS = 16 };
typedef struct sp_shelf {
    uint64_t key; /**< as of sp_passages_new, but of all that stand here */
    struct sp_shelf_place {
        sp_arena arena; /**< of what follows */
        uint8_t scope[8];
        sp_bytes text; /**< the texts, each behind its length */
        const sp_passages *passages;
        bool is_recent;
    } v[SP_SHELF_PLACES];
    size_t hand; /**< where the next one that has to go is looked for */
} sp_shelf;

/** @param key  random. */
void sp_shelf_init(sp_shelf *shelf, uint64_t key);
/** Wipes what it held. Allowed on a zeroed one. */
void sp_shelf_fini(sp_shelf *shelf);
/** sp_passages_new for a request whose system text, of up to SP_SHELF_TEXTS texts and SP_SHELF_TEXT_MAX bytes
 * in all, may have come before: then its table is copied, which costs a tenth. Takes place on the shelf for
 * one that is new, of at most twice the text and 40 KiB; where there is no memory for that it goes without.
 *  @param scope  whose request: what another's held costs as if it were new. */
SP_NODISCARD sp_status sp_shelf_passages(sp_passages **out, sp_shelf *shelf, const uint8_t scope[8],
                                         const sp_request *request, sp_mem *mem);

/** What was found in a request's conversation, as values. Lives in the memory that it was made in. */
typedef struct sp_echoes sp_echoes;

/** A finding of an answer is an *echo* where the request held the same value as the same kind, in a text that
 * the application did not write for the model alone; else it is new. Numbers without case, blanks, hyphens
 * and brackets; names, mail and postal addresses without case; credentials, dates, coordinates, names of
 * accounts, the category outward and what detectors of an organisation find byte by byte.
 *  @param out  receives NULL where there is nothing; then all is new.
 *  @param findings  of a scan of request->text; more may stand behind it, and is left out.
 *  @param key  as of sp_passages_new.
 *  @param mem  takes up to 16 KiB: what is beyond the first 1,024 values is new.
 *  @return SP_OK, SP_ENOMEM. */
SP_NODISCARD sp_status sp_echoes_new(sp_echoes **out, const sp_request *request, const sp_findings *findings,
                                     uint64_t key, sp_mem *mem);

/** A text that stands in the system text of an application's requests and nowhere else, in the writings in
 * which it is looked for. Lives in the memory that it was made in. */
typedef struct sp_canary sp_canary;
enum { SP_CANARY_BYTES = 16 }; /**< of the text: hexadecimal digits */

/** The text for an application, of at most 255 bytes. @param key  random; the same for all who look for it.
 *  @return SP_OK, SP_ERANGE, SP_ECRYPTO. */
SP_NODISCARD sp_status sp_canary_text(uint8_t out[SP_CANARY_BYTES], const uint8_t key[32],
                                      sp_bytes application);
/** @param mem  takes 1.3 KiB. @return SP_OK, SP_ENOMEM; SP_EINTERNAL: the text is of something else. */
SP_NODISCARD sp_status sp_canary_new(sp_canary **out, const uint8_t text[SP_CANARY_BYTES], sp_mem *mem);

typedef struct sp_review_options {
    const sp_dialect *dialect; /**< whose answers these are */
    sp_operation operation;    /**< to what */
    const sp_engine *engine;
    bool is_stream;    /**< SSE; else one JSON document */
    bool hide_usage;   /**< usage was asked for by us: remove it from what the client gets (OpenAI streams) */
    uint64_t withhold; /**< categories (bits) that may not leave in an answer: a finding of one cuts it */
    /** Categories whose findings are replaced by a text that names the kind (`[masked: iban]`), where the
     * form allows it: in texts, in values of a tool call's arguments. Elsewhere (signed thinking, logprobs,
     * keys, numbers, unknown fields, a text that stands in the queue already) a finding cuts. A category of
     * both sets cuts. */
    uint64_t mask;
    uint64_t echoed; /**< categories whose findings leave as they are where they are echoes */
    uint64_t lacks;  /**< categories that the reader may not read: no echo of these leaves, by kind either */
    sp_bits256 lacks_kinds; /**< kinds without a category that it may not read: they cut, unless masked */
    sp_kind_actions kinds;  /**< what policy says of single kinds, which goes before their categories */
    /** Where images, and links, of texts that clients show may point: one at a host beyond these and those of
     * `kinds` is found as unlisted-image, unlisted-link. */
    sp_host_list images, links;
    /** What is there as a whole before any of it leaves (texts of whole answers, arguments of tool calls) is
     * looked at for names and tables, and in its views. A text that streams is looked at as it stands. */
    bool looks_at_whole;
    uint32_t n_choices;  /**< answers that were asked for; more of them cut the answer; 0: any number */
    size_t held_max;     /**< most bytes held back or queued; beyond: SP_EUPSIZE and the answer is cut */
    sp_bytes request_id; /**< for the error event; borrowed, must outlive the review */
    sp_review_told told; /**< borrowed likewise */
    const sp_passages *passages; /**< of its request, borrowed likewise; NULL: nothing to compare with */
    const sp_echoes *echoes;     /**< likewise; NULL: all is new */
    const sp_canary *canary;     /**< likewise; NULL: there is none */
} sp_review_options;

typedef struct sp_review_step {
    sp_bytes release; /**< send this now; borrowed until the next feed, break or pass */
    sp_gate gate;     /**< after sending: make this durable, then call sp_review_pass. NONE: feed more */
    bool is_end;      /**< the whole answer was handed out; nothing will follow */
    /** SP_OK; or why the answer was cut, from the step on that opens its outcome gate: SP_ELEAK,
     * SP_EUPSYNTAX, SP_EUPSIZE, SP_EUPTYPE (content that nothing can read, as sound, or that hides more than
     * is undone), SP_EUPSTREAM or what sp_review_break was given. Stop reading the destination. For a stream
     * `release` then ends (after the outcome gate) with the dialect's error event; of a whole answer nothing
     * is released and the caller answers with the error. */
    sp_status verdict;
} sp_review_step;

typedef struct sp_review sp_review; /**< lives in the arena given to sp_review_new; nothing to free */

/** Where a finding in an answer stood. */
typedef struct sp_review_finding {
    sp_finding finding; /**< offsets in the decoded text of its channel */
    sp_place place;     /**< e.g. choices[].delta.content, index = choice */
    bool is_echo;       /**< the request held the value (sp_echoes_new) */
} sp_review_finding;

/** What the answer was, for the record; final when the outcome gate opens. Strings are borrowed from the
 * review, up to 256 bytes of each. */
typedef struct sp_review_summary {
    const sp_engine *engine; /**< that found what is listed; NULL: the built-in detectors */
    sp_bytes model;          /**< as reported */
    sp_bytes answer_id;      /**< id as reported */
    sp_bytes version;        /**< system_fingerprint or the like, as reported */
    sp_bytes finish;         /**< finish or stop reasons, joined by ',' */
    uint64_t tokens_in, tokens_out, tokens_cached; /**< as reported; the largest when repeated; 0 when not */
    uint32_t n_events, n_tool_calls;
    const sp_review_finding *findings; /**< the first 1024; all were acted on */
    size_t n_findings;
    bool has_more;     /**< there were more than are listed */
    uint64_t bytes_in; /**< received from the destination until the outcome gate opened */
    uint32_t n_masked; /**< texts that stand in the answer in place of findings */
    bool has_usage;
    bool has_error; /**< the answer is, or ends with, an error in the dialect's shape */
} sp_review_summary;

/** @param options  copied.
 *  @param mem      takes about 16 KiB, about 2 KiB per text of the answer (10 where it is long and told),
 * about ten times a whole answer (more, when its values are very short); buffers are reused, so a long stream
 * does not grow it.
 *  @return SP_OK; SP_EUPTYPE: a stream as answer to what has none; SP_ENOMEM; SP_EINTERNAL: no operation of
 * the dialect. On failure `*out` is NULL. */
SP_NODISCARD sp_status sp_review_new(sp_review **out, const sp_review_options *options, sp_mem *mem);

/** Gives the next bytes of the destination, any cut. `is_last`: its answer ended here in good order. A
 * stream that ends so without its dialect's last event (`[DONE]`, `message_stop`) or an error of the
 * destination broke off all the same: SP_EUPSTREAM. Fed while a gate is closed, the step is empty with the
 * same gate.
 *  @return SP_OK, or SP_ENOMEM / SP_EINTERNAL: the caller must end the answer itself, nothing more may leave.
 */
SP_NODISCARD sp_status sp_review_feed(sp_review *review, sp_scratch *scratch, sp_bytes piece, bool is_last,
                                      sp_review_step *step);

/** The destination broke off before the end: what is safe was released, the rest is dropped, the answer is
 * cut with SP_EUPSTREAM (or `status`, unless that is SP_OK). Without effect once the answer is complete. A
 * gate that is closed stays so and has to be passed as ever. With SP_ESTOPPED what was judged and waits is
 * dropped too, and an answer that is complete but waits at a gate is still cut: a tool call that was held
 * back never leaves.
 *  @param why  what the error event says; empty: the sentence of the status. Borrowed until the end. */
SP_NODISCARD sp_status sp_review_break(sp_review *review, sp_status status, sp_bytes why,
                                       sp_review_step *step);

/** What the gate waited for is durable: goes on. */
SP_NODISCARD sp_status sp_review_pass(sp_review *review, sp_scratch *scratch, sp_review_step *step);

/** Bytes of the destination that came since the last call, to be sealed into an answer frame or the outcome;
 * then forgotten here. Take them when a gate opens, before anything more is fed. Borrowed until the next call
 * on the review. */
sp_bytes sp_review_take_answer(sp_review *review);
/** How many bytes sp_review_take_answer would give: take at 64 KiB at the latest. */
size_t sp_review_answer_waiting(const sp_review *review);

/** Tags of what the client is told that came since the last call: the texts that are complete, and the
 * beginnings of others, as the client gets them. Keep them before what a step releases is sent. Of one
 * answer at most about a thousand. Borrowed until the next call on the review. */
const sp_told_tag *sp_review_take_told(sp_review *review, size_t *n);
/** Adds the tags of all texts as they stand: call when no more of them will leave.
 *  @return SP_OK, SP_ENOMEM, SP_EINTERNAL. */
SP_NODISCARD sp_status sp_review_end_told(sp_review *review);

void sp_review_summarise(const sp_review *review, sp_review_summary *out);
