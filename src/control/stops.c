#include "control/stops.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/acts.h"
#include "control/process.h"

enum { LOOK_MS = 10, PROC_BYTES = 16384, WRITE_MAX = 1 << 20 };

static const char folder_name[] = "stops";

/* STATE/stops/NAME */
static sp_status path_of(char out[SPD_PATH_MAX], const char *state, const char *name)
{
    char folder[SPD_PATH_MAX];
    SP_TRY(spd_path_join(folder, state, folder_name));
    return spd_path_join(out, folder, name);
}

/* ---- the file ---- */

/* Workers of another user reach it by the group of its folder (spd_share_with_workers). */
static sp_status write_for_workers(const char *path, sp_bytes content, sp_diag *diag)
{
    char folder[SPD_PATH_MAX];
    struct stat info;
    const char *slash = strrchr(path, '/');
    const size_t n = slash == NULL ? 0 : (size_t)(slash - path);
    memcpy(folder, path, n);
    folder[n] = '\0';
    const bool is_shared = stat(folder, &info) == 0 && (info.st_mode & S_IXGRP) != 0;
    return is_shared ? spd_file_write_shared(path, content, info.st_gid, diag)
                     : spd_file_write(path, content, diag);
}

static sp_status write_list(const char *path, const sp_stops *stops, sp_diag *diag)
{
    sp_arena arena;
    sp_arena_init(&arena, WRITE_MAX);
    sp_buf text = SP_BUF_IN(&arena.mem);
    sp_status status = sp_stops_encode(&text, stops);
    if (status != SP_OK) {
        (void)sp_fail(diag, status, SIZE_MAX, sp_error_get(status)->sentence);
    } else {
        status = write_for_workers(path, sp_buf_bytes(&text), diag);
    }
    sp_arena_fini(&arena);
    return status;
}

/* Made beside, then renamed: a start that was cut off leaves no folder without a list. */
static sp_status make_beside(const char *fresh, const char *folder, sp_diag *diag)
{
    char path[SPD_PATH_MAX];
    const sp_stops none = {.is_known = true, .generation = 1};
    SP_TRY(spd_folder_make(fresh, diag));
    SP_TRY(spd_path_join(path, fresh, "seen"));
    SP_TRY(spd_folder_make(path, diag));
    SP_TRY(spd_path_join(path, fresh, "current"));
    SP_TRY(write_list(path, &none, diag));
    if (rename(fresh, folder) != 0 && errno != ENOTEMPTY && errno != EEXIST) {
        return spd_fail_errno(diag, "cannot make folder", folder);
    }
    return SP_OK;
}

sp_status spd_stops_make(const char *state, sp_diag *diag)
{
    char folder[SPD_PATH_MAX], fresh[SPD_PATH_MAX];
    if (spd_path_join(folder, state, folder_name) != SP_OK ||
        spd_path_join(fresh, state, "stops.new") != SP_OK) {
        return sp_fail(diag, SP_ERANGE, SIZE_MAX, "the path of the state folder is too long");
    }
    if (access(folder, F_OK) != 0) {
        return make_beside(fresh, folder, diag);
    }
    SP_TRY(path_of(fresh, state, "seen"));
    SP_TRY(spd_folder_make(folder, diag));
    return access(fresh, F_OK) == 0 ? SP_OK : spd_folder_make(fresh, diag);
}

sp_status spd_stops_read(sp_stops *out, const char *state, sp_mem *mem, sp_diag *diag)
{
    char path[SPD_PATH_MAX];
    sp_buf text = SP_BUF_IN(mem);
    *out = (sp_stops){0};
    SP_TRY(path_of(path, state, "current"));
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        (void)spd_fail_errno(diag, "cannot read", path);
        return SP_ECORRUPT;
    }
    ssize_t n = 1;
    while (n > 0 && text.n <= SP_STOPS_FILE_MAX) {
        uint8_t *room = sp_buf_reserve(&text, 4096);
        n = room == NULL ? 0 : read(fd, room, 4096);
        text.n += n > 0 ? (size_t)n : 0;
    }
    (void)close(fd);
    if (n < 0 || text.status != SP_OK) {
        return sp_fail(diag, SP_ECORRUPT, SIZE_MAX, "it cannot be read whole");
    }
    return sp_stops_decode(out, sp_buf_bytes(&text), mem, diag);
}

