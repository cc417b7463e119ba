/* Detectors of an organisation as `sallyport detector list` and `show` tell of them. */
#include "cli/detector.h"
#include "cli/table.h"

/* ---- what is said in all forms ---- */

static const sp_kind_info *shipped_kind(const spc_detector *d)
{
    return sp_kind_get((sp_kind)d->kind_number);
}

static sp_bytes kind_of(const spc_detector *d)
{
    const sp_kind_info *kind = shipped_kind(d);
    return kind != NULL ? sp_bytes_of(kind->name) : d->name.v;
}

static sp_bytes category_of(const spc_detector *d, const sp_names *names)
{
    const sp_kind_info *kind = shipped_kind(d);
    return kind != NULL ? cli_kind_category(names, kind) : names->category[d->category_number];
}

static sp_bytes level_of(const spc_detector *d, const sp_names *names)
{
    const sp_kind_info *kind = shipped_kind(d);
    return names->level[kind != NULL ? kind->level : d->level_number];
}

static const char *run_of(const spc_detector *d)
{
    return d->shapes.n > 0 ? "number" : "line";
}

static unsigned sure_of(const spc_detector *d)
{
    return d->confidence != 0     ? (unsigned)d->confidence
           : d->check.v.p != NULL ? CLI__SURE_CHECKED
                                  : CLI__SURE_BARE;
}

/* ---- JSON ---- */

static void put_text(sp_buf *out, const char *name, sp_bytes text)
{
    if (text.p != NULL) {
        cli_json_text(out, name, text);
    } else {
        cli_json_null(out, name);
    }
}

static void put_texts(sp_buf *out, const char *name, const spc_texts *list)
{
    cli_json_open(out, name, '[');
    for (size_t i = 0; i < list->n; i++) {
        cli_json_text(out, NULL, list->v[i].v);
    }
    sp_buf_append_byte(out, ']');
}

void cli__own_json(sp_buf *out, const spc_detector *d, const sp_names *names)
{
    cli_json_open(out, NULL, '{');
    cli_json_text(out, "name", d->name.v);
    cli_json_text(out, "kind", kind_of(d));
    cli_json_text(out, "meaning", d->meaning.v);
    cli_json_text(out, "category", category_of(d, names));
    cli_json_text(out, "level", level_of(d, names));
    cli_json_text(out, "origin", SP_LIT("configuration"));
    cli_json_number(out, "line", d->name.at.line);
    cli_json_bool(out, "is_checked", d->check.v.p != NULL);
    cli_json_bool(out, "is_whole", false);
    put_text(out, "head", d->pattern.v);
    put_texts(out, "shapes", &d->shapes);
    cli_json_open(out, "forms", '[');
    sp_buf_append_byte(out, ']');
    put_texts(out, "terms", &d->terms);
    cli_json_bool(out, "exact_case", d->is_exact);
    put_text(out, "check", d->check.v);
    put_texts(out, "words", &d->words);
    cli_json_number(out, "confidence", sure_of(d));
    cli_json_text(out, "run", sp_bytes_of(run_of(d)));
    cli_json_number(out, "longest", SP_CUSTOM_WIDTH_MAX);
    cli_json_null(out, "source");
    put_texts(out, "examples", &d->examples);
    put_texts(out, "near_misses", &d->near_misses);
    sp_buf_append_byte(out, '}');
}

/* ---- for people ---- */

/* FILE:LINE */
static void put_place(sp_buf *out, const spc_detector *d, const char *path)
{
    sp_buf_append_str(out, path);
    sp_buf_append_byte(out, ':');
    sp_buf_append_u64(out, d->name.at.line);
}

void cli__own_line(sp_buf *out, const spc_detector *d, const char *path)
{
    cli_put_column(out, d->name.v, CLI__NAME_WIDTH);
    cli_put_column(out, kind_of(d), CLI__KIND_WIDTH);
    cli_put_column(out, sp_bytes_of(d->check.v.p != NULL ? "check" : "-"), CLI__CHECK_WIDTH);
    cli_put_column(out, sp_bytes_of(run_of(d)), CLI__CHECK_WIDTH);
    sp_buf_append(out, d->meaning.v);
    sp_buf_append_str(out, " (");
    put_place(out, d, path);
    sp_buf_append_str(out, ")\n");
}

static void put_field(sp_buf *out, const char *title, sp_bytes text)
{
    if (text.p != NULL) {
        cli_put_field(out, title);
        sp_buf_append(out, text);
        sp_buf_append_byte(out, '\n');
    }
}

/* On one line. */
static void put_row(sp_buf *out, const char *title, const spc_texts *list)
{
    for (size_t i = 0; i < list->n; i++) {
        if (i == 0) {
            cli_put_field(out, title);
        }
        sp_buf_append_str(out, i > 0 ? ", " : "");
        sp_buf_append(out, list->v[i].v);
    }
    sp_buf_append_str(out, list->n > 0 ? "\n" : "");
}

/* A line each. */
static void put_lines(sp_buf *out, const char *title, const spc_texts *list)
{
    for (size_t i = 0; i < list->n; i++) {
        put_field(out, i == 0 ? title : "", list->v[i].v);
    }
}

void cli__own_page(sp_buf *out, const spc_detector *d, const sp_names *names, const char *path)
{
    sp_buf_append(out, d->name.v);
    sp_buf_append_str(out, ": ");
    sp_buf_append(out, d->meaning.v);
    sp_buf_append_byte(out, '\n');
    put_field(out, "kind", kind_of(d));
    cli_put_field(out, "label");
    sp_buf_append(out, category_of(d, names));
    sp_buf_append_str(out, ", ");
    sp_buf_append(out, level_of(d, names));
    sp_buf_append_byte(out, '\n');
    cli_put_field(out, "source");
    put_place(out, d, path);
    sp_buf_append_byte(out, '\n');
    put_field(out, "pattern", d->pattern.v);
    put_row(out, "shapes", &d->shapes);
    put_row(out, "terms", &d->terms);
    put_field(out, "check", d->check.v);
    put_row(out, "words", &d->words);
    cli_put_field(out, "confidence");
    sp_buf_append_u64(out, sure_of(d));
    sp_buf_append_str(out, d->words.n > 0 ? " with one of its words beside it, less with distance\n" : "\n");
    put_lines(out, "finds", &d->examples);
    put_lines(out, "finds not", &d->near_misses);
}
