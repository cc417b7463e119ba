/* Columns, members of JSON, and the names of sets. */
#include "cli/table.h"

#include <string.h>

enum { FIELD_COLUMN = 12, JURISDICTIONS = 256 };

/* ---- for people ---- */

static void put_blanks(sp_buf *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        sp_buf_append_byte(out, ' ');
    }
}

void cli_put_column(sp_buf *out, sp_bytes text, size_t width)
{
    sp_buf_append(out, text);
    put_blanks(out, text.n < width ? width - text.n + 1 : 1);
}

void cli_put_field(sp_buf *out, const char *name)
{
    sp_buf_append_str(out, "  ");
    cli_put_column(out, sp_bytes_of(name), FIELD_COLUMN);
}

/* Has it every jurisdiction that has a code? */
static bool is_everywhere(sp_bits256 places)
{
    for (unsigned i = 0; i < JURISDICTIONS; i++) {
        if (sp_jurisdiction_code((uint8_t)i)[0] != '\0' && !sp_bits256_has(places, (uint8_t)i)) {
            return false;
        }
    }
    return true;
}

void cli_put_places(sp_buf *out, sp_bits256 places)
{
    const char *separator = "";
    if (sp_bits256_is_empty(places) || is_everywhere(places)) {
        sp_buf_append_str(out, sp_bits256_is_empty(places) ? "nowhere" : "everywhere");
        return;
    }
    for (unsigned i = 0; i < JURISDICTIONS; i++) {
        const char *code = sp_jurisdiction_code((uint8_t)i);
        if (code[0] != '\0' && sp_bits256_has(places, (uint8_t)i)) {
            sp_buf_append_str(out, separator);
            sp_buf_append_str(out, code);
            separator = ", ";
        }
    }
}

/* Names of bits; a number where there is no name. */
static void put_name(sp_buf *out, const sp_bytes *names, unsigned bit)
{
    if (names[bit].n > 0) {
        sp_buf_append(out, names[bit]);
    } else {
        sp_buf_append_u64(out, bit);
    }
}

static void put_set(sp_buf *out, uint64_t set, const sp_bytes *names)
{
    sp_buf_append_str(out, set == 0 ? "-" : "");
    for (uint64_t left = set; left != 0; left &= left - 1) {
        sp_buf_append_str(out, left != set ? ", " : "");
        put_name(out, names, (unsigned)__builtin_ctzll(left));
    }
}

void cli_put_categories(sp_buf *out, uint64_t categories, const sp_names *names)
{
    put_set(out, categories, names->category);
}

void cli_put_facts(sp_buf *out, sp_facts facts, const sp_names *names)
{
    put_set(out, facts, names->fact);
}

void cli_put_moment(sp_buf *out, uint64_t second)
{
    const size_t start = out->n;
    sp_date_append(out, second);
    if (second % CLI_DAY_S == 0 && out->status == SP_OK) {
        out->n = start + strlen("2027-01-31");
    }
}

void cli_put_moment_from(sp_buf *out, uint64_t second, uint64_t now_s)
{
    const bool is_past = second <= now_s;
    const uint64_t days = (is_past ? now_s - second : second - now_s) / CLI_DAY_S;
    cli_put_moment(out, second);
    sp_buf_append_str(out, is_past ? " (" : " (in ");
    sp_buf_append_u64(out, days);
    sp_buf_append_str(out, days == 1 ? " day" : " days");
    sp_buf_append_str(out, is_past ? " ago)" : ")");
}

const char *cli_field_name(uint8_t kind)
{
    static const char *const names[] = {
#define X(ID, name, meaning) name,
#include "tbl/fields.h"
    };
    return kind < sizeof names / sizeof names[0] ? names[kind] : "unknown";
}

/* ---- for programs ---- */

static void begin(sp_buf *out, const char *name)
{
    const uint8_t last = out->n > 0 ? out->p[out->n - 1] : '{';
    sp_buf_append_str(out, last == '{' || last == '[' || last == '\n' ? "" : ",");
    if (name != NULL) {
        sp_buf_append_byte(out, '"');
        sp_buf_append_str(out, name);
        sp_buf_append_str(out, "\":");
    }
}

void cli_json_text(sp_buf *out, const char *name, sp_bytes text)
{
    begin(out, name);
    sp_buf_append_byte(out, '"');
    sp_buf_append_json(out, text);
    sp_buf_append_byte(out, '"');
}

void cli_json_number(sp_buf *out, const char *name, uint64_t number)
{
    begin(out, name);
    sp_buf_append_u64(out, number);
}

void cli_json_bool(sp_buf *out, const char *name, bool value)
{
    begin(out, name);
    sp_buf_append_str(out, value ? "true" : "false");
}

void cli_json_null(sp_buf *out, const char *name)
{
    begin(out, name);
    sp_buf_append_str(out, "null");
}

void cli_json_open(sp_buf *out, const char *name, char open)
{
    begin(out, name);
    sp_buf_append_byte(out, (uint8_t)open);
}

static void put_json_set(sp_buf *out, const char *name, uint64_t set, const sp_bytes *names)
{
    cli_json_open(out, name, '[');
    for (uint64_t left = set; left != 0; left &= left - 1) {
        begin(out, NULL);
        sp_buf_append_byte(out, '"');
        put_name(out, names, (unsigned)__builtin_ctzll(left));
        sp_buf_append_byte(out, '"');
    }
    sp_buf_append_byte(out, ']');
}

void cli_json_facts(sp_buf *out, const char *name, sp_facts facts, const sp_names *names)
{
    put_json_set(out, name, facts, names->fact);
}

void cli_json_categories(sp_buf *out, const char *name, uint64_t categories, const sp_names *names)
{
    put_json_set(out, name, categories, names->category);
}

void cli_json_places(sp_buf *out, const char *name, sp_bits256 places)
{
    cli_json_open(out, name, '[');
    for (unsigned i = 0; i < JURISDICTIONS; i++) {
        const char *code = sp_jurisdiction_code((uint8_t)i);
        if (code[0] != '\0' && sp_bits256_has(places, (uint8_t)i)) {
            cli_json_text(out, NULL, sp_bytes_of(code));
        }
    }
    sp_buf_append_byte(out, ']');
}

void cli_json_moment(sp_buf *out, const char *name, uint64_t second)
{
    begin(out, name);
    if (second == 0) {
        sp_buf_append_str(out, "null");
        return;
    }
    sp_buf_append_byte(out, '"');
    cli_put_moment(out, second);
    sp_buf_append_byte(out, '"');
}

sp_bytes cli_kind_category(const sp_names *names, const sp_kind_info *kind)
{
    return kind->category == SP_CAT_NONE ? SP_LIT("none") : names->category[kind->category];
}
