/* The client of the benchmark: sends one request over and over and says how long the answers took.
 *
 *     load PORT CONNECTIONS SECONDS RATE FILE
 *     load PORT CONNECTIONS hold 0 FILE
 *
 * RATE 0: closed loop, every connection sends when it has its answer; else so many requests a second whatever
 * comes back (open loop: times count from when a request was due). `hold`: one request each; says "held" when
 * each has its first bytes, and keeps them open until its input ends.
 *
 * FILE holds the whole request, header included. Where it says @@@@@@@@@@@@ each request gets twelve letters
 * that no other has. A connection that ends between two answers is opened anew, and a request that met its
 * end is sent again there; one that ends within an answer, or before its first, is a bad answer. Prints one
 * line of JSON: requests, those that were not 200 or cut, those sent again, seconds, and microseconds to the
 * first byte of the body and to its end at p50, p99, p999.
 */
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

enum { HEAD_MAX = 8192, READ_BYTES = 64 << 10, TURN = 64, TIMES = 1 << 21, MARK = 12, MARKS_MAX = 256 };

typedef enum http_part { HEAD, BODY, CHUNK_SIZE, CHUNK_DATA, CHUNK_END } http_part;

typedef struct connection {
    int fd;
    bool is_busy, is_last_chunk, is_open;
    bool has_answered, is_last; /* one answer came; this one says that no other will */
    char *request;
    size_t sent;
    double start_us, first_us;
    http_part part;
    size_t n_head, left;
    int status;
    char head[HEAD_MAX];
} connection;

typedef struct times {
    float *us;
    size_t n;
} times;

static struct {
    int epoll;
    const char *port;
    char *request;
    size_t n_request;
    size_t marks[MARKS_MAX], n_marks;
    connection *all;
    size_t n_all, n_busy, n_held;
    double start_us, end_us, interval_us, due_us;
    size_t n_bad, n_again;
    unsigned long counter;
    times first, whole;
} the;

static void must(bool holds, const char *what)
{
    if (!holds) {
        (void)fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
        exit(EXIT_FAILURE);
    }
}

static double now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* ---- requests ---- */

static void read_request(const char *path)
{
    static const char mark[] = "@@@@@@@@@@@@";
    FILE *f = fopen(path, "rb");
    must(f != NULL && fseek(f, 0, SEEK_END) == 0, path);
    the.n_request = (size_t)ftell(f);
    the.request = calloc(1, the.n_request + 1);
    rewind(f);
    must(the.request != NULL && fread(the.request, 1, the.n_request, f) == the.n_request, path);
    (void)fclose(f);
    for (char *at = the.request; (at = strstr(at, mark)) != NULL; at += MARK) {
        must(the.n_marks < MARKS_MAX, "too many marks");
        the.marks[the.n_marks++] = (size_t)(at - the.request);
    }
}

/* Letters, so that no detector of numbers takes them for something. */
static void put_marks(char *request)
{
    for (size_t i = 0; i < the.n_marks; i++) {
        unsigned long v = ++the.counter;
        for (int k = MARK; k-- > 0; v /= 26) {
            request[the.marks[i] + (size_t)k] = (char)('a' + v % 26);
        }
    }
}

static void write_some(connection *c)
{
    while (c->sent < the.n_request) {
        const ssize_t n =
            send(c->fd, c->request + c->sent, the.n_request - c->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN) {
            return;
        }
        if (n < 0 && (errno == EPIPE || errno == ECONNRESET)) {
            return; /* what is read from here says how it ended */
        }
        must(n > 0, "send");
        c->sent += (size_t)n;
    }
}

static void watch(connection *c, int op)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET | EPOLLRDHUP, .data.ptr = c};
    must(epoll_ctl(the.epoll, op, c->fd, &event) == 0, "epoll_ctl");
}

static void connect_to(connection *c)
{
    static const int one = 1;
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)strtoul(the.port, NULL, 10)),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(c->fd >= 0 && connect(c->fd, (const struct sockaddr *)&address, sizeof address) == 0, "connect");
    (void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    watch(c, EPOLL_CTL_ADD);
    c->is_open = true;
    c->has_answered = c->is_last = false;
}

static void disconnect(connection *c)
{
    (void)close(c->fd);
    c->is_open = false;
}

