/* Files and ports, by Landlock's three system calls: no library is needed, and the headers of Debian 12 are
 * older than what today's kernels offer, so the newer constants stand here (include/uapi/linux/landlock.h).
 */
#include "confine/confine_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Rights of a file system, and the version of Landlock that knows them. */
enum {
    FS_EXECUTE = 1 << 0,
    FS_WRITE_FILE = 1 << 1,
    FS_READ_FILE = 1 << 2,
    FS_READ_DIR = 1 << 3,
    FS_REMOVE_DIR = 1 << 4,
    FS_REMOVE_FILE = 1 << 5,
    FS_MAKE_CHAR = 1 << 6,
    FS_MAKE_DIR = 1 << 7,
    FS_MAKE_REG = 1 << 8,
    FS_MAKE_SOCK = 1 << 9,
    FS_MAKE_FIFO = 1 << 10,
    FS_MAKE_BLOCK = 1 << 11,
    FS_MAKE_SYM = 1 << 12,
    FS_ALL_1 = (1 << 13) - 1,
    FS_REFER = 1 << 13,     /* 2 */
    FS_TRUNCATE = 1 << 14,  /* 3 */
    FS_IOCTL_DEV = 1 << 15, /* 5 */
    FS_READS = FS_EXECUTE | FS_READ_FILE | FS_READ_DIR,
    FS_REGULAR = FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_MAKE_REG | FS_REMOVE_FILE | FS_TRUNCATE,
    FS_FOLDERS = FS_MAKE_DIR | FS_REMOVE_DIR | FS_MAKE_SOCK | FS_REFER,
    FS_OF_A_FILE = FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV,
};
enum { NET_BIND_TCP = 1 << 0, NET_CONNECT_TCP = 1 << 1, SCOPE_ABSTRACT = 1 << 0, SCOPE_SIGNAL = 1 << 1 };
enum { VERSION_REFER = 2, VERSION_TRUNCATE = 3, VERSION_NET = 4, VERSION_IOCTL = 5, VERSION_SCOPE = 6 };
enum { RULE_PATH = 1, RULE_PORT = 2, QUERY_VERSION = 1 };

typedef struct ruleset_attr {
    uint64_t fs, net, scope;
} ruleset_attr;

typedef struct port_attr {
    uint64_t access, port;
} port_attr;

int spp__landlock_version(void)
{
    const long version = syscall(SYS_landlock_create_ruleset, NULL, 0, QUERY_VERSION);
    return version > 0 ? (int)version : 0;
}

static uint64_t known_rights(int version)
{
    uint64_t rights = FS_ALL_1;
    rights |= version >= VERSION_REFER ? FS_REFER : 0;
    rights |= version >= VERSION_TRUNCATE ? FS_TRUNCATE : 0;
    rights |= version >= VERSION_IOCTL ? FS_IOCTL_DEV : 0;
    return rights;
}

static uint64_t rights_of(spp_access access)
{
    switch (access) {
    case SPP_WRITE:
    case SPP_WRITE_OPTIONAL:
        return FS_REGULAR | FS_FOLDERS;
    case SPP_WRITE_FILES:
        return FS_REGULAR;
    default:
        return FS_READ_FILE | FS_READ_DIR;
    }
}

static bool is_optional(spp_access access)
{
    return access == SPP_READ_OPTIONAL || access == SPP_WRITE_OPTIONAL;
}

static bool add_place(int rules, const spp_place *place, uint64_t handled)
{
    struct stat info;
    const int fd = open(place->path, O_PATH | O_CLOEXEC);
    if (fd < 0) {
        return is_optional(place->access);
    }
    uint64_t rights = rights_of(place->access) & handled;
    bool is_good = fstat(fd, &info) == 0;
    if (is_good && !S_ISDIR(info.st_mode)) {
        rights &= FS_OF_A_FILE;
    }
    const struct landlock_path_beneath_attr attr = {.allowed_access = rights, .parent_fd = fd};
    is_good = is_good && (rights == 0 || syscall(SYS_landlock_add_rule, rules, RULE_PATH, &attr, 0) == 0);
    const int error = errno;
    (void)close(fd);
    errno = error;
    return is_good;
}

static bool add_port(int rules, uint16_t port)
{
    const port_attr attr = {.access = NET_CONNECT_TCP, .port = port};
    return syscall(SYS_landlock_add_rule, rules, RULE_PORT, &attr, 0) == 0;
}

static bool fill(int rules, const spp_bounds *bounds, const ruleset_attr *attr)
{
    for (size_t i = 0; i < bounds->n_places; i++) {
        if (!add_place(rules, &bounds->places[i], attr->fs)) {
            return false;
        }
    }
    for (size_t i = 0; attr->net != 0 && i < bounds->n_ports; i++) {
        if (!add_port(rules, bounds->ports[i])) {
            return false;
        }
    }
    return true;
}

/* A kernel of an earlier version knows a shorter structure. */
static size_t attr_size(int version)
{
    return version >= VERSION_SCOPE ? sizeof(ruleset_attr)
                                    : sizeof(uint64_t) * (version >= VERSION_NET ? 2 : 1);
}

bool spp__landlock(const spp_bounds *bounds, bool is_scoped, int version)
{
    const uint64_t known = known_rights(version);
    const ruleset_attr attr = {
        .fs = bounds->reads_anything ? known & ~(uint64_t)FS_READS : known,
        .net = version >= VERSION_NET && !bounds->any_port ? NET_BIND_TCP | NET_CONNECT_TCP : 0,
        .scope = version >= VERSION_SCOPE && is_scoped ? SCOPE_ABSTRACT | SCOPE_SIGNAL : 0,
    };
    const int rules = (int)syscall(SYS_landlock_create_ruleset, &attr, attr_size(version), 0);
    if (rules < 0) {
        return false;
    }
    const bool is_done = fill(rules, bounds, &attr) && syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    const int error = errno;
    (void)close(rules);
    errno = error;
    return is_done;
}

void spp__landlock_report(spp_report *report, const spp_bounds *bounds, bool is_scoped, int version)
{
    report->landlock = version;
    report->has_files = version > 0;
    report->has_ports = version >= VERSION_NET && !bounds->any_port;
    report->has_scope = version >= VERSION_SCOPE && is_scoped;
}
