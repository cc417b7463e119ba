/** Files of the state folder. Everything here is private to the user who runs the gateway. */
#include "control/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#define NOBODY ((gid_t)-1)
#define OWNER_STAYS ((uid_t)-1)

sp_status spd_fail_errno(sp_diag *diag, const char *text, const char *path)
{
    const int error = errno;
    if (diag == NULL) {
        return SP_EINTERNAL;
    }
    (void)sp_fail(diag, SP_EINTERNAL, SIZE_MAX, "");
    /* a cut path still names the place */
    (void)snprintf(diag->text, sizeof diag->text, "%s: %.90s: %s", text, path, strerrordesc_np(error));
    return SP_EINTERNAL;
}

sp_status spd_path_join(char out[SPD_PATH_MAX], const char *folder, const char *name)
{
    const int n = snprintf(out, SPD_PATH_MAX, "%s/%s", folder, name);
    return n < 0 || n >= SPD_PATH_MAX ? SP_ERANGE : SP_OK;
}

/* ---- folders ---- */

static sp_status check_private(const char *path, sp_diag *diag)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        return spd_fail_errno(diag, "cannot look at folder", path);
    }
    if (!S_ISDIR(info.st_mode)) {
        errno = ENOTDIR;
        return spd_fail_errno(diag, "cannot use folder", path);
    }
    if ((info.st_mode & (S_IRGRP | S_IWGRP | S_IRWXO)) != 0 && chmod(path, S_IRWXU) != 0) {
        return spd_fail_errno(diag, "cannot close to others", path);
    }
    return SP_OK;
}

sp_status spd_folder_make(const char *path, sp_diag *diag)
{
    char part[SPD_PATH_MAX];
    const size_t n = strlen(path);
    if (n == 0 || n >= sizeof part) {
        errno = ENAMETOOLONG;
        return spd_fail_errno(diag, "cannot make folder", path);
    }
    for (size_t i = 1; i <= n; i++) {
        if (path[i] != '/' && path[i] != '\0') {
            continue;
        }
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, S_IRWXU) != 0 && errno != EEXIST) {
            return spd_fail_errno(diag, "cannot make folder", part);
        }
    }
    return check_private(path, diag);
}

/* ---- workers of another user ---- */

static bool give(int folder, const char *name, const spd_workers *to)
{
    struct stat info;
    return fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
           (info.st_uid == to->uid || fchownat(folder, name, to->uid, to->gid, AT_SYMLINK_NOFOLLOW) == 0);
}