static void send_from_start(connection *c)
{
    if (!c->is_open) {
        connect_to(c);
    }
    c->part = HEAD;
    c->n_head = c->sent = 0;
    write_some(c);
}

static void start(connection *c, double due_us)
{
    put_marks(c->request);
    c->is_busy = true;
    c->start_us = due_us;
    c->first_us = 0;
    the.n_busy++;
    send_from_start(c);
}

/* ---- answers ---- */

static void note(times *t, double us)
{
    if (t->n < TIMES) {
        t->us[t->n++] = (float)us;
    }
}

static void finish(connection *c)
{
    const double now = now_us();
    c->is_busy = false;
    c->has_answered = true;
    if (c->is_last && c->is_open) {
        disconnect(c);
    }
    the.n_busy--;
    the.n_bad += c->status != 200;
    note(&the.first, c->first_us - c->start_us);
    note(&the.whole, now - c->start_us);
    if (the.interval_us <= 0 && now < the.end_us) {
        start(c, now);
    }
}

/* @return how many bytes of p belong to the header */
static size_t take_head(connection *c, const char *p, size_t n)
{
    const size_t before = c->n_head, room = sizeof c->head - 1 - before;
    const size_t taken = n < room ? n : room;
    memcpy(c->head + before, p, taken);
    c->n_head += taken;
    c->head[c->n_head] = '\0';
    const char *end = strstr(c->head, "\r\n\r\n");
    must(end != NULL || taken == n, "a header is too long");
    if (end == NULL) {
        return n;
    }
    const char *length = strcasestr(c->head, "\r\ncontent-length:");
    c->status = (int)strtol(c->head + 9, NULL, 10);
    c->part = length != NULL ? BODY : CHUNK_SIZE;
    c->left = length != NULL ? strtoul(length + 17, NULL, 10) : 0;
    c->is_last_chunk = false;
    c->is_last = strcasestr(c->head, "\r\nconnection: close\r\n") != NULL;
    return (size_t)(end + 4 - c->head) - before;
}

