/* What a valid file becomes: defaults, labels, the snapshot, warnings; files that it names; memory that runs
 * out; what is generated from the tables is current. */
#include "conf_help.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char smallest[] =
    "version: 1\n"
    "destinations:\n"
    "  b: {vendor: v, tier: cloud, dialect: openai, base_url: 'https://h.example/', model: m,\n"
    "      jurisdictions: [US], credential: none, clearance: {level: public, categories: []}}\n"
    "models: {z: {destinations: b}, a: {destinations: [b]}, m: {destinations: b}}\n"
    "use_cases: {u: {owner: o, purpose: p, level: public}}\n"
    "applications: {p: {use_case: u, models: [z, a], user_text: trusted}}\n";

static void the_smallest_file_gets_the_defaults(void **state)
{
    sp_arena arena;
    (void)state;
    sp_arena_init(&arena, HELP_MEMORY);
    const spc_conf *c = help_valid(&arena.mem, sp_bytes_of(smallest));
    assert_true(sp_bytes_eq(c->listen.address.v, SP_LIT("127.0.0.1:8080")));
    assert_true(c->listen.where.is_loopback && !c->listen.where.is_tls && c->listen.where.port == 8080);
    assert_true(sp_bytes_eq(c->state.v, SP_LIT("./state")));
    assert_true(sp_bytes_eq(c->nginx.binary.v, SP_LIT("nginx")));
    assert_int_equal(c->nginx.workers, 1);
    assert_int_equal(c->limits.body_bytes, 8 << 20);
    assert_int_equal(c->limits.answer_bytes, 8 << 20);
    assert_int_equal(c->limits.held_bytes, 1 << 20);
    assert_int_equal(c->limits.findings, 1000);
    assert_int_equal(c->limits.record_wait_ms, 2000);
    assert_int_equal(c->limits.snapshot_life_ms, 600000);
    assert_int_equal(c->limits.body_rate, 1024);
    assert_true(c->limits.memory_bytes == 1 << 30 && c->limits.caller_memory_bytes == 1 << 29);
    const spc_rates *rates = &c->applications.v[0].rates;
    assert_true(rates->requests_per_minute == 0 && rates->concurrent == 1000 && rates->bytes_per_minute == 0);
    assert_int_equal(c->audit.segment_bytes, 16 << 20);
    assert_true(c->withhold == SP_CAT_BIT(SP_CAT_CREDENTIALS));
    assert_true(c->mask == 0);
    const spc_destination *d = &c->destinations.v[0];
    assert_int_equal(d->timeouts.connect_ms, 5000);
    assert_int_equal(d->timeouts.first_byte_ms, 60000);
    assert_int_equal(d->timeouts.idle_ms, 60000);
    assert_true(d->permits == 0 && !d->plain_http && d->ca.v.p == NULL && d->region.v.n == 0);
    assert_true(d->url.is_tls && d->url.port == 443 && d->url.path.n == 0 && d->url.address.family == 0);
    const sp_label label = c->use_cases.v[0].label;
    assert_true(sp_label_eq(label, SP_LABEL_BOTTOM));
    sp_arena_fini(&arena);
}

/** An empty list is not the same as none: then nothing is held beside text. */
static void a_use_case_that_permits_nothing_says_so(void **state)
{
    sp_arena arena;
    (void)state;
    sp_arena_init(&arena, HELP_MEMORY);
    assert_true(help_valid(&arena.mem, sp_bytes_of(help_base))->use_cases.v[0].permits == 0);
    const sp_bytes file =
        help_replace(&arena.mem, help_base, "residency: \"*\"}\n", "residency: \"*\", permits: []}\n");
    assert_true(help_valid(&arena.mem, file)->use_cases.v[0].permits == SP_PERMIT(SP_FIELD_TEXT));
    sp_arena_fini(&arena);
}

