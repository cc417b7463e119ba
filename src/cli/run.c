/* `sallyport run`: from a folder and a file to a serving gateway, in the foreground. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/supervisor.h"
#include "control/health.h"
#include "control/process.h"
#include "control/reply.h"
#include "control/socket.h"

enum { AUTHORITIES_MAX = 32 << 20, MEMORY_MAX = 64 << 20, LOOP_MS = 250 };

/* ---- paths ---- */

/* A file beside this program. */
static bool beside_us(char out[PATH_MAX], const char *name)
{
    char self[PATH_MAX];
    const ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0) {
        return false;
    }
    self[n] = '\0';
    char *slash = strrchr(self, '/');
    *slash = '\0';
    return spd_path_join(out, self, name) == SP_OK;
}

static int find_module(run *r, const cli_args *args)
{
    char found[PATH_MAX];
    const char *named = cli_value(args, "module");
    named = named != NULL ? named : cli_environment_get(&r->environment, "SALLYPORT_MODULE");
    if (named == NULL && beside_us(found, "ngx_http_sallyport_module.so")) {
        named = found;
    }
    if (named == NULL || realpath(named, r->module) == NULL) {
        return cli_fail("the nginx module is not there", named,
                        "build it with make, or name it with --module FILE");
    }
    return CLI_OK;
}

static int find_programs(run *r, const cli_args *args)
{
    char name[PATH_MAX];
    const sp_bytes binary = r->setup->conf->nginx.binary.v;
    (void)snprintf(name, sizeof name, "%.*s", (int)binary.n, (const char *)binary.p);
    if (!cli_find_program(r->nginx, name)) {
        return cli_fail("nginx is not there", name,
                        "install it, or name it in the configuration: nginx: {binary: PATH}");
    }
    if (!beside_us(r->daemon, "sallyportd") || access(r->daemon, X_OK) != 0) {
        return cli_fail("sallyportd is not beside this program", r->daemon, "build both with make");
    }
    return find_module(r, args);
}

int run_open_log(const run *r, const char *name)
{
    char path[PATH_MAX];
    if (spd_path_join(path, r->state, name) != SP_OK) {
        return cli_fail("the path of the state folder is too long", r->state, NULL), -1;
    }
    const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) {
        (void)cli_fail("cannot be opened", path, strerrordesc_np(errno));
    }
    return fd;
}

/* ---- what has to be there before anything starts ---- */

static int load(run *r, const cli_args *args, sp_mem *mem)
{
    sp_buf problems = SP_BUF_IN(mem);
    if (realpath(cli_conf_path(args), r->file) == NULL) {
        return cli_fail("there is no configuration", cli_conf_path(args),
                        "name it with -c FILE; examples/sallyport.yaml is one to start from");
    }
    const sp_status status = spd_setup_load(&r->setup, r->file, &problems);
    cli_write_safe(stderr, sp_buf_bytes(&problems), true);
    return status == SP_OK ? CLI_OK : cli_fail("the configuration is refused", r->file, NULL);
}

static int make_state(run *r, const cli_args *args, sp_mem *mem)
{
    sp_diag diag = {0};
    sp_bytes path;
    const char *named = cli_value(args, "state");
    r->is_state_given = named != NULL;
    if (named == NULL) {
        if (spc_conf_path(&path, r->setup->conf, r->setup->conf->state.v, mem) != SP_OK) {
            return cli_fail_status(SP_ENOMEM, NULL);
        }
        named = (const char *)path.p;
    }
    if (spd_folder_make(named, &diag) != SP_OK) {
        return cli_fail(diag.text, NULL, "name another state folder");
    }
    if (realpath(named, r->state) == NULL) {
        return cli_fail("cannot be used as state folder", named, strerrordesc_np(errno));
    }
    return CLI_OK;
}

static int take_lock(run *r)
{
    r->lock = run_open_log(r, "run.lock");
    if (r->lock < 0) {
        return CLI_FAILED;
    }
    return flock(r->lock, LOCK_EX | LOCK_NB) == 0 ? CLI_OK
                                                  : cli_fail("another `sallyport run` uses this state folder",
                                                             r->state, "end that one, or use another folder");
}

