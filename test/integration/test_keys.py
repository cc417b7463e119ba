"""Keys: shown once, stored as hashes, revoked within a second; no credential lies anywhere in the state."""

import json
import re
import sqlite3
import stat
import subprocess
import time

import pytest

import lib_privilege
from lib_gateway import KEY
from lib_servers import BUILD

REVOKED_S = 1.0


def chat(server, key, text="Hello"):
    return server.post(
        "/v1/chat/completions",
        {"model": "assistant", "messages": [{"role": "user", "content": text}]},
        key=key,
    )


def key_id(key):
    return key.split("_")[1]


def test_a_key_works_at_once_in_both_headers(gateway):
    server = gateway()
    key = KEY.search(server.cli("key", "create", "desk").stdout).group()
    assert chat(server, key)[0] == 200
    status, _, body = server.post(
        "/v1/messages",
        {"model": "claude", "max_tokens": 10, "messages": [{"role": "user", "content": "Hello"}]},
        headers={"x-api-key": key, "anthropic-version": "2023-06-01"},
    )
    assert status == 200, body


def test_only_the_key_is_on_standard_output(gateway):
    server = gateway(start=False)
    done = server.cli("key", "create", "desk")
    assert KEY.fullmatch(done.stdout.strip()) and done.stderr == ""


def test_a_revoked_key_is_refused_within_a_second(gateway):
    server = gateway()
    key = server.new_key("desk")
    assert chat(server, key)[0] == 200
    begin = time.monotonic()
    server.cli("key", "revoke", key_id(key), "--reason", "test")
    while chat(server, key)[0] != 401:
        assert time.monotonic() - begin < REVOKED_S
    assert time.monotonic() - begin < REVOKED_S
    assert json.loads(chat(server, key)[2])["error"]["code"] == "key_invalid"
    assert chat(server, server.new_key("desk"))[0] == 200, "another key of the application still works"


def test_a_revocation_written_by_hand_into_the_database_is_seen_as_well(gateway):
    """As when the command could not reach the daemon: it looks by itself."""
    server = gateway()
    key = server.new_key("desk")
    with sqlite3.connect(server.state / "state.db") as db:
        db.execute(
            "UPDATE keys SET revoked_s = 1, reason = 'by hand' WHERE hex(id) = ?", (key_id(key).upper(),)
        )
    begin = time.monotonic()
    while chat(server, key)[0] != 401:
        assert time.monotonic() - begin < REVOKED_S


def test_keys_work_without_a_running_gateway(gateway):
    server = gateway(start=False)
    first, second = (KEY.search(server.cli("key", "create", "desk").stdout).group() for _ in range(2))
    server.cli("key", "revoke", key_id(second), "--reason", "never used")
    server.start()
    assert chat(server, first)[0] == 200 and chat(server, second)[0] == 401


def test_the_list_shows_everything_but_secrets(gateway):
    server = gateway(start=False)
    made = KEY.search(
        server.cli("key", "create", "desk", "--expires", "90d", "--note", "Anna's laptop").stdout
    ).group()
    server.cli("key", "create", "legal")
    server.cli("key", "revoke", made, "--reason", "lost")
    keys = server.cli_json("key", "list")["keys"]
    by_application = {k["application"]: k for k in keys}
    desk = by_application["desk"]
    assert (desk["id"], desk["state"], desk["note"], desk["reason"]) == (
        key_id(made),
        "revoked",
        "Anna's laptop",
        "lost",
    )
    assert desk["expires"] > desk["created"] and by_application["legal"]["expires"] is None
    plain = server.cli("key", "list").stdout
    for text in (json.dumps(keys), plain):
        assert key_id(made) in text and made not in text and not re.search(r"[0-9a-f]{64}", text)


def test_an_expired_key_is_refused(gateway):
    server = gateway()
    key = KEY.search(server.cli("key", "create", "desk", "--expires", "2s").stdout).group()
    assert chat(server, key)[0] == 200
    time.sleep(2.2)
    assert chat(server, key)[0] == 401
    assert server.cli_json("key", "list")["keys"][-1]["state"] == "expired"


