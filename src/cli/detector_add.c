/* `sallyport detector add` and `remove`: detectors of an organisation, put into the configuration and taken
 * out of it. One is compiled, and does what its examples say, before it takes its place. */
#include <string.h>

#include "cli/detector.h"
#include "cli/edit_file.h"
#include "cli/table.h"
#include "conf/detectors.h"
#include "conf/nearest.h"

/* What is to be added, and what it is tried on. */
typedef struct addition {
    const char *path; /* of the file that it stands in; NULL: it stands on the command line */
    sp_bytes file;
    const spc_node *list; /* of the detectors in `file` */
    const char *trial;    /* path of a text; NULL: none */
    sp_mem *mem;
} addition;

/* ---- from the command line ---- */

/* Patterns are easier to read between single quotes, where a backslash is one (YAML 1.2.2, 7.3.2). */
static void put_scalar(sp_buf *out, sp_bytes text)
{
    bool is_printable = true;
    for (size_t i = 0; i < text.n; i++) is_printable = is_printable && text.p[i] >= ' ' && text.p[i] != 0x7f;
    if (!is_printable || memchr(text.p, '\\', text.n) == NULL) {
        spc_scalar_append(out, text);
        return;
    }
    sp_buf_append_byte(out, '\'');
    for (size_t i = 0; i < text.n; i++) {
        sp_buf_append_str(out, text.p[i] == '\'' ? "'" : "");
        sp_buf_append_byte(out, text.p[i]);
    }
    sp_buf_append_byte(out, '\'');
}

static void put_key(sp_buf *out, const char *key)
{
    sp_buf_append_str(out, "\n    ");
    sp_buf_append_str(out, key);
    sp_buf_append_str(out, ": ");
}

static void put_text(sp_buf *out, const cli_args *args, const char *key)
{
    if (cli_has(args, key)) {
        put_key(out, key);
        put_scalar(out, sp_bytes_of(cli_value(args, key)));
    }
}

static void put_bare(sp_buf *out, const cli_args *args, const char *key)
{
    if (cli_has(args, key)) {
        put_key(out, key);
        sp_buf_append_str(out, cli_value(args, key));
    }
}

/* Without the blanks around it, which people put behind commas. */
static sp_bytes trimmed(const char *text, size_t n)
{
    while (n > 0 && text[0] == ' ') text++, n--;
    while (n > 0 && text[n - 1] == ' ') n--;
    return (sp_bytes){(const uint8_t *)text, n};
}

static void put_list(sp_buf *out, const cli_args *args, const char *key)
{
    const char *text = cli_value(args, key);
    if (text == NULL) {
        return;
    }
    put_key(out, key);
    sp_buf_append_byte(out, '[');
    for (const char *at = text; *at != '\0';) {
        const size_t n = strcspn(at, ",");
        sp_buf_append_str(out, at != text ? ", " : "");
        put_scalar(out, trimmed(at, n));
        at += n + (at[n] == ',');
    }
    sp_buf_append_byte(out, ']');
}

static bool is_example(const char *text)
{
    const char *open = strchr(text, '[');
    return open != NULL && strchr(open, ']') != NULL;
}

static void put_examples(sp_buf *out, const cli_args *args, const char *key, bool found)
{
    bool is_first = true;
    put_key(out, key);
    sp_buf_append_byte(out, '[');
    for (int i = 1; i < args->n_words; i++) {
        if (is_example(args->words[i]) == found) {
            sp_buf_append_str(out, is_first ? "" : ", ");
            put_scalar(out, sp_bytes_of(args->words[i]));
            is_first = false;
        }
    }
    sp_buf_append_byte(out, ']');
}

