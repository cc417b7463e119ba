/* `sallyport scan`: the detectors over text, as the gateway applies them. */
#include <stdlib.h>
#include <string.h>

#include <yyjson.h>

#include "cli/cli.h"
#include "sallyport/detect.h"

enum {
    TEXT_MAX = 1 << 30,
    LINE_MEMORY = 256 << 20,
    FINDINGS_MAX = 100000, /* of one kind in one text */
};

typedef struct scanner {
    sp_engine *engine;
    sp_scratch *scratch;
    sp_names names;
    bool is_json;
    bool has_found;
} scanner;

/* ---- places in code points ---- */

/* Turns byte offsets, asked for in rising order, into code points and lines. Spans may nest, so each starts
 * from the last start. */
typedef struct counter {
    sp_bytes text;
    size_t at, points, line, column;
} counter;

static void advance(counter *c, size_t to)
{
    for (; c->at < to && c->at < c->text.n; c->at++) {
        const uint8_t byte = c->text.p[c->at];
        const bool is_start = (byte & 0xc0) != 0x80;
        c->points += is_start;
        c->column = byte == '\n' ? 0 : c->column + is_start;
        c->line += byte == '\n';
    }
}

/* ---- what was found ---- */

/* The canonical spelling of data sets has underscores; ours of records has hyphens. */
static void append_category(sp_buf *out, const char *kind)
{
    for (; *kind != '\0'; kind++) {
        sp_buf_append_byte(out, (uint8_t)(*kind == '-' ? '_' : *kind));
    }
}

static void append_span(sp_buf *out, const sp_finding *f, size_t start, size_t end)
{
    sp_buf_append_str(out, "{\"start\":");
    sp_buf_append_u64(out, start);
    sp_buf_append_str(out, ",\"end\":");
    sp_buf_append_u64(out, end);
    sp_buf_append_str(out, ",\"category\":\"");
    append_category(out, sp_kind_get((sp_kind)f->kind)->name);
    sp_buf_append_str(out, "\",\"confidence\":");
    sp_buf_append_u64(out, f->confidence);
    sp_buf_append_byte(out, '}');
}

/* The label that the findings alone would give. */
static sp_label label_of(const sp_findings *found)
{
    sp_label label = SP_LABEL_BOTTOM;
    for (size_t i = 0; i < found->n; i++) {
        const sp_kind_info *kind = sp_kind_get((sp_kind)found->v[i].kind);
        sp_label atom = SP_LABEL_BOTTOM;
        atom.level = kind->level;
        atom.categories = SP_CAT_BIT(kind->category);
        label = sp_label_join(label, atom);
    }
    return label;
}

static void append_spans(sp_buf *out, const sp_findings *found, sp_bytes text)
{
    counter c = {.text = text};
    sp_buf_append_str(out, "\"spans\":[");
    for (size_t i = 0; i < found->n; i++) {
        const sp_finding *f = &found->v[i];
        advance(&c, f->start);
        counter end = c;
        advance(&end, f->end);
        sp_buf_append_str(out, i > 0 ? "," : "");
        append_span(out, f, c.points, end.points);
    }
    sp_buf_append_byte(out, ']');
}

static void append_level(sp_buf *out, const scanner *s, const sp_findings *found)
{
    const sp_label label = label_of(found);
    sp_buf_append_str(out, ",\"level\":\"");
    sp_buf_append(out, s->names.level[label.level]);
    sp_buf_append_str(out, "\",\"label\":\"");
    sp_label_append(out, label, &s->names);
    sp_buf_append_byte(out, '"');
    if (found->is_full) {
        sp_buf_append_str(out, ",\"more\":true");
    }
}

static int scan_text(scanner *s, sp_findings *found, sp_bytes text, const char *where)
{
    const sp_status status = sp_scan(found, s->engine, s->scratch, text);
    s->has_found = s->has_found || found->n > 0;
    return status == SP_OK ? CLI_OK : cli_fail_status(status, where);
}

/* ---- whole texts ---- */

static void append_line(sp_buf *out, const char *path, const sp_finding *f, const counter *at,
                        const sp_names *names)
{
    const sp_kind_info *kind = sp_kind_get((sp_kind)f->kind);
    sp_buf_append_str(out, path);
    sp_buf_append_byte(out, ':');
    sp_buf_append_u64(out, at->line + 1);
    sp_buf_append_byte(out, ':');
    sp_buf_append_u64(out, at->column + 1);
    sp_buf_append_str(out, ": ");
    sp_buf_append_str(out, kind->name);
    sp_buf_append_str(out, " (");
    sp_buf_append(out, names->category[kind->category]);
    sp_buf_append_str(out, ", ");
    sp_buf_append(out, names->level[kind->level]);
    sp_buf_append_str(out, "): ");
    sp_buf_append_str(out, kind->meaning);
    sp_buf_append_byte(out, '\n');
}

static void append_report(sp_buf *out, const scanner *s, const sp_findings *found, sp_bytes text,
                          const char *path)
{
    counter c = {.text = text};
    for (size_t i = 0; i < found->n; i++) {
        advance(&c, found->v[i].start);
        append_line(out, path, &found->v[i], &c, &s->names);
    }
    sp_buf_append_str(out, path);
    sp_buf_append_str(out, ": ");
    sp_label_append(out, label_of(found), &s->names);
    sp_buf_append_str(out, found->is_full ? " (more was found than is listed)\n" : "\n");
}

