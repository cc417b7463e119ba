/* Which findings of an answer its request held. The values that were found in the conversation, as its caller
 * sent it, are known by their keyed hashes, each with its class. What the application wrote for the model
 * alone (system and developer text, definitions of tools) is no part of that: its readers have never seen it.
 * Whatever is not in the table is new: a value beyond its room, one over two texts, one of a header. */
#include "review/echoes.h"

#include "detect/detect_internal.h"
#include "review/mix.h"

enum { VALUES_MAX = 1024, PLACES_MIN = 16 };

#define BASE UINT64_C(0x9e3779b97f4a7c15) /* odd: of each power of it nothing is lost */

struct sp_echoes {
    uint64_t key;
    size_t n, mask;
    uint64_t *table; /* 0: free */
};

/* ---- values ---- */

/* What writings of a value are the same value. */
typedef enum writing { AS_GROUPED = 0, IN_ANY_CASE, AS_WRITTEN } writing;

/* Signs part the numbers of a date and are those of a coordinate, and base 58 has both cases. In names, of
 * persons, hosts and registration districts, a hyphen or a blank tells one from another. */
static const struct {
    uint8_t kind;
    uint8_t writing;
} writings[] = {
    {SP_KIND_EMAIL, IN_ANY_CASE},          {SP_KIND_PERSON, IN_ANY_CASE},
    {SP_KIND_ADDRESS, IN_ANY_CASE},        {SP_KIND_LICENSE_PLATE, IN_ANY_CASE},
    {SP_KIND_USERNAME, AS_WRITTEN},        {SP_KIND_DATE_OF_BIRTH, AS_WRITTEN},
    {SP_KIND_GEO_COORDINATES, AS_WRITTEN}, {SP_KIND_BTC_ADDRESS, AS_WRITTEN},
};

/* Credentials, what only an organisation knows, and what carries data out by how it is spelt, are the same
 * byte by byte. Numbers are written in groups, with and without case, blanks and hyphens. */
static writing writing_of(unsigned class)
{
    const sp_kind_info *info = class < SP_CLASS_OWN ? sp_kind_get((sp_kind) class) : NULL;
    if (info == NULL || info->category == SP_CAT_CREDENTIALS || info->category == SP_CAT_OUTWARD)
        return AS_WRITTEN;
    for (size_t i = 0; i < sizeof writings / sizeof writings[0]; i++) {
        if (writings[i].kind == class) return (writing)writings[i].writing;
    }
    return AS_GROUPED;
}

static bool is_between(uint8_t c)
{
    return c == ' ' || c == '-' || c == '(' || c == ')';
}

/* Never 0, which means a free place. */
static uint64_t name_of(const sp_echoes *echoes, unsigned class, sp_bytes value)
{
    const writing how = writing_of(class);
    uint64_t hash = sp_review__mix(echoes->key ^ class);
    for (size_t i = 0; i < value.n; i++) {
        const uint8_t c = value.p[i];
        if (how == AS_GROUPED && is_between(c)) continue;
        hash = sp_review__mix((hash ^ (how != AS_WRITTEN && sp_is_upper(c) ? c + 32U : c)) * BASE);
    }
    return hash != 0 ? hash : 1;
}

/* The place of a name, or the free one where it would stand. */
static uint64_t *place_of(const sp_echoes *echoes, uint64_t name)
{
    size_t at = (size_t)name & echoes->mask;
    while (echoes->table[at] != 0 && echoes->table[at] != name) at = (at + 1) & echoes->mask;
    return &echoes->table[at];
}

bool sp_echoes__has(const sp_echoes *echoes, unsigned class, sp_bytes value)
{
    return echoes != NULL && value.n > 0 && *place_of(echoes, name_of(echoes, class, value)) != 0;
}

/* ---- the request ---- */

/* Of a text of the conversation, and in it as a whole. */
static bool is_of_caller(const sp_request *request, const sp_finding *f)
{
    const sp_segment *s = sp_segment_at(request, f->start);
    return s != NULL && f->start >= s->text_start && f->end <= s->text_end && f->start < f->end &&
           s->origin != SP_ORIGIN_APPLICATION && s->role != SP_ROLE_SYSTEM;
}

static void keep(sp_echoes *echoes, const sp_request *request, const sp_finding *f)
{
    const sp_bytes value = sp_bytes_sub(request->text, f->start, f->end);
    const uint64_t name = name_of(echoes, sp_finding_class(f), value);
    uint64_t *place = place_of(echoes, name);
    if (*place == 0) echoes->n++;
    *place = name;
}

sp_status sp_echoes_new(sp_echoes **out, const sp_request *request, const sp_findings *findings, uint64_t key,
                        sp_mem *mem)
{
    size_t places = PLACES_MIN;
    *out = NULL;
    if (findings->n == 0) return SP_OK;
    while (places < 2 * (size_t)VALUES_MAX && places < 2 * findings->n) places *= 2;
    sp_echoes *echoes = sp_alloc(mem, 1, sizeof *echoes);
    if (echoes == NULL) return SP_ENOMEM;
    *echoes = (sp_echoes){.key = key, .mask = places - 1};
    echoes->table = sp_alloc(mem, places, sizeof *echoes->table);
    if (echoes->table == NULL) return SP_ENOMEM;
    for (size_t i = 0; i < findings->n && echoes->n < VALUES_MAX; i++) {
        if (is_of_caller(request, &findings->v[i])) keep(echoes, request, &findings->v[i]);
    }
    *out = echoes->n > 0 ? echoes : NULL;
    return SP_OK;
}
