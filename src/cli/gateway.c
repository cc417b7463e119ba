/* The running gateway, asked at the address under `listen`. Needs no key, as its pages do not. */
#include "cli/gateway.h"

#include <poll.h>
#include <string.h>

#include "control/process.h"

enum { ANSWER_MS = 5000 };

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

/* @return the status of the answer; 0: none came. */
static unsigned fetch_to_end(spd_fetch *fetch)
{
    const uint64_t end = spd_monotonic_ms() + ANSWER_MS;
    spd_fetch_state at = SPD_FETCH_GOING;
    while (fetch != NULL && at == SPD_FETCH_GOING && spd_monotonic_ms() < end) {
        struct pollfd fd = spd_fetch_poll(fetch);
        (void)poll(&fd, 1, 100);
        at = spd_fetch_step(fetch);
    }
    return fetch != NULL && at == SPD_FETCH_DONE ? spd_fetch_status(fetch) : 0;
}

/* The gateway's own certificate is known from its file: that very one has to be shown. A file that is no
 * certificate must not look like a gateway that does not answer. */
int cli_gateway_open(cli_gateway *out, const spc_conf *conf, sp_mem *mem)
{
    sp_bytes file = SP_BYTES_EMPTY;
    *out = (cli_gateway){.where = &conf->listen.where};
    if (!conf->listen.where.is_tls) {
        return CLI_OK;
    }
    if (spc_conf_path(&file, conf, conf->listen.tls.certificate.v, mem) != SP_OK) {
        return cli_fail_status(SP_ENOMEM, NULL);
    }
    out->trust = spd_trust_new((const char *)file.p, true);
    return out->trust != NULL
               ? CLI_OK
               : cli_fail("the certificate of the gateway cannot be read", (const char *)file.p,
                          "listen.tls.certificate has to name a PEM file that you may read");
}

void cli_gateway_close(cli_gateway *gateway)
{
    spd_trust_free(gateway->trust);
    gateway->trust = NULL;
}

unsigned cli_gateway_get(sp_buf *out, const cli_gateway *gateway, const char *path)
{
    const spd_fetch_options options = {
        .address = own_address(gateway->where),
        .host = SP_LIT("localhost"),
        .path = path,
        .trust = gateway->trust,
        .is_any_name = true,
        .wants_body = true,
    };
    spd_fetch *fetch = spd_fetch_new(&options);
    const unsigned status = fetch_to_end(fetch);
    if (status != 0) {
        sp_buf_append(out, spd_fetch_body(fetch));
    }
    spd_fetch_free(fetch);
    return status;
}

/* ---- destinations ---- */

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
    const uint8_t *at = key.status == SP_OK && metrics.p != NULL && metrics.n > 0 && key.p != NULL
                            ? memmem(metrics.p, metrics.n, key.p, key.n)
                            : NULL;
    const sp_bytes rest =
        at != NULL ? sp_bytes_sub(metrics, (size_t)(at - metrics.p) + key.n, metrics.n) : SP_BYTES_EMPTY;
    if (rest.p == NULL) {
        return 0;
    }
    const uint8_t *end = memchr(rest.p, '\n', rest.n);
    const size_t n = end != NULL ? (size_t)(end - rest.p) : rest.n;
    return sp_u64_parse(&value, sp_bytes_sub(rest, 0, n), UINT64_MAX) ? value : 0;
}

cli_destination_state cli_destination_state_of(sp_bytes metrics, sp_bytes name, sp_mem *mem)
{
    return (cli_destination_state){
        .circuit = gauge(metrics, "circuit", name, mem),
        .away_s = gauge(metrics, "away_seconds", name, mem),
        .down = gauge(metrics, "down", name, mem),
        .addresses = gauge(metrics, "addresses", name, mem),
    };
}

const char *cli_destination_word(const cli_destination_state *s)
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
