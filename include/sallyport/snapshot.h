/** @file snapshot.h  The policy as workers hold it: an immutable file; the daemon encodes, workers decode
 * once per generation. A zeroed snapshot refuses everything. */
#pragma once
#include "sallyport/custom.h"
#include "sallyport/dialect.h"
#include "sallyport/facts.h"
#include "sallyport/health.h"
#include "sallyport/limit.h"

enum {
    SP_CANDIDATES_MAX = 32, /**< destinations of one model */
    SP_KEY_ID_BYTES = 8,    /**< random id of an API key, hex in the key text and in records */
    SP_KEY_SECRET_BYTES = 32,
    SP_ADDRESSES_MAX = 8,
    SP_DESTINATIONS_MAX = 4096,
    SP_ENDORSERS_NAMED = 16,    /**< endorsers of one application */
    SP_ENDORSER_WORDS_MAX = 64, /**< tools of an endorser; its words */
    SP_ENDORSED_BYTES = 64,     /**< a value that is vouched for, without the blanks around it */
};

typedef enum sp_tier { SP_TIER_NONE = 0, SP_TIER_CLOUD = 1, SP_TIER_SELF_HOSTED = 2, SP_TIERS } sp_tier;

/** What an entry may do beyond plain text, a bit each (1 << sp_field_kind); docs/reference/policy.md says who
 * is asked for which. */
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
    sp_label clearance;     /**< as stated: the most that may arrive; residency: all that it touches */
    const sp_phase *phases; /**< what is known of it, by time, ascending */
    sp_permits permits;     /**< what it may receive */
    uint8_t tier;           /**< sp_tier */
    uint8_t dialect;        /**< sp_dialect_id */
    bool is_tls;
    bool is_down;           /**< its probes by the daemon fail: passed over */
    sp_health_rules health; /**< when it is kept away from */
    uint8_t n_phases;
    uint8_t n_addresses;
    sp_address addresses[SP_ADDRESSES_MAX]; /**< none: not resolved, passed over */
} sp_destination;

typedef struct sp_model {
    sp_bytes name;
    uint8_t n_destinations;
    uint16_t destinations[SP_CANDIDATES_MAX]; /**< in order of preference */
    bool may_replay;                          /**< a try may be repeated after the whole request was sent */
    uint16_t binds; /**< row of a use case + 1 that its requests are of too; 0: none */
} sp_model;

typedef struct sp_use_case {
    sp_bytes name, owner, purpose;
    sp_label label;
    uint64_t review_s;  /**< from this second on its review is overdue; 0: it has no date */
    sp_permits permits; /**< kinds of use that its requests may hold; 0: it does not say, so all */
} sp_use_case;

/** Data that an application may say it sends. */
typedef struct sp_source {
    sp_bytes name;
    sp_label label;
} sp_source;

/** So many findings of a class join in a label. Rows of a class replace the meaning that it has without. */
typedef struct sp_finding_rule {
    uint16_t kind; /**< sp_finding_class: an sp_kind, or SP_CLASS_OWN + row of the snapshot's detectors */
    uint8_t confidence; /**< 0..100: those below are not counted */
    uint32_t at_least;  /**< from 1 */
    sp_label label;
} sp_finding_rule;

/** What a declassifier does with a finding. */
typedef enum sp_does { SP_DOES_MASK = 1, SP_DOES_DROP = 2 } sp_does;

/** Somebody with the authority said so: this may be taken out of what goes there. */
typedef struct sp_declassifier {
    sp_bytes name;
    uint64_t categories; /**< that it takes out */
    uint8_t does;        /**< sp_does */
    uint16_t n_destinations;
    const uint16_t *destinations; /**< ascending */
} sp_declassifier;

