/** @file resolve_internal.h  Shared by the files that resolve: where we are, how a broken rule is reported,
 * and how names become numbers. A failure of memory shows in problems->status. */
#pragma once
#include "conf/conf.h"
#include "conf/nearest.h"

typedef struct spc_resolver {
    spc_conf *conf;
    spc_problems *problems;
    sp_mem *mem;
    const char *section; /* where we are, for messages: SECTION.ENTRY */
    sp_bytes entry;
} spc_resolver;

/* A rule that was broken: `"TEXT" AFTER`, or BEFORE alone. */
typedef struct spc_fault {
    const char *key;
    const char *before, *after, *help;
    sp_bytes nearest;
    bool is_quoted;
} spc_fault;

/* Maps are arrays of structs that begin with their name. */
typedef struct spc_names_of {
    const void *v;
    size_t n, size;
    const char *noun, *section;
} spc_names_of;

void spc__report(spc_resolver *r, const spc_text *text, const spc_fault *fault);
/** Zeroed objects; NULL also for n 0, which is no failure. */
void *spc__new(spc_resolver *r, size_t n, size_t size);

/** Own names over the shipped ones, by number. `names` has `n_names` places. */
void spc__resolve_numbers(spc_resolver *r, const spc_numbers *numbers, sp_bytes *names, size_t n_names);
/** On failure level 0: the configuration is refused anyway, and a low level cannot hide a further problem. */
uint8_t spc__level(spc_resolver *r, const char *key, const spc_text *text);
uint64_t spc__categories(spc_resolver *r, const char *key, const spc_texts *texts);
/** The same, but `all` stands for all that have a name. */
uint64_t spc__categories_or_all(spc_resolver *r, const char *key, const spc_texts *texts);
/** Codes and groups, own ones included. */
sp_bits256 spc__jurisdictions(spc_resolver *r, const char *key, const spc_texts *texts);
/** One of them: adds to `set`. @return false when there is no such one; nothing is reported. */
SP_NODISCARD bool spc__jurisdiction_add(const spc_conf *conf, sp_bytes name, sp_bits256 *set);
void spc__report_jurisdiction(spc_resolver *r, const char *key, const spc_text *text);
/** Row of a name. A name that was refused while reading has no text and no second problem: row 0. */
uint16_t spc__reference(spc_resolver *r, const char *key, const spc_text *text, const spc_names_of *list);
/** Number of a name, or -1; empty names are numbers without one. @param nearest  NULL, or is offered the
 * names that are passed. */
int spc__name_find(const sp_bytes *names, size_t n, sp_bytes name, spc_nearest *nearest);
/** Row of a name, or -1. */
int spc__entry_find(const spc_names_of *list, sp_bytes name);
/** Number of a fact's name, or -1 when that was reported. */
int spc__fact(spc_resolver *r, const char *key, const spc_text *text);

/** The row of a kind's name; NULL, with the nearest name, when there is none. */
const sp_kind_info *spc__kind(sp_bytes name, spc_nearest *nearest);

/** The class of a kind's name, or of a detector of the file that has its own; 0, with the nearest name, when
 * there is none. */
uint16_t spc__class(const spc_conf *conf, sp_bytes name, spc_nearest *nearest);
/** Rules of what is allowed: after the detectors. */
void spc__resolve_allows(spc_resolver *r);

/* ---- review.c ---- */
void spc__resolve_review(spc_resolver *r);

/* ---- framework.c, clearance.c, sentences.c: in this order, after names ---- */
void spc__resolve_facts(spc_resolver *r);
void spc__resolve_statements(spc_resolver *r, spc_statements *list);
void spc__resolve_vendors(spc_resolver *r);
void spc__resolve_labels(spc_resolver *r);
void spc__resolve_floor(spc_resolver *r, spc_label *floor);
void spc__resolve_use_case(spc_resolver *r, spc_use_case *use_case);
/** What the destination touches, what is known of it by time. Needs its URL and its own label. */
void spc__resolve_clearance(spc_resolver *r, spc_destination *destination);
void spc__resolve_sentences(spc_resolver *r);
