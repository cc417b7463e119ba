/** @file conf.h  The configuration: one YAML file, read whole, checked whole, then immutable.
 *  Settings are rows (row.h); parser, messages, JSON Schema and manual come from them. Derived values are
 * filled by the same load, so that a spc_conf is always consistent. A spc_conf lives in the memory of its
 * load; it may be read from any thread. */
#pragma once
#include "conf/framework.h"
#include "sallyport/policy.h"

/** NAME: NUMBER pairs, in order of the file. */
typedef struct spc_number {
    spc_text name;
    uint64_t value;
} spc_number;
typedef struct spc_numbers {
    spc_number *v;
    size_t n;
} spc_numbers;

/** A base URL in parts. `host` without brackets, in lower case; `path` without trailing slash, or "". */
typedef struct spc_url {
    sp_bytes host, path;
    uint16_t port;
    bool is_tls;
    bool is_loopback;   /**< 127.0.0.0/8, ::1 or localhost */
    sp_address address; /**< family 0: `host` is a name */
} spc_url;

typedef struct spc_timeouts {
    uint64_t connect_ms, first_byte_ms, idle_ms;
} spc_timeouts;

typedef struct spc_breaker {
    uint64_t failures, share, least, open_ms, open_max_ms, wait_max_ms;
} spc_breaker;

/** Probes by the daemon. */
typedef struct spc_health {
    spc_text path;     /**< of a GET; empty: a connection is enough */
    uint64_t every_ms; /**< 0: none */
    uint64_t timeout_ms;
} spc_health;

typedef struct spc_retries {
    uint64_t share, floor;
} spc_retries;

typedef enum spc_credential_kind {
    SPC_CREDENTIAL_NONE = 0,
    SPC_CREDENTIAL_ENV,
    SPC_CREDENTIAL_FILE
} spc_credential_kind;

typedef struct spc_destination {
    spc_text name; /* first in every struct that stands in a map */
    spc_text vendor, model, region, base_url, credential, ca;
    spc_texts jurisdictions;
    spc_statements facts;
    spc_copies copies;
    spc_clearance clearance;
    spc_timeouts timeouts;
    spc_breaker breaker;
    spc_retries retries;
    spc_health health;
    sp_permits permits;
    uint8_t tier, dialect; /**< sp_tier, sp_dialect_id */
    bool plain_http;
    /* derived */
    spc_url url;
    sp_label label;   /**< the clearance as a label; residency: all that it touches */
    int vendor_index; /**< of vendors, or -1: nothing is known of it */
    sp_phase *phases; /**< what is known of it, by time */
    size_t n_phases;
    uint8_t credential_kind;   /**< spc_credential_kind */
    sp_bytes credential_value; /**< name of the variable, or path; the credential itself is never read here */
} spc_destination;

typedef struct spc_model {
    spc_text name;
    spc_texts destination_names;
    spc_text use_case;
    bool replay;
    /* derived */
    int use_case_index;                       /**< -1: none */
    uint16_t destinations[SP_CANDIDATES_MAX]; /**< indexes, in order of preference */
} spc_model;

typedef struct spc_rates {
    uint64_t requests_per_minute, concurrent, bytes_per_minute; /**< 0: no limit */
} spc_rates;

typedef struct spc_application {
    spc_text name, use_case;
    spc_texts model_names, key_texts, declare_names, source_names, endorser_names, image_hosts, link_hosts;
    spc_clearance clearance; /**< what may be handed to it */
    spc_label floor;
    sp_permits permits;
    uint8_t user_text; /**< sp_integrity */
    bool canary;
    spc_rates rates;
    /* derived */
    uint16_t use_case_index;
    uint16_t *models;    /**< model_names.n indexes, in order of the file */
    uint16_t *declares;  /**< declare_names.n of use_cases */
    uint16_t *sources;   /**< source_names.n of sources */
    uint16_t *endorsers; /**< endorser_names.n of endorsers */
    sp_label reader;     /**< clearance as a label */
    sp_key *keys;        /**< key_texts.n keys that stand in the file; application is the index */
} spc_application;

