"""Failover where each destination of an order fails in a way of its own, wrong certificates among them: whichever comes behind
whichever, it is tried where the table says and nowhere else, with what is its own, and each try is recorded."""

import collections
import itertools
import re

import pytest

import lib_config
from lib_certificates import DAY, NOW, certificate_of
from lib_failover import CLEARANCES, FAULTS, MAY, ORDERS, PERSONAL, PUBLIC, Babbler, check_own, check_tries, closed_port
from lib_failover import destination, keys, post, settings
from lib_servers import Cloud

DIALECTS = ["openai", "anthropic"]
# What the caller gets when this one was the last; may it be tried elsewhere unasked?
Way = collections.namedtuple("Way", "status is_safe")
WAYS = {
    "refused": Way(502, True),
    "503": Way(503, True),
    "429": Way(429, True),
    "garbage": Way(502, False),
    "reset": Way(502, False),
    "expired": Way(502, True),
    "other-name": Way(502, True),
    "stranger": Way(502, True),
    "slow": Way(504, False),
}
CERTIFICATES = {
    "expired": (["localhost"], NOW - DAY),
    "other-name": (["other.example"], NOW + DAY),
    "stranger": (["localhost"], NOW + DAY),
}
QUICK = [way for way in WAYS if way != "slow"]  # a wait takes a second, so few of them
PAIRS = [*itertools.permutations(QUICK, 2), ("slow", "503"), ("expired", "slow")]
IN_A_ROW = [(a, b, "ok") for a, b in PAIRS] + [(a, "ok", b) for a, b in zip(QUICK, QUICK[1:])]
ALL_FAIL = [(QUICK[i - 2], QUICK[i - 1], QUICK[i]) for i in range(len(QUICK))]


def twins(dialect):
    """The destinations of each case, NAME-WAY; orders of clearances come in turn. Each dialect has half of the cases."""
    half = [*IN_A_ROW, *ALL_FAIL][DIALECTS.index(dialect) :: 2]
    return [[f"{n}-{way}" for n, way in zip(order, ways)] for ways, order in zip(half, itertools.cycle(ORDERS))]


def way_of(twin):
    return twin.split("-", 1)[1]


def tries_of(case, text, is_replay):
    """By the rules: who is not cleared is passed over; the first that answers is the last; what may have been worked on
    is repeated only where the model's entry says so."""
    tried = []
    for twin in case:
        if twin.split("-")[0] in MAY[text]:
            tried.append(twin)
            if way_of(twin) == "ok" or not (is_replay or WAYS[way_of(twin)].is_safe):
                break
    return tried


# ---- who fails ----


class Failing:
    """Servers for every way to fail."""

    def __init__(self, folder):
        self.upstreams = {name: Cloud(folder / name, key=f"credential-of-{name}") for name in CLEARANCES}
        self.babbler = Babbler()
        self.hold, self.nobody = closed_port()
        self.secure, self.ca = {}, {}
        for way, (hosts, until) in CERTIFICATES.items():
            cert, key = certificate_of(folder, way, hosts, until)
            options = ["--cert", str(cert), "--key-file", str(key)]
            self.secure[way], self.ca[way] = Cloud(folder / f"{way}.out", options=options), str(cert)
        self.ca["stranger"] = str(certificate_of(folder, "another", ["localhost"])[0])

    def destination(self, name, way, dialect):
        if way in self.secure:
            url, more = f"https://localhost:{self.secure[way].port}", {"ca": self.ca[way]}
        else:
            urls = {"refused": self.nobody, "garbage": self.babbler.url}
            url, more = urls.get(way, self.upstreams[name].url), {}
        return {**destination(name, url, dialect, **lib_config.PATIENT, **more), "model": f"model-of-{name}-{way}"}

    def reset(self):
        self.babbler.got.clear()
        for name, upstream in self.upstreams.items():
            upstream.reset()
            answers = {way: FAULTS[way].answer for way in WAYS if way in FAULTS and isinstance(FAULTS[way].answer, dict)}
            upstream.script(by_model={f"model-of-{name}-{way}": answer for way, answer in answers.items()})

    def stop(self):
        self.hold.close()
        self.babbler.stop()
        for server in (*self.upstreams.values(), *self.secure.values()):
            server.stop()


@pytest.fixture(scope="module")
def failing(tmp_path_factory):
    servers = Failing(tmp_path_factory.mktemp("failing"))
    yield servers
    servers.stop()


@pytest.fixture(scope="module", params=DIALECTS)
def mixed(request, module_gateway, failing):
    """A gateway with a destination for each name and way, and a model for each case."""
    names = {f"{n}-{w}": failing.destination(n, w, request.param) for n in CLEARANCES for w in ("ok", *WAYS)}
    server = module_gateway(settings(names, twins(request.param)), env=keys(failing.upstreams))
    server.dialect = request.param
    return server


@pytest.mark.parametrize("is_replay", [True, False], ids=["replay", "once"])
@pytest.mark.parametrize("text", [PUBLIC, PERSONAL], ids=["public", "personal"])
def test_each_fails_in_its_own_way(mixed, failing, text, is_replay):
    failing.reset()
    expected = {}
    for case in twins(mixed.dialect):
        tries = tries_of(case, text, is_replay)
        status, headers, raw = post(mixed, ("" if is_replay else "once.") + ".".join(case), text, mixed.dialect)
        expected[headers["x-sallyport-request-id"]] = tries
        last = way_of(tries[-1])
        assert status == (200 if last == "ok" else WAYS[last].status), (case, tries, raw)
        assert headers.get("x-sallyport-destination") == tries[-1] or last != "ok", (case, headers)
        assert (headers.get("retry-after") == "7") == (last == "503"), (case, headers)
    check_tries(mixed, expected)
    check_own(failing.upstreams)
    reached = collections.Counter(itertools.chain.from_iterable(expected.values()))
    for name, upstream in failing.upstreams.items():
        got = collections.Counter(re.search(f"model-of-{name}-([a-z0-9-]+)", seen["body"]).group(1) for seen in upstream.seen())
        assert got == {w: n for w in ("ok", "503", "429", "reset", "slow") if (n := reached[f"{name}-{w}"])}, name
    assert len(failing.babbler.got) == sum(n for twin, n in reached.items() if way_of(twin) == "garbage")
    assert [server.seen() for server in failing.secure.values()] == [[], [], []], "nothing leaves to who is not who it should be"
