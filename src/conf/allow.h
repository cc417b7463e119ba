/** @file allow.h  Rules of what is harmless though a detector finds it (docs/reference/detection.md). */
#pragma once
#include "conf/conf.h"
#include "sallyport/custom.h"

/** What the core compiles: the detectors of a configuration, and behind them a row for each rule and kind,
 * named KIND:RULE. Rules whose date is over are left out.
 *  @param n  receives how many. @return NULL when there is none, or no memory: then `*n` is not 0. */
sp_custom_detector *spc_allow_compiled(const spc_conf *conf, uint64_t now_s, size_t *n, sp_mem *mem);
