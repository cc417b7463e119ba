/** SQLite behind state.h. Every statement is a row of one table, prepared at open: a statement that does not
 * fit the schema fails there, not when somebody revokes a key. */
#include "control/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "control/files.h"

enum { SCHEMA_VERSION = 2, BUSY_MS = 5000, MAGIC = 0x73706462 };

static const char schema[] =
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE keys (id BLOB PRIMARY KEY CHECK (length(id) = 8), hash BLOB NOT NULL CHECK (length(hash) = "
    "32),"
    "  application TEXT NOT NULL, note TEXT NOT NULL, created_s INTEGER NOT NULL, expires_s INTEGER NOT NULL,"
    "  revoked_s INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '',"
    "  use_case TEXT NOT NULL DEFAULT '') STRICT;"
    "CREATE TABLE names (kind INTEGER NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL,"
    "  PRIMARY KEY (kind, number), UNIQUE (kind, name)) STRICT, WITHOUT ROWID;"
    "INSERT INTO meta VALUES ('generation', 0), ('clock', 0);"
    "PRAGMA user_version = 2;";
/* Version 1 had no use cases of keys. */
static const char schema_from_1[] = "ALTER TABLE keys ADD COLUMN use_case TEXT NOT NULL DEFAULT '';"
                                    "PRAGMA user_version = 2;";

enum statement {
    GENERATION_NEXT = 0,
    GENERATION_GET,
    CLOCK,
    DATA_VERSION,
    KEY_ADD,
    KEY_REVOKE,
    KEY_COUNT,
    KEY_REVOKED,
    KEY_LIST,
    NAME_ADD,
    NAME_OF_NUMBER,
    NAME_LIST,
    N_STATEMENTS
};

static const char key_add[] =
    "INSERT OR IGNORE INTO keys (id, hash, application, note, created_s, expires_s, use_case)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
static const char key_list[] =
    "SELECT id, hash, application, note, created_s, expires_s, revoked_s, reason, use_case"
    " FROM keys ORDER BY created_s, id LIMIT ?1";

static const char *const statements[N_STATEMENTS] = {
    [GENERATION_NEXT] = "UPDATE meta SET value = value + 1 WHERE name = 'generation' RETURNING value",
    [GENERATION_GET] = "SELECT value FROM meta WHERE name = 'generation'",
    [CLOCK] = "UPDATE meta SET value = max(value, ?1) WHERE name = 'clock' RETURNING value",
    [DATA_VERSION] = "PRAGMA data_version",
    [KEY_ADD] = key_add,
    [KEY_REVOKE] = "UPDATE keys SET revoked_s = ?2, reason = ?3 WHERE id = ?1 AND revoked_s = 0",
    [KEY_COUNT] = "SELECT count(*) FROM keys",
    [KEY_REVOKED] = "SELECT revoked_s FROM keys WHERE id = ?1",
    [KEY_LIST] = key_list,
    [NAME_ADD] = "INSERT OR IGNORE INTO names (kind, number, name) VALUES (?1, ?2, ?3)",
    [NAME_OF_NUMBER] = "SELECT name FROM names WHERE kind = ?1 AND number = ?2",
    [NAME_LIST] = "SELECT kind, number, name FROM names ORDER BY kind, number",
};

struct spd_state {
    uint32_t magic;
    sqlite3 *db;
    sqlite3_stmt *statements[N_STATEMENTS];
};

/* ---- SQLite's answers in our terms ---- */

static sp_status status_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return SP_OK;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return SP_EBUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return SP_ECORRUPT;
    case SQLITE_NOMEM:
        return SP_ENOMEM;
    default:
        return SP_EINTERNAL;
    }
}

static sp_status run_script(spd_state *state, const char *sql)
{
    return status_of(sqlite3_exec(state->db, sql, NULL, NULL, NULL));
}

static void bind_text(sqlite3_stmt *s, int at, sp_bytes text)
{
    (void)sqlite3_bind_text64(s, at, text.n > 0 ? (const char *)text.p : "", text.n, SQLITE_STATIC,
                              SQLITE_UTF8);
}

static void bind_number(sqlite3_stmt *s, int at, uint64_t value)
{
    (void)sqlite3_bind_int64(s, at, (sqlite3_int64)value);
}

