/* `sallyport use-case`: the register of what models are used for. */
#include <string.h>

#include "cli/edit_file.h"
#include "cli/entries.h"
#include "cli/table.h"
#include "conf/nearest.h"

enum { NAME_COLUMN = 20, LEVEL_COLUMN = 12, TIER_COLUMN = 16, REVIEW_COLUMN = 26 };

/* ---- words ---- */

static const char *tier_of(const spc_use_case *u)
{
    return u->tier == SPC_TIER_RULE_SELF_HOSTED ? "self-hosted-only" : "cloud-allowed";
}

static const char *criticality_of(const spc_use_case *u)
{
    return u->criticality == SPC_CRITICALITY_BUSINESS ? "business-critical" : "low";
}

static bool is_overdue(const spc_use_case *u, uint64_t now_s)
{
    return u->review_s != 0 && now_s >= u->review_s;
}

static void put_review(sp_buf *out, const spc_use_case *u, uint64_t now_s)
{
    if (u->review_s == 0) {
        sp_buf_append_str(out, "no date");
        return;
    }
    sp_buf_append_str(out, is_overdue(u, now_s) ? "overdue: " : "");
    cli_put_moment_from(out, u->review_s, now_s);
}

/* ---- list ---- */

static void put_line(sp_buf *out, const spc_conf *conf, size_t i, uint64_t now_s)
{
    const spc_use_case *u = &conf->use_cases.v[i];
    sp_buf review = SP_BUF_IN(out->mem);
    put_review(&review, u, now_s);
    cli_put_column(out, u->name.v, NAME_COLUMN);
    cli_put_column(out, conf->names.level[u->label.level], LEVEL_COLUMN);
    cli_put_column(out, sp_bytes_of(tier_of(u)), TIER_COLUMN);
    cli_put_column(out, sp_buf_bytes(&review), REVIEW_COLUMN);
    sp_buf_append(out, u->owner.v);
    sp_buf_append_byte(out, '\n');
}

static void put_json_texts(sp_buf *out, const char *name, const spc_texts *list)
{
    cli_json_open(out, name, '[');
    for (size_t i = 0; i < list->n; i++) {
        cli_json_text(out, NULL, list->v[i].v);
    }
    sp_buf_append_byte(out, ']');
}

/* Who has this use case, or may say so; names of applications and of models. */
typedef enum relation { IS_OF, DECLARES, BOUND_TO } relation;

static bool may_declare(const spc_application *a, size_t use_case)
{
    for (size_t i = 0; i < a->declare_names.n; i++) {
        if (a->declares[i] == use_case) {
            return true;
        }
    }
    return false;
}

typedef void (*put_name_fn)(sp_buf *out, sp_bytes name);

static void put_related(sp_buf *out, const spc_conf *conf, size_t u, relation r, put_name_fn put)
{
    for (size_t i = 0; r != BOUND_TO && i < conf->applications.n; i++) {
        const spc_application *a = &conf->applications.v[i];
        if (r == IS_OF ? a->use_case_index == u : may_declare(a, u)) {
            put(out, a->name.v);
        }
    }
    for (size_t i = 0; r == BOUND_TO && i < conf->models.n; i++) {
        if (conf->models.v[i].use_case_index == (int)u) {
            put(out, conf->models.v[i].name.v);
        }
    }
}

static void put_json_name(sp_buf *out, sp_bytes name)
{
    cli_json_text(out, NULL, name);
}

static void put_json_related(sp_buf *out, const spc_conf *conf, size_t u, relation r)
{
    static const char *const names[] = {"applications", "declared_by", "models"};
    cli_json_open(out, names[r], '[');
    put_related(out, conf, u, r, put_json_name);
    sp_buf_append_byte(out, ']');
}

static void put_json(sp_buf *out, const spc_conf *conf, size_t i, uint64_t now_s)
{
    const spc_use_case *u = &conf->use_cases.v[i];
    cli_json_open(out, NULL, '{');
    cli_json_text(out, "name", u->name.v);
    cli_json_text(out, "owner", u->owner.v);
    cli_json_text(out, "purpose", u->purpose.v);
    cli_json_text(out, "level", conf->names.level[u->label.level]);
    put_json_texts(out, "categories", &u->categories);
    put_json_texts(out, "residency", &u->residency);
    cli_json_text(out, "criticality", sp_bytes_of(criticality_of(u)));
    cli_json_text(out, "tier", sp_bytes_of(tier_of(u)));
    cli_json_moment(out, "review", u->review_s);
    cli_json_bool(out, "overdue", is_overdue(u, now_s));
    cli_json_text(out, "approver", u->approver.v);
    put_json_related(out, conf, i, IS_OF);
    put_json_related(out, conf, i, DECLARES);
    put_json_related(out, conf, i, BOUND_TO);
    sp_buf_append_byte(out, '}');
}

