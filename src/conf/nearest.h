/** @file nearest.h  The valid word that somebody probably meant. Pure; no allocation. */
#pragma once
#include "sallyport/base.h"

enum { SPC_NEAREST_MAX = 64 }; /**< longer words are compared with nothing */

/** Edits between two words: insert, delete, replace, swap of neighbours (Damerau–Levenshtein, each place
 * edited once). Bytes, not characters: the valid words are ASCII. @return SIZE_MAX when either is longer than
 * SPC_NEAREST_MAX. */
size_t spc_distance(sp_bytes a, sp_bytes b);

/** The best of the candidates that were offered so far. Start from SPC_NEAREST_TO(word). */
typedef struct spc_nearest {
    sp_bytes word; /**< what was written */
    sp_bytes best; /**< empty while nothing is near enough */
    size_t distance;
} spc_nearest;
#define SPC_NEAREST_TO(w) ((spc_nearest){.word = (w), .best = SP_BYTES_EMPTY, .distance = SIZE_MAX})

/** Takes the candidate when it is nearer than the best and no further than a third of the longer word's
 * length. */
void spc_nearest_offer(spc_nearest *nearest, sp_bytes candidate);