static int scan_file(scanner *s, const char *path)
{
    sp_arena arena;
    sp_arena_init(&arena, (size_t)4 * TEXT_MAX);
    sp_buf text = SP_BUF_IN(&arena.mem), out = SP_BUF_IN(&arena.mem);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, FINDINGS_MAX);
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    int code = cli_read_file(&text, path, TEXT_MAX);
    code = code == CLI_OK ? scan_text(s, &found, sp_buf_bytes(&text), name) : code;
    if (code == CLI_OK && s->is_json) {
        sp_buf_append_str(&out, "{\"file\":\"");
        sp_buf_append_json(&out, sp_bytes_of(path));
        sp_buf_append_str(&out, "\",");
        append_spans(&out, &found, sp_buf_bytes(&text));
        append_level(&out, s, &found);
        sp_buf_append_str(&out, "}\n");
    } else if (code == CLI_OK) {
        append_report(&out, s, &found, sp_buf_bytes(&text), name);
    }
    code = code == CLI_OK ? cli_flush(stdout, &out) : code;
    sp_arena_fini(&arena);
    return code;
}

/* ---- JSON lines ---- */

static void append_id(sp_buf *out, yyjson_val *id)
{
    if (yyjson_is_str(id)) {
        sp_buf_append_byte(out, '"');
        sp_buf_append_json(out, (sp_bytes){(const uint8_t *)yyjson_get_str(id), yyjson_get_len(id)});
        sp_buf_append_byte(out, '"');
    } else if (yyjson_is_uint(id)) {
        sp_buf_append_u64(out, yyjson_get_uint(id));
    } else {
        sp_buf_append_str(out, "null");
    }
}

static int fail_line(const char *what, const char *path, size_t number)
{
    char where[PATH_MAX + 32];
    (void)snprintf(where, sizeof where, "%s:%zu", path, number);
    return cli_fail(what, where, "a line is {\"id\": ..., \"text\": \"...\"}");
}

static int scan_line(scanner *s, char *line, size_t n, const char *path, size_t number)
{
    sp_arena arena;
    sp_arena_init(&arena, LINE_MEMORY);
    sp_buf out = SP_BUF_IN(&arena.mem);
    sp_findings found = SP_FINDINGS_IN(&arena.mem, FINDINGS_MAX);
    yyjson_doc *doc = yyjson_read(line, n, 0);
    yyjson_val *root = yyjson_doc_get_root(doc), *value = yyjson_obj_get(root, "text");
    const sp_bytes text = {(const uint8_t *)yyjson_get_str(value), yyjson_get_len(value)};
    int code = yyjson_is_str(value) ? scan_text(s, &found, text, path)
                                    : fail_line("this line has no text", path, number);
    if (code == CLI_OK) {
        sp_buf_append_str(&out, "{\"id\":");
        append_id(&out, yyjson_obj_get(root, "id"));
        sp_buf_append_byte(&out, ',');
        append_spans(&out, &found, text);
        append_level(&out, s, &found);
        sp_buf_append_str(&out, "}\n");
        code = cli_flush(stdout, &out); /* each line at once: whoever reads may wait for it */
    }
    yyjson_doc_free(doc);
    sp_arena_fini(&arena);
    return code;
}

static int scan_lines(scanner *s, const char *path)
{
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    char *line = NULL;
    size_t room = 0, number = 0;
    ssize_t n;
    int code = in != NULL ? CLI_OK : cli_fail("cannot be read", path, NULL);
    while (code == CLI_OK && (n = getline(&line, &room, in)) >= 0) {
        number++;
        if (strspn(line, " \t\r\n") < (size_t)n) {
            code = scan_line(s, line, (size_t)n, path, number);
        }
    }
    free(line);
    if (in != NULL && in != stdin) {
        (void)fclose(in);
    }
    return code;
}

/* ---- the command ---- */

static int open_scanner(scanner *s)
{
    sp_diag diag = {0};
    sp_names_init(&s->names);
    if (sp_engine_new(&s->engine, &diag) != SP_OK || sp_scratch_new(&s->scratch, s->engine) != SP_OK) {
        return cli_fail("the detectors cannot be compiled", diag.text, NULL);
    }
    return CLI_OK;
}

static int cli_scan_run(const cli_args *args)
{
    scanner s = {.is_json = cli_has(args, "json")};
    const bool is_lines = cli_has(args, "jsonl");
    int code = open_scanner(&s);
    for (int i = 0; code == CLI_OK && i < (args->n_words > 0 ? args->n_words : 1); i++) {
        const char *path = args->n_words > 0 ? args->words[i] : "-";
        code = is_lines ? scan_lines(&s, path) : scan_file(&s, path);
    }
    sp_scratch_free(s.scratch);
    sp_engine_free(s.engine);
    return code == CLI_OK && cli_has(args, "check") && s.has_found ? CLI_FAILED : code;
}

static const cli_option options[] = {
    {"jsonl", 0, NULL, "each line is {\"id\",\"text\"}; print {\"id\",\"spans\"} for each, at once"},
    {"json", 0, NULL, "print JSON, one line for each file"},
    {"check", 0, NULL, "exit with 1 when anything is found"},
    CLI_OPTIONS_END,
};

const cli_command cli_scan = {
    .name = "scan",
    .run = cli_scan_run,
    .usage = "[FILE...] [--json | --jsonl] [--check]",
    .summary = "find sensitive data in text, as the gateway does",
    .help = "Reads files, or standard input, and says what the detectors find and where. Offsets in JSON "
            "count code points from 0, the end is\n"
            "not included. What was found is not printed.\n\n"
            "Example:\n    echo 'to anna.weber@example.org' | sallyport scan\n    git diff | sallyport scan "
            "--check || echo 'something sensitive'\n",
    .options = options,
    .max_words = -1,
};
