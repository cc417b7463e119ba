"""Upstreams, clients and nginx for the experiment: real sockets, real processes, one folder per test."""

import os
import re
import signal
import socket
import ssl
import struct
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import h2.config
import h2.connection
import h2.events

WAIT_S = 15  # for anything: generous, as a sanitized nginx on a busy machine is slow


def eventually(check, what, timeout_s=WAIT_S):
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        value = check()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"never happened: {what}")


def start_nginx(binary, folder, listeners, **environment):
    """Listening sockets are handed over as in a binary upgrade: nobody else can take the ports in between."""
    inherited = "".join(f"{x.fileno()};" for x in listeners)
    for x in listeners:
        x.setblocking(False)  # nginx takes them as they are, and a blocking accept would stop a whole worker
    # restore_signals: SIGXFSZ stays ignored, so that a file that may not grow is an error and no death.
    process = subprocess.Popen(
        [binary, "-p", folder, "-e", folder / "error.log", "-c", folder / "nginx.conf"],
        stderr=(folder / "stderr").open("w"),
        restore_signals=False,
        pass_fds=[x.fileno() for x in listeners],
        env={"NGINX": inherited, **environment},
    )
    for x in listeners:
        x.close()
    return process


def listen():
    return socket.create_server(("127.0.0.1", 0), backlog=511)


def port_of(listener):
    return listener.getsockname()[1]


@dataclass
class Record:
    """The record file. What counts is durable: what a "durable N" line behind it covers."""

    path: Path

    def durable(self):
        data = self.path.read_bytes() if self.path.exists() else b""
        marks = re.findall(rb"^durable (\d+)\n", data, re.M)
        end = max(map(int, marks), default=0)  # of two workers the later mark may be the lower
        return [line.split() for line in data[:end].decode().splitlines() if not line.startswith("durable")]

    def written(self):
        data = self.path.read_text() if self.path.exists() else ""
        return [line.split() for line in data.splitlines() if not line.startswith("durable")]

    def intents(self, path, name=None):
        return [x for x in self.durable() if x[:2] == ["intent", path] and name in (None, x[3])]

    def outcomes(self, path):
        return [x[4] for x in self.durable() if x[:2] == ["outcome", path]]


@dataclass
class Seen:
    path: str
    headers: dict
    body: bytes
    connection: int
    had_durable_intent: bool
    at: float = field(default_factory=time.monotonic)


def make_certificate(folder):
    """cert.pem and key.pem for localhost, signed by itself."""
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost "
        "-addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem"
    )
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)


def connect(port, certificate, alpn):
    """A connection to nginx; with TLS if there is a certificate to verify it by."""
    sock = socket.create_connection(("127.0.0.1", port), timeout=WAIT_S)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if certificate is None:
        return sock
    context = ssl.create_default_context(cafile=certificate)
    context.set_alpn_protocols([alpn])
    return context.wrap_socket(sock, server_hostname="localhost")


def sse(text):
    return f"data: {text}\n\n".encode()


