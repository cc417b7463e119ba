/** @file columns.h  Tables in a text (CSV, TSV, Markdown, SQL INSERT): the words that head a column say what
 *  stands in each of its rows, however far below. Lines are read once, forward, as far as somebody asks.
 *
 *  Only for texts that are there as a whole (sp_scan_whole): a stream has let the header go. A table is one
 * of the text that is scanned: that of a part (parts.c) does not go on in the next. */
#pragma once
#include "detect/detect_internal.h"

enum {
    SP_COLUMNS_MAX = 64,      /**< of a table; those behind have no words */
    SP_TABLE_LINE_MAX = 4096, /**< longer lines are of no table */
    SP_TABLE_CELL_MAX = 48,   /**< bytes of a cell of a header */
};

/** The table that the line at hand is of. */
typedef struct sp_columns {
    bool is_on;
    size_t from;                     /**< tables begin here or behind */
    size_t floor;                    /**< the table at hand, or the next one, begins here or behind */
    size_t blind;                    /**< before it no line ends that is short enough */
    size_t line, next;               /**< the line at hand and the next one; SIZE_MAX: none yet */
    size_t head;                     /**< the line that heads it; SIZE_MAX: none does */
    size_t body;                     /**< of SQL: where the first row may begin, on the header's line */
    uint8_t sign;                    /**< what parts its cells; 0: it is of no table */
    bool is_values;                  /**< of SQL: rows stand in parentheses */
    size_t n;                        /**< signs of a line */
    uint32_t at[SP_COLUMNS_MAX + 1]; /**< where the cells of the header begin; the last, where it ends */
    size_t n_cells;                  /**< 0: nothing heads it */
    size_t seen, cell;               /**< up to where the line at hand was read, and the cell that is there */
    unsigned depth;                  /**< open parentheses there */
    bool is_quoted;
} sp_columns;

/** Forgets all. @param from  where tables may begin, a line's start; SIZE_MAX: none are looked for. */
void sp_columns_begin(sp_columns *columns, size_t from);

/** What heads a column; empty: nothing. */
typedef struct sp_column_head {
    size_t start, end;
} sp_column_head;

/** The head of the column in which a value begins. Charges what it reads. @param at  asked in rising order,
 *  but for places of one line; of lines that were left behind nothing is known any more. */
sp_column_head sp_columns_find(sp_columns *columns, const sp_window *w, size_t at);

/** Does the sign at `at` part the cells of a row? A comma between digits does, else it is part of a number.
 */
bool sp_columns_part(sp_columns *columns, const sp_window *w, size_t at);
