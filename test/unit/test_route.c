/* Paths: exact ones only, with their methods and queries; every refusal has the shape of a dialect.
 * Headers: allow-lists both ways. */
#include "parse_help.h"

static const struct {
    const char *method, *path, *query;
    sp_status status;
    sp_operation operation;
    sp_dialect_id dialect;
    const char *upstream_path;
} rows[] = {
    {"POST", "/v1/chat/completions", "", SP_OK, SP_OP_GENERATE, SP_DIALECT_OPENAI, "/chat/completions"},
    {"POST", "/v1/messages", "", SP_OK, SP_OP_GENERATE, SP_DIALECT_ANTHROPIC, "/messages"},
    {"POST", "/v1/messages", "beta=true", SP_OK, SP_OP_GENERATE, SP_DIALECT_ANTHROPIC, "/messages"},
    {"GET", "/v1/models", "", SP_OK, SP_OP_MODELS, SP_DIALECT_OPENAI, NULL},
    {"HEAD", "/", "", SP_OK, SP_OP_ROOT, SP_DIALECT_OPENAI, NULL},
    {"GET", "/", "", SP_OK, SP_OP_ROOT, SP_DIALECT_OPENAI, NULL},
    {"GET", "/healthz", "", SP_OK, SP_OP_HEALTH, SP_DIALECT_OPENAI, NULL},
    {"GET", "/readyz", "", SP_OK, SP_OP_READY, SP_DIALECT_OPENAI, NULL},
    {"GET", "/metrics", "", SP_OK, SP_OP_METRICS, SP_DIALECT_OPENAI, NULL},
    {"GET", "/v1/chat/completions", "", SP_EMETHOD, SP_OP_NONE, SP_DIALECT_OPENAI, NULL},
    {"post", "/v1/chat/completions", "", SP_EMETHOD, SP_OP_NONE, SP_DIALECT_OPENAI, NULL},
    {"", "/v1/chat/completions", "", SP_EMETHOD, SP_OP_NONE, SP_DIALECT_OPENAI, NULL},
    {"GET HEAD", "/", "", SP_EMETHOD, SP_OP_NONE, SP_DIALECT_OPENAI, NULL},
    {"DELETE", "/v1/messages", "", SP_EMETHOD, SP_OP_NONE, SP_DIALECT_ANTHROPIC, NULL},
    {"POST", "/v1/models", "", SP_EMETHOD, SP_OP_NONE, SP_DIALECT_OPENAI, NULL},
    {"POST", "/v1/chat/completions", "beta=true", SP_EQUERY, SP_OP_NONE, SP_DIALECT_OPENAI, NULL},
    {"POST", "/v1/messages", "beta=false", SP_EQUERY, SP_OP_NONE, SP_DIALECT_ANTHROPIC, NULL},
    {"POST", "/v1/messages", "beta=true&x=1", SP_EQUERY, SP_OP_NONE, SP_DIALECT_ANTHROPIC, NULL},
    {"POST", "/v1/messages", "beta=true&beta=true", SP_EQUERY, SP_OP_NONE, SP_DIALECT_ANTHROPIC, NULL},
    {"POST", "/v1/messages", "b%65ta=true", SP_EQUERY, SP_OP_NONE, SP_DIALECT_ANTHROPIC, NULL},
    {"POST", "/v1/messages", "key=k", SP_EQUERY, SP_OP_NONE, SP_DIALECT_ANTHROPIC, NULL},
    {"POST", "/v1/messages/count_tokens", "beta=true", SP_OK, SP_OP_COUNT, SP_DIALECT_ANTHROPIC,
     "/messages/count_tokens"},
    {"GET", "/v1/messages/count_tokens", "", SP_EMETHOD, SP_OP_NONE, SP_DIALECT_ANTHROPIC, NULL},
    {"POST", "/v1/messages/count_tokens", "beta=1", SP_EQUERY, SP_OP_NONE, SP_DIALECT_ANTHROPIC, NULL},
    {"POST", "/v1/messages/count_tokens/", "", SP_EPATH, SP_OP_NONE, SP_DIALECT_ANTHROPIC, NULL},
    {"POST", "/v1/messages/batches", "", SP_EPATH, SP_OP_NONE, SP_DIALECT_ANTHROPIC, NULL},
    {"POST", "/v1/messages/", "", SP_EPATH, SP_OP_NONE, SP_DIALECT_ANTHROPIC, NULL},
    {"POST", "/v1/messagesx", "", SP_EPATH, SP_OP_NONE, SP_DIALECT_OPENAI, NULL},
    {"POST", "/v1/responses", "", SP_EPATH, SP_OP_NONE, SP_DIALECT_OPENAI, NULL},
    {"POST", "/v1/embeddings", "", SP_OK, SP_OP_EMBED, SP_DIALECT_OPENAI, "/embeddings"},
    {"GET", "/v1/embeddings", "", SP_EMETHOD, SP_OP_NONE, SP_DIALECT_OPENAI, NULL},
    {"POST", "/v1/embeddings", "beta=true", SP_EQUERY, SP_OP_NONE, SP_DIALECT_OPENAI, NULL},
    {"POST", "/v1/completions", "", SP_OK, SP_OP_COMPLETE, SP_DIALECT_OPENAI, "/completions"},
    {"POST", "/v1/completions/", "", SP_EPATH, SP_OP_NONE, SP_DIALECT_OPENAI, NULL},
    {"POST", "/chat/completions", "", SP_EPATH, SP_OP_NONE, SP_DIALECT_OPENAI, NULL},
    {"POST", "/v1/chat/completions/", "", SP_EPATH, SP_OP_NONE, SP_DIALECT_OPENAI, NULL},
    {"POST", "//v1/chat/completions", "", SP_EPATH, SP_OP_NONE, SP_DIALECT_OPENAI, NULL},
    {"POST", "/v1/chat/%63ompletions", "", SP_EPATH, SP_OP_NONE, SP_DIALECT_OPENAI, NULL},
    {"POST", "/v1/x/../chat/completions", "", SP_EPATH, SP_OP_NONE, SP_DIALECT_OPENAI, NULL},
    {"POST", "/V1/chat/completions", "", SP_EPATH, SP_OP_NONE, SP_DIALECT_OPENAI, NULL},
    {"GET", "/v1/models/gpt", "", SP_EPATH, SP_OP_NONE, SP_DIALECT_OPENAI, NULL},
    {"GET", "", "", SP_EPATH, SP_OP_NONE, SP_DIALECT_OPENAI, NULL},
};

