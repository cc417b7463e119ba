/** @file files.h  Small files of the state folder: made private, written whole or not at all. */
#pragma once
#include <sys/types.h>

#include "sallyport/base.h"

enum { SPD_PATH_MAX = 4096 };

/** `folder`/`name` into `out`. @return SP_ERANGE when it does not fit. */
SP_NODISCARD sp_status spd_path_join(char out[SPD_PATH_MAX], const char *folder, const char *name);

/** Makes a folder (0700) with its missing parents; one that is there is left as it is, but others may not
 * enter it; its group may pass through it (0710) where workers are of that group.
 *  @return SP_OK, SP_EINTERNAL with diag. */
SP_NODISCARD sp_status spd_folder_make(const char *path, sp_diag *diag);

/** Writes a file so that readers see the old or the new one, never a part, also after a power cut: temporary
 * name in the same folder, fsync, rename, fsync of the folder. Mode 0600. @return SP_OK, SP_EINTERNAL with
 * diag. */
SP_NODISCARD sp_status spd_file_write(const char *path, sp_bytes content, sp_diag *diag);

/** The same, but the group `readers` may read it as well (0640). */
SP_NODISCARD sp_status spd_file_write_shared(const char *path, sp_bytes content, gid_t readers,
                                             sp_diag *diag);

/** Workers that run as another user than the rest: `uid` 0 means that they do not. */
typedef struct spd_workers {
    uid_t uid;
    gid_t gid;
} spd_workers;

/** Gives workers of another user what they need of the state folder, and no more: pass through it, read the
 * snapshots' folder and the list of stops, own the ledger's folder, stops/seen and what is in them. Nothing
 * else in it can be read by them. Needs root; does nothing where workers->uid is 0.
 *  @return SP_OK, SP_EINTERNAL with diag. */
SP_NODISCARD sp_status spd_share_with_workers(const char *state, const spd_workers *workers, sp_diag *diag);

/** Replaces a file that somebody else wrote: as above, with its owner, group and mode, and only while it
 * holds what is `expected`. @return SP_OK, SP_EBUSY (it was changed meanwhile), SP_EINTERNAL with diag. */
SP_NODISCARD sp_status spd_file_replace(const char *path, sp_bytes expected, sp_bytes content, sp_diag *diag);

/** Reads exactly `n` bytes. @return SP_OK, SP_ETRUNCATED (missing, shorter or longer). */
SP_NODISCARD sp_status spd_file_read(uint8_t *out, size_t n, const char *path);

/** The X25519 key pair that records are sealed to: STATE/seal.key (private, 32 raw bytes) and STATE/seal.pub.
 * Makes it when there is none.
 *  @param public_key  receives the public half.
 *  @return SP_OK, SP_ECRYPTO, SP_ECORRUPT (the halves do not belong together), SP_EINTERNAL; with diag. */
SP_NODISCARD sp_status spd_seal_key(uint8_t public_key[32], const char *state, sp_diag *diag);

/** Fills `diag` with TEXT: PATH: the error of `errno`. @return SP_EINTERNAL. */
sp_status spd_fail_errno(sp_diag *diag, const char *text, const char *path);
