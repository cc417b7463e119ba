/* What `sallyport scan` prints: lines for people, one JSON document, or SARIF for whoever reads findings of
 * repositories. Each text is printed when it has been scanned, so memory does not grow with their number. A
 * value is shown by its first characters only unless it was asked for: what a scanner writes is kept. */
#include <ctype.h>
#include <string.h>

#include "cli/scan_internal.h"
#include "cli/table.h"
#include "sallyport/normalise.h"
#include "sallyport/patterns.h"
#include "sallyport/record.h"

enum { VALUE_MAX = 160 };

/* ---- values ---- */

/* How sure in words; the bounds are those of the manual. */
static const struct {
    uint8_t least;
    const char *name, *sarif;
    cli_colour colour;
} degrees[] = {
    {85, "high", "error", CLI_RED},
    {70, "medium", "warning", CLI_YELLOW},
    {0, "low", "note", CLI_DIM},
};

static size_t degree_of(const sp_finding *f)
{
    size_t i = 0;
    while (f->confidence < degrees[i].least) {
        i++;
    }
    return i;
}

/* Text that may be broken as text that is not: each byte that is no UTF-8 becomes U+FFFD. */
static void append_sound(sp_buf *out, sp_bytes s)
{
    while (s.n > 0) {
        const size_t n = sp_utf8_valid_prefix(s);
        sp_buf_append(out, sp_bytes_sub(s, 0, n));
        sp_buf_append_str(out, n < s.n ? "\xef\xbf\xbd" : "");
        s = sp_bytes_sub(s, n < s.n ? n + 1 : n, s.n);
    }
}

static size_t skip_points(sp_bytes s, size_t points)
{
    size_t i = 0;
    while (i < s.n && points > 0) {
        i++;
        while (i < s.n && (s.p[i] & 0xc0) == 0x80) {
            i++;
        }
        points--;
    }
    return i;
}

/* An eighth of it, at most four characters: enough to find the place, and to tell a token by its prefix. */
static void append_value(sp_buf *out, const scanner *s, sp_bytes value)
{
    const size_t most = s->shows_values ? VALUE_MAX : value.n / 8 < 4 ? value.n / 8 : 4;
    const size_t n = skip_points(value, most);
    append_sound(out, sp_bytes_sub(value, 0, n));
    sp_buf_append_str(out, n < value.n ? "…" : "");
}

/* ---- reasons ---- */

/* Which encoding a value was in, by what only that one has. */
static const char *encoding_of(sp_bytes value)
{
    static const struct {
        const char *of; /* one of these */
        const char *name;
    } signs[] = {{"&", "entities"}, {"%", "percent encoding"}, {"\\", "escapes"}};
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        if (memchr(value.p, signs[i].of[0], value.n) != NULL) {
            return signs[i].name;
        }
    }
    const uint8_t *equals = memchr(value.p, '=', value.n);
    if (equals != NULL && (size_t)(equals - value.p) + 3 < value.n) {
        return "quoted-printable";
    }
    for (size_t i = 0; i < value.n; i++) {
        if (!isxdigit(value.p[i])) {
            return "base64 or base32";
        }
    }
    return "hexadecimal";
}

/* How a value that is disguised was read. */
static const char *const readings[SP_VIEW_KINDS] = {
    [SP_VIEW_PLAIN] = "full width, zero width and their like undone",
    [SP_VIEW_SKELETON] = "letters of other scripts taken for those that they look like",
    [SP_VIEW_SPELLED] = "words taken for digits and signs",
    [SP_VIEW_SQUEEZED] = "what stands between its characters left out",
    [SP_VIEW_DIGITS] = "what stands between its digits left out",
    [SP_VIEW_LETTERS] = "digits and signs taken for letters",
    [SP_VIEW_ROT13] = "ROT13 undone",
    [SP_VIEW_REVERSED] = "read backwards",
};

