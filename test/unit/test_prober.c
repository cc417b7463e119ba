/* The prober against servers on loopback that do what a row says. The clock is the test's: nothing waits for
 * a time to pass. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conf_help.h"
#include "control/health.h"

enum {
    EVERY_MS = 1000, /* as in PROBED */
    TIMEOUT_MS = 200,
    TURNS_MAX = 500, /* of 20 ms: bytes on loopback are there long before */
    TARGETS_MAX = SPD_PROBES_MAX + 6,
};
#define PROBED "{every: 1s, timeout: 200ms, path: /health}"

typedef struct target {
    const char *name, *host, *health;
    uint16_t port;
} target;

typedef struct world {
    spd_prober *prober;
    sp_arena arena;
    int listener;
    target one; /* `here`, at the listener, with a path */
    uint64_t now_ms;
} world;

/* ---- servers and configurations ---- */

static const sp_address loopback = {.family = 4, .ip = {127, 0, 0, 1}};

/* An address of this process alone: other runs of these tests may go on beside it. */
static sp_address own_address(uint8_t last)
{
    const unsigned pid = (unsigned)getpid();
    return (sp_address){.family = 4, .ip = {127, (uint8_t)(64 + (pid >> 8) % 64), (uint8_t)pid, last}};
}

/* @param port  0: any, and receives which. */
static int listen_at(const sp_address *address, uint16_t *port)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(*port)};
    socklen_t n = sizeof at;
    memcpy(&at.sin_addr, address->ip, sizeof at.sin_addr);
    assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(fd, 2 * TARGETS_MAX), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
    *port = ntohs(at.sin_port);
    return fd;
}

static const spc_conf *conf_of(world *w, const target *targets, size_t n)
{
    static const char rest[] = "    vendor: own\n"
                               "    tier: self-hosted\n"
                               "    dialect: openai\n"
                               "    model: m\n"
                               "    jurisdictions: [DE]\n"
                               "    credential: none\n"
                               "    plain_http: true\n"
                               "    clearance: {level: restricted, categories: all}\n";
    sp_buf out = SP_BUF_IN(&w->arena.mem);
    sp_buf_append_str(&out, "version: 1\nlisten: {address: \"127.0.0.1:8080\"}\nstate: ./state\n"
                            "destinations:\n");
    for (size_t i = 0; i < n; i++) {
        char line[512];
        (void)snprintf(line, sizeof line, "  %s:\n    base_url: %s:%u/v1\n    health: %s\n", targets[i].name,
                       targets[i].host, (unsigned)targets[i].port, targets[i].health);
        sp_buf_append_str(&out, line);
        sp_buf_append_str(&out, rest);
    }
    sp_buf_append_str(&out, "models: {m: {destinations: [");
    sp_buf_append_str(&out, targets[0].name);
    sp_buf_append_str(&out, "]}}\n"
                            "use_cases: {u: {owner: o, purpose: p, level: public}}\n"
                            "applications: {desk: {use_case: u, models: [m], user_text: trusted}}\n");
    return help_valid(&w->arena.mem, sp_buf_bytes(&out));
}

static void watch(world *w, const target *targets, size_t n)
{
    assert_int_equal(spd_prober_watch(w->prober, conf_of(w, targets, n)), SP_OK);
    assert_true(spd_prober_take_changed(w->prober));
}

static int set_up(void **state)
{
    static world w;
    w = (world){.now_ms = 10000};
    sp_arena_init(&w.arena, HELP_MEMORY);
    w.one = (target){"here", "http://127.0.0.1", PROBED, 0};
    w.listener = listen_at(&loopback, &w.one.port);
    w.prober = spd_prober_new("/nonexistent");
    assert_non_null(w.prober);
    watch(&w, &w.one, 1);
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    world *w = *state;
    spd_prober_free(w->prober);
    (void)close(w->listener);
    sp_arena_fini(&w->arena);
    return 0;
}

/* ---- turns ---- */

static int n_going(const world *w)
{
    struct pollfd fds[SPD_PROBES_MAX];
    return spd_prober_fds(w->prober, fds);
}

/* As the daemon: waits for what it is told to wait for, and ticks. The clock stands still. */
static void turn(world *w)
{
    struct pollfd fds[SPD_PROBES_MAX];
    const int n = spd_prober_fds(w->prober, fds);
    (void)poll(fds, (nfds_t)n, 20);
    spd_prober_tick(w->prober, NULL, w->now_ms);
}

static void until_it_ends(world *w)
{
    for (unsigned i = 0; i < TURNS_MAX && n_going(w) > 0; i++) turn(w);
    assert_int_equal(n_going(w), 0);
}

