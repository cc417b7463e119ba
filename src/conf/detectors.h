/** @file detectors.h  Files of detectors that an organisation writes itself (docs/reference/detection.md),
 * read by the rows that the configuration is read by, so that mistakes are named with their place. */
#pragma once
#include "conf/conf.h"
#include "conf/problem.h"
#include "sallyport/custom.h"

/** Reads a file of detectors alone, and looks kinds, categories and levels up. Patterns are judged by
 * sp_custom_new.
 *  @param names  NULL: those that are shipped.
 *  @return SP_OK (look at problems->n_errors), SP_ENOMEM. */
SP_NODISCARD sp_status spc_detectors_read(spc_detectors *out, spc_problems *problems, sp_bytes file,
                                          const sp_names *names);
/** Looks kinds, categories and levels up by these names; what is wrong becomes a problem. */
void spc_detectors_resolve(spc_detectors *detectors, const sp_names *names, spc_problems *problems);
/** What the core compiles, detectors->n of them, in `mem`. @return NULL when there is no memory. */
sp_custom_detector *spc_detectors_compiled(const spc_detectors *detectors, sp_mem *mem);
/** Compiles them; what is wrong becomes a problem at its place. @param out  NULL then, or where there are
 * none; end with sp_custom_free. @return SP_OK (look at problems->n_errors), SP_ENOMEM, SP_EINTERNAL. */
SP_NODISCARD sp_status spc_detectors_compile(sp_custom **out, const spc_detectors *detectors,
                                             spc_problems *problems);

/** Is told of an example that does not do. @param what  follows the detector's name, the example follows
 * it. */
typedef void spc_example_fn(void *context, const spc_detector *detector, const spc_text *example,
                            const char *what);
/** Trying all examples and near misses. */
typedef struct spc_trial {
    const spc_detectors *detectors;
    sp_custom *custom; /**< they, compiled */
    spc_example_fn *wrong;
    void *context;
    sp_mem *mem;
    size_t n; /**< receives how many were tried */
} spc_trial;
/** @return SP_OK, whatever they said; SP_ENOMEM, SP_EINTERNAL. */
SP_NODISCARD sp_status spc_detectors_try(spc_trial *trial);
/** Compiles and tries them: what is wrong, examples too, becomes a problem. */
SP_NODISCARD sp_status spc_detectors_check(const spc_detectors *detectors, spc_problems *problems);

/** Adds what sp_custom_new says about detector `bad`, at the place of its pattern or its shapes. */
void spc_detectors_blame(const spc_detectors *detectors, spc_problems *problems, size_t bad,
                         const char *what);
