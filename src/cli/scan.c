/* `sallyport scan`: the detectors over text, as the gateway applies them. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/scan_internal.h"
#include "conf/allow.h"
#include "conf/nearest.h"
#include "control/process.h"

/** Exit codes of its own: a pipeline asks whether anything was found. */
enum { SCAN_CLEAN = 0, SCAN_FOUND = 1, SCAN_BROKEN = 2 };

/* ---- what is asked for ---- */

static const sp_kind_info *find_kind(sp_bytes name)
{
    const sp_kind_info *kind;
    for (size_t i = 0; (kind = sp_kind_at(i)) != NULL; i++) {
        if (sp_bytes_eq(sp_bytes_of(kind->name), name)) {
            return kind;
        }
    }
    return NULL;
}

/* A detector of the configuration whose kind is its own. @return -1: there is none. */
static int find_own(const scanner *s, sp_bytes name)
{
    for (size_t i = 0; i < s->n_custom; i++) {
        if (s->custom[i].kind == SP_KIND_NONE && sp_bytes_eq(sp_bytes_of(s->custom[i].name), name)) {
            return (int)i;
        }
    }
    return -1;
}

static int fail_kind(const scanner *s, sp_bytes name)
{
    char text[64];
    const sp_kind_info *kind;
    spc_nearest nearest = SPC_NEAREST_TO(name);
    for (size_t i = 0; (kind = sp_kind_at(i)) != NULL; i++) {
        spc_nearest_offer(&nearest, sp_bytes_of(kind->name));
    }
    for (size_t i = 0; i < s->n_custom; i++) {
        spc_nearest_offer(&nearest, sp_bytes_of(s->custom[i].name));
    }
    (void)snprintf(text, sizeof text, "%.*s", (int)(name.n < sizeof text ? name.n : sizeof text - 1),
                   (const char *)name.p);
    return cli_fail_name("there is no such kind", text, nearest.best.n > 0 ? nearest.best : SP_BYTES_EMPTY);
}

static int take_kinds(scanner *s, const char *names)
{
    s->kinds = s->own = names == NULL ? SP_BITS256_ALL : SP_BITS256_NONE;
    if (names == NULL) {
        sp_bits256 code = SP_BITS256_NONE; /* told of the text, or every program would be a finding */
        sp_bits256_add(&code, SP_KIND_PROGRAM_CODE);
        s->kinds = sp_bits256_and_not(s->kinds, code);
    }
    while (names != NULL) {
        const char *end = strchrnul(names, ',');
        const sp_bytes name = {(const uint8_t *)names, (size_t)(end - names)};
        const sp_kind_info *kind = find_kind(name);
        const int own = find_own(s, name);
        if (kind == NULL && own < 0) {
            return fail_kind(s, name);
        }
        sp_bits256_add(own >= 0 ? &s->own : &s->kinds, (uint8_t)(own >= 0 ? own : (int)kind->kind));
        names = *end == ',' ? end + 1 : NULL;
    }
    return CLI_OK;
}

static int take_options(scanner *s, const cli_args *args)
{
    const char *least = cli_value(args, "min-confidence");
    uint64_t value = 0;
    if (least != NULL && !sp_u64_parse(&value, sp_bytes_of(least), 100)) {
        return cli_misuse(args->command, "a confidence is a number from 0 to 100", least);
    }
    if (cli_has(args, "json") + cli_has(args, "jsonl") + cli_has(args, "sarif") > 1) {
        return cli_misuse(args->command, "only one of --json, --jsonl and --sarif", NULL);
    }
    if (cli_has(args, "jsonl") && (cli_has(args, "show") || cli_has(args, "exclude"))) {
        return cli_misuse(args->command, "--show and --exclude are not for --jsonl", NULL);
    }
    s->least = (uint8_t)value;
    s->form = cli_has(args, "json") ? SCAN_JSON : cli_has(args, "sarif") ? SCAN_SARIF : SCAN_PLAIN;
    s->shows_values = cli_has(args, "show");
    s->explains = cli_has(args, "explain");
    s->tells_code = s->explains || s->form == SCAN_JSON || cli_has(args, "jsonl");
    s->exclude = sp_bytes_of(cli_value(args, "exclude"));
    if (cli_has(args, "no-color") && setenv("NO_COLOR", "1", 1) != 0) {
        return cli_fail_status(SP_ENOMEM, NULL);
    }
    return take_kinds(s, cli_value(args, "kind"));
}

/* ---- the command ---- */

/* Only where a configuration is named: what stands in the folder by chance changes nothing. */
static int take_configuration(scanner *s, const cli_args *args)
{
    const spc_conf *conf = NULL;
    sp_names_init(&s->names);
    sp_arena_init(&s->conf, CLI_MEMORY_MAX);
    if (!cli_has(args, "config")) {
        return CLI_OK;
    }
    const int code = cli_conf(&conf, args, &s->conf.mem, false);
    if (code != CLI_OK) {
        return code;
    }
    s->names = conf->names;
    s->custom = spc_allow_compiled(conf, spd_wall_s(), &s->n_custom, &s->conf.mem);
    return s->custom != NULL || s->n_custom == 0 ? CLI_OK : cli_fail_status(SP_ENOMEM, cli_conf_path(args));
}

static int open_scanner(scanner *s)
{
    sp_arena_init(&s->arena, (size_t)4 * SCAN_TEXT_MAX);
    return cli_detectors_new(&s->detectors, s->custom, s->n_custom);
}

