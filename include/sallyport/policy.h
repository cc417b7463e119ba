/** @file policy.h  The snapshot that decisions rest on, and the decision itself: pure functions of their
 * inputs. A snapshot is an immutable file; the daemon encodes, workers decode once per generation. A zeroed
 * snapshot refuses everything. */
#pragma once
#include "sallyport/dialect.h"
#include "sallyport/detect.h"
#include "sallyport/health.h"
#include "sallyport/label.h"
#include "sallyport/limit.h"
#include "sallyport/stop.h"

enum {
    SP_CANDIDATES_MAX = 16, /**< destinations of one model */
    SP_KEY_ID_BYTES = 8,    /**< random id of an API key, hex in the key text and in records */
    SP_KEY_SECRET_BYTES = 32,
    SP_ADDRESSES_MAX = 8,
    SP_DESTINATIONS_MAX = 4096,
};

typedef enum sp_tier { SP_TIER_NONE = 0, SP_TIER_CLOUD = 1, SP_TIER_SELF_HOSTED = 2 } sp_tier;

/** What an entry may do beyond plain text, a bit each (1 << sp_field_kind): STATE, EGRESS, UNREADABLE,
 * UNKNOWN, OPAQUE. */
typedef uint32_t sp_permits;
#define SP_PERMIT(kind) (UINT32_C(1) << (kind))

/** An address to connect to: family 4 or 6, network byte order. */
typedef struct sp_address {
    uint8_t family;
    uint8_t ip[16];
    uint16_t port;
} sp_address;

typedef struct sp_destination {
    sp_bytes name, vendor, region, model; /**< model: as the destination calls it */
    sp_bytes base_path;                   /**< of the base URL, without trailing slash, e.g. "/v1" */
    sp_bytes host;                        /**< for Host and SNI */
    sp_label clearance;
    sp_permits permits; /**< what it may receive */
    uint8_t tier;       /**< sp_tier */
    uint8_t dialect;    /**< sp_dialect_id */
    bool is_tls;
    bool is_down;           /**< its probes by the daemon fail: passed over */
    sp_health_rules health; /**< when it is kept away from */
    uint8_t n_addresses;
    sp_address addresses[SP_ADDRESSES_MAX]; /**< none: not resolved, passed over */
} sp_destination;

typedef struct sp_model {
    sp_bytes name;
    uint8_t n_destinations;
    uint16_t destinations[SP_CANDIDATES_MAX]; /**< in order of preference */
    bool may_replay;                          /**< a try may be repeated after the whole request was sent */
} sp_model;

typedef struct sp_use_case {
    sp_bytes name, owner, purpose;
    sp_label label;
} sp_use_case;

typedef struct sp_application {
    sp_bytes name;
    uint16_t use_case;
    uint16_t n_models;
    const uint16_t *models; /**< sorted indexes into snapshot.models */
    sp_permits permits;     /**< what its requests may hold */
    uint8_t user_text;      /**< sp_integrity of user text, as its entry states */
    sp_rates rates;         /**< of each of its keys */
} sp_application;

typedef struct sp_key {
    uint8_t id[SP_KEY_ID_BYTES];
    uint8_t hash[32]; /**< SHA-256 of the secret: 256 random bits need no salt nor stretching */
    uint16_t application;
    bool is_revoked;
    uint64_t expires_s; /**< since 1970; 0 = never */
} sp_key;

typedef struct sp_limits {
    uint32_t body_bytes, answer_bytes, held_bytes; /**< answer_bytes: of a whole (not streamed) answer */
    uint32_t findings;                             /**< per request, listed */
    uint32_t record_wait_ms;                       /**< most that a request waits for its record */
    uint32_t label_wait_ms; /**< most that a large body waits for its turn to be read */
    uint32_t body_rate;     /**< least bytes per second of a body, averaged */
    uint64_t memory_bytes,
        caller_memory_bytes; /**< that requests under way hold in a worker: all, of one key */
} sp_limits;

