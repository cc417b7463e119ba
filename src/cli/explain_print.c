/* One request told from its records: who asked, what was found, why it went where it went, what came of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/explain.h"
#include "cli/table.h"

static const char *const origin_names[] = {"unknown", "application", "user", "model", "tool"};

#define NAME_OF(list, i) ((size_t)(i) < sizeof(list) / sizeof((list)[0]) ? (list)[i] : "unknown")

/* ---- pieces ---- */

static void put(sp_buf *out, const char *text)
{
    sp_buf_append_str(out, text);
}

static void put_field(sp_buf *out, const char *name)
{
    char text[32];
    (void)snprintf(text, sizeof text, "  %-12.20s ", name);
    put(out, text);
}

/* A name and its value, when there is one. */
static void put_known(sp_buf *out, const char *before, sp_bytes value)
{
    if (value.n > 0) {
        put(out, before);
        sp_buf_append(out, value);
    }
}

static void put_counted(sp_buf *out, const char *before, uint64_t value, const char *after)
{
    if (value > 0) {
        put(out, before);
        sp_buf_append_u64(out, value);
        put(out, after);
    }
}

static void put_id(sp_buf *out, const uint8_t *id, size_t n)
{
    char text[65];
    sp_hex_encode(text, (sp_bytes){id, n});
    put(out, text);
}

static void put_span(sp_buf *out, const char *name, uint32_t us)
{
    char text[64];
    if (us > 0) {
        (void)snprintf(text, sizeof text, "%s%.1f ms", name, (double)us / 1000);
        put(out, text);
    }
}

/* ---- the request and its label ---- */

static void put_caller(sp_buf *out, const sp_record *r, bool is_dry)
{
    put_field(out, "caller");
    put(out, "application ");
    sp_buf_append(out, r->application);
    put_known(out, ", use case ", r->use_case);
    put_known(out, ", for ", r->subject);
    put_known(out, ", drawing on ", r->sources);
    if (!is_dry) {
        put(out, ", key ");
        put_id(out, r->key_id, sizeof r->key_id);
    }
    put(out, "\n");
    put_field(out, "asked for");
    put_known(out, "model ", r->model.n > 0 ? r->model : SP_LIT("(none that is configured)"));
    if (r->dialect != 0) {
        put(out, " in ");
        put(out, sp_dialect_name(sp_dialect_get((sp_dialect_id)r->dialect)));
    }
    if (r->operation != 0 && r->operation != SP_OP_GENERATE) {
        put(out, ", to ");
        put(out, sp_operation_name((sp_operation)r->operation));
    }
    put(out, r->is_stream ? ", streamed" : ", whole");
    put_counted(out, ", ", r->bytes_in, " bytes");
    put_known(out, "; ", r->parameters);
    put(out, "\n");
}

static void put_finding(sp_buf *out, const sp_record_atom *a, const sp_names *names, sp_bytes *place)
{
    const sp_kind_info *kind = sp_kind_get((sp_kind)a->kind);
    if (a->kind == SP_KIND_OWN) {
        sp_bytes name = sp_record_atom_name(a, place);
        const sp_bytes rule = sp_record_atom_rule(&name);
        sp_buf_append(out, name);
        if (rule.n > 0) {
            put(out, ", allowed by ");
            sp_buf_append(out, rule);
            return;
        }
        put(out, " (a detector of your own, ");
        sp_buf_append(out, names->level[a->level & SP_LEVEL_MAX]);
        put(out, ")");
        return;
    }
    put(out, kind != NULL ? kind->name : "unknown kind");
    if (kind == NULL) {
        return;
    }
    put(out, " (");
    if (kind->category == SP_CAT_NONE) {
        put(out, kind->meaning);
        put_counted(out, ", confidence ", a->confidence, "");
    } else {
        sp_buf_append(out, names->category[kind->category]);
        put(out, ", ");
        sp_buf_append(out, names->level[kind->level]);
    }
    put(out, ")");
}

/* Of something that has a name and a level of its own. */
static void put_brought(sp_buf *out, const sp_record_atom *a, const sp_names *names)
{
    sp_buf_append(out, a->place);
    put(out, " brings ");
    sp_buf_append(out, names->level[a->level & SP_LEVEL_MAX]);
    put(out, "\n");
}

/* The name before the blank; what is behind it stays. */
static sp_bytes cut_name(sp_bytes *text)
{
    const uint8_t *blank = text->n > 0 ? memchr(text->p, ' ', text->n) : NULL;
    const size_t n = blank != NULL ? (size_t)(blank - text->p) : text->n;
    const sp_bytes name = sp_bytes_sub(*text, 0, n);
    *text = sp_bytes_sub(*text, n + 1, text->n);
    return name;
}

