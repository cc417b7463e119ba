/* Who may do what: the workers' user, and what this process gives up before it starts anything. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "cli/supervisor.h"
#include "confine/confine.h"

static void copy_text(char *out, size_t n, sp_bytes text)
{
    (void)snprintf(out, n, "%.*s", (int)text.n, (const char *)text.p);
}

int run_find_user(run *r)
{
    run_user *found = &r->workers;
    if (geteuid() != 0) {
        return CLI_OK;
    }
    copy_text(found->user, sizeof found->user, r->setup->conf->processes.user.v);
    /* cppcheck-suppress getpwnamCalled ; the supervisor has one thread */
    const struct passwd *user = getpwnam(found->user);
    if (user == NULL) {
        return cli_fail("there is no user to run workers as", found->user,
                        "name one that exists: processes: {user: NAME}");
    }
    found->uid = user->pw_uid;
    found->gid = user->pw_gid;
    if (found->uid == 0) {
        (void)fputs(
            "sallyport: warning: workers run as root: name another user (processes: {user: www-data})\n",
            stderr);
        return CLI_OK;
    }
    /* cppcheck-suppress getgrgidCalled ; the supervisor has one thread */
    const struct group *group = getgrgid(found->gid);
    if (group == NULL) {
        return cli_fail("the workers' user has no group", found->user, NULL);
    }
    (void)snprintf(found->group, sizeof found->group, "%s", group->gr_name);
    return CLI_OK;
}

/* What it starts inherits all of it: nginx and the daemon write nowhere but in the state folder either.
 * Reading is left open, since a reload may name any certificate, and executing, since nginx is wherever it
 * is. */
int run_confine(const run *r)
{
    const spp_place places[] = {{r->state, SPP_WRITE}, {"/dev/null", SPP_WRITE_OPTIONAL}};
    const spp_bounds bounds = {.places = places,
                               .n_places = sizeof places / sizeof places[0],
                               .reads_anything = true,
                               .any_port = true};
    spp_report report;
    const char *failed = NULL;
    if (!spp_drop_capabilities(SPP_SUPERVISOR)) {
        return cli_fail("root's capabilities cannot be given up", NULL, strerrordesc_np(errno));
    }
    if (r->setup->conf->processes.confine != SPC_CONFINE_STRICT) {
        (void)fputs("sallyport: warning: processes are not confined (processes: {confine: off})\n", stderr);
        return CLI_OK;
    }
    if (!spp_confine(SPP_SUPERVISOR, &bounds, &report, &failed)) {
        return cli_fail(failed, r->state, strerrordesc_np(errno));
    }
    if (report.missing[0] != '\0') {
        (void)fprintf(stderr, "sallyport: warning: this kernel does not confine%s\n", report.missing);
    }
    return CLI_OK;
}

bool run_same_processes(const spc_conf *a, const spc_conf *b)
{
    return a->processes.confine == b->processes.confine &&
           sp_bytes_eq(a->processes.user.v, b->processes.user.v);
}
