/** @file confine.h  What a process may do, and taking everything else away from it: roles as a table
 * (roles.h), system calls (seccomp), files and ports (Landlock), debuggers, core dumps, privileges by exec,
 * capabilities; memory for secrets. Everything here acts on the calling process; nothing of it can be undone.
 * docs/adr/0015 says why each. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Groups of system calls (syscalls.h), and two that are decided by arguments: local sockets, child
 * processes. */
enum {
    SPP_GROUP_BASE = 1 << 0,
    SPP_GROUP_WRITE = 1 << 1,
    SPP_GROUP_OWN = 1 << 2,
    SPP_GROUP_CLIENT = 1 << 3,
    SPP_GROUP_ACCEPT = 1 << 4,
    SPP_GROUP_SERVER = 1 << 5,
    SPP_GROUP_CHILD = 1 << 6,
    SPP_GROUP_LOCAL = 1 << 7, /**< sockets of this machine, datagrams (names) */
    SPP_GROUP_NEVER = 1 << 8,
};

typedef enum spp_role_id {
#define X(ID, name, user, reads, writes, connects, may_fork, may_exec, groups) SPP_##ID,
#include "confine/roles.h"
    SPP_ROLES
} spp_role_id;

typedef struct spp_role {
    const char *name, *user, *reads, *writes, *connects;
    bool may_fork, may_exec;
    uint32_t groups; /**< 0: all but SPP_GROUP_NEVER */
} spp_role;

/** @return the row; never NULL for an id of the enum. */
const spp_role *spp_role_get(spp_role_id id);

/** A file or folder with all below it. */
typedef enum spp_access {
    SPP_READ = 0,      /**< open files for reading, list folders */
    SPP_WRITE,         /**< also write, make, remove, rename, sockets */
    SPP_WRITE_FILES,   /**< as SPP_WRITE, but regular files only */
    SPP_READ_OPTIONAL, /**< as SPP_READ; may be missing */
    SPP_WRITE_OPTIONAL,
} spp_access;

typedef struct spp_place {
    const char *path;
    spp_access access;
} spp_place;

/** What the table says in words, for this run. */
typedef struct spp_bounds {
    const spp_place *places;
    size_t n_places;
    bool reads_anything;   /**< reading and executing files is not restricted */
    const uint16_t *ports; /**< TCP ports that it may connect to */
    size_t n_ports;
    bool any_port; /**< connecting and binding TCP ports is not restricted */
} spp_bounds;

/** What holds from now on. A kernel that lacks something is no failure: `missing` says it, for the log. */
typedef struct spp_report {
    bool has_calls; /**< seccomp */
    bool has_files; /**< Landlock, kernel 5.13 */
    bool has_ports; /**< Landlock 4, kernel 6.7 */
    bool has_scope; /**< Landlock 6, kernel 6.12: no signals and no abstract sockets to processes outside */
    int landlock;   /**< version of the kernel's Landlock, 0: none */
    char missing[160];
} spp_report;

/** Confines the calling process to its role, threads that it starts later included. It must be
 * single-threaded, and have called spp_harden.
 *  @param failed  receives, on failure, what could not be done: static text.
 *  @return false when the kernel has a protection but refuses it, or a place is not there; errno tells more.
 * The process then must not go on. */
bool spp_confine(spp_role_id role, const spp_bounds *bounds, spp_report *report, const char **failed);

/** The filter of system calls alone, for a process that writes wherever it is told to (SPP_COMMAND). A kernel
 * without filters is no failure. @return false with errno. */
bool spp_confine_calls(spp_role_id role);

/** "seccomp, Landlock 7 (files, ports, signals)": one line for the log. @param out  at least 96 bytes. */
void spp_report_text(char *out, size_t n, const spp_report *report);

/** No core dumps, no reading by debuggers and by /proc/PID/mem of other processes, no privileges through
 * exec, files private (umask 077). @return false when the kernel refuses. */
bool spp_harden(void);

/** Of a process with root's capabilities: keeps those that the gateway needs (own files of another user,
 * become another user, low ports, lock memory, end its children), also through exec. Does nothing for others.
 *  @return false when the kernel refuses. */
bool spp_drop_capabilities(spp_role_id role);

/* ---- secrets ---- */

/** Zeroed pages for a secret: locked in memory, left out of core dumps, separate from the heap.
 *  @param is_locked  NULL, or receives whether the kernel locked them (RLIMIT_MEMLOCK).
 *  @return NULL when there is no memory. */
void *spp_secret_new(size_t n, bool *is_locked);
/** Wipes and gives back; NULL allowed. `n` as for spp_secret_new. */
void spp_secret_free(void *p, size_t n);
/** Locks again in a child: locks are not inherited. @return whether the kernel did. */
bool spp_secret_relock(void *p, size_t n);
