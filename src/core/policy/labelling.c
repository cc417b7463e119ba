/** From what a request holds to its label: one atom per reason, joined. An atom says who added it and where
 * the first of its kind stood, so that every label can be explained. Integrity comes from origin and from
 * named endorsers (endorse.c): no text raises trust (Biba 1977; FIDES, arXiv 2505.23643). */
#include "policy_internal.h"
#include "sallyport/propose.h"
#include "tbl/names.h"

#include <string.h>

enum { N_ORIGINS = SP_ORIGIN_TOOL + 1, LOOK_BACK = 1024 };

/** Most atoms that can arise: two of a use case, a source each, two floors, what was told, a kind of finding
 * each, an origin each, unreadable content, a handling of a category each, an endorser of the application
 * each. */
enum {
    ATOMS_MAX = 2 * SP_USE_CASES_MAX + SP_SOURCES_MAX + 2 + 1 + SP_CLASS_LIMIT + N_ORIGINS + 1 + 64 +
                SP_ENDORSERS_NAMED
};

static sp_atom *add(sp_labelling *l, sp_label label, uint8_t source, uint8_t kind)
{
    sp_atom *atom = &l->atoms[l->n_atoms++];
    *atom = (sp_atom){.label = label, .source = source, .kind = kind, .confidence = 100, .count = 1};
    l->label = sp_label_join(l->label, label);
    return atom;
}

/** Where a finding stands: the segment's place, and its span in the body or, inside a nested string, in the
 * parent's text. A finding that crosses segments is placed at the first. */
static void place_finding(sp_atom *atom, const sp_request *request, const sp_finding *finding)
{
    const sp_segment *segment = sp_segment_at(request, finding->start);
    if (!segment) return;
    atom->place = segment->place;
    const uint32_t end = finding->end < segment->text_end ? finding->end : segment->text_end;
    sp_span span;
    if (sp_segment_map(&span, request, segment, finding->start - segment->text_start,
                       end - segment->text_start) != SP_OK)
        return;
    atom->start = span.start;
    atom->end = span.end;
}

/* ---- findings ---- */

/** The rules of a snapshot while they are counted: of class `k` they are `first[k]` up to `first[k + 1]`. */
typedef struct tally {
    const sp_snapshot *snapshot;
    const sp_finding_rule *rules;
    bool is_cut; /**< more was found than is listed: then nobody can say how many, and each rule of what is
                    there fires */
    uint16_t first[SP_CLASS_LIMIT + 1];
    uint32_t n[SP_FINDING_RULES_MAX]; /**< findings that a rule counts, so far */
} tally;

static void tally_init(tally *t, const sp_snapshot *snapshot)
{
    size_t class = 0;
    t->snapshot = snapshot;
    t->rules = snapshot->finding_rules;
    for (size_t i = 0; i < snapshot->n_finding_rules; i++) {
        for (; class <= SP_CLASS_LIMIT && class <= t->rules[i].kind; class ++) t->first[class] = (uint16_t)i;
        t->n[i] = 0;
    }
    for (; class <= SP_CLASS_LIMIT; class ++) t->first[class] = (uint16_t)snapshot->n_finding_rules;
}

static bool has_rules(const tally *t, unsigned class)
{
    return t->first[class] < t->first[class + 1];
}

static void tally_count(tally *t, const sp_finding *finding)
{
    const unsigned class = sp_finding_class(finding);
    for (size_t i = t->first[class]; i < t->first[class + 1]; i++)
        t->n[i] += finding->confidence >= t->rules[i].confidence;
}

_Static_assert(SP_FINDING_RULES_MAX <= 256, "a set of rules has a bit for each");

static sp_bits256 fired(const tally *t, unsigned class)
{
    sp_bits256 rules = SP_BITS256_NONE;
    for (size_t i = t->first[class]; i < t->first[class + 1]; i++) {
        if (t->is_cut || t->n[i] >= t->rules[i].at_least) sp_bits256_add(&rules, (uint8_t)i);
    }
    return rules;
}

/** What the rules of a class make of what they counted. */
static sp_label label_by_rules(const tally *t, unsigned class)
{
    const sp_bits256 rules = fired(t, class);
    sp_label label = SP_LABEL_BOTTOM;
    for (size_t i = t->first[class]; i < t->first[class + 1]; i++) {
        if (sp_bits256_has(rules, (uint8_t)i)) label = sp_label_join(label, t->rules[i].label);
    }
    return label;
}

