#include "control/chores.h"

#include <sys/mman.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control/process.h"

sp_status spd_chores_open(spd_chores *chores, sp_diag *diag)
{
    /* cppcheck-suppress invalidFunctionArg ; MAP_ANONYMOUS wants -1 (mmap(2)) */
    void *p = mmap(NULL, sizeof *chores->left, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) {
        return sp_fail(diag, SP_ENOMEM, SIZE_MAX, "no memory for the ledger's chores");
    }
    chores->left = p; /* zeroed: nothing was looked at */
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
    if (status != SP_OK && status != SP_EBUSY) {
        spd_log("error", "what a dead worker left in the ledger cannot be recovered: %s", diag.text);
    }
    return status == SP_OK || status == SP_EBUSY;
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

bool spd_chores_start(spd_chores *chores, const char *folder, size_t segment_bytes, unsigned n_spares)
{
    if (chores->pid > 0 && waitpid(chores->pid, NULL, WNOHANG) == 0) {
        return false;
    }
    chores->pid = 0;
    const pid_t child = fork();
    if (child == 0) {
        const bool is_recorded = record_losses(chores->left, folder);
        const bool is_ready = add_spares(folder, segment_bytes, n_spares);
        _exit(is_recorded && is_ready ? 0 : 1);
    }
    chores->pid = child > 0 ? child : 0;
    return child > 0;
}

void spd_chores_close(spd_chores *chores)
{
    if (chores->pid > 0) {
        (void)waitpid(chores->pid, NULL, 0);
        chores->pid = 0;
    }
    if (chores->left != NULL) {
        (void)munmap(chores->left, sizeof *chores->left);
        chores->left = NULL;
    }
}
