/* `sallyport audit`: the table of its commands, and those that go through the ledger one record at a time. */
#include <string.h>
#include <time.h>

#include "cli/audit_internal.h"

enum { POLL_NS = 200000000, TAIL_DEFAULT = 10, TAIL_MAX = 10000 };

/* ---- shared ---- */

int cli__audit_number(uint64_t *out, const cli_args *args, const char *name, uint64_t unset)
{
    const char *text = cli_value(args, name);
    *out = unset;
    if (text != NULL && !sp_u64_parse(out, sp_bytes_of(text), UINT32_MAX)) {
        return cli_misuse(args->command, "not a number", text);
    }
    return CLI_OK;
}

int cli__audit_open(audit_walk *walk, const char *ledger)
{
    sp_diag diag = {0};
    memset(walk, 0, sizeof *walk);
    sp_arena_init(&walk->arena, AUDIT_RECORD_BYTES);
    if (spl_reader_open(&walk->reader, ledger, &diag) != SP_OK) {
        return cli_fail("the ledger cannot be read", diag.text, NULL);
    }
    return CLI_OK;
}

/* The next record; SP_ETRUNCATED only at the end: a leaf that ends too early is damage like any other. */
static sp_status take_next(audit_walk *walk, sp_diag *diag)
{
    sp_arena_fini(&walk->arena);
    SP_TRY(spl_reader_next(walk->reader, &walk->entry, diag));
    const sp_status status = sp_record_decode(&walk->record, walk->entry.leaf, &walk->arena.mem);
    return status == SP_OK ? SP_OK : sp_fail(diag, SP_ECORRUPT, (size_t)walk->entry.offset, walk->entry.file);
}

bool cli__audit_next(audit_walk *walk)
{
    while (!walk->has_failed) {
        sp_diag diag = {0};
        const sp_status status = take_next(walk, &diag);
        if (status == SP_OK || status == SP_ETRUNCATED) {
            return status == SP_OK;
        }
        walk->n_bad++;
        walk->has_failed = status == SP_ERECORD || status == SP_ENOMEM;
        (void)cli_fail("the ledger is damaged", diag.text, "`sallyport audit verify` tells how much of it");
    }
    return false;
}

int cli__audit_close(audit_walk *walk)
{
    spl_reader_close(walk->reader);
    sp_arena_fini(&walk->arena);
    return walk->n_bad == 0 ? CLI_OK : CLI_FAILED;
}

sp_status cli__audit_payload(sp_buf *out, audit_walk *walk, const uint8_t secret[32], size_t *n_gone)
{
    for (size_t i = 0; i < walk->record.n_blocks; i++) {
        sp_bytes body;
        const sp_status status = spl_reader_block(walk->reader, walk->record.blocks[i].id, &body);
        if (status == SP_ETRUNCATED) {
            (*n_gone)++;
            continue;
        }
        SP_TRY(status);
        SP_TRY(sp_block_open(out, body, secret));
    }
    return SP_OK;
}

void cli__audit_put_text(sp_buf *out, const char *name, sp_bytes s)
{
    const bool is_text = sp_utf8_valid_prefix(s) == s.n;
    sp_buf_append_byte(out, '"');
    sp_buf_append_str(out, name);
    sp_buf_append_str(out, is_text ? "\":\"" : "_base64url\":\"");
    if (is_text) {
        sp_buf_append_json(out, s);
    } else {
        sp_base64url_append(out, s);
    }
    sp_buf_append_byte(out, '"');
}

void cli__audit_put_act(sp_buf *out, const sp_record *record)
{
    sp_buf_append(out, record->act);
    if (record->act_operator.n > 0) {
        sp_buf_append_str(out, " by ");
        sp_buf_append(out, record->act_operator);
    }
    if (record->stopped_reason.n > 0) {
        sp_buf_append_str(out, ": ");
        sp_buf_append(out, record->stopped_reason);
    }
}

/* ---- tail ---- */

