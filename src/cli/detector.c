/* `sallyport detector`: what there is to find, and what is known of each. */
#include <string.h>

#include "cli/detector.h"
#include "cli/edit_file.h"
#include "cli/table.h"
#include "conf/nearest.h"
#include "sallyport/detect.h"

/* Those of the configuration that -c names, and its names of levels and categories; else none, and the
 * shipped. Only where it is named: what stands in the folder by chance changes nothing. */
typedef struct own {
    spc_detectors detectors;
    sp_names names;
    const char *path;
} own;

static int take_own(own *o, const cli_args *args, sp_mem *mem)
{
    const spc_conf *conf = NULL;
    *o = (own){.path = cli_conf_path(args)};
    sp_names_init(&o->names);
    if (!cli_has(args, "config")) {
        return CLI_OK;
    }
    const int code = cli_conf(&conf, args, mem, false);
    if (code == CLI_OK) {
        o->detectors = conf->detectors;
        o->names = conf->names;
    }
    return code;
}

/* ---- JSON ---- */

static void put_text(sp_buf *out, const char *name, const char *text)
{
    if (text == NULL) {
        cli_json_null(out, name);
    } else {
        cli_json_text(out, name, sp_bytes_of(text));
    }
}

/* Parts of a list that stands in one text. */
static void put_parts(sp_buf *out, const char *name, const char *list, char separator)
{
    cli_json_open(out, name, '[');
    while (list != NULL && *list != '\0') {
        const char *end = strchrnul(list, separator);
        cli_json_text(out, NULL, (sp_bytes){(const uint8_t *)list, (size_t)(end - list)});
        list = *end != '\0' ? end + 1 : end;
    }
    sp_buf_append_byte(out, ']');
}

/* An example with brackets is one that has to be found. */
static bool is_found(const char *example)
{
    const char *open = strchr(example, '[');
    return open != NULL && strchr(open, ']') != NULL;
}

static void put_examples(sp_buf *out, const char *name, const sp_detector *d, bool found)
{
    cli_json_open(out, name, '[');
    for (const char *const *e = d->examples; *e != NULL; e++) {
        if (is_found(*e) == found) {
            cli_json_text(out, NULL, sp_bytes_of(*e));
        }
    }
    sp_buf_append_byte(out, ']');
}

/* How sure a word beside it makes; a detector without words is as sure as its head. */
static unsigned sure_of(const sp_detector *d)
{
    return d->sure != 0 ? d->sure : d->is_checked ? CLI__SURE_CHECKED : CLI__SURE_BARE;
}

static void put_detector(sp_buf *out, const sp_detector *d, const sp_names *names)
{
    const sp_kind_info *kind = sp_kind_get(d->kind);
    cli_json_open(out, NULL, '{');
    put_text(out, "name", d->name);
    put_text(out, "kind", kind->name);
    put_text(out, "meaning", kind->meaning);
    cli_json_text(out, "category", cli_kind_category(names, kind));
    cli_json_text(out, "level", names->level[kind->level]);
    cli_json_text(out, "origin", SP_LIT("shipped"));
    cli_json_bool(out, "is_checked", d->is_checked);
    cli_json_bool(out, "is_whole", d->is_whole);
    put_text(out, "head", d->head);
    put_parts(out, "shapes", d->shapes, ' ');
    put_parts(out, "forms", d->forms, ' ');
    put_parts(out, "words", d->words, '|');
    put_text(out, "run", d->run);
    cli_json_number(out, "longest", d->longest);
    put_text(out, "source", d->source);
    put_examples(out, "examples", d, true);
    put_examples(out, "near_misses", d, false);
    sp_buf_append_byte(out, '}');
}

/* ---- list ---- */

static void put_line(sp_buf *out, const sp_detector *d)
{
    const sp_kind_info *kind = sp_kind_get(d->kind);
    cli_put_column(out, sp_bytes_of(d->name), CLI__NAME_WIDTH);
    cli_put_column(out, sp_bytes_of(kind->name), CLI__KIND_WIDTH);
    cli_put_column(out, sp_bytes_of(d->is_checked ? "check" : "-"), CLI__CHECK_WIDTH);
    cli_put_column(out, sp_bytes_of(d->run), CLI__CHECK_WIDTH);
    sp_buf_append_str(out, kind->meaning);
    sp_buf_append_str(out, d->source != NULL ? " (" : "");
    sp_buf_append_str(out, d->source);
    sp_buf_append_str(out, d->source != NULL ? ")\n" : "\n");
}

