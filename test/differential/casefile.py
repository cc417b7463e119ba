"""Reads the cases: TOML in, bytes out. The form is told in README.md."""

from __future__ import annotations

import gzip
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
HEX = re.compile(r"[0-9a-f]{2}(?: [0-9a-f]{2})*")
TIMES = re.compile(r"(\d+)\*(.*)", re.DOTALL)
ENCODED = re.compile(r"([a-z0-9-]+):(.*)", re.DOTALL)
PATHS = {"openai": "/v1/chat/completions", "anthropic": "/v1/messages"}
LINE_JOIN = "«-»\n"
# what stays symbolic until a gateway runs; a NUL-free private byte sequence that no case can write
LATE = {name: f"\ue000{name}\ue001".encode() for name in ("key", "host", "length", "pause")}


class Malformed(ValueError):
    """A case that does not keep to the form."""


@dataclass
class Case:
    """One case, its bytes expanded but for what only a running gateway knows."""

    name: str
    why: str
    expect: str
    source: str
    profile: str = "plain"
    dialect: str = "openai"
    path: str = ""
    canary: bytes = b""
    limit: str = ""
    note: str = ""
    send: bytes | None = None
    body: bytes | None = None
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    trailers: list[tuple[bytes, bytes]] = field(default_factory=list)
    frames: list[dict] = field(default_factory=list)
    answer: bytes | None = None
    ask: bytes | None = None
    status: int = 200
    type: str = "text/event-stream"
    fields: list[bytes] = field(default_factory=list)
    raw: bool = False
    cloud: int = 0


def pieces() -> dict[str, str]:
    """The named pieces, unexpanded."""
    return tomllib.loads((HERE / "pieces.toml").read_text("utf-8"))


def profiles() -> dict[str, dict]:
    """The configurations by name."""
    return tomllib.loads((HERE / "profiles.toml").read_text("utf-8"))


def _split(text: str) -> list[str | list]:
    """Text as a list of strings and, for each «…», a nested list."""
    root: list = []
    stack = [root]
    for token in re.split(r"([«»])", text):
        if token == "«":
            inner: list = []
            stack[-1].append(inner)
            stack.append(inner)
        elif token == "»":
            stack.pop()
            if not stack:
                raise Malformed(f"a » too many in {text[:60]!r}")
        elif token:
            stack[-1].append(token)
    if len(stack) != 1:
        raise Malformed(f"a « without » in {text[:60]!r}")
    return root


def _insertion(items: list, named: dict[str, str]) -> bytes:
    """The bytes of one «…»."""
    head = items[0] if items and isinstance(items[0], str) else ""
    whole = head if len(items) == 1 else ""
    if HEX.fullmatch(whole):
        return bytes.fromhex(whole)
    if whole in LATE:
        return LATE[whole]
    if whole in named:
        return expand(named[whole], named)
    if times := TIMES.fullmatch(head):
        return _join([times[2], *items[1:]], named) * int(times[1])
    if encoded := ENCODED.fullmatch(head):
        inner = _join([encoded[2], *items[1:]], named)
        if encoded[1] == "gzip":
            return gzip.compress(inner, mtime=0)
        return inner.decode("utf-8").encode(encoded[1])
    raise Malformed(f"«{whole or items}» is nothing")


def _join(items: list, named: dict[str, str]) -> bytes:
    return b"".join(item.encode("utf-8") if isinstance(item, str) else _insertion(item, named) for item in items)


def expand(text: str, named: dict[str, str], line_end: str = "\n") -> bytes:
    """The bytes that a string of a case stands for; a line end becomes `line_end`."""
    text = text.replace(LINE_JOIN, "").replace("\n", line_end)
    return _join(_split(text), named)


def _pairs(rows: list[list[str]], named: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(expand(name, named), expand(value, named)) for name, value in rows]


def _case(row: dict, source: str, named: dict[str, str]) -> Case:
    known = {"name", "why", "expect", "profile", "dialect", "path", "limit", "note", "status", "type", "raw", "cloud"}
    case = Case(source=source, **{key: row[key] for key in known & row.keys()})
    crlf = "\r\n"
    for key, line_end in (("send", crlf), ("body", "\n"), ("ask", "\n"), ("answer", crlf if case.raw else "\n")):
        if key in row:
            setattr(case, key, expand(row[key], named, line_end))
    case.headers = _pairs(row.get("headers", []), named)
    case.trailers = _pairs(row.get("trailers", []), named)
    case.fields = [expand(line, named) for line in row.get("fields", [])]
    for frame in row.get("frames", []):
        headers = _pairs(frame.get("headers", []), named)
        case.frames.append({**frame, "headers": headers, "payload": expand(frame.get("payload", ""), named)})
    case.canary = expand(row.get("canary", "«mail»" if case.answer is None else "«aws»"), named)
    case.path = case.path or PATHS[case.dialect]
    if case.answer is not None and "profile" not in row:
        case.profile = "answers"
    if unknown := row.keys() - known - {"send", "body", "ask", "answer", "headers", "trailers", "fields", "frames", "canary"}:
        raise Malformed(f"{row['name']}: {sorted(unknown)} are no fields of a case")
    return case


def load() -> list[Case]:
    """Every case of every file, in order."""
    named = pieces()
    found = []
    for file in sorted((HERE / "cases").glob("*.toml")):
        for row in tomllib.loads(file.read_text("utf-8"))["case"]:
            try:
                found.append(_case(row, file.stem, named))
            except (KeyError, TypeError, ValueError) as error:
                raise Malformed(f"{file.name}: {row.get('name')}: {error}") from error
    return found
