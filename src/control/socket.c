#include "control/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/files.h"
#include "control/process.h"

enum { PEER_WAIT_MS = 1000, BACKLOG = 16 };

/* A socket's name has at most 107 bytes; a state folder's path may be longer. So the name goes through a
 * descriptor of the folder. */
static bool name_socket(struct sockaddr_un *out, int folder, const char *name)
{
    memset(out, 0, sizeof *out);
    out->sun_family = AF_UNIX;
    const int n = snprintf(out->sun_path, sizeof out->sun_path, "/proc/self/fd/%d/%s", folder, name);
    return n > 0 && (size_t)n < sizeof out->sun_path;
}

static int open_folder(const char *state)
{
    return open(state, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int spd_listen(const char *state, const char *name, sp_diag *diag)
{
    struct sockaddr_un where;
    const int folder = open_folder(state);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool is_open = folder >= 0 && fd >= 0 && name_socket(&where, folder, name);
    if (is_open) {
        (void)unlinkat(folder, name,
                       0); /* a run that ended badly leaves one behind; the lock says that it is over */
        is_open = bind(fd, (const struct sockaddr *)&where, sizeof where) == 0 &&
                  fchmodat(folder, name, S_IRUSR | S_IWUSR, 0) == 0 && listen(fd, BACKLOG) == 0;
    }
    if (!is_open) {
        (void)spd_fail_errno(diag, "cannot listen on socket", name);
    }
    if (folder >= 0) {
        (void)close(folder);
    }
    if (!is_open && fd >= 0) {
        (void)close(fd);
    }
    return is_open ? fd : -1;
}

static bool is_own_user(int fd)
{
    struct ucred peer;
    socklen_t n = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 &&
           (peer.uid == geteuid() || peer.uid == 0);
}

static bool wait_for(int fd, short events, uint64_t end_ms)
{
    for (;;) {
        const uint64_t now = spd_monotonic_ms();
        struct pollfd one = {.fd = fd, .events = events};
        const int n = now < end_ms ? poll(&one, 1, (int)(end_ms - now)) : 0;
        if (n > 0) {
            return true;
        }
        if (n == 0 || errno != EINTR) {
            return false;
        }
    }
}

/* Up to a newline or the end. @return SP_OK with the line (no newline) in `out`. */
static sp_status read_line(sp_buf *out, int fd, size_t max, uint64_t end_ms)
{
    while (out->n <= max) {
        if (!wait_for(fd, POLLIN, end_ms)) {
            return SP_EUPTIMEOUT;
        }
        uint8_t *room = sp_buf_reserve(out, 4096);
        if (room == NULL) {
            return SP_ENOMEM;
        }
        const ssize_t n = recv(fd, room, 4096, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            continue;
        }
        if (n <= 0) {
            return SP_EUPSTREAM;
        }
        const uint8_t *newline = memchr(room, '\n', (size_t)n);
        out->n += newline != NULL ? (size_t)(newline - room) : (size_t)n;
        if (newline != NULL) {
            return out->n <= max ? SP_OK : SP_EUPSIZE;
        }
    }
    return SP_EUPSIZE;
}

static bool send_all(int fd, sp_bytes s, uint64_t end_ms)
{
    while (s.n > 0 && wait_for(fd, POLLOUT, end_ms)) {
        const ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN && errno != EINTR) {
            return false;
        }
        s = n > 0 ? sp_bytes_sub(s, (size_t)n, s.n) : s;
    }
    return s.n == 0;
}

void spd_serve(int listener, spd_answer_fn answer, void *ctx)
{
    sp_arena arena;
    const int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        return;
    }
    sp_arena_init(&arena, 2 * (size_t)SPD_REPLY_MAX + 2 * (size_t)SPD_LINE_MAX);
    sp_buf line = SP_BUF_IN(&arena.mem), reply = SP_BUF_IN(&arena.mem);
    if (is_own_user(fd) && read_line(&line, fd, SPD_LINE_MAX, spd_monotonic_ms() + PEER_WAIT_MS) == SP_OK) {
        answer(ctx, sp_buf_bytes(&line), &reply);
        sp_buf_append_byte(&reply, '\n');
        if (reply.status == SP_OK) {
            (void)send_all(fd, sp_buf_bytes(&reply),
                           spd_monotonic_ms() + PEER_WAIT_MS); /* a peer that left needs none */
        }
    }
    (void)close(fd);
    sp_arena_fini(&arena);
}

static int connect_to(const char *state, const char *name)
{
    struct sockaddr_un where;
    const int folder = open_folder(state);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const bool is_open = folder >= 0 && fd >= 0 && name_socket(&where, folder, name) &&
                         connect(fd, (const struct sockaddr *)&where, sizeof where) == 0;
    if (folder >= 0) {
        (void)close(folder);
    }
    if (!is_open && fd >= 0) {
        (void)close(fd);
    }
    return is_open ? fd : -1;
}

sp_status spd_ask(sp_buf *reply, const char *state, const char *name, const char *line, unsigned timeout_ms)
{
    const uint64_t end_ms = spd_monotonic_ms() + timeout_ms;
    const int fd = connect_to(state, name);
    if (fd < 0) {
        return SP_EUPSTREAM;
    }
    sp_status status = SP_EUPSTREAM;
    if (send_all(fd, sp_bytes_of(line), end_ms) && send_all(fd, SP_LIT("\n"), end_ms)) {
        status = read_line(reply, fd, SPD_REPLY_MAX, end_ms);
    }
    (void)close(fd);
    return status;
}
