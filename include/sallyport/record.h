/** @file record.h  Audit records: what is encoded into a leaf, how payloads are sealed. Format:
 * docs/reference/record.md. A leaf is small (at most SP_LEAF_MAX bytes), canonical, and commits to the stored
 * ciphertext of each block by a salted hash; it never holds a prompt, an answer or a key name of the client.
 * Merkle logs commit to a leaf as it is: SHA-256(0x00 || leaf). */
#pragma once
#include "sallyport/policy.h"
#include "sallyport/review.h"

enum {
    SP_LEAF_MAX = 65535,         /**< C2SP tlog-tiles: length of an entry is a uint16 */
    SP_REQUEST_ID_BYTES = 16,    /**< time (48 bits of ms) and random bits, shown as 32 hex digits */
    SP_RECORD_BLOCKS_MAX = 1024, /**< blocks of one record: what is beyond shares the last one */
    SP_SALT_BYTES = 16,
};

typedef enum sp_record_kind {
    SP_RECORD_NONE = 0,
    SP_RECORD_INTENT = 1,  /**< before anything leaves */
    SP_RECORD_ANSWER = 2,  /**< part of an answer, before a tool call is completed */
    SP_RECORD_OUTCOME = 3, /**< before the client is told that it is finished */
    SP_RECORD_REFUSAL = 4, /**< denied: intent and outcome in one */
    SP_RECORD_LOSS = 5,    /**< for an intent that has no outcome: at a start, and when a worker has died */
    SP_RECORD_ACT = 6,     /**< what an operator did; `request_id` is the id of the act */
} sp_record_kind;

/** A sealed block as a leaf names it. */
typedef struct sp_block_ref {
    uint8_t id[16];   /**< random, names the block frame in the segment */
    uint8_t hash[32]; /**< SHA-256(salt || all of the body behind the salt); the salt lies in the body and is
                         erased with it */
    uint32_t bytes;   /**< of the plaintext */
} sp_block_ref;

/** An atom or a finding of an answer as recorded. */
typedef struct sp_record_atom {
    uint8_t source, kind, confidence, level;
    uint32_t count, start, end;
    sp_bytes place; /**< text of sp_place_append: names of the table and indexes only; of use cases and
                       sources the name, of an endorser or a detector of the organisation (kind
                       SP_KIND_OWN) the name and, behind a blank, where the first is */
} sp_record_atom;

/** Of such an atom the name; `*place` receives what stands behind it. */
sp_bytes sp_record_atom_name(const sp_record_atom *atom, sp_bytes *place);
/** The rule that allows what an atom counts, empty where none does; `*name`, KIND:RULE, becomes the kind. */
sp_bytes sp_record_atom_rule(sp_bytes *name);

typedef struct sp_record_candidate {
    sp_bytes destination;
    uint8_t reason, part, field, tier;
} sp_record_candidate;

/** All fields that a leaf may have; which ones a kind carries stands in src/core/tbl/record_fields.h. Strings
 * are borrowed. */
