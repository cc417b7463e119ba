/* nginx.conf: the text of a small configuration as a whole, what depends on settings, and that no value can
 * add a directive. */
#include "conf_help.h"

static const spc_paths paths = {
    .module = SP_LIT("/opt/sallyport/ngx_http_sallyport_module.so"),
    .state = SP_LIT("/var/lib/sally port"),
    .snapshot = SP_LIT("/var/lib/sally port/snapshot"),
    .ledger = SP_LIT("/var/lib/sally port/ledger"),
    .credentials_fd = 5,
};

static const char *text_of(const spc_conf *conf, sp_mem *mem)
{
    sp_buf out = SP_BUF_IN(mem);
    const sp_status status = spc_nginx_conf_append(&out, conf, &paths, mem);
    assert_int_equal(status, SP_OK);
    sp_buf_append_byte(&out, '\0');
    assert_int_equal(out.status, SP_OK);
    return (const char *)out.p;
}

static void lines_follow_from_settings(void **state)
{
    static const struct {
        const char *find, *put, *line;
        bool is_there;
    } rows[] = {
        {"version: 1", "version: 1", "load_module \"/opt/sallyport/ngx_http_sallyport_module.so\";\n", true},
        {"version: 1", "version: 1", "pid \"/var/lib/sally port/nginx.pid\";\n", true},
        {"version: 1", "version: 1", "    sallyport_credentials_fd 5;\n", true},
        {"version: 1", "version: 1", "    sallyport_segment 16777216;\n", true},
        {"workers: 1", "workers: 7", "worker_processes 7;\n", true},
        {"body: 8MiB", "body: 2MiB", "    client_max_body_size 2097152;\n    client_body_buffer_size 64k;\n",
         true},
        {"version: 1", "version: 1", "    upstream sp_cloud {\n        sallyport_peer cloud;\n", true},
        {"version: 1", "version: 1", "proxy_pass https://sp_cloud$sallyport_uri;\n", true},
        {"version: 1", "version: 1", "proxy_pass http://sp_local$sallyport_uri;\n", true},
        {"version: 1", "version: 1", "proxy_set_header Host api.example.com;\n", true},
        {"version: 1", "version: 1", "proxy_set_header Host 127.0.0.1:9000;\n", true},
        {"api.example.com/v1", "api.example.com:8443/v1", "proxy_set_header Host api.example.com:8443;\n",
         true},
        {"http://127.0.0.1:9000", "'http://[::1]:9000'", "proxy_set_header Host [::1]:9000;\n", true},
        {"version: 1", "version: 1", "proxy_set_header Authorization \"Bearer $sallyport_credential\";\n",
         true},
        {"version: 1", "version: 1", "x-api-key",
         false}, /* the one destination of that dialect has no credential */
        {"credential: none", "credential: env:K", "proxy_set_header x-api-key $sallyport_credential;\n",
         true},
        {"version: 1", "version: 1", "proxy_set_header anthropic-version $http_anthropic_version;\n", true},
        {"version: 1", "version: 1", "proxy_set_header anthropic-beta $http_anthropic_beta;\n", true},
        {"version: 1", "version: 1", "$http_authorization", false},
        {"version: 1", "version: 1", "$http_cookie", false},
        {"version: 1", "version: 1", "proxy_ssl_verify on;\n", true},
        {"version: 1", "version: 1", "proxy_ssl_name api.example.com;\n", true},
        {"version: 1", "version: 1", "proxy_ssl_trusted_certificate \"/etc/sallyport/ca.pem\";\n", true},
        {"ca: ca.pem", "ca: /x/ca.pem", "proxy_ssl_trusted_certificate \"/x/ca.pem\";\n", true},
        {"    ca: ca.pem\n", "", "proxy_ssl_trusted_certificate \"/etc/ssl/certs/ca-certificates.crt\";\n",
         true},
        {"version: 1", "version: 1",
         "worker_rlimit_nofile 16640;\nevents {\n    worker_connections 16384;\n}\n", true},
        {"workers: 1", "workers: 1, connections: 500", "worker_connections 500;\n", true},
        {"version: 1", "version: 1", "    send_timeout 60000ms;\n    keepalive_timeout 75000ms;\n", true},
        {"\"127.0.0.1:8080\"", "\"127.0.0.1:8080\", timeouts: {header: 1s, body: 2s, send: 3s, idle: 4s}",
         "    client_header_timeout 1000ms;\n    client_body_timeout 2000ms;\n    send_timeout 3000ms;\n"
         "    keepalive_timeout 4000ms;\n",
         true},
        {"connect: 5s", "connect: 250ms", "proxy_connect_timeout 250ms;\n", true},
        {"first_byte: 60s", "first_byte: 90s", "proxy_read_timeout 90000ms;\n", true},
        {"idle: 60s", "idle: 2min", "sallyport_idle_timeout 120000ms;\n", true},
        {"version: 1", "version: 1", "        listen 127.0.0.1:8080;\n", true},
        {"\"127.0.0.1:8080\"", "\"127.0.0.1:8080\", tls: {certificate: c.pem, key: k.pem}",
         "        listen 127.0.0.1:8080 ssl http2;\n", true},
        {"\"127.0.0.1:8080\"", "\"[::]:443\", tls: {certificate: c.pem, key: k.pem}",
         "        ssl_certificate \"/etc/sallyport/c.pem\";\n        ssl_certificate_key "
         "\"/etc/sallyport/k.pem\";\n",
         true},
        {"\"127.0.0.1:8080\"", "\"[::]:443\", tls: {certificate: c.pem, key: k.pem}",
         "        listen [::]:443 ssl http2;\n", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sp_arena arena;
        sp_arena_init(&arena, HELP_MEMORY);
        const sp_bytes file = help_replace(&arena.mem, help_base, rows[i].find, rows[i].put);
        const char *text = text_of(help_valid(&arena.mem, file), &arena.mem);
        if ((strstr(text, rows[i].line) != NULL) != rows[i].is_there) {
            fail_msg("%s: %s", rows[i].put, rows[i].line);
        }
        sp_arena_fini(&arena);
    }
}

/* What protects the caller's data stands in every file, whatever the settings. */
static void protections_are_always_there(void **state)
{
    static const char entry[] =
        "        error_page 413 = @sp_oversize;\n"
        "        error_page 400 405 414 497 500 501 503 505 /sallyport/page;\n"
        "        error_page 494 =431 /sallyport/page;\n"
        "        location / {\n            sallyport gate;\n        }\n"
        "        location = /sallyport/page {\n            sallyport page;\n        }\n";
    const char *const lines[] = {
        "    proxy_pass_request_headers off;\n",
        "    proxy_next_upstream off;\n",
        "    proxy_buffering off;\n",
        "    proxy_max_temp_file_size 0;\n",
        "    access_log off;\n",
        "    underscores_in_headers on;\n    ignore_invalid_headers off;\n",
        "    server_tokens off;\n",
        "    proxy_ignore_headers X-Accel-Redirect",
        entry,
        "        location @sp_oversize {\n            sallyport oversize;\n        }\n",
        "        location @sp_next {\n            sallyport next;\n        }\n",
        "        location @sp_fail {\n            sallyport fail;\n        }\n",
    };
    sp_arena arena;
    (void)state;
    sp_arena_init(&arena, HELP_MEMORY);
    const char *text = text_of(help_valid(&arena.mem, sp_bytes_of(help_base)), &arena.mem);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        if (strstr(text, lines[i]) == NULL) {
            fail_msg("missing: %s", lines[i]);
        }
    }
    sp_arena_fini(&arena);
}