/* One record for people: when, what, whose, where to, how it went. */
static void put_line(sp_buf *out, const sp_record *r, const sp_names *names)
{
    char id[2 * SP_REQUEST_ID_BYTES + 1];
    sp_hex_encode(id, (sp_bytes){r->request_id, sizeof r->request_id});
    sp_time_append(out, r->at_ns);
    sp_buf_append_byte(out, ' ');
    sp_buf_append_str(out, id);
    sp_buf_append_byte(out, ' ');
    sp_buf_append_str(out, sp_record_kind_name(r->kind));
    sp_buf_append_byte(out, ' ');
    if (r->kind == SP_RECORD_ACT) {
        cli__audit_put_act(out, r);
        sp_buf_append_byte(out, '\n');
        return;
    }
    sp_buf_append(out, r->application.n > 0 ? r->application : SP_LIT("-"));
    if (r->kind == SP_RECORD_INTENT || r->kind == SP_RECORD_REFUSAL) {
        sp_buf_append_byte(out, ' ');
        sp_label_append(out, r->label, names);
        sp_buf_append_byte(out, ' ');
        sp_buf_append_str(out, sp_outcome_name((sp_outcome)r->outcome));
    }
    if (r->destination.n > 0) {
        sp_buf_append_str(out, " -> ");
        sp_buf_append(out, r->destination);
    }
    if (r->kind != SP_RECORD_INTENT && r->kind != SP_RECORD_ANSWER) {
        sp_buf_append_byte(out, ' ');
        sp_buf_append_str(out, r->status == SP_OK ? "ok" : sp_error_get((sp_status)r->status)->name);
    }
    sp_buf_append_byte(out, '\n');
}

static int print_record(const audit_walk *walk, const cli_place *place, bool is_json)
{
    sp_arena arena;
    sp_arena_init(&arena, AUDIT_LINE_BYTES);
    sp_buf line = SP_BUF_IN(&arena.mem);
    if (is_json) {
        sp_record_json_append(&line, &walk->record, &place->names);
        sp_buf_append_byte(&line, '\n');
    } else {
        put_line(&line, &walk->record, &place->names);
    }
    const int code = cli_flush(stdout, &line);
    sp_arena_fini(&arena);
    return code;
}

/* How many records to pass over so that `last` are left. */
static int count_to_skip(uint64_t *skip, const char *ledger, uint64_t last)
{
    audit_walk walk;
    uint64_t n = 0;
    int code = cli__audit_open(&walk, ledger);
    while (code == CLI_OK && cli__audit_next(&walk)) {
        n++;
    }
    *skip = n > last ? n - last : 0;
    (void)cli__audit_close(&walk); /* damage is told again, and counts, when the records are printed */
    return code;
}

static int tail(const cli_args *args, const cli_place *place, uint64_t last)
{
    const struct timespec pause = {.tv_nsec = POLL_NS};
    const bool follows = cli_has(args, "follow"), is_json = cli_has(args, "json");
    audit_walk walk;
    uint64_t skip = 0;
    int code = count_to_skip(&skip, place->ledger, last);
    if (code == CLI_OK) {
        code = cli__audit_open(&walk, place->ledger);
    }
    if (code != CLI_OK) {
        return code;
    }
    for (;;) {
        while (code == CLI_OK && cli__audit_next(&walk)) {
            code = skip > 0 ? CLI_OK : print_record(&walk, place, is_json);
            skip -= skip > 0;
        }
        if (code != CLI_OK || walk.has_failed || !follows) {
            break;
        }
        (void)nanosleep(&pause, NULL);
    }
    const int closed = cli__audit_close(&walk);
    return code != CLI_OK ? code : closed;
}

static int tail_place(const cli_args *args, sp_mem *mem)
{
    cli_place place;
    uint64_t last;
    int code = cli__audit_number(&last, args, "last", TAIL_DEFAULT);
    code = code == CLI_OK ? cli_place_find(&place, args, mem) : code;
    return code == CLI_OK ? tail(args, &place, last) : code;
}

static int tail_run(const cli_args *args)
{
    return cli_with_memory(args, CLI_MEMORY_MAX, tail_place);
}

/* ---- export ---- */

