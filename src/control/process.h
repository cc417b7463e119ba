/** @file process.h  What of the environment children may see, clocks, and log lines. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/** The environment for a child: an allow-list (PATH, TZ, LANG, LC_*, what sanitizers need); no credential of
 * ours is on it. Ended by NULL; made once, from malloc, never freed: it lives as long as the process. NULL
 * when memory is short. */
char **spd_environment(void);

/** Is `entry` ("NAME=VALUE") on that list? */
bool spd_environment_keeps(const char *entry);

uint64_t spd_monotonic_ms(void);
uint64_t spd_wall_s(void);
uint64_t spd_wall_ns(void);

/** One line on stderr: time, program, [level], message. Levels as nginx has them: notice, warn, error, alert.
 */
void spd_log(const char *level, const char *format, ...) __attribute__((format(printf, 2, 3)));
