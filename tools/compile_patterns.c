/* compile_patterns: run by the build, writes C that holds the rows of patterns_rows.c as a database of
 * Hyperscan, made for any processor. Compiling takes a quarter of a second, reading what was compiled a
 * ten-thousandth of it. */
#include "detect/patterns_internal.h"

#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROW = 24 };

static void print(const char *bytes, size_t n)
{
    printf("/* Made by compile_patterns. */\n#include \"detect/patterns_internal.h\"\n\n"
           "const uint8_t sp_patterns__made[] = {");
    for (size_t i = 0; i < n; i++) printf("%s%u,", i % ROW == 0 ? "\n" : "", (unsigned)(uint8_t)bytes[i]);
    printf("\n};\nconst size_t sp_patterns__made_n = sizeof sp_patterns__made;\n");
}

int main(void)
{
    const char *patterns[SP_PATTERN_ROWS_MAX];
    unsigned flags[SP_PATTERN_ROWS_MAX], ids[SP_PATTERN_ROWS_MAX];
    const hs_platform_info_t any = {0};
    hs_compile_error_t *error = NULL;
    hs_database_t *db = NULL;
    char *bytes = NULL;
    size_t n = 0;
    const unsigned count = sp_patterns__collect(patterns, flags, ids);
    if (hs_compile_multi(patterns, flags, ids, count, HS_MODE_BLOCK, &any, &db, &error) != HS_SUCCESS) {
        (void)fprintf(stderr, "compile_patterns: row %d: %s\n", error->expression, error->message);
        (void)hs_free_compile_error(error);
        return EXIT_FAILURE;
    }
    const bool is_made = hs_serialize_database(db, &bytes, &n) == HS_SUCCESS;
    if (is_made) print(bytes, n);
    free(bytes);
    (void)hs_free_database(db);
    return is_made && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
