/** @file channel.h  A text of an answer that comes in pieces, and its readings. Private to the review. */
#pragma once
#include "review/answer.h"
#include "review/canary.h"
#include "review/layer.h"
#include "review/mask.h"
#include "review/passages.h"

/** A text of an answer that comes in pieces. Offsets count decoded bytes from its start. Text may be JSON
 * that a client parses, so each level of escapes in it is another reading, from its first escape on. */
typedef struct sp_channel {
    const sp_leaf_row *row; /**< of its first piece */
    uint32_t index[SP_PATH_INDEX_MAX];
    uint64_t hash;    /**< of sp_leaf */
    sp_layer text;    /**< as it stands */
    sp_buf deeper;    /**< sp_layer *: its other readings */
    sp_buf last;      /**< the piece before, of a text whose row is unknown */
    sp_buf carry;     /**< raw text [out, end) that was held back, to go into the next event */
    uint64_t out;     /**< up to here it stands in the queue */
    uint64_t release; /**< up to here it is judged in each reading, or the end once it was closed there */
    size_t sent;      /**< raw bytes of carry that the event at hand takes (emit.c) */
    uint64_t paused;  /**< length of the text when its silence was last judged */
    uint64_t stop;    /**< start of the first finding that may not leave; UINT64_MAX */
    sp_masks masks;
    bool is_closed;
    bool is_touched;   /**< the event at hand has a piece of it */
    bool is_continued; /**< another text follows it that clients join with it */
    uint64_t hold; /**< its block is over: no further before the text that follows is judged; UINT64_MAX */
    struct sp_channel *front; /**< the text that clients put in front of it, or NULL */
    sp_told_text *told;       /**< as far as the client gets it; NULL: nothing yet */
    sp_passage_run *passages; /**< NULL: nothing read yet, or nothing to compare with */
    sp_canary_run *canary;    /**< likewise */
} sp_channel;

/* ---- layer.c ---- */

/** What a channel may replace. */
static inline sp_sink sp_review__sink(sp_channel *channel)
{
    const bool is_text = channel->row->cls == SP_LEAF_TEXT;
    return (sp_sink){&channel->stop, is_text ? &channel->masks : NULL, channel->out, is_text};
}

static inline size_t sp_review__n_layers(const sp_channel *channel)
{
    return 1 + channel->deeper.n / sizeof(sp_layer *);
}
static inline sp_layer *sp_review__layer_at(sp_channel *channel, size_t number)
{
    return number == 0 ? &channel->text : ((sp_layer **)(void *)channel->deeper.p)[number - 1];
}
/** @param is_shown  clients show the text as this reading has it. */
SP_NODISCARD sp_status sp_review__layer_init(sp_review *review, sp_layer *layer, bool is_shown);
/** Puts the channel's piece on the tape of each reading, and begins a reading at the first escape. */
SP_NODISCARD sp_status sp_review__layers_feed(sp_review *review, sp_channel *channel, bool is_last);
/** Scans what each reading holds back as if the text ended here; `is_end`: it does. */
SP_NODISCARD sp_status sp_review__layers_peek(sp_review *review, sp_channel *channel, bool is_end);
/** Judges each reading up to what could still become a finding. */
SP_NODISCARD sp_status sp_review__layers_pause(sp_review *review, sp_channel *channel);
/** Up to where all readings are judged. */
uint64_t sp_review__layers_judged(sp_channel *channel);
/** Lists review->found, whose offsets are those of reading `number`, and judges it. */
SP_NODISCARD sp_status sp_review__layer_list(sp_review *review, sp_channel *channel, size_t number);
/** Clients join the text of a new channel with that of `before`, which does not go on. */
SP_NODISCARD sp_status sp_review__layers_join(sp_review *review, sp_channel *channel, sp_channel *before);
