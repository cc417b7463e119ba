#include "control/setup.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/process.h"

enum { FILE_MAX = 8 << 20, SETUP_MAX = 256 << 20, PUBLICATION_MAX = 256 << 20 };

/* ---- load ---- */

static sp_status read_whole(sp_bytes *out, const char *path, sp_mem *mem)
{
    sp_buf text = SP_BUF_IN(mem);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : 1;
    while (n > 0 && text.n < FILE_MAX) {
        uint8_t *room = sp_buf_reserve(&text, 1 << 14);
        n = room == NULL ? -1 : read(fd, room, 1 << 14);
        text.n += n > 0 ? (size_t)n : 0;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    *out = sp_buf_bytes(&text);
    return text.status != SP_OK ? text.status : n == 0 ? SP_OK : SP_EINTERNAL;
}

void spd_setup_free(spd_setup *setup)
{
    if (setup != NULL) {
        sp_arena_fini(&setup->arena);
        free(setup);
    }
}

static spd_setup *new_setup(const char *path)
{
    spd_setup *setup = calloc(1, sizeof *setup);
    if (setup == NULL) {
        return NULL;
    }
    sp_arena_init(&setup->arena, SETUP_MAX);
    setup->problems.mem = &setup->arena.mem;
    if (sp_bytes_copy(&setup->path, sp_bytes_of(path), &setup->arena.mem) != SP_OK) {
        spd_setup_free(setup);
        return NULL;
    }
    return setup;
}

static void report(sp_buf *out, const spc_problems *problems, const char *path)
{
    for (size_t i = 0; i < problems->n; i++) {
        spc_problem_append(out, &problems->v[i], sp_bytes_of(path));
    }
}

static sp_status finish(spd_setup **out, spd_setup *setup, sp_status status, const char *path,
                        sp_buf *problems)
{
    report(problems, &setup->problems, path);
    if (status == SP_OK) {
        status = spc_wiring_digest(setup->wiring, setup->conf, &setup->arena.mem);
    }
    if (status != SP_OK) {
        spd_setup_free(setup);
        return status;
    }
    sp_hex_encode(setup->wiring_text, (sp_bytes){setup->wiring, sizeof setup->wiring});
    *out = setup;
    return SP_OK;
}

sp_status spd_setup_load(spd_setup **out, const char *path, sp_buf *problems)
{
    sp_bytes again = SP_BYTES_EMPTY;
    spd_setup *setup = new_setup(path);
    *out = NULL;
    if (setup == NULL) {
        return SP_ENOMEM;
    }
    /* Read before and after the check: equal bytes are those that were checked. A file that cannot be read is
     * a problem that the load reports. */
    const bool is_read = read_whole(&setup->file, path, &setup->arena.mem) == SP_OK;
    sp_status status = spc_conf_load(&setup->conf, &setup->problems, path);
    if (status == SP_OK && (!is_read || read_whole(&again, path, &setup->arena.mem) != SP_OK ||
                            !sp_bytes_eq(setup->file, again))) {
        sp_buf_append_str(problems, path);
        sp_buf_append_str(problems, ": the file changed while it was read: try again\n");
        status = SP_EBUSY;
    }
    return finish(out, setup, status, path, problems);
}

sp_status spd_setup_accepted(spd_setup **out, const char *path, const char *accepted, sp_buf *problems)
{
    char folder[PATH_MAX];
    spd_setup *setup = new_setup(path);
    *out = NULL;
    if (setup == NULL) {
        return SP_ENOMEM;
    }
    sp_status status = read_whole(&setup->file, accepted, &setup->arena.mem);
    const char *slash = strrchr(path, '/');
    if (status == SP_OK && slash != NULL && (size_t)(slash - path) < sizeof folder) {
        const size_t n = slash == path ? 1 : (size_t)(slash - path);
        const spc_source source = {setup->file, {(const uint8_t *)path, n}, spd_wall_s()};
        status = spc_conf_parse(&setup->conf, &setup->problems, &source);
    } else if (status == SP_OK) {
        status = SP_ERANGE;
    }
    return finish(out, setup, status, path, problems);
}

/* ---- names that have numbers ---- */

static void report_clash(sp_buf *out, const spd_setup *setup, const spc_number *number, sp_bytes was)
{
    char text[64];
    sp_buf_append(out, setup->path);
    (void)snprintf(text, sizeof text, ":%u:%u: error: ", number->name.at.line, number->name.at.column);
    sp_buf_append_str(out, text);
    spc_quote(out, number->name.v);
    if (was.n == 0) {
        sp_buf_append_str(out, " has another number in the records of this state\n"
                               "    give it back the number that it had; numbers never change\n");
        return;
    }
    sp_buf_append_str(out, " cannot have number ");
    sp_buf_append_u64(out, number->value);
    sp_buf_append_str(out, ", which the records of this state know as ");
    spc_quote(out, was);
    sp_buf_append_str(out, "\n    give it a number of its own; numbers are never reused\n");
}

typedef struct claim {
    const spd_setup *setup;
    spd_state *state;
    sp_buf *problems;
    sp_mem *mem;
    bool has_clash;
} claim;

static sp_status claim_all(claim *c, spd_name_kind kind, const spc_numbers *numbers)
{
    for (size_t i = 0; i < numbers->n; i++) {
        sp_bytes was;
        const spc_number *number = &numbers->v[i];
        const spd_name name = {kind, number->value, number->name.v};
        const sp_status status = spd_state_name_claim(c->state, &name, &was, c->mem);
        if (status == SP_EDUPKEY) {
            report_clash(c->problems, c->setup, number, was);
            c->has_clash = true;
        } else if (status != SP_OK) {
            return status;
        }
    }
    return SP_OK;
}

static sp_status claim_facts(claim *c, const spc_facts *facts)
{
    spc_numbers numbers = {sp_alloc(c->mem, facts->n, sizeof *numbers.v), 0};
    if (numbers.v == NULL && facts->n > 0) {
        return SP_ENOMEM;
    }
    for (size_t i = 0; i < facts->n; i++) {
        numbers.v[numbers.n++] = (spc_number){facts->v[i].name, facts->v[i].number};
    }
    return claim_all(c, SPD_NAME_FACT, &numbers);
}

static sp_status claim_in_transaction(claim *c)
{
    SP_TRY(spd_state_begin(c->state));
    sp_status status = claim_all(c, SPD_NAME_LEVEL, &c->setup->conf->levels);
    if (status == SP_OK) {
        status = claim_all(c, SPD_NAME_CATEGORY, &c->setup->conf->categories);
    }
    if (status == SP_OK) {
        status = claim_facts(c, &c->setup->conf->facts);
    }
    if (status == SP_OK && c->has_clash) {
        status = SP_EFIELD;
    }
    const sp_status ended = spd_state_end(c->state, status == SP_OK);
    return status != SP_OK ? status : ended;
}

sp_status spd_setup_names(const spd_setup *setup, spd_state *state, sp_buf *problems)
{
    sp_arena arena;
    sp_arena_init(&arena, 1 << 20);
    claim c = {.setup = setup, .state = state, .problems = problems, .mem = &arena.mem};
    const sp_status status = claim_in_transaction(&c);
    sp_arena_fini(&arena);
    return status;
}

/* ---- snapshot ---- */

sp_status spd_snapshot_path(char out[SPD_PATH_MAX], const char *state, const spd_setup *setup)
{
    const int n = snprintf(out, SPD_PATH_MAX, "%s/snapshot/%s.snap", state, setup->wiring_text);
    return n < 0 || n >= SPD_PATH_MAX ? SP_ERANGE : SP_OK;
}

/* A key that has expired by our clock is published as revoked: a worker's clock that is set back does not
 * revive it. */
static void fill_key(spc_state_key *to, const spd_key *from, uint64_t now_s)
{
    memcpy(to->key.id, from->id, sizeof to->key.id);
    memcpy(to->key.hash, from->hash, sizeof to->key.hash);
    to->key.expires_s = from->expires_s;
    to->key.is_revoked = from->revoked_s != 0 || (from->expires_s != 0 && from->expires_s <= now_s);
    to->application = from->application;
    to->use_case = from->use_case;
}

static sp_status collect(spc_live *live, const spd_world *world, sp_mem *mem)
{
    spd_key *stored = NULL;
    size_t n = 0;
    SP_TRY(spd_state_clock(world->state_db, world->now_s, &live->now_s));
    SP_TRY(spd_state_keys(world->state_db, &stored, &n, mem));
    spc_state_key *keys = sp_alloc(mem, n, sizeof *keys);
    if (keys == NULL && n > 0) {
        return SP_ENOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        fill_key(&keys[i], &stored[i], live->now_s);
    }
    live->keys = keys;
    live->n_keys = n;
    live->addresses = world->addresses;
    live->down = world->down;
    memcpy(live->seal_key, world->seal_key, sizeof live->seal_key);
    return spd_state_next_generation(world->state_db, &live->generation);
}

static sp_status encode(sp_buf *out, spd_publication *publication, const spd_setup *setup,
                        const spd_world *world)
{
    spc_live live = {0};
    sp_snapshot snapshot;
    SP_TRY(collect(&live, world, out->mem));
    SP_TRY(spc_conf_to_snapshot(&snapshot, setup->conf, &live, out->mem));
    *publication = (spd_publication){live.generation, snapshot.expires_s, live.now_s};
    return sp_snapshot_encode(out, &snapshot);
}

sp_status spd_publish(spd_publication *out, const spd_setup *setup, const spd_world *world, sp_diag *diag)
{
    char path[SPD_PATH_MAX];
    sp_arena arena;
    sp_arena_init(&arena, PUBLICATION_MAX);
    sp_buf file = SP_BUF_IN(&arena.mem);
    sp_status status = encode(&file, out, setup, world);
    if (status == SP_OK) {
        status = spd_snapshot_path(path, world->state, setup);
    }
    if (status != SP_OK) {
        (void)sp_fail(diag, status, SIZE_MAX, sp_error_get(status)->sentence);
    } else {
        status = world->workers.uid == 0
                     ? spd_file_write(path, sp_buf_bytes(&file), diag)
                     : spd_file_write_shared(path, sp_buf_bytes(&file), world->workers.gid, diag);
    }
    sp_arena_fini(&arena);
    return status;
}

/* ---- nginx.conf ---- */

static sp_status append_nginx_conf(sp_buf *out, const spd_setup *setup, const spd_world *world)
{
    char snapshot[SPD_PATH_MAX], ledger[SPD_PATH_MAX];
    SP_TRY(spd_snapshot_path(snapshot, world->state, setup));
    SP_TRY(spd_path_join(ledger, world->state, "ledger"));
    const spc_paths paths = {
        .module = sp_bytes_of(world->module),
        .state = sp_bytes_of(world->state),
        .snapshot = sp_bytes_of(snapshot),
        .ledger = sp_bytes_of(ledger),
        .credentials_fd = world->credentials_fd,
    };
    return spc_nginx_conf_append(out, setup->conf, &paths, out->mem);
}

sp_status spd_write_nginx_conf(const spd_setup *setup, const spd_world *world, const char *name,
                               sp_diag *diag)
{
    char path[SPD_PATH_MAX];
    sp_arena arena;
    sp_arena_init(&arena, 16 << 20);
    sp_buf text = SP_BUF_IN(&arena.mem);
    sp_status status = append_nginx_conf(&text, setup, world);
    if (status == SP_OK) {
        status = spd_path_join(path, world->state, name);
    }
    if (status != SP_OK) {
        (void)sp_fail(diag, status, SIZE_MAX,
                      "nginx.conf cannot be made: a path holds a character that it cannot hold");
    } else {
        status = spd_file_write(path, sp_buf_bytes(&text), diag);
    }
    sp_arena_fini(&arena);
    return status;
}
