/* `sallyport audit show`: all records of one request; its content for those who hold the private key. */
#include <string.h>

#include "cli/audit_internal.h"

enum { ID_DIGITS = 2 * SP_REQUEST_ID_BYTES, ID_DIGITS_MIN = 4, PAYLOADS_MAX = 1 << 30 };

typedef struct showing {
    const cli_place *place;
    const char *wanted; /* lower-case hexadecimal, the beginning of an id */
    bool is_json, wants_payload;
    uint8_t secret[32];
    char id[ID_DIGITS + 1]; /* of the request that was found */
    size_t n_records, n_gone;
    bool is_ambiguous;
    sp_buf records;         /* JSON or text */
    sp_buf request, answer; /* content so far */
} showing;

static bool is_wanted(showing *s, const sp_record *record)
{
    char id[ID_DIGITS + 1];
    sp_hex_encode(id, (sp_bytes){record->request_id, sizeof record->request_id});
    if (strncmp(id, s->wanted, strlen(s->wanted)) != 0) {
        return false;
    }
    if (s->n_records > 0 && strcmp(id, s->id) != 0) {
        s->is_ambiguous = true;
        return false;
    }
    memcpy(s->id, id, sizeof id);
    return true;
}

/* ---- text ---- */

static void put_name(sp_buf *out, const char *name)
{
    sp_buf_append_str(out, "  ");
    sp_buf_append_str(out, name);
    for (size_t i = strlen(name); i < 14; i++) {
        sp_buf_append_byte(out, ' ');
    }
}

static void put_field(sp_buf *out, const char *name, sp_bytes value)
{
    if (value.n > 0) {
        put_name(out, name);
        sp_buf_append(out, value);
        sp_buf_append_byte(out, '\n');
    }
}

static void put_number(sp_buf *out, const char *name, uint64_t n)
{
    if (n > 0) {
        put_name(out, name);
        sp_buf_append_u64(out, n);
        sp_buf_append_byte(out, '\n');
    }
}

static void put_atoms(sp_buf *out, const sp_record *r)
{
    static const char *const sources[] = {"unknown",
                                          [SP_ATOM_USE_CASE] = "use case",
                                          [SP_ATOM_DETECTOR] = "found",
                                          [SP_ATOM_ORIGIN] = "origin",
                                          [SP_ATOM_USE] = "use of",
                                          [SP_ATOM_SOURCE] = "source",
                                          [SP_ATOM_FLOOR] = "floor",
                                          [SP_ATOM_HANDLING] = "handling",
                                          [SP_ATOM_OVERDUE] = "overdue",
                                          [SP_ATOM_TOLD] = "told before",
                                          [SP_ATOM_ENDORSED] = "endorsed by",
                                          [SP_ATOM_ECHO] = "echo of"};
    for (size_t i = 0; i < r->n_atoms; i++) {
        const sp_record_atom *a = &r->atoms[i];
        const bool is_kind = a->source == SP_ATOM_DETECTOR || a->source == SP_ATOM_ECHO;
        const sp_kind_info *kind = is_kind ? sp_kind_get((sp_kind)a->kind) : NULL;
        sp_bytes place = a->place;
        put_name(out, "atom");
        const char *source = a->source < sizeof sources / sizeof sources[0] ? sources[a->source] : NULL;
        sp_buf_append_str(out, source != NULL ? source : "unknown");
        if (kind != NULL) {
            sp_buf_append_byte(out, ' ');
            sp_buf_append_str(out, kind->name);
            sp_buf_append_str(out, " x");
            sp_buf_append_u64(out, a->count);
        }
        if (is_kind && a->kind == SP_KIND_OWN) {
            sp_bytes name = sp_record_atom_name(a, &place);
            const sp_bytes rule = sp_record_atom_rule(&name);
            sp_buf_append_byte(out, ' ');
            sp_buf_append(out, name);
            sp_buf_append_str(out, " x");
            sp_buf_append_u64(out, a->count);
            sp_buf_append_str(out, rule.n > 0 ? ", allowed by " : "");
            sp_buf_append(out, rule);
        }
        if (place.n > 0) {
            sp_buf_append_str(out, " at ");
            sp_buf_append(out, place);
        }
        sp_buf_append_byte(out, '\n');
    }
}

