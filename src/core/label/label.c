/** The lattice: join, order, flow, and how a label reads. Everything that compares labels is here and nowhere
 * else. */
#include "sallyport/label.h"

enum { RESIDENCY_LISTED_MAX = 16 };

sp_label sp_label_join(sp_label a, sp_label b)
{
    return (sp_label){
        .categories = a.categories | b.categories,
        .residency = sp_bits256_and(a.residency, b.residency),
        .level = a.level > b.level ? a.level : b.level,
        .integrity = a.integrity == SP_TRUSTED && b.integrity == SP_TRUSTED ? SP_TRUSTED : SP_UNTRUSTED,
    };
}

bool sp_label_eq(sp_label a, sp_label b)
{
    return a.categories == b.categories && a.level == b.level && a.integrity == b.integrity &&
           sp_bits256_subset(a.residency, b.residency) && sp_bits256_subset(b.residency, a.residency);
}

bool sp_label_leq(sp_label a, sp_label b)
{
    return a.level <= b.level && (a.categories & ~b.categories) == 0 &&
           sp_bits256_subset(b.residency, a.residency) &&
           (a.integrity == SP_TRUSTED || b.integrity != SP_TRUSTED);
}

static sp_label_part refusing_part(sp_label data, sp_label clearance)
{
    if (data.level > clearance.level) return SP_PART_LEVEL;
    if (data.categories & ~clearance.categories) return SP_PART_CATEGORIES;
    if (sp_bits256_is_empty(data.residency) || sp_bits256_is_empty(clearance.residency))
        return SP_PART_RESIDENCY;
    if (!sp_bits256_subset(clearance.residency, data.residency)) return SP_PART_RESIDENCY;
    return SP_PART_NONE;
}

bool sp_label_flows(sp_label data, sp_label clearance, sp_label_part *why)
{
    const sp_label_part part = refusing_part(data, clearance);
    if (part == SP_PART_NONE) return true;
    if (why) *why = part;
    return false;
}

const char *sp_label_part_name(sp_label_part part)
{
    static const char *const names[] = {"", "level", "categories", "residency", "requirement"};
    return (size_t)part < sizeof names / sizeof names[0] ? names[part] : "";
}

void sp_names_init(sp_names *names)
{
    *names = (sp_names){
        .level = {SP_LIT("public"), SP_LIT("internal"), SP_LIT("confidential"), SP_LIT("restricted")},
        .category =
            {
#define X(ID, bit, name, meaning) [bit] = SP_LIT(name),
#include "tbl/categories.h"
            },
        .fact =
            {
#define X(ID, number, name, meaning) [number] = SP_LIT(name),
#include "tbl/facts.h"
            },
    };
}

/** A name, or its number where the configuration gives none: never nothing, so that a label always reads
 * back. */
static void append_name(sp_buf *out, sp_bytes name, unsigned number)
{
    if (name.n) {
        sp_buf_append(out, name);
    } else {
        sp_buf_append_u64(out, number);
    }
}

static void append_categories(sp_buf *out, uint64_t categories, const sp_names *names)
{
    bool is_first = true;
    if (categories == 0) sp_buf_append_byte(out, '-');
    for (unsigned bit = 0; bit < 64; bit++) {
        if (!(categories & SP_CAT_BIT(bit))) continue;
        if (!is_first) sp_buf_append_byte(out, ',');
        append_name(out, names->category[bit], bit);
        is_first = false;
    }
}

static unsigned count_bits(sp_bits256 set)
{
    unsigned n = 0;
    for (size_t i = 0; i < 4; i++) n += (unsigned)__builtin_popcountll(set.w[i]);
    return n;
}

static void append_residency(sp_buf *out, sp_bits256 set)
{
    const unsigned n = count_bits(set);
    bool is_first = true;
    if (n == 256) sp_buf_append_byte(out, '*');
    if (n == 0) sp_buf_append_byte(out, '-');
    if (n == 0 || n == 256) return;
    if (n > RESIDENCY_LISTED_MAX) {
        sp_buf_append_byte(out, '#');
        sp_buf_append_u64(out, n);
        return;
    }
    for (unsigned bit = 0; bit < 256; bit++) {
        if (!sp_bits256_has(set, (uint8_t)bit)) continue;
        if (!is_first) sp_buf_append_byte(out, ',');
        sp_buf_append_str(out, sp_jurisdiction_code((uint8_t)bit));
        is_first = false;
    }
}

void sp_label_append(sp_buf *out, sp_label label, const sp_names *names)
{
    append_name(out, label.level <= SP_LEVEL_MAX ? names->level[label.level] : SP_BYTES_EMPTY, label.level);
    sp_buf_append_byte(out, ';');
    append_categories(out, label.categories, names);
    sp_buf_append_byte(out, ';');
    append_residency(out, label.residency);
    sp_buf_append_byte(out, ';');
    sp_buf_append_str(out, label.integrity == SP_TRUSTED ? "trusted" : "untrusted");
}