/* With the leaf's own bytes, so that hash and record can be checked by somebody else's program. */
static int export_record(audit_walk *walk, const cli_place *place, const uint8_t *secret)
{
    sp_arena arena;
    char hex[65];
    size_t n_gone = 0;
    sp_arena_init(&arena, (size_t)1 << 30);
    sp_buf out = SP_BUF_IN(&arena.mem), payload = SP_BUF_IN(&arena.mem);
    sp_hex_encode(hex, (sp_bytes){walk->entry.leaf_hash, sizeof walk->entry.leaf_hash});
    sp_buf_append_str(&out, "{\"file\":\"");
    sp_buf_append_str(&out, walk->entry.file);
    sp_buf_append_str(&out, "\",\"offset\":");
    sp_buf_append_u64(&out, walk->entry.offset);
    sp_buf_append_str(&out, ",\"seq\":");
    sp_buf_append_u64(&out, walk->entry.seq);
    sp_buf_append_str(&out, ",\"leaf_hash\":\"");
    sp_buf_append_str(&out, hex);
    sp_buf_append_str(&out, "\",\"leaf\":\"");
    sp_base64url_append(&out, walk->entry.leaf);
    sp_buf_append_str(&out, "\",\"record\":");
    sp_record_json_append(&out, &walk->record, &place->names);
    int code = CLI_OK;
    if (secret != NULL && walk->record.n_blocks > 0) {
        const sp_status status = cli__audit_payload(&payload, walk, secret, &n_gone);
        sp_buf_append_byte(&out, ',');
        cli__audit_put_text(&out, "payload", sp_buf_bytes(&payload));
        sp_buf_append_str(&out, ",\"erased_blocks\":");
        sp_buf_append_u64(&out, n_gone);
        code = status == SP_OK ? CLI_OK : cli_fail_status(status, "a payload does not open with this key");
    }
    sp_buf_append_str(&out, "}\n");
    const int flushed = cli_flush(stdout, &out);
    sp_arena_fini(&arena);
    return code != CLI_OK ? code : flushed;
}

static int export_each(const cli_place *place, const char *app, const uint8_t *secret)
{
    audit_walk walk;
    int code = cli__audit_open(&walk, place->ledger);
    if (code != CLI_OK) {
        return code;
    }
    while (code == CLI_OK && cli__audit_next(&walk)) {
        if (app == NULL || sp_bytes_eq(walk.record.application, sp_bytes_of(app))) {
            code = export_record(&walk, place, secret);
        }
    }
    const int closed = cli__audit_close(&walk);
    return code != CLI_OK ? code : closed;
}

static int export_all(const cli_args *args, sp_mem *mem)
{
    cli_place place;
    uint8_t secret[32] = {0};
    const bool wants_payload = cli_has(args, "payload");
    int code = cli_place_find(&place, args, mem);
    code = code == CLI_OK && wants_payload ? cli_seal_key(secret, &place) : code;
    if (code != CLI_OK) {
        return code;
    }
    code = export_each(&place, cli_value(args, "app"), wants_payload ? secret : NULL);
    sp_wipe(secret, sizeof secret);
    return code;
}

static int export_run(const cli_args *args)
{
    return cli_with_memory(args, CLI_MEMORY_MAX, export_all);
}

/* ---- the table ---- */

