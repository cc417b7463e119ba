/* `sallyport policy`: the table of its commands. */
#include "cli/policy.h"

#include "cli/explain.h"

static const cli_option check_options[] = {
    CLI_OPTION_CONF,
    CLI_OPTION_JSON,
    {"strict", 0, NULL, "treat warnings as errors"},
    CLI_OPTIONS_END,
};
static const cli_option plain_options[] = {CLI_OPTION_CONF, CLI_OPTION_JSON, CLI_OPTIONS_END};

static const cli_option try_options[] = {
    {"config", 'c', "FILE", "the configuration to be tried"},
    CLI_OPTION_STATE,
    {"since", 0, "TIME", "only what was recorded from this day or second on, UTC (default: all)"},
    {"at", 0, "TIME", "as if it were this day or second, UTC (default: now)"},
    CLI_OPTION_JSON,
    CLI_OPTIONS_END,
};

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
        .usage =
            "--as APPLICATION [--use-case NAMES] [--sources NAMES] [--subject NAME] [--json] < request.json",
        .summary = "decide a request offline and say why",
        .help = "`sallyport explain --as` under another name.\n"
                "\n"
                "    sallyport policy explain --as chat < request.json\n",
        .options = cli_explain_options,
        .max_words = 1,
    },
    {
        .name = "test",
        .run = cli__policy_test,
        .usage = "CASES.yaml... [-c FILE] [--json]",
        .summary = "decide the cases of files, and say which differ",
        .help =
            "A case file is a list of {name, given, expect}. Each case is decided by the code of the "
            "gateway, "
            "its detectors included;\nnothing is sent. A case that differs is named with its line and with "
            "what differs; the last line counts them. Exit code 1\nwhen any differs.\n"
            "\n"
            "given: application, model; text (one message of a user) or request (a body, as YAML); at (a "
            "day or second, UTC; else now),\n"
            "use_case, sources (as the headers name them), lapsed (FACT of VENDOR or of a destination, as if "
            "it had run out).\n"
            "expect, of which only what is written is compared: outcome (allow, reroute, deny), destination, "
            "status, level,\ncategories (all of them), integrity (trusted, untrusted), because (a status; or "
            "a destination, what passed it "
            "over, and some of what it lacks).\n"
            "\n"
            "    - name: an account makes a question confidential\n"
            "      given: {application: chat, model: assistant, text: \"Is DE89370400440532013000 valid?\"}\n"
            "      expect: {outcome: reroute, destination: local, because: cloud level}\n"
            "\n"
            "    sallyport policy test cases/*.yaml\n"
            "    sallyport policy test -c new.yaml cases.yaml --json | jq -r '.failures[].name'\n",
        .options = plain_options,
        .min_words = 1,
        .max_words = -1,
    },
    {
        .name = "try",
        .run = cli__policy_try,
        .usage = "-c NEW.yaml [--state DIR] [--since TIME] [--at TIME] [--json]",
        .summary = "say what another configuration would make of what is recorded",
        .help =
            "Decides each recorded request again under the configuration of -c: its label is made anew from "
            "what was found in it and\nwhat it was of, by the rules of that file; where a destination was "
            "away or paused then, it is again. Prints what would\nend elsewhere, counted by application, "
            "model, and where it went: what would be refused first, then what would no longer\nbe. The "
            "ledger is that of --state, or of the state folder that the file names; nothing is changed.\n"
            "\n"
            "What a declassifier had changed is left out, and one of the new file is believed to do its "
            "work. A record says for what a\n"
            "request needed permission (state, tools, ...) only where it lacked one; so a permission that is "
            "taken away does not show.\n"
            "\n"
            "    sallyport policy try -c new.yaml --since 2026-06-01\n"
            "    sallyport policy try -c new.yaml --state ./state --json | jq '.changes[] | "
            "select(.to.refused)'\n",
        .options = try_options,
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
        .options = plain_options,
    },
    {.name = NULL},
};

const cli_command cli_policy = {
    .name = "policy",
    .usage = "check|explain|test|try|migrate ...",
    .summary = "check, explain and change who may send what where",
    .help = "The policy is part of the configuration file; docs/reference/policy.md says what it means.\n"
            "\n"
            "    sallyport policy check\n"
            "    sallyport policy explain --as chat < request.json\n",
    .subs = subs,
};
