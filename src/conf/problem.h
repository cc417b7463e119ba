/** @file problem.h  What is wrong with a configuration, where, and what to do: all of it at once, not the
 * first error alone. Lists live in the memory of the load; no global state. */
#pragma once
#include "sallyport/base.h"

/** A place in the file. Both count from 1, columns in characters; line 0 is the file as a whole. */
typedef struct spc_mark {
    uint32_t line, column;
} spc_mark;

typedef enum spc_severity { SPC_ERROR = 0, SPC_WARNING } spc_severity;

typedef struct spc_problem {
    uint8_t severity; /**< spc_severity */
    spc_mark at;
    sp_bytes path;    /**< where in the file's terms, e.g. `destinations.cloud.base_url`; empty at the top */
    sp_bytes what;    /**< what is wrong, one line */
    sp_bytes help;    /**< what to do, one line; may be empty */
    sp_bytes nearest; /**< the valid word that was probably meant; may be empty */
} spc_problem;

enum { SPC_PROBLEMS_MAX = 200 }; /**< past it problems are counted, not kept */

typedef struct spc_problems {
    spc_problem *v; /**< in order of place after a load */
    size_t n;
    size_t n_errors, n_warnings; /**< of all, also of those that were not kept */
    sp_mem *mem;
    sp_status status; /**< SP_ENOMEM sticks */
} spc_problems;

/** Adds a copy of `problem`. */
void spc_problems_add(spc_problems *problems, const spc_problem *problem);

/** A problem in pieces: what = BEFORE "QUOTED" AFTER, help = HELP or, when there is a nearest word, did you
 * mean "NEAREST"? Texts that are NULL are left out; `quoted` is, when its `p` is NULL. */
typedef struct spc_report {
    spc_severity severity;
    spc_mark at;
    sp_bytes path;
    const char *before;
    sp_bytes quoted;
    const char *after;
    const char *help;
    sp_bytes nearest;
} spc_report;

/** Puts the pieces together and adds the problem. */
void spc_problems_report(spc_problems *problems, const spc_report *report);

/** Orders by place, errors before warnings at the same place. */
void spc_problems_sort(spc_problems *problems);

/** Appends `FILE:LINE:COLUMN: error: PATH: WHAT` and, when there is help, a second line `    HELP`; each with
 * a newline. */
void spc_problem_append(sp_buf *out, const spc_problem *problem, sp_bytes file);

/** Appends all problems as a JSON array of objects: file, line, column, severity, path, what, help, nearest.
 */
void spc_problems_append_json(sp_buf *out, const spc_problems *problems, sp_bytes file);

/** Appends `s` between double quotes, escaped as in JSON and cut at 60 bytes, so that a hostile file cannot
 * write to a terminal. */
void spc_quote(sp_buf *out, sp_bytes s);
