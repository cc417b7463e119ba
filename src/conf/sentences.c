/* The policy's sentences: requirements ("phi requires baa and zero-retention") and transfers ("EEA to US with
 * scc"). Words with blanks between; each wrong one is reported at its own column. */
#include <string.h>

#include "conf/nearest.h"
#include "conf/resolve_internal.h"

/* Shipped requirements: what law and contract ask for where nothing else is said. By number, since a file may
 * give levels other names. docs/reference/policy.md says why each is there. */
#define CLOUD (1 << SP_TIER_CLOUD)
#define EVERYWHERE (1 << SP_TIER_CLOUD | 1 << SP_TIER_SELF_HOSTED)
static const sp_requirement shipped[] = {
    {SP_CAT_BIT(SP_CAT_IN_HOUSE), SP_FACT_BIT(SP_FACT_SELF_HOSTED), 0, EVERYWHERE},
    {SP_CAT_BIT(SP_CAT_CRITICAL_OUTPUT), SP_FACT_BIT(SP_FACT_MODEL_PROMOTED), 0, EVERYWHERE},
    {SP_CAT_BIT(SP_CAT_PII), SP_FACT_BIT(SP_FACT_DPA), 0, CLOUD},
    {SP_CAT_BIT(SP_CAT_PHI),
     SP_FACT_BIT(SP_FACT_BAA) | SP_FACT_BIT(SP_FACT_HIPAA_ELIGIBLE) | SP_FACT_BIT(SP_FACT_ZERO_RETENTION), 0,
     CLOUD},
    {SP_CAT_BIT(SP_CAT_PCI), SP_FACT_BIT(SP_FACT_PCI_DSS), 0, CLOUD},
    {SP_CAT_BIT(SP_CAT_CREDENTIALS), SP_FACT_BIT(SP_FACT_SELF_HOSTED), 0, CLOUD},
    {0, SP_FACT_BIT(SP_FACT_DPA) | SP_FACT_BIT(SP_FACT_NO_TRAINING), 2, CLOUD},
    {0, SP_FACT_BIT(SP_FACT_SELF_HOSTED), 3, CLOUD},
};
enum { N_SHIPPED = sizeof shipped / sizeof shipped[0] };

/* ---- words ---- */

/* What is left of a sentence, and the word that was taken last. */
typedef struct words {
    spc_resolver *r;
    const char *key;
    spc_text rest, word;
    bool is_wrong; /* a problem was reported: the rest says nothing new */
} words;

static bool next_word(words *w)
{
    const sp_bytes rest = w->rest.v;
    size_t start = 0;
    while (start < rest.n && (rest.p[start] == ' ' || rest.p[start] == ',')) start++;
    size_t end = start;
    while (end < rest.n && rest.p[end] != ' ' && rest.p[end] != ',') end++;
    w->word = (spc_text){sp_bytes_sub(rest, start, end), w->rest.at};
    w->word.at.column += (unsigned)start;
    w->rest.v = sp_bytes_sub(rest, end, rest.n);
    w->rest.at.column += (unsigned)end;
    return end > start;
}

static bool is_word(const words *w, const char *word)
{
    return sp_bytes_eq(w->word.v, sp_bytes_of(word));
}

static void complain(words *w, const spc_fault *fault)
{
    spc_fault f = *fault;
    f.key = w->key;
    spc__report(w->r, &w->word, &f);
    w->is_wrong = true;
}

/* FACT and FACT, to the end. */
static sp_facts take_facts(words *w)
{
    sp_facts facts = 0;
    while (!w->is_wrong && next_word(w)) {
        if (is_word(w, "and")) {
            continue;
        }
        const int fact = spc__fact(w->r, w->key, &w->word);
        w->is_wrong = fact < 0;
        facts |= fact >= 0 ? SP_FACT_BIT(fact) : 0;
    }
    return facts;
}

/* ---- requirements ---- */

/* A level or a category: what a condition is made of. */
static void take_condition(words *w, sp_requirement *rule)
{
    const sp_names *names = &w->r->conf->names;
    spc_nearest nearest = SPC_NEAREST_TO(w->word.v);
    const int level = spc__name_find(names->level, SP_LEVEL_MAX + 1, w->word.v, &nearest);
    const int category = spc__name_find(names->category, 64, w->word.v, &nearest);
    if (level > 0 && rule->level == 0) {
        rule->level = (uint8_t)level;
    } else if (category >= 0) {
        rule->categories |= SP_CAT_BIT(category);
    } else if (level < 0) {
        complain(w, &(spc_fault){.is_quoted = true,
                                 .after = " is neither a level nor a category",
                                 .nearest = nearest.best,
                                 .help = "write [LEVEL] [CATEGORY and CATEGORY] requires FACT and FACT"});
    } else {
        complain(w, &(spc_fault){.is_quoted = true,
                                 .after = " is a second level, or the lowest",
                                 .help = "one level is enough: higher ones fall under it too"});
    }
}

/* A second one would take the place of the first, and what that asked for would be lost. */
static void set_tiers(words *w, sp_requirement *rule, uint8_t tiers)
{
    if (rule->tiers != 0) {
        complain(w, &(spc_fault){.is_quoted = true,
                                 .after = " is a second tier",
                                 .help = "write a sentence for each, or everywhere"});
    }
    rule->tiers = tiers;
}

