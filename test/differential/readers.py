"""Three readers of JSON that stand for what destinations run: Python's json, Go's encoding/json, JavaScript's JSON.parse.

Each tells what it read in one form, so that readings compare as text: strings as UTF-16 units in hexadecimal, numbers as the bits
of their double (what two readers may do with more digits than that, RFC 8259 section 6, is one number to them), members sorted.
"""

from __future__ import annotations

import base64
import json
import os
import pathlib
import struct
import subprocess

HERE = pathlib.Path(__file__).parent / "readers"
CACHE = pathlib.Path(__file__).parents[2] / "build" / "go-cache"
REFUSED = "refused"


def quote(text: str) -> str:
    raw = text.encode("utf-16-be", "surrogatepass")
    return '"' + raw.hex() + '"'


def _form(value) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (int, float)):
        return "#" + struct.pack(">d", value).hex()
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, list):
        return "[" + "".join(_form(item) + "," for item in value) + "]"
    return "{" + ",".join(sorted(quote(k) + ":" + _form(v) for k, v in value.items())) + "}"


def python(body: bytes) -> str:
    """json.loads on bytes, as web frameworks call it."""
    try:
        value = json.loads(body)
        form = _form(value)
    except (ValueError, RecursionError, OverflowError):
        return REFUSED
    if not isinstance(value, dict):
        return form + "\t"
    messages = value.get("messages")
    count = len(messages) if isinstance(messages, list) else 0
    stream = "true" if value.get("stream") is True else "false"
    return f"{form}\t{quote(str(value.get('model') or ''))} {stream} {count}"


class Reader:
    """A reader in a process of its own, asked line by line."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, body: bytes) -> str:
        self.process.stdin.write(base64.b64encode(body).decode() + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"{self.process.args} ended"
        return line.rstrip("\n")

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)


class Readers:
    """All three; `go` is built once into `folder`."""

    def __init__(self, folder: pathlib.Path, node):
        program = folder / "reader"
        subprocess.run(["go", "build", "-o", program, HERE / "reader.go"], check=True, env=_go_environment())
        self.others = {"go": Reader([program]), "javascript": Reader([node, HERE / "reader.mjs"])}

    def readings(self, body: bytes) -> dict[str, str]:
        """What each reader makes of it, by its name."""
        return {"python": python(body), **{name: reader(body) for name, reader in self.others.items()}}

    def agreed(self, body: bytes) -> str:
        """The one reading, "MODEL STREAM MESSAGES" of it; fails where two differ or one refuses."""
        found = self.readings(body)
        assert REFUSED not in {reading for text in found.values() for reading in text.split("\t")}, f"refused by one: {found}"
        assert len(set(found.values())) == 1, f"read differently: {found}"
        return found["python"].split("\t")[1]

    def stop(self):
        for reader in self.others.values():
            reader.stop()


def _go_environment() -> dict[str, str]:
    """No network, no module; the cache outlives a run, since the first build makes Go's own library."""
    return {**os.environ, "GO111MODULE": "off", "GOPROXY": "off", "GOCACHE": str(CACHE)}
