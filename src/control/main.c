/* sallyportd: keeps the snapshot fresh. `sallyport run` starts it; nobody needs to start it by hand. */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "confine/confine.h"
#include "control/daemon.h"
#include "control/process.h"
#include "control/reply.h"
#include "control/socket.h"

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, PROBLEMS_MAX = 4 << 20 };

static const char usage[] =
    "usage: sallyportd -c FILE --state DIR --module PATH [--credentials-fd N] [--ready-fd N] [--again]\n"
    "                  [--workers UID:GID] [--unconfined]\n"
    "`sallyport run` starts it; paths are absolute.\n";

static bool parse_descriptor(int *out, const char *text)
{
    uint64_t value = 0;
    if (!sp_u64_parse(&value, sp_bytes_of(text), 1 << 20)) {
        return false;
    }
    *out = (int)value;
    return true;
}

/* "33:33" */
static bool parse_workers(spd_workers *out, const char *text)
{
    uint64_t uid = 0, gid = 0;
    const sp_bytes whole = sp_bytes_of(text);
    const char *colon = strchr(text, ':');
    const size_t at = colon != NULL ? (size_t)(colon - text) : whole.n;
    const bool is_good = at < whole.n && sp_u64_parse(&uid, sp_bytes_sub(whole, 0, at), INT32_MAX) &&
                         sp_u64_parse(&gid, sp_bytes_sub(whole, at + 1, whole.n), INT32_MAX);
    *out = (spd_workers){(uid_t)uid, (gid_t)gid};
    return is_good;
}

static bool parse_options(spd_options *out, int argc, char **argv)
{
    static const struct option rows[] = {
        {"config", required_argument, NULL, 'c'},
        {"state", required_argument, NULL, 's'},
        {"module", required_argument, NULL, 'm'},
        {"ready-fd", required_argument, NULL, 'r'},
        {"again", no_argument, NULL, 'a'},
        {"credentials-fd", required_argument, NULL, 'f'},
        {"workers", required_argument, NULL, 'w'},
        {"unconfined", no_argument, NULL, 'u'},
        {NULL, 0, NULL, 0},
    };
    int c, credentials = 0;
    bool is_good = true;
    *out = (spd_options){.ready_fd = -1};
    while (is_good && (c = getopt_long(argc, argv, "c:", rows, NULL)) != -1) {
        switch (c) {
        case 'c':
            out->file = optarg;
            break;
        case 's':
            out->state = optarg;
            break;
        case 'm':
            out->module = optarg;
            break;
        case 'a':
            out->is_again = true;
            break;
        case 'r':
            is_good = parse_descriptor(&out->ready_fd, optarg);
            break;
        case 'w':
            is_good = parse_workers(&out->workers, optarg);
            break;
        case 'u':
            out->is_unconfined = true;
            break;
        case 'f':
            is_good = parse_descriptor(&credentials, optarg);
            break;
        default:
            is_good = false;
            break;
        }
    }
    out->credentials_fd = (unsigned)credentials;
    is_good = is_good && optind == argc && out->file != NULL && out->state != NULL && out->module != NULL;
    return is_good && out->file[0] == '/' && out->state[0] == '/' && out->module[0] == '/';
}

/* ---- the one who waits for the start ---- */

static void say_ready(const spd_daemon *d, sp_status status, const sp_buf *problems, const sp_diag *diag)
{
    sp_arena arena;
    if (d->options.ready_fd < 0) {
        return;
    }
    sp_arena_init(&arena, 4 * (size_t)PROBLEMS_MAX);
    sp_buf reply = SP_BUF_IN(&arena.mem);
    spd_reply_begin(&reply, status == SP_OK);
    spd_reply_text(&reply, "message", sp_bytes_of(diag->text));
    spd_reply_text(&reply, "problems", sp_buf_bytes(problems));
    if (status == SP_OK) {
        spd_reply_number(&reply, "generation", d->published.generation);
        spd_reply_text(&reply, "wiring", sp_bytes_of(d->current->wiring_text));
    }
    spd_reply_end(&reply);
    sp_buf_append_byte(&reply, '\n');
    for (size_t at = 0; reply.status == SP_OK && at < reply.n;) {
        const ssize_t n = write(d->options.ready_fd, reply.p + at, reply.n - at);
        if (n <= 0 && errno != EINTR) {
            break;
        }
        at += n > 0 ? (size_t)n : 0;
    }
    (void)close(d->options.ready_fd);
    sp_arena_fini(&arena);
}

