/* What every process of ours does to itself first. */
#include "confine/confine.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const spp_role roles[] = {
#define X(ID, name_, user_, reads_, writes_, connects_, fork_, exec_, groups_) \
    [SPP_##ID] = {.name = name_,                                               \
                  .user = user_,                                               \
                  .reads = reads_,                                             \
                  .writes = writes_,                                           \
                  .connects = connects_,                                       \
                  .may_fork = fork_,                                           \
                  .may_exec = exec_,                                           \
                  .groups = groups_},
#include "confine/roles.h"
};

const spp_role *spp_role_get(spp_role_id id)
{
    return &roles[id];
}

bool spp_harden(void)
{
    const struct rlimit none = {0, 0};
    (void)umask(S_IRWXG | S_IRWXO);
    return setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}

/* ---- capabilities ---- */

#define BIT(capability) (UINT64_C(1) << (capability))

/* The daemon gives files to the workers' user and reads what they wrote. The others also become that user,
 * end its processes, and open the listening port. */
static uint64_t kept_by(spp_role_id role)
{
    const uint64_t files = BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FOWNER) | BIT(CAP_IPC_LOCK);
    return role == SPP_DAEMON ? files
                              : files | BIT(CAP_SETUID) | BIT(CAP_SETGID) | BIT(CAP_KILL) |
                                    BIT(CAP_NET_BIND_SERVICE) | BIT(CAP_SYS_RESOURCE);
}

/* glibc has no function for it; version 3 takes two words. */
static bool get_capabilities(struct __user_cap_data_struct data[2])
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    return syscall(SYS_capget, &header, data) == 0;
}

static bool set_capabilities(const struct __user_cap_data_struct data[2])
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    return syscall(SYS_capset, &header, data) == 0;
}

bool spp_drop_capabilities(spp_role_id role)
{
    struct __user_cap_data_struct data[2] = {{0}, {0}};
    const uint64_t kept = kept_by(role);
    if (!get_capabilities(data)) {
        return false;
    }
    if (data[0].permitted == 0 && data[1].permitted == 0) {
        return true;
    }
    /* The bounding set is what root keeps through exec. One that may not be lowered stays: exec gains nothing
     * that this process did not have. */
    for (int c = 0; prctl(PR_CAPBSET_READ, c, 0, 0, 0) >= 0; c++) {
        if ((kept & BIT(c)) == 0) {
            (void)prctl(PR_CAPBSET_DROP, c, 0, 0, 0);
        }
    }
    for (int i = 0; i < 2; i++) {
        const uint32_t word = (uint32_t)(kept >> (32 * i));
        data[i].permitted &= word;
        data[i].effective &= word;
        data[i].inheritable = 0;
    }
    return set_capabilities(data);
}
