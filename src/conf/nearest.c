/* Damerau-Levenshtein distance in its restricted form (optimal string alignment): three rows, O(n*m) time for
 * words of up to 64 bytes. The bound of a third keeps guesses to typing errors: a wrong guess costs more than
 * none. */
#include "conf/nearest.h"

static uint8_t least(uint8_t a, uint8_t b)
{
    return a < b ? a : b;
}

/* One row of the matrix: distances of a[0..i] to every prefix of b. `two` is the row before `one`. */
static void fill_row(uint8_t *row, const uint8_t *one, const uint8_t *two, size_t i, const sp_bytes ab[2])
{
    const uint8_t *a = ab[0].p;
    const uint8_t *b = ab[1].p;
    row[0] = (uint8_t)i;
    for (size_t j = 1; j <= ab[1].n; j++) {
        const bool is_same = a[i - 1] == b[j - 1];
        uint8_t d = (uint8_t)(one[j - 1] + (is_same ? 0 : 1));
        d = least(d, (uint8_t)(one[j] + 1));
        d = least(d, (uint8_t)(row[j - 1] + 1));
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
            d = least(d, (uint8_t)(two[j - 2] + 1));
        }
        row[j] = d;
    }
}

size_t spc_distance(sp_bytes a, sp_bytes b)
{
    if (a.n > SPC_NEAREST_MAX || b.n > SPC_NEAREST_MAX) {
        return SIZE_MAX;
    }
    uint8_t rows[3][SPC_NEAREST_MAX + 1] = {{0}};
    for (size_t j = 0; j <= b.n; j++) {
        rows[0][j] = (uint8_t)j;
    }
    const sp_bytes ab[2] = {a, b};
    for (size_t i = 1; i <= a.n; i++) {
        fill_row(rows[i % 3], rows[(i + 2) % 3], rows[(i + 1) % 3], i, ab);
    }
    return rows[a.n % 3][b.n];
}

void spc_nearest_offer(spc_nearest *nearest, sp_bytes candidate)
{
    const size_t longer = candidate.n > nearest->word.n ? candidate.n : nearest->word.n;
    const size_t d = spc_distance(nearest->word, candidate);
    if (d < nearest->distance && d <= longer / 3) {
        nearest->best = candidate;
        nearest->distance = d;
    }
}
