/* The state database: what must outlive the configuration, also when several processes use it at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "control/state.h"

/* ---- a folder for each test ---- */

typedef struct place {
    char folder[64];
    sp_arena arena;
    spd_state *db;
} place;

static int set_up(void **state)
{
    static place p;
    sp_diag diag = {0};
    (void)umask(077);
    strcpy(p.folder, "/tmp/sallyport-state-XXXXXX");
    sp_arena_init(&p.arena, 1 << 24);
    *state = &p;
    return mkdtemp(p.folder) != NULL && spd_state_open(&p.db, p.folder, &diag) == SP_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    static const char *const names[] = {"state.db", "state.db-wal", "state.db-shm"};
    place *p = *state;
    char path[128];
    spd_state_close(p->db);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", p->folder, names[i]);
        (void)unlink(path);
    }
    sp_arena_fini(&p->arena);
    return rmdir(p->folder);
}

static spd_state *another(const place *p)
{
    sp_diag diag = {0};
    spd_state *db = NULL;
    assert_int_equal(spd_state_open(&db, p->folder, &diag), SP_OK);
    return db;
}

static spd_key key_of(uint8_t number)
{
    spd_key key = {.application = SP_LIT("desk"), .note = SP_LIT("a note"), .created_s = 1000 + number};
    memset(key.id, number, sizeof key.id);
    memset(key.hash, number + 1, sizeof key.hash);
    return key;
}

/* ---- keys ---- */

static void a_key_comes_back_as_it_was_stored(void **state)
{
    place *p = *state;
    spd_key *list = NULL;
    size_t n = 0;
    spd_key key = key_of(7);
    key.expires_s = 5000;
    assert_int_equal(spd_state_key_add(p->db, &key), SP_OK);
    assert_int_equal(spd_state_keys(p->db, &list, &n, &p->arena.mem), SP_OK);
    assert_int_equal(n, 1);
    assert_memory_equal(list[0].id, key.id, sizeof key.id);
    assert_memory_equal(list[0].hash, key.hash, sizeof key.hash);
    assert_true(sp_bytes_eq(list[0].application, key.application));
    assert_true(sp_bytes_eq(list[0].note, key.note));
    assert_int_equal(list[0].created_s, 1007);
    assert_int_equal(list[0].expires_s, 5000);
    assert_int_equal(list[0].revoked_s, 0);
    assert_int_equal(list[0].reason.n, 0);
}

static void no_keys_are_an_empty_list(void **state)
{
    place *p = *state;
    spd_key *list = NULL;
    size_t n = 1;
    assert_int_equal(spd_state_keys(p->db, &list, &n, &p->arena.mem), SP_OK);
    assert_int_equal(n, 0);
}

static void keys_come_oldest_first(void **state)
{
    place *p = *state;
    spd_key *list = NULL;
    size_t n = 0;
    for (uint8_t i = 5; i > 0; i--) {
        const spd_key key = key_of(i);
        assert_int_equal(spd_state_key_add(p->db, &key), SP_OK);
    }
    assert_int_equal(spd_state_keys(p->db, &list, &n, &p->arena.mem), SP_OK);
    assert_int_equal(n, 5);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(list[i].id[0], i + 1);
    }
}

static void an_id_is_taken_once(void **state)
{
    place *p = *state;
    spd_key key = key_of(1);
    assert_int_equal(spd_state_key_add(p->db, &key), SP_OK);
    memset(key.hash, 9, sizeof key.hash);
    assert_int_equal(spd_state_key_add(p->db, &key), SP_EDUPKEY);
}

static void a_revocation_keeps_its_first_reason(void **state)
{
    place *p = *state;
    spd_key *list = NULL;
    size_t n = 0;
    spd_key key = key_of(1);
    assert_int_equal(spd_state_key_revoke(p->db, &key), SP_EBADKEY);
    assert_int_equal(spd_state_key_add(p->db, &key), SP_OK);
    key.revoked_s = 77;
    key.reason = SP_LIT("lost");
    assert_int_equal(spd_state_key_revoke(p->db, &key), SP_OK);
    key.revoked_s = 88;
    key.reason = SP_LIT("again");
    assert_int_equal(spd_state_key_revoke(p->db, &key), SP_EDUPKEY);
    assert_int_equal(spd_state_keys(p->db, &list, &n, &p->arena.mem), SP_OK);
    assert_int_equal(list[0].revoked_s, 77);
    assert_true(sp_bytes_eq(list[0].reason, SP_LIT("lost")));
}

static void a_revocation_without_a_time_is_still_one(void **state)
{
    place *p = *state;
    spd_key *list = NULL;
    size_t n = 0;
    const spd_key key = key_of(1);
    assert_int_equal(spd_state_key_add(p->db, &key), SP_OK);
    assert_int_equal(spd_state_key_revoke(p->db, &key), SP_OK);
    assert_int_equal(spd_state_keys(p->db, &list, &n, &p->arena.mem), SP_OK);
    assert_true(list[0].revoked_s > 0);
}

