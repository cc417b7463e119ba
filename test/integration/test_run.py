"""A run: what it says, who ends it, what happens when a process dies, or its clock or files are wrong."""

import http.client
import json
import os
import re
import signal
import sqlite3
import subprocess
import threading
import time

import pytest

import lib_config
from lib_gateway import KEY, free_port
from lib_servers import BUILD

GRACE_S = 10


def ask(server, model="assistant", text="Hello"):
    body = {"model": model, "messages": [{"role": "user", "content": text}]}
    return server.post("/v1/chat/completions", body, key=server.key())


def wait_until(condition, timeout_s, say=lambda: ""):
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, say()
        time.sleep(0.05)


def test_a_second_run_on_the_same_state_refuses(gateway):
    server = gateway()
    done = subprocess.run(
        [BUILD / "sallyport", "run", "-c", server.file],
        capture_output=True,
        text=True,
        timeout=20,
        env=server.env,
    )
    assert done.returncode == 1 and "another `sallyport run` uses this state folder" in done.stderr
    assert server.get("/readyz")[0] == 200


def test_run_says_where_it_listens_and_how_to_go_on(gateway):
    server = gateway()
    said = server.process.output()
    assert f"listening on http://127.0.0.1:{server.port}\n" in said
    assert "sallyport key create APPLICATION" in said and "desk, reader, legal" in said


def test_a_port_that_is_taken_is_named(gateway):
    first, second = gateway(), gateway(start=False, unclean=True)
    second.port = first.port
    second.configure(lib_config.base(first_cloud(first)))
    second.start(wait=False)
    assert second.process.child.wait(30) == 1
    assert "Address already in use" in second.process.output()
    second.process = None


def first_cloud(server):
    """The upstream as the first gateway's file names it."""
    url = re.search(r"base_url: (http://127\.0\.0\.1:\d+)", server.file.read_text()).group(1)
    return type("Upstream", (), {"url": url})()


def children_of(server):
    """Process ids of the supervisor's children, by name."""
    run, found = server.process.pid, {}
    try:
        with open(f"/proc/{run}/task/{run}/children", encoding="ascii") as file:
            pids = [int(pid) for pid in file.read().split()]
    except OSError:
        return found  # the supervisor has ended
    for pid in pids:
        try:
            program = os.path.basename(os.readlink(f"/proc/{pid}/exe"))
        except OSError:
            continue  # so has this one
        found["daemon" if program == "sallyportd" else "nginx"] = pid
    return found


@pytest.mark.parametrize("name", ["daemon", "nginx"])
def test_who_dies_is_started_again(gateway, name):
    server = gateway()
    before = children_of(server)
    with open(f"/proc/{before[name]}/task/{before[name]}/children", encoding="ascii") as file:
        workers = file.read().split()
    os.kill(before[name], signal.SIGKILL)
    wait_until(lambda: children_of(server).get(name, before[name]) != before[name], 15, server.all_logs)
    wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in workers), 15, server.all_logs)
    server.wait_ready()
    assert server.new_key("desk")
    answer = server.openai().chat.completions.create(
        model="assistant", messages=[{"role": "user", "content": "Hello"}]
    )
    assert answer.choices[0].message.content
    assert KEY.search(server.key("desk"))
    assert "was ended by signal 9" in server.process.output()


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_nobody_is_left_behind_when_the_supervisor_is_killed(gateway):
    server = gateway(unclean=True)
    children = children_of(server)
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.child.wait()
    server.process = None
    wait_until(lambda: not any(is_alive(pid) for pid in children.values()), 15)
    server.start()
    assert server.get("/readyz")[0] == 200


# ---- the end ----


class Stream(threading.Thread):
    """Reads one streamed answer to its end, or to where it is cut."""

    def __init__(self, server):
        super().__init__()
        self.server, self.text, self.error, self.request_id = server, b"", None, None
        self.key = server.key()
        self.start()
        wait_until(lambda: b"word3" in self.text, 10)

    def run(self):
        body = {"model": "assistant", "stream": True, "messages": [{"role": "user", "content": "Hello"}]}
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        headers = {"content-type": "application/json", "authorization": "Bearer " + self.key}
        connection.request("POST", "/v1/chat/completions", json.dumps(body), headers)
        response = connection.getresponse()
        self.request_id = response.getheader("x-sallyport-request-id")
        try:
            while piece := response.read1(65536):
                self.text += piece
        except (OSError, http.client.HTTPException) as error:
            self.error = error
        connection.close()