static void put_atom(sp_buf *out, const sp_record_atom *a, const sp_names *names)
{
    sp_bytes place = a->place;
    switch (a->source) {
    case SP_ATOM_USE_CASE:
        put(out, "use case ");
        put_brought(out, a, names);
        return;
    case SP_ATOM_SOURCE:
        put(out, "data source ");
        put_brought(out, a, names);
        return;
    case SP_ATOM_FLOOR:
        put(out,
            a->kind == SP_FLOOR_SUBJECT ? "the person's floor brings " : "the application's floor brings ");
        sp_buf_append(out, names->level[a->level & SP_LEVEL_MAX]);
        break;
    case SP_ATOM_HANDLING:
        put(out, "what category ");
        sp_buf_append(out, names->category[a->kind & 63]);
        put(out, " carries");
        break;
    case SP_ATOM_OVERDUE:
        put(out, "past its review: use case ");
        put_brought(out, a, names);
        return;
    case SP_ATOM_TOLD:
        sp_buf_append(out, names->level[a->level & SP_LEVEL_MAX]);
        put(out, " by an answer that was given before, found again");
        break;
    case SP_ATOM_DETECTOR:
        put(out, "found: ");
        put_finding(out, a, names, &place);
        break;
    case SP_ATOM_ECHO:
        put(out, "the request held it too: ");
        put_finding(out, a, names, &place);
        break;
    case SP_ATOM_ORIGIN:
        put(out, "text that nobody vouches for, from ");
        put(out, NAME_OF(origin_names, a->kind));
        break;
    case SP_ATOM_ENDORSED:
        put(out, "a tool's result, vouched for by endorser ");
        sp_buf_append(out, cut_name(&place));
        break;
    case SP_ATOM_USE:
        put(out, cli_field_name(a->kind));
        put(out, " content");
        break;
    default:
        put(out, "something that this version does not know");
    }
    put_counted(out, ", ", a->count > 1 ? a->count : 0, " times, first");
    put_known(out, " in ", place);
    if (a->end > a->start) {
        put(out, ", bytes ");
        sp_buf_append_u64(out, a->start);
        put(out, " to ");
        sp_buf_append_u64(out, a->end);
    }
    put(out, "\n");
}

static void put_label(sp_buf *out, const sp_record *r, const sp_names *names)
{
    put_field(out, "label");
    sp_label_append(out, r->label, names);
    put(out, "\n");
    if (r->declassifier.n > 0) {
        put_field(out, "before");
        sp_label_append(out, r->label_before, names);
        put(out, ", declassified by ");
        sp_buf_append(out, r->declassifier);
        put(out, "\n");
    }
    for (size_t i = 0; i < r->n_atoms; i++) {
        put_field(out, i == 0 ? "because" : "");
        put_atom(out, &r->atoms[i], names);
    }
}

/* ---- the decision ---- */

static void put_reason(sp_buf *out, const sp_record_candidate *c)
{
    switch (c->reason) {
    case SP_REASON_TAKEN:
        put(out, "taken");
        return;
    case SP_REASON_NOT_REACHED:
        put(out, "would do too; an earlier one was taken");
        return;
    case SP_REASON_FLOW:
        put(out, "passed over: the label does not flow there, by its ");
        put(out, sp_label_part_name((sp_label_part)c->part));
        return;
    case SP_REASON_PERMIT:
        put(out, "passed over: may not have content of kind ");
        put(out, cli_field_name(c->field));
        return;
    case SP_REASON_DIALECT:
        put(out, "passed over: speaks another dialect");
        return;
    case SP_REASON_TRIED:
        put(out, "passed over: failed in an earlier try of this request");
        return;
    case SP_REASON_ADDRESS:
        put(out, "passed over: its name has no address");
        return;
    case SP_REASON_STOPPED:
        put(out, "passed over: an operator had paused it");
        return;
    case SP_REASON_AWAY:
        put(out, "passed over: failed too often lately, or asked to wait");
        return;
    default:
        put(out, sp_reason_name((sp_reason)c->reason));
    }
}

static void put_decision(sp_buf *out, const sp_record *r)
{
    put_field(out, "decision");
    put(out, sp_outcome_name((sp_outcome)r->outcome));
    if (r->status != SP_OK) {
        put(out, ": ");
        put(out, sp_error_get((sp_status)r->status)->name);
        put(out, ", ");
        put(out, sp_error_get((sp_status)r->status)->sentence);
    }
    put_counted(out, ", by generation ", r->generation, "");
    put_span(out, ", in ", r->decide_us);
    put(out, "\n");
    for (size_t i = 0; i < r->n_candidates; i++) {
        put_field(out, i == 0 ? "candidates" : "");
        sp_buf_append_u64(out, i + 1);
        put(out, " ");
        sp_buf_append(out, r->candidates[i].destination);
        put(out, " [");
        put(out, sp_tier_name((sp_tier)r->candidates[i].tier));
        put(out, "]: ");
        put_reason(out, &r->candidates[i]);
        put(out, "\n");
    }
    if (r->missing.n > 0) {
        put_field(out, "missing");
        sp_buf_append(out, r->missing);
        put(out, "\n");
    }
}

