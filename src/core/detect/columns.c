/* Reading tables. A line that holds nothing but short names, with signs between them, may be a header; it is
 * one for the lines right behind it that have as many signs. Whether a name means anything, evidence.h knows.
 */
#include "detect/columns.h"

#include <string.h>

void sp_columns_begin(sp_columns *columns, size_t from)
{
    *columns = (sp_columns){.is_on = from != SIZE_MAX, .line = SIZE_MAX, .next = from};
}

/* ---- signs of a line ---- */

/* Signs in [from, to) outside of quotes. */
static size_t count_signs(const uint8_t *p, size_t from, size_t to, uint8_t sign)
{
    size_t n = 0;
    bool is_quoted = false;
    for (size_t i = from; i < to; i++) {
        is_quoted = is_quoted != (p[i] == '"' && sign != '|');
        n += p[i] == sign && !is_quoted;
    }
    return n;
}

static bool is_of_name(uint8_t c)
{
    return c >= 0x80 || sp_is_alnum(c) || (c != 0 && strchr(" _-./()#\"'`*&:?", c) != NULL);
}

/* A name: short, with a letter, and few words. Markdown has empty cells at both ends. */
static bool is_name(const uint8_t *p, size_t from, size_t to, bool may_be_empty)
{
    enum { WORDS_MAX = 6 };
    size_t letters = 0, blanks = 0;
    while (from < to && p[from] == ' ') from++;
    while (to > from && (p[to - 1] == ' ' || p[to - 1] == '\r')) to--;
    if (from == to) return may_be_empty;
    if (to - from > SP_TABLE_CELL_MAX) return false;
    for (size_t i = from; i < to; i++) {
        if (!is_of_name(p[i])) return false;
        letters += sp_is_alpha(p[i]) || p[i] >= 0x80;
        blanks += p[i] == ' ';
    }
    return letters > 0 && blanks < WORDS_MAX;
}

/* Notes where the cells of [from, to) begin. @return false: they are no names. */
static bool take_names(sp_columns *c, const uint8_t *p, size_t from, size_t to)
{
    size_t cell = from;
    c->n_cells = 0;
    for (size_t i = from; i <= to; i++) {
        if (i < to && p[i] != c->sign) continue;
        const bool is_edge = c->sign == '|' && (cell == from || i == to);
        if (!is_name(p, cell, i, is_edge)) return false;
        if (c->n_cells < SP_COLUMNS_MAX) c->at[c->n_cells++] = (uint32_t)cell;
        cell = i + 1;
    }
    c->at[c->n_cells] = (uint32_t)cell;
    return true;
}

/* ---- headers ---- */

static bool begins_with(const uint8_t *p, size_t from, size_t to, const char *word)
{
    const size_t n = strlen(word);
    return to - from >= n && sp_bytes_eq_nocase((sp_bytes){p + from, n}, sp_bytes_of(word));
}

/* `INSERT INTO people (name, ssn) VALUES`, with rows behind it or on the next lines. */
static bool is_insert(sp_columns *c, const uint8_t *p, size_t from, size_t to)
{
    while (from < to && (p[from] == ' ' || p[from] == '\t')) from++;
    if (!begins_with(p, from, to, "insert into ")) return false;
    const uint8_t *open = memchr(p + from, '(', to - from);
    const uint8_t *close = open != NULL ? memchr(open, ')', (size_t)(p + to - open)) : NULL;
    if (close == NULL) return false;
    c->sign = ',';
    c->body = (size_t)(close - p) + 1;
    c->is_values = true;
    return take_names(c, p, (size_t)(open - p) + 1, c->body - 1);
}

static bool is_header(sp_columns *c, const uint8_t *p, size_t from, size_t to)
{
    static const uint8_t signs[] = {'\t', '|', ';', ','};
    for (size_t k = 0; k < sizeof signs; k++) {
        c->n = count_signs(p, from, to, signs[k]);
        if (c->n == 0) continue;
        c->sign = signs[k];
        return take_names(c, p, from, to);
    }
    return false;
}

