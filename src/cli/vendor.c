/* `sallyport vendor`: what is known of vendors, on what evidence and until when. */
#include "cli/edit_file.h"
#include "cli/entries.h"
#include "cli/table.h"
#include "conf/lapse.h"
#include "conf/nearest.h"

enum { NAME_COLUMN = 16, SEAT_COLUMN = 5, COUNT_COLUMN = 9, DATE_COLUMN = 26, FACT_COLUMN = 20 };

/* ---- what holds ---- */

static bool holds(const spc_span *span, uint64_t now_s)
{
    return span->from_s <= now_s && now_s < span->until_s;
}

static size_t count_holding(const spc_statements *list, uint64_t now_s)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        n += holds(&list->v[i].span, now_s);
    }
    return n;
}

/* The statement that ends next; NULL: none that holds. */
static const spc_statement *next_to_end(const spc_statements *list, uint64_t now_s)
{
    const spc_statement *next = NULL;
    for (size_t i = 0; i < list->n; i++) {
        const spc_statement *s = &list->v[i];
        if (holds(&s->span, now_s) && (next == NULL || s->span.until_s < next->span.until_s)) {
            next = s;
        }
    }
    return next;
}

static const char *state_of(const spc_span *span, uint64_t now_s)
{
    return holds(span, now_s) ? "holds" : now_s < span->from_s ? "begins later" : "lapsed";
}

/* ---- for people ---- */

static void put_assessment(sp_buf *out, const spc_vendor *v, uint64_t now_s)
{
    if (v->assessment.until_s == 0) {
        sp_buf_append_str(out, "never");
        return;
    }
    if (now_s < v->assessment.from_s) {
        sp_buf_append_str(out, "from ");
        cli_put_moment_from(out, v->assessment.from_s, now_s);
    } else if (now_s >= v->assessment.until_s) {
        sp_buf_append_str(out, "too old since ");
        cli_put_moment_from(out, v->assessment.until_s, now_s);
    } else if (!spc_vendor_is_assessed(v, now_s)) {
        sp_buf_append_str(out, "counts no longer: a fact has lapsed since");
    } else {
        sp_buf_append_str(out, "good until ");
        cli_put_moment_from(out, v->assessment.until_s, now_s);
    }
}

static void put_line(sp_buf *out, const spc_conf *conf, size_t i, uint64_t now_s)
{
    const spc_vendor *v = &conf->vendors.v[i];
    sp_buf number = SP_BUF_IN(out->mem);
    const spc_statement *next = next_to_end(&v->facts, now_s);
    sp_buf_append_u64(&number, count_holding(&v->facts, now_s));
    sp_buf_append_str(&number, " of ");
    sp_buf_append_u64(&number, v->facts.n);
    cli_put_column(out, v->name.v, NAME_COLUMN);
    cli_put_column(out, v->legal_seat.v, SEAT_COLUMN);
    cli_put_column(out, sp_buf_bytes(&number), COUNT_COLUMN);
    if (next != NULL) {
        cli_put_column(out, next->name.v, FACT_COLUMN);
        sp_buf_append_str(out, "until ");
        cli_put_moment_from(out, next->span.until_s, now_s);
    }
    sp_buf_append_byte(out, '\n');
}

static void put_statement(sp_buf *out, const spc_statement *s, uint64_t now_s)
{
    sp_buf until = SP_BUF_IN(out->mem);
    cli_put_moment_from(&until, s->span.until_s, now_s);
    sp_buf_append_str(out, "    ");
    cli_put_column(out, s->name.v, FACT_COLUMN);
    cli_put_column(out, sp_bytes_of(state_of(&s->span, now_s)), SEAT_COLUMN + 7);
    cli_put_column(out, sp_buf_bytes(&until), DATE_COLUMN);
    sp_buf_append(out, s->evidence.v);
    sp_buf_append_str(out, " (");
    sp_buf_append(out, s->source.v);
    sp_buf_append_str(out, ", ");
    sp_buf_append(out, s->signer.v);
    sp_buf_append_str(out, ")\n");
}

static void put_statements(sp_buf *out, const spc_statements *list, uint64_t now_s)
{
    for (size_t i = 0; i < list->n; i++) {
        put_statement(out, &list->v[i], now_s);
    }
}

