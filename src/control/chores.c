#include "control/chores.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control/files.h"
#include "control/process.h"

enum { HEADS_MAX = 16 << 20 };

sp_status spd_chores_open(spd_chores *chores, sp_diag *diag)
{
    /* cppcheck-suppress invalidFunctionArg ; MAP_ANONYMOUS wants -1 (mmap(2)) */
    void *p = mmap(NULL, sizeof *chores->seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) {
        return sp_fail(diag, SP_ENOMEM, SIZE_MAX, "no memory for the ledger's chores");
    }
    chores->seen = p; /* zeroed: nothing was looked at */
    return SP_OK;
}

/* A worker that was killed leaves intents without outcome; those of the living are left alone. */
static bool record_losses(spl_left *left, const char *folder)
{
    uint8_t random[16];
    sp_diag diag = {0};
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
        spd_log("error", "the kernel gives no random bytes");
        return false;
    }
    const sp_status status = spl_recover_left(left, folder, spd_wall_ns(), random, &diag);
    if (left->n_lost > 0) {
        spd_log("warn", "%u requests of a worker that died have no outcome: recorded as lost",
                (unsigned)left->n_lost);
    }
    if (status == SP_ECORRUPT) {
        spd_log("error", "the ledger is damaged: %s; see `sallyport audit verify`", diag.text);
    } else if (status != SP_OK && status != SP_EBUSY) {
        spd_log("error", "what a dead worker left in the ledger cannot be recovered: %s", diag.text);
    }
    return status == SP_OK || status == SP_EBUSY || status == SP_ECORRUPT;
}

static bool add_spares(const char *folder, size_t segment_bytes, unsigned n_spares)
{
    sp_diag diag = {0};
    const sp_status status = spl_spares(folder, segment_bytes, n_spares, &diag);
    if (status != SP_OK) {
        spd_log("error", "no spare segment for the ledger: %s", diag.text);
    }
    return status == SP_OK;
}

/* ---- heads ---- */

/* A file that is not there is an empty one: the first start. */
static sp_status read_heads(sp_buf *out, const char *path, bool *is_there, sp_diag *diag)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : 1;
    *is_there = fd >= 0 || errno != ENOENT;
    while (n > 0 && out->n < HEADS_MAX / 4) {
        uint8_t *room = sp_buf_reserve(out, 1 << 14);
        n = room == NULL ? -1 : read(fd, room, 1 << 14);
        out->n += n > 0 ? (size_t)n : 0;
    }
    if (n != 0 && *is_there) {
        (void)spd_fail_errno(diag, "cannot read", path);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return n == 0 || !*is_there ? SP_OK : SP_ERECORD;
}

static sp_status follow_heads(const char *state, sp_mem *mem, sp_diag *diag)
{
    char path[SPD_PATH_MAX], ledger[SPD_PATH_MAX];
    bool is_there;
    sp_buf known = SP_BUF_IN(mem), now = SP_BUF_IN(mem);
    SP_TRY(spd_path_join(path, state, "heads"));
    SP_TRY(spd_path_join(ledger, state, "ledger"));
    SP_TRY(read_heads(&known, path, &is_there, diag));
    const sp_status status = spl_heads_collect(&now, ledger, sp_buf_bytes(&known), diag);
    if (status == SP_OK || (status == SP_ECORRUPT && now.n > 0)) {
        if (!is_there || !sp_bytes_eq(sp_buf_bytes(&known), sp_buf_bytes(&now))) {
            SP_TRY(spd_file_write(path, sp_buf_bytes(&now), diag));
        }
    }
    return status;
}

bool spd_heads_keep(spd_looked *seen, const char *state)
{
    sp_arena arena;
    sp_diag diag = {0};
    sp_arena_init(&arena, HEADS_MAX);
    const sp_status status = follow_heads(state, &arena.mem, &diag);
    sp_arena_fini(&arena);
    if (status != SP_OK && !seen->has_told_heads) {
        spd_log("error", "how far the ledger reaches cannot be kept: %s; see `sallyport audit verify`",
                diag.text);
    }
    seen->has_told_heads = status != SP_OK;
    return status == SP_OK;
}

/* ---- acts of operators ---- */

static bool record_acts(spd_looked *seen, const char *state)
{
    sp_diag diag = {0};
    unsigned n;
    const sp_status status = spd_acts_record(state, &n, &diag);
    const spd_acts_news news = spd_acts_judge(&seen->acts, status, spd_monotonic_ms());
    if (news == SPD_ACTS_AGAIN) {
        spd_log("notice", "acts of operators are recorded again");
    } else if (news == SPD_ACTS_FAIL) {
        spd_log("error", "acts of operators cannot be recorded, which is tried again: %s", diag.text);
    } else if (status == SP_OK && diag.code == SP_ECORRUPT) {
        spd_log("error", "the ledger is damaged: %s; that chain is left as it is, another one is written",
                diag.text);
    }
    return !seen->acts.has_told;
}

/* ---- rounds ---- */

bool spd_chores_start(spd_chores *chores, const char *state, size_t segment_bytes, unsigned n_spares)
{
    char folder[SPD_PATH_MAX];
    if (spd_path_join(folder, state, "ledger") != SP_OK) {
        return false;
    }
    if (chores->pid > 0 && waitpid(chores->pid, NULL, WNOHANG) == 0) {
        return false;
    }
    chores->pid = 0;
    const pid_t child = fork();
    if (child == 0) {
        const bool is_recorded = record_losses(&chores->seen->left, folder);
        const bool has_acts = record_acts(chores->seen, state);
        const bool is_kept = spd_heads_keep(chores->seen, state);
        const bool is_ready = add_spares(folder, segment_bytes, n_spares);
        _exit(is_recorded && has_acts && is_kept && is_ready ? 0 : 1);
    }
    chores->pid = child > 0 ? child : 0;
    return child > 0;
}

void spd_chores_close(spd_chores *chores, const char *state)
{
    if (chores->pid > 0) {
        (void)waitpid(chores->pid, NULL, 0);
        chores->pid = 0;
    }
    if (chores->seen != NULL && state != NULL) {
        (void)spd_heads_keep(chores->seen, state);
    }
    if (chores->seen != NULL) {
        (void)munmap(chores->seen, sizeof *chores->seen);
        chores->seen = NULL;
    }
}
