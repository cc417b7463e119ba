/* An answer to a probe, from anybody: what is whole or none stays so, whatever follows, and what is said of
 * it lies within it. */
#include <stdlib.h>
#include <string.h>

#include "control/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CUTS_MAX = 600 };

static void must(int holds)
{
    if (!holds) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    spd_answer_state before = SPD_ANSWER_PART;
    spd_answer was = {0}, now;
    const size_t first = size > CUTS_MAX ? size - CUTS_MAX : 0;
    for (size_t n = first; n <= size; n++) {
        uint8_t *cut = malloc(n + 1); /* one byte more and a sanitizer sees it */
        if (cut == NULL) return 0;
        if (n > 0) memcpy(cut, data, n);
        const spd_answer_state state = spd_answer_read(&now, (sp_bytes){cut, n});
        free(cut);
        must(before == SPD_ANSWER_PART || state == before);
        must(before != SPD_ANSWER_WHOLE || (now.status == was.status && now.body_at == was.body_at));
        must((state == SPD_ANSWER_WHOLE) == (now.status >= 100 && now.body_at > 0));
        must(now.status <= 599 && now.body_at <= n);
        before = state;
        was = now;
    }
    return 0;
}