static void append_reading(sp_buf *out, const sp_finding *f, sp_bytes text)
{
    sp_buf_append_str(out, "; disguised: ");
    if (f->view == SP_VIEW_DECODED) {
        sp_buf_append_str(out, encoding_of(sp_bytes_sub(text, f->start, f->end)));
        sp_buf_append_str(out, " decoded");
    } else {
        sp_buf_append_str(out, readings[f->view]);
    }
}

static void append_words(sp_buf *out, const sp_detector *d, const sp_named_by *why, const sp_finding *f,
                         sp_bytes text)
{
    if (why->end > why->start) {
        sp_buf_append_str(out, "; the words \"");
        append_sound(out, sp_bytes_sub(text, why->start, why->end));
        if (why->end + SP_PART_CONTEXT < f->start) {
            sp_buf_append_str(out, "\" head its column");
            return;
        }
        sp_buf_append_str(out, why->is_weak ? "\", which also fit other things, stand " : "\" stand ");
        sp_buf_append_u64(out, why->distance);
        sp_buf_append_str(out, why->start < f->start ? " bytes before it" : " bytes behind it");
    } else {
        sp_buf_append_str(out, d->words != NULL ? "; no word near by names it" : "");
    }
}

static const char *const sorts[] = {
    [SP_INJECTION_NONE] = "by its wording",
    [SP_INJECTION_ATTACK] = "by the small model: reads like an attack",
    [SP_INJECTION_REQUEST] = "by the small model: asks something of an assistant amid data",
    [SP_INJECTION_ANSWER] = "by the small model: says how an assistant has to answer, amid data",
};

static void append_judged(sp_buf *out, const sp_judgement *judged)
{
    const char *before = "; wordings: ";
    sp_buf_append_str(out, sorts[judged->sort]);
    sp_buf_append_str(out, judged->is_disguised ? ", in disguise" : "");
    for (unsigned f = 0; f < SP_ATTACK_LIMIT; f++) {
        if ((judged->families >> f & 1) != 0) {
            sp_buf_append_str(out, before);
            sp_buf_append_str(out, sp_attack_family_name((sp_attack_family)f));
            before = ", ";
        }
    }
}

void cli__scan_append_reason(sp_buf *out, const scanner *s, const sp_finding *f, sp_bytes text)
{
    sp_detector d;
    sp_named_by why;
    if (f->kind == SP_KIND_INJECTION) {
        append_judged(out, &s->judged);
        return;
    }
    if (f->kind == SP_KIND_PROGRAM_CODE) {
        sp_buf_append_str(out, "by how its lines begin: ");
        sp_buf_append_str(out, s->code.language);
        return;
    }
    if (!sp_engine_detector(&d, s->detectors.engine, f->detector)) {
        return;
    }
    sp_finding_explain(&why, s->detectors.engine, text, f);
    sp_buf_append_str(out, "by the detector ");
    sp_buf_append_str(out, d.name);
    sp_buf_append_str(out, d.is_checked ? "; what it is checked by is right" : "");
    if (f->view != SP_VIEW_TEXT) {
        append_reading(out, f, text);
    } else {
        append_words(out, &d, &why, f, text);
    }
    sp_buf_append_str(out, d.source != NULL ? "; after " : "");
    sp_buf_append_str(out, d.source);
}

/* ---- lines for people ---- */

static void put_coloured(cli_colour colour, const char *text)
{
    (void)printf("%s%s%s", cli_colour_code(stdout, colour), text, cli_colour_code(stdout, CLI_PLAIN));
}

/* `FILE:LINE:COLUMN: KIND (confidence high 92) "an…" MEANING`. Only what the text or its name say is
 * unsafe. */
