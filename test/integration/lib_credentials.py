"""What `sallyport scan` says of texts that hold credentials, and whether that is enough of one."""

import json
import subprocess

from lib_servers import BUILD


def run(*args, text=""):
    done = subprocess.run([str(BUILD / "sallyport"), *args], input=text, capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, done.stderr
    return done.stdout


def detectors():
    """The rows of credentials."""
    return [d for d in json.loads(run("detector", "list", "--json"))["detectors"] if d["category"] == "credentials"]


def scan(texts, rows):
    """Per text the spans that are of these rows' kinds."""
    kinds = {row["kind"].replace("-", "_") for row in rows}
    lines = "".join(json.dumps({"id": i, "text": text}) + "\n" for i, text in enumerate(texts))
    answers = [json.loads(line) for line in run("scan", "--jsonl", text=lines).splitlines()]
    return [[s for s in answer["spans"] if s["category"] in kinds] for answer in answers]


def is_found(span, flags):
    """Is half of it flagged, and more?"""
    start, end = span
    return sum(max(0, min(end, f["end"]) - max(start, f["start"])) for f in flags) * 2 >= end - start
