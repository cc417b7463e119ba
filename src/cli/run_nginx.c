/* nginx as a child. It is believed to listen when it has written its own process id, which it does after it
 * has bound its sockets. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/supervisor.h"
#include "control/process.h"

enum { SAID_MAX = 1 << 16, POLL_MS = 10, WORKERS_MAX = 256, TITLE_MAX = 128 };

static bool state_path(char out[PATH_MAX], const run *r, const char *name)
{
    const int n = snprintf(out, PATH_MAX, "%s/%s", r->state, name);
    return n > 0 && n < PATH_MAX;
}

/* ---- what it says ---- */

static off_t log_size(const run *r, const char *name)
{
    char path[PATH_MAX];
    struct stat info;
    return state_path(path, r, name) && stat(path, &info) == 0 ? info.st_size : 0;
}

static bool is_complaint(sp_bytes line)
{
    static const char *const levels[] = {"[emerg]", "[alert]", "[crit]"};
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        if (memmem(line.p, line.n, levels[i], strlen(levels[i])) != NULL) {
            return true;
        }
    }
    return false;
}

static void append_complaints(sp_buf *said, sp_bytes text)
{
    while (text.n > 0) {
        const uint8_t *newline = memchr(text.p, '\n', text.n);
        const size_t n = newline != NULL ? (size_t)(newline - text.p) : text.n;
        const sp_bytes line = sp_bytes_sub(text, 0, n);
        if (is_complaint(line)) {
            sp_buf_append(said, line);
            sp_buf_append_byte(said, '\n');
        }
        text = sp_bytes_sub(text, n + 1, text.n);
    }
}