/** What a result has to be, as a whole, for an endorser to vouch for it. Numbers stand in snapshots. */
typedef enum sp_values {
    SP_VALUES_NONE = 0, /**< never */
    SP_VALUES_ANY = 1,  /**< whatever the tool gives back */
    SP_VALUES_NUMBER,   /**< of RFC 8259 */
    SP_VALUES_INTEGER,  /**< the same without fraction and exponent */
    SP_VALUES_BOOLEAN,  /**< true, false */
    SP_VALUES_DATE,     /**< a day of RFC 3339 */
    SP_VALUES_WORDS,    /**< one of a list */
} sp_values;

/** Somebody with the authority said so: what these tools give back is no text of a stranger, where it looks
 * like this. */
typedef struct sp_endorser {
    sp_bytes name;
    const sp_bytes *tools; /**< as the calls name them */
    const sp_bytes *words; /**< WORDS: at least one; else none */
    uint16_t n_tools, n_words;
    uint8_t values; /**< sp_values */
} sp_endorser;

/** A person whom an application names: bounds what is handed out, and raises the label, beside the
 * application. */
typedef struct sp_subject {
    sp_bytes name;
    sp_label floor, reader; /**< as those of an application */
} sp_subject;

typedef struct sp_application {
    sp_bytes name;
    uint16_t use_case;
    uint16_t n_models;
    const uint16_t *models; /**< sorted indexes into snapshot.models */
    uint16_t n_declares, n_sources;
    const uint16_t *declares; /**< use cases that it may declare, sorted */
    const uint16_t *sources;  /**< sources that it may name, sorted */
    uint16_t n_endorsers;
    const uint16_t
        *endorsers;     /**< who vouches for results that it brings, SP_ENDORSERS_NAMED at most, sorted */
    sp_label floor;     /**< that each of its requests has at least */
    sp_label reader;    /**< level and categories that may be handed to it */
    sp_permits permits; /**< what its requests may hold */
    uint8_t user_text;  /**< sp_integrity of user text, as its entry states */
    bool has_canary;    /**< its system texts get one, for which its answers are looked at */
    sp_host_list images, links; /**< where what its answers show may point */
    sp_rates rates;             /**< of each of its keys */
} sp_application;

typedef struct sp_key {
    uint8_t id[SP_KEY_ID_BYTES];
    uint8_t hash[32]; /**< SHA-256 of the secret: 256 random bits need no salt nor stretching */
    uint16_t application;
    uint16_t binds; /**< row of a use case + 1 that its requests are of too; 0: none */
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
    uint64_t withhold;        /**< categories that may not leave in an answer */
    uint64_t mask;            /**< categories that leave an answer masked */
    uint64_t echoed;          /**< categories that leave where the request held the value */
    sp_kind_actions kinds;    /**< what becomes of single kinds in an answer */
    uint8_t seal_key[32];     /**< X25519 public key that records are sealed to */
    sp_label overdue;         /**< joined in by a use case past its review */
    uint64_t handled;         /**< categories that carry a handling */
    const sp_label *handling; /**< 64, by category: joined in wherever the category is; holds none itself */
    const sp_requirement *requirements;
    size_t n_requirements;
    const sp_transfer *transfers;
    size_t n_transfers;
    const sp_custom_detector *detectors; /**< of the organisation, in the order of the file */
    size_t n_detectors;
    sp_bytes
        detector_section; /**< of the file, as it was read: equal bytes are equal detectors; else empty */
    const sp_finding_rule *finding_rules; /**< ascending by kind */
    size_t n_finding_rules;
    const sp_source *sources; /**< sorted by name */
    size_t n_sources;
    const sp_destination *destinations;
    size_t n_destinations;
    const sp_model *models; /**< sorted by name */
    size_t n_models;
    const sp_subject *subjects; /**< sorted by name */
    size_t n_subjects;
    const sp_declassifier *declassifiers; /**< in the order of the file */
    size_t n_declassifiers;
    const sp_endorser *endorsers; /**< in the order of the file */
    size_t n_endorsers;
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
