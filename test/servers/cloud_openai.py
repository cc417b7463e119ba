"""OpenAI chat completions as the cloud stand-in speaks them: bodies, stream events, errors, headers."""

import json

from cloud_script import choices_of, pieces_of, tokens_of

CREATED = 1764000000  # fixed: the same request gets the same bytes
NO_MESSAGES = "Missing required parameter: 'messages'."
ERROR_KINDS = {
    400: ("invalid_request_error", None),
    401: ("invalid_request_error", "invalid_api_key"),
    403: ("invalid_request_error", "unsupported_country_region_territory"),
    404: ("invalid_request_error", "unknown_url"),
    429: ("requests", "rate_limit_exceeded"),
    500: ("server_error", None),
    503: ("server_error", None),
}


def headers(number):
    return [
        ("openai-organization", "cloud-stand-in"),
        ("openai-processing-ms", "12"),
        ("openai-version", "2020-10-01"),
        ("x-request-id", f"req_{number:032x}"),
        ("x-ratelimit-limit-requests", "10000"),
        ("x-ratelimit-remaining-requests", "9999"),
    ]


def key_of(request):
    value = request.header("authorization") or ""
    return value[7:] if value.startswith("Bearer ") else None


def check(request, body):
    """What the provider refuses: (status, message) or None."""
    if not isinstance(body.get("model"), str):
        return 400, "you must provide a model parameter"
    if not isinstance(body.get("messages"), list) or not body["messages"]:
        return 400, NO_MESSAGES
    return None


def error(status, message, kind=None, code=None):
    default_kind, default_code = ERROR_KINDS.get(status, ("invalid_request_error", None))
    return {
        "error": {
            "message": message,
            "type": kind or default_kind,
            "param": None,
            "code": code or default_code,
        }
    }


def models(names):
    return {
        "object": "list",
        "data": [
            {"id": n, "object": "model", "created": CREATED, "owned_by": "cloud-stand-in"} for n in names
        ],
    }


def _tool_calls(choice, number):
    calls = []
    for i, call in enumerate(choice.get("tool_calls", [])):
        arguments = call.get("arguments", {})
        calls.append(
            {
                "id": call.get("id", f"call_{number:08d}{i}"),
                "type": "function",
                "function": {
                    "name": call["name"],
                    "arguments": arguments if isinstance(arguments, str) else json.dumps(arguments),
                },
            }
        )
    return calls


def finish(choice):
    return choice.get("finish") or ("tool_calls" if choice.get("tool_calls") else "stop")


def _logprobs(choice, pieces, field="content"):
    if not choice.get("logprobs"):
        return None
    one = [
        {
            "token": p,
            "logprob": -0.1,
            "bytes": list(p.encode()),
            "top_logprobs": [{"token": p, "logprob": -0.1, "bytes": list(p.encode())}],
        }
        for p in pieces
    ]
    return {"content": one, "refusal": None} if field == "content" else {"content": None, "refusal": one}


def _usage(body, answer, choices):
    given = answer.get("usage", {})
    sent = given.get("input", tokens_of(json.dumps(body["messages"])))
    thought = sum(tokens_of(c["reasoning"]) for c in choices if c.get("reasoning"))
    got = given.get(
        "output", thought + sum(tokens_of(c.get("text") or c.get("refusal") or "") for c in choices)
    )
    return {
        "prompt_tokens": sent,
        "completion_tokens": got,
        "total_tokens": sent + got,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": thought,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _head(kind, body, answer, number):
    return {
        "id": f"chatcmpl-{number:024d}",
        "object": kind,
        "created": CREATED,
        "model": answer.get("model", body["model"] + "-2026-01-01"),
        "service_tier": "default",
        "system_fingerprint": "fp_standin",
    }


def whole(body, answer, number):
    choices = choices_of(answer, body.get("n") or 1)
    out = []
    for index, choice in enumerate(choices):
        message = {
            "role": "assistant",
            "content": choice.get("text"),
            "refusal": choice.get("refusal"),
            "annotations": [],
        }
        if choice.get("reasoning"):
            message["reasoning_content"] = choice["reasoning"]
        if choice.get("tool_calls"):
            message["tool_calls"] = _tool_calls(choice, number)
        pieces = pieces_of(choice.get("text") or "", answer.get("pieces", "word"))
        out.append(
            {
                "index": index,
                "message": message,
                "logprobs": _logprobs(choice, pieces),
                "finish_reason": finish(choice),
            }
        )
    return {
        **_head("chat.completion", body, answer, number),
        "choices": out,
        "usage": _usage(body, answer, choices),
    }


def _deltas(choice, answer, number):
    """(delta, logprobs) of one choice in the order in which they come, finish excluded."""
    how = answer.get("pieces", "word")
    yield {"role": "assistant", "content": None if choice.get("tool_calls") else "", "refusal": None}, None
    for piece in pieces_of(choice.get("reasoning") or "", how if not isinstance(how, list) else "word"):
        yield {"reasoning_content": piece}, None
    for field in ("content", "refusal"):
        text = choice.get("text" if field == "content" else "refusal")
        for piece in pieces_of(text, how) if text else []:
            yield {field: piece}, _logprobs(choice, [piece], field)
    for i, call in enumerate(_tool_calls(choice, number)):
        arguments = call["function"]["arguments"]
        yield {"tool_calls": [{"index": i, **call, "function": {**call["function"], "arguments": ""}}]}, None
        for piece in pieces_of(arguments, answer.get("tool_pieces", 7)):
            yield {"tool_calls": [{"index": i, "function": {"arguments": piece}}]}, None


def events(body, answer, number):
    """The stream as (event name, data) pairs. Several choices take turns, as the provider's do."""
    head = _head("chat.completion.chunk", body, answer, number)
    usage = {"usage": None} if (body.get("stream_options") or {}).get("include_usage") else {}

    def chunk(choice):
        return None, json.dumps(
            {**head, "choices": [choice], **usage}, ensure_ascii=False, separators=(",", ":")
        )

    choices = choices_of(answer, body.get("n") or 1)
    running = [(i, c, _deltas(c, answer, number)) for i, c in enumerate(choices)]
    while running:
        for entry in list(running):
            index, choice, deltas = entry
            delta, logprobs = next(deltas, (None, None))
            end = finish(choice) if delta is None else None
            yield chunk({"index": index, "delta": delta or {}, "logprobs": logprobs, "finish_reason": end})
            if delta is None:
                running.remove(entry)
    if usage:
        yield None, json.dumps(
            {**head, "choices": [], "usage": _usage(body, answer, choices)}, separators=(",", ":")
        )
    if not answer.get("skip_end"):
        yield None, "[DONE]"


def error_event(message):
    return None, json.dumps(error(500, message))
