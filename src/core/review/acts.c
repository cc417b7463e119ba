/* What becomes of a finding in an answer: it leaves, is replaced, or cuts the answer. Policy says so by
 * category, or by kind, which is the nearer word. Of what acts on a reader (category outward) it need not say
 * anything: what is shipped holds then, in texts that clients show and as they stand; in the arguments of a
 * call the same bytes are what a program is made of. */
#include "review/canary.h"
#include "review/echoes.h"
#include "review/review_internal.h"

#include <string.h>

/* Nobody has to click for an image, and nobody sees what is hidden. A link is for its reader to judge, unless
 * policy lists where links may point. */
static const struct {
    uint8_t kind;
    bool is_masked;
} shipped[] = {
    {SP_KIND_OUTWARD_IMAGE, true}, {SP_KIND_OUTWARD_LINK, false},  {SP_KIND_TERMINAL_ESCAPE, true},
    {SP_KIND_HIDDEN_TEXT, true},   {SP_KIND_SYSTEM_PROMPT, false}, {SP_KIND_UNLISTED_IMAGE, true},
    {SP_KIND_UNLISTED_LINK, true},
};

static bool is_masked_as_shipped(uint8_t kind)
{
    for (size_t i = 0; i < sizeof shipped / sizeof shipped[0]; i++) {
        if (shipped[i].kind == kind) return shipped[i].is_masked;
    }
    return false;
}

typedef enum act { ACT_WITHHOLD = 0, ACT_MASK, ACT_PASS } act;

/* A passage is told by its last word, when the others have left; a canary was held back. */
static act mask_of(const sp_finding *f)
{
    return f->kind == SP_KIND_SYSTEM_PROMPT && !sp_canary_is(f) ? ACT_WITHHOLD : ACT_MASK;
}

static const sp_kind_info *info_of(const sp_review *review, const sp_finding *f)
{
    return sp_engine_class(review->options.engine, sp_finding_class(f));
}

/* Who sent a value may have it back, where policy says so; but not what the reader may not read, whoever
 * sent it. */
static bool leaves_as_echo(const sp_review_options *o, const sp_kind_info *info, uint8_t kind)
{
    const uint64_t categories = sp_kind_categories(info);
    if ((o->lacks & categories) != 0 || sp_bits256_has(o->lacks_kinds, kind)) return false;
    return sp_bits256_has(o->kinds.echoed, kind) || (o->echoed & categories) != 0;
}

/* A class that nobody knows does not pass. Detectors of the organisation have one act, that of their
 * category: their kind is in no set. */
static act act_of(const sp_review *review, const sp_finding *f, bool is_shown)
{
    const sp_review_options *o = &review->options;
    const sp_kind_info *info = info_of(review, f);
    if (info == NULL) return ACT_WITHHOLD;
    if (sp_review__is_echo(f) && leaves_as_echo(o, info, f->kind)) return ACT_PASS;
    if (sp_bits256_has(o->kinds.withheld, f->kind)) return ACT_WITHHOLD;
    if (sp_bits256_has(o->kinds.masked, f->kind)) return mask_of(f);
    if (sp_bits256_has(o->kinds.passed, f->kind)) return ACT_PASS;
    if (sp_bits256_has(o->lacks_kinds, f->kind)) return ACT_WITHHOLD;
    if (o->withhold & sp_kind_categories(info)) return ACT_WITHHOLD;
    if (o->mask & sp_kind_categories(info)) return mask_of(f);
    if (sp_canary_is(f)) return ACT_MASK;
    return is_shown && is_masked_as_shipped(f->kind) ? ACT_MASK : ACT_PASS;
}

bool sp_review__is_withheld(const sp_review *review, const sp_finding *f, bool is_shown)
{
    return act_of(review, f, is_shown) == ACT_WITHHOLD;
}

bool sp_review__is_masked(const sp_review *review, const sp_finding *f, bool is_shown)
{
    return act_of(review, f, is_shown) == ACT_MASK;
}

sp_mask sp_review__mask_of(const sp_review *review, const sp_finding *f)
{
    const sp_kind_info *info = info_of(review, f);
    return (sp_mask){f->start, f->end, (uint16_t)sp_finding_class(f), info != NULL ? info->name : "unknown"};
}

bool sp_review__masks_any(const sp_review *review, bool is_shown)
{
    return is_shown || review->options.canary != NULL || review->options.mask != 0 ||
           !sp_bits256_is_empty(review->options.kinds.masked);
}

/* What policy has no word on leaves, however often it is found. */
static bool acts_on_some(const sp_review *review)
{
    const sp_review_options *o = &review->options;
    const sp_bits256 withheld = sp_bits256_or(o->kinds.withheld, o->lacks_kinds);
    return o->withhold != 0 || !sp_bits256_is_empty(withheld) || sp_review__masks_any(review, false);
}

/* Would one like it be acted on that is new, at no listed host and allowed by no rule? What a rule allows is
 * of the rule's class, which does not say of which kind the others are. */
static void note_kind(sp_review *review, const sp_finding *f)
{
    const bool is_allowed = sp_finding_is_allowed(f);
    for (unsigned shown = 0; shown < 2; shown++) {
        const bool acts = is_allowed ? acts_on_some(review) : act_of(review, f, shown) != ACT_PASS;
        review->has_acted_on[shown] = review->has_acted_on[shown] || acts;
    }
}

/* Of a kind that was found very often the rest is not told. Those that were may leave as echoes, or for their
 * host, and those that were not told are something else: one that is acted on may be among them. In a stream
 * the many may have gone by long ago. */
