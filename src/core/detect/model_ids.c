/* Numbers of features. A feature is a sum of multiples of hashes, one for each place where a token may stand,
 * and of its kind: hashes are well mixed, so that sums are. Those of a sentence are made kind by kind, so
 * that lists are worked on and not tokens. */
#include "detect/model_ids.h"

enum { OF_FOUR = SP_OF_LIMIT, OF_FLAG };

void sp_tokens__begin(sp_tokens *tokens)
{
    tokens->n = 0;
    tokens->alone = 0;
    for (size_t i = 0; i < SP_STEMS_BEFORE; i++) tokens->stems[i] = SP_TOKEN_START;
}

/* Four characters in a row, where the last stands alone. */
static uint32_t *add_fours(uint32_t *out, const sp_tokens *t)
{
    for (uint64_t left = t->alone & ~UINT64_C(3); left != 0; left &= left - 1) {
        const uint32_t *const s = t->stems + SP_STEMS_BEFORE + __builtin_ctzll(left);
        *out++ =
            sp_spell((uint64_t)s[0] << 32 | s[-1], (uint64_t)s[-2] << 32 | s[-3]) + OF_FOUR * SP_JOIN_KIND;
    }
    return out;
}

void sp_ids__add(sp_sentence *out, const sp_tokens *t)
{
    const size_t n = t->n, after_1 = n < 1 ? 0 : n - 1, after_2 = n < 2 ? 0 : n - 2;
    uint32_t *to = out->ids + out->n_ids;
    uint32_t *const lists[SP_OF_LIMIT] = {
        [SP_OF_WORD] = to,
        [SP_OF_STEM] = to + n,
        [SP_OF_PAIR] = to + 2 * n,
        [SP_OF_TRIPLE] = to + 3 * n,
        [SP_OF_NEAR] = to + 3 * n + after_1,
        [SP_OF_FAR] = to + 3 * n + 2 * after_1,
    };
    sp_lanes_join(lists, &(sp_token_hashes){t->words, t->stems + SP_STEMS_BEFORE}, n);
    to = add_fours(to + 3 * n + 2 * after_1 + after_2, t);
    out->n_ids = (uint32_t)(to - out->ids);
}

void sp_ids__add_flag(sp_sentence *out, uint32_t flag)
{
    out->ids[out->n_ids++] = sp_spell(flag, 2) + OF_FLAG * SP_JOIN_KIND;
}
