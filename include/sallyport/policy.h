/** @file policy.h  Who asks, what label a request has, and the decision: pure functions of a snapshot and
 * what came. */
#pragma once
#include "sallyport/detect.h"
#include "sallyport/review.h"
#include "sallyport/snapshot.h"
#include "sallyport/stop.h"

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

/** What says that a request is of a use case. */
typedef enum sp_binding {
    SP_BINDS_APPLICATION = 1,
    SP_BINDS_KEY,
    SP_BINDS_MODEL,
    SP_BINDS_HEADER
} sp_binding;

enum {
    SP_USE_CASES_MAX = 8, /**< of one request */
    SP_SOURCES_MAX = 16,  /**< named by one request */
};

typedef struct sp_bound {
    uint16_t row; /**< of snapshot->use_cases */
    uint8_t binding;
} sp_bound;

/** For what a request comes. Borrows the snapshot. */
typedef struct sp_purpose {
    const sp_snapshot *snapshot;
    const sp_application *application;
    uint8_t n_use_cases, n_sources;
    sp_bound use_cases[SP_USE_CASES_MAX]; /**< the application's first; none twice */
    uint16_t sources[SP_SOURCES_MAX];     /**< rows of snapshot->sources */
    const sp_subject *subject;            /**< the person for whom it is, if he is one of the snapshot's */
} sp_purpose;

/** The use cases of application and key. @param key  NULL: none. */
void sp_purpose_init(sp_purpose *out, const sp_snapshot *snapshot, const sp_application *application,
                     const sp_key *key);
/** A further use case. @param binds  its row + 1, or 0 for none, as models and keys carry it. */
void sp_purpose_bind(sp_purpose *purpose, sp_binding binding, uint16_t binds);
/** The use case of the model that a body names, where there is such a model and it has one. */
void sp_purpose_bind_model(sp_purpose *purpose, sp_bytes model);
/** Use cases by name, commas between: only those that the application may declare. @return SP_OK,
 * SP_EUSECASE.
 */
SP_NODISCARD sp_status sp_purpose_declare(sp_purpose *purpose, sp_bytes names);
/** Data sources by name, commas between: only those of the application. @return SP_OK, SP_ESOURCE. */
SP_NODISCARD sp_status sp_purpose_draw_on(sp_purpose *purpose, sp_bytes names);

/** For whom it is, by name. Somebody whom the policy does not know adds nothing: naming a person only bounds.
 */
void sp_purpose_serve(sp_purpose *purpose, sp_bytes subject);

/** Where a request goes, as far as that is known. */
typedef struct sp_target {
    sp_bytes model, destination;
} sp_target;

/** The first stop that a request falls under, or NULL.
 *  @param now_only  only stops that end what runs. */
const sp_stop *sp_purpose_stop(const sp_purpose *purpose, const sp_stops *stops, const sp_target *to,
                               bool now_only);

/** Whose floor. Numbers stand in records. */
typedef enum sp_floor { SP_FLOOR_APPLICATION = 0, SP_FLOOR_SUBJECT = 1 } sp_floor;

/** Who added an atom. Numbers stand in records. */
typedef enum sp_atom_source {
    SP_ATOM_USE_CASE = 1,
    SP_ATOM_DETECTOR,
    SP_ATOM_ORIGIN,
    SP_ATOM_USE,
    SP_ATOM_SOURCE,
    SP_ATOM_FLOOR,
    SP_ATOM_HANDLING, /**< a category brings it */
    SP_ATOM_OVERDUE,  /**< a use case past its review */
    SP_ATOM_TOLD,     /**< a text is an answer that was given before */
    SP_ATOM_ENDORSED, /**< an endorser vouches for results of tools: joins in nothing, but says why they are
                         not untrusted */
    SP_ATOM_ECHO,     /**< of an answer: what a detector found there stood in the request too */
} sp_atom_source;
const char *sp_atom_source_name(sp_atom_source source);

