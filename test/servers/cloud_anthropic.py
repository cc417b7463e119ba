"""Anthropic messages as the cloud stand-in speaks them: bodies, stream events, errors, headers."""

import json

from cloud_script import choices_of, pieces_of, tokens_of

ERROR_KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    529: "overloaded_error",
}
FINISH = {"length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal", "stop": "end_turn"}


def headers(number):
    return [
        ("request-id", f"req_{number:024d}"),
        ("anthropic-organization-id", "00000000-0000-4000-8000-000000000001"),
        ("anthropic-ratelimit-requests-limit", "4000"),
        ("anthropic-ratelimit-requests-remaining", "3999"),
    ]


def key_of(request):
    bearer = request.header("authorization") or ""
    return request.header("x-api-key") or (bearer[7:] if bearer.startswith("Bearer ") else None)


def check(request, body):
    """What the provider refuses: (status, message) or None."""
    if not request.header("anthropic-version"):
        return 400, "anthropic-version: header is required"
    return missing(body, ["model", "max_tokens", "messages"])


def missing(body, needed):
    for name in needed:
        if name not in body:
            return 400, f"{name}: Field required"
    return None


def error(status, message, kind=None, code=None):
    return {
        "type": "error",
        "error": {"type": kind or ERROR_KINDS.get(status, "api_error"), "message": message},
        "request_id": "req_000000000000000000000000",
    }


def models(names):
    data = [
        {"type": "model", "id": n, "display_name": n, "created_at": "2025-11-24T00:00:00Z"} for n in names
    ]
    return {"data": data, "has_more": False, "first_id": names[0], "last_id": names[-1]}


def _blocks(body, answer, number):
    """The content blocks of the answer, whole."""
    if "blocks" in answer:
        return answer["blocks"]
    choice = choices_of(answer, 1)[0]
    blocks = []
    thinking = answer.get("thinking")
    if thinking and "redacted" in thinking:
        blocks.append({"type": "redacted_thinking", "data": thinking["redacted"]})
    elif thinking:
        blocks.append({"type": "thinking", "thinking": thinking["text"], "signature": thinking["signature"]})
    text = choice.get("text") or choice.get("refusal")
    if text:
        blocks.append({"type": "text", "text": text})
    for i, call in enumerate(choice.get("tool_calls", [])):
        arguments = call.get("arguments", {})
        blocks.append(
            {
                "type": "tool_use",
                "id": call.get("id", f"toolu_{number:08d}{i}"),
                "name": call["name"],
                "input": json.loads(arguments) if isinstance(arguments, str) else arguments,
            }
        )
    return blocks


def _stop_reason(answer, blocks):
    choice = choices_of(answer, 1)[0]
    if choice.get("finish"):
        return FINISH.get(choice["finish"], choice["finish"])
    if choice.get("refusal"):
        return "refusal"
    return "tool_use" if any(b["type"] == "tool_use" for b in blocks) else "end_turn"


def _message(body, answer, number, content, stop_reason, usage):
    return {
        "id": f"msg_{number:024d}",
        "type": "message",
        "role": "assistant",
        "model": answer.get("model", body["model"] + "-20260101"),
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": usage,
    }


def _usage(body, answer, blocks):
    given = answer.get("usage", {})
    return {
        "input_tokens": given.get("input", tokens_of(json.dumps(body["messages"]))),
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": given.get("output", tokens_of(json.dumps(blocks))),
        "service_tier": "standard",
    }


def whole(body, answer, number):
    blocks = _blocks(body, answer, number)
    return _message(body, answer, number, blocks, _stop_reason(answer, blocks), _usage(body, answer, blocks))


def _block_deltas(block, answer):
    how = answer.get("pieces", "word")
    if block["type"] == "text":
        return [{"type": "text_delta", "text": p} for p in pieces_of(block["text"], how)]
    if block["type"] == "thinking":
        pieces = pieces_of(block["thinking"], how if not isinstance(how, list) else "word")
        return [{"type": "thinking_delta", "thinking": p} for p in pieces] + [
            {"type": "signature_delta", "signature": block["signature"]}
        ]
    if block["type"] == "tool_use":
        pieces = pieces_of(json.dumps(block["input"]), answer.get("tool_pieces", 7))
        return [{"type": "input_json_delta", "partial_json": p} for p in ["", *pieces]]
    return []


def _opened(block):
    """A block as `content_block_start` shows it: what deltas will bring is empty."""
    empty = {"text": {"text": ""}, "thinking": {"thinking": "", "signature": ""}, "tool_use": {"input": {}}}
    return {**block, **empty.get(block["type"], {})}


def events(body, answer, number):
    """The stream as (event name, data) pairs."""

    def event(kind, **fields):
        return kind, json.dumps({"type": kind, **fields}, ensure_ascii=False, separators=(",", ":"))

    blocks = _blocks(body, answer, number)
    usage = _usage(body, answer, blocks)
    yield event(
        "message_start", message=_message(body, answer, number, [], None, {**usage, "output_tokens": 1})
    )
    for index, block in enumerate(blocks):
        yield event("content_block_start", index=index, content_block=_opened(block))
        if index == 0:
            yield event("ping")
        for delta in _block_deltas(block, answer):
            yield event("content_block_delta", index=index, delta=delta)
        yield event("content_block_stop", index=index)
    yield event(
        "message_delta",
        delta={"stop_reason": _stop_reason(answer, blocks), "stop_sequence": None},
        usage={"output_tokens": usage["output_tokens"]},
    )
    if not answer.get("skip_end"):
        yield event("message_stop")


def error_event(message):
    return "error", json.dumps({"type": "error", "error": {"type": "overloaded_error", "message": message}})
