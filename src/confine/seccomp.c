/* The filter of system calls: what a role's groups do not name is refused with EPERM and said once in the
 * log; what nobody of ours may ask for ends the process. EPERM rather than the end for the rest: a worker
 * holds other people's streams, and a call that some library makes once in a year must not cut them. */
#include "confine/confine_internal.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <ucontext.h>
#include <unistd.h>

typedef struct call {
    uint32_t group;
    const char *name;
} call;

static const call calls[] = {
#define X(GROUP, name_) {SPP_GROUP_##GROUP, name_},
#include "confine/syscalls.h"
};
enum { N_CALLS = sizeof calls / sizeof calls[0], SEEN_MAX = 1024, SOCK_TYPE_BITS = 0xf };

/* ---- a call that was refused ---- */

static volatile sig_atomic_t seen[SEEN_MAX];

/* Runs inside a signal handler: no allocation, no stdio. */
static void say(int number)
{
    char line[] = "sallyport: [alert] system call ..... is not on this process's list: refused\n";
    char *digits = strchr(line, '.');
    unsigned rest = (unsigned)number;
    for (int i = 4; i >= 0; i--, rest /= 10) {
        digits[i] = (char)('0' + rest % 10);
    }
    const ssize_t n = write(STDERR_FILENO, line, sizeof line - 1);
    (void)n; /* nobody is left to be told */
}

static void refuse(int signal_number, siginfo_t *info, void *context)
{
    const int number = info->si_syscall;
    ucontext_t *where = context;
    (void)signal_number;
    if (number >= 0 && number < SEEN_MAX && !seen[number]) {
        seen[number] = 1;
        say(number);
    }
#if defined(__x86_64__)
    where->uc_mcontext.gregs[REG_RAX] = -EPERM;
#elif defined(__aarch64__)
    where->uc_mcontext.regs[0] = (unsigned long long)-EPERM;
#else
#error "where does this processor keep the result of a system call?"
#endif
}

static bool watch_refusals(void)
{
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_NODEFER};
    action.sa_sigaction = refuse;
    (void)sigemptyset(&action.sa_mask);
    return sigaction(SIGSYS, &action, NULL) == 0;
}

/* ---- rules ---- */

/* A name that this processor does not have is no rule. */
static int add(scmp_filter_ctx filter, uint32_t action, const char *name)
{
    const int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR || number < 0) {
        return 0;
    }
    return seccomp_rule_add(filter, action, number, 0);
}

static int add_if(scmp_filter_ctx filter, uint32_t action, const char *name, struct scmp_arg_cmp when)
{
    const int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR || number < 0) {
        return 0;
    }
    return seccomp_rule_add_array(filter, action, number, 1, &when);
}

static int add_groups(scmp_filter_ctx filter, uint32_t groups, uint32_t action)
{
    int status = 0;
    for (size_t i = 0; i < N_CALLS && status == 0; i++) {
        if ((calls[i].group & groups) != 0) {
            status = add(filter, action, calls[i].name);
        }
    }
    return status;
}

/* One of two groups may name the same call: libseccomp takes the same rule twice. */
typedef struct rule {
    uint32_t action;
    const char *name;
    struct scmp_arg_cmp when;
} rule;

static int add_rules(scmp_filter_ctx filter, const rule *rules, size_t n)
{
    int status = 0;
    for (size_t i = 0; i < n && status == 0; i++) {
        status = add_if(filter, rules[i].action, rules[i].name, rules[i].when);
    }
    return status;
}

/* Memory that can be executed is made while a program is loaded, and never after. */
static int add_memory(scmp_filter_ctx filter)
{
    const rule rules[] = {
        {SCMP_ACT_ALLOW, "mmap", SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)},
        {SCMP_ACT_ALLOW, "mprotect", SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)},
        {SCMP_ACT_ALLOW, "prctl", SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0)},
        {SCMP_ACT_ALLOW, "prctl", SCMP_A0(SCMP_CMP_EQ, PR_GET_DUMPABLE, 0)},
        {SCMP_ACT_ALLOW, "prlimit64", SCMP_A2(SCMP_CMP_EQ, 0, 0)},
        {SCMP_ACT_ALLOW, "tgkill", SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0)},
        {SCMP_ACT_ALLOW, "ioctl", SCMP_A1(SCMP_CMP_EQ, 0x5421, 0)},         /* FIONBIO */
        {SCMP_ACT_ALLOW, "ioctl", SCMP_A1(SCMP_CMP_EQ, 0x541b, 0)},         /* FIONREAD */
        {SCMP_ACT_ERRNO(ENOTTY), "ioctl", SCMP_A1(SCMP_CMP_EQ, 0x5401, 0)}, /* TCGETS: stdio asks */
    };
    return add_rules(filter, rules, sizeof rules / sizeof rules[0]);
}

