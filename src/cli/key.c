/* `sallyport key`: makes, lists and revokes the keys of applications. Works on the state database, whether a
 * daemon runs or not; one that runs is told, so that the change is in force when the command ends. */
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "conf/nearest.h"
#include "conf/quantity.h"
#include "control/files.h"
#include "control/process.h"
#include "control/reply.h"
#include "control/socket.h"
#include "control/state.h"

enum { DAEMON_MS = 5000, WORKERS_POLL_MS = 250, NOTE_MAX = 200 };

/* ---- the state ---- */

static int open_state(spd_state **out, const cli_place *place)
{
    sp_diag diag = {0};
    (void)umask(077);
    if (spd_folder_make(place->state, &diag) != SP_OK || spd_state_open(out, place->state, &diag) != SP_OK) {
        return cli_fail(diag.text, place->state, NULL);
    }
    return CLI_OK;
}

/* Until workers have seen the change: they look for a new snapshot every 200 ms. A state without a running
 * daemon is no failure; but workers may go on without it, and whoever takes a key away has to know
 * (`is_away_told`). */
static int make_effective(const cli_place *place, bool is_away_told)
{
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    sp_buf reply = SP_BUF_IN(&arena.mem);
    const sp_status status = spd_ask(&reply, place->state, "daemon.sock", "refresh", DAEMON_MS);
    const bool is_published = status == SP_OK && spd_reply_is_ok(sp_buf_bytes(&reply));
    sp_arena_fini(&arena);
    if (is_published) {
        (void)usleep(WORKERS_POLL_MS * 1000);
    }
    if (status == SP_EUPSTREAM && is_away_told) {
        (void)fputs(
            "sallyport: note: no daemon runs here; workers that do go on with the keys of their snapshot "
            "until it expires (limits.snapshot_life)\n",
            stderr);
    }
    if (status != SP_OK && status != SP_EUPSTREAM) {
        return cli_fail("stored, but the running daemon does not answer", place->state,
                        "it takes the change by itself as soon as it can");
    }
    return status == SP_OK && !is_published
               ? cli_fail("stored, but not published", place->state, "see sallyportd.log")
               : CLI_OK;
}

/* ---- create ---- */

static int no_such(const char *what, const char *name, const spc_nearest *nearest, const char *help)
{
    char text[256];
    (void)snprintf(text, sizeof text, "%.80s%s%.*s%s", name, nearest->best.n > 0 ? " (did you mean " : "",
                   (int)nearest->best.n, nearest->best.n > 0 ? (const char *)nearest->best.p : "",
                   nearest->best.n > 0 ? "?)" : "");
    return cli_fail(what, text, help);
}

static int check_application(const cli_place *place, const char *name)
{
    spc_nearest nearest = SPC_NEAREST_TO(sp_bytes_of(name));
    if (place->conf == NULL || spc_application_find(place->conf, sp_bytes_of(name)) >= 0) {
        return CLI_OK;
    }
    for (size_t i = 0; i < place->conf->applications.n; i++) {
        spc_nearest_offer(&nearest, place->conf->applications.v[i].name.v);
    }
    return no_such("no such application in the configuration", name, &nearest,
                   "add it to `applications`, then reload");
}

/* A key of the file has no place for a use case. */
static int check_use_case(const cli_place *place, const cli_args *args)
{
    const char *name = cli_value(args, "use-case");
    if (name == NULL) {
        return CLI_OK;
    }
    if (cli_has(args, "print-entry")) {
        return cli_misuse(args->command, "a key that stands in the file binds no use case", "--use-case");
    }
    spc_nearest nearest = SPC_NEAREST_TO(sp_bytes_of(name));
    if (place->conf == NULL || spc_use_case_find(place->conf, sp_bytes_of(name)) >= 0) {
        return CLI_OK;
    }
    for (size_t i = 0; i < place->conf->use_cases.n; i++) {
        spc_nearest_offer(&nearest, place->conf->use_cases.v[i].name.v);
    }
    return no_such("no such use case in the configuration", name, &nearest,
                   "add it to `use_cases`, then reload");
}

/* Days are for keys alone; the other units are those of the configuration. */
static bool parse_span(uint64_t *ms, sp_bytes text)
{
    static const uint64_t day_ms = 86400000, days_max = 36500;
    uint64_t days = 0;
    if (text.n > 1 && text.p[text.n - 1] == 'd' &&
        sp_u64_parse(&days, sp_bytes_sub(text, 0, text.n - 1), days_max)) {
        *ms = days * day_ms;
        return true;
    }
    return spc_quantity_parse(ms, NULL, text, SPC_UNIT_TIME) == SPC_QUANTITY_OK && *ms <= days_max * day_ms;
}