class Upstream:
    """A server that does what the path says: /WHAT-A-DOES/WHAT-B-DOES/anything. A thread per connection."""

    def __init__(self, name, position, record):
        self.name, self.position, self.record = name, position, record
        self.seen, self.events_sent, self.closed_while_sending = [], 0, False
        self.connections = 0
        self.listener = listen()
        self.port = port_of(self.listener)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                conn, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(conn, self.connections), daemon=True).start()

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def serve(self, conn, number):
        try:
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with conn, conn.makefile("rb") as reader:
                while self.serve_one(conn, reader, number):
                    pass
        except OSError:
            self.closed_while_sending = True

    def serve_one(self, conn, reader, number):
        request_line = reader.readline().decode().split()
        if not request_line:
            return False
        headers = {}
        while line := reader.readline().decode().strip():
            key, _, value = line.partition(":")
            headers[key.lower()] = value.strip()
        body = reader.read(int(headers.get("content-length", 0)))
        path = request_line[1]
        self.seen.append(Seen(path, headers, body, number, bool(self.record.intents(path, self.name))))
        what = path.split("/")[self.position]
        if what.isdigit():
            return self.plain(
                conn, int(what), b"" if what == "204" else b'{"from":"%s"}' % self.name.encode()
            )
        return getattr(self, "do_" + what.replace("-", "_"))(conn, body)

    def plain(self, conn, status, body, more=""):
        length = "" if status == 204 else f"Content-Length: {len(body)}\r\n"
        conn.sendall(
            f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{length}{more}\r\n".encode() + body
        )
        return True

    def do_ok(self, conn, body):
        return self.plain(conn, 200, self.name.encode() + b" got " + body)

    def do_slow(self, conn, body):
        time.sleep(0.4)
        return self.do_ok(conn, body)

    def do_big(self, conn, body):
        return self.plain(conn, 200, b"x" * 300_000)

    def do_accel(self, conn, body):
        return self.plain(conn, 200, b"", "X-Accel-Redirect: @last_b\r\n")

    def do_drop(self, conn, body):
        return False

    def do_hang(self, conn, body):
        conn.recv(1)
        return False

    def do_cut_json(self, conn, body):
        conn.sendall(
            b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"half":'
        )
        return False

    def chunk(self, conn, data):
        conn.sendall(b"%x\r\n%s\r\n" % (len(data), data))
        self.events_sent += 1

    def begin(self, conn):
        conn.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        )

    def words(self, conn, n, pause_s=0.01):
        for i in range(n):
            self.chunk(conn, sse(f"word {i}"))
            time.sleep(pause_s)

    def do_stream(self, conn, body, pause_s=0.0):
        self.begin(conn)
        self.words(conn, 5)
        self.chunk(conn, sse("finish_reason stop"))
        time.sleep(pause_s)
        self.chunk(conn, sse("[DONE]"))
        conn.sendall(b"0\r\n\r\n")
        return True

    def do_late(self, conn, body):
        return self.do_stream(conn, body, 1.5)

    def do_odd(self, conn, body):
        """Events cut anywhere, two in one piece, no finish stated."""
        self.begin(conn)
        for piece in (b"da", b"ta: one\n", b"\ndata: two\n\ndata: thr", b"ee\n\n"):
            self.chunk(conn, piece)
            time.sleep(0.01)
        conn.sendall(b"0\r\n\r\n")
        return True

    def do_long(self, conn, body):
        self.begin(conn)
        self.words(conn, 60, 0.02)
        self.chunk(conn, sse("finish_reason stop"))
        conn.sendall(b"0\r\n\r\n")
        return True

    def do_leak(self, conn, body):
        self.begin(conn)
        self.words(conn, 3)
        self.chunk(conn, sse("LEAK secret"))
        self.words(conn, 500)
        return False

    def do_die(self, conn, body):
        self.begin(conn)
        self.words(conn, 3)
        self.chunk(conn, b"data: half an ev")
        return False


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes
    is_clean: bool  # ended as the protocol says, not cut


class H1Client:
    is_leaving = False

    def __init__(self, port, certificate=None):
        self.sock = connect(port, certificate, "http/1.1")
        self.data = b""

    def post(self, path, body=b"hello", then=b""):
        self.data = b""
        self.sock.sendall(
            b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s%s"
            % (path.encode(), len(body), body, then)
        )
        return self

    def receive(self):
        piece = self.sock.recv(65536)
        self.data += piece
        return piece

    def read_until(self, text):
        while text not in self.data:
            assert self.receive(), f"closed before {text!r}: {self.data!r}"

    def parse(self):
        """(status, headers, body, is_complete) of what has come so far; the rest stays in self.data."""
        head, sep, rest = self.data.partition(b"\r\n\r\n")
        if not sep:
            return None
        lines = head.decode().split("\r\n")
        headers = {k.lower(): v for k, v in (x.split(": ", 1) for x in lines[1:])}
        status = int(lines[0].split()[1])
        if headers.get("transfer-encoding") == "chunked":
            body, complete = self.unchunk(rest)
        else:
            size = 0 if status == 204 else int(headers["content-length"])
            body, complete = rest[:size], len(rest) >= size
        return status, headers, body, complete

    @staticmethod
    def unchunk(rest):
        body = b""
        while True:
            size, sep, rest = rest.partition(b"\r\n")
            if not sep:
                return body, False
            n = int(size, 16)
            if n == 0:
                return body, rest == b"\r\n"
            body, rest = body + rest[:n], rest[n + 2 :]

    def answer(self):
        while True:
            parsed = self.parse()
            if parsed and parsed[3]:
                return Answer(*parsed[:3], is_clean=True)
            if not self.receive():
                status, headers, body, _ = parsed or (0, {}, b"", False)
                return Answer(status, headers, body, is_clean=False)

    def leave(self, how):
        if how == "reset":
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


