/* The destination of the benchmark: answers every POST with the same bytes, so that what is measured is the
 * gateway. One thread, one port per kind of answer:
 *   upstream JSON_PORT STREAM_PORT PACED_PORT STALLED_PORT [INTERVAL_US]
 * JSON: a whole chat completion. STREAM: 50 events at full speed, one write each, connections taking turns.
 * PACED: the same with INTERVAL_US (5000) between the events. STALLED: two events, then nothing. Says "ready"
 * when it listens. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { N_EVENTS = 50, N_STALLED = 2, HEAD_MAX = 8192, EVENT_MAX = 512, READ_BYTES = 256 << 10, TURN = 64 };

typedef enum answer_kind { JSON, STREAM, PACED, STALLED, N_KINDS } answer_kind;

typedef struct connection {
    int fd;
    answer_kind kind;
    bool is_listener, is_sending;
    size_t n_head; /* bytes in head; 0 while a body is read */
    size_t body_left;
    int next_event;
    double due_us;
    struct connection *next; /* in the queue of those that send */
    char head[HEAD_MAX];
} connection;

/* Streams in the order in which their next event is due: the interval is the same for all of a queue. */
typedef struct queue {
    connection *first, *last;
    double interval_us;
} queue;

typedef struct server {
    int epoll;
    queue streams[N_KINDS];
    char events[N_EVENTS][EVENT_MAX];
    size_t event_bytes[N_EVENTS];
    char json[2048];
    size_t json_bytes;
} server;

static server the;

static const char stream_head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                                  "Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n";

static void must(bool holds, const char *what)
{
    if (!holds) {
        (void)fprintf(stderr, "upstream: %s: %s\n", what, strerror(errno));
        exit(EXIT_FAILURE);
    }
}

static double now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* ---- what is answered ---- */