static int list(const cli_args *args, sp_mem *mem)
{
    sp_buf out = SP_BUF_IN(mem);
    own o;
    sp_detector d;
    const bool is_json = cli_has(args, "json");
    const int code = take_own(&o, args, mem);
    if (code != CLI_OK) {
        return code;
    }
    sp_buf_append_str(&out, is_json ? "{\"detectors\":[" : "");
    for (size_t i = 0; sp_detector_at(&d, i); i++) {
        if (d.is_asked) {
            continue; /* of answers, where policy lists hosts: no scan finds it */
        }
        if (is_json) {
            put_detector(&out, &d, &o.names);
        } else {
            put_line(&out, &d);
        }
    }
    for (size_t i = 0; i < o.detectors.n; i++) {
        if (is_json) {
            cli__own_json(&out, &o.detectors.v[i], &o.names);
        } else {
            cli__own_line(&out, &o.detectors.v[i], o.path);
        }
    }
    sp_buf_append_str(&out, is_json ? "]}\n" : "");
    return cli_flush(stdout, &out);
}

/* ---- show ---- */

static void put_lines(sp_buf *out, const char *title, const sp_detector *d, bool found)
{
    for (const char *const *e = d->examples; *e != NULL; e++) {
        if (is_found(*e) != found) {
            continue;
        }
        cli_put_field(out, title);
        sp_buf_append_str(out, *e);
        sp_buf_append_byte(out, '\n');
        title = "";
    }
}

static void put_said(sp_buf *out, const char *title, const char *text)
{
    if (text == NULL) {
        return;
    }
    cli_put_field(out, title);
    sp_buf_append_str(out, text);
    sp_buf_append_byte(out, '\n');
}

/* Entries that stand between '|', as people write lists. */
static void put_words(sp_buf *out, const char *words)
{
    if (words == NULL) {
        return;
    }
    cli_put_field(out, "words");
    for (; *words != '\0'; words++) {
        if (*words == '|') {
            sp_buf_append_str(out, ", ");
        } else {
            sp_buf_append_byte(out, (uint8_t)*words);
        }
    }
    sp_buf_append_byte(out, '\n');
}

/* In the order in which it is weighed (number.c). */
static void put_confidence(sp_buf *out, const sp_detector *d)
{
    cli_put_field(out, "confidence");
    if (d->shapes != NULL) {
        sp_buf_append_u64(out, sure_of(d));
        sp_buf_append_str(out,
                          " with one of its words beside it, less with distance and by 15 where it stands "
                          "behind '~'\n");
        cli_put_field(out, "");
        sp_buf_append_str(out, "without one what stands behind '=' of its shape, else nothing\n");
        cli_put_field(out, "");
    }
    sp_buf_append_str(out, "what is less sure than ");
    sp_buf_append_u64(out, d->least);
    sp_buf_append_str(out, " is dropped\n");
}

static void put_page(sp_buf *out, const sp_detector *d, const sp_names *names)
{
    const sp_kind_info *kind = sp_kind_get(d->kind);
    sp_buf_append_str(out, d->name);
    sp_buf_append_str(out, ": ");
    sp_buf_append_str(out, kind->meaning);
    sp_buf_append_byte(out, '\n');
    put_said(out, "kind", kind->name);
    cli_put_field(out, "label");
    sp_buf_append(out, cli_kind_category(names, kind));
    sp_buf_append_str(out, ", ");
    sp_buf_append(out, names->level[kind->level]);
    sp_buf_append_byte(out, '\n');
    put_said(out, "source", d->source);
    put_said(out, "head", d->head);
    put_said(out, "shapes", d->shapes);
    put_said(out, "forms", d->forms);
    put_said(out, "check", d->is_checked ? "a check digit, a date or a range has to be right" : NULL);
    put_words(out, d->words);
    put_confidence(out, d);
    cli_put_field(out, "longest");
    sp_buf_append_u64(out, d->longest);
    sp_buf_append_str(out, " bytes\n");
    put_lines(out, "finds", d, true);
    put_lines(out, "finds not", d, false);
}

static bool is_named(const sp_detector *d, const char *name)
{
    return strcmp(d->name, name) == 0 || strcmp(sp_kind_get(d->kind)->name, name) == 0;
}

