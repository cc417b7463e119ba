/** @file names_words.h  The table of words of names.h, and letters as it compares them. */
#pragma once
#include "detect/names.h"

/** A character: its code point (0: broken UTF-8 or the end), its bytes. */
typedef struct sp_glyph {
    uint32_t code;
    uint8_t n;
} sp_glyph;

/** The character at `i` before `end`. */
sp_glyph sp_glyph_at(const uint8_t *p, size_t i, size_t end);
/** As words are compared; 0 for what is no letter. */
uint32_t sp_glyph_fold(uint32_t code);
bool sp_glyph_is_capital(uint32_t code);

/** Hashes of words: start, then letters, of a phrase with 0 between its words. */
enum { SP_WORD_HASH = 2166136261u, SP_ENDING_HASH = 2654435761u };
static inline uint32_t sp_word_hash_on(uint32_t h, uint32_t folded)
{
    return (h ^ folded) * 16777619u;
}
/** Of [start, end), of which what is no letter is passed over. */
uint32_t sp_word_hash(uint32_t h, const uint8_t *p, size_t start, size_t end);
/** What a word or a phrase is; 0: unknown. */
uint32_t sp_words_find(const sp_words *words, uint32_t hash);
/** May a line that holds this word with a capital hold a name? Seldom true for others. */
bool sp_words_is_hot(const sp_words *words, uint32_t hash);
