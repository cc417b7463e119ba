/* A disk that fails as a test wants, and a journal by which a power cut can be played: preloaded into the
 * whole gateway (README.md). Looks at files below one folder only.
 *
 * The journal says, in front of each change of a file, what was there; behind each sync that returned, that
 * it did. After everything was killed, cut.py takes back what no sync covers: the files themselves play the
 * kernel's cache, which kill -9 does not lose and a power cut does. An entry is one write(2) to a file that
 * is opened with O_APPEND, so the entries of all processes have one order. */
#undef _FILE_OFFSET_BITS /* else open() here is open64(), and both are wanted */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PIECE = 1 << 20 };

/* What goes wrong: a shared file that the test writes (faults.py). */
typedef struct control {
    _Atomic int32_t operations; /* set of OP_* that it concerns */
    _Atomic int32_t countdown;  /* the n-th of them from now fails; 0: none does */
    _Atomic int32_t error;      /* errno */
    _Atomic int32_t is_lasting; /* and all later ones */
    _Atomic int32_t delay_ms;   /* of each of them */
    _Atomic int32_t n_failed;   /* said back */
} control;

enum { OP_WRITE = 1, OP_SYNC = 2, OP_CREATE = 4, OP_RENAME = 8 };

typedef enum entry_type {
    ENTRY_WRITE = 'w',
    ENTRY_SIZE = 't',
    ENTRY_SYNC = 's',
    ENTRY_CREATE = 'c',
    ENTRY_RENAME = 'r',
    ENTRY_UNLINK = 'u',
    ENTRY_FOLDER = 'd',
} entry_type;

/* Followed by path, other path, old bytes. */
typedef struct entry {
    char magic[4];
    uint32_t type, path_bytes, other_bytes, old_bytes, pad;
    uint64_t offset; /* of a write; else 0 */
    uint64_t size;   /* of the file before */
} entry;

static const char *folder;
static size_t folder_bytes;
static int journal = -1;
static control *faults;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

/* LIBRARY.conf, beside the library: the gateway passes no variable on that it does not know. Three lines:
 * folder, control, journal (may be empty). */
