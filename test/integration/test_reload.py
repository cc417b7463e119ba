"""Reload: new requests by the new file, no stream cut; a bad file changes nothing and says why."""

import json
import os
import re
import signal
import subprocess
import threading
import time

import pytest


def models(server):
    return {m.id for m in server.openai().models.list().data}


def with_model(server, name, destinations):
    """The file of a running gateway with one model more, for the desk."""
    text = server.file.read_text()
    text = text.replace(
        "models:\n  assistant:",
        f"models:\n  {name}:\n    destinations: {json.dumps(destinations)}\n  assistant:",
    )
    return re.sub(r"(  desk:\n    use_case: helpdesk\n    models:\n)", rf"\1    - {name}\n", text)


def generation(server):
    return server.explain(ask(server))["records"][0]["generation"]


def ask(server, model="assistant"):
    raw = server.openai().chat.completions.with_raw_response.create(
        model=model, messages=[{"role": "user", "content": "Hello"}]
    )
    return raw.headers["x-sallyport-request-id"]


def test_a_new_model_is_there_when_the_command_ends(gateway):
    server = gateway()
    before = generation(server)
    assert "fresh" not in models(server)
    server.configure(with_model(server, "fresh", ["cloud"]))
    done = server.cli("reload")
    assert re.search(r"generation \d+ serves", done.stdout)
    assert "fresh" in models(server)
    assert server.explain(ask(server, "fresh"))["records"][0]["destination"] == "cloud"
    assert generation(server) > before


def test_a_new_destination_is_there_when_the_command_ends(gateway):
    server = gateway()
    text = with_model(server, "fresh", ["second"])
    cloud = re.search(r"  cloud:\n((?:    .*\n)+)", text).group(1)
    server.configure(
        text.replace("destinations:\n  cloud:\n", f"destinations:\n  second:\n{cloud}  cloud:\n", 1)
    )
    done = server.cli("reload")
    assert "with new workers" in done.stdout
    for _ in range(20):
        assert server.explain(ask(server, "fresh"))["records"][0]["destination"] == "second"


def test_a_bad_file_changes_nothing_and_says_everything(gateway):
    server = gateway()
    before = {f: f.read_bytes() for f in (server.state / "nginx.conf", server.state / "accepted.yaml")}
    good, models_before = server.file.read_text(), models(server)
    server.configure(with_model(server, "fresh", ["clod"]).replace("level: public", "level: pubic", 1))
    done = server.cli("reload", check=False)
    assert done.returncode == 1
    assert re.search(rf'{re.escape(str(server.file))}:\d+:\d+: error: .*"clod"', done.stderr)
    assert re.search(rf'{re.escape(str(server.file))}:\d+:\d+: error: .*"pubic"', done.stderr)
    assert '"cloud"' in done.stderr and '"public"' in done.stderr
    assert models(server) == models_before and ask(server)
    assert {f: f.read_bytes() for f in before} == before
    server.configure(good)
    assert server.cli("reload").returncode == 0


def test_what_only_nginx_can_refuse_changes_nothing(gateway, tmp_path):
    """A certificate file that is there but is none."""
    server = gateway()
    bad = tmp_path / "bad.pem"
    bad.write_text("this is no certificate\n")
    text = server.file.read_text()
    server.configure(
        with_model(server, "fresh", ["cloud"]).replace(
            "listen:\n", f"listen:\n  tls: {{certificate: {bad}, key: {bad}}}\n", 1
        )
    )
    before = (server.state / "nginx.conf").read_bytes()
    done = server.cli("reload", check=False)
    assert done.returncode == 1 and "nginx refuses it" in done.stderr and "bad.pem" in done.stderr
    assert (server.state / "nginx.conf").read_bytes() == before
    assert "fresh" not in models(server)
    server.configure(text)
    assert server.cli("reload").returncode == 0


def test_a_port_that_is_taken_goes_back_to_what_was(gateway):
    """nginx finds out only when it tries: the old workers stay, and so does the old configuration."""
    server, other = gateway(unclean=True), gateway()
    text = with_model(server, "fresh", ["cloud"]).replace(
        f"127.0.0.1:{server.port}", f"127.0.0.1:{other.port}"
    )
    before = (server.state / "nginx.conf").read_bytes()
    server.configure(text)
    done = server.cli("reload", check=False)
    assert done.returncode == 1 and "Address already in use" in done.stderr
    assert (server.state / "nginx.conf").read_bytes() == before
    assert "fresh" not in models(server) and ask(server)


def test_a_credential_that_is_missing_changes_nothing(gateway):
    server = gateway()
    server.configure(server.file.read_text().replace("env:TEST_CLOUD_KEY", "env:NOBODY_HAS_SET_IT", 1))
    done = server.cli("reload", check=False)
    assert done.returncode == 1 and "NOBODY_HAS_SET_IT is not set" in done.stderr
    assert ask(server)


