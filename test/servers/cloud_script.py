"""What a test may ask of the cloud stand-in: the answer script. README.md explains each key.

The script comes from the test (file or control port), never from a prompt: nothing that a client sends
through the gateway can change what this server does.
"""

import re

TEXT = "A refund is due within 14 days. Offer it by the way the customer paid, and confirm it in writing."

CHOICE_KEYS = {"text", "reasoning", "refusal", "tool_calls", "logprobs", "finish"}
ANSWER_KEYS = CHOICE_KEYS | {
    "choices",
    "thinking",
    "pieces",
    "tool_pieces",
    "usage",
    "model",
    "blocks",
    "status",
    "headers",
    "content_type",
    "body",
    "body_base64",
    "error",
    "delay_ms",
    "pause_ms",
    "pauses",
    "events_per_packet",
    "packet_bytes",
    "packet_gap_ms",
    "newline",
    "gzip",
    "framing",
    "drop_after",
    "drop",
    "drop_before_head",
    "skip_end",
    "insert",
    "raw_events",
    "stream",
    "error_event",
}
SCRIPT_KEYS = {"answers", "then", "by_model"}


class ScriptError(Exception):
    """A script that says something unknown; a typo must not read as "no special wish"."""


def _check_keys(what, value, allowed):
    if not isinstance(value, dict):
        raise ScriptError(f"{what}: an object is expected")
    unknown = set(value) - allowed
    if unknown:
        raise ScriptError(
            f"{what}: unknown {', '.join(sorted(unknown))}; known are {', '.join(sorted(allowed))}"
        )


def _check_answer(what, answer):
    _check_keys(what, answer, ANSWER_KEYS)
    for i, choice in enumerate(answer.get("choices", [])):
        _check_keys(f"{what}.choices[{i}]", choice, CHOICE_KEYS)


class Script:
    """Gives each request its answer: by model first, then the queue in order, then the default."""

    def __init__(self, value=None):
        value = value or {}
        _check_keys("script", value, SCRIPT_KEYS)
        self.queue = list(value.get("answers", []))
        self.by_model = value.get("by_model", {})
        self.repeat = value.get("then", "default") == "repeat"
        for i, answer in enumerate(self.queue):
            _check_answer(f"answers[{i}]", answer)
        for model, answer in self.by_model.items():
            _check_answer(f"by_model.{model}", answer)

    def take(self, model):
        if model in self.by_model:
            return self.by_model[model]
        if not self.queue:
            return {}
        return self.queue[0] if self.repeat and len(self.queue) == 1 else self.queue.pop(0)


def choices_of(answer, n):
    """The choices to answer with: as scripted, or `n` copies of the one answer."""
    if "choices" in answer:
        return answer["choices"]
    one = {k: answer[k] for k in CHOICE_KEYS if k in answer}
    if not one.keys() & {"text", "refusal", "tool_calls"}:
        one["text"] = TEXT
    return [one] * n


def pieces_of(text, how):
    """Cuts `text` as a stream would: "word" (as tokens come, with the space before), "char", a size, or a
    list of the pieces themselves (which need not be those of `text`)."""
    if isinstance(how, list):
        return how
    if how == "char":
        return list(text)
    if isinstance(how, int):
        return [text[i : i + how] for i in range(0, len(text), how)]
    return re.findall(r"\s*\S+|\s+$", text)


def tokens_of(text):
    """A stand-in's idea of a token count; stable, so that tests can foretell it."""
    return max(1, len(text) // 4)
