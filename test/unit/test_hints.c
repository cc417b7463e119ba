/* What an event of a stream teaches the next one (sp_leaf_hint) saves time and changes nothing: each event
 * gets the rows that a review without a memory gives it, whatever names came before, in whatever objects and
 * order. */
#include "review/review_internal.h"

#include "review_help.h"

enum {
    NAME_BYTES = 48,
    OBJECT_MAX = 5, /* members of one object */
    EVENT_MAX = 60, /* members of one event: more than there are hints */
    ROWS_MAX = 4 * EVENT_MAX,
    LEVELS = 6,       /* the table of OpenAI is five objects deep */
    N_DOCUMENTS = 50, /* of one table, each in many orders */
    N_EVENTS = 3000,
};

/* What makes hints err: names that begin alike, the same name in several objects whose paths are equally
 * long, objects that begin with the same row since none of them has a "?", a name that is both text and
 * object. */
static const sp_leaf_row alike_rows[] = {
    {"?", SP_LEAF_UNKNOWN, 0, 0},      {"a", SP_LEAF_KNOWN, 0, 0},        {"a.a.a.a", SP_LEAF_KNOWN, 0, 0},
    {"a.a.a.b", SP_LEAF_KNOWN, 0, 0},  {"a.a.b", SP_LEAF_KNOWN, 0, 0},    {"a.a.bb", SP_LEAF_KNOWN, 0, 0},
    {"a.b", SP_LEAF_KNOWN, 0, 0},      {"a.bb.?", SP_LEAF_UNKNOWN, 0, 0}, {"a.bb.a", SP_LEAF_KNOWN, 0, 0},
    {"a.bbb", SP_LEAF_KNOWN, 0, 0},    {"aa", SP_LEAF_KNOWN, 0, 0},       {"aa.?", SP_LEAF_UNKNOWN, 0, 0},
    {"aa.a", SP_LEAF_KNOWN, 0, 0},     {"ab[].?", SP_LEAF_UNKNOWN, 0, 0}, {"ab[].a", SP_LEAF_KNOWN, 0, 0},
    {"ab[].a.b", SP_LEAF_KNOWN, 0, 0}, {"ab[].aa", SP_LEAF_KNOWN, 0, 0},  {"b.?", SP_LEAF_UNKNOWN, 0, 0},
    {"b.a", SP_LEAF_KNOWN, 0, 0},      {"b.b", SP_LEAF_KNOWN, 0, 0},      {"b.bb", SP_LEAF_KNOWN, 0, 0},
    {"ba", SP_LEAF_KNOWN, 0, 0},
};
static const sp_answer_table alike_table = {.rows = alike_rows,
                                            .n_rows = sizeof alike_rows / sizeof alike_rows[0]};

/* ---- events: names of the table, in and out of their place, and names of nobody ---- */

typedef struct writer {
    sp_buf *out;
    const sp_answer_table *table;
    char path[256]; /* of the object at hand, as rows write it */
    size_t n_left;  /* members that the event may still get */
    uint64_t order; /* shuffles the members of each object */
} writer;

typedef struct member {
    char name[NAME_BYTES];
    uint64_t seed; /* of its value, so that it stays the same in each order */
} member;

/* Rows are sorted, so those whose path begins with this one are neighbours. */
static size_t rows_below(const sp_leaf_row **first, const sp_answer_table *table, const char *path)
{
    size_t i = 0, n = 0;
    while (i < table->n_rows && strncmp(table->rows[i].path, path, strlen(path)) != 0) i++;
    while (i + n < table->n_rows && strncmp(table->rows[i + n].path, path, strlen(path)) == 0) n++;
    *first = table->rows + i;
    return n;
}

static bool has_rows(const writer *w, const char *path)
{
    const sp_leaf_row *first;
    return rows_below(&first, w->table, path) > 0;
}

