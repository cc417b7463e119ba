"""What the benchmark sends: a short chat, an agent's request of 100 KB, one message of 100 KB. Where a body
says MARK the load program puts twelve letters that no other request has: nothing in it was seen before."""

import json
import random

MARK = "@" * 12
WORDS = (
    "the of and to in is that for it as was with be by on not he this are or his from at which but have "
    "an had they you were their one all we can her has there been if more when will would who so no out "
    "up into than them only time some could these two may then do first any my now such like our over "
    "man me even most made after also did many before must through back years where much your way well "
    "down should because each just those people how too little state good very make world still own see "
    "men work long get here between both life being under never day same another know while last might "
    "us great old year off come since against go came right used take three function return value error "
    "request configuration server address record gateway deployment service customer contract delivery "
    "invoice meeting summary question answer document paragraph table column"
).split()


def prose(rng, n, mark=""):
    """About n characters of sentences."""
    out, size = [mark] if mark else [], len(mark)
    while size < n:
        sentence = " ".join(rng.choice(WORDS) for _ in range(rng.randint(6, 16))).capitalize() + "."
        out.append(sentence)
        size += len(sentence) + 1
    return " ".join(out)[:n]


def chat(model, stream=False):
    """1 KB: two instructions, one question with an e-mail address in it."""
    rng = random.Random(1)
    body = {
        "model": model,
        "temperature": 0.2,
        "max_tokens": 256,
        "messages": [
            {"role": "system", "content": prose(rng, 380)},
            {"role": "user", "content": prose(rng, 400) + " Answer to m.weber@example.com, please."},
        ],
    }
    return {**body, "stream": True} if stream else body


def _tool(rng, i):
    properties = {f"field_{k}": {"type": "string", "description": prose(rng, 60)} for k in range(4)}
    parameters = {"type": "object", "properties": properties, "required": ["field_0"]}
    return {
        "type": "function",
        "function": {"name": f"tool_{i}", "description": prose(rng, 150), "parameters": parameters},
    }


def _turn(rng, i, mark):
    """One turn of an agent: it calls a tool, the tool answers, it says what it makes of it."""
    call = {"path": f"src/part_{i}.c", "reason": prose(rng, 120, mark)}
    function = {"name": f"tool_{i % 24}", "arguments": json.dumps(call)}
    calls = [{"id": f"call_{i}", "type": "function", "function": function}]
    return [
        {"role": "assistant", "content": None, "tool_calls": calls},
        {"role": "tool", "tool_call_id": f"call_{i}", "content": prose(rng, 2100, mark)},
        {"role": "assistant", "content": prose(rng, 420, mark)},
        {"role": "user", "content": prose(rng, 260, mark)},
    ]


def agent(model, is_new):
    """100 KB: 81 messages and 24 tools."""
    rng = random.Random(2)
    mark = MARK if is_new else ""
    messages = [{"role": "system", "content": prose(rng, 3000, mark)}]
    for i in range(20):
        messages += _turn(rng, i, mark)
    return {"model": model, "messages": messages, "tools": [_tool(rng, i) for i in range(24)]}


def single(model):
    """100 KB in one message, new in each request."""
    return {"model": model, "messages": [{"role": "user", "content": prose(random.Random(3), 100_000, MARK)}]}