static void bind_id(sqlite3_stmt *s, const uint8_t id[SP_KEY_ID_BYTES])
{
    (void)sqlite3_bind_blob(s, 1, id, SP_KEY_ID_BYTES, SQLITE_STATIC);
}

/* Statements are reset as soon as their row was read: an open one would hold up writers. */
static void done(sqlite3_stmt *s)
{
    (void)sqlite3_reset(s);
    (void)sqlite3_clear_bindings(s);
}

/* A statement with one number as its answer. `RETURNING` gives its row first and commits at the end, so it is
 * run to its end. */
static sp_status ask_number(spd_state *state, enum statement which, uint64_t *out)
{
    sqlite3_stmt *s = state->statements[which];
    int code = sqlite3_step(s);
    const bool has_row = code == SQLITE_ROW;
    if (has_row) {
        *out = (uint64_t)sqlite3_column_int64(s, 0);
        code = sqlite3_step(s);
    }
    done(s);
    if (code != SQLITE_DONE) {
        return status_of(code) == SP_OK ? SP_ECORRUPT : status_of(code);
    }
    return has_row ? SP_OK : SP_ECORRUPT;
}

/* A statement without rows; `changed` receives how many it changed. */
static sp_status change(spd_state *state, enum statement which, int *changed)
{
    sqlite3_stmt *s = state->statements[which];
    const int code = sqlite3_step(s);
    *changed = code == SQLITE_DONE ? sqlite3_changes(state->db) : 0;
    done(s);
    return code == SQLITE_DONE ? SP_OK : status_of(code);
}

/* ---- open and close ---- */

static sp_status user_version(spd_state *state, int *out)
{
    sqlite3_stmt *s = NULL;
    int code = sqlite3_prepare_v2(state->db, "PRAGMA user_version", -1, &s, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(s);
        *out = code == SQLITE_ROW ? sqlite3_column_int(s, 0) : -1;
    }
    (void)sqlite3_finalize(s);
    return code == SQLITE_ROW ? SP_OK : status_of(code);
}

/* Under an exclusive lock, so that of two that start at once one makes it and the other finds it. */
static sp_status make_schema(spd_state *state)
{
    int version = 0;
    SP_TRY(run_script(state, "BEGIN EXCLUSIVE"));
    sp_status status = user_version(state, &version);
    if (status == SP_OK && version == 0) {
        status = run_script(state, schema);
    } else if (status == SP_OK && version == 1) {
        status = run_script(state, schema_from_1);
    } else if (status == SP_OK && version != SCHEMA_VERSION) {
        status = SP_EVERSION;
    }
    if (status != SP_OK) {
        (void)run_script(state, "ROLLBACK");
        return status;
    }
    return run_script(state, "COMMIT");
}

static sp_status prepare_all(spd_state *state)
{
    for (int i = 0; i < N_STATEMENTS; i++) {
        const int code = sqlite3_prepare_v3(state->db, statements[i], -1, SQLITE_PREPARE_PERSISTENT,
                                            &state->statements[i], NULL);
        if (code != SQLITE_OK) {
            return status_of(code);
        }
    }
    return SP_OK;
}

static sp_status open_database(spd_state *state, const char *path)
{
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    SP_TRY(status_of(sqlite3_open_v2(path, &state->db, flags, NULL)));
    (void)sqlite3_busy_timeout(state->db, BUSY_MS);
    (void)sqlite3_extended_result_codes(state->db, 1);
    /* FULL: a revocation that was reported must survive a power cut. */
    SP_TRY(run_script(state,
                      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;"
                      "PRAGMA cell_size_check = ON"));
    SP_TRY(make_schema(state));
    return prepare_all(state);
}

const char *spd_state_error(const spd_state *state)
{
    return state != NULL && state->db != NULL ? sqlite3_errmsg(state->db) : "no memory";
}

static const char *open_message(const spd_state *state, sp_status status)
{
    switch (status) {
    case SP_EVERSION:
        return "state.db was made by another version of sallyport: run that one, or start with a new state "
               "folder";
    case SP_ECORRUPT:
        return "state.db is damaged: restore it from a copy";
    case SP_EBUSY:
        return "state.db is locked by another process for too long";
    default:
        return spd_state_error(state);
    }
}

