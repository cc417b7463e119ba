#include "control/health.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/fetch.h"
#include "control/process.h"

enum {
    FAILURES_TO_BE_DOWN = 2, /* one lost packet is no outage */
    NAME_MAX_BYTES = 63,
    PATH_MAX_BYTES = 200,
};

typedef struct probe {
    char name[NAME_MAX_BYTES + 1];
    char path[PATH_MAX_BYTES + 1];
    const spc_destination *destination;
    size_t index; /* of the destination in the file */
    spd_trust *trust;
    spd_fetch *fetch; /* NULL: none under way */
    uint64_t next_ms, deadline_ms;
    unsigned failures, turn;
    bool is_down;
} probe;

struct spd_prober {
    probe *v;
    size_t n;
    char state[SPD_PATH_MAX];
    unsigned n_going;
    bool has_changed;
};

sp_status spd_probe_ca_path(char out[SPD_PATH_MAX], const char *state, sp_bytes name)
{
    char file[NAME_MAX_BYTES + 16];
    if (name.n > NAME_MAX_BYTES) {
        return SP_ERANGE;
    }
    (void)snprintf(file, sizeof file, "ca-%.*s.pem", (int)name.n, (const char *)name.p);
    return spd_path_join(out, state, file);
}

/* ---- life ---- */

static void free_probes(probe *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        spd_fetch_free(v[i].fetch);
        spd_trust_free(v[i].trust);
    }
    free(v);
}

void spd_prober_free(spd_prober *prober)
{
    if (prober != NULL) {
        free_probes(prober->v, prober->n);
        free(prober);
    }
}

spd_prober *spd_prober_new(const char *state)
{
    spd_prober *prober = calloc(1, sizeof *prober);
    if (prober != NULL) {
        (void)snprintf(prober->state, sizeof prober->state, "%s", state);
    }
    return prober;
}

static const probe *find(const probe *v, size_t n, sp_bytes name)
{
    for (size_t i = 0; i < n; i++) {
        if (sp_bytes_eq(sp_bytes_of(v[i].name), name)) {
            return &v[i];
        }
    }
    return NULL;
}

static spd_trust *trust_of(const spd_prober *prober, const spc_destination *d)
{
    char copy[SPD_PATH_MAX];
    const bool is_own = d->ca.v.p != NULL;
    if (is_own && spd_probe_ca_path(copy, prober->state, d->name.v) != SP_OK) {
        return NULL;
    }
    return spd_trust_new(is_own ? copy : SPC_SYSTEM_CA, false);
}

static void make_probe(probe *to, const spd_prober *prober, const spc_conf *conf, size_t index)
{
    const spc_destination *d = &conf->destinations.v[index];
    const probe *before = find(prober->v, prober->n, d->name.v);
    *to = (probe){.destination = d, .index = index};
    memcpy(to->name, d->name.v.p, d->name.v.n);
    (void)snprintf(to->path, sizeof to->path, "%.*s", (int)d->health.path.v.n,
                   (const char *)d->health.path.v.p);
    if (before != NULL) {
        to->failures = before->failures;
        to->is_down = before->is_down;
    }
    if (d->url.is_tls) {
        to->trust = trust_of(prober, d);
        if (to->trust == NULL) {
            spd_log("error",
                    "destination \"%s\" is not probed: the authorities for its certificate cannot be read",
                    to->name);
        }
    }
}

sp_status spd_prober_watch(spd_prober *prober, const spc_conf *conf)
{
    probe *v = calloc(conf->destinations.n, sizeof *v);
    size_t n = 0;
    if (v == NULL) {
        return SP_ENOMEM;
    }
    for (size_t i = 0; i < conf->destinations.n; i++) {
        const spc_destination *d = &conf->destinations.v[i];
        if (d->health.every_ms > 0 && d->name.v.n <= NAME_MAX_BYTES) {
            make_probe(&v[n++], prober, conf, i);
        }
    }
    free_probes(prober->v, prober->n);
    prober->v = v;
    prober->n = n;
    prober->n_going = 0;
    prober->has_changed = true;
    return SP_OK;
}

/* ---- one probe ---- */

static void begin(spd_prober *prober, probe *p, const spc_addresses *addresses, uint64_t now_ms)
{
    const spc_url *url = &p->destination->url;
    const spc_addresses *known = addresses != NULL ? &addresses[p->index] : NULL;
    const size_t n = known != NULL ? known->n : 0;
    spd_fetch_options options = {
        .address = url->address,
        .host = url->host,
        .path = p->path[0] != '\0' ? p->path : NULL,
        .trust = p->trust,
    };
    p->next_ms = now_ms + p->destination->health.every_ms;
    if (url->address.family == 0 && n > 0) {
        options.address = known->v[p->turn++ % n];
    }
    options.address.port = url->port;
    if (options.address.family == 0 || (url->is_tls && p->trust == NULL)) {
        return; /* nothing to connect to is said elsewhere; what cannot be verified is not asked */
    }
    p->fetch = spd_fetch_new(&options);
    p->deadline_ms = now_ms + p->destination->health.timeout_ms;
    prober->n_going += p->fetch != NULL;
}

static void end(spd_prober *prober, probe *p, bool is_good)
{
    spd_fetch_free(p->fetch);
    p->fetch = NULL;
    prober->n_going--;
    p->failures = is_good ? 0 : p->failures + 1;
    const bool is_down = p->failures >= FAILURES_TO_BE_DOWN;
    if (is_down != p->is_down) {
        spd_log(is_down ? "warn" : "notice", "destination \"%s\" is %s by its probes", p->name,
                is_down ? "down" : "there again");
        p->is_down = is_down;
        prober->has_changed = true;
    }
}

static void go_on(spd_prober *prober, probe *p, uint64_t now_ms)
{
    const spd_fetch_state state = spd_fetch_step(p->fetch);
    if (state == SPD_FETCH_GOING && now_ms < p->deadline_ms) {
        return;
    }
    const unsigned status = spd_fetch_status(p->fetch);
    const bool is_success = p->path[0] == '\0' || (status >= 200 && status < 300);
    end(prober, p, state == SPD_FETCH_DONE && is_success);
}

void spd_prober_tick(spd_prober *prober, const spc_addresses *addresses, uint64_t now_ms)
{
    for (size_t i = 0; i < prober->n; i++) {
        probe *p = &prober->v[i];
        if (p->fetch == NULL && now_ms >= p->next_ms && prober->n_going < SPD_PROBES_MAX) {
            begin(prober, p, addresses, now_ms);
        }
        if (p->fetch != NULL) {
            go_on(prober, p, now_ms);
        }
    }
}

int spd_prober_fds(const spd_prober *prober, struct pollfd *fds)
{
    int n = 0;
    for (size_t i = 0; i < prober->n && n < SPD_PROBES_MAX; i++) {
        if (prober->v[i].fetch != NULL) {
            fds[n++] = spd_fetch_poll(prober->v[i].fetch);
        }
    }
    return n;
}

bool spd_prober_take_changed(spd_prober *prober)
{
    const bool has_changed = prober->has_changed;
    prober->has_changed = false;
    return has_changed;
}

bool spd_prober_is_down(const spd_prober *prober, sp_bytes name)
{
    const probe *p = find(prober->v, prober->n, name);
    return p != NULL && p->is_down;
}
