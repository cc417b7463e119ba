#!/usr/bin/env python3
"""A stand-in of a cloud provider, for machines without a network: OpenAI chat completions,
completions and embeddings, Anthropic messages and their count of tokens.

    cloud_standin.py [--port 0] [--control-port 0] [--key KEY] [--script FILE] [--log FILE] [--print]
                     [--cert FILE --key-file FILE]

It is no model: it says what its script says (README.md), and keeps everything that reached it. Says
`listening PORT` and `control PORT` on stdout. Control port: GET /__seen, DELETE /__seen, POST /__script.
"""

import argparse
import asyncio
import base64
import json
import signal
import ssl
import time
import zlib

import cloud_anthropic
import cloud_anthropic_count
import cloud_completions
import cloud_embeddings
import cloud_openai
from cloud_http import PeerGone, Server
from cloud_script import Script, ScriptError

MODELS = ["gpt-cloud", "gpt-cloud-mini", "claude-cloud"]
DIALECTS = {
    "/v1/chat/completions": cloud_openai,
    "/v1/completions": cloud_completions,
    "/v1/embeddings": cloud_embeddings,
    "/v1/messages": cloud_anthropic,
    "/v1/messages/count_tokens": cloud_anthropic_count,
}


def short(record):
    """One line for people: what reached the provider, in brief."""
    body = record["body"]
    try:
        parsed = json.loads(body)
        about = f"model {parsed.get('model')}, {'stream' if parsed.get('stream') else 'whole'}: "
        content = parsed["messages"][-1]["content"]
        about += json.dumps(content, ensure_ascii=False)[:100]
    except (ValueError, LookupError, TypeError, AttributeError):
        about = body[:100]
    line = f"{record['method']} {record['target']} {record['body_bytes']} bytes {about}"
    return "cloud stand-in received: " + line.strip()


class Seen:
    """Everything that reached the stand-in, in order, in memory and in a file."""

    def __init__(self, path, loud):
        self.records, self.loud = [], loud
        self.file = open(path, "a", encoding="utf-8") if path else None

    def add(self, request, connection):
        record = {
            "n": len(self.records) + 1,
            "at": time.time(),
            "method": request.method,
            "target": request.target,
            "path": request.path,
            "version": request.version,
            "headers": request.headers,
            "body": request.body.decode("utf-8", "replace"),
            "body_bytes": len(request.body),
            "body_base64": base64.b64encode(request.body).decode(),
            "connection": connection["id"],
            "request_on_connection": connection["requests"],
            "tls": connection["tls"],
            "status": None,
            "peer_left": False,
            "bytes_sent": 0,
        }
        self.records.append(record)
        if self.file:
            self.file.write(json.dumps(record, ensure_ascii=False) + "\n")
            self.file.flush()
        if self.loud:
            print(short(record), flush=True)
        return record


def rendered(events, answer):
    """The bytes of each event of a stream, what the script inserts included."""
    newline = answer.get("newline", "\n")
    out = []
    for name, data in events:
        raw = (f"event: {name}\n" if name else "") + f"data: {data}\n\n"
        out.append(raw.replace("\n", newline).encode())
    for index, raw in sorted(answer.get("insert", {}).items(), key=lambda item: -int(item[0])):
        out.insert(int(index), raw.encode())
    if "raw_events" in answer:
        out = [raw.encode() for raw in answer["raw_events"]]
    return out


class Provider:
    """The provider's side: checks what a provider checks, then answers as scripted."""

    def __init__(self, key, seen):
        self.key, self.seen, self.script, self.number = key, seen, Script(), 0

    async def handle(self, request, answer, connection):
        record = self.seen.add(request, connection)
        self.number += 1
        try:
            await self._answer(request, answer, self.number)
        except PeerGone:
            record["peer_left"] = True
            raise
        finally:
            record["status"], record["bytes_sent"] = answer.status, answer.bytes_sent

    def _dialect(self, request):
        return DIALECTS.get(request.path) or (
            cloud_anthropic if request.header("anthropic-version") else cloud_openai
        )

    async def _json(self, answer, dialect, status, value, number):
        body = json.dumps(value, ensure_ascii=False).encode()
        headers = [("content-type", "application/json"), *dialect.headers(number)]
        await answer.head(status, headers, "length", len(body))
        await answer.data(body)

    async def _answer(self, request, answer, number):
        dialect = self._dialect(request)

        async def refuse(status, message):
            await self._json(answer, dialect, status, dialect.error(status, message), number)

        if dialect.key_of(request) != self.key:
            return await refuse(
                401, "Incorrect API key provided." if dialect is cloud_openai else "invalid x-api-key"
            )
        if request.method == "GET" and request.path == "/v1/models":
            return await self._json(answer, dialect, 200, dialect.models(MODELS), number)
        if request.path not in DIALECTS:
            return await refuse(404, f"Invalid URL ({request.method} {request.path})")
        if request.method != "POST":
            return await refuse(405, f"Not allowed to {request.method} on {request.path}.")
        try:
            body = json.loads(request.body)
            refusal = dialect.check(request, body)
        except (ValueError, AttributeError):
            refusal = 400, "We could not parse the JSON body of your request."
        if refusal:
            return await refuse(*refusal)
        await Exchange(dialect, body, self.script.take(body["model"]), answer, number).run()


