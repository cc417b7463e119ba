/** @file fixture_policy.h  A small organisation for tests of the policy: two clouds, one model of its own,
 * three applications. Static, never freed. */
#pragma once
#include "sallyport/policy.h"

enum { CLOUD = 0, CLOUD_EU = 1, LOCAL = 2, CLAUDE = 3 };
enum { M_ASSISTANT = 0, M_CLAUDE = 1, M_CLOUD_ONLY = 2, M_EU = 3 };
enum { APP_INTRANET = 0, APP_CONTRACTS = 1, APP_AGENT = 2 };

static sp_bits256 fixture_only(const char *code)
{
    sp_bits256 set = SP_BITS256_NONE;
    sp_bits256_add(&set, (uint8_t)sp_jurisdiction_find(sp_bytes_of(code)));
    return set;
}

static const sp_address fixture_address = {.family = 4, .ip = {127, 0, 0, 1}, .port = 9};

static sp_destination fixture_destination(const char *name, sp_tier tier, sp_dialect_id dialect,
                                          sp_label clearance)
{
    return (sp_destination){
        .name = sp_bytes_of(name),
        .vendor = SP_LIT("vendor"),
        .region = SP_LIT("r1"),
        .model = SP_LIT("m"),
        .base_path = SP_LIT("/v1"),
        .host = SP_LIT("host.example"),
        .clearance = clearance,
        .tier = (uint8_t)tier,
        .dialect = (uint8_t)dialect,
        .n_addresses = 1,
        .addresses = {fixture_address},
    };
}

static sp_destination fixture_destinations[4];
static sp_model fixture_models[4];
static sp_use_case fixture_use_cases[2];
static const uint16_t fixture_all_models[] = {0, 1, 2, 3};
static const uint16_t fixture_one_model[] = {0};
static sp_application fixture_applications[3];
static sp_key fixture_keys[3];

/* An endorser for each kind of value, of a tool each. */
enum { E_ANY = 0, E_NUMBER, E_INTEGER, E_BOOLEAN, E_DATE, E_WORDS, N_ENDORSERS };
static const sp_bytes fixture_tools[N_ENDORSERS] = {SP_LIT("get_any"),     SP_LIT("get_number"),
                                                    SP_LIT("get_integer"), SP_LIT("get_boolean"),
                                                    SP_LIT("get_date"),    SP_LIT("get_word")};
static const sp_bytes fixture_words[] = {SP_LIT("open"), SP_LIT("in transit")};
static const uint16_t fixture_all_endorsers[N_ENDORSERS] = {0, 1, 2, 3, 4, 5};
static const sp_endorser fixture_endorsers[N_ENDORSERS] = {
    {SP_LIT("any"), &fixture_tools[E_ANY], NULL, 1, 0, SP_VALUES_ANY},
    {SP_LIT("number"), &fixture_tools[E_NUMBER], NULL, 1, 0, SP_VALUES_NUMBER},
    {SP_LIT("integer"), &fixture_tools[E_INTEGER], NULL, 1, 0, SP_VALUES_INTEGER},
    {SP_LIT("boolean"), &fixture_tools[E_BOOLEAN], NULL, 1, 0, SP_VALUES_BOOLEAN},
    {SP_LIT("date"), &fixture_tools[E_DATE], NULL, 1, 0, SP_VALUES_DATE},
    {SP_LIT("word"), &fixture_tools[E_WORDS], fixture_words, 1, 2, SP_VALUES_WORDS},
};

static void fixture_fill_destinations(void)
{
    const sp_label internal_us = {SP_CAT_BIT(SP_CAT_PII), fixture_only("US"), 1, SP_TRUSTED};
    const sp_label confidential_de = {SP_CAT_BIT(SP_CAT_PII) | SP_CAT_BIT(SP_CAT_FINANCIAL),
                                      fixture_only("DE"), 2, SP_TRUSTED};
    const sp_label all_de = {UINT64_MAX, fixture_only("DE"), SP_LEVEL_MAX, SP_TRUSTED};
    fixture_destinations[CLOUD] = fixture_destination("cloud", SP_TIER_CLOUD, SP_DIALECT_OPENAI, internal_us);
    fixture_destinations[CLOUD_EU] =
        fixture_destination("cloud-eu", SP_TIER_CLOUD, SP_DIALECT_OPENAI, confidential_de);
    fixture_destinations[LOCAL] =
        fixture_destination("local", SP_TIER_SELF_HOSTED, SP_DIALECT_OPENAI, all_de);
    fixture_destinations[CLAUDE] =
        fixture_destination("claude", SP_TIER_CLOUD, SP_DIALECT_ANTHROPIC, internal_us);
    fixture_destinations[LOCAL].permits = SP_PERMIT(SP_FIELD_UNKNOWN) | SP_PERMIT(SP_FIELD_OPAQUE);
}

