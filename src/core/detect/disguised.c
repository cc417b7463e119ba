/* What is disguised in a text: the detectors over its views, and what they find put back to where it came
 * from.
 *
 * Each part that is new is looked at by itself, with as much before it as a verdict may depend on: so what is
 * found in its views can be kept with the part like all else. Findings of all parts, and those of the text as
 * it stands, are then one list. */
#include "detect/detect_internal.h"

#include <stdlib.h>
#include <string.h>

#include "sallyport/label.h"
#include "sallyport/normalise.h"

/* How sure a finding has to be that a view shows. What only changes the writing of characters proves little
 * by itself, but nobody writes so by chance; where characters are pushed together or words are read as digits
 * numbers arise that nobody wrote, so there a check digit has to be right. Letters for digits and accents are
 * for words: an identifier is not read so. */
static const uint8_t least_of[SP_VIEW_KINDS] = {
    [SP_VIEW_PLAIN] = 60,    [SP_VIEW_SKELETON] = 60, [SP_VIEW_SPELLED] = 80,
    [SP_VIEW_SQUEEZED] = 80, [SP_VIEW_DIGITS] = 85,   [SP_VIEW_LETTERS] = 101,
    [SP_VIEW_ROT13] = 85,    [SP_VIEW_REVERSED] = 85, [SP_VIEW_DECODED] = 60,
};

/* Views in which numbers arise: what the text itself says of a place comes before them. */
static const uint32_t guesses = 1U << SP_VIEW_SPELLED | 1U << SP_VIEW_SQUEEZED | 1U << SP_VIEW_DIGITS;

/* A look at the views of one part. */
typedef struct look {
    const sp_scan_in *in;
    sp_findings hits; /* of the view at hand, in its terms */
    sp_findings seen; /* of the part, in terms of the text */
    size_t base;      /* where in the text the views begin */
    size_t start;     /* where the part does: before it is its context */
    size_t shown_left;
    sp_meter meter;              /* over all views */
    bool is_cut[SP_CLASS_LIMIT]; /* of the view at hand: classes of which the pass kept not all */
} look;

/* ---- a view ---- */

static uint8_t least_for(uint32_t steps)
{
    uint8_t least = 0;
    for (size_t i = 0; i < SP_VIEW_KINDS; i++) {
        if ((steps >> i & 1) != 0 && least_of[i] > least) least = least_of[i];
    }
    return least;
}

static uint32_t steps_of(const sp_view *view, const sp_finding *f, size_t shift)
{
    return sp_view_steps(view, shift + f->start, shift + f->end);
}

/* Is it news, and sure enough? What the last step left as it was stood so in what the view was made of. Asked
 * before anything is chosen or counted: what is not told must neither hide nor crowd out what is. */
static bool is_news(const sp_view *view, const sp_finding *f, size_t shift)
{
    const uint32_t steps = steps_of(view, f, shift);
    const bool is_sure = f->confidence >= least_for(steps) || sp_finding_is_allowed(f);
    return (steps >> view->kind & 1) != 0 && is_sure;
}

/* A hit, put back to where it came from. */
static sp_finding origin_of(const look *l, const sp_view *view, sp_finding f, size_t shift)
{
    const sp_range from = sp_view_origin(view, shift + f.start, shift + f.end);
    f.start = (uint32_t)(l->base + from.start);
    f.end = (uint32_t)(l->base + from.end);
    f.view = view->kind & 15U;
    return f;
}

static sp_finding weigh(const look *l, sp_bytes text, sp_finding f)
{
    return sp_engine__weigh(l->in->engine, l->in->scratch, text, f);
}

/* Tells a hit of the part. */
static sp_status take(look *l, const sp_view *view, sp_cut *cut, const sp_finding *hit)
{
    const sp_finding f = origin_of(l, view, *hit, 0);
    const bool is_before = f.end <= l->start;            /* the part before says so */
    const sp_finding weighed = weigh(l, l->in->text, f); /* allowed as it stands there, too */
    const bool is_due = sp_cut__is_due(cut, hit, !is_before && !sp_finding_is_allowed(&weighed));
    if (is_before && !is_due) return SP_OK;
    return sp_findings__append(&l->seen, is_due ? f : weighed);
}

/* Is it told somewhere, here or by what the view was made of? */
static bool is_told(const look *l, const sp_view *view, sp_bytes text, const sp_finding *f, size_t shift)
{
    if (f->confidence < least_for(steps_of(view, f, shift))) return false;
    const sp_finding here = weigh(l, text, *f);
    const sp_finding there = weigh(l, l->in->text, origin_of(l, view, *f, shift));
    return !sp_finding_is_allowed(&here) && !sp_finding_is_allowed(&there);
}

