/** @file hunt_help.h  A hunt for texts that cost the detectors most. A text is a short unit, repeated; a unit
 * is a few atoms: words that rows look for, beginnings of tokens, examples, separators, digits. The dearest
 * units so far are changed at random, and what is dearer takes their place. Rows that are new bring their
 * atoms themselves. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "sallyport/detect.h"

enum { HUNT_ATOMS = 8192, HUNT_ATOM = 48, HUNT_UNIT = 6, HUNT_KEPT = 24 };

typedef struct hunt_unit {
    uint16_t atoms[HUNT_UNIT];
    size_t n;
    double cost; /* per byte */
} hunt_unit;

static char hunt_atoms[HUNT_ATOMS][HUNT_ATOM];
static size_t hunt_n_atoms, hunt_n_signs;
static hunt_unit hunt_kept[HUNT_KEPT];
static uint32_t hunt_seed;

static size_t hunt_random(size_t n)
{
    hunt_seed = hunt_seed * 1664525u + 1013904223u;
    return (hunt_seed >> 8) % n;
}

static void hunt_add(const char *p, size_t n)
{
    if (n == 0 || n >= HUNT_ATOM || hunt_n_atoms == HUNT_ATOMS) return;
    for (size_t i = 0; i < n; i++) hunt_atoms[hunt_n_atoms][i] = p[i];
    hunt_atoms[hunt_n_atoms++][n] = '\0';
}

/* All pieces of a list: words between '|', forms between blanks up to their first class. */
static void hunt_add_list(const char *list, const char *ends)
{
    while (list != NULL && *list != '\0') {
        const bool is_weak = *list == '~';
        const size_t n = strcspn(list, ends);
        const size_t word = strcspn(list, "{");
        hunt_add(list + is_weak, (word < n ? word : n) - is_weak);
        list += n + (list[n] != '\0');
    }
}

static void hunt_begin(uint32_t seed)
{
    static const char *const signs[] = {" ",
                                        "=",
                                        ":",
                                        ": ",
                                        "\n",
                                        "-",
                                        "_",
                                        ".",
                                        "/",
                                        "\"",
                                        "'",
                                        ",",
                                        "@",
                                        "+",
                                        "1",
                                        "2",
                                        "a",
                                        "A",
                                        "B",
                                        "(",
                                        ")",
                                        "::",
                                        "12",
                                        "Ab1",
                                        "4111",
                                        "0x",
                                        "aB3x9Kq2",
                                        "99",
                                        "\xe4\xb8\xad",
                                        "\xd0\xb6",
                                        "%",
                                        "\\"};
    sp_detector d;
    hunt_seed = seed;
    hunt_n_atoms = 0;
    for (size_t i = 0; i < HUNT_KEPT; i++) hunt_kept[i] = (hunt_unit){{0}, 0, 0.0};
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) hunt_add(signs[i], strlen(signs[i]));
    hunt_n_signs = hunt_n_atoms;
    for (size_t i = 0; sp_detector_at(&d, i); i++) {
        if (d.is_asked) continue; /* passes that look for everything do not look for it */
        hunt_add_list(d.words, "|");
        hunt_add_list(d.forms, " ");
        for (size_t k = 0; d.examples[k] != NULL; k++) hunt_add_list(d.examples[k], "[]");
    }
}

static uint16_t hunt_atom(void)
{
    return (uint16_t)(hunt_random(2) == 0 ? hunt_random(hunt_n_signs) : hunt_random(hunt_n_atoms));
}

/* A new unit, or one of the dearest with an atom put in, taken out or exchanged. */
static hunt_unit hunt_next(void)
{
    hunt_unit u = hunt_kept[hunt_random(HUNT_KEPT)];
    if (u.n == 0 || hunt_random(4) == 0) {
        u.n = 1 + hunt_random(3);
        for (size_t i = 0; i < u.n; i++) u.atoms[i] = hunt_atom();
        return u;
    }
    const size_t at = hunt_random(u.n), how = hunt_random(4);
    if (how == 0 && u.n > 1)
        u.atoms[at] = u.atoms[--u.n];
    else if (how == 1 && u.n < HUNT_UNIT)
        u.atoms[u.n++] = hunt_atom();
    else
        u.atoms[at] = hunt_atom();
    return u;
}

static void hunt_fill(uint8_t *text, size_t n, const hunt_unit *u)
{
    for (size_t at = 0, i = 0; at < n; i++) {
        const char *atom = hunt_atoms[u->atoms[i % u->n]];
        for (; *atom != '\0' && at < n; atom++) text[at++] = (uint8_t)*atom;
    }
}

/* Takes the place of the cheapest. */
static void hunt_keep(const hunt_unit *u)
{
    size_t least = 0;
    for (size_t i = 0; i < HUNT_KEPT; i++) {
        if (hunt_kept[i].cost == u->cost) return;
        if (hunt_kept[i].cost < hunt_kept[least].cost) least = i;
    }
    if (u->cost > hunt_kept[least].cost) hunt_kept[least] = *u;
}

static const char *hunt_name(const hunt_unit *u)
{
    static char name[HUNT_UNIT * HUNT_ATOM];
    size_t at = 0;
    for (size_t i = 0; i < u->n; i++) {
        for (const char *c = hunt_atoms[u->atoms[i]]; *c != '\0'; c++) name[at++] = *c == '\n' ? '|' : *c;
    }
    name[at] = '\0';
    return name;
}