typedef struct spc_destinations {
    spc_destination *v;
    size_t n;
} spc_destinations;
typedef struct spc_models {
    spc_model *v;
    size_t n;
} spc_models;
typedef struct spc_use_cases {
    spc_use_case *v;
    size_t n;
} spc_use_cases;
typedef struct spc_applications {
    spc_application *v;
    size_t n;
} spc_applications;

typedef struct spc_tls {
    spc_text certificate, key; /**< both or neither */
} spc_tls;

/** How long a client may take. */
typedef struct spc_client_timeouts {
    uint64_t header_ms, body_ms, send_ms, idle_ms;
} spc_client_timeouts;

typedef struct spc_listen {
    spc_text address;
    spc_tls tls;
    spc_client_timeouts timeouts;
    /* derived */
    spc_url where; /**< host, port, is_tls, is_loopback */
} spc_listen;

typedef struct spc_limits {
    uint64_t body_bytes, answer_bytes, held_bytes, findings, record_wait_ms, label_wait_ms, snapshot_life_ms;
    uint64_t body_rate; /**< bytes per second */
    uint64_t memory_bytes, caller_memory_bytes;
} spc_limits;

typedef struct spc_review {
    spc_texts withhold, mask, echoes; /**< categories and kinds */
    spc_texts pass, hosts;            /**< kinds; names of hosts */
} spc_review;

typedef struct spc_audit {
    uint64_t segment_bytes;
} spc_audit;

typedef struct spc_nginx {
    uint64_t workers, connections, per_address;
    spc_text binary;
} spc_nginx;

/** Zero is the strict one. */
typedef enum spc_confine { SPC_CONFINE_STRICT = 0, SPC_CONFINE_OFF } spc_confine;

typedef struct spc_processes {
    spc_text user;
    uint8_t confine; /**< spc_confine */
} spc_processes;

/** The whole file. Indexes into destinations, models and use_cases are those of the file's order. */
typedef struct spc_conf {
    uint64_t version;
    spc_listen listen;
    spc_text state;
    spc_numbers levels, categories;
    spc_facts facts;
    spc_vendors vendors;
    spc_texts requirement_texts;
    spc_handlings handling;
    spc_residency residency;
    spc_detectors detectors;
    spc_allows allows;
    spc_findings findings;
    spc_data_sources sources;
    spc_label overdue;
    spc_declassifiers declassifiers;
    spc_endorsers endorsers;
    spc_subjects subjects;
    spc_vigilance vigilance;
    spc_destinations destinations;
    spc_models models;
    spc_use_cases use_cases;
    spc_applications applications;
    spc_limits limits;
    spc_review review;
    spc_audit audit;
    spc_nginx nginx;
    spc_processes processes;
    /* derived */
    sp_bytes folder;                 /**< absolute; relative paths of the file start here */
    sp_names names;                  /**< shipped and own */
    uint64_t withhold, mask, echoed; /**< categories */
    sp_kind_actions kinds;           /**< but for its hosts */
    spc_framework framework;
} spc_conf;

/** Where a configuration comes from. */
typedef struct spc_source {
    sp_bytes bytes;  /**< the file's text */
    sp_bytes folder; /**< absolute folder for relative paths */
    uint64_t now_s;  /**< since 1970: what has lapsed, or will soon, is warned of */
} spc_source;

/** Reads and checks a configuration without touching any file.
 *  @param out       the configuration, NULL unless SP_OK; lives in problems->mem
 *  @param problems  zeroed but for `mem`; receives all that is wrong, and the warnings, in order of place
 *  @return SP_OK (also with warnings), SP_EFIELD when there are errors, SP_ENOMEM. */
SP_NODISCARD sp_status spc_conf_parse(const spc_conf **out, spc_problems *problems, const spc_source *source);

/** The same from a file, and looks at the files that it names: certificate, key, CA and credential files must
 * be readable, a credential file that others may read is a warning. A file that cannot be read is a problem
 * too. The only function of this folder that touches files; it reads no credential. */