static void settings_become_labels(void **state)
{
    sp_arena arena;
    (void)state;
    sp_arena_init(&arena, HELP_MEMORY);
    const sp_bytes file =
        help_replace(&arena.mem, help_base, "permits: [opaque]", "permits: [opaque, unreadable]");
    const spc_conf *c = help_valid(&arena.mem, file);
    const spc_destination *cloud = &c->destinations.v[0];
    const spc_destination *local = &c->destinations.v[1];
    assert_int_equal(cloud->label.level, 1);
    assert_true(cloud->label.categories ==
                (SP_CAT_BIT(SP_CAT_PII) | SP_CAT_BIT(SP_CAT_UNREADABLE) | SP_CATEGORIES_REQUIRED));
    assert_true(sp_bits256_has(cloud->label.residency, (uint8_t)sp_jurisdiction_find(SP_LIT("US"))));
    assert_false(sp_bits256_has(cloud->label.residency, (uint8_t)sp_jurisdiction_find(SP_LIT("DE"))));
    assert_int_equal(local->label.level, 4);
    assert_true((local->label.categories >> 32) & 1);  /* all: the own category too */
    assert_false((local->label.categories >> 33) & 1); /* but no number without a name */
    assert_true(sp_bits256_has(local->label.residency, (uint8_t)sp_jurisdiction_find(SP_LIT("NO"))));
    assert_false(sp_bits256_has(local->label.residency, (uint8_t)sp_jurisdiction_find(SP_LIT("CH"))));
    assert_true(sp_bytes_eq(c->names.level[4], SP_LIT("secret")));
    assert_true(sp_bytes_eq(c->names.level[0], SP_LIT("public")));
    assert_true(sp_bytes_eq(c->names.category[32], SP_LIT("reactor")));
    assert_int_equal(cloud->credential_kind, SPC_CREDENTIAL_ENV);
    assert_true(sp_bytes_eq(cloud->credential_value, SP_LIT("CLOUD_KEY")));
    assert_int_equal(local->credential_kind, SPC_CREDENTIAL_NONE);
    sp_arena_fini(&arena);
}

/* `NO` is Norway: the core schema knows no such boolean. */
static void norway_is_a_jurisdiction(void **state)
{
    sp_arena arena;
    (void)state;
    sp_arena_init(&arena, HELP_MEMORY);
    const spc_conf *c = help_valid(&arena.mem, help_replace(&arena.mem, help_base, "[US]", "[NO]"));
    assert_true(
        sp_bits256_has(c->destinations.v[0].label.residency, (uint8_t)sp_jurisdiction_find(SP_LIT("NO"))));
    sp_arena_fini(&arena);
}

static void a_name_replaces_the_shipped_one_of_its_level(void **state)
{
    sp_arena arena;
    (void)state;
    sp_arena_init(&arena, HELP_MEMORY);
    const sp_bytes file = help_replace(&arena.mem, help_base, "{secret: 4}", "{secret: 3}");
    const spc_conf *c = help_valid(&arena.mem, file);
    assert_true(sp_bytes_eq(c->names.level[3], SP_LIT("secret")));
    assert_int_equal(c->names.level[4].n, 0);
    assert_int_equal(c->destinations.v[1].label.level, 3);
    sp_arena_fini(&arena);
}

/* ---- snapshot ---- */

static sp_key key_of(uint8_t first, uint64_t expires_s)
{
    sp_key key = {.expires_s = expires_s, .application = 77};
    key.id[0] = first;
    key.hash[0] = first;
    return key;
}

