/** @file stop.h  The stop switch: what an operator has paused, as one small text file that workers read
 * beside the snapshot. Pure: text in, a list out; names are compared, never indexes, so a stop holds whatever
 * policy generation serves, and also when what it names is gone for a while and comes back.
 *
 *  The file, UTF-8, every line ended by a newline, fields with a tab between:
 *
 *      sallyport-stops 1
 *      generation  7
 *      destination cloud   1764345600  alice   now     key found in a public repository
 *      sum 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
 *
 *  kind, name (`-` for all), since (seconds since 1970), by whom, `now` or `later`, reason. `sum` is the
 * SHA-256 of all before that line: a file that was cut or edited is refused. There is one way to write a
 * list: kind, then name ascending, each once. */
#pragma once
#include "sallyport/base.h"

enum {
    SP_STOPS_MAX = 256,       /**< stops at a time */
    SP_STOP_NAME_MAX = 255,   /**< bytes, as in a snapshot */
    SP_STOP_BY_MAX = 64,      /**< bytes */
    SP_STOP_REASON_MAX = 200, /**< bytes; callers are shown it */
    SP_STOPS_FILE_MAX = 1 << 18,
};

/** What is paused. The order is that of the file and of which one a refusal names. */
typedef enum sp_stop_kind {
    SP_STOP_NONE = 0,
    SP_STOP_ALL,
    SP_STOP_APPLICATION,
    SP_STOP_USE_CASE,
    SP_STOP_MODEL,
    SP_STOP_DESTINATION,
    SP_STOP_KINDS,               /**< how many numbers there are in a file */
    SP_STOP_KEY = SP_STOP_KINDS, /**< a key that serves no longer: made by a worker, never in a file */
} sp_stop_kind;

/** One stop. Texts are borrowed, one line, printable. */
typedef struct sp_stop {
    uint8_t kind;     /**< sp_stop_kind */
    bool is_now;      /**< what runs is ended too */
    uint64_t since_s; /**< since 1970; 0: not known */
    sp_bytes name;    /**< empty for SP_STOP_ALL */
    sp_bytes by;      /**< the operator, as the system names him */
    sp_bytes reason;  /**< the operator's words */
} sp_stop;

/** What is paused now. Zeroed: it could not be read, and everything is stopped. */
typedef struct sp_stops {
    bool is_known;
    uint64_t generation; /**< goes up with each change */
    const sp_stop *v;    /**< sorted by kind, then name */
    size_t n;
} sp_stops;

/** What a request would use; empty names are not known yet, or nothing. */
typedef struct sp_stop_target {
    sp_bytes application, use_case, model, destination;
} sp_stop_target;

/** Reads the file. Accepts only what the encoder writes. @param out  borrows `file` and lives in `mem`;
 * zeroed on failure, which stops everything. @return SP_OK, SP_EVERSION, SP_ECORRUPT, SP_ENOMEM, SP_ECRYPTO.
 */
SP_NODISCARD sp_status sp_stops_decode(sp_stops *out, sp_bytes file, sp_mem *mem, sp_diag *diag);
/** Writes the file. @return SP_ERANGE when a text, the number or the order of the stops is out of bounds. */
SP_NODISCARD sp_status sp_stops_encode(sp_buf *out, const sp_stops *stops);

/** The first stop that `target` falls under, or NULL: none. A list that is not known gives a stop of
 *  everything, whose reason says so. @param now_only  only those that end what runs; then an unknown list
 * gives NULL, since it names nothing to end. */
const sp_stop *sp_stops_find(const sp_stops *stops, const sp_stop_target *target, bool now_only);
/** The stop of exactly this kind and name, or NULL. */
const sp_stop *sp_stops_get(const sp_stops *stops, uint8_t kind, sp_bytes name);

/** A text that may stand in the file: 1 to `max` bytes of valid UTF-8 without control characters. */
bool sp_stop_text_ok(sp_bytes text, size_t max);
/** Is it complete and within its bounds? */
bool sp_stop_ok(const sp_stop *stop);
/** The list's order: kind, then name. <0, 0, >0. */
int sp_stop_cmp(const sp_stop *a, const sp_stop *b);
/** "all", "destination", ...; "none". Static. */
const char *sp_stop_kind_name(uint8_t kind);
/** The kind of that name, or SP_STOP_NONE. */
sp_stop_kind sp_stop_kind_find(sp_bytes name);
/** Appends e.g. `destination cloud`, or `everything`. */
void sp_stop_subject_append(sp_buf *out, const sp_stop *stop);
/** Appends e.g. `destination cloud is paused since 2026-11-28T16:00:00Z: REASON`, for callers. */
void sp_stop_append(sp_buf *out, const sp_stop *stop);
