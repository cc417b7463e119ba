/* What the daemon reads of servers that may be anybody's: the head of an answer as bytes, and over a real
 * socket, whole and byte by byte. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "control/answer.h"
#include "control/fetch.h"

/* ---- bytes ---- */

typedef struct head_case {
    const char *text;
    spd_answer_state state;
    unsigned status;
    size_t body_at;
} head_case;

static const head_case heads[] = {
    {"", SPD_ANSWER_PART, 0, 0},
    {"H", SPD_ANSWER_PART, 0, 0},
    {"h", SPD_ANSWER_NONE, 0, 0},
    {"\r\n\r\n", SPD_ANSWER_NONE, 0, 0},
    {"HTTP/1.1 200 OK\r\n", SPD_ANSWER_PART, 0, 0},
    {"HTTP/1.1 200 OK\r\n\r\n", SPD_ANSWER_WHOLE, 200, 19},
    {"HTTP/1.0 204\r\n\r\n", SPD_ANSWER_WHOLE, 204, 16},
    {"HTTP/1.1 503 \r\nretry-after: 1\r\n\r\nbody", SPD_ANSWER_WHOLE, 503, 33},
    {"HTTP/1.1 200 OK\n\n", SPD_ANSWER_PART, 0, 0},
    {"HTTP/1.1 099 low\r\n\r\n", SPD_ANSWER_NONE, 0, 0},
    {"HTTP/1.1 000 low\r\n\r\n", SPD_ANSWER_NONE, 0, 0},
    {"HTTP/1.1 600 high\r\n\r\n", SPD_ANSWER_NONE, 0, 0},
    {"HTTP/1.1 2000 long\r\n\r\n", SPD_ANSWER_NONE, 0, 0},
    {"HTTP/1.1 2x0 no\r\n\r\n", SPD_ANSWER_NONE, 0, 0},
    {"HTTP/1.1  200 OK\r\n\r\n", SPD_ANSWER_NONE, 0, 0},
    {"HTTP/1.x 200 OK\r\n\r\n", SPD_ANSWER_NONE, 0, 0},
    {"HTTP/2.0 200 OK\r\n\r\n", SPD_ANSWER_NONE, 0, 0},
    {"HTTP/1.1 -20 OK\r\n\r\n", SPD_ANSWER_NONE, 0, 0},
    {"SSH-2.0-OpenSSH_9.2\r\n", SPD_ANSWER_NONE, 0, 0},
    {"\x16\x03\x01", SPD_ANSWER_NONE, 0, 0},
};

static void a_head_is_whole_or_part_or_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        spd_answer got;
        const spd_answer_state found = spd_answer_read(&got, sp_bytes_of(heads[i].text));
        if (found != heads[i].state || got.status != heads[i].status || got.body_at != heads[i].body_at)
            fail_msg("%s: %d %u %zu", heads[i].text, (int)found, got.status, got.body_at);
    }
}

static void a_head_without_end_is_none(void **state)
{
    (void)state;
    static uint8_t bytes[SPD_ANSWER_HEAD_MAX + 8];
    const sp_bytes line = SP_LIT("HTTP/1.1 200 OK\r\n");
    const sp_bytes end = SP_LIT("\r\n\r\n");
    spd_answer got;
    memset(bytes, 'x', sizeof bytes);
    memcpy(bytes, line.p, line.n);
    assert_int_equal(spd_answer_read(&got, (sp_bytes){bytes, SPD_ANSWER_HEAD_MAX - 1}), SPD_ANSWER_PART);
    assert_int_equal(spd_answer_read(&got, (sp_bytes){bytes, SPD_ANSWER_HEAD_MAX}), SPD_ANSWER_NONE);
    memcpy(bytes + SPD_ANSWER_HEAD_MAX - end.n, end.p, end.n);
    assert_int_equal(spd_answer_read(&got, (sp_bytes){bytes, SPD_ANSWER_HEAD_MAX}), SPD_ANSWER_WHOLE);
    assert_int_equal(got.body_at, SPD_ANSWER_HEAD_MAX);
}

/* ---- sockets ---- */

typedef struct server {
    int listener, peer;
    spd_fetch *fetch;
} server;

static spd_fetch_state step_until_it_waits(server *s)
{
    struct pollfd fd = spd_fetch_poll(s->fetch);
    (void)poll(&fd, 1, 20);
    return spd_fetch_step(s->fetch);
}