def slow_words(cloud, n, pause_ms):
    words = [f"word{i} " for i in range(n)]
    cloud.always(pieces=words, text="".join(words), pause_ms=pause_ms)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_answer_under_way_may_finish(gateway, cloud, number):
    server = gateway()
    slow_words(cloud, 30, 100)
    stream = Stream(server)
    server.process.child.send_signal(number)
    stream.join(20)
    assert stream.error is None and stream.text.endswith(b"data: [DONE]\n\n") and b"word29" in stream.text
    assert server.process.child.wait(10) == 0


def test_an_answer_that_takes_too_long_is_cut_and_recorded(gateway, cloud):
    """nginx calls it an alert to end at once while connections are open; nothing else may be one."""
    server = gateway(unclean=True)
    slow_words(cloud, 1000, 100)
    stream = Stream(server)
    begin = time.monotonic()
    server.process.child.send_signal(signal.SIGTERM)
    assert server.process.child.wait(GRACE_S + 8) == 0
    assert time.monotonic() - begin >= GRACE_S - 1
    stream.join(10)
    assert b"[DONE]" not in stream.text and "answers still under way are cut" in server.process.output()
    alerts = re.findall(r"\[(?:alert|crit|emerg)\] .*", server.all_logs())
    assert all(re.search(r"open socket #\d+ left in connection|aborting$", line) for line in alerts), alerts
    server.start()
    kinds = [kind for kind, _ in server.record_kinds(stream.request_id)]
    assert kinds[0] == "intent" and kinds[-1] in ("outcome", "loss")
    server.verify()


def test_a_nginx_that_does_not_stay_alive_ends_the_run(gateway):
    server = gateway(unclean=True)

    def kill_again():
        pid = children_of(server).get("nginx")
        if pid:
            os.kill(pid, signal.SIGKILL)
        return server.process.child.poll() is not None

    wait_until(kill_again, 60, server.all_logs)
    assert server.process.child.returncode == 1
    assert "nginx does not stay alive" in server.process.output()
    server.process = None  # it has ended


# ---- the daemon is away ----


def test_without_the_daemon_requests_go_on_until_the_snapshot_expires(gateway, cloud):
    server = gateway(changes={"limits": {"snapshot_life": "10s"}})
    assert ask(server)[0] == 200
    daemon = children_of(server)["daemon"]
    os.kill(daemon, signal.SIGSTOP)
    try:
        assert ask(server)[0] == 200
        wait_until(lambda: ask(server)[0] != 200, 15)
        cloud.reset()
        status, _, body = ask(server)
        assert status == 503 and json.loads(body)["error"]["code"] == "snapshot_expired"
        assert server.get("/readyz")[0] == 503 and cloud.seen() == []
    finally:
        os.kill(daemon, signal.SIGCONT)
    wait_until(lambda: ask(server)[0] == 200, 5)


def test_a_snapshot_is_made_anew_before_it_expires(gateway):
    server = gateway(changes={"limits": {"snapshot_life": "10s"}})
    server.key()
    end = time.monotonic() + 13
    while time.monotonic() < end:
        assert server.get("/readyz")[0] == 200
        time.sleep(0.2)
    assert ask(server)[0] == 200


def test_generations_rise_over_runs(gateway):
    server = gateway()
    seen = []
    for _ in range(2):
        status, headers, _ = ask(server)
        assert status == 200
        seen.append(server.explain(headers["x-sallyport-request-id"])["records"][0]["generation"])
        server.stop()
        server.start()
    assert seen[1] > seen[0] > 0


# ---- what is wrong with the state ----


def refuses(server, *said):
    server.start(wait=False)
    assert server.process.child.wait(30) == 1, server.all_logs()
    for text in said:
        assert text in server.process.output()
    server.process = None


def test_a_clock_that_was_set_back_is_not_believed(gateway):
    server = gateway(start=False, unclean=True)
    server.cli("key", "list")
    with sqlite3.connect(server.state / "state.db") as db:
        db.execute("UPDATE meta SET value = ? WHERE name = 'clock'", (int(time.time()) + 3600,))
    refuses(server, "clock is more than 5 minutes behind")


def test_a_seal_key_that_is_gone_is_not_replaced(gateway):
    server = gateway(unclean=True)
    server.stop()
    (server.state / "seal.key").unlink()
    refuses(server, "seal.pub is there but seal.key is not")
    assert not (server.state / "seal.key").exists()


def test_a_state_of_a_later_version_is_refused(gateway):
    server = gateway(start=False, unclean=True)
    server.cli("key", "list")
    with sqlite3.connect(server.state / "state.db") as db:
        db.execute("PRAGMA user_version = 99")
    refuses(server, "made by another version of sallyport")