/** One reason for a label. */
typedef struct sp_atom {
    sp_label label;     /**< what it joins in */
    uint8_t source;     /**< sp_atom_source */
    uint8_t kind;       /**< DETECTOR: sp_kind; USE: sp_field_kind; ORIGIN: sp_origin; HANDLING: the category;
                           USE_CASE, OVERDUE: sp_binding; FLOOR: sp_floor */
    uint8_t confidence; /**< 0..100 */
    uint32_t count;     /**< how many of the kind; the place is of the first */
    uint16_t row;       /**< USE_CASE, OVERDUE, SOURCE, ENDORSED: row in its list of the snapshot;
                           DETECTOR of kind SP_KIND_OWN: row in its detectors */
    sp_bits256 rules; /**< DETECTOR: rows of snapshot->finding_rules that fire; none: as the kind is shipped,
                         or nothing */
    uint32_t start, end; /**< span in the body, or in the nested string when `place` says so */
    sp_place place;
} sp_atom;

/** sp_finding_class of what an atom of a detector counts. */
static inline unsigned sp_atom_class(const sp_atom *atom)
{
    return atom->kind != SP_KIND_OWN ? atom->kind : SP_CLASS_OWN + (unsigned)atom->row;
}

typedef struct sp_labelling {
    sp_label label;
    sp_atom *atoms;
    size_t n_atoms;
    uint64_t until_s; /**< the first second at which it is another one, since a review falls due: then to be
                         asked for again; UINT64_MAX: never. Zeroed, it holds at no second */
} sp_labelling;

/** What a request holds of what was told before (recall.h). */
typedef struct sp_recalled {
    sp_label label;      /**< joined; of no meaning where count is 0 */
    uint32_t count;      /**< texts of the request; the place is of the first */
    uint32_t start, end; /**< span in the body, or 0,0 */
    sp_place place;
} sp_recalled;

/** What a label is made from. All borrowed. */
typedef struct sp_evidence {
    const sp_purpose *purpose;
    const sp_request *request;
    const sp_findings *findings;  /**< of a scan of request->text, and of headers behind it */
    uint64_t now_s;               /**< a review may be overdue */
    const sp_recalled *recalled;  /**< NULL: nothing */
    const sp_findings *proposals; /**< of sp_propose; NULL: nothing */
} sp_evidence;

/** Joins use cases, sources, the application's floor, what was told before, findings and proposals (by the
 * policy's rules, else by kind), origins (integrity) but for results that an endorser vouches for, unreadable
 * content, and what the categories among these carry.
 *  @param out  the label and its atoms, which live in `mem`. @return SP_OK, SP_ENOMEM, SP_EINTERNAL. */
SP_NODISCARD sp_status sp_label_request(sp_labelling *out, const sp_evidence *evidence, sp_mem *mem);

/** Whether a finding only repeats an earlier one: a further reading of a text (escapes resolved, spellings
 * folded) shows once more what was found in the text as it stands, and only what it shows for the first time
 * counts. @param of_one_text  the earlier one has to stand in one text, not over the joint of several. */
bool sp_finding_is_repeated(const sp_request *request, const sp_findings *findings, size_t i,
                            bool of_one_text);

/** A label with what its categories carry (`handling`). Idempotent; of a join it is the join. */
sp_label sp_label_close(const sp_snapshot *snapshot, sp_label label);

/** The label of an answer: that of its request, and what review found in it, by the same rules. Only kinds,
 * confidences and numbers of the findings count. */
sp_label sp_label_answer(const sp_purpose *purpose, const sp_label *request, const sp_review_summary *found);

/** May what has this label be handed out: to the application, and to the person if one is known? */
bool sp_reader_may_read(const sp_purpose *purpose, const sp_label *label);

/** What may not be handed to those, of what a finding may be. */
typedef struct sp_lacks {
    uint64_t categories;
    sp_bits256 kinds; /**< that have no category of their own, so that no category withholds them */
} sp_lacks;
/** The categories with a kind that can bring a label which they may not read, by the policy's rules, else by
 * kind; and such kinds. O(kinds x rules). */
sp_lacks sp_reader_lacks(const sp_purpose *purpose);

/* ---- the flow ---- */