/* ---- show ---- */

static int find(size_t *out, const spc_conf *conf, const char *name)
{
    const int i = spc_use_case_find(conf, sp_bytes_of(name));
    spc_nearest nearest = SPC_NEAREST_TO(sp_bytes_of(name));
    *out = (size_t)(i < 0 ? 0 : i);
    for (size_t k = 0; k < conf->use_cases.n; k++) {
        spc_nearest_offer(&nearest, conf->use_cases.v[k].name.v);
    }
    return i >= 0 ? CLI_OK : cli_fail_name("no such use case", name, nearest.best);
}

static void put_row(sp_buf *out, const char *name, sp_bytes text)
{
    cli_put_field(out, name);
    sp_buf_append(out, text.n > 0 ? text : SP_LIT("-"));
    sp_buf_append_byte(out, '\n');
}

static void put_name(sp_buf *out, sp_bytes name)
{
    sp_buf_append_byte(out, ' ');
    sp_buf_append(out, name);
}

static void put_names(sp_buf *out, const char *field, const spc_conf *conf, size_t i, relation r)
{
    sp_buf names = SP_BUF_IN(out->mem);
    put_related(&names, conf, i, r, put_name);
    put_row(out, field, names.n > 0 ? sp_bytes_sub(sp_buf_bytes(&names), 1, names.n) : SP_BYTES_EMPTY);
}

static void put_whole(sp_buf *out, const spc_conf *conf, size_t i, uint64_t now_s)
{
    const spc_use_case *u = &conf->use_cases.v[i];
    sp_buf categories = SP_BUF_IN(out->mem), places = SP_BUF_IN(out->mem), review = SP_BUF_IN(out->mem);
    cli_put_categories(&categories, u->label.categories, &conf->names);
    cli_put_places(&places, u->label.residency);
    put_review(&review, u, now_s);
    sp_buf_append(out, u->name.v);
    sp_buf_append_byte(out, '\n');
    put_row(out, "purpose", u->purpose.v);
    put_row(out, "owner", u->owner.v);
    put_row(out, "level", conf->names.level[u->label.level]);
    put_row(out, "categories", sp_buf_bytes(&categories));
    put_row(out, "residency", sp_buf_bytes(&places));
    put_row(out, "criticality", sp_bytes_of(criticality_of(u)));
    put_row(out, "tier", sp_bytes_of(tier_of(u)));
    put_row(out, "review", sp_buf_bytes(&review));
    put_row(out, "approver", u->approver.v);
    put_names(out, "used by", conf, i, IS_OF);
    put_names(out, "declared by", conf, i, DECLARES);
    put_names(out, "models", conf, i, BOUND_TO);
}

static size_t count(const spc_conf *conf)
{
    return conf->use_cases.n;
}

static const cli_entries entries = {"use_cases", count, find, put_line, put_whole, put_json};

static int list(const cli_args *args, sp_mem *mem)
{
    return cli_entries_list(&entries, args, mem);
}

static int show(const cli_args *args, sp_mem *mem)
{
    return cli_entries_show(&entries, args, mem);
}

/* ---- changes ---- */

static spc_change change_of(const cli_args *args)
{
    return (spc_change){.path = {SP_LIT("use_cases"), sp_bytes_of(args->words[0])}, .n_path = 2};
}

static int add(const cli_args *args, sp_mem *mem)
{
    static const char *const wanted[] = {"owner", "purpose", "level", NULL};
    static const char *const texts[] = {"criticality", "tier", "review", "approver"};
    const spc_conf *conf = NULL;
    spc_change change = change_of(args);
    int code = cli_edit_want(args, wanted);
    code = code == CLI_OK ? cli_conf(&conf, args, mem, false) : code;
    if (code != CLI_OK) {
        return code;
    }
    if (spc_use_case_find(conf, sp_bytes_of(args->words[0])) >= 0) {
        return cli_fail("this use case is there already", args->words[0], "see `sallyport use-case show`");
    }
    for (size_t i = 0; wanted[i] != NULL; i++) {
        cli_edit_text(&change, args, wanted[i], wanted[i], mem);
    }
    cli_edit_list(&change, args, "categories", "categories", mem);
    cli_edit_list(&change, args, "residency", "residency", mem);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        cli_edit_text(&change, args, texts[i], texts[i], mem);
    }
    return cli_edit_conf(args, &change, mem);
}

