/** @file supervisor.h  Private to `sallyport run`: the process in the foreground that starts the daemon and
 * nginx, keeps them alive, takes new configurations and ends them. It serves no request and holds the only
 * copy of the credentials outside of nginx.
 *
 *    run.c         the command: folder, lock, start, loop       run_nginx.c   nginx: test, start, reload, end
 *    run_reload.c  a new configuration                          run_user.c    who may do what
 *    credentials.c, environment.c, children.c
 */
#pragma once
#include "cli/children.h"
#include "cli/credentials.h"
#include "cli/cli.h"
#include "control/setup.h"

enum {
    RUN_GRACE_MS = 10000,  /* most that streams may go on after the first signal */
    RUN_TERM_MS = 3000,    /* most that a process may take after SIGTERM */
    RUN_START_MS = 30000,  /* most that the daemon may take to publish the first snapshot */
    RUN_NGINX_MS = 10000,  /* most that nginx may take to listen, or to replace its workers */
    RUN_STABLE_MS = 60000, /* who has lived so long starts counting anew */
    RUN_DEATHS_MAX = 5,    /* deaths of nginx in a row that end the run */
    RUN_BACK_OFF_MS = 250, /* first wait before a restart; doubles */
    RUN_BACK_OFF_MAX_MS = 10000,
};

typedef struct run_process {
    const char *name;
    pid_t pid; /* 0: not running */
    unsigned deaths;
    uint64_t started_ms, start_at_ms;
} run_process;

/** Whom workers run as when root started the run; uid 0: they run as whoever started it. */
typedef struct run_user {
    uid_t uid;
    gid_t gid;
    char user[64], group[64];
} run_user;

typedef struct run {
    char file[PATH_MAX], state[PATH_MAX], module[PATH_MAX], nginx[PATH_MAX], daemon[PATH_MAX];
    spd_setup *setup;
    cli_environment environment;
    cli_credentials credentials;
    run_user workers;
    run_process daemon_process, nginx_process;
    int lock, listener, signals;
    bool is_state_given; /* by --state: what the file says does not count */
} run;

/* ---- run_nginx.c ---- */

/** `nginx -t` with STATE/NAME. @param said  receives what it complained of. */
bool run_nginx_test(const run *r, const char *name, sp_buf *said);
/** What to do about what it said: it names a certificate or key that it cannot use, and no way out. NULL when
 * it said nothing of the kind. */
const char *run_nginx_advice(sp_bytes said);
/** Starts it and waits until it listens. @return CLI_OK or CLI_FAILED after a message. */
int run_nginx_start(run *r);
/** HUP, and waits until new workers have taken over. @param said  receives nginx's complaints. */
bool run_nginx_reload(const run *r, sp_buf *said);
/** QUIT, after the grace TERM, then KILL for the whole group. @param grace_ms  0: no grace. */
void run_nginx_stop(run *r, uint64_t grace_ms);
/** What is left of its group after the master died: they hold the port. */
void run_nginx_sweep(pid_t group);

/* ---- run_reload.c ---- */

/** Takes the configuration in `path`; appends a reply (reply.h) with `ok`, `generation`, `problems`,
 * `message`. */
void run_reload(run *r, const char *path, sp_buf *reply);

/* ---- run_user.c ---- */

/** Finds the workers' user (run.workers). @return CLI_OK or CLI_FAILED after a message. */
int run_find_user(run *r);
/** Takes from this process, and all that it starts, what a run does not need. @return CLI_OK or CLI_FAILED
 * after a message. */
int run_confine(const run *r);
/** Do two configurations agree in what cannot change while it runs? */
bool run_same_processes(const spc_conf *a, const spc_conf *b);

/* ---- run.c ---- */

/** Leaves the checked text of `setup` in the state folder, from where the daemon takes it. */
bool run_stage(const run *r, const spd_setup *setup, sp_diag *diag);

/** A descriptor of STATE/NAME for appending, for the output of a child; -1 after a message. */
int run_open_log(const run *r, const char *name);
