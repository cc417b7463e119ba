/* The confinement, by trying: a child takes a role for a folder made here, tries one thing, and says by its
 * end what came of it. Each row is tried without the role as well, where it has to work: else its refusal
 * would say nothing. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "confine/confine.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

/* What a try ended with: an errno, 0 when it worked, ENDED when the kernel ended the process. */
enum { ENDED = 200, BROKEN = 201 };

typedef struct place {
    char folder[64], ledger[96], snapshot[96], secret[96], spare[128], snap[128];
    uint16_t open_port, other_port;
    int listeners[2];
} place;

static place here;

static int listen_somewhere(uint16_t *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t n = sizeof at;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 8) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &n) != 0) {
        return -1;
    }
    *port = ntohs(at.sin_port);
    return fd;
}

static int write_file(const char *path)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    return fd >= 0 && close(fd) == 0 ? 0 : -1;
}

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(here.folder, sizeof here.folder, "/tmp/sp-confine-XXXXXX");
    if (mkdtemp(here.folder) == NULL) {
        return -1;
    }
    (void)snprintf(here.ledger, sizeof here.ledger, "%s/ledger", here.folder);
    (void)snprintf(here.snapshot, sizeof here.snapshot, "%s/snapshot", here.folder);
    (void)snprintf(here.secret, sizeof here.secret, "%s/seal.key", here.folder);
    (void)snprintf(here.spare, sizeof here.spare, "%s/spare", here.ledger);
    (void)snprintf(here.snap, sizeof here.snap, "%s/x.snap", here.snapshot);
    here.listeners[0] = listen_somewhere(&here.open_port);
    here.listeners[1] = listen_somewhere(&here.other_port);
    return mkdir(here.ledger, 0700) == 0 && mkdir(here.snapshot, 0700) == 0 && write_file(here.secret) == 0 &&
                   write_file(here.snap) == 0 && here.listeners[0] >= 0 && here.listeners[1] >= 0
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    char command[128];
    (void)snprintf(command, sizeof command, "rm -r %s", here.folder);
    (void)close(here.listeners[0]);
    (void)close(here.listeners[1]);
    return system(command); /* NOLINT(cert-env33-c): a name of mkdtemp */
}

/* ---- what is tried: each returns 0 or an errno ---- */

static int result_of(long rc)
{
    return rc < 0 ? errno : 0;
}

static int try_open(const char *path, int flags)
{
    return result_of(open(path, flags | O_CLOEXEC, 0600)); /* the child ends: nothing to close */
}

static int read_seal_key(void)
{
    return try_open(here.secret, O_RDONLY);
}
static int write_seal_key(void)
{
    return try_open(here.secret, O_WRONLY | O_TRUNC);
}
static int read_passwd(void)
{
    return try_open("/etc/passwd", O_RDONLY);
}
static int read_snapshot(void)
{
    return try_open(here.snap, O_RDONLY);
}
static int write_snapshot(void)
{
    return try_open(here.snap, O_WRONLY);
}
static int write_outside(void)
{
    return try_open("/tmp/sp-confine-outside", O_WRONLY | O_CREAT);
}
static int delete_seal_key(void)
{
    return result_of(unlink(here.secret));
}

static int write_ledger(void)
{
    char to[160];
    (void)snprintf(to, sizeof to, "%s.ready", here.spare);
    const int opened = try_open(here.spare, O_RDWR | O_CREAT);
    return opened != 0 ? opened : rename(here.spare, to) != 0 ? errno : result_of(unlink(to));
}

static int move_out_of_ledger(void)
{
    char to[160];
    (void)snprintf(to, sizeof to, "%s/moved", here.snapshot);
    const int made = write_ledger();
    (void)write_file(here.spare);
    return made != 0 ? made : rename(here.spare, to) != 0 ? errno : result_of(unlink(to));
}

static int make_link(void)
{
    char to[160];
    (void)snprintf(to, sizeof to, "%s/link", here.ledger);
    return symlink("/etc/passwd", to) != 0 ? errno : result_of(unlink(to));
}

static int run_program(void)
{
    char *const argv[] = {(char[]){"true"}, NULL};
    return result_of(execv("/bin/true", argv));
}

static int fork_child(void)
{
    const pid_t pid = fork();
    if (pid == 0) {
        _exit(0);
    }
    return pid < 0 ? errno : waitpid(pid, NULL, 0) == pid ? 0 : errno;
}

static void *nothing(void *p)
{
    return p;
}

