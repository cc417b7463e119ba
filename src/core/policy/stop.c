/** The list of what is paused: its text, and what falls under it. Whatever cannot be read stops everything.
 */
#include "sallyport/stop.h"

#include <openssl/sha.h>

#include "tbl/names.h"

#define HEAD SP_LIT("sallyport-stops 1\n")
#define SUM SP_LIT("sum\t")

static const char *const kind_names[SP_STOP_KINDS] = {"none",     "all",   "application",
                                                      "use-case", "model", "destination"};

const char *sp_stop_kind_name(uint8_t kind)
{
    return SP_NAME_AT(kind_names, kind);
}

sp_stop_kind sp_stop_kind_find(sp_bytes name)
{
    for (unsigned kind = SP_STOP_ALL; kind < SP_STOP_KINDS; kind++) {
        if (sp_bytes_eq(name, sp_bytes_of(kind_names[kind]))) return (sp_stop_kind)kind;
    }
    return SP_STOP_NONE;
}

int sp_stop_cmp(const sp_stop *a, const sp_stop *b)
{
    return a->kind != b->kind ? (int)a->kind - (int)b->kind : sp_bytes_cmp(a->name, b->name);
}

/* Control characters of ASCII, and of C1 in UTF-8: neither a terminal nor a log obeys what stands here. */
bool sp_stop_text_ok(sp_bytes text, size_t max)
{
    if (text.n == 0 || text.n > max || sp_utf8_valid_prefix(text) != text.n) return false;
    for (size_t i = 0; i < text.n; i++) {
        const uint8_t c = text.p[i];
        const bool is_c1 = c == 0xc2 && i + 1 < text.n && text.p[i + 1] < 0xa0;
        if (c < 0x20 || c == 0x7f || is_c1) return false;
    }
    return true;
}

bool sp_stop_ok(const sp_stop *stop)
{
    const bool is_all = stop->kind == SP_STOP_ALL;
    const bool is_named =
        is_all ? stop->name.n == 0
               : sp_stop_text_ok(stop->name, SP_STOP_NAME_MAX) && !sp_bytes_eq(stop->name, SP_LIT("-"));
    return stop->kind > SP_STOP_NONE && stop->kind < SP_STOP_KINDS && is_named && stop->since_s > 0 &&
           sp_stop_text_ok(stop->by, SP_STOP_BY_MAX) && sp_stop_text_ok(stop->reason, SP_STOP_REASON_MAX);
}

/* ---- reading ---- */

/* The part before `end`, which is taken off with it; the whole rest and false when there is none. */
static bool take_until(sp_bytes *rest, uint8_t end, sp_bytes *part)
{
    for (size_t i = 0; i < rest->n; i++) {
        if (rest->p[i] != end) continue;
        *part = sp_bytes_sub(*rest, 0, i);
        *rest = sp_bytes_sub(*rest, i + 1, rest->n);
        return true;
    }
    *part = *rest;
    *rest = SP_BYTES_EMPTY;
    return false;
}

/* No leading zero: there is one way to write a number. */
static bool parse_number(uint64_t *out, sp_bytes text)
{
    return (text.n == 1 || (text.n > 1 && text.p[0] != '0')) && sp_u64_parse(out, text, UINT64_MAX);
}

static bool parse_stop(sp_stop *out, sp_bytes line)
{
    sp_bytes kind, since, when;
    const bool is_split = take_until(&line, '\t', &kind) && take_until(&line, '\t', &out->name) &&
                          take_until(&line, '\t', &since) && take_until(&line, '\t', &out->by) &&
                          take_until(&line, '\t', &when);
    if (!is_split) return false;
    out->reason = line;
    out->kind = (uint8_t)sp_stop_kind_find(kind);
    out->is_now = sp_bytes_eq(when, SP_LIT("now"));
    if (!out->is_now && !sp_bytes_eq(when, SP_LIT("later"))) return false;
    if (out->kind == SP_STOP_ALL && !sp_bytes_eq(out->name, SP_LIT("-"))) return false;
    if (out->kind == SP_STOP_ALL) out->name = SP_BYTES_EMPTY;
    return parse_number(&out->since_s, since) && sp_stop_ok(out);
}

