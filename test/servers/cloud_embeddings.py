"""OpenAI embeddings as the cloud stand-in speaks them: vectors that mean nothing, the same for the same text."""

import base64
import hashlib
import json
import struct

from cloud_openai import error, error_event, events, headers, key_of, models  # noqa: F401
from cloud_script import tokens_of

DIMENSIONS = 8


def check(_request, body):
    """What the provider refuses: (status, message) or None."""
    if not isinstance(body.get("model"), str):
        return 400, "you must provide a model parameter"
    return None if body.get("input") else (400, "'$.input' is invalid.")


def _inputs(body):
    given = body["input"]
    return [given] if isinstance(given, str) or isinstance(given[0], int) else given


def _vector(text, dimensions):
    seed = hashlib.shake_256(json.dumps(text).encode()).digest(dimensions)
    return [(b - 127.5) / 127.5 for b in seed]


def whole(body, answer, _number):
    inputs = _inputs(body)
    vectors = [_vector(text, body.get("dimensions") or DIMENSIONS) for text in inputs]
    if body.get("encoding_format") == "base64":
        vectors = [base64.b64encode(struct.pack(f"<{len(v)}f", *v)).decode() for v in vectors]
    used = answer.get("usage", {}).get("input", sum(tokens_of(json.dumps(text)) for text in inputs))
    return {
        "object": "list",
        "data": [{"object": "embedding", "index": i, "embedding": v} for i, v in enumerate(vectors)],
        "model": answer.get("model", body["model"]),
        "usage": {"prompt_tokens": used, "total_tokens": used},
    }
