"""The client of the benchmark (test/bench/load.c): what it counts as a bad answer. A server ends connections in
every way that one may end."""

import contextlib
import json
import pathlib
import socket
import subprocess
import threading

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[1] / "bench" / "load.c"
REQUEST = b"POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\n{}"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
WHOLE = HEAD + b"\r\nhello"
# What a connection is answered, one piece per request; then it is closed, with the next request read or not.
CASES = {
    "announced": ([WHOLE, HEAD + b"Connection: close\r\n\r\nhello"], False, "good"),
    "between two answers": ([WHOLE, WHOLE], True, "good"),
    "within a body": ([WHOLE, HEAD + b"\r\nhel"], False, "bad"),
    "within a header": ([WHOLE, HEAD], False, "bad"),
    "before the first answer": ([], True, "bad"),
}


@pytest.fixture(scope="module", name="load")
def _load(tmp_path_factory):
    out = tmp_path_factory.mktemp("load") / "load"
    subprocess.run(["cc", "-std=gnu11", "-D_GNU_SOURCE", "-O1", "-o", out, SOURCE], check=True)
    return out


def converse(connection, answers, reads_on):
    with contextlib.suppress(OSError), connection:  # the client may end first
        for answer in answers:
            if connection.recv(len(REQUEST), socket.MSG_WAITALL):
                connection.sendall(answer)
        if reads_on:
            connection.recv(len(REQUEST), socket.MSG_WAITALL)


def serve(listener, answers, reads_on):
    """Each connection in a thread, until the listener is shut."""
    with contextlib.suppress(OSError):
        while True:
            connection = listener.accept()[0]
            threading.Thread(target=converse, args=(connection, answers, reads_on), daemon=True).start()


@pytest.mark.parametrize("name", CASES)
def test_an_answer_is_bad_only_when_it_was_cut(load, tmp_path, name):
    answers, reads_on, kind = CASES[name]
    file = tmp_path / "request"
    file.write_bytes(REQUEST)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener, answers, reads_on), daemon=True).start()
        port = listener.getsockname()[1]
        seen = json.loads(
            subprocess.run(
                list(map(str, [load, port, 2, 0.2, 0, file])), check=True, capture_output=True, timeout=30
            ).stdout
        )
        listener.shutdown(socket.SHUT_RDWR)
    assert seen["requests"] > 2
    assert (seen["bad"] > 0) == (kind == "bad"), seen
    assert (seen["again"] > 0) == (name == "between two answers"), seen