/* Checks the last line, and leaves what stands before it. */
static sp_status check_sum(sp_bytes *file, sp_diag *diag)
{
    static const size_t sum_bytes = 4 + 64 + 1;
    uint8_t want[SHA256_DIGEST_LENGTH], have[SHA256_DIGEST_LENGTH];
    const sp_bytes body = sp_bytes_sub(*file, 0, file->n < sum_bytes ? 0 : file->n - sum_bytes);
    const sp_bytes line = sp_bytes_sub(*file, body.n, file->n);
    char again[65];
    if (line.n != sum_bytes || !sp_bytes_starts(line, SUM) || line.p[sum_bytes - 1] != '\n' ||
        sp_hex_decode(want, sizeof want, sp_bytes_sub(line, 4, 68)) != SP_OK)
        return sp_fail(diag, SP_ECORRUPT, file->n, "it does not end with its checksum");
    if (!SHA256(body.p, body.n, have)) return sp_fail(diag, SP_ECRYPTO, SIZE_MAX, "SHA-256 failed");
    sp_hex_encode(again, (sp_bytes){have, sizeof have});
    if (!sp_bytes_eq(sp_bytes_of(again), sp_bytes_sub(line, 4, 68)))
        return sp_fail(diag, SP_ECORRUPT, body.n, "its checksum does not belong to it");
    *file = body;
    return SP_OK;
}

static sp_status parse_lines(sp_stops *out, sp_bytes rest, sp_mem *mem, sp_diag *diag)
{
    sp_stop *v = rest.n > 0 ? sp_alloc(mem, SP_STOPS_MAX, sizeof *v) : NULL;
    if (rest.n > 0 && v == NULL) return SP_ENOMEM;
    const size_t all = rest.n;
    size_t n = 0;
    for (sp_bytes line; rest.n > 0; n++) {
        const size_t at = all - rest.n;
        if (n == SP_STOPS_MAX) return sp_fail(diag, SP_ECORRUPT, at, "it lists too many stops");
        if (!take_until(&rest, '\n', &line) || !parse_stop(&v[n], line))
            return sp_fail(diag, SP_ECORRUPT, at, "a line of it is not a stop");
        if (n > 0 && sp_stop_cmp(&v[n - 1], &v[n]) >= 0)
            return sp_fail(diag, SP_ECORRUPT, at, "its lines are not in order");
    }
    out->v = v;
    out->n = n;
    return SP_OK;
}

static sp_status decode(sp_stops *out, sp_bytes file, sp_mem *mem, sp_diag *diag)
{
    sp_bytes word, number;
    if (file.n > SP_STOPS_FILE_MAX) return sp_fail(diag, SP_ECORRUPT, SIZE_MAX, "it is too large");
    if (!sp_bytes_starts(file, HEAD)) return sp_fail(diag, SP_EVERSION, 0, "it is not a list of stops");
    SP_TRY(check_sum(&file, diag));
    file = sp_bytes_sub(file, HEAD.n, file.n);
    if (!take_until(&file, '\t', &word) || !sp_bytes_eq(word, SP_LIT("generation")) ||
        !take_until(&file, '\n', &number) || !parse_number(&out->generation, number))
        return sp_fail(diag, SP_ECORRUPT, HEAD.n, "it has no generation");
    SP_TRY(parse_lines(out, file, mem, diag));
    out->is_known = true;
    return SP_OK;
}

sp_status sp_stops_decode(sp_stops *out, sp_bytes file, sp_mem *mem, sp_diag *diag)
{
    *out = (sp_stops){0};
    const sp_status status = decode(out, file, mem, diag);
    if (status != SP_OK) *out = (sp_stops){0};
    return status;
}

/* ---- writing ---- */

static void append_stop(sp_buf *out, const sp_stop *s)
{
    sp_buf_append_str(out, sp_stop_kind_name(s->kind));
    sp_buf_append_byte(out, '\t');
    sp_buf_append(out, s->kind == SP_STOP_ALL ? SP_LIT("-") : s->name);
    sp_buf_append_byte(out, '\t');
    sp_buf_append_u64(out, s->since_s);
    sp_buf_append_byte(out, '\t');
    sp_buf_append(out, s->by);
    sp_buf_append_str(out, s->is_now ? "\tnow\t" : "\tlater\t");
    sp_buf_append(out, s->reason);
    sp_buf_append_byte(out, '\n');
}

