/** @file process.h  What every process of a run does to itself first, and what of the environment its
 * children may see. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/** No core dumps, no reading by debuggers, no privileges through exec, files private (umask 077). @return
 * false when the kernel refuses. */
bool spd_harden(void);

/** The environment for a child: an allow-list (PATH, TZ, LANG, LC_*, what sanitizers need); no credential of
 * ours is on it. Ended by NULL; made once, from malloc, never freed: it lives as long as the process. NULL
 * when memory is short. */
char **spd_environment(void);

uint64_t spd_monotonic_ms(void);
uint64_t spd_wall_s(void);
uint64_t spd_wall_ns(void);

/** One line on stderr: time, program, [level], message. Levels as nginx has them: notice, warn, error, alert.
 */
void spd_log(const char *level, const char *format, ...) __attribute__((format(printf, 2, 3)));
