"""The tour's own small client: one request to the gateway in either dialect, whole or streaming."""

import dataclasses
import http.client
import json


@dataclasses.dataclass
class Reply:
    """What the caller got."""

    status: int
    headers: dict
    text: str = ""  # of the model, as far as it came
    error: dict = dataclasses.field(default_factory=dict)  # of a refusal, or of the event that cut a stream
    raw: bytes = b""

    @property
    def request_id(self):
        return self.headers.get("x-sallyport-request-id", "")


def body_of(dialect, model, step, max_tokens):
    """The request body of a step in that dialect."""
    system = [{"role": "system", "content": step.system}] if step.system and dialect == "openai" else []
    body = {
        "model": model,
        "max_tokens": max_tokens,
        "messages": system + [{"role": "user", "content": step.text}],
        "stream": step.stream,
    }
    if step.system and dialect == "anthropic":
        body["system"] = step.system
    return body


def send(port, key, dialect, body):
    """Sends one request with a new connection and reads the answer to its end."""
    headers = {"content-type": "application/json"}
    if dialect == "anthropic":
        path, own = "/v1/messages", {"x-api-key": key, "anthropic-version": "2023-06-01"}
    else:
        path, own = "/v1/chat/completions", {"authorization": "Bearer " + key}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", path, json.dumps(body).encode(), {**headers, **own})
        response = connection.getresponse()
        reply = Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, raw=response.read())
    finally:
        connection.close()
    if reply.headers.get("content-type", "").startswith("text/event-stream"):
        _read_events(reply)
    else:
        _read_whole(reply)
    return reply


def _read_whole(reply):
    try:
        value = json.loads(reply.raw)
    except ValueError:
        reply.error = {"message": reply.raw[:200].decode("utf-8", "replace")}
        return
    reply.error = value.get("error") or {}
    if "choices" in value:
        reply.text = value["choices"][0]["message"]["content"] or ""
    elif "content" in value:
        reply.text = "".join(b.get("text", "") for b in value["content"])


def _read_events(reply):
    for line in reply.raw.decode("utf-8", "replace").splitlines():
        if not line.startswith("data:") or line.strip() == "data: [DONE]":
            continue
        event = json.loads(line[5:])
        if event.get("error"):
            reply.error = event["error"]
        elif event.get("choices"):
            reply.text += event["choices"][0]["delta"].get("content") or ""
        elif event.get("type") == "content_block_delta":
            reply.text += event["delta"].get("text", "")
