/* `sallyport explain`: the whole why of a request, from its records. */
#include "cli/explain.h"

#include <string.h>

#include "sallyport/ledger.h"

enum { MEMORY_MAX = 1 << 30, RECORDS_MAX = 256 };

typedef struct search {
    uint8_t id[SP_REQUEST_ID_BYTES];
    sp_record records[RECORDS_MAX];
    size_t n;
    bool is_damaged;
    sp_mem *mem;
} search;

static sp_status take(search *s, const spl_entry *entry)
{
    uint8_t id[SP_REQUEST_ID_BYTES];
    sp_bytes leaf;
    if (!sp_leaf_request_id(id, entry->leaf) || memcmp(id, s->id, sizeof id) != 0 || s->n == RECORDS_MAX) {
        return SP_OK;
    }
    SP_TRY(sp_bytes_copy(&leaf, entry->leaf, s->mem)); /* the reader's own goes with the next entry */
    const sp_status status = sp_record_decode(&s->records[s->n], leaf, s->mem);
    s->n += status == SP_OK;
    return status;
}

/* Segments lie side by side, one chain per worker: a failover or a recovery may continue in another one. */
static void order(search *s)
{
    for (size_t i = 1; i < s->n; i++) {
        const sp_record record = s->records[i];
        size_t at = i;
        for (; at > 0 && s->records[at - 1].at_ns > record.at_ns; at--) {
            s->records[at] = s->records[at - 1];
        }
        s->records[at] = record;
    }
}

static int search_ledger(search *s, const char *folder)
{
    spl_reader *reader = NULL;
    spl_entry entry;
    sp_diag diag = {0};
    sp_status status = spl_reader_open(&reader, folder, &diag);
    if (status != SP_OK) {
        return cli_fail("the ledger cannot be read", folder, diag.text);
    }
    while ((status = spl_reader_next(reader, &entry, &diag)) == SP_OK || status == SP_ECORRUPT) {
        if (status == SP_ECORRUPT) {
            s->is_damaged = true;
            (void)cli_fail("the ledger is damaged", diag.text, "see `sallyport audit verify`");
            continue;
        }
        status = take(s, &entry);
        if (status != SP_OK) {
            break;
        }
    }
    spl_reader_close(reader);
    return status == SP_ETRUNCATED ? CLI_OK : cli_fail_status(status, folder);
}

static int explain(const cli_args *args, sp_mem *mem)
{
    cli_place place;
    search *s = sp_alloc(mem, 1, sizeof *s);
    if (s == NULL) {
        return cli_fail_status(SP_ENOMEM, NULL);
    }
    s->mem = mem;
    if (sp_hex_decode(s->id, sizeof s->id, sp_bytes_of(args->words[0])) != SP_OK) {
        return cli_misuse(args->command,
                          "not the id of a request (32 hex digits, header x-sallyport-request-id)", NULL);
    }
    int code = cli_place_find(&place, args, mem);
    code = code == CLI_OK ? search_ledger(s, place.ledger) : code;
    if (code != CLI_OK) {
        return code;
    }
    if (s->n == 0) {
        return cli_fail("no record of this request", args->words[0],
                        s->is_damaged ? "it may lie in the damaged part"
                                      : "only identified callers are recorded");
    }
    if (s->records[0].kind == SP_RECORD_ACT) {
        return cli_fail("that is what an operator did, and no request", args->words[0],
                        "see `sallyport audit show`");
    }
    order(s);
    const cli_story story = {s->records, s->n, &place.names, false};
    code = cli_story_print(args, &story, mem);
    return code == CLI_OK && s->is_damaged ? CLI_FAILED : code;
}

int cli_explain_run(const cli_args *args)
{
    if (cli_has(args, "as") == (args->n_words > 0)) {
        return cli_misuse(args->command,
                          "either the id of a request, or --as APPLICATION with a request on standard input",
                          NULL);
    }
    return cli_with_memory(args, MEMORY_MAX, cli_has(args, "as") ? cli_explain_offline : explain);
}

const cli_option cli_explain_options[] = {
    {"as", 0, "APPLICATION", "decide a request of standard input as if this application sent it"},
    {"dialect", 0, "NAME", "of that request: openai (default) or anthropic"},
    {"operation", 0, "NAME", "of that request: generate (default), embeddings, completions or count-tokens"},
    {"use-case", 0, "NAMES", "use cases that it declares, as header x-sallyport-use-case"},
    {"sources", 0, "NAMES", "data sources that it names, as header x-sallyport-sources"},
    {"subject", 0, "NAME", "the person for whom it is, as header x-sallyport-subject"},
    CLI_OPTION_JSON,
    CLI_OPTION_CONF,
    CLI_OPTION_STATE,
    CLI_OPTIONS_END,
};

const cli_command cli_explain = {
    .name = "explain",
    .run = cli_explain_run,
    .usage = "ID [--json] | --as APPLICATION [--use-case NAMES] [--sources NAMES] [--subject NAME] "
             "[--dialect NAME] "
             "[--operation NAME] < request.json",
    .summary = "say why a request went where it went",
    .help = "With the id of a request (header x-sallyport-request-id): what is recorded of it. With --as: "
            "decides a request offline, by the\n"
            "code and the configuration that the gateway uses; sends nothing, records nothing, and ends with "
            "1 when it would be refused.\n\n"
            "Examples:\n    sallyport explain 0192f0c4a1b27e3fa9c40d5e6f708192\n"
            "    sallyport explain --as chat < request.json\n",
    .options = cli_explain_options,
    .max_words = 1,
};