sp_status sp_stops_encode(sp_buf *out, const sp_stops *stops)
{
    uint8_t hash[SHA256_DIGEST_LENGTH];
    char text[65];
    const size_t start = out->n;
    if (!stops->is_known || stops->n > SP_STOPS_MAX) return SP_ERANGE;
    for (size_t i = 0; i < stops->n; i++) {
        if (!sp_stop_ok(&stops->v[i]) || (i > 0 && sp_stop_cmp(&stops->v[i - 1], &stops->v[i]) >= 0))
            return SP_ERANGE;
    }
    sp_buf_append(out, HEAD);
    sp_buf_append_str(out, "generation\t");
    sp_buf_append_u64(out, stops->generation);
    sp_buf_append_byte(out, '\n');
    for (size_t i = 0; i < stops->n; i++) append_stop(out, &stops->v[i]);
    if (out->status != SP_OK) return out->status;
    if (!SHA256(out->p + start, out->n - start, hash)) return SP_ECRYPTO;
    sp_hex_encode(text, (sp_bytes){hash, sizeof hash});
    sp_buf_append(out, SUM);
    sp_buf_append_str(out, text);
    sp_buf_append_byte(out, '\n');
    return out->status;
}

/* ---- what falls under it ---- */

static const sp_stop unknown = {
    .kind = SP_STOP_ALL,
    .reason = SP_LIT("the gateway cannot read what is paused; whoever runs it has to call `sallyport stops`"),
};

static bool is_under(const sp_stop *stop, const sp_stop_target *t)
{
    const sp_bytes named[SP_STOP_KINDS] = {
        [SP_STOP_APPLICATION] = t->application,
        [SP_STOP_USE_CASE] = t->use_case,
        [SP_STOP_MODEL] = t->model,
        [SP_STOP_DESTINATION] = t->destination,
    };
    if (stop->kind == SP_STOP_ALL) return true;
    /* a kind from nowhere stops: a list in memory is one of ours, so this cannot be */
    return stop->kind >= SP_STOP_KINDS || (stop->name.n > 0 && sp_bytes_eq(named[stop->kind], stop->name));
}

const sp_stop *sp_stops_find(const sp_stops *stops, const sp_stop_target *target, bool now_only)
{
    if (!stops->is_known) return now_only ? NULL : &unknown;
    for (size_t i = 0; i < stops->n; i++) {
        if ((stops->v[i].is_now || !now_only) && is_under(&stops->v[i], target)) return &stops->v[i];
    }
    return NULL;
}

const sp_stop *sp_stops_get(const sp_stops *stops, uint8_t kind, sp_bytes name)
{
    for (size_t i = 0; i < stops->n; i++) {
        if (stops->v[i].kind == kind && sp_bytes_eq(stops->v[i].name, name)) return &stops->v[i];
    }
    return NULL;
}

/* ---- how it reads ---- */

void sp_stop_subject_append(sp_buf *out, const sp_stop *stop)
{
    if (stop->kind == SP_STOP_ALL || stop->kind == SP_STOP_KEY) {
        sp_buf_append_str(out, stop->kind == SP_STOP_ALL ? "everything" : "the caller's key");
        return;
    }
    sp_buf_append_str(out, sp_stop_kind_name(stop->kind));
    sp_buf_append_byte(out, ' ');
    sp_buf_append(out, stop->name);
}

void sp_stop_append(sp_buf *out, const sp_stop *stop)
{
    sp_stop_subject_append(out, stop);
    sp_buf_append_str(out, stop->kind == SP_STOP_KEY ? " serves no longer" : " is paused");
    if (stop->since_s > 0) {
        sp_buf_append_str(out, " since ");
        sp_date_append(out, stop->since_s);
    }
    sp_buf_append_str(out, ": ");
    sp_buf_append(out, stop->reason);
}
