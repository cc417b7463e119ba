/** @file row.h  A setting is a row: name, type, range, default, check, documentation. Everything that handles
 * settings walks these rows. All tables are static and const. */
#pragma once
#include <stddef.h>

#include "conf/conf.h"
#include "conf/quantity.h"

/** What stands behind a key, and the C type of the field that receives it. */
typedef enum spc_type {
    SPC_TYPE_TEXT = 0, /**< spc_text */
    SPC_TYPE_BOOL,     /**< bool */
    SPC_TYPE_COUNT,    /**< uint64_t: a whole number without unit */
    SPC_TYPE_TIME,     /**< uint64_t, milliseconds */
    SPC_TYPE_SIZE,     /**< uint64_t, bytes */
    SPC_TYPE_WORD,     /**< uint8_t: one of `words` */
    SPC_TYPE_FLAGS,    /**< uint32_t: list of `words`, a bit each */
    SPC_TYPE_TEXTS,    /**< spc_texts: list of texts; one text stands for a list of one where `is_short` */
    SPC_TYPE_NUMBERS,  /**< spc_numbers: NAME: whole number */
    SPC_TYPE_RECORD,   /**< the struct itself: keys of `table` */
    SPC_TYPE_MAP, /**< pointer and count of structs that begin with their spc_text name: NAME: keys of `table`
                   */
    SPC_TYPE_LIST, /**< the same as a list without names: the spc_text is empty and has the place */
    SPC_TYPE_TREE, /**< const struct spc_node *: whatever stands there, unread; no setting of the file is one
                    */
} spc_type;

typedef struct spc_word {
    const char *name;
    uint32_t value;
    const char *doc;
} spc_word;

/** @return NULL when the text will do, else what is wrong with it, one static line. */
typedef const char *(*spc_check_fn)(sp_bytes text);

struct spc_row;

/** A list of rows that is ended by one without key. */
typedef struct spc_table {
    const struct spc_row *rows;
    size_t item_size; /**< of the struct that they describe */
    const char *noun; /**< what an entry is called, e.g. "destination" */
    bool is_bare;     /**< its one key is left out: NAME: VALUE */
} spc_table;

typedef struct spc_row {
    const char *key;
    spc_type type;
    bool is_required;
    bool is_short;  /**< TEXTS: a single text may stand for the list */
    bool is_secret; /**< may be pasted by mistake what nobody should read again: messages do not quote it */
    uint64_t min,
        max; /**< of a number or quantity; of the count of a TEXTS, NUMBERS or MAP; of the length of a TEXT */
    const char *def;       /**< as it would stand in the file; NULL: none */
    const char *unit;      /**< of a COUNT, for people */
    const spc_word *words; /**< WORD, FLAGS: ended by a NULL name */
    uint32_t
        stated; /**< FLAGS: bits of a list that stands there, so that an empty one is not taken for none */
    const spc_table *table; /**< RECORD, MAP */
    spc_check_fn check;     /**< of a TEXT, of each of TEXTS, of the names of NUMBERS and MAP */
    const char *pattern;    /**< regular expression of the same check for the schema, or NULL */
    const char *example;    /**< as it would stand in the file */
    const char *doc;        /**< sentences */
    size_t offset;          /**< of the field */
} spc_row;

/** The top of the file; describes spc_conf. */
extern const spc_table spc_table_conf;

/** The unit kind of a TIME or SIZE row. */
static inline spc_unit_kind spc_row_unit_kind(const spc_row *row)
{
    return row->type == SPC_TYPE_TIME ? SPC_UNIT_TIME : SPC_UNIT_SIZE;
}
