"""The command line: commands teach, wrong words get the nearest right one, exit codes mean what they say."""

import json
import re
import subprocess

import pytest

import lib_config
from lib_servers import BUILD

COMMANDS = ["run", "check", "reload", "destination", "key", "scan", "detector", "explain", "policy", "audit"]
COMMANDS += ["use-case", "vendor", "pause", "resume", "status", "stops", "version", "completion", "help"]


def sallyport(*args, **options):
    command = [str(BUILD / "sallyport"), *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


# ---- help ----


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_says_what_it_does(command):
    by_flag, by_word = sallyport(command, "--help"), sallyport("help", command)
    assert by_flag.returncode == 0 and by_flag.stderr == ""
    assert by_flag.stdout == by_word.stdout
    assert by_flag.stdout.startswith(f"usage: sallyport {command}")
    assert "Exit codes:" in by_flag.stdout


def test_every_command_is_listed():
    done = sallyport("--help")
    assert done.returncode == 0
    assert re.findall(r"^    ([\w-]+) ", done.stdout, re.MULTILINE)[: len(COMMANDS)] != []
    assert set(COMMANDS) <= set(re.findall(r"^    ([\w-]+) ", done.stdout, re.MULTILINE))


@pytest.mark.parametrize("command", ["run", "reload", "scan", "detector", "explain", "version", "completion", "help"])
def test_help_teaches_with_an_example(command):
    assert re.search(r"Examples?:\n    .*sallyport", sallyport("help", command).stdout)


@pytest.mark.parametrize("sub", ["create", "list", "revoke"])
def test_subcommands_have_help_of_their_own(sub):
    done = sallyport("key", sub, "--help")
    assert done.returncode == 0 and done.stdout.startswith(f"usage: sallyport key {sub}")
    assert "Example:" in done.stdout


def test_without_words_it_shows_the_list_and_ends_with_2():
    done = sallyport()
    assert done.returncode == 2 and "usage: sallyport COMMAND" in done.stdout


# ---- wrong words ----


@pytest.mark.parametrize(
    "args, said",
    [
        (["chekc"], "did you mean check?"),
        (["key", "crate", "desk"], "did you mean create?"),
        (["key", "list", "--jsn"], "did you mean --json?"),
        (["help", "explian"], "did you mean explain?"),
        (["zzzzzzzz"], "unknown command: zzzzzzzz"),
        (["key"], "create|list|revoke"),
        (["key", "create"], "something is missing"),
        (["key", "create", "a", "b"], "too many words: b"),
        (["key", "list", "--state"], "needs a value"),
        (["key", "list", "--json=1"], "takes no value"),
        (["key", "revoke", "nothex", "--reason", "x"], "16 hex digits"),
        (["explain", "0" * 31], "32 hex digits"),
        (["explain"], "either the id of a request, or --as"),
        (["completion", "fish"], "no such shell: fish"),
    ],
)
def test_wrong_words_are_named_and_nothing_is_done(args, said, tmp_path):
    done = sallyport(*args, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("sallyport: ") and said in done.stderr and done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_what_a_caller_typed_cannot_write_to_the_terminal():
    done = sallyport("\x1b[2Jx")
    assert "\x1b" not in done.stderr and "\\x1b[2Jx" in done.stderr


# ---- version, completion, manual ----


def test_version():
    assert re.fullmatch(r"sallyport \d+\.\d+\.\d+\n", sallyport("version").stdout)
    assert json.loads(sallyport("version", "--json").stdout)["version"] in sallyport("--version").stdout


def test_bash_completion_offers_commands_subcommands_and_options(tmp_path):
    script = tmp_path / "completion.bash"
    script.write_text(sallyport("completion", "bash").stdout)

    def complete(*words):
        quoted = " ".join(f"'{w}'" for w in words)
        code = f"""source {script}; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}
        _sallyport; printf '%s\\n' "${{COMPREPLY[@]}}\""""
        return subprocess.check_output(["bash", "-c", code], text=True, cwd=tmp_path).split()

    assert complete("sallyport", "re") == ["reload", "resume"]
    assert complete("sallyport", "key", "") == ["create", "list", "revoke", "--help"]
    assert complete("sallyport", "key", "create", "--exp") == ["--expires"]
    assert complete("sallyport", "run", "--mod") == ["--module"]


def test_zsh_completion_names_every_command():
    text = sallyport("completion", "zsh").stdout
    assert text.startswith("#compdef sallyport")
    assert all(f"'{command}:" in text for command in COMMANDS)


@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_manual_pages_come_from_the_table_and_are_in_the_folder(command):
    page = sallyport("help", "--man", *([command] if command else []))
    name = f"sallyport-{command}.1" if command else "sallyport.1"
    kept = BUILD.parents[0 if BUILD.name == "build" else 1] / "docs" / "man" / name
    assert page.returncode == 0 and ".SH NAME" in page.stdout
    assert kept.read_text() == page.stdout, "write it anew: sallyport help --man " + (command or "")


TEXT = "Grüße an anna.weber@example.org,\nIBAN DE89 3704 0044 0532 0130 00 – bitte."

# ---- explain, before anything runs ----


@pytest.fixture
def file(tmp_path, cloud):
    path = tmp_path / "sallyport.yaml"
    config = lib_config.base(cloud)
    config.update(listen={"address": "127.0.0.1:18999"}, state=str(tmp_path / "state"))
    lib_config.write(path, config)
    return path


def ask(text, model="assistant"):
    return json.dumps({"model": model, "messages": [{"role": "user", "content": text}]})


def test_explain_decides_offline(file):
    done = sallyport("explain", "--as", "desk", "--json", "-c", file, input=ask("Hello " + TEXT))
    record = json.loads(done.stdout)["records"][0]
    assert done.returncode == 0 and record["destination"] == "local" and record["outcome"] == "reroute"
    assert [c["reason"] for c in record["candidates"]] == ["flow", "taken"]
    assert {a["kind"] for a in record["atoms"] if a["source"] == "detector"} == {"email", "iban"}
    assert not (file.parent / "state").exists()


def test_explain_says_what_would_be_refused_and_why(file):
    done = sallyport("explain", "--as", "desk", "-c", file, input=ask(TEXT, "cloud-only"))
    assert done.returncode == 1
    assert "no_destination_cleared" in done.stdout and "does not flow there, by its level" in done.stdout
    assert "found: iban (financial, confidential) in messages[0].content, bytes" in done.stdout
    assert "Models that could take it" in done.stdout


@pytest.mark.parametrize(
    "body, said", [("{}", "missing"), ('{"a":1,"a":2}', "repeats a key"), ("", "no request")]
)
def test_explain_refuses_what_the_gateway_refuses(file, body, said):
    done = sallyport("explain", "--as", "desk", "-c", file, input=body)
    assert done.returncode == 1 and said in done.stderr


def test_explain_needs_an_application_that_exists(file):
    done = sallyport("explain", "--as", "dekk", "-c", file, input=ask("x"))
    assert done.returncode == 1 and "no such application" in done.stderr


# ---- the place of a run ----


def test_a_file_that_is_not_there(tmp_path):
    for command in (["run"], ["reload"], ["key", "list"], ["check"]):
        done = sallyport(*command, cwd=tmp_path)
        assert done.returncode == 1 and "sallyport.yaml" in done.stderr + done.stdout, command
    assert list(tmp_path.iterdir()) == []


def test_a_state_that_is_not_there(file):
    done = sallyport("explain", "0" * 32, "-c", file)
    assert done.returncode == 1 and "there is no state folder" in done.stderr


def test_run_says_everything_that_is_wrong_with_a_file(file):
    file.write_text(
        file.read_text().replace("tier: cloud", "tier: clowd").replace("level: public", "levle: public")
    )
    done = sallyport("run", "-c", file)
    assert done.returncode == 1
    assert len(re.findall(rf"^{re.escape(str(file))}:\d+:\d+: error: ", done.stderr, re.MULTILINE)) >= 3
    assert '"cloud"' in done.stderr and '"level"' in done.stderr
    assert not (file.parent / "state").exists()


def test_run_names_the_credential_that_is_not_set(file):
    done = sallyport("run", "-c", file, env={"PATH": "/usr/bin:/bin"})
    assert done.returncode == 1
    assert "destinations.cloud.credential: env:TEST_CLOUD_KEY is not set" in done.stderr


# ---- explain, with a run ----


def test_explain_tells_what_is_recorded(gateway):
    server = gateway()
    answer = server.openai().chat.completions.with_raw_response.create(
        model="assistant", messages=[{"role": "user", "content": TEXT}]
    )
    request_id = answer.headers["x-sallyport-request-id"]
    records = server.explain(request_id)["records"]
    assert [r["kind"] for r in records] == ["intent", "outcome"]
    text = server.cli("explain", request_id).stdout
    for part in (
        request_id,
        "application desk",
        "found: iban",
        "cloud [cloud]: passed over",
        "local [self-hosted]: taken",
        "HTTP 200",
    ):
        assert part in text, text


def test_explain_does_not_know_what_never_was(gateway):
    done = gateway().cli("explain", "f" * 32, check=False)
    assert done.returncode == 1 and "no record of this request" in done.stderr