static int take_credentials(run *r, sp_mem *mem)
{
    sp_buf problems = SP_BUF_IN(mem);
    if (cli_credentials_open(&r->credentials, &r->environment) != CLI_OK) {
        return CLI_FAILED;
    }
    if (!cli_credentials_load(&r->credentials, r->setup->conf, NULL, &problems)) {
        cli_write_safe(stderr, sp_buf_bytes(&problems), true);
        return cli_fail("a credential cannot be had", r->file, NULL);
    }
    return CLI_OK;
}

static int open_signals(run *r)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};
    sigset_t set;
    (void)sigemptyset(&set);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        (void)sigaddset(&set, numbers[i]);
    }
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    r->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return r->signals >= 0 ? CLI_OK : cli_fail("the kernel gives no descriptor for signals", NULL, NULL);
}

/* ---- the daemon ---- */

/* The daemon reads nothing outside of the state folder: what its probes verify by is copied there. */
static bool stage_authorities(const run *r, const spd_setup *setup, sp_diag *diag)
{
    const spc_destinations *all = &setup->conf->destinations;
    sp_arena arena;
    bool is_done = true;
    sp_arena_init(&arena, AUTHORITIES_MAX);
    for (size_t i = 0; is_done && i < all->n; i++) {
        char to[SPD_PATH_MAX];
        sp_bytes from;
        sp_buf text = SP_BUF_IN(&arena.mem);
        if (all->v[i].ca.v.p == NULL || all->v[i].health.every_ms == 0) {
            continue;
        }
        is_done = spc_conf_path(&from, setup->conf, all->v[i].ca.v, &arena.mem) == SP_OK &&
                  spd_probe_ca_path(to, r->state, all->v[i].name.v) == SP_OK &&
                  cli_read_file(&text, (const char *)from.p, AUTHORITIES_MAX / 8) == CLI_OK &&
                  spd_file_write(to, sp_buf_bytes(&text), diag) == SP_OK;
    }
    sp_arena_fini(&arena);
    return is_done;
}

bool run_stage(const run *r, const spd_setup *setup, sp_diag *diag)
{
    char path[PATH_MAX];
    if (spd_path_join(path, r->state, SPD_STAGED) != SP_OK) {
        (void)sp_fail(diag, SP_ERANGE, SIZE_MAX, "the path of the state folder is too long");
        return false;
    }
    return stage_authorities(r, setup, diag) && spd_file_write(path, setup->file, diag) == SP_OK;
}

static pid_t spawn_daemon(const run *r, int ready, bool is_again)
{
    char ready_text[16], credentials_text[16], workers_text[32];
    const bool is_strict = r->setup->conf->processes.confine == SPC_CONFINE_STRICT;
    (void)snprintf(ready_text, sizeof ready_text, "%d", ready);
    (void)snprintf(credentials_text, sizeof credentials_text, "%d", r->credentials.fd);
    (void)snprintf(workers_text, sizeof workers_text, "%u:%u", (unsigned)r->workers.uid,
                   (unsigned)r->workers.gid);
    const char *const argv[] = {r->daemon,
                                "-c",
                                r->file,
                                "--state",
                                r->state,
                                "--module",
                                r->module,
                                "--credentials-fd",
                                credentials_text,
                                "--ready-fd",
                                ready_text,
                                "--workers",
                                workers_text,
                                is_again    ? "--again"
                                : is_strict ? NULL
                                            : "--unconfined",
                                is_again && !is_strict ? "--unconfined" : NULL,
                                NULL};
    const int keep[] = {ready, -1};
    const int log = run_open_log(r, "sallyportd.log");
    if (log < 0) {
        return -1;
    }
    const cli_child child = {argv, log, keep, SIGTERM};
    const pid_t pid = cli_spawn(&child);
    (void)close(log);
    return pid;
}

/* Reads the one line that the daemon says when it is ready, or why it is not. */
static void read_ready(sp_buf *out, int fd)
{
    const uint64_t end_ms = spd_monotonic_ms() + RUN_START_MS;
    for (;;) {
        struct pollfd one = {.fd = fd, .events = POLLIN};
        const uint64_t now = spd_monotonic_ms();
        uint8_t *room = sp_buf_reserve(out, 4096);
        if (room == NULL || now >= end_ms || poll(&one, 1, (int)(end_ms - now)) <= 0) {
            return;
        }
        const ssize_t n = read(fd, room, 4096);
        if (n <= 0) {
            return;
        }
        out->n += (size_t)n;
    }
}

