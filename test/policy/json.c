/** JSON as test/policy/reference.py reads it: sets as lists of numbers, ascending. */
#include "json.h"

#include <stdio.h>

static bool is_behind_value;

static void start(const char *key)
{
    if (is_behind_value) putchar(',');
    if (key) printf("\"%s\":", key);
    is_behind_value = true;
}

void json_open(const char *key, char bracket)
{
    start(key);
    putchar(bracket);
    is_behind_value = false;
}

void json_close(char bracket)
{
    putchar(bracket);
    is_behind_value = true;
}

void json_line_end(void)
{
    putchar('\n');
    is_behind_value = false;
}

void json_number(const char *key, uint64_t n)
{
    start(key);
    printf("%llu", (unsigned long long)n);
}

void json_flag(const char *key, bool is_so)
{
    start(key);
    fputs(is_so ? "true" : "false", stdout);
}

void json_null(const char *key)
{
    start(key);
    fputs("null", stdout);
}

void json_text(const char *key, sp_bytes text)
{
    start(key);
    putchar('"');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\t') {
            fputs("\\t", stdout);
        } else {
            putchar(text.p[i]);
        }
    }
    putchar('"');
}

void json_bits(const char *key, uint64_t bits)
{
    json_open(key, '[');
    for (; bits != 0; bits &= bits - 1) json_number(NULL, (uint64_t)__builtin_ctzll(bits));
    json_close(']');
}

void json_places(const char *key, sp_bits256 set)
{
    if (sp_bits256_subset(SP_BITS256_ALL, set)) {
        json_text(key, SP_LIT("*"));
        return;
    }
    json_open(key, '[');
    for (unsigned bit = 0; bit < 256; bit++) {
        if (sp_bits256_has(set, (uint8_t)bit)) json_number(NULL, bit);
    }
    json_close(']');
}

void json_label_members(const sp_label *label)
{
    json_number("level", label->level);
    json_bits("categories", label->categories);
    json_places("residency", label->residency);
    json_text("integrity", label->integrity == SP_TRUSTED ? SP_LIT("trusted") : SP_LIT("untrusted"));
}

void json_label(const char *key, const sp_label *label)
{
    json_open(key, '{');
    json_label_members(label);
    json_close('}');
}

const char *json_use_name(uint8_t kind)
{
    static const char *const names[] = {
#define X(ID, name, meaning) [SP_FIELD_##ID] = (name),
#include "tbl/fields.h"
    };
    return kind == SP_FIELD_PARAMETER ? "parameters" : names[kind];
}

void json_permits(const char *key, sp_permits permits)
{
    json_open(key, '[');
    for (; permits != 0; permits &= permits - 1)
        json_text(NULL, sp_bytes_of(json_use_name((uint8_t)__builtin_ctz(permits))));
    json_close(']');
}
