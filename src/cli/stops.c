/* `sallyport stops`: what is paused, who obeys it, what was changed when, and a new list for a damaged one.
 */
#include "cli/stops.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/process.h"

enum { MEMORY_MAX = 64 << 20, EFFECTIVE_MS = 2000, LOG_MAX = 32 << 20, PAGE_MAX = 1 << 20, USER_MAX = 4096 };

/* ---- shared ---- */

/* Who calls, behind sudo too; a claim of the system, not of the caller. */
static sp_bytes operator_name(sp_mem *mem)
{
    char room[USER_MAX];
    struct passwd entry, *user = NULL;
    const char *sudo = getuid() == 0 ? getenv("SUDO_USER") : NULL;
    (void)getpwuid_r(getuid(), &entry, room, sizeof room, &user);
    const sp_bytes name = sp_bytes_of(sudo != NULL ? sudo : user != NULL ? user->pw_name : NULL);
    sp_buf out = SP_BUF_IN(mem);
    if (sp_stop_text_ok(name, SP_STOP_BY_MAX)) {
        sp_buf_append(&out, name);
        return sp_buf_bytes(&out);
    }
    sp_buf_append_str(&out, "user ");
    sp_buf_append_u64(&out, getuid());
    return sp_buf_bytes(&out);
}

int cli_stop_origin(sp_stop *stop, const cli_args *args, sp_mem *mem)
{
    const char *reason = cli_value(args, "reason");
    if (reason == NULL) {
        return cli_misuse(args->command, "say why", "--reason TEXT");
    }
    if (!sp_stop_text_ok(sp_bytes_of(reason), SP_STOP_REASON_MAX)) {
        return cli_misuse(args->command, "a text of one line and 1 to 200 bytes is wanted for", "--reason");
    }
    stop->reason = sp_bytes_of(reason);
    stop->by = operator_name(mem);
    stop->since_s = spd_wall_s();
    return CLI_OK;
}

int cli_stops_fail(sp_status status, const sp_diag *diag, const cli_place *place)
{
    if (status == SP_ECORRUPT || status == SP_EVERSION) {
        (void)cli_fail("the list of stops cannot be read, so the gateway refuses everything", diag->text,
                       NULL);
        return cli_fail(
            "put back a copy of stops/current", place->state,
            "or write a new list, in which everything is paused: sallyport stops reset --reason TEXT");
    }
    if (status == SP_EBUSY) {
        return cli_fail("it is in force, but was not logged", diag->text, NULL);
    }
    return cli_fail(diag->text[0] != '\0' ? diag->text : sp_error_get(status)->sentence, place->state, NULL);
}

/* ---- printing ---- */

static void append_member(sp_buf *out, const char *name, sp_bytes text)
{
    sp_buf_append_str(out, "\"");
    sp_buf_append_str(out, name);
    sp_buf_append_str(out, "\":\"");
    sp_buf_append_json(out, text);
    sp_buf_append_str(out, "\",");
}

static void append_count(sp_buf *out, const char *name, uint64_t value)
{
    sp_buf_append_str(out, ",\"");
    sp_buf_append_str(out, name);
    sp_buf_append_str(out, "\":");
    sp_buf_append_u64(out, value);
}

static void append_json(sp_buf *out, const sp_stops *stops, spd_stops_workers workers)
{
    sp_buf_append_str(out, "{\"stops\":[");
    for (size_t i = 0; i < stops->n; i++) {
        const sp_stop *s = &stops->v[i];
        sp_buf_append_str(out, i > 0 ? ",\n{" : "{");
        append_member(out, "kind", sp_bytes_of(sp_stop_kind_name(s->kind)));
        append_member(out, "name", s->name);
        sp_buf_append_str(out, "\"since\":\"");
        sp_date_append(out, s->since_s);
        sp_buf_append_str(out, "\",");
        append_member(out, "by", s->by);
        append_member(out, "reason", s->reason);
        sp_buf_append_str(out, s->is_now ? "\"now\":true}" : "\"now\":false}");
    }
    sp_buf_append_byte(out, ']');
    append_count(out, "generation", stops->generation);
    append_count(out, "workers", workers.all);
    append_count(out, "obeying", workers.obeying);
    sp_buf_append_str(out, workers.is_running ? ",\"running\":true}\n" : ",\"running\":false}\n");
}

static void append_list(sp_buf *out, const sp_stops *stops)
{
    sp_buf_append_str(out, stops->n > 0 ? "paused now:\n" : "nothing is paused\n");
    for (size_t i = 0; i < stops->n; i++) {
        const sp_stop *s = &stops->v[i];
        sp_buf_append_str(out, "  ");
        sp_stop_subject_append(out, s);
        sp_buf_append_str(out, "  since ");
        sp_date_append(out, s->since_s);
        sp_buf_append_str(out, " by ");
        sp_buf_append(out, s->by);
        sp_buf_append_str(out, s->is_now ? ", what ran was ended: " : ": ");
        sp_buf_append(out, s->reason);
        sp_buf_append_byte(out, '\n');
    }
}

static void append_workers(sp_buf *out, spd_stops_workers workers)
{
    if (!workers.is_running) {
        sp_buf_append_str(out, "no gateway runs on this state folder; it holds from its next start on\n");
        return;
    }
    sp_buf_append_u64(out, workers.obeying);
    sp_buf_append_str(out, " of ");
    sp_buf_append_u64(out, workers.all);
    sp_buf_append_str(out, " workers obey this list\n");
}