static int taken(int listener)
{
    struct pollfd fd = {.fd = listener, .events = POLLIN};
    assert_int_equal(poll(&fd, 1, 10000), 1);
    const int peer = accept(listener, NULL, NULL);
    assert_true(peer >= 0);
    return peer;
}

static bool is_asked(int listener)
{
    struct pollfd fd = {.fd = listener, .events = POLLIN};
    return poll(&fd, 1, 0) == 1;
}

/* Reads what may still come, up to the end. */
static bool is_hung_up(int peer)
{
    struct pollfd fd = {.fd = peer, .events = POLLIN};
    char bytes[1024];
    ssize_t n = 1;
    for (unsigned i = 0; i < 10 && n > 0; i++) {
        assert_int_equal(poll(&fd, 1, 10000), 1);
        n = recv(peer, bytes, sizeof bytes, 0);
    }
    return n <= 0;
}

/* What comes, up to the end of a request's head. */
static void hear(world *w, int peer, char *request, size_t max)
{
    size_t n = 0;
    request[0] = '\0';
    for (unsigned i = 0; i < TURNS_MAX && strstr(request, "\r\n\r\n") == NULL; i++) {
        const ssize_t got = recv(peer, request + n, max - 1 - n, MSG_DONTWAIT);
        n += got > 0 ? (size_t)got : 0;
        request[n] = '\0';
        if (got <= 0) turn(w);
    }
    assert_non_null(strstr(request, "\r\n\r\n"));
}

/* One probe, begun by this tick, answered and over. `text` NULL: the server hangs up. */
static void probe_once(world *w, const char *text)
{
    char request[1024];
    spd_prober_tick(w->prober, NULL, w->now_ms);
    const int peer = taken(w->listener);
    hear(w, peer, request, sizeof request);
    if (text != NULL) assert_int_equal(send(peer, text, strlen(text), MSG_NOSIGNAL), strlen(text));
    (void)close(peer);
    until_it_ends(w);
    w->now_ms += EVERY_MS;
}

/* One that nobody answers in time. */
static void probe_in_vain(world *w)
{
    spd_prober_tick(w->prober, NULL, w->now_ms);
    const int peer = taken(w->listener);
    w->now_ms += TIMEOUT_MS;
    spd_prober_tick(w->prober, NULL, w->now_ms);
    assert_int_equal(n_going(w), 0);
    (void)close(peer);
    w->now_ms += EVERY_MS - TIMEOUT_MS;
}

static bool is_down(const world *w, const char *name)
{
    return spd_prober_is_down(w->prober, sp_bytes_of(name));
}

static const char good[] = "HTTP/1.1 200 OK\r\n\r\n", bad[] = "HTTP/1.1 500 No\r\n\r\n";

/* ---- answers ---- */

typedef struct answer_case {
    const char *text; /* NULL: hangs up */
    bool is_good;
} answer_case;

static const answer_case answers[] = {
    {"HTTP/1.1 200 OK\r\n\r\n", true},
    {"HTTP/1.0 204 Empty\r\n\r\n", true},
    {"HTTP/1.1 299 Odd\r\n\r\n", true},
    {"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort", true}, /* the head is all that is asked about */
    {"HTTP/1.1 199 Odd\r\n\r\n", false},
    {"HTTP/1.1 300 Many\r\n\r\n", false},
    {"HTTP/1.1 302 Found\r\nlocation: /\r\n\r\n", false}, /* not followed */
    {"HTTP/1.1 401 Who\r\n\r\n", false},
    {"HTTP/1.1 429 Busy\r\n\r\n", false},
    {"HTTP/1.1 503 Away\r\n\r\n", false},
    {"HTTP/1.1 200 OK\r\n", false}, /* cut off */
    {"SSH-2.0-OpenSSH\r\n\r\n", false},
    {"HTTP/1.1 2000 OK\r\n\r\n", false},
    {"", false},
    {NULL, false},
};

static void an_answer_is_good_by_its_status(void **state)
{
    world *w = *state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        const answer_case *c = &answers[i];
        probe_once(w, good);
        probe_once(w, c->text);
        assert_false(is_down(w, "here"));
        probe_once(w, c->text);
        if (is_down(w, "here") == c->is_good) fail_msg("%s", c->text ? c->text : "(hangs up)");
        assert_int_equal(spd_prober_take_changed(w->prober), !c->is_good);
        probe_once(w, good);
        assert_int_equal(spd_prober_take_changed(w->prober), !c->is_good);
    }
}