/* ---- loop ---- */

static int open_signals(void)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void loop(spd_daemon *d, int signals)
{
    enum { SIGNALS = 0, LISTENER = 1, FIXED = 2 };
    for (;;) {
        struct pollfd fds[FIXED + SPD_RESOLVER_FDS + SPD_PROBES_MAX];
        fds[SIGNALS] = (struct pollfd){.fd = signals, .events = POLLIN};
        fds[LISTENER] = (struct pollfd){.fd = d->listener, .events = POLLIN};
        const int n = spd_resolver_fds(d->resolver, fds + FIXED);
        const int probes = spd_prober_fds(d->prober, fds + FIXED + n), all = FIXED + n + probes;
        const int got = poll(fds, (nfds_t)all, SPD_TICK_MS);
        if (got > 0 && fds[SIGNALS].revents != 0) {
            return;
        }
        if (got > 0 && fds[LISTENER].revents != 0) {
            spd_serve(d->listener, spd_command, d);
        }
        if (got > 0) {
            spd_resolver_process(d->resolver, fds + FIXED, n);
        }
        spd_daemon_tick(d);
    }
}

static int serve(spd_daemon *d)
{
    sp_arena arena;
    sp_diag diag = {0};
    sp_arena_init(&arena, PROBLEMS_MAX);
    sp_buf problems = SP_BUF_IN(&arena.mem);
    const int signals = open_signals();
    const sp_status status = signals < 0 ? SP_EINTERNAL : spd_daemon_open(d, &problems, &diag);
    if (status != SP_OK && diag.text[0] == '\0') {
        (void)sp_fail(&diag, status, SIZE_MAX, sp_error_get(status)->sentence);
    }
    if (status != SP_OK) {
        spd_log("error", "start failed: %s", diag.text);
    }
    say_ready(d, status, &problems, &diag);
    sp_arena_fini(&arena);
    if (status == SP_OK) {
        loop(d, signals);
        spd_log("notice", "ends");
    }
    if (signals >= 0) {
        (void)close(signals);
    }
    spd_daemon_close(d);
    return status == SP_OK ? EXIT_OK : EXIT_FAILED;
}

/* ---- confinement ---- */

/* Names and certificates of the system, and the state folder; sqlite and libcrypto ask for the device. */
static bool confine(const char *state)
{
    const spp_place places[] = {
        {state, SPP_WRITE},
        {"/dev/null", SPP_WRITE_OPTIONAL},
        {"/dev/urandom", SPP_READ_OPTIONAL},
        {"/etc", SPP_READ_OPTIONAL},
        {"/usr/lib/ssl", SPP_READ_OPTIONAL},
        {"/usr/share/ca-certificates", SPP_READ_OPTIONAL},
        {"/usr/local/share/ca-certificates", SPP_READ_OPTIONAL},
    };
    const spp_bounds bounds = {
        .places = places, .n_places = sizeof places / sizeof places[0], .any_port = true};
    spp_report report;
    const char *failed = NULL;
    char text[128];
    if (!spp_confine(SPP_DAEMON, &bounds, &report, &failed)) {
        spd_log("error", "%s: %s", failed, strerrordesc_np(errno));
        return false;
    }
    spp_report_text(text, sizeof text, &report);
    spd_log("notice", "confined by %s", text);
    if (report.missing[0] != '\0') {
        spd_log("warn", "this kernel does not confine the daemon's%s", report.missing);
    }
    return true;
}

int main(int argc, char **argv)
{
    spd_daemon daemon = {.listener = -1};
    if (!parse_options(&daemon.options, argc, argv)) {
        (void)fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (!spp_harden() || !spp_drop_capabilities(SPP_DAEMON) ||
        prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) != 0) {
        spd_log("error", "the kernel refuses to harden this process: %s", strerrordesc_np(errno));
        return EXIT_FAILED;
    }
    if (!daemon.options.is_unconfined && !confine(daemon.options.state)) {
        return EXIT_FAILED;
    }
    return serve(&daemon);
}
