/* Numbers of features. A feature is two hashes and what kind it is, mixed to 32 bits; those of a sentence are
 * made kind by kind, so that lists are worked on and not tokens. */
#include "detect/model_ids.h"

/* The kinds of feature: each hashes apart from the others. */
enum { OF_WORD = 1, OF_STEM, OF_PAIR, OF_TRIPLE, OF_NEAR, OF_FOUR, OF_FLAG };

/* What the two hashes and the kind are multiplied with before they are added. */
#define FIRST 0x9e3779b1u
#define SECOND 0x85ebca77u
#define KIND 0xc2b2ae3du

static uint32_t join(uint32_t kind, uint32_t a, uint32_t b)
{
    return sp_mix(a * FIRST + b * SECOND + kind * KIND);
}

/* Second of a feature that has but one. */
static const uint32_t none[SP_TOKENS_ROOM];

/* Stems that differ from their words; the others would say the same twice. Chosen without a branch. */
static uint32_t *keep_stems(uint32_t *out, const uint32_t *ids, const sp_tokens *t)
{
    for (size_t i = 0; i < t->n; i++) {
        *out = ids[i];
        out += t->stems[i + 1] != t->words[i];
    }
    return out;
}

/* Four characters in a row, where the last stands alone. */
static uint32_t *add_fours(uint32_t *out, const uint32_t *pairs, const sp_tokens *t)
{
    for (uint64_t left = t->alone & ~UINT64_C(3); left != 0; left &= left - 1) {
        const unsigned i = (unsigned)__builtin_ctzll(left);
        *out++ = join(OF_FOUR, join(OF_PAIR, t->stems[i - 2], t->stems[i - 1]), pairs[i]);
    }
    return out;
}

/* The features of two lists of scaled hashes.
 * @return where the next are written. */
static uint32_t *join_all(uint32_t *out, const uint32_t *a, const uint32_t *b, uint32_t kind, size_t n)
{
    sp_lanes_mix(out, a, b, kind * KIND, n);
    return out + n;
}

/* Nothing is behind the last token: lists are read in steps. */
static void end_lists(sp_tokens *t)
{
    memset(t->words + t->n, 0, SP_LANES * sizeof t->words[0]);
    memset(t->stems + 1 + t->n, 0, SP_LANES * sizeof t->stems[0]);
    memset(t->n_later + t->n, 0, SP_LANES * sizeof t->n_later[0]);
}

void sp_ids__add(sp_sentence *out, sp_tokens *t)
{
    const size_t n = t->n, after_1 = n < 1 ? 0 : n - 1, after_2 = n < 2 ? 0 : n - 2;
    uint32_t first[1 + SP_TOKENS_ROOM], second[1 + SP_TOKENS_ROOM], work[SP_TOKENS_ROOM];
    const sp_spelling later = {t->n_later, t->low, t->high};
    end_lists(t);
    sp_lanes_spell(t->words, t->stems + 1, &later, n);
    sp_lanes_scale(first, t->stems, FIRST, n + 1);
    sp_lanes_scale(second, t->stems, SECOND, n + 1);
    join_all(work, first + 1, none, OF_STEM, n);
    uint32_t *to = keep_stems(out->ids + out->n_ids, work, t);
    sp_lanes_scale(work, t->words, FIRST, n);
    uint32_t *const pairs = join_all(to, work, none, OF_WORD, n);
    to = join_all(pairs, first, second + 1, OF_PAIR, n);
    to = join_all(to, first, second + 2, OF_NEAR, after_1);
    to = join_all(to, first, second + 3, OF_NEAR, after_2);
    sp_lanes_scale(work, pairs, SECOND, n);
    to = join_all(to, first, work + 1, OF_TRIPLE, after_1);
    to = add_fours(to, pairs, t);
    out->n_ids = (uint32_t)(to - out->ids);
}

void sp_ids__add_flag(sp_sentence *out, uint32_t flag)
{
    out->ids[out->n_ids++] = join(OF_FLAG, flag, 0);
}
