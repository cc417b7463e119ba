/** @file fields.h  The field table: what may stand where in a request, and who has to agree. Private to
 * the core.
 *
 * A table describes an object, or each object of an array, by rows; a row says kind, type and bounds of a
 * member and, where the member holds described objects itself, their table. Objects of several forms are
 * told apart by one member (`type`, `role`): a table with `tag` has variants instead of rows, each with a
 * table of its own. What no row and no variant names is of kind UNKNOWN. Tables are static and const; a
 * dialect is one of them (openai.c, anthropic.c). */
#pragma once
#include "parse/json.h"

/** Types that a row accepts, as a set. null is accepted everywhere but in required rows: clients send it
 * for "not given". */
enum {
    SP_T_STRING = 1,
    SP_T_NUMBER = 2, /**< any plain decimal */
    SP_T_INT = 4,    /**< without fraction */
    SP_T_BOOL = 8,
    SP_T_ARRAY = 16,
    SP_T_OBJECT = 32,
    SP_T_ANY = 63,
    SP_T_TEXT_OR_LIST = SP_T_STRING | SP_T_ARRAY,
};

/** Who speaks and who vouches: role and origin of the segments below. */
typedef enum sp_who {
    SP_WHO_SAME = 0, /**< as around it */
    SP_WHO_REQUEST,  /**< no role; the application vouches: parameters, tool definitions */
    SP_WHO_SYSTEM,
    SP_WHO_USER,
    SP_WHO_MODEL,
    SP_WHO_TOOL,
    SP_WHO_FOUND,   /**< role as around it, but a document or search result that nobody vouches for */
    SP_WHO_UNKNOWN, /**< role as around it, origin unknown */
} sp_who;

typedef enum sp_rule {
    SP_RULE_NONE = 0,
    SP_RULE_QUIET,   /**< no use of its own: what stands around it is one already */
    SP_RULE_IF_TRUE, /**< a use only when the value is not false */
    SP_RULE_URL,   /**< a data: URL is unreadable bytes; any other is fetched (EGRESS) and then unreadable */
    SP_RULE_BYTES, /**< encoded bytes: not a segment */
    /** One text, or a list of texts, each by itself; or token ids (integers within the bounds of the row) in
     * a list or in lists of a list: unreadable. `table` names the path of an element. Lists of several kinds,
     * and empty ones, are refused: servers differ in what they make of them. */
    SP_RULE_TEXTS,
} sp_rule;

/** Rows whose value the request needs by name. */
typedef enum sp_mark {
    SP_MARK_NONE = 0,
    SP_MARK_MODEL,
    SP_MARK_MESSAGES,
    SP_MARK_STREAM,
    SP_MARK_STREAM_OPTIONS,
    SP_MARK_INCLUDE_USAGE,
    SP_MARK_MAX_TOKENS,
    SP_MARK_N,
    SP_MARK_MAX_COMPLETION,
    SP_MARK_TOOLS,
    SP_MARK_FUNCTIONS,
    SP_MARK_SYSTEM,
    SP_MARK_TEXTS,
    SP_MARK_COUNT,
} sp_mark;

/** What tells which result answers which call of which tool (sp_tool_part): of a form, what the object is;
 * of a row, what its string says of the object that it belongs to. */
typedef enum sp_part {
    SP_PART_NONE = 0,
    SP_PART_CALL,   /**< form: a call that the caller answers */
    SP_PART_SERVED, /**< form: a call that somebody else answers: nobody here knows the tool by its name */
    SP_PART_RESULT, /**< form: what the caller answers with */
    SP_PART_ID,     /**< row: of the call, or of the call that is answered */
    SP_PART_NAME,   /**< row: of the tool */
    SP_PART_TEXT,   /**< row: what the tool gave back */
} sp_part;

typedef struct sp_table sp_table;

typedef struct sp_field {
    sp_bytes name;
    const char
        *path; /**< for sp_place; for a row with a table of array elements: of the member, without [] */
    const sp_table *
        table; /**< of the object, or of each object of the array; NULL: any JSON below, all of it segments */
    double min, max; /**< of a number; max 0 = any */
    uint8_t kind;    /**< sp_field_kind */
    uint8_t also;    /**< a second use (sp_field_kind), 0 = none */
    uint8_t types, who, rule, mark;
    uint8_t part; /**< sp_part */
    bool is_required;
    bool joins; /**< a list of parts whose texts are read as one */
} sp_field;

typedef struct sp_variant {
    sp_bytes name;         /**< of the tag; a final '*' stands for any rest; empty = the tag is absent */
    const sp_table *table; /**< NULL: any JSON below */
    uint8_t kind;          /**< STATE, EGRESS, OPAQUE ...: the object as a whole is a use; TEXT: none */
    uint8_t who;
    uint8_t part; /**< sp_part */
} sp_variant;

struct sp_table {
    const sp_field *fields; /**< used when there is no tag */
    const sp_variant *variants;
    uint16_t n_fields, n_variants;
    sp_bytes tag;
    const char *path;    /**< of the object itself */
    const char *unknown; /**< of a member that no row names */
};

#define SP_NAME(s)                             \
    {                                          \
        (const uint8_t *)("" s), sizeof(s) - 1 \
    }
#define SP_ROW(NAME, KIND, TYPES, PATH, ...)                                                        \
    {                                                                                               \
        .name = SP_NAME(NAME), .kind = SP_FIELD_##KIND, .types = (TYPES), .path = PATH, __VA_ARGS__ \
    }
#define SP_FORM(NAME, KIND, WHO, TABLE, ...)                                                               \
    {                                                                                                      \
        .name = SP_NAME(NAME), .kind = SP_FIELD_##KIND, .who = SP_WHO_##WHO, .table = (TABLE), __VA_ARGS__ \
    }
#define SP_ROWS(ROWS) .fields = (ROWS), .n_fields = sizeof(ROWS) / sizeof((ROWS)[0])
#define SP_FORMS(FORMS) .variants = (FORMS), .n_variants = sizeof(FORMS) / sizeof((FORMS)[0])
/** An object with these rows at PATH. */
#define SP_TABLE(ROWS, PATH)                              \
    {                                                     \
        SP_ROWS(ROWS), .path = PATH, .unknown = PATH ".?" \
    }
/** Objects told apart by TAG at PATH. */
#define SP_UNION(FORMS, TAG, PATH)                                               \
    {                                                                            \
        SP_FORMS(FORMS), .tag = SP_NAME(TAG), .path = PATH, .unknown = PATH ".?" \
    }