static void close_scanner(scanner *s)
{
    cli_detectors_free(&s->detectors);
    sp_arena_fini(&s->arena);
    sp_arena_fini(&s->conf);
}

/* What cannot be read does not hide what stands in the files after it. */
static int scan_each(scanner *s, const cli_args *args, int (*scan)(scanner *, const char *))
{
    static char standard_input[] = "-";
    int worst = CLI_OK;
    for (int i = 0; i < args->n_words; i++) {
        const int code = scan(s, args->words[i]);
        worst = code != CLI_OK ? code : worst;
    }
    if (args->n_words > 0) {
        return worst;
    }
    if (isatty(STDIN_FILENO)) {
        (void)fprintf(stderr, "reading standard input; Ctrl-D ends it\n");
    }
    return scan(s, standard_input);
}

static int scan_files(scanner *s, const cli_args *args)
{
    const int begun = cli__scan_begin(s);
    const int code = begun == CLI_OK ? scan_each(s, args, cli__scan_path) : begun;
    const int ended = cli__scan_end(s);
    return code != CLI_OK ? code : ended;
}

static int cli_scan_run(const cli_args *args)
{
    static scanner s;
    const bool is_lines = cli_has(args, "jsonl");
    int code = take_configuration(&s, args);
    code = code == CLI_OK ? take_options(&s, args) : code;
    if (code == CLI_OK) {
        code = open_scanner(&s);
    }
    if (code == CLI_OK) {
        code = is_lines ? scan_each(&s, args, cli__scan_lines) : scan_files(&s, args);
    }
    close_scanner(&s);
    if (code != CLI_OK) {
        return SCAN_BROKEN;
    }
    return s.counts.findings + s.counts.hiding + s.counts.costly > 0 && !is_lines ? SCAN_FOUND : SCAN_CLEAN;
}

static const cli_option options[] = {
    {"jsonl", 0, NULL,
     "each line is {\"id\",\"text\"}; answer each with spans, injection, use case and level"},
    {"json", 0, NULL, "print one JSON document"},
    {"sarif", 0, NULL, "print SARIF 2.1.0, for findings in repositories"},
    {"explain", 0, NULL, "say of each finding why it is one"},
    {"show", 0, NULL, "print values whole; else only how they begin"},
    {"min-confidence", 0, "N", "nothing that is less sure than N of 100"},
    {"kind", 0, "NAMES", "only these kinds, with commas between them (see sallyport detector list)"},
    {"config", 'c', "FILE", "look for the detectors of this configuration too, with its names"},
    {"exclude", 0, "GLOBS", "in folders, no path or name that fits one of these, with commas between them"},
    {"no-color", 0, NULL, "no colours, also on a terminal"},
    CLI_OPTIONS_END,
};

const cli_command cli_scan = {
    .name = "scan",
    .run = cli_scan_run,
    .usage = "[FILE|DIR|-...] [--explain] [--show] [--json | --jsonl | --sarif]",
    .summary = "find sensitive data in text, as the gateway does",
    .help =
        "Reads files, folders with all that is in them, or standard input, and says what the detectors "
        "find and where, a line each:\n\n"
        "    mail.txt:1:10: email (confidence high 95) \"an…\" e-mail address\n\n"
        "Lines and columns count from 1, a column is a code point. In JSON `start` and `end` are code "
        "points from 0, the end is\n"
        "not included. Confidence: high from 85, medium from 70, low below. Of findings that overlap the "
        "surest is shown.\n"
        "Values that are disguised (base64, full width, zero width, ...) are found where they stand; what "
        "hides "
        "more than is undone\nis said to, counts as a finding and has the highest level (`\"hidden\": "
        "true`);\nso does what is nothing but beginnings of values, a hundred times as dear as prose to look "
        "through (`\"costly\": true`).\n"
        "Values are cut to how they begin, since what a scanner writes is kept; --show prints them.\n\n"
        "In folders symbolic links are not followed, .git and binary files are left out; how many is said "
        "on standard error.\n"
        "A file may have 1 GiB, a line of --jsonl 64 MiB. Lines are answered one by one in bounded "
        "memory; \"level\" is the\n"
        "highest that the shipped labels give to what was found, or what the text is about if that is "
        "higher: "
        "your policy may label\n"
        "it otherwise, `sallyport explain` says how. A line that is no JSON, or has no text, ends the "
        "command; half of a "
        "surrogate pair in a\n"
        "text counts as one character.\n\n"
        "Small models judge each text: `injection` (0 to 1, from 0.5 on: yes) says how likely it holds "
        "orders for "
        "an assistant,\n"
        "sentence by sentence and in disguise too, and counts as a finding of that kind outside of --jsonl; "
        "`use_case` says what it\n"
        "looks like. Where they are wrong: docs/reference/detection-models.md.\n\n"
        "Examples:\n    echo 'to anna.weber@example.org' | sallyport scan\n    git diff | sallyport scan "
        "|| echo 'something sensitive'\n"
        "    sallyport scan --sarif --exclude 'test/*,*.lock' . > findings.sarif\n"
        "    sallyport scan --jsonl < texts.jsonl > spans.jsonl\n",
    .exits = "0 nothing was found, with --jsonl all lines were answered; 1 something was found; 2 something "
             "could not be read\nor the command line is wrong.",
    .options = options,
    .max_words = -1,
};
