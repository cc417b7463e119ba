"""Anthropic's count of tokens as the cloud stand-in speaks it. What is not here is as for messages."""

import json

from cloud_anthropic import error, error_event, events, headers, key_of, missing, models  # noqa: F401
from cloud_script import tokens_of


def check(request, body):
    """What the provider refuses: (status, message) or None."""
    if not request.header("anthropic-version"):
        return 400, "anthropic-version: header is required"
    return missing(body, ["model", "messages"])


def whole(body, _answer, _number):
    return {"input_tokens": tokens_of(json.dumps([body.get("system"), body["messages"], body.get("tools")]))}