typedef struct sp_record {
    uint8_t kind; /**< sp_record_kind */
    uint8_t request_id[SP_REQUEST_ID_BYTES];
    uint8_t attempt; /**< 1 for the first try */
    uint64_t at_ns;  /**< since 1970, UTC */
    uint64_t generation;
    uint8_t key_id[SP_KEY_ID_BYTES];
    sp_bytes application, use_case; /**< use_case: all of them, comma between */
    uint8_t dialect, operation;     /**< operation: sp_operation, a call; 0: not said by older records */
    sp_bytes model;                 /**< as asked for, if it is a configured one; else empty */
    sp_bytes destination, destination_model, region;
    uint8_t tier;
    bool is_stream;
    sp_label label;        /**< of the request */
    sp_label answer_label; /**< that, and what review found */
    uint8_t outcome;       /**< sp_outcome */
    int32_t status;        /**< sp_status */
    uint16_t http_status;  /**< handed to the client; 0 when not known yet */
    uint16_t upstream_status;
    sp_bytes parameters;
    const sp_record_atom *atoms;
    size_t n_atoms;
    const sp_record_candidate *candidates;
    size_t n_candidates;
    const sp_block_ref *blocks;
    size_t n_blocks;
    sp_bytes answer_model, answer_id, answer_version,
        finish; /**< as reported; at most 128 bytes each, printable ASCII, else left out */
    uint64_t tokens_in, tokens_out, tokens_cached;
    uint32_t n_events, n_tool_calls;
    uint32_t n_masked; /**< findings replaced in the answer so far */
    uint64_t bytes_in, bytes_out;
    sp_bytes stopped, stopped_reason; /**< what was paused, e.g. `destination cloud`, and why */
    uint64_t stopped_ns;
    sp_bytes subject;      /**< the person for whom it was, if the policy knows him */
    sp_bytes sources;      /**< data sources that the request named, comma between */
    sp_bytes declassifier; /**< which took something out of the request; empty: none */
    sp_label label_before; /**< of the request before that */
    sp_bytes missing;      /**< facts that candidates lacked: `cloud: baa, dpa; cloud-eu: baa` */
    sp_bytes act; /**< what an operator did, in the words of the command: `pause destination cloud` */
    sp_bytes act_operator;                           /**< who did it, as the system names him */
    uint32_t decide_us, upstream_first_us, total_us; /**< latencies from the arrival of the request */
} sp_record;

/** Appends the leaf. Deterministic: equal records give equal bytes. Fields that the kind does not carry, and
 * reports of a destination (answer_*, finish) that are too long or not printable, are left out. @return
 * SP_ERANGE when it would pass SP_LEAF_MAX or a string its maximum or a text is not UTF-8; SP_ENOMEM. On
 * failure nothing was appended. */
SP_NODISCARD sp_status sp_record_encode(sp_buf *out, const sp_record *record);
/** Decodes a leaf; unknown fields of later versions are refused with SP_EVERSION. Accepts only what the
 * encoder writes, so an accepted leaf encodes to the same bytes. Borrows `leaf`, lists live in `mem`. @return
 * SP_OK, SP_EVERSION, SP_ERANGE, SP_ETRUNCATED, SP_ENOMEM; `*out` is zeroed on failure. */
SP_NODISCARD sp_status sp_record_decode(sp_record *out, sp_bytes leaf, sp_mem *mem);
/** A decision with all that it rests on. Borrowed; what is recorded of it borrows too. */
typedef struct sp_decided {
    const sp_snapshot *snapshot;
    const sp_purpose *purpose; /**< without an application: not known */
    const sp_dialect *dialect;
    sp_operation operation;
    const sp_request *request;     /**< zeroed when it did not parse */
    const sp_labelling *labelling; /**< zeroed when there is none */
    const sp_decision *decision;   /**< zeroed when there is none: a denial */
    sp_bytes declassifier;         /**< which made the request that was decided; empty: none */
    const sp_label *label_before;  /**< of the original then; else NULL */
} sp_decided;
/** Fills in who asked for what, and where it goes unless it is denied: generation to tier, but for key_id. */
void sp_record_of_parties(sp_record *out, const sp_decided *decided);
/** The same with the reasons: label, atoms, candidates, outcome, status, parameters. Lists live in `mem`.
 * @return SP_OK, SP_ENOMEM: reasons are missing, so the record must not be used. */
SP_NODISCARD sp_status sp_record_of_decision(sp_record *out, const sp_decided *decided, sp_mem *mem);
/** Fills in the findings of an answer as atoms, whatever their number in less than 48 KiB of a leaf: one for
 * each kind and place with how many there are, span of the first, highest confidence. What has no room by its
 * place is counted in an atom of its kind without a place. @return SP_OK, SP_ENOMEM as above. */