/* With what an earlier run left there as another user. */
static bool give_folder(const char *path, const spd_workers *to)
{
    DIR *dir = opendir(path);
    bool is_good =
        dir != NULL && fchown(dirfd(dir), to->uid, to->gid) == 0 && fchmod(dirfd(dir), S_IRWXU) == 0;
    for (const struct dirent *e; is_good && (e = readdir(dir)) != NULL;) {
        is_good =
            strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 || give(dirfd(dir), e->d_name, to);
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    return is_good;
}

static bool let_through(const char *path, gid_t group)
{
    return chown(path, OWNER_STAYS, group) == 0 && chmod(path, S_IRWXU | S_IXGRP) == 0;
}

/* They read the list of what is paused, and say in a folder of their own which one they obey. */
static bool share_stops(const char *folder, const spd_workers *to)
{
    char list[SPD_PATH_MAX], seen[SPD_PATH_MAX];
    if (spd_path_join(list, folder, "current") != SP_OK || spd_path_join(seen, folder, "seen") != SP_OK ||
        !let_through(folder, to->gid) || !give_folder(seen, to)) {
        return false;
    }
    return (chown(list, OWNER_STAYS, to->gid) == 0 && chmod(list, S_IRUSR | S_IWUSR | S_IRGRP) == 0) ||
           errno == ENOENT; /* lost: then everything is refused, and that is not ours to mend */
}

sp_status spd_share_with_workers(const char *state, const spd_workers *workers, sp_diag *diag)
{
    char ledger[SPD_PATH_MAX], snapshot[SPD_PATH_MAX], stops[SPD_PATH_MAX];
    if (workers->uid == 0) {
        return SP_OK;
    }
    SP_TRY(spd_path_join(ledger, state, "ledger"));
    SP_TRY(spd_path_join(snapshot, state, "snapshot"));
    SP_TRY(spd_path_join(stops, state, "stops"));
    if (!let_through(state, workers->gid) || !let_through(snapshot, workers->gid) ||
        !share_stops(stops, workers)) {
        return spd_fail_errno(diag, "cannot let workers into", state);
    }
    return give_folder(ledger, workers) ? SP_OK : spd_fail_errno(diag, "cannot give to workers", ledger);
}

/* ---- files ---- */

static bool write_all(int fd, sp_bytes content)
{
    while (content.n > 0) {
        const ssize_t n = write(fd, content.p, content.n);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        content = sp_bytes_sub(content, (size_t)n, content.n);
    }
    return fsync(fd) == 0;
}

/* A rename is durable when its folder is. */
static bool sync_folder_of(const char *path)
{
    char folder[SPD_PATH_MAX];
    const char *slash = strrchr(path, '/');
    const size_t n = slash == NULL ? 0 : (size_t)(slash - path);
    memcpy(folder, n == 0 ? "." : path, n == 0 ? 1 : n);
    folder[n == 0 ? 1 : n] = '\0';
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    const bool is_done = fsync(fd) == 0;
    (void)close(fd);
    return is_done;
}

/* Whose a file is to be, and who may read it; NULL: ours alone. */
typedef struct looks {
    uid_t owner;
    gid_t group;
    mode_t mode;
} looks;

static bool dress(int fd, const looks *l)
{
    return l == NULL || (fchown(fd, l->owner, l->group) == 0 && fchmod(fd, l->mode) == 0);
}

/* A new file, whole and on the disk, or none. */
static sp_status write_new(const char *path, sp_bytes content, const looks *l, sp_diag *diag)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0) {
        return spd_fail_errno(diag, "cannot write", path);
    }
    const bool is_written = dress(fd, l) && write_all(fd, content);
    if (!is_written) {
        (void)spd_fail_errno(diag, "cannot write", path);
    }
    (void)close(fd);
    if (!is_written) {
        (void)unlink(path);
        return SP_EINTERNAL;
    }
    return SP_OK;
}

static sp_status put_in_place(const char *temporary, const char *path, sp_diag *diag)
{
    if (rename(temporary, path) != 0 || !sync_folder_of(path)) {
        return spd_fail_errno(diag, "cannot write", path);
    }
    return SP_OK;
}

static sp_status write_by(const char *path, sp_bytes content, const looks *l, sp_diag *diag)
{
    char temporary[SPD_PATH_MAX];
    const int n = snprintf(temporary, sizeof temporary, "%s.tmp", path);
    if (n < 0 || (size_t)n >= sizeof temporary) {
        errno = ENAMETOOLONG;
        return spd_fail_errno(diag, "cannot write", path);
    }
    SP_TRY(write_new(temporary, content, l, diag));
    return put_in_place(temporary, path, diag);
}

sp_status spd_file_write(const char *path, sp_bytes content, sp_diag *diag)
{
    return write_by(path, content, NULL, diag);
}

sp_status spd_file_write_shared(const char *path, sp_bytes content, gid_t readers, sp_diag *diag)
{
    const looks shared = {OWNER_STAYS, readers, S_IRUSR | S_IWUSR | S_IRGRP};
    return write_by(path, content, readers == NOBODY ? NULL : &shared, diag);
}

/* Compared piece by piece: how long the file is now is not known. */
static bool holds(const char *path, sp_bytes expected)
{
    uint8_t piece[4096];
    ssize_t n = -1;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && (n = read(fd, piece, sizeof piece)) > 0) {
        if ((size_t)n > expected.n || memcmp(piece, expected.p, (size_t)n) != 0) {
            break;
        }
        expected = sp_bytes_sub(expected, (size_t)n, expected.n);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return n == 0 && expected.n == 0;
}

/* The last look is as late as it can be: between it and the rename nothing is done. */
sp_status spd_file_replace(const char *path, sp_bytes expected, sp_bytes content, sp_diag *diag)
{
    char temporary[SPD_PATH_MAX];
    struct stat info;
    const int n = snprintf(temporary, sizeof temporary, "%s.%d.tmp", path, (int)getpid());
    if (n < 0 || (size_t)n >= sizeof temporary || stat(path, &info) != 0) {
        return spd_fail_errno(diag, "cannot replace", path);
    }
    const looks same = {info.st_uid, info.st_gid, info.st_mode & (S_ISUID | S_ISGID | S_ISVTX | 0777)};
    SP_TRY(write_new(temporary, content, &same, diag));
    if (!holds(path, expected)) {
        (void)unlink(temporary);
        return SP_EBUSY;
    }
    return put_in_place(temporary, path, diag);
}