static void a_snapshot_is_what_the_file_and_the_state_say(void **state)
{
    sp_arena arena;
    (void)state;
    sp_arena_init(&arena, HELP_MEMORY);
    const spc_conf *c = help_valid(&arena.mem, sp_bytes_of(help_base));
    const spc_state_key keys[] = {{key_of(0x90, 5), SP_LIT("chat"), SP_LIT("general")},
                                  {key_of(0x80, 0), SP_LIT("gone"), SP_BYTES_EMPTY},
                                  {key_of(0x85, 0), SP_LIT("chat"), SP_LIT("gone")},
                                  {key_of(0x10, 0), SP_LIT("chat"), SP_BYTES_EMPTY}};
    const spc_addresses addresses[2] = {{.v = {{.family = 4, .ip = {192, 0, 2, 1}}}, .n = 1}};
    const spc_live live = {.keys = keys,
                           .n_keys = 4,
                           .addresses = addresses,
                           .generation = 9,
                           .now_s = 1000,
                           .seal_key = {1, 2}};
    sp_snapshot s;
    assert_int_equal(spc_conf_to_snapshot(&s, c, &live, &arena.mem), SP_OK);
    assert_true(s.generation == 9 && s.created_s == 1000 && s.expires_s == 1600 && s.seal_key[1] == 2);
    assert_int_equal(s.n_destinations, 2);
    const sp_rates *rates = &s.applications[0].rates;
    assert_true(rates->requests_per_minute == 600 && rates->concurrent == 50 &&
                rates->bytes_per_minute == 256 << 20);
    assert_true(s.limits.memory_bytes == 1 << 30 && s.limits.caller_memory_bytes == 1 << 29 &&
                s.limits.body_rate == 1024);
    assert_true(sp_bytes_eq(s.destinations[0].host, SP_LIT("api.example.com")) &&
                sp_bytes_eq(s.destinations[0].base_path, SP_LIT("/v1")));
    assert_true(s.destinations[0].n_addresses == 1 && s.destinations[0].addresses[0].port == 443 &&
                s.destinations[0].is_tls);
    assert_true(s.destinations[1].n_addresses == 1 &&
                s.destinations[1].addresses[0].port == 9000); /* an address needs no resolver */
    assert_true(s.destinations[1].addresses[0].ip[0] == 127 && s.destinations[1].tier == SP_TIER_SELF_HOSTED);
    /* One of the file, two of the state: an application and a use case that are gone take theirs along. */
    assert_int_equal(s.n_keys, 3);
    assert_true(s.keys[0].binds == 0 && s.keys[1].binds == 0 && s.keys[2].binds == 1);
    assert_true(s.keys[0].id[0] == 0x00 && s.keys[1].id[0] == 0x10 && s.keys[2].id[0] == 0x90 &&
                s.keys[2].expires_s == 5);
    assert_true(s.keys[0].application == 0 && s.keys[1].application == 0);
    sp_buf file = SP_BUF_IN(&arena.mem);
    sp_snapshot back;
    assert_int_equal(sp_snapshot_encode(&file, &s), SP_OK);
    assert_int_equal(sp_snapshot_decode(&back, sp_buf_bytes(&file), &arena.mem, NULL), SP_OK);
    assert_true(sp_label_eq(back.destinations[0].clearance, c->destinations.v[0].label));
    sp_arena_fini(&arena);
}

static void models_are_sorted_and_references_follow(void **state)
{
    sp_arena arena;
    (void)state;
    sp_arena_init(&arena, HELP_MEMORY);
    const spc_conf *c = help_valid(&arena.mem, sp_bytes_of(smallest));
    const spc_live live = {.generation = 1};
    sp_snapshot s;
    assert_int_equal(spc_conf_to_snapshot(&s, c, &live, &arena.mem), SP_OK);
    assert_int_equal(s.n_models, 3);
    assert_true(sp_bytes_eq(s.models[0].name, SP_LIT("a")) && sp_bytes_eq(s.models[2].name, SP_LIT("z")));
    assert_int_equal(s.applications[0].n_models, 2); /* z and a, by number in the snapshot */
    assert_int_equal(s.applications[0].models[0], 0);
    assert_int_equal(s.applications[0].models[1], 2);
    assert_int_equal(s.destinations[0].n_addresses, 0); /* a name without addresses is passed over */
    assert_int_equal(s.n_keys, 0);
    sp_arena_fini(&arena);
}

static void the_state_overrules_a_key_of_the_file(void **state)
{
    sp_arena arena;
    (void)state;
    sp_arena_init(&arena, HELP_MEMORY);
    const spc_conf *c = help_valid(&arena.mem, sp_bytes_of(help_base));
    spc_state_key key = {.key = c->applications.v[0].keys[0], .application = SP_LIT("chat")};
    key.key.is_revoked = true;
    const spc_live live = {.keys = &key, .n_keys = 1, .generation = 1};
    sp_snapshot s;
    assert_int_equal(spc_conf_to_snapshot(&s, c, &live, &arena.mem), SP_OK);
    assert_int_equal(s.n_keys, 1);
    assert_true(s.keys[0].is_revoked);
    sp_arena_fini(&arena);
}

static void a_snapshot_that_cannot_be_right_refuses(void **state)
{
    sp_arena arena;
    (void)state;
    sp_arena_init(&arena, HELP_MEMORY);
    const spc_conf *c = help_valid(&arena.mem, sp_bytes_of(help_base));
    const spc_state_key twins[] = {{key_of(1, 0), SP_LIT("chat"), SP_BYTES_EMPTY},
                                   {key_of(1, 0), SP_LIT("chat"), SP_BYTES_EMPTY}};
    const spc_live rows[] = {{.generation = 0}, {.generation = 1, .keys = twins, .n_keys = 2}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sp_snapshot s = {.n_models = 5};
        assert_int_equal(spc_conf_to_snapshot(&s, c, &rows[i], &arena.mem), SP_ERANGE);
        assert_true(s.n_models == 0 && s.expires_s == 0);
    }
    sp_arena_fini(&arena);
}