/* Does the line go on with the table at hand? */
static bool is_row(const sp_columns *c, const uint8_t *p, size_t from, size_t to)
{
    if (c->sign == 0) return false;
    if (!c->is_values) return count_signs(p, from, to, c->sign) == c->n;
    while (from < to && (p[from] == ' ' || p[from] == '\t')) from++;
    return from < to && (p[from] == '(' || begins_with(p, from, to, "values"));
}

static void take_line(sp_columns *c, const sp_window *w)
{
    const size_t from = c->next;
    const uint8_t *newline = memchr(w->p + from, '\n', w->n - from);
    const size_t to = newline != NULL ? (size_t)(newline - w->p) : w->n;
    c->line = from;
    c->next = newline != NULL ? to + 1 : SIZE_MAX;
    c->seen = from;
    c->cell = c->depth = 0;
    c->is_quoted = false;
    const bool is_of_table = to - from <= SP_TABLE_LINE_MAX;
    sp_charge(w, is_of_table ? 2 * (to - from) + 1 : 1);
    if (is_of_table && is_row(c, w->p, from, to)) {
        c->rows++;
        return;
    }
    c->rows = 0;
    c->sign = 0;
    c->is_values = false;
    if (is_of_table && (is_insert(c, w->p, from, to) || is_header(c, w->p, from, to))) return;
    c->sign = 0;
}

/* ---- cells ---- */

/* Reads the line at hand up to `at`. */
static void read_cells(sp_columns *c, const sp_window *w, size_t at)
{
    const uint8_t quote = c->is_values ? '\'' : '"';
    if (c->seen > at) {
        c->seen = c->line;
        c->cell = c->depth = 0;
        c->is_quoted = false;
    }
    if (c->is_values && c->rows == 0 && c->seen < c->body) c->seen = c->body;
    sp_charge(w, at > c->seen ? at - c->seen : 0);
    for (; c->seen < at; c->seen++) {
        const uint8_t b = w->p[c->seen];
        c->is_quoted = c->is_quoted != (b == quote && c->sign != '|');
        if (c->is_quoted) continue;
        if (c->is_values && b == '(' && c->depth++ == 0) c->cell = 0;
        if (c->is_values && b == ')' && c->depth > 0) c->depth--;
        c->cell += b == c->sign && (!c->is_values || c->depth == 1);
    }
}

/* Does a value that begins at `at` begin a cell? Most numbers of a text do not, and cost no more than this.
 */
static bool begins_cell(const sp_window *w, size_t at)
{
    enum { FILL = 8 };
    const size_t floor = at > FILL ? at - FILL : 0;
    while (at > floor && w->p[at - 1] != '\t' && strchr(" \"'`*", w->p[at - 1]) != NULL && w->p[at - 1] != 0)
        at--;
    return at == 0 || strchr(",;|\t(\n", w->p[at - 1]) != NULL;
}

/* Reads as far as the line of `at`. @return false: that is no row of a table. */
static bool is_in_row(sp_columns *c, const sp_window *w, size_t at)
{
    if (!c->is_on) return false;
    while (c->next <= at && c->next < w->n) take_line(c, w);
    if (c->line == SIZE_MAX || at < c->line || c->sign == 0) return false;
    return c->rows > 0 || (c->is_values && at >= c->body);
}

bool sp_columns_part(sp_columns *columns, const sp_window *w, size_t at)
{
    return is_in_row(columns, w, at) && w->p[at] == columns->sign;
}

sp_column_head sp_columns_find(sp_columns *columns, const sp_window *w, size_t at)
{
    const sp_column_head none = {0, 0};
    if (!columns->is_on || !begins_cell(w, at) || !is_in_row(columns, w, at)) return none;
    read_cells(columns, w, at);
    if (columns->cell >= columns->n_cells) return none;
    return (sp_column_head){columns->at[columns->cell], columns->at[columns->cell + 1] - 1};
}
