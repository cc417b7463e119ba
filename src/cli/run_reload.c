/* A new configuration, all or nothing: checked here, staged by the daemon, tested by nginx, then published.
 * Whatever fails puts back what was. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/supervisor.h"
#include "control/process.h"
#include "control/reply.h"
#include "control/socket.h"

enum { DAEMON_MS = 15000, MEMORY_MAX = 64 << 20, WORKERS_POLL_MS = 300 /* workers look every 200 ms */ };

typedef struct reload {
    run *r;
    const char *path;
    spd_setup *setup;
    cli_credentials was; /* text NULL: nothing to put back */
    sp_buf problems;
    sp_mem *mem;
    uint64_t generation;
    bool wiring_changed, credentials_changed, is_staged, is_renamed;
    const char *message; /* why not */
} reload;

static bool refuse(reload *l, const char *message)
{
    l->message = message;
    return false;
}

static bool ask_daemon(reload *l, const char *line, sp_bytes *reply)
{
    sp_buf text = SP_BUF_IN(l->mem);
    const sp_status status = spd_ask(&text, l->r->state, "daemon.sock", line, DAEMON_MS);
    *reply = sp_buf_bytes(&text);
    if (status != SP_OK) {
        return refuse(l, "the daemon does not answer; it is started again when it has died: try again");
    }
    if (spd_reply_is_ok(*reply)) {
        return true;
    }
    sp_buf_append(&l->problems, spd_reply_get_text(*reply, "problems", l->mem));
    sp_buf message = SP_BUF_IN(l->mem);
    sp_buf_append(&message, spd_reply_get_text(*reply, "message", l->mem));
    sp_buf_append_byte(&message, '\0');
    return refuse(l, message.status == SP_OK ? (const char *)message.p : "the daemon refuses");
}

/* ---- steps ---- */

static bool check(reload *l)
{
    sp_bytes state;
    if (spd_setup_load(&l->setup, l->path, &l->problems) != SP_OK) {
        return refuse(l, "the configuration is refused");
    }
    if (!run_same_processes(l->setup->conf, l->r->setup->conf)) {
        return refuse(l, "`processes` has changed: that needs a new start");
    }
    if (spc_conf_path(&state, l->setup->conf, l->setup->conf->state.v, l->mem) != SP_OK) {
        return refuse(l, "no memory");
    }
    char real[PATH_MAX];
    const bool is_same = realpath((const char *)state.p, real) != NULL && strcmp(real, l->r->state) == 0;
    return is_same || l->r->is_state_given
               ? true
               : refuse(l, "`state` names another folder: that needs a new start");
}

static bool take_credentials(reload *l)
{
    if (!cli_credentials_load(&l->r->credentials, l->setup->conf, &l->was, &l->problems)) {
        return refuse(l, "a credential cannot be had");
    }
    l->credentials_changed = cli_credentials_differ(&l->was, &l->r->credentials);
    return true;
}

static bool stage(reload *l)
{
    char line[PATH_MAX + 16];
    sp_bytes reply;
    sp_diag diag = {0};
    if (!run_stage(l->r, l->setup, &diag)) {
        return refuse(l, "the text of the configuration cannot be written to the state folder");
    }
    (void)snprintf(line, sizeof line, "stage %s", l->path);
    if (!ask_daemon(l, line, &reply)) {
        return false;
    }
    l->is_staged = true;
    l->wiring_changed = spd_reply_get_bool(reply, "wiring_changed");
    const sp_bytes wiring = spd_reply_get_text(reply, "wiring", l->mem);
    return sp_bytes_eq(wiring, sp_bytes_of(l->setup->wiring_text))
               ? true
               : refuse(l, "the file changed while it was read: try again");
}

static bool test_nginx(reload *l)
{
    if (run_nginx_test(l->r, "nginx.conf.new", &l->problems)) {
        return true;
    }
    const char *advice = run_nginx_advice(sp_buf_bytes(&l->problems));
    if (advice != NULL) {
        sp_buf_append_str(&l->problems, "    ");
        sp_buf_append_str(&l->problems, advice);
        sp_buf_append_byte(&l->problems, '\n');
    }
    return refuse(l, "nginx refuses it");
}

static bool commit(reload *l)
{
    sp_bytes reply;
    if (!ask_daemon(l, "commit", &reply)) {
        return false;
    }
    l->generation = spd_reply_get_number(reply, "generation");
    return true;
}

static bool rename_in_state(const run *r, const char *from, const char *to)
{
    char old_path[PATH_MAX], new_path[PATH_MAX];
    return spd_path_join(old_path, r->state, from) == SP_OK &&
           spd_path_join(new_path, r->state, to) == SP_OK && rename(old_path, new_path) == 0;
}

/* A copy of the old nginx.conf stays, to go back to. */
static bool swap_files(reload *l)
{
    if (!rename_in_state(l->r, "nginx.conf", "nginx.conf.old") ||
        !rename_in_state(l->r, "nginx.conf.new", "nginx.conf")) {
        return refuse(l, "nginx.conf cannot be replaced");
    }
    l->is_renamed = true;
    return true;
}

static bool switch_workers(reload *l)
{
    if (!l->wiring_changed && !l->credentials_changed) {
        (void)usleep(WORKERS_POLL_MS * 1000);
        return true;
    }
    return run_nginx_reload(l->r, &l->problems) ? true : refuse(l, "nginx does not take it");
}

static bool all_steps(reload *l)
{
    return check(l) && take_credentials(l) && stage(l) && test_nginx(l) && commit(l) && swap_files(l) &&
           switch_workers(l);
}

/* ---- back ---- */

/* nginx keeps its old workers when it does not take a configuration, so it need not be told; its files have
 * to be the old ones again, for its next start. */
static void put_back(reload *l)
{
    sp_bytes reply;
    const char *why = l->message;
    if (l->was.text != NULL) {
        cli_credentials_restore(&l->r->credentials, &l->was);
    }
    if (l->is_renamed && !rename_in_state(l->r, "nginx.conf.old", "nginx.conf")) {
        (void)cli_fail("nginx.conf of before cannot be put back", l->r->state, "start again");
    }
    if (l->is_staged && !ask_daemon(l, "revert", &reply)) {
        (void)cli_fail("the daemon does not go back to the configuration of before", NULL, "start again");
    }
    spd_setup_free(l->setup);
    l->message = why;
}

static void keep(reload *l)
{
    cli_credentials_forget(&l->was);
    spd_setup_free(l->r->setup);
    l->r->setup = l->setup;
    if (l->path != l->r->file) {
        (void)snprintf(l->r->file, sizeof l->r->file, "%s", l->path);
    }
}

void run_reload(run *r, const char *path, sp_buf *reply)
{
    sp_arena arena;
    sp_arena_init(&arena, MEMORY_MAX);
    reload l = {.r = r, .path = path, .mem = &arena.mem, .problems = SP_BUF_IN(&arena.mem)};
    const bool is_taken = all_steps(&l);
    if (is_taken) {
        keep(&l);
    } else {
        put_back(&l);
    }
    spd_reply_begin(reply, is_taken);
    if (is_taken) {
        spd_reply_number(reply, "generation", l.generation);
        spd_reply_bool(reply, "workers_replaced", l.wiring_changed || l.credentials_changed);
    } else {
        spd_reply_text(reply, "message", sp_bytes_of(l.message));
    }
    spd_reply_text(reply, "problems", sp_buf_bytes(&l.problems));
    spd_reply_end(reply);
    sp_arena_fini(&arena);
}
