/* Files, seal key, control sockets and publications: what daemon and command line rest on. */
#include <ftw.h>
#include <poll.h>
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

#include "control/process.h"
#include "control/reply.h"
#include "control/setup.h"
#include "control/socket.h"

static const char conf_text[] = "version: 1\n"
                                "listen: {address: \"127.0.0.1:8080\"}\n"
                                "state: ./state\n"
                                "levels: {secret: 4}\n"
                                "destinations:\n"
                                "  local:\n"
                                "    vendor: own\n"
                                "    tier: self-hosted\n"
                                "    dialect: openai\n"
                                "    base_url: http://127.0.0.1:9000/v1\n"
                                "    model: m\n"
                                "    jurisdictions: [DE]\n"
                                "    credential: env:SOME_SECRET\n"
                                "    clearance: {level: restricted, categories: all}\n"
                                "models: {m: {destinations: [local]}}\n"
                                "use_cases: {u: {owner: o, purpose: p, level: public}}\n"
                                "applications: {desk: {use_case: u, models: [m], user_text: trusted}}\n";

typedef struct place {
    char folder[256], file[288];
    sp_arena arena;
} place;

static void write_conf(const place *p, const char *text)
{
    FILE *out = fopen(p->file, "we");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static int set_up(void **state)
{
    static place p;
    char path[320];
    sp_diag diag = {0};
    (void)umask(077);
    strcpy(p.folder, "/tmp/sallyport-control-XXXXXX");
    if (mkdtemp(p.folder) == NULL) {
        return -1;
    }
    (void)snprintf(p.file, sizeof p.file, "%s/sallyport.yaml", p.folder);
    (void)snprintf(path, sizeof path, "%s/snapshot", p.folder);
    sp_arena_init(&p.arena, 64 << 20);
    write_conf(&p, conf_text);
    *state = &p;
    return spd_folder_make(path, &diag) == SP_OK ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

static int tear_down(void **state)
{
    place *p = *state;
    sp_arena_fini(&p->arena);
    return nftw(p->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void join(char out[SPD_PATH_MAX], const place *p, const char *name)
{
    assert_int_equal(spd_path_join(out, p->folder, name), SP_OK);
}

/* ---- files ---- */

static void a_folder_is_made_with_its_parents_and_closed_to_others(void **state)
{
    char path[SPD_PATH_MAX];
    struct stat info;
    sp_diag diag = {0};
    join(path, *state, "a/b/c");
    assert_int_equal(spd_folder_make(path, &diag), SP_OK);
    assert_int_equal(chmod(path, 0755), 0);
    assert_int_equal(spd_folder_make(path, &diag), SP_OK);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
}

static void a_file_in_the_way_of_a_folder_is_said(void **state)
{
    char path[SPD_PATH_MAX];
    sp_diag diag = {0};
    join(path, *state, "sallyport.yaml");
    assert_int_equal(spd_folder_make(path, &diag), SP_EINTERNAL);
    assert_non_null(strstr(diag.text, "sallyport.yaml"));
    join(path, *state, "sallyport.yaml/below");
    assert_int_equal(spd_folder_make(path, &diag), SP_EINTERNAL);
    assert_int_equal(spd_folder_make("", &diag), SP_EINTERNAL);
}

static void a_file_is_replaced_whole_by_another_inode(void **state)
{
    char path[SPD_PATH_MAX];
    uint8_t got[3];
    struct stat first, second;
    sp_diag diag = {0};
    join(path, *state, "x");
    assert_int_equal(spd_file_write(path, SP_LIT("one"), &diag), SP_OK);
    assert_int_equal(stat(path, &first), 0);
    FILE *reader = fopen(path, "re");
    assert_int_equal(spd_file_write(path, SP_LIT("two"), &diag), SP_OK);
    assert_int_equal(stat(path, &second), 0);
    assert_true(first.st_ino != second.st_ino);
    assert_int_equal(second.st_mode & 0777, 0600);
    assert_int_equal(fread(got, 1, 3, reader), 3);
    assert_memory_equal(got, "one", 3);
    assert_int_equal(fclose(reader), 0);
    assert_int_equal(spd_file_read(got, 3, path), SP_OK);
    assert_memory_equal(got, "two", 3);
    assert_int_equal(spd_file_read(got, 2, path), SP_ETRUNCATED);
    assert_int_equal(spd_file_write("/nonexistent/x", SP_LIT("x"), &diag), SP_EINTERNAL);
}

static void a_file_of_others_is_replaced_only_as_it_was_read(void **state)
{
    char path[SPD_PATH_MAX];
    struct stat info;
    uint8_t now[3];
    sp_diag diag = {0};
    assert_int_equal(spd_path_join(path, *state, "theirs"), SP_OK);
    assert_int_equal(spd_file_write(path, SP_LIT("one"), &diag), SP_OK);
    assert_int_equal(chmod(path, 0644), 0);
    const sp_bytes others[] = {SP_LIT("on"), SP_LIT("onf"), SP_LIT("one "), SP_BYTES_EMPTY};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_int_equal(spd_file_replace(path, others[i], SP_LIT("two"), &diag), SP_EBUSY);
        assert_int_equal(spd_file_read(now, 3, path), SP_OK);
        assert_memory_equal(now, "one", 3);
    }
    assert_int_equal(spd_file_replace(path, SP_LIT("one"), SP_LIT("two"), &diag), SP_OK);
    assert_int_equal(spd_file_read(now, 3, path), SP_OK);
    assert_memory_equal(now, "two", 3);
    assert_true(stat(path, &info) == 0 && (info.st_mode & 0777) == 0644);
    assert_int_equal(spd_file_replace("/nonexistent/x", SP_LIT("x"), SP_LIT("y"), &diag), SP_EINTERNAL);
}

static void a_path_that_is_too_long_is_refused(void **state)
{
    static char name[SPD_PATH_MAX];
    char path[SPD_PATH_MAX];
    (void)state;
    memset(name, 'a', sizeof name - 1);
    assert_int_equal(spd_path_join(path, "/b", name), SP_ERANGE);
}

/* ---- the seal key ---- */

static void the_seal_key_is_made_once_and_stays(void **state)
{
    const place *p = *state;
    uint8_t first[32], second[32], file[32];
    char path[SPD_PATH_MAX];
    sp_diag diag = {0};
    assert_int_equal(spd_seal_key(first, p->folder, &diag), SP_OK);
    assert_int_equal(spd_seal_key(second, p->folder, &diag), SP_OK);
    assert_memory_equal(first, second, sizeof first);
    join(path, p, "seal.pub");
    assert_int_equal(spd_file_read(file, sizeof file, path), SP_OK);
    assert_memory_equal(file, first, sizeof file);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(spd_seal_key(second, p->folder, &diag), SP_OK);
    assert_memory_equal(first, second, sizeof first);
}

static void half_a_seal_key_is_refused_and_never_replaced(void **state)
{
    const place *p = *state;
    uint8_t key[32];
    char private_path[SPD_PATH_MAX], public_path[SPD_PATH_MAX];
    sp_diag diag = {0};
    join(private_path, p, "seal.key");
    join(public_path, p, "seal.pub");
    assert_int_equal(spd_seal_key(key, p->folder, &diag), SP_OK);
    key[0] ^= 1;
    assert_int_equal(spd_file_write(public_path, (sp_bytes){key, sizeof key}, &diag), SP_OK);
    assert_int_equal(spd_seal_key(key, p->folder, &diag), SP_ECORRUPT);
    assert_int_equal(unlink(private_path), 0);
    assert_int_equal(spd_seal_key(key, p->folder, &diag), SP_ECORRUPT);
    assert_int_not_equal(access(private_path, F_OK), 0);
    assert_int_equal(spd_file_write(private_path, SP_LIT("short"), &diag), SP_OK);
    assert_int_equal(spd_seal_key(key, p->folder, &diag), SP_ECORRUPT);
}

/* ---- replies and sockets ---- */

static void a_reply_says_what_was_put_into_it(void **state)
{
    place *p = *state;
    sp_buf reply = SP_BUF_IN(&p->arena.mem);
    spd_reply_begin(&reply, true);
    spd_reply_text(&reply, "text", SP_LIT("a \"b\"\n\\ \xc3\xa9"));
    spd_reply_number(&reply, "number", UINT64_MAX);
    spd_reply_bool(&reply, "yes", true);
    spd_reply_end(&reply);
    const sp_bytes s = sp_buf_bytes(&reply);
    assert_null(memchr(s.p, '\n', s.n));
    assert_true(spd_reply_is_ok(s) && spd_reply_get_bool(s, "yes") && !spd_reply_get_bool(s, "no"));
    assert_true(sp_bytes_eq(spd_reply_get_text(s, "text", &p->arena.mem), SP_LIT("a \"b\"\n\\ \xc3\xa9")));
    assert_true(spd_reply_get_number(s, "number") == UINT64_MAX);
    assert_int_equal(spd_reply_get_text(s, "number", &p->arena.mem).n, 0);
    assert_int_equal(spd_reply_get_number(s, "text"), 0);
}

static void what_is_no_reply_is_not_ok(void **state)
{
    static const char *const rows[] = {"", "x", "[]", "{}", "{\"ok\":1}", "{\"ok\":true"};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_false(spd_reply_is_ok(sp_bytes_of(rows[i])));
    }
}

static void echo(void *ctx, sp_bytes line, sp_buf *reply)
{
    sp_buf_append_str(reply, ctx);
    sp_buf_append(reply, line);
}

/* Asks from a child, so that one thread is enough on each side. @return what the child made of it. */
static int ask_from_child(const place *p, int listener, const char *line, const char *want)
{
    int code = -1;
    const pid_t child = fork();
    if (child == 0) {
        sp_arena arena;
        sp_arena_init(&arena, 1 << 20);
        sp_buf reply = SP_BUF_IN(&arena.mem);
        const sp_status status = spd_ask(&reply, p->folder, "x.sock", line, 3000);
        const bool is_good = want == NULL
                                 ? status != SP_OK
                                 : status == SP_OK && sp_bytes_eq(sp_buf_bytes(&reply), sp_bytes_of(want));
        _exit(is_good ? 0 : 1);
    }
    struct pollfd one = {.fd = listener, .events = POLLIN};
    static char prefix[] = "echo ";
    assert_int_equal(poll(&one, 1, 3000), 1);
    spd_serve(listener, echo, prefix);
    assert_int_equal(waitpid(child, &code, 0), child);
    return code;
}

static void a_line_is_answered_by_a_line(void **state)
{
    const place *p = *state;
    sp_diag diag = {0};
    const int listener = spd_listen(p->folder, "x.sock", &diag);
    assert_true(listener >= 0);
    assert_int_equal(ask_from_child(p, listener, "hello", "echo hello"), 0);
    assert_int_equal(ask_from_child(p, listener, "", "echo "), 0);
    assert_int_equal(close(listener), 0);
}

static void a_line_that_is_too_long_gets_no_answer(void **state)
{
    static char line[SPD_LINE_MAX + 100];
    const place *p = *state;
    sp_diag diag = {0};
    const int listener = spd_listen(p->folder, "x.sock", &diag);
    memset(line, 'a', sizeof line - 1);
    assert_int_equal(ask_from_child(p, listener, line, NULL), 0);
    assert_int_equal(close(listener), 0);
}

static void nobody_listens_is_told_apart(void **state)
{
    place *p = *state;
    sp_buf reply = SP_BUF_IN(&p->arena.mem);
    assert_int_equal(spd_ask(&reply, p->folder, "none.sock", "x", 100), SP_EUPSTREAM);
    assert_int_equal(spd_ask(&reply, "/nonexistent", "none.sock", "x", 100), SP_EUPSTREAM);
}

static void a_state_folder_with_a_long_path_still_has_sockets(void **state)
{
    place *p = *state;
    place deep = *p;
    char path[SPD_PATH_MAX];
    sp_diag diag = {0};
    join(path, p,
         "a-name-that-alone-is-longer-than-what-fits-into-the-address-of-a-socket-of-this-kind-of-system");
    (void)snprintf(deep.folder, sizeof deep.folder, "%.200s", path);
    assert_int_equal(spd_folder_make(deep.folder, &diag), SP_OK);
    const int listener = spd_listen(deep.folder, "x.sock", &diag);
    assert_true(listener >= 0);
    assert_int_equal(ask_from_child(&deep, listener, "hello", "echo hello"), 0);
    assert_int_equal(close(listener), 0);
}

/* ---- setup and publication ---- */

static spd_setup *load(place *p)
{
    sp_buf problems = SP_BUF_IN(&p->arena.mem);
    spd_setup *setup = NULL;
    assert_int_equal(spd_setup_load(&setup, p->file, &problems), SP_OK);
    return setup;
}

static void publish(place *p, spd_setup *setup, sp_snapshot *out, uint64_t expires_s)
{
    char path[SPD_PATH_MAX];
    sp_diag diag = {0};
    sp_buf file = SP_BUF_IN(&p->arena.mem);
    spd_world world = {.state = p->folder, .now_s = spd_wall_s(), .seal_key = {9}, .module = "/m.so"};
    spd_publication publication;
    const spd_key key = {
        .id = {1}, .hash = {2}, .application = SP_LIT("desk"), .created_s = 1, .expires_s = expires_s};
    assert_int_equal(spd_state_open(&world.state_db, p->folder, &diag), SP_OK);
    assert_int_equal(spd_state_key_add(world.state_db, &key), SP_OK);
    assert_int_equal(spd_publish(&publication, setup, &world, &diag), SP_OK);
    assert_int_equal(spd_snapshot_path(path, p->folder, setup), SP_OK);
    FILE *in = fopen(path, "re");
    assert_non_null(in);
    file.n = fread(sp_buf_reserve(&file, 1 << 16), 1, 1 << 16, in);
    assert_int_equal(fclose(in), 0);
    assert_int_equal(sp_snapshot_decode(out, sp_buf_bytes(&file), &p->arena.mem, &diag), SP_OK);
    assert_int_equal(out->generation, publication.generation);
    assert_int_equal(out->expires_s, publication.expires_s);
    spd_state_close(world.state_db);
}

static void a_publication_is_what_a_worker_reads(void **state)
{
    place *p = *state;
    sp_snapshot snapshot;
    spd_setup *setup = load(p);
    publish(p, setup, &snapshot, 0);
    assert_int_equal(snapshot.n_keys, 1);
    assert_int_equal(snapshot.keys[0].id[0], 1);
    assert_false(snapshot.keys[0].is_revoked);
    assert_int_equal(snapshot.seal_key[0], 9);
    assert_true(snapshot.expires_s > spd_wall_s());
    spd_setup_free(setup);
}

static void an_expired_key_is_published_as_revoked(void **state)
{
    place *p = *state;
    sp_snapshot snapshot;
    spd_setup *setup = load(p);
    publish(p, setup, &snapshot, 1000);
    assert_true(snapshot.keys[0].is_revoked);
    spd_setup_free(setup);
}

static void a_setup_that_was_accepted_reads_the_same_again(void **state)
{
    place *p = *state;
    char accepted[SPD_PATH_MAX];
    sp_diag diag = {0};
    sp_buf problems = SP_BUF_IN(&p->arena.mem);
    spd_setup *first = load(p), *again = NULL;
    join(accepted, p, "accepted.yaml");
    assert_int_equal(spd_file_write(accepted, first->file, &diag), SP_OK);
    write_conf(p, "nonsense: 1\n");
    assert_int_equal(spd_setup_accepted(&again, p->file, accepted, &problems), SP_OK);
    assert_memory_equal(first->wiring, again->wiring, sizeof first->wiring);
    assert_true(sp_bytes_eq(first->conf->folder, again->conf->folder));
    spd_setup_free(first);
    spd_setup_free(again);
    assert_int_equal(spd_setup_load(&again, p->file, &problems), SP_EFIELD);
    assert_null(again);
    sp_buf_append_byte(&problems, '\0');
    assert_non_null(strstr((const char *)problems.p, "sallyport.yaml:1:1: error"));
    assert_int_equal(spd_setup_accepted(&again, p->file, "/nonexistent", &problems), SP_EINTERNAL);
}

static void a_number_with_another_name_is_refused_with_its_place(void **state)
{
    static const char other[] = "levels: {hidden: 4}\n";
    place *p = *state;
    sp_diag diag = {0};
    sp_buf problems = SP_BUF_IN(&p->arena.mem);
    spd_state *db = NULL;
    char text[sizeof conf_text + sizeof other];
    spd_setup *setup = load(p);
    assert_int_equal(spd_state_open(&db, p->folder, &diag), SP_OK);
    assert_int_equal(spd_setup_names(setup, db, &problems), SP_OK);
    assert_int_equal(spd_setup_names(setup, db, &problems), SP_OK);
    assert_int_equal(problems.n, 0);
    spd_setup_free(setup);
    (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(strstr(conf_text, "levels:") - conf_text), conf_text,
                   other, strstr(conf_text, "destinations:"));
    write_conf(p, text);
    setup = load(p);
    assert_int_equal(spd_setup_names(setup, db, &problems), SP_EFIELD);
    sp_buf_append_byte(&problems, '\0');
    assert_non_null(strstr((const char *)problems.p, "sallyport.yaml:4:"));
    assert_non_null(strstr((const char *)problems.p, "\"secret\""));
    spd_setup_free(setup);
    spd_state_close(db);
}

/* ---- the environment of children ---- */

static void a_child_sees_what_is_on_the_list_and_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(setenv("OPENAI_API_KEY", "a secret", 1), 0);
    assert_int_equal(setenv("PATHOLOGICAL", "x", 1), 0);
    char **environment = spd_environment();
    bool has_path = false;
    assert_non_null(environment);
    for (size_t i = 0; environment[i] != NULL; i++) {
        assert_null(strstr(environment[i], "a secret"));
        assert_null(strstr(environment[i], "PATHOLOGICAL"));
        has_path = has_path || strncmp(environment[i], "PATH=", 5) == 0;
    }
    assert_true(has_path);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_folder_is_made_with_its_parents_and_closed_to_others),
        TEST(a_file_in_the_way_of_a_folder_is_said),
        TEST(a_file_is_replaced_whole_by_another_inode),
        TEST(a_file_of_others_is_replaced_only_as_it_was_read),
        TEST(a_path_that_is_too_long_is_refused),
        TEST(the_seal_key_is_made_once_and_stays),
        TEST(half_a_seal_key_is_refused_and_never_replaced),
        TEST(a_reply_says_what_was_put_into_it),
        TEST(what_is_no_reply_is_not_ok),
        TEST(a_line_is_answered_by_a_line),
        TEST(a_line_that_is_too_long_gets_no_answer),
        TEST(nobody_listens_is_told_apart),
        TEST(a_state_folder_with_a_long_path_still_has_sockets),
        TEST(a_publication_is_what_a_worker_reads),
        TEST(an_expired_key_is_published_as_revoked),
        TEST(a_setup_that_was_accepted_reads_the_same_again),
        TEST(a_number_with_another_name_is_refused_with_its_place),
        TEST(a_child_sees_what_is_on_the_list_and_nothing_else),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