static int hex_digit(char ch)
{
    return ch >= '0' && ch <= '9' ? ch - '0' : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

static void take_size(connection *c, char ch)
{
    const int digit = hex_digit((char)(ch | ' '));
    if (ch == '\n') {
        c->is_last_chunk = c->left == 0;
        c->part = c->is_last_chunk ? CHUNK_END : CHUNK_DATA;
    } else if (digit >= 0) {
        c->left = c->left * 16 + (size_t)digit;
    }
}

/* One step through a body. @return bytes taken; *is_end at its last byte. */
static size_t take_body(connection *c, const char *p, size_t n, bool *is_end)
{
    const size_t some = n < c->left ? n : c->left;
    switch (c->part) {
    case BODY:
        c->left -= some;
        *is_end = c->left == 0;
        return some;
    case CHUNK_DATA:
        c->left -= some;
        c->part = c->left == 0 ? CHUNK_END : CHUNK_DATA;
        return some;
    case CHUNK_END:
        if (*p == '\n') {
            *is_end = c->is_last_chunk;
            c->part = CHUNK_SIZE;
            c->left = 0;
        }
        return 1;
    case HEAD:
    case CHUNK_SIZE:
        break;
    }
    take_size(c, *p);
    return 1;
}

static void take(connection *c, const char *p, size_t n)
{
    bool is_end = false;
    if (c->part == HEAD) {
        const size_t head = take_head(c, p, n);
        p += head;
        n -= head;
    }
    if (n > 0 && c->first_us == 0) {
        c->first_us = now_us();
        the.n_held++;
    }
    while (n > 0 && !is_end) {
        const size_t taken = take_body(c, p, n, &is_end);
        p += taken;
        n -= taken;
    }
    if (is_end) {
        finish(c);
    }
}

static void on_closed(connection *c)
{
    const bool is_between = c->has_answered && c->part == HEAD && c->n_head == 0;
    disconnect(c);
    if (c->is_busy && is_between) { /* at most once: a new connection has not answered yet */
        the.n_again++;
        send_from_start(c);
    } else if (c->is_busy) { /* an answer that was cut, or never began */
        c->status = 0;
        finish(c);
    }
}

static void on_event(connection *c)
{
    static char bytes[READ_BYTES];
    const int fd = c->fd;
    if (c->is_busy) {
        write_some(c);
    }
    while (c->is_open && c->fd == fd) {
        const ssize_t n = recv(c->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN) {
            return;
        }
        if (n > 0 && c->is_busy) {
            take(c, bytes, (size_t)n);
        } else {
            on_closed(c);
            return;
        }
    }
}

/* ---- the loop ---- */

static connection *idle_connection(void)
{
    for (size_t i = 0; i < the.n_all; i++) {
        if (!the.all[i].is_busy) {
            return &the.all[i];
        }
    }
    return NULL;
}

/* Open loop: sends what is due. With every connection busy a request waits, and its time runs. */
static void send_due(void)
{
    connection *c;
    while (the.due_us <= now_us() && the.due_us < the.end_us && (c = idle_connection()) != NULL) {
        start(c, the.due_us);
        the.due_us += the.interval_us;
    }
}

static void turn(void)
{
    struct epoll_event events[TURN];
    struct timespec wait = {.tv_nsec = 100000000};
    if (the.interval_us > 0) {
        send_due();
        const double left = the.due_us - now_us();
        wait.tv_nsec = left > 0 && left < 1e5 ? (long)(left * 1e3) : left > 0 ? 100000000 : 50000;
    }
    const int n = epoll_pwait2(the.epoll, events, TURN, &wait, NULL);
    for (int i = 0; i < n; i++) {
        on_event(events[i].data.ptr);
    }
}

static int by_value(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void print_times(const char *name, times *t)
{
    qsort(t->us, t->n, sizeof *t->us, by_value);
    const double last = t->n > 0 ? (double)(t->n - 1) : 0;
    (void)printf(",\"%s\":[%.1f,%.1f,%.1f]", name, (double)t->us[(size_t)(last * 0.5)],
                 (double)t->us[(size_t)(last * 0.99)], (double)t->us[(size_t)(last * 0.999)]);
}

static void hold(void)
{
    while (the.n_held < the.n_all) {
        turn();
    }
    (void)printf("held\n");
    (void)fflush(stdout);
    while (getchar() != EOF) {
    }
}

static void set_up(char **argv)
{
    the.port = argv[1];
    the.n_all = strtoul(argv[2], NULL, 10);
    read_request(argv[5]);
    the.epoll = epoll_create1(EPOLL_CLOEXEC);
    the.all = calloc(the.n_all, sizeof *the.all);
    the.first.us = calloc(TIMES, sizeof *the.first.us);
    the.whole.us = calloc(TIMES, sizeof *the.whole.us);
    must(the.epoll >= 0 && the.all != NULL && the.first.us != NULL && the.whole.us != NULL, "memory");
    for (size_t i = 0; i < the.n_all; i++) {
        the.all[i].request = malloc(the.n_request);
        must(the.all[i].request != NULL, "memory");
        memcpy(the.all[i].request, the.request, the.n_request);
    }
    the.counter = (unsigned long)now_us(); /* so that no run repeats an earlier one's letters */
}

static void run(double seconds, double rate)
{
    the.start_us = the.due_us = now_us();
    the.end_us = the.start_us + seconds * 1e6;
    the.interval_us = rate > 0 ? 1e6 / rate : 0;
    for (size_t i = 0; i < the.n_all && rate <= 0; i++) {
        start(&the.all[i], now_us());
    }
    while (the.n_busy > 0 || now_us() < the.end_us) {
        turn();
        must(now_us() < the.end_us + 10e6, "answers are missing");
    }
    (void)printf("{\"requests\":%zu,\"bad\":%zu,\"again\":%zu,\"seconds\":%.6f", the.whole.n, the.n_bad,
                 the.n_again, (now_us() - the.start_us) / 1e6);
    print_times("first_us", &the.first);
    print_times("whole_us", &the.whole);
    (void)printf("}\n");
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        (void)fprintf(stderr, "usage: load PORT CONNECTIONS SECONDS|hold RATE FILE\n");
        return EXIT_FAILURE;
    }
    set_up(argv);
    if (strcmp(argv[3], "hold") == 0) {
        the.end_us = 0; /* no request after the first */
        for (size_t i = 0; i < the.n_all; i++) {
            start(&the.all[i], now_us());
        }
        hold();
    } else {
        run(strtod(argv[3], NULL), strtod(argv[4], NULL));
    }
    return EXIT_SUCCESS;
}