/* ---- warnings ---- */

/* Up to three replacements in the base, and what is then warned of. */
static const struct {
    const char *edits[3][2], *want;
} warnings[] = {
    {{{"version: 1", "version: 1"}}, ""},
    {{{"https://api", "http://api"}, {"plain_http: false", "plain_http: true"}, {"    ca: ca.pem\n", ""}},
     "f:11:15: warning: destinations.cloud.base_url: http:// without TLS: everything sent there, the "
     "credential included, "
     "can be read on the way\n    use https:// where you can\n"},
    {{{"review:", "endorsers: {rates: {tools: get_rate, values: number}}\nreview:"}},
     "f:44:13: warning: endorsers.rates: no application names this endorser\n"
     "    list it under an application's endorsers, or remove it\n"},
    {{{"review:", "endorsers: {rates: {tools: get_rate, values: number}}\nreview:"},
      {"user_text: untrusted", "user_text: untrusted\n    endorsers: rates"}},
     ""},
    {{{"[cloud, local]", "[cloud]"}},
     "f:21:3: warning: destinations.local: no model uses this destination\n"
     "    list it under a model's destinations, or remove it\n"},
    {{{"models:\n", "models:\n  spare: {destinations: local}\n"}},
     "f:31:3: warning: models.spare: no application may use this model\n"
     "    list it under an application's models, or remove it\n"},
    {{{"level: public, categories: []", "level: public, categories: [hr]"},
      {"[cloud, local]", "[cloud]"},
      {"models:\n", "models:\n  own: {destinations: local}\n"}},
     "f:31:3: warning: models.own: no application may use this model\n"
     "    list it under an application's models, or remove it\n"
     "f:32:3: warning: models.assistant: every request for this model will be refused: no destination of "
     "it is cleared "
     "for the label of a use case that may use it\n"
     "    add a destination with more clearance or fewer jurisdictions, or lower the use case's label\n"},
    {{{"residency: \"*\"", "residency: CH"}},
     "f:31:3: warning: models.assistant: every request for this model will be refused: no destination of "
     "it is cleared "
     "for the label of a use case that may use it\n"
     "    add a destination with more clearance or fewer jurisdictions, or lower the use case's label\n"},
};

static void check_warning(sp_mem *mem, size_t i)
{
    spc_problems problems = {.mem = mem};
    const spc_conf *conf = NULL;
    const char *text = help_base;
    for (size_t k = 0; k < 3 && warnings[i].edits[k][0] != NULL; k++) {
        text = help_string(mem, help_replace(mem, text, warnings[i].edits[k][0], warnings[i].edits[k][1]));
    }
    assert_int_equal(help_parse(&conf, &problems, sp_bytes_of(text)), SP_OK);
    assert_non_null(conf);
    assert_string_equal(help_problems(&problems, "f"), warnings[i].want);
}

static void what_is_probably_not_meant_is_warned_of(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof warnings / sizeof warnings[0]; i++) {
        sp_arena arena;
        sp_arena_init(&arena, HELP_MEMORY);
        check_warning(&arena.mem, i);
        sp_arena_fini(&arena);
    }
}

/* ---- files ---- */

static void write_file(const char *folder, const char *name, const char *text, mode_t mode)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(close(fd), 0);
    assert_int_equal(chmod(path, mode), 0);
}

/* Loads FOLDER/conf.yaml; everything that is said, with the folder's name taken out by the relative file
 * name. */
static const char *load(sp_mem *mem, const char *folder, sp_status want)
{
    char path[256];
    spc_problems problems = {.mem = mem};
    const spc_conf *conf = NULL;
    (void)snprintf(path, sizeof path, "%s/conf.yaml", folder);
    assert_int_equal(spc_conf_load(&conf, &problems, path), want);
    assert_int_equal(conf != NULL, want == SP_OK);
    if (conf != NULL) {
        sp_bytes whole;
        assert_true(sp_bytes_eq(conf->folder, sp_bytes_of(folder)));
        assert_int_equal(spc_conf_path(&whole, conf, SP_LIT("./x"), mem), SP_OK);
        assert_memory_equal(whole.p + whole.n - 2, "/x", 3);
    }
    return help_problems(&problems, "f");
}

