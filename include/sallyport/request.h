/** @file request.h  A request body, parsed once: text segments with exact spans, fields by kind, blocks.
 *  The bytes that were judged are the bytes that are sent: nothing here copies or re-serialises the body;
 * changes are splices (splice.h) at the spans found here. */
#pragma once
#include "sallyport/base.h"

enum {
    SP_DEPTH_MAX = 64,      /**< nesting of the body; 12 levels were the most seen from agents */
    SP_NEST_MAX = 4,        /**< JSON inside a JSON string, how many levels deep it is read */
    SP_BODY_MAX = 32 << 20, /**< hard bound of a body in bytes; the configured limit lies below */
    SP_PATH_INDEX_MAX = 4,
};

/** What a path asks for. Calls are forwarded and recorded: parsed, labelled, decided (tbl/operations.h); the
 * others are answered by the gateway. */
typedef enum sp_operation {
    SP_OP_NONE = 0,
#define X(ID, number, name, streams, meaning) SP_OP_##ID = (number),
#include "tbl/operations.h"
    SP_OP_CALLS_END = 32, /**< calls have numbers below */
    SP_OP_MODELS,         /**< list of what this caller may use */
    SP_OP_ROOT,           /**< HEAD or GET /: liveness probe of SDKs */
    SP_OP_HEALTH,         /**< /healthz: the process answers */
    SP_OP_READY,          /**< /readyz: can decide and can record */
    SP_OP_METRICS,        /**< /metrics: Prometheus text format 0.0.4 */
} sp_operation;

/** Who speaks in a segment, as the dialect says. */
typedef enum sp_role {
    SP_ROLE_NONE = 0,
    SP_ROLE_SYSTEM,
    SP_ROLE_USER,
    SP_ROLE_ASSISTANT,
    SP_ROLE_TOOL
} sp_role;

/** Who vouches for a text. UNKNOWN is the zero value and counts as untrusted. */
typedef enum sp_origin {
    SP_ORIGIN_UNKNOWN = 0,
    SP_ORIGIN_APPLICATION, /**< system and developer text, tool definitions, parameters */
    SP_ORIGIN_USER,        /**< trusted or not as the application's entry states */
    SP_ORIGIN_MODEL,       /**< an earlier answer */
    SP_ORIGIN_TOOL,        /**< tool result, retrieved document, file: untrusted */
} sp_origin;

typedef enum sp_form { SP_FORM_STRING = 0, SP_FORM_KEY, SP_FORM_NUMBER } sp_form;

/** What a row of a field table is (tbl/fields.h). UNKNOWN is the zero value. */
typedef enum sp_field_kind {
#define X(ID, name, meaning) SP_FIELD_##ID,
#include "tbl/fields.h"
} sp_field_kind;

/** Where something stands, in terms of the field table: `path` is static, e.g. "messages[].content[].text",
 * each [] taken from `index` in order. It names no key of the client: below unknown keys it ends in "?". */
typedef struct sp_place {
    const char *path;
    uint32_t index[SP_PATH_INDEX_MAX];
} sp_place;

/** A piece of text that stands in the body. */
typedef struct sp_segment {
    uint32_t text_start, text_end; /**< in sp_request.text: decoded UTF-8, escapes resolved */
    uint32_t raw_start, raw_end; /**< the raw token without its quotes: in the body, or, when `parent` is set,
                                    in the parent's decoded text */
    uint32_t parent; /**< 0, or 1 + index of the segment whose decoded text is JSON that holds this one */
    uint32_t block;  /**< index in sp_request.blocks */
    sp_place place;
    uint8_t kind; /**< sp_field_kind */
    uint8_t role, origin, form;
    bool verbatim; /**< decoded equals raw: offsets map one to one */
    bool resolved; /**< text of `parent` with escapes resolved that stand in prose: where one of its
                      bytes came from is not kept, it maps to the whole of `parent` */
    bool joined;   /**< of several texts, of which `parent` is the first: it maps to that alone */
} sp_segment;

/** A field whose kind needs somebody's agreement: STATE, EGRESS, UNREADABLE, UNKNOWN, OPAQUE. */
typedef struct sp_use {
    uint8_t kind; /**< sp_field_kind */
    sp_place place;
    uint32_t raw_start, raw_end; /**< the value in the body; 0,0 when it is nested in a string */
} sp_use;

/** A call that a model made of a tool, or what the tool gave back, as the dialect's table says which is
 * which. `id`, `name` and `text` are 1 + index of a segment; 0: there is none, SP_SEVERAL: more than one, or
 * one that says nothing about it. */
typedef struct sp_tool_part {
    uint32_t first, end; /**< its segments, half open; what is nested in it included */
    uint32_t id;         /**< of the call, or of the call that is answered */
    uint32_t name;       /**< of the tool */
    uint32_t text;       /**< RESULT: what the tool gave back, where that is one string */
    bool is_result;
    bool is_plain; /**< id, text and maybe name are all that it holds: no further text, no use */
} sp_tool_part;
#define SP_SEVERAL UINT32_MAX