sp_status spd_file_read(uint8_t *out, size_t n, const char *path)
{
    uint8_t rest;
    size_t have = 0;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return SP_ETRUNCATED;
    }
    while (have < n) {
        const ssize_t got = read(fd, out + have, n - have);
        if (got <= 0) {
            break;
        }
        have += (size_t)got;
    }
    const bool is_exact = have == n && read(fd, &rest, 1) == 0;
    (void)close(fd);
    return is_exact ? SP_OK : SP_ETRUNCATED;
}

/* ---- the seal key ---- */

static sp_status public_of(uint8_t public_key[32], const uint8_t secret[32])
{
    size_t n = 32;
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, 32);
    const bool is_done = key != NULL && EVP_PKEY_get_raw_public_key(key, public_key, &n) == 1 && n == 32;
    EVP_PKEY_free(key);
    return is_done ? SP_OK : SP_ECRYPTO;
}

static sp_status generate(uint8_t secret[32])
{
    size_t n = 32;
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
    const bool is_done = key != NULL && EVP_PKEY_get_raw_private_key(key, secret, &n) == 1 && n == 32;
    EVP_PKEY_free(key);
    return is_done ? SP_OK : SP_ECRYPTO;
}

static sp_status make_pair(uint8_t public_key[32], const char *private_path, const char *public_path,
                           sp_diag *diag)
{
    uint8_t secret[32];
    sp_status status = generate(secret);
    if (status == SP_OK) {
        status = public_of(public_key, secret);
    }
    if (status != SP_OK) {
        (void)sp_fail(diag, status, SIZE_MAX, "libcrypto makes no X25519 key");
    } else {
        status = spd_file_write(private_path, (sp_bytes){secret, sizeof secret}, diag);
    }
    sp_wipe(secret, sizeof secret);
    return status == SP_OK ? spd_file_write(public_path, (sp_bytes){public_key, 32}, diag) : status;
}

/* Both halves are there: they have to match, or records would be sealed to a key that nobody holds. */
static sp_status read_pair(uint8_t public_key[32], const char *private_path, const char *public_path,
                           sp_diag *diag)
{
    uint8_t secret[32], written[32];
    if (spd_file_read(secret, sizeof secret, private_path) != SP_OK) {
        return sp_fail(diag, SP_ECORRUPT, SIZE_MAX,
                       "seal.key is not readable or not 32 bytes: restore it from a copy");
    }
    const sp_status status = public_of(public_key, secret);
    sp_wipe(secret, sizeof secret);
    if (status != SP_OK) {
        return sp_fail(diag, status, SIZE_MAX, "libcrypto does not take seal.key");
    }
    if (access(public_path, F_OK) != 0) {
        return spd_file_write(public_path, (sp_bytes){public_key, 32}, diag);
    }
    if (spd_file_read(written, sizeof written, public_path) != SP_OK ||
        memcmp(written, public_key, 32) != 0) {
        return sp_fail(diag, SP_ECORRUPT, SIZE_MAX, "seal.pub does not belong to seal.key");
    }
    return SP_OK;
}

sp_status spd_seal_key(uint8_t public_key[32], const char *state, sp_diag *diag)
{
    char private_path[SPD_PATH_MAX], public_path[SPD_PATH_MAX];
    if (spd_path_join(private_path, state, "seal.key") != SP_OK ||
        spd_path_join(public_path, state, "seal.pub") != SP_OK) {
        return sp_fail(diag, SP_ERANGE, SIZE_MAX, "the path of the state folder is too long");
    }
    if (access(private_path, F_OK) == 0) {
        return read_pair(public_key, private_path, public_path, diag);
    }
    if (access(public_path, F_OK) == 0) {
        return sp_fail(diag, SP_ECORRUPT, SIZE_MAX,
                       "seal.pub is there but seal.key is not: restore it from a copy");
    }
    return make_pair(public_key, private_path, public_path, diag);
}
