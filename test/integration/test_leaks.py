"""No secret and no content is where it does not belong: each has a canary, the whole repertoire is run, and then disk,
logs, metrics, answers, process listings and the memory of every process are searched."""

import base64
import collections
import concurrent.futures
import json
import os
import re
import signal
import subprocess
import time

import pytest

import lib_config
from lib_client import PATHS, Stream
from lib_gateway import KEY
from lib_http2 import Http2
from lib_privilege import Processes
from lib_servers import ASAN, Cloud, call

ENV_CREDENTIAL = "canary-env-credential-5f1c2d"
FILE_CREDENTIAL = "canary-file-credential-a7e09b"
BODY = "canarybody4b1d"  # one word, so that no split of the answer hides it
ANSWER = "canaryanswer93ce"
HEADER = "canary-header-61aa"
QUERY = "canary-query-0d3b"
CONTENT = (BODY, ANSWER, HEADER, QUERY)


# name: path, model, body without its model.
OPERATIONS = {
    "chat": (PATHS["openai"], "assistant", {"messages": [{"role": "user", "content": BODY}]}),
    "messages": (PATHS["anthropic"], "claude", {"messages": [{"role": "user", "content": BODY}], "max_tokens": 9}),
    "completions": ("/v1/completions", "assistant", {"prompt": BODY}),
    "embeddings": ("/v1/embeddings", "assistant", {"input": BODY}),
    "count": ("/v1/messages/count_tokens", "claude", {"messages": [{"role": "user", "content": BODY}]}),
}
STREAMS = ("chat", "messages", "completions")


def secret_of(key):
    """The 43 characters behind the id; they may hold `_` themselves."""
    return key[20:63].encode()


def operate(server, name, key=None, **more):
    path, model, fields = OPERATIONS[name]
    own = {"content-type": "application/json", "authorization": "Bearer " + (key or server.key()), "x-canary": HEADER}
    own["anthropic-version"] = "2023-06-01"
    return call(server.port, "POST", path, {"model": model, **fields, **more}, own, ca=server.ca)


def ask(server, text=BODY, model="assistant", key=None, **more):
    body = {"model": model, "messages": [{"role": "user", "content": text}], **more}
    own = {"content-type": "application/json", "authorization": "Bearer " + (key or server.key())}
    return call(server.port, "POST", PATHS["openai"], body, {**own, "x-canary": HEADER}, ca=server.ca)