sp_status spd_state_open(spd_state **out, const char *folder, sp_diag *diag)
{
    char path[SPD_PATH_MAX];
    *out = NULL;
    if (spd_path_join(path, folder, "state.db") != SP_OK) {
        return sp_fail(diag, SP_ERANGE, SIZE_MAX, "the path of the state folder is too long");
    }
    spd_state *state = calloc(1, sizeof *state);
    if (state == NULL) {
        return sp_fail(diag, SP_ENOMEM, SIZE_MAX, "no memory for the state database");
    }
    state->magic = MAGIC;
    const sp_status status = open_database(state, path);
    if (status != SP_OK) {
        (void)sp_fail(diag, status, SIZE_MAX, open_message(state, status));
        spd_state_close(state);
        return status;
    }
    *out = state;
    return SP_OK;
}

void spd_state_close(spd_state *state)
{
    if (state == NULL || state->magic != MAGIC) {
        return;
    }
    for (int i = 0; i < N_STATEMENTS; i++) {
        (void)sqlite3_finalize(state->statements[i]);
    }
    (void)sqlite3_close(state->db);
    state->magic = 0;
    free(state);
}

sp_status spd_state_begin(spd_state *state)
{
    return run_script(state, "BEGIN IMMEDIATE");
}

sp_status spd_state_end(spd_state *state, bool keep)
{
    return run_script(state, keep ? "COMMIT" : "ROLLBACK");
}

/* ---- numbers ---- */

sp_status spd_state_version(spd_state *state, uint64_t *out)
{
    return ask_number(state, DATA_VERSION, out);
}

sp_status spd_state_next_generation(spd_state *state, uint64_t *out)
{
    return ask_number(state, GENERATION_NEXT, out);
}

sp_status spd_state_generation(spd_state *state, uint64_t *out)
{
    return ask_number(state, GENERATION_GET, out);
}

sp_status spd_state_clock(spd_state *state, uint64_t wall_s, uint64_t *out)
{
    bind_number(state->statements[CLOCK], 1, wall_s);
    return ask_number(state, CLOCK, out);
}

/* ---- keys ---- */

sp_status spd_state_key_add(spd_state *state, const spd_key *key)
{
    sqlite3_stmt *s = state->statements[KEY_ADD];
    int changed = 0;
    bind_id(s, key->id);
    (void)sqlite3_bind_blob(s, 2, key->hash, sizeof key->hash, SQLITE_STATIC);
    bind_text(s, 3, key->application);
    bind_text(s, 4, key->note);
    bind_number(s, 5, key->created_s);
    bind_number(s, 6, key->expires_s);
    bind_text(s, 7, key->use_case);
    SP_TRY(change(state, KEY_ADD, &changed));
    return changed == 1 ? SP_OK : SP_EDUPKEY;
}

sp_status spd_state_key_revoke(spd_state *state, const spd_key *key)
{
    sqlite3_stmt *s = state->statements[KEY_REVOKE];
    uint64_t when = 0;
    int changed = 0;
    bind_id(s, key->id);
    bind_number(s, 2, key->revoked_s > 0 ? key->revoked_s : 1);
    bind_text(s, 3, key->reason);
    SP_TRY(change(state, KEY_REVOKE, &changed));
    if (changed == 1) {
        return SP_OK;
    }
    bind_id(state->statements[KEY_REVOKED], key->id);
    const sp_status status = ask_number(state, KEY_REVOKED, &when);
    return status == SP_OK ? SP_EDUPKEY : status == SP_ECORRUPT ? SP_EBADKEY : status;
}

static sp_status column_text(sp_bytes *out, sqlite3_stmt *s, int at, sp_mem *mem)
{
    const uint8_t *p = sqlite3_column_text(s, at);
    const int n = sqlite3_column_bytes(s, at);
    return sp_bytes_copy(out, (sp_bytes){p, p == NULL ? 0 : (size_t)n}, mem);
}

static sp_status column_blob(uint8_t *out, size_t n, sqlite3_stmt *s, int at)
{
    const void *p = sqlite3_column_blob(s, at);
    if (p == NULL || sqlite3_column_bytes(s, at) != (int)n) {
        return SP_ECORRUPT;
    }
    memcpy(out, p, n);
    return SP_OK;
}

