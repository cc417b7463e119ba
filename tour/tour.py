#!/usr/bin/env python3
"""A tour through the gateway: real requests, and for each what was found, the label, the destination and why.

    tour/tour.py                  the tour; exit 0 only if every decision was the expected one, and each record is
                                  in the log and verifies
    tour/tour.py --serve          the same, then serves until Ctrl-C
    tour/tour.py --provider openai --yes-this-costs-money      the cloud is your own provider, not a stand-in

The self-hosted tier is a real small model on this machine. The cloud tier is a stand-in: it speaks the provider's
protocol, says canned things, and shows what reached it. No network, no key. Everything lies in build/tour.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import time

from client import body_of, send
from screen import coloured, field, heading, say, verdict
from steps import STEPS
from world import FOLDER, PROVIDERS, TourError, World

MAX_TOKENS = 48


class Tour:
    """Runs the steps and keeps what was not as expected."""

    def __init__(self, world):
        self.world = world
        self.wrong = []
        self.ids = []

    def check(self, is_right, text):
        verdict(is_right, text)
        if not is_right:
            self.wrong.append(text)

    # ---- one request ----

    def run(self, number, step):
        dialect = step.dialect or self.world.provider or "openai"
        model = {"openai": "assistant", "anthropic": "counsel"}[dialect] + (
            "-cloud" if step.cloud_only else ""
        )
        if step.cloud_answer and not self.world.provider:
            self.world.cloud.script(step.cloud_answer)
        before = len(self.world.cloud.seen())
        body = body_of(dialect, model, step, MAX_TOKENS)
        reply = send(self.world.ports["gateway"], self.world.keys[step.application], dialect, body)
        records = self.world.records(reply.request_id) if reply.request_id else []
        self.ids.append(reply.request_id)
        heading(number, step.title)
        field("asks", f"{step.application} → model {model}: {step.text}")
        decision = next((r for r in records if r["kind"] in ("intent", "refusal")), {})
        self.show_decision(decision)
        self.show_reply(reply)
        self.show_arrivals(self.world.cloud.seen()[before:])
        field("record", f"{reply.request_id}: {', '.join(r['kind'] for r in records)}")
        self.judge(step, reply, records, decision)
        say("   " + step.says, "cyan")

    def show_decision(self, decision):
        found = [a for a in decision.get("atoms", []) if a["source"] == "detector"]
        field("found", ", ".join(f"{a['kind']} × {a['count']} in {a['place']}" for a in found) or "nothing")
        field("label", decision.get("label", "none"), "bold")
        for candidate in decision.get("candidates", []):
            part = f" ({candidate['part']})" if candidate.get("part") else ""
            tier = f" [{candidate['tier']}]"
            field("candidate", f"{candidate['destination']}{tier}: {candidate['reason']}{part}")
        if decision.get("kind") == "refusal":
            field("goes to", f"nowhere: {decision['status']}", "yellow")
        else:
            field("goes to", f"{decision.get('destination')} [{decision.get('tier')}]", "bold")

    def show_reply(self, reply):
        if reply.text:
            field("answer", reply.text)
        if reply.error:
            field("error", f"HTTP {reply.status}: {reply.error.get('message')}", "yellow")

    def show_arrivals(self, arrived):
        if self.world.provider:
            return  # what a real provider gets, only it can show
        for line in arrived:
            content = json.loads(line["body"])["messages"][-1]["content"]
            field("cloud got", f"(stand-in) {line['method']} {line['target']}: {content}")
        if not arrived:
            field("cloud got", "(stand-in) nothing")

    def judge(self, step, reply, records, decision):
        """Each line is one expectation; the first that fails explains the exit code."""
        kinds = {a["kind"] for a in decision.get("atoms", []) if a["source"] == "detector"}
        categories = decision.get("label", ";;").split(";")[1].split(",")
        where = decision.get("tier") if decision.get("kind") == "intent" else ""
        wanted = f"HTTP {step.status}, {step.tier or 'nowhere'}"
        self.check((reply.status, where) == (step.status, step.tier), f"decided as expected: {wanted}")
        if step.kinds or step.categories:
            held = set(step.kinds) <= kinds and set(step.categories) <= set(categories)
            self.check(
                held, f"found {', '.join(step.kinds) or 'nothing'}; label holds {', '.join(step.categories)}"
            )
        if step.error:
            self.check(step.error in json.dumps(reply.error), f"the caller was told: {step.error}")
        if step.is_cut:
            got = reply.raw.decode("utf-8", "replace")
            cut = reply.text.startswith("The upload script") and "AKIA" not in got and "[DONE]" not in got
            self.check(cut, "the answer was cut before the key; not one byte of the key went out")
        elif step.secret and not self.world.provider:
            leaked = [r for r in self.world.cloud.seen() if step.secret in r["body"]]
            self.check(not leaked, "nothing of it reached the cloud")
        ends = {"outcome", "refusal"} & {r["kind"] for r in records}
        self.check(bool(ends), "intent and outcome are in the log" if where else "the refusal is in the log")

    # ---- the log ----

    def verify(self, number):
        heading(number, "The log verifies")
        done = self.world.cli("audit", "verify", check=False)
        field("verify", done.stdout.strip() or done.stderr.strip())
        logged = {r["request_id"] for r in self.world.all_records()}
        self.check(done.returncode == 0, "every frame, the chain and every block hold")
        self.check(set(self.ids) <= logged, f"all {len(self.ids)} requests are in the log")

    def tamper(self, number):
        """Flips one bit of one record in a copy of the log: what an insider with a hex editor would do."""
        heading(number, "A copy of the log with one flipped bit")
        copy = FOLDER / "copy"
        shutil.copytree(FOLDER / "state", copy / "state", ignore=shutil.ignore_patterns("*.sock", "*.socket"))
        text = self.world.file.read_text(encoding="utf-8")
        (copy / "sallyport.yaml").write_text(text, encoding="utf-8")
        victim = self.ids[1]
        where = flip_bit(copy / "state", bytes.fromhex(victim))
        field("flipped", f"one bit of the record of {victim} in {where}")
        done = self.world.cli("audit", "verify", check=False, file=copy / "sallyport.yaml")
        said = (done.stdout + done.stderr).strip()
        field("verify", said, "yellow")
        self.check(done.returncode != 0 and victim in said, "verify refuses it and names the record")


def flip_bit(folder, request_id):
    """Flips a bit just behind a request id in the log below `folder`; where it was."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.suffix in (".db", ".log") or "ledger" not in str(path):
            continue
        data = bytearray(path.read_bytes())
        at = data.find(request_id)
        if at >= 0:
            at += len(request_id) + 12
            data[at] ^= 0x01
            path.write_bytes(data)
            return f"{path.name}, byte {at}"
    raise TourError("the record is in no file of the log")