/* ---- what came of it ---- */

static void put_attempt(sp_buf *out, const sp_record *r)
{
    char name[24];
    (void)snprintf(name, sizeof name, "try %u", r->attempt);
    put_field(out, name);
    put(out, "to ");
    sp_buf_append(out, r->destination);
    put(out, " [");
    put(out, sp_tier_name((sp_tier)r->tier));
    put(out, "]");
    put_known(out, ", model ", r->destination_model);
    put_known(out, ", region ", r->region);
    put(out, "\n");
}

static void put_usage(sp_buf *out, const sp_record *r)
{
    put_field(out, "");
    put_counted(out, "", r->tokens_in, " tokens in, ");
    put_counted(out, "", r->tokens_out, " tokens out, ");
    put_counted(out, "", r->tokens_cached, " of the input cached, ");
    put_counted(out, "", r->n_events, " events, ");
    put_counted(out, "", r->n_tool_calls, " tool calls, ");
    sp_buf_append_u64(out, r->bytes_in);
    put(out, " bytes came, ");
    sp_buf_append_u64(out, r->bytes_out);
    put(out, " were handed out\n");
}

static void put_outcome(sp_buf *out, const sp_record *r, const sp_names *names)
{
    put_field(out, "outcome");
    put(out, r->status == SP_OK ? "ok" : sp_error_get((sp_status)r->status)->name);
    put_counted(out, ", HTTP ", r->http_status, "");
    put_counted(out, ", the destination said ", r->upstream_status, "");
    put_known(out, ", finish ", r->finish);
    put_known(out, ", model ", r->answer_model);
    put_known(out, ", version ", r->answer_version);
    put_known(out, ", id ", r->answer_id);
    put_span(out, "; first byte after ", r->upstream_first_us);
    put_span(out, ", whole after ", r->total_us);
    put(out, "\n");
    put_usage(out, r);
    if (r->answer_label.level > 0 || r->answer_label.categories != 0) {
        put_field(out, "answer");
        sp_label_append(out, r->answer_label, names);
        put(out, "\n");
    }
    for (size_t i = 0; i < r->n_atoms; i++) {
        put_field(out, i == 0 ? "in the answer" : "");
        put_atom(out, &r->atoms[i], names);
    }
}

static void put_record(sp_buf *out, const cli_story *story, size_t i)
{
    const sp_record *r = &story->records[i];
    switch (r->kind) {
    case SP_RECORD_INTENT:
    case SP_RECORD_REFUSAL:
        if (i == 0) {
            put_caller(out, r, story->is_dry);
            put_label(out, r, story->names);
        }
        put_decision(out, r);
        if (r->kind == SP_RECORD_INTENT && !story->is_dry) {
            put_attempt(out, r);
        }
        return;
    case SP_RECORD_ANSWER:
        put_field(out, "answer");
        sp_buf_append_u64(out, r->n_tool_calls);
        put(out, " tool calls so far, made durable before they were handed out\n");
        return;
    case SP_RECORD_OUTCOME:
        put_outcome(out, r, story->names);
        return;
    default:
        put_field(out, "outcome");
        put(out, sp_error_get(SP_ELOST)->sentence);
        put(out, "\n");
    }
}

void cli_story_append(sp_buf *out, const cli_story *story)
{
    if (story->is_dry) {
        put(out, "decided just now; nothing was sent and nothing was recorded\n");
    } else {
        put(out, "request ");
        put_id(out, story->records[0].request_id, SP_REQUEST_ID_BYTES);
        put(out, ", ");
        sp_time_append(out, story->records[0].at_ns);
        put(out, "\n");
    }
    for (size_t i = 0; i < story->n; i++) {
        put_record(out, story, i);
    }
}

void cli_story_append_json(sp_buf *out, const cli_story *story)
{
    put(out, "{\"records\":[");
    for (size_t i = 0; i < story->n; i++) {
        put(out, i > 0 ? ",\n" : "");
        sp_record_json_append(out, &story->records[i], story->names);
    }
    put(out, "]}\n");
}

int cli_story_print(const cli_args *args, const cli_story *story, sp_mem *mem)
{
    sp_buf out = SP_BUF_IN(mem);
    if (cli_has(args, "json")) {
        cli_story_append_json(&out, story);
        return cli_flush(stdout, &out);
    }
    cli_story_append(&out, story);
    if (out.status != SP_OK) {
        return cli_fail_status(out.status, NULL);
    }
    cli_write_safe(stdout, sp_buf_bytes(&out), true);
    return CLI_OK;
}