bool sp_review__may_hide(const sp_review *review, bool is_shown)
{
    return review->found.is_full && (review->has_acted_on[is_shown] || sp_review__masks_any(review, false));
}

bool sp_review__is_outward(uint8_t kind)
{
    const sp_kind_info *info = sp_kind_get((sp_kind)kind);
    return info != NULL && info->category == SP_CAT_OUTWARD;
}

/* ---- hosts that policy lets answers point at ---- */

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool is_same_host(sp_bytes a, sp_bytes b)
{
    bool is_same = a.n == b.n;
    for (size_t i = 0; is_same && i < a.n; i++) is_same = lower(a.p[i]) == lower(b.p[i]);
    return is_same;
}

/* "*.example.org" is each host below that name, and not the name itself. */
static bool is_named(sp_bytes host, sp_bytes name)
{
    if (name.n < 2 || name.p[0] != '*') return is_same_host(host, name);
    const size_t n = name.n - 1;
    return host.n > n && is_same_host(sp_bytes_sub(host, host.n - n, host.n), sp_bytes_sub(name, 1, name.n));
}

/* Where the host begins. Browsers take any number of slashes and backslashes for the two behind a scheme:
 * what they skip must not be taken for a path that a name of ours could follow. */
static size_t host_start(sp_bytes address)
{
    size_t at = 0;
    while (at < address.n && ((address.p[at] | 32) >= 'a' && (address.p[at] | 32) <= 'z')) at++;
    at = at < address.n && address.p[at] == ':' ? at + 1 : 0;
    while (at < address.n && (address.p[at] == '/' || address.p[at] == '\\')) at++;
    return at;
}

static bool is_of_name(uint8_t c)
{
    const uint8_t l = lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

/* Empty: browsers and libraries do not agree on which host it is, or it is none. Userinfo, references of
 * HTML, percent signs and what is beyond ASCII may stand for anything. */
static sp_bytes host_of(sp_bytes address)
{
    enum { PORT_MAX = 5, HOST_MAX = 253 /* RFC 1035, 2.3.4 */ };
    const size_t start = host_start(address);
    size_t end = start;
    while (end < address.n && address.p[end] != '/' && address.p[end] != '?' && address.p[end] != '#') end++;
    size_t name = end;
    while (name > start && address.p[name - 1] >= '0' && address.p[name - 1] <= '9') name--;
    if (name > start && end - name <= PORT_MAX && address.p[name - 1] == ':') end = name - 1;
    if (end > start && address.p[end - 1] == '.') end--;
    if (end - start > HOST_MAX) return SP_BYTES_EMPTY; /* may have been cut */
    for (size_t i = start; i < end; i++) {
        if (!is_of_name(address.p[i])) return SP_BYTES_EMPTY;
    }
    return sp_bytes_sub(address, start, end);
}

static bool is_listed(sp_bytes host, const sp_bytes *names, size_t n)
{
    for (size_t i = 0; i < n && host.n > 0; i++) {
        if (is_named(host, names[i])) return true;
    }
    return false;
}

bool sp_review__tells_addresses(const sp_review *review)
{
    return review->options.images.is_given || review->options.links.is_given;
}

/* The hosts of the application, for what counts whatever it carries. */
static const sp_host_list *list_of(const sp_review *review, uint8_t kind)
{
    if (kind == SP_KIND_UNLISTED_IMAGE) return &review->options.images;
    return kind == SP_KIND_UNLISTED_LINK ? &review->options.links : NULL;
}

/* What carries data may do so only where policy lists that for all applications. */
bool sp_review__is_allowed(const sp_review *review, sp_bytes text, const sp_finding *f, uint64_t at)
{
    const sp_kind_actions *k = &review->options.kinds;
    const sp_host_list *own = list_of(review, f->kind);
    if (own == NULL && f->kind != SP_KIND_OUTWARD_IMAGE && f->kind != SP_KIND_OUTWARD_LINK) return false;
    if (own != NULL && !own->is_given) return true;
    if (f->start < at || f->end - at > text.n) return false;
    const sp_bytes host = host_of(sp_bytes_sub(text, (size_t)(f->start - at), (size_t)(f->end - at)));
    return is_listed(host, k->hosts, k->n_hosts) || (own != NULL && is_listed(host, own->v, own->n));
}

void sp_review__note_echo(const sp_review *review, sp_bytes text, sp_finding *f, uint64_t at)
{
    if (review->options.echoes == NULL || f->start < at || f->end - at > text.n) return;
    const sp_bytes value = sp_bytes_sub(text, (size_t)(f->start - at), (size_t)(f->end - at));
    if (sp_echoes__has(review->options.echoes, sp_finding_class(f), value)) f->confidence |= SP_REVIEW_ECHO;
}

void sp_review__sift(sp_review *review, sp_bytes text, uint64_t at)
{
    size_t n = 0;
    for (size_t i = 0; i < review->found.n; i++) {
        note_kind(review, &review->found.v[i]);
        if (sp_review__is_allowed(review, text, &review->found.v[i], at)) continue;
        review->found.v[n] = review->found.v[i];
        sp_review__note_echo(review, text, &review->found.v[n++], at);
    }
    review->found.n = n;
}

void sp_review__drop_outward(sp_review *review)
{
    size_t n = 0;
    for (size_t i = 0; i < review->found.n; i++) {
        if (!sp_review__is_outward(review->found.v[i].kind)) review->found.v[n++] = review->found.v[i];
    }
    review->found.n = n;
}