/* b bad, g good, t time-out; beneath it, whether it is down behind each. */
static void two_failures_in_a_row_are_an_outage_and_one_success_ends_it(void **state)
{
    world *w = *state;
    static const char story[] = "bgbgbbbgbtgtbgtt";
    static const char after[] = ".....dd..d..d..d";
    bool was_down = false;
    for (size_t i = 0; story[i] != '\0'; i++) {
        const bool want = after[i] == 'd';
        if (story[i] == 't')
            probe_in_vain(w);
        else
            probe_once(w, story[i] == 'g' ? good : bad);
        if (is_down(w, "here") != want) fail_msg("behind %.*s", (int)i + 1, story);
        assert_int_equal(spd_prober_take_changed(w->prober), want != was_down);
        was_down = want;
    }
}

static void what_is_asked_is_a_path_of_a_host_and_nothing_else(void **state)
{
    world *w = *state;
    char name[64], path[201], health[300], want[400], request[1024];
    memset(name, 'n', sizeof name);
    memset(path, 'p', sizeof path);
    name[sizeof name - 1] = path[sizeof path - 1] = '\0';
    path[0] = '/';
    (void)snprintf(health, sizeof health, "{every: 1s, path: %s}", path);
    const target longest = {name, w->one.host, health, w->one.port};
    watch(w, &longest, 1);
    spd_prober_tick(w->prober, NULL, w->now_ms);
    const int peer = taken(w->listener);
    hear(w, peer, request, sizeof request);
    (void)snprintf(want, sizeof want, "GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\nUser-Agent: sallyport\r\n\r\n",
                   path);
    assert_string_equal(request, want);
    (void)close(peer);
    until_it_ends(w);
}

static void an_answer_may_come_in_pieces(void **state)
{
    world *w = *state;
    char request[1024];
    probe_once(w, bad);
    probe_once(w, bad);
    spd_prober_tick(w->prober, NULL, w->now_ms);
    const int peer = taken(w->listener);
    hear(w, peer, request, sizeof request);
    for (const char *c = good; *c != '\0'; c++) {
        assert_int_equal(n_going(w), 1);
        assert_true(is_down(w, "here"));
        assert_int_equal(send(peer, c, 1, MSG_NOSIGNAL), 1);
        if (c[1] != '\0') turn(w);
    }
    until_it_ends(w);
    assert_false(is_down(w, "here"));
    (void)close(peer);
}

/* ---- connections ---- */

static void a_connection_is_good_by_itself_where_no_path_is(void **state)
{
    world *w = *state;
    const target bare = {"here", w->one.host, "{every: 1s}", w->one.port};
    watch(w, &bare, 1);
    for (unsigned i = 0; i < 3; i++) {
        spd_prober_tick(w->prober, NULL, w->now_ms);
        until_it_ends(w);
        (void)close(taken(w->listener));
        assert_false(is_down(w, "here"));
        w->now_ms += EVERY_MS;
    }
}

/* Nobody listens any more at a port of an address that only we use. */
static void a_refused_connection_is_a_failure(void **state)
{
    world *w = *state;
    char host[32];
    target gone = {"gone", host, "{every: 1s}", 0};
    const sp_address address = own_address(9);
    (void)snprintf(host, sizeof host, "http://127.%u.%u.%u", (unsigned)address.ip[1], (unsigned)address.ip[2],
                   (unsigned)address.ip[3]);
    (void)close(listen_at(&address, &gone.port));
    watch(w, &gone, 1);
    for (unsigned i = 1; i <= 3; i++) {
        spd_prober_tick(w->prober, NULL, w->now_ms);
        until_it_ends(w);
        assert_int_equal(is_down(w, "gone"), i >= 2);
        w->now_ms += EVERY_MS;
    }
}

/* Its authorities cannot be read, so that it cannot be told from an impostor: it is not asked at all. */
static void what_cannot_be_verified_is_not_asked(void **state)
{
    world *w = *state;
    const spc_addresses found = {.n = 1, .v = {{.family = 4, .ip = {127, 0, 0, 1}}}};
    const target tls = {"here", "https://named.test", "{every: 1s}\n    ca: own.pem", w->one.port};
    watch(w, &tls, 1);
    for (unsigned i = 0; i < 3; i++) {
        spd_prober_tick(w->prober, &found, w->now_ms);
        assert_int_equal(n_going(w), 0);
        w->now_ms += EVERY_MS;
    }
    assert_false(is_asked(w->listener));
    assert_false(is_down(w, "here"));
}