@pytest.mark.parametrize(
    "args, code, said",
    [
        (["create", "dekk"], 1, "did you mean desk?"),
        (["create", "desk", "--expires", "soon"], 2, "not a span of time"),
        (["create", "desk", "--note", "a\nb"], 2, "one line"),
        (["revoke", "0" * 16, "--reason", "x"], 1, "no key with this id"),
        (["revoke", "0" * 16], 2, "say why"),
    ],
)
def test_what_cannot_be_done_is_said(gateway, args, code, said):
    server = gateway(start=False)
    server.cli("key", "list")
    done = server.cli("key", *args, check=False)
    assert done.returncode == code and said in done.stderr


def test_a_key_is_revoked_once(gateway):
    server = gateway(start=False)
    key = KEY.search(server.cli("key", "create", "desk").stdout).group()
    server.cli("key", "revoke", key_id(key), "--reason", "first")
    done = server.cli("key", "revoke", key_id(key), "--reason", "second", check=False)
    assert done.returncode == 1 and "revoked before" in done.stderr
    assert server.cli_json("key", "list")["keys"][0]["reason"] == "first"


def test_a_key_can_stand_in_the_file(gateway):
    server = gateway(start=False)
    key, entry = server.cli("key", "create", "desk", "--print-entry").stdout.split()
    assert server.cli_json("key", "list")["keys"] == []
    text = server.file.read_text().replace("  desk:\n", f"  desk:\n    keys: ['{entry}']\n")
    server.configure(text)
    server.start()
    assert chat(server, key)[0] == 200


def test_no_key_and_no_credential_lies_in_the_state(gateway, cloud):
    server = gateway()
    keys = [server.new_key("desk"), server.new_key("legal")]
    for key in keys:
        assert chat(server, key, "My mail is anna.weber@example.org")[0] == 200
    server.cli("reload")
    assert chat(server, keys[0])[0] == 200
    secrets = [
        cloud.key.encode(),
        *(k.encode() for k in keys),
        *(k.split("_", 2)[2].rsplit("_", 1)[0].encode() for k in keys),
    ]
    files = [f for f in server.folder.rglob("*") if f.is_file()]
    assert {"state.db", "seal.key", "nginx.conf"} <= {f.name for f in files} and any(
        f.suffix == ".snap" for f in files
    )
    for file in files:
        content = file.read_bytes()
        for secret in secrets:
            assert secret not in content, f"{file} holds a secret"
    assert cloud.seen(), "the credential was used"


def test_nothing_of_the_state_is_for_others(gateway):
    server = gateway()
    chat(server, server.key())
    workers = lib_privilege.workers_group()
    for path in [server.state, *server.state.rglob("*")]:
        info = path.lstat()
        allowed = lib_privilege.group_bits(server.state, path) if info.st_gid == workers else 0
        assert stat.S_IMODE(info.st_mode) & 0o077 & ~allowed == 0, path


def test_children_do_not_get_the_environment(gateway, cloud):
    """The credential goes through a memory file; the environment of nginx and daemon holds none of it."""
    server = gateway()
    said = subprocess.check_output(
        ["ps", "--no-headers", "-o", "pid", "--ppid", str(server.process.pid)], text=True
    )
    pids = said.split()
    assert len(pids) == 2
    for pid in pids:
        with open(f"/proc/{pid}/environ", "rb") as f:
            assert cloud.key.encode() not in f.read()
        with open(f"/proc/{pid}/cmdline", "rb") as f:
            assert cloud.key.encode() not in f.read()


def test_a_key_with_one_wrong_character_is_refused(gateway):
    server = gateway()
    key = server.key()
    for at in (4, 25, len(key) - 1):
        other = "0" if key[at] != "0" else "1"
        assert chat(server, key[:at] + other + key[at + 1 :])[0] == 401


def test_the_program_prints_a_sentence_only_on_a_terminal(gateway):
    """`script` gives it a terminal."""
    server = gateway(start=False)
    command = f"{BUILD / 'sallyport'} key create desk -c {server.file}"
    said = subprocess.check_output(["script", "-qec", command, "/dev/null"], text=True, env=server.env)
    assert "only time that the key is shown" in said and KEY.search(said)