static void put_whole(sp_buf *out, const spc_conf *conf, size_t i, uint64_t now_s)
{
    const spc_vendor *v = &conf->vendors.v[i];
    sp_buf_append(out, v->name.v);
    sp_buf_append_byte(out, '\n');
    cli_put_field(out, "seat");
    sp_buf_append(out, v->legal_seat.v);
    sp_buf_append_byte(out, '\n');
    cli_put_field(out, "compelled by");
    cli_put_places(out, v->law);
    sp_buf_append_byte(out, '\n');
    cli_put_field(out, "assessment");
    put_assessment(out, v, now_s);
    sp_buf_append_byte(out, '\n');
    cli_put_field(out, "destinations");
    for (size_t k = 0; k < conf->destinations.n; k++) {
        if (conf->destinations.v[k].vendor_index == (int)i) {
            sp_buf_append(out, conf->destinations.v[k].name.v);
            sp_buf_append_byte(out, ' ');
        }
    }
    sp_buf_append_str(out, "\n  facts\n");
    put_statements(out, &v->facts, now_s);
    for (size_t k = 0; k < conf->destinations.n; k++) {
        const spc_destination *d = &conf->destinations.v[k];
        if (d->vendor_index == (int)i && d->facts.n > 0) {
            sp_buf_append_str(out, "  facts of ");
            sp_buf_append(out, d->name.v);
            sp_buf_append_byte(out, '\n');
            put_statements(out, &d->facts, now_s);
        }
    }
}

/* ---- for programs ---- */

static void put_json_statement(sp_buf *out, const spc_statement *s, uint64_t now_s)
{
    cli_json_open(out, NULL, '{');
    cli_json_text(out, "fact", s->name.v);
    cli_json_bool(out, "holds", holds(&s->span, now_s));
    cli_json_moment(out, "from", s->span.from_s);
    cli_json_moment(out, "until", s->span.until_s);
    cli_json_text(out, "evidence", s->evidence.v);
    cli_json_text(out, "source", s->source.v);
    cli_json_text(out, "signer", s->signer.v);
    sp_buf_append_byte(out, '}');
}

static void put_json_statements(sp_buf *out, const spc_statements *list, uint64_t now_s)
{
    cli_json_open(out, "facts", '[');
    for (size_t i = 0; i < list->n; i++) {
        put_json_statement(out, &list->v[i], now_s);
    }
    sp_buf_append_byte(out, ']');
}

static void put_json(sp_buf *out, const spc_conf *conf, size_t i, uint64_t now_s)
{
    const spc_vendor *v = &conf->vendors.v[i];
    cli_json_open(out, NULL, '{');
    cli_json_text(out, "name", v->name.v);
    cli_json_text(out, "legal_seat", v->legal_seat.v);
    cli_json_places(out, "compelled_by", v->law);
    cli_json_moment(out, "assessed", v->assessment.from_s);
    cli_json_moment(out, "assessed_until", v->assessment.until_s);
    cli_json_open(out, "destinations", '[');
    for (size_t k = 0; k < conf->destinations.n; k++) {
        const spc_destination *d = &conf->destinations.v[k];
        if (d->vendor_index == (int)i) {
            cli_json_open(out, NULL, '{');
            cli_json_text(out, "name", d->name.v);
            put_json_statements(out, &d->facts, now_s);
            sp_buf_append_byte(out, '}');
        }
    }
    sp_buf_append_byte(out, ']');
    put_json_statements(out, &v->facts, now_s);
    sp_buf_append_byte(out, '}');
}

/* ---- the commands ---- */

static int find(size_t *out, const spc_conf *conf, const char *name)
{
    spc_nearest nearest = SPC_NEAREST_TO(sp_bytes_of(name));
    for (*out = 0; *out < conf->vendors.n; (*out)++) {
        if (sp_bytes_eq(conf->vendors.v[*out].name.v, sp_bytes_of(name))) {
            return CLI_OK;
        }
        spc_nearest_offer(&nearest, conf->vendors.v[*out].name.v);
    }
    return cli_fail_name("no such vendor", name, nearest.best);
}

static size_t count(const spc_conf *conf)
{
    return conf->vendors.n;
}

static const cli_entries entries = {"vendors", count, find, put_line, put_whole, put_json};

static int list(const cli_args *args, sp_mem *mem)
{
    return cli_entries_list(&entries, args, mem);
}