static const char *block_of(const char *text, const char *head, sp_mem *mem)
{
    const char *start = strstr(text, head);
    assert_non_null(start);
    const char *end = strstr(start, "\n        }\n");
    assert_non_null(end);
    sp_bytes copy;
    assert_int_equal(sp_bytes_copy(&copy, (sp_bytes){(const uint8_t *)start, (size_t)(end - start) + 1}, mem),
                     SP_OK);
    uint8_t *out = sp_alloc_bytes(mem, copy.n + 1);
    memcpy(out, copy.p, copy.n);
    out[copy.n] = '\0';
    return (const char *)out;
}

/* The two locations of a destination differ in what happens to an error, and in nothing else. */
static void a_try_hands_errors_on_and_the_last_one_hands_them_out(void **state)
{
    static const char tried[] = "            proxy_intercept_errors on;\n            error_page 429 500 501 "
                                "502 503 504 507 508 520 521 522 523 524 525 "
                                "526 527 529 530 = @sp_next;\n";
    static const char last[] = "            error_page 502 504 = @sp_fail;\n";
    sp_arena arena;
    (void)state;
    sp_arena_init(&arena, HELP_MEMORY);
    const char *text = text_of(help_valid(&arena.mem, sp_bytes_of(help_base)), &arena.mem);
    const char *a = block_of(text, "location @sp_try_cloud {", &arena.mem);
    const char *b = block_of(text, "location @sp_last_cloud {", &arena.mem);
    const char *a_rest = help_string(&arena.mem, help_replace(&arena.mem, a, tried, ""));
    const char *b_rest = help_string(&arena.mem, help_replace(&arena.mem, b, last, ""));
    assert_string_equal(strchr(a_rest, '\n'), strchr(b_rest, '\n')); /* behind the names */
    sp_arena_fini(&arena);
}