/** The detector of the organisation that a class is of, or NULL. */
static const sp_custom_detector *own_detector(const sp_snapshot *s, unsigned class)
{
    return class >= SP_CLASS_OWN && class - SP_CLASS_OWN < s->n_detectors
               ? &s->detectors[class - SP_CLASS_OWN]
               : NULL;
}

static bool is_known(const sp_snapshot *s, unsigned class)
{
    return class < SP_CLASS_OWN ? sp_kind_get((sp_kind) class) != NULL : own_detector(s, class) != NULL;
}

/** What a finding of a class brings where no rule of the policy says it. */
static sp_label plain_label(const sp_snapshot *s, unsigned class)
{
    const sp_kind_info *kind = class < SP_CLASS_OWN ? sp_kind_get((sp_kind) class) : NULL;
    const sp_custom_detector *own = own_detector(s, class);
    sp_label label = SP_LABEL_BOTTOM;
    if (!kind && !own) return label;
    if (own && own->allows != SP_KIND_NONE) return label;       /* a rule says that it is harmless */
    if (kind && kind->category == SP_CAT_OUTWARD) return label; /* it says nothing of what the data is */
    label.categories = kind ? sp_kind_categories(kind) : SP_CAT_BIT(own->category);
    label.level = kind ? kind->level : own->level;
    return label;
}

/** What findings of a class bring: by the policy's rules, else what it is shipped or written with. */
static sp_label label_of_class(const tally *t, unsigned class)
{
    sp_label label = has_rules(t, class) ? label_by_rules(t, class) : plain_label(t->snapshot, class);
    if (class < SP_CLASS_OWN && sp_kind_is_untrusted((sp_kind) class))
        label.integrity = SP_UNTRUSTED; /* no row says otherwise */
    return label;
}

/** The atom of a class, made at its first finding; its label comes when all are counted. */
static sp_atom *atom_of(sp_labelling *l, const sp_request *request, const sp_finding *finding)
{
    sp_atom *atom = add(l, SP_LABEL_BOTTOM, SP_ATOM_DETECTOR, finding->kind);
    atom->count = 0;
    atom->confidence = 0;
    if (finding->kind == SP_KIND_OWN) atom->row = (uint16_t)(sp_finding_class(finding) - SP_CLASS_OWN);
    place_finding(atom, request, finding);
    return atom;
}

static sp_bytes text_of(const sp_request *request, const sp_finding *f)
{
    return sp_bytes_sub(request->text, f->start, f->end);
}

/** The reading follows its text, so does its finding. Farther back than LOOK_BACK nobody looks, so that many
 * findings cost no more than each: then one counts twice. */
bool sp_finding_is_repeated(const sp_request *request, const sp_findings *findings, size_t i,
                            bool of_one_text)
{
    const sp_finding *f = &findings->v[i];
    const sp_segment *segment = sp_segment_at(request, f->start);
    if (!segment || !segment->resolved) return false;
    for (size_t k = i; k-- > 0 && i - k <= LOOK_BACK;) {
        const sp_finding *before = &findings->v[k];
        if (sp_finding_class(before) != sp_finding_class(f) ||
            !sp_bytes_eq(text_of(request, before), text_of(request, f)))
            continue;
        const sp_segment *at = sp_segment_at(request, before->start);
        if (!of_one_text || (at && !at->joined)) return true;
    }
    return false;
}

static void label_findings(sp_labelling *l, const tally *t)
{
    for (size_t i = 0; i < l->n_atoms; i++) {
        sp_atom *atom = &l->atoms[i];
        if (atom->source != SP_ATOM_DETECTOR) continue;
        atom->label = label_of_class(t, sp_atom_class(atom));
        atom->rules = fired(t, sp_atom_class(atom));
        l->label = sp_label_join(l->label, atom->label);
    }
}

/** Findings while they become atoms. */
typedef struct counting {
    const sp_request *request;
    tally tally;
    sp_atom *by_class[SP_CLASS_LIMIT];
} counting;

static void count(sp_labelling *l, counting *c, const sp_finding *f)
{
    sp_atom **by_class = &c->by_class[sp_finding_class(f)];
    if (!*by_class) *by_class = atom_of(l, c->request, f);
    sp_atom *atom = *by_class;
    atom->count++;
    if (f->confidence > atom->confidence) atom->confidence = f->confidence;
    tally_count(&c->tally, f);
}