static void print_finding(scanner *s, const sp_finding *f, const scan_place *at, const char *path)
{
    const sp_kind_info *kind = cli__scan_kind(s, f);
    const size_t degree = degree_of(f);
    sp_buf value = SP_BUF_IN(&s->arena.mem), reason = SP_BUF_IN(&s->arena.mem);
    append_value(&value, s, sp_bytes_sub(at->text, f->start, f->end));
    cli_write_safe(stdout, sp_bytes_of(path), false);
    (void)printf(":%zu:%zu: ", at->line + 1, at->column + 1);
    put_coloured(CLI_BOLD, kind->name);
    (void)printf(" (confidence ");
    put_coloured(degrees[degree].colour, degrees[degree].name);
    (void)printf(" %u) \"", f->confidence);
    cli_write_safe(stdout, sp_buf_bytes(&value), false);
    (void)printf("\" %s\n", kind->meaning);
    if (s->explains) {
        cli__scan_append_reason(&reason, s, f, at->text);
        (void)printf("    ");
        cli_write_safe(stdout, sp_buf_bytes(&reason), false);
        (void)printf("\n");
    }
}

/* `FILE:LINE:COLUMN: KIND allowed by RULE "an…" REASON` */
static void print_allowed(scanner *s, const sp_finding *f, const scan_place *at, const char *path)
{
    const sp_kind_info *row = cli__scan_kind(s, f);
    sp_bytes kind = sp_bytes_of(row->name);
    const sp_bytes rule = sp_record_atom_rule(&kind);
    sp_buf value = SP_BUF_IN(&s->arena.mem);
    append_value(&value, s, sp_bytes_sub(at->text, f->start, f->end));
    cli_write_safe(stdout, sp_bytes_of(path), false);
    (void)printf(":%zu:%zu: %.*s allowed by %.*s \"", at->line + 1, at->column + 1, (int)kind.n,
                 (const char *)kind.p, (int)rule.n, (const char *)rule.p);
    cli_write_safe(stdout, sp_buf_bytes(&value), false);
    (void)printf("\" %s\n", row->meaning);
}

static void print_all_allowed(scanner *s, sp_bytes text, const char *path)
{
    scan_place at = {.text = text};
    for (size_t i = 0; s->explains && i < s->allowed.n; i++) {
        cli__scan_advance(&at, s->allowed.v[i].start);
        print_allowed(s, &s->allowed.v[i], &at, path);
    }
}

static void print_findings(scanner *s, const sp_findings *found, sp_bytes text, const char *path)
{
    scan_place at = {.text = text};
    for (size_t i = 0; i < found->n; i++) {
        cli__scan_advance(&at, found->v[i].start);
        print_finding(s, &found->v[i], &at, path);
    }
    print_all_allowed(s, text, path);
    if (s->explains && s->code.language != NULL) {
        cli_write_safe(stdout, sp_bytes_of(path), false);
        (void)printf(": source code, %s\n", s->code.language);
    }
    if (found->is_full) {
        cli_write_safe(stdout, sp_bytes_of(path), false);
        (void)printf(": more was found than is listed\n");
    }
    if (s->hides) {
        cli_write_safe(stdout, sp_bytes_of(path), false);
        (void)printf(": more is hidden in encodings than is undone; the gateway refuses such a text\n");
    }
    if (s->is_costly) {
        cli_write_safe(stdout, sp_bytes_of(path), false);
        (void)printf(": costs more to look through than any text should; the gateway refuses such a text\n");
    }
}

/* ---- what JSON and SARIF share ---- */

static void put_value(sp_buf *out, scanner *s, const char *name, sp_bytes value)
{
    sp_buf shown = SP_BUF_IN(&s->arena.mem);
    append_value(&shown, s, value);
    cli_json_text(out, name, sp_buf_bytes(&shown));
}

static void put_reason(sp_buf *out, scanner *s, const sp_finding *f, sp_bytes text)
{
    sp_buf reason = SP_BUF_IN(&s->arena.mem);
    cli__scan_append_reason(&reason, s, f, text);
    cli_json_text(out, "reason", sp_buf_bytes(&reason));
}

/* ---- JSON ---- */