static void files_that_it_names_are_looked_at(void **state)
{
    char folder[] = "/tmp/sallyport-conf-XXXXXX";
    sp_arena arena;
    (void)state;
    sp_arena_init(&arena, HELP_MEMORY);
    assert_non_null(mkdtemp(folder));
    assert_string_equal(load(&arena.mem, folder, SP_EFIELD),
                        "f: error: cannot be read: No such file or directory\n    name the configuration "
                        "file with -c FILE\n");
    const char *text =
        help_string(&arena.mem, help_replace(&arena.mem, help_base, "env:CLOUD_KEY", "file:key"));
    write_file(folder, "conf.yaml", text, 0600);
    assert_string_equal(
        load(&arena.mem, folder, SP_EFIELD),
        "f:15:17: error: destinations.cloud.credential: \"key\" is not a file that can be read\n"
        "    check the path (relative to this file) and who may read it\n"
        "f:16:9: error: destinations.cloud.ca: \"ca.pem\" is not a file that can be read\n"
        "    check the path (relative to this file) and who may read it\n");
    write_file(folder, "ca.pem", "", 0644);
    write_file(folder, "key", "secret", 0644);
    assert_string_equal(load(&arena.mem, folder, SP_OK),
                        "f:15:17: warning: destinations.cloud.credential: \"key\" can be read or written by "
                        "every user of this "
                        "machine\n    chmod 600 it\n");
    write_file(folder, "key", "secret", 0640);
    assert_string_equal(load(&arena.mem, folder, SP_OK), "");
    static const char *const names[] = {"conf.yaml", "ca.pem", "key"};
    for (size_t i = 0; i < 3; i++) {
        char path[256];
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(folder), 0);
    sp_arena_fini(&arena);
}

/* What nginx would stop at is said beforehand, with the line that names it. */
static void files_of_tls_are_looked_at(void **state)
{
    static const char tls[] = "8080\", tls: {certificate: gw.crt, key: gw.key}";
    static const char *const names[] = {"conf.yaml", "ca.pem", "gw.crt"};
    char folder[] = "/tmp/sallyport-conf-XXXXXX", key[64];
    sp_arena arena;
    (void)state;
    sp_arena_init(&arena, HELP_MEMORY);
    assert_non_null(mkdtemp(folder));
    (void)snprintf(key, sizeof key, "%s/gw.key", folder);
    write_file(folder, "ca.pem", "", 0644);
    write_file(folder, "conf.yaml",
               help_string(&arena.mem, help_replace(&arena.mem, help_base, "8080\"", tls)), 0600);
    assert_string_equal(load(&arena.mem, folder, SP_EFIELD),
                        "f:2:56: error: listen.tls.certificate: \"gw.crt\" is not a file that can be read\n"
                        "    check the path (relative to this file) and who may read it\n"
                        "f:2:69: error: listen.tls.key: \"gw.key\" is not a file that can be read\n"
                        "    check the path (relative to this file) and who may read it\n");
    write_file(folder, "gw.crt", "", 0644);
    assert_int_equal(mkdir(key, 0700), 0);
    assert_string_equal(load(&arena.mem, folder, SP_EFIELD),
                        "f:2:69: error: listen.tls.key: \"gw.key\" is not a file that can be read\n"
                        "    check the path (relative to this file) and who may read it\n");
    assert_int_equal(rmdir(key), 0);
    write_file(folder, "gw.key", "", 0644);
    assert_string_equal(load(&arena.mem, folder, SP_OK),
                        "f:2:69: warning: listen.tls.key: \"gw.key\" can be read or written by every user of "
                        "this machine\n    chmod 600 it\n");
    for (size_t i = 0; i < 3; i++) {
        char path[64];
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(unlink(key), 0);
    assert_int_equal(rmdir(folder), 0);
    sp_arena_fini(&arena);
}

/* ---- memory ---- */

typedef struct failing {
    sp_arena arena;
    size_t calls, fail_at;
} failing;

static void *failing_alloc(void *ctx, size_t n)
{
    failing *f = ctx;
    return ++f->calls >= f->fail_at ? NULL : sp_alloc_bytes(&f->arena.mem, n);
}

static sp_status run_all(sp_mem *mem, const char *text)
{
    spc_problems problems = {.mem = mem};
    const spc_conf *conf = NULL;
    const spc_live live = {.generation = 1};
    const spc_paths paths = {
        .module = SP_LIT("/m"), .state = SP_LIT("/s"), .snapshot = SP_LIT("/p"), .ledger = SP_LIT("/l")};
    sp_snapshot snapshot;
    uint8_t digest[32];
    sp_buf out = SP_BUF_IN(mem);
    SP_TRY(help_parse(&conf, &problems, sp_bytes_of(text)));
    SP_TRY(spc_conf_to_snapshot(&snapshot, conf, &live, mem));
    SP_TRY(spc_nginx_conf_append(&out, conf, &paths, mem));
    SP_TRY(spc_wiring_digest(digest, conf, mem));
    spc_schema_append(&out);
    spc_manual_append(&out);
    return out.status;
}

/* Every allocation fails once; nothing leaks (ASan), nothing is half done. */
static void memory_that_runs_out_is_an_error_at_every_step(void **state)
{
    sp_arena arena;
    (void)state;
    sp_arena_init(&arena, HELP_MEMORY);
    const char *broken =
        help_string(&arena.mem, help_replace(&arena.mem, help_base, "level: internal", "level: internl"));
    const char *const files[] = {help_base, smallest, broken};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        sp_status status = SP_ENOMEM;
        size_t n = 0;
        while (status == SP_ENOMEM) {
            failing f = {.fail_at = ++n};
            sp_arena_init(&f.arena, HELP_MEMORY);
            sp_mem mem = {.alloc = failing_alloc, .ctx = &f, .limit = HELP_MEMORY};
            status = run_all(&mem, files[i]);
            sp_arena_fini(&f.arena);
        }
        assert_int_equal(status, i < 2 ? SP_OK : SP_EFIELD);
        assert_true(n > 100);
    }
    sp_arena_fini(&arena);
}

