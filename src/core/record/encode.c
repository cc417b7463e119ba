/* Record -> leaf. One pass over the field table: what the kind carries and is not zero is written, in order
 * of number, so equal records give equal bytes and there is one way to write each record. */
#include <string.h>

#include "record/record_internal.h"

/* A failure that is not the buffer's own: the leaf cannot say this. */
static void refuse(sp_buf *out)
{
    if (out->status == SP_OK) {
        out->status = SP_ERANGE;
    }
}

static uint64_t load(const void *member, sp_field_type type)
{
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    switch (type) {
    case SP_TYPE_U8:
    case SP_TYPE_BOOL:
        memcpy(&u8, member, sizeof u8);
        return u8;
    case SP_TYPE_U16:
        memcpy(&u16, member, sizeof u16);
        return u16;
    case SP_TYPE_U32:
    case SP_TYPE_I32:
        memcpy(&u32, member, sizeof u32);
        return u32;
    default:
        memcpy(&u64, member, sizeof u64);
        return u64;
    }
}

static void put_scalar(sp_buf *out, const sp_record_field *field, const void *member)
{
    const uint64_t v = load(member, field->type);
    if (v == 0) {
        return;
    }
    sp_write_u8(out, field->number);
    switch (field->type) {
    case SP_TYPE_U8:
    case SP_TYPE_BOOL:
        sp_write_u8(out, (uint8_t)v);
        return;
    case SP_TYPE_U16:
        sp_write_u16(out, (uint16_t)v);
        return;
    case SP_TYPE_U32:
    case SP_TYPE_I32:
        sp_write_u32(out, (uint32_t)v);
        return;
    default:
        sp_write_u64(out, v);
        return;
    }
}

static void put_id(sp_buf *out, const sp_record_field *field, const void *member, size_t n)
{
    if (!sp_record__is_zero(member, n)) {
        sp_write_u8(out, field->number);
        sp_buf_append(out, (sp_bytes){member, n});
    }
}

static void put_text(sp_buf *out, const sp_record_field *field, const sp_bytes *s)
{
    if (s->n == 0) {
        return;
    }
    const bool is_visible = field->type == SP_TYPE_VISIBLE;
    if (is_visible && !sp_record__is_visible(*s, field->max)) {
        return;
    }
    if (!is_visible && !sp_record__is_text(*s, field->max)) {
        refuse(out);
        return;
    }
    sp_write_u8(out, field->number);
    sp_write_bytes16(out, *s);
}

static void put_label(sp_buf *out, const sp_record_field *field, const sp_label *label)
{
    static const sp_bits256 everywhere = SP_BITS256_ALL;
    const bool is_nowhere = sp_bits256_is_empty(label->residency);
    if (label->level == 0 && label->integrity == 0 && label->categories == 0 && is_nowhere) {
        return;
    }
    if (label->level > SP_LEVEL_MAX || label->integrity > SP_TRUSTED) {
        refuse(out);
        return;
    }
    sp_write_u8(out, field->number);
    sp_write_u8(out, label->level);
    sp_write_u8(out, label->integrity);
    sp_write_u64(out, label->categories);
    if (is_nowhere || memcmp(&label->residency, &everywhere, sizeof everywhere) == 0) {
        sp_write_u8(out, is_nowhere ? SP_RESIDENCY_NOWHERE : SP_RESIDENCY_EVERYWHERE);
        return;
    }
    sp_write_u8(out, SP_RESIDENCY_SET);
    for (size_t i = 0; i < 4; i++) {
        sp_write_u64(out, label->residency.w[i]);
    }
}

/* Number and count of a list; false when there is nothing to write. */
static bool put_count(sp_buf *out, const sp_record_field *field, size_t n)
{
    if (n > UINT16_MAX) {
        refuse(out);
    }
    if (n == 0 || n > UINT16_MAX) {
        return false;
    }
    sp_write_u8(out, field->number);
    sp_write_u16(out, (uint16_t)n);
    return true;
}