/* Of a class that was cut off nobody has seen whether what is behind is sure enough, or allowed, too. Where
 * none of it is told, its last is, so that its rules fire. */
static sp_status offer_cut(look *l, sp_chooser *chooser, const sp_view *view, const sp_pass *pass,
                           sp_range window)
{
    const sp_bytes text = sp_bytes_sub(view->text, window.start, window.end);
    sp_cut cut;
    sp_cut__begin(&cut, pass, pass->n);
    for (size_t i = 0; i < pass->n; i++) {
        const sp_finding *f = &pass->v[i];
        const unsigned class = sp_finding_class(f);
        if (cut.left[class] == 0) continue;
        l->is_cut[class] = true;
        const bool counts = cut.is_told[class] || is_told(l, view, text, f, window.start);
        if (sp_cut__is_due(&cut, f, counts)) SP_TRY(sp_chooser_offer(chooser, &l->hits, *f, window.start));
    }
    return SP_OK;
}

static sp_status scan_window(look *l, sp_chooser *chooser, const sp_view *view, sp_range window)
{
    sp_pass pass;
    const sp_bytes text = sp_bytes_sub(view->text, window.start, window.end);
    const sp_pass_in in = {text, 0, true, 0, NULL, &l->meter, NULL};
    l->shown_left -= text.n < l->shown_left ? text.n : l->shown_left;
    SP_TRY(sp_engine__pass(&pass, l->in->engine, l->in->scratch, &in));
    l->hits.is_full = l->hits.is_full || pass.is_full;
    for (size_t i = 0; i < pass.n; i++) {
        const sp_finding f = weigh(l, text, pass.v[i]);
        if (!is_news(view, &f, window.start)) continue;
        SP_TRY(sp_chooser_offer(chooser, &l->hits, f, window.start));
    }
    return pass.is_full ? offer_cut(l, chooser, view, &pass, window) : SP_OK;
}

/* Hits of classes that were cut off, by the pass or by the limit of the list. */
static void begin_taking(const look *l, const sp_chooser *chooser, sp_cut *cut)
{
    memset(cut, 0, sizeof *cut);
    for (size_t i = 0; i < l->hits.n && l->hits.is_full; i++) {
        const unsigned class = sp_finding_class(&l->hits.v[i]);
        if (l->is_cut[class] || chooser->count[class] >= l->hits.limit) cut->left[class]++;
    }
}

static sp_status look_at(void *ctx, const sp_view *view)
{
    look *l = ctx;
    sp_chooser chooser;
    sp_cut cut;
    memset(&chooser, 0, sizeof chooser);
    memset(l->is_cut, 0, sizeof l->is_cut);
    l->hits.n = 0;
    l->hits.is_full = false;
    for (size_t i = 0; i < view->n_windows; i++) SP_TRY(scan_window(l, &chooser, view, view->windows[i]));
    begin_taking(l, &chooser, &cut);
    for (size_t i = 0; i < l->hits.n; i++) SP_TRY(take(l, view, &cut, &l->hits.v[i]));
    l->seen.is_full = l->seen.is_full || l->hits.is_full;
    return SP_OK;
}

/* ---- one list ---- */

/* What the text itself says comes first, and last what arises where something was left out. */
static int rank_of(const sp_finding *f)
{
    return f->view == SP_VIEW_TEXT ? 0 : 1 + (int)(guesses >> f->view & 1);
}

/* Order of qsort: by start; of one start the longer, then by rank, then the surer. */
static int by_place(const void *a, const void *b)
{
    const sp_finding *x = a;
    const sp_finding *y = b;
    if (x->start != y->start) return x->start < y->start ? -1 : 1;
    if (x->end != y->end) return x->end > y->end ? -1 : 1;
    if (rank_of(x) != rank_of(y)) return rank_of(x) - rank_of(y);
    if (x->confidence != y->confidence) return x->confidence > y->confidence ? -1 : 1;
    if (x->detector != y->detector) return (int)x->detector - (int)y->detector;
    return (int)x->view - (int)y->view;
}

/* The same thing seen twice is one: as long as both, as sure as the surer, in the view that shows more of it.
 */
static void widen(sp_finding *one, const sp_finding *f)
{
    if (f->confidence > one->confidence) one->confidence = f->confidence;
    if (f->end <= one->end) return;
    one->end = f->end;
    one->view = f->view;
    one->detector = f->detector;
}

