"""Clients: the official SDKs behind one call, and a raw stream that keeps the time of each piece."""

import dataclasses
import http.client
import json
import time

import anthropic
import openai
import pytest

from lib_servers import connect

PATHS = {"openai": "/v1/chat/completions", "anthropic": "/v1/messages"}
QUESTION = "What is the capital of France?"


def sdk(gateway, dialect, application="desk", **options):
    """A client of the provider's own SDK, with the SDK's own defaults unless `options` say otherwise."""
    return (
        gateway.openai(application, **options)
        if dialect == "openai"
        else gateway.anthropic(application, **options)
    )


def body(dialect, model, content=QUESTION, stream=False, **more):
    """The arguments of an SDK's `create`, which are the JSON body as well."""
    fields = {"model": model, "messages": [{"role": "user", "content": content}], "max_tokens": 16, **more}
    return {**fields, "stream": True} if stream else fields


@dataclasses.dataclass
class Answer:
    text: str
    finish: str
    headers: dict
    sent: bytes  # the body that left the SDK

    @property
    def id(self):
        return self.headers["x-sallyport-request-id"]


def _text_openai(parsed, stream):
    if not stream:
        return parsed.choices[0].message.content, parsed.choices[0].finish_reason
    chunks = [c for c in parsed if c.choices]
    finishes = [c.choices[0].finish_reason for c in chunks if c.choices[0].finish_reason]
    return "".join(c.choices[0].delta.content or "" for c in chunks), finishes[-1] if finishes else None


def _text_anthropic(parsed, stream):
    if not stream:
        return "".join(b.text for b in parsed.content if b.type == "text"), parsed.stop_reason
    events = list(parsed)
    text = "".join(
        e.delta.text for e in events if e.type == "content_block_delta" and e.delta.type == "text_delta"
    )
    finishes = [e.delta.stop_reason for e in events if e.type == "message_delta"]
    return text, finishes[-1] if finishes else None


def _create(client):
    resource = client.chat.completions if isinstance(client, openai.OpenAI) else client.messages
    return resource.with_raw_response.create


def ask(gateway, dialect, fields, application="desk", **options):
    """One request by the SDK, read to its end."""
    with sdk(gateway, dialect, application, **options) as client:
        own = {k: v for k, v in fields.items() if k not in EXTRA}
        extra = {k: v for k, v in fields.items() if k in EXTRA}
        raw = _create(client)(**own, **({"extra_body": extra} if extra else {}))
        stream = bool(fields.get("stream"))
        text, finish = (_text_openai if dialect == "openai" else _text_anthropic)(raw.parse(), stream)
        return Answer(text, finish, dict(raw.headers), raw.http_request.content)


# What SDKs have no argument for.
EXTRA = {"frobnicate", "top_k_extra"}


@dataclasses.dataclass
class Refusal:
    status: int
    kind: str  # the dialect's `type`
    code: str  # the gateway's own word
    message: str
    headers: dict
    error: Exception

    @property
    def id(self):
        return self.headers["x-sallyport-request-id"]


def refused(gateway, dialect, fields, application="desk", **options):
    """One request by the SDK that has to be refused before an answer began."""
    status_error = openai.APIStatusError if dialect == "openai" else anthropic.APIStatusError
    with pytest.raises(status_error) as raised:
        ask(gateway, dialect, fields, application, **options)
    return refusal_of(dialect, raised.value)


def refusal_of(dialect, error):
    inner = error.body if dialect == "openai" else error.body["error"]
    return Refusal(
        error.response.status_code,
        inner["type"],
        inner["code"],
        inner["message"],
        {k.lower(): v for k, v in error.response.headers.items()},
        error,
    )


def error_of(dialect, raw):
    """(type, code, message, request id) of an error body as bytes, whose shape is the dialect's."""
    value = json.loads(raw)
    inner = value["error"]
    if dialect == "openai":
        assert set(value) == {"error"} and set(inner) == {"message", "type", "param", "code", "request_id"}
        return inner["type"], inner["code"], inner["message"], inner["request_id"]
    assert set(value) == {"type", "error", "request_id"} and value["type"] == "error"
    return inner["type"], inner["code"], inner["message"], value["request_id"]


class Stream:
    """A streamed request without any SDK: the bytes as they come, each piece with its time."""

    def __init__(self, gateway, fields, dialect="openai", application="desk", headers=None):
        self.connection = connect(gateway.port, ca=gateway.ca)
        own = {"content-type": "application/json", "authorization": "Bearer " + gateway.key(application)}
        if dialect == "anthropic":
            own["anthropic-version"] = "2023-06-01"
        self.started = time.monotonic()
        self.connection.request("POST", PATHS[dialect], json.dumps(fields), {**own, **(headers or {})})
        self.response = self.connection.getresponse()
        self.status = self.response.status
        self.headers = {k.lower(): v for k, v in self.response.getheaders()}
        self.pieces = []  # (seconds since the request, bytes)

    @property
    def id(self):
        return self.headers["x-sallyport-request-id"]

    @property
    def bytes(self):
        return b"".join(piece for _, piece in self.pieces)

    def step(self):
        """The next piece; b"" at the end."""
        piece = self.response.read1(1 << 16)
        if piece:
            self.pieces.append((time.monotonic() - self.started, piece))
        return piece

    def until(self, wanted):
        """Reads until `wanted` has come; the seconds since the request."""
        while wanted not in self.bytes:
            assert self.step(), f"the stream ended without {wanted!r}: {self.bytes!r}"
        return self.pieces[-1][0]

    def all(self):
        while self.step():
            pass
        self.connection.close()
        return self.bytes

    def is_cut(self):
        """Reads to the end: whether the connection broke before the end of the answer."""
        try:
            self.all()
        except (http.client.HTTPException, ConnectionError):
            return True
        return False

    def leave(self):
        """Goes away in the middle, as a client does that nobody waits for."""
        self.response.close()
        self.connection.close()


def events(raw):
    """The events of a stream as (name, data) pairs; comments are left out."""
    text = raw.decode().replace("\r\n", "\n").replace("\r", "\n")
    assert not text or text.endswith("\n\n"), f"an event is cut: {text[-200:]!r}"
    out = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line and line[0] != ":")
        if fields:
            out.append((fields.get("event"), fields.get("data")))
    return out


def data_of(raw):
    """The events that are JSON, parsed."""
    return [json.loads(data) for _, data in events(raw) if data and data != "[DONE]"]
