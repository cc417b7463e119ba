/* Which cues a line may fit: those that begin with its first two bytes, or with a name and what follows it,
 * and of which it holds all signs. Of a thousand these are a few. */
#include "detect/code_internal.h"

#include <string.h>

static bool is_path(uint8_t c)
{
    return is_name(c) || c == '.' || c == ':' || c == '/' || c == '-' || c == '*' || c == '@';
}

enum { NO = -1 };

/* Bytes of the line that one character of a cue takes; NO: it does not fit. */
static int step(char cue, sp_bytes line, size_t i, bool nocase)
{
    size_t n;
    switch (cue) {
    case ' ':
        return (int)sp_code__run(line, i, is_blank);
    case '~':
        n = sp_code__run(line, i, is_blank);
        return n > 0 ? (int)n : NO;
    case '^':
        n = sp_code__run(line, i, is_blank);
        return i + n == line.n ? (int)n : NO;
    case '%':
        n = i < line.n && is_digit(line.p[i]) ? 0 : sp_code__run(line, i, is_name);
        return n > 0 ? (int)n : NO;
    case '&':
        n = sp_code__run(line, i, is_path);
        return n > 0 ? (int)n : NO;
    default:
        if (i >= line.n) return NO;
        if (line.p[i] == (uint8_t)cue) return 1;
        return nocase && is_letter((uint8_t)cue) && (line.p[i] | 0x20) == (uint8_t)cue ? 1 : NO;
    }
}

static bool is_class(char cue)
{
    return cue != '\0' && strchr(" ~^%&`", cue) != NULL;
}

/* Where what follows a run of any characters may begin, from i > 0 on. Within a run of blanks it fits
 * everywhere or nowhere. */
static size_t next_start(const char *cue, sp_bytes line, size_t i, bool nocase)
{
    if ((*cue == ' ' || *cue == '~') && is_blank(line.p[i - 1])) i += sp_code__run(line, i, is_blank);
    if (is_class(*cue) || (nocase && is_letter((uint8_t)*cue))) return i;
    const uint8_t *next = i < line.n ? memchr(line.p + i, (uint8_t)*cue, line.n - i) : NULL;
    return next != NULL ? (size_t)(next - line.p) : line.n;
}

/* Only the last run of any characters is tried longer: what stood before it fits as it is. */
bool sp_code__fits(const char *cue, sp_bytes line, bool nocase)
{
    const char *behind_any = NULL;
    size_t i = 0, any = 0;
    while (*cue != '\0') {
        if (*cue == '`') {
            behind_any = ++cue;
            any = i;
            continue;
        }
        const int n = step(*cue, line, i, nocase);
        if (n != NO) {
            i += (size_t)n;
            cue++;
            continue;
        }
        if (behind_any == NULL || any >= line.n) return false;
        cue = behind_any;
        i = any = next_start(cue, line, any + 1, nocase);
    }
    return true;
}

/* ---- the index ---- */

/* Those that programs are full of, and others that cues hold. */
static const char signs[] = "{}()[]=<>;_$&|+*\\/\"`#@"
                            ":,-.'?!";
_Static_assert(sizeof signs - 1 <= 32, "sets of signs are 32 bits");

static void index_signs(sp_code_index *index)
{
    for (size_t i = 0; signs[i] != '\0'; i++) index->sign_of[(uint8_t)signs[i]] = 1u << i;
    for (const char *c = "{};),([:"; *c != '\0'; c++) index->line_ends |= index->sign_of[(uint8_t)*c];
}

static uint32_t signs_of(const sp_code_index *index, const char *cue)
{
    uint32_t set = 0;
    for (; *cue != '\0'; cue++) {
        if (!is_class(*cue)) set |= index->sign_of[(uint8_t)*cue];
    }
    return set;
}

/* Letters count as small ones. A byte that no cue holds: 1. */
static uint8_t key_of(uint8_t c)
{
    return is_letter(c) ? c | 0x20 : c < 128 ? c : 1;
}

static size_t word_of(uint64_t start)
{
    return ((uint32_t)start | 0x20202020u) * 2654435761u >> 22;
}

/* The list that a cue is in. Behind a name, or as its second byte, it may begin with anything. */
static uint16_t *list_of(sp_code_index *index, const sp_code_cue *row)
{
    const char *cue = row->line;
    if (row->same >= 4) return &index->word[word_of(row->start)];
    if (*cue == '&' || *cue == '`') return &index->always;
    const uint8_t first = *cue == '%' ? 0 : key_of((uint8_t)*cue);
    cue++;
    while (first == 0 && (*cue == ' ' || *cue == '~')) cue++;
    return is_class(*cue) ? &index->any[first] : &index->pair[first][key_of((uint8_t)*cue)];
}

/* Letters of SQL are of either case. */
static sp_code_cue cue_of(const sp_code_index *index, const char *line, size_t group)
{
    const bool nocase = sp_code_groups[group].languages == 1u << SP_LANGUAGE_SQL;
    sp_code_cue cue = {.line = line, .signs = signs_of(index, line), .group = (uint8_t)group};
    uint8_t mask[sizeof cue.mask] = {0};
    while (cue.same < sizeof mask && line[cue.same] != '\0' && !is_class(line[cue.same])) {
        mask[cue.same] = nocase && is_letter((uint8_t)line[cue.same]) ? 0xdf : 0xff;
        cue.same++;
    }
    memcpy(&cue.mask, mask, sizeof mask);
    cue.start = sp_code__start((sp_bytes){(const uint8_t *)line, cue.same}) & cue.mask;
    return cue;
}

void sp_code__index(sp_code_index *index)
{
    *index = (sp_code_index){0};
    index_signs(index);
    for (size_t g = 0; g < sp_code_n_groups; g++) {
        for (const char *const *line = sp_code_groups[g].lines; *line != NULL; line++) {
            if (index->n == SP_CODE_CUES_MAX) return;
            sp_code_cue *cue = &index->cues[index->n];
            *cue = cue_of(index, *line, g);
            uint16_t *list = list_of(index, cue);
            cue->next = *list;
            *list = ++index->n;
        }
    }
}

void sp_code__lists(uint16_t lists[SP_CODE_LISTS], const sp_code_index *index, sp_bytes line)
{
    const uint8_t first = key_of(line.p[0]);
    memset(lists, 0, SP_CODE_LISTS * sizeof *lists);
    lists[0] = index->always;
    if (first != 0) {
        lists[1] = index->any[first];
        lists[2] = line.n > 1 ? index->pair[first][key_of(line.p[1])] : 0;
        lists[5] = line.n > 3 ? index->word[word_of(sp_code__start(line))] : 0;
    }
    if (!is_name(first) || is_digit(first)) return;
    size_t i = sp_code__run(line, 0, is_name);
    i += sp_code__run(line, i, is_blank);
    lists[3] = index->any[0];
    lists[4] = i < line.n ? index->pair[0][key_of(line.p[i])] : 0;
}