class Leaky:
    """A gateway with a canary in every secret, after its repertoire."""

    def __init__(self, gateways, folder, certificate):
        self.env_cloud = Cloud(folder / "env-cloud", key=ENV_CREDENTIAL)
        self.file_cloud = Cloud(folder / "file-cloud", key=FILE_CREDENTIAL)
        (folder / "credential").write_text(FILE_CREDENTIAL + "\n")
        (folder / "credential").chmod(0o600)
        config = lib_config.base(self.env_cloud)
        config["destinations"]["local"]["base_url"] = self.file_cloud.url + "/v1"
        config["destinations"]["local"]["credential"] = f"file:{folder / 'credential'}"
        config["limits"] = {"body": "64KiB", "answer": "64KiB"}
        config["listen"] = {"tls": {"certificate": str(certificate.cert), "key": str(certificate.key)}}
        self.server = gateways(config, env={lib_config.CLOUD_VARIABLE: ENV_CREDENTIAL}, start=False)
        self.server.ca = str(certificate.cert)
        self.config, self.tls_key = config, certificate.key.read_text()
        self.answers = []  # of requests that must not show content
        self.server.start()
        self.revoked = self.server.new_key("desk")
        self.server.cli("key", "revoke", self.revoked.split("_")[1], "--reason", "test")
        self.wrong = self.server.key()[:25] + "A" * 40 + self.server.key()[65:]
        self.expired = self.expire_a_key()
        steps = (self.succeed, self.be_refused, self.operate, self.speak_http2, self.fail, self.end_early)
        for step in (*steps, self.reload, self.crash):
            step()

    def expire_a_key(self):
        key = KEY.search(self.server.cli("key", "create", "desk", "--expires", "1s").stdout).group()
        end = time.monotonic() + 10
        while self.server.get("/v1/models", key=key)[0] != 401:
            assert time.monotonic() < end, "a key of one second serves for ten"
            time.sleep(0.1)
        return key

    @property
    def bad_keys(self):
        return (self.revoked, self.wrong, self.expired, "sp_" + BODY, BODY)

    def quiet(self, result):
        """Keeps an answer that must hold no content."""
        self.answers.append(json.dumps(result[1]).encode() + result[2])
        return result

    def succeed(self):
        for cloud in (self.env_cloud, self.file_cloud):
            cloud.always(text=ANSWER)
        assert ask(self.server)[0] == 200 and ask(self.server, model="local-only")[0] == 200
        stream = Stream(
            self.server, {"model": "assistant", "messages": [{"role": "user", "content": BODY}], "stream": True}
        )
        assert ANSWER.encode() in stream.all()

    def be_refused(self):
        server, path = self.server, PATHS["openai"]
        for key in self.bad_keys:
            assert self.quiet(ask(server, key=key))[0] == 401
        self.quiet(ask(server, model=BODY))
        self.quiet(ask(server, text=BODY, frobnicate=BODY))
        own = {"content-type": "application/json", "authorization": "Bearer " + server.key()}
        broken = (b"{" + BODY.encode(), b'{"a":1,"a":"%s"}' % BODY.encode(), b"\xff" + BODY.encode())
        for data in (*broken, BODY.encode() * 8000):
            self.quiet(call(server.port, "POST", path, data, own, ca=server.ca))
        for hostile in ("?x=" + QUERY, "/" + QUERY, "/../" + QUERY, "?api-version=" + QUERY):
            self.quiet(call(server.port, "POST", path + hostile, b"{}", own, ca=server.ca))
        for name, value in (("content-type", HEADER), ("content-encoding", HEADER), ("host", HEADER + ".example")):
            self.quiet(call(server.port, "POST", path, b"{}", {**own, name: value}, ca=server.ca))

    def operate(self):
        """Each operation: answered, streamed, refused in three ways, and failed."""
        server = self.server
        for name in OPERATIONS:
            assert operate(server, name)[0] == 200
            for key in self.bad_keys:
                assert self.quiet(operate(server, name, key=key))[0] == 401
            assert self.quiet(operate(server, name, frobnicate=BODY))[0] == 403
            assert self.quiet(operate(server, name, model=BODY))[0] == 404
            assert self.quiet(operate(server, name, model={BODY: BODY}))[0] == 400
        for name in STREAMS:
            assert ANSWER.encode() in operate(server, name, stream=True)[2]
        for answer in ({"status": 500, "error": {"message": ANSWER}}, {"body": "{" + ANSWER}, {"drop_before_head": True}):
            self.env_cloud.always(**answer)
            for name in OPERATIONS:
                operate(server, name)
        self.env_cloud.always(text=ANSWER)

    def speak_http2(self):
        """All on one connection: answered, streamed, refused, given up in the middle."""
        client = Http2(self.server)
        fields = {"model": "assistant", **OPERATIONS["chat"][2]}
        good = [client.ask({**fields, "stream": i % 2 == 0}, x_canary=HEADER) for i in range(6)]
        bad = [client.ask(fields, key=key, x_canary=HEADER) for key in self.bad_keys]
        bad += [client.ask(fields, PATHS["openai"] + "?x=" + QUERY), client.ask({**fields, "frobnicate": BODY})]
        client.until(lambda: client.ended >= {*good, *bad})
        assert {client.headers[i][":status"] for i in good} == {"200"}
        assert [client.headers[i][":status"] for i in bad[: len(self.bad_keys)]] == ["401"] * len(self.bad_keys)
        self.answers += [json.dumps(client.headers[i]).encode() + client.data.get(i, b"") for i in bad]
        self.env_cloud.always(text=" ".join([ANSWER] * 20), pause_ms=20)
        left = client.ask({**fields, "model": "cloud-only", "stream": True})
        client.until(lambda: left in client.data)
        client.sock.close()
        self.env_cloud.always(text=ANSWER)

    def fail(self):
        error = {"message": ANSWER, "type": "server_error"}
        for answer in (
            {"status": 500, "error": error},
            {"status": 401, "error": error},
            {"status": 302, "headers": {"location": "http://" + ANSWER}},
            {"body": "{" + ANSWER},
            {"text": ANSWER, "gzip": True},
            {"drop": "rst", "drop_before_head": True},
            {"drop": "fin", "drop_after": 1, "text": ANSWER},
        ):
            self.env_cloud.always(**answer)
            self.file_cloud.always(text="fine")
            ask(self.server)  # over to the other one, or an error body of the provider's, which is an answer
            ask(self.server, model="cloud-only")
        self.env_cloud.always(text=ANSWER)
        self.file_cloud.always(text=ANSWER)

    def end_early(self):
        self.env_cloud.always(text=" ".join([ANSWER] * 20), pause_ms=20)
        fields = {"model": "cloud-only", "messages": [{"role": "user", "content": BODY}], "stream": True}
        for _ in range(3):
            stream = Stream(self.server, fields)
            stream.step()
            stream.leave()
        self.env_cloud.always(text=ANSWER)

    def reload(self):
        self.config["limits"]["answer"] = "128KiB"
        self.server.configure(self.config)
        self.server.cli("reload")
        assert ask(self.server)[0] == 200

    def crash(self):
        # A sanitizer would take the first for a find of its own.
        for number in (signal.SIGSEGV, signal.SIGABRT)[bool(ASAN) :]:
            before = Processes(self.server).worker.pid
            os.kill(before, number)
            end = time.monotonic() + 20
            while before in [w.pid for w in Processes(self.server).workers] or not Processes(self.server).workers:
                assert time.monotonic() < end
                time.sleep(0.05)
            self.server.wait_ready()
            assert ask(self.server)[0] == 200

    def secrets(self):
        """name: the bytes that must not be found, in each form in which they might be."""
        seal = (self.server.state / "seal.key").read_bytes()
        lines = [x for x in self.tls_key.splitlines() if "-----" not in x]
        der = base64.b64decode("".join(lines))
        scalar = der[der.index(b"\x04\x20") + 2 :][:32]  # RFC 5915: the private key, an OCTET STRING of 32 bytes
        assert len(seal) == 32 and len(scalar) == 32
        return {
            "env credential": [ENV_CREDENTIAL.encode()],
            "file credential": [FILE_CREDENTIAL.encode()],
            "seal key": [seal, seal.hex().encode()],
            "TLS key": [lines[1].encode(), scalar],
            "API key": [secret_of(self.server.key())],
            "revoked key": [secret_of(self.revoked)],
            "wrong key": [b"A" * 40],
            "expired key": [secret_of(self.expired)],
        }

    def stop(self):
        self.env_cloud.stop()
        self.file_cloud.stop()


