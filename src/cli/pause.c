/* `sallyport pause` and `sallyport resume`: the stop switch. Needs the state folder alone: neither the daemon
 * nor the gateway has to be alive. */
#include <stdio.h>

#include "cli/stops.h"
#include "conf/nearest.h"

/* ---- what is named ---- */

/* Name `i` of a kind in the configuration; false past the end. */
static bool name_at(sp_bytes *out, const spc_conf *conf, sp_stop_kind kind, size_t i)
{
    switch (kind) {
    case SP_STOP_DESTINATION:
        *out = i < conf->destinations.n ? conf->destinations.v[i].name.v : SP_BYTES_EMPTY;
        return i < conf->destinations.n;
    case SP_STOP_MODEL:
        *out = i < conf->models.n ? conf->models.v[i].name.v : SP_BYTES_EMPTY;
        return i < conf->models.n;
    case SP_STOP_APPLICATION:
        *out = i < conf->applications.n ? conf->applications.v[i].name.v : SP_BYTES_EMPTY;
        return i < conf->applications.n;
    case SP_STOP_USE_CASE:
        *out = i < conf->use_cases.n ? conf->use_cases.v[i].name.v : SP_BYTES_EMPTY;
        return i < conf->use_cases.n;
    default:
        return false;
    }
}

static int refuse_name(const sp_stop *stop, const spc_nearest *nearest)
{
    char text[256], what[64];
    (void)snprintf(what, sizeof what, "no such %s in the configuration", sp_stop_kind_name(stop->kind));
    (void)snprintf(text, sizeof text, "%.*s%s%.*s%s", (int)stop->name.n, (const char *)stop->name.p,
                   nearest->best.n > 0 ? " (did you mean " : "", (int)nearest->best.n,
                   nearest->best.n > 0 ? (const char *)nearest->best.p : "", nearest->best.n > 0 ? "?)" : "");
    return cli_fail(what, text, "nothing was changed; with --state DIR names are not checked");
}

/* A slip in a name would stop nothing. Without a configuration there is nothing to compare with. */
static int check_name(const cli_place *place, const sp_stop *stop)
{
    spc_nearest nearest = SPC_NEAREST_TO(stop->name);
    sp_bytes name;
    if (place->conf == NULL || stop->kind == SP_STOP_ALL) {
        return CLI_OK;
    }
    for (size_t i = 0; name_at(&name, place->conf, (sp_stop_kind)stop->kind, i); i++) {
        if (sp_bytes_eq(name, stop->name)) {
            return CLI_OK;
        }
        spc_nearest_offer(&nearest, name);
    }
    return refuse_name(stop, &nearest);
}

static int misuse_kind(const cli_args *args)
{
    char text[128];
    spc_nearest nearest = SPC_NEAREST_TO(sp_bytes_of(args->words[0]));
    for (unsigned kind = SP_STOP_ALL; kind < SP_STOP_KINDS; kind++) {
        spc_nearest_offer(&nearest, sp_bytes_of(sp_stop_kind_name((uint8_t)kind)));
    }
    (void)snprintf(text, sizeof text, "%.40s%s%.*s%s", args->words[0],
                   nearest.best.n > 0 ? " (did you mean " : "", (int)nearest.best.n,
                   nearest.best.n > 0 ? (const char *)nearest.best.p : "", nearest.best.n > 0 ? "?)" : "");
    return cli_misuse(args->command, "not one of destination, model, application, use-case, all", text);
}

static int parse_target(sp_stop *stop, const cli_args *args)
{
    stop->kind = (uint8_t)sp_stop_kind_find(sp_bytes_of(args->words[0]));
    if (stop->kind == SP_STOP_NONE) {
        return misuse_kind(args);
    }
    if ((stop->kind == SP_STOP_ALL) != (args->n_words == 1)) {
        return cli_misuse(args->command,
                          stop->kind == SP_STOP_ALL ? "all takes no name" : "which one? a name is missing",
                          args->words[0]);
    }
    stop->name = args->n_words > 1 ? sp_bytes_of(args->words[1]) : SP_BYTES_EMPTY;
    return args->n_words == 1 || sp_stop_text_ok(stop->name, SP_STOP_NAME_MAX)
               ? CLI_OK
               : cli_misuse(args->command, "not a name", args->words[1]);
}