/* One address after the other, each at the port that the file names, whatever the resolver says. */
static void the_addresses_of_a_name_take_turns(void **state)
{
    world *w = *state;
    spc_addresses found[2] = {{.n = 0}, {.n = 3}}; /* in order of the file: the first is not probed */
    target both[] = {{"first", "http://first.test", "{every: 0s}", 9},
                     {"named", "http://named.test", "{every: 1s}", 0}};
    int listeners[3];
    for (uint8_t i = 0; i < 3; i++) {
        found[1].v[i] = own_address(i + 1);
        found[1].v[i].port = 1;
        listeners[i] = listen_at(&found[1].v[i], &both[1].port);
    }
    watch(w, both, 2);
    for (unsigned i = 0; i < 7; i++) {
        spd_prober_tick(w->prober, found, w->now_ms);
        until_it_ends(w);
        for (unsigned k = 0; k < 3; k++) assert_int_equal(is_asked(listeners[k]), k == i % 3);
        (void)close(taken(listeners[i % 3]));
        w->now_ms += EVERY_MS;
    }
    for (unsigned i = 0; i < 3; i++) (void)close(listeners[i]);
}

static void a_name_without_address_is_not_asked(void **state)
{
    world *w = *state;
    const spc_addresses none = {0};
    const target named = {"named", "http://named.test", "{every: 1s}", w->one.port};
    watch(w, &named, 1);
    for (unsigned i = 0; i < 4; i++) {
        spd_prober_tick(w->prober, i % 2 == 0 ? &none : NULL, w->now_ms);
        assert_int_equal(n_going(w), 0);
        w->now_ms += EVERY_MS;
    }
    assert_false(is_down(w, "named"));
}

/* ---- time ---- */

static void a_probe_has_its_time_and_no_more(void **state)
{
    world *w = *state;
    for (unsigned i = 1; i <= 2; i++) {
        const uint64_t began_ms = w->now_ms;
        spd_prober_tick(w->prober, NULL, began_ms);
        const int peer = taken(w->listener);
        spd_prober_tick(w->prober, NULL, began_ms + TIMEOUT_MS - 1);
        assert_int_equal(n_going(w), 1);
        assert_false(is_down(w, "here"));
        spd_prober_tick(w->prober, NULL, began_ms + TIMEOUT_MS);
        assert_int_equal(n_going(w), 0);
        assert_int_equal(is_down(w, "here"), i == 2);
        (void)close(peer);
        spd_prober_tick(w->prober, NULL, began_ms + EVERY_MS - 1);
        assert_int_equal(n_going(w), 0);
        w->now_ms = began_ms + EVERY_MS;
    }
    spd_prober_tick(w->prober, NULL, w->now_ms);
    assert_int_equal(n_going(w), 1);
}

/* What has come counts, though nobody looked before the time was over. */
static void an_answer_that_is_there_counts_at_the_last_moment(void **state)
{
    world *w = *state;
    char request[1024];
    probe_once(w, bad);
    spd_prober_tick(w->prober, NULL, w->now_ms);
    const int peer = taken(w->listener);
    hear(w, peer, request, sizeof request);
    assert_int_equal(send(peer, good, sizeof good - 1, MSG_NOSIGNAL), sizeof good - 1);
    struct pollfd fds[SPD_PROBES_MAX];
    assert_int_equal(spd_prober_fds(w->prober, fds), 1);
    assert_int_equal(poll(fds, 1, 10000), 1);
    spd_prober_tick(w->prober, NULL, w->now_ms + TIMEOUT_MS);
    assert_int_equal(n_going(w), 0);
    (void)close(peer);
    w->now_ms += EVERY_MS;
    probe_once(w, bad); /* the second failure, but not in a row */
    assert_false(is_down(w, "here"));
}

/* So many at once, the others when there is room: nobody is left out, also when none answers. */
static void more_than_can_go_at_once_wait_for_their_turn(void **state)
{
    world *w = *state;
    static target many[TARGETS_MAX];
    static char names[TARGETS_MAX][8];
    for (unsigned i = 0; i < TARGETS_MAX; i++) {
        (void)snprintf(names[i], sizeof names[i], "d%u", i);
        many[i] = (target){names[i], w->one.host, PROBED, w->one.port};
    }
    for (unsigned i = 0; i < 2; i++) { /* those under way give their places back to a new configuration */
        watch(w, many, TARGETS_MAX);
        spd_prober_tick(w->prober, NULL, w->now_ms);
        assert_int_equal(n_going(w), SPD_PROBES_MAX);
    }
    w->now_ms += TIMEOUT_MS;
    spd_prober_tick(w->prober, NULL, w->now_ms);
    assert_int_equal(n_going(w), TARGETS_MAX - SPD_PROBES_MAX);
    for (unsigned i = 0; i < 10; i++) {
        w->now_ms += TIMEOUT_MS;
        spd_prober_tick(w->prober, NULL, w->now_ms);
    }
    for (unsigned i = 0; i < TARGETS_MAX; i++) {
        if (!is_down(w, names[i])) fail_msg("%s is not down", names[i]);
    }
}