@pytest.fixture(scope="module")
def leaky(module_gateway, tmp_path_factory, certificate):
    # A worker that is killed is an alert; the loss of its last outcome is recorded at the next start.
    gateways, folder = module_gateway, tmp_path_factory.mktemp("leaks")
    made = Leaky(lambda *a, **k: gateways(*a, alarms=r"exited on signal (6|11)", **k), folder, certificate)
    yield made
    made.stop()


def content(text):
    return [c.encode() for c in CONTENT if c.encode() in text]


def found(secrets, text):
    return [name for name, forms in secrets.items() if any(form in text for form in forms)]


def test_disk_holds_no_secret_and_no_content(leaky):
    secrets = leaky.secrets()
    own = {"seal.key": "seal key"}
    for path in leaky.server.folder.rglob("*"):
        if not path.is_file():
            continue
        text = path.read_bytes()
        assert [n for n in found(secrets, text) if n != own.get(path.name)] == [], path
        assert content(text) == [], path


def test_no_core_and_no_temporary_file_is_left(leaky):
    names = [p.name for p in leaky.server.folder.rglob("*")]
    assert not [n for n in names if re.fullmatch(r"core(\.\d+)?|vgcore.*", n)]
    bodies = [p for d in leaky.server.state.glob("nginx-*") for p in d.rglob("*") if p.is_file()]
    assert not bodies


def test_answers_metrics_and_logs_quote_nothing(leaky):
    secrets = leaky.secrets()
    page = leaky.server.get("/metrics")[2]
    for text in (*leaky.answers, page, leaky.server.all_logs().encode()):
        assert found(secrets, text) == [] and content(text) == [], text[:300]