static void a_list_needs_memory_for_all(void **state)
{
    place *p = *state;
    spd_key *list = NULL;
    size_t n = 0;
    const spd_key key = key_of(1);
    sp_arena small;
    assert_int_equal(spd_state_key_add(p->db, &key), SP_OK);
    for (size_t limit = 0; limit < sizeof key + 8; limit += 8) {
        sp_arena_init(&small, limit);
        assert_int_equal(spd_state_keys(p->db, &list, &n, &small.mem), SP_ENOMEM);
        sp_arena_fini(&small);
    }
    assert_int_equal(spd_state_keys(p->db, &list, &n, &p->arena.mem), SP_OK);
    assert_int_equal(n, 1);
}

/* ---- numbers ---- */

static void generations_only_rise_also_after_a_restart(void **state)
{
    place *p = *state;
    uint64_t last = 0, next = 0;
    assert_int_equal(spd_state_generation(p->db, &last), SP_OK);
    assert_int_equal(last, 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(spd_state_next_generation(p->db, &next), SP_OK);
        assert_int_equal(next, last + 1);
        last = next;
    }
    spd_state_close(p->db);
    p->db = another(p);
    assert_int_equal(spd_state_next_generation(p->db, &next), SP_OK);
    assert_int_equal(next, last + 1);
}

static void two_processes_never_get_the_same_generation(void **state)
{
    enum { EACH = 50 };
    place *p = *state;
    uint64_t got = 0;
    const pid_t child = fork();
    if (child == 0) {
        sp_diag diag = {0};
        spd_state *db = NULL;
        bool is_good = spd_state_open(&db, p->folder, &diag) == SP_OK;
        for (int i = 0; is_good && i < EACH; i++) {
            is_good = spd_state_next_generation(db, &got) == SP_OK;
        }
        spd_state_close(db);
        _exit(is_good ? 0 : 1);
    }
    for (int i = 0; i < EACH; i++) {
        assert_int_equal(spd_state_next_generation(p->db, &got), SP_OK);
    }
    int code = -1;
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_int_equal(code, 0);
    assert_int_equal(spd_state_generation(p->db, &got), SP_OK);
    assert_int_equal(got, 2 * EACH);
}

static void the_clock_never_goes_back(void **state)
{
    static const struct {
        uint64_t wall, want;
    } rows[] = {{1000, 1000}, {1005, 1005}, {900, 1005}, {0, 1005}, {2000, 2000}};
    place *p = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t now = 0;
        assert_int_equal(spd_state_clock(p->db, rows[i].wall, &now), SP_OK);
        assert_int_equal(now, rows[i].want);
    }
}

static void only_changes_of_others_change_the_version(void **state)
{
    place *p = *state;
    uint64_t before = 0, after = 0, generation = 0;
    const spd_key key = key_of(1);
    spd_state *other = another(p);
    assert_int_equal(spd_state_version(p->db, &before), SP_OK);
    assert_int_equal(spd_state_next_generation(p->db, &generation), SP_OK);
    assert_int_equal(spd_state_version(p->db, &after), SP_OK);
    assert_int_equal(after, before);
    assert_int_equal(spd_state_key_add(other, &key), SP_OK);
    assert_int_equal(spd_state_version(p->db, &after), SP_OK);
    assert_int_not_equal(after, before);
    spd_state_close(other);
}

/* ---- names ---- */

static void claim(place *p, const spd_name *name)
{
    sp_bytes was;
    assert_int_equal(spd_state_name_claim(p->db, name, &was, &p->arena.mem), SP_OK);
}

static void a_number_keeps_its_name(void **state)
{
    static const struct {
        spd_name_kind kind;
        uint64_t number;
        const char *name;
        sp_status want;
        const char *was;
    } rows[] = {
        {SPD_NAME_CATEGORY, 32, "reactor", SP_OK, "reactor"},
        {SPD_NAME_CATEGORY, 32, "reactor", SP_OK, "reactor"},
        {SPD_NAME_CATEGORY, 32, "turbine", SP_EDUPKEY, "reactor"},
        {SPD_NAME_CATEGORY, 33, "reactor", SP_EDUPKEY, ""},
        {SPD_NAME_LEVEL, 32, "turbine", SP_OK, "turbine"},
        {SPD_NAME_CATEGORY, 33, "turbine", SP_OK, "turbine"},
        {SPD_NAME_FACT, 40, "transfer-basis", SP_OK, "transfer-basis"},
        {SPD_NAME_FACT, 40, "hardened", SP_EDUPKEY, "transfer-basis"},
    };
    place *p = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sp_bytes was;
        const spd_name name = {rows[i].kind, rows[i].number, sp_bytes_of(rows[i].name)};
        const sp_status status = spd_state_name_claim(p->db, &name, &was, &p->arena.mem);
        assert_int_equal(status, rows[i].want);
        assert_true(sp_bytes_eq(was, sp_bytes_of(rows[i].was)));
    }
}

static void claims_that_are_taken_back_bind_nothing(void **state)
{
    place *p = *state;
    sp_names names = {0};
    assert_int_equal(spd_state_begin(p->db), SP_OK);
    claim(p, &(spd_name){SPD_NAME_LEVEL, 5, SP_LIT("secret")});
    assert_int_equal(spd_state_end(p->db, false), SP_OK);
    assert_int_equal(spd_state_names(p->db, &names, &p->arena.mem), SP_OK);
    assert_int_equal(names.level[5].n, 0);
    claim(p, &(spd_name){SPD_NAME_LEVEL, 5, SP_LIT("other")});
}

