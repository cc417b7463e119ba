"""Clients that write what no client library would: HTTP/1.1 as bytes, HTTP/2 as frames."""

from __future__ import annotations

import re
import socket
import ssl
from dataclasses import dataclass

import hpack
import hyperframe.frame as h2

from casefile import LATE

WAIT_S = 3.0
LAST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
LAST_SAYS = b"ok\n"
CHUNK = re.compile(rb"([0-9a-fA-F]+)[^\r\n]*\r\n")
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


@dataclass
class Answer:
    """One answer: what the status says, the head and the body without its coding. `whole`: it came to its end."""

    status: int
    head: bytes
    body: bytes
    whole: bool


def fill(data: bytes, key: str, host: str) -> bytes:
    """Puts in what only a running gateway knows. The length counts what stands behind the first empty line."""
    data = data.replace(LATE["key"], key.encode()).replace(LATE["host"], host.encode())
    if LATE["length"] in data:
        body = data.partition(b"\r\n\r\n")[2].replace(LATE["pause"], b"")
        data = data.replace(LATE["length"], str(len(body)).encode())
    return data


def _dechunk(data: bytes) -> tuple[bytes, bytes, bool]:
    """(content, what follows, whether the last chunk was there)."""
    content, at = b"", 0
    while match := CHUNK.match(data, at):
        size = int(match[1], 16)
        if size == 0:
            end = data.find(b"\r\n\r\n", match.end() - 2)
            return content, data[end + 4 :], end >= 0
        content += data[match.end() : match.end() + size]
        at = match.end() + size + 2
    return content, b"", False


def _body(head: bytes, rest: bytes, ended: bool) -> tuple[bytes, bytes, bool]:
    fields = head.lower()
    if b"\r\ntransfer-encoding: chunked" in fields:
        return _dechunk(rest)
    if match := re.search(rb"\r\ncontent-length: *(\d+)", fields):
        size = int(match[1])
        return rest[:size], rest[size:], len(rest) >= size
    return rest, b"", ended


def answers(data: bytes, ended: bool = True) -> list[Answer]:
    """The answers in what a connection gave, interim ones left out; what is none has status 0."""
    found = []
    while data:
        match = re.match(rb"HTTP/1\.[01] (\d{3})[^\r\n]*\r\n", data)
        head, gap, rest = data.partition(b"\r\n\r\n")
        if not match or not gap:
            found.append(Answer(0, b"", data, False))
            break
        if 100 <= int(match[1]) < 200:
            data = rest
            continue
        body, data, whole = _body(head, rest, ended)
        found.append(Answer(int(match[1]), head, body, whole))
    return found


def read_all(sock: socket.socket) -> tuple[bytes, bool]:
    """Everything until the peer closes, or until it says nothing for WAIT_S: (bytes, whether it closed)."""
    data = b""
    sock.settimeout(WAIT_S)
    while True:
        try:
            piece = sock.recv(65536)
        except TimeoutError:
            return data, False
        except OSError:
            return data, True
        if not piece:
            return data, True
        data += piece


def exchange(port: int, data: bytes) -> list[Answer]:
    """Writes `data` and, behind it, a request that closes the connection; every answer but that request's own. A request that
    was swallowed as a body, or an answer too many, shows in the count."""
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT_S) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for number, piece in enumerate(data.split(LATE["pause"])):
                if number:
                    sock.recv(65536)  # the interim answer that the client waits for
                sock.sendall(piece)
            sock.sendall(LAST)
        except OSError:
            pass  # closed already: what it said before counts
        received, ended = read_all(sock)
    found = answers(received, ended)
    return found[:-1] if len(found) > 1 and found[-1].body == LAST_SAYS else found


def post(port: int, path: str, body: bytes, key: str, dialect: str) -> Answer:
    """A plain request of that body."""
    fields = [b"POST %b HTTP/1.1" % path.encode(), b"Host: localhost", b"Content-Type: application/json"]
    fields += [b"Authorization: Bearer " + key.encode(), b"Content-Length: %d" % len(body), b"Connection: close"]
    if dialect == "anthropic":
        fields.append(b"Anthropic-Version: 2023-06-01")
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT_S) as sock:
        try:
            sock.sendall(b"\r\n".join(fields) + b"\r\n\r\n" + body)
        except OSError:
            pass
        received, ended = read_all(sock)
    found = answers(received, ended)
    assert len(found) == 1, received[:500]
    return found[0]


# ---- HTTP/2 ----


class Frames:
    """An HTTP/2 connection of which every frame is ours."""

    def __init__(self, port: int, ca: str):
        context = ssl.create_default_context(cafile=ca)
        context.set_alpn_protocols(["h2"])
        self.sock = context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=WAIT_S), server_hostname="localhost")
        assert self.sock.selected_alpn_protocol() == "h2"
        self.encoder, self.decoder = hpack.Encoder(), hpack.Decoder()
        self.sock.sendall(PREFACE + h2.SettingsFrame(0).serialize())

    def send(self, kind: str, stream: int, flags, payload: bytes):
        """One frame, its bytes made here: the library refuses what we want to send."""
        bits = {"END_STREAM": 1, "END_HEADERS": 4, "PADDED": 8}
        number = {"DATA": 0, "HEADERS": 1, "PUSH_PROMISE": 5, "CONTINUATION": 9}[kind]
        flag = sum(bits[f] for f in flags)
        head = len(payload).to_bytes(3, "big") + bytes([number, flag]) + stream.to_bytes(4, "big")
        self.sock.sendall(head + payload)

    def headers(self, fields) -> bytes:
        return self.encoder.encode(fields, huffman=False)

    def answer(self) -> Answer:
        """What came back on any stream until it ended, was reset, or nothing came any more."""
        answer = Answer(0, b"", b"", False)
        for frame in self._received():
            if isinstance(frame, h2.HeadersFrame):
                fields = dict(self.decoder.decode(frame.data))
                answer.status = int(fields.get(":status", answer.status))
                answer.head += "".join(f"\r\n{name}: {value}" for name, value in fields.items()).encode()
            elif isinstance(frame, h2.DataFrame):
                answer.body += frame.data
            if isinstance(frame, (h2.RstStreamFrame, h2.GoAwayFrame)) or "END_STREAM" in frame.flags:
                answer.whole = "END_STREAM" in frame.flags
                break
        return answer

    def _received(self):
        """Frames as they come, until the peer closes or says nothing for WAIT_S."""
        data = b""
        while piece := self._piece():
            data += piece
            while len(data) >= 9:
                frame, size = h2.Frame.parse_frame_header(memoryview(data)[:9])
                if len(data) < 9 + size:
                    break
                frame.parse_body(memoryview(data)[9 : 9 + size])
                data = data[9 + size :]
                yield frame

    def _piece(self) -> bytes:
        try:
            return self.sock.recv(65536)
        except OSError:
            return b""


def exchange_h2(port: int, ca: str, frames: list[tuple]) -> Answer:
    """Writes (kind, stream, flags, payload or fields) one by one, then a GOAWAY, and reads to the end."""
    connection = Frames(port, ca)
    with connection.sock:
        try:
            for kind, stream, flags, payload in frames:
                connection.send(kind, stream, flags, payload if isinstance(payload, bytes) else connection.headers(payload))
            connection.sock.sendall(h2.GoAwayFrame(0).serialize())
        except OSError:
            pass
        return connection.answer()
