/* Paths. Compared as they arrived, byte by byte: no decoding, no dots, no doubled slashes, so that there
 * is one spelling for each. */
#include "parse/dialect_internal.h"

typedef struct route_row {
    sp_bytes path;
    const char *methods;       /* separated by spaces */
    sp_bytes query;            /* the only query that is known, or empty */
    const char *upstream_path; /* behind the base URL, which ends in the version */
    sp_operation operation;
    sp_dialect_id dialect;
} route_row;

static const route_row routes[] = {
    {SP_NAME("/v1/chat/completions"), "POST", SP_NAME(""), "/chat/completions", SP_OP_GENERATE,
     SP_DIALECT_OPENAI},
    {SP_NAME("/v1/embeddings"), "POST", SP_NAME(""), "/embeddings", SP_OP_EMBED, SP_DIALECT_OPENAI},
    {SP_NAME("/v1/completions"), "POST", SP_NAME(""), "/completions", SP_OP_COMPLETE, SP_DIALECT_OPENAI},
    {SP_NAME("/v1/messages"), "POST", SP_NAME("beta=true"), "/messages", SP_OP_GENERATE,
     SP_DIALECT_ANTHROPIC},
    {SP_NAME("/v1/messages/count_tokens"), "POST", SP_NAME("beta=true"), "/messages/count_tokens",
     SP_OP_COUNT, SP_DIALECT_ANTHROPIC},
    {SP_NAME("/v1/models"), "GET", SP_NAME("beta=true"), NULL, SP_OP_MODELS, SP_DIALECT_OPENAI},
    {SP_NAME("/"), "GET HEAD", SP_NAME(""), NULL, SP_OP_ROOT, SP_DIALECT_OPENAI},
    {SP_NAME("/healthz"), "GET HEAD", SP_NAME(""), NULL, SP_OP_HEALTH, SP_DIALECT_OPENAI},
    {SP_NAME("/readyz"), "GET HEAD", SP_NAME(""), NULL, SP_OP_READY, SP_DIALECT_OPENAI},
    {SP_NAME("/metrics"), "GET HEAD", SP_NAME(""), NULL, SP_OP_METRICS, SP_DIALECT_OPENAI},
};

/* Where a refusal looks like Anthropic's: everything under its path. */
static const sp_bytes anthropic_paths[] = {SP_NAME("/v1/messages"), SP_NAME("/v1/messages/*")};

static bool has_word(const char *words, sp_bytes word)
{
    const sp_bytes all = sp_bytes_of(words);
    size_t start = 0;
    for (size_t i = 0; i <= all.n; i++) {
        if (i < all.n && all.p[i] != ' ') continue;
        if (sp_bytes_eq(sp_bytes_sub(all, start, i), word)) return true;
        start = i + 1;
    }
    return false;
}

static bool is_anthropic_path(sp_bytes path)
{
    const size_t n = sizeof anthropic_paths / sizeof anthropic_paths[0];
    return sp__list_has(anthropic_paths, n, path);
}

sp_status sp_route_find(sp_route *out, sp_bytes method, sp_bytes path, sp_bytes query)
{
    *out = (sp_route){.dialect = is_anthropic_path(path) ? &sp__anthropic : &sp__openai};
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        const route_row *row = &routes[i];
        if (!sp_bytes_eq(path, row->path)) continue;
        if (!has_word(row->methods, method)) return SP_EMETHOD;
        if (query.n > 0 && !sp_bytes_eq(query, row->query)) return SP_EQUERY;
        out->operation = row->operation;
        out->dialect = sp_dialect_get(row->dialect);
        out->upstream_path = row->upstream_path;
        return SP_OK;
    }
    return SP_EPATH;
}

static bool is_alnum(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t name_end(sp_bytes s)
{
    size_t i = 0;
    while (i < s.n && (is_alnum(s.p[i]) || s.p[i] == '-' || s.p[i] == '.' || s.p[i] == '_')) i++;
    return i;
}

/* Behind the closing bracket; 0 when there is none. */
static size_t address_end(sp_bytes s)
{
    size_t i = 1;
    while (i < s.n && (is_alnum(s.p[i]) || s.p[i] == ':' || s.p[i] == '.')) i++;
    return i > 1 && i < s.n && s.p[i] == ']' ? i + 1 : 0;
}

static bool is_port(sp_bytes s)
{
    if (s.n < 2 || s.n > 6 || s.p[0] != ':') return false;
    for (size_t i = 1; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    }
    return true;
}

/* The first letters and digits of a name, in lower case, as far as `out` has room. */
static sp_bytes squeezed(uint8_t *out, size_t room, sp_bytes name)
{
    size_t n = 0;
    for (size_t i = 0; i < name.n && n < room; i++) {
        if (is_alnum(name.p[i])) out[n++] = name.p[i];
    }
    return (sp_bytes){out, n};
}

bool sp_header_is_ours(sp_bytes name)
{
    const sp_bytes family = SP_LIT("xsallyport");
    uint8_t letters[10];
    const sp_bytes read = squeezed(letters, sizeof letters, name);
    const sp_bytes bare = sp_bytes_sub(family, 1, family.n);
    return sp_bytes_eq_nocase(read, family) || sp_bytes_eq_nocase(sp_bytes_sub(read, 0, bare.n), bare);
}

bool sp_header_is_plain(sp_bytes name)
{
    for (size_t i = 0; i < name.n; i++) {
        if (!is_alnum(name.p[i]) && name.p[i] != '-') return false;
    }
    return name.n > 0;
}

bool sp_authority_is_valid(sp_bytes value)
{
    if (value.n == 0) return false;
    const size_t end = value.p[0] == '[' ? address_end(value) : name_end(value);
    return end > 0 && (end == value.n || is_port(sp_bytes_sub(value, end, value.n)));
}