static int read_conf(char lines[3][PATH_MAX])
{
    char path[PATH_MAX + 8];
    Dl_info self;
    if (dladdr(&folder, &self) == 0 || snprintf(path, sizeof path, "%s.conf", self.dli_fname) <= 0) {
        return 0;
    }
    FILE *file = fopen(path, "re");
    int n = 0;
    for (; file != NULL && n < 3 && fgets(lines[n], PATH_MAX, file) != NULL; n++) {
        lines[n][strcspn(lines[n], "\n")] = '\0';
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return n == 3;
}

__attribute__((constructor)) static void start(void)
{
    static char lines[3][PATH_MAX];
    if (!read_conf(lines)) {
        return;
    }
    folder = lines[0];
    folder_bytes = strlen(folder);
    if (lines[2][0] != '\0') {
        journal = REAL(open)(lines[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (journal < 0) {
            perror("faults: the journal cannot be opened");
            abort(); /* a cut without it would show nothing */
        }
    }
    const int fd = REAL(open)(lines[1], O_RDWR | O_CLOEXEC);
    if (fd >= 0) {
        faults = mmap(NULL, sizeof *faults, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (faults == MAP_FAILED) {
            faults = NULL;
        }
        (void)close(fd);
    }
}

/* ---- which file ---- */

static int is_ours(const char *path)
{
    static const char shared[] =
        "-shm"; /* of SQLite: memory that has a name, rebuilt by whoever comes first */
    const size_t n = strlen(path);
    if (n > sizeof shared && strcmp(path + n - (sizeof shared - 1), shared) == 0) {
        return 0;
    }
    return folder != NULL && strncmp(path, folder, folder_bytes) == 0 &&
           strncmp(path + folder_bytes, "/FAULTS/", strlen("/FAULTS/")) != 0;
}

/* The whole path of a name that is relative to an open directory, or to where the process stands. */
static int at_path(char out[PATH_MAX], int dir, const char *name)
{
    char link[64];
    if (name[0] == '/') {
        return snprintf(out, PATH_MAX, "%s", name) < PATH_MAX;
    }
    (void)snprintf(link, sizeof link, dir == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", dir);
    const ssize_t n = readlink(link, out, PATH_MAX - 1);
    if (n <= 0) {
        return 0;
    }
    return snprintf(out + n, (size_t)(PATH_MAX - n), "/%s", name) < PATH_MAX - n;
}

static int path_of(char out[PATH_MAX], int fd)
{
    char link[64];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t n = readlink(link, out, PATH_MAX - 1);
    out[n > 0 ? n : 0] = '\0';
    return n > 0 && is_ours(out);
}

/* ---- faults ---- */

/* @return 0, or the errno to fail with. */
static int fault(int operation)
{
    if (faults == NULL || (faults->operations & operation) == 0) {
        return 0;
    }
    if (faults->delay_ms > 0) {
        (void)usleep((useconds_t)faults->delay_ms * 1000);
    }
    if (faults->countdown <= 0) {
        return 0;
    }
    const int32_t left = atomic_fetch_sub(&faults->countdown, 1);
    if (left != 1) {
        return 0;
    }
    if (faults->is_lasting) {
        faults->countdown = 1;
    }
    (void)atomic_fetch_add(&faults->n_failed, 1);
    return faults->error;
}

#define FAIL_IF(operation)                 \
    do {                                   \
        const int why_ = fault(operation); \
        if (why_ != 0) {                   \
            errno = why_;                  \
            return -1;                     \
        }                                  \
    } while (0)

/* ---- journal ---- */

static void put(entry e, const char *path, const char *other, const void *old)
{
    memcpy(e.magic, "FLTJ", sizeof e.magic);
    e.path_bytes = (uint32_t)strlen(path);
    e.other_bytes = (uint32_t)strlen(other);
    struct iovec pieces[4] = {{&e, sizeof e},
                              {(void *)(uintptr_t)path, e.path_bytes},
                              {(void *)(uintptr_t)other, e.other_bytes},
                              {(void *)(uintptr_t)old, e.old_bytes}};
    const ssize_t want = (ssize_t)(sizeof e + e.path_bytes + e.other_bytes + e.old_bytes);
    if (journal >= 0 && REAL(writev)(journal, pieces, 4) != want) {
        static const char text[] = "faults: the journal cannot be written\n";
        (void)!REAL(write)(STDERR_FILENO, text, sizeof text - 1);
        abort(); /* a cut by half a journal would say nothing */
    }
}

static uint64_t size_of(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0;
}

/* What a change is about to cover, read from `fd`. */
static void before(entry_type type, const char *path, int fd, uint64_t from, uint64_t to)
{
    const int saved = errno;
    uint8_t *old = malloc(PIECE);
    if (old == NULL) {
        abort();
    }
    entry e = {.type = type, .offset = from, .size = size_of(fd)};
    do {
        const uint64_t n = to - e.offset < PIECE ? to - e.offset : PIECE;
        const ssize_t got = n > 0 ? pread(fd, old, (size_t)n, (off_t)e.offset) : 0;
        e.old_bytes = got > 0 ? (uint32_t)got : 0;
        put(e, path, "", old);
        e.offset += n;
    } while (e.offset < to);
    free(old);
    errno = saved;
}

/* Through a descriptor of its own; never of a file that SQLite has open: to close it would drop the locks. */
static void before_by_name(entry_type type, const char *path, uint64_t from, uint64_t to)
{
    const int saved = errno;
    const int fd = journal >= 0 ? REAL(open)(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        before(type, path, fd, from, to);
        (void)close(fd);
    }
    errno = saved;
}

static void before_change(entry_type type, const char *path, int fd, uint64_t from, uint64_t to)
{
    if (journal < 0) {
        return;
    }
    if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR) {
        before(type, path, fd, from, to);
    } else {
        before_by_name(type, path, from, to);
    }
}

static void say(entry_type type, const char *path, const char *other)
{
    const int saved = errno;
    put((entry){.type = type}, path, other, "");
    errno = saved;
}

/* ---- writing ---- */

static size_t sum(const struct iovec *pieces, int n)
{
    size_t bytes = 0;
    for (int i = 0; i < n; i++) {
        bytes += pieces[i].iov_len;
    }
    return bytes;
}

#define BEFORE_WRITE(fd, from, n)                                                                      \
    do {                                                                                               \
        char path_[PATH_MAX];                                                                          \
        if (path_of(path_, fd)) {                                                                      \
            FAIL_IF(OP_WRITE);                                                                         \
            before_change(ENTRY_WRITE, path_, fd, (uint64_t)(from), (uint64_t)(from) + (uint64_t)(n)); \
        }                                                                                              \
    } while (0)

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
    BEFORE_WRITE(fd, at, n);
    return REAL(pwrite)(fd, p, n, at);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
    return pwrite(fd, p, n, at);
}

ssize_t pwritev(int fd, const struct iovec *pieces, int n, off_t at)
{
    BEFORE_WRITE(fd, at, sum(pieces, n));
    return REAL(pwritev)(fd, pieces, n, at);
}

ssize_t pwritev64(int fd, const struct iovec *pieces, int n, off64_t at)
{
    return pwritev(fd, pieces, n, at);
}

/* Where the next write(2) goes: the end under O_APPEND; -1 of a pipe, which is none of ours. */
static off_t position(int fd)
{
    const int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && (flags & O_APPEND) != 0 ? (off_t)size_of(fd) : lseek(fd, 0, SEEK_CUR);
}

ssize_t write(int fd, const void *p, size_t n)
{
    BEFORE_WRITE(fd, position(fd), n);
    return REAL(write)(fd, p, n);
}

ssize_t writev(int fd, const struct iovec *pieces, int n)
{
    BEFORE_WRITE(fd, position(fd), sum(pieces, n));
    return REAL(writev)(fd, pieces, n);
}

int ftruncate(int fd, off_t size)
{
    char path[PATH_MAX];
    if (path_of(path, fd)) {
        FAIL_IF(OP_WRITE);
        const uint64_t old = size_of(fd), to = (uint64_t)size;
        before_change(ENTRY_SIZE, path, fd, to < old ? to : old, old);
    }
    return REAL(ftruncate)(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
    return ftruncate(fd, size);
}

int posix_fallocate(int fd, off_t from, off_t n)
{
    char path[PATH_MAX];
    if (path_of(path, fd)) {
        const int why = fault(OP_WRITE);
        if (why != 0) {
            return why;
        }
        before_change(ENTRY_SIZE, path, fd, size_of(fd), size_of(fd));
    }
    return REAL(posix_fallocate)(fd, from, n);
}

int fallocate(int fd, int mode, off_t from, off_t n)
{
    char path[PATH_MAX];
    if (path_of(path, fd)) {
        FAIL_IF(OP_WRITE);
        before_change(ENTRY_SIZE, path, fd, size_of(fd), size_of(fd));
    }
    return REAL(fallocate)(fd, mode, from, n);
}

/* ---- syncing ---- */

static int is_folder(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

static int synced(int rc, const char *path, int fd)
{
    if (rc == 0 && path[0] != '\0') {
        say(is_folder(fd) ? ENTRY_FOLDER : ENTRY_SYNC, path, "");
    }
    return rc;
}

int fdatasync(int fd)
{
    char path[PATH_MAX];
    if (!path_of(path, fd)) {
        return REAL(fdatasync)(fd);
    }
    FAIL_IF(OP_SYNC);
    return synced(REAL(fdatasync)(fd), path, fd);
}

int fsync(int fd)
{
    char path[PATH_MAX];
    if (!path_of(path, fd)) {
        return REAL(fsync)(fd);
    }
    FAIL_IF(OP_SYNC);
    return synced(REAL(fsync)(fd), path, fd);
}

/* ---- names ---- */

static int open_at(int dir, const char *name, int flags, mode_t mode)
{
    char path[PATH_MAX];
    if ((flags & O_CREAT) == 0 || !at_path(path, dir, name) || !is_ours(path)) {
        return REAL(openat)(dir, name, flags, mode);
    }
    FAIL_IF(OP_CREATE);
    const int is_new = access(path, F_OK) != 0;
    if (is_new) {
        say(ENTRY_CREATE, path, "");
    } else if ((flags & O_TRUNC) != 0) {
        struct stat st;
        before_by_name(ENTRY_SIZE, path, 0, stat(path, &st) == 0 ? (uint64_t)st.st_size : 0);
    }
    return REAL(openat)(dir, name, flags, mode);
}

/* The mode is there only when something may be made. */
#define MODE_OF(flags)                              \
    mode_t mode = 0;                                \
    if (((flags) & (O_CREAT | __O_TMPFILE)) != 0) { \
        va_list args;                               \
        va_start(args, flags);                      \
        mode = va_arg(args, mode_t);                \
        va_end(args);                               \
    }

int open(const char *path, int flags, ...)
{
    MODE_OF(flags)
    return open_at(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    MODE_OF(flags)
    return open_at(AT_FDCWD, path, flags, mode);
}

int openat(int dir, const char *path, int flags, ...)
{
    MODE_OF(flags)
    return open_at(dir, path, flags, mode);
}

int openat64(int dir, const char *path, int flags, ...)
{
    MODE_OF(flags)
    return open_at(dir, path, flags, mode);
}

int rename(const char *from, const char *to)
{
    char whole_from[PATH_MAX], whole_to[PATH_MAX];
    const int saved = errno;
    if (at_path(whole_from, AT_FDCWD, from) && at_path(whole_to, AT_FDCWD, to) && is_ours(whole_to)) {
        FAIL_IF(OP_RENAME);
        struct stat st;
        if (stat(whole_to, &st) == 0) {
            before_by_name(ENTRY_UNLINK, whole_to, 0, (uint64_t)st.st_size); /* what it replaces */
        }
        say(ENTRY_RENAME, whole_from, whole_to);
    }
    errno = saved;
    return REAL(rename)(from, to);
}

static void before_unlink(const char *path)
{
    struct stat st;
    if (is_ours(path) && stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
        before_by_name(ENTRY_UNLINK, path, 0, (uint64_t)st.st_size);
    }
}

int unlink(const char *path)
{
    char whole[PATH_MAX];
    if (at_path(whole, AT_FDCWD, path)) {
        before_unlink(whole);
    }
    return REAL(unlink)(path);
}

int unlinkat(int dir, const char *name, int flags)
{
    char path[PATH_MAX];
    if (at_path(path, dir, name)) {
        before_unlink(path);
    }
    return REAL(unlinkat)(dir, name, flags);
}
