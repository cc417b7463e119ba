#!/usr/bin/env python3
"""The clients of the soak: a mix of requests in an open loop, each answer held against what is expected.

    mix.py PORT RATE SECONDS KEY

Says one line of JSON each second: what was sent, what came back as expected, what did not, by kind, in all so far. RATE 0:
a closed loop of 32 clients, which finds out what the machine serves. Ends after SECONDS.
"""

import asyncio
import collections
import contextlib
import itertools
import json
import os
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "bench"))

import lib_bodies  # noqa: E402

CLOSED_CLIENTS, CONNECTIONS_MOST, TICK_S, PATIENCE_S = 32, 512, 0.005, 30
BODY_LIMIT = 256 * 1024  # what soak.py sets; the largest body is above it
SECRET = "AKIA" + "Q3EGRXZ7N2PLWB5T"  # has the form of a key of a cloud provider


def _chat(model, text="", stream=False):
    body = lib_bodies.chat(model, stream)
    body["messages"][1]["content"] += text + " " + lib_bodies.MARK
    return body


# kind: (of a hundred requests, status, body); a stream's answer has to end as a stream ends
KINDS = {
    "chat": (56, 200, lambda: _chat("json")),
    "chat with tools, known": (10, 200, lambda: lib_bodies.agent("json", False)),
    "chat with tools, new": (2, 200, lambda: lib_bodies.agent("json", True)),
    "stream": (12, 200, lambda: _chat("stream", stream=True)),
    "slow stream": (12, 200, lambda: _chat("paced", stream=True)),
    "wrong key": (3, 401, lambda: _chat("json")),
    "secret": (3, 403, lambda: _chat("narrow", f" The key is {SECRET}.")),
    "too large": (2, 413, lambda: {**_chat("json"), "user": "x" * BODY_LIMIT}),
}


def request_of(kind, key):
    """The whole request, header included; MARK stands where each request gets letters of its own."""
    data = json.dumps(KINDS[kind][2](), separators=(",", ":")).encode()
    key = key[:-1] + ("0" if key[-1] != "0" else "1") if kind == "wrong key" else key
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: soak\r\nAuthorization: Bearer {key}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    return head.encode() + data


class Connection(asyncio.Protocol):
    """One connection, one request at a time; `answer` is a future of (status, whether it ended as it should)."""

    def __init__(self):
        self.transport, self.answer, self.is_used = None, None, False

    def connection_made(self, transport):
        self.transport = transport

    def ask(self, request):
        self.head, self.tail, self.left, self.status = b"", b"", None, 0
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self.answer

    def data_received(self, data):
        if self.answer is None:
            return
        if self.status == 0:
            data = self._take_head(data)
        if self.status and self.left is not None:
            self.left -= len(data)
            self._end(self.left <= 0)
        elif self.status:
            self.tail = (self.tail + data)[-64:]
            self._end(self.tail.endswith(b"\r\n0\r\n\r\n"))

    def _take_head(self, data):
        self.head += data
        end = self.head.find(b"\r\n\r\n")
        if end < 0:
            return b""
        self.status = int(self.head[9:12])
        lines = self.head[:end].lower().split(b"\r\n")
        lengths = [int(x.split(b":")[1]) for x in lines if x.startswith(b"content-length:")]
        self.left = lengths[0] if lengths else None
        return self.head[end + 4 :]

    def _end(self, is_end):
        if is_end and self.answer is not None:
            answer, self.answer, self.is_used = self.answer, None, True
            is_whole = self.left is not None or b"[DONE]" in self.tail
            if not answer.done():
                answer.set_result((self.status, is_whole))

    def connection_lost(self, exc):
        self.transport = None
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(ConnectionResetError("cut"))
        self.answer = None


class Mix:
    """What was asked and what came of it."""

    def __init__(self, port, key):
        self.port = port
        self.requests = {kind: request_of(kind, key) for kind in KINDS}
        shares = list(itertools.chain.from_iterable([k] * share for k, (share, _, _) in KINDS.items()))
        random.Random(4).shuffle(shares)
        self.kinds = itertools.cycle(shares)
        self.marks = itertools.count(int(time.time() * 1e6))
        self.idle, self.n_open = [], 0
        self.sent, self.good, self.bad = (collections.Counter() for _ in range(3))
        self.again = self.late = 0

    def _mark(self):
        """Twelve letters that no other request has."""
        n, out = next(self.marks), bytearray(12)
        for i in range(12):
            n, digit = divmod(n, 26)
            out[11 - i] = ord("a") + digit
        return bytes(out)

    async def _connection(self):
        while self.idle:
            connection = self.idle.pop()
            if connection.transport is not None:
                return connection
        _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", self.port)
        return connection

    async def _exchange(self, request):
        """A connection that was used before may be closed by the server at any moment: asked again on a fresh one,
        as every HTTP client does, when nothing of an answer has come."""
        while True:
            connection = await self._connection()
            try:
                answer = await asyncio.wait_for(connection.ask(request), PATIENCE_S)
                if connection.transport is not None and answer[0] != 413:
                    self.idle.append(connection)
                return answer
            except ConnectionResetError:
                if not connection.is_used or connection.status:
                    raise
                self.again += 1

    async def one(self):
        kind = next(self.kinds)
        self.sent[kind] += 1
        self.n_open += 1
        try:
            status, is_whole = await self._exchange(self.requests[kind].replace(lib_bodies.MARK.encode(), self._mark()))
            what = str(status) if is_whole else f"{status}, without its end"
        except (OSError, TimeoutError) as error:
            what = type(error).__name__
        finally:
            self.n_open -= 1
        if what == str(KINDS[kind][1]):
            self.good[kind] += 1
        else:
            self.bad[f"{kind}: {what}"] += 1

    async def _closed(self, end):
        async def client():
            while time.monotonic() < end:
                await self.one()

        await asyncio.gather(*(client() for _ in range(CLOSED_CLIENTS)))

    async def _open(self, rate, end):
        start, n, tasks = time.monotonic(), 0, set()
        while (now := time.monotonic()) < end:
            while n < (now - start) * rate:
                n += 1
                if self.n_open >= CONNECTIONS_MOST:
                    self.late += 1
                    continue
                task = asyncio.ensure_future(self.one())
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            await asyncio.sleep(TICK_S)
        await asyncio.gather(*tasks)

    def say(self):
        told = {k: dict(getattr(self, k)) for k in ("sent", "good", "bad")}
        print(json.dumps({**told, "again": self.again, "late": self.late}), flush=True)

    async def run(self, rate, seconds):
        end = time.monotonic() + seconds

        async def talk():
            while True:
                await asyncio.sleep(1)
                self.say()

        talking = asyncio.ensure_future(talk())
        await (self._open(rate, end) if rate else self._closed(end))
        talking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await talking
        self.say()


def main():
    port, rate, seconds, key = sys.argv[1:]
    os.nice(5)  # the gateway first
    asyncio.run(Mix(int(port), key).run(float(rate), float(seconds)))


if __name__ == "__main__":
    main()