static void exact_paths_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sp_route route;
        const sp_status status = sp_route_find(&route, sp_bytes_of(rows[i].method), sp_bytes_of(rows[i].path),
                                               sp_bytes_of(rows[i].query));
        if (status != rows[i].status || route.operation != rows[i].operation) {
            fail_msg("%s %s?%s: %d", rows[i].method, rows[i].path, rows[i].query, status);
        }
        if (sp_dialect_id_of(route.dialect) != rows[i].dialect) fail_msg("%s: shape", rows[i].path);
        if (rows[i].upstream_path == NULL) {
            assert_null(route.upstream_path);
        } else {
            assert_string_equal(route.upstream_path, rows[i].upstream_path);
        }
    }
}

static const struct {
    const char *name;
    bool openai_forwards, anthropic_forwards, openai_returns, anthropic_returns;
} headers[] = {
    {"content-type", true, true, true, true},
    {"Accept", true, true, false, false},
    {"anthropic-version", false, true, false, false},
    {"ANTHROPIC-BETA", false, true, false, false},
    {"x-client-request-id", true, false, false, false},
    {"x-request-id", false, false, true, false},
    {"request-id", false, false, false, true},
    {"retry-after", false, false, true, true},
    {"X-RateLimit-Remaining-Tokens", false, false, true, false},
    {"x-ratelimit-", false, false, true, false},
    {"x-ratelimit", false, false, false, false},
    {"anthropic-ratelimit-tokens-reset", false, false, false, true},
    {"anthropic-betax", false, false, false, false},
    {"authorization", false, false, false, false},
    {"x-api-key", false, false, false, false},
    {"api-key", false, false, false, false},
    {"cookie", false, false, false, false},
    {"set-cookie", false, false, false, false},
    {"host", false, false, false, false},
    {"content-length", false, false, false, false},
    {"transfer-encoding", false, false, false, false},
    {"accept-encoding", false, false, false, false},
    {"openai-organization", false, false, false, false},
    {"anthropic-organization-id", false, false, false, false},
    {"x-accel-redirect", false, false, false, false},
    {"x-stainless-os", false, false, false, false},
    {"", false, false, false, false},
};

