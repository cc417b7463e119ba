/** @file record_internal.h  What encoder, decoder and JSON share: the rows of tbl/record_fields.h as a table.
 */
#pragma once
#include "sallyport/record.h"

enum {
    SP_LEAF_VERSION = 1,
    SP_LEAF_HEAD_BYTES = 4, /**< 'S' 'L', version, kind */
};

/** Which kinds carry a field: bit of sp_record_kind. */
enum {
    SP_IN_INTENT = 1 << SP_RECORD_INTENT,
    SP_IN_ANSWER = 1 << SP_RECORD_ANSWER,
    SP_IN_OUTCOME = 1 << SP_RECORD_OUTCOME,
    SP_IN_REFUSAL = 1 << SP_RECORD_REFUSAL,
    SP_IN_LOSS = 1 << SP_RECORD_LOSS,
    SP_IN_ACT = 1 << SP_RECORD_ACT,
};

/** How a value is written behind its number. Numbers are big-endian; a zero or empty value is not written at
 * all. */
typedef enum sp_field_type {
    SP_TYPE_U8,
    SP_TYPE_U16,
    SP_TYPE_U32,
    SP_TYPE_U64,
    SP_TYPE_I32,     /**< two's complement in a u32 */
    SP_TYPE_BOOL,    /**< u8, 1 */
    SP_TYPE_ID8,     /**< 8 raw bytes */
    SP_TYPE_ID16,    /**< 16 raw bytes */
    SP_TYPE_TEXT,    /**< u16 length, UTF-8 */
    SP_TYPE_VISIBLE, /**< u16 length, printable ASCII; what does not fit is left out: a destination chose it
                      */
    SP_TYPE_LABEL,
    SP_TYPE_ATOMS, /**< lists: u16 count, entries */
    SP_TYPE_CANDIDATES,
    SP_TYPE_BLOCKS,
} sp_field_type;

/** How JSON says a value. */
typedef enum sp_field_show {
    SP_SHOW_NUMBER,
    SP_SHOW_BOOL,
    SP_SHOW_HEX,
    SP_SHOW_TIME,
    SP_SHOW_STRING,
    SP_SHOW_LABEL,
    SP_SHOW_DIALECT,
    SP_SHOW_OPERATION,
    SP_SHOW_TIER,
    SP_SHOW_OUTCOME,
    SP_SHOW_STATUS,
    SP_SHOW_ATOMS,
    SP_SHOW_CANDIDATES,
    SP_SHOW_BLOCKS,
} sp_field_show;

typedef struct sp_record_field {
    uint8_t number, type, show, kinds;
    uint16_t max;    /**< bytes of a text */
    uint16_t offset; /**< of the member in sp_record */
    const char *name;
} sp_record_field;

/** Row `i` in order of number (test_record holds the order), or NULL past the end. Numbers may have gaps. */
const sp_record_field *sp_record__field(size_t i);
/** The row of that number, or NULL. */
const sp_record_field *sp_record__field_numbered(uint8_t number);

/** Does a record of that kind carry the field? */
static inline bool sp_record__carries(const sp_record_field *field, uint8_t kind)
{
    return kind < 8 && ((field->kinds >> kind) & 1);
}

/** Valid UTF-8 of at most `max` bytes? */
bool sp_record__is_text(sp_bytes s, size_t max);
/** Printable ASCII of at most `max` bytes? */
bool sp_record__is_visible(sp_bytes s, size_t max);
/** Any bit that a label with no restriction spelled out would lack? A zeroed label is not written. */
bool sp_record__is_zero(const void *p, size_t n);

/** Residency in a leaf: the two usual sets take one byte. */
enum { SP_RESIDENCY_NOWHERE = 0, SP_RESIDENCY_EVERYWHERE = 1, SP_RESIDENCY_SET = 2 };