static int judge_ready(const run *r, sp_bytes reply, bool is_again, sp_mem *mem)
{
    if (reply.n == 0) {
        return cli_fail("the daemon does not start", NULL,
                        "its messages are in sallyportd.log of the state folder");
    }
    if (!spd_reply_is_ok(reply)) {
        sp_buf message = SP_BUF_IN(mem);
        cli_write_safe(stderr, spd_reply_get_text(reply, "problems", mem), true);
        sp_buf_append(&message, spd_reply_get_text(reply, "message", mem));
        sp_buf_append_byte(&message, '\0');
        return cli_fail("the daemon does not start", message.status == SP_OK ? (const char *)message.p : NULL,
                        NULL);
    }
    const sp_bytes wiring = spd_reply_get_text(reply, "wiring", mem);
    if (!is_again && !sp_bytes_eq(wiring, sp_bytes_of(r->setup->wiring_text))) {
        return cli_fail("the configuration changed while it was read", r->file, "start again");
    }
    return CLI_OK;
}

static int start_daemon(run *r, bool is_again)
{
    sp_arena arena;
    sp_diag diag = {0};
    int ends[2];
    if (!is_again && !run_stage(r, r->setup, &diag)) {
        return cli_fail(diag.text, NULL, NULL);
    }
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return cli_fail("no pipe for the daemon", NULL, strerrordesc_np(errno));
    }
    sp_arena_init(&arena, MEMORY_MAX);
    sp_buf reply = SP_BUF_IN(&arena.mem);
    r->daemon_process.pid = spawn_daemon(r, ends[1], is_again);
    r->daemon_process.started_ms = spd_monotonic_ms();
    (void)close(ends[1]);
    read_ready(&reply, ends[0]);
    (void)close(ends[0]);
    const int code = judge_ready(r, sp_buf_bytes(&reply), is_again, &arena.mem);
    sp_arena_fini(&arena);
    return code;
}

static void stop_daemon(run *r)
{
    int code = 0;
    const pid_t pid = r->daemon_process.pid;
    if (pid <= 0) {
        return;
    }
    (void)kill(pid, SIGTERM);
    if (!cli_wait(pid, spd_monotonic_ms() + RUN_TERM_MS, &code)) {
        (void)kill(-pid, SIGKILL);
        (void)cli_wait(pid, spd_monotonic_ms() + RUN_TERM_MS, &code);
    }
    r->daemon_process.pid = 0;
}

/* ---- a child has died ---- */

static uint64_t back_off(run_process *p)
{
    const uint64_t now = spd_monotonic_ms();
    p->deaths = now - p->started_ms >= RUN_STABLE_MS ? 1 : p->deaths + 1;
    const unsigned shift = p->deaths < 6 ? p->deaths : 6;
    const uint64_t wait = ((uint64_t)RUN_BACK_OFF_MS << shift) / 2;
    p->pid = 0;
    p->start_at_ms = now + (wait < RUN_BACK_OFF_MAX_MS ? wait : RUN_BACK_OFF_MAX_MS);
    return p->start_at_ms - now;
}

static void note_death(run_process *p, int code)
{
    const pid_t pid = p->pid;
    const uint64_t wait = back_off(p);
    (void)fprintf(stderr, "sallyport: %s (process %d) %s: it is started again in %llu ms\n", p->name,
                  (int)pid, cli_describe_end(code), (unsigned long long)wait);
}

static void reap(run *r)
{
    int code = 0;
    for (pid_t pid; (pid = waitpid(-1, &code, WNOHANG)) > 0;) {
        if (pid == r->daemon_process.pid) {
            note_death(&r->daemon_process, code);
        } else if (pid == r->nginx_process.pid) {
            note_death(&r->nginx_process, code);
            run_nginx_sweep(pid);
        }
    }
}

/* @return CLI_FAILED when nginx does not stay alive. */
static int restart(run *r)
{
    const uint64_t now = spd_monotonic_ms();
    if (r->daemon_process.pid <= 0 && now >= r->daemon_process.start_at_ms &&
        start_daemon(r, true) != CLI_OK) {
        stop_daemon(r);
        (void)back_off(&r->daemon_process);
    }
    if (r->nginx_process.pid > 0 || now < r->nginx_process.start_at_ms) {
        return CLI_OK;
    }
    if (r->nginx_process.deaths >= RUN_DEATHS_MAX) {
        return cli_fail("nginx does not stay alive", r->nginx,
                        "see error.log and nginx.log of the state folder");
    }
    if (run_nginx_start(r) != CLI_OK) {
        (void)back_off(&r->nginx_process);
    }
    return CLI_OK;
}

