/* A line of JSON as a question. It is read strictly: a name that stands twice is read differently by
 * different readers, and text that is no Unicode is mended in one way only, which keeps the number of its
 * characters. */
#include "cli/scan_question.h"

#include <string.h>

/* ---- lone surrogates ---- */

static bool is_hex4(const uint8_t *p)
{
    uint8_t bytes[2];
    return sp_hex_decode(bytes, 2, (sp_bytes){p, 4}) == SP_OK;
}

/* The escape of a surrogate at `i`: 'h' for a high one, 'l' for a low one, 0 for anything else. */
static char surrogate_at(sp_bytes s, size_t i)
{
    if (s.n - i < 6 || s.p[i] != '\\' || s.p[i + 1] != 'u' || !is_hex4(s.p + i + 2)) {
        return 0;
    }
    const uint8_t high = s.p[i + 2] | 0x20, low = s.p[i + 3] | 0x20;
    if (high != 'd' || strchr("89abcdef", low) == NULL) {
        return 0;
    }
    return low == '8' || low == '9' || low == 'a' || low == 'b' ? 'h' : 'l';
}

/* The same as three bytes, which is how UTF-8 would write it. All three are asked: what ends a text must not
 * be taken for the last of them. */
static bool is_raw_surrogate_at(sp_bytes s, size_t i)
{
    return s.n - i >= 3 && s.p[i] == 0xed && s.p[i + 1] >= 0xa0 && s.p[i + 1] <= 0xbf &&
           (s.p[i + 2] & 0xc0) == 0x80;
}

/* Half of a pair is no character, but languages that keep text in UTF-16 write it, and it must not hide the
 * rest of a line. U+FFFD takes its place, one for one, so that offsets stay. It may stand as an escape or as
 * three bytes. */
void cli__scan_mend(sp_buf *out, sp_bytes line)
{
    for (size_t i = 0; i < line.n;) {
        const char half = surrogate_at(line, i);
        if (half == 'h' && line.n - i >= 12 && surrogate_at(line, i + 6) == 'l') {
            sp_buf_append(out, sp_bytes_sub(line, i, i + 12));
            i += 12;
        } else if (half != 0 || is_raw_surrogate_at(line, i)) {
            sp_buf_append_str(out, "\\ufffd");
            i += half != 0 ? 6 : 3;
        } else {
            const size_t n = line.p[i] == '\\' && line.n - i > 1 ? 2 : 1;
            sp_buf_append(out, sp_bytes_sub(line, i, i + n));
            i += n;
        }
    }
}

/* ---- JSON ---- */

static yyjson_doc *read_json(sp_bytes line, yyjson_read_err *error, sp_mem *mem)
{
    yyjson_doc *doc = yyjson_read_opts((char *)(uintptr_t)line.p, line.n, 0, NULL, error);
    if (doc != NULL || error->code != YYJSON_READ_ERROR_INVALID_STRING) {
        return doc;
    }
    yyjson_read_err again;
    sp_buf mended = SP_BUF_IN(mem);
    cli__scan_mend(&mended, line);
    return mended.status == SP_OK ? yyjson_read_opts((char *)mended.p, mended.n, 0, NULL, &again) : NULL;
}

/* What is wrong with it, or NULL. */
static const char *find_members(scan_question *out, yyjson_val *root)
{
    size_t i, most;
    yyjson_val *key, *value, *text = NULL;
    if (!yyjson_is_obj(root)) {
        return "this line is no JSON object";
    }
    yyjson_obj_foreach(root, i, most, key, value)
    {
        yyjson_val **member = yyjson_equals_str(key, "id")     ? &out->id
                              : yyjson_equals_str(key, "text") ? &text
                                                               : NULL;
        if (member != NULL && *member != NULL) {
            return "this line has a member twice";
        }
        if (member != NULL) {
            *member = value;
        }
    }
    if (out->id != NULL && !yyjson_is_str(out->id) && !yyjson_is_num(out->id)) {
        return "the id of this line is neither text nor number";
    }
    out->text = (sp_bytes){(const uint8_t *)yyjson_get_str(text), yyjson_get_len(text)};
    return yyjson_is_str(text) ? NULL : "this line has no text";
}

bool cli__scan_question_read(scan_question *out, scan_refusal *why, sp_bytes line, sp_mem *mem)
{
    yyjson_read_err error;
    *out = (scan_question){0};
    out->doc = read_json(line, &error, mem);
    if (out->doc == NULL) {
        *why = (scan_refusal){"this line is no JSON", error.msg, error.pos};
        return false;
    }
    *why = (scan_refusal){find_members(out, yyjson_doc_get_root(out->doc)), NULL, 0};
    return why->what == NULL;
}

void cli__scan_question_free(scan_question *question)
{
    yyjson_doc_free(question->doc);
    *question = (scan_question){0};
}