def test_listings_and_environments_show_nothing(leaky):
    secrets = leaky.secrets()
    for name, process in Processes(leaky.server).by_name().items():
        for part in ("cmdline", "environ", "comm"):
            text = process.bytes(part)
            assert found(secrets, text) == [] and content(text) == [], (name, part)
    listed = subprocess.check_output(["ps", "-eo", "args"])
    assert found(secrets, listed) == [] and content(listed) == []


def test_no_deleted_file_is_held_open(leaky):
    for name, process in Processes(leaky.server).by_name().items():
        gone = [t for t in process.descriptors().values() if t.endswith("(deleted)")]
        assert [t for t in gone if "memfd:sallyport-credentials" not in t and not t.startswith("/dev/zero")] == [], name


# Who holds what by need (docs/reference/processes.md, ADR 15); nginx's master and workers need the key of TLS.
HOLDS = {
    "supervisor": {"env credential", "file credential"},
    "daemon": set(),
    "master": {"env credential", "file credential", "TLS key"},
    "worker": {"env credential", "file credential", "TLS key", "API key"},
}


@pytest.mark.parametrize("role", HOLDS)
def test_memory_holds_what_it_needs(leaky, role):
    process = Processes(leaky.server).by_name()[role]
    secrets = leaky.secrets()
    held = {name for piece in process.memory() for name in found(secrets, piece)}
    assert held - HOLDS[role] == set()
    if role != "worker":
        assert [c for piece in process.memory() for c in content(piece)] == []


def test_a_worker_forgets_keys_and_heads_of_requests(gateway, cloud):
    """Without TLS, whose buffers are libssl's: afterwards the caller's key is nowhere, the provider's only in locked
    pages."""
    server = gateway()
    for _ in range(20):
        assert ask(server, model="cloud-only")[0] == 200
    worker = Processes(server).worker
    secret, credential = secret_of(server.key()), cloud.key.encode()
    end = time.monotonic() + 5  # the client has the last byte a moment before the worker is done with the exchange
    while any(secret in piece for piece in worker.memory()):
        assert time.monotonic() < end
    smaps = worker.bytes("smaps").decode()
    starts = {
        int(x.split("-")[0], 16)
        for x in re.split(r"^(?=[0-9a-f]+-[0-9a-f]+ )", smaps, flags=re.M)
        if x and " lo " not in x
    }
    with open(worker.folder / "mem", "rb", buffering=0) as mem:
        for start, end, rights, name in worker.maps():
            if start in starts and rights.startswith("rw") and not name.startswith("[v"):
                mem.seek(start)
                assert credential not in mem.read(end - start), name or hex(start)


# ---- one caller's content in another's answer ----

ROUNDS = 40
LARGE = 40000  # tags that make a body which is labelled aside the event loop


def one_caller(server, number):
    """Requests of one caller, every third given up in the middle, every tenth large; all that it saw."""
    seen = b""
    for i in range(ROUNDS):
        tag = f"tag{number:02d}x{i:03d}"
        fields = {"model": f"m{number}", "messages": [{"role": "user", "content": tag * 40}], "stream": i % 2 == 0}
        if i % 3 == 0:
            stream = Stream(server, {**fields, "stream": True})
            stream.step()
            seen += stream.bytes
            stream.leave()
        else:
            text = tag * (LARGE if i % 10 == 1 else 40)
            seen += ask(server, text, model=f"m{number}", stream=i % 2 == 0)[2]
    return seen


FAULTS = ({"status": 503}, {"drop_before_head": True}, {"status": 429, "headers": {"retry-after": "1"}}, {"body": "no JSON"})


