/** @file fetch.h  One connection and, where asked for, one GET on it, without blocking: probes of
 * destinations and the metrics of our own gateway. No redirects, no compression, no credential. One object
 * belongs to one thread. */
#pragma once
#include <poll.h>

#include "sallyport/policy.h"

typedef struct spd_fetch spd_fetch;
typedef struct ssl_ctx_st spd_trust; /**< OpenSSL's SSL_CTX */

enum { SPD_FETCH_BODY_MAX = 4 << 20 };

/** Authorities that may sign a server's certificate: those of a PEM file. With `is_pinned` the file holds the
 * certificates themselves, of whatever name. TLS 1.2 or later. @return NULL when it cannot be read. */
spd_trust *spd_trust_new(const char *file, bool is_pinned);
void spd_trust_free(spd_trust *trust); /**< NULL allowed */

typedef struct spd_fetch_options {
    sp_address address;
    sp_bytes host;    /**< at most 253 bytes: Host, server name, and what the certificate must be for */
    const char *path; /**< NULL: a connection (with TLS, its handshake) is all */
    spd_trust *trust; /**< NULL: no TLS */
    bool is_any_name; /**< the certificate's name does not matter: it is pinned */
    bool wants_body;
} spd_fetch_options;

typedef enum spd_fetch_state { SPD_FETCH_FAILED = 0, SPD_FETCH_GOING, SPD_FETCH_DONE } spd_fetch_state;

/** @return NULL without memory or descriptors. */
spd_fetch *spd_fetch_new(const spd_fetch_options *options);
void spd_fetch_free(spd_fetch *fetch); /**< NULL allowed */
struct pollfd spd_fetch_poll(const spd_fetch *fetch);
/** Goes on as far as it can. DONE: spd_fetch_status and the body say what came. */
spd_fetch_state spd_fetch_step(spd_fetch *fetch);
unsigned spd_fetch_status(const spd_fetch *fetch); /**< 0 when no GET was asked for */
sp_bytes spd_fetch_body(const spd_fetch *fetch);
