"""The tests' own means can tell: the readers differ where parsers are known to differ, and readings find what is hidden."""

import pytest

import casefile
import readings
import wire

DIFFER = {
    "a byte order mark": b'\xef\xbb\xbf{"model":"a"}',
    "UTF-16": '{"model":"a"}'.encode("utf-16-le"),
    "NaN": b'{"model":"a","x":NaN}',
    "a lone surrogate": b'{"model":"a\\ud800"}',
    "bytes that are no UTF-8": b'{"model":"a\xff"}',
    "a number beyond a double": b'{"model":"a","x":1e400}',
    "a name in capitals": b'{"model":"a","MODEL":"b"}',
    "a name with a long s": '{"model":"a","stream":false,"\u017ftream":true}'.encode(),
    "a count with an exponent": b'{"model":"a","max_tokens":1e2}',
    "a string for a bool": b'{"model":"a","stream":"true"}',
}


@pytest.mark.parametrize("body", DIFFER.values(), ids=DIFFER.keys())
def test_readers_differ(readers, body):
    with pytest.raises(AssertionError):
        readers.agreed(body)


def test_readers_agree_on_what_is_plain(readers):
    body = '{"model":"m","messages":[{"role":"user","content":"é😀"}],"stream":true,"x":[1,-2.5,1e-3,null,9007199254740993]}'
    assert readers.agreed(body.encode()).endswith(" true 1")


HIDDEN = {
    "plain": b"AKIAQ3EGRZTV",
    "in pieces": b'data: {"c":[{"index":0,"t":"AKIAQ3"}]}\n\ndata: {"c":[{"index":0,"t":"EGRZTV"}]}\n\n',
    "between another's": b'data: {"c":[{"index":0,"t":"AKIAQ3"}]}\n\ndata: {"c":[{"index":1,"t":"x"}]}\n\ndata: {"c":[{"index":0,"t":"EGRZTV"}]}\n\n',
    "in escapes": b'{"a":"\\u0041KIAQ3EGRZTV"}',
    "in escapes in JSON in a string": b'{"a":"{\\"b\\":\\"\\\\u0041KIAQ3EGRZTV\\"}"}',
    "in letters by number": b'{"a":[65,75,73,65,81,51,69,71,82]}',
    "as a name": b'{"AKIAQ3EGRZTV":1}',
    "under a name that comes twice": b'{"a":"AKIAQ3EGRZTV","a":"x"}',
    "behind a carriage return": b'data: {"t":"AKIAQ3"}\r\rdata: {"t":"EGRZTV"}\r\r',
}


@pytest.mark.parametrize("body", HIDDEN.values(), ids=HIDDEN.keys())
def test_readings_find(body):
    assert readings.leaked(b"AKIAQ3EGRZTV", b"", body)


def test_readings_find_nothing_where_nothing_is():
    assert not readings.leaked(b"AKIAQ3EGRZTV", b"HTTP/1.1 200 OK", b'data: {"t":"AKIAQ3 and EGRZTV"}\n\n')


def test_insertions():
    named = {"word": "x«41»y"}
    assert casefile.expand("a«ff fe»«3*ab»«word»«utf-16le:k»", named) == b"a\xff\xfeabababxAyk\0"
    assert casefile.expand("a«-»\nb\nc", named, "\r\n") == b"ab\r\nc"
    for wrong in ("«zz»", "«", "»"):
        with pytest.raises(casefile.Malformed):
            casefile.expand(wrong, named)


def test_answers_are_counted():
    two = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n"
    assert [(a.status, a.body, a.whole) for a in wire.answers(two)] == [(200, b"ok", True), (400, b"no", True)]


def test_every_case_is_one():
    cases = casefile.load()
    assert len(cases) >= 600 and len({case.name for case in cases}) == len(cases)
    for case in cases:
        kinds = (case.send, case.answer, case.headers or None, case.frames or None, None if case.headers else case.body)
        assert sum(kind is not None for kind in kinds) == 1, case.name
        assert case.why and case.profile in casefile.profiles(), case.name
