/* Compiler by recursive descent into a program of four instructions, and its simulation with one thread
 * per state. */
#include "nfa.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct parser {
    nfa *m;
    const char *at;
} parser;

static void parse_choice(parser *p);

static void give_up(const parser *p, const char *why)
{
    (void)fprintf(stderr, "pattern: %s at \"%s\"\n", why, p->at);
    exit(EXIT_FAILURE);
}

static size_t emit(parser *p, nfa_op op, size_t x, size_t y)
{
    if (p->m->n >= NFA_MAX) give_up(p, "too many states");
    p->m->step[p->m->n] = (nfa_step){(uint8_t)op, 0, (uint16_t)x, (uint16_t)y};
    return p->m->n++;
}

static void emit_set(parser *p, sp_bits256 set)
{
    size_t i = 0;
    while (i < p->m->n_sets && memcmp(&p->m->set[i], &set, sizeof set) != 0) i++;
    if (i == p->m->n_sets) {
        if (i >= NFA_SETS) give_up(p, "too many classes");
        p->m->set[p->m->n_sets++] = set;
    }
    p->m->step[emit(p, NFA_SET, 0, 0)].set = (uint8_t)i;
}

static void add_range(sp_bits256 *set, uint8_t from, uint8_t to)
{
    for (unsigned c = from; c <= to; c++) sp_bits256_add(set, (uint8_t)c);
}

/* A byte after a backslash; `\d` adds the digits itself and gives 0. */
static uint8_t escaped(sp_bits256 *set, char c)
{
    if (c == 'd') add_range(set, '0', '9');
    if (c == 's') {
        sp_bits256_add(set, ' ');
        sp_bits256_add(set, '\n');
    }
    if (c == 'n') return '\n';
    return c == 'd' || c == 's' ? 0 : (uint8_t)c;
}

static void parse_class(parser *p)
{
    sp_bits256 set = SP_BITS256_NONE;
    const bool is_negated = *p->at == '^';
    if (is_negated) p->at++;
    while (*p->at != ']') {
        if (*p->at == '\0') give_up(p, "class without end");
        uint8_t from = (uint8_t)*p->at++;
        if (from == '\\') from = escaped(&set, *p->at++);
        if (from == 0) continue;
        uint8_t to = from;
        if (p->at[0] == '-' && p->at[1] != ']') {
            to = (uint8_t)p->at[1];
            p->at += 2;
        }
        add_range(&set, from, to);
    }
    p->at++;
    if (is_negated) {
        for (int i = 0; i < 4; i++) set.w[i] = ~set.w[i];
    }
    emit_set(p, set);
}

static void parse_atom(parser *p)
{
    const char c = *p->at++;
    sp_bits256 set = SP_BITS256_NONE;
    if (c == '(') {
        parse_choice(p);
        if (*p->at++ != ')') give_up(p, "group without end");
    } else if (c == '[') {
        parse_class(p);
    } else {
        const uint8_t byte = c == '\\' ? escaped(&set, *p->at++) : (uint8_t)c;
        if (byte != 0) sp_bits256_add(&set, byte);
        emit_set(p, set);
    }
}

/* Copies the program of an atom to the end; its inner jumps move along. */
static void repeat(parser *p, size_t from, size_t to)
{
    const size_t shift = p->m->n - from;
    for (size_t i = from; i < to; i++) {
        const nfa_step s = p->m->step[i];
        const size_t at = emit(p, (nfa_op)s.op, s.x + shift, s.y + shift);
        p->m->step[at].set = s.set;
    }
}

/* Puts a split before the program from `from` on. */
static void make_optional(parser *p, size_t from)
{
    (void)emit(p, NFA_JUMP, 0, 0);
    for (size_t i = p->m->n - 1; i > from; i--) {
        p->m->step[i] = p->m->step[i - 1];
        p->m->step[i].x++;
        p->m->step[i].y++;
    }
    p->m->step[from] = (nfa_step){NFA_SPLIT, 0, (uint16_t)(from + 1), (uint16_t)p->m->n};
}

static void parse_count(parser *p, size_t from)
{
    char *end;
    const unsigned long least = strtoul(p->at, &end, 10);
    unsigned long most = least;
    if (*end == ',') most = strtoul(end + 1, &end, 10);
    if (*end != '}' || most == 0) give_up(p, "count");
    p->at = end + 1;
    const size_t to = p->m->n;
    for (unsigned long i = 1; i < most; i++) {
        const size_t copy = p->m->n;
        repeat(p, from, to);
        if (i >= least) make_optional(p, copy);
    }
    if (least == 0) make_optional(p, from);
}