class H2Client:
    """One connection, prior knowledge; `post` starts a further stream, `answer` waits for the latest."""

    def __init__(self, port, certificate=None):
        self.sock = connect(port, certificate, "h2")
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
        self.h2.initiate_connection()
        self.streams, self.stream, self.is_leaving, self.frames = {}, None, False, b""
        self.flush()

    def flush(self):
        self.sock.sendall(self.h2.data_to_send())

    def post(self, path, body=b"hello"):
        self.stream = self.h2.get_next_available_stream_id()
        self.streams[self.stream] = Answer(0, {}, b"", None)
        self.h2.send_headers(
            self.stream,
            [
                (":method", "POST"),
                (":path", path),
                (":scheme", "http"),
                (":authority", "x"),
                ("content-length", str(len(body))),
            ],
        )
        while body:
            size = min(
                self.h2.local_flow_control_window(self.stream), self.h2.max_outbound_frame_size, len(body)
            )
            self.h2.send_data(self.stream, body[:size])
            self.flush()
            body = body[size:]
            if body and not self.h2.local_flow_control_window(self.stream):
                self.receive()
        self.h2.end_stream(self.stream)
        self.flush()
        return self

    def receive(self):
        piece = self.sock.recv(65536)
        if not piece:
            self.is_leaving = True
            for answer in self.streams.values():
                answer.is_clean = bool(answer.is_clean)
            return piece
        for event in self.h2.receive_data(self.without_goaway(piece)):
            answer = self.streams.get(getattr(event, "stream_id", None))
            if isinstance(event, h2.events.ResponseReceived):
                answer.headers = {k.decode(): v.decode() for k, v in event.headers}
                answer.status = int(answer.headers[":status"])
            elif isinstance(event, h2.events.DataReceived):
                answer.body += event.data
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                answer.is_clean = True
            elif isinstance(event, h2.events.StreamReset):
                answer.is_clean = False
        self.flush()
        return piece

    def without_goaway(self, piece):
        """The h2 package takes GOAWAY for the end; streams that were begun go on (RFC 9113, 6.8)."""
        self.frames += piece
        whole = b""
        while len(self.frames) >= 9 and len(self.frames) >= (
            size := 9 + int.from_bytes(self.frames[:3], "big")
        ):
            frame, self.frames = self.frames[:size], self.frames[size:]
            if frame[3] == 7:
                self.is_leaving = True
            else:
                whole += frame
        return whole

    def read_until(self, text):
        while text not in self.streams[self.stream].body:
            assert self.receive(), f"closed before {text!r}"

    def answer(self, stream=None):
        answer = self.streams[stream or self.stream]
        while answer.is_clean is None:
            self.receive()
        return answer

    def leave(self, how):
        if how == "reset":
            self.h2.reset_stream(self.stream)
            self.flush()
        else:
            self.sock.close()


CONFIG = """
{user} load_module {module};
daemon off; master_process on; worker_processes {workers};
pid {folder}/nginx.pid; error_log {folder}/error.log info;
events {{ worker_connections 512; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    client_max_body_size 256k; client_body_buffer_size 256k; lingering_close off;

    mechanics_record {record};
    mechanics_delay {delay_ms}ms;

    upstream up_a {{ mechanics_upstream 127.0.0.1:{a}; server 127.0.0.1:9; keepalive 8; }}
    upstream up_b {{ mechanics_upstream 127.0.0.1:{b}; server 127.0.0.1:9; keepalive 8; }}

    proxy_http_version 1.1; proxy_buffering off; proxy_next_upstream off; proxy_read_timeout 3s;
    proxy_pass_request_headers off; proxy_set_header Connection "";
    proxy_set_header Authorization "Bearer for-$mechanics_destination";
    proxy_ssl_protocols TLSv1.2 TLSv1.3; proxy_ssl_server_name on; proxy_ssl_name localhost;
    proxy_ssl_verify on; proxy_ssl_trusted_certificate {certificate};
    recursive_error_pages on;

    server {{
        listen 127.0.0.1:{h1} sndbuf=16k; listen 127.0.0.1:{h2} http2 sndbuf=16k;
        listen 127.0.0.1:{tls} ssl http2 sndbuf=16k;
        ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;
        location / {{ mechanics_decide a @try_a; }}
        location @try_a {{
            mechanics_guard a; proxy_pass {scheme}://up_a$mechanics_path;
            proxy_ignore_headers X-Accel-Redirect X-Accel-Buffering X-Accel-Limit-Rate X-Accel-Expires;
            proxy_intercept_errors on; error_page 429 500 502 503 504 = @next;
        }}
        location @next {{ mechanics_decide b @last_b; }}
        location @last_b {{
            mechanics_guard b; proxy_pass {scheme}://up_b$mechanics_path; error_page 502 504 = @fail;
        }}
        location @fail {{ mechanics_fail; }}
{more}
    }}
}}
"""


