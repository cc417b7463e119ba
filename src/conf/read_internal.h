/** @file read_internal.h  Shared by read.c (lists, maps, records) and single.c (single values, messages). */
#pragma once
#include "conf/document.h"
#include "conf/row.h"

/* Where we are, for messages: a chain on the stack. */
typedef struct spc_place {
    const struct spc_place *up;
    sp_bytes key;
} spc_place;

typedef struct spc_filler {
    spc_problems *problems;
    sp_mem *mem;
} spc_filler;

/* A value to be read: the row, what the file says, where it goes. */
typedef struct spc_slot {
    const spc_row *row;
    const spc_node *node;
    void *field;
    const spc_place *where;
} spc_slot;

/* Reads as: BEFORE "QUOTED" AFTER. */
typedef struct spc_complaint {
    const spc_place *where;
    spc_mark at;
    const char *before;
    sp_bytes quoted;
    const char *after;
    const char *help;
    const spc_row *example; /* help ends in its example */
    sp_bytes nearest;       /* replaces the help */
} spc_complaint;

/** Adds a problem. Memory that runs out shows in in->problems->status, here and below. */
void spc__complain(spc_filler *in, const spc_complaint *c);
/** Complains of the node of a slot: `"TEXT" AFTER`, or without the text when nobody should read it again. */
void spc__complain_of(spc_filler *in, const spc_slot *s, const char *after, const char *help);

/** Each complains and returns false (NULL) unless the node is what the row wants. */
bool spc__want_kind(spc_filler *in, const spc_slot *s, spc_node_kind kind, const char *wanted);
bool spc__want_text(spc_filler *in, const spc_slot *s);
bool spc__want_number(spc_filler *in, const spc_slot *s, uint64_t *value);
const spc_word *spc__want_word(spc_filler *in, const spc_slot *s);

/** Reads the rows whose value is a single scalar. */
void spc__single_read(spc_filler *in, const spc_slot *s);

/** Zeroed objects; NULL also for n 0, which is no failure. */
void *spc__allocate(spc_filler *in, size_t n, size_t size);