/* ---- injection ---- */

static const char *const attacks[] = {
    "a; return 200", "a{}",      "a}",        "a\nevil on;", "a\" b", "a'b",   "a\\",
    "$host",         "${host}",  "a#b",       "a b",         "a\tb",  "a\x7f", "`id`",
    "a\r\nb",        "\xc3\x28", "a\xc2\x85", "../../x;",    "*",
};

/* Texts of the file that reach nginx.conf, with the places where an attack is put. */
static const struct {
    const char *find, *before, *after, *harmless;
} targets[] = {
    {"  cloud:\n", "  \"",
     "\": {vendor: v, tier: cloud, dialect: openai, base_url: 'http://localhost', model: m, jurisdictions: "
     "[US],\n"
     "    credential: none, clearance: {level: public, categories: []}}\n  cloud:\n",
     "more"},
    {"https://api.example.com/v1", "\"https://", "/v1\"", "api"},
    {"https://api.example.com/v1", "\"https://api.example.com:1", "/v1\"", "2"},
    {"https://api.example.com/v1", "\"https://api.example.com/", "/v1\"", "x"},
    {"ca: ca.pem", "ca: \"", "\"", "x"},
    {"\"127.0.0.1:8080\"", "\"127.0.0.1:8080", "\"", ""},
    {"\"127.0.0.1:8080\"", "\"127.0.0.1:8080\", tls: {key: k.pem, certificate: \"", "\"}", "x"},
    {"\"127.0.0.1:8080\"", "\"127.0.0.1:8080\", tls: {certificate: c.pem, key: \"", "\"}", "x"},
    {"vendor: a vendor", "vendor: \"", "\"", "x"},
    {"model: m1", "model: \"", "\"", "x"},
    {"region: us-east-1", "region: \"", "\"", "x"},
    {"binary: nginx", "binary: \"", "\"", "x"},
};

/* The attack as the inside of a double-quoted YAML text. */
static void append_yaml(sp_buf *out, const char *attack)
{
    static const char hex[] = "0123456789abcdef";
    for (const char *c = attack; *c != '\0'; c++) {
        const uint8_t byte = (uint8_t)*c;
        if (byte < 0x20 || byte == '"' || byte == '\\' || byte == 0x7f) {
            sp_buf_append_str(out, "\\x");
            sp_buf_append_byte(out, (uint8_t)hex[byte >> 4]);
            sp_buf_append_byte(out, (uint8_t)hex[byte & 15]);
        } else {
            sp_buf_append_byte(out, byte);
        }
    }
}