/* "90d" -> seconds since 1970; 0 when not given. */
static int parse_expiry(uint64_t *out, const cli_args *args)
{
    const char *text = cli_value(args, "expires");
    uint64_t ms = 0;
    *out = 0;
    if (text == NULL) {
        return CLI_OK;
    }
    if (!parse_span(&ms, sp_bytes_of(text)) || ms < 1000) {
        return cli_misuse(args->command, "not a span of time like 90d, 12h, 30min", text);
    }
    *out = spd_wall_s() + ms / 1000;
    return CLI_OK;
}

static int check_note(const cli_args *args, const char *name)
{
    const char *text = cli_value(args, name);
    for (const char *p = text; p != NULL && *p != '\0'; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f || p - text >= NOTE_MAX) {
            return cli_misuse(args->command, "a text of one line and at most 200 bytes is wanted for", name);
        }
    }
    return CLI_OK;
}

static sp_status make_key(spd_key *key, uint8_t secret[SP_KEY_SECRET_BYTES])
{
    if (getrandom(secret, SP_KEY_SECRET_BYTES, 0) != SP_KEY_SECRET_BYTES ||
        getrandom(key->id, sizeof key->id, 0) != (ssize_t)sizeof key->id) {
        return SP_ECRYPTO;
    }
    key->created_s = spd_wall_s();
    return sp_key_hash(key->hash, secret);
}

static void append_hex(sp_buf *out, const uint8_t *p, size_t n)
{
    char text[2 * 32 + 1];
    sp_hex_encode(text, (sp_bytes){p, n});
    sp_buf_append_str(out, text);
}

/* The one time that the key is seen. On a terminal it comes with a sentence, on stderr. */
static int show_key(const cli_args *args, const spd_key *key, const uint8_t secret[SP_KEY_SECRET_BYTES],
                    sp_mem *mem)
{
    sp_buf out = SP_BUF_IN(mem);
    const bool is_json = cli_has(args, "json"), is_entry = cli_has(args, "print-entry");
    if (is_json) {
        sp_buf_append_str(&out, "{\"id\":\"");
        append_hex(&out, key->id, sizeof key->id);
        sp_buf_append_str(&out, "\",\"application\":\"");
        sp_buf_append_json(&out, key->application);
        sp_buf_append_str(&out, "\",\"key\":\"");
    }
    sp_key_text_append(&out, key->id, secret);
    if (is_json) {
        sp_buf_append_str(&out, "\",\"entry\":\"");
    } else if (is_entry) {
        sp_buf_append_byte(&out, '\n');
    }
    if (is_json || is_entry) {
        append_hex(&out, key->id, sizeof key->id);
        sp_buf_append_byte(&out, ':');
        append_hex(&out, key->hash, sizeof key->hash);
    }
    sp_buf_append_str(&out, is_json ? "\"}\n" : "\n");
    const int code = cli_flush(stdout, &out);
    if (!is_json && !cli_has(args, "quiet") && isatty(STDOUT_FILENO) != 0) {
        (void)fputs("This is the only time that the key is shown; only its hash is stored. Give it to the "
                    "application as its API key.\n",
                    stderr);
    }
    sp_wipe(out.p, out.n);
    return code;
}

/* With --print-entry the key belongs into the file (`applications: NAME: keys`), so the database does not get
 * it. */
static int store_key(const cli_args *args, const cli_place *place, const spd_key *key)
{
    spd_state *state = NULL;
    if (cli_has(args, "print-entry")) {
        return CLI_OK;
    }
    const int code = open_state(&state, place);
    if (code != CLI_OK) {
        return code;
    }
    const sp_status status = spd_state_key_add(state, key);
    if (status != SP_OK) {
        (void)cli_fail("the key cannot be stored", place->state, spd_state_error(state));
    }
    spd_state_close(state);
    return status == SP_OK ? CLI_OK : CLI_FAILED;
}

static int create(const cli_args *args, sp_mem *mem)
{
    cli_place place;
    uint8_t secret[SP_KEY_SECRET_BYTES];
    spd_key key = {.application = sp_bytes_of(args->words[0]),
                   .note = sp_bytes_of(cli_value(args, "note")),
                   .use_case = sp_bytes_of(cli_value(args, "use-case"))};
    int code = parse_expiry(&key.expires_s, args);
    code = code == CLI_OK ? check_note(args, "note") : code;
    code = code == CLI_OK ? cli_place_name(&place, args, mem) : code;
    code = code == CLI_OK ? check_application(&place, args->words[0]) : code;
    code = code == CLI_OK ? check_use_case(&place, args) : code;
    if (code == CLI_OK && make_key(&key, secret) != SP_OK) {
        code = cli_fail("the kernel gives no random bytes", NULL, NULL);
    }
    code = code == CLI_OK ? store_key(args, &place, &key) : code;
    if (code == CLI_OK) {
        code = show_key(args, &key, secret, mem);
        const int effective = cli_has(args, "print-entry") ? CLI_OK : make_effective(&place, false);
        code = code == CLI_OK ? effective : code;
    }
    sp_wipe(secret, sizeof secret);
    return code;
}

