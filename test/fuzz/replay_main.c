/* Runs a fuzz target over the files of the folders that are named on the command line, so that the corpus is
 * part of the normal tests with any compiler. A folder that is missing or empty is an error: a replay of
 * nothing proves nothing. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* Targets without set-up work need not define it. */
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

/* The bytes get a malloc of their own exact size: reading one past the end is then seen by ASan. */
static uint8_t *read_file(FILE *f, size_t *n)
{
    if (fseek(f, 0, SEEK_END) != 0) {
        return NULL;
    }
    const long size = ftell(f);
    if (size < 0 || fseek(f, 0, SEEK_SET) != 0) {
        return NULL;
    }
    *n = (size_t)size;
    uint8_t *bytes = malloc(*n > 0 ? *n : 1);
    if (bytes != NULL && fread(bytes, 1, *n, f) != *n) {
        free(bytes);
        return NULL;
    }
    return bytes;
}

static int replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        perror(path);
        return -1;
    }
    size_t n = 0;
    uint8_t *bytes = read_file(f, &n);
    (void)fclose(f);
    if (bytes == NULL) {
        (void)fprintf(stderr, "%s: cannot read it\n", path);
        return -1;
    }
    /* Named before it runs: after a crash the last line of the log is the input. */
    (void)fprintf(stderr, "%s\n", path);
    (void)LLVMFuzzerTestOneInput(bytes, n);
    free(bytes);
    return 0;
}

/* @return the number of inputs, or -1. */
static int replay_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        perror(folder);
        return -1;
    }
    int count = 0;
    for (const struct dirent *e = readdir(dir); e != NULL && count >= 0; e = readdir(dir)) {
        char path[4096];
        if (e->d_name[0] == '.') {
            continue;
        }
        const int len = snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        const int fits = len > 0 && (size_t)len < sizeof path;
        count = fits && replay_file(path) == 0 ? count + 1 : -1;
    }
    (void)closedir(dir);
    return count;
}

int main(int argc, char **argv)
{
    if (LLVMFuzzerInitialize != NULL && LLVMFuzzerInitialize(&argc, &argv) != 0) {
        return EXIT_FAILURE;
    }
    int total = 0;
    for (int i = 1; i < argc; i++) {
        const int count = replay_folder(argv[i]);
        if (count <= 0) {
            (void)fprintf(stderr, "%s: nothing was replayed\n", argv[i]);
            return EXIT_FAILURE;
        }
        total += count;
    }
    (void)printf("%d inputs replayed\n", total);
    return total > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