static bool is_effective(spd_stops_workers workers)
{
    return !workers.is_running || (workers.all > 0 && workers.obeying == workers.all);
}

int cli_stops_settle(const cli_args *args, const cli_place *place, const sp_stops *stops, const char *said)
{
    sp_arena arena;
    sp_arena_init(&arena, PAGE_MAX);
    sp_buf out = SP_BUF_IN(&arena.mem);
    const spd_stops_workers workers = spd_stops_wait(place->state, stops->generation, EFFECTIVE_MS);
    if (cli_has(args, "json")) {
        append_json(&out, stops, workers);
    } else {
        sp_buf_append_str(&out, said != NULL ? said : "");
        append_workers(&out, workers);
        append_list(&out, stops);
    }
    int code = cli_flush(stdout, &out);
    sp_arena_fini(&arena);
    if (code == CLI_OK && !is_effective(workers)) {
        code = cli_fail("not every worker has taken the list over within 2 s", place->state,
                        "it is written and holds for all that do; a worker that hangs has to be killed: see "
                        "docs/operate/incident.md");
    }
    return code;
}

/* ---- commands ---- */

static int list(const cli_args *args, sp_mem *mem)
{
    cli_place place;
    sp_stops stops;
    sp_diag diag = {0};
    const int code = cli_place_find(&place, args, mem);
    if (code != CLI_OK) {
        return code;
    }
    const sp_status status = spd_stops_read(&stops, place.state, mem, &diag);
    return status == SP_OK ? cli_stops_settle(args, &place, &stops, NULL)
                           : cli_stops_fail(status, &diag, &place);
}

/* One line of the log for people; what is not one of ours is shown as it is. */
static int show_log(const cli_args *args, sp_mem *mem)
{
    cli_place place;
    char path[PATH_MAX];
    sp_buf text = SP_BUF_IN(mem);
    int code = cli_place_find(&place, args, mem);
    if (code != CLI_OK || spd_path_join(path, place.state, "acts.log") != SP_OK) {
        return code != CLI_OK ? code : CLI_FAILED;
    }
    if (access(path, F_OK) != 0) {
        return CLI_OK; /* nothing was ever paused */
    }
    code = cli_read_file(&text, path, LOG_MAX);
    if (code == CLI_OK) {
        cli_write_safe(stdout, sp_buf_bytes(&text), true);
    }
    return code;
}

static int reset(const cli_args *args, sp_mem *mem)
{
    cli_place place;
    sp_stops stops;
    sp_diag diag = {0};
    spd_stop_change change = {.action = SPD_STOP_RESET, .stop = {.kind = SP_STOP_ALL}};
    int code = cli_stop_origin(&change.stop, args, mem);
    code = code == CLI_OK ? cli_place_find(&place, args, mem) : code;
    if (code != CLI_OK) {
        return code;
    }
    if (spd_stops_read(&stops, place.state, mem, &diag) == SP_OK) {
        return cli_fail("the list of stops is in order; it is not replaced", place.state,
                        "use pause and resume");
    }
    const sp_status status = spd_stops_change(&stops, place.state, &change, mem, &diag);
    return status == SP_OK ? cli_stops_settle(args, &place, &stops, "a new list is written\n")
                           : cli_stops_fail(status, &diag, &place);
}

static int run_list(const cli_args *args)
{
    return cli_with_memory(args, MEMORY_MAX, list);
}

static int run_log(const cli_args *args)
{
    return cli_with_memory(args, MEMORY_MAX, show_log);
}

static int run_reset(const cli_args *args)
{
    return cli_with_memory(args, MEMORY_MAX, reset);
}

static const cli_option list_options[] = {CLI_OPTION_JSON, CLI_OPTION_CONF, CLI_OPTION_STATE,
                                          CLI_OPTIONS_END};
static const cli_option log_options[] = {CLI_OPTION_CONF, CLI_OPTION_STATE, CLI_OPTIONS_END};
static const cli_option reset_options[] = {CLI_OPTION_REASON, CLI_OPTION_JSON, CLI_OPTION_CONF,
                                           CLI_OPTION_STATE, CLI_OPTIONS_END};

static const cli_command subs[] = {
    {.name = "log",
     .run = run_log,
     .usage = "[-c FILE | --state DIR]",
     .summary = "print what operators did, one line of JSON each",
     .help = "The daemon makes each line a record of the ledger within a second or two (`sallyport audit "
             "list --outcome "
             "act`); the log is what it\nmakes them from, and not protected as they are.\n\n"
             "Example:\n    sallyport stops log\n",
     .options = log_options},
    {.name = "reset",
     .run = run_reset,
     .usage = "--reason TEXT [--json] [-c FILE | --state DIR]",
     .summary = "write a new list in place of one that is missing or damaged",
     .help =
         "In the new list everything is paused: nothing goes through that was paused in the old one. Pause "
         "what has to be, then\n"
         "`sallyport resume all`. What was paused is in `sallyport stops log`.\n\n"
         "Example:\n    sallyport stops reset --reason 'list lost with the disk'\n",
     .options = reset_options},
    {.name = NULL},
};

const cli_command cli_stops = {
    .name = "stops",
    .run = run_list,
    .usage = "[log|reset] [--json] [-c FILE | --state DIR]",
    .summary = "show what is paused and how many workers obey",
    .help = "Fails when a worker does not obey the list as it stands, or when the list cannot be read; then "
            "everything is refused.\n\n"
            "Example:\n    sallyport stops --json\n",
    .options = list_options,
    .subs = subs,
};
