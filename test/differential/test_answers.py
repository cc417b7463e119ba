"""Each case that is an answer, through a real gateway: no run of the canary can be read by the client, in any way of reading."""

import pytest

import casefile
import upstream
import wire
from conftest import MODELS, parameters
from readings import leaked

CASES = [case for case in casefile.load() if case.answer is not None]


def scripted(case):
    """What the destination writes, piece by piece."""
    pieces = case.answer.split(casefile.LATE["pause"])
    if case.raw:
        return [wire.fill(b"".join(pieces), "", "")]
    return upstream.answer_bytes(case.status, case.type, pieces, case.fields)


def asked(case):
    """The request that gets the answer: a stream where the answer is one, unless the case asks otherwise."""
    if case.ask is not None:
        return case.ask
    stream = b',"stream":true' if case.type == "text/event-stream" and not case.raw else b""
    limit = b',"max_tokens":64' if case.dialect == "anthropic" else b""
    model = MODELS[case.dialect].encode()
    return b'{"model":"%b","messages":[{"role":"user","content":"hello"}]%b%b}' % (model, limit, stream)


@pytest.mark.parametrize("case", parameters(CASES))
def test_answer(site, case):
    gateway = site.gateway(case.profile)
    site.reset(scripted(case))
    answer = wire.post(gateway.port, case.path, asked(case), gateway.key("attacker"), case.dialect)
    assert len(site.arrived("cloud")) + len(site.arrived("local")) >= 1, f"nothing was asked: {answer}"
    run = leaked(case.canary, answer.head, answer.body)
    if case.expect == "forwarded":
        assert answer.status == 200 and case.canary in answer.body, answer
    else:
        assert case.expect == "inspected"
        assert not run, f"{run!r} reached the client: {answer.head!r} {answer.body!r}"
    site.reset()
    assert wire.post(gateway.port, case.path, asked(case), gateway.key("attacker"), case.dialect).status == 200, "the next one"
