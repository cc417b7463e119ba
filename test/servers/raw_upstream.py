"""An upstream that sends exactly what a test says, byte by byte: also what no HTTP server would.

    raw = RawUpstream()
    raw.answer(b"HTTP/1.1 200 OK\\r\\ncontent-le", 0.2, FIN)     the next request; steps in order
    raw.always(b"\\x00garbage", FIN)                            each request
    raw.seen                                                    what arrived, oldest first

A step: bytes are sent; a number waits that many seconds, or until the peer leaves; FIN closes, RST resets, HOLD waits
until the peer closes (at most HOLD_S). Without FIN or RST the connection is kept, and the next request on it gets the
next answer. Runs in threads of the test itself; `stop` ends them.
"""

import dataclasses
import queue
import select
import socket
import struct
import threading
import time

FIN, RST, HOLD = "fin", "rst", "hold"
HOLD_S = 30


class Left(Exception):
    """The peer is gone."""


@dataclasses.dataclass
class Seen:
    connection: int  # from 1, in the order of arrival
    number: int  # of the request on its connection, from 1
    head: str
    body: bytes
    at: float
    left_after: float = None  # seconds from its arrival until the peer was gone, when that came before the end


def _gone(sock):
    """Whether the peer has closed: nothing else can be read from it while an answer is due."""
    if not select.select([sock], [], [], 0)[0]:
        return False
    try:
        return sock.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True


def _wait(sock, seconds):
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if _gone(sock):
            raise Left
        time.sleep(min(left, 0.01))


class RawUpstream:
    def __init__(self):
        self.answers, self.default, self.seen = queue.SimpleQueue(), (FIN,), []
        self._connections, self._open, self._lock = 0, set(), threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def answer(self, *steps):
        self.answers.put(steps)

    def always(self, *steps):
        self.default = steps

    def reset(self):
        while not self.answers.empty():
            self.answers.get_nowait()
        self.default, self.seen = (FIN,), []

    def stop(self):
        self._listener.close()
        with self._lock:
            for sock in self._open:
                sock.close()

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connections += 1
            threading.Thread(target=self._serve, args=(sock, self._connections), daemon=True).start()

    def _serve(self, sock, connection):
        with self._lock:
            self._open.add(sock)
        try:
            number, rest = 0, b""
            while True:
                head, body, rest = self._request(sock, rest)
                number += 1
                seen = Seen(connection, number, head, body, time.time())
                self.seen.append(seen)
                steps = self.default if self.answers.empty() else self.answers.get_nowait()
                if not self._play(sock, steps, seen):
                    return
        except (OSError, Left, ValueError):
            pass  # the peer left, or the test is over
        finally:
            with self._lock:
                self._open.discard(sock)
            sock.close()

    def _request(self, sock, data):
        while b"\r\n\r\n" not in data:
            data += self._more(sock)
        head, rest = data.split(b"\r\n\r\n", 1)
        lengths = [x.split(b":")[1] for x in head.split(b"\r\n") if x.lower().startswith(b"content-length:")]
        n = int(lengths[0]) if lengths else 0
        while len(rest) < n:
            rest += self._more(sock)
        return head.decode("latin-1"), rest[:n], rest[n:]

    @staticmethod
    def _more(sock):
        piece = sock.recv(1 << 16)
        if not piece:
            raise Left
        return piece

    @staticmethod
    def _play(sock, steps, seen):
        """Whether the connection goes on."""
        try:
            for step in steps:
                if isinstance(step, bytes):
                    sock.sendall(step)
                elif step == HOLD:
                    _wait(sock, HOLD_S)
                elif step == RST:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return False
                elif step == FIN:
                    return False
                else:
                    _wait(sock, step)
        except (OSError, Left):
            seen.left_after = time.time() - seen.at
            return False
        return True
