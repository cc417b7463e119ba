/** @file secret.h  Secrets that nothing but their surroundings tell: a value that a name is given
 *  (`db_password: …`, `"apiKey": "…"`, `--token …`), and one behind the name of a service whose keys have no
 *  word of their own. Shared by both: how random a text looks, and what stands for a secret without being
 * one. */
#pragma once
#include "detect/detect_internal.h"

/** What a value looks like. */
typedef struct sp_look {
    uint16_t n, digits, uppers, lowers, others; /**< others: neither letter nor digit */
    uint16_t
        turns; /**< changes between digits, capitals and small letters; not of a capital to a small one */
    uint16_t distinct;     /**< different bytes */
    uint16_t longest_word; /**< longest run of small letters, with a capital before it */
    bool is_hex;
    bool is_wordy; /**< words and plain numbers, parted by signs: "my-bucket-2", "UserName" */
} sp_look;

/** Looks at [start, end), which has arrived. */
sp_look sp_look_at(const sp_window *w, size_t start, size_t end);

/** How much reason there is to take a value for a secret. */
typedef enum sp_reason {
    SP_REASON_NONE = 0, /**< it stands near a name */
    SP_REASON_NAMED,    /**< the name says secret, token, key … */
} sp_reason;

/** Does it look drawn at random, as keys are? More is believed with more reason. */
bool sp_is_opaque(const sp_look *look, sp_reason reason);

/** Is it one that stands for a secret: "changeme", "xxxxxxxx", "your-key-here", "<token>", "${TOKEN}",
 *  "os.environ[…]"? Reads a byte past `end`. */
bool sp_is_stand_in(const sp_window *w, size_t start, size_t end);

/** Does it only look drawn at random: a digest by the name before it, a time, a host, a path, a public key,
 * code? */
bool sp_is_other(const sp_window *w, size_t start, size_t end);

/** Does it hold a digit? */
bool sp_has_digit(const sp_window *w, size_t start, size_t end);

/** Is it a UUID? */
bool sp_is_uuid(const sp_window *w, size_t start, size_t end);

/** Does one of the words, between '|' and in small letters, stand in [start, end), in any case? */
bool sp_has_word(const sp_window *w, size_t start, size_t end, const char *words);

/* ---- services ---- */

/** A service whose keys only its name tells (services.h). */
typedef struct sp_service sp_service;

/** Service `i` of all, sorted by word; NULL past the end. */
const sp_service *sp_service_at(size_t i);

/** The validator of all services (as sp_validate): a random value within reach of a service's name. */
void sp_service_key(sp_window *w, size_t head_end, sp_match *m);
/** The validator of a random value right behind the name of a service: "adzuna 7d3f…", `Adzuna("7d3f…")`,
 *  "- adzuna: 7d3f…". Only names that are no words. `head_end` is that of SP_SIGN_TOKEN. */
void sp_service_token(sp_window *w, size_t head_end, sp_match *m);