typedef struct sp_snapshot {
    uint64_t generation;
    uint64_t created_s, expires_s; /**< since 1970; past expires_s everything is refused */
    sp_names names;
    sp_limits limits;
    uint64_t withhold;    /**< categories that may not leave in an answer */
    uint64_t mask;        /**< categories that leave an answer masked */
    uint8_t seal_key[32]; /**< X25519 public key that records are sealed to */
    const sp_destination *destinations;
    size_t n_destinations;
    const sp_model *models; /**< sorted by name */
    size_t n_models;
    const sp_use_case *use_cases;
    size_t n_use_cases;
    const sp_application *applications;
    size_t n_applications;
    const sp_key *keys; /**< sorted by id */
    size_t n_keys;
} sp_snapshot;

/** Encodes to the file format of docs/reference/snapshot.md: magic, version, sections, SHA-256 at the end.
 * Holds no credential. */
SP_NODISCARD sp_status sp_snapshot_encode(sp_buf *out, const sp_snapshot *snapshot);
/** Decodes and checks every index, length and range. @param out  borrows `file` and lives in `mem`.
 *  @return SP_OK, SP_ECORRUPT, SP_EVERSION, SP_ETRUNCATED, SP_ERANGE, SP_ENOMEM. On failure `*out` is zeroed,
 * which refuses. */
SP_NODISCARD sp_status sp_snapshot_decode(sp_snapshot *out, sp_bytes file, sp_mem *mem, sp_diag *diag);

/** Row of snapshot->models by its name, or -1. */
int sp_model_find(const sp_snapshot *snapshot, sp_bytes name);

/* ---- who ---- */

/** Parses `sp_<16 hex id>_<43 base64url secret>_<8 hex crc32 of all before the last underscore>` and finds
 * its key. Unknown, revoked and wrong keys take the same path: one hash, one constant-time compare.
 *  @return SP_OK, SP_EBADKEY, SP_ESNAPSHOT when now_s is past expires_s. `*out` is NULL on failure. */
SP_NODISCARD sp_status sp_key_identify(const sp_key **out, const sp_snapshot *snapshot, sp_bytes text,
                                       uint64_t now_s);
/** Does the key of this id still serve, by this snapshot: it is there, not revoked, and not past its end? For
 * requests under way, whose secret was judged when they came. */
bool sp_key_serves(const sp_snapshot *snapshot, const uint8_t id[SP_KEY_ID_BYTES], uint64_t now_s);
/** Writes a key's text from its id and secret; `out` gets 72 characters. */
void sp_key_text_append(sp_buf *out, const uint8_t id[SP_KEY_ID_BYTES],
                        const uint8_t secret[SP_KEY_SECRET_BYTES]);
/** The stored hash of a secret. */
SP_NODISCARD sp_status sp_key_hash(uint8_t hash[32], const uint8_t secret[SP_KEY_SECRET_BYTES]);

/* ---- the label ---- */

/** Who added an atom. */
typedef enum sp_atom_source {
    SP_ATOM_USE_CASE = 1,
    SP_ATOM_DETECTOR,
    SP_ATOM_ORIGIN,
    SP_ATOM_USE
} sp_atom_source;

/** One reason for a label. */
typedef struct sp_atom {
    sp_label label;      /**< what it joins in */
    uint8_t source;      /**< sp_atom_source */
    uint8_t kind;        /**< DETECTOR: sp_kind; USE: sp_field_kind; ORIGIN: sp_origin */
    uint8_t confidence;  /**< 0..100 */
    uint32_t count;      /**< how many of the kind; the place is of the first */
    uint32_t start, end; /**< span in the body, or in the nested string when `place` says so */
    sp_place place;
} sp_atom;

typedef struct sp_labelling {
    sp_label label;
    sp_atom *atoms;
    size_t n_atoms;
} sp_labelling;

/** What a label is made from. All borrowed. */
typedef struct sp_evidence {
    const sp_snapshot *snapshot;
    const sp_application *application;
    const sp_request *request;
    const sp_findings *findings; /**< of a scan of request->text */
} sp_evidence;

