#include "control/answer.h"

#include <string.h>

enum { STATUS_AT = 9, LINE_LEAST = 13 };

/* HTTP-version SP status-code SP, the reason may be empty; some leave out the space in front of it. `0` is a
 * digit. */
static const char form[] = "HTTP/1.0 000";

static bool fits(sp_bytes s)
{
    for (size_t i = 0; i < s.n && i < sizeof form - 1; i++) {
        const bool is_digit = s.p[i] >= '0' && s.p[i] <= '9';
        if (form[i] == '0' ? !is_digit : s.p[i] != (uint8_t)form[i]) {
            return false;
        }
    }
    return s.n < LINE_LEAST || s.p[LINE_LEAST - 1] == ' ' || s.p[LINE_LEAST - 1] == '\r';
}

spd_answer_state spd_answer_read(spd_answer *out, sp_bytes so_far)
{
    uint64_t status = 0;
    *out = (spd_answer){0};
    if (!fits(so_far)) {
        return SPD_ANSWER_NONE;
    }
    const bool has_status = sp_u64_parse(&status, sp_bytes_sub(so_far, STATUS_AT, LINE_LEAST - 1), 599);
    if (so_far.n >= LINE_LEAST && (!has_status || status < 100)) {
        return SPD_ANSWER_NONE;
    }
    const size_t n = so_far.n < SPD_ANSWER_HEAD_MAX ? so_far.n : SPD_ANSWER_HEAD_MAX;
    const uint8_t *end = n > 0 ? memmem(so_far.p, n, "\r\n\r\n", 4) : NULL;
    if (end == NULL) {
        return so_far.n < SPD_ANSWER_HEAD_MAX ? SPD_ANSWER_PART : SPD_ANSWER_NONE;
    }
    *out = (spd_answer){.status = (unsigned)status, .body_at = (size_t)(end - so_far.p) + 4};
    return SPD_ANSWER_WHOLE;
}
