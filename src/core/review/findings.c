/* Scans that need no tape, and what follows from a finding: it is listed, and when its category may not
 * leave, the answer is cut. */
#include "review/review_internal.h"

#include "parse/fold.h"
#include "review/canary.h"
#include "sallyport/normalise.h"

#include <string.h>

enum { REPEATED_MAX = 32 }; /* findings back in the list where one may stand already */

/* Where a string begins in review->alone. */
typedef struct mark {
    size_t at;
    sp_place place;
} mark;

static sp_status find_canary(sp_review *review, sp_bytes text)
{
    sp_canary_run run = {0};
    if (review->options.canary == NULL) return SP_OK;
    return sp_canary_feed(&run, review->options.canary, text, &review->found);
}

/* What the text holds in disguise, where it came from. Views need several times the text for a moment: memory
 * of their own, as much as the review may take. What acts on a reader does so as it stands. Of what hides
 * more than is undone nobody has seen all. */
static sp_status find_disguised(sp_review *review, sp_bytes text)
{
    sp_arena work;
    sp_arena_init(&work, review->mem->limit - review->mem->used);
    const sp_scan_in in = {
        .engine = review->options.engine, .scratch = review->scratch, .text = text, .mem = &work.mem};
    const sp_status status = sp_scan_views(&review->found, &in);
    sp_arena_fini(&work);
    size_t n = 0;
    for (size_t i = 0; i < review->found.n; i++) {
        const sp_finding f = review->found.v[i];
        if (f.view == SP_VIEW_TEXT || !sp_review__is_outward(f.kind)) review->found.v[n++] = f;
    }
    review->found.n = n;
    return status == SP_EHIDDEN ? SP_EUPTYPE : status;
}

/* Findings of one scan: review->found is lent to it and read at once. Names and tables take whole lines,
 * which a stream does not hold back, and views what is whole. */
sp_status sp_review__find(sp_review *review, sp_bytes text, sp_find what)
{
    const sp_engine *engine = review->options.engine;
    review->found.n = 0;
    review->found.is_full = false;
    if (text.n == 0) return SP_OK;
    const sp_asks asks = (what.whole ? SP_ASK_LINES : 0U) | (what.addresses ? SP_ASK_ADDRESSES : 0U);
    SP_TRY(sp_scan_for(&review->found, engine, review->scratch, text, asks));
    if (what.whole) SP_TRY(find_disguised(review, text));
    SP_TRY(find_canary(review, text));
    sp_review__sift(review, text, 0);
    return SP_OK;
}

sp_status sp_review__find_folded(sp_review *review, sp_bytes text)
{
    review->found.n = 0;
    if (!sp__folds(text)) return SP_OK;
    sp_escapes *map = &review->folds;
    review->folded.n = map->list.n = 0;
    (void)sp__fold_read(&review->folded, map, text, (sp_escape){0});
    if (review->folded.status != SP_OK || map->list.status != SP_OK) return SP_ENOMEM;
    SP_TRY(sp_review__find(review, sp_buf_bytes(&review->folded), (sp_find){0}));
    for (size_t i = 0; i < review->found.n; i++) {
        sp_finding *one = &review->found.v[i];
        one->start = (uint32_t)sp__escapes_source(map, one->start, false);
        one->end = (uint32_t)sp__escapes_source(map, one->end, true);
    }
    return SP_OK;
}

/* Readings of one text tell of the same finding more than once, at about the same time. */
static bool is_listed(const sp_review *review, const sp_review_finding *one)
{
    const sp_review_finding *v = (const sp_review_finding *)(const void *)review->listed.p;
    const size_t n = review->listed.n / sizeof *v;
    for (size_t i = n; i-- > 0 && n - i <= REPEATED_MAX;) {
        const bool is_same = sp_finding_class(&v[i].finding) == sp_finding_class(&one->finding) &&
                             v[i].finding.start == one->finding.start &&
                             v[i].finding.end == one->finding.end && v[i].place.path == one->place.path;
        if (is_same && memcmp(v[i].place.index, one->place.index, sizeof one->place.index) == 0) return true;
    }
    return false;
}

static sp_status list_one(sp_review *review, const sp_review_finding *one)
{
    sp_review_finding told = *one;
    if (is_listed(review, one)) return SP_OK;
    if (review->listed.n / sizeof *one >= SP_LISTED_MAX) return SP_OK;
    told.is_echo = sp_review__is_echo(&one->finding);
    told.finding.confidence &= (uint8_t)~SP_REVIEW_ECHO;
    sp_buf_append(&review->listed, (sp_bytes){(const uint8_t *)&told, sizeof told});
    return review->listed.status;
}

