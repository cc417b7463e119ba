/* `sallyport destination`: what the running gateway knows of its destinations, from its metrics: all workers
 * share it. Needs no key, as the metrics do not. */
#include <poll.h>
#include <string.h>

#include "cli/cli.h"
#include "control/fetch.h"
#include "control/process.h"

enum { MEMORY_MAX = 256 << 20, ANSWER_MS = 5000, NAME_COLUMN = 24, TIER_COLUMN = 13, DIALECT_COLUMN = 11 };

typedef struct state {
    uint64_t circuit, away_s, down, addresses;
} state;

/* ---- asking ---- */

static sp_address own_address(const spc_url *where)
{
    sp_address address = where->address;
    if (address.family == 0) { /* localhost */
        address = (sp_address){.family = 4, .ip = {127, 0, 0, 1}};
    }
    address.port = where->port;
    return address;
}

static bool fetch_to_end(spd_fetch *fetch)
{
    const uint64_t end = spd_monotonic_ms() + ANSWER_MS;
    spd_fetch_state at = SPD_FETCH_GOING;
    while (fetch != NULL && at == SPD_FETCH_GOING && spd_monotonic_ms() < end) {
        struct pollfd fd = spd_fetch_poll(fetch);
        (void)poll(&fd, 1, 100);
        at = spd_fetch_step(fetch);
    }
    return fetch != NULL && at == SPD_FETCH_DONE && spd_fetch_status(fetch) == 200;
}

/* The gateway's own certificate is known from its file: that very one has to be shown. */
static int ask(sp_buf *out, const spc_conf *conf, sp_mem *mem)
{
    const spc_listen *listen = &conf->listen;
    spd_trust *trust = NULL;
    sp_bytes certificate = SP_BYTES_EMPTY;
    if (listen->where.is_tls) {
        const sp_status status = spc_conf_path(&certificate, conf, listen->tls.certificate.v, mem);
        trust = status == SP_OK ? spd_trust_new((const char *)certificate.p, true) : NULL;
        if (trust == NULL) {
            return cli_fail("the certificate of `listen` cannot be read", NULL, NULL);
        }
    }
    const spd_fetch_options options = {
        .address = own_address(&listen->where),
        .host = SP_LIT("localhost"),
        .path = "/metrics",
        .trust = trust,
        .is_any_name = true,
        .wants_body = true,
    };
    spd_fetch *fetch = spd_fetch_new(&options);
    const bool is_there = fetch_to_end(fetch);
    if (is_there) {
        sp_buf_append(out, spd_fetch_body(fetch));
    }
    spd_fetch_free(fetch);
    spd_trust_free(trust);
    return is_there ? CLI_OK
                    : cli_fail("no gateway answers", (const char *)listen->address.v.p,
                               "start it with `sallyport run`");
}

/* ---- reading ---- */

/* The value of NAME{destination="OF"}, 0 when it is not there. */
static uint64_t gauge(sp_bytes metrics, const char *name, sp_bytes of, sp_mem *mem)
{
    sp_buf key = SP_BUF_IN(mem);
    uint64_t value = 0;
    sp_buf_append_str(&key, "\nsallyport_destination_");
    sp_buf_append_str(&key, name);
    sp_buf_append_str(&key, "{destination=\"");
    sp_buf_append(&key, of);
    sp_buf_append_str(&key, "\"} ");
    const uint8_t *at = key.status == SP_OK && metrics.n > 0 && key.p != NULL
                            ? memmem(metrics.p, metrics.n, key.p, key.n)
                            : NULL;
    if (at == NULL) {
        return 0;
    }
    const sp_bytes rest = sp_bytes_sub(metrics, (size_t)(at - metrics.p) + key.n, metrics.n);
    const uint8_t *end = memchr(rest.p, '\n', rest.n);
    const size_t n = end != NULL ? (size_t)(end - rest.p) : rest.n;
    return sp_u64_parse(&value, sp_bytes_sub(rest, 0, n), UINT64_MAX) ? value : 0;
}

static state state_of(sp_bytes metrics, sp_bytes name, sp_mem *mem)
{
    return (state){
        .circuit = gauge(metrics, "circuit", name, mem),
        .away_s = gauge(metrics, "away_seconds", name, mem),
        .down = gauge(metrics, "down", name, mem),
        .addresses = gauge(metrics, "addresses", name, mem),
    };
}

/* The one word that says whether requests go there now. */
static const char *word_of(const state *s)
{
    if (s->addresses == 0) {
        return "no-address";
    }
    if (s->down != 0) {
        return "down";
    }
    if (s->circuit == SP_CIRCUIT_HALF_OPEN) {
        return "probing";
    }
    return s->away_s > 0 ? "away" : "ready";
}

/* ---- printing ---- */

static void put_text(sp_buf *out, const char *name, sp_bytes value)
{
    sp_buf_append_str(out, "\"");
    sp_buf_append_str(out, name);
    sp_buf_append_str(out, "\":\"");
    sp_buf_append_json(out, value);
    sp_buf_append_str(out, "\",");
}

