#include "cli/children.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control/process.h"

enum { POLL_MS = 10 };

/* ---- start ---- */

/* In the child, between fork and exec. */
static void become(const cli_child *child, pid_t parent)
{
    sigset_t none;
    (void)setpgid(0, 0);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)signal(SIGPIPE, SIG_DFL);
    const int null = open("/dev/null", O_RDONLY);
    bool is_good = prctl(PR_SET_PDEATHSIG, child->death_signal, 0, 0, 0) == 0 && getppid() == parent;
    is_good = is_good && null >= 0 && dup2(null, STDIN_FILENO) >= 0;
    is_good = is_good && dup2(child->out_fd, STDOUT_FILENO) >= 0 && dup2(child->out_fd, STDERR_FILENO) >= 0;
    for (const int *fd = child->keep; is_good && fd != NULL && *fd >= 0; fd++) {
        is_good = fcntl(*fd, F_SETFD, 0) == 0;
    }
    if (null > STDERR_FILENO) {
        (void)close(null);
    }
    char **environment = spd_environment();
    if (is_good && environment != NULL) {
        /* exec does not change its arguments; its type is older than const */
        char *const *argv;
        memcpy(&argv, &child->argv, sizeof argv);
        (void)execve(argv[0], argv, environment);
    }
    _exit(127);
}

pid_t cli_spawn(const cli_child *child)
{
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid == 0) {
        become(child, parent);
    }
    if (pid > 0) {
        (void)setpgid(pid, pid); /* whoever is first */
    }
    return pid;
}

/* ---- end ---- */

bool cli_wait(pid_t pid, uint64_t end_ms, int *code)
{
    for (;;) {
        const pid_t got = waitpid(pid, code, WNOHANG);
        if (got == pid || (got < 0 && errno == ECHILD)) {
            return true;
        }
        if (spd_monotonic_ms() >= end_ms) {
            return false;
        }
        (void)usleep(POLL_MS * 1000);
    }
}

bool cli_group_is_alive(pid_t group)
{
    return kill(-group, 0) == 0 || errno != ESRCH;
}

const char *cli_describe_end(int code)
{
    static char text[96];
    if (WIFSIGNALED(code)) {
        (void)snprintf(text, sizeof text, "was ended by signal %d (%s)", WTERMSIG(code),
                       strsignal(WTERMSIG(code)));
    } else {
        (void)snprintf(text, sizeof text, "ended with exit code %d", WEXITSTATUS(code));
    }
    return text;
}

/* ---- programs ---- */

static bool try_folder(char *out, const char *folder, size_t n, const char *name)
{
    const int written = snprintf(out, PATH_MAX, "%.*s/%s", (int)n, folder, name);
    return n > 0 && written > 0 && written < PATH_MAX && access(out, X_OK) == 0;
}

bool cli_find_program(char *out, const char *name)
{
    if (strchr(name, '/') != NULL) {
        const int n = snprintf(out, PATH_MAX, "%s", name);
        return n < PATH_MAX && access(out, X_OK) == 0;
    }
    for (const char *at = getenv("PATH"); at != NULL && *at != '\0';) {
        const size_t n = strcspn(at, ":");
        if (try_folder(out, at, n, name)) {
            return true;
        }
        at += n + (at[n] == ':');
    }
    return try_folder(out, "/usr/sbin", strlen("/usr/sbin"), name) ||
           try_folder(out, "/usr/local/sbin", strlen("/usr/local/sbin"), name);
}
