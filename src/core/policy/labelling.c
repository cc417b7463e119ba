/** From what a request holds to its label: one atom per reason, joined. An atom says who added it and where
 * the first of its kind stood, so that every label can be explained. Integrity comes from origin alone: no
 * text raises trust (Biba 1977; FIDES, arXiv 2505.23643). */
#include "sallyport/policy.h"

#include <string.h>

enum { N_ORIGINS = SP_ORIGIN_TOOL + 1, LOOK_BACK = 1024 };

/** Most atoms that can arise: the use case, a kind of finding each, an origin each, unreadable content. */
enum { ATOMS_MAX = 1 + SP_KIND_LIMIT + N_ORIGINS + 1 };

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

/** The atom of a kind, made at its first finding. */
static sp_atom *atom_of(sp_labelling *l, const sp_request *request, const sp_finding *finding)
{
    const sp_kind_info *info = sp_kind_get((sp_kind)finding->kind);
    if (!info) return NULL;
    sp_label label = SP_LABEL_BOTTOM;
    label.categories = SP_CAT_BIT(info->category);
    label.level = info->level;
    sp_atom *atom = add(l, label, SP_ATOM_DETECTOR, finding->kind);
    atom->count = 0;
    atom->confidence = 0;
    place_finding(atom, request, finding);
    return atom;
}

static sp_bytes text_of(const sp_request *request, const sp_finding *f)
{
    return sp_bytes_sub(request->text, f->start, f->end);
}

/** A further reading of a text (escapes resolved, spellings folded) repeats what was found in the text as it
 * stands; only what it shows for the first time counts. The reading follows its text, so does its finding.
 * Farther back than LOOK_BACK nobody looks, so that many findings cost no more than each: then one counts
 * twice. */
static bool is_repeated(const sp_request *request, const sp_findings *findings, size_t i)
{
    const sp_finding *f = &findings->v[i];
    const sp_segment *segment = sp_segment_at(request, f->start);
    if (!segment || !segment->resolved) return false;
    for (size_t k = i; k-- > 0 && i - k <= LOOK_BACK;) {
        const sp_finding *before = &findings->v[k];
        if (before->kind == f->kind && sp_bytes_eq(text_of(request, before), text_of(request, f)))
            return true;
    }
    return false;
}

static sp_status add_findings(sp_labelling *l, const sp_request *request, const sp_findings *findings)
{
    sp_atom *by_kind[SP_KIND_LIMIT] = {NULL};
    for (size_t i = 0; i < findings->n; i++) {
        const sp_finding *f = &findings->v[i];
        SP_CHECK(f->kind < SP_KIND_LIMIT);
        if (is_repeated(request, findings, i)) continue;
        if (!by_kind[f->kind]) by_kind[f->kind] = atom_of(l, request, f);
        sp_atom *atom = by_kind[f->kind];
        SP_CHECK(atom != NULL);
        atom->count++;
        if (f->confidence > atom->confidence) atom->confidence = f->confidence;
    }
    return SP_OK;
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

static void add_origins(sp_labelling *l, const sp_application *application, const sp_request *request)
{
    sp_atom *by_origin[N_ORIGINS] = {NULL};
    sp_label untrusted = SP_LABEL_BOTTOM;
    untrusted.integrity = SP_UNTRUSTED;
    for (size_t i = 0; i < request->n_segments; i++) {
        const sp_segment *s = &request->segments[i];
        const uint8_t origin = s->origin < N_ORIGINS ? s->origin : (uint8_t)SP_ORIGIN_UNKNOWN;
        if (origin_is_trusted(origin, application)) continue;
        if (by_origin[origin]) {
            by_origin[origin]->count++;
            continue;
        }
        sp_atom *atom = by_origin[origin] = add(l, untrusted, SP_ATOM_ORIGIN, origin);
        atom->place = s->place;
        atom->start = s->parent ? 0 : s->raw_start;
        atom->end = s->parent ? 0 : s->raw_end;
    }
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
    SP_CHECK(e->application->use_case < e->snapshot->n_use_cases);
    sp_atom atoms[ATOMS_MAX]; /* few of them are used, and the exchange lives as long as its answer */
    sp_labelling l = {.label = SP_LABEL_BOTTOM, .atoms = atoms};
    add(&l, e->snapshot->use_cases[e->application->use_case].label, SP_ATOM_USE_CASE, 0);
    SP_TRY(add_findings(&l, e->request, e->findings));
    add_origins(&l, e->application, e->request);
    add_unreadable(&l, e->request);
    l.atoms = sp_alloc_bytes(mem, l.n_atoms * sizeof *l.atoms);
    if (!l.atoms) return SP_ENOMEM;
    memcpy(l.atoms, atoms, l.n_atoms * sizeof *l.atoms);
    *out = l;
    return SP_OK;
}
