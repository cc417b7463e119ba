/* Names to numbers: levels, categories, facts, jurisdictions, entries of the file. What is not there is a
 * problem at its place, with the nearest name that exists. */
#include <string.h>

#include "conf/nearest.h"
#include "conf/resolve_internal.h"

/* ---- names of levels and categories ---- */

/* Empty names are numbers without one. */
int spc__name_find(const sp_bytes *names, size_t n, sp_bytes name, spc_nearest *nearest)
{
    for (size_t i = 0; i < n; i++) {
        if (names[i].n > 0 && sp_bytes_eq(names[i], name)) {
            return (int)i;
        }
        if (names[i].n > 0 && nearest != NULL) {
            spc_nearest_offer(nearest, names[i]);
        }
    }
    return -1;
}

/* What is wrong with an own name and its number, or NULL. `taken` has a bit for each number that an own name
 * has. */
static const spc_fault *number_fault(const spc_number *own, int shipped, uint64_t taken)
{
    static const spc_fault moved = {
        .is_quoted = true, .after = " is a shipped name with another number", .help = "choose another name"};
    static const spc_fault shared = {.is_quoted = true,
                                     .after = " has a number that another name has too",
                                     .help = "give it a number of its own"};
    if (shipped >= 0 && (uint64_t)shipped != own->value) {
        return &moved;
    }
    return (taken >> own->value) & 1 ? &shared : NULL;
}

/* Own names over the shipped ones. A shipped name keeps its number: detectors and records count on it. */
void spc__resolve_numbers(spc_resolver *r, const spc_numbers *numbers, sp_bytes *names, size_t n_names)
{
    sp_bytes *shipped = spc__new(r, n_names, sizeof *shipped);
    if (shipped == NULL) {
        return;
    }
    memcpy(shipped, names, n_names * sizeof *names);
    uint64_t taken = 0;
    for (size_t i = 0; i < numbers->n; i++) {
        const spc_number *own = &numbers->v[i];
        const spc_fault *f = number_fault(own, spc__name_find(shipped, n_names, own->name.v, NULL), taken);
        if (f != NULL) {
            spc__report(r, &own->name, f);
        }
        if (((taken >> own->value) & 1) == 0) {
            names[own->value] = own->name.v;
        }
        taken |= UINT64_C(1) << own->value;
    }
}

/* ---- labels ---- */

uint8_t spc__level(spc_resolver *r, const char *key, const spc_text *text)
{
    if (text->v.p == NULL) {
        return 0; /* was refused while reading */
    }
    spc_nearest nearest = SPC_NEAREST_TO(text->v);
    const int level = spc__name_find(r->conf->names.level, SP_LEVEL_MAX + 1, text->v, &nearest);
    if (level < 0) {
        spc__report(r, text,
                    &(spc_fault){.key = key,
                                 .is_quoted = true,
                                 .after = " is not a level",
                                 .nearest = nearest.best,
                                 .help = "use a shipped level or name it under levels"});
        return 0;
    }
    return (uint8_t)level;
}

static uint64_t resolve_category(spc_resolver *r, const char *key, const spc_text *text)
{
    spc_nearest nearest = SPC_NEAREST_TO(text->v);
    const int bit = spc__name_find(r->conf->names.category, 64, text->v, &nearest);
    if (bit < 0) {
        spc__report(r, text,
                    &(spc_fault){.key = key,
                                 .is_quoted = true,
                                 .after = " is not a category",
                                 .nearest = nearest.best,
                                 .help = "use a shipped category or name it under categories"});
        return 0;
    }
    return SP_CAT_BIT(bit);
}

uint64_t spc__categories(spc_resolver *r, const char *key, const spc_texts *texts)
{
    uint64_t set = 0;
    for (size_t i = 0; i < texts->n; i++) {
        set |= resolve_category(r, key, &texts->v[i]);
    }
    return set;
}

/* The numbers that have a name. `all` means these, so that a category that is added later is not cleared by
 * an old word. */
static uint64_t named_categories(const sp_names *names)
{
    uint64_t set = 0;
    for (unsigned i = 0; i < 64; i++) {
        set |= names->category[i].n > 0 ? SP_CAT_BIT(i) : 0;
    }
    return set;
}

static bool is_all(const spc_texts *texts)
{
    return texts->n == 1 && sp_bytes_eq(texts->v[0].v, SP_LIT("all"));
}

uint64_t spc__categories_or_all(spc_resolver *r, const char *key, const spc_texts *texts)
{
    return is_all(texts) ? named_categories(&r->conf->names) : spc__categories(r, key, texts);
}

