/** @file conf_help.h  What the tests of src/conf share: a valid file that names every setting, replacing in
 * it, printing problems. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conf/conf.h"

enum { HELP_MEMORY = 64 << 20 };

/** Every setting once, none with a problem. */
static const char help_base[] =
    "version: 1\n"
    "listen: {address: \"127.0.0.1:8080\"}\n"
    "state: ./state\n"
    "levels: {secret: 4}\n"
    "categories: {reactor: 32}\n"
    "destinations:\n"
    "  cloud:\n"
    "    vendor: a vendor\n"
    "    tier: cloud\n"
    "    dialect: openai\n"
    "    base_url: https://api.example.com/v1\n"
    "    model: m1\n"
    "    region: us-east-1\n"
    "    jurisdictions: [US]\n"
    "    credential: env:CLOUD_KEY\n"
    "    ca: ca.pem\n"
    "    plain_http: false\n"
    "    clearance: {level: internal, categories: [pii]}\n"
    "    permits: [opaque]\n"
    "    timeouts: {connect: 5s, first_byte: 60s, idle: 60s}\n"
    "  local:\n"
    "    vendor: own\n"
    "    tier: self-hosted\n"
    "    dialect: anthropic\n"
    "    base_url: http://127.0.0.1:9000\n"
    "    model: m2\n"
    "    jurisdictions: EEA\n"
    "    credential: none\n"
    "    clearance: {level: secret, categories: all}\n"
    "models:\n"
    "  assistant: {destinations: [cloud, local], replay: false}\n"
    "use_cases:\n"
    "  general: {owner: o, purpose: p, level: public, categories: [], residency: \"*\"}\n"
    "applications:\n"
    "  chat:\n"
    "    use_case: general\n"
    "    models: [assistant]\n"
    "    user_text: untrusted\n"
    "    permits: [state]\n"
    "    keys: [\"00112233445566ff:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"]\n"
    "    limits: {requests_per_minute: 600, concurrent: 50, request_bytes_per_minute: 256MiB}\n"
    "limits: {body: 8MiB, answer: 8MiB, held: 1MiB, findings: 1000, record_wait: 2s, snapshot_life: 10min, "
    "body_rate: 1KiB,\n"
    "  memory: 1GiB, memory_per_key: 512MiB, label_wait: 10s}\n"
    "review: {withhold: [credentials]}\n"
    "audit: {segment: 16MiB}\n"
    "nginx: {workers: 1, binary: nginx}\n";

/** What stands between a map's path and its entry's keys in messages about help_base. */
static inline const char *help_entry(const char *map)
{
    static const char *const rows[][2] = {
        {"destinations", ".cloud"},
        {"models", ".assistant"},
        {"use_cases", ".general"},
        {"applications", ".chat"},
        {"facts", ".transfer-basis"},
        {"vendors", ".acme"},
        {"vendors.acme.facts", ".dpa"},
        {"destinations.cloud.facts", ".baa"},
        {"destinations.cloud.copies", ".log"},
        {"handling", ".pii-cn"},
        {"sources", ".crm"},
        {"declassifiers", ".mask-pii"},
        {"endorsers", ".rates"},
        {"subjects", ".j.doe@corp.example"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(map, rows[i][0]) == 0) return rows[i][1];
    }
    return "";
}

/** `text` with the first `find`, which has to be there, replaced by `put`. */
static inline sp_bytes help_replace(sp_mem *mem, const char *text, const char *find, const char *put)
{
    const char *at = strstr(text, find);
    assert_non_null(at);
    sp_buf out = SP_BUF_IN(mem);
    sp_buf_append(&out, (sp_bytes){(const uint8_t *)text, (size_t)(at - text)});
    sp_buf_append_str(&out, put);
    sp_buf_append_str(&out, at + strlen(find));
    assert_int_equal(out.status, SP_OK);
    return sp_buf_bytes(&out);
}

/** The same with a NUL behind it. */
static inline const char *help_string(sp_mem *mem, sp_bytes s)
{
    sp_buf out = SP_BUF_IN(mem);
    sp_buf_append(&out, s);
    sp_buf_append_byte(&out, '\0');
    assert_int_equal(out.status, SP_OK);
    return (const char *)out.p;
}

enum { CONF_NOW = 1800000000 }; /* 2027-01-15, when tests read configurations */

static inline sp_status help_parse(const spc_conf **out, spc_problems *problems, sp_bytes text)
{
    return spc_conf_parse(out, problems, &(spc_source){text, SP_LIT("/etc/sallyport"), CONF_NOW});
}

/** All problems as text, NUL-terminated, in the problems' memory. */
static inline const char *help_problems(const spc_problems *problems, const char *file)
{
    sp_buf out = SP_BUF_IN(problems->mem);
    for (size_t i = 0; i < problems->n; i++) spc_problem_append(&out, &problems->v[i], sp_bytes_of(file));
    sp_buf_append_byte(&out, '\0');
    assert_int_equal(out.status, SP_OK);
    return (const char *)out.p;
}

/** A text that has to be valid; warnings are allowed. */
static inline const spc_conf *help_valid(sp_mem *mem, sp_bytes text)
{
    spc_problems problems = {.mem = mem};
    const spc_conf *conf = NULL;
    if (help_parse(&conf, &problems, text) != SP_OK) fail_msg("%s", help_problems(&problems, "f"));
    return conf;
}