static bool is_guess(const sp_finding *f)
{
    return (guesses >> f->view & 1) != 0;
}

/* Does the text itself say that something stands there? What is allowed says nothing against others. */
static bool says(const sp_finding *f)
{
    return f->view == SP_VIEW_TEXT && !sp_finding_is_allowed(f);
}

/* Does it say what the data is? What acts on a reader, or names a company, is no reason to see less in it. */
static bool says_what(const sp_finding *f)
{
    const sp_kind_info *kind = sp_kind_get((sp_kind)f->kind);
    return kind == NULL || (sp_kind_categories(kind) != 0 && kind->category != SP_CAT_OUTWARD);
}

/* A guess gives way to what the text itself says of its class at that place: a short line before an address
 * is no part of it. Its confidence becomes 0. */
static void give_way(sp_finding *v, size_t n)
{
    uint32_t end[SP_CLASS_LIMIT] = {0}, start[SP_CLASS_LIMIT];
    memset(start, 0xff, sizeof start);
    for (size_t i = 0; i < n; i++) {
        const unsigned class = sp_finding_class(&v[i]);
        if (says(&v[i])) end[class] = v[i].end; /* of one class none overlap */
        if (is_guess(&v[i]) && v[i].start < end[class]) v[i].confidence = 0;
    }
    for (size_t i = n; i-- > 0;) {
        const unsigned class = sp_finding_class(&v[i]);
        if (says(&v[i])) start[class] = v[i].start;
        if (is_guess(&v[i]) && v[i].end > start[class]) v[i].confidence = 0;
    }
}

/* Sorts what was appended behind `first` in among what stands there, each place and kind once. */
static void settle(sp_findings *list, size_t first)
{
    struct {
        size_t at; /* 1 + the last one in the list; 0: none */
        size_t count;
    } last[SP_CLASS_LIMIT] = {{0}};
    size_t n = first;
    sp_finding said = {0}; /* what the text itself says that reaches furthest so far */
    if (list->n - first < 2) return;
    qsort(list->v + first, list->n - first, sizeof *list->v, by_place);
    give_way(list->v + first, list->n - first);
    for (size_t i = first; i < list->n; i++) {
        sp_finding f = list->v[i];
        const unsigned class = sp_finding_class(&f);
        sp_finding *same = last[class].at > 0 ? &list->v[last[class].at - 1] : NULL;
        if (says(&f) && f.end > said.end && says_what(&f)) said = f;
        const bool is_inside = f.view != SP_VIEW_TEXT && f.end <= said.end;
        if (f.confidence == 0 || (is_inside && is_guess(&f))) continue;
        /* Of a token and what is packed in it the token is the whole. */
        if (is_inside && f.confidence > said.confidence) f.confidence = said.confidence;
        if (same != NULL && f.start < same->end) {
            widen(same, &f);
        } else if (last[class].count++ >= list->limit) {
            list->is_full = true;
        } else {
            list->v[n++] = f;
            last[class].at = n;
        }
    }
    list->n = n;
}

/* ---- a part ---- */

/* Is a finding of the verdict the same thing, seen in part? Then only the list of the whole says what it is.
 */
static bool overlaps(const sp_verdict *verdict, const sp_finding *f)
{
    for (size_t i = 0; i < verdict->n; i++) {
        const sp_finding *known = &verdict->v[i];
        if (sp_finding_class(known) == sp_finding_class(f) && known->start < f->end && f->start < known->end)
            return true;
    }
    return false;
}

/* What was seen is kept with the part, in order; where that cannot be, the part is new again next time. */
static void keep(sp_verdict *verdict, const sp_findings *seen, size_t start)
{
    for (size_t i = 0; i < seen->n && verdict->is_known; i++) {
        sp_finding f = seen->v[i];
        const bool begins_before = f.start < start;
        f.start -= (uint32_t)start;
        f.end -= (uint32_t)start;
        if (begins_before || verdict->n == SP_PART_FINDINGS_MAX || overlaps(verdict, &f)) {
            verdict->is_known = false;
            break;
        }
        size_t at = verdict->n++;
        for (; at > 0 && verdict->v[at - 1].start > f.start; at--) verdict->v[at] = verdict->v[at - 1];
        verdict->v[at] = f;
    }
    if (seen->is_full) verdict->is_known = false;
    if (!verdict->is_known) verdict->n = 0;
}

