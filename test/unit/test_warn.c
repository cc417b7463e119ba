/* Rules that are in order and without effect, or less than they read like: each said once, with its line. */
#include "conf_help.h"

static const char file[] =
    "version: 1\n"
    "categories: {pii-eu: 32, pii-cn: 33}\n"
    "vendors:\n"
    "  acme: {legal_seat: US, assessed: 2026-12-01}\n"
    "destinations:\n"
    "  home: {vendor: own, tier: self-hosted, dialect: openai, base_url: 'https://l.example/', model: m,\n"
    "         jurisdictions: [DE], credential: none}\n"
    "models: {m: {destinations: home, use_case: bound}}\n"
    "handling:\n"
    "  pii-eu: {residency: [EEA]}\n"
    "residency:\n"
    "  transfers: [EEA to US with scc]\n"
    "findings:\n"
    "  - {kind: email, level: internal}\n"
    "  - {kind: email, at_least: 5, confidence: 60, level: confidential, categories: [pii]}\n"
    "  - {kind: iban, at_least: 5, level: internal}\n"
    "sources:\n"
    "  wiki: {level: internal}\n"
    "use_cases:\n"
    "  open: {owner: o, purpose: p, level: public}\n"
    "  bound: {owner: o, purpose: p, level: public}\n"
    "  said: {owner: o, purpose: p, level: public, residency: [EEA, CH]}\n"
    "subjects:\n"
    "  clerk: {floor: {level: internal}}\n"
    "applications:\n"
    "  web: {use_case: open, user_text: trusted, models: [m], declares: [said], sources: [wiki], floor: "
    "{level: internal}}\n";

#define IDLE "changes nothing: another row fires wherever this one does, and brings no less, for "
#define REMOVE_ROW "    remove it, or let it bring more\n"
#define MISSED "a transfer says nothing of it, since it begins in other places too: \"EEA to US with scc\"\n"
#define NAME_ALL "    name all of the places where it begins, or write one that begins in fewer\n"
#define LEAVES "changes nothing: it is neither withheld nor masked, so all of it leaves: "
#define REMOVE_ECHO "    remove it, or add it to withhold or mask\n"

static const struct {
    const char *name, *find, *put, *want;
} rows[] = {
    {"nothing to say", "version", "version", ""},
    {"a row that asks for more and brings no more", "at_least: 5, level: internal}",
     "at_least: 5, level: internal}\n  - {kind: iban, at_least: 6, confidence: 10, level: public, "
     "categories: []}",
     "f:17:5: warning: findings: " IDLE "\"iban\"\n" REMOVE_ROW},
    {"of two that say the same the later", "at_least: 5, level: internal}",
     "at_least: 5, level: internal}\n  - {kind: iban, at_least: 5, level: internal}",
     "f:17:5: warning: findings: " IDLE "\"iban\"\n" REMOVE_ROW},
    {"the earlier one where the later one brings more", "at_least: 5, level: internal}",
     "at_least: 5, level: internal}\n  - {kind: iban, level: confidential}",
     "f:16:5: warning: findings: " IDLE "\"iban\"\n" REMOVE_ROW},
    {"another kind", "at_least: 5, level: internal}",
     "at_least: 5, level: internal}\n  - {kind: card, at_least: 6, level: internal}", ""},
    {"one that brings another category", "at_least: 5, level: internal}",
     "at_least: 5, level: internal}\n  - {kind: iban, at_least: 6, level: public, categories: [hr]}", ""},
    {"a source that nobody may name", "sources: [wiki], ", "",
     "f:18:3: warning: sources.wiki: no application may name this source\n"
     "    list it under an application's sources, or remove it\n"},
    {"a use case that nobody may name", ", declares: [said]", "",
     "f:22:3: warning: use_cases.said: no application or model is of this use case, and none may declare it\n"
     "    list it under an application's declares, or remove it, unless a key is made for it (key create "
     "--use-case)\n"},
    {"a use case whose model is none's any more", "use_case: bound", "use_case: open",
     "f:21:3: warning: use_cases.bound: no application or model is of this use case, and none may declare "
     "it\n"
     "    list it under an application's declares, or remove it, unless a key is made for it (key create "
     "--use-case)\n"},
    {"a use case's residency", "[EEA, CH]", "[DE, FR]",
     "f:22:58: warning: use_cases.said.residency: " MISSED NAME_ALL},
    {"a residency that begins nowhere near", "[EEA, CH]", "[CH]", ""},
    {"one that another transfer serves", "transfers: [EEA to US with scc]",
     "transfers: [EEA to US with scc, CH to US with scc, EEA JP to US]", ""},
    {"a source's residency", "wiki: {level: internal}", "wiki: {level: internal, residency: [EU]}",
     "f:18:38: warning: sources.wiki.residency: " MISSED NAME_ALL},
    {"a floor's residency", "sources: [wiki], floor: {level: internal}",
     "sources: [wiki], floor: {level: internal, residency: [EU]}",
     "f:26:129: warning: applications.web.floor.residency: " MISSED NAME_ALL},
    {"a person's", "clerk: {floor: {level: internal}}", "clerk: {floor: {residency: [EU]}}",
     "f:24:30: warning: subjects.clerk.floor.residency: " MISSED NAME_ALL},
    {"a handling's", "pii-eu: {residency: [EEA]}", "pii-eu: {residency: [EU]}",
     "f:10:23: warning: handling.pii-eu.residency: " MISSED NAME_ALL},
    {"two handlings apart", "pii-eu: {residency: [EEA]}",
     "pii-eu: {residency: [EEA]}\n  pii-cn: {residency: [CN]}",
     "f:11:23: warning: handling.pii-cn.residency: data of this category may be nowhere where it is also of "
     "\"pii-eu\"\n    give both a jurisdiction in common, if data of both is to be sent anywhere\n"},
    {"two handlings with a place in common", "pii-eu: {residency: [EEA]}",
     "pii-eu: {residency: [EEA]}\n  pii-cn: {residency: [CN, EEA]}", ""},
    {"one that says no places", "pii-eu: {residency: [EEA]}",
     "pii-eu: {residency: [EEA]}\n  pii-cn: {level: internal}", ""},
    {"echoes of a kind that leaves anyway", "version: 1", "review: {echoes: [email]}\nversion: 1",
     "f:1:19: warning: review.echoes: " LEAVES "\"email\"\n" REMOVE_ECHO},
    {"of a category that does", "version: 1", "review: {echoes: [pci, credentials]}\nversion: 1",
     "f:1:19: warning: review.echoes: " LEAVES "\"pci\"\n" REMOVE_ECHO},
    {"of what is masked by its category", "version: 1",
     "review: {echoes: [email, pii], mask: [pii]}\nversion: 1", ""},
    {"of a category that has a kind which is withheld", "version: 1",
     "review: {echoes: [pii], withhold: [email]}\nversion: 1", ""},
};

static void what_has_no_effect_is_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sp_arena arena;
        sp_arena_init(&arena, HELP_MEMORY);
        spc_problems problems = {.mem = &arena.mem};
        const spc_conf *conf = NULL;
        const sp_bytes text = help_replace(&arena.mem, file, rows[i].find, rows[i].put);
        const sp_status status = help_parse(&conf, &problems, text);
        const char *said = help_problems(&problems, "f");
        if (status != SP_OK || strcmp(said, rows[i].want) != 0)
            fail_msg("%s:\n%sis not\n%s", rows[i].name, said, rows[i].want);
        sp_arena_fini(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_has_no_effect_is_said)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
