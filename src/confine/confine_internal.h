/** @file confine_internal.h  Between the files of src/confine. */
#pragma once
#include "confine/confine.h"

/** @return the version of the kernel's Landlock; 0: it has none, or it is switched off. */
int spp__landlock_version(void);
/** @param version  at least 1. @return false with errno. */
bool spp__landlock(const spp_bounds *bounds, bool is_scoped, int version);
void spp__landlock_report(spp_report *report, const spp_bounds *bounds, bool is_scoped, int version);

/** Loads the role's filter. @return 0, or a negative errno; -ENOSYS: this kernel or processor has no filter.
 */
int spp__seccomp(const spp_role *role);

/** Built under a sanitizer, which makes calls of its own (symbols of a report are read by a child): such a
 * build is not what is shipped, and its filter ends only what nobody may do. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SPP__SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SPP__SANITIZED 1
#endif
#endif
#ifndef SPP__SANITIZED
#define SPP__SANITIZED 0
#endif
