/** @file rows_internal.h  What the files with rows share: columns by the type of their field, units, and the
 * tables that one file has and another names. */
#pragma once
#include "conf/row.h"

/* Offset of a field, and proof at compile time that the field has the type that the row's reader writes. */
#define AT(type, strct, field) \
    (offsetof(strct, field) + 0 * sizeof(char[_Generic((((strct *)0)->field), type : 1, default : -1)]))
#define TEXT_AT(s, f) .type = SPC_TYPE_TEXT, .offset = AT(spc_text, s, f)
#define BOOL_AT(s, f) .type = SPC_TYPE_BOOL, .offset = AT(bool, s, f)
#define COUNT_AT(s, f) .type = SPC_TYPE_COUNT, .offset = AT(uint64_t, s, f)
#define TIME_AT(s, f) .type = SPC_TYPE_TIME, .offset = AT(uint64_t, s, f)
#define SIZE_AT(s, f) .type = SPC_TYPE_SIZE, .offset = AT(uint64_t, s, f)
#define WORD_AT(s, f) .type = SPC_TYPE_WORD, .offset = AT(uint8_t, s, f)
#define FLAGS_AT(s, f) .type = SPC_TYPE_FLAGS, .offset = AT(uint32_t, s, f)
#define TEXTS_AT(s, f) .type = SPC_TYPE_TEXTS, .offset = AT(spc_texts, s, f)
#define NUMBERS_AT(s, f) .type = SPC_TYPE_NUMBERS, .offset = AT(spc_numbers, s, f)
#define RECORD_AT(s, f) .type = SPC_TYPE_RECORD, .offset = offsetof(s, f)
#define MAP_AT(s, f) .type = SPC_TYPE_MAP, .offset = offsetof(s, f)
#define LIST_AT(s, f) .type = SPC_TYPE_LIST, .offset = offsetof(s, f)

/* milliseconds and bytes, as wide as the rows' bounds */
#define SECOND UINT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
enum { LINE_MAX_BYTES = 200 };

/* read.c walks a map through this view whatever its items are. */
typedef struct any_map {
    void *v;
    size_t n;
} any_map;
#define IS_MAP(type) \
    _Static_assert(sizeof(type) == sizeof(any_map) && offsetof(type, n) == offsetof(any_map, n), #type)

/* rows_framework.c */
extern const spc_table spc__fact_table, spc__vendor_table, spc__statement_table, spc__copy_table,
    spc__handling_table, spc__residency_table, spc__finding_table, spc__data_source_table, spc__overdue_table,
    spc__vigilance_table, spc__subject_table, spc__clearance_table, spc__declassifier_table, spc__floor_table,
    spc__use_case_table, spc__endorser_table, spc__detector_table, spc__allow_table;