/* The file that a person would have written. */
static void write_out(sp_buf *out, const cli_args *args)
{
    static const char *const texts[] = {"meaning", "kind", "category", "level", "pattern"};
    sp_buf_append_str(out, "detectors:\n  - name: ");
    put_scalar(out, sp_bytes_of(args->words[0]));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) put_text(out, args, texts[i]);
    put_list(out, args, "shapes");
    put_list(out, args, "terms");
    if (cli_has(args, "exact-case")) {
        put_key(out, "exact_case");
        sp_buf_append_str(out, "true");
    }
    put_text(out, args, "check");
    put_list(out, args, "words");
    put_bare(out, args, "confidence");
    put_examples(out, args, "examples", true);
    put_examples(out, args, "near_misses", false);
    sp_buf_append_byte(out, '\n');
}

/* ---- what is added ---- */

static int read_list(addition *a)
{
    const spc_node *root = NULL;
    spc_problems problems = {.mem = a->mem};
    const sp_status status = spc_document_read(&root, &problems, a->file);
    if (status != SP_OK) {
        return cli_fail_status(status, a->path);
    }
    for (const spc_node *n = root != NULL ? root->child : NULL; n != NULL; n = n->next) {
        if (sp_bytes_eq(n->key, SP_LIT("detectors")) && n->kind == SPC_NODE_LIST) {
            a->list = n;
        }
    }
    return a->list != NULL ? CLI_OK : cli_fail_status(SP_EFIELD, a->path);
}

/* A file is judged where it stands, so that mistakes are named by its own lines. */
static int check_file(const addition *a, const spc_conf *conf)
{
    spc_detectors detectors;
    spc_problems problems = {.mem = a->mem};
    sp_status status = spc_detectors_read(&detectors, &problems, a->file, &conf->names);
    if (status == SP_OK && problems.n_errors == 0) {
        status = spc_detectors_check(&detectors, &problems);
    }
    return status == SP_OK ? cli__detector_problems(&problems, a->path) : cli_fail_status(status, a->path);
}

static int take(addition *a, const cli_args *args, const spc_conf *conf)
{
    sp_buf text = SP_BUF_IN(a->mem);
    int code = CLI_OK;
    a->path = cli_value(args, "from");
    if (a->path != NULL) {
        code = cli_read_file(&text, a->path, CLI__DETECTOR_FILE);
    } else {
        write_out(&text, args);
    }
    a->file = sp_buf_bytes(&text);
    if (code == CLI_OK && text.status != SP_OK) {
        return cli_fail_status(text.status, NULL);
    }
    code = code == CLI_OK && a->path != NULL ? check_file(a, conf) : code;
    return code == CLI_OK ? read_list(a) : code;
}

static sp_status append_all(sp_bytes *out, sp_bytes file, void *context, sp_mem *mem)
{
    const addition *a = context;
    *out = file;
    for (const spc_node *n = a->list->child; n != NULL; n = n->next)
        SP_TRY(spc_edit_append(out, *out, SP_LIT("detectors"), &(spc_item){a->file, n}, mem));
    return SP_OK;
}

/* ---- what it would find ---- */

static bool is_named(const spc_node *detector, sp_bytes name)
{
    for (const spc_node *n = detector->child; n != NULL; n = n->next) {
        if (sp_bytes_eq(n->key, SP_LIT("name"))) {
            return sp_bytes_eq(n->text, name);
        }
    }
    return false;
}

static bool is_added(const addition *a, const spc_detector *d)
{
    for (const spc_node *n = a->list->child; n != NULL; n = n->next) {
        if (is_named(n, d->name.v)) {
            return true;
        }
    }
    return false;
}

/* Members of JSON: where it is found, not what stands there. */
static void put_found(sp_buf *out, const spc_detector *d, const sp_finding *f, const scan_place *at)
{
    cli_json_open(out, NULL, '{');
    cli_json_text(out, "name", d->name.v);
    cli_json_number(out, "line", at->line + 1);
    cli_json_number(out, "column", at->column + 1);
    cli_json_number(out, "confidence", f->confidence);
    sp_buf_append_byte(out, '}');
}