def introduce(world):
    say("Sallyport, a tour", "bold")
    say(f"   gateway      {coloured('http://127.0.0.1:%d' % world.ports['gateway'], 'bold')}")
    say(f"   self-hosted  a real small model on this machine, port {world.ports['model']}")
    if world.provider:
        say(f"   cloud        YOUR provider {world.provider}: this costs money", "yellow")
    else:
        say(f"   cloud        a STAND-IN of a provider, port {world.ports['cloud']}: speaks its protocol,")
        say("                says canned things, and shows here what reached it")
    say(f"   key          {world.keys['helpdesk']}  (application helpdesk, of this tour only)")


def run_tour(world):
    tour = Tour(world)
    steps = [s for s in STEPS if not (s.needs_standin and world.provider)]
    if len(steps) < len(STEPS):
        say("   left out, since a real provider leaks no key on demand: an answer that is cut", "yellow")
    for number, step in enumerate(steps, 1):
        tour.run(number, step)
    tour.verify(len(steps) + 1)
    tour.tamper(len(steps) + 2)
    return tour


def serve(world):
    """Until Ctrl-C, or until the gateway ends by itself."""
    url = f"http://127.0.0.1:{world.ports['gateway']}"
    say()
    say("Serving until Ctrl-C. Point a client at it:", "bold")
    say(f"   export OPENAI_BASE_URL={url}/v1 OPENAI_API_KEY={world.keys['helpdesk']}      # model assistant")
    say(f"   export ANTHROPIC_BASE_URL={url} ANTHROPIC_API_KEY={world.keys['helpdesk']}   # model counsel")
    say(f"   build/sallyport audit tail -c {os.path.relpath(world.file)}")
    while world.process.child.poll() is None:
        time.sleep(0.2)
    raise TourError("the gateway ended by itself; its output is in build/tour/run.out")


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--serve", action="store_true", help="serve after the tour until Ctrl-C")
    p.add_argument(
        "--provider", choices=sorted(PROVIDERS), help="your own provider as the cloud; its key is taken"
    )
    p.add_argument("--model", help="the provider's model")
    p.add_argument("--yes-this-costs-money", action="store_true", help="needed with --provider")
    args = p.parse_args()
    if args.provider and not args.yes_this_costs_money:
        p.error("a real provider bills you: add --yes-this-costs-money")
    if args.provider and not os.environ.get(PROVIDERS[args.provider]["variable"]):
        p.error(f"{PROVIDERS[args.provider]['variable']} is not set")
    return args


def main():
    args = arguments()
    began = time.monotonic()
    world = World(args.provider, args.model)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        world.start()
        introduce(world)
        tour = run_tour(world)
        say()
        end = (
            f"{len(tour.ids)} requests in {time.monotonic() - began:.1f} s, the start of everything included"
        )
        if tour.wrong:
            say(f"NOT as expected: {len(tour.wrong)} of the checks above. {end}", "red", "bold")
            return 1
        say(f"Every decision as expected, every record in the log. {end}", "green", "bold")
        if args.serve:
            serve(world)
        return 0
    except KeyboardInterrupt:
        return 0
    except TourError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    finally:
        world.end()


if __name__ == "__main__":
    sys.exit(main())
