/** @file audit_internal.h  What the commands of `audit` share: going through the ledger record by record, and
 * payloads. */
#pragma once
#include "cli/cli.h"
#include "sallyport/ledger.h"

enum {
    AUDIT_RECORD_BYTES = 1 << 20, /**< one decoded record: a leaf is at most 64 KiB */
    AUDIT_LINE_BYTES = 8 << 20,   /**< one record as text */
};

/** Goes through a ledger. Damage is told on stderr where it is met and counted; the rest is still given. */
typedef struct audit_walk {
    spl_reader *reader;
    spl_entry entry; /**< the present record, until the next one is asked for */
    sp_record record;
    sp_arena arena; /**< what the record needs */
    size_t n_bad;
    bool has_failed; /**< the ledger can not be read on */
} audit_walk;

/** @return CLI_OK, or CLI_FAILED after a message. */
int cli__audit_open(audit_walk *walk, const char *ledger);
/** @return false when there is none: at the end of what has been written. */
bool cli__audit_next(audit_walk *walk);
/** @return CLI_OK, or CLI_FAILED when anything could not be read. */
int cli__audit_close(audit_walk *walk);

/** `--NAME` as a number. @return CLI_OK with `unset` when it was not given, CLI_USAGE after a message. */
int cli__audit_number(uint64_t *out, const cli_args *args, const char *name, uint64_t unset);

/** Appends what an operator did: `pause destination cloud by alice: REASON`. */
void cli__audit_put_act(sp_buf *out, const sp_record *record);

/** Appends the plaintext of all blocks of the present record, in order. `*n_gone` counts erased ones.
 *  @return SP_OK; SP_ECRYPTO, SP_ECORRUPT, SP_ERANGE: a block does not open. */
SP_NODISCARD sp_status cli__audit_payload(sp_buf *out, audit_walk *walk, const uint8_t secret[32],
                                          size_t *n_gone);

/** Appends `s` behind `"NAME":` as a JSON text, or, when it is not UTF-8, behind `"NAME_base64url":`. */
void cli__audit_put_text(sp_buf *out, const char *name, sp_bytes s);

int cli__audit_list(const cli_args *args);
int cli__audit_show(const cli_args *args);
int cli__audit_verify(const cli_args *args);
