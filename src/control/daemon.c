#include "control/daemon.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "control/process.h"
#include "control/socket.h"
#include "control/stops.h"
#include "sallyport/ledger.h"

enum { COMPLAIN_MS = 10000, ACCEPTED_MAX = 64 << 20 };

/* ---- publishing ---- */

static const bool *down_of(const spd_daemon *d, const spc_conf *conf, sp_mem *mem)
{
    bool *down = sp_alloc(mem, conf->destinations.n, sizeof *down);
    for (size_t i = 0; down != NULL && i < conf->destinations.n; i++) {
        down[i] = spd_prober_is_down(d->prober, conf->destinations.v[i].name.v);
    }
    return down;
}

sp_status spd_daemon_world(spd_world *out, spd_daemon *d, const spd_setup *setup, sp_mem *mem)
{
    *out = (spd_world){
        .state_db = d->state,
        .state = d->options.state,
        .now_s = sp_clock_now(&d->clock, spd_wall_s(), spd_monotonic_ms()),
        .addresses = spd_resolver_addresses(d->resolver, setup->conf, mem),
        .down = down_of(d, setup->conf, mem),
        .module = d->options.module,
        .credentials_fd = d->options.credentials_fd,
        .workers = d->options.workers,
    };
    memcpy(out->seal_key, d->seal_key, sizeof out->seal_key);
    return out->addresses == NULL && setup->conf->destinations.n > 0 ? SP_ENOMEM : SP_OK;
}

static sp_status publish_one(spd_publication *out, spd_daemon *d, const spd_setup *setup, sp_diag *diag)
{
    sp_arena arena;
    spd_world world;
    sp_arena_init(&arena, ACCEPTED_MAX);
    sp_status status = spd_daemon_world(&world, d, setup, &arena.mem);
    if (status == SP_OK) {
        status = spd_publish(out, setup, &world, diag);
    } else {
        (void)sp_fail(diag, status, SIZE_MAX, "no memory for a snapshot");
    }
    sp_arena_fini(&arena);
    return status;
}

static void complain(spd_daemon *d, const sp_diag *diag)
{
    const uint64_t now = spd_monotonic_ms();
    if (d->complained_ms == 0 || now - d->complained_ms >= COMPLAIN_MS) {
        spd_log("error", "no snapshot could be published: %s; the last one serves until it expires",
                diag->text);
        d->complained_ms = now;
    }
}

/* The two then share one snapshot file, and it is the current one's. */
static bool has_same_wiring(const spd_daemon *d)
{
    return memcmp(d->previous->wiring, d->current->wiring, sizeof d->current->wiring) == 0;
}

sp_status spd_daemon_publish(spd_daemon *d, sp_diag *diag)
{
    spd_publication other;
    /* The version is read first: what is committed during the publication is published by the next one. */
    sp_status status = spd_state_version(d->state, &d->state_version);
    if (status != SP_OK) {
        (void)sp_fail(diag, status, SIZE_MAX, spd_state_error(d->state));
    }
    if (status == SP_OK) {
        status = publish_one(&d->published, d, d->current, diag);
    }
    if (status == SP_OK && d->previous != NULL && !has_same_wiring(d)) {
        status = publish_one(&other, d, d->previous, diag);
    }
    d->is_dirty = status != SP_OK;
    if (status != SP_OK) {
        complain(d, diag);
        return status;
    }
    d->complained_ms = 0;
    spd_log("notice", "generation %llu published", (unsigned long long)d->published.generation);
    return SP_OK;
}

sp_status spd_daemon_keep_accepted(const spd_daemon *d, sp_diag *diag)
{
    char path[SPD_PATH_MAX];
    if (spd_path_join(path, d->options.state, "accepted.yaml") != SP_OK) {
        return sp_fail(diag, SP_ERANGE, SIZE_MAX, "the path of the state folder is too long");
    }
    return spd_file_write(path, d->current->file, diag);
}

void spd_daemon_drop_previous(spd_daemon *d)
{
    char path[SPD_PATH_MAX];
    if (d->previous == NULL) {
        return;
    }
    if (!has_same_wiring(d) && spd_snapshot_path(path, d->options.state, d->previous) == SP_OK) {
        (void)unlink(path); /* gone or not, nobody reads it any more */
    }
    spd_setup_free(d->previous);
    d->previous = NULL;
}

void spd_daemon_take(spd_daemon *d, spd_setup *setup)
{
    spd_daemon_drop_previous(d);
    d->previous = d->current;
    d->current = setup;
    d->previous_until_ms = spd_monotonic_ms() + SPD_PREVIOUS_MS;
    if (spd_resolver_watch(d->resolver, setup->conf) != SP_OK) {
        spd_log("error", "no memory to resolve names of destinations");
    }
    if (spd_prober_watch(d->prober, setup->conf) != SP_OK) {
        spd_log("error", "no memory to probe destinations");
    }
    d->is_dirty = true;
}

/* ---- ticks ---- */

