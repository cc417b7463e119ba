/** @file table.h  What the commands of the policy print with: columns, members of JSON, and the names of
 * sets. */
#pragma once
#include "cli/cli.h"

enum { CLI_DAY_S = 86400 };

/** A text, filled up with blanks to `width`, and a blank. */
void cli_put_column(sp_buf *out, sp_bytes text, size_t width);
/** `NAME  ` before the lines of a block, as wide as the widest name. */
void cli_put_field(sp_buf *out, const char *name);
/** Codes of jurisdictions, or `everywhere`, or `nowhere`. */
void cli_put_places(sp_buf *out, sp_bits256 places);
void cli_put_categories(sp_buf *out, uint64_t categories, const sp_names *names);
/** Names of facts, or `-`. */
void cli_put_facts(sp_buf *out, sp_facts facts, const sp_names *names);
/** A day where the second is the first of one, else the second. */
void cli_put_moment(sp_buf *out, uint64_t second);
/** The same and ` (in 12 days)`, ` (3 days ago)`. */
void cli_put_moment_from(sp_buf *out, uint64_t second, uint64_t now_s);

/** The name of a kind of field (sp_field_kind), or "unknown". Static. */
const char *cli_field_name(uint8_t kind);

/* Members of an object, items of a list (`name` NULL): a comma goes before each but the first. */
void cli_json_text(sp_buf *out, const char *name, sp_bytes text);
void cli_json_number(sp_buf *out, const char *name, uint64_t number);
void cli_json_bool(sp_buf *out, const char *name, bool value);
void cli_json_null(sp_buf *out, const char *name);
/** `open` is '{' or '['. */
void cli_json_open(sp_buf *out, const char *name, char open);
void cli_json_facts(sp_buf *out, const char *name, sp_facts facts, const sp_names *names);
void cli_json_categories(sp_buf *out, const char *name, uint64_t categories, const sp_names *names);
void cli_json_places(sp_buf *out, const char *name, sp_bits256 places);
/** A moment as a text, null where `second` is 0. */
void cli_json_moment(sp_buf *out, const char *name, uint64_t second);
/** The category that comes with a kind, by its name; "none". */
sp_bytes cli_kind_category(const sp_names *names, const sp_kind_info *kind);