static int start_thread(void)
{
    pthread_t thread;
    const int rc = pthread_create(&thread, NULL, nothing, NULL);
    return rc != 0 ? rc : pthread_join(thread, NULL);
}

static int connect_to(uint16_t port)
{
    const struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_port = htons(port)};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return fd < 0 ? errno : result_of(connect(fd, (const struct sockaddr *)&at, sizeof at));
}

static int connect_allowed(void)
{
    return connect_to(here.open_port);
}
static int connect_elsewhere(void)
{
    return connect_to(here.other_port);
}
static int open_datagrams(void)
{
    return result_of(socket(AF_INET, SOCK_DGRAM, 0));
}
static int open_local(void)
{
    return result_of(socket(AF_UNIX, SOCK_STREAM, 0));
}
static int open_netlink(void)
{
    return result_of(socket(AF_NETLINK, SOCK_RAW, 0));
}

static int listen_on_port(void)
{
    uint16_t port;
    return result_of(listen_somewhere(&port));
}

static int signal_parent(void)
{
    return result_of(kill(getppid(), 0));
}
static int trace_itself(void)
{
    return result_of(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}
static int leave_namespace(void)
{
    return result_of(unshare(CLONE_FS));
}

static int map_memory(int rights, void **out)
{
    /* cppcheck-suppress invalidFunctionArg ; MAP_ANONYMOUS wants -1 (mmap(2)) */
    *out = mmap(NULL, 4096, rights, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return *out == MAP_FAILED ? errno : 0;
}

static int executable_memory(void)
{
    void *p;
    return map_memory(PROT_READ | PROT_WRITE | PROT_EXEC, &p);
}

static int make_memory_executable(void)
{
    void *p;
    return map_memory(PROT_READ | PROT_WRITE, &p) != 0 ? BROKEN
                                                       : result_of(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

static int be_dumpable(void)
{
    return result_of(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}
static int change_owner(void)
{
    return result_of(chown(here.ledger, geteuid(), getegid()));
}

/* ---- trying ---- */

static bool take_role(spp_role_id role)
{
    const spp_place of_worker[] = {{here.snapshot, SPP_READ}, {here.ledger, SPP_WRITE_FILES}};
    const spp_place of_others[] = {{here.folder, SPP_WRITE}};
    const bool is_worker = role == SPP_WORKER;
    const spp_bounds bounds = {.places = is_worker ? of_worker : of_others,
                               .n_places = is_worker ? 2 : 1,
                               .reads_anything = role == SPP_SUPERVISOR,
                               .ports = &here.open_port,
                               .n_ports = 1,
                               .any_port = !is_worker};
    spp_report report;
    const char *failed = NULL;
    return spp_harden() && spp_confine(role, &bounds, &report, &failed);
}

/* SPP_ROLES: no role. */
static int outcome_of(int (*what)(void), spp_role_id role)
{
    int code = 0;
    const pid_t pid = fork();
    if (pid == 0) {
        const int null = open("/dev/null", O_WRONLY | O_CLOEXEC); /* for what is said of refusals */
        const bool is_ready = null >= 0 && dup2(null, STDERR_FILENO) >= 0;
        _exit(is_ready && (role == SPP_ROLES || take_role(role)) ? what() : BROKEN);
    }
    assert_true(pid > 0 && waitpid(pid, &code, 0) == pid);
    if (WIFSIGNALED(code)) {
        assert_int_equal(WTERMSIG(code), SIGSYS);
        return ENDED;
    }
    return WEXITSTATUS(code);
}

#define ANY (-1) /* refused, one way or another */

static const struct {
    const char *name;
    int (*what)(void);
    int worker, daemon, supervisor;
} tries[] = {
    {"opens the seal key", read_seal_key, EACCES, 0, 0},
    {"empties the seal key", write_seal_key, EACCES, 0, 0},
    {"deletes the seal key", delete_seal_key, EACCES, 0, 0},
    {"reads a file outside", read_passwd, EACCES, EACCES, 0},
    {"reads the snapshot", read_snapshot, 0, 0, 0},
    {"writes the snapshot", write_snapshot, EACCES, 0, 0},
    {"writes the ledger", write_ledger, 0, 0, 0},
    {"moves a file out of the ledger", move_out_of_ledger, ANY, 0, 0},
    {"makes a link in the ledger", make_link, ANY, ANY, EACCES},
    {"writes outside", write_outside, EACCES, EACCES, EACCES},
    {"changes an owner", change_owner, EPERM, 0, 0},
    {"runs a program", run_program, ENDED, ENDED, 0},
    {"forks", fork_child, ENDED, 0, 0},
    {"starts a thread", start_thread, 0, 0, 0},
    {"connects to a destination", connect_allowed, 0, 0, 0},
    {"connects elsewhere", connect_elsewhere, EACCES, 0, 0},
    {"opens a datagram socket", open_datagrams, EPERM, 0, 0},
    {"opens a local socket", open_local, EPERM, 0, 0},
    {"opens a kernel socket", open_netlink, EPERM, EPERM, 0},
    {"listens", listen_on_port, EPERM, 0, 0},
    {"signals who started it", signal_parent, EPERM, EPERM, 0},
    {"is traced", trace_itself, ENDED, ENDED, ENDED},
    {"leaves a namespace", leave_namespace, ENDED, ENDED, ENDED},
    {"makes executable memory", executable_memory, EPERM, EPERM, 0},
    {"makes memory executable", make_memory_executable, EPERM, EPERM, 0},
    {"becomes dumpable", be_dumpable, EPERM, EPERM, 0},
};
enum { N_TRIES = sizeof tries / sizeof tries[0] };

/* A refusal says something only where the thing works without a role. */
static void check_try(size_t i, spp_role_id role, int want)
{
    (void)write_file(here.secret); /* some tries delete it */
    const int bare = outcome_of(tries[i].what, SPP_ROLES);
    (void)write_file(here.secret);
    const int got = outcome_of(tries[i].what, role);
    const bool is_met = want == ANY ? got != 0 && got != BROKEN : got == want;
    if (!is_met || bare != 0) {
        fail_msg("%s %s: %d instead of %d, %d without a role", spp_role_get(role)->name, tries[i].name, got,
                 want, bare);
    }
}

static void each_role_may_do_what_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_TRIES; i++) {
        check_try(i, SPP_WORKER, tries[i].worker);
        check_try(i, SPP_DAEMON, tries[i].daemon);
        check_try(i, SPP_SUPERVISOR, tries[i].supervisor);
    }
}

/* The list itself: what may not be forked or run in the table is ended in the filter. */
static void the_table_and_the_filter_agree(void **state)
{
    (void)state;
    for (int id = 0; id < SPP_ROLES; id++) {
        const spp_role *role = spp_role_get((spp_role_id)id);
        assert_non_null(role->name);
        assert_true(role->groups == 0 || (role->groups & SPP_GROUP_BASE) != 0);
        assert_true((role->groups & SPP_GROUP_NEVER) == 0);
        assert_true(role->groups == 0 || !role->may_exec);
        assert_true(role->groups == 0 || role->may_fork == ((role->groups & SPP_GROUP_CHILD) != 0));
    }
}

static int make_surprising_calls(void)
{
    int ends[2];
    char said[256] = "";
    if (pipe(ends) != 0 || dup2(ends[1], STDERR_FILENO) < 0 || !take_role(SPP_WORKER)) {
        return BROKEN;
    }
    for (int i = 0; i < 3; i++) {
        if (syscall(SYS_getsid, 0) != -1 || errno != EPERM) {
            return 1;
        }
    }
    const ssize_t n = read(ends[0], said, sizeof said - 1);
    said[n > 0 ? n : 0] = '\0';
    char *line = strstr(said, "[alert] system call 00");
    return line == NULL ? 2 : strstr(line + 1, "[alert]") != NULL ? 3 : 0;
}

static void a_surprising_call_is_refused_and_said_once(void **state)
{
    (void)state;
    assert_int_equal(outcome_of(make_surprising_calls, SPP_ROLES), 0);
}

static int report_what_holds(void)
{
    const spp_place places[] = {{here.ledger, SPP_WRITE_FILES}};
    const spp_bounds bounds = {.places = places, .n_places = 1};
    spp_report report;
    const char *failed = NULL;
    char text[128];
    if (!spp_harden() || !spp_confine(SPP_WORKER, &bounds, &report, &failed)) {
        return BROKEN;
    }
    spp_report_text(text, sizeof text, &report);
    const bool is_whole = report.has_calls && report.has_files && report.has_ports && report.has_scope;
    return strstr(text, "seccomp") == NULL || is_whole != (report.missing[0] == '\0') ||
           report.has_files != (strstr(text, "Landlock ") != NULL && strstr(text, "no Landlock") == NULL);
}

static int confine_to_a_missing_folder(void)
{
    const spp_place places[] = {{"/nonexistent", SPP_READ}};
    const spp_bounds bounds = {.places = places, .n_places = 1};
    spp_report report;
    const char *failed = NULL;
    return spp_harden() && !spp_confine(SPP_WORKER, &bounds, &report, &failed) && failed != NULL &&
                   errno == ENOENT
               ? 0
               : 1;
}

static void what_holds_is_reported(void **state)
{
    (void)state;
    assert_int_equal(outcome_of(report_what_holds, SPP_ROLES), 0);
    assert_int_equal(outcome_of(confine_to_a_missing_folder, SPP_ROLES), 0);
}

/* ---- hardening ---- */

static int look_at_itself(void)
{
    struct rlimit core;
    return spp_harden() && getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0 &&
                   prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1
               ? 0
               : 1;
}

static int drop_capabilities(void)
{
    if (!spp_drop_capabilities(SPP_DAEMON)) {
        return BROKEN;
    }
    if (geteuid() != 0) {
        return 0;
    }
    const bool is_bound = prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN, 0, 0, 0) == 0 &&
                          prctl(PR_CAPBSET_READ, CAP_SYS_PTRACE, 0, 0, 0) == 0 &&
                          prctl(PR_CAPBSET_READ, CAP_SETUID, 0, 0, 0) == 0 &&
                          prctl(PR_CAPBSET_READ, CAP_CHOWN, 0, 0, 0) == 1;
    return is_bound && setuid(65534) != 0 && sethostname("x", 1) != 0 ? 0 : 1;
}

static void a_process_hardens_itself(void **state)
{
    (void)state;
    assert_int_equal(outcome_of(look_at_itself, SPP_ROLES), 0);
    assert_int_equal(outcome_of(drop_capabilities, SPP_ROLES), 0);
}

/* ---- secrets ---- */

static long locked_kib(void)
{
    char line[128];
    long kib = -1;
    FILE *file = fopen("/proc/self/status", "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "VmLck:", 6) == 0) {
            kib = strtol(line + 6, NULL, 10);
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return kib;
}

static void a_secret_lies_in_locked_pages_of_its_own(void **state)
{
    bool is_locked = false;
    const long before = locked_kib();
    (void)state;
    uint8_t *secret = spp_secret_new(10, &is_locked);
    assert_non_null(secret);
    assert_true(is_locked);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* their runtimes make locking a no-op \
                                                                     */
    assert_int_equal(locked_kib(), before + sysconf(_SC_PAGESIZE) / 1024);
#endif
    assert_int_equal((uintptr_t)secret % (uintptr_t)sysconf(_SC_PAGESIZE), 0);
    for (size_t i = 0; i < 10; i++) {
        assert_int_equal(secret[i], 0);
    }
    memset(secret, 0x5a, 10);
    assert_true(spp_secret_relock(secret, 10));
    spp_secret_free(secret, 10);
    spp_secret_free(NULL, 10);
    assert_int_equal(locked_kib(), before);
}

static int become_a_command(void)
{
    return spp_harden() && spp_confine_calls(SPP_COMMAND) ? 0 : BROKEN;
}

static int command_runs_a_program(void)
{
    return become_a_command() == 0 ? run_program() : BROKEN;
}

static int command_forks(void)
{
    return become_a_command() == 0 ? fork_child() : BROKEN;
}

static int command_writes(void)
{
    return become_a_command() == 0 ? write_ledger() : BROKEN;
}

static void a_command_starts_nothing(void **state)
{
    (void)state;
    assert_int_equal(outcome_of(command_runs_a_program, SPP_ROLES), ENDED);
    assert_int_equal(outcome_of(command_forks, SPP_ROLES), ENDED);
    assert_int_equal(outcome_of(command_writes, SPP_ROLES), 0);
}

int main(void)
{
    const struct CMUnitTest everywhere[] = {
        cmocka_unit_test(the_table_and_the_filter_agree),
        cmocka_unit_test(a_secret_lies_in_locked_pages_of_its_own),
    };
    const struct CMUnitTest as_shipped[] = {
        cmocka_unit_test(each_role_may_do_what_the_table_says),
        cmocka_unit_test(a_surprising_call_is_refused_and_said_once),
        cmocka_unit_test(a_command_starts_nothing),
        cmocka_unit_test(what_holds_is_reported),
        cmocka_unit_test(a_process_hardens_itself),
    };
    const int failed = cmocka_run_group_tests(everywhere, NULL, NULL);
    /* A sanitized build has no list, and a run-time that makes calls of its own. */
    return SANITIZED ? failed : failed + cmocka_run_group_tests(as_shipped, set_up, tear_down);
}