SP_NODISCARD sp_status sp_record_of_findings(sp_record *out, const sp_review_summary *summary, sp_mem *mem);
/** Fills in the stop that refused or ended it; nothing when `stop` is NULL. Texts live in `mem` or are
 * borrowed from the stop. @return SP_OK, SP_ENOMEM as above. */
SP_NODISCARD sp_status sp_record_of_stop(sp_record *out, const sp_stop *stop, sp_mem *mem);
/** The request id alone, also of a leaf that is damaged further on. @return false (and zeroes) when it is not
 * where it has to be. */
bool sp_leaf_request_id(uint8_t id[SP_REQUEST_ID_BYTES], sp_bytes leaf);
/** SHA-256(0x00 || leaf), RFC 6962. */
SP_NODISCARD sp_status sp_leaf_hash(uint8_t hash[32], sp_bytes leaf);
/** "intent", "answer", "outcome", "refusal", "loss"; "none" or "unknown". Static. */
const char *sp_record_kind_name(uint8_t kind);
/** "cloud", "self-hosted" or "". Static. */
const char *sp_tier_name(sp_tier tier);
/** Appends the record as one line of JSON (no newline), names as in this struct, ids in hex. All fields that
 * the kind carries, empty or not.
 *  @param names  NULL: the shipped names of levels and categories. */
void sp_record_json_append(sp_buf *out, const sp_record *record, const sp_names *names);

/* ---- sealing: X25519 (RFC 7748) + HKDF-SHA256 (RFC 5869) + AES-256-GCM; only the holder of the private key
 * opens ---- */

/** One key exchange, shared by the blocks that a worker seals within a minute. Holds secrets: wipe with
 * sp_sealer_fini. */
typedef struct sp_sealer {
    uint8_t wrap_key[32];  /**< wraps block keys */
    uint8_t ephemeral[32]; /**< public half, stands in each block frame */
    uint8_t recipient[32];
    uint64_t counter; /**< nonce of the next wrap; never repeats under one wrap_key */
    void *wrap_ctx, *block_ctx,
        *hash_ctx; /**< libcrypto contexts, made once: a look-up costs more than a small block */
} sp_sealer;
/** Makes the key exchange: about 100 us. Call sp_sealer_fini when done; a sealer is used by one thread at a
 * time and not copied.
 *  @param ephemeral_secret  32 fresh random bytes, wiped by the caller. @return SP_OK, SP_ECRYPTO; `*sealer`
 * is then zeroed. */
SP_NODISCARD sp_status sp_sealer_init(sp_sealer *sealer, const uint8_t recipient[32],
                                      const uint8_t ephemeral_secret[32]);
void sp_sealer_fini(sp_sealer *sealer); /**< wipes; allowed on a zeroed one */

/** Random input of one block, from the caller's generator: key, salt, id. */
typedef struct sp_block_random {
    uint8_t key[32], salt[SP_SALT_BYTES], id[16];
} sp_block_random;

/** Seals `plain` into a block frame's body (docs/reference/record.md): appends id, salt, ephemeral key,
 * counter, length, wrapped block key, ciphertext, tag. `random->key` is wiped, also on failure. @param ref
 * receives what the leaf says of it. @return SP_OK, SP_ERANGE (2 GiB), SP_ENOMEM, SP_ECRYPTO. */
SP_NODISCARD sp_status sp_block_seal(sp_buf *out, sp_block_ref *ref, sp_sealer *sealer,
                                     sp_block_random *random, sp_bytes plain);
/** Opens a block frame's body. @param secret  X25519 private key. @return SP_ECRYPTO when it was changed or
 * sealed to another key. */
SP_NODISCARD sp_status sp_block_open(sp_buf *plain, sp_bytes frame_body, const uint8_t secret[32]);
/** Recomputes the salted hash of a block frame's body, without any key: what `audit verify` compares with the
 * leaf. */
SP_NODISCARD sp_status sp_block_ref_of(sp_block_ref *ref, sp_bytes frame_body);
