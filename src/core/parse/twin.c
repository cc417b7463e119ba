/* Keys that are a row to some parsers and none to others. */
#include "parse/twin.h"

#include <string.h>

/* The next character of a key as parsers that do not mind case compare it: ASCII folded, and the two
 * characters beyond ASCII whose lower case is a letter (U+017F is an s, U+212A a k). */
static uint8_t fold_next(sp_bytes s, size_t *at)
{
    const sp_bytes rest = sp_bytes_sub(s, *at, s.n);
    const bool is_long_s = sp_bytes_starts(rest, SP_LIT("\xc5\xbf")),
               is_kelvin = sp_bytes_starts(rest, SP_LIT("\xe2\x84\xaa"));
    *at += is_long_s ? 2 : is_kelvin ? 3 : 1;
    if (is_long_s) return 's';
    if (is_kelvin) return 'k';
    return rest.p[0] >= 'A' && rest.p[0] <= 'Z' ? (uint8_t)(rest.p[0] + ('a' - 'A')) : rest.p[0];
}

static bool is_same_folded(sp_bytes name, sp_bytes word)
{
    size_t at = 0, i = 0;
    while (at < name.n && i < word.n) {
        if (fold_next(name, &at) != word.p[i++]) return false;
    }
    return at == name.n && i == word.n;
}

bool sp__is_twin(const sp_table *table, sp_bytes tag, sp_bytes name)
{
    const uint8_t *nul = name.n > 0 ? memchr(name.p, '\0', name.n) : NULL;
    if (nul != NULL) name.n = (size_t)(nul - name.p);
    if (tag.n > 0 && is_same_folded(name, tag)) return true;
    for (size_t i = 0; i < table->n_fields; i++) {
        if (is_same_folded(name, table->fields[i].name)) return true;
    }
    return false;
}