/* Groups are resolved in the order of the file, so one can be made of those before it. */
static bool own_group(const spc_conf *conf, sp_bytes name, sp_bits256 *set)
{
    for (size_t i = 0; i < conf->residency.groups.n; i++) {
        if (sp_bytes_eq(conf->residency.groups.v[i].name.v, name)) {
            *set = conf->residency.groups.v[i].set;
            return !sp_bits256_is_empty(*set);
        }
    }
    return false;
}

/* The one wrong code that many people are sure of. */
static const char *jurisdiction_help(sp_bytes text)
{
    if (sp_bytes_eq_nocase(text, SP_LIT("UK"))) {
        return "ISO 3166-1 calls the United Kingdom GB";
    }
    return "use ISO 3166-1 codes, EU, EEA, ADEQUATE, a group of residency.groups, or \"*\"";
}

/* The code or group in capitals when that is one; empty when not. */
static sp_bytes in_capitals(spc_resolver *r, sp_bytes text)
{
    sp_bits256 group;
    sp_buf capitals = SP_BUF_IN(r->mem);
    for (size_t i = 0; i < text.n && text.n <= 8; i++) {
        const uint8_t c = text.p[i];
        sp_buf_append_byte(&capitals, c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c);
    }
    const sp_bytes word = sp_buf_bytes(&capitals);
    const bool is_known = sp_jurisdiction_find(word) >= 0 || sp_jurisdiction_group(&group, word);
    return is_known ? word : SP_BYTES_EMPTY;
}

bool spc__jurisdiction_add(const spc_conf *conf, sp_bytes name, sp_bits256 *set)
{
    sp_bits256 group = SP_BITS256_NONE;
    const int bit = sp_jurisdiction_find(name);
    if (bit >= 0) {
        sp_bits256_add(set, (uint8_t)bit);
        return true;
    }
    if (!sp_jurisdiction_group(&group, name) && !own_group(conf, name, &group)) {
        return false;
    }
    *set = sp_bits256_or(*set, group);
    return true;
}

void spc__report_jurisdiction(spc_resolver *r, const char *key, const spc_text *text)
{
    spc__report(r, text,
                &(spc_fault){.key = key,
                             .is_quoted = true,
                             .after = " is not a jurisdiction",
                             .help = jurisdiction_help(text->v),
                             .nearest = in_capitals(r, text->v)});
}

sp_bits256 spc__jurisdictions(spc_resolver *r, const char *key, const spc_texts *texts)
{
    sp_bits256 set = SP_BITS256_NONE;
    for (size_t i = 0; i < texts->n; i++) {
        if (!spc__jurisdiction_add(r->conf, texts->v[i].v, &set)) {
            spc__report_jurisdiction(r, key, &texts->v[i]);
        }
    }
    return set;
}

/* ---- references ---- */

/* spc_text is the first member of each struct that stands in a map (conf.h), so the struct's address is its
 * name's. */
static sp_bytes name_at(const spc_names_of *list, size_t i)
{
    return ((const spc_text *)(const void *)((const uint8_t *)list->v + i * list->size))->v;
}

int spc__entry_find(const spc_names_of *list, sp_bytes name)
{
    for (size_t i = 0; i < list->n; i++) {
        if (sp_bytes_eq(name_at(list, i), name)) {
            return (int)i;
        }
    }
    return -1;
}

/* Only for a name that is not there: with a thousand names and a thousand references that are right, looking
 * for the nearest beside each would be nearly all of the time that a file takes. */
static sp_bytes nearest_entry(const spc_names_of *list, sp_bytes name)
{
    spc_nearest nearest = SPC_NEAREST_TO(name);
    for (size_t i = 0; i < list->n; i++) {
        spc_nearest_offer(&nearest, name_at(list, i));
    }
    return nearest.best;
}

uint16_t spc__reference(spc_resolver *r, const char *key, const spc_text *text, const spc_names_of *list)
{
    const int at = text->v.p != NULL ? spc__entry_find(list, text->v) : 0;
    if (at < 0) {
        spc__report(r, text,
                    &(spc_fault){.key = key,
                                 .is_quoted = true,
                                 .after = list->noun,
                                 .help = list->section,
                                 .nearest = nearest_entry(list, text->v)});
    }
    return (uint16_t)(at < 0 ? 0 : at);
}

int spc__fact(spc_resolver *r, const char *key, const spc_text *text)
{
    if (text->v.p == NULL) {
        return -1; /* was refused while reading */
    }
    spc_nearest nearest = SPC_NEAREST_TO(text->v);
    const int fact = spc__name_find(r->conf->names.fact, 64, text->v, &nearest);
    if (fact < 0) {
        spc__report(
            r, text,
            &(spc_fault){.key = key,
                         .is_quoted = true,
                         .after = " is not a fact",
                         .nearest = nearest.best,
                         .help = "use a shipped fact (docs/reference/policy.md) or name it under facts"});
    }
    return fact;
}
