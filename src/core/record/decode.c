/* Leaf -> record. Accepts exactly what the encoder writes: fields in ascending order, each at most once,
 * carried by the kind, not zero, within its maximum. So a leaf that was accepted encodes to the same bytes
 * again, and nothing hides in one. */
#include <string.h>

#include "record/record_internal.h"

/* Where a decoding stands. `status` is the first thing that was wrong. */
typedef struct decoder {
    sp_reader in;
    sp_mem *mem;
    sp_record *out;
    sp_status status;
} decoder;

static void refuse(decoder *d, sp_status status)
{
    if (d->status == SP_OK) {
        d->status = status;
    }
}

static uint64_t read_scalar(sp_reader *in, sp_field_type type)
{
    switch (type) {
    case SP_TYPE_U8:
    case SP_TYPE_BOOL:
        return sp_read_u8(in);
    case SP_TYPE_U16:
        return sp_read_u16(in);
    case SP_TYPE_U32:
    case SP_TYPE_I32:
        return sp_read_u32(in);
    default:
        return sp_read_u64(in);
    }
}

static void store(void *member, sp_field_type type, uint64_t v)
{
    const bool is_true = v == 1;
    const uint8_t u8 = (uint8_t)v;
    const uint16_t u16 = (uint16_t)v;
    const uint32_t u32 = (uint32_t)v;
    switch (type) {
    case SP_TYPE_U8:
        memcpy(member, &u8, sizeof u8);
        return;
    case SP_TYPE_BOOL:
        memcpy(member, &is_true, sizeof is_true);
        return;
    case SP_TYPE_U16:
        memcpy(member, &u16, sizeof u16);
        return;
    case SP_TYPE_U32:
    case SP_TYPE_I32:
        memcpy(member, &u32, sizeof u32);
        return;
    default:
        memcpy(member, &v, sizeof v);
        return;
    }
}

static void get_scalar(decoder *d, const sp_record_field *field, void *member)
{
    const uint64_t v = read_scalar(&d->in, field->type);
    if (v == 0 || (field->type == SP_TYPE_BOOL && v != 1)) {
        refuse(d, SP_ERANGE);
        return;
    }
    store(member, field->type, v);
}

static void get_id(decoder *d, void *member, size_t n)
{
    const sp_bytes raw = sp_read_raw(&d->in, n);
    if (raw.n != n || sp_record__is_zero(raw.p, n)) {
        refuse(d, SP_ERANGE);
        return;
    }
    memcpy(member, raw.p, n);
}

static void get_text(decoder *d, const sp_record_field *field, void *member)
{
    const sp_bytes s = sp_read_bytes16(&d->in, field->max);
    const bool is_right = field->type == SP_TYPE_VISIBLE ? sp_record__is_visible(s, field->max)
                                                         : sp_record__is_text(s, field->max);
    if (s.n == 0 || !is_right) {
        refuse(d, SP_ERANGE);
        return;
    }
    memcpy(member, &s, sizeof s);
}

static void get_label(decoder *d, sp_label *out)
{
    static const sp_bits256 everywhere = SP_BITS256_ALL;
    sp_label label = {0};
    label.level = sp_read_u8(&d->in);
    label.integrity = sp_read_u8(&d->in);
    label.categories = sp_read_u64(&d->in);
    const uint8_t form = sp_read_u8(&d->in);
    if (form == SP_RESIDENCY_EVERYWHERE) {
        label.residency = everywhere;
    }
    for (size_t i = 0; form == SP_RESIDENCY_SET && i < 4; i++) {
        label.residency.w[i] = sp_read_u64(&d->in);
    }
    const bool is_usual =
        sp_bits256_is_empty(label.residency) || memcmp(&label.residency, &everywhere, sizeof everywhere) == 0;
    const bool is_zero =
        label.level == 0 && label.integrity == 0 && label.categories == 0 && form == SP_RESIDENCY_NOWHERE;
    if (form > SP_RESIDENCY_SET || (form == SP_RESIDENCY_SET && is_usual) || is_zero ||
        label.level > SP_LEVEL_MAX || label.integrity > SP_TRUSTED) {
        refuse(d, SP_ERANGE);
        return;
    }
    *out = label;
}

/* Room for the entries of a list. The count is believed only as far as that many entries of the least size
 * can still follow. */
static void *list_new(decoder *d, size_t *n, size_t entry_bytes, size_t object_bytes)
{
    *n = sp_read_u16(&d->in);
    if (*n == 0 || *n > sp_reader_left(&d->in) / entry_bytes) {
        refuse(d, *n == 0 && d->in.status == SP_OK ? SP_ERANGE : SP_ETRUNCATED);
        return NULL;
    }
    void *list = sp_alloc(d->mem, *n, object_bytes);
    if (list == NULL) {
        refuse(d, SP_ENOMEM);
    }
    return list;
}

static void get_atoms(decoder *d, const sp_record_field *field)
{
    size_t n;
    sp_record_atom *atoms = list_new(d, &n, 18, sizeof *atoms);
    if (atoms == NULL) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        sp_record_atom *a = &atoms[i];
        a->source = sp_read_u8(&d->in);
        a->kind = sp_read_u8(&d->in);
        a->confidence = sp_read_u8(&d->in);
        a->level = sp_read_u8(&d->in);
        a->count = sp_read_u32(&d->in);
        a->start = sp_read_u32(&d->in);
        a->end = sp_read_u32(&d->in);
        a->place = sp_read_bytes16(&d->in, field->max);
        if (!sp_record__is_text(a->place, field->max)) {
            refuse(d, SP_ERANGE);
        }
    }
    d->out->atoms = atoms;
    d->out->n_atoms = n;
}

