/* `sallyport detector`: what there is to find, and what is known of each. */
#include <string.h>

#include "cli/detector.h"
#include "cli/table.h"
#include "conf/nearest.h"
#include "sallyport/detect.h"

enum { NAME_WIDTH = 26, KIND_WIDTH = 24, CHECK_WIDTH = 7, SURE_CHECKED = 90, SURE_BARE = 75 };

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
    return d->sure != 0 ? d->sure : d->is_checked ? SURE_CHECKED : SURE_BARE;
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
    cli_put_column(out, sp_bytes_of(d->name), NAME_WIDTH);
    cli_put_column(out, sp_bytes_of(kind->name), KIND_WIDTH);
    cli_put_column(out, sp_bytes_of(d->is_checked ? "check" : "-"), CHECK_WIDTH);
    cli_put_column(out, sp_bytes_of(d->run), CHECK_WIDTH);
    sp_buf_append_str(out, kind->meaning);
    sp_buf_append_str(out, d->source != NULL ? " (" : "");
    sp_buf_append_str(out, d->source);
    sp_buf_append_str(out, d->source != NULL ? ")\n" : "\n");
}

static int list(const cli_args *args, sp_mem *mem)
{
    sp_buf out = SP_BUF_IN(mem);
    sp_names names;
    sp_detector d;
    const bool is_json = cli_has(args, "json");
    sp_names_init(&names);
    sp_buf_append_str(&out, is_json ? "{\"detectors\":[" : "");
    for (size_t i = 0; sp_detector_at(&d, i); i++) {
        if (is_json) {
            put_detector(&out, &d, &names);
        } else {
            put_line(&out, &d);
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

static int fail_name(const char *name)
{
    sp_detector d;
    spc_nearest nearest = SPC_NEAREST_TO(sp_bytes_of(name));
    for (size_t i = 0; sp_detector_at(&d, i); i++) {
        spc_nearest_offer(&nearest, sp_bytes_of(d.name));
        spc_nearest_offer(&nearest, sp_bytes_of(sp_kind_get(d.kind)->name));
    }
    return nearest.best.n > 0
               ? cli_fail_name("there is no such detector or kind", name, nearest.best)
               : cli_fail("there is no such detector or kind", name, "`sallyport detector list` shows all");
}

/* A kind may have several. */
static int show(const cli_args *args, sp_mem *mem)
{
    sp_buf out = SP_BUF_IN(mem);
    sp_names names;
    sp_detector d;
    size_t n = 0;
    const bool is_json = cli_has(args, "json");
    sp_names_init(&names);
    sp_buf_append_str(&out, is_json ? "{\"detectors\":[" : "");
    for (size_t i = 0; sp_detector_at(&d, i); i++) {
        if (!is_named(&d, args->words[0])) {
            continue;
        }
        sp_buf_append_str(&out, !is_json && n > 0 ? "\n" : "");
        n++;
        if (is_json) {
            put_detector(&out, &d, &names);
        } else {
            put_page(&out, &d, &names);
        }
    }
    sp_buf_append_str(&out, is_json ? "]}\n" : "");
    return n > 0 ? cli_flush(stdout, &out) : fail_name(args->words[0]);
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

static const cli_option options[] = {CLI_OPTION_JSON, CLI_OPTIONS_END};

static const cli_command subs[] = {
    {
        .name = "list",
        .run = list_run,
        .usage = "[--json]",
        .summary = "one line for each",
        .help = "Name, kind of what it finds, whether a check has to be right, where its first bytes lie "
                "(within a word, a line or a\n"
                "number), meaning and source.\n\n"
                "Example:\n    sallyport detector list | grep -i passport\n",
        .options = options,
    },
    {
        .name = "show",
        .run = show_run,
        .usage = "NAME [--json]",
        .summary = "all that is known of one, or of a kind's",
        .help =
            "What it looks for, what proves it, which words speak for it and how sure they make, what it "
            "finds and what it does not.\n"
            "In shapes `d` is a digit, `a` a letter, `x` either, `~` a separator or none, `_` a blank.\n\n"
            "Example:\n    sallyport detector show us-ssn\n",
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
    {0},
};

const cli_command cli_detector = {
    .name = "detector",
    .usage = "list | show | test",
    .summary = "what there is to find, and how it is told",
    .help = "Detectors look for one kind of thing each; several may look for the same kind. Kinds are what "
            "a policy speaks of.\n\n"
            "Examples:\n    sallyport detector list\n    sallyport detector show us-ssn\n"
            "    sallyport detector test staff.yaml letter.txt\n",
    .subs = subs,
};
