/** @file state.h  The state database (SQLite, STATE/state.db): what must outlive the configuration file. Keys
 * as hashes, the generation, the clock's high-water mark, and every number that a configured level,
 * category or fact ever had. Several processes may use it at once (WAL). One object belongs to one thread. No
 * secret is ever stored. */
#pragma once
#include "sallyport/policy.h"

typedef struct spd_state spd_state;

/** A key as stored. Texts live in the memory that was passed. */
typedef struct spd_key {
    uint8_t id[SP_KEY_ID_BYTES];
    uint8_t hash[32];
    sp_bytes application, note, reason;
    sp_bytes use_case;                        /**< that its requests are of too; empty: none */
    uint64_t created_s, expires_s, revoked_s; /**< since 1970; 0 = never */
} spd_key;

typedef enum spd_name_kind { SPD_NAME_LEVEL = 1, SPD_NAME_CATEGORY = 2, SPD_NAME_FACT = 3 } spd_name_kind;

/** Opens FOLDER/state.db and makes it when it is missing (the folder must exist).
 *  @return SP_OK, SP_EVERSION (made by a later version), SP_ECORRUPT, SP_EBUSY, SP_EINTERNAL, SP_ENOMEM; with
 * diag. */
SP_NODISCARD sp_status spd_state_open(spd_state **out, const char *folder, sp_diag *diag);
void spd_state_close(spd_state *state); /**< NULL allowed */
/** What SQLite said of the last failure. Static until the next call. */
const char *spd_state_error(const spd_state *state);

/** Several changes as one. @param keep  false: none of them. */
SP_NODISCARD sp_status spd_state_begin(spd_state *state);
SP_NODISCARD sp_status spd_state_end(spd_state *state, bool keep);

/** Changes when another connection has committed something (PRAGMA data_version). */
SP_NODISCARD sp_status spd_state_version(spd_state *state, uint64_t *out);
/** The next generation: always larger than any before, also after a restart. */
SP_NODISCARD sp_status spd_state_next_generation(spd_state *state, uint64_t *out);
/** The generation that was given out last; 0 = none yet. */
SP_NODISCARD sp_status spd_state_generation(spd_state *state, uint64_t *out);
/** The time to judge by: the larger of `wall_s` and the largest that was ever seen; remembers it. */
SP_NODISCARD sp_status spd_state_clock(spd_state *state, uint64_t wall_s, uint64_t *out);

/** @return SP_OK, SP_EDUPKEY (an id that is there). */
SP_NODISCARD sp_status spd_state_key_add(spd_state *state, const spd_key *key);
/** @return SP_OK, SP_EBADKEY (no such id), SP_EDUPKEY (revoked before; nothing changes). */
SP_NODISCARD sp_status spd_state_key_revoke(spd_state *state, const spd_key *key);
/** All keys, oldest first. */
SP_NODISCARD sp_status spd_state_keys(spd_state *state, spd_key **out, size_t *n, sp_mem *mem);

/** A number and its name. */
typedef struct spd_name {
    spd_name_kind kind;
    uint64_t number;
    sp_bytes name;
} spd_name;

/** Binds a number to a name for good.
 *  @param was  receives the name of that number: on a clash another one, or an empty run when it is the name
 *              that has another number. Lives in `mem`.
 *  @return SP_OK, SP_EDUPKEY on a clash. */
SP_NODISCARD sp_status spd_state_name_claim(spd_state *state, const spd_name *name, sp_bytes *was,
                                            sp_mem *mem);
/** Fills in the names that are remembered; entries of `names` that are set stay. */
SP_NODISCARD sp_status spd_state_names(spd_state *state, sp_names *names, sp_mem *mem);