static bool is_worn(spd_daemon *d)
{
    const uint64_t life = d->current->conf->limits.snapshot_life_ms / 1000;
    return sp_clock_now(&d->clock, spd_wall_s(), spd_monotonic_ms()) + life * 2 / 3 >= d->published.expires_s;
}

static void look_after_ledger(spd_daemon *d, uint64_t now)
{
    const spc_conf *conf = d->current->conf;
    const unsigned n_spares = (unsigned)conf->nginx.workers + 1;
    if (now >= d->chores_at_ms &&
        spd_chores_start(&d->chores, d->options.state, conf->audit.segment_bytes, n_spares)) {
        d->chores_at_ms = now + SPD_CHORES_MS;
    }
}

static void look_at_destinations(spd_daemon *d, uint64_t now)
{
    sp_arena arena;
    sp_arena_init(&arena, ACCEPTED_MAX);
    spd_prober_tick(d->prober, spd_resolver_addresses(d->resolver, d->current->conf, &arena.mem), now);
    sp_arena_fini(&arena);
    d->is_dirty = spd_prober_take_changed(d->prober) || d->is_dirty;
}

void spd_daemon_tick(spd_daemon *d)
{
    const uint64_t now = spd_monotonic_ms();
    uint64_t version = d->state_version;
    sp_diag diag = {0};
    spd_resolver_tick(d->resolver, now);
    if (spd_state_version(d->state, &version) != SP_OK) {
        spd_log("error", "the state database cannot be read: %s", spd_state_error(d->state));
    }
    d->is_dirty = d->is_dirty || version != d->state_version || is_worn(d);
    d->is_dirty = spd_resolver_take_changed(d->resolver) || d->is_dirty;
    look_at_destinations(d, now);
    if (now >= d->previous_until_ms) {
        spd_daemon_drop_previous(d);
    }
    if (d->is_dirty) {
        d->is_dirty = spd_daemon_publish(d, &diag) != SP_OK; /* the next tick tries again */
    }
    look_after_ledger(d, now);
}

/* ---- start ---- */

static sp_status make_folders(const spd_daemon *d, sp_diag *diag)
{
    static const char *const names[] = {"ledger", "snapshot"};
    SP_TRY(spd_folder_make(d->options.state, diag));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[SPD_PATH_MAX];
        SP_TRY(spd_path_join(path, d->options.state, names[i]));
        SP_TRY(spd_folder_make(path, diag));
    }
    SP_TRY(spd_stops_make(d->options.state, diag));
    return spd_share_with_workers(d->options.state, &d->options.workers, diag);
}

/* Everything that expires rests on the clock, so one that was set back is not believed. */
static sp_status check_clock(spd_daemon *d, sp_diag *diag)
{
    uint64_t seen = 0;
    const uint64_t wall = spd_wall_s();
    SP_TRY(spd_state_clock(d->state, 0, &seen));
    (void)sp_clock_now(&d->clock, seen, spd_monotonic_ms());
    if (wall + SPD_CLOCK_BACK_S < seen) {
        return sp_fail(diag, SP_ERANGE, SIZE_MAX,
                       "this machine's clock is more than 5 minutes behind a time that this state has seen: "
                       "set it right");
    }
    return SP_OK;
}

/* Workers of a run that was killed finish what they have; their segments are not ours before that. Under a
 * running nginx there is nothing to wait for. */
static sp_status recover_when_free(const spd_daemon *d, const char *folder, uint32_t *n_lost, sp_diag *diag)
{
    uint8_t random[16];
    const uint64_t end = spd_monotonic_ms() + SPD_LEDGER_WAIT_MS;
    for (;;) {
        if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
            return sp_fail(diag, SP_ECRYPTO, SIZE_MAX, "the kernel gives no random bytes");
        }
        const sp_status status = spl_recover(folder, spd_wall_ns(), random, n_lost, diag);
        if (status != SP_EBUSY || d->options.is_again || spd_monotonic_ms() >= end) {
            return status;
        }
        (void)usleep(SPD_TICK_MS * 1000);
    }
}

static sp_status recover(const spd_daemon *d, sp_diag *diag)
{
    char folder[SPD_PATH_MAX];
    uint32_t n_lost = 0;
    SP_TRY(spd_path_join(folder, d->options.state, "ledger"));
    const sp_status status = recover_when_free(d, folder, &n_lost, diag);
    if (n_lost > 0) {
        spd_log("warn", "%u requests of an earlier run have no outcome: recorded as lost", (unsigned)n_lost);
    }
    if (status == SP_EBUSY && d->options.is_again) {
        return SP_OK; /* workers went on while the daemon was away: nothing was left behind */
    }
    if (status == SP_ECORRUPT) {
        /* The evidence stays where it is and `audit verify` names it; new records go to new segments. */
        spd_log("error", "the ledger is damaged: %s; see `sallyport audit verify`", diag->text);
        return SP_OK;
    }
    return status;
}

