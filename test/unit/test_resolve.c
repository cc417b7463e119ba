/* The resolver against a stand-in of a name server on loopback: times to live, failures, addresses that are
 * not taken. Real time passes: a second where a time to live has to run out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/process.h"
#include "control/resolve.h"

enum { PACKET_MAX = 512, HEADER = 12, TYPE_A = 1, SERVER_FAILURE = 2 };

/* ---- a stand-in of a name server: answers every A question with `addresses`, every other one with nothing
 * ---- */

typedef struct server {
    int fd;
    char name[32];
    const char *addresses[4]; /* ended by NULL */
    uint32_t ttl;
    uint8_t rcode;
    unsigned n_asked;
} server;

static void open_server(server *s)
{
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof where;
    *s = (server){.fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), .ttl = 60};
    assert_int_equal(bind(s->fd, (const struct sockaddr *)&where, sizeof where), 0);
    assert_int_equal(getsockname(s->fd, (struct sockaddr *)&where, &n), 0);
    (void)snprintf(s->name, sizeof s->name, "127.0.0.1:%u", ntohs(where.sin_port));
}

/* RFC 1035, 4.1: the question as it came, then one record for each address, its name a pointer to the
 * question's. */
static size_t make_answer(const server *s, uint8_t *packet, size_t question_end)
{
    size_t n = question_end, count = 0;
    const bool is_a = packet[question_end - 3] == TYPE_A;
    for (; is_a && s->rcode == 0 && s->addresses[count] != NULL; count++) {
        const uint8_t record[] = {0xc0, HEADER, 0, TYPE_A, 0, 1, 0, 0, 0, (uint8_t)s->ttl, 0, 4};
        memcpy(packet + n, record, sizeof record);
        assert_int_equal(inet_pton(AF_INET, s->addresses[count], packet + n + sizeof record), 1);
        n += sizeof record + 4;
    }
    packet[2] = 0x81;
    packet[3] = (uint8_t)(0x80 | s->rcode);
    packet[7] = (uint8_t)count;
    memset(packet + 8, 0, 4);
    return n;
}

static void serve(server *s)
{
    uint8_t packet[PACKET_MAX];
    struct sockaddr_in from;
    socklen_t from_n = sizeof from;
    const ssize_t got = recvfrom(s->fd, packet, sizeof packet, 0, (struct sockaddr *)&from, &from_n);
    if (got < HEADER) {
        return;
    }
    size_t end = HEADER;
    while (packet[end] != 0) {
        end += packet[end] + 1u;
    }
    s->n_asked++;
    const size_t n = make_answer(s, packet, end + 5);
    assert_int_equal(sendto(s->fd, packet, n, 0, (const struct sockaddr *)&from, from_n), (ssize_t)n);
}

/* ---- the resolver and its configuration ---- */

typedef struct bench {
    server server;
    spd_resolver *resolver;
    spc_destination destinations[3];
    spc_conf conf;
    sp_arena arena;
} bench;

static int set_up(void **state)
{
    static bench b;
    sp_diag diag = {0};
    b = (bench){.conf.destinations = {b.destinations, 3}};
    sp_arena_init(&b.arena, 1 << 20);
    open_server(&b.server);
    b.destinations[0].url = (spc_url){.host = SP_LIT("a.example"), .port = 443};
    b.destinations[1].url = (spc_url){.host = SP_LIT("192.0.2.9"), .port = 443, .address = {.family = 4}};
    b.destinations[2].url = (spc_url){.host = SP_LIT("a.example"), .port = 8443};
    *state = &b;
    return spd_resolver_new(&b.resolver, b.server.name, &diag) == SP_OK &&
                   spd_resolver_watch(b.resolver, &b.conf) == SP_OK
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    bench *b = *state;
    spd_resolver_free(b->resolver);
    sp_arena_fini(&b->arena);
    return close(b->server.fd);
}

static void turn(bench *b)
{
    struct pollfd fds[1 + SPD_RESOLVER_FDS] = {{.fd = b->server.fd, .events = POLLIN}};
    spd_resolver_tick(b->resolver, spd_monotonic_ms());
    const int n = spd_resolver_fds(b->resolver, fds + 1);
    (void)poll(fds, (nfds_t)n + 1, 20);
    if (fds[0].revents != 0) {
        serve(&b->server);
    }
    spd_resolver_process(b->resolver, fds + 1, n);
}

static void run_for(bench *b, uint64_t ms)
{
    for (const uint64_t end = spd_monotonic_ms() + ms; spd_monotonic_ms() < end;) {
        turn(b);
    }
}

static void settle(bench *b)
{
    const uint64_t end = spd_monotonic_ms() + 5000;
    while (!spd_resolver_is_settled(b->resolver)) {
        assert_true(spd_monotonic_ms() < end);
        turn(b);
    }
}

static const spc_addresses *addresses(bench *b)
{
    const spc_addresses *list = spd_resolver_addresses(b->resolver, &b->conf, &b->arena.mem);
    assert_non_null(list);
    return list;
}