/* One word of nginx's configuration language as its own reader takes it; returns what follows. */
static const char *next_word(const char *at, const char **start, size_t *n)
{
    at += strspn(at, " \t\r\n");
    while (*at == '#') {
        at += strcspn(at, "\n");
        at += strspn(at, " \t\r\n");
    }
    *start = at;
    if (*at == '"' || *at == '\'') {
        const char quote = *at++;
        while (*at != '\0' && *at != quote) at += *at == '\\' && at[1] != '\0' ? 2 : 1;
        at += *at != '\0' ? 1 : 0;
    } else if (*at != '\0' && strchr(";{}", *at) != NULL) {
        at++;
    } else {
        at += strcspn(at, " \t\r\n;{}");
    }
    *n = (size_t)(at - *start);
    return at;
}

/* The names of all directives, with their ; { }: what the file makes nginx do, without its values. */
static const char *skeleton(const char *text, sp_mem *mem)
{
    sp_buf out = SP_BUF_IN(mem);
    bool is_first = true;
    const char *start;
    size_t n;
    for (const char *at = next_word(text, &start, &n); n > 0; at = next_word(at, &start, &n)) {
        const bool is_end = n == 1 && strchr(";{}", *start) != NULL;
        if (is_first || is_end) {
            sp_buf_append(&out, (sp_bytes){(const uint8_t *)start, n});
        }
        is_first = is_end;
    }
    sp_buf_append_byte(&out, '\0');
    assert_int_equal(out.status, SP_OK);
    return (const char *)out.p;
}

static const char *file_with(size_t target, const char *value, sp_mem *mem)
{
    sp_buf put = SP_BUF_IN(mem);
    sp_buf_append_str(&put, targets[target].before);
    append_yaml(&put, value);
    sp_buf_append_str(&put, targets[target].after);
    sp_buf_append_byte(&put, '\0');
    const sp_bytes file = help_replace(mem, help_base, targets[target].find, (const char *)put.p);
    sp_buf text = SP_BUF_IN(mem);
    sp_buf_append(&text, file);
    sp_buf_append_byte(&text, '\0');
    assert_int_equal(text.status, SP_OK);
    return (const char *)text.p;
}

/* Refused, or accepted as a value that changes nothing but itself. */
static void try_attack(size_t target, const char *attack)
{
    sp_arena arena;
    sp_arena_init(&arena, HELP_MEMORY);
    sp_mem *mem = &arena.mem;
    const spc_conf *harmless = help_valid(mem, sp_bytes_of(file_with(target, targets[target].harmless, mem)));
    spc_problems problems = {.mem = mem};
    const spc_conf *conf = NULL;
    if (help_parse(&conf, &problems, sp_bytes_of(file_with(target, attack, mem))) == SP_OK) {
        assert_string_equal(skeleton(text_of(conf, mem), mem), skeleton(text_of(harmless, mem), mem));
    }
    sp_arena_fini(&arena);
}

static void no_text_of_the_file_adds_a_directive(void **state)
{
    (void)state;
    for (size_t t = 0; t < sizeof targets / sizeof targets[0]; t++) {
        for (size_t i = 0; i < sizeof attacks / sizeof attacks[0]; i++) {
            try_attack(t, attacks[i]);
        }
    }
}

/* The test above would pass without this: a skeleton that sees no difference proves nothing. */
static void the_skeleton_sees_added_directives(void **state)
{
    static const char *const rows[][2] = {
        {"a 1;", "a;"},         {"a 1; b;", "a;b;"},     {"a \"1; b;\";", "a;"}, {"a { b '}' c; }", "a{b;}"},
        {"# x;\na b#c;", "a;"}, {"a \"\\\";\" ;", "a;"},
    };
    sp_arena arena;
    (void)state;
    sp_arena_init(&arena, HELP_MEMORY);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_string_equal(skeleton(rows[i][0], &arena.mem), rows[i][1]);
    }
    sp_arena_fini(&arena);
}

