/* `sallyport status`: one screen that says whether the gateway serves, and what keeps it from serving all. It
 * looks where each thing is kept: the gateway's own pages, the sockets of the run and of its daemon, the list
 * of stops, the ledger's folder. */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "cli/gateway.h"
#include "control/process.h"
#include "control/reply.h"
#include "control/socket.h"
#include "control/stops.h"

enum { DAEMON_MS = 2000, COLUMN = 14 };

typedef struct ledger_view {
    bool is_there;
    uint64_t n_segments, bytes, left; /* `left`: bytes that its disk has for us */
} ledger_view;

typedef struct view {
    cli_place place;
    bool is_asked;  /* false: its certificate cannot be read, so nothing is known of it */
    unsigned ready; /* status of /readyz; 0: nobody answers */
    sp_bytes metrics;
    bool has_run, has_daemon;
    uint64_t generation, expires_s;
    bool has_stops; /* false: the list cannot be read, so everything is refused */
    sp_stops stops;
    spd_stops_workers workers;
    ledger_view ledger;
} view;

/* ---- looking ---- */

static bool is_segment(const char *name)
{
    const size_t n = strlen(name);
    return n > 4 && strcmp(name + n - 4, ".seg") == 0;
}

static ledger_view look_at_ledger(const char *folder)
{
    ledger_view seen = {0};
    struct statvfs disk;
    struct stat info;
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        return seen;
    }
    for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
        if (fstatat(dirfd(dir), e->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode)) {
            seen.n_segments += is_segment(e->d_name);
            seen.bytes += (uint64_t)info.st_blocks * 512;
        }
    }
    seen.is_there = fstatvfs(dirfd(dir), &disk) == 0;
    seen.left = seen.is_there ? (uint64_t)disk.f_bavail * disk.f_frsize : 0;
    (void)closedir(dir);
    return seen;
}

static void look_at_daemon(view *v, sp_mem *mem)
{
    sp_buf reply = SP_BUF_IN(mem);
    v->has_daemon = spd_ask(&reply, v->place.state, "daemon.sock", "status", DAEMON_MS) == SP_OK &&
                    spd_reply_is_ok(sp_buf_bytes(&reply));
    if (v->has_daemon) {
        v->generation = spd_reply_get_number(sp_buf_bytes(&reply), "generation");
        v->expires_s = spd_reply_get_number(sp_buf_bytes(&reply), "expires_s");
    }
}

static void look_at_gateway(view *v, sp_mem *mem)
{
    cli_gateway gateway;
    sp_buf page = SP_BUF_IN(mem), metrics = SP_BUF_IN(mem);
    v->is_asked = cli_gateway_open(&gateway, v->place.conf, mem) == CLI_OK;
    if (!v->is_asked) {
        return;
    }
    v->ready = cli_gateway_get(&page, &gateway, "/readyz");
    if (cli_gateway_get(&metrics, &gateway, "/metrics") == 200) {
        v->metrics = sp_buf_bytes(&metrics);
    }
    cli_gateway_close(&gateway);
}

/* Busy with a reload it answers late or not at all, and is there nevertheless. */
static void look_at_run(view *v, sp_mem *mem)
{
    sp_buf reply = SP_BUF_IN(mem);
    v->has_run = spd_ask(&reply, v->place.state, "run.sock", "status", DAEMON_MS) != SP_EUPSTREAM;
}

static void look(view *v, sp_mem *mem)
{
    sp_diag diag = {0};
    look_at_gateway(v, mem);
    look_at_run(v, mem);
    look_at_daemon(v, mem);
    v->has_stops = spd_stops_read(&v->stops, v->place.state, mem, &diag) == SP_OK;
    v->workers = spd_stops_look(v->place.state, v->stops.generation);
    v->ledger = look_at_ledger(v->place.ledger);
}

static const char *gateway_word(const view *v)
{
    return v->ready == 200 ? "ready" : v->ready != 0 ? "not-ready" : v->is_asked ? "away" : "unknown";
}

/* Any part that answers makes it a gateway that runs, if badly; one that could not be asked may run. */
static bool is_running(const view *v)
{
    return v->ready != 0 || v->has_run || v->has_daemon || !v->is_asked;
}

/* What a caller would call "it works": what operators paused and providers that fail are no fault of ours. */
static bool is_in_order(const view *v)
{
    return v->ready == 200 && v->has_daemon && v->has_stops && v->workers.obeying == v->workers.all;
}