static bool is_address(const sp_address *a, const char *text)
{
    uint8_t ip[4];
    assert_int_equal(inet_pton(AF_INET, text, ip), 1);
    return a->family == 4 && memcmp(a->ip, ip, sizeof ip) == 0;
}

/* ---- tests ---- */

static void names_get_addresses_and_literals_do_not_ask(void **state)
{
    bench *b = *state;
    b->server.addresses[0] = "192.0.2.1";
    b->server.addresses[1] = "192.0.2.2";
    settle(b);
    const spc_addresses *list = addresses(b);
    assert_int_equal(list[0].n, 2);
    assert_int_equal(list[1].n, 0);
    assert_int_equal(list[2].n, 2);
    assert_true(is_address(&list[0].v[0], "192.0.2.1") && is_address(&list[0].v[1], "192.0.2.2"));
    assert_true(spd_resolver_take_changed(b->resolver));
    assert_false(spd_resolver_take_changed(b->resolver));
    assert_true(b->server.n_asked <= 2); /* one name, A and AAAA, for two destinations */
}

static void a_name_is_asked_again_when_its_time_is_over_and_not_before(void **state)
{
    bench *b = *state;
    b->server.addresses[0] = "192.0.2.1";
    b->server.ttl = 1;
    settle(b);
    const unsigned asked = b->server.n_asked;
    run_for(b, 500);
    assert_int_equal(b->server.n_asked, asked);
    b->server.addresses[0] = "192.0.2.7";
    run_for(b, 900);
    assert_true(b->server.n_asked > asked);
    assert_true(is_address(&addresses(b)[0].v[0], "192.0.2.7"));
    assert_true(spd_resolver_take_changed(b->resolver));
}

static void another_order_is_no_change(void **state)
{
    bench *b = *state;
    b->server.addresses[0] = "192.0.2.1";
    b->server.addresses[1] = "192.0.2.2";
    b->server.ttl = 1;
    settle(b);
    assert_true(spd_resolver_take_changed(b->resolver));
    b->server.addresses[0] = "192.0.2.2";
    b->server.addresses[1] = "192.0.2.1";
    run_for(b, 1300);
    assert_false(spd_resolver_take_changed(b->resolver));
    assert_true(is_address(&addresses(b)[0].v[0], "192.0.2.1"));
}

static void a_failure_keeps_the_last_addresses(void **state)
{
    bench *b = *state;
    b->server.addresses[0] = "192.0.2.1";
    b->server.ttl = 0;
    settle(b);
    const unsigned asked = b->server.n_asked;
    b->server.rcode = SERVER_FAILURE;
    run_for(b, 1500);
    assert_true(b->server.n_asked > asked);
    assert_int_equal(addresses(b)[0].n, 1);
}

static void a_name_that_never_had_an_address_is_tried_and_has_none(void **state)
{
    bench *b = *state;
    b->server.rcode = 3; /* no such name */
    settle(b);
    assert_int_equal(addresses(b)[0].n, 0);
    assert_false(spd_resolver_take_changed(b->resolver));
}

/* A name under somebody else's control must not lead to this machine's metadata service or to a group. */
static void addresses_that_no_provider_has_are_not_taken(void **state)
{
    static const char *const rows[] = {"169.254.169.254", "0.0.0.0", "224.0.0.1"};
    bench *b = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        b->server.addresses[i] = rows[i];
    }
    settle(b);
    assert_int_equal(addresses(b)[0].n, 0);
}

static void a_host_that_goes_is_not_asked_and_comes_back_with_its_addresses(void **state)
{
    bench *b = *state;
    const spc_conf none = {0};
    b->server.addresses[0] = "192.0.2.1";
    b->server.ttl = 1;
    settle(b);
    assert_int_equal(spd_resolver_watch(b->resolver, &none), SP_OK);
    const unsigned asked = b->server.n_asked;
    run_for(b, 1300);
    assert_int_equal(b->server.n_asked, asked);
    assert_int_equal(spd_resolver_watch(b->resolver, &b->conf), SP_OK);
    assert_int_equal(addresses(b)[0].n, 1);
}

static void a_list_of_servers_that_is_none_is_refused(void **state)
{
    sp_diag diag = {0};
    spd_resolver *resolver = NULL;
    (void)state;
    assert_int_equal(spd_resolver_new(&resolver, "not a server", &diag), SP_ERANGE);
    assert_null(resolver);
    spd_resolver_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_get_addresses_and_literals_do_not_ask, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_name_is_asked_again_when_its_time_is_over_and_not_before, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(another_order_is_no_change, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_failure_keeps_the_last_addresses, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_name_that_never_had_an_address_is_tried_and_has_none, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(addresses_that_no_provider_has_are_not_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_host_that_goes_is_not_asked_and_comes_back_with_its_addresses,
                                        set_up, tear_down),
        cmocka_unit_test(a_list_of_servers_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