static void remembered_names_fill_only_what_is_free(void **state)
{
    place *p = *state;
    sp_names names;
    sp_names_init(&names);
    claim(p, &(spd_name){SPD_NAME_LEVEL, 0, SP_LIT("x")});
    claim(p, &(spd_name){SPD_NAME_CATEGORY, 40, SP_LIT("reactor")});
    claim(p, &(spd_name){SPD_NAME_CATEGORY, 4000, SP_LIT("far")});
    assert_int_equal(spd_state_names(p->db, &names, &p->arena.mem), SP_OK);
    assert_true(sp_bytes_eq(names.level[0], SP_LIT("public")));
    assert_true(sp_bytes_eq(names.category[40], SP_LIT("reactor")));
}

/* ---- files that are not ours ---- */

static void run_sql(const place *p, const char *sql)
{
    char path[128];
    sqlite3 *db = NULL;
    (void)snprintf(path, sizeof path, "%s/state.db", p->folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/** What the first version wrote is read on: its keys bind no use case. */
static void an_earlier_version_goes_on(void **state)
{
    place *p = *state;
    spd_key *list = NULL;
    size_t n = 0;
    const spd_key old = key_of(7);
    spd_key bound = key_of(8);
    assert_int_equal(spd_state_key_add(p->db, &old), SP_OK);
    spd_state_close(p->db);
    run_sql(p, "ALTER TABLE keys DROP COLUMN use_case; PRAGMA user_version = 1");
    p->db = another(p);
    bound.use_case = SP_LIT("strategy");
    assert_int_equal(spd_state_key_add(p->db, &bound), SP_OK);
    assert_int_equal(spd_state_keys(p->db, &list, &n, &p->arena.mem), SP_OK);
    assert_int_equal(n, 2);
    assert_true(list[0].use_case.n == 0 && sp_bytes_eq(list[0].application, SP_LIT("desk")));
    assert_true(sp_bytes_eq(list[1].use_case, SP_LIT("strategy")));
}

static void a_later_version_is_refused(void **state)
{
    place *p = *state;
    sp_diag diag = {0};
    spd_state *db = NULL;
    run_sql(p, "PRAGMA user_version = 3");
    assert_int_equal(spd_state_open(&db, p->folder, &diag), SP_EVERSION);
    assert_null(db);
    assert_non_null(strstr(diag.text, "another version"));
}

static void a_file_that_is_no_database_is_refused(void **state)
{
    place *p = *state;
    sp_diag diag = {0};
    spd_state *db = NULL;
    char path[128];
    spd_state_close(p->db);
    p->db = NULL;
    (void)snprintf(path, sizeof path, "%s/state.db", p->folder);
    FILE *out = fopen(path, "we");
    assert_non_null(out);
    assert_true(fputs("this is no database, and longer than its header of 100 bytes: "
                      "......................................",
                      out) > 0);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(spd_state_open(&db, p->folder, &diag), SP_ECORRUPT);
    assert_null(db);
}

static void a_schema_that_lost_a_table_is_refused(void **state)
{
    place *p = *state;
    sp_diag diag = {0};
    spd_state *db = NULL;
    run_sql(p, "DROP TABLE keys");
    assert_int_equal(spd_state_open(&db, p->folder, &diag), SP_EINTERNAL);
    assert_null(db);
    assert_non_null(strstr(diag.text, "keys"));
}

static void a_folder_that_is_not_there_is_refused(void **state)
{
    sp_diag diag = {0};
    spd_state *db = NULL;
    (void)state;
    assert_int_not_equal(spd_state_open(&db, "/nonexistent/folder", &diag), SP_OK);
    assert_null(db);
    spd_state_close(NULL);
}

static void only_the_user_may_read_it(void **state)
{
    static const char *const names[] = {"state.db", "state.db-wal", "state.db-shm"};
    place *p = *state;
    const spd_key key = key_of(1);
    assert_int_equal(spd_state_key_add(p->db, &key), SP_OK);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[128];
        struct stat info;
        (void)snprintf(path, sizeof path, "%s/%s", p->folder, names[i]);
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_mode & 077, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_comes_back_as_it_was_stored, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_keys_are_an_empty_list, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keys_come_oldest_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_id_is_taken_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_revocation_keeps_its_first_reason, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_revocation_without_a_time_is_still_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_list_needs_memory_for_all, set_up, tear_down),
        cmocka_unit_test_setup_teardown(generations_only_rise_also_after_a_restart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_processes_never_get_the_same_generation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_clock_never_goes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_changes_of_others_change_the_version, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_number_keeps_its_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(claims_that_are_taken_back_bind_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(remembered_names_fill_only_what_is_free, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_earlier_version_goes_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_later_version_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_is_no_database_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_schema_that_lost_a_table_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_folder_that_is_not_there_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_the_user_may_read_it, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