/* ---- what is shipped ---- */

static const char *read_source(sp_mem *mem, const char *name)
{
    char path[512];
    const char *root = getenv("SALLYPORT_SOURCE_ROOT"); /* set by Meson; else the test runs at the root */
    sp_buf out = SP_BUF_IN(mem);
    (void)snprintf(path, sizeof path, "%s/%s", root != NULL ? root : ".", name);
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        fail_msg("%s cannot be read", path);
    }
    for (size_t n = 1; n > 0;) {
        uint8_t *room = sp_buf_reserve(&out, 4096);
        assert_non_null(room);
        n = fread(room, 1, 4096, f);
        out.n += n;
    }
    assert_int_equal(fclose(f), 0);
    return help_string(mem, sp_buf_bytes(&out));
}

static void generated_files_are_current(void **state)
{
    sp_arena arena;
    (void)state;
    sp_arena_init(&arena, HELP_MEMORY);
    sp_buf schema = SP_BUF_IN(&arena.mem);
    sp_buf manual = SP_BUF_IN(&arena.mem);
    spc_schema_append(&schema);
    spc_manual_append(&manual);
    /* Not equal: run `sallyport check --print-schema` or `--print-manual` into the file. */
    assert_string_equal(read_source(&arena.mem, "share/sallyport.schema.json"),
                        help_string(&arena.mem, sp_buf_bytes(&schema)));
    assert_string_equal(read_source(&arena.mem, "docs/reference/configuration.md"),
                        help_string(&arena.mem, sp_buf_bytes(&manual)));
    sp_arena_fini(&arena);
}

static void the_shipped_example_is_valid_without_warnings(void **state)
{
    sp_arena arena;
    (void)state;
    sp_arena_init(&arena, HELP_MEMORY);
    spc_problems problems = {.mem = &arena.mem};
    const spc_conf *conf = NULL;
    const char *text = read_source(&arena.mem, "examples/sallyport.yaml");
    assert_int_equal(help_parse(&conf, &problems, sp_bytes_of(text)), SP_OK);
    assert_string_equal(help_problems(&problems, "f"), "");
    sp_arena_fini(&arena);
}

