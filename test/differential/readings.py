"""Everything that somebody could read in an answer: the bytes, the lines, the JSON in events, texts put together by channel,
escapes undone, numbers as letters. A canary must be in none of it."""

from __future__ import annotations

import json
import re
from collections import defaultdict

RUN = 8  # characters of a canary that are too many
ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
LINE = re.compile(r"\r\n|\r|\n")
INDEXED = ("index",)


def undo_escapes(text: str) -> str:
    """The escapes of JSON undone, wherever they stand."""
    return ESCAPE.sub(lambda m: chr(int(m[1], 16)), text).replace('\\"', '"').replace("\\\\", "\\")


def _number(value) -> str:
    """An index as its reader takes it: 0, "0", 0.0 and none are one."""
    try:
        return str(int(float(value)))
    except (TypeError, ValueError):
        return "0"


class Leaves:
    """The strings and numbers of JSON values, by path and in order."""

    def __init__(self):
        self.by_path = defaultdict(str)
        self.order = []

    def add(self, value, path=""):
        if isinstance(value, dict):
            here = path + (f"[{_number(value['index'])}]" if "index" in value else "")
            for name, inner in value.items():
                self.order.append(name)
                self.add(inner, f"{here}.{name}")
        elif isinstance(value, list):
            self._list(value, path)
        elif isinstance(value, bool) or value is None:
            pass
        else:
            text = value if isinstance(value, str) else str(value)
            self.order.append(text)
            self.by_path[path] += text
            self._inner(text, path)

    def _list(self, items, path):
        if items and all(isinstance(item, int) and 0 <= item < 256 for item in items):
            self.order.append(bytes(items).decode("utf-8", "replace"))
        for item in items:
            self.add(item, path)

    def _inner(self, text, path):
        if text[:1] in "{[" and text:
            try:
                self.add(json.loads(text), path + "~")
            except ValueError:
                pass

    def texts(self):
        joined = defaultdict(str)
        for path, text in self.by_path.items():
            joined[re.sub(r"\[\d+\]", "", path)] += text
        return [*self.by_path.values(), *joined.values(), "".join(self.order), *self.order]


def _pairs(members):
    """Every member of an object that gives a name twice: the reader may keep any."""
    seen = defaultdict(list)
    for name, value in members:
        seen[name].append(value)
    return {name if i == 0 else f"{name}#{i}": value for name, values in seen.items() for i, value in enumerate(values)}


def _events(text: str):
    """The data of each event, joined as the standard says and line by line as some do."""
    block: list[str] = []
    for line in [*LINE.split(text.lstrip("\ufeff")), ""]:
        if not line and block:
            yield "\n".join(block)
            if len(block) > 1:
                yield from block
            block = []
        elif line.lower().lstrip(" \0").startswith("data:"):
            block.append(line.lstrip(" \0")[5:].removeprefix(" ").lstrip("\ufeff"))


def readings(head: bytes, body: bytes) -> list[str]:
    """All readings of an answer."""
    text = body.decode("utf-8", "surrogateescape")
    leaves = Leaves()
    for document in [*_events(text), text]:
        try:
            leaves.add(json.loads(document, object_pairs_hook=_pairs))
        except (ValueError, RecursionError):
            pass
    found = [head.decode("latin-1"), text, LINE.sub("", re.sub(r"(?m)^(:|[a-z]+:) ?", "", text)), *leaves.texts()]
    found += [undo_escapes(x) for x in found]
    return found + [undo_escapes(x) for x in found]


def leaked(canary: bytes, head: bytes, body: bytes) -> str:
    """The first run of RUN characters of the canary that can be read in the answer, or nothing."""
    wanted = canary.decode("utf-8", "surrogateescape")
    everything = readings(head, body)
    for at in range(max(1, len(wanted) - RUN + 1)):
        run = wanted[at : at + RUN]
        if any(run in text for text in everything):
            return run
    return ""
