/* Record -> one line of JSON. Every field that the kind carries is there, empty or not, so that a consumer
 * finds stable names; numbers that stand for names are said as names. For people and their tools: nothing is
 * ever decided from this text. */
#include <string.h>

#include "record/record_internal.h"

static const char *const kind_names[] = {"none", "intent", "answer", "outcome", "refusal", "loss", "act"};

const char *sp_record_kind_name(uint8_t kind)
{
    return kind < sizeof kind_names / sizeof kind_names[0] ? kind_names[kind] : "unknown";
}

const char *sp_tier_name(sp_tier tier)
{
    switch (tier) {
    case SP_TIER_CLOUD:
        return "cloud";
    case SP_TIER_SELF_HOSTED:
        return "self-hosted";
    default:
        return "";
    }
}

static const char *status_name(int32_t status)
{
    return status == SP_OK ? "ok" : sp_error_get((sp_status)status)->name;
}

static void put_string(sp_buf *out, sp_bytes s)
{
    sp_buf_append_byte(out, '"');
    sp_buf_append_json(out, s);
    sp_buf_append_byte(out, '"');
}

static void put_name(sp_buf *out, const char *name)
{
    put_string(out, sp_bytes_of(name));
}

static void put_hex(sp_buf *out, const uint8_t *p, size_t n)
{
    char hex[65];
    sp_hex_encode(hex, (sp_bytes){p, n});
    put_name(out, hex);
}

static void put_key(sp_buf *out, const char *key)
{
    sp_buf_append_byte(out, '"');
    sp_buf_append_str(out, key);
    sp_buf_append_str(out, "\":");
}

static void put_number(sp_buf *out, const char *key, uint64_t v)
{
    put_key(out, key);
    sp_buf_append_u64(out, v);
}

sp_bytes sp_record_atom_name(const sp_record_atom *atom, sp_bytes *place)
{
    size_t n = 0;
    while (n < atom->place.n && atom->place.p[n] != ' ') n++;
    *place = sp_bytes_sub(atom->place, n < atom->place.n ? n + 1 : n, atom->place.n);
    return sp_bytes_sub(atom->place, 0, n);
}

sp_bytes sp_record_atom_rule(sp_bytes *name)
{
    const uint8_t *colon = name->n > 0 ? memchr(name->p, ':', name->n) : NULL;
    if (colon == NULL) return SP_BYTES_EMPTY;
    const size_t at = (size_t)(colon - name->p);
    const sp_bytes rule = sp_bytes_sub(*name, at + 1, name->n);
    *name = sp_bytes_sub(*name, 0, at);
    return rule;
}

/* What an atom is of; `*place` receives where it stands. */
static void put_kind(sp_buf *out, const sp_record_atom *a, sp_bytes *place)
{
    const bool is_found = a->source == SP_ATOM_DETECTOR || a->source == SP_ATOM_ECHO;
    const sp_kind_info *info = is_found ? sp_kind_get((sp_kind)a->kind) : NULL;
    *place = a->place;
    if (info == NULL && !(is_found && a->kind == SP_KIND_OWN)) {
        put_number(out, "kind", a->kind);
        return;
    }
    sp_bytes name = info != NULL ? sp_bytes_of(info->name) : sp_record_atom_name(a, place);
    const sp_bytes rule = info != NULL ? SP_BYTES_EMPTY : sp_record_atom_rule(&name);
    put_key(out, "kind");
    put_string(out, name);
    if (rule.n == 0) return;
    sp_buf_append_byte(out, ',');
    put_key(out, "allowed_by");
    put_string(out, rule);
}

static void put_atoms(sp_buf *out, const sp_record *record)
{
    for (size_t i = 0; i < record->n_atoms; i++) {
        const sp_record_atom *a = &record->atoms[i];
        sp_bytes place;
        sp_buf_append_str(out, i == 0 ? "{" : ",{");
        put_key(out, "source");
        put_name(out, sp_atom_source_name((sp_atom_source)a->source));
        sp_buf_append_byte(out, ',');
        put_kind(out, a, &place);
        sp_buf_append_byte(out, ',');
        put_number(out, "confidence", a->confidence);
        sp_buf_append_byte(out, ',');
        put_number(out, "level", a->level);
        sp_buf_append_byte(out, ',');
        put_number(out, "count", a->count);
        sp_buf_append_byte(out, ',');
        put_number(out, "start", a->start);
        sp_buf_append_byte(out, ',');
        put_number(out, "end", a->end);
        sp_buf_append_byte(out, ',');
        put_key(out, "place");
        put_string(out, place);
        sp_buf_append_byte(out, '}');
    }
}