static sp_status read_key(spd_key *out, sqlite3_stmt *s, sp_mem *mem)
{
    SP_TRY(column_blob(out->id, sizeof out->id, s, 0));
    SP_TRY(column_blob(out->hash, sizeof out->hash, s, 1));
    SP_TRY(column_text(&out->application, s, 2, mem));
    SP_TRY(column_text(&out->note, s, 3, mem));
    out->created_s = (uint64_t)sqlite3_column_int64(s, 4);
    out->expires_s = (uint64_t)sqlite3_column_int64(s, 5);
    out->revoked_s = (uint64_t)sqlite3_column_int64(s, 6);
    SP_TRY(column_text(&out->reason, s, 7, mem));
    return column_text(&out->use_case, s, 8, mem);
}

static sp_status read_keys(spd_state *state, spd_key *list, size_t room, size_t *n, sp_mem *mem)
{
    sqlite3_stmt *s = state->statements[KEY_LIST];
    sp_status status = SP_OK;
    int code = SQLITE_DONE;
    bind_number(s, 1, room);
    while (status == SP_OK && *n < room && (code = sqlite3_step(s)) == SQLITE_ROW) {
        status = read_key(&list[*n], s, mem);
        *n += status == SP_OK;
    }
    done(s);
    return status != SP_OK ? status : status_of(code);
}

/* One transaction, so that count and list are of the same moment. */
sp_status spd_state_keys(spd_state *state, spd_key **out, size_t *n, sp_mem *mem)
{
    uint64_t count = 0;
    *out = NULL;
    *n = 0;
    SP_TRY(run_script(state, "BEGIN"));
    sp_status status = ask_number(state, KEY_COUNT, &count);
    if (status == SP_OK && count > 0) {
        *out = sp_alloc(mem, (size_t)count, sizeof **out);
        status = *out == NULL ? SP_ENOMEM : read_keys(state, *out, (size_t)count, n, mem);
    }
    const sp_status ended = run_script(state, "COMMIT");
    return status != SP_OK ? status : ended;
}

/* ---- names ---- */

static sp_status name_of(spd_state *state, const spd_name *name, sp_bytes *out, sp_mem *mem)
{
    sqlite3_stmt *s = state->statements[NAME_OF_NUMBER];
    *out = SP_BYTES_EMPTY;
    bind_number(s, 1, (uint64_t)name->kind);
    bind_number(s, 2, name->number);
    const int code = sqlite3_step(s);
    const sp_status status = code == SQLITE_ROW ? column_text(out, s, 0, mem) : status_of(code);
    done(s);
    return status;
}

/* Ignored when either the number or the name is taken; who has the number then tells which. */
sp_status spd_state_name_claim(spd_state *state, const spd_name *name, sp_bytes *was, sp_mem *mem)
{
    sqlite3_stmt *s = state->statements[NAME_ADD];
    int changed = 0;
    bind_number(s, 1, (uint64_t)name->kind);
    bind_number(s, 2, name->number);
    bind_text(s, 3, name->name);
    SP_TRY(change(state, NAME_ADD, &changed));
    SP_TRY(name_of(state, name, was, mem));
    return changed == 1 || sp_bytes_eq(*was, name->name) ? SP_OK : SP_EDUPKEY;
}

/* Where the name of a number belongs; NULL: nowhere, in this version. */
static sp_bytes *slot_of(sp_names *names, spd_name_kind kind, uint64_t number)
{
    switch (kind) {
    case SPD_NAME_LEVEL:
        return number <= SP_LEVEL_MAX ? &names->level[number] : NULL;
    case SPD_NAME_CATEGORY:
        return number < 64 ? &names->category[number] : NULL;
    case SPD_NAME_FACT:
        return number < 64 ? &names->fact[number] : NULL;
    }
    return NULL;
}

sp_status spd_state_names(spd_state *state, sp_names *names, sp_mem *mem)
{
    sqlite3_stmt *s = state->statements[NAME_LIST];
    sp_status status = SP_OK;
    int code = SQLITE_DONE;
    while (status == SP_OK && (code = sqlite3_step(s)) == SQLITE_ROW) {
        const uint64_t number = (uint64_t)sqlite3_column_int64(s, 1);
        sp_bytes *slot = slot_of(names, (spd_name_kind)sqlite3_column_int(s, 0), number);
        if (slot != NULL && slot->n == 0) {
            status = column_text(slot, s, 2, mem);
        }
    }
    done(s);
    return status != SP_OK ? status : status_of(code);
}