class Nginx:
    def __init__(self, build, folder, **options):
        self.build, self.folder = build, folder
        self.record = Record(Path(options.pop("record", folder / "record")))
        listeners = listen(), listen(), listen()
        self.h1, self.h2, self.tls = map(port_of, listeners)
        make_certificate(folder)
        leaks = options.pop("leaks", 1)
        self.a = Upstream("a", 1, self.record)
        self.b = Upstream("b", 2, self.record)
        values = {
            "user": "user root;" if os.geteuid() == 0 else "",
            "delay_ms": 200,
            "workers": 1,
            "more": "",
            "scheme": "http",
            "certificate": options.pop("certificate", "/etc/ssl/certs/ca-certificates.crt"),
            "a": self.a.port,
            "b": self.b.port,
        } | options
        (folder / "nginx.conf").write_text(
            CONFIG.format(
                module=build.module,
                folder=folder,
                record=self.record.path,
                h1=self.h1,
                h2=self.h2,
                tls=self.tls,
                **values,
            )
        )
        self.process = start_nginx(
            build.nginx,
            folder,
            listeners,
            ASAN_OPTIONS="detect_odr_violation=0:detect_stack_use_after_return=1:"
            f"detect_leaks={leaks}:log_path={folder}/asan",
            UBSAN_OPTIONS=f"print_stacktrace=1:log_path={folder}/ubsan",
        )
        eventually(lambda: len(self.workers()) == values["workers"], "the workers are there")

    def client(self, protocol):
        version, _, tls = protocol.partition("-")
        client = H1Client if version == "h1" else H2Client
        if tls:
            return client(self.tls, self.folder / "cert.pem")
        return client(getattr(self, version))

    def workers(self):
        pid = self.process.pid
        assert self.process.poll() is None, (self.folder / "stderr").read_text()
        return [int(x) for x in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def reload(self):
        """New workers; the old ones have got their QUIT."""
        old = self.workers()
        self.process.send_signal(signal.SIGHUP)
        eventually(lambda: set(self.workers()) - set(old), "a new worker")
        eventually(lambda: "gracefully shutting down" in self.log(), "the old worker got QUIT")
        return old

    def log(self):
        return (self.folder / "error.log").read_text()

    def stop(self):
        self.process.send_signal(signal.SIGQUIT)
        code = self.process.wait(WAIT_S)
        self.a.stop()
        self.b.stop()
        return code

    def check(self, is_complete=True):
        """What must hold after any test, with nginx ended."""
        seen = [("a", x) for x in self.a.seen] + [("b", x) for x in self.b.seen]
        for name, x in seen:
            assert x.had_durable_intent, f"forwarded to {name} before its intent was durable: {x.path}"
            assert x.headers["authorization"] == f"Bearer for-{name}"
            assert x.body.startswith(name.encode() + b":")
        if is_complete:
            self.check_record(seen)
        assert not [x for d in "bpfus" for x in (self.folder / d).rglob("*") if x.is_file()], "temporary file"
        bad = [
            line
            for line in self.log().splitlines()
            if re.search(r"\[(alert|crit|emerg)\]|exited on signal", line)
        ]
        assert not bad, "\n".join(bad)
        reports = [p.read_text() for pattern in ("asan.*", "ubsan.*") for p in self.folder.glob(pattern)]
        # ngx_string.c:84 is nginx's own and harmless: memcpy of nothing from a null pointer.
        reports = [
            x
            for x in reports
            if "Sanitizer:" in x.replace("UndefinedBehaviorSanitizer:", "")
            or x.count("runtime error") != x.count("ngx_string.c:84")
        ]
        assert not reports, "\n".join(reports)[:8000]

    def check_record(self, seen):
        """Every try: intent, then outcome; sent at most as often as there are intents."""
        durable = self.record.durable()
        assert durable == self.record.written(), "written but never durable"
        for path in {x[1] for x in durable} | {x.path for _, x in seen}:
            kinds = [x[0] for x in durable if x[1] == path]
            assert kinds == ["intent", "outcome"] * (len(kinds) // 2), f"{path}: {kinds}"
            sent = sum(x.path == path for _, x in seen)
            assert sent <= len(kinds) // 2, f"{path}: {sent} sent, {len(kinds) // 2} intents"
