/** The sections of a snapshot file that labels and demands are made of, in the order in which
 * snapshot_encode.c writes them. */
#include "snapshot_read.h"

#include <string.h>

static sp_status read_handling(sp_snapshot *s, sp_reader *in, sp_mem *mem)
{
    s->overdue = sp_snapshot__label(in);
    s->handled = sp_read_u64(in);
    sp_label *list = sp_snapshot__list(in, mem, in->status == SP_OK && s->handled ? 64 : 0, sizeof *list);
    for (size_t i = 0; i < 64 && in->status == SP_OK; i++) {
        if (!((s->handled >> i) & 1)) continue;
        list[i] = sp_snapshot__label(in);
        if (list[i].categories != 0) return SP_ERANGE;
    }
    s->handling = list;
    return in->status;
}

static sp_status read_requirements(sp_snapshot *s, sp_reader *in, sp_mem *mem)
{
    const size_t n = sp_snapshot__count(in, 18, SP_REQUIREMENTS_MAX);
    sp_requirement *list = sp_snapshot__list(in, mem, n, sizeof *list);
    for (size_t i = 0; i < n && in->status == SP_OK; i++) {
        list[i].categories = sp_read_u64(in);
        list[i].facts = sp_read_u64(in);
        list[i].level = sp_read_u8(in);
        list[i].tiers = sp_read_u8(in);
        if (list[i].level > SP_LEVEL_MAX || (list[i].tiers >> SP_TIERS)) return SP_ERANGE;
    }
    s->requirements = list;
    s->n_requirements = n;
    return in->status;
}

static sp_status read_transfers(sp_snapshot *s, sp_reader *in, sp_mem *mem)
{
    const size_t n = sp_snapshot__count(in, 72, SP_TRANSFERS_MAX);
    sp_transfer *list = sp_snapshot__list(in, mem, n, sizeof *list);
    for (size_t i = 0; i < n && in->status == SP_OK; i++) {
        list[i].from = sp_snapshot__set(in);
        list[i].to = sp_snapshot__set(in);
        list[i].facts = sp_read_u64(in);
        if (sp_bits256_is_empty(list[i].from)) return SP_ERANGE; /* it would lie within every residency */
    }
    s->transfers = list;
    s->n_transfers = n;
    return in->status;
}

/** A text of C, or NULL for an empty one. */
static const char *read_text(sp_reader *in, size_t max, sp_mem *mem)
{
    const sp_bytes text = sp_read_bytes16(in, max);
    if (text.n && memchr(text.p, '\0', text.n)) in->status = SP_ERANGE;
    char *out = text.n && in->status == SP_OK ? sp_alloc(mem, text.n + 1, 1) : NULL;
    if (text.n && in->status == SP_OK && !out) in->status = SP_ENOMEM;
    if (out) memcpy(out, text.p, text.n);
    return out;
}

static sp_status read_terms(sp_custom_detector *d, sp_reader *in, sp_mem *mem)
{
    d->n_terms = sp_snapshot__count(in, 3, SP_CUSTOM_TERMS_MAX);
    const char **terms = sp_snapshot__list(in, mem, d->n_terms, sizeof *terms);
    for (size_t i = 0; i < d->n_terms && in->status == SP_OK; i++) {
        terms[i] = read_text(in, SP_CUSTOM_WIDTH_MAX, mem);
        if (in->status == SP_OK && !terms[i]) return SP_ERANGE;
    }
    d->terms = terms;
    return in->status;
}

static sp_status read_detector(sp_custom_detector *d, sp_reader *in, sp_mem *mem)
{
    const char **const texts[] = {&d->name, &d->meaning, &d->pattern, &d->shapes, &d->check, &d->words};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        *texts[i] = read_text(in, SNAPSHOT_DETECTOR_MAX, mem);
    d->sure = sp_read_u8(in);
    d->kind = sp_read_u8(in);
    d->category = sp_read_u8(in);
    d->level = sp_read_u8(in);
    d->is_exact = sp_snapshot__bool(in);
    d->allows = sp_read_u16(in);
    if (in->status != SP_OK) return in->status;
    const bool is_label = d->category < 64 && d->level <= SP_LEVEL_MAX;
    const bool is_kind = d->kind == SP_KIND_NONE || sp_kind_get((sp_kind)d->kind);
    if (!d->name || !is_label || !is_kind || d->sure > 100) return SP_ERANGE;
    return read_terms(d, in, mem);
}