static void put_span(sp_buf *out, scanner *s, const sp_finding *f, scan_place *at)
{
    const sp_kind_info *kind = cli__scan_kind(s, f);
    sp_detector d = {0};
    (void)sp_engine_detector(&d, s->detectors.engine, f->detector);
    cli__scan_advance(at, f->start);
    cli_json_open(out, NULL, '{');
    cli_json_text(out, "kind", sp_bytes_of(kind->name));
    cli_json_number(out, "confidence", f->confidence);
    cli_json_number(out, "line", at->line + 1);
    cli_json_number(out, "column", at->column + 1);
    cli_json_number(out, "start", at->points);
    cli_json_number(out, "end", cli__scan_ahead(at, f->end).points);
    put_value(out, s, "value", sp_bytes_sub(at->text, f->start, f->end));
    cli_json_text(out, "category", cli_kind_category(&s->names, kind));
    cli_json_text(out, "level", s->names.level[kind->level]);
    cli_json_text(out, "meaning", sp_bytes_of(kind->meaning));
    cli_json_text(out, "detector",
                  sp_bytes_of(d.name != NULL                    ? d.name
                              : f->kind == SP_KIND_PROGRAM_CODE ? "code"
                                                                : "model"));
    if (f->view != SP_VIEW_TEXT) {
        cli_json_text(out, "view", sp_bytes_of(sp_view_name((sp_view_kind)f->view)));
    }
    if (s->explains) {
        put_reason(out, s, f, at->text);
    }
    sp_buf_append_byte(out, '}');
}

/* Told with their reasons only: who asks what was found has not asked for these. */
static void put_allowed(sp_buf *out, scanner *s, sp_bytes text)
{
    scan_place at = {.text = text};
    cli_json_open(out, "allowed", '[');
    for (size_t i = 0; i < s->allowed.n; i++) {
        const sp_kind_info *row = cli__scan_kind(s, &s->allowed.v[i]);
        sp_bytes kind = sp_bytes_of(row->name);
        const sp_bytes rule = sp_record_atom_rule(&kind);
        cli__scan_advance(&at, s->allowed.v[i].start);
        cli_json_open(out, NULL, '{');
        cli_json_text(out, "kind", kind);
        cli_json_text(out, "allowed_by", rule);
        cli_json_text(out, "reason", sp_bytes_of(row->meaning));
        cli_json_number(out, "line", at.line + 1);
        cli_json_number(out, "column", at.column + 1);
        cli_json_number(out, "start", at.points);
        cli_json_number(out, "end", cli__scan_ahead(&at, s->allowed.v[i].end).points);
        sp_buf_append_byte(out, '}');
    }
    sp_buf_append_byte(out, ']');
}

static void put_text(sp_buf *out, scanner *s, const sp_findings *found, sp_bytes text, const char *path)
{
    scan_place at = {.text = text};
    const sp_label label = cli__scan_label(s, found);
    sp_buf name = SP_BUF_IN(&s->arena.mem);
    append_sound(&name, sp_bytes_of(path));
    cli_json_open(out, NULL, '{');
    cli_json_text(out, "file", sp_buf_bytes(&name));
    cli_json_text(out, "level", s->names.level[label.level]);
    cli_json_categories(out, "categories", label.categories, &s->names);
    if (s->code.language != NULL) {
        cli_json_text(out, "code", sp_bytes_of(s->code.language));
    }
    cli_json_bool(out, "more", found->is_full);
    cli_json_bool(out, "hidden", s->hides);
    cli_json_bool(out, "costly", s->is_costly);
    cli_json_open(out, "findings", '[');
    for (size_t i = 0; i < found->n; i++) {
        put_span(out, s, &found->v[i], &at);
    }
    sp_buf_append_byte(out, ']');
    if (s->explains) {
        put_allowed(out, s, text);
    }
    sp_buf_append_byte(out, '}');
}

/* ---- SARIF 2.1.0 (OASIS) ---- */

/* The rule of a class is named where it is first used, so that the list holds what was found. */
static size_t rule_of(scanner *s, const sp_finding *f)
{
    const unsigned class = sp_finding_class(f);
    if (s->rule[class] == 0) {
        s->rule[class] = ++s->n_rules;
    }
    return s->rule[class] - 1u;
}

