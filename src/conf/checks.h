/** @file checks.h  What texts of the file may look like: one function per kind of text, pure, without
 * allocation. */
#pragma once
#include "conf/conf.h"

/** Checks in the form of spc_check_fn (row.h): NULL when the text will do, else what is wrong with it. */
const char *spc_check_name(sp_bytes text);       /**< [a-z0-9][a-z0-9._-]{0,62} */
const char *spc_check_model_name(sp_bytes text); /**< what callers send: also capitals, `/`, `:`, `@` */
const char *spc_check_line(sp_bytes text);
/** A tool as a call names it: 1 to 128 visible ASCII characters. */
const char *spc_check_tool(sp_bytes text);
/** A host, or `*.` and what hosts end with. */
const char *spc_check_host_pattern(sp_bytes text);
/** A value that a tool gives back: a line of 1 to SP_ENDORSED_BYTES bytes without blanks at its ends. */
const char *spc_check_value(sp_bytes text);
const char *spc_check_date(sp_bytes text); /**< spc_date_parse reads it */
/** A path of a request, from the root: visible ASCII; empty for none. */
const char *spc_check_probe_path(sp_bytes text);
const char *spc_check_path(sp_bytes text); /**< may stand in nginx.conf between double quotes */
const char *spc_check_url(sp_bytes text);
const char *spc_check_listen(sp_bytes text);
const char *spc_check_credential(sp_bytes text);
const char *spc_check_key(sp_bytes text);
const char *spc_check_user(sp_bytes text); /**< a name of passwd(5): [a-z_][a-z0-9_-]{0,31} */

#define SPC_PATTERN_NAME "^[a-z0-9][a-z0-9._-]{0,62}$"
#define SPC_PATTERN_DATE "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?$"
#define SPC_PATTERN_HOST "^(\\*\\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"
#define SPC_PATTERN_TOOL "^[!-~]{1,128}$"
#define SPC_PATTERN_MODEL "^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,126}$"
#define SPC_PATTERN_URL "^https?://[^/?#@\\s]+(/[A-Za-z0-9._~/-]*)?$"
#define SPC_PATTERN_LISTEN "^([0-9.]+|\\[[0-9A-Fa-f:.]+\\]|localhost):[0-9]{1,5}$"
#define SPC_PATTERN_CREDENTIAL "^(none|env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$"
#define SPC_PATTERN_USER "^[a-z_][a-z0-9_-]{0,31}$"
#define SPC_PATTERN_KEY "^[0-9a-f]{16}:[0-9a-f]{64}$"

/** Splits a base URL. @return NULL, or what is wrong; `*out` borrows `text` and is zeroed on failure. */
const char *spc_url_parse(spc_url *out, sp_bytes text);
/** Splits ADDRESS:PORT of a listening socket. As above. */
const char *spc_listen_parse(spc_url *out, sp_bytes text);
/** Splits a credential reference: none, env:NAME, file:PATH. As above. */
const char *spc_credential_parse(spc_credential_kind *kind, sp_bytes *value, sp_bytes text);
/** Splits ID:HASH of a key. As above; application and expiry stay 0. */
const char *spc_key_parse(sp_key *out, sp_bytes text);