/* ---- list ---- */

static const char *state_of(const spd_key *key)
{
    if (key->revoked_s != 0) {
        return "revoked";
    }
    return key->expires_s != 0 && key->expires_s <= spd_wall_s() ? "expired" : "valid";
}

static void append_date(sp_buf *out, uint64_t at_s)
{
    char text[32] = "never";
    struct tm parts;
    const time_t when = (time_t)at_s;
    if (at_s != 0) {
        (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&when, &parts));
    }
    sp_buf_append_str(out, text);
}

static void append_member(sp_buf *out, const char *name, sp_bytes value)
{
    sp_buf_append_str(out, ",\"");
    sp_buf_append_str(out, name);
    sp_buf_append_str(out, "\":\"");
    sp_buf_append_json(out, value);
    sp_buf_append_byte(out, '"');
}

static void append_date_member(sp_buf *out, const char *name, uint64_t at_s)
{
    sp_buf_append_str(out, ",\"");
    sp_buf_append_str(out, name);
    sp_buf_append_str(out, at_s != 0 ? "\":\"" : "\":null");
    if (at_s != 0) {
        append_date(out, at_s);
        sp_buf_append_byte(out, '"');
    }
}

static void append_json_key(sp_buf *out, const spd_key *key)
{
    sp_buf_append_str(out, "{\"id\":\"");
    append_hex(out, key->id, sizeof key->id);
    sp_buf_append_byte(out, '"');
    append_member(out, "application", key->application);
    append_member(out, "use_case", key->use_case);
    append_member(out, "state", sp_bytes_of(state_of(key)));
    append_date_member(out, "created", key->created_s);
    append_date_member(out, "expires", key->expires_s);
    append_date_member(out, "revoked", key->revoked_s);
    append_member(out, "note", key->note);
    append_member(out, "reason", key->reason);
    sp_buf_append_byte(out, '}');
}

static void print_key(const spd_key *key, sp_mem *mem)
{
    sp_buf line = SP_BUF_IN(mem);
    append_hex(&line, key->id, sizeof key->id);
    sp_buf_append_str(&line, "  ");
    sp_buf_append_str(&line, state_of(key));
    sp_buf_append_str(&line, "  created ");
    append_date(&line, key->created_s);
    sp_buf_append_str(&line, "  expires ");
    append_date(&line, key->expires_s);
    sp_buf_append_str(&line, "  ");
    sp_buf_append(&line, key->application);
    if (key->use_case.n > 0) {
        sp_buf_append_str(&line, " for ");
        sp_buf_append(&line, key->use_case);
    }
    if (key->note.n > 0) {
        sp_buf_append_str(&line, "  ");
        sp_buf_append(&line, key->note);
    }
    if (key->revoked_s != 0) {
        sp_buf_append_str(&line, "  revoked ");
        append_date(&line, key->revoked_s);
        sp_buf_append_str(&line, ": ");
        sp_buf_append(&line, key->reason);
    }
    cli_write_safe(stdout, sp_buf_bytes(&line), false);
    (void)putchar('\n');
}

static int print_keys(const cli_args *args, const spd_key *keys, size_t n, sp_mem *mem)
{
    sp_buf out = SP_BUF_IN(mem);
    if (!cli_has(args, "json")) {
        for (size_t i = 0; i < n; i++) {
            print_key(&keys[i], mem);
        }
        return CLI_OK;
    }
    sp_buf_append_str(&out, "{\"keys\":[");
    for (size_t i = 0; i < n; i++) {
        sp_buf_append_str(&out, i > 0 ? ",\n" : "");
        append_json_key(&out, &keys[i]);
    }
    sp_buf_append_str(&out, "]}\n");
    return cli_flush(stdout, &out);
}

static int list(const cli_args *args, sp_mem *mem)
{
    cli_place place;
    spd_state *state = NULL;
    spd_key *keys = NULL;
    size_t n = 0;
    int code = cli_place_name(&place, args, mem);
    code = code == CLI_OK ? open_state(&state, &place) : code;
    if (code != CLI_OK) {
        return code;
    }
    const sp_status status = spd_state_keys(state, &keys, &n, mem);
    code = status == SP_OK ? print_keys(args, keys, n, mem)
                           : cli_fail("the keys cannot be read", place.state, spd_state_error(state));
    spd_state_close(state);
    return code;
}

/* ---- revoke ---- */