/* RFC 3986: what is neither unreserved nor a slash is written as %XX. */
static void put_uri(sp_buf *out, const char *path)
{
    static const char digits[] = "0123456789ABCDEF";
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    sp_buf uri = {.mem = out->mem, .status = SP_OK};
    for (const char *c = path; *c != '\0'; c++) {
        const uint8_t byte = (uint8_t)*c;
        if (strchr(plain, *c) != NULL) {
            sp_buf_append_byte(&uri, byte);
        } else {
            sp_buf_append_byte(&uri, '%');
            sp_buf_append_byte(&uri, (uint8_t)digits[byte >> 4]);
            sp_buf_append_byte(&uri, (uint8_t)digits[byte & 15]);
        }
    }
    cli_json_text(out, "uri", sp_buf_bytes(&uri));
}

static void put_region(sp_buf *out, const sp_finding *f, scan_place *at)
{
    cli__scan_advance(at, f->start);
    const scan_place end = cli__scan_ahead(at, f->end);
    cli_json_open(out, "region", '{');
    cli_json_number(out, "startLine", at->line + 1);
    cli_json_number(out, "startColumn", at->column + 1);
    cli_json_number(out, "endLine", end.line + 1);
    cli_json_number(out, "endColumn", end.column + 1);
    cli_json_number(out, "charOffset", at->points);
    cli_json_number(out, "charLength", end.points - at->points);
    sp_buf_append_byte(out, '}');
}

static void put_message(sp_buf *out, scanner *s, const sp_finding *f, sp_bytes text)
{
    sp_buf message = SP_BUF_IN(&s->arena.mem);
    sp_buf_append_str(&message, cli__scan_kind(s, f)->meaning);
    sp_buf_append_str(&message, ": \"");
    append_value(&message, s, sp_bytes_sub(text, f->start, f->end));
    sp_buf_append_byte(&message, '"');
    if (s->explains) {
        sp_buf_append_str(&message, ", ");
        cli__scan_append_reason(&message, s, f, text);
    }
    cli_json_open(out, "message", '{');
    cli_json_text(out, "text", sp_buf_bytes(&message));
    sp_buf_append_byte(out, '}');
}

static void put_result(sp_buf *out, scanner *s, const sp_finding *f, scan_place *at, const char *path)
{
    cli_json_open(out, NULL, '{');
    cli_json_text(out, "ruleId", sp_bytes_of(cli__scan_kind(s, f)->name));
    cli_json_number(out, "ruleIndex", rule_of(s, f));
    cli_json_text(out, "level", sp_bytes_of(degrees[degree_of(f)].sarif));
    cli_json_number(out, "rank", f->confidence);
    put_message(out, s, f, at->text);
    cli_json_open(out, "locations", '[');
    cli_json_open(out, NULL, '{');
    cli_json_open(out, "physicalLocation", '{');
    cli_json_open(out, "artifactLocation", '{');
    put_uri(out, path);
    sp_buf_append_byte(out, '}');
    put_region(out, f, at);
    sp_buf_append_str(out, "}}]}");
}

static void put_results(sp_buf *out, scanner *s, const sp_findings *found, sp_bytes text, const char *path)
{
    scan_place at = {.text = text};
    for (size_t i = 0; i < found->n; i++) {
        put_result(out, s, &found->v[i], &at, path);
    }
}

/* The kind whose rule has this number. */
static const sp_kind_info *kind_of_rule(const scanner *s, size_t rule)
{
    unsigned class = 0;
    while (class + 1 < SP_CLASS_LIMIT && s->rule[class] != rule + 1) {
        class ++;
    }
    return sp_engine_class(s->detectors.engine, class);
}