static uint64_t life_s(const view *v)
{
    const uint64_t now = spd_wall_s();
    return v->expires_s > now ? v->expires_s - now : 0;
}

/* ---- for people ---- */

static void begin(sp_buf *out, const char *name)
{
    sp_buf_append_str(out, name);
    for (size_t n = strlen(name); n < COLUMN; n++) {
        sp_buf_append_byte(out, ' ');
    }
}

static void put_bytes(sp_buf *out, uint64_t bytes)
{
    const unsigned shift = bytes >= (UINT64_C(1) << 30) ? 30 : 20;
    sp_buf_append_u64(out, bytes >> shift);
    sp_buf_append_str(out, shift == 30 ? " GiB" : " MiB");
}

/* What stands before its address. */
static const char *gateway_sentence(const view *v)
{
    if (!is_running(v)) {
        return "not running (start it with `sallyport run`): nobody answers at ";
    }
    if (!v->is_asked) {
        return "unknown, since its certificate cannot be read: at ";
    }
    if (v->ready == 0) {
        return "nobody answers at ";
    }
    return v->ready == 200 ? "ready at " : "refuses requests (see error.log of the state folder) at ";
}

static void put_gateway(sp_buf *out, const view *v)
{
    begin(out, "gateway");
    sp_buf_append_str(out, gateway_sentence(v));
    sp_buf_append(out, v->place.conf->listen.address.v);
    sp_buf_append_byte(out, '\n');
    begin(out, "workers");
    sp_buf_append_u64(out, v->workers.all);
    if (v->workers.obeying != v->workers.all) {
        sp_buf_append_str(out, ", of which ");
        sp_buf_append_u64(out, v->workers.obeying);
        sp_buf_append_str(out, " obey the newest list of stops");
    }
    sp_buf_append_byte(out, '\n');
}

static void put_daemon(sp_buf *out, const view *v)
{
    begin(out, "daemon");
    if (!v->has_daemon) {
        sp_buf_append_str(out, !is_running(v) ? "not running\n"
                                              : "away: workers go on until their snapshot expires "
                                                "(limits.snapshot_life)\n");
        return;
    }
    sp_buf_append_str(out, "generation ");
    sp_buf_append_u64(out, v->generation);
    sp_buf_append_str(out, ", which is good for ");
    sp_buf_append_u64(out, life_s(v));
    sp_buf_append_str(out, " s more\n");
}

static void put_destinations(sp_buf *out, const view *v)
{
    const spc_destinations *all = &v->place.conf->destinations;
    sp_buf others = SP_BUF_IN(out->mem);
    size_t n_ready = 0;
    for (size_t i = 0; i < all->n; i++) {
        const cli_destination_state s = cli_destination_state_of(v->metrics, all->v[i].name.v, out->mem);
        const char *word = cli_destination_word(&s);
        n_ready += strcmp(word, "ready") == 0;
        if (strcmp(word, "ready") != 0) {
            sp_buf_append_str(&others, ", ");
            sp_buf_append(&others, all->v[i].name.v);
            sp_buf_append_byte(&others, ' ');
            sp_buf_append_str(&others, word);
        }
    }
    begin(out, "destinations");
    if (v->metrics.n == 0) {
        sp_buf_append_str(out, v->is_asked ? "unknown: the gateway does not answer\n"
                                           : "unknown: the gateway cannot be asked\n");
        return;
    }
    sp_buf_append_u64(out, n_ready);
    sp_buf_append_str(out, " of ");
    sp_buf_append_u64(out, all->n);
    sp_buf_append_str(out, " ready");
    sp_buf_append(out, sp_buf_bytes(&others));
    sp_buf_append_byte(out, '\n');
}

static void put_stops(sp_buf *out, const view *v)
{
    begin(out, "paused");
    if (!v->has_stops) {
        sp_buf_append_str(out, "the list cannot be read, so everything is refused: sallyport stops\n");
        return;
    }
    sp_buf_append_str(out, v->stops.n == 0 ? "nothing" : "");
    for (size_t i = 0; i < v->stops.n; i++) {
        sp_buf_append_str(out, i > 0 ? ", " : "");
        sp_stop_subject_append(out, &v->stops.v[i]);
    }
    sp_buf_append_byte(out, '\n');
}