static void take_tier(words *w, sp_requirement *rule)
{
    if (!next_word(w) || !(is_word(w, "cloud") || is_word(w, "self-hosted"))) {
        complain(w, &(spc_fault){
                        .is_quoted = true, .after = " is not a tier", .help = "on cloud, or on self-hosted"});
        return;
    }
    set_tiers(w, rule, is_word(w, "cloud") ? CLOUD : 1 << SP_TIER_SELF_HOSTED);
}

static sp_requirement read_requirement(words *w)
{
    sp_requirement rule = {0};
    bool has_verb = false;
    while (!w->is_wrong && !has_verb && next_word(w)) {
        has_verb = is_word(w, "requires");
        if (is_word(w, "everywhere")) {
            set_tiers(w, &rule, EVERYWHERE);
        } else if (is_word(w, "on")) {
            take_tier(w, &rule);
        } else if (!has_verb && !is_word(w, "and")) {
            take_condition(w, &rule);
        }
    }
    rule.tiers = rule.tiers != 0 ? rule.tiers : CLOUD;
    rule.facts = take_facts(w);
    if (!w->is_wrong && (rule.facts == 0 || (rule.level == 0 && rule.categories == 0))) {
        complain(w, &(spc_fault){.before = "a requirement without condition or without fact",
                                 .help = "write [LEVEL] [CATEGORY and CATEGORY] requires FACT and FACT"});
    }
    return rule;
}

static bool is_same_condition(const sp_requirement *a, const sp_requirement *b)
{
    return a->categories == b->categories && a->level == b->level && a->tiers == b->tiers;
}

/* A shipped requirement, unless one of the file has its condition. */
static bool is_replaced(spc_framework *f, const sp_requirement *rule)
{
    for (size_t i = 0; i < f->n_requirements; i++) {
        if (!f->requirements[i].is_shipped && is_same_condition(&f->requirements[i].rule, rule)) {
            f->requirements[i].replaces = true;
            return true;
        }
    }
    return false;
}

static words words_of(spc_resolver *r, const char *key, const spc_text *sentence)
{
    return (words){.r = r, .key = key, .rest = *sentence, .word = {SP_BYTES_EMPTY, sentence->at}};
}

static void resolve_requirements(spc_resolver *r)
{
    const spc_texts *texts = &r->conf->requirement_texts;
    spc_framework *f = &r->conf->framework;
    f->requirements = spc__new(r, texts->n + N_SHIPPED, sizeof *f->requirements);
    for (size_t i = 0; i < texts->n && f->requirements != NULL; i++) {
        words w = words_of(r, "requirements", &texts->v[i]);
        f->requirements[f->n_requirements++] =
            (spc_requirement){.rule = read_requirement(&w), .text = texts->v[i]};
    }
    for (size_t i = 0; i < N_SHIPPED && f->requirements != NULL; i++) {
        if (!is_replaced(f, &shipped[i])) {
            f->requirements[f->n_requirements++] = (spc_requirement){.rule = shipped[i], .is_shipped = true};
        }
    }
    if (f->n_requirements > SP_REQUIREMENTS_MAX) {
        spc__report(r, &texts->v[texts->n - 1],
                    &(spc_fault){.key = "requirements",
                                 .before = "more than 128 requirements, the shipped ones included",
                                 .help = "join those of the same condition"});
    }
}

/* ---- transfers ---- */

/* Places up to `end`, or to the end of the sentence. @return whether the word `end` was there. */
static bool take_places(words *w, const char *end, sp_bits256 *set)
{
    while (!w->is_wrong && next_word(w)) {
        if (is_word(w, end)) {
            return true;
        }
        if (!is_word(w, "and") && !spc__jurisdiction_add(w->r->conf, w->word.v, set)) {
            spc__report_jurisdiction(w->r, w->key, &w->word);
            w->is_wrong = true;
        }
    }
    return false;
}

static sp_transfer read_transfer(words *w)
{
    sp_transfer transfer = {.from = SP_BITS256_NONE, .to = SP_BITS256_NONE};
    const bool has_to = take_places(w, "to", &transfer.from);
    if (has_to && take_places(w, "with", &transfer.to)) {
        transfer.facts = take_facts(w);
        if (!w->is_wrong && transfer.facts == 0) {
            complain(w, &(spc_fault){.before = "a transfer with no fact behind `with`",
                                     .help = "name the facts, or leave out `with`"});
        }
    }
    if (!w->is_wrong && (sp_bits256_is_empty(transfer.from) || sp_bits256_is_empty(transfer.to))) {
        complain(w, &(spc_fault){.before = "a transfer without a place on one of its sides",
                                 .help = "write PLACES to PLACES [with FACT and FACT]"});
    }
    return transfer;
}

static void resolve_transfers(spc_resolver *r)
{
    const spc_texts *texts = &r->conf->residency.transfer_texts;
    spc_framework *f = &r->conf->framework;
    f->transfers = spc__new(r, texts->n, sizeof *f->transfers);
    for (size_t i = 0; i < texts->n && f->transfers != NULL; i++) {
        words w = words_of(r, "residency.transfers", &texts->v[i]);
        f->transfers[f->n_transfers++] = read_transfer(&w);
    }
}

void spc__resolve_sentences(spc_resolver *r)
{
    r->section = NULL;
    r->entry = SP_BYTES_EMPTY;
    resolve_requirements(r);
    resolve_transfers(r);
}
