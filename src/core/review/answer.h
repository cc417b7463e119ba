/** @file answer.h  The tables of the review: what may stand in an answer of a dialect, and what to do with
 * it. Private to the review. */
#pragma once
#include "parse/json.h"
#include "sallyport/review.h"

struct sp_channel;
struct sp_call;

/** What to do with a string of an answer. UNKNOWN is the zero value. */
typedef enum sp_leaf_class {
    SP_LEAF_UNKNOWN = 0, /**< scanned by itself; below a "?" key names and numbers are, too */
    SP_LEAF_KNOWN,       /**< belongs to the form of the dialect: scanned by itself */
    SP_LEAF_TEXT,        /**< joined with the pieces before it; may be cut at the release point */
    SP_LEAF_WHOLE,       /**< joined; its event is never altered but waits until all of it is judged */
    /** Like WHOLE when its third index is 0; else scanned by itself. On a "?" row it is the names that count,
     * numbered from 0, and a number is no text. */
    SP_LEAF_FIRST,
    SP_LEAF_BYTES,     /**< a number that is a byte of a text (logprobs); joined when the row has a channel */
    SP_LEAF_CALL,      /**< a piece of the arguments of a tool call */
    SP_LEAF_INPUT,     /**< below the input of a tool call that came as JSON: scanned by itself */
    SP_LEAF_CALL_NAME, /**< a piece of its name */
    SP_LEAF_CALL_ID,   /**< a piece of its id */
    SP_LEAF_CALL_PART, /**< another part of a tool call: scanned by itself */
    SP_LEAF_FINISH,    /**< a string here says that the choice or the message is finished */
    SP_LEAF_ERROR,     /**< part of an error: the answer ends with it */
    SP_LEAF_UNREADABLE, /**< content that no detector can read */
    SP_LEAF_VECTOR,     /**< lists of numbers: no text, not looked at; all else there is scanned by itself */
} sp_leaf_class;

/** What a leaf tells the summary. */
typedef enum sp_leaf_into {
    SP_INTO_NOTHING = 0,
    SP_INTO_MODEL,
    SP_INTO_ID,
    SP_INTO_VERSION,
    SP_INTO_TOKENS_IN,
    SP_INTO_TOKENS_OUT,
    SP_INTO_TOKENS_CACHED,
} sp_leaf_into;

/** A row of a dialect's table of answers. */
typedef struct sp_leaf_row {
    const char *path; /**< keys joined by '.', [] for elements; "?" at the end: what is not listed there, at
                         any depth */
    uint8_t cls;      /**< sp_leaf_class */
    uint8_t channel;  /**< rows with the same number feed the same text; 0: none */
    uint8_t into;     /**< sp_leaf_into */
} sp_leaf_row;

/** A string, key name or number of an event. */
typedef struct sp_leaf {
    const sp_leaf_row *row;
    sp_bytes text; /**< decoded */
    sp_span inner; /**< raw, in the data of the event, without quotes */
    uint32_t index[SP_PATH_INDEX_MAX];
    uint64_t hash; /**< of the keys between a "?" row and here: tells texts of one row apart; else 0 */
    bool is_string, is_key;
    struct sp_call *call;       /**< of CALL, with a policy that masks */
    struct sp_channel *channel; /**< of TEXT and WHOLE, and of BYTES with a channel */
    uint64_t start;             /**< offset in the text of its channel */
    bool is_first;              /**< of its channel in this event: what was held back goes in front of it */
    size_t kept;                /**< raw bytes of it that stay in the event (emit.c) */
} sp_leaf;

struct sp_judgement;

/** What differs between dialects beyond the rows. */
typedef struct sp_answer_table {
    const sp_leaf_row *rows; /**< in order of strcmp */
    size_t n_rows;
    uint8_t joins;        /**< number of the texts that clients join over blocks; 0: none */
    uint32_t repeats;     /**< set of numbers (1 << n): what says another text again, piece by piece */
    bool is_index_on_top; /**< the index of a block is a member of the event, not of an element */
    bool has_usage_event; /**< usage comes in events of its own that can be hidden */
    sp_bytes terminator;  /**< data that is no JSON and ends the stream; empty: none */
    /** Whether a client may see an `event:` line with this name. */
    bool (*keeps_name)(sp_bytes name);
    /** Called with the leaves read: what does this event open and close? */
    sp_status (*classify)(sp_review *review, struct sp_judgement *event);
    /** Appends an event that carries a piece (raw, escaped) of a channel's text; NULL: no row has a channel.
     */
    void (*append_piece)(sp_review *review, const struct sp_channel *channel, sp_bytes raw);
    /** Appends an event that carries the arguments of a call; NULL: there are no calls. */
    void (*append_arguments)(sp_review *review, const struct sp_call *call, sp_bytes raw);
} sp_answer_table;

extern const sp_answer_table sp_answer__openai, sp_answer__completions, sp_answer__embeddings,
    sp_answer__anthropic, sp_answer__anthropic_count;

/* What all OpenAI answers share. */
#define SP_ANSWER_OPENAI_ERROR                                                                             \
    {"error", SP_LEAF_ERROR, 0, 0}, {"error.?", SP_LEAF_ERROR, 0, 0}, {"error.code", SP_LEAF_ERROR, 0, 0}, \
        {"error.message", SP_LEAF_ERROR, 0, 0}, {"error.param", SP_LEAF_ERROR, 0, 0},                      \
    {                                                                                                      \
        "error.type", SP_LEAF_ERROR, 0, 0                                                                  \
    }
bool sp_answer__openai_keeps_name(sp_bytes name);
SP_NODISCARD sp_status sp_answer__openai_classify(sp_review *review, struct sp_judgement *event);

/** The table of the answers to a call, or NULL. */
const sp_answer_table *sp_answer__table(const sp_dialect *dialect, sp_operation operation);