static size_t context_of(sp_bytes text, size_t start)
{
    size_t at = start < SP_PART_CONTEXT ? 0 : start - SP_PART_CONTEXT;
    while (at < start && (text.p[at] & 0xc0) == 0x80) at++;
    return at;
}

static sp_status look_at_part(look *l, size_t start, size_t end)
{
    l->base = context_of(l->in->text, start);
    l->start = start;
    l->seen.n = 0;
    l->seen.is_full = false;
    const sp_bytes text = sp_bytes_sub(l->in->text, l->base, end);
    sp_view_limits limits = sp_view_limits_of(text.n);
    limits.shown = l->shown_left;
    limits.unwanted = 1U << SP_VIEW_LETTERS;
    const sp_status status = sp_views_each(text, &limits, l->in->mem, look_at, l);
    settle(&l->seen, 0);
    return status == SP_ERANGE ? SP_EHIDDEN : status;
}

/* ---- all of it ---- */

static sp_status append_known(sp_findings *out, const sp_verdict *known, size_t start)
{
    for (size_t i = 0; i < known->n; i++) {
        sp_finding f = known->v[i];
        f.start += (uint32_t)start;
        f.end += (uint32_t)start;
        if (f.view != SP_VIEW_TEXT) SP_TRY(sp_findings__append(out, f));
    }
    return SP_OK;
}

static sp_status append_seen(sp_findings *out, const look *l)
{
    for (size_t i = 0; i < l->seen.n; i++) SP_TRY(sp_findings__append(out, l->seen.v[i]));
    out->is_full = out->is_full || l->seen.is_full;
    return SP_OK;
}

/* @param was_known  per part: nothing new stands in it. */
static sp_status look_at_parts(sp_findings *out, look *l, const bool *was_known)
{
    size_t start = 0;
    for (size_t i = 0; i < l->in->parts.n; i++) {
        sp_part *part = &l->in->parts.v[i];
        if (was_known[i]) {
            SP_TRY(append_known(out, &part->verdict, start));
        } else if (part->end > start) {
            SP_TRY(look_at_part(l, start, part->end));
            keep(&part->verdict, &l->seen, start);
            SP_TRY(append_seen(out, l));
        }
        start = part->end;
    }
    return SP_OK;
}

/* Bytes of what is new: the views of all parts have the limit of one text. */
static size_t count_new(const bool *was_known, sp_parts parts)
{
    size_t n = 0;
    for (size_t i = 0; i < parts.n; i++) {
        if (!was_known[i]) n += parts.v[i].end - (i > 0 ? parts.v[i - 1].end : 0);
    }
    return n;
}

static look look_over(const sp_scan_in *in, size_t n_new, size_t limit)
{
    return (look){.in = in,
                  .hits = SP_FINDINGS_IN(in->mem, limit),
                  .seen = SP_FINDINGS_IN(in->mem, limit),
                  .shown_left = sp_view_limits_of(n_new).shown,
                  .meter = SP_METER_NEW};
}

static sp_status scan_in_parts(sp_findings *out, const sp_scan_in *in)
{
    bool *was_known = sp_alloc(in->mem, in->parts.n, sizeof *was_known);
    if (was_known == NULL) return SP_ENOMEM;
    for (size_t i = 0; i < in->parts.n; i++) was_known[i] = in->parts.v[i].verdict.is_known;
    SP_TRY(sp_scan_parts(out, in->engine, in->scratch, in->text, in->parts));
    look l = look_over(in, count_new(was_known, in->parts), out->limit);
    return look_at_parts(out, &l, was_known);
}

static sp_status add_views(sp_findings *out, const sp_scan_in *in)
{
    look l = look_over(in, in->text.n, out->limit);
    SP_TRY(look_at_part(&l, 0, in->text.n));
    return append_seen(out, &l);
}

static sp_status scan_as_one(sp_findings *out, const sp_scan_in *in)
{
    SP_TRY(sp_scan_whole(out, in->engine, in->scratch, in->text));
    return add_views(out, in);
}

sp_status sp_scan_views(sp_findings *out, const sp_scan_in *in)
{
    const size_t n = out->n;
    SP_TRY(add_views(out, in));
    if (out->n > n) settle(out, 0);
    return SP_OK;
}

sp_status sp_scan_disguised(sp_findings *out, const sp_scan_in *in)
{
    const size_t first = out->n;
    const sp_status status = in->parts.n > 0 ? scan_in_parts(out, in) : scan_as_one(out, in);
    if (status == SP_OK || status == SP_EHIDDEN || status == SP_EWORK) settle(out, first);
    return status;
}
