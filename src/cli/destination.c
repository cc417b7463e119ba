/* `sallyport destination`: what the running gateway knows of its destinations. */
#include <string.h>

#include "cli/gateway.h"

enum { NAME_COLUMN = 24, TIER_COLUMN = 13, DIALECT_COLUMN = 11 };

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

static void append_json(sp_buf *out, const spc_destination *d, const cli_destination_state *s)
{
    sp_buf_append_byte(out, '{');
    put_text(out, "name", d->name.v);
    put_text(out, "state", sp_bytes_of(cli_destination_word(s)));
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

static void append_line(sp_buf *out, const spc_destination *d, const cli_destination_state *s)
{
    put_column(out, d->name.v, NAME_COLUMN);
    put_column(out, sp_bytes_of(d->tier == SP_TIER_CLOUD ? "cloud" : "self-hosted"), TIER_COLUMN);
    put_column(out, sp_bytes_of(cli_destination_word(s)), DIALECT_COLUMN);
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
        const cli_destination_state s = cli_destination_state_of(metrics, d->name.v, out->mem);
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
    cli_gateway gateway;
    sp_buf metrics = SP_BUF_IN(mem), out = SP_BUF_IN(mem);
    int code = cli_conf(&conf, args, mem, false);
    if (code == CLI_OK && args->n_words > 0 && spc_destination_find(conf, sp_bytes_of(args->words[0])) < 0) {
        return cli_fail("no such destination in the configuration", args->words[0],
                        "`sallyport destination list` shows all");
    }
    code = code == CLI_OK ? cli_gateway_open(&gateway, conf, mem) : code;
    if (code != CLI_OK) {
        return code;
    }
    const unsigned status = cli_gateway_get(&metrics, &gateway, "/metrics");
    cli_gateway_close(&gateway);
    if (status != 200) {
        return cli_fail("no gateway answers", (const char *)conf->listen.address.v.p,
                        "start it with `sallyport run`");
    }
    append_all(&out, args, conf, sp_buf_bytes(&metrics));
    return cli_flush(stdout, &out);
}

/* ---- rows ---- */

static const cli_option options[] = {CLI_OPTION_JSON, CLI_OPTION_CONF, CLI_OPTIONS_END};

static const cli_command subs[] = {
    {.name = "list",
     .work = show,
     .usage = "[--json] [-c FILE]",
     .summary = "say of each destination whether requests go there now",
     .help =
         "`ready`, `away` (it failed too often or asked to wait; for how long), `probing` (one request tries "
         "it), `down` (the daemon's probes\nfail), `no-address` (its name is not resolved).\n\n"
         "Example:\n    sallyport destination list\n",
     .options = options},
    {.name = "show",
     .work = show,
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
