"""What each kind of record holds in a real run: no field that the table promises stays empty, and an answer with
more findings than a record can list is handed out and recorded all the same."""

import concurrent.futures
import json
import pathlib
import re

import pytest

import lib_config
from lib_client import PATHS, Stream, ask, body, refused
from lib_servers import ROOT

IBAN = "The refund goes to DE89 3704 0044 0532 0130 00."
WEATHER = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
ROW = re.compile(r"^X\(\s*\d+,\s*\w+,\s*\w+,\s*(\w+),\s*K_(\w+),", re.MULTILINE)
KINDS = {"I": "intent", "A": "answer", "O": "outcome", "R": "refusal", "L": "loss", "T": "act"}

# Zero is what these say of a request that was not answered from a cache, went well, and met nothing paused (test_stop.py
# has the others).
MAY_BE_ZERO = {"tokens_cached", "status", "integrity", "stopped", "stopped_reason", "stopped_ns"}
# What only some requests have: of which sources they are, what a candidate lacked.
UNASKED = {"sources", "missing", "declassifier", "subject"}


def promised(kind):
    table = pathlib.Path(ROOT / "src" / "core" / "tbl" / "record_fields.h").read_text()
    rows = ROW.findall(table)
    assert len(rows) >= 37
    return {name for name, kinds in rows if kind in {KINDS[k] for k in kinds}}


def whole(message):
    """An answer of the OpenAI dialect that reports all that one can."""
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}
    head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-cloud"}
    return json.dumps({**head, "system_fingerprint": "fp_1", "choices": [choice], "usage": usage})


def calls(n):
    """Tool calls whose arguments each hold an address."""
    return [
        {
            "id": f"call_{i}",
            "type": "function",
            "function": {"name": "weather", "arguments": json.dumps({"to": f"jane{i}@kaufhaus.de"})},
        }
        for i in range(n)
    ]


@pytest.fixture(scope="module")
def server(module_gateway, cloud_process):
    """With masks, so that their count has something to count."""
    return module_gateway(lib_config.base(cloud_process), {"review": {"mask": ["pii"]}})


def check_fields(record, empty=()):
    carried = promised(record["kind"])
    assert record.keys() - {"kind", "at"} == carried  # `at` is at_ns, to be read
    assert {k for k in carried if record[k] in ("", 0, [], False)} - MAY_BE_ZERO == set(empty)


def test_an_exchange_fills_in_what_its_records_promise(server, cloud):
    cloud.always(body=whole({"content": None, "tool_calls": calls(1)}))
    fields = body("openai", "cloud-only", "Write to jane.doe@kaufhaus.de", tools=[WEATHER])
    records = server.explain(ask(server, "openai", fields).id)["records"]
    assert [r["kind"] for r in records] == ["intent", "outcome"]
    check_fields(records[0], {"is_stream", *UNASKED})
    # A whole answer has no events, and is handed out when its outcome is durable.
    check_fields(records[1], {"n_events", "bytes_out"})


def test_a_stream_fills_in_what_its_records_promise(server, cloud):
    """With a tool call: its part is recorded before it is handed out."""
    call = {"name": "weather", "arguments": {"to": "jane.doe@kaufhaus.de"}}
    cloud.always(text="One moment, jane.doe@kaufhaus.de", tool_calls=[call])
    got = Stream(server, body("openai", "cloud-only", IBAN[:10], True, tools=[WEATHER], temperature=0.5))
    got.all()
    records = server.explain(got.id)["records"]
    by_kind = {r["kind"]: r for r in records}
    assert by_kind.keys() == {"intent", "answer", "outcome"}
    assert by_kind["intent"]["is_stream"] is True
    check_fields(by_kind["answer"])
    check_fields(by_kind["outcome"])


def test_a_refusal_fills_in_what_it_promises(server):
    (record,) = server.explain(refused(server, "openai", body("openai", "cloud-only", IBAN, True)).id)["records"]
    assert record["kind"] == "refusal" and record["status"] == "no_destination_cleared"
    check_fields(record, UNASKED - {"declassifier"})


def test_more_findings_than_a_record_can_list(server, cloud):
    """Each at a place of its own. The answer is handed out, the record says how many there were."""
    cloud.always(body=whole({"content": None, "tool_calls": calls(900)}))
    answer = ask(server, "openai", body("openai", "cloud-only", tools=[WEATHER]))
    records = server.explain(answer.id)["records"]
    assert records[0]["kind"] == "intent"
    assert (records[-1]["kind"], records[-1]["status"]) == ("outcome", "ok")
    found = [a for a in records[-1]["atoms"] if a["kind"] == "email"]
    assert sum(a["count"] for a in found) == 900
    assert len(found) == 257 and found[-1]["place"] == "" and found[-1]["count"] == 644
    server.verify()


# ---- what a destination calls its answers ----

REPEATED = 500  # of each kind


def answer_named(named):
    message = {"role": "assistant", "content": "fine"}
    return {**named, "object": "chat.completion", "model": "m", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}


def test_a_destinations_id_is_nobodys_name(gateway, cloud):
    """Ids that repeat or are missing lose no record: requests have names of the gateway's own."""
    server = gateway()
    key, names = server.key(), set()
    fields = {"model": "cloud-only", "messages": [{"role": "user", "content": "Hello"}]}
    for named in ({"id": "chatcmpl-1"}, {"id": None}, {"id": ""}, {}):
        cloud.always(body=json.dumps(answer_named(named)))
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: server.post(PATHS["openai"], fields, key), range(REPEATED)))
        assert {status for status, _, _ in answers} == {200}, named
        names |= {headers["x-sallyport-request-id"] for _, headers, _ in answers}
    assert len(names) == 4 * REPEATED
    rows = server.records()
    assert sorted(row["request_id"] for row in rows) == sorted(names)
    assert {row["outcome"] for row in rows} == {"allow"}
