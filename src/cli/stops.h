/** @file stops.h  What `pause`, `resume` and `stops` share: printing the list, and who obeys it. */
#pragma once
#include "cli/cli.h"
#include "control/stops.h"

/** Waits up to 2 s until every worker obeys the list, then prints it. @param said  what was done, or NULL.
 *  @return CLI_OK, or CLI_FAILED after a message when it did not become effective in time. */
int cli_stops_settle(const cli_args *args, const cli_place *place, const sp_stops *stops, const char *said);

/** Fills in who and when, and the reason of --reason. @return CLI_OK, or CLI_USAGE after a message. */
int cli_stop_origin(sp_stop *stop, const cli_args *args, sp_mem *mem);

/** Says why the list could not be changed. @return CLI_FAILED. */
int cli_stops_fail(sp_status status, const sp_diag *diag, const cli_place *place);

#define CLI_OPTION_REASON                                                   \
    {                                                                       \
        "reason", 0, "TEXT", "why, for callers who are refused and the log" \
    }