static void put_atoms(sp_buf *out, const sp_record_field *field, const sp_record *record)
{
    if (!put_count(out, field, record->n_atoms)) {
        return;
    }
    for (size_t i = 0; i < record->n_atoms && out->status == SP_OK; i++) {
        const sp_record_atom *a = &record->atoms[i];
        sp_write_u8(out, a->source);
        sp_write_u8(out, a->kind);
        sp_write_u8(out, a->confidence);
        sp_write_u8(out, a->level);
        sp_write_u32(out, a->count);
        sp_write_u32(out, a->start);
        sp_write_u32(out, a->end);
        if (!sp_record__is_text(a->place, field->max)) {
            refuse(out);
        }
        sp_write_bytes16(out, a->place);
    }
}

static void put_candidates(sp_buf *out, const sp_record_field *field, const sp_record *record)
{
    if (!put_count(out, field, record->n_candidates)) {
        return;
    }
    for (size_t i = 0; i < record->n_candidates && out->status == SP_OK; i++) {
        const sp_record_candidate *c = &record->candidates[i];
        if (!sp_record__is_text(c->destination, field->max)) {
            refuse(out);
        }
        sp_write_bytes16(out, c->destination);
        sp_write_u8(out, c->reason);
        sp_write_u8(out, c->part);
        sp_write_u8(out, c->field);
        sp_write_u8(out, c->tier);
    }
}

static void put_blocks(sp_buf *out, const sp_record_field *field, const sp_record *record)
{
    if (record->n_blocks > SP_RECORD_BLOCKS_MAX) {
        refuse(out);
        return;
    }
    if (!put_count(out, field, record->n_blocks)) {
        return;
    }
    for (size_t i = 0; i < record->n_blocks && out->status == SP_OK; i++) {
        const sp_block_ref *b = &record->blocks[i];
        sp_buf_append(out, (sp_bytes){b->id, sizeof b->id});
        sp_buf_append(out, (sp_bytes){b->hash, sizeof b->hash});
        sp_write_u32(out, b->bytes);
    }
}

static void put_field(sp_buf *out, const sp_record_field *field, const sp_record *record)
{
    const uint8_t *member = (const uint8_t *)record + field->offset;
    switch ((sp_field_type)field->type) {
    case SP_TYPE_ID8:
        put_id(out, field, member, 8);
        return;
    case SP_TYPE_ID16:
        put_id(out, field, member, 16);
        return;
    case SP_TYPE_TEXT:
    case SP_TYPE_VISIBLE:
        put_text(out, field, (const sp_bytes *)(const void *)member);
        return;
    case SP_TYPE_LABEL:
        put_label(out, field, (const sp_label *)(const void *)member);
        return;
    case SP_TYPE_ATOMS:
        put_atoms(out, field, record);
        return;
    case SP_TYPE_CANDIDATES:
        put_candidates(out, field, record);
        return;
    case SP_TYPE_BLOCKS:
        put_blocks(out, field, record);
        return;
    default:
        put_scalar(out, field, member);
        return;
    }
}

sp_status sp_record_encode(sp_buf *out, const sp_record *record)
{
    const size_t start = out->n;
    if (out->status != SP_OK) {
        return out->status;
    }
    if (record->kind < SP_RECORD_INTENT || record->kind > SP_RECORD_ACT) {
        return SP_ERANGE;
    }
    sp_write_u8(out, 'S');
    sp_write_u8(out, 'L');
    sp_write_u8(out, SP_LEAF_VERSION);
    sp_write_u8(out, record->kind);
    const sp_record_field *field;
    for (size_t i = 0; (field = sp_record__field(i)) != NULL; i++) {
        if (sp_record__carries(field, record->kind)) {
            put_field(out, field, record);
        }
    }
    if (out->status == SP_OK && out->n - start > SP_LEAF_MAX) {
        refuse(out);
    }
    /* A leaf is whole or not there; a refusal of ours does not stick, so that the caller can write a smaller
     * record instead. */
    const sp_status status = out->status;
    if (status != SP_OK) {
        out->n = start;
        out->status = status == SP_ERANGE ? SP_OK : status;
    }
    return status;
}
