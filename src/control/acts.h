/** @file acts.h  What operators do, as records. Whoever acts writes a line into STATE/acts.log, with or
 * without a daemon; the daemon makes each line a record of the ledger, once, and notes in STATE/acts.mark how
 * far it got (docs/adr/0024-operators-in-the-chain.md).
 *
 * A line is the record as JSON, for people, and as `leaf`, which is what enters the chain. */
#pragma once
#include "control/files.h"
#include "sallyport/record.h"

/** Appends the line of an act, durable when it returns. Any process; a line that does not fit on the disk
 *  leaves nothing behind.
 *  @param act  at_ns, act, act_operator, stopped_reason, generation; kind and id are set here.
 *  @return SP_OK, SP_ERANGE (a text is empty, too long, no UTF-8, or has control characters), SP_EINTERNAL
 * (also: another process kept the log locked for a second), SP_ECRYPTO, SP_ENOMEM; with diag. */
SP_NODISCARD sp_status spd_act_log(const char *state, const sp_record *act, sp_diag *diag);

/** Records what was logged and is not recorded yet, at most some hundred lines: call again. Cheap when
 * nothing was logged. What is no line of ours is recorded as such. For the daemon.
 *  @param n  receives how many lines are recorded now.
 *  @return SP_OK. SP_EBUSY: not now, somebody logs or recovers. SP_EINTERNAL, SP_ERECORD, SP_ECORRUPT,
 * SP_ENOMEM: call again later. With diag. */
SP_NODISCARD sp_status spd_acts_record(const char *state, unsigned *n, sp_diag *diag);

/** What rounds of spd_acts_record have come to; zeroed at the start. */
typedef struct spd_acts_seen {
    uint64_t busy_ms; /**< monotonic, since when each found the log or the slot in use; 0: the last did not */
    bool has_told;    /**< that acts cannot be recorded */
} spd_acts_seen;

/** What there is to tell after a round. */
typedef enum spd_acts_news {
    SPD_ACTS_NO_NEWS,
    SPD_ACTS_FAIL,  /**< they cannot be recorded; once, until they are again */
    SPD_ACTS_AGAIN, /**< they are recorded again */
} spd_acts_news;

/** Judges the status of a round. SP_EBUSY is a failure when it has lasted for 30 s.
 *  @param now_ms  monotonic, not 0. */
spd_acts_news spd_acts_judge(spd_acts_seen *seen, sp_status status, uint64_t now_ms);
