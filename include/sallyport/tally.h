/** @file tally.h  How many connections each address has. A table of rows that are taken and given back, found
 * by a keyed hash; it takes its memory once, so that nothing about it grows with the number of those who
 * come. */
#pragma once
#include "sallyport/base.h"

enum { SP_TALLY_ID_BYTES = 16 };

typedef struct sp_tally_row {
    uint8_t id[SP_TALLY_ID_BYTES];
    uint32_t count;
    uint32_t next; /**< row + 1 of the same chain, or of the free ones; 0: none */
} sp_tally_row;

typedef struct sp_tally {
    sp_tally_row *rows;
    uint32_t *heads; /**< row + 1, per chain */
    uint32_t n, free;
    uint64_t seed;
} sp_tally;

/** @param n     rows: addresses that may be there at once, 1..2^24.
 *  @param seed  random, so that nobody can choose addresses of one chain.
 *  @param mem   takes 28 bytes per row. @return SP_OK, SP_ERANGE, SP_ENOMEM; then `*tally` is zeroed. */
SP_NODISCARD sp_status sp_tally_init(sp_tally *tally, uint32_t n, uint64_t seed, sp_mem *mem);
/** What an address counts as: IPv4 whole, IPv6 by its network of 64 bits, which one host has whole (RFC
 * 6177). Any other, e.g. a socket of this machine, is one and the same. */
void sp_tally_id(uint8_t id[SP_TALLY_ID_BYTES], unsigned family, sp_bytes address);
/** One more of `id`, if there are less than `most` and a row is left. @return the row, for sp_tally_leave; 0:
 * no. */
uint32_t sp_tally_enter(sp_tally *tally, const uint8_t id[SP_TALLY_ID_BYTES], uint32_t most);
/** One less. @param row  from sp_tally_enter; once for each. */
void sp_tally_leave(sp_tally *tally, uint32_t row);
