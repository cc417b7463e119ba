/* What the client is told, text by text, for whoever remembers it (told.h): as it leaves, with masks in it
 * and without what is held back. Clients send texts back as they got them, but may put those of several
 * blocks into one, and write the arguments of a call anew: so the joined text is told too, and each string
 * inside of arguments. */
#include "parse/escape.h"
#include "review/review_internal.h"

#include <string.h>

/* Tags of one answer: one with more in it may not drive out all others. Strings inside of arguments have a
 * part of that, so that a call with many of them silences no text behind it. */
enum { TELL_MOST = 1024, TELL_STRINGS_MOST = 512 };

static bool is_off(const sp_review *review)
{
    return review->options.told.told == NULL || review->n_told >= TELL_MOST;
}

/* Callers of the review know failures of the gateway by two names. */
static sp_status failure_of(sp_status status)
{
    return status == SP_ECRYPTO ? SP_EINTERNAL : status;
}

static void init_text(sp_review *review, sp_told_text *text)
{
    sp_told_text_init(text, review->options.told.told, review->options.told.scope, review->mem);
}

static sp_status add(sp_review *review, sp_told_text *text, sp_bytes piece)
{
    const size_t before = review->told.n;
    const sp_status status = sp_told_text_add(text, piece, &review->told);
    review->n_told += (review->told.n - before) / sizeof(sp_told_tag);
    return failure_of(status);
}

static sp_status end(sp_review *review, const sp_told_text *text)
{
    review->n_told++;
    return failure_of(sp_told_text_end(text, &review->question, &review->told));
}

/* ---- texts ---- */

static sp_status new_text(sp_review *review, sp_told_text **text)
{
    *text = sp_alloc_bytes(review->mem, sizeof **text);
    if (*text == NULL) return SP_ENOMEM;
    init_text(review, *text);
    return SP_OK;
}

static sp_status add_block(sp_review *review, sp_bytes text, bool is_new)
{
    if (review->blocks_told == NULL) SP_TRY(new_text(review, &review->blocks_told));
    review->n_blocks_told += is_new;
    return add(review, review->blocks_told, text);
}

/* Tokens of logprobs are the text once more; each by itself would be an answer that nobody gave. */
static bool is_repeated(const sp_review *review, const sp_leaf_row *row)
{
    return (review->table->repeats >> row->channel & 1) != 0;
}

static bool is_joined(const sp_review *review, const sp_leaf_row *row)
{
    return review->table->joins != 0 && row->channel == review->table->joins;
}

sp_status sp_review__tell(sp_review *review, sp_channel *channel, sp_bytes text)
{
    const bool is_new = channel->told == NULL;
    if (is_off(review) || text.n == 0 || is_repeated(review, channel->row)) return SP_OK;
    if (is_new) SP_TRY(new_text(review, &channel->told));
    if (is_joined(review, channel->row)) SP_TRY(add_block(review, text, is_new));
    return add(review, channel->told, text);
}

/* The text of a raw string: itself where nothing is escaped, else in review->decoded. */
static sp_status text_of(sp_review *review, sp_bytes raw, sp_bytes *text)
{
    *text = raw;
    if (raw.n == 0 || memchr(raw.p, '\\', raw.n) == NULL) return SP_OK;
    review->decoded.n = 0;
    sp__escapes_resolve(&review->decoded, raw);
    *text = sp_buf_bytes(&review->decoded);
    return review->decoded.status;
}

sp_status sp_review__tell_raw(sp_review *review, sp_channel *channel, sp_bytes raw)
{
    sp_bytes text;
    if (is_off(review)) return SP_OK;
    SP_TRY(text_of(review, raw, &text));
    return sp_review__tell(review, channel, text);
}

static sp_status tell_all(sp_review *review, sp_bytes text)
{
    sp_told_text told;
    if (is_off(review) || text.n == 0) return SP_OK;
    init_text(review, &told);
    SP_TRY(add(review, &told, text));
    return end(review, &told);
}

/* ---- arguments ---- */

/* Where the string ends that begins behind the quote before `at`: its closing quote, or the end. */
static size_t string_end(sp_bytes s, size_t at)
{
    while (at < s.n && s.p[at] != '"') at += s.p[at] == '\\' ? 2 : 1;
    return at < s.n ? at : s.n;
}