static void headers_pass_by_list_only(void **state)
{
    (void)state;
    const sp_dialect *openai = sp_dialect_find(SP_LIT("openai")),
                     *anthropic = sp_dialect_find(SP_LIT("anthropic"));
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        const sp_bytes name = sp_bytes_of(headers[i].name);
        if (sp_dialect_forwards_header(openai, name) != headers[i].openai_forwards ||
            sp_dialect_forwards_header(anthropic, name) != headers[i].anthropic_forwards ||
            sp_dialect_returns_header(openai, name) != headers[i].openai_returns ||
            sp_dialect_returns_header(anthropic, name) != headers[i].anthropic_returns) {
            fail_msg("%s", headers[i].name);
        }
    }
}

static void a_host_has_one_reading(void **state)
{
    static const struct {
        const char *value;
        bool is_valid;
    } hosts[] = {
        {"gateway", true},
        {"Gateway.example.com:8443", true},
        {"10.0.0.1", true},
        {"a_b-c.d", true},
        {"[::1]:80", true},
        {"[::ffff:10.0.0.1]", true},
        {"gateway:65535", true},
        {"", false},
        {":80", false},
        {"gateway:", false},
        {"gateway:999999", false},
        {"gateway:8a", false},
        {"x/#@y", false},
        {"a/../b", false},
        {"user@gateway", false},
        {"gateway, other", false},
        {"gateway other", false},
        {"gate%77ay", false},
        {"\xc3\xa9vil", false},
        {"[::1", false},
        {"[]", false},
        {"[::1]x", false},
        {"gateway?x", false},
        {"gateway\\x", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        if (sp_authority_is_valid(sp_bytes_of(hosts[i].value)) != hosts[i].is_valid)
            fail_msg("%s", hosts[i].value);
    }
}

static void a_header_of_ours_is_known_with_slips(void **state)
{
    static const struct {
        const char *name;
        bool is_ours, is_plain;
    } names[] = {
        {"x-sallyport-use-case", true, true},
        {"X-SALLYPORT-SOURCES", true, true},
        {"x_sallyport_use_case", true, false},
        {"X.Sallyport.Use.Case", true, false},
        {"x-sally_port-use-case", true, false},
        {"x~sallyport!use|case", true, false},
        {"xsallyportusecase", true, true},
        {"sallyport-use-case", true, true},
        {"x-sallyport", true, true},
        {"\xc2\xadx-sallyport-use-case", true, false},
        {"x-sallypor-use-case", false, true},
        {"x-request-id", false, true},
        {"xx-sallyport-use-case", false, true},
        {"content_length", false, false},
        {"x-sally", false, true},
        {"", false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const sp_bytes name = sp_bytes_of(names[i].name);
        if (sp_header_is_ours(name) != names[i].is_ours || sp_header_is_plain(name) != names[i].is_plain)
            fail_msg("%s", names[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_paths_only),
        cmocka_unit_test(headers_pass_by_list_only),
        cmocka_unit_test(a_host_has_one_reading),
        cmocka_unit_test(a_header_of_ours_is_known_with_slips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