/* ---- serving ---- */

static void answer(void *ctx, sp_bytes line, sp_buf *reply)
{
    static const char word[] = "reload ";
    char path[PATH_MAX];
    run *r = ctx;
    const sp_bytes rest = sp_bytes_sub(line, sizeof word - 1, line.n);
    if (sp_bytes_starts(line, sp_bytes_of(word)) && rest.n > 0 && rest.n < sizeof path && rest.p[0] == '/') {
        memcpy(path, rest.p, rest.n);
        path[rest.n] = '\0';
        run_reload(r, path, reply);
        return;
    }
    if (sp_bytes_eq(line, SP_LIT("status"))) {
        spd_reply_begin(reply, true);
        spd_reply_number(reply, "nginx", (uint64_t)r->nginx_process.pid);
        spd_reply_number(reply, "daemon", (uint64_t)r->daemon_process.pid);
        spd_reply_end(reply);
        return;
    }
    spd_reply_refuse(reply, "unknown command");
}

static void reload_by_signal(run *r)
{
    sp_arena arena;
    char path[PATH_MAX];
    sp_arena_init(&arena, MEMORY_MAX);
    sp_buf reply = SP_BUF_IN(&arena.mem);
    memcpy(path, r->file, sizeof path);
    run_reload(r, path, &reply);
    cli_write_safe(stderr, spd_reply_get_text(sp_buf_bytes(&reply), "problems", &arena.mem), true);
    if (spd_reply_is_ok(sp_buf_bytes(&reply))) {
        (void)printf("generation %llu serves\n",
                     (unsigned long long)spd_reply_get_number(sp_buf_bytes(&reply), "generation"));
    } else {
        (void)cli_fail("nothing was changed", path, NULL);
    }
    sp_arena_fini(&arena);
}

/* @return false when the run shall end. */
static bool take_signals(run *r)
{
    struct signalfd_siginfo info;
    bool goes_on = true;
    while (read(r->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGCHLD) {
            reap(r);
        } else if (info.ssi_signo == SIGHUP) {
            reload_by_signal(r);
        } else {
            goes_on = false;
        }
    }
    return goes_on;
}

static int loop(run *r)
{
    for (;;) {
        struct pollfd fds[] = {{.fd = r->signals, .events = POLLIN}, {.fd = r->listener, .events = POLLIN}};
        const int n = poll(fds, 2, LOOP_MS);
        if (n > 0 && fds[0].revents != 0 && !take_signals(r)) {
            return CLI_OK;
        }
        if (n > 0 && fds[1].revents != 0) {
            spd_serve(r->listener, answer, r);
        }
        if (restart(r) != CLI_OK) {
            return CLI_FAILED;
        }
    }
}

/* ---- the whole ---- */

static void announce(const run *r)
{
    const spc_conf *conf = r->setup->conf;
    const spc_url *where = &conf->listen.where;
    const char *application = conf->applications.n > 0 ? "" : " (the file has none yet)";
    const bool is_v6 = where->address.family == 6;
    (void)printf("listening on %s://%s%.*s%s:%u\n", where->is_tls ? "https" : "http", is_v6 ? "[" : "",
                 (int)where->host.n, (const char *)where->host.p, is_v6 ? "]" : "", where->port);
    (void)printf("state is in %s\n", r->state);
    (void)printf("make a key:     sallyport key create APPLICATION -c %s%s\n", r->file, application);
    for (size_t i = 0; i < conf->applications.n; i++) {
        const sp_bytes name = conf->applications.v[i].name.v;
        (void)printf("%s%.*s%s", i == 0 ? "                where APPLICATION is " : ", ", (int)name.n,
                     (const char *)name.p, i + 1 == conf->applications.n ? "\n" : "");
    }
    (void)printf("take changes:   sallyport reload -c %s\nend:            Ctrl-C\n", r->file);
}

