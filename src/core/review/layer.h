/** @file layer.h  A text as it is read at one level of escapes (layer.c). Private to the review. */
#pragma once
#include "parse/escape.h"
#include "sallyport/detect.h"

/** One reading of a text: as it stands, or with one more level of escapes resolved. Offsets count bytes of
 * this reading from its start: tail_at <= point <= end; point <= judged. */
typedef struct sp_layer {
    sp_tape *tape;
    sp_buf piece;     /**< of the event at hand, not yet on the tape */
    sp_buf tail;      /**< the reading from tail_at to the end */
    uint64_t tail_at; /**< as far before `point` as detectors look back */
    uint64_t point;   /**< the tape's release point */
    uint64_t judged;  /**< up to here it is judged: `point`, or more after a silence */
    uint64_t end;
    uint64_t from;      /**< findings that start before were told by the reading below */
    sp_buf waiting;     /**< text of the reading below that may be the beginning of an escape */
    sp_escapes escapes; /**< where the reading below has them; none for the text as it stands */
} sp_layer;
