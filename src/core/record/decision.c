/* What is recorded of a decision and of an answer's findings. The gateway, `explain` and the replay test all
 * take it from here: what is told and what is recorded cannot differ. */
#include <string.h>

#include "record/record_internal.h"

enum {
    PLACE_MAX = 512, /* of a place in a leaf, as the field table has it */
    NAMES_MAX = 255, /* of use cases, as the field table has it */
    SOURCES_BYTES = 1024,
    MISSING_BYTES = 1024,
    ATOM_BYTES = 18,     /* of an atom in a leaf, with the length of its place */
    PLACES_MAX = 256,    /* findings of an answer that are listed by place */
    PLACES_BYTES = 32768 /* ... and their bytes: half of a leaf */
};

void sp_record_of_parties(sp_record *out, const sp_decided *decided)
{
    const sp_snapshot *s = decided->snapshot;
    const int model = sp_model_find(s, decided->request->model);
    out->generation = s->generation;
    out->dialect = (uint8_t)sp_dialect_id_of(decided->dialect);
    out->operation = sp_operation_is_call(decided->operation) ? (uint8_t)decided->operation : 0;
    out->model = model < 0 ? SP_BYTES_EMPTY : s->models[model].name;
    if (decided->purpose->application != NULL) {
        out->application = decided->purpose->application->name;
        out->use_case = s->use_cases[decided->purpose->use_cases[0].row].name;
    }
    if (decided->decision->outcome != SP_DENY) {
        const sp_destination *to = &s->destinations[decided->decision->destination];
        out->destination = to->name;
        out->destination_model = to->model;
        out->region = to->region;
        out->tier = to->tier;
    }
}

/* The text of a place, with the name of who speaks of it before it if there is one: names and indexes, so a
 * cut never splits a character. */
static sp_status take_named(sp_bytes *out, sp_bytes name, sp_place place, sp_mem *mem)
{
    sp_buf text = SP_BUF_IN(mem);
    sp_buf_append(&text, name);
    sp_buf_append_str(&text, name.n > 0 ? " " : "");
    sp_place_append(&text, place);
    *out = sp_bytes_sub(sp_buf_bytes(&text), 0, PLACE_MAX);
    return text.status;
}

static sp_status take_place(sp_bytes *out, sp_place place, sp_mem *mem)
{
    return take_named(out, SP_BYTES_EMPTY, place, mem);
}

/* Names with commas between, as far as a text of a leaf may go: a name that has no room is left out whole. */
typedef struct naming {
    sp_buf text;
    size_t max;
} naming;

static void name_next(naming *n, sp_bytes name)
{
    if (n->text.n + 1 + name.n > n->max) {
        return;
    }
    if (n->text.n > 0) {
        sp_buf_append_byte(&n->text, ',');
    }
    sp_buf_append(&n->text, name);
}

static sp_status take_purpose(sp_record *out, const sp_purpose *p, sp_mem *mem)
{
    naming use_cases = {SP_BUF_IN(mem), NAMES_MAX};
    naming sources = {SP_BUF_IN(mem), SOURCES_BYTES};
    for (size_t i = 0; i < p->n_use_cases; i++) {
        name_next(&use_cases, p->snapshot->use_cases[p->use_cases[i].row].name);
    }
    for (size_t i = 0; i < p->n_sources; i++) {
        name_next(&sources, p->snapshot->sources[p->sources[i]].name);
    }
    out->subject = p->subject != NULL ? p->subject->name : SP_BYTES_EMPTY;
    out->use_case = sp_buf_bytes(&use_cases.text);
    out->sources = sp_buf_bytes(&sources.text);
    return use_cases.text.status != SP_OK ? use_cases.text.status : sources.text.status;
}

/* Of what an atom speaks: its place in the body, the name of what the request is of, or both. */
static sp_status take_subject(sp_bytes *out, const sp_atom *a, const sp_snapshot *s, sp_mem *mem)
{
    switch ((sp_atom_source)a->source) {
    case SP_ATOM_USE_CASE:
    case SP_ATOM_OVERDUE:
        *out = s->use_cases[a->row].name;
        return SP_OK;
    case SP_ATOM_SOURCE:
        *out = s->sources[a->row].name;
        return SP_OK;
    case SP_ATOM_ENDORSED:
        return take_named(out, s->endorsers[a->row].name, a->place, mem);
    case SP_ATOM_DETECTOR:
        if (a->kind == SP_KIND_OWN) {
            return take_named(out, sp_bytes_of(s->detectors[a->row].name), a->place, mem);
        }
        break;
    case SP_ATOM_ORIGIN:
    case SP_ATOM_USE:
    case SP_ATOM_FLOOR:
    case SP_ATOM_HANDLING:
    case SP_ATOM_TOLD:
    case SP_ATOM_ECHO: /* of answers alone */
        break;
    }
    return take_place(out, a->place, mem);
}