static sp_status add_findings(sp_labelling *l, const sp_evidence *e)
{
    counting c = {.request = e->request};
    tally_init(&c.tally, e->purpose->snapshot);
    c.tally.is_cut = e->findings->is_full;
    for (size_t i = 0; i < e->findings->n; i++) {
        const sp_finding *f = &e->findings->v[i];
        SP_CHECK(is_known(c.tally.snapshot, sp_finding_class(f)));
        if (!sp_finding_is_repeated(e->request, e->findings, i, false)) count(l, &c, f);
    }
    for (size_t i = 0; e->proposals && i < e->proposals->n; i++) {
        SP_CHECK(sp_kind_get((sp_kind)e->proposals->v[i].kind) != NULL);
        count(l, &c, &e->proposals->v[i]);
    }
    label_findings(l, &c.tally);
    return SP_OK;
}

/* ---- what is not in the text ---- */

static void add_use_cases(sp_labelling *l, const sp_purpose *p, uint64_t now_s)
{
    l->until_s = UINT64_MAX;
    for (size_t i = 0; i < p->n_use_cases; i++) {
        const sp_use_case *u = &p->snapshot->use_cases[p->use_cases[i].row];
        add(l, u->label, SP_ATOM_USE_CASE, p->use_cases[i].binding)->row = p->use_cases[i].row;
        if (u->review_s == 0) continue;
        if (now_s < u->review_s) {
            l->until_s = u->review_s < l->until_s ? u->review_s : l->until_s;
            continue;
        }
        add(l, p->snapshot->overdue, SP_ATOM_OVERDUE, p->use_cases[i].binding)->row = p->use_cases[i].row;
    }
}

static void add_sources(sp_labelling *l, const sp_purpose *p)
{
    for (size_t i = 0; i < p->n_sources; i++)
        add(l, p->snapshot->sources[p->sources[i]].label, SP_ATOM_SOURCE, 0)->row = p->sources[i];
    if (!sp_label_eq(p->application->floor, SP_LABEL_BOTTOM))
        add(l, p->application->floor, SP_ATOM_FLOOR, SP_FLOOR_APPLICATION);
    if (p->subject && !sp_label_eq(p->subject->floor, SP_LABEL_BOTTOM))
        add(l, p->subject->floor, SP_ATOM_FLOOR, SP_FLOOR_SUBJECT);
}

static void add_recalled(sp_labelling *l, const sp_recalled *recalled)
{
    if (!recalled || recalled->count == 0) return;
    sp_atom *atom = add(l, recalled->label, SP_ATOM_TOLD, 0);
    atom->count = recalled->count;
    atom->place = recalled->place;
    atom->start = recalled->start;
    atom->end = recalled->end;
}

/** Last: what the categories carry that are there. A handling holds no category, so once is enough. */
static void add_handling(sp_labelling *l, const sp_snapshot *snapshot)
{
    for (uint64_t left = l->label.categories & snapshot->handled; left != 0; left &= left - 1) {
        const unsigned category = (unsigned)__builtin_ctzll(left);
        add(l, snapshot->handling[category], SP_ATOM_HANDLING, (uint8_t)category);
    }
}

/* ---- who vouches for the texts ---- */

enum { NOWHERE = UINT32_MAX };

/** The texts of a request while they are judged, one after the other. */
typedef struct trust {
    const sp_application *application;
    const sp_request *request;
    const uint8_t *by;   /**< sp_endorse__results */
    size_t part;         /**< of the request: none before it that is endorsed ends behind the text */
    uint32_t tainted_at; /**< the first turn with a text that nobody vouches for */
} trust;

/** Which message a text is in, from 1; 0: none, and then it stands before them all. */
static uint32_t turn_of(const sp_segment *s)
{
    return sp_bytes_starts(sp_bytes_of(s->place.path), SP_LIT("messages[]")) ? s->place.index[0] + 1 : 0;
}

/** 1 + place of the endorser of the result in which a text stands, or 0. Texts are asked about in their
 * order; results follow each other. */
static uint8_t endorser_of(trust *t, size_t segment)
{
    const sp_request *r = t->request;
    if (!t->by) return 0;
    while (t->part < r->n_tool_parts && (t->by[t->part] == 0 || r->tool_parts[t->part].end <= segment))
        t->part++;
    return t->part < r->n_tool_parts && r->tool_parts[t->part].first <= segment ? t->by[t->part] : 0;
}

static bool origin_is_trusted(uint8_t origin, const sp_application *application)
{
    switch ((sp_origin)origin) {
    case SP_ORIGIN_APPLICATION:
        return true;
    case SP_ORIGIN_USER:
    case SP_ORIGIN_MODEL:
        return application->user_text == SP_TRUSTED; /* an answer is no better than what it was asked with */
    case SP_ORIGIN_TOOL:
    case SP_ORIGIN_UNKNOWN:
        break;
    }
    return false;
}

