/** @file detectors.h  Files of detectors that an organisation writes itself (docs/reference/detection.md),
 * read by the rows that the configuration is read by, so that mistakes are named with their place. */
#pragma once
#include "conf/conf.h"
#include "conf/problem.h"
#include "sallyport/custom.h"

typedef struct spc_detector {
    spc_text name, meaning;
    spc_text kind;            /**< a shipped one; else `category` and `level` of its own */
    spc_text category, level; /**< shipped names */
    spc_text pattern, check;
    spc_texts shapes, words;
    spc_texts examples, near_misses;
    uint64_t confidence; /**< 0: not said */
} spc_detector;

/** In order of the file. */
typedef struct spc_detectors {
    spc_detector *v;
    size_t n;
} spc_detectors;

/** Reads a file, and looks kinds, categories and levels up. Patterns are judged by sp_custom_new.
 *  @return SP_OK (look at problems->n_errors), SP_ENOMEM. */
SP_NODISCARD sp_status spc_detectors_read(spc_detectors *out, spc_problems *problems, sp_bytes file);
/** What the core compiles, detectors->n of them, in `mem`. @return NULL when there is no memory. */
sp_custom_detector *spc_detectors_compiled(const spc_detectors *detectors, sp_mem *mem);
/** Adds what sp_custom_new says about detector `bad`, at the place of its pattern or its shapes. */
void spc_detectors_blame(const spc_detectors *detectors, spc_problems *problems, size_t bad,
                         const char *what);