static const cli_option list_options[] = {
    CLI_OPTION_CONF,
    CLI_OPTION_STATE,
    {"last", 'n', "N", "how many requests (default: 20; 0: all)"},
    {"app", 0, "NAME", "only those of this application"},
    {"outcome", 0, "WORD", "only allow, reroute, deny, failed, open, lost or act (of an operator)"},
    CLI_OPTION_JSON,
    CLI_OPTIONS_END,
};
static const cli_option show_options[] = {
    CLI_OPTION_CONF,
    CLI_OPTION_STATE,
    {"payload", 0, NULL, "open prompt and answer; needs the private key of the state folder"},
    CLI_OPTION_JSON,
    CLI_OPTIONS_END,
};
static const cli_option tail_options[] = {
    CLI_OPTION_CONF,
    CLI_OPTION_STATE,
    {"follow", 'f', NULL, "go on with what is recorded from now on"},
    {"last", 'n', "N", "how many records to begin with (default: 10)"},
    CLI_OPTION_JSON,
    CLI_OPTIONS_END,
};
static const cli_option verify_options[] = {
    CLI_OPTION_CONF,
    CLI_OPTION_STATE,
    {"heads", 0, "FILE", "compare the end of each slot with this copy of STATE/heads"},
    CLI_OPTION_JSON,
    CLI_OPTIONS_END,
};
static const cli_option export_options[] = {
    CLI_OPTION_CONF,
    CLI_OPTION_STATE,
    {"app", 0, "NAME", "only records of this application"},
    {"payload", 0, NULL, "with prompts and answers; needs the private key of the state folder"},
    CLI_OPTIONS_END,
};

static const cli_command audit_commands[] = {
    {
        .name = "list",
        .run = cli__audit_list,
        .usage = "[--last N] [--app NAME] [--outcome WORD] [--json]",
        .summary = "list requests, and what operators did",
        .help = "One line per try of a request and per act of an operator, oldest first. --json: one object "
                "per line.\n"
                "\n"
                "    sallyport audit list --last 50 --outcome deny\n"
                "    sallyport audit list --json | jq -r 'select(.tier == \"cloud\") | .request_id'\n",
        .options = list_options,
    },
    {
        .name = "show",
        .run = cli__audit_show,
        .usage = "ID [--payload] [--json]",
        .summary = "show all records of a request",
        .help =
            "ID is a request id, or its beginning if no other starts like it. Prompt and answer are sealed; "
            "--payload opens them\nfor those who may read the state folder's private key.\n"
            "\n"
            "    sallyport audit show 0199c3a1b2\n"
            "    sallyport audit show 0199c3a1b2 --json --payload | jq -r .answer\n",
        .options = show_options,
        .min_words = 1,
        .max_words = 1,
    },
    {
        .name = "tail",
        .run = tail_run,
        .usage = "[-f] [-n N] [--json]",
        .summary = "print the newest records, and follow",
        .help = "Records as they were written, one per line.\n"
                "\n"
                "    sallyport audit tail -f\n"
                "    sallyport audit tail -f -n 0 --json\n",
        .options = tail_options,
    },
    {
        .name = "verify",
        .run = cli__audit_verify,
        .usage = "[DIR] [--heads FILE] [--json]",
        .summary = "check every frame, the chains, each block, and that nothing was cut off",
        .help =
            "Needs no key, changes nothing, and works on a copy (DIR) as on a log that is being written. "
            "Exit code 1: damage; the\nfirst is named with file, offset and record.\n"
            "\n"
            "That the newest records were cut off shows against what the state keeps (STATE/heads). Whoever "
            "can write the state\ncan write that too: copy it to another place now and then, and compare "
            "with the copy. A DIR is compared with\nnothing unless --heads is given: take the copy of heads "
            "first, then that of the ledger.\n"
            "\n"
            "    sallyport audit verify\n"
            "    sallyport audit verify --heads /elsewhere/heads\n"
            "    sallyport audit verify /backup/ledger --heads /backup/heads --json\n",
        .options = verify_options,
        .max_words = 1,
    },
    {
        .name = "export",
        .run = export_run,
        .usage = "[--app NAME] [--payload]",
        .summary = "print all records as lines of JSON",
        .help =
            "Each line has the record, the bytes of its leaf (base64url) and the hash of the leaf, so that "
            "others can check it.\n"
            "\n"
            "    sallyport audit export > records.jsonl\n",
        .options = export_options,
    },
    {.name = NULL},
};

const cli_command cli_audit = {
    .name = "audit",
    .usage = "list|show|tail|verify|export ...",
    .summary = "look at the records and check them",
    .help = "Every request is recorded before anything leaves, and every answer before it is finished.\n"
            "\n"
            "    sallyport audit list\n"
            "    sallyport audit verify\n",
    .subs = audit_commands,
};