/* The id alone, or a whole key, as somebody pastes it in a hurry. */
static bool parse_id(uint8_t id[SP_KEY_ID_BYTES], const char *text)
{
    sp_bytes s = sp_bytes_of(text);
    if (sp_bytes_starts(s, SP_LIT("sp_"))) {
        s = sp_bytes_sub(s, 3, 3 + 2 * SP_KEY_ID_BYTES);
    }
    return sp_hex_decode(id, SP_KEY_ID_BYTES, s) == SP_OK;
}

static int revoke_in(spd_state *state, const cli_args *args, const spd_key *key)
{
    switch (spd_state_key_revoke(state, key)) {
    case SP_OK:
        return CLI_OK;
    case SP_EBADKEY:
        return cli_fail("no key with this id", args->words[0],
                        "`sallyport key list` shows all; a key in the file is taken out there");
    case SP_EDUPKEY:
        return cli_fail("this key was revoked before", args->words[0], NULL);
    default:
        return cli_fail("the key cannot be revoked", spd_state_error(state), NULL);
    }
}

static int revoke_key(const cli_args *args, sp_mem *mem)
{
    cli_place place;
    spd_state *state = NULL;
    spd_key key = {.revoked_s = spd_wall_s(), .reason = sp_bytes_of(cli_value(args, "reason"))};
    if (!parse_id(key.id, args->words[0])) {
        return cli_misuse(args->command, "not the id of a key (16 hex digits)", NULL);
    }
    if (key.reason.n == 0) {
        return cli_misuse(args->command, "say why", "--reason TEXT");
    }
    int code = check_note(args, "reason");
    code = code == CLI_OK ? cli_place_find(&place, args, mem) : code;
    code = code == CLI_OK ? open_state(&state, &place) : code;
    if (code != CLI_OK) {
        return code;
    }
    code = revoke_in(state, args, &key);
    spd_state_close(state);
    return code == CLI_OK ? make_effective(&place, true) : code;
}

/* ---- rows ---- */

static const cli_option create_options[] = {
    {"expires", 0, "TIME", "how long it is valid, e.g. 90d, 12h (default: until it is revoked)"},
    {"note", 0, "TEXT", "who has it, or what for"},
    {"use-case", 0, "NAME", "a use case that its requests are of, beside the application's"},
    {"print-entry", 0, NULL, "store nothing; print what belongs under `keys` of the application, too"},
    {"quiet", 'q', NULL, "print the key alone, also on a terminal"},
    CLI_OPTION_JSON,
    CLI_OPTION_CONF,
    CLI_OPTION_STATE,
    CLI_OPTIONS_END,
};
static const cli_option list_options[] = {CLI_OPTION_JSON, CLI_OPTION_CONF, CLI_OPTION_STATE,
                                          CLI_OPTIONS_END};
static const cli_option revoke_options[] = {
    {"reason", 0, "TEXT", "why; it is kept with the key"},
    CLI_OPTION_CONF,
    CLI_OPTION_STATE,
    CLI_OPTIONS_END,
};

static const cli_command subs[] = {
    {.name = "create",
     .work = create,
     .usage = "APPLICATION [--expires 90d] [--note TEXT] [--use-case NAME] [-c FILE | --state DIR]",
     .summary = "make a key and show it, once",
     .help = "Prints the key on standard output; only its hash is stored. It works at once, whether the "
             "gateway runs or not.\n\n"
             "Example:\n    export OPENAI_API_KEY=$(sallyport key create chat --expires 90d --note 'team "
             "chat')\n",
     .options = create_options,
     .min_words = 1,
     .max_words = 1},
    {.name = "list",
     .work = list,
     .usage = "[--json] [-c FILE | --state DIR]",
     .summary = "list the keys, without anything secret",
     .help = "Example:\n    sallyport key list --json\n",
     .options = list_options},
    {.name = "revoke",
     .work = revoke_key,
     .usage = "ID --reason TEXT [-c FILE | --state DIR]",
     .summary = "make a key invalid, within a second",
     .help = "Takes the id (16 hex digits) or the whole key. A revoked key stays in the list, with the "
             "reason.\n\n"
             "Example:\n    sallyport key revoke 0123456789abcdef --reason 'found in a public repository'\n",
     .options = revoke_options,
     .min_words = 1,
     .max_words = 1},
    {.name = NULL},
};

const cli_command cli_key = {
    .name = "key",
    .usage = "create|list|revoke [...]",
    .summary = "make, list and revoke the keys of applications",
    .help = "A key names an application: with it come use case, models and rights. Keys are "
            "`sp_ID_SECRET_CHECKSUM`; the id is public and\n"
            "stands in records, of the secret only a hash is kept.\n",
    .subs = subs,
};