static void make_json(void)
{
    static const char body[] =
        "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"bench-"
        "1\","
        "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"The harbour lies in the "
        "north of the town, behind the old market hall. From the station it is a walk of about ten minutes: "
        "follow the main street to the river, cross the second bridge and keep to the left. Ships leave "
        "every "
        "hour between eight and six; in winter only in the morning. Tickets are sold on board, and children "
        "travel free of "
        "charge.\"},\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":"
        "212,\"completion_tokens\":78,\"total_tokens\":290},\"system_fingerprint\":\"fp_bench\"}";
    const int n =
        snprintf(the.json, sizeof the.json,
                 "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                 sizeof body - 1, body);
    the.json_bytes = (size_t)n;
}

/* One event as one chunk of HTTP; the last one ends the body. */
static void put_event(int i, const char *choices, const char *usage, const char *after)
{
    char data[EVENT_MAX - 64];
    const int n =
        snprintf(data, sizeof data,
                 "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":"
                 "1700000000,\"model\":\"bench-1\",\"choices\":[%s],\"usage\":%s}\n\n%s",
                 choices, usage, after);
    const int all = snprintf(the.events[i], EVENT_MAX, "%x\r\n%s\r\n%s", (unsigned)n, data,
                             i == N_EVENTS - 1 ? "0\r\n\r\n" : "");
    must(n < (int)sizeof data && all < EVENT_MAX, "an event is too long");
    the.event_bytes[i] = (size_t)all;
}

static void make_events(void)
{
    static const char *const words[] = {"The", " harbour", " lies",  " in",   " the",  " north",
                                        " of", " the",     " town,", " just", " past", " a market"};
    char choice[256];
    put_event(0, "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}",
              "null", "");
    for (int i = 1; i < N_EVENTS - 2; i++) {
        (void)snprintf(choice, sizeof choice,
                       "{\"index\":0,\"delta\":{\"content\":\"%s\"},\"finish_reason\":null}",
                       words[(size_t)i % (sizeof words / sizeof words[0])]);
        put_event(i, choice, "null", "");
    }
    put_event(N_EVENTS - 2, "{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}", "null", "");
    put_event(N_EVENTS - 1, "", "{\"prompt_tokens\":212,\"completion_tokens\":47,\"total_tokens\":259}",
              "data: [DONE]\n\n");
}

/* ---- connections ---- */

static void drop(connection *c)
{
    (void)close(c->fd);
    c->fd = -1;
    if (!c->is_sending) {
        free(c); /* else the queue frees it when its turn comes */
    }
}

/* Answers are far smaller than a socket's buffer: whoever does not take one is gone. */
static bool put(connection *c, const char *p, size_t n)
{
    return send(c->fd, p, n, MSG_NOSIGNAL) == (ssize_t)n;
}

static void queue_add(connection *c)
{
    queue *q = &the.streams[c->kind];
    c->next = NULL;
    *(q->first != NULL ? &q->last->next : &q->first) = c;
    q->last = c;
}

/* The next event of a stream whose turn it is. */
static void step(connection *c)
{
    const int last = c->kind == STALLED ? N_STALLED : N_EVENTS;
    const int i = c->next_event++;
    if (c->fd < 0) {
        free(c);
        return;
    }
    c->is_sending = false;
    if (!put(c, the.events[i], the.event_bytes[i])) {
        drop(c);
        return;
    }
    if (c->next_event < last) {
        c->is_sending = true;
        c->due_us += the.streams[c->kind].interval_us;
        queue_add(c);
    }
}

static void answer(connection *c)
{
    if (c->kind == JSON) {
        if (!put(c, the.json, the.json_bytes)) {
            drop(c);
        }
        return;
    }
    if (!put(c, stream_head, sizeof stream_head - 1)) {
        drop(c);
        return;
    }
    c->next_event = 0;
    c->due_us = now_us(); /* at once: whoever joins the queue is due after all others */
    step(c);
}

/* One event of each stream that is due. @return microseconds until the next one, negative for never. */
static double run_queue(queue *q)
{
    const double now = now_us();
    const connection *end = q->last;
    while (q->first != NULL && q->first->due_us <= now) {
        connection *c = q->first;
        const bool was_last = c == end;
        q->first = c->next;
        step(c);
        if (was_last) {
            break;
        }
    }
    return q->first == NULL ? -1 : q->first->due_us > now ? q->first->due_us - now : 0;
}

/* ---- requests ---- */

static size_t content_length(const char *head)
{
    const char *at = strcasestr(head, "\r\ncontent-length:");
    return at != NULL ? strtoul(at + 17, NULL, 10) : 0;
}

/* Takes what was read; answers at the end of each body. Requests are not pipelined. */
static void take(connection *c, const char *p, size_t n)
{
    if (c->body_left == 0) {
        const size_t room = sizeof c->head - 1 - c->n_head;
        const size_t taken = n < room ? n : room;
        memcpy(c->head + c->n_head, p, taken);
        c->n_head += taken;
        c->head[c->n_head] = '\0';
        const char *end = strstr(c->head, "\r\n\r\n");
        must(end != NULL || taken == n, "a header is too long");
        if (end == NULL) {
            return;
        }
        c->body_left = content_length(c->head);
        n -= (size_t)(end + 4 - c->head) - (c->n_head - taken);
        c->n_head = 0;
    }
    c->body_left -= n < c->body_left ? n : c->body_left;
    if (c->body_left == 0) {
        answer(c);
    }
}

static void on_readable(connection *c)
{
    static char bytes[READ_BYTES];
    const ssize_t n = recv(c->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n > 0) {
        take(c, bytes, (size_t)n);
    } else if (n == 0 || errno != EAGAIN) {
        drop(c);
    }
}

static void watch(int fd, answer_kind kind, bool is_listener)
{
    connection *c = calloc(1, sizeof *c);
    must(c != NULL, "memory");
    *c = (connection){.fd = fd, .kind = kind, .is_listener = is_listener};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    must(epoll_ctl(the.epoll, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
}

static void on_client(const connection *listener)
{
    static const int one = 1;
    const int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0) {
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        watch(fd, listener->kind, false);
    }
}

static void listen_on(const char *port, answer_kind kind)
{
    static const int one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0, "socket");
    must(bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 1024) == 0, port);
    watch(fd, kind, true);
}

static double least(double a, double b)
{
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

static void turn(void)
{
    struct epoll_event events[TURN];
    double wait_us = -1;
    for (int i = STREAM; i < N_KINDS; i++) {
        wait_us = least(wait_us, run_queue(&the.streams[i]));
    }
    const struct timespec wait = {.tv_sec = (time_t)(wait_us / 1e6),
                                  .tv_nsec = (long)(wait_us * 1e3) % 1000000000};
    const int n = epoll_pwait2(the.epoll, events, TURN, wait_us < 0 ? NULL : &wait, NULL);
    for (int i = 0; i < n; i++) {
        connection *c = events[i].data.ptr;
        if (c->is_listener) {
            on_client(c);
        } else {
            on_readable(c);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc < N_KINDS + 1) {
        (void)fprintf(stderr,
                      "usage: upstream JSON_PORT STREAM_PORT PACED_PORT STALLED_PORT [INTERVAL_US]\n");
        return EXIT_FAILURE;
    }
    make_json();
    make_events();
    the.epoll = epoll_create1(EPOLL_CLOEXEC);
    must(the.epoll >= 0, "epoll");
    the.streams[PACED].interval_us = argc > N_KINDS + 1 ? strtod(argv[N_KINDS + 1], NULL) : 5000;
    for (int i = 0; i < N_KINDS; i++) {
        listen_on(argv[i + 1], (answer_kind)i);
    }
    (void)printf("ready\n");
    (void)fflush(stdout);
    for (;;) {
        turn();
    }
}