/* Replaced where that can be, else not allowed to leave. */
static sp_status act(const sp_review *review, const sp_finding *finding, const sp_sink *sink)
{
    const bool is_masked = sp_review__is_masked(review, finding, sink->is_shown);
    if (!is_masked && !sp_review__is_withheld(review, finding, sink->is_shown)) return SP_OK;
    const sp_mask mask = sp_review__mask_of(review, finding);
    if (is_masked && sink->masks != NULL) {
        const sp_status status = sp_review__mask(sink->masks, mask, sink->fixed);
        if (status != SP_ELEAK) return status;
    }
    if (sink->stop != NULL && mask.start < *sink->stop) *sink->stop = mask.start;
    return SP_ELEAK;
}

/* What was found too often to be told lies anywhere in what is new: of that nothing leaves. */
static bool hides_some(const sp_review *review, const sp_sink *sink)
{
    const bool hides = sp_review__may_hide(review, sink->is_shown);
    if (hides && sink->stop != NULL) *sink->stop = 0;
    return hides;
}

sp_status sp_review__list(sp_review *review, sp_place place, uint64_t at, const sp_sink *sink)
{
    bool is_leak = hides_some(review, sink);
    for (size_t i = 0; i < review->found.n; i++) {
        sp_review_finding one = {.finding = review->found.v[i], .place = place};
        one.finding.start = (uint32_t)(at + one.finding.start);
        one.finding.end = (uint32_t)(at + one.finding.end);
        SP_TRY(list_one(review, &one));
        const sp_status status = act(review, &one.finding, sink);
        if (status != SP_OK && status != SP_ELEAK) return status;
        is_leak = is_leak || status == SP_ELEAK;
    }
    return is_leak ? SP_ELEAK : SP_OK;
}

/* What starts before the release point was told by the tape, or is none when seen whole. What is no leak is
 * not listed: the tape will. */
sp_status sp_review__peek(sp_review *review, sp_channel *channel, size_t number, sp_bytes text, bool is_end)
{
    const sp_layer *layer = sp_review__layer_at(channel, number);
    const bool is_shown = sp_review__sink(channel).is_shown;
    SP_TRY(sp_review__find(review, text, (sp_find){.addresses = layer->tells_addresses}));
    size_t n = 0;
    for (size_t i = 0; i < review->found.n; i++) {
        sp_finding one = review->found.v[i];
        const uint64_t start = layer->tail_at + one.start;
        const bool is_acted_on = sp_review__is_withheld(review, &one, is_shown) ||
                                 (is_end && sp_review__is_masked(review, &one, is_shown));
        if (start < layer->point || !is_acted_on) continue;
        one.end += (uint32_t)layer->tail_at;
        one.start = (uint32_t)start;
        review->found.v[n++] = one;
    }
    review->found.n = n;
    return sp_review__layer_list(review, channel, number);
}

sp_status sp_review__scan(sp_review *review, sp_bytes text, sp_place place)
{
    SP_TRY(sp_review__find(review, text, (sp_find){0}));
    return sp_review__list(review, place, 0, &(sp_sink){0});
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
 * the first. @param is_joined  those that lie in one string are left out. */
static sp_status list_alone(sp_review *review, bool is_joined)
{
    const sp_findings all = review->found;
    bool is_leak = sp_review__may_hide(review, false);
    for (size_t i = 0; i < all.n; i++) {
        const mark *m = mark_of(review, all.v[i].start);
        if (is_joined && m == mark_of(review, all.v[i].end - 1)) continue;
        sp_review_finding one = {.finding = all.v[i], .place = m->place};
        one.finding.start -= (uint32_t)m->at;
        one.finding.end -= (uint32_t)m->at;
        SP_TRY(list_one(review, &one));
        is_leak = is_leak || act(review, &one.finding, &(sp_sink){0}) == SP_ELEAK;
    }
    return is_leak ? SP_ELEAK : SP_OK;
}

/* The text as it stands, and folded. */
static sp_status scan_marked(sp_review *review, sp_bytes text, bool is_joined, bool *is_clean)
{
    if (review->alone.status != SP_OK || review->marks.status != SP_OK) return SP_ENOMEM;
    SP_TRY(sp_review__find(review, text, (sp_find){0}));
    *is_clean = review->found.n == 0;
    SP_TRY(list_alone(review, is_joined));
    SP_TRY(sp_review__find_folded(review, text));
    *is_clean = *is_clean && review->found.n == 0;
    return list_alone(review, is_joined);
}

/* Events of a stream repeat id, model and the like: what was clean in the last event is not scanned again. */
sp_status sp_review__scan_alone(sp_review *review)
{
    const sp_bytes text = sp_buf_bytes(&review->alone);
    bool is_clean;
    if (sp_bytes_eq(text, sp_buf_bytes(&review->alone_ok))) return review->alone.status;
    if (sp_utf8_valid_prefix(text) != text.n) return SP_EUPSYNTAX;
    SP_TRY(scan_marked(review, text, false, &is_clean));
    if (!is_clean) return SP_OK;
    const sp_buf was = review->alone_ok;
    review->alone_ok = review->alone;
    review->alone = was;
    return SP_OK;
}

sp_status sp_review__scan_joined(sp_review *review)
{
    bool is_clean;
    return scan_marked(review, sp_buf_bytes(&review->alone), true, &is_clean);
}