/** A label under a policy at a time: what it asks of every destination, worked out once. Borrows the
 * snapshot. */
typedef struct sp_flow {
    const sp_snapshot *snapshot;
    sp_label label;
    uint64_t now_s;
    sp_facts needs[SP_TIERS]; /**< by tier: all facts that the requirements which it falls under ask for */
    uint32_t transfers;       /**< bit i: all of transfers[i].from lies within its residency */
} sp_flow;

/** Why a label does not reach a destination. */
typedef struct sp_obstacle {
    uint8_t part;     /**< sp_label_part, the first that refuses */
    sp_facts missing; /**< REQUIREMENT: those that are asked for and not known */
} sp_obstacle;

/** O(requirements + transfers); no allocation. */
void sp_flow_init(sp_flow *out, const sp_snapshot *snapshot, const sp_label *label, uint64_t now_s);
/** May the label reach this destination? @param why  NULL, or receives the answer's reason. */
bool sp_flow_reaches(const sp_flow *flow, const sp_destination *destination, sp_obstacle *why);
/** What is known of a destination at a second. */
sp_facts sp_destination_facts(const sp_destination *destination, uint64_t now_s);

/* ---- the decision ---- */

/** Why a candidate was taken or passed over. */
typedef enum sp_reason {
    SP_REASON_NONE = 0,
    SP_REASON_TAKEN,
    SP_REASON_NOT_REACHED, /**< an earlier one was taken; this one would do too */
    SP_REASON_FLOW,        /**< the label does not flow; `part` says which component, `missing` which facts */
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
    uint8_t reason;   /**< sp_reason */
    uint8_t part;     /**< sp_label_part */
    uint8_t field;    /**< sp_field_kind */
    sp_facts missing; /**< FLOW by a requirement: those that are not known */
} sp_candidate;

typedef enum sp_outcome {
    SP_DENY = 0,
    SP_ALLOW = 1,
    SP_REROUTE = 2,
    SP_DECLASSIFY = 3,
} sp_outcome; /**< REROUTE: allowed, but not where it was preferred; DECLASSIFY: allowed after what a
                 declassifier did */
const char *sp_outcome_name(sp_outcome outcome);

typedef struct sp_decision {
    uint8_t outcome;  /**< sp_outcome */
    sp_status status; /**< SP_OK or why not: SP_EMODEL, SP_EFORBIDDEN, SP_EFLOW, SP_EUNREADABLE, SP_ESTATE,
                         SP_EEGRESS, SP_EUNKNOWN, SP_EUPSTREAM (all tried), SP_ERETRY, SP_EAWAY (none may be
                         tried now), SP_ESTOPPED, SP_ESNAPSHOT */
    uint16_t destination; /**< valid unless DENY */
    bool is_last;         /**< no further candidate would be left if this one fails, as they are; one that a
                             declassifier might open is sp_declassifier_is_left's to say */
    uint8_t n_candidates;
    sp_candidate candidates[SP_CANDIDATES_MAX];
} sp_decision;

/** What a declassifier made of a request, for one candidate: judged in place of the original there. */
typedef struct sp_declassified {
    const sp_request *request; /**< of the new bytes; NULL: none was made */
    const sp_label *label;     /**< of them */
    uint8_t candidate;
} sp_declassified;

typedef struct sp_question {
    const sp_purpose *purpose; /**< who asks, by which policy */
    const sp_request *request;
    const sp_label *label;
    const sp_stops *stops; /**< what is paused; NULL: asked about the policy alone */
    sp_declassified declassified;
    /** bit i: what a declassifier made for candidate i has passed the second question, and is not here now.
     * Then not the flow keeps it away but what else does; it is never taken by that. */
    uint32_t opened;
    uint32_t tried;       /**< bit i: candidate i of the model failed already */
    uint32_t away;        /**< bit i: candidate i is kept away from for now (health.h) */
    bool is_key_gone;     /**< the caller's key was revoked, or has expired, since the request came */
    bool is_retry_denied; /**< an earlier try failed and no other may follow: the retry budget is empty */
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
