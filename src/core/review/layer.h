/** @file layer.h  A text as it is read at one level of escapes (layer.c). Private to the review. */
#pragma once
#include "parse/escape.h"
#include "sallyport/detect.h"

/** How a reading comes from the one below it. */
typedef enum sp_reading {
    SP_READ_TEXT = 0, /**< the text as it stands */
    SP_READ_ESCAPES,  /**< with one more level of escapes resolved */
    SP_READ_FOLDED,   /**< what folds made ASCII (parse/fold.h) */
    SP_READ_JOINED,   /**< behind the text that clients put in front of it */
    SP_READ_LIMIT
} sp_reading;

/** One reading of a text. Offsets count bytes of this reading from its start: tail_at <= point <= end;
 * point <= judged. */
typedef struct sp_layer {
    uint8_t reading;             /**< sp_reading */
    uint8_t depth;               /**< levels of escapes that are resolved */
    size_t below;                /**< number of the reading that it is made of */
    size_t above[SP_READ_LIMIT]; /**< numbers of the readings made of it; 0: none */
    uint64_t joint;              /**< of JOINED: length of what stands in front */
    bool tells_addresses;        /**< of all sorts (sp_review__tells_addresses) */
    sp_tape *tape;
    sp_buf piece;     /**< of the event at hand, not yet on the tape */
    sp_buf tail;      /**< the reading from tail_at to the end */
    uint64_t tail_at; /**< as far before `point` as detectors look back */
    uint64_t point;   /**< the tape's release point */
    uint64_t judged;  /**< up to here it is judged: `point`, or more after a silence */
    uint64_t end;
    uint64_t from;      /**< findings that start before were told by the reading below */
    sp_buf waiting;     /**< text of the reading below that may be the beginning of an escape, or stands in
                           front */
    sp_escapes escapes; /**< where the reading below has them, or what folds */
} sp_layer;
