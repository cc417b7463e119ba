#include "confine/confine_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Whoever has to signal or start others is not scoped. */
static bool is_scoped(spp_role_id role)
{
    return role == SPP_WORKER || role == SPP_DAEMON;
}

/* Under a sanitizer everything may be read: its run-time looks at /proc and at the program's own file. */
static bool confine_files(spp_role_id role, const spp_bounds *bounds, spp_report *report)
{
    spp_bounds taken = *bounds;
    const int version = spp__landlock_version();
    taken.reads_anything = taken.reads_anything || SPP__SANITIZED;
    if (version > 0 && !spp__landlock(&taken, is_scoped(role), version)) {
        return false;
    }
    spp__landlock_report(report, &taken, is_scoped(role), version);
    return true;
}

static void say_missing(spp_report *report, const spp_bounds *bounds, spp_role_id role)
{
    (void)snprintf(report->missing, sizeof report->missing, "%s%s%s%s",
                   report->has_calls ? "" : " system calls (seccomp)",
                   report->has_files ? "" : " files (Landlock, Linux 5.13)",
                   report->has_ports || bounds->any_port ? "" : " ports (Landlock 4, Linux 6.7)",
                   report->has_scope || !is_scoped(role) ? "" : " signals (Landlock 6, Linux 6.12)");
}

bool spp_confine(spp_role_id role, const spp_bounds *bounds, spp_report *report, const char **failed)
{
    *report = (spp_report){0};
    if (!confine_files(role, bounds, report)) {
        *failed = "Landlock refuses a rule: a folder is missing, or the kernel takes no further one";
        return false;
    }
    const int status = spp__seccomp(spp_role_get(role));
    report->has_calls = status == 0;
    if (status != 0 && status != -ENOSYS) {
        errno = -status;
        *failed = "the filter of system calls cannot be loaded";
        return false;
    }
    say_missing(report, bounds, role);
    return true;
}

bool spp_confine_calls(spp_role_id role)
{
    const int status = spp__seccomp(spp_role_get(role));
    errno = -status;
    return status == 0 || status == -ENOSYS;
}

void spp_report_text(char *out, size_t n, const spp_report *report)
{
    char landlock[64] = "no Landlock";
    if (report->has_files) {
        (void)snprintf(landlock, sizeof landlock, "Landlock %d (files%s%s)", report->landlock,
                       report->has_ports ? ", ports" : "", report->has_scope ? ", signals" : "");
    }
    (void)snprintf(out, n, "%s%s, %s", report->has_calls ? "seccomp" : "no seccomp",
                   SPP__SANITIZED ? " (sanitized build: the short list)" : "", landlock);
}
