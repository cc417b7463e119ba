"""OpenAI's older completions as the cloud stand-in speaks them. What is not here is as for chat."""

import json

from cloud_openai import CREATED, error, error_event, finish, headers, key_of, models  # noqa: F401
from cloud_script import choices_of, pieces_of, tokens_of


def check(_request, body):
    """What the provider refuses: (status, message) or None."""
    if not isinstance(body.get("model"), str):
        return 400, "you must provide a model parameter"
    return None if body.get("prompt") else (400, "you must provide a prompt")


def _prompts(body):
    prompt = body["prompt"]
    return [prompt] if isinstance(prompt, str) or isinstance(prompt[0], int) else prompt


def _choices(body, answer):
    """Each prompt gets what the script says, so often as `n` asks."""
    prompts = _prompts(body)
    each = choices_of(answer, body.get("n") or 1)
    if body.get("echo"):
        return [{**c, "text": str(p) + (c.get("text") or "")} for p in prompts for c in each]
    return each * len(prompts)


def _usage(body, answer, choices):
    given = answer.get("usage", {})
    sent = given.get("input", tokens_of(json.dumps(body["prompt"])))
    got = given.get("output", sum(tokens_of(c.get("text") or "") for c in choices))
    return {"prompt_tokens": sent, "completion_tokens": got, "total_tokens": sent + got}


def _head(body, answer, number):
    return {
        "id": f"cmpl-{number:024d}",
        "object": "text_completion",
        "created": CREATED,
        "model": answer.get("model", body["model"] + "-2026-01-01"),
        "system_fingerprint": "fp_standin",
    }


def _logprobs(choice, pieces):
    if not choice.get("logprobs"):
        return None
    return {
        "tokens": pieces,
        "token_logprobs": [-0.1 for _ in pieces],
        "top_logprobs": [{p: -0.1, "z": -4.5} for p in pieces],
        "text_offset": [0 for _ in pieces],
    }


def _choice(index, choice, text, end):
    pieces = pieces_of(text, "word") if text else []
    return {"text": text, "index": index, "logprobs": _logprobs(choice, pieces), "finish_reason": end}


def whole(body, answer, number):
    choices = _choices(body, answer)
    out = [_choice(i, c, c.get("text") or "", finish(c)) for i, c in enumerate(choices)]
    return {**_head(body, answer, number), "choices": out, "usage": _usage(body, answer, choices)}


def events(body, answer, number):
    """The stream as (event name, data) pairs, choice by choice."""
    head = _head(body, answer, number)

    def chunk(choices, **more):
        value = {**head, "choices": choices, **more}
        return None, json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    choices = _choices(body, answer)
    for index, choice in enumerate(choices):
        for piece in pieces_of(choice.get("text") or "", answer.get("pieces", "word")):
            yield chunk([_choice(index, choice, piece, None)])
        yield chunk([_choice(index, choice, "", finish(choice))])
    if (body.get("stream_options") or {}).get("include_usage"):
        yield chunk([], usage=_usage(body, answer, choices))
    if not answer.get("skip_end"):
        yield None, "[DONE]"