/* ---- pause, resume ---- */

static int change_list(const cli_args *args, const cli_place *place, const spd_stop_change *change,
                       sp_mem *mem)
{
    sp_stops stops;
    sp_diag diag = {0};
    sp_buf said = SP_BUF_IN(mem);
    const sp_status status = spd_stops_change(&stops, place->state, change, mem, &diag);
    sp_stop_subject_append(&said, &change->stop);
    if (status == SP_EMISSING) {
        sp_buf_append_byte(&said, '\0');
        return cli_fail("it is not paused", (const char *)said.p, "`sallyport stops` shows what is");
    }
    sp_buf_append_str(&said, change->action == SPD_STOP_PAUSE ? " is paused\n" : " is no longer paused\n");
    sp_buf_append_byte(&said, '\0');
    if (status != SP_OK && status != SP_EBUSY) {
        return cli_stops_fail(status, &diag, place);
    }
    const int code = cli_stops_settle(args, place, &stops, (const char *)said.p);
    return status == SP_OK ? code : cli_stops_fail(status, &diag, place);
}

static int change(const cli_args *args, sp_mem *mem)
{
    const spd_stop_action action = args->command == &cli_resume ? SPD_STOP_RESUME : SPD_STOP_PAUSE;
    cli_place place;
    spd_stop_change wanted = {.action = action, .stop = {.is_now = cli_has(args, "now")}};
    int code = parse_target(&wanted.stop, args);
    code = code == CLI_OK ? cli_stop_origin(&wanted.stop, args, mem) : code;
    code = code == CLI_OK ? cli_place_find(&place, args, mem) : code;
    if (code == CLI_OK && action == SPD_STOP_PAUSE) {
        code = check_name(&place, &wanted.stop);
    }
    return code == CLI_OK ? change_list(args, &place, &wanted, mem) : code;
}

static int run(const cli_args *args)
{
    return cli_with_memory(args, CLI_MEMORY_MAX, change);
}

static const cli_option pause_options[] = {
    CLI_OPTION_REASON, {"now", 0, NULL, "end what runs, too; else it may finish"},
    CLI_OPTION_JSON,   CLI_OPTION_CONF,
    CLI_OPTION_STATE,  CLI_OPTIONS_END,
};
static const cli_option resume_options[] = {CLI_OPTION_REASON, CLI_OPTION_JSON, CLI_OPTION_CONF,
                                            CLI_OPTION_STATE, CLI_OPTIONS_END};

const cli_command cli_pause = {
    .name = "pause",
    .run = run,
    .usage =
        "destination|model|application|use-case|all [NAME] --reason TEXT [--now] [-c FILE | --state DIR]",
    .summary = "stop a destination, model, application, use case or everything",
    .help = "In force in every worker within a second, and after a restart, until `sallyport resume`. It "
            "works also "
            "when the daemon or\n"
            "the whole gateway is dead. The command waits for the workers, and fails when one does not obey "
            "in 2 s.\n\n"
            "Requests are refused with 503 `stopped`, or go to the next candidate that they may go to. "
            "Callers see the "
            "reason: write\n"
            "nothing secret into it. What runs may finish; with --now it is ended, streams with an error "
            "event, and "
            "recorded so.\n\n"
            "When the configuration is damaged, name the state folder: --state DIR; names are not checked "
            "then.\n\n"
            "Example:\n    sallyport pause destination openai --now --reason 'provider reports a breach'\n"
            "    sallyport pause all --reason 'incident 17'\n",
    .options = pause_options,
    .min_words = 1,
    .max_words = 2,
};

const cli_command cli_resume = {
    .name = "resume",
    .run = run,
    .usage = "destination|model|application|use-case|all [NAME] --reason TEXT [-c FILE | --state DIR]",
    .summary = "take back one pause",
    .help = "Takes back exactly what was paused by this kind and name: `resume all` ends `pause all`, and "
            "leaves a "
            "destination paused\n"
            "that was paused by itself.\n\n"
            "Example:\n    sallyport resume destination openai --reason 'breach closed, key replaced'\n",
    .options = resume_options,
    .min_words = 1,
    .max_words = 2,
};
