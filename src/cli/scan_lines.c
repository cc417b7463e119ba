/* `sallyport scan --jsonl`: a line of JSON in, a line of JSON out. The input is read in pieces, so that a
 * line may be large and their number does not matter; what has been answered leaves before more is waited
 * for, so that a program can talk with this one line by line. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/scan_internal.h"
#include "cli/scan_question.h"
#include "sallyport/patterns.h"

enum { READ_BYTES = 1 << 18, OUT_BYTES = 1 << 18 };

/* ---- lines ---- */

typedef struct line_reader {
    const char *path;
    char *p; /* of malloc */
    size_t at, n, cap;
    size_t number; /* of the present line, from 1 */
    int fd;
    bool is_ended;
} line_reader;

static int fail_line(const line_reader *in, const char *what, const char *advice)
{
    char where[PATH_MAX + 32];
    (void)snprintf(where, sizeof where, "%s:%zu", in->path, in->number);
    return cli_fail(what, where, advice);
}

static int fail_question(const line_reader *in, const scan_refusal *why)
{
    char where[PATH_MAX + 64];
    if (why->detail == NULL) {
        return fail_line(in, why->what, "a line is {\"id\": ..., \"text\": \"...\"}");
    }
    (void)snprintf(where, sizeof where, "%s:%zu: byte %zu", in->path, in->number, why->at + 1);
    return cli_fail(why->what, where, why->detail);
}

/* Room for one more piece behind what is not taken yet. */
static int make_room(line_reader *in)
{
    if (in->at > 0) {
        memmove(in->p, in->p + in->at, in->n - in->at);
        in->n -= in->at;
        in->at = 0;
    }
    if (in->n > SCAN_LINE_MAX) {
        in->number++;
        return fail_line(in, "this line is too long", "a line may have 64 MiB");
    }
    if (in->cap - in->n >= READ_BYTES) {
        return CLI_OK;
    }
    const size_t cap = in->cap == 0 ? (size_t)2 * READ_BYTES : in->cap * 2;
    char *p = realloc(in->p, cap);
    if (p == NULL) {
        return cli_fail_status(SP_ENOMEM, in->path);
    }
    in->p = p;
    in->cap = cap;
    return CLI_OK;
}

static int read_more(line_reader *in)
{
    const int code = make_room(in);
    if (code != CLI_OK) {
        return code;
    }
    ssize_t n;
    do {
        n = read(in->fd, in->p + in->n, READ_BYTES);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        return cli_fail("cannot be read", in->path, strerrordesc_np(errno));
    }
    in->is_ended = n == 0;
    in->n += (size_t)n;
    return CLI_OK;
}

/* The next line that has been read whole, without its end; false: more has to be read. The last one needs no
 * end. `*looked` is how much of what is left is known to hold no end of line. */
static bool take_line(line_reader *in, sp_bytes *line, size_t *looked)
{
    const size_t left = in->n - in->at;
    if (in->p == NULL || left == 0) {
        return false;
    }
    const char *start = in->p + in->at;
    const char *end = left > *looked ? memchr(start + *looked, '\n', left - *looked) : NULL;
    if (end == NULL && !in->is_ended) {
        *looked = left;
        return false;
    }
    line->p = (const uint8_t *)start;
    line->n = end != NULL ? (size_t)(end - start) : left;
    in->at += line->n + (end != NULL);
    in->number++;
    *looked = 0;
    return true;
}

static bool is_blank(sp_bytes line)
{
    size_t i = 0;
    while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t' || line.p[i] == '\r')) {
        i++;
    }
    return i == line.n;
}

/* ---- answers ---- */

static int append_id(sp_buf *out, yyjson_val *id)
{
    size_t n;
    char *text = id != NULL ? yyjson_val_write(id, 0, &n) : NULL;
    if (id != NULL && text == NULL) {
        return cli_fail_status(SP_ENOMEM, NULL);
    }
    sp_buf_append(out, text != NULL ? (sp_bytes){(const uint8_t *)text, n} : SP_LIT("null"));
    free(text);
    return CLI_OK;
}

/* The canonical spelling of data sets has underscores; ours of records has hyphens. */
static void append_category(sp_buf *out, const char *kind)
{
    for (; *kind != '\0'; kind++) {
        sp_buf_append_byte(out, (uint8_t)(*kind == '-' ? '_' : *kind));
    }
}

static void append_reason(sp_buf *out, scanner *s, const sp_finding *f, sp_bytes text)
{
    sp_buf reason = SP_BUF_IN(&s->arena.mem);
    cli__scan_append_reason(&reason, s, f, text);
    sp_buf_append_str(out, ",\"reason\":\"");
    sp_buf_append_json(out, sp_buf_bytes(&reason));
    sp_buf_append_byte(out, '"');
}

static void append_spans(sp_buf *out, scanner *s, const sp_findings *found, sp_bytes text)
{
    scan_place place = {.text = text};
    for (size_t i = 0; i < found->n; i++) {
        const sp_finding *f = &found->v[i];
        sp_buf_append_str(out, i > 0 ? ",{\"start\":" : "{\"start\":");
        cli__scan_advance(&place, f->start);
        sp_buf_append_u64(out, place.points);
        sp_buf_append_str(out, ",\"end\":");
        sp_buf_append_u64(out, cli__scan_ahead(&place, f->end).points);
        sp_buf_append_str(out, ",\"category\":\"");
        append_category(out, cli__scan_kind(s, f)->name);
        sp_buf_append_str(out, "\",\"confidence\":");
        sp_buf_append_u64(out, f->confidence);
        if (s->explains) {
            append_reason(out, s, f, text);
        }
        sp_buf_append_byte(out, '}');
    }
}