/** A run of the body: [start, end) follow each other and cover the body exactly. One per message of the list,
 * the comma before it included, so that the next request of a conversation repeats it byte by byte; what
 * stands before the first, and the rest, are cut once more at tools and system prompt. Unit of record,
 * history and erasure. */
typedef struct sp_block {
    uint32_t start, end;
    uint32_t state; /**< where in the grammar of the dialect it starts: equal bytes behind equal states are
                       read equally */
} sp_block;

/** A half open span in the body; 0,0 = absent (no value starts at 0). */
typedef struct sp_span {
    uint32_t start, end;
} sp_span;

struct sp_dialect;

typedef struct sp_request {
    const struct sp_dialect *dialect;
    sp_operation operation;
    sp_bytes body; /**< borrowed */
    sp_bytes
        text; /**< decoded texts of all segments, a newline after each: one buffer, scanned in one pass */
    sp_segment *segments;
    size_t n_segments;
    sp_use *uses;
    size_t n_uses;
    sp_tool_part *tool_parts; /**< in the order of the body */
    size_t n_tool_parts;
    sp_block *blocks;
    size_t n_blocks;
    sp_bytes model;     /**< decoded, borrowed from `text` */
    sp_span model_span; /**< raw token with its quotes */
    bool is_stream;
    bool asks_usage;        /**< OpenAI: stream_options.include_usage is true */
    sp_span stream_options; /**< OpenAI: the raw value, braces included, or a null that stands there; absent
                               0,0 */
    sp_span include_usage;  /**< OpenAI: the raw value inside of stream_options; absent 0,0 */
    uint32_t object_end;    /**< offset of the closing brace of the body: where a member can be inserted */
    bool has_tools;
    uint64_t max_tokens; /**< 0 = not stated */
    uint32_t n_choices;  /**< answers asked for: OpenAI `n`, for each of the texts given; 1 unless said */
    sp_bytes parameters; /**< scalars of kind PARAMETER as recorded: "name=raw;..." in order of the table,
                            without strings from the client */
} sp_request;

/** Splits the body of a call that generates (SP_OP_GENERATE) into text segments without copying the body.
 *  Strict: refuses duplicate keys (compared after decoding), invalid UTF-8, lone surrogates, a BOM, trailing
 * bytes, depth above SP_DEPTH_MAX, numbers in parameters that parsers read differently (not an integer within
 * +-2^53 nor a plain decimal of <= 17 digits).
 *  @param out      receives the request; borrows `body` and lives in `mem`: valid until either goes.
 *  @param dialect  whose field table applies.
 *  @param body     1..SP_BODY_MAX bytes; not modified.
 *  @param mem      takes about 6 x body.n + 16 KiB at most for ordinary bodies; limited by its own limit.
 *  @param diag     NULL, or receives position (byte offset in body) and message.
 *  @return SP_OK, SP_ESYNTAX, SP_EDUPKEY, SP_EUTF8, SP_EDEPTH, SP_ENUMBER, SP_EFIELD (type, range, or a key
 * that is a row's name in another case), SP_EMISSING (no model, no messages), SP_ESIZE, SP_ENOMEM. On failure
 * `*out` is zeroed. */
SP_NODISCARD sp_status sp_request_parse(sp_request *out, const struct sp_dialect *dialect, sp_bytes body,
                                        sp_mem *mem, sp_diag *diag);

/** What is parsed, and where the tree of it lies that is needed on the way only. */
typedef struct sp_parse_in {
    const struct sp_dialect *dialect;
    sp_operation operation; /**< one that the dialect does not have: SP_EINTERNAL */
    sp_bytes body;
    sp_mem *work; /**< may be used for something else afterwards; NULL: the memory of the result */
} sp_parse_in;

/** sp_request_parse for any call, with the tree in memory of its own: about 3 x body.n of the 6. */
SP_NODISCARD sp_status sp_request_parse_with(sp_request *out, const sp_parse_in *in, sp_mem *mem,
                                             sp_diag *diag);

/** Maps [start, end) of a segment's decoded text to the span in the body, through every level of escaping:
 * exact, and never cutting an escape sequence. @return SP_ERANGE when it does not lie in the segment. */
SP_NODISCARD sp_status sp_segment_map(sp_span *out, const sp_request *request, const sp_segment *segment,
                                      uint32_t start, uint32_t end);

/** The segment that holds offset `at` of sp_request.text, found by binary search; NULL past the end. */
const sp_segment *sp_segment_at(const sp_request *request, uint32_t at);

/** Is it a text that the application wrote for the model, not for whoever reads the answer? As it stands in
 * the body: no further reading of one. */
static inline bool sp_segment_is_system(const sp_segment *s)
{
    return s->role == SP_ROLE_SYSTEM && s->origin == SP_ORIGIN_APPLICATION && s->kind == SP_FIELD_TEXT &&
           s->parent == 0 && s->form == SP_FORM_STRING;
}

/** Appends the place as text, e.g. `messages[3].content[0].text`. */
void sp_place_append(sp_buf *out, sp_place place);
