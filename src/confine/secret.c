/* Memory for secrets. Locked pages are never written to swap; a core dump leaves them out, also one that a
 * debugger makes. A page of its own keeps neighbours from being wiped with it or read beyond it. */
#include "confine/confine.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t whole_pages(size_t n)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (n + page - 1) / page * page;
}

void *spp_secret_new(size_t n, bool *is_locked)
{
    const size_t bytes = whole_pages(n);
    /* cppcheck-suppress invalidFunctionArg ; MAP_ANONYMOUS wants -1 (mmap(2)) */
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) {
        return NULL;
    }
    const bool locked = spp_secret_relock(p, n);
    if (is_locked != NULL) {
        *is_locked = locked;
    }
    return p;
}

bool spp_secret_relock(void *p, size_t n)
{
    const size_t bytes = whole_pages(n);
    return madvise(p, bytes, MADV_DONTDUMP) == 0 && mlock(p, bytes) == 0;
}

void spp_secret_free(void *p, size_t n)
{
    if (p == NULL) {
        return;
    }
    const size_t bytes = whole_pages(n);
    explicit_bzero(p, bytes);
    (void)munmap(p, bytes);
}