static sp_status read_detectors(sp_snapshot *s, sp_reader *in, sp_mem *mem)
{
    const uint8_t *start = in->p;
    const size_t n = sp_snapshot__count(in, 23, SP_CUSTOM_MAX);
    sp_custom_detector *list = sp_snapshot__list(in, mem, n, sizeof *list);
    for (size_t i = 0; i < n && in->status == SP_OK; i++) {
        SP_TRY(read_detector(&list[i], in, mem));
        if (list[i].allows >= SP_CLASS_OWN + i) return SP_ERANGE; /* a rule speaks of what stands before it */
    }
    s->detectors = list;
    s->n_detectors = n;
    s->detector_section = (sp_bytes){start, (size_t)(in->p - start)};
    return in->status;
}

/** A kind of the table, or a detector of the snapshot. */
static bool is_class(const sp_snapshot *s, unsigned class)
{
    if (class < SP_CLASS_OWN) return class != SP_KIND_NONE;
    return class - SP_CLASS_OWN < s->n_detectors;
}

static sp_status read_finding_rules(sp_snapshot *s, sp_reader *in, sp_mem *mem)
{
    const size_t n = sp_snapshot__count(in, 49, SP_FINDING_RULES_MAX);
    sp_finding_rule *list = sp_snapshot__list(in, mem, n, sizeof *list);
    for (size_t i = 0; i < n && in->status == SP_OK; i++) {
        list[i].kind = sp_read_u16(in);
        list[i].confidence = sp_read_u8(in);
        list[i].at_least = sp_read_u32(in);
        list[i].label = sp_snapshot__label(in);
        if (!is_class(s, list[i].kind) || list[i].at_least == 0) return SP_ERANGE;
        if (i && list[i].kind < list[i - 1].kind) return SP_ERANGE;
    }
    s->finding_rules = list;
    s->n_finding_rules = n;
    return in->status;
}

static sp_status read_sources(sp_snapshot *s, sp_reader *in, sp_mem *mem)
{
    const size_t n = sp_snapshot__count(in, 44, UINT16_MAX);
    sp_source *list = sp_snapshot__list(in, mem, n, sizeof *list);
    for (size_t i = 0; i < n && in->status == SP_OK; i++) {
        list[i].name = sp_read_bytes16(in, SNAPSHOT_NAME_MAX);
        list[i].label = sp_snapshot__label(in);
        if (!sp_snapshot__is_after(i ? &list[i - 1].name : NULL, list[i].name)) return SP_ERANGE;
    }
    s->sources = list;
    s->n_sources = n;
    return in->status;
}

static sp_status read_subjects(sp_snapshot *s, sp_reader *in, sp_mem *mem)
{
    const size_t n = sp_snapshot__count(in, 86, UINT16_MAX);
    sp_subject *list = sp_snapshot__list(in, mem, n, sizeof *list);
    for (size_t i = 0; i < n && in->status == SP_OK; i++) {
        list[i].name = sp_read_bytes16(in, SNAPSHOT_NAME_MAX);
        list[i].floor = sp_snapshot__label(in);
        list[i].reader = sp_snapshot__label(in);
        if (!sp_snapshot__is_after(i ? &list[i - 1].name : NULL, list[i].name)) return SP_ERANGE;
    }
    s->subjects = list;
    s->n_subjects = n;
    return in->status;
}

sp_status sp_snapshot__read_tables(sp_snapshot *s, sp_reader *in, sp_mem *mem)
{
    SP_TRY(read_handling(s, in, mem));
    SP_TRY(read_requirements(s, in, mem));
    SP_TRY(read_transfers(s, in, mem));
    SP_TRY(read_detectors(s, in, mem));
    SP_TRY(read_finding_rules(s, in, mem));
    SP_TRY(read_sources(s, in, mem));
    return read_subjects(s, in, mem);
}