static int fail_name(const own *o, const char *name)
{
    sp_detector d;
    spc_nearest nearest = SPC_NEAREST_TO(sp_bytes_of(name));
    for (size_t i = 0; sp_detector_at(&d, i); i++) {
        spc_nearest_offer(&nearest, sp_bytes_of(d.name));
        spc_nearest_offer(&nearest, sp_bytes_of(sp_kind_get(d.kind)->name));
    }
    for (size_t i = 0; i < o->detectors.n; i++) {
        spc_nearest_offer(&nearest, o->detectors.v[i].name.v);
    }
    return nearest.best.n > 0
               ? cli_fail_name("there is no such detector or kind", name, nearest.best)
               : cli_fail("there is no such detector or kind", name, "`sallyport detector list` shows all");
}

/* A blank line stands between pages. @return how many are of this name, or of a kind of this name. */
static size_t show_shipped(sp_buf *out, const own *o, const char *name, bool is_json)
{
    sp_detector d;
    size_t n = 0;
    for (size_t i = 0; sp_detector_at(&d, i); i++) {
        if (!is_named(&d, name)) {
            continue;
        }
        sp_buf_append_str(out, !is_json && n > 0 ? "\n" : "");
        n++;
        if (is_json) {
            put_detector(out, &d, &o->names);
        } else {
            put_page(out, &d, &o->names);
        }
    }
    return n;
}

static size_t show_own(sp_buf *out, const own *o, const char *name, bool is_json)
{
    size_t n = 0;
    for (size_t i = 0; i < o->detectors.n; i++) {
        const spc_detector *d = &o->detectors.v[i];
        const sp_kind_info *kind = sp_kind_get((sp_kind)d->kind_number);
        if (!sp_bytes_eq(d->name.v, sp_bytes_of(name)) && (kind == NULL || strcmp(kind->name, name) != 0)) {
            continue;
        }
        sp_buf_append_str(out, !is_json && out->n > 0 ? "\n" : "");
        if (is_json) {
            cli__own_json(out, d, &o->names);
        } else {
            cli__own_page(out, d, &o->names, o->path);
        }
        n++;
    }
    return n;
}

/* A kind may have several. */
static int show(const cli_args *args, sp_mem *mem)
{
    sp_buf out = SP_BUF_IN(mem);
    own o;
    const bool is_json = cli_has(args, "json");
    const int code = take_own(&o, args, mem);
    if (code != CLI_OK) {
        return code;
    }
    sp_buf_append_str(&out, is_json ? "{\"detectors\":[" : "");
    const size_t n =
        show_shipped(&out, &o, args->words[0], is_json) + show_own(&out, &o, args->words[0], is_json);
    sp_buf_append_str(&out, is_json ? "]}\n" : "");
    return n > 0 ? cli_flush(stdout, &out) : fail_name(&o, args->words[0]);
}

/* ---- the command ---- */

static int list_run(const cli_args *args)
{
    return cli_with_memory(args, CLI_MEMORY_MAX, list);
}

static int show_run(const cli_args *args)
{
    return cli_with_memory(args, CLI_MEMORY_MAX, show);
}

static const cli_option options[] = {
    {"config", 'c', "FILE", "tell of the detectors of this configuration too"},
    CLI_OPTION_JSON,
    CLI_OPTIONS_END,
};
static const cli_option add_options[] = {
    {"meaning", 0, "TEXT", "what it finds, for people"},
    {"kind", 0, "NAME", "a shipped kind that it finds more of; else a category and a level"},
    {"category", 0, "NAME", "the category that a finding brings"},
    {"level", 0, "NAME", "the least level that a finding brings"},
    {"pattern", 0, "REGEX", "a regular expression with a bound, of one line, without anchors"},
    {"shapes", 0, "SHAPES", "or what a number looks like, e.g. ddd~ddd; commas between"},
    {"terms", 0, "WORDS", "or words and phrases that are found as they stand; commas between"},
    {"exact-case", 0, NULL, "capitals of terms count"},
    {"check", 0, "NAME", "arithmetic that has to be right: luhn, verhoeff, mod11-10, mod11-2, mod97"},
    {"words", 0, "WORDS", "one of them has to stand near by; commas between"},
    {"confidence", 0, "PERCENT", "how sure a finding is"},
    {"from", 0, "FILE", "take the detectors of this file; - is standard input"},
    {"try", 0, "FILE", "say what they would find in this text"},
    CLI_OPTION_DRY_RUN,
    CLI_OPTION_CONF,
    CLI_OPTION_JSON,
    CLI_OPTIONS_END,
};
static const cli_option remove_options[] = {
    CLI_OPTION_DRY_RUN,
    CLI_OPTION_CONF,
    CLI_OPTION_JSON,
    CLI_OPTIONS_END,
};