static void put_tool(sp_buf *out, const scanner *s)
{
    cli_json_open(out, "tool", '{');
    cli_json_open(out, "driver", '{');
    cli_json_text(out, "name", SP_LIT("sallyport"));
    cli_json_text(out, "version", SP_LIT("0.1.0"));
    cli_json_open(out, "rules", '[');
    for (size_t i = 0; i < s->n_rules; i++) {
        const sp_kind_info *kind = kind_of_rule(s, i);
        cli_json_open(out, NULL, '{');
        cli_json_text(out, "id", sp_bytes_of(kind->name));
        cli_json_open(out, "shortDescription", '{');
        cli_json_text(out, "text", sp_bytes_of(kind->meaning));
        sp_buf_append_str(out, "}}");
    }
    sp_buf_append_str(out, "]}}");
}

/* ---- before, between and after ---- */

static const char sarif_head[] = "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\","
                                 "\"version\":\"2.1.0\",\"runs\":[{\"columnKind\":\"unicodeCodePoints\","
                                 "\"results\":[";

int cli__scan_begin(scanner *s)
{
    static const char *const heads[] = {
        [SCAN_PLAIN] = "", [SCAN_JSON] = "{\"files\":[", [SCAN_SARIF] = sarif_head};
    cli_write(stdout, sp_bytes_of(heads[s->form]));
    return CLI_OK;
}

/* The list goes on in a buffer of its own: whether a comma is due is known from what was counted. */
static int print_item(const sp_buf *item, bool is_first)
{
    if (item->n > 0 && !is_first) {
        cli_write(stdout, SP_LIT(",\n"));
    }
    return cli_flush(stdout, item);
}

int cli__scan_report(scanner *s, const sp_findings *found, sp_bytes text, const char *path)
{
    sp_buf item = SP_BUF_IN(&s->arena.mem);
    const char *name = strcmp(path, "-") == 0 ? "stdin" : path;
    if (s->form == SCAN_PLAIN) {
        print_findings(s, found, text, name);
        return CLI_OK;
    }
    if (s->form == SCAN_JSON) {
        put_text(&item, s, found, text, name);
        return print_item(&item, s->counts.files == 1);
    }
    put_results(&item, s, found, text, name);
    return print_item(&item, s->counts.findings == found->n);
}

static void put_counts(sp_buf *out, const scan_counts *counts)
{
    cli_json_number(out, "scanned", counts->files);
    cli_json_number(out, "found", counts->findings);
    cli_json_open(out, "left_out", '{');
    cli_json_number(out, "binary", counts->binary);
    cli_json_number(out, "symlinks", counts->links);
    cli_json_number(out, "special", counts->special);
    sp_buf_append_byte(out, '}');
}

/* To stderr, since stdout is for findings. */
static void print_counts(const scan_counts *c)
{
    if (c->binary + c->links + c->special > 0) {
        (void)fprintf(stderr, "left out: %zu binary files, %zu symbolic links, %zu special files\n",
                      c->binary, c->links, c->special);
    }
}

/* Where findings are all that there is room for. */
static void print_unseen(const scan_counts *c)
{
    if (c->hiding > 0) {
        (void)fprintf(stderr,
                      "%zu files hide more in encodings than is undone; the gateway refuses such a text\n",
                      c->hiding);
    }
    if (c->costly > 0) {
        (void)fprintf(
            stderr, "%zu files cost more to look through than any should; the gateway refuses such a text\n",
            c->costly);
    }
}

int cli__scan_end(scanner *s)
{
    sp_arena_reset(&s->arena, SCAN_MEMORY_KEPT);
    sp_buf out = SP_BUF_IN(&s->arena.mem);
    if (s->form == SCAN_PLAIN) {
        print_counts(&s->counts);
        return CLI_OK;
    }
    sp_buf_append_byte(&out, ']');
    if (s->form == SCAN_JSON) {
        put_counts(&out, &s->counts);
        sp_buf_append_str(&out, "}\n");
    } else {
        put_tool(&out, s);
        sp_buf_append_str(&out, "}]}\n");
        print_unseen(&s->counts);
    }
    return cli_flush(stdout, &out);
}