/** Joins use case, findings (by kind: category, level), origins (integrity) and unreadable content.
 *  @param out  the label and its atoms, which live in `mem`. @return SP_OK, SP_ENOMEM, SP_EINTERNAL. */
SP_NODISCARD sp_status sp_label_request(sp_labelling *out, const sp_evidence *evidence, sp_mem *mem);

/* ---- the decision ---- */

/** Why a candidate was taken or passed over. */
typedef enum sp_reason {
    SP_REASON_NONE = 0,
    SP_REASON_TAKEN,
    SP_REASON_NOT_REACHED, /**< an earlier one was taken; this one would do too */
    SP_REASON_FLOW,        /**< the label does not flow; `part` says which component */
    SP_REASON_PERMIT,      /**< a use needs a permission that it lacks; `field` says which kind */
    SP_REASON_DIALECT,     /**< speaks another dialect */
    SP_REASON_TRIED,       /**< failed in an earlier try of this request */
    SP_REASON_ADDRESS,     /**< has no address */
    SP_REASON_STOPPED,     /**< paused by an operator */
    SP_REASON_AWAY = 9,    /**< kept away from: its circuit is open, it asked to wait, or its probes fail */
} sp_reason;
const char *sp_reason_name(sp_reason reason);

typedef struct sp_candidate {
    uint16_t destination;
    uint8_t reason; /**< sp_reason */
    uint8_t part;   /**< sp_label_part */
    uint8_t field;  /**< sp_field_kind */
} sp_candidate;

typedef enum sp_outcome {
    SP_DENY = 0,
    SP_ALLOW = 1,
    SP_REROUTE = 2
} sp_outcome; /**< REROUTE: allowed, but not where it was preferred */
const char *sp_outcome_name(sp_outcome outcome);

typedef struct sp_decision {
    uint8_t outcome;  /**< sp_outcome */
    sp_status status; /**< SP_OK or why not: SP_EMODEL, SP_EFORBIDDEN, SP_EFLOW, SP_EUNREADABLE, SP_ESTATE,
                         SP_EEGRESS, SP_EUNKNOWN, SP_EUPSTREAM (all tried), SP_ERETRY, SP_EAWAY (none may be
                         tried now), SP_ESTOPPED, SP_ESNAPSHOT */
    uint16_t destination; /**< valid unless DENY */
    bool is_last;         /**< no further candidate would be left if this one fails */
    uint8_t n_candidates;
    sp_candidate candidates[SP_CANDIDATES_MAX];
} sp_decision;

typedef struct sp_question {
    const sp_snapshot *snapshot;
    const sp_application *application;
    const sp_request *request;
    const sp_label *label;
    const sp_stops *stops; /**< what is paused; NULL: asked about the policy alone */
    uint32_t tried;        /**< bit i: candidate i of the model failed already */
    uint32_t away;         /**< bit i: candidate i is kept away from for now (health.h) */
    bool is_key_gone;      /**< the caller's key was revoked, or has expired, since the request came */
    bool is_retry_denied;  /**< an earlier try failed and no other may follow: the retry budget is empty */
    uint64_t now_s;
} sp_question;

/** Decides. Pure: equal questions give equal decisions (test/unit/test_replay.c decides again). Adding an
 * atom to the label, or a stop, never turns a denial into an allowance. Cannot fail: what goes wrong is a
 * denial with its status.
 */
void sp_decide(sp_decision *out, const sp_question *question);

/** The stop that keeps this question from its answer, or NULL: of the whole request, else of its first
 * candidate that is paused. Borrowed from `question->stops`. */
const sp_stop *sp_decision_stop(const sp_decision *decision, const sp_question *question);

/** Appends one sentence for the caller: what was refused, which component, and what would be allowed. Names
 * destinations and models, never content. */
void sp_decision_sentence(sp_buf *out, const sp_decision *decision, const sp_question *question);