static void put_number(sp_buf *out, const char *name, uint64_t value)
{
    sp_buf_append_str(out, "\"");
    sp_buf_append_str(out, name);
    sp_buf_append_str(out, "\":");
    sp_buf_append_u64(out, value);
}

static void append_json(sp_buf *out, const spc_destination *d, const state *s)
{
    sp_buf_append_byte(out, '{');
    put_text(out, "name", d->name.v);
    put_text(out, "state", sp_bytes_of(word_of(s)));
    put_text(out, "circuit", sp_bytes_of(sp_circuit_name((sp_circuit)s->circuit)));
    put_text(out, "tier", sp_bytes_of(d->tier == SP_TIER_CLOUD ? "cloud" : "self-hosted"));
    put_text(out, "vendor", d->vendor.v);
    put_text(out, "region", d->region.v);
    put_text(out, "model", d->model.v);
    put_number(out, "away_seconds", s->away_s);
    sp_buf_append_byte(out, ',');
    put_number(out, "addresses", s->addresses);
    sp_buf_append_str(out, s->down != 0 ? ",\"is_down\":true}" : ",\"is_down\":false}");
}

static void put_column(sp_buf *out, sp_bytes text, size_t width)
{
    sp_buf_append(out, text);
    for (size_t i = text.n; i < width; i++) {
        sp_buf_append_byte(out, ' ');
    }
    sp_buf_append_byte(out, ' ');
}

static void append_line(sp_buf *out, const spc_destination *d, const state *s)
{
    put_column(out, d->name.v, NAME_COLUMN);
    put_column(out, sp_bytes_of(d->tier == SP_TIER_CLOUD ? "cloud" : "self-hosted"), TIER_COLUMN);
    put_column(out, sp_bytes_of(word_of(s)), DIALECT_COLUMN);
    if (s->away_s > 0) {
        sp_buf_append_u64(out, s->away_s);
        sp_buf_append_str(out, " s");
    }
    while (out->n > 0 && out->p[out->n - 1] == ' ') {
        out->n--;
    }
    sp_buf_append_byte(out, '\n');
}

static void append_all(sp_buf *out, const cli_args *args, const spc_conf *conf, sp_bytes metrics)
{
    const bool is_json = cli_has(args, "json");
    const char *only = args->n_words > 0 ? args->words[0] : NULL;
    size_t n = 0;
    sp_buf_append_str(out, is_json && only == NULL ? "{\"destinations\":[" : "");
    for (size_t i = 0; i < conf->destinations.n; i++) {
        const spc_destination *d = &conf->destinations.v[i];
        const state s = state_of(metrics, d->name.v, out->mem);
        if (only != NULL && !sp_bytes_eq(d->name.v, sp_bytes_of(only))) {
            continue;
        }
        if (is_json) {
            sp_buf_append_str(out, n++ > 0 ? ",\n" : "");
            append_json(out, d, &s);
        } else {
            append_line(out, d, &s);
        }
    }
    sp_buf_append_str(out, !is_json ? "" : only == NULL ? "]}\n" : "\n");
}

static int show(const cli_args *args, sp_mem *mem)
{
    const spc_conf *conf = NULL;
    sp_buf metrics = SP_BUF_IN(mem), out = SP_BUF_IN(mem);
    int code = cli_conf(&conf, args, mem, false);
    if (code == CLI_OK && args->n_words > 0 && spc_destination_find(conf, sp_bytes_of(args->words[0])) < 0) {
        return cli_fail("no such destination in the configuration", args->words[0],
                        "`sallyport destination list` shows all");
    }
    code = code == CLI_OK ? ask(&metrics, conf, mem) : code;
    if (code != CLI_OK) {
        return code;
    }
    append_all(&out, args, conf, sp_buf_bytes(&metrics));
    return cli_flush(stdout, &out);
}

static int run(const cli_args *args)
{
    sp_arena arena;
    sp_arena_init(&arena, MEMORY_MAX);
    const int code = show(args, &arena.mem);
    sp_arena_fini(&arena);
    return code;
}

/* ---- rows ---- */

static const cli_option options[] = {CLI_OPTION_JSON, CLI_OPTION_CONF, CLI_OPTIONS_END};

static const cli_command subs[] = {
    {.name = "list",
     .run = run,
     .usage = "[--json] [-c FILE]",
     .summary = "say of each destination whether requests go there now",
     .help =
         "`ready`, `away` (it failed too often or asked to wait; for how long), `probing` (one request tries "
         "it), `down` (the daemon's probes\nfail), `no-address` (its name is not resolved).\n\n"
         "Example:\n    sallyport destination list\n",
     .options = options},
    {.name = "show",
     .run = run,
     .usage = "NAME [--json] [-c FILE]",
     .summary = "the same of one",
     .help = "Example:\n    sallyport destination show cloud --json\n",
     .options = options,
     .min_words = 1,
     .max_words = 1},
    {.name = NULL},
};

const cli_command cli_destination = {
    .name = "destination",
    .usage = "list|show [...]",
    .summary = "show which destinations are healthy",
    .help = "Asks the running gateway, at the address under `listen`: what one of its workers learns, all "
            "know. The same "
            "stands in its metrics.\n",
    .subs = subs,
};