/* ---- the log ---- */

const char *spd_stop_action_name(spd_stop_action action)
{
    switch (action) {
    case SPD_STOP_PAUSE:
        return "pause";
    case SPD_STOP_RESUME:
        return "resume";
    case SPD_STOP_RESET:
        return "reset";
    }
    return "unknown";
}

/* The words of the command: `pause destination cloud`. */
static sp_status log_change(const char *state, const spd_stop_change *change, uint64_t generation,
                            sp_diag *diag)
{
    sp_arena arena;
    sp_arena_init(&arena, 1 << 16);
    sp_buf act = SP_BUF_IN(&arena.mem);
    sp_buf_append_str(&act, spd_stop_action_name(change->action));
    sp_buf_append_byte(&act, ' ');
    sp_stop_subject_append(&act, &change->stop);
    sp_buf_append_str(&act, change->stop.is_now ? " --now" : "");
    const sp_record record = {
        .at_ns = change->stop.since_s * 1000000000,
        .generation = generation,
        .act = sp_buf_bytes(&act),
        .act_operator = change->stop.by,
        .stopped_reason = change->stop.reason,
    };
    const sp_status status = act.status == SP_OK ? spd_act_log(state, &record, diag) : act.status;
    sp_arena_fini(&arena);
    return status;
}

/* ---- the change ---- */

/* The list with `stop` in its place; one that is there keeps the time since when it holds. */
static sp_status list_with(sp_stops *to, const sp_stops *from, sp_stop stop, sp_mem *mem)
{
    const sp_stop *old = sp_stops_get(from, stop.kind, stop.name);
    sp_stop *v = sp_alloc(mem, from->n + 1, sizeof *v);
    size_t n = 0;
    bool is_in = false;
    if (v == NULL) {
        return SP_ENOMEM;
    }
    stop.since_s = old != NULL ? old->since_s : stop.since_s;
    for (size_t i = 0; i < from->n; i++) {
        if (!is_in && sp_stop_cmp(&stop, &from->v[i]) <= 0) {
            v[n++] = stop;
            is_in = true;
        }
        if (&from->v[i] != old) {
            v[n++] = from->v[i];
        }
    }
    if (!is_in) {
        v[n++] = stop;
    }
    to->v = v;
    to->n = n;
    return n <= SP_STOPS_MAX ? SP_OK : SP_ERANGE;
}

static sp_status list_without(sp_stops *to, const sp_stops *from, const sp_stop *stop, sp_mem *mem)
{
    const sp_stop *old = sp_stops_get(from, stop->kind, stop->name);
    sp_stop *v = sp_alloc(mem, from->n, sizeof *v);
    size_t n = 0;
    if (old == NULL) {
        return SP_EMISSING;
    }
    if (v == NULL) {
        return SP_ENOMEM;
    }
    for (size_t i = 0; i < from->n; i++) {
        if (&from->v[i] != old) {
            v[n++] = from->v[i];
        }
    }
    to->v = v;
    to->n = n;
    return SP_OK;
}

/* A generation that follows no known one is a time: later than any count. */
static sp_status next_list(sp_stops *to, const char *state, const spd_stop_change *change, sp_mem *mem,
                           sp_diag *diag)
{
    sp_stops from = {0};
    *to = (sp_stops){.is_known = true, .generation = change->stop.since_s};
    if (change->action == SPD_STOP_RESET) {
        return list_with(to, &from, change->stop, mem);
    }
    SP_TRY(spd_stops_read(&from, state, mem, diag));
    to->generation = from.generation + 1;
    const sp_status status = change->action == SPD_STOP_PAUSE ? list_with(to, &from, change->stop, mem)
                                                              : list_without(to, &from, &change->stop, mem);
    return status == SP_OK ? status : sp_fail(diag, status, SIZE_MAX, sp_error_get(status)->sentence);
}

