/* The review as its callers see it: feed, pass, break, and the bytes for the record. Whatever goes wrong with
 * an answer becomes a verdict: what was judged has gone out, nothing else does. */
#include "review/review_internal.h"

static void init_buffers(sp_review *review)
{
    sp_buf *all[] = {&review->leaves,     &review->alone,      &review->alone_ok,    &review->marks,
                     &review->closing,    &review->edits,      &review->channels,    &review->calls,
                     &review->blocks,     &review->spare,      &review->decoded,     &review->folded,
                     &review->folds.list, &review->head,       &review->out,         &review->answer,
                     &review->listed,     &review->model,      &review->id,          &review->version,
                     &review->finish,     &review->spliced,    &review->rendered,    &review->after,
                     &review->spare_raw,  &review->masks.list, &review->waits.bytes, &review->told};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) *all[i] = SP_BUF_IN(review->mem);
}

/* Room for what each event of a stream needs. Doubling up to it from nothing would leave as much behind in
 * the arena, for each open stream. */
static sp_status reserve_for_events(sp_review *review)
{
    static const size_t event_bytes = 512, few_bytes = 256;
    const struct {
        sp_buf *buffer;
        size_t n;
    } rooms[] = {
        {&review->sse.raw, event_bytes}, {&review->sse.data, event_bytes}, {&review->out, event_bytes},
        {&review->marks, few_bytes},     {&review->alone, few_bytes},      {&review->alone_ok, few_bytes},
        {&review->head, few_bytes},      {&review->answer, event_bytes},
    };
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
        if (sp_buf_reserve(rooms[i].buffer, rooms[i].n) == NULL) return SP_ENOMEM;
    }
    review->hints = sp_alloc(review->mem, SP_LEAF_HINTS, sizeof *review->hints);
    return review->hints != NULL ? SP_OK : SP_ENOMEM;
}

enum { FOUND_MAX = 4096 }; /* findings of one kind in one scan: beyond it they are no news */

const sp_answer_table *sp_answer__table(const sp_dialect *dialect, sp_operation operation)
{
    static const sp_answer_table *const openai[SP_OP_CALLS_END] = {
        [SP_OP_GENERATE] = &sp_answer__openai,
        [SP_OP_EMBED] = &sp_answer__embeddings,
        [SP_OP_COMPLETE] = &sp_answer__completions,
    };
    static const sp_answer_table *const anthropic[SP_OP_CALLS_END] = {
        [SP_OP_GENERATE] = &sp_answer__anthropic,
        [SP_OP_COUNT] = &sp_answer__anthropic_count,
    };
    if (!sp_operation_is_call(operation)) return NULL;
    const bool is_anthropic = sp_dialect_id_of(dialect) == SP_DIALECT_ANTHROPIC;
    return is_anthropic ? anthropic[operation] : openai[operation];
}

sp_status sp_review_new(sp_review **out, const sp_review_options *options, sp_mem *mem)
{
    *out = NULL;
    const sp_answer_table *table = sp_answer__table(options->dialect, options->operation);
    if (table == NULL) return SP_EINTERNAL;
    if (options->is_stream && !sp_operation_streams(options->operation)) return SP_EUPTYPE;
    sp_review *review = sp_alloc(mem, 1, sizeof *review);
    if (review == NULL) return SP_ENOMEM;
    review->options = *options;
    review->mem = mem;
    review->table = table;
    review->question = sp_told_question_of(options->told.before);
    review->found = (sp_findings){.mem = mem, .limit = FOUND_MAX};
    init_buffers(review);
    sp_sse_init(&review->sse, mem, options->held_max);
    if (options->is_stream)
        SP_TRY(reserve_for_events(review));
    else
        SP_TRY(sp_review__wait(review, (sp_wait){.kind = SP_WAIT_FINISH, .at = 0}));
    *out = review;
    return SP_OK;
}

/* Calls that may give the client something end here: verdicts are kept, failures of the gateway itself go up.
 */
static sp_status conclude(sp_review *review, sp_status status, sp_review_step *step)
{
    if (sp_review__is_fatal(status)) return status;
    if (status != SP_OK) {
        review->verdict = status;
        review->is_input_over = true;
    }
    return sp_review__step(review, step);
}

/* What the caller took was lent until this call. */
static void forget_taken(sp_review *review)
{
    if (review->is_answer_taken) review->answer.n = 0;
    review->is_answer_taken = false;
    sp_review__told_forget(review);
}

/* What comes now is in no record any more, so it does not count either. */
static bool is_recorded(const sp_review *review)
{
    return review->gate == SP_GATE_OUTCOME || review->is_outcome_passed;
}

sp_status sp_review_feed(sp_review *review, sp_scratch *scratch, sp_bytes piece, bool is_last,
                         sp_review_step *step)
{
    *step = (sp_review_step){.gate = review->gate};
    review->scratch = scratch;
    forget_taken(review);
    sp_review__queue_tidy(review);
    if (is_recorded(review)) return sp_review__step(review, step);
    review->summary.bytes_in += piece.n;
    sp_buf_append(&review->answer, piece);
    if (review->answer.status != SP_OK) return review->answer.status;
    if (review->is_input_over) return sp_review__step(review, step);
    const sp_status status = review->options.is_stream ? sp_review__stream_feed(review, piece, is_last)
                                                       : sp_review__whole_feed(review, piece, is_last);
    return conclude(review, status, step);
}

/* Whether the answer can still be cut. One that is complete but waits at a gate can be stopped, not broken
 * off: until its outcome is under way nobody was told that it is finished. */
static bool can_break(const sp_review *review, sp_status status)
{
    if (status != SP_ESTOPPED) return !review->is_input_over;
    return review->verdict == SP_OK && !is_recorded(review);
}

sp_status sp_review_break(sp_review *review, sp_status status, sp_bytes why, sp_review_step *step)
{
    *step = (sp_review_step){.gate = review->gate};
    forget_taken(review);
    sp_review__queue_tidy(review);
    if (!can_break(review, status)) return sp_review__step(review, step);
    review->verdict = status != SP_OK ? status : SP_EUPSTREAM;
    review->why = why;
    review->is_input_over = true;
    return sp_review__step(review, step);
}

sp_status sp_review_pass(sp_review *review, sp_scratch *scratch, sp_review_step *step)
{
    *step = (sp_review_step){0};
    review->scratch = scratch;
    forget_taken(review);
    sp_review__queue_tidy(review);
    if (review->gate == SP_GATE_OUTCOME) {
        review->is_outcome_passed = true;
        sp_review__calls_recorded(review); /* the outcome covers what was not recorded before it */
    }
    review->gate = SP_GATE_NONE;
    return sp_review__step(review, step);
}

sp_bytes sp_review_take_answer(sp_review *review)
{
    forget_taken(review);
    review->is_answer_taken = true;
    return sp_buf_bytes(&review->answer);
}

size_t sp_review_answer_waiting(const sp_review *review)
{
    return review->is_answer_taken ? 0 : review->answer.n;
}