SP_NODISCARD sp_status spc_conf_load(const spc_conf **out, spc_problems *problems, const char *path);

/** A path of the file made absolute against conf->folder; lives in `mem`. `out` ends in a NUL that `n` does
 * not count. */
SP_NODISCARD sp_status spc_conf_path(sp_bytes *out, const spc_conf *conf, sp_bytes path, sp_mem *mem);

/** Index by name, or -1. */
int spc_destination_find(const spc_conf *conf, sp_bytes name);
int spc_model_find(const spc_conf *conf, sp_bytes name);
int spc_use_case_find(const spc_conf *conf, sp_bytes name);
int spc_application_find(const spc_conf *conf, sp_bytes name);

/* ---- to the snapshot ---- */

/** A key of the state database. `key.application` is not read: the name counts. */
typedef struct spc_state_key {
    sp_key key;
    sp_bytes application, use_case; /**< use_case: empty when it binds none */
} spc_state_key;

typedef struct spc_addresses {
    sp_address v[SP_ADDRESSES_MAX];
    uint8_t n;
} spc_addresses;

/** What changes while the file stays the same. */
typedef struct spc_live {
    const spc_state_key *keys;
    size_t n_keys;
    const spc_addresses *addresses; /**< one per destination, in order of the file; NULL: only hosts that are
                                       addresses have one */
    const bool *down;               /**< by its probes, one per destination; NULL: none is */
    uint64_t generation;            /**< from 1 */
    uint64_t now_s;                 /**< since 1970; the snapshot lives limits.snapshot_life from here */
    uint8_t seal_key[32];
} spc_live;

/** Builds the snapshot. Borrows texts from `conf` and lives in `mem`: valid until either goes.
 *  Keys of applications that the file does not know are left out. A key id that stands in the database and in
 * the file is the database's, so that revoking it works.
 *  @return SP_OK, SP_ERANGE (two keys of the database share an id, a generation of 0), SP_ENOMEM. On failure
 * `*out` is zeroed, which refuses. */
SP_NODISCARD sp_status spc_conf_to_snapshot(sp_snapshot *out, const spc_conf *conf, const spc_live *live,
                                            sp_mem *mem);

/* ---- to nginx ---- */

/** Files of a run that the configuration does not name; all absolute, without quotes, backslashes, `$` and
 * control characters. */
typedef struct spc_paths {
    sp_bytes module;    /**< ngx_http_sallyport_module.so */
    sp_bytes state;     /**< folder for pid, log and the temporary folders */
    sp_bytes snapshot;  /**< snapshot file */
    sp_bytes ledger;    /**< ledger folder */
    sp_bytes system_ca; /**< bundle for destinations without `ca`; empty: SPC_SYSTEM_CA */
    unsigned credentials_fd;
} spc_paths;
#define SPC_SYSTEM_CA "/etc/ssl/certs/ca-certificates.crt"

/** Appends the whole nginx.conf for a run in the foreground, without root, in any folder. Every value in it
 * was checked against its character set, again here, so that no text of the file can add a directive.
 *  @return SP_OK, SP_ERANGE when a path cannot stand in the file, SP_ENOMEM. */
SP_NODISCARD sp_status spc_nginx_conf_append(sp_buf *out, const spc_conf *conf, const spc_paths *paths,
                                             sp_mem *mem);

/** SHA-256 of everything that only a reload of nginx (new workers) can change: the text above but for the
 * paths of the run, and which credential each destination uses. Equal digests: a new snapshot is enough.
 *  @return SP_OK, SP_ERANGE, SP_ENOMEM, SP_ECRYPTO. */
SP_NODISCARD sp_status spc_wiring_digest(uint8_t digest[32], const spc_conf *conf, sp_mem *mem);

/* ---- for people and editors ---- */

/** Appends the JSON Schema (draft 2020-12) of the file. */
void spc_schema_append(sp_buf *out);
/** Appends the reference manual in Markdown. */
void spc_manual_append(sp_buf *out);
