/** @file files.h  Small files of the state folder: made private, written whole or not at all. */
#pragma once
#include "sallyport/base.h"

enum { SPD_PATH_MAX = 4096 };

/** `folder`/`name` into `out`. @return SP_ERANGE when it does not fit. */
SP_NODISCARD sp_status spd_path_join(char out[SPD_PATH_MAX], const char *folder, const char *name);

/** Makes a folder (0700) with its missing parents; one that is there is left as it is, but others may not
 * enter it.
 *  @return SP_OK, SP_EINTERNAL with diag. */
SP_NODISCARD sp_status spd_folder_make(const char *path, sp_diag *diag);

/** Writes a file so that readers see the old or the new one, never a part, also after a power cut: temporary
 * name in the same folder, fsync, rename, fsync of the folder. Mode 0600. @return SP_OK, SP_EINTERNAL with
 * diag. */
SP_NODISCARD sp_status spd_file_write(const char *path, sp_bytes content, sp_diag *diag);

/** Reads exactly `n` bytes. @return SP_OK, SP_ETRUNCATED (missing, shorter or longer). */
SP_NODISCARD sp_status spd_file_read(uint8_t *out, size_t n, const char *path);

/** The X25519 key pair that records are sealed to: STATE/seal.key (private, 32 raw bytes) and STATE/seal.pub.
 * Makes it when there is none.
 *  @param public_key  receives the public half.
 *  @return SP_OK, SP_ECRYPTO, SP_ECORRUPT (the halves do not belong together), SP_EINTERNAL; with diag. */
SP_NODISCARD sp_status spd_seal_key(uint8_t public_key[32], const char *state, sp_diag *diag);

/** Fills `diag` with TEXT: PATH: the error of `errno`. @return SP_EINTERNAL. */
sp_status spd_fail_errno(sp_diag *diag, const char *text, const char *path);