static void put_ledger(sp_buf *out, const view *v)
{
    begin(out, "ledger");
    if (!v->ledger.is_there) {
        sp_buf_append_str(out, "none yet\n");
        return;
    }
    sp_buf_append_u64(out, v->ledger.n_segments);
    sp_buf_append_str(out, " segments, ");
    put_bytes(out, v->ledger.bytes);
    sp_buf_append_str(out, "; its disk has ");
    put_bytes(out, v->ledger.left);
    sp_buf_append_str(out, " left\n");
}

/* ---- for programs ---- */

static void put_json_destinations(sp_buf *out, const view *v)
{
    const spc_destinations *all = &v->place.conf->destinations;
    sp_buf_append_str(out, ",\"destinations\":[");
    for (size_t i = 0; i < all->n; i++) {
        const cli_destination_state s = cli_destination_state_of(v->metrics, all->v[i].name.v, out->mem);
        sp_buf_append_str(out, i > 0 ? ",{\"name\":\"" : "{\"name\":\"");
        sp_buf_append_json(out, all->v[i].name.v);
        sp_buf_append_str(out, "\",\"state\":\"");
        sp_buf_append_str(out, v->metrics.n > 0 ? cli_destination_word(&s) : "unknown");
        sp_buf_append_str(out, "\"}");
    }
    sp_buf_append_byte(out, ']');
}

static void put_json_stops(sp_buf *out, const view *v)
{
    sp_buf_append_str(out, v->has_stops ? ",\"paused\":[" : ",\"paused\":null");
    for (size_t i = 0; v->has_stops && i < v->stops.n; i++) {
        sp_buf subject = SP_BUF_IN(out->mem);
        sp_stop_subject_append(&subject, &v->stops.v[i]);
        sp_buf_append_str(out, i > 0 ? ",\"" : "\"");
        sp_buf_append_json(out, sp_buf_bytes(&subject));
        sp_buf_append_byte(out, '"');
    }
    sp_buf_append_str(out, v->has_stops ? "]" : "");
}

static void put_json(sp_buf *out, const view *v)
{
    spd_reply_begin(out, is_in_order(v));
    spd_reply_text(out, "gateway", sp_bytes_of(gateway_word(v)));
    spd_reply_bool(out, "running", is_running(v));
    spd_reply_text(out, "address", v->place.conf->listen.address.v);
    spd_reply_bool(out, "daemon", v->has_daemon);
    spd_reply_number(out, "generation", v->generation);
    spd_reply_number(out, "good_for_s", life_s(v));
    spd_reply_number(out, "workers", v->workers.all);
    spd_reply_number(out, "obeying", v->workers.obeying);
    spd_reply_number(out, "segments", v->ledger.n_segments);
    spd_reply_number(out, "ledger_bytes", v->ledger.bytes);
    spd_reply_number(out, "disk_left_bytes", v->ledger.left);
    put_json_destinations(out, v);
    put_json_stops(out, v);
    spd_reply_end(out);
}

/* ---- the command ---- */

static int show(const cli_args *args, sp_mem *mem)
{
    static void (*const parts[])(sp_buf *, const view *) = {put_gateway, put_daemon, put_destinations,
                                                            put_stops, put_ledger};
    view v = {0};
    sp_buf out = SP_BUF_IN(mem);
    int code = cli_place_find(&v.place, args, mem);
    if (code != CLI_OK) {
        return code;
    }
    if (v.place.conf == NULL) {
        return cli_misuse(args->command, "only the configuration says where it listens", "-c FILE");
    }
    look(&v, mem);
    if (cli_has(args, "json")) {
        put_json(&out, &v);
    }
    for (size_t i = 0; !cli_has(args, "json") && i < sizeof parts / sizeof parts[0]; i++) {
        parts[i](&out, &v);
    }
    code = cli_flush(stdout, &out);
    return code == CLI_OK && !is_in_order(&v) ? CLI_FAILED : code;
}

static const cli_option options[] = {CLI_OPTION_JSON, CLI_OPTION_CONF, CLI_OPTION_STATE, CLI_OPTIONS_END};

const cli_command cli_status = {
    .name = "status",
    .work = show,
    .usage = "[--json] [-c FILE] [--state DIR]",
    .summary = "say whether the gateway serves, and what is away or paused",
    .help = "One screen: the gateway and its workers, the daemon and how long workers would do without it, "
            "destinations that are not ready,\nwhat is paused, the ledger and its disk. Exit code 0 when "
            "the gateway serves and all of its own parts are there; what providers\ndo and operators paused "
            "does not count.\n\n"
            "Example:\n    sallyport status --json | jq .destinations\n",
    .options = options,
};