/* The complaints that a log has got since it had `from` bytes. */
static void read_complaints(sp_buf *said, const run *r, const char *name, off_t from)
{
    char path[PATH_MAX];
    uint8_t *text = malloc(SAID_MAX);
    const int fd = state_path(path, r, name) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    const ssize_t n = fd >= 0 && text != NULL ? pread(fd, text, SAID_MAX, from) : 0;
    if (n > 0) {
        append_complaints(said, (sp_bytes){text, (size_t)n});
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    free(text);
}

/* ---- command lines ---- */

typedef struct command {
    char conf[PATH_MAX], log[PATH_MAX], prefix[PATH_MAX];
    char user[160];
    const char *argv[12];
} command;

/* By root, nginx is told whom workers run as: the daemon has given that user what they need. */
static bool make_command(command *out, const run *r, const char *name, bool is_test)
{
    int n = 0;
    if (!state_path(out->conf, r, name) || !state_path(out->log, r, "error.log") ||
        !state_path(out->prefix, r, "")) {
        return false;
    }
    out->argv[n++] = r->nginx;
    out->argv[n++] = "-p";
    out->argv[n++] = out->prefix;
    out->argv[n++] = "-e";
    out->argv[n++] = is_test ? "stderr" : out->log;
    out->argv[n++] = "-c";
    out->argv[n++] = out->conf;
    if (geteuid() == 0) {
        const bool is_other = r->workers.uid != 0;
        (void)snprintf(out->user, sizeof out->user, "user %s %s;", is_other ? r->workers.user : "root",
                       is_other ? r->workers.group : "root");
        out->argv[n++] = "-g";
        out->argv[n++] = out->user;
    }
    if (is_test) {
        out->argv[n++] = "-t";
    }
    out->argv[n] = NULL;
    return true;
}

/* ---- test ---- */

/* All that comes through the pipe until its end, or until time is over. */
static void read_pipe(sp_buf *out, int fd, uint64_t end_ms)
{
    while (out->n < SAID_MAX) {
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

static bool run_test(const run *r, const command *c, sp_buf *said)
{
    const uint64_t end_ms = spd_monotonic_ms() + RUN_NGINX_MS;
    const int keep[] = {r->credentials.fd, -1};
    int ends[2], code = 0;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        sp_buf_append_str(said, "no pipe for nginx -t\n");
        return false;
    }
    const cli_child child = {c->argv, ends[1], keep, SIGKILL};
    const pid_t pid = cli_spawn(&child);
    (void)close(ends[1]);
    sp_buf text = SP_BUF_IN(said->mem);
    if (pid > 0) {
        read_pipe(&text, ends[0], end_ms);
    }
    (void)close(ends[0]);
    const bool has_ended = pid > 0 && cli_wait(pid, end_ms, &code);
    if (pid > 0 && !has_ended) {
        (void)kill(pid, SIGKILL);
        (void)waitpid(pid, NULL, 0);
    }
    if (has_ended && WIFEXITED(code) && WEXITSTATUS(code) == 0) {
        return true;
    }
    sp_buf_append(said, sp_buf_bytes(&text));
    return false;
}

bool run_nginx_test(const run *r, const char *name, sp_buf *said)
{
    command c;
    if (!make_command(&c, r, name, true)) {
        sp_buf_append_str(said, "the path of the state folder is too long for nginx\n");
        return false;
    }
    return run_test(r, &c, said);
}

const char *run_nginx_advice(sp_bytes said)
{
    /* ngx_ssl_certificate() of src/event/ngx_event_openssl.c */
    static const char *const words[] = {"cannot load certificate", "SSL_CTX_use_PrivateKey("};
    for (size_t i = 0; said.n > 0 && i < sizeof words / sizeof words[0]; i++) {
        if (memmem(said.p, said.n, words[i], strlen(words[i])) != NULL) {
            return "listen.tls has to name two PEM files: a certificate and the key that belongs to it";
        }
    }
    return NULL;
}

/* ---- start ---- */

static pid_t read_pid_file(const char *path)
{
    char text[32];
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    text[n > 0 ? n : 0] = '\0';
    return (pid_t)strtol(text, NULL, 10);
}

static int fail_start(const run *r, const char *where, off_t from)
{
    sp_arena arena;
    sp_arena_init(&arena, 4 * (size_t)SAID_MAX);
    sp_buf said = SP_BUF_IN(&arena.mem);
    read_complaints(&said, r, "error.log", from);
    cli_write_safe(stderr, sp_buf_bytes(&said), true);
    sp_arena_fini(&arena);
    return cli_fail("nginx does not start", where,
                    "its messages are in error.log and nginx.log of the state folder");
}

int run_nginx_start(run *r)
{
    command c;
    char pid_path[PATH_MAX];
    int code = 0;
    const int keep[] = {r->credentials.fd, -1};
    const int log = run_open_log(r, "error.log");
    const off_t from = log_size(r, "error.log");
    if (log < 0 || !make_command(&c, r, "nginx.conf", false) || !state_path(pid_path, r, "nginx.pid")) {
        return fail_start(r, r->nginx, from);
    }
    (void)unlink(pid_path); /* of an earlier run */
    const cli_child child = {c.argv, log, keep, SIGQUIT};
    const pid_t pid = cli_spawn(&child);
    (void)close(log);
    const uint64_t end_ms = spd_monotonic_ms() + RUN_NGINX_MS;
    while (pid > 0 && read_pid_file(pid_path) != pid) {
        if (cli_wait(pid, 0, &code)) {
            return fail_start(r, cli_describe_end(code), from);
        }
        if (spd_monotonic_ms() >= end_ms) {
            (void)kill(-pid, SIGKILL);
            (void)waitpid(pid, NULL, 0);
            return fail_start(r, "it does not listen in time", from);
        }
        (void)usleep(POLL_MS * 1000);
    }
    if (pid <= 0) {
        return fail_start(r, r->nginx, from);
    }
    r->nginx_process.pid = pid;
    r->nginx_process.started_ms = spd_monotonic_ms();
    return CLI_OK;
}

/* ---- workers ---- */

typedef struct worker {
    pid_t pid;
    bool is_leaving; /* nginx renames a worker that got QUIT */
} worker;

typedef struct workers {
    worker v[WORKERS_MAX];
    size_t n;
} workers;

static size_t read_proc(char *out, size_t room, pid_t pid, const char *name)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd >= 0 ? read(fd, out, room - 1) : 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    out[n > 0 ? n : 0] = '\0';
    return n > 0 ? (size_t)n : 0;
}

/* The parent's id: second field behind the name's closing parenthesis (proc(5)). */
static pid_t parent_of(pid_t pid)
{
    char text[512];
    (void)read_proc(text, sizeof text, pid, "stat");
    const char *behind = strrchr(text, ')');
    return behind != NULL && strlen(behind) > 4 ? (pid_t)strtol(behind + 4, NULL, 10) : 0;
}

static void list_workers(workers *out, pid_t master)
{
    DIR *dir = opendir("/proc");
    out->n = 0;
    for (const struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
        char title[TITLE_MAX];
        const pid_t pid = isdigit((unsigned char)e->d_name[0]) ? (pid_t)strtol(e->d_name, NULL, 10) : 0;
        if (pid <= 0 || parent_of(pid) != master || read_proc(title, sizeof title, pid, "cmdline") == 0 ||
            out->n == WORKERS_MAX) {
            continue;
        }
        out->v[out->n++] = (worker){pid, strstr(title, "shutting down") != NULL};
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
}

static bool is_listed(const workers *list, pid_t pid)
{
    for (size_t i = 0; i < list->n; i++) {
        if (list->v[i].pid == pid) {
            return true;
        }
    }
    return false;
}

/* New ones are there, and each old one is gone or leaves: no new request can meet the old configuration. */
static bool have_taken_over(const workers *before, pid_t master)
{
    workers now;
    bool has_new = false;
    list_workers(&now, master);
    for (size_t i = 0; i < now.n; i++) {
        const bool is_old = is_listed(before, now.v[i].pid);
        if (is_old && !now.v[i].is_leaving) {
            return false;
        }
        has_new = has_new || !is_old;
    }
    return has_new;
}

bool run_nginx_reload(const run *r, sp_buf *said)
{
    workers before;
    const pid_t master = r->nginx_process.pid;
    const off_t from = log_size(r, "nginx.log");
    const uint64_t end_ms = spd_monotonic_ms() + RUN_NGINX_MS;
    list_workers(&before, master);
    if (master <= 0 || kill(master, SIGHUP) != 0) {
        sp_buf_append_str(said, "nginx is not running\n");
        return false;
    }
    while (!have_taken_over(&before, master)) {
        sp_buf fresh = SP_BUF_IN(said->mem);
        read_complaints(&fresh, r, "nginx.log", from);
        if (fresh.n > 0 || spd_monotonic_ms() >= end_ms) {
            sp_buf_append(said, sp_buf_bytes(&fresh));
            sp_buf_append_str(said, fresh.n > 0 ? "" : "nginx has not replaced its workers in time\n");
            return false;
        }
        (void)usleep(POLL_MS * 1000);
    }
    return true;
}

/* ---- end ---- */

void run_nginx_sweep(pid_t group)
{
    static const int steps[] = {SIGQUIT, SIGTERM, SIGKILL};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && cli_group_is_alive(group); i++) {
        const uint64_t end_ms = spd_monotonic_ms() + RUN_TERM_MS;
        (void)kill(-group, steps[i]);
        while (cli_group_is_alive(group) && spd_monotonic_ms() < end_ms) {
            (void)waitpid(-group, NULL, WNOHANG); /* orphans are ours: the supervisor is their reaper */
            (void)usleep(POLL_MS * 1000);
        }
    }
}

void run_nginx_stop(run *r, uint64_t grace_ms)
{
    const pid_t pid = r->nginx_process.pid;
    int code = 0;
    if (pid <= 0) {
        return;
    }
    (void)kill(pid, grace_ms > 0 ? SIGQUIT : SIGTERM);
    if (grace_ms > 0 && !cli_wait(pid, spd_monotonic_ms() + grace_ms, &code)) {
        (void)cli_fail("answers still under way are cut", NULL, NULL);
        (void)kill(pid, SIGTERM);
    }
    (void)cli_wait(pid, spd_monotonic_ms() + RUN_TERM_MS, &code);
    run_nginx_sweep(pid);
    r->nginx_process.pid = 0;
}
