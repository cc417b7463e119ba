/* Files and folders of `sallyport scan`. A folder is gone through whole but for what is named; what is left
 * out is counted, so that nobody takes it for clean. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/scan_internal.h"

enum { DEPTH_MAX = 128, BINARY_LOOK = 8192, PROGRESS_FILES = 64 };

/* ---- one file ---- */

/* As git does it: a NUL near the start. */
static bool is_binary(sp_bytes text)
{
    return text.n > 0 && memchr(text.p, '\0', text.n < BINARY_LOOK ? text.n : BINARY_LOOK) != NULL;
}

/* `expected`: bytes that it seems to have; room for them at once, since an arena takes nothing back. */
static int scan_file(scanner *s, const char *path, size_t expected, bool skips_binary)
{
    sp_findings found;
    sp_arena_reset(&s->arena, SCAN_MEMORY_KEPT);
    sp_buf text = SP_BUF_IN(&s->arena.mem);
    if (expected < SCAN_TEXT_MAX) {
        (void)sp_buf_reserve(&text, expected + ((size_t)1 << 17));
    }
    int code = cli_read_file(&text, path, SCAN_TEXT_MAX);
    if (code != CLI_OK) {
        return code;
    }
    if (skips_binary && is_binary(sp_buf_bytes(&text))) {
        s->counts.binary++;
        return CLI_OK;
    }
    code = cli__scan_text(s, &found, sp_buf_bytes(&text), path);
    code = code == CLI_OK ? cli__scan_add_judged(s, &found) : code;
    return code == CLI_OK ? cli__scan_report(s, &found, sp_buf_bytes(&text), path) : code;
}

/* ---- folders ---- */

static bool fits(const char *pattern, const char *path)
{
    const char *name = strrchr(path, '/');
    return fnmatch(pattern, path, 0) == 0 || fnmatch(pattern, name != NULL ? name + 1 : path, 0) == 0;
}

/* By its path or its name. */
static bool is_excluded(const scanner *s, const char *path)
{
    char pattern[PATH_MAX];
    for (size_t i = 0; i < s->exclude.n;) {
        const uint8_t *comma = memchr(s->exclude.p + i, ',', s->exclude.n - i);
        const size_t n = comma != NULL ? (size_t)(comma - s->exclude.p) - i : s->exclude.n - i;
        (void)snprintf(pattern, sizeof pattern, "%.*s", (int)(n < PATH_MAX ? n : PATH_MAX - 1),
                       (const char *)s->exclude.p + i);
        if (n > 0 && fits(pattern, path)) {
            return true;
        }
        i += n + 1;
    }
    return false;
}

/* Somebody waits at a terminal while the findings go elsewhere. */
static bool is_watched(void)
{
    return isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO);
}

static void show_progress(const scanner *s)
{
    if (s->counts.files % PROGRESS_FILES == 0 && is_watched()) {
        (void)fprintf(stderr, "\r%zu files, %zu MB, %zu findings", s->counts.files,
                      (size_t)(s->counts.bytes / 1000000), s->counts.findings);
    }
}

static int scan_folder(scanner *s, const char *path, unsigned depth);

static int scan_entry(scanner *s, const char *path, unsigned depth)
{
    struct stat info;
    if (is_excluded(s, path)) {
        return CLI_OK;
    }
    if (lstat(path, &info) != 0) {
        return cli_fail("cannot be read", path, strerrordesc_np(errno));
    }
    if (S_ISDIR(info.st_mode)) {
        return scan_folder(s, path, depth + 1);
    }
    if (!S_ISREG(info.st_mode)) {
        *(S_ISLNK(info.st_mode) ? &s->counts.links : &s->counts.special) += 1;
        return CLI_OK;
    }
    show_progress(s);
    return scan_file(s, path, (size_t)info.st_size, true);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_inside(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
           strcmp(entry->d_name, ".git") != 0;
}

static int scan_named(scanner *s, const char *folder, const char *name, unsigned depth)
{
    char path[PATH_MAX];
    const size_t n = strlen(folder);
    const char *slash = n > 0 && folder[n - 1] == '/' ? "" : "/";
    const int length = strcmp(folder, ".") == 0 ? snprintf(path, sizeof path, "%s", name)
                                                : snprintf(path, sizeof path, "%s%s%s", folder, slash, name);
    return length < PATH_MAX ? scan_entry(s, path, depth) : cli_fail("this path is too long", folder, name);
}

/* In order of names, so that two runs say the same. */
static int scan_folder(scanner *s, const char *path, unsigned depth)
{
    struct dirent **names = NULL;
    if (depth > DEPTH_MAX) {
        return cli_fail("folders lie too deep in each other", path, NULL);
    }
    const int n = scandir(path, &names, is_inside, by_name);
    if (n < 0) {
        return cli_fail("cannot be read", path, strerrordesc_np(errno));
    }
    int worst = CLI_OK;
    for (int i = 0; i < n; i++) {
        const int code = scan_named(s, path, names[i]->d_name, depth);
        worst = code != CLI_OK ? code : worst;
        free(names[i]);
    }
    free((void *)names);
    return worst;
}

int cli__scan_path(scanner *s, const char *path)
{
    struct stat info = {0};
    if (strcmp(path, "-") == 0) {
        return scan_file(s, path, 0, false);
    }
    if (stat(path, &info) != 0) {
        return cli_fail("cannot be read", path, strerrordesc_np(errno));
    }
    if (!S_ISDIR(info.st_mode)) {
        return scan_file(s, path, S_ISREG(info.st_mode) ? (size_t)info.st_size : 0, false);
    }
    const int code = scan_folder(s, path, 0);
    if (is_watched()) {
        (void)fputs("\r\033[K", stderr); /* the line of progress goes */
    }
    return code;
}
