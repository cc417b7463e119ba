/** @file record_help.h  What the tests of records and of the ledger share: records of every kind, random
 * records. */
#pragma once
#include "parse_help.h"

#include "record/record_internal.h"

static const uint8_t help_recipient_secret[32] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
    16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
};
/** Public half of help_recipient_secret. */
static const uint8_t help_recipient[32] = {
    0x8f, 0x40, 0xc5, 0xad, 0xb6, 0x8f, 0x25, 0x62, 0x4a, 0xe5, 0xb2, 0x14, 0xea, 0x76, 0x7a, 0x6e,
    0xc9, 0x4d, 0x82, 0x9d, 0x3d, 0x7b, 0x5e, 0x1a, 0xd1, 0xba, 0x6f, 0x3e, 0x21, 0x38, 0x28, 0x5f,
};

static const sp_record_atom help_atoms[] = {
    {.source = SP_ATOM_DETECTOR,
     .kind = SP_KIND_IBAN,
     .confidence = 99,
     .level = 2,
     .count = 3,
     .start = 17,
     .end = 39,
     .place = SP_LIT("messages[1].content")},
    {.source = SP_ATOM_USE_CASE, .level = 1, .count = 1, .place = SP_LIT("")},
};
static const sp_record_candidate help_candidates[] = {
    {.destination = SP_LIT("openai-eu"),
     .reason = SP_REASON_FLOW,
     .part = SP_PART_LEVEL,
     .tier = SP_TIER_CLOUD},
    {.destination = SP_LIT("local"), .reason = SP_REASON_TAKEN, .tier = SP_TIER_SELF_HOSTED},
};
static const sp_block_ref help_blocks[] = {
    {.id = {1, 2, 3}, .hash = {4, 5, 6}, .bytes = 1200},
    {.id = {7, 8, 9}, .hash = {10, 11}, .bytes = 0},
};

/** A record with every field filled in, whatever its kind carries. */
static inline sp_record help_full(uint8_t kind)
{
    sp_record r = {
        .kind = kind,
        .attempt = 2,
        .at_ns = UINT64_C(1795537200123456789),
        .generation = 7,
        .application = SP_LIT("intranet"),
        .use_case = SP_LIT("contracts"),
        .dialect = SP_DIALECT_OPENAI,
        .operation = SP_OP_GENERATE,
        .model = SP_LIT("assistant"),
        .destination = SP_LIT("local"),
        .destination_model = SP_LIT("qwen2.5-0.5b"),
        .region = SP_LIT("on-premises"),
        .tier = SP_TIER_SELF_HOSTED,
        .is_stream = true,
        .label = {SP_CAT_BIT(SP_CAT_FINANCIAL) | SP_CAT_BIT(SP_CAT_LEGAL), SP_BITS256_ALL, 2, SP_TRUSTED},
        .answer_label = {SP_CAT_BIT(SP_CAT_PII), SP_BITS256_ALL, 3, SP_UNTRUSTED},
        .sources = SP_LIT("crm,wiki"),
        .subject = SP_LIT("j.doe@corp.example"),
        .missing = SP_LIT("openai-eu: baa, dpa"),
        .declassifier = SP_LIT("mask-pii"),
        .label_before = {SP_CAT_BIT(SP_CAT_PII), SP_BITS256_ALL, 2, SP_UNTRUSTED},
        .outcome = SP_REROUTE,
        .status = SP_ELEAK,
        .http_status = 200,
        .upstream_status = 200,
        .parameters = SP_LIT("temperature=0.2;max_tokens=100"),
        .atoms = help_atoms,
        .n_atoms = 2,
        .candidates = help_candidates,
        .n_candidates = 2,
        .blocks = help_blocks,
        .n_blocks = 2,
        .answer_model = SP_LIT("qwen2.5"),
        .answer_id = SP_LIT("chatcmpl-1"),
        .answer_version = SP_LIT("fp_1"),
        .finish = SP_LIT("stop"),
        .tokens_in = 120,
        .tokens_out = 80,
        .tokens_cached = 64,
        .n_events = 82,
        .n_tool_calls = 1,
        .n_masked = 2,
        .bytes_in = 4096,
        .bytes_out = 2048,
        .decide_us = 90,
        .upstream_first_us = 12000,
        .total_us = 345678,
        .stopped = SP_LIT("destination cloud"),
        .stopped_reason = SP_LIT("key found in a public repository"),
        .stopped_ns = UINT64_C(1795537200000000000),
        .act = SP_LIT("pause destination cloud"),
        .act_operator = SP_LIT("alice"),
    };
    for (size_t i = 0; i < sizeof r.request_id; i++) r.request_id[i] = (uint8_t)(0x10 + i);
    for (size_t i = 0; i < sizeof r.key_id; i++) r.key_id[i] = (uint8_t)(0xa0 + i);
    return r;
}

/** Empties what the kind does not carry: what a decoder has to give back. */
static inline sp_record help_carried(const sp_record *record)
{
    static const size_t sizes[] = {
        [SP_TYPE_U8] = 1,
        [SP_TYPE_U16] = 2,
        [SP_TYPE_U32] = 4,
        [SP_TYPE_U64] = 8,
        [SP_TYPE_I32] = 4,
        [SP_TYPE_BOOL] = sizeof(bool),
        [SP_TYPE_ID8] = 8,
        [SP_TYPE_ID16] = 16,
        [SP_TYPE_TEXT] = sizeof(sp_bytes),
        [SP_TYPE_VISIBLE] = sizeof(sp_bytes),
        [SP_TYPE_LABEL] = sizeof(sp_label),
        [SP_TYPE_ATOMS] = sizeof(void *),
        [SP_TYPE_CANDIDATES] = sizeof(void *),
        [SP_TYPE_BLOCKS] = sizeof(void *),
    };
    sp_record out = *record;
    const sp_record_field *f;
    for (size_t i = 0; (f = sp_record__field(i)) != NULL; i++) {
        if (sp_record__carries(f, record->kind)) continue;
        memset((uint8_t *)&out + f->offset, 0, sizes[f->type]);
        if (f->type == SP_TYPE_ATOMS) out.n_atoms = 0;
        if (f->type == SP_TYPE_CANDIDATES) out.n_candidates = 0;
        if (f->type == SP_TYPE_BLOCKS) out.n_blocks = 0;
    }
    return out;
}
