/** @file names.h  The name at a place of a static list, or "unknown": for printers of stored numbers, which
 *  may come from a later version. */
#pragma once
#include <stddef.h>

#define SP_NAME_AT(list, i) \
    ((size_t)(i) < sizeof(list) / sizeof((list)[0]) && (list)[i] ? (list)[i] : "unknown")
