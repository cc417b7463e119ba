/** @file children.h  Starting and ending the processes of a run. Each leads a process group of its own, so
 * that Ctrl-C reaches the supervisor alone and a whole group can be ended. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct cli_child {
    const char *const *argv; /**< argv[0] is a path; ended by NULL */
    int out_fd;              /**< its standard output and error */
    const int *keep;         /**< descriptors that it inherits under their numbers; ended by -1. NULL: none */
    int death_signal;        /**< what it gets when the supervisor dies */
} cli_child;

/** @return the process id, or -1 (errno). The environment is the allow-list of spd_environment. */
pid_t cli_spawn(const cli_child *child);

/** Waits until the process has ended or `end_ms` (monotonic) is over. @param code  receives what waitpid
 * said. @return false: still alive. */
bool cli_wait(pid_t pid, uint64_t end_ms, int *code);

/** Is any process of the group alive? */
bool cli_group_is_alive(pid_t group);

/** "ended with exit code 1", "was ended by signal 9 (Killed)"; static until the next call. */
const char *cli_describe_end(int code);

/** The path of a program: itself when it has a slash, else what PATH or /usr/sbin holds. `out` has PATH_MAX
 * bytes. */
bool cli_find_program(char *out, const char *name);