static sp_status first_spares(const spd_daemon *d, sp_diag *diag)
{
    char folder[SPD_PATH_MAX];
    const spc_conf *conf = d->current->conf;
    SP_TRY(spd_path_join(folder, d->options.state, "ledger"));
    return spl_spares(folder, conf->audit.segment_bytes, (unsigned)conf->nginx.workers + 1, diag);
}

/* Snapshots of wirings that no nginx of this run uses. */
static void sweep_snapshots(const spd_daemon *d)
{
    char folder[SPD_PATH_MAX], current[80];
    if (spd_path_join(folder, d->options.state, "snapshot") != SP_OK) {
        return;
    }
    (void)snprintf(current, sizeof current, "%s.snap", d->current->wiring_text);
    DIR *dir = opendir(folder);
    for (const struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
        if (e->d_name[0] != '.' && strcmp(e->d_name, current) != 0) {
            (void)unlinkat(dirfd(dir), e->d_name, 0);
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
}

static void wait_for_names(spd_daemon *d)
{
    const uint64_t end = spd_monotonic_ms() + SPD_FIRST_NAMES_MS;
    spd_resolver_tick(d->resolver, spd_monotonic_ms());
    while (!spd_resolver_is_settled(d->resolver) && spd_monotonic_ms() < end) {
        struct pollfd fds[SPD_RESOLVER_FDS];
        const int n = spd_resolver_fds(d->resolver, fds);
        (void)poll(fds, (nfds_t)n, 50);
        spd_resolver_process(d->resolver, fds, n);
        spd_resolver_tick(d->resolver, spd_monotonic_ms());
    }
}

static sp_status load(spd_daemon *d, sp_buf *problems, sp_diag *diag)
{
    char text[SPD_PATH_MAX];
    SP_TRY(spd_path_join(text, d->options.state, d->options.is_again ? "accepted.yaml" : SPD_STAGED));
    sp_status status = spd_setup_accepted(&d->current, d->options.file, text, problems);
    if (status == SP_OK) {
        status = spd_setup_names(d->current, d->state, problems);
    }
    return status == SP_OK ? SP_OK : sp_fail(diag, status, SIZE_MAX, "the configuration is refused");
}

static sp_status first_files(spd_daemon *d, sp_diag *diag)
{
    sp_arena arena;
    spd_world world;
    SP_TRY(spd_daemon_publish(d, diag));
    if (d->options.is_again) {
        return SP_OK; /* nginx runs with the nginx.conf that is there */
    }
    sp_arena_init(&arena, ACCEPTED_MAX);
    sp_status status = spd_daemon_world(&world, d, d->current, &arena.mem);
    if (status == SP_OK) {
        status = spd_write_nginx_conf(d->current, &world, "nginx.conf", diag);
    }
    sp_arena_fini(&arena);
    return status == SP_OK ? spd_daemon_keep_accepted(d, diag) : status;
}

sp_status spd_daemon_open(spd_daemon *d, sp_buf *problems, sp_diag *diag)
{
    SP_TRY(make_folders(d, diag));
    SP_TRY(spd_chores_open(&d->chores, diag));
    SP_TRY(spd_seal_key(d->seal_key, d->options.state, diag));
    SP_TRY(spd_state_open(&d->state, d->options.state, diag));
    SP_TRY(check_clock(d, diag));
    SP_TRY(load(d, problems, diag));
    SP_TRY(recover(d, diag));
    (void)spd_heads_keep(d->chores.seen, d->options.state); /* before a worker writes; a failure was logged */
    SP_TRY(first_spares(d, diag));
    SP_TRY(spd_resolver_new(&d->resolver, NULL, diag));
    SP_TRY(spd_resolver_watch(d->resolver, d->current->conf));
    d->prober = spd_prober_new(d->options.state);
    if (d->prober == NULL || spd_prober_watch(d->prober, d->current->conf) != SP_OK) {
        return sp_fail(diag, SP_ENOMEM, SIZE_MAX, "no memory to probe destinations");
    }
    (void)spd_prober_take_changed(d->prober); /* nothing is known yet */
    wait_for_names(d);
    sweep_snapshots(d);
    SP_TRY(first_files(d, diag));
    d->listener = spd_listen(d->options.state, "daemon.sock", diag);
    return d->listener >= 0 ? SP_OK : SP_EINTERNAL;
}

void spd_daemon_close(spd_daemon *d)
{
    char path[SPD_PATH_MAX];
    if (d->listener >= 0) {
        (void)close(d->listener);
        if (spd_path_join(path, d->options.state, "daemon.sock") == SP_OK) {
            (void)unlink(path);
        }
    }
    spd_chores_close(&d->chores, d->listener >= 0 ? d->options.state : NULL);
    spd_prober_free(d->prober);
    spd_resolver_free(d->resolver);
    spd_setup_free(d->staged);
    spd_setup_free(d->previous);
    spd_setup_free(d->current);
    spd_state_close(d->state);
}