static void put_candidates(sp_buf *out, const sp_record *record)
{
    for (size_t i = 0; i < record->n_candidates; i++) {
        const sp_record_candidate *c = &record->candidates[i];
        sp_buf_append_str(out, i == 0 ? "{" : ",{");
        put_key(out, "destination");
        put_string(out, c->destination);
        sp_buf_append_byte(out, ',');
        put_key(out, "reason");
        put_name(out, sp_reason_name((sp_reason)c->reason));
        sp_buf_append_byte(out, ',');
        put_key(out, "part");
        put_name(out, sp_label_part_name((sp_label_part)c->part));
        sp_buf_append_byte(out, ',');
        put_number(out, "field", c->field);
        sp_buf_append_byte(out, ',');
        put_key(out, "tier");
        put_name(out, sp_tier_name((sp_tier)c->tier));
        sp_buf_append_byte(out, '}');
    }
}

static void put_blocks(sp_buf *out, const sp_record *record)
{
    for (size_t i = 0; i < record->n_blocks; i++) {
        const sp_block_ref *b = &record->blocks[i];
        sp_buf_append_str(out, i == 0 ? "{" : ",{");
        put_key(out, "id");
        put_hex(out, b->id, sizeof b->id);
        sp_buf_append_byte(out, ',');
        put_key(out, "hash");
        put_hex(out, b->hash, sizeof b->hash);
        sp_buf_append_byte(out, ',');
        put_number(out, "bytes", b->bytes);
        sp_buf_append_byte(out, '}');
    }
}

static uint64_t load(const sp_record_field *field, const void *member)
{
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    switch ((sp_field_type)field->type) {
    case SP_TYPE_U8:
        memcpy(&u8, member, sizeof u8);
        return u8;
    case SP_TYPE_U16:
        memcpy(&u16, member, sizeof u16);
        return u16;
    case SP_TYPE_U32:
        memcpy(&u32, member, sizeof u32);
        return u32;
    default:
        memcpy(&u64, member, sizeof u64);
        return u64;
    }
}

static void put_list(sp_buf *out, const sp_record_field *field, const sp_record *record)
{
    sp_buf_append_byte(out, '[');
    if (field->show == SP_SHOW_ATOMS) {
        put_atoms(out, record);
    } else if (field->show == SP_SHOW_CANDIDATES) {
        put_candidates(out, record);
    } else {
        put_blocks(out, record);
    }
    sp_buf_append_byte(out, ']');
}

static void put_label(sp_buf *out, const sp_label *label, const sp_names *names)
{
    sp_buf text = SP_BUF_IN(out->mem);
    sp_label_append(&text, *label, names);
    put_string(out, sp_buf_bytes(&text));
    if (out->status == SP_OK) {
        out->status = text.status;
    }
}

/* Flat: one row of the table, one way to say it. */
static void put_value(sp_buf *out, const sp_record_field *field, const sp_record *record,
                      const sp_names *names)
{
    const void *member = (const uint8_t *)record + field->offset;
    switch ((sp_field_show)field->show) {
    case SP_SHOW_NUMBER:
    case SP_SHOW_TIME:
        sp_buf_append_u64(out, load(field, member));
        return;
    case SP_SHOW_BOOL:
        sp_buf_append_str(out, record->is_stream ? "true" : "false");
        return;
    case SP_SHOW_HEX:
        put_hex(out, member, field->type == SP_TYPE_ID8 ? 8 : 16);
        return;
    case SP_SHOW_STRING:
        put_string(out, *(const sp_bytes *)member);
        return;
    case SP_SHOW_LABEL:
        put_label(out, (const sp_label *)(const void *)member, names);
        return;
    case SP_SHOW_DIALECT:
        put_name(out,
                 record->dialect == 0 ? "" : sp_dialect_name(sp_dialect_get((sp_dialect_id)record->dialect)));
        return;
    case SP_SHOW_OPERATION:
        put_name(out, record->operation == 0 ? "" : sp_operation_name((sp_operation)record->operation));
        return;
    case SP_SHOW_TIER:
        put_name(out, sp_tier_name((sp_tier)record->tier));
        return;
    case SP_SHOW_OUTCOME:
        put_name(out, sp_outcome_name((sp_outcome)record->outcome));
        return;
    case SP_SHOW_STATUS:
        put_name(out, status_name(record->status));
        return;
    default:
        put_list(out, field, record);
        return;
    }
}

void sp_record_json_append(sp_buf *out, const sp_record *record, const sp_names *names)
{
    sp_names shipped;
    if (names == NULL) {
        sp_names_init(&shipped);
        names = &shipped;
    }
    sp_buf_append_byte(out, '{');
    put_key(out, "kind");
    put_name(out, sp_record_kind_name(record->kind));
    const sp_record_field *field;
    for (size_t i = 0; (field = sp_record__field(i)) != NULL; i++) {
        if (!sp_record__carries(field, record->kind)) {
            continue;
        }
        if (field->show == SP_SHOW_TIME) {
            sp_buf_append_str(out, ",\"at\":\"");
            sp_time_append(out, record->at_ns);
            sp_buf_append_byte(out, '"');
        }
        sp_buf_append_byte(out, ',');
        put_key(out, field->name);
        put_value(out, field, record, names);
    }
    sp_buf_append_byte(out, '}');
}