static int show(const cli_args *args, sp_mem *mem)
{
    return cli_entries_show(&entries, args, mem);
}

/* A vendor, or else a destination: what is of one machine or one model is stated there. */
static int choose_holder(spc_change *change, const spc_conf *conf, const char *name)
{
    size_t i = 0;
    if (spc_statements_of(conf, sp_bytes_of(name)) == NULL) {
        return find(&i, conf, name);
    }
    while (i < conf->vendors.n && !sp_bytes_eq(conf->vendors.v[i].name.v, sp_bytes_of(name))) i++;
    change->path[0] = i < conf->vendors.n ? SP_LIT("vendors") : SP_LIT("destinations");
    change->path[1] = sp_bytes_of(name);
    change->path[2] = SP_LIT("facts");
    change->n_path = 4;
    return CLI_OK;
}

static int attest(const cli_args *args, sp_mem *mem)
{
    static const char *const options[] = {"evidence", "source", "signer", "from", "until", NULL};
    const spc_conf *conf = NULL;
    spc_change change = {.path = {[3] = sp_bytes_of(args->words[1])}};
    int code = cli_edit_want(args, options);
    for (size_t i = 0; options[i] != NULL; i++) {
        cli_edit_text(&change, args, options[i], options[i], mem);
    }
    code = code == CLI_OK ? cli_conf(&conf, args, mem, false) : code;
    code = code == CLI_OK ? choose_holder(&change, conf, args->words[0]) : code;
    return code == CLI_OK ? cli_edit_conf(args, &change, mem) : code;
}

/* ---- the table ---- */

static const cli_option plain_options[] = {CLI_OPTION_CONF, CLI_OPTION_JSON, CLI_OPTIONS_END};
static const cli_option attest_options[] = {
    {"evidence", 0, "TEXT", "what it rests on"},
    {"source", 0, "TEXT", "where the evidence comes from"},
    {"signer", 0, "WHO", "who answers for it"},
    {"from", 0, "DATE", "the first day, or second, on which it holds (UTC)"},
    {"until", 0, "DATE", "the day, or second, from which on it no longer does (UTC)"},
    CLI_OPTION_DRY_RUN,
    CLI_OPTION_CONF,
    CLI_OPTION_JSON,
    CLI_OPTIONS_END,
};

static const cli_command subs[] = {
    {.name = "list",
     .work = list,
     .usage = "[-c FILE] [--json]",
     .summary = "list the vendors, and which fact of each ends next",
     .help = "A line each: name, seat, how many of its facts hold, the one that ends next and when.\n"
             "\n"
             "    sallyport vendor list\n",
     .options = plain_options},
    {.name = "show",
     .work = show,
     .usage = "NAME [-c FILE] [--json]",
     .summary = "show what is known of one, and on what evidence",
     .help = "Seat, assessment, destinations, and each fact of it and of these with its time, evidence, "
             "source and "
             "signer.\n"
             "\n"
             "    sallyport vendor show acme\n"
             "    sallyport vendor show acme --json | jq '.facts[] | select(.holds | not)'\n",
     .options = plain_options,
     .min_words = 1,
     .max_words = 1},
    {.name = "attest",
     .work = attest,
     .usage = "VENDOR FACT --evidence TEXT --source TEXT --signer WHO --from DATE --until DATE [--dry-run]",
     .summary = "state a fact of one, or renew it",
     .help =
         "Writes the statement into the file, or changes the one that is there, and prints what changes; "
         "comments "
         "and order stay.\nThe result is checked before it takes the file's place. Instead of a vendor a "
         "destination may be named: facts of one\nmachine or one model are stated there. `sallyport reload` "
         "puts it in force.\n"
         "\n"
         "    sallyport vendor attest acme dpa --evidence 'contract 17, annex 2' --source legal \\\n"
         "        --signer j.doe@corp.example --from 2026-01-01 --until 2027-01-01 --dry-run\n",
     .options = attest_options,
     .min_words = 2,
     .max_words = 2},
    {.name = NULL},
};

const cli_command cli_vendor = {
    .name = "vendor",
    .usage = "list|show|attest ...",
    .summary = "list, show and state what is known of vendors",
    .help = "Clearances rest on facts, each with evidence and dates; what is not stated is unknown, and "
            "unknown is no.\n"
            "\n"
            "    sallyport vendor list\n",
    .subs = subs,
};