static void endorsers_become_rows_of_the_snapshot(void **state)
{
    sp_arena arena;
    (void)state;
    sp_arena_init(&arena, HELP_MEMORY);
    sp_snapshot s;
    const spc_live live = {.generation = 1, .now_s = 1000};
    const sp_bytes named = help_replace(&arena.mem, help_base, "user_text: untrusted",
                                        "user_text: untrusted\n    endorsers: [states, rates]");
    const sp_bytes file = help_replace(
        &arena.mem, help_string(&arena.mem, named), "review:",
        "endorsers: {rates: {tools: [get_rate, rate-2], values: number}, states: {tools: state, words: "
        "[open, in transit]}}\nreview:");
    const spc_conf *c = help_valid(&arena.mem, file);
    assert_int_equal(spc_conf_to_snapshot(&s, c, &live, &arena.mem), SP_OK);
    assert_int_equal(s.n_endorsers, 2);
    assert_int_equal(s.endorsers[0].values, SP_VALUES_NUMBER);
    assert_true(s.endorsers[0].n_tools == 2 && s.endorsers[0].n_words == 0);
    assert_true(sp_bytes_eq(s.endorsers[0].tools[1], SP_LIT("rate-2")));
    assert_int_equal(s.endorsers[1].values, SP_VALUES_WORDS);
    assert_true(sp_bytes_eq(s.endorsers[1].words[1], SP_LIT("in transit")));
    assert_int_equal(s.applications[0].n_endorsers, 2);
    assert_true(s.applications[0].endorsers[0] == 0 && s.applications[0].endorsers[1] == 1);
    sp_arena_fini(&arena);
}

static void problems_have_a_form_for_programs(void **state)
{
    sp_arena arena;
    (void)state;
    sp_arena_init(&arena, HELP_MEMORY);
    spc_problems problems = {.mem = &arena.mem};
    const spc_conf *conf = NULL;
    sp_buf json = SP_BUF_IN(&arena.mem);
    const sp_bytes file = help_replace(&arena.mem, help_base, "tier: cloud", "tier: \"cl\\eud\"");
    assert_int_equal(help_parse(&conf, &problems, file), SP_EFIELD);
    spc_problems_append_json(&json, &problems, SP_LIT("a\"b"));
    assert_string_equal(help_string(&arena.mem, sp_buf_bytes(&json)),
                        "[{\"file\":\"a\\\"b\",\"line\":9,\"column\":11,\"severity\":\"error\",\"path\":"
                        "\"destinations.cloud.tier\","
                        "\"what\":\"\\\"cl\\\\u001bud\\\" is not known here\",\"help\":\"did you mean "
                        "\\\"cloud\\\"?\",\"nearest\":\"cloud\"}]");
    sp_arena_fini(&arena);
}

static void problems_past_the_bound_are_counted(void **state)
{
    sp_arena arena;
    (void)state;
    sp_arena_init(&arena, HELP_MEMORY);
    spc_problems problems = {.mem = &arena.mem};
    const spc_conf *conf = NULL;
    sp_buf text = SP_BUF_IN(&arena.mem);
    for (unsigned i = 0; i < SPC_PROBLEMS_MAX + 50; i++) {
        sp_buf_append_str(&text, "zz");
        sp_buf_append_u64(&text, i);
        sp_buf_append_str(&text, ": 1\n");
    }
    assert_int_equal(help_parse(&conf, &problems, sp_buf_bytes(&text)), SP_EFIELD);
    assert_int_equal(problems.n, SPC_PROBLEMS_MAX);
    assert_true(problems.n_errors >= SPC_PROBLEMS_MAX + 50);
    sp_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_smallest_file_gets_the_defaults),
        cmocka_unit_test(a_use_case_that_permits_nothing_says_so),
        cmocka_unit_test(settings_become_labels),
        cmocka_unit_test(norway_is_a_jurisdiction),
        cmocka_unit_test(a_name_replaces_the_shipped_one_of_its_level),
        cmocka_unit_test(a_snapshot_is_what_the_file_and_the_state_say),
        cmocka_unit_test(models_are_sorted_and_references_follow),
        cmocka_unit_test(the_state_overrules_a_key_of_the_file),
        cmocka_unit_test(a_snapshot_that_cannot_be_right_refuses),
        cmocka_unit_test(what_is_probably_not_meant_is_warned_of),
        cmocka_unit_test(files_that_it_names_are_looked_at),
        cmocka_unit_test(files_of_tls_are_looked_at),
        cmocka_unit_test(memory_that_runs_out_is_an_error_at_every_step),
        cmocka_unit_test(generated_files_are_current),
        cmocka_unit_test(endorsers_become_rows_of_the_snapshot),
        cmocka_unit_test(the_shipped_example_is_valid_without_warnings),
        cmocka_unit_test(problems_have_a_form_for_programs),
        cmocka_unit_test(problems_past_the_bound_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
