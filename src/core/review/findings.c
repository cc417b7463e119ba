/* Scans that need no tape, and what follows from a finding: it is listed, and when its category may not
 * leave, the answer is cut. */
#include "review/review_internal.h"

/* Where a string begins in review->alone. */
typedef struct mark {
    size_t at;
    sp_place place;
} mark;

/* Findings of one scan: review->found is lent to it and read at once. */
static sp_status find(sp_review *review, sp_bytes text)
{
    review->found.n = 0;
    review->found.is_full = false;
    if (text.n == 0) return SP_OK;
    return sp_scan(&review->found, review->options.engine, review->scratch, text);
}

/* A kind that nobody knows does not pass. */
static bool is_withheld(const sp_review *review, uint8_t kind)
{
    const sp_kind_info *info = sp_kind_get((sp_kind)kind);
    return info == NULL || ((review->options.withhold >> info->category) & 1) != 0;
}

static sp_status list_one(sp_review *review, const sp_review_finding *one)
{
    if (review->listed.n / sizeof *one >= SP_LISTED_MAX) return SP_OK;
    sp_buf_append(&review->listed, (sp_bytes){(const uint8_t *)one, sizeof *one});
    return review->listed.status;
}

sp_status sp_review__list(sp_review *review, sp_place place, uint64_t at, uint64_t *stop)
{
    bool is_leak = false;
    for (size_t i = 0; i < review->found.n; i++) {
        sp_review_finding one = {.finding = review->found.v[i], .place = place};
        const uint64_t start = at + one.finding.start;
        one.finding.start = (uint32_t)start;
        one.finding.end = (uint32_t)(at + one.finding.end);
        SP_TRY(list_one(review, &one));
        if (!is_withheld(review, one.finding.kind)) continue;
        is_leak = true;
        if (stop != NULL && start < *stop) *stop = start;
    }
    return is_leak ? SP_ELEAK : SP_OK;
}

/* What starts before the release point was told by the tape, or is none when seen whole. What is no leak is
 * not listed: the tape will. */
sp_status sp_review__peek(sp_review *review, sp_channel *channel)
{
    SP_TRY(find(review, sp_buf_bytes(&channel->tail)));
    size_t n = 0;
    for (size_t i = 0; i < review->found.n; i++) {
        const sp_finding one = review->found.v[i];
        if (channel->tail_at + one.start >= channel->point && is_withheld(review, one.kind))
            review->found.v[n++] = one;
    }
    review->found.n = n;
    return sp_review__list(review, sp_review__channel_place(channel), channel->tail_at, &channel->stop);
}

sp_status sp_review__scan(sp_review *review, sp_bytes text, sp_place place)
{
    SP_TRY(find(review, text));
    return sp_review__list(review, place, 0, NULL);
}

/* ---- strings that are scanned by themselves: joined by newlines, one pass for all ---- */

void sp_review__alone_begin(sp_review *review, sp_place place)
{
    const mark m = {review->alone.n, place};
    sp_buf_append(&review->marks, (sp_bytes){(const uint8_t *)&m, sizeof m});
}

void sp_review__alone(sp_review *review, sp_bytes text, sp_place place)
{
    if (text.n == 0) return;
    sp_review__alone_begin(review, place);
    sp_buf_append(&review->alone, text);
    sp_buf_append_byte(&review->alone, '\n');
}

/* The string that holds an offset: the last one that begins at or before it. */
static const mark *mark_of(const sp_review *review, size_t at)
{
    const mark *marks = (const mark *)(const void *)review->marks.p;
    size_t low = 0, high = review->marks.n / sizeof(mark);
    while (high - low > 1) {
        const size_t mid = low + (high - low) / 2;
        if (marks[mid].at <= at)
            low = mid;
        else
            high = mid;
    }
    return &marks[low];
}

/* Like sp_review__list, each finding told in terms of its own string. A finding over two strings counts for
 * the first. */
static sp_status list_alone(sp_review *review)
{
    const sp_findings all = review->found;
    bool is_leak = false;
    for (size_t i = 0; i < all.n; i++) {
        const mark *m = mark_of(review, all.v[i].start);
        sp_review_finding one = {.finding = all.v[i], .place = m->place};
        one.finding.start -= (uint32_t)m->at;
        one.finding.end -= (uint32_t)m->at;
        SP_TRY(list_one(review, &one));
        is_leak = is_leak || is_withheld(review, one.finding.kind);
    }
    return is_leak ? SP_ELEAK : SP_OK;
}

/* Events of a stream repeat id, model and the like: what was clean in the last event is not scanned again. */
sp_status sp_review__scan_alone(sp_review *review)
{
    if (review->alone.status != SP_OK || review->marks.status != SP_OK) return SP_ENOMEM;
    const sp_bytes text = sp_buf_bytes(&review->alone);
    if (sp_bytes_eq(text, sp_buf_bytes(&review->alone_ok))) return SP_OK;
    if (sp_utf8_valid_prefix(text) != text.n) return SP_EUPSYNTAX;
    SP_TRY(find(review, text));
    if (review->found.n > 0) return list_alone(review);
    const sp_buf was = review->alone_ok;
    review->alone_ok = review->alone;
    review->alone = was;
    return SP_OK;
}
