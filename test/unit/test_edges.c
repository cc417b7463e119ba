/* Nobody reads behind the end of a text: each beginning of each example, with a sign behind it that a value
 * may be expected after, ends where memory does. */
#include "engine_help.h"

#include "detect/detect_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

enum { EXAMPLE_MAX = 4096 };

/* The end of a page behind which there is none. */
static uint8_t *end_of_memory(void)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    /* cppcheck-suppress invalidFunctionArg ; MAP_ANONYMOUS wants -1 (mmap(2)) */
    uint8_t *p = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(p, MAP_FAILED);
    assert_true(page >= EXAMPLE_MAX);
    assert_int_equal(mprotect(p + 2 * page, page, PROT_NONE), 0);
    return p + 2 * page;
}

static size_t without_brackets(uint8_t *out, const char *example)
{
    size_t n = 0;
    for (const char *c = example; *c != '\0' && n + 2 < EXAMPLE_MAX; c++) {
        if (*c != '[' && *c != ']') out[n++] = (uint8_t)*c;
    }
    return n;
}

/* As a whole, and as a window behind which more may come. */
static void scan_up_to(const uint8_t *text, size_t n, sp_arena *arena)
{
    sp_pass pass;
    sp_findings found = SP_FINDINGS_IN(&arena->mem, 100);
    const sp_pass_in in = {{text, n}, 0, false, 0, NULL, NULL, NULL};
    assert_int_equal(sp_scan_for(&found, engine, scratch, in.text, SP_ASK_LINES | SP_ASK_ADDRESSES), SP_OK);
    assert_int_equal(sp_engine__pass_addresses(&pass, engine, scratch, &in), SP_OK);
}

static void check_example(const char *text, uint8_t *end, sp_arena *arena)
{
    static const char signs[] = " |=\"";
    uint8_t example[EXAMPLE_MAX];
    const size_t n = without_brackets(example, text);
    for (size_t k = 0; k < n * sizeof signs; k++) {
        const uint8_t sign = (uint8_t)signs[k % sizeof signs]; /* the last: none */
        const size_t length = k / sizeof signs + 1, all = length + (sign != '\0');
        memcpy(end - all, example, length);
        if (sign != '\0') end[-1] = sign;
        scan_up_to(end - all, all, arena);
    }
}

static void nobody_reads_behind_the_end(void **state)
{
    uint8_t *const end = end_of_memory();
    sp_detector d;
    (void)state;
    for (size_t i = 0; sp_detector_at(&d, i); i++) {
        sp_arena arena;
        sp_arena_init(&arena, 8 << 20);
        for (const sp_example *e = d.examples; *e != NULL; e++) check_example(*e, end, &arena);
        sp_arena_fini(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nobody_reads_behind_the_end)};
    return cmocka_run_group_tests(tests, engine_set_up, engine_tear_down);
}