static int prepare(run *r, const cli_args *args, sp_mem *mem)
{
    int code = load(r, args, mem);
    code = code == CLI_OK ? make_state(r, args, mem) : code;
    code = code == CLI_OK ? take_lock(r) : code;
    code = code == CLI_OK ? find_programs(r, args) : code;
    code = code == CLI_OK ? run_find_user(r) : code;
    code = code == CLI_OK ? take_credentials(r, mem) : code;
    code = code == CLI_OK ? open_signals(r) : code;
    return code == CLI_OK ? run_confine(r) : code;
}

static int test_nginx(const run *r, sp_mem *mem)
{
    sp_buf said = SP_BUF_IN(mem);
    if (run_nginx_test(r, "nginx.conf", &said)) {
        return CLI_OK;
    }
    cli_write_safe(stderr, sp_buf_bytes(&said), true);
    return cli_fail("nginx refuses its configuration", r->nginx, run_nginx_advice(sp_buf_bytes(&said)));
}

static int start(run *r, const cli_args *args, sp_mem *mem)
{
    sp_diag diag = {0};
    int code = prepare(r, args, mem);
    code = code == CLI_OK ? start_daemon(r, false) : code;
    code = code == CLI_OK ? test_nginx(r, mem) : code;
    code = code == CLI_OK ? run_nginx_start(r) : code;
    if (code == CLI_OK) {
        r->listener = spd_listen(r->state, "run.sock", &diag);
        code = r->listener >= 0 ? CLI_OK : cli_fail(diag.text, r->state, NULL);
    }
    return code;
}

/* nginx first: its workers' last records need no daemon, but a snapshot must not expire under them. */
static void stop(run *r)
{
    char path[PATH_MAX];
    if (r->listener >= 0) {
        (void)close(r->listener);
        if (spd_path_join(path, r->state, "run.sock") == SP_OK) {
            (void)unlink(path);
        }
    }
    run_nginx_stop(r, RUN_GRACE_MS);
    stop_daemon(r);
    cli_credentials_close(&r->credentials);
    cli_environment_wipe(&r->environment);
    spd_setup_free(r->setup);
    if (r->signals >= 0) {
        (void)close(r->signals);
    }
    if (r->lock >= 0) {
        (void)close(r->lock);
    }
}

static int cli_run_run(const cli_args *args)
{
    static run r = {.lock = -1,
                    .listener = -1,
                    .signals = -1,
                    .credentials = {.fd = -1},
                    .daemon_process = {.name = "the daemon"},
                    .nginx_process = {.name = "nginx"}};
    sp_arena arena;
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
        return cli_fail("the kernel refuses to give this process its children's children", NULL,
                        strerrordesc_np(errno));
    }
    if (!cli_environment_take(&r.environment)) {
        return cli_fail_status(SP_ENOMEM, NULL);
    }
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    sp_arena_init(&arena, MEMORY_MAX);
    int code = start(&r, args, &arena.mem);
    sp_arena_fini(&arena);
    if (code == CLI_OK) {
        announce(&r);
        code = loop(&r);
        (void)puts("ending: answers under way may finish");
    }
    stop(&r);
    return code;
}

static const cli_option options[] = {
    CLI_OPTION_CONF,
    CLI_OPTION_STATE,
    {"module", 0, "FILE", "the nginx module (default: SALLYPORT_MODULE, or beside this program)"},
    CLI_OPTIONS_END,
};

const cli_command cli_run = {
    .name = "run",
    .run = cli_run_run,
    .usage = "[-c FILE] [--state DIR]",
    .summary = "serve in the foreground: nginx and the daemon",
    .help =
        "Checks the configuration, makes the state folder when it is not there, starts the daemon and "
        "nginx, and\n"
        "serves until Ctrl-C or SIGTERM. Any free folder will do as state; no root is needed. Answers "
        "under way\n"
        "may finish for 10 seconds. SIGHUP takes a changed file, as `sallyport reload` does.\n"
        "\n"
        "Credentials of destinations are read here (env:NAME, file:PATH) and go to nginx through memory "
        "alone.\n"
        "Started by root, workers run as another user (processes: {user: NAME}), and each process gives up "
        "what it\n"
        "does not need: docs/reference/processes.md.\n"
        "\n"
        "Example:\n"
        "    OPENAI_API_KEY=... sallyport run -c sallyport.yaml\n",
    .options = options,
};
