/** @file resolve.h  What rows cannot say: names that point at each other, values that depend on others. */
#pragma once
#include "conf/conf.h"

/** Fills the derived fields of `conf` and reports what does not fit together. Works on what could be read, so
 * that all problems show at once; results count only if there are none. @return SP_OK (look at
 * problems->n_errors), SP_ENOMEM. */
SP_NODISCARD sp_status spc_resolve(spc_conf *conf, spc_problems *problems);

/** Adds the warnings about a configuration without errors, as things stand at `now_s` (since 1970).
 * @return SP_OK, SP_ENOMEM. */
SP_NODISCARD sp_status spc_warn(const spc_conf *conf, uint64_t now_s, spc_problems *problems);

/** Whether this destination's traffic can be read on the way. */
bool spc_is_exposed(const spc_destination *destination);