static sp_status change_locked(sp_stops *out, const char *state, const spd_stop_change *change, sp_mem *mem,
                               sp_diag *diag)
{
    char path[SPD_PATH_MAX];
    SP_TRY(next_list(out, state, change, mem, diag));
    SP_TRY(path_of(path, state, "current"));
    if (change->action == SPD_STOP_PAUSE) {
        SP_TRY(write_list(path, out, diag));
        return log_change(state, change, out->generation, diag) == SP_OK ? SP_OK : SP_EBUSY;
    }
    SP_TRY(log_change(state, change, out->generation, diag));
    return write_list(path, out, diag);
}

sp_status spd_stops_change(sp_stops *out, const char *state, const spd_stop_change *change, sp_mem *mem,
                           sp_diag *diag)
{
    char path[SPD_PATH_MAX];
    SP_TRY(spd_stops_make(state, diag));
    SP_TRY(path_of(path, state, "lock"));
    const int lock = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0 || flock(lock, LOCK_EX) != 0) {
        (void)spd_fail_errno(diag, "cannot lock", path);
        if (lock >= 0) {
            (void)close(lock);
        }
        return SP_EINTERNAL;
    }
    const sp_status status = change_locked(out, state, change, mem, diag);
    (void)close(lock);
    return status;
}

/* ---- who obeys ---- */

/* A small file as text; empty when it is not there. */
static void read_small(char *out, size_t size, const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd < 0 ? 0 : read(fd, out, size - 1);
    out[n > 0 ? n : 0] = '\0';
    if (fd >= 0) {
        (void)close(fd);
    }
}

/* What the worker wrote last; 0: it has not yet, or cannot read the list. */
static uint64_t seen_by(const char *state, const char *pid)
{
    char name[64], path[SPD_PATH_MAX], text[32];
    (void)snprintf(name, sizeof name, "seen/%.20s", pid);
    if (path_of(path, state, name) != SP_OK) {
        return 0;
    }
    read_small(text, sizeof text, path);
    return strtoull(text, NULL, 10);
}

/* Children of the master are workers, old ones that drain among them. */
static void look_at(spd_stops_workers *out, const char *state, const char *pid_file, uint64_t generation)
{
    char path[SPD_PATH_MAX], text[PROC_BYTES], *rest = NULL;
    if (spd_path_join(path, state, pid_file) != SP_OK) {
        return;
    }
    read_small(text, sizeof text, path);
    const long master = strtol(text, NULL, 10);
    if (master <= 0 || (kill((pid_t)master, 0) != 0 && errno != EPERM)) {
        return;
    }
    out->is_running = true;
    (void)snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", master, master);
    read_small(text, sizeof text, path);
    for (char *pid = strtok_r(text, " \n", &rest); pid != NULL; pid = strtok_r(NULL, " \n", &rest)) {
        out->all++;
        out->obeying += seen_by(state, pid) >= generation;
    }
}

spd_stops_workers spd_stops_look(const char *state, uint64_t generation)
{
    spd_stops_workers workers = {0};
    look_at(&workers, state, "nginx.pid", generation);
    look_at(&workers, state, "nginx.pid.oldbin", generation); /* of a binary upgrade under way */
    return workers;
}

spd_stops_workers spd_stops_wait(const char *state, uint64_t generation, unsigned wait_ms)
{
    const uint64_t end_ms = spd_monotonic_ms() + wait_ms;
    for (;;) {
        const spd_stops_workers workers = spd_stops_look(state, generation);
        const bool is_done = !workers.is_running || (workers.all > 0 && workers.obeying == workers.all);
        if (is_done || spd_monotonic_ms() >= end_ms) {
            return workers;
        }
        (void)usleep(LOOK_MS * 1000);
    }
}