/* The second lock: values that came past the load's checks are refused while writing. */
static sp_status write_with(unsigned field, sp_bytes attack, sp_mem *mem)
{
    spc_conf conf = *help_valid(mem, sp_bytes_of(help_base));
    spc_destination one = conf.destinations.v[0];
    spc_paths run = paths;
    conf.destinations = (spc_destinations){&one, 1};
    one.name.v = field == 0 ? attack : one.name.v;
    one.url.host = field == 1 ? attack : one.url.host;
    one.ca.v = field == 2 ? attack : one.ca.v;
    run.state = field == 3 ? attack : run.state; /* not absolute either */
    sp_buf out = SP_BUF_IN(mem);
    return spc_nginx_conf_append(&out, &conf, &run, mem);
}

static void the_writer_trusts_no_value(void **state)
{
    enum { FIELDS = 4, CA = 2 };
    const size_t n = FIELDS * sizeof attacks / sizeof attacks[0];
    (void)state;
    for (size_t i = 0; i < n; i++) {
        sp_arena arena;
        sp_arena_init(&arena, HELP_MEMORY);
        const char *attack = attacks[i / FIELDS];
        const bool is_path =
            strcmp(attack, "a b") == 0 || strcmp(attack, "a#b") == 0 || strcmp(attack, "*") == 0;
        const sp_status status = write_with((unsigned)(i % FIELDS), sp_bytes_of(attack), &arena.mem);
        if (status != (i % FIELDS == CA && is_path ? SP_OK : SP_ERANGE)) {
            fail_msg("field %zu, attack \"%s\": %d", i % FIELDS, attack, status);
        }
        sp_arena_fini(&arena);
    }
}

/* ---- the digest ---- */

static void the_digest_changes_with_what_workers_cannot_learn_from_a_snapshot(void **state)
{
    static const struct {
        const char *find, *put;
        bool is_wiring;
    } rows[] = {
        {"state: ./state", "state: ./state", false},
        {"level: internal", "level: public", false},
        {"jurisdictions: [US]", "jurisdictions: [CA]", false},
        {"model: m1", "model: m9", false},
        {"user_text: untrusted", "user_text: trusted", false},
        {"findings: 1000", "findings: 10", false},
        {"record_wait: 2s", "record_wait: 1s", false},
        {"8080", "8081", true},
        {"env:CLOUD_KEY", "env:OTHER_KEY", true},
        {"env:CLOUD_KEY", "file:CLOUD_KEY", true},
        {"api.example.com", "api2.example.com", true},
        {"connect: 5s", "connect: 6s", true},
        {"ca: ca.pem", "ca: other.pem", true},
        {"body: 8MiB", "body: 7MiB", true},
        {"segment: 16MiB", "segment: 17MiB", true},
        {"workers: 1", "workers: 2", true},
        {"dialect: anthropic", "dialect: openai", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sp_arena arena;
        uint8_t before[32];
        uint8_t after[32];
        sp_arena_init(&arena, HELP_MEMORY);
        const sp_bytes file = help_replace(&arena.mem, help_base, rows[i].find, rows[i].put);
        assert_int_equal(
            spc_wiring_digest(before, help_valid(&arena.mem, sp_bytes_of(help_base)), &arena.mem), SP_OK);
        assert_int_equal(spc_wiring_digest(after, help_valid(&arena.mem, file), &arena.mem), SP_OK);
        if ((memcmp(before, after, sizeof before) != 0) != rows[i].is_wiring) {
            fail_msg("%s", rows[i].put);
        }
        sp_arena_fini(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_follow_from_settings),
        cmocka_unit_test(protections_are_always_there),
        cmocka_unit_test(a_try_hands_errors_on_and_the_last_one_hands_them_out),
        cmocka_unit_test(the_skeleton_sees_added_directives),
        cmocka_unit_test(no_text_of_the_file_adds_a_directive),
        cmocka_unit_test(the_writer_trusts_no_value),
        cmocka_unit_test(the_digest_changes_with_what_workers_cannot_learn_from_a_snapshot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