static void parse_piece(parser *p)
{
    const size_t from = p->m->n;
    parse_atom(p);
    const char c = *p->at;
    if (c != '\0' && strchr("?*+{", c) == NULL) return;
    if (c == '\0') return;
    p->at++;
    if (c == '{') parse_count(p, from);
    if (c == '?') make_optional(p, from);
    if (c == '+') (void)emit(p, NFA_SPLIT, from, p->m->n + 1);
    if (c == '*') {
        (void)emit(p, NFA_JUMP, from, 0);
        make_optional(p, from);
        p->m->step[p->m->n - 1].x = (uint16_t)from;
    }
}

static void parse_choice(parser *p)
{
    const size_t from = p->m->n;
    while (*p->at != '\0' && *p->at != ')' && *p->at != '|') parse_piece(p);
    if (*p->at != '|') return;
    p->at++;
    const size_t jump = emit(p, NFA_JUMP, 0, 0);
    make_optional(p, from); /* its second way is the other branch, which begins right here */
    parse_choice(p);
    p->m->step[jump + 1].x = (uint16_t)p->m->n;
}

static void first_of(nfa *m, size_t at, unsigned depth)
{
    const nfa_step s = m->step[at];
    if (depth > 200) return;
    if (s.op == NFA_SET)
        m->first = (sp_bits256){{m->first.w[0] | m->set[s.set].w[0], m->first.w[1] | m->set[s.set].w[1],
                                 m->first.w[2] | m->set[s.set].w[2], m->first.w[3] | m->set[s.set].w[3]}};
    if (s.op == NFA_SPLIT || s.op == NFA_JUMP) first_of(m, s.x, depth + 1);
    if (s.op == NFA_SPLIT) first_of(m, s.y, depth + 1);
}

void nfa_compile(nfa *out, const char *pattern, size_t longest)
{
    memset(out, 0, sizeof *out);
    out->longest = longest;
    out->needs_boundary = strncmp(pattern, "\\b", 2) == 0;
    parser p = {out, pattern + (out->needs_boundary ? 2 : 0)};
    parse_choice(&p);
    if (*p.at != '\0') give_up(&p, "rest");
    (void)emit(&p, NFA_MATCH, 0, 0);
    first_of(out, 0, 0);
}

/* ---- simulation ---- */

/* Follows the empty steps. Depth is bounded by the program; a state that has been added with an earlier
 * start stays. */
static void add_thread(const nfa *m, nfa_run *run, size_t state, uint64_t start)
{
    if (run->mark[state] == run->generation) return;
    run->mark[state] = run->generation;
    const nfa_step s = m->step[state];
    if (s.op == NFA_JUMP || s.op == NFA_SPLIT) add_thread(m, run, s.x, start);
    if (s.op == NFA_SPLIT) add_thread(m, run, s.y, start);
    if (s.op == NFA_MATCH) run->has_matched = true;
    if (s.op != NFA_SET) return;
    run->state[run->n] = (uint16_t)state;
    run->start[run->n++] = start;
}

static bool is_word(int c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

void nfa_feed(const nfa *m, nfa_run *run, uint8_t byte, int before, uint64_t at, bool can_start)
{
    run->has_matched = false;
    const bool starts =
        can_start && sp_bits256_has(m->first, byte) && !(m->needs_boundary && is_word(before));
    if (run->n == 0 && !starts) return;
    static uint16_t state[2 * NFA_MAX];
    static uint64_t start[2 * NFA_MAX];
    run->generation++;
    if (starts) add_thread(m, run, 0, at);
    const size_t n = run->n;
    memcpy(state, run->state, n * sizeof *state);
    memcpy(start, run->start, n * sizeof *start);
    run->n = 0;
    run->generation++;
    run->has_matched = false;
    for (size_t i = 0; i < n; i++) {
        const nfa_step s = m->step[state[i]];
        if (at + 1 - start[i] > m->longest || !sp_bits256_has(m->set[s.set], byte)) continue;
        add_thread(m, run, (size_t)state[i] + 1, start[i]);
    }
}

uint64_t nfa_alive(const nfa_run *run)
{
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < run->n; i++) least = run->start[i] < least ? run->start[i] : least;
    return least;
}

size_t nfa_longest(const nfa *m, nfa_run *run, sp_bytes text, size_t start, bool *ran_out)
{
    size_t end = 0;
    run->n = 0;
    *ran_out = false;
    for (size_t i = start; i < text.n; i++) {
        nfa_feed(m, run, text.p[i], i > 0 ? text.p[i - 1] : -1, i, i == start);
        if (run->has_matched) end = i + 1;
        if (run->n == 0) return end;
    }
    *ran_out = true;
    return end;
}