/* A server that has taken the request; the fetch waits for its answer. */
static server serve(const char *path, bool wants_body)
{
    server s = {.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    char request[256];
    assert_int_equal(bind(s.listener, (const struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(s.listener, 1), 0);
    assert_int_equal(getsockname(s.listener, (struct sockaddr *)&at, &n), 0);
    const spd_fetch_options options = {
        .address = {.family = 4, .ip = {127, 0, 0, 1}, .port = ntohs(at.sin_port)},
        .host = SP_LIT("localhost"),
        .path = path,
        .wants_body = wants_body,
    };
    s.fetch = spd_fetch_new(&options);
    assert_non_null(s.fetch);
    s.peer = accept(s.listener, NULL, NULL);
    assert_true(s.peer >= 0);
    if (path != NULL) {
        assert_int_equal(step_until_it_waits(&s), SPD_FETCH_GOING);
        assert_true(recv(s.peer, request, sizeof request, 0) > 0);
    }
    return s;
}

static void end(const server *s)
{
    spd_fetch_free(s->fetch);
    (void)close(s->peer);
    (void)close(s->listener);
}

static void answer(const server *s, const char *text, size_t n)
{
    assert_int_equal(send(s->peer, text, n, MSG_NOSIGNAL), n);
}

/* Until it is over, as long as bytes may still be on their way. */
static spd_fetch_state outcome(server *s)
{
    spd_fetch_state state = SPD_FETCH_GOING;
    for (unsigned i = 0; i < 500 && state == SPD_FETCH_GOING; i++) state = step_until_it_waits(s);
    return state;
}

static void a_connection_is_all_where_no_path_is(void **state)
{
    (void)state;
    server s = serve(NULL, false);
    assert_int_equal(outcome(&s), SPD_FETCH_DONE);
    assert_int_equal(spd_fetch_status(s.fetch), 0);
    end(&s);
}

static void each_answer_ends_in_what_its_head_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        server s = serve("/health", false);
        answer(&s, heads[i].text, strlen(heads[i].text));
        if (heads[i].state == SPD_ANSWER_PART) (void)shutdown(s.peer, SHUT_WR);
        const spd_fetch_state want = heads[i].state == SPD_ANSWER_WHOLE ? SPD_FETCH_DONE : SPD_FETCH_FAILED;
        const spd_fetch_state got = outcome(&s);
        if (got != want || spd_fetch_status(s.fetch) != heads[i].status)
            fail_msg("%s: %d %u", heads[i].text, (int)got, spd_fetch_status(s.fetch));
        end(&s);
    }
}

static void an_answer_may_come_byte_by_byte(void **state)
{
    (void)state;
    static const char text[] = "HTTP/1.1 204 No Content\r\nx: y\r\n\r\n";
    server s = serve("/health", false);
    for (size_t i = 0; i + 1 < sizeof text - 1; i++) {
        answer(&s, text + i, 1);
        assert_int_equal(spd_fetch_step(s.fetch), SPD_FETCH_GOING);
    }
    answer(&s, text + sizeof text - 2, 1);
    assert_int_equal(outcome(&s), SPD_FETCH_DONE);
    assert_int_equal(spd_fetch_status(s.fetch), 204);
    end(&s);
}

static void a_body_is_what_stands_behind_the_head(void **state)
{
    (void)state;
    static const char text[] = "HTTP/1.1 200 OK\r\n\r\none\r\n\r\ntwo";
    server s = serve("/metrics", true);
    answer(&s, text, sizeof text - 1);
    assert_int_equal(step_until_it_waits(&s), SPD_FETCH_GOING);
    (void)shutdown(s.peer, SHUT_WR);
    assert_int_equal(outcome(&s), SPD_FETCH_DONE);
    assert_true(sp_bytes_eq(spd_fetch_body(s.fetch), SP_LIT("one\r\n\r\ntwo")));
    end(&s);
}

static void more_than_the_most_is_a_failure(void **state)
{
    (void)state;
    static char text[64 << 10];
    server s = serve("/metrics", true);
    spd_fetch_state got = SPD_FETCH_GOING;
    memset(text, 'x', sizeof text);
    answer(&s, "HTTP/1.1 200 OK\r\n\r\n", 19);
    for (size_t sent = 0; got == SPD_FETCH_GOING && sent < 2 * (size_t)SPD_FETCH_BODY_MAX;) {
        const ssize_t n = send(s.peer, text, sizeof text, MSG_NOSIGNAL | MSG_DONTWAIT);
        sent += n > 0 ? (size_t)n : 0;
        got = step_until_it_waits(&s);
    }
    assert_int_equal(got, SPD_FETCH_FAILED);
    end(&s);
}

static void a_request_that_does_not_fit_is_not_sent(void **state)
{
    (void)state;
    static char path[1200], host[300];
    memset(path, 'p', sizeof path - 1);
    memset(host, 'h', sizeof host - 1);
    spd_fetch_options options = {
        .address = {.family = 4, .ip = {127, 0, 0, 1}, .port = 9}, .host = SP_LIT("localhost"), .path = path};
    assert_null(spd_fetch_new(&options));
    options.path = "/";
    options.host = sp_bytes_of(host);
    assert_null(spd_fetch_new(&options));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_is_whole_or_part_or_none),
        cmocka_unit_test(a_head_without_end_is_none),
        cmocka_unit_test(a_connection_is_all_where_no_path_is),
        cmocka_unit_test(each_answer_ends_in_what_its_head_says),
        cmocka_unit_test(an_answer_may_come_byte_by_byte),
        cmocka_unit_test(a_body_is_what_stands_behind_the_head),
        cmocka_unit_test(more_than_the_most_is_a_failure),
        cmocka_unit_test(a_request_that_does_not_fit_is_not_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