/* Per mille, as a number of 0 to 1. */
static void append_score(sp_buf *out, unsigned score)
{
    sp_buf_append_str(out, score >= SP_SCORE_ONE ? "1." : "0.");
    sp_buf_append_byte(out, (uint8_t)('0' + score / 100 % 10));
    sp_buf_append_byte(out, (uint8_t)('0' + score / 10 % 10));
    sp_buf_append_byte(out, (uint8_t)('0' + score % 10));
}

static void append_families(sp_buf *out, uint32_t families)
{
    const char *comma = "\"";
    sp_buf_append_str(out, ",\"attacks\":[");
    for (unsigned f = 0; f < SP_ATTACK_LIMIT; f++) {
        if ((families >> f & 1) != 0) {
            sp_buf_append_str(out, comma);
            sp_buf_append_str(out, sp_attack_family_name((sp_attack_family)f));
            sp_buf_append_byte(out, '"');
            comma = ",\"";
        }
    }
    sp_buf_append_byte(out, ']');
}

/* What the small models say, and the level: the higher one of the findings' and of theirs. */
static void append_judged(sp_buf *out, const scanner *s, const sp_findings *found)
{
    const uint8_t level = cli__scan_label(s, found).level;
    sp_buf_append_str(out, ",\"injection\":");
    append_score(out, s->judged.score);
    if (s->explains) {
        append_families(out, s->judged.families);
    }
    sp_buf_append_str(out, ",\"use_case\":\"");
    sp_buf_append_str(out, sp_use_case_at(s->guess.use_case)->name);
    sp_buf_append_str(out, "\",\"level\":\"");
    sp_buf_append(out, s->names.level[level > s->guess.level ? level : s->guess.level]);
    sp_buf_append_byte(out, '"');
    if (s->code.language != NULL) {
        sp_buf_append_str(out, ",\"code\":\"");
        sp_buf_append_str(out, s->code.language);
        sp_buf_append_byte(out, '"');
    }
}

static int answer(scanner *s, sp_buf *out, const scan_question *asked, const char *path)
{
    sp_findings found;
    const sp_bytes text = asked->text;
    int code = cli__scan_text(s, &found, text, path);
    if (code != CLI_OK) {
        return code;
    }
    const sp_status status = sp_judge_use_case(&s->guess, s->detectors.engine, text);
    if (status != SP_OK) {
        return cli_fail_status(status, path);
    }
    sp_buf_append_str(out, "{\"id\":");
    code = append_id(out, asked->id);
    sp_buf_append_str(out, ",\"spans\":[");
    append_spans(out, s, &found, text);
    sp_buf_append_byte(out, ']');
    append_judged(out, s, &found);
    sp_buf_append_str(out, found.is_full ? ",\"more\":true" : "");
    sp_buf_append_str(out, s->hides ? ",\"hidden\":true" : "");
    sp_buf_append_str(out, s->is_costly ? ",\"costly\":true}\n" : "}\n");
    return code;
}

static int scan_line(scanner *s, sp_buf *out, const line_reader *in, sp_bytes line)
{
    scan_question asked;
    scan_refusal why;
    if (is_blank(line)) {
        return CLI_OK;
    }
    const bool is_read = cli__scan_question_read(&asked, &why, line, &s->arena.mem);
    const int code = is_read ? answer(s, out, &asked, in->path) : fail_question(in, &why);
    cli__scan_question_free(&asked);
    return code;
}

/* ---- all of them ---- */

/* Writes the answers so far. The buffer keeps its storage. */
static int flush_answers(sp_buf *out)
{
    const int code = out->n > 0 || out->status != SP_OK ? cli_flush(stdout, out) : CLI_OK;
    out->n = 0;
    return code;
}

static int scan_lines(scanner *s, line_reader *in, sp_buf *out)
{
    int code = CLI_OK;
    size_t looked = 0;
    while (code == CLI_OK) {
        sp_bytes line;
        if (take_line(in, &line, &looked)) {
            sp_arena_reset(&s->arena, SCAN_MEMORY_KEPT);
            code = scan_line(s, out, in, line);
            code = code == CLI_OK && out->n >= OUT_BYTES ? flush_answers(out) : code;
        } else if (in->is_ended) {
            break;
        } else {
            code = flush_answers(out);
            code = code == CLI_OK ? read_more(in) : code;
        }
    }
    const int flushed = flush_answers(out);
    return code != CLI_OK ? code : flushed;
}

int cli__scan_lines(scanner *s, const char *path)
{
    sp_arena answers;
    line_reader in = {.path = path};
    in.fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (in.fd < 0) {
        return cli_fail("cannot be read", path, strerrordesc_np(errno));
    }
    sp_arena_init(&answers, (size_t)8 * SCAN_LINE_MAX);
    sp_buf out = SP_BUF_IN(&answers.mem);
    const int code = scan_lines(s, &in, &out);
    sp_arena_fini(&answers);
    free(in.p);
    if (in.fd != STDIN_FILENO) {
        (void)close(in.fd);
    }
    return code;
}