static sp_status take_atoms(sp_record *out, const sp_decided *decided, sp_mem *mem)
{
    const sp_labelling *labelling = decided->labelling;
    sp_record_atom *atoms = NULL;
    if (labelling->n_atoms > 0 && (atoms = sp_alloc(mem, labelling->n_atoms, sizeof *atoms)) == NULL) {
        return SP_ENOMEM;
    }
    for (size_t i = 0; i < labelling->n_atoms; i++) {
        const sp_atom *a = &labelling->atoms[i];
        atoms[i] = (sp_record_atom){.source = a->source,
                                    .kind = a->kind,
                                    .confidence = a->confidence,
                                    .level = a->label.level,
                                    .count = a->count,
                                    .start = a->start,
                                    .end = a->end};
        SP_TRY(take_subject(&atoms[i].place, a, decided->snapshot, mem));
    }
    out->atoms = atoms;
    out->n_atoms = labelling->n_atoms;
    return SP_OK;
}

/* `cloud: baa, dpa; cloud-eu: baa`: whole candidates, as many as there is room for. */
static sp_status take_missing(sp_record *out, const sp_decided *decided, sp_mem *mem)
{
    const sp_decision *d = decided->decision;
    sp_buf text = SP_BUF_IN(mem);
    for (size_t i = 0; i < d->n_candidates; i++) {
        const size_t before = text.n;
        if (d->candidates[i].missing == 0) {
            continue;
        }
        sp_buf_append_str(&text, before > 0 ? "; " : "");
        sp_buf_append(&text, decided->snapshot->destinations[d->candidates[i].destination].name);
        sp_buf_append_str(&text, ": ");
        sp_facts_append(&text, d->candidates[i].missing, &decided->snapshot->names);
        if (text.n > MISSING_BYTES) {
            text.n = before;
        }
    }
    out->missing = sp_buf_bytes(&text);
    return text.status;
}

static sp_status take_candidates(sp_record *out, const sp_decided *decided, sp_mem *mem)
{
    const sp_decision *d = decided->decision;
    sp_record_candidate *list = NULL;
    if (d->n_candidates > 0 && (list = sp_alloc(mem, d->n_candidates, sizeof *list)) == NULL) {
        return SP_ENOMEM;
    }
    for (size_t i = 0; i < d->n_candidates; i++) {
        const sp_candidate *c = &d->candidates[i];
        const sp_destination *to = &decided->snapshot->destinations[c->destination];
        list[i] = (sp_record_candidate){.destination = to->name,
                                        .reason = c->reason,
                                        .part = c->part,
                                        .field = c->field,
                                        .tier = to->tier};
    }
    out->candidates = list;
    out->n_candidates = d->n_candidates;
    return SP_OK;
}

sp_status sp_record_of_decision(sp_record *out, const sp_decided *decided, sp_mem *mem)
{
    sp_record_of_parties(out, decided);
    out->is_stream = decided->request->is_stream;
    out->parameters = decided->request->parameters;
    out->label = decided->labelling->label;
    out->outcome = decided->decision->outcome;
    out->status = (int32_t)decided->decision->status;
    if (decided->purpose->application != NULL) {
        SP_TRY(take_purpose(out, decided->purpose, mem));
    }
    if (decided->label_before != NULL) {
        out->declassifier = decided->declassifier;
        out->label_before = *decided->label_before;
    }
    SP_TRY(take_atoms(out, decided, mem));
    SP_TRY(take_missing(out, decided, mem));
    return take_candidates(out, decided, mem);
}

sp_status sp_record_of_stop(sp_record *out, const sp_stop *stop, sp_mem *mem)
{
    sp_buf subject = SP_BUF_IN(mem);
    if (stop == NULL) {
        return SP_OK;
    }
    sp_stop_subject_append(&subject, stop);
    out->stopped = sp_buf_bytes(&subject);
    out->stopped_reason = stop->reason;
    out->stopped_ns = stop->since_s < UINT64_MAX / 1000000000 ? stop->since_s * 1000000000 : UINT64_MAX;
    return subject.status;
}

/* ---- findings of an answer ---- */

/* Echoes are counted apart: a bit of what a finding is counted by. */
enum { OF_ECHO = 1 << 15 };
_Static_assert((int)SP_CLASS_LIMIT <= (int)OF_ECHO, "a class and whether it is an echo fit into 16 bits");