/* Mostly one that is known here; else one that is known elsewhere, or nowhere. */
static void choose_known(char name[NAME_BYTES], const writer *w, uint64_t *random)
{
    const sp_leaf_row *rows;
    const size_t n = rows_below(&rows, w->table, w->path);
    const char *text;
    if (n > 0 && random_next(random) % 4 > 0) {
        text = rows[random_next(random) % n].path + strlen(w->path);
    } else {
        const char *path = w->table->rows[random_next(random) % w->table->n_rows].path;
        text = strrchr(path, '.') != NULL ? strrchr(path, '.') + 1 : path;
    }
    (void)snprintf(name, NAME_BYTES, "%.*s", (int)strcspn(text, ".["), text);
}

static void choose_name(char name[NAME_BYTES], const writer *w, uint64_t *random)
{
    static const char *const strange[] = {"", "nobody", "a.b", "b[]", "?", "a\\u0000", "choices[].delta"};
    choose_known(name, w, random);
    const size_t n = strlen(name);
    switch (random_next(random) % 16) {
    case 0:
        (void)snprintf(name, NAME_BYTES, "%s", strange[random_next(random) % 7]);
        break;
    case 1:
        name[n - 1] = '\0'; /* a name of the table has a letter to lose */
        break;
    case 2:
        (void)snprintf(name + n, NAME_BYTES - n, "x");
        break;
    default:
        break;
    }
}

static bool is_taken(const member *members, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(members[i].name, name) == 0) return true;
    }
    return false;
}

static size_t choose_members(member members[OBJECT_MAX], writer *w, uint64_t seed)
{
    uint64_t random = seed;
    size_t n = 0;
    for (size_t tries = 1 + random_next(&random) % OBJECT_MAX; tries > 0 && w->n_left > 0; tries--) {
        choose_name(members[n].name, w, &random);
        members[n].seed = random_next(&random) | 1;
        if (is_taken(members, n, members[n].name)) continue; /* no object has a name twice */
        n++;
        w->n_left--;
    }
    for (size_t i = n; i > 1; i--) {
        const size_t other = random_next(&w->order) % i;
        const member m = members[i - 1];
        members[i - 1] = members[other];
        members[other] = m;
    }
    return n;
}

static void append_value(writer *w, const member *m, int levels);

/* Recursion is bounded by LEVELS. */
static void append_object(writer *w, uint64_t seed, int levels)
{
    member members[OBJECT_MAX];
    const size_t n = choose_members(members, w, seed);
    sp_buf_append_byte(w->out, '{');
    for (size_t i = 0; i < n; i++) {
        sp_buf_append_str(w->out, i > 0 ? ",\"" : "\"");
        sp_buf_append_str(w->out, members[i].name);
        sp_buf_append_str(w->out, "\":");
        append_value(w, &members[i], levels - 1);
    }
    sp_buf_append_byte(w->out, '}');
}

static void append_array(writer *w, uint64_t seed, int levels)
{
    sp_buf_append_byte(w->out, '[');
    append_object(w, seed, levels);
    sp_buf_append_byte(w->out, ',');
    append_object(w, seed ^ 2, levels);
    sp_buf_append_byte(w->out, ']');
}

/* Of the type that the table has there, now and then of another one. What numbers elements is a number. */
static void append_value(writer *w, const member *m, int levels)
{
    const size_t at = strlen(w->path);
    uint64_t random = m->seed;
    const uint64_t type = random_next(&random) % 16;
    const bool is_number = levels == 0 || strcmp(m->name, "index") == 0 || type == 0;
    (void)snprintf(w->path + at, sizeof w->path - at, "%s.", m->name);
    const bool is_object = type == 1 || has_rows(w, w->path);
    if (!is_number && is_object) {
        append_object(w, random_next(&random), levels);
    } else {
        (void)snprintf(w->path + at, sizeof w->path - at, "%s[].", m->name);
        if (!is_number && (type == 2 || has_rows(w, w->path)))
            append_array(w, random_next(&random), levels);
        else
            sp_buf_append_byte(w->out, '1');
    }
    w->path[at] = '\0';
}

static void append_event(sp_buf *out, const sp_answer_table *table, uint64_t seed, uint64_t order)
{
    writer w = {.out = out, .table = table, .n_left = EVENT_MAX, .order = order};
    append_object(&w, seed, LEVELS);
}