static int review(const cli_args *args, sp_mem *mem)
{
    static const char *const wanted[] = {"until", "approver", NULL};
    const spc_conf *conf = NULL;
    size_t i = 0;
    spc_change change = change_of(args);
    int code = cli_edit_want(args, wanted);
    code = code == CLI_OK ? cli_conf(&conf, args, mem, false) : code;
    code = code == CLI_OK ? find(&i, conf, args->words[0]) : code;
    if (code != CLI_OK) {
        return code;
    }
    cli_edit_text(&change, args, "until", "review", mem);
    cli_edit_text(&change, args, "approver", "approver", mem);
    return cli_edit_conf(args, &change, mem);
}

/* ---- the table ---- */

static const cli_option plain_options[] = {CLI_OPTION_CONF, CLI_OPTION_JSON, CLI_OPTIONS_END};
static const cli_option add_options[] = {
    {"owner", 0, "WHO", "who answers for it"},
    {"purpose", 0, "TEXT", "what it is for, in a sentence"},
    {"level", 0, "NAME", "the level that its requests have at least"},
    {"categories", 0, "NAMES", "the categories that its requests have, commas between"},
    {"residency", 0, "PLACES", "where its data may be processed, commas between"},
    {"criticality", 0, "WORD", "low or business-critical"},
    {"tier", 0, "WORD", "cloud-allowed or self-hosted-only"},
    {"review", 0, "DATE", "from when on its review is overdue"},
    {"approver", 0, "WHO", "who approved it"},
    CLI_OPTION_DRY_RUN,
    CLI_OPTION_CONF,
    CLI_OPTION_JSON,
    CLI_OPTIONS_END,
};
static const cli_option review_options[] = {
    {"until", 0, "DATE", "from when on its next review is overdue"},
    {"approver", 0, "WHO", "who reviewed it"},
    CLI_OPTION_DRY_RUN,
    CLI_OPTION_CONF,
    CLI_OPTION_JSON,
    CLI_OPTIONS_END,
};

static const cli_command subs[] = {
    {.name = "list",
     .work = list,
     .usage = "[-c FILE] [--json]",
     .summary = "list the use cases and when their reviews are due",
     .help = "A line each: name, level, tier, when its review is due, owner.\n"
             "\n"
             "    sallyport use-case list\n"
             "    sallyport use-case list --json | jq -r '.use_cases[] | select(.overdue) | .owner'\n",
     .options = plain_options},
    {.name = "show",
     .work = show,
     .usage = "NAME [-c FILE] [--json]",
     .summary = "show one, and who has it",
     .help = "All of it, what its tier and criticality bring included; the applications and models that it "
             "is bound "
             "to, and the\napplications that may declare it.\n"
             "\n"
             "    sallyport use-case show contract-review\n",
     .options = plain_options,
     .min_words = 1,
     .max_words = 1},
    {.name = "add",
     .work = add,
     .usage = "NAME --owner WHO --purpose TEXT --level NAME [--categories NAMES] [--tier WORD] [...]",
     .summary = "add one to the file",
     .help = "Writes it behind the last one of the file and prints what changes; comments and order stay. "
             "The result "
             "is checked before\nit takes the file's place. `sallyport reload` puts it in force.\n"
             "\n"
             "    sallyport use-case add contract-review --owner legal@corp.example --purpose 'Review of "
             "contracts' "
             "\\\n"
             "        --level confidential --categories legal --tier self-hosted-only --review 2027-01-31 "
             "--dry-run\n",
     .options = add_options,
     .min_words = 1,
     .max_words = 1},
    {.name = "review",
     .work = review,
     .usage = "NAME --until DATE --approver WHO [--dry-run] [-c FILE] [--json]",
     .summary = "write down that one was reviewed",
     .help =
         "Changes `review` and `approver` of the use case in the file, and nothing else.\n"
         "\n"
         "    sallyport use-case review contract-review --until 2027-06-30 --approver ciso@corp.example\n",
     .options = review_options,
     .min_words = 1,
     .max_words = 1},
    {.name = NULL},
};

const cli_command cli_use_case = {
    .name = "use-case",
    .usage = "list|show|add|review ...",
    .summary = "list, show, add and review what models are used for",
    .help = "A use case that is past its review has the label `overdue`: unless the file says otherwise, the "
            "highest "
            "level, and only\nself-hosted.\n"
            "\n"
            "    sallyport use-case list\n",
    .subs = subs,
};