/* The atoms under way. `at` says of each where it stands: places are compared as they are, their texts are
 * made once. */
typedef struct listing {
    const sp_engine *engine; /* NULL: the built-in detectors */
    sp_record_atom *atoms;
    sp_place *at;
    uint16_t *class;
    size_t n, n_places, bytes;
    sp_mem *mem;
} listing;

static bool is_same_place(const sp_place *a, const sp_place *b)
{
    return a->path == b->path && memcmp(a->index, b->index, sizeof a->index) == 0;
}

static const sp_kind_info *info_of(const listing *l, unsigned class)
{
    return l->engine != NULL ? sp_engine_class(l->engine, class) : sp_kind_get((sp_kind) class);
}

/* The atom that counts findings of this class at this place, or NULL. */
static sp_record_atom *find_listed(const listing *l, unsigned class, const sp_place *place)
{
    for (size_t i = 0; i < l->n; i++) {
        if (l->class[i] == class && is_same_place(&l->at[i], place)) {
            return &l->atoms[i];
        }
    }
    return NULL;
}

static void count_again(sp_record_atom *atom, const sp_finding *finding)
{
    atom->count++;
    atom->confidence = finding->confidence > atom->confidence ? finding->confidence : atom->confidence;
}

/* @param class  that it is counted by. */
static void list_one(listing *l, const sp_finding *finding, unsigned class, const sp_place *at, sp_bytes text)
{
    const sp_kind_info *info = info_of(l, sp_finding_class(finding));
    l->at[l->n] = *at;
    l->class[l->n] = (uint16_t) class;
    l->atoms[l->n++] = (sp_record_atom){.source = class & OF_ECHO ? SP_ATOM_ECHO : SP_ATOM_DETECTOR,
                                        .kind = finding->kind,
                                        .confidence = finding->confidence,
                                        .level = info != NULL ? info->level : 0,
                                        .count = 1,
                                        .start = finding->start,
                                        .end = finding->end,
                                        .place = text};
}

/* Of a detector of the organisation; empty: of none. */
static sp_bytes own_name(const listing *l, unsigned class)
{
    const sp_kind_info *info = class >= SP_CLASS_OWN ? info_of(l, class) : NULL;
    return info != NULL ? sp_bytes_of(info->name) : SP_BYTES_EMPTY;
}

/* Counts a finding where its like is counted, lists it by its place while there is room, and beyond that
 * under its kind alone: there all detectors of the organisation are one, without a name. */
static sp_status take_finding(listing *l, const sp_review_finding *f)
{
    const sp_place nowhere = {0};
    const unsigned of_echo = f->is_echo ? OF_ECHO : 0;
    unsigned class = sp_finding_class(&f->finding);
    const bool has_room = l->n_places < PLACES_MAX && l->bytes + ATOM_BYTES + PLACE_MAX <= PLACES_BYTES;
    sp_record_atom *listed = find_listed(l, class | of_echo, &f->place);
    sp_bytes text = SP_BYTES_EMPTY;
    if (listed == NULL && !has_room) {
        class = class >= SP_CLASS_OWN ? (unsigned)SP_KIND_OWN : class;
        listed = find_listed(l, class | of_echo, &nowhere);
    }
    if (listed != NULL) {
        count_again(listed, &f->finding);
        return SP_OK;
    }
    if (has_room) {
        SP_TRY(take_named(&text, own_name(l, class), f->place, l->mem));
        l->n_places++;
        l->bytes += ATOM_BYTES + text.n;
    }
    list_one(l, &f->finding, class | of_echo, has_room ? &f->place : &nowhere, text);
    return SP_OK;
}

sp_status sp_record_of_findings(sp_record *out, const sp_review_summary *summary, sp_mem *mem)
{
    const size_t most =
        summary->n_findings < PLACES_MAX ? summary->n_findings : PLACES_MAX + 2 * (UINT8_MAX + 1);
    if (summary->n_findings == 0) {
        return SP_OK;
    }
    listing l = {.engine = summary->engine,
                 .atoms = sp_alloc(mem, most, sizeof *l.atoms),
                 .at = sp_alloc(mem, most, sizeof *l.at),
                 .class = sp_alloc(mem, most, sizeof *l.class),
                 .mem = mem};
    if (l.atoms == NULL || l.at == NULL || l.class == NULL) {
        return SP_ENOMEM;
    }
    for (size_t i = 0; i < summary->n_findings; i++) {
        SP_TRY(take_finding(&l, &summary->findings[i]));
    }
    out->atoms = l.atoms;
    out->n_atoms = l.n;
    return SP_OK;
}