/* ---- another configuration ---- */

static void a_probe_under_way_ends_with_its_configuration_and_counts_for_nothing(void **state)
{
    world *w = *state;
    probe_once(w, bad);
    spd_prober_tick(w->prober, NULL, w->now_ms);
    const int peer = taken(w->listener);
    watch(w, &w->one, 1);
    assert_int_equal(n_going(w), 0);
    assert_false(is_down(w, "here"));
    assert_true(is_hung_up(peer));
    (void)close(peer);
    probe_once(w, bad); /* at once, not when the one before would have been due; the second in a row */
    assert_true(is_down(w, "here"));
}

static void what_is_known_of_a_name_stays_and_of_others_goes(void **state)
{
    world *w = *state;
    const target other = {"other", w->one.host, PROBED, w->one.port};
    const target both[] = {other, w->one};
    probe_once(w, bad);
    probe_once(w, bad);
    watch(w, both, 2); /* in another place of the file */
    assert_true(is_down(w, "here"));
    assert_false(is_down(w, "other"));
    watch(w, &other, 1);
    assert_false(is_down(w, "here"));
    watch(w, both, 2);
    assert_false(is_down(w, "here"));
}

/* A probe cannot end what it began once nobody probes: it would be down for ever. */
static void who_is_probed_no_longer_is_not_down(void **state)
{
    world *w = *state;
    const target silent = {"here", w->one.host, "{every: 0s}", w->one.port};
    probe_once(w, bad);
    probe_once(w, bad);
    assert_true(is_down(w, "here"));
    watch(w, &silent, 1);
    assert_false(is_down(w, "here"));
    spd_prober_tick(w->prober, NULL, w->now_ms);
    assert_int_equal(n_going(w), 0);
    assert_false(is_asked(w->listener));
}

static void another_place_is_asked_from_then_on(void **state)
{
    world *w = *state;
    target moved = w->one;
    moved.port = 0;
    const int fd = listen_at(&loopback, &moved.port), before = w->listener;
    probe_once(w, bad);
    probe_once(w, bad);
    watch(w, &moved, 1);
    w->listener = fd;
    probe_once(w, good);
    assert_false(is_down(w, "here"));
    assert_false(is_asked(before));
    w->listener = before;
    (void)close(fd);
}

/* ---- paths ---- */

static void a_copy_of_authorities_is_named_by_its_destination(void **state)
{
    (void)state;
    static uint8_t name[64];
    char path[SPD_PATH_MAX];
    assert_int_equal(spd_probe_ca_path(path, "/state", SP_LIT("cloud")), SP_OK);
    assert_string_equal(path, "/state/ca-cloud.pem");
    memset(name, 'n', sizeof name);
    assert_int_equal(spd_probe_ca_path(path, "/state", (sp_bytes){name, 63}), SP_OK);
    assert_int_equal(spd_probe_ca_path(path, "/state", (sp_bytes){name, 64}), SP_ERANGE);
}

int main(void)
{
#define ONE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        ONE(an_answer_is_good_by_its_status),
        ONE(two_failures_in_a_row_are_an_outage_and_one_success_ends_it),
        ONE(what_is_asked_is_a_path_of_a_host_and_nothing_else),
        ONE(an_answer_may_come_in_pieces),
        ONE(a_connection_is_good_by_itself_where_no_path_is),
        ONE(a_refused_connection_is_a_failure),
        ONE(what_cannot_be_verified_is_not_asked),
        ONE(the_addresses_of_a_name_take_turns),
        ONE(a_name_without_address_is_not_asked),
        ONE(a_probe_has_its_time_and_no_more),
        ONE(an_answer_that_is_there_counts_at_the_last_moment),
        ONE(more_than_can_go_at_once_wait_for_their_turn),
        ONE(a_probe_under_way_ends_with_its_configuration_and_counts_for_nothing),
        ONE(what_is_known_of_a_name_stays_and_of_others_goes),
        ONE(who_is_probed_no_longer_is_not_down),
        ONE(another_place_is_asked_from_then_on),
        cmocka_unit_test(a_copy_of_authorities_is_named_by_its_destination),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
