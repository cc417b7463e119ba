/* Reading tables. Lines with as many signs as the one at hand, right above it, are its table; the topmost of
 * them that holds nothing but short names heads it. Whether a name means anything, evidence.h knows. Lines
 * are read upwards once, where a table is met, and downwards as it goes on: each at most twice. */
#include "detect/columns.h"

#include <string.h>

void sp_columns_begin(sp_columns *columns, size_t from)
{
    *columns = (sp_columns){.is_on = from != SIZE_MAX, .line = SIZE_MAX, .from = from, .floor = from};
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
    return c >= 0x80 || sp_is_alnum(c) || (c != 0 && strchr(" _-./()#\"'`*&:?,", c) != NULL);
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
    bool is_quoted = false;
    c->n_cells = 0;
    for (size_t i = from; i <= to; i++) {
        if (i < to) {
            is_quoted = is_quoted != (p[i] == '"' && c->sign != '|');
            if (p[i] != c->sign || is_quoted) continue;
        }
        const bool is_edge = c->sign == '|' && (cell == from || i == to);
        if (!is_name(p, cell, i, is_edge)) return false;
        if (c->n_cells < SP_COLUMNS_MAX) {
            c->at[c->n_cells++] = (uint32_t)cell;
            c->at[c->n_cells] = (uint32_t)i + 1;
        }
        cell = i + 1;
    }
    return true;
}