static void put_candidates(sp_buf *out, const sp_record *r)
{
    for (size_t i = 0; i < r->n_candidates; i++) {
        const sp_record_candidate *c = &r->candidates[i];
        put_name(out, "candidate");
        sp_buf_append(out, c->destination);
        sp_buf_append_str(out, ": ");
        sp_buf_append_str(out, sp_reason_name((sp_reason)c->reason));
        if (c->part != SP_PART_NONE) {
            sp_buf_append_byte(out, ' ');
            sp_buf_append_str(out, sp_label_part_name((sp_label_part)c->part));
        }
        sp_buf_append_byte(out, '\n');
    }
}

static uint64_t plain_bytes(const sp_record *r)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < r->n_blocks; i++) {
        bytes += r->blocks[i].bytes;
    }
    return bytes;
}

/* Flat: what a record of any kind may have, in the order in which people ask. */
static void put_text(sp_buf *out, const sp_record *r, const sp_names *names)
{
    const bool is_decision = r->kind == SP_RECORD_INTENT || r->kind == SP_RECORD_REFUSAL;
    sp_buf_append_str(out, cli_colour_code(stdout, CLI_BOLD));
    sp_buf_append_str(out, sp_record_kind_name(r->kind));
    sp_buf_append_str(out, cli_colour_code(stdout, CLI_PLAIN));
    sp_buf_append_byte(out, ' ');
    sp_time_append(out, r->at_ns);
    sp_buf_append_byte(out, '\n');
    put_number(out, "try", r->attempt);
    put_field(out, "act", r->act);
    put_field(out, "operator", r->act_operator);
    put_field(out, "reason", r->stopped_reason);
    put_field(out, "application", r->application);
    put_field(out, "use case", r->use_case);
    put_field(out, "model", r->model);
    put_field(out, "destination", r->destination);
    put_field(out, "their model", r->destination_model);
    put_field(out, "region", r->region);
    put_field(out, "tier", sp_bytes_of(sp_tier_name((sp_tier)r->tier)));
    if (is_decision) {
        put_name(out, "label");
        sp_label_append(out, r->label, names);
        sp_buf_append_byte(out, '\n');
        put_field(out, "decision", sp_bytes_of(sp_outcome_name((sp_outcome)r->outcome)));
    }
    put_atoms(out, r);
    put_candidates(out, r);
    if (r->kind != SP_RECORD_INTENT && r->kind != SP_RECORD_ANSWER && r->kind != SP_RECORD_ACT) {
        put_field(out, "status",
                  sp_bytes_of(r->status == SP_OK ? "ok" : sp_error_get((sp_status)r->status)->name));
    }
    put_number(out, "http status", r->http_status);
    put_number(out, "upstream", r->upstream_status);
    put_field(out, "parameters", r->parameters);
    put_field(out, "answer model", r->answer_model);
    put_field(out, "answer id", r->answer_id);
    put_field(out, "version", r->answer_version);
    put_field(out, "finish", r->finish);
    put_number(out, "tokens in", r->tokens_in);
    put_number(out, "tokens out", r->tokens_out);
    put_number(out, "events", r->n_events);
    put_number(out, "tool calls", r->n_tool_calls);
    put_number(out, "total us", r->total_us);
    put_number(out, "generation", r->generation);
    put_number(out, "sealed blocks", r->n_blocks);
    put_number(out, "sealed bytes", plain_bytes(r));
}

/* ---- collecting ---- */

/* Content of the last try: what an earlier one sent is the same request, and its answer did not reach the
 * client. */
static int take_payload(showing *s, audit_walk *walk)
{
    const sp_record *r = &walk->record;
    const bool is_request = r->kind == SP_RECORD_INTENT || r->kind == SP_RECORD_REFUSAL;
    if (is_request) {
        s->request.n = s->answer.n = 0;
    }
    const sp_status status =
        cli__audit_payload(is_request ? &s->request : &s->answer, walk, s->secret, &s->n_gone);
    return status == SP_OK ? CLI_OK : cli_fail_status(status, "a payload does not open with this key");
}

static int take(showing *s, audit_walk *walk)
{
    if (s->is_json) {
        sp_buf_append_str(&s->records, s->n_records > 0 ? "," : "");
        sp_record_json_append(&s->records, &walk->record, &s->place->names);
    } else {
        put_text(&s->records, &walk->record, &s->place->names);
    }
    s->n_records++;
    return s->wants_payload ? take_payload(s, walk) : CLI_OK;
}

