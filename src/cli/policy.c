/* `sallyport policy`: the table of its commands. */
#include "cli/policy.h"

#include "cli/explain.h"

static const cli_option check_options[] = {
    CLI_OPTION_CONF,
    CLI_OPTION_JSON,
    {"strict", 0, NULL, "treat warnings as errors"},
    CLI_OPTIONS_END,
};
static const cli_option migrate_options[] = {CLI_OPTION_CONF, CLI_OPTION_JSON, CLI_OPTIONS_END};

static const cli_command subs[] = {
    {
        .name = "check",
        .run = cli__policy_check,
        .usage = "[-c FILE] [--json] [--strict]",
        .summary = "check the file, and show how each destination stands",
        .help =
            "All that `sallyport check` says, and for each destination: its tier, the clearance that is "
            "stated, the facts that are\n"
            "known of it now, the jurisdictions that it touches, what of its facts ends next and when, and "
            "which facts it lacks for\nthe use cases of those who may use it.\n"
            "\n"
            "    sallyport policy check\n"
            "    sallyport policy check --json | jq '.destinations[] | select(.lacks != [])'\n",
        .options = check_options,
    },
    {
        .name = "explain",
        .run = cli_explain_run,
        .usage = "--as APPLICATION [--use-case NAMES] [--sources NAMES] [--json] < request.json",
        .summary = "decide a request offline and say why",
        .help = "`sallyport explain --as` under another name.\n"
                "\n"
                "    sallyport policy explain --as chat < request.json\n",
        .options = cli_explain_options,
        .max_words = 1,
    },
    {
        .name = "migrate",
        .run = cli__policy_migrate,
        .usage = "[-c FILE] [--json]",
        .summary = "print the facts that a file from before has to state",
        .help =
            "A configuration without facts loads, but its cloud destinations meet no requirement that asks "
            "for one. This prints what\n"
            "is missing, as YAML to be edited and put into the file: each fact that users of a destination "
            "need, with its evidence,\n"
            "source, signer and dates marked EDIT; and what is refused, or goes elsewhere, until then. "
            "Nothing is written.\n"
            "\n"
            "    sallyport policy migrate\n"
            "    sallyport policy migrate >> sallyport.yaml && $EDITOR sallyport.yaml && sallyport policy "
            "check\n",
        .options = migrate_options,
    },
    {.name = NULL},
};

const cli_command cli_policy = {
    .name = "policy",
    .usage = "check|explain|migrate ...",
    .summary = "check, explain and change who may send what where",
    .help = "The policy is part of the configuration file; docs/reference/policy.md says what it means.\n"
            "\n"
            "    sallyport policy check\n"
            "    sallyport policy explain --as chat < request.json\n",
    .subs = subs,
};
