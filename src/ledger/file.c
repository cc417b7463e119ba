/* Files in the ledger's folder: segments, spares, slot locks. Names become durable with the folder's own
 * fsync. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ledger/ledger_internal.h"

enum { SEGMENT_NAME_CHARS = 16 + 1 + 8 + 1 + 8 + 4, ZEROS_BYTES = 256 << 10 };

uint64_t spl__now_ns(void)
{
    struct timespec t;
    return clock_gettime(CLOCK_REALTIME, &t) == 0 ? (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec
                                                  : 0;
}

sp_status spl__fail_errno(sp_diag *diag, sp_status status, const char *name, const char *text)
{
    char line[SP_DIAG_TEXT_MAX];
    char why[64] = "";
    const char *reason = strerror_r(errno, why, sizeof why); /* GNU's: may return a static text */
    (void)snprintf(line, sizeof line, "%.60s: %s: %.48s", name, text, reason);
    return sp_fail(diag, status, SIZE_MAX, line);
}

int spl__path(char out[SPL_PATH_MAX], const char *folder, const char *name)
{
    const int n = snprintf(out, SPL_PATH_MAX, "%s/%s", folder, name);
    if (n < 0 || n >= SPL_PATH_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return 0;
}

int spl__write_at(int fd, const void *p, size_t n, uint64_t offset)
{
    const uint8_t *from = p;
    while (n > 0) {
        const ssize_t done = pwrite(fd, from, n, (off_t)offset);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return -1;
        }
        from += done;
        n -= (size_t)done;
        offset += (uint64_t)done;
    }
    return 0;
}

int spl__read_at(int fd, void *p, size_t n, uint64_t offset, size_t *got)
{
    uint8_t *to = p;
    *got = 0;
    while (*got < n) {
        const ssize_t done = pread(fd, to + *got, n - *got, (off_t)(offset + *got));
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done < 0) {
            return -1;
        }
        if (done == 0) {
            break;
        }
        *got += (size_t)done;
    }
    return 0;
}

int spl__sync_folder(const char *folder)
{
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    const int rc = fsync(fd);
    (void)close(fd);
    return rc;
}

/* ---- list ---- */

bool spl__is_segment_name(const char *name)
{
    if (strlen(name) != SEGMENT_NAME_CHARS || strcmp(name + SEGMENT_NAME_CHARS - 4, ".seg") != 0) {
        return false;
    }
    return name[16] == '-' && name[25] == '-' && strspn(name, "0123456789abcdef") == 16;
}

void spl__slot_of(const char *name, uint32_t *slot)
{
    *slot = (uint32_t)strtoul(name + 17, NULL, 16);
}

const char *spl__next_of_slot(char (*names)[SPL_NAME_BYTES], size_t n, size_t i)
{
    uint32_t slot, of_name;
    spl__slot_of(names[i], &slot);
    for (size_t k = i + 1; k < n; k++) {
        spl__slot_of(names[k], &of_name);
        if (of_name == slot) {
            return names[k];
        }
    }
    return NULL;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static int list_add(char (**names)[SPL_NAME_BYTES], size_t *n, size_t *cap, const char *name)
{
    if (*n == *cap) {
        const size_t more = *cap == 0 ? 64 : *cap * 2;
        char(*grown)[SPL_NAME_BYTES] = reallocarray(*names, more, sizeof **names);
        if (grown == NULL) {
            return -1;
        }
        *names = grown;
        *cap = more;
    }
    memcpy((*names)[(*n)++], name, strlen(name) + 1);
    return 0;
}

int spl__list(const char *folder, char (**names)[SPL_NAME_BYTES], size_t *n)
{
    size_t cap = 0;
    int rc = 0;
    *names = NULL;
    *n = 0;
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        return -1;
    }
    for (const struct dirent *e; rc == 0 && (e = readdir(dir)) != NULL;) {
        if (spl__is_segment_name(e->d_name)) {
            rc = list_add(names, n, &cap, e->d_name);
        }
    }
    (void)closedir(dir);
    if (rc != 0) {
        free(*names);
        *names = NULL;
        *n = 0;
        errno = ENOMEM;
        return -1;
    }
    if (*n > 0) {
        qsort(*names, *n, sizeof **names, by_name);
    }
    return 0;
}