def test_a_credential_of_a_file_is_read_again(gateway, cloud, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("wrong\n")
    secret.chmod(0o600)
    server = gateway(changes={"destinations": {"cloud": {"credential": f"file:{secret}"}}})
    body = {"model": "cloud-only", "messages": [{"role": "user", "content": "Hello"}]}
    assert (
        server.post("/v1/chat/completions", body, key=server.key())[0] == 502
    ), "the provider's 401 is our 502"
    secret.write_text(cloud.key + "\n")
    server.cli("reload")
    assert server.post("/v1/chat/completions", body, key=server.key())[0] == 200


def test_a_stream_over_a_reload_is_not_cut(gateway, cloud):
    server = gateway()
    words = [f"word{i} " for i in range(40)]
    cloud.always(pieces=words, text="".join(words), pause_ms=100)
    got, end = [], {}

    def read():
        stream = server.openai().chat.completions.create(
            model="assistant", stream=True, messages=[{"role": "user", "content": "Hello"}]
        )
        for chunk in stream:
            if chunk.choices:
                got.append(chunk.choices[0].delta.content or "")
                end["finish"] = chunk.choices[0].finish_reason or end.get("finish")

    reader = threading.Thread(target=read)
    server.key()
    reader.start()
    while len(got) < 5:
        time.sleep(0.05)
        assert reader.is_alive() or got
    server.configure(with_model(server, "fresh", ["cloud"]) + "\nlimits: {body: 4MiB}\n")
    done = server.cli("reload")
    assert "with new workers" in done.stdout
    assert reader.is_alive(), "the stream went on while nginx was reloaded"
    assert "fresh" in models(server)
    reader.join(30)
    assert "".join(got) == "".join(words) and end["finish"] == "stop"


def test_many_reloads_under_load_lose_no_request(gateway):
    server = gateway()
    server.key()
    statuses, is_over = [], threading.Event()

    def load():
        while not is_over.is_set():
            body = {"model": "assistant", "messages": [{"role": "user", "content": "Hello"}]}
            statuses.append(server.post("/v1/chat/completions", body, key=server.key())[0])

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for i in range(4):
        text = re.sub(r"\nlimits: .*\n", "\n", server.file.read_text())
        server.configure(text.rstrip("\n") + f"\nlimits: {{body: {i + 1}MiB}}\n")
        server.cli("reload")
    is_over.set()
    for thread in threads:
        thread.join(30)
    assert len(statuses) > 20 and set(statuses) == {200}


def test_a_signal_does_the_same(gateway):
    server = gateway()
    good = with_model(server, "fresh", ["cloud"])
    server.configure(good)
    server.process.child.send_signal(signal.SIGHUP)
    end = time.monotonic() + 10
    while "fresh" not in models(server):
        assert time.monotonic() < end, server.all_logs()
        time.sleep(0.05)
    server.file.write_text("version: 1\nnonsense: 2\n")
    server.process.child.send_signal(signal.SIGHUP)
    while "nothing was changed" not in server.process.output():
        assert time.monotonic() < end, server.process.output()
        time.sleep(0.05)
    assert f"{server.file}:2:1: error" in server.process.output()
    assert "fresh" in models(server)
    server.configure(good)


def test_reload_without_a_run_says_so(gateway):
    server = gateway(start=False)
    server.cli("key", "list")
    done = server.cli("reload", check=False)
    assert done.returncode == 1 and "no `sallyport run` serves this state folder" in done.stderr


def test_a_number_never_gets_another_name(gateway):
    server = gateway(changes={"categories": {"reactor-design": 32}})
    text = server.file.read_text()
    server.configure(text.replace("reactor-design: 32", "turbine-design: 32"))
    done = server.cli("reload", check=False)
    assert done.returncode == 1
    assert re.search(
        r"sallyport\.yaml:\d+:\d+: error: \"turbine-design\" cannot have number 32, .*\"reactor-design\"",
        done.stderr,
    )
    server.configure(text.replace("reactor-design: 32", "reactor-design: 33"))
    done = server.cli("reload", check=False)
    assert done.returncode == 1 and "has another number" in done.stderr
    server.configure(text)
    assert server.cli("reload").returncode == 0


@pytest.mark.parametrize("again", [1, 2])
def test_a_daemon_that_starts_again_serves_what_was_accepted(gateway, again):
    """Not what lies in the file by then."""
    server = gateway()
    server.file.write_text(with_model(server, "fresh", ["cloud"]) if again == 1 else "nonsense: 1\n")
    said = subprocess.check_output(
        ["ps", "--no-headers", "-o", "pid,args", "--ppid", str(server.process.pid)], text=True
    )
    daemon = next(int(line.split()[0]) for line in said.splitlines() if "sallyportd" in line)
    good = (server.state / "accepted.yaml").read_text()
    os.kill(daemon, signal.SIGKILL)
    end = time.monotonic() + 10
    while "is started again" not in server.process.output():
        assert time.monotonic() < end
        time.sleep(0.05)
    time.sleep(1.5)
    assert "fresh" not in models_of_key(server, good)
    server.file.write_text(good)


def models_of_key(server, good):
    """The models that a key made now may use; the file is good while the command reads it."""
    now = server.file.read_text()
    server.file.write_text(good)
    key = server.new_key("desk")
    server.file.write_text(now)
    return {m["id"] for m in json.loads(server.get("/v1/models", key=key)[2])["data"]}
