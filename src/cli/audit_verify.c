/* `sallyport audit verify`. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/audit_internal.h"
#include "control/files.h"

enum { HEADS_MAX = 16 << 20 };

static void put_count(sp_buf *out, const char *name, uint64_t n, bool is_json)
{
    sp_buf_append_str(out, is_json ? "\"" : (out->n > 0 ? ", " : ""));
    if (!is_json) {
        sp_buf_append_u64(out, n);
        sp_buf_append_byte(out, ' ');
    }
    sp_buf_append_str(out, name);
    if (is_json) {
        sp_buf_append_str(out, "\":");
        sp_buf_append_u64(out, n);
        sp_buf_append_byte(out, ',');
    }
}

static void put_counts(sp_buf *out, const spl_verdict *v, bool is_json)
{
    put_count(out, "segments", v->n_segments, is_json);
    put_count(out, "records", v->n_records, is_json);
    put_count(out, "blocks", v->n_blocks, is_json);
    put_count(out, "erased", v->n_erased, is_json);
    put_count(out, "torn", v->n_torn, is_json);
    put_count(out, "heads", v->n_heads, is_json);
    put_count(out, "cut", v->n_cut, is_json);
    put_count(out, "damaged", v->n_bad, is_json);
}

/* The slot that is known to have reached further, as JSON. */
static void put_cut(sp_buf *out, const spl_verdict *v)
{
    const spl_cut *cut = &v->first_cut;
    if (v->n_cut == 0) {
        return;
    }
    sp_buf_append_str(out, ",\"first_cut\":{");
    put_count(out, "slot", cut->slot, true);
    put_count(out, "offset", cut->offset, true);
    put_count(out, "records", cut->n_records, true);
    put_count(out, "found_offset", cut->found_offset, true);
    put_count(out, "found_records", cut->found_records, true);
    cli__audit_put_text(out, "segment", sp_bytes_of(cut->segment));
    sp_buf_append_byte(out, '}');
}

static int print_verdict(const spl_verdict *v, const char *ledger, bool is_json)
{
    sp_arena arena;
    const bool is_valid = v->n_bad == 0;
    sp_arena_init(&arena, 1 << 20);
    sp_buf out = SP_BUF_IN(&arena.mem), counts = SP_BUF_IN(&arena.mem);
    put_counts(&counts, v, is_json);
    if (is_json) {
        sp_buf_append_str(&out, is_valid ? "{\"valid\":true," : "{\"valid\":false,");
        sp_buf_append(&out, sp_buf_bytes(&counts));
        cli__audit_put_text(&out, "folder", sp_bytes_of(ledger));
        sp_buf_append_byte(&out, ',');
        cli__audit_put_text(&out, "first_damage", sp_bytes_of(v->first_bad));
        put_cut(&out, v);
        sp_buf_append_byte(&out, '}');
    } else {
        const char *colour = cli_colour_code(stdout, is_valid ? CLI_GREEN : CLI_RED);
        sp_buf_append_str(&out, colour);
        sp_buf_append_str(&out, is_valid ? "the ledger verifies" : "the ledger is damaged");
        sp_buf_append_str(&out, cli_colour_code(stdout, CLI_PLAIN));
        sp_buf_append_str(&out, ": ");
        sp_buf_append(&out, sp_buf_bytes(&counts));
        sp_buf_append_str(&out, is_valid ? "" : "\nfirst damage: ");
        sp_buf_append_str(&out, v->first_bad);
    }
    sp_buf_append_byte(&out, '\n');
    if (counts.status != SP_OK && out.status == SP_OK) {
        out.status = counts.status;
    }
    const int code = cli_flush(stdout, &out);
    sp_arena_fini(&arena);
    return code == CLI_OK && !is_valid ? CLI_FAILED : code;
}

/* Without a DIR those of the state. `*is_missing`: they should be there. */
static int read_heads(sp_buf *out, bool *is_missing, const cli_args *args, const cli_place *place)
{
    char path[SPD_PATH_MAX];
    const char *given = cli_value(args, "heads");
    *is_missing = false;
    if (given != NULL) {
        return cli_read_file(out, given, HEADS_MAX / 4);
    }
    if (args->n_words > 0) {
        return CLI_OK;
    }
    if (spd_path_join(path, place->state, "heads") != SP_OK) {
        return cli_fail("the path of the state folder is too long", NULL, NULL);
    }
    *is_missing = access(path, F_OK) != 0;
    return *is_missing ? CLI_OK : cli_read_file(out, path, HEADS_MAX / 4);
}

/* Each start of the gateway writes them before its first record. */
static void miss_heads(spl_verdict *v, const cli_place *place)
{
    if (v->n_segments > 0 && v->n_bad++ == 0) {
        (void)snprintf(
            v->first_bad, sizeof v->first_bad,
            "%.120s/heads is missing: whether newest records were cut off cannot be seen; put back a "
            "copy, or start the gateway to begin anew",
            place->state);
    }
}

static int verify_ledger(const cli_args *args, const cli_place *place, const char *ledger, sp_mem *mem)
{
    spl_verdict verdict;
    bool is_missing;
    sp_buf heads = SP_BUF_IN(mem);
    const int code = read_heads(&heads, &is_missing, args, place);
    if (code != CLI_OK) {
        return code;
    }
    const sp_status status = spl_verify(&verdict, ledger, sp_buf_bytes(&heads));
    if (status != SP_OK && status != SP_ECORRUPT) {
        return cli_fail("the ledger cannot be read", ledger, NULL);
    }
    if (is_missing) {
        miss_heads(&verdict, place);
    }
    return print_verdict(&verdict, ledger, cli_has(args, "json"));
}

static int verify(const cli_args *args, sp_mem *mem)
{
    cli_place place = {0};
    const char *named = args->n_words > 0 ? args->words[0] : NULL;
    const int code = named != NULL ? CLI_OK : cli_place_find(&place, args, mem);
    return code == CLI_OK ? verify_ledger(args, &place, named != NULL ? named : place.ledger, mem) : code;
}

int cli__audit_verify(const cli_args *args)
{
    return cli_with_memory(args, CLI_MEMORY_MAX, verify);
}