/* ---- with and without ---- */

typedef struct pair {
    play with, without;
    size_t n_taught, n_used; /* events that changed what is remembered; that found all they have there */
} pair;

static void pair_begin(pair *p, const fixture *f, const sp_review_options *options)
{
    *p = (pair){0};
    play_begin(&p->with, options);
    play_begin(&p->without, options);
    p->with.review->scratch = p->without.review->scratch = f->scratch;
    p->without.review->hints = NULL;
}

static void pair_end(pair *p)
{
    assert_true(p->n_taught > N_EVENTS / 10);
    assert_true(p->n_used > N_EVENTS / 10);
    play_end(&p->with);
    play_end(&p->without);
}

/* Rows of the leaves of one event, in the order of the walk. */
static size_t rows_of(const sp_leaf_row *rows[ROWS_MAX], sp_review *review, sp_bytes event)
{
    sp_json json;
    assert_int_equal(sp_review__leaves(review, event, &json), SP_OK);
    const size_t n = sp_review__n_leaves(review);
    assert_true(n <= ROWS_MAX);
    for (size_t i = 0; i < n; i++) rows[i] = sp_review__leaf_at(review)[i].row;
    sp_review__leaves_forget(review);
    return n;
}

static void compare(pair *p, sp_bytes event)
{
    const sp_leaf_row *with[ROWS_MAX], *without[ROWS_MAX];
    sp_leaf_hint before[SP_LEAF_HINTS];
    memcpy(before, p->with.review->hints, sizeof before);
    const size_t n = rows_of(with, p->with.review, event);
    if (rows_of(without, p->without.review, event) != n || memcmp(with, without, n * sizeof with[0]) != 0)
        fail_msg("%.*s", (int)event.n, (const char *)event.p);
    const bool is_taught = memcmp(before, p->with.review->hints, sizeof before) != 0;
    p->n_taught += is_taught;
    p->n_used += !is_taught && n >= 4;
}

/* A third of the events repeat the one before, as streams do; the others are any document in any order. */
static void check_table(const fixture *f, const sp_review_options *options, const sp_answer_table *table)
{
    pair p;
    uint64_t random = 1;
    pair_begin(&p, f, options);
    if (table != NULL) p.with.review->table = p.without.review->table = table;
    sp_buf event = SP_BUF_IN(&p.with.arena.mem);
    for (int i = 0; i < N_EVENTS; i++) {
        if (i == 0 || random_next(&random) % 3 > 0) {
            const uint64_t seed = UINT64_C(0x9e3779b97f4a7c15) * (1 + random_next(&random) % N_DOCUMENTS);
            event.n = 0;
            append_event(&event, p.with.review->table, seed, random_next(&random));
        }
        compare(&p, sp_buf_bytes(&event));
    }
    pair_end(&p);
}

static void test_in_the_tables_of_the_dialects(void **state)
{
    const fixture *f = *state;
    for (sp_dialect_id id = SP_DIALECT_OPENAI; id <= SP_DIALECT_ANTHROPIC; id++) {
        sp_review_options options = options_of(f, id, true);
        for (sp_operation op = SP_OP_NONE; op <= SP_OP_METRICS; op++) {
            options.operation = op;
            if (sp_operation_streams(op) && sp_dialect_has(options.dialect, op))
                check_table(f, &options, NULL);
        }
    }
}

static void test_in_a_table_of_names_that_are_alike(void **state)
{
    const fixture *f = *state;
    const sp_review_options options = options_of(f, SP_DIALECT_OPENAI, true);
    for (size_t i = 1; i < alike_table.n_rows; i++)
        assert_true(strcmp(alike_rows[i - 1].path, alike_rows[i].path) < 0);
    check_table(f, &options, &alike_table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_the_tables_of_the_dialects),
        cmocka_unit_test(test_in_a_table_of_names_that_are_alike),
    };
    return cmocka_run_group_tests_name("hints", tests, set_up, tear_down);
}