static void find_taint(trust *t)
{
    t->tainted_at = NOWHERE;
    for (size_t i = 0; i < t->request->n_segments; i++) {
        const sp_segment *s = &t->request->segments[i];
        if (origin_is_trusted(s->origin, t->application) || endorser_of(t, i)) continue;
        const uint32_t turn = turn_of(s);
        if (turn < t->tainted_at) t->tainted_at = turn;
    }
    t->part = 0;
}

/** A turn of the model is made of what stood before it, and of what it looked up itself: one text there that
 * nobody vouches for, and nobody vouches for the turn. */
static bool is_trusted(const trust *t, const sp_segment *s)
{
    if (!origin_is_trusted(s->origin, t->application)) return false;
    return s->origin != SP_ORIGIN_MODEL || turn_of(s) < t->tainted_at;
}

static void place_text(sp_atom *atom, const sp_segment *s)
{
    atom->place = s->place;
    atom->start = s->parent ? 0 : s->raw_start;
    atom->end = s->parent ? 0 : s->raw_end;
}

static void add_origins(sp_labelling *l, trust *t)
{
    sp_atom *by_origin[N_ORIGINS] = {NULL};
    sp_label untrusted = SP_LABEL_BOTTOM;
    untrusted.integrity = SP_UNTRUSTED;
    for (size_t i = 0; i < t->request->n_segments; i++) {
        const sp_segment *s = &t->request->segments[i];
        const uint8_t origin = s->origin < N_ORIGINS ? s->origin : (uint8_t)SP_ORIGIN_UNKNOWN;
        if (is_trusted(t, s) || endorser_of(t, i)) continue;
        if (by_origin[origin]) {
            by_origin[origin]->count++;
            continue;
        }
        by_origin[origin] = add(l, untrusted, SP_ATOM_ORIGIN, origin);
        place_text(by_origin[origin], s);
    }
}

/** How many results each endorser vouched for, and where the first stands. */
static void add_endorsed(sp_labelling *l, const trust *t)
{
    sp_atom *by_endorser[SP_ENDORSERS_NAMED] = {NULL};
    for (size_t i = 0; t->by && i < t->request->n_tool_parts; i++) {
        const sp_tool_part *result = &t->request->tool_parts[i];
        if (t->by[i] == 0) continue;
        sp_atom **atom = &by_endorser[t->by[i] - 1];
        if (*atom) {
            (*atom)->count++;
            continue;
        }
        *atom = add(l, SP_LABEL_BOTTOM, SP_ATOM_ENDORSED, 0);
        (*atom)->row = t->application->endorsers[t->by[i] - 1];
        const bool is_one = result->text != 0 && result->text != SP_SEVERAL;
        place_text(*atom, &t->request->segments[is_one ? result->text - 1 : result->first]);
    }
}

/** Integrity comes from where a text stands, and from who vouches for it by name. */
static sp_status add_integrity(sp_labelling *l, const sp_evidence *e, sp_mem *mem)
{
    trust t = {.application = e->purpose->application, .request = e->request};
    SP_TRY(sp_endorse__results(&t.by, e->purpose, e->request, mem));
    find_taint(&t);
    add_origins(l, &t);
    add_endorsed(l, &t);
    return SP_OK;
}

/** Content that no detector can read is a category of its own: it flows only where a clearance names it. */
static void add_unreadable(sp_labelling *l, const sp_request *request)
{
    sp_label label = SP_LABEL_BOTTOM;
    label.categories = SP_CAT_BIT(SP_CAT_UNREADABLE);
    sp_atom *atom = NULL;
    for (size_t i = 0; i < request->n_uses; i++) {
        const sp_use *use = &request->uses[i];
        if (use->kind != SP_FIELD_UNREADABLE) continue;
        if (atom) {
            atom->count++;
            continue;
        }
        atom = add(l, label, SP_ATOM_USE, SP_FIELD_UNREADABLE);
        atom->place = use->place;
        atom->start = use->raw_start;
        atom->end = use->raw_end;
    }
}

sp_status sp_label_request(sp_labelling *out, const sp_evidence *e, sp_mem *mem)
{
    *out = (sp_labelling){0};
    sp_atom atoms[ATOMS_MAX]; /* few of them are used, and the exchange lives as long as its answer */
    sp_labelling l = {.label = SP_LABEL_BOTTOM, .atoms = atoms};
    add_use_cases(&l, e->purpose, e->now_s);
    add_sources(&l, e->purpose);
    add_recalled(&l, e->recalled);
    SP_TRY(add_findings(&l, e));
    SP_TRY(add_integrity(&l, e, mem));
    add_unreadable(&l, e->request);
    add_handling(&l, e->purpose->snapshot);
    l.atoms = sp_alloc_bytes(mem, l.n_atoms * sizeof *l.atoms);
    if (!l.atoms) return SP_ENOMEM;
    memcpy(l.atoms, atoms, l.n_atoms * sizeof *l.atoms);
    *out = l;
    return SP_OK;
}