static sp_status scan(sp_findings *found, const spc_conf *conf, sp_bytes text, sp_mem *mem)
{
    sp_custom *custom = NULL;
    spc_problems problems = {.mem = mem};
    SP_TRY(spc_detectors_compile(&custom, &conf->detectors, &problems));
    const sp_status status = custom != NULL ? sp_custom_scan(found, custom, text) : SP_EINTERNAL;
    sp_custom_free(custom);
    sp_findings_settle(found);
    return status;
}

static int try_text(sp_buf *out, const spc_conf *conf, bool is_json, void *context)
{
    const addition *a = context;
    sp_buf text = SP_BUF_IN(a->mem);
    sp_findings found = SP_FINDINGS_IN(a->mem, CLI__DETECTOR_FINDINGS);
    if (a->trial == NULL) {
        return CLI_OK;
    }
    const int code = cli_read_file(&text, a->trial, CLI__DETECTOR_TEXT);
    if (code != CLI_OK) {
        return code;
    }
    const sp_status status = scan(&found, conf, sp_buf_bytes(&text), a->mem);
    if (status != SP_OK) {
        return cli_fail_status(status, a->trial);
    }
    scan_place at = {.text = sp_buf_bytes(&text)};
    sp_buf_append_str(out, is_json ? "\"found\":[" : "");
    for (size_t i = 0; i < found.n; i++) {
        const spc_detector *d = &conf->detectors.v[found.v[i].detector];
        cli__scan_advance(&at, found.v[i].start);
        if (is_added(a, d) && is_json) {
            put_found(out, d, &found.v[i], &at);
        } else if (is_added(a, d)) {
            cli__detector_found(out, d, &found.v[i], &at, a->trial);
        }
    }
    sp_buf_append_str(out, is_json ? "]" : out->n == 0 ? "nothing is found in the text\n" : "");
    return CLI_OK;
}

/* ---- the commands ---- */

static int check_words(const cli_args *args)
{
    static const char *const wanted[] = {"meaning", NULL};
    if (cli_has(args, "from")) {
        return args->n_words == 0
                   ? CLI_OK
                   : cli_misuse(args->command, "names stand in the file of --from", args->words[0]);
    }
    if (args->n_words == 0) {
        return cli_misuse(args->command, "something is missing", "NAME or --from FILE");
    }
    return cli_edit_want(args, wanted);
}

int cli__detector_add(const cli_args *args, sp_mem *mem)
{
    const spc_conf *conf = NULL;
    addition a = {.trial = cli_value(args, "try"), .mem = mem};
    int code = check_words(args);
    code = code == CLI_OK ? cli_conf(&conf, args, mem, false) : code;
    code = code == CLI_OK ? take(&a, args, conf) : code;
    return code == CLI_OK ? cli_edit_by(args, &(cli_edit){append_all, try_text, &a}, mem) : code;
}

static sp_status remove_one(sp_bytes *out, sp_bytes file, void *context, sp_mem *mem)
{
    return spc_edit_remove(out, file, SP_LIT("detectors"), sp_bytes_of(context), mem);
}

int cli__detector_remove(const cli_args *args, sp_mem *mem)
{
    const spc_conf *conf = NULL;
    const int code = cli_conf(&conf, args, mem, false);
    spc_nearest nearest = SPC_NEAREST_TO(sp_bytes_of(args->words[0]));
    bool is_there = false;
    for (size_t i = 0; code == CLI_OK && i < conf->detectors.n; i++) {
        is_there = is_there || sp_bytes_eq(conf->detectors.v[i].name.v, sp_bytes_of(args->words[0]));
        spc_nearest_offer(&nearest, conf->detectors.v[i].name.v);
    }
    if (code == CLI_OK && !is_there) {
        return cli_fail_name("no such detector in the configuration", args->words[0], nearest.best);
    }
    return code == CLI_OK ? cli_edit_by(args, &(cli_edit){remove_one, NULL, args->words[0]}, mem) : code;
}