static bool is_name(sp_bytes s, size_t at)
{
    while (at < s.n && (s.p[at] == ' ' || (s.p[at] >= '\t' && s.p[at] <= '\r'))) at++;
    return at < s.n && s.p[at] == ':';
}

/* JSON that was judged, or something that was made to look like it; either way each run between quotes. */
static sp_status tell_strings(sp_review *review, sp_bytes json)
{
    for (size_t at = 0; at < json.n && review->n_told < TELL_STRINGS_MOST; at++) {
        if (json.p[at] != '"') continue;
        const size_t start = at + 1;
        sp_bytes text;
        at = string_end(json, start);
        if (is_name(json, at + 1)) continue;
        SP_TRY(text_of(review, sp_bytes_sub(json, start, at), &text));
        SP_TRY(tell_all(review, text));
    }
    return SP_OK;
}

static sp_status tell_arguments(sp_review *review, sp_bytes text)
{
    SP_TRY(tell_all(review, text));
    return tell_strings(review, text);
}

/* With a policy that masks they leave as they lie in call->raw, which is the text with one more level of
 * escapes: that level is read into memory of its own, since strings need `decoded`. */
sp_status sp_review__tell_call(sp_review *review, const sp_call *call)
{
    if (is_off(review)) return SP_OK;
    if (call->arguments == NULL) return tell_arguments(review, sp_buf_bytes(&call->text));
    review->after.n = 0;
    sp__escapes_resolve(&review->after, sp_buf_bytes(&call->raw));
    if (review->after.status != SP_OK) return review->after.status;
    return tell_arguments(review, sp_buf_bytes(&review->after));
}

/* ---- a whole answer ---- */

static sp_status tell_leaf(sp_review *review, const sp_leaf *leaf, sp_bytes text)
{
    if (!leaf->is_string || is_repeated(review, leaf->row)) return SP_OK;
    switch (leaf->row->cls) {
    case SP_LEAF_TEXT:
        if (is_joined(review, leaf->row) && text.n > 0) SP_TRY(add_block(review, text, true));
        return tell_all(review, text);
    case SP_LEAF_WHOLE:
    case SP_LEAF_INPUT:
        return tell_all(review, text);
    case SP_LEAF_CALL:
        return tell_arguments(review, text);
    default:
        return SP_OK;
    }
}

static sp_status edited_text(sp_review *review, const sp_edit *edit, sp_bytes *text)
{
    const sp_bytes by = sp_bytes_sub(sp_buf_bytes(&review->spliced), edit->by, edit->by + edit->by_n);
    review->after.n = 0;
    sp__escapes_resolve(&review->after, by);
    *text = sp_buf_bytes(&review->after);
    return review->after.status;
}

/* Edits stand in the order of leaves, one for each that was masked. */
sp_status sp_review__tell_whole(sp_review *review)
{
    const sp_edit *edit = (const sp_edit *)(const void *)review->edits.p;
    const size_t n_edits = review->edits.n / sizeof *edit;
    const sp_leaf *leaf = sp_review__leaf_at(review);
    for (size_t i = 0, at = 0; i < sp_review__n_leaves(review) && !is_off(review); i++) {
        sp_bytes text = leaf[i].text;
        if (at < n_edits && edit[at].start == leaf[i].inner.start)
            SP_TRY(edited_text(review, &edit[at++], &text));
        SP_TRY(tell_leaf(review, &leaf[i], text));
    }
    return SP_OK;
}

/* ---- for the caller ---- */

void sp_review__told_forget(sp_review *review)
{
    if (review->is_told_taken) review->told.n = 0;
    review->is_told_taken = false;
}

const sp_told_tag *sp_review_take_told(sp_review *review, size_t *n)
{
    sp_review__told_forget(review);
    review->is_told_taken = true;
    *n = review->told.n / sizeof(sp_told_tag);
    return (const sp_told_tag *)(const void *)review->told.p;
}

sp_status sp_review_end_told(sp_review *review)
{
    sp_review__told_forget(review);
    for (size_t i = 0; i < sp_review__n_channels(review) && !is_off(review); i++) {
        const sp_channel *channel = sp_review__channel_at(review, i);
        if (channel->told != NULL) SP_TRY(end(review, channel->told));
    }
    if (review->n_blocks_told < 2 || is_off(review)) return SP_OK;
    return end(review, review->blocks_told);
}