/* ---- the answer ---- */

/** A handling holds no category, so once is enough. */
sp_label sp_label_close(const sp_snapshot *s, sp_label label)
{
    for (uint64_t left = label.categories & s->handled; left != 0; left &= left - 1)
        label = sp_label_join(label, s->handling[__builtin_ctzll(left)]);
    return label;
}

sp_label sp_label_answer(const sp_purpose *p, const sp_label *request, const sp_review_summary *found)
{
    tally t;
    bool is_joined[SP_CLASS_LIMIT] = {false};
    sp_label label = *request;
    if (found->n_findings == 0) return sp_label_close(p->snapshot, label);
    tally_init(&t, p->snapshot);
    t.is_cut = found->has_more;
    for (size_t i = 0; i < found->n_findings; i++) tally_count(&t, &found->findings[i].finding);
    for (size_t i = 0; i < found->n_findings; i++) {
        const unsigned class = sp_finding_class(&found->findings[i].finding);
        if (!is_joined[class]) label = sp_label_join(label, label_of_class(&t, class));
        is_joined[class] = true;
    }
    return sp_label_close(p->snapshot, label);
}

static bool is_cleared(const sp_label *reader, const sp_label *label)
{
    return label->level <= reader->level && (label->categories & ~reader->categories) == 0;
}

bool sp_reader_may_read(const sp_purpose *p, const sp_label *label)
{
    return is_cleared(&p->application->reader, label) &&
           (!p->subject || is_cleared(&p->subject->reader, label));
}

/** What findings of a class bring at most: as if all of its rows fired, since an answer leaves before all of
 * it is counted; and what their categories carry. */
static sp_label most_of_class(const sp_snapshot *snapshot, unsigned class)
{
    sp_label label = SP_LABEL_BOTTOM;
    bool has_rules = false;
    for (size_t i = 0; i < snapshot->n_finding_rules; i++) {
        if (snapshot->finding_rules[i].kind != class) continue;
        label = sp_label_join(label, snapshot->finding_rules[i].label);
        has_rules = true;
    }
    return sp_label_close(snapshot, has_rules ? label : plain_label(snapshot, class));
}

/* As every reader is whom nothing bounds: then no class has to be asked about, of some two hundred. */
static bool reads_all(const sp_label *reader)
{
    return reader->level >= SP_LEVEL_MAX && reader->categories == UINT64_MAX;
}

sp_lacks sp_reader_lacks(const sp_purpose *p)
{
    sp_lacks lacks = {0, SP_BITS256_NONE};
    if (reads_all(&p->application->reader) && (!p->subject || reads_all(&p->subject->reader))) return lacks;
    const sp_kind_info *kind;
    for (size_t i = 0; (kind = sp_kind_at(i)) != NULL; i++) {
        const sp_label most = most_of_class(p->snapshot, kind->kind);
        const uint64_t categories = sp_kind_categories(kind);
        if (sp_reader_may_read(p, &most)) continue;
        lacks.categories |= categories;
        if (categories == 0) sp_bits256_add(&lacks.kinds, (uint8_t)kind->kind);
    }
    for (size_t i = 0; i < p->snapshot->n_detectors; i++) {
        const sp_label most = most_of_class(p->snapshot, (unsigned)(SP_CLASS_OWN + i));
        if (!sp_reader_may_read(p, &most)) lacks.categories |= SP_CAT_BIT(p->snapshot->detectors[i].category);
    }
    return lacks;
}

const char *sp_atom_source_name(sp_atom_source source)
{
    static const char *const names[] = {
        [SP_ATOM_USE_CASE] = "use-case", [SP_ATOM_DETECTOR] = "detector", [SP_ATOM_ORIGIN] = "origin",
        [SP_ATOM_USE] = "use",           [SP_ATOM_SOURCE] = "source",     [SP_ATOM_FLOOR] = "floor",
        [SP_ATOM_HANDLING] = "handling", [SP_ATOM_OVERDUE] = "overdue",   [SP_ATOM_TOLD] = "told",
        [SP_ATOM_ENDORSED] = "endorser", [SP_ATOM_ECHO] = "echo",
    };
    return SP_NAME_AT(names, source);
}