def test_no_callers_content_comes_to_another(gateway, cloud):
    """Answers name their caller's model entry, and destinations get what was meant for them, bodies of 360 KB and second tries
    included; 8 callers at once, with aborts, each with a destination of its own that fails first: 0 crossings."""
    callers = range(8)
    config = lib_config.base(cloud)
    for n in callers:
        for which in ("ill", "only"):
            config["destinations"][f"{which}{n}"] = {**config["destinations"]["cloud"], "model": f"{which}-{n}"}
        config["models"][f"m{n}"] = {"destinations": [f"ill{n}", f"only{n}"], "replay": True}
        config["applications"]["desk"]["models"].append(f"m{n}")
    server = gateway(config)
    by_model = {f"only-{n}": {"text": f"answer{n:02d} " * 200} for n in callers}
    by_model |= {f"ill-{n}": FAULTS[n % len(FAULTS)] for n in callers}
    cloud.script(then="default", by_model=by_model)
    server.key()
    with concurrent.futures.ThreadPoolExecutor(len(callers)) as pool:
        seen = list(pool.map(lambda n: one_caller(server, n), callers))
    for n in callers:
        others = [m for m in callers if m != n and (b"answer%02d" % m in seen[n] or b"tag%02dx" % m in seen[n])]
        is_answered = FAULTS[n % len(FAULTS)].get("body") is None  # an answer that is no JSON is refused, not tried elsewhere
        assert (b"answer%02d" % n in seen[n]) == is_answered and others == [], n
    got = [json.loads(request["body"]) for request in cloud.seen()]
    of_model = collections.defaultdict(set)
    for body in got:
        text = body["messages"][0]["content"]
        of_model[body["model"]] |= set(re.findall(r"tag(\d\d)x", text))
        assert len(set(re.findall(r"tag\d\dx\d{3}", text))) == 1, "of one request alone"
    assert all(tags == {f"{int(model.split('-')[1]):02d}"} for model, tags in of_model.items())
    assert {m for m in of_model if m.startswith("ill-")} == {f"ill-{n}" for n in callers}
    second = [body for body in got if body["model"].startswith("only-")]
    assert any(len(body["messages"][0]["content"]) > 256 * 1024 for body in second), "a large one was tried twice"


# ---- what a client says reaches no URL, host, header name or path ----


@pytest.mark.parametrize(
    ("headers", "fields", "status"),
    [
        ({"host": "evil.example"}, {}, 200),
        ({"x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}, {}, 200),
        ({"x-accel-redirect": "/evil.example", "x-original-url": "/evil.example"}, {}, 200),
        ({"x-http-method-override": "DELETE"}, {}, 200),
        ({"evil.example": "1"}, {}, 200),
        ({}, {"model": "../../evil.example"}, 404),
        ({}, {"model": "assistant\r\nevil.example: 1"}, 404),
        ({}, {"user": "evil.example/../../"}, 200),
    ],
)
def test_what_a_client_says_is_no_address(gateway, cloud, headers, fields, status):
    server = gateway()
    body = {"model": "cloud-only", "messages": [{"role": "user", "content": "Hello"}], **fields}
    assert server.post(PATHS["openai"], body, key=server.key(), headers=headers)[0] == status
    assert len(cloud.seen()) == (status == 200)
    for request in cloud.seen():
        assert "evil.example" not in json.dumps([request["path"], request["headers"]])
        assert request["path"] == "/v1/chat/completions" and request["method"] == "POST"
    outside = [p for p in server.folder.rglob("*") if "evil" in p.name]
    assert outside == [] and "evil.example" not in server.all_logs()


# ---- logs at the level that shows everything ----


def test_nginx_does_not_start_where_it_would_log_keys(gateway, tmp_path):
    """At `debug` nginx writes each header into its log."""
    wrapper = tmp_path / "nginx-debug"
    wrapper.write_text(
        '#!/bin/sh\nfor a do shift; case "$a" in *nginx.conf) sed "s/ notice;/ debug;/" "$a" >"$a.debug"; '
        'a="$a.debug";; esac; set -- "$@" "$a"; done\nexec /usr/sbin/nginx "$@"\n'
    )
    wrapper.chmod(0o755)
    if ASAN == "nginx":
        return  # that one is told to by its own configuration
    server = gateway(changes={"nginx": {"binary": str(wrapper)}}, start=False, unclean=True)
    server.start(wait=False)
    assert server.process.child.wait(30) != 0
    assert "at level debug nginx logs keys and content" in server.all_logs()
    server.process = None


if ASAN:  # a sanitizer keeps what was given back, and books of its own that no memory has room for
    del test_memory_holds_what_it_needs, test_a_worker_forgets_keys_and_heads_of_requests