static void get_candidates(decoder *d, const sp_record_field *field)
{
    size_t n;
    sp_record_candidate *candidates = list_new(d, &n, 6, sizeof *candidates);
    if (candidates == NULL) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        sp_record_candidate *c = &candidates[i];
        c->destination = sp_read_bytes16(&d->in, field->max);
        c->reason = sp_read_u8(&d->in);
        c->part = sp_read_u8(&d->in);
        c->field = sp_read_u8(&d->in);
        c->tier = sp_read_u8(&d->in);
        if (!sp_record__is_text(c->destination, field->max)) {
            refuse(d, SP_ERANGE);
        }
    }
    d->out->candidates = candidates;
    d->out->n_candidates = n;
}

static void get_blocks(decoder *d)
{
    size_t n;
    sp_block_ref *blocks = list_new(d, &n, 52, sizeof *blocks);
    if (blocks == NULL) {
        return;
    }
    if (n > SP_RECORD_BLOCKS_MAX) {
        refuse(d, SP_ERANGE);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const sp_bytes id = sp_read_raw(&d->in, sizeof blocks[i].id);
        const sp_bytes hash = sp_read_raw(&d->in, sizeof blocks[i].hash);
        if (id.n != sizeof blocks[i].id || hash.n != sizeof blocks[i].hash) {
            refuse(d, SP_ETRUNCATED);
            return;
        }
        memcpy(blocks[i].id, id.p, id.n);
        memcpy(blocks[i].hash, hash.p, hash.n);
        blocks[i].bytes = sp_read_u32(&d->in);
    }
    d->out->blocks = blocks;
    d->out->n_blocks = n;
}

static void get_field(decoder *d, const sp_record_field *field)
{
    uint8_t *member = (uint8_t *)d->out + field->offset;
    switch ((sp_field_type)field->type) {
    case SP_TYPE_ID8:
        get_id(d, member, 8);
        return;
    case SP_TYPE_ID16:
        get_id(d, member, 16);
        return;
    case SP_TYPE_TEXT:
    case SP_TYPE_VISIBLE:
        get_text(d, field, member);
        return;
    case SP_TYPE_LABEL:
        get_label(d, (sp_label *)(void *)member);
        return;
    case SP_TYPE_ATOMS:
        get_atoms(d, field);
        return;
    case SP_TYPE_CANDIDATES:
        get_candidates(d, field);
        return;
    case SP_TYPE_BLOCKS:
        get_blocks(d);
        return;
    default:
        get_scalar(d, field, member);
        return;
    }
}

static void get_head(decoder *d)
{
    const uint8_t s = sp_read_u8(&d->in), l = sp_read_u8(&d->in);
    const uint8_t version = sp_read_u8(&d->in);
    d->out->kind = sp_read_u8(&d->in);
    if (d->in.status != SP_OK) {
        refuse(d, d->in.status);
        return;
    }
    if (s != 'S' || l != 'L') {
        refuse(d, SP_ERANGE);
        return;
    }
    if (version != SP_LEAF_VERSION || d->out->kind < SP_RECORD_INTENT || d->out->kind > SP_RECORD_ACT) {
        refuse(d, SP_EVERSION);
    }
}

static sp_status decode(decoder *d)
{
    uint8_t last = 0;
    get_head(d);
    while (d->status == SP_OK && sp_reader_left(&d->in) > 0) {
        const uint8_t number = sp_read_u8(&d->in);
        const sp_record_field *field = sp_record__field_numbered(number);
        if (field == NULL) {
            return SP_EVERSION;
        }
        if (number <= last || !sp_record__carries(field, d->out->kind)) {
            return SP_ERANGE;
        }
        last = number;
        get_field(d, field);
        if (d->in.status != SP_OK) {
            return d->in.status;
        }
    }
    return d->status;
}

sp_status sp_record_decode(sp_record *out, sp_bytes leaf, sp_mem *mem)
{
    decoder d = {.in = sp_reader_of(leaf), .mem = mem, .out = out, .status = SP_OK};
    memset(out, 0, sizeof *out);
    const sp_status status = leaf.n > SP_LEAF_MAX ? SP_ERANGE : decode(&d);
    if (status != SP_OK) {
        memset(out, 0, sizeof *out);
    }
    return status;
}

/* request_id is the first field, so that it can be told from a leaf that is damaged further on. */
bool sp_leaf_request_id(uint8_t id[SP_REQUEST_ID_BYTES], sp_bytes leaf)
{
    sp_reader in = sp_reader_of(leaf);
    (void)sp_read_raw(&in, SP_LEAF_HEAD_BYTES);
    const uint8_t number = sp_read_u8(&in);
    const sp_bytes raw = sp_read_raw(&in, SP_REQUEST_ID_BYTES);
    const bool is_there = in.status == SP_OK && number == 1;
    if (is_there) {
        memcpy(id, raw.p, SP_REQUEST_ID_BYTES);
    } else {
        memset(id, 0, SP_REQUEST_ID_BYTES);
    }
    return is_there;
}
