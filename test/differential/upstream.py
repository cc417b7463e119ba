"""A destination that keeps what reaches it byte for byte, and answers with exactly the bytes that a case holds.

The scripted stand-in of test/servers speaks proper HTTP; a case needs heads, chunk extensions and second answers that nobody
proper would send.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from dataclasses import dataclass

PAUSE_S = 0.05
IDLE_S = 30

CHAT = b'{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}'
CHAT_EVENTS = (
    b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"fine"},"finish_reason":"stop"}]}\n\n'
    b"data: [DONE]\n\n"
)
MESSAGE = b'{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"fine"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}'
COUNT = b'{"input_tokens":1}'
COMPLETION = b'{"id":"c","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":"fine","logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}'
EMBEDDING = b'{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5]}],"model":"m","usage":{"prompt_tokens":1,"total_tokens":1}}'
OTHERS = {b"/messages/count_tokens": COUNT, b"/v1/completions": COMPLETION, b"/embeddings": EMBEDDING}


@dataclass
class Arrived:
    """One request as it stood on the wire."""

    head: bytes
    body: bytes

    @property
    def raw(self):
        return self.head + self.body


def answer_bytes(status: int, content_type: str, pieces: list[bytes], fields=()) -> list[bytes]:
    """An answer in chunked coding, one chunk for each piece."""
    lines = [f"HTTP/1.1 {status} Scripted".encode(), *fields, b"Transfer-Encoding: chunked", b"Connection: close"]
    if content_type:
        lines.insert(1, b"Content-Type: " + content_type.encode())
    chunks = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces if piece]
    return [b"\r\n".join(lines) + b"\r\n\r\n", *chunks, b"0\r\n\r\n"]


def usual_answer(arrived: Arrived) -> list[bytes]:
    """What a provider says to a request that is none of the case's business."""
    line = arrived.head.split(b"\r\n", 1)[0]
    for path, answer in OTHERS.items():
        if path in line:
            return answer_bytes(200, "application/json", [answer])
    if b"/messages" in line:
        return answer_bytes(200, "application/json", [MESSAGE])
    try:
        stream = json.loads(arrived.body).get("stream") is True
    except (ValueError, AttributeError):
        stream = False
    return answer_bytes(200, "text/event-stream", [CHAT_EVENTS]) if stream else answer_bytes(200, "application/json", [CHAT])


class Upstream:
    """A server on a free loopback port; one thread per connection, one request per connection."""

    def __init__(self):
        self.arrived: list[Arrived] = []
        self.scripted: list[bytes] | None = None
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def reset(self, scripted: list[bytes] | None = None):
        """Forgets what arrived; the next requests get `scripted`, piece by piece, and the end of the connection."""
        self.arrived.clear()
        self.scripted = scripted

    def stop(self):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket):
        with connection:
            connection.settimeout(IDLE_S)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                arrived = self._read(connection)
                if not arrived.head:
                    return
                self.arrived.append(arrived)
                for number, piece in enumerate(usual_answer(arrived) if self.scripted is None else self.scripted):
                    if number and self.scripted is not None:
                        time.sleep(PAUSE_S)
                    connection.sendall(piece)
            except OSError:
                pass  # the gateway went away, which is its right

    @staticmethod
    def _read(connection: socket.socket) -> Arrived:
        """A request of the form that the gateway sends: with a length, or without a body. What is more stays for the test to
        see: it counts as body."""
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece:
                return Arrived(data, b"")
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        lengths = [line.split(b":", 1)[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        while len(body) < sum(map(int, lengths)):
            piece = connection.recv(65536)
            if not piece:
                break
            body += piece
        return Arrived(head + b"\r\n\r\n", body)