class Exchange:
    """One scripted answer to one accepted request."""

    def __init__(self, dialect, body, script, answer, number):
        self.dialect, self.body, self.script, self.answer, self.number = dialect, body, script, answer, number

    async def run(self):
        script = self.script
        await self.answer.pause(script.get("delay_ms", 0) / 1000)
        if script.get("drop_before_head"):
            self.answer.drop(script.get("drop", "fin"))
        status = script.get("status", 200)
        if "body" in script or "body_base64" in script:
            body = (
                base64.b64decode(script["body_base64"])
                if "body_base64" in script
                else script["body"].encode()
            )
            return await self._whole(status, body)
        if status != 200:
            error = {"message": f"scripted error {status}", **script.get("error", {})}
            value = self.dialect.error(status, error["message"], error.get("type"), error.get("code"))
            return await self._whole(status, json.dumps(value).encode())
        if script.get("stream", self.body.get("stream")):
            return await self._stream(status)
        value = self.dialect.whole(self.body, script, self.number)
        return await self._whole(status, json.dumps(value, ensure_ascii=False).encode())

    def _headers(self, content_type):
        own = {k.lower(): v for k, v in self.script.get("headers", {}).items()}
        base = [
            ("content-type", self.script.get("content_type", content_type)),
            *self.dialect.headers(self.number),
        ]
        if self.script.get("gzip"):
            base.append(("content-encoding", "gzip"))
        return [(k, v) for k, v in base if k not in own] + list(own.items())

    async def _whole(self, status, body):
        if self.script.get("gzip"):
            packer = zlib.compressobj(wbits=31)
            body = packer.compress(body) + packer.flush()
        framing = self.script.get("framing", "length")
        await self.answer.head(status, self._headers("application/json"), framing, len(body))
        if "drop" in self.script:
            await self.answer.data(body[: len(body) // 2])
            self.answer.drop(self.script["drop"])
        await self._packets(body)
        await self.answer.end()

    async def _packets(self, data):
        """Writes `data`, cut as the script wishes."""
        size = self.script.get("packet_bytes") or len(data) or 1
        for i in range(0, len(data), size):
            await self.answer.data(data[i : i + size])
            if i + size < len(data):
                await self.answer.pause(self.script.get("packet_gap_ms", 0) / 1000)
                await asyncio.sleep(0)

    def _events(self):
        events = list(self.dialect.events(self.body, self.script, self.number))
        if "error_event" in self.script:
            at, message = self.script["error_event"]["at"], self.script["error_event"]["message"]
            events = [*events[:at], self.dialect.error_event(message)]
        return rendered(events, self.script)

    def _pause_before(self, index):
        if str(index) in self.script.get("pauses", {}):
            return self.script["pauses"][str(index)] / 1000
        return self.script.get("pause_ms", 0) / 1000 if index else 0

    async def _stream(self, status):
        script, waiting = self.script, b""
        headers = [*self._headers("text/event-stream; charset=utf-8"), ("cache-control", "no-cache")]
        await self.answer.head(status, headers, script.get("framing", "chunked"))
        packer = zlib.compressobj(wbits=31) if script.get("gzip") else None
        for index, raw in enumerate(self._events()):
            if index == script.get("drop_after"):
                await self._packets(waiting)
                self.answer.drop(script.get("drop", "fin"))
            if self._pause_before(index):
                await self._packets(waiting)
                waiting = b""
                await self.answer.pause(self._pause_before(index))
            waiting += packer.compress(raw) + packer.flush(zlib.Z_SYNC_FLUSH) if packer else raw
            if (index + 1) % script.get("events_per_packet", 1) == 0:
                await self._packets(waiting)
                waiting = b""
        await self._packets(waiting + (packer.flush() if packer else b""))
        if "drop_after" in script:
            self.answer.drop(script.get("drop", "fin"))
        await self.answer.end()


class Control:
    """The tests' side, on a port of its own: nothing on the provider's port can reach it."""

    def __init__(self, provider):
        self.provider = provider

    def _reply(self, request):
        seen = self.provider.seen
        if (request.method, request.path) == ("GET", "/__seen"):
            return 200, seen.records
        if (request.method, request.path) == ("DELETE", "/__seen"):
            seen.records.clear()
            return 200, {}
        if (request.method, request.path) == ("POST", "/__script"):
            try:
                self.provider.script = Script(json.loads(request.body))
            except (ScriptError, ValueError) as error:
                return 400, {"error": str(error)}
            return 200, {}
        return 404, {"error": f"no such control: {request.method} {request.path}"}

    async def handle(self, request, answer, connection):
        status, value = self._reply(request)
        body = json.dumps(value).encode()
        await answer.head(status, [("content-type", "application/json")], "length", len(body))
        await answer.data(body)


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--host", default="127.0.0.1")
    p.add_argument("--port", type=int, default=0)
    p.add_argument("--control-port", type=int, default=0)
    p.add_argument("--key", default="cloud-standin-key", help="the API key that a caller must show")
    p.add_argument("--script", help="a JSON file with the answers")
    p.add_argument("--log", help="a JSONL file that gets everything that arrives")
    p.add_argument("--print", action="store_true", dest="loud")
    p.add_argument("--cert", help="PEM certificate: serve TLS")
    p.add_argument("--key-file", help="PEM key of the certificate")
    return p.parse_args()


async def main(args):
    tls = None
    if args.cert:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(args.cert, args.key_file)
    provider = Provider(args.key, Seen(args.log, args.loud))
    if args.script:
        with open(args.script, encoding="utf-8") as file:
            provider.script = Script(json.load(file))
    servers = [Server(provider.handle), Server(Control(provider).handle)]
    print("listening", await servers[0].listen(args.host, args.port, tls), flush=True)
    print("control", await servers[1].listen("127.0.0.1", args.control_port), flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


if __name__ == "__main__":
    asyncio.run(main(arguments()))