static const cli_command subs[] = {
    {
        .name = "list",
        .run = list_run,
        .usage = "[-c FILE] [--json]",
        .summary = "one line for each",
        .help = "Name, kind of what it finds, whether a check has to be right, where its first bytes lie "
                "(within a word, a line or a\n"
                "number), meaning and source. With -c also those of a configuration: their source is the "
                "line that they "
                "stand on.\n\n"
                "Examples:\n    sallyport detector list | grep -i passport\n"
                "    sallyport detector list -c sallyport.yaml --json | "
                "jq -r '.detectors[] | select(.origin == \"configuration\") | .name'\n",
        .options = options,
    },
    {
        .name = "show",
        .run = show_run,
        .usage = "NAME [-c FILE] [--json]",
        .summary = "all that is known of one, or of a kind's",
        .help =
            "What it looks for, what proves it, which words speak for it and how sure they make, what it "
            "finds and what it does not.\n"
            "In shapes `d` is a digit, `a` a letter, `x` either, `~` a separator or none, `_` a blank.\n\n"
            "Examples:\n    sallyport detector show us-ssn\n"
            "    sallyport detector show staff-number -c sallyport.yaml\n",
        .options = options,
        .min_words = 1,
        .max_words = 1,
    },
    {
        .name = "test",
        .run = cli__detector_test,
        .usage = "FILE.yaml [TEXT...]",
        .summary = "try detectors of your own: their examples, then texts",
        .help =
            "Reads detectors (docs/reference/detection.md), runs the examples and near misses that the file "
            "gives for each, then says\n"
            "what they find in the texts. Values are printed whole. Only tries them: the gateway has the "
            "detectors of the list.\n"
            "Exit code 1 when an example is not as it says or the file is wrong.\n\n"
            "Example:\n    sallyport detector test staff.yaml letters/*.txt\n",
        .min_words = 1,
        .max_words = -1,
    },
    {
        .name = "add",
        .work = cli__detector_add,
        .usage =
            "NAME --meaning TEXT --category NAME --level NAME --pattern REGEX EXAMPLE... [...] | --from FILE",
        .summary = "put detectors of your own into the configuration",
        .help =
            "Writes it behind the last one under `detectors` of the file and prints what changes; comments "
            "and "
            "order stay. Words behind its\n"
            "name are texts that it is tried on at once: what stands in brackets has to be found, exactly; "
            "in a "
            "text without brackets\n"
            "nothing may be. At least one of each is needed. With --from it takes all detectors of a file as "
            "`detector test` reads it.\n"
            "One that does not compile, costs too much or does not do what its examples say is refused with "
            "line "
            "and column, and the\n"
            "file is left as it is. `sallyport reload` puts it in force.\n\n"
            "Examples:\n"
            "    sallyport detector add staff-number --meaning 'number of an employee' --category hr \\\n"
            "        --level confidential --pattern '\\bEMP-[0-9]{6}\\b' 'badge [EMP-004711] was lost' "
            "EMP-4711 --try letter.txt -n\n"
            "    sallyport detector add --from staff.yaml -c /etc/sallyport/sallyport.yaml\n",
        .options = add_options,
        .max_words = -1,
    },
    {
        .name = "remove",
        .work = cli__detector_remove,
        .usage = "NAME [--dry-run] [-c FILE] [--json]",
        .summary = "take one of your own out of the configuration",
        .help =
            "Takes its lines out of the file and prints what changes; comments on lines of their own stay. "
            "Refused while a rule of the file\n"
            "names it.\n\n"
            "Example:\n    sallyport detector remove staff-number --dry-run\n",
        .options = remove_options,
        .min_words = 1,
        .max_words = 1,
    },
    {0},
};

const cli_command cli_detector = {
    .name = "detector",
    .usage = "list | show | test | add | remove",
    .summary = "what there is to find, and how it is told",
    .help = "Detectors look for one kind of thing each; several may look for the same kind. Kinds are what "
            "a policy speaks of.\n\n"
            "Examples:\n    sallyport detector list\n    sallyport detector show us-ssn\n"
            "    sallyport detector test staff.yaml letter.txt\n"
            "    sallyport detector add --from staff.yaml --try letter.txt --dry-run\n",
    .subs = subs,
};
