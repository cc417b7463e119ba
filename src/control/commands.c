/* The control socket of the daemon. A command is a row. */
#include <string.h>

#include "control/daemon.h"
#include "control/process.h"
#include "control/reply.h"

enum { COMMAND_MEMORY = 16 << 20 };

typedef struct request {
    spd_daemon *daemon;
    const char *rest; /* what follows the command */
    sp_mem *mem;
    sp_buf *reply;
} request;

static void reply_published(const request *r)
{
    const spd_daemon *d = r->daemon;
    spd_reply_begin(r->reply, true);
    spd_reply_number(r->reply, "generation", d->published.generation);
    spd_reply_number(r->reply, "expires_s", d->published.expires_s);
    spd_reply_text(r->reply, "wiring", sp_bytes_of(d->current->wiring_text));
    spd_reply_end(r->reply);
}

static void publish_and_reply(const request *r)
{
    sp_diag diag = {0};
    if (spd_daemon_publish(r->daemon, &diag) != SP_OK) {
        spd_reply_refuse(r->reply, diag.text);
        return;
    }
    reply_published(r);
}

static void do_status(const request *r)
{
    reply_published(r);
}

static void do_refresh(const request *r)
{
    publish_and_reply(r);
}

/* ---- a new configuration, in two steps ---- */

static void reply_staged(const request *r, sp_bytes problems)
{
    const spd_daemon *d = r->daemon;
    spd_reply_begin(r->reply, true);
    spd_reply_text(r->reply, "wiring", sp_bytes_of(d->staged->wiring_text));
    spd_reply_bool(r->reply, "wiring_changed",
                   memcmp(d->staged->wiring, d->current->wiring, sizeof d->current->wiring) != 0);
    spd_reply_text(r->reply, "problems", problems);
    spd_reply_end(r->reply);
}

/* What nginx needs to be tested with the staged configuration. */
static sp_status write_staged(const request *r, sp_diag *diag)
{
    spd_world world;
    SP_TRY(spd_daemon_world(&world, r->daemon, r->daemon->staged, r->mem));
    return spd_write_nginx_conf(r->daemon->staged, &world, "nginx.conf.new", diag);
}

static void do_stage(const request *r)
{
    sp_diag diag = {.text = "the configuration is refused"};
    sp_buf problems = SP_BUF_IN(r->mem);
    spd_setup_free(r->daemon->staged);
    r->daemon->staged = NULL;
    char text[SPD_PATH_MAX];
    sp_status status = spd_path_join(text, r->daemon->options.state, SPD_STAGED);
    if (status == SP_OK) {
        status = spd_setup_accepted(&r->daemon->staged, r->rest, text, &problems);
    }
    if (status == SP_OK) {
        status = write_staged(r, &diag);
    }
    if (status == SP_OK) {
        reply_staged(r, sp_buf_bytes(&problems));
        return;
    }
    spd_setup_free(r->daemon->staged);
    r->daemon->staged = NULL;
    spd_reply_begin(r->reply, false);
    spd_reply_text(r->reply, "message", sp_bytes_of(diag.text));
    spd_reply_text(r->reply, "problems", sp_buf_bytes(&problems));
    spd_reply_end(r->reply);
}

/* The numbers of names are bound here, not when staged: what nginx refuses binds nothing. */
static void do_commit(const request *r)
{
    spd_daemon *d = r->daemon;
    sp_buf problems = SP_BUF_IN(r->mem);
    sp_diag diag = {0};
    if (d->staged == NULL) {
        spd_reply_refuse(r->reply, "nothing is staged");
        return;
    }
    if (spd_setup_names(d->staged, d->state, &problems) != SP_OK) {
        spd_reply_begin(r->reply, false);
        spd_reply_text(r->reply, "message", SP_LIT("the configuration is refused"));
        spd_reply_text(r->reply, "problems", sp_buf_bytes(&problems));
        spd_reply_end(r->reply);
        return;
    }
    spd_daemon_take(d, d->staged);
    d->staged = NULL;
    if (spd_daemon_keep_accepted(d, &diag) != SP_OK) {
        spd_log("error", "%s", diag.text);
    }
    publish_and_reply(r);
}

static void do_revert(const request *r)
{
    spd_daemon *d = r->daemon;
    sp_diag diag = {0};
    if (d->staged != NULL) {
        spd_setup_free(d->staged);
        d->staged = NULL;
    } else if (d->previous != NULL) {
        spd_setup *back = d->previous;
        d->previous = NULL;
        spd_daemon_take(d, back);
        spd_daemon_drop_previous(d); /* what is given up */
        if (spd_daemon_keep_accepted(d, &diag) != SP_OK) {
            spd_log("error", "%s", diag.text);
        }
    }
    publish_and_reply(r);
}

/* ---- dispatch ---- */

static const struct {
    const char *name;
    void (*run)(const request *r);
    bool has_rest;
} commands[] = {
    {"status", do_status, false}, {"refresh", do_refresh, false}, {"stage", do_stage, true},
    {"commit", do_commit, false}, {"revert", do_revert, false},
};

void spd_command(void *ctx, sp_bytes line, sp_buf *reply)
{
    sp_arena arena;
    sp_bytes text;
    sp_arena_init(&arena, COMMAND_MEMORY);
    sp_buf copy = SP_BUF_IN(&arena.mem);
    sp_buf_append(&copy, line);
    sp_buf_append_byte(&copy, '\0'); /* paths are C strings from here on */
    text = sp_buf_bytes(&copy);
    for (size_t i = 0; copy.status == SP_OK && i < sizeof commands / sizeof commands[0]; i++) {
        const size_t n = strlen(commands[i].name);
        const bool is_it = sp_bytes_starts(text, sp_bytes_of(commands[i].name)) &&
                           text.p[n] == (commands[i].has_rest ? ' ' : '\0');
        if (is_it) {
            const request r = {ctx, (const char *)text.p + n + (commands[i].has_rest ? 1 : 0), &arena.mem,
                               reply};
            commands[i].run(&r);
            break;
        }
    }
    if (reply->n == 0) {
        spd_reply_refuse(reply, "unknown command");
    }
    sp_arena_fini(&arena);
}
