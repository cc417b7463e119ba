/* Any bytes as a configuration: no crash, every place lies in the file, messages hold no control character;
 * and what is accepted gives a snapshot that decodes and an nginx.conf. */
#include <stdint.h>
#include <stdlib.h>

#include "conf/conf.h"

static void must(bool is_true)
{
    if (!is_true) {
        abort();
    }
}

static void check_problems(const spc_problems *problems, size_t n_lines)
{
    sp_buf text = SP_BUF_IN(problems->mem);
    for (size_t i = 0; i < problems->n; i++) {
        must(problems->v[i].at.line <= n_lines + 1);
        must(problems->v[i].what.n > 0);
        spc_problem_append(&text, &problems->v[i], SP_LIT("f"));
    }
    must(text.status == SP_OK);
    for (size_t i = 0; i < text.n; i++) {
        must(text.p[i] >= 0x20 || text.p[i] == '\n');
    }
    must(sp_utf8_valid_prefix(sp_buf_bytes(&text)) == text.n);
}

static void check_valid(const spc_conf *conf, sp_mem *mem)
{
    static const spc_paths paths = {.module = SP_LIT("/m.so"),
                                    .state = SP_LIT("/s"),
                                    .snapshot = SP_LIT("/s/p"),
                                    .ledger = SP_LIT("/s/l")};
    const spc_live live = {.generation = 1, .now_s = 1};
    sp_snapshot snapshot;
    sp_buf file = SP_BUF_IN(mem);
    sp_buf text = SP_BUF_IN(mem);
    uint8_t digest[32];
    must(spc_conf_to_snapshot(&snapshot, conf, &live, mem) == SP_OK);
    must(sp_snapshot_encode(&file, &snapshot) == SP_OK);
    must(sp_snapshot_decode(&snapshot, sp_buf_bytes(&file), mem, NULL) == SP_OK);
    must(spc_nginx_conf_append(&text, conf, &paths, mem) == SP_OK);
    must(spc_wiring_digest(digest, conf, mem) == SP_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sp_arena arena;
    sp_arena_init(&arena, (size_t)256 << 20);
    spc_problems problems = {.mem = &arena.mem};
    const spc_conf *conf = NULL;
    const sp_status status =
        spc_conf_parse(&conf, &problems, &(spc_source){{data, size}, SP_LIT("/etc/sallyport"), 1800000000});
    size_t n_lines = 1;
    for (size_t i = 0; i < size; i++) {
        /* YAML 1.1 readers take NEL, LS and PS for line ends too; each is at least one byte that is no
         * letter. */
        n_lines += data[i] == '\n' || data[i] == '\r' || data[i] == 0x85 || data[i] == 0xa8 || data[i] == 0xa9
                       ? 1
                       : 0;
    }
    must((status == SP_OK) == (conf != NULL));
    must((status == SP_OK) == (problems.n_errors == 0));
    check_problems(&problems, n_lines);
    if (conf != NULL) {
        check_valid(conf, &arena.mem);
    }
    sp_arena_fini(&arena);
    return 0;
}
