/** @file answer.h  The head of an HTTP answer, as far as the daemon wants to know it: what a server says that
 * may be anybody's. Pure. */
#pragma once
#include "sallyport/base.h"

enum { SPD_ANSWER_HEAD_MAX = 64 << 10 /**< a head that has not ended by then is none */ };

typedef enum spd_answer_state {
    SPD_ANSWER_NONE = 0, /**< not HTTP/1.x, and whatever follows it never will be */
    SPD_ANSWER_PART,     /**< so far so good: more is needed */
    SPD_ANSWER_WHOLE,    /**< the head is here */
} spd_answer_state;

typedef struct spd_answer {
    unsigned status; /**< 100 to 599; 0 unless WHOLE */
    size_t body_at;  /**< where the body starts; 0 unless WHOLE */
} spd_answer;

/** Reads what has come of an answer (RFC 9112 section 4). More bytes behind it never change what is WHOLE or
 * NONE. Looks at no field of the head. */
spd_answer_state spd_answer_read(spd_answer *out, sp_bytes so_far);