/** What an application of the snapshot asks for with no key, no header and no model of its own. */
static inline sp_purpose fixture_purpose(const sp_snapshot *s, const sp_application *application)
{
    sp_purpose purpose;
    sp_purpose_init(&purpose, s, application, NULL);
    return purpose;
}

/** No floor; may be handed everything. */
static inline void fixture_open(sp_application *application)
{
    application->floor = SP_LABEL_BOTTOM;
    application->reader =
        (sp_label){.level = SP_LEVEL_MAX, .categories = UINT64_MAX, .integrity = SP_TRUSTED};
}

/** Models sorted by name, as a snapshot has them. */
static sp_snapshot fixture_snapshot(void)
{
    sp_snapshot s = {.generation = 7, .created_s = 1000, .expires_s = 2000};
    fixture_fill_destinations();
    fixture_models[M_ASSISTANT] = (sp_model){
        .name = SP_LIT("assistant"), .n_destinations = 3, .destinations = {CLOUD, CLOUD_EU, LOCAL}};
    fixture_models[M_CLAUDE] =
        (sp_model){.name = SP_LIT("claude"), .n_destinations = 1, .destinations = {CLAUDE}};
    fixture_models[M_CLOUD_ONLY] =
        (sp_model){.name = SP_LIT("cloud-only"), .n_destinations = 1, .destinations = {CLOUD}};
    fixture_models[M_EU] =
        (sp_model){.name = SP_LIT("eu"), .n_destinations = 1, .destinations = {CLOUD_EU}, .may_replay = true};
    fixture_use_cases[0] = (sp_use_case){.name = SP_LIT("writing"),
                                         .owner = SP_LIT("comms"),
                                         .purpose = SP_LIT("drafts"),
                                         .label = SP_LABEL_BOTTOM};
    fixture_use_cases[1] = (sp_use_case){.name = SP_LIT("contracts"),
                                         .owner = SP_LIT("legal"),
                                         .purpose = SP_LIT("review"),
                                         .label = SP_LABEL_BOTTOM};
    fixture_use_cases[1].label.level = 2;
    fixture_use_cases[1].label.categories = SP_CAT_BIT(SP_CAT_LEGAL);
    fixture_applications[APP_INTRANET] = (sp_application){.name = SP_LIT("intranet"),
                                                          .use_case = 0,
                                                          .n_models = 4,
                                                          .models = fixture_all_models,
                                                          .n_endorsers = N_ENDORSERS,
                                                          .endorsers = fixture_all_endorsers,
                                                          .user_text = SP_TRUSTED};
    fixture_applications[APP_CONTRACTS] = (sp_application){.name = SP_LIT("contracts"),
                                                           .use_case = 1,
                                                           .n_models = 4,
                                                           .models = fixture_all_models,
                                                           .user_text = SP_UNTRUSTED};
    fixture_applications[APP_AGENT] = (sp_application){.name = SP_LIT("agent"),
                                                       .use_case = 0,
                                                       .n_models = 1,
                                                       .models = fixture_one_model,
                                                       .user_text = SP_UNTRUSTED,
                                                       .rates = {600, 50, 1 << 28}};
    for (size_t i = 0; i < 3; i++) fixture_open(&fixture_applications[i]);
    sp_names_init(&s.names);
    s.limits = (sp_limits){.body_bytes = 1 << 20,
                           .answer_bytes = 1 << 20,
                           .held_bytes = 1 << 16,
                           .findings = 100,
                           .record_wait_ms = 2000,
                           .label_wait_ms = 10000,
                           .body_rate = 1024,
                           .memory_bytes = 1 << 30,
                           .caller_memory_bytes = 1 << 28};
    s.withhold = SP_CAT_BIT(SP_CAT_CREDENTIALS);
    s.mask = SP_CAT_BIT(SP_CAT_PII);
    for (size_t i = 0; i < sizeof s.seal_key; i++) s.seal_key[i] = (uint8_t)i;
    for (size_t i = 0; i < 3; i++)
        fixture_keys[i] =
            (sp_key){.id = {(uint8_t)(0x10 * i)}, .hash = {(uint8_t)i}, .application = (uint16_t)i};
    s.destinations = fixture_destinations, s.n_destinations = 4;
    s.models = fixture_models, s.n_models = 4;
    s.use_cases = fixture_use_cases, s.n_use_cases = 2;
    s.endorsers = fixture_endorsers, s.n_endorsers = N_ENDORSERS;
    s.applications = fixture_applications, s.n_applications = 3;
    s.keys = fixture_keys, s.n_keys = 3;
    return s;
}