/* ---- make ---- */

/* Finds out about a full disk before anything is written there. */
static int reserve(int fd, uint64_t bytes)
{
    const int rc = posix_fallocate(fd, 0, (off_t)bytes);
    if (rc != 0) {
        errno = rc;
        return -1;
    }
    return fsync(fd);
}

/* Zeros are really written, not only reserved: a commit into space that was merely reserved has to change the
 * file system's records too, which costs twice. */
static int write_zeros(int fd, uint64_t bytes)
{
    static const uint8_t zeros[ZEROS_BYTES];
    if (reserve(fd, bytes) != 0) {
        return -1;
    }
    for (uint64_t at = 0; at < bytes; at += ZEROS_BYTES) {
        const uint64_t left = bytes - at;
        if (spl__write_at(fd, zeros, left < ZEROS_BYTES ? (size_t)left : ZEROS_BYTES, at) != 0) {
            return -1;
        }
    }
    return fsync(fd);
}

/* Root makes files for workers that run as another user: whose the folder is, his are the files. */
static int give_to_owner(int fd, const char *folder)
{
    struct stat info;
    if (geteuid() != 0) {
        return 0;
    }
    return stat(folder, &info) != 0 || info.st_uid == 0 ? 0 : fchown(fd, info.st_uid, info.st_gid);
}

static int make_file(const char *folder, const char *path, uint64_t bytes,
                     int (*fill)(int fd, uint64_t bytes))
{
    const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return -1;
    }
    if (give_to_owner(fd, folder) != 0 || fill(fd, bytes) != 0) {
        const int why = errno;
        (void)close(fd);
        (void)unlink(path);
        errno = why;
        return -1;
    }
    return fd;
}

static bool is_spare_name(const char *name)
{
    const size_t n = strlen(name);
    return n > 12 && strncmp(name, "spare-", 6) == 0 && strcmp(name + n - 6, ".ready") == 0;
}

/* Takes a spare by renaming it to `claim`, a name that nobody else uses: of several takers one succeeds. */
static int claim_spare(const char *folder, const char *claim, uint64_t min_bytes)
{
    int fd = -1;
    char from[SPL_PATH_MAX];
    struct stat st;
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        return -1;
    }
    for (const struct dirent *e; fd < 0 && (e = readdir(dir)) != NULL;) {
        if (!is_spare_name(e->d_name) || spl__path(from, folder, e->d_name) != 0 || stat(from, &st) != 0 ||
            !S_ISREG(st.st_mode) || (uint64_t)st.st_size < min_bytes || rename(from, claim) != 0) {
            continue;
        }
        fd = open(claim, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    }
    (void)closedir(dir);
    return fd;
}

/* Under its claim name the file becomes whole; only then does it get the name that readers look at. */
static int publish(const char *folder, const char *claim, int fd, spl__header *header)
{
    uint8_t bytes[SPL_HEADER_BYTES];
    char name[SPL_NAME_BYTES], path[SPL_PATH_MAX];
    struct stat st;
    if (fstat(fd, &st) != 0) {
        return -1;
    }
    header->size_bytes = (uint64_t)st.st_size;
    spl__header_encode(bytes, header);
    spl__name(name, header);
    if (spl__path(path, folder, name) != 0 || spl__write_at(fd, bytes, sizeof bytes, 0) != 0 ||
        fdatasync(fd) != 0 || rename(claim, path) != 0) {
        return -1;
    }
    if (spl__sync_folder(folder) != 0) {
        const int why = errno;
        (void)unlink(path); /* a name that may be gone after a crash must not be followed by others */
        errno = why;
        return -1;
    }
    return 0;
}

