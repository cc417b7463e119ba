/** @file json.h  Writes JSON to standard output, commas by itself. A key is NULL inside of a list. */
#pragma once
#include "sallyport/label.h"
#include "sallyport/request.h"
#include "sallyport/snapshot.h"

/** @param bracket  `{` or `[`. */
void json_open(const char *key, char bracket);
/** @param bracket  `}` or `]`. */
void json_close(char bracket);
void json_line_end(void);
void json_number(const char *key, uint64_t n);
void json_flag(const char *key, bool is_so);
void json_null(const char *key);
/** Tabs, and nothing else that JSON would escape. */
void json_text(const char *key, sp_bytes text);
/** A list of the numbers of the bits. */
void json_bits(const char *key, uint64_t bits);
/** The same, or "*" for all. */
void json_places(const char *key, sp_bits256 set);
/** level, categories, residency, integrity of the object that is open. */
void json_label_members(const sp_label *label);
void json_label(const char *key, const sp_label *label);
/** The name of a use as docs/reference/policy.md has it. */
const char *json_use_name(uint8_t kind);
/** A list of names of uses. */
void json_permits(const char *key, sp_permits permits);