static int add_exec(scmp_filter_ctx filter)
{
    const int status = add(filter, SCMP_ACT_KILL_PROCESS, "execve");
    return status == 0 ? add(filter, SCMP_ACT_KILL_PROCESS, "execveat") : status;
}

/* clone3 hides its flags behind a pointer, so it is not there: glibc then takes clone. */
static int add_fork(scmp_filter_ctx filter, uint32_t action)
{
    int status =
        add_if(filter, action, "clone", (struct scmp_arg_cmp)SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
    status = status == 0 ? add(filter, SCMP_ACT_ERRNO(ENOSYS), "clone3") : status;
    status = status == 0 ? add(filter, action, "fork") : status;
    return status == 0 ? add(filter, action, "vfork") : status;
}

static int add_threads(scmp_filter_ctx filter)
{
    return add_if(filter, SCMP_ACT_ALLOW, "clone",
                  (struct scmp_arg_cmp)SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
}

static int add_socket(scmp_filter_ctx filter, int family, int type)
{
    const struct scmp_arg_cmp when[] = {
        SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family, 0),
        SCMP_A1(SCMP_CMP_MASKED_EQ, SOCK_TYPE_BITS, (scmp_datum_t)type),
    };
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2, when);
}

/* No raw, packet or kernel sockets for anybody; no datagrams for those who resolve no names. */
static int add_sockets(scmp_filter_ctx filter, uint32_t groups)
{
    static const struct {
        uint32_t group;
        int family, type;
    } rows[] = {
        {SPP_GROUP_CLIENT, AF_INET, SOCK_STREAM}, {SPP_GROUP_CLIENT, AF_INET6, SOCK_STREAM},
        {SPP_GROUP_LOCAL, AF_INET, SOCK_DGRAM},   {SPP_GROUP_LOCAL, AF_INET6, SOCK_DGRAM},
        {SPP_GROUP_LOCAL, AF_UNIX, SOCK_STREAM},
    };
    int status = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && status == 0; i++) {
        if ((rows[i].group & groups) != 0) {
            status = add_socket(filter, rows[i].family, rows[i].type);
        }
    }
    return status;
}

/* ---- filters ---- */

static int add_strict(scmp_filter_ctx filter, const spp_role *role)
{
    int status = add_groups(filter, role->groups, SCMP_ACT_ALLOW);
    status = status == 0 ? add_memory(filter) : status;
    status = status == 0 ? add_threads(filter) : status;
    status = status == 0 ? add_fork(filter, role->may_fork ? SCMP_ACT_ALLOW : SCMP_ACT_KILL_PROCESS) : status;
    status = status == 0 ? add_exec(filter) : status;
    return status == 0 ? add_sockets(filter, role->groups) : status;
}

/* What runs under a sanitizer, or starts other programs, is not bound to a list. */
static bool is_strict(const spp_role *role)
{
    return role->groups != 0 && !SPP__SANITIZED;
}

static int add_lenient(scmp_filter_ctx filter, const spp_role *role)
{
    const int status = role->may_fork ? 0 : add_fork(filter, SCMP_ACT_KILL_PROCESS);
    return status == 0 && !role->may_exec ? add_exec(filter) : status;
}

/* A sanitizer starts a program to read symbols, and its search for leaks stops threads with ptrace. */
static int fill(scmp_filter_ctx filter, const spp_role *role)
{
    if (SPP__SANITIZED) {
        return 0;
    }
    const int status = is_strict(role) ? add_strict(filter, role) : add_lenient(filter, role);
    return status == 0 ? add_groups(filter, SPP_GROUP_NEVER, SCMP_ACT_KILL_PROCESS) : status;
}

int spp__seccomp(const spp_role *role)
{
    if (seccomp_api_get() == 0) {
        return -ENOSYS;
    }
    scmp_filter_ctx filter = seccomp_init(is_strict(role) ? SCMP_ACT_TRAP : SCMP_ACT_ALLOW);
    if (filter == NULL) {
        return -ENOMEM;
    }
    int status = !is_strict(role) || watch_refusals() ? 0 : -errno;
    /* A binary tree instead of a list: the filter runs at each call. */
    status = status == 0 ? seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) : status;
    status = status == 0 ? seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) : status;
    status = status == 0 ? fill(filter, role) : status;
    status = status == 0 ? seccomp_load(filter) : status;
    seccomp_release(filter);
    return status;
}