static int collect(showing *s)
{
    audit_walk walk;
    int code = cli__audit_open(&walk, s->place->ledger);
    if (code != CLI_OK) {
        return code;
    }
    while (code == CLI_OK && !s->is_ambiguous && cli__audit_next(&walk)) {
        if (is_wanted(s, &walk.record)) {
            code = take(s, &walk);
        }
    }
    const int closed = cli__audit_close(&walk);
    return code != CLI_OK ? code : closed;
}

/* ---- printing ---- */

static int print_json(showing *s, sp_mem *mem)
{
    sp_buf out = SP_BUF_IN(mem);
    sp_buf_append_byte(&out, '{');
    cli__audit_put_text(&out, "request_id", sp_bytes_of(s->id));
    sp_buf_append_str(&out, ",\"records\":[");
    sp_buf_append(&out, sp_buf_bytes(&s->records));
    sp_buf_append_byte(&out, ']');
    if (s->wants_payload) {
        sp_buf_append_byte(&out, ',');
        cli__audit_put_text(&out, "request", sp_buf_bytes(&s->request));
        sp_buf_append_byte(&out, ',');
        cli__audit_put_text(&out, "answer", sp_buf_bytes(&s->answer));
        sp_buf_append_str(&out, ",\"erased_blocks\":");
        sp_buf_append_u64(&out, s->n_gone);
    }
    sp_buf_append_str(&out, "}\n");
    if (out.status == SP_OK && s->records.status != SP_OK) {
        out.status = s->records.status;
    }
    return cli_flush(stdout, &out);
}

static void print_payload(const char *title, const sp_buf *content)
{
    if (content->n > 0) {
        (void)printf("%s%s%s\n", cli_colour_code(stdout, CLI_BOLD), title,
                     cli_colour_code(stdout, CLI_PLAIN));
        /* Somebody else's text: nothing in it may write to the terminal. */
        cli_write_safe(stdout, sp_buf_bytes(content), true);
        (void)putchar('\n');
    }
}

static int print_text(showing *s)
{
    (void)printf("request %s\n", s->id);
    const int code = cli_flush(stdout, &s->records);
    if (code == CLI_OK && s->wants_payload) {
        print_payload("request", &s->request);
        print_payload("answer", &s->answer);
        if (s->n_gone > 0) {
            (void)printf("%zu blocks were erased\n", s->n_gone);
        }
    }
    return code;
}

static int show_request(showing *s, sp_mem *mem)
{
    if (s->wants_payload && cli_seal_key(s->secret, s->place) != CLI_OK) {
        return CLI_FAILED;
    }
    const int code = collect(s);
    if (s->is_ambiguous) {
        return cli_fail("several requests start like this", s->wanted, "give more digits");
    }
    if (s->n_records == 0) {
        return code != CLI_OK ? code : cli_fail("no such request in the ledger", s->wanted, NULL);
    }
    const int printed = s->is_json ? print_json(s, mem) : print_text(s);
    return code != CLI_OK ? code : printed;
}

static int show(const cli_args *args, sp_mem *mem)
{
    cli_place place;
    char wanted[ID_DIGITS + 1] = "";
    const size_t n = strlen(args->words[0]);
    if (n < ID_DIGITS_MIN || n > ID_DIGITS || strspn(args->words[0], "0123456789abcdefABCDEF") != n) {
        return cli_misuse(args->command, "not a request id (4 to 32 hexadecimal digits)", args->words[0]);
    }
    for (size_t i = 0; i < n; i++) {
        const char c = args->words[0][i];
        wanted[i] = (char)(c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);
    }
    int code = cli_place_find(&place, args, mem);
    if (code != CLI_OK) {
        return code;
    }
    showing s = {
        .place = &place,
        .wanted = wanted,
        .is_json = cli_has(args, "json"),
        .wants_payload = cli_has(args, "payload"),
        .records = SP_BUF_IN(mem),
        .request = SP_BUF_IN(mem),
        .answer = SP_BUF_IN(mem),
    };
    code = show_request(&s, mem);
    sp_wipe(s.secret, sizeof s.secret);
    return code;
}

int cli__audit_show(const cli_args *args)
{
    return cli_with_memory(args, CLI_MEMORY_MAX + PAYLOADS_MAX, show);
}