/* Is a blank behind each sign of [from, to), as in a sentence with commas? */
static bool is_spaced(const uint8_t *p, size_t from, size_t to, uint8_t sign)
{
    for (size_t i = from; i + 1 < to; i++) {
        if (p[i] == sign && p[i + 1] != ' ') return false;
    }
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

/* Rows of SQL begin so. */
static bool is_values(const uint8_t *p, size_t from, size_t to)
{
    while (from < to && (p[from] == ' ' || p[from] == '\t')) from++;
    return from < to && (p[from] == '(' || begins_with(p, from, to, "values"));
}

/* ---- lines ---- */

/* The end of the line that begins at `from`; SIZE_MAX: it is too long. */
static size_t line_end(const sp_window *w, size_t from)
{
    const size_t most = w->n - from < SP_TABLE_LINE_MAX ? w->n - from : SP_TABLE_LINE_MAX;
    const uint8_t *newline = memchr(w->p + from, '\n', most);
    const size_t end = newline != NULL ? (size_t)(newline - w->p) : from + most;
    sp_charge(w, 2 * (end - from) + 1);
    return newline != NULL || end == w->n ? end : SIZE_MAX;
}

/* The start of the line of `at`; SIZE_MAX: it is too long. Where many ask of one long line, each looks at
 * what the others have not seen. */
static size_t line_start(sp_columns *c, const sp_window *w, size_t at)
{
    const size_t least = at - c->from > SP_TABLE_LINE_MAX ? at - SP_TABLE_LINE_MAX : c->from;
    const size_t known = c->blind > least && c->blind <= at ? c->blind : least;
    size_t i = at;
    while (i > known && w->p[i - 1] != '\n') i--;
    sp_charge(w, at - i);
    if (i > known || i == c->from) return i;
    if (known == least && least > c->from && w->p[least - 1] == '\n') return least;
    c->blind = at;
    return SIZE_MAX;
}

/* The line above the one that begins at `*from`, not above the floor. @return false: there is none. */
static bool line_above(const sp_columns *c, const sp_window *w, size_t *from, size_t *to)
{
    if (*from <= c->floor) return false;
    *to = *from - 1;
    const size_t least = *to - c->floor > SP_TABLE_LINE_MAX ? *to - SP_TABLE_LINE_MAX : c->floor;
    size_t i = *to;
    while (i > least && w->p[i - 1] != '\n') i--;
    sp_charge(w, 2 * (*to - i) + 1);
    if (i > c->floor && w->p[i - 1] != '\n') return false;
    *from = i;
    return true;
}

/* ---- tables ---- */

/* What parts the cells of a line, by what stands before one of them, or by what there is. */
static uint8_t sign_of(const uint8_t *p, size_t from, size_t to, size_t at)
{
    static const uint8_t signs[] = {'\t', '|', ';', ','};
    const size_t n_signs = sizeof signs;
    for (; at > from; at--) {
        if (memchr(signs, p[at - 1], n_signs) != NULL) return p[at - 1];
        if (strchr(" \"'`*", p[at - 1]) == NULL || p[at - 1] == 0) break;
    }
    for (size_t k = 0; k < n_signs; k++) {
        if (memchr(p + from, signs[k], to - from) != NULL) return signs[k];
    }
    return 0;
}

/* Of SQL: up to the line that names the columns. */
static void open_values(sp_columns *c, const sp_window *w)
{
    size_t from = c->line, to = from;
    c->sign = ',';
    c->is_values = true;
    c->n_cells = 0;
    while (line_above(c, w, &from, &to)) {
        if (is_values(w->p, from, to)) continue;
        if (!is_insert(c, w->p, from, to)) c->n_cells = 0;
        c->head = from;
        return;
    }
}

/* The table of the line at hand, with the names that head it, or with none. */
static void open_table(sp_columns *c, const sp_window *w, size_t to, size_t at)
{
    size_t from = c->line;
    c->is_values = false;
    c->head = SIZE_MAX;
    c->n_cells = 0;
    if (is_insert(c, w->p, from, to)) {
        c->head = from;
        return;
    }
    c->is_values = false;
    c->n_cells = 0;
    if (is_values(w->p, from, to)) {
        open_values(c, w);
        return;
    }
    c->sign = sign_of(w->p, from, to, at);
    if (c->sign == 0) return;
    c->n = count_signs(w->p, from, to, c->sign);
    size_t head_end = 0;
    do {
        if (!take_names(c, w->p, from, to)) continue;
        const bool is_title = c->head != SIZE_MAX && is_spaced(w->p, from, to, c->sign) &&
                              !is_spaced(w->p, c->head, head_end, c->sign);
        if (is_title) continue; /* "Report of staff, May" above the names */
        c->head = from;
        head_end = to;
    } while (line_above(c, w, &from, &to) && count_signs(w->p, from, to, c->sign) == c->n);
    c->n_cells = 0;
    if (c->head != SIZE_MAX) (void)take_names(c, w->p, c->head, head_end);
}

/* Does the line go on with the table at hand? */
static bool is_row(const sp_columns *c, const uint8_t *p, size_t from, size_t to)
{
    return c->is_values ? is_values(p, from, to) : count_signs(p, from, to, c->sign) == c->n;
}

static void enter_line(sp_columns *c, size_t from, size_t to)
{
    c->line = c->seen = from;
    c->next = to + 1;
    c->cell = c->depth = 0;
    c->is_quoted = false;
}

/* Goes on with the table as far as the line that begins at `start`. Where it ends, the next may begin. */
static void go_on(sp_columns *c, const sp_window *w, size_t start)
{
    while (c->sign != 0 && c->next <= start) {
        const size_t from = c->next, to = line_end(w, from);
        if (to != SIZE_MAX && is_row(c, w->p, from, to)) {
            enter_line(c, from, to);
            continue;
        }
        c->floor = from;
        c->sign = 0;
    }
}

/* Makes the line of `at` the one at hand. @return false: it is no row of a table. */
static bool is_in_row(sp_columns *c, const sp_window *w, size_t at)
{
    if (!c->is_on || at < c->from || (c->line != SIZE_MAX && at < c->line)) return false;
    if (c->line == SIZE_MAX || at >= c->next) {
        const size_t start = line_start(c, w, at);
        if (start == SIZE_MAX) return false;
        go_on(c, w, start);
        if (c->line != start) {
            const size_t end = line_end(w, start);
            enter_line(c, start, end != SIZE_MAX ? end : start + SP_TABLE_LINE_MAX);
            c->sign = 0;
            if (end != SIZE_MAX) open_table(c, w, end, at);
        }
    }
    if (c->sign == 0 || c->n_cells == 0) return false;
    return c->line != c->head || (c->is_values && at >= c->body);
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
    if (c->is_values && c->line == c->head && c->seen < c->body) c->seen = c->body;
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