static int create_once(const char *folder, spl__header *header, uint64_t min_bytes, uint64_t want_bytes)
{
    char claim[SPL_PATH_MAX], name[64], id[33];
    sp_hex_encode(id, (sp_bytes){header->id, sizeof header->id});
    (void)snprintf(name, sizeof name, "claim-%s.tmp", id);
    if (spl__path(claim, folder, name) != 0) {
        return -1;
    }
    int fd = claim_spare(folder, claim, min_bytes);
    if (fd < 0) {
        /* Records wait, and come faster than zeros were written for them: then large groups share a sync, and
         * writing everything twice would cost more than what zeros save. */
        fd = make_file(folder, claim, want_bytes > min_bytes ? want_bytes : min_bytes, reserve);
    }
    if (fd < 0) {
        return -1;
    }
    if (publish(folder, claim, fd, header) != 0) {
        const int why = errno;
        (void)close(fd);
        (void)unlink(claim);
        errno = why;
        return -1;
    }
    return fd;
}

/* A recovery that saw nobody, just before this writer took its lock, takes the claim for what a stop left,
 * and away (remove_leftovers); the next one sees the lock. */
int spl__create(const char *folder, spl__header *header, uint64_t min_bytes, uint64_t want_bytes)
{
    const int fd = create_once(folder, header, min_bytes, want_bytes);
    return fd < 0 && errno == ENOENT ? create_once(folder, header, min_bytes, want_bytes) : fd;
}

void spl__lock_name(char out[SPL_LOCK_NAME_BYTES], uint32_t slot)
{
    (void)snprintf(out, SPL_LOCK_NAME_BYTES, "slot-%08x.lock", (unsigned)slot);
}

bool spl__is_lock_name(const char *name, uint32_t *slot)
{
    enum { DIGITS_AT = 5, REST_AT = 13 };
    uint8_t bytes[4];
    const sp_bytes all = sp_bytes_of(name);
    if (!sp_bytes_starts(all, SP_LIT("slot-")) ||
        !sp_bytes_eq(sp_bytes_sub(all, REST_AT, all.n), SP_LIT(".lock")) ||
        sp_hex_decode(bytes, sizeof bytes, sp_bytes_sub(all, DIGITS_AT, REST_AT)) != SP_OK) {
        return false;
    }
    sp_reader in = sp_reader_of((sp_bytes){bytes, sizeof bytes});
    *slot = sp_read_u32(&in);
    return true;
}

int spl__lock_slot(const char *folder, uint32_t slot)
{
    char name[SPL_LOCK_NAME_BYTES], path[SPL_PATH_MAX];
    spl__lock_name(name, slot);
    if (spl__path(path, folder, name) != 0) {
        return -1;
    }
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return -1;
    }
    if (give_to_owner(fd, folder) != 0 || flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const int why = errno;
        (void)close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

/* ---- spares ---- */

static unsigned count_spares(const char *folder)
{
    unsigned n = 0;
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        return 0;
    }
    for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
        n += is_spare_name(e->d_name);
    }
    (void)closedir(dir);
    return n;
}

static int add_spare(const char *folder, uint64_t bytes, unsigned number)
{
    char name[64], from[SPL_PATH_MAX], to[SPL_PATH_MAX];
    /* Time and process keep the name from meeting another's. */
    const int n = snprintf(name, sizeof name, "spare-%016llx-%x-%x.tmp", (unsigned long long)spl__now_ns(),
                           (unsigned)getpid(), number);
    if (n < 0 || spl__path(from, folder, name) != 0) {
        return -1;
    }
    (void)snprintf(name + n - 4, sizeof name - (size_t)n + 4, ".ready");
    if (spl__path(to, folder, name) != 0) {
        return -1;
    }
    const int fd = make_file(folder, from, bytes, write_zeros);
    if (fd < 0) {
        return -1;
    }
    (void)close(fd);
    return rename(from, to);
}

sp_status spl_spares(const char *folder, size_t segment_bytes, unsigned n, sp_diag *diag)
{
    const uint64_t bytes = segment_bytes < SPL_SEGMENT_MIN ? SPL_SEGMENT_MIN : segment_bytes;
    for (unsigned have = count_spares(folder); have < n; have++) {
        if (add_spare(folder, bytes, have) != 0) {
            return spl__fail_errno(diag, SP_ERECORD, folder, "cannot write a spare segment");
        }
    }
    return spl__sync_folder(folder) == 0
               ? SP_OK
               : spl__fail_errno(diag, SP_ERECORD, folder, "cannot sync the folder");
}