def test_a_state_that_is_a_file_is_refused(gateway):
    server = gateway(start=False, unclean=True)
    server.state.write_text("not a folder")
    refuses(server, str(server.state), "name another state folder")


def test_a_module_that_is_not_there_is_named(gateway):
    server = gateway(start=False, unclean=True)
    server.env["SALLYPORT_MODULE"] = "/nonexistent/module.so"
    refuses(server, "the nginx module is not there: /nonexistent/module.so")


# ---- names ----


def test_a_destination_may_be_a_name(gateway, cloud):
    url = cloud.url.replace("127.0.0.1", "localhost") + "/v1"
    server = gateway(changes={"destinations": {"cloud": {"base_url": url}}})
    assert ask(server, "cloud-only")[0] == 200


def test_a_destination_whose_name_has_no_address_is_passed_over(gateway):
    changes = {"base_url": "https://no-such-host.invalid/v1"}
    server = gateway(changes={"destinations": {"cloud": changes}})
    status, headers, _ = ask(server)
    assert status == 200 and headers["x-sallyport-destination"] == "local"
    record = server.explain(headers["x-sallyport-request-id"])["records"][0]
    assert record["candidates"][0]["reason"] == "address"
    assert ask(server, "cloud-only")[0] in (502, 503)


# ---- status ----


def status_of(server):
    """(exit code, what it says as JSON, what it says to people)."""
    plain, told = (server.cli("status", *more, check=False) for more in ([], ["--json"]))
    assert plain.returncode == told.returncode
    return told.returncode, json.loads(told.stdout), plain.stdout


def test_status_says_what_is_there(gateway):
    server = gateway()
    assert ask(server)[0] == 200
    code, seen, text = status_of(server)
    assert code == 0 and seen["ok"] and seen["gateway"] == "ready" and seen["running"] and seen["daemon"]
    assert seen["workers"] == seen["obeying"] == 1 and seen["good_for_s"] > 60 and seen["paused"] == []
    assert {d["state"] for d in seen["destinations"]} == {"ready"}
    assert seen["segments"] >= 1 and seen["ledger_bytes"] > 0 and seen["disk_left_bytes"] > 0
    assert f"ready at 127.0.0.1:{server.port}" in text and "paused        nothing" in text
    server.cli("pause", "destination", "cloud", "--reason", "drill")
    code, seen, text = status_of(server)
    assert code == 0 and seen["paused"] == ["destination cloud"] and "destination cloud" in text


def test_status_says_what_is_away(gateway):
    server = gateway()
    daemon = children_of(server)["daemon"]
    os.kill(daemon, signal.SIGSTOP)
    code, seen, text = status_of(server)
    os.kill(daemon, signal.SIGCONT)
    assert code == 1 and not seen["ok"] and not seen["daemon"] and seen["gateway"] == "ready"
    assert "daemon        away" in text
    current = server.state / "stops" / "current"
    whole = current.read_bytes()
    current.write_bytes(b"nonsense")
    wait_until(lambda: ask(server)[0] == 503, 5)
    code, seen, text = status_of(server)
    assert code == 1 and seen["gateway"] == "not-ready" and seen["paused"] is None and "refuses requests" in text
    current.write_bytes(whole)


def test_status_says_that_nothing_runs_and_what_to_do(gateway):
    server = gateway()
    assert "not running" not in status_of(server)[2]
    server.stop()
    code, seen, text = status_of(server)
    assert code == 1 and seen["gateway"] == "away" and not seen["running"] and not seen["daemon"]
    assert {d["state"] for d in seen["destinations"]} == {"unknown"}
    assert re.search(r"^gateway +not running \(start it with `sallyport run`\): nobody answers at", text, re.MULTILINE)
    assert re.search(r"^daemon +not running$", text, re.MULTILINE)


@pytest.mark.parametrize("without_daemon", [False, True])
def test_a_run_whose_gateway_does_not_answer_is_not_advised_to_start(gateway, without_daemon):
    """Where the file says another port than the one that it was started with, and its daemon hangs."""
    server = gateway()
    daemon = children_of(server)["daemon"]
    server.file.write_text(server.file.read_text().replace(f":{server.port}", f":{free_port()}", 1))
    if without_daemon:
        os.kill(daemon, signal.SIGSTOP)
    code, seen, text = status_of(server)
    os.kill(daemon, signal.SIGCONT)
    assert code == 1 and seen["gateway"] == "away" and seen["running"] and seen["daemon"] is not without_daemon
    assert "nobody answers at" in text and "not running" not in text
