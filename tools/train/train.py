#!/usr/bin/env python3
"""Trains the models of share/models from the texts of tools/train/data and of this repository at a fixed commit.

usage: train.py --tool build/test/models/model_tool [--out share/models] [--task injection|use_case] [--small]

The same inputs give the same bytes: chance comes from grammar.Chance, features from the C code that also looks
them up (model_tool), and of floating point only what IEEE 754 rounds exactly is used, in a fixed order (numpy's
bincount adds one after the other; its sum does not). --small trains on a share of the texts, for tests.
The format is docs/reference/models.md; what was measured is docs/reference/detection-models.md.
"""
import argparse
import codecs
import hashlib
import pathlib
import re
import struct
import subprocess
import sys

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))
from grammar import Chance, Grammar  # noqa: E402

# Prose and code that attack nobody: this repository as it was then.
BACKGROUND_COMMIT = "447a88d5d276f0ad5640003256dec475476320bc"
FEATURES = 2  # SP_FEATURES_VERSION
SEED = 7
ONE = 1024  # a margin of 1 (SP_MODEL_ONE)
NORM_STEP = 4  # tokens per norm (SP_MODEL_NORM_STEP)
SLOTS = 4
INJECTION_HEADS = ["attack", "request", "modify", "content"]
# Thresholds of src/core/detect/model_injection.c, in its order; found on text of other sources (detection-models.md).
INJECTION_PARAMS = [150, 1500, 0, 1500, 700, 500, 200, 750, 200]
USE_CASES = """contract_review customer_data_analysis customer_support data_engineering education financial_modelling
general_writing hr legal_advice marketing medical meeting_notes opensource_code proprietary_code public_knowledge
security_operations strategy translation""".split()
LEVELS = ["public", "internal", "confidential", "restricted"]
# How clear a step of the level has to be: below 0 leans upwards.
USE_CASE_PARAMS = [-600, -600, -500]

# Sections of texts that are about nothing in particular.
PLAIN = ("prose", "manual", "manual2", "docstring", "code", "trigger")

# Words that carry grammar and no matter. `your` is one of them: it means something beside what follows it.
GRAMMAR_WORDS = set(
    """a an the this that these those my your our their his her its some any all every each no of in on at to from for
    with without by about into onto over under above below before after between through during against among and or but
    nor so if then than as because while when where who whom which what how why is are was were be been being am do does
    did done have has had having will would shall should can could may might must not don't doesn't didn't won't can't
    cannot i you he she it we they me him us them myself yourself itself one two first last only just also too very more
    most less least now here there up down out off again once other another such same own both either neither it's i'm
    you're that's there's instead always never anything everything nothing something anyone everyone someone
    whatever""".split()
)


class Example:
    """A text and what each head should say of it: 1, 0, or nothing."""

    def __init__(self, name, wants, text):
        self.name, self.wants, self.text = name, wants, text


def read_grammar(name):
    path = HERE / "data" / f"{name}.txt"
    return Grammar().read(path.read_text(encoding="utf-8"), path.name)


# ---- texts ----


def with_case(text, chance):
    """People shout, and write without capitals."""
    turn = chance.below(20)
    return text.upper() if turn == 0 else text[:1].upper() + text[1:] if turn < 8 else text


def injection_examples():
    out = []
    for name in ("attacks", "world", "requests", "content", "everyday", "framed", "framed_world"):
        chance = Chance(SEED)
        for section, keys, text in read_grammar(name).texts(chance):
            wants = {h: int(keys[h]) for h in INJECTION_HEADS if h in keys}
            out.append(Example(section, wants, with_case(text, chance)))
    asked = {"attack": 0, "modify": 0}
    out += [Example("use_case", asked, e.text) for e in use_case_examples()[::2]]
    background = background_examples()
    return out + disguised_examples(out) + background + neutral_examples(out, background)


def disguised_examples(examples):
    """Harmless text that is hidden: that nobody sees it is no order yet."""
    chance = Chance(SEED)
    out = []
    for e in (e for e in examples if e.name in PLAIN):
        if chance.below(12) == 0:
            out.append(Example("disguised", {"attack": 0, "request": 0, "modify": 0}, disguise(e.text, chance)))
    return out


def disguise(text, chance):
    turn = chance.below(4)
    if turn == 0:
        return f"\u202e{text[::-1]}\u202c"
    if turn == 3:
        return codecs.encode(text, "rot13")
    mark = chance.pick(["\u200b", "\u200d", "\u00ad", "\u2060"])
    return "".join(c + mark for c in text) if turn == 1 else text[::-1]


def git(*args):
    done = subprocess.run(["git", "-C", str(ROOT), *args], stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise SystemExit(f"train.py: git {args[0]} failed: the history of this repository is needed (no shallow clone)")
    return done.stdout.decode("utf-8", "replace")


def background_examples():
    wants = {"attack": 0, "request": 0, "modify": 0, "content": 1}
    out = []
    for name in sorted(git("ls-tree", "-r", "--name-only", BACKGROUND_COMMIT).split("\n")):
        if name.endswith((".md", "LICENSE")):
            text = git("show", f"{BACKGROUND_COMMIT}:{name}")
            out += [Example("doc", wants, p[:600]) for p in re.split(r"\n\s*\n", text) if p.strip()]
        elif name.endswith((".c", ".h", ".py", ".sh")):
            lines = git("show", f"{BACKGROUND_COMMIT}:{name}").split("\n")
            parts = ("\n".join(lines[i : i + 4]).strip() for i in range(0, len(lines), 4))
            out += [Example("source", wants, p[:400]) for p in parts if len(p) > 15]
    return out


def neutral_examples(examples, background):
    """The frames of what is sought, with other words in them: so that no head learns "the ... of your ..."."""
    chance = Chance(SEED)
    benign = background + [e for e in examples if e.name in ("mail", "prose", "code", "docstring", "manual", "trigger", "persona")]
    words = sorted({w for e in benign for w in re.findall(r"[A-Za-z]{3,14}", e.text)})
    words = [w for w in words if w.lower() not in GRAMMAR_WORDS]
    out = []
    for e in examples:
        is_sought = e.wants.get("attack") == 1 or e.name in ("modify", "selfcontained")
        if not is_sought or not e.text.isascii() or chance.below(100) >= 85:
            continue
        parts = re.findall(r"[A-Za-z][A-Za-z']*|[^A-Za-z]+", e.text)
        kept = (p if not p[0].isalpha() or p.lower() in GRAMMAR_WORDS else chance.pick(words) for p in parts)
        wants = {"attack": 0} if e.name.startswith("framed") else {"attack": 0, "modify": 0}
        out.append(Example("neutral", wants, "".join(kept)))
    return out


def use_case_examples():
    out, chance = [], Chance(SEED)
    for section, _, text in read_grammar("use_cases").texts(chance):
        use_case, level = section.split(".")
        wants = {u: int(u == use_case) for u in USE_CASES}
        wants.update({f"step{i}": int(LEVELS.index(level) >= i) for i in (1, 2, 3)})
        out.append(Example(section, wants, with_case(text, chance)))
    return out


# ---- features ----


def features_of(tool, texts):
    """Per text (tokens, ids): what src/core/detect/model_features.c makes of it."""
    data = [t.encode("utf-8", "replace") for t in texts]
    stdin = b"".join(struct.pack("<I", len(d)) + d for d in data)
    done = subprocess.run([tool, "features"], input=stdin, stdout=subprocess.PIPE, check=True)
    numbers, at, out = np.frombuffer(done.stdout, dtype="<u4"), 0, []
    for _ in texts:
        sentences, tokens, ids = int(numbers[at]), 0, []
        at += 1
        for _ in range(sentences):
            n = int(numbers[at + 2])
            tokens += int(numbers[at])
            made = numbers[at + 3 : at + 3 + n]
            ids.append(made[made != 0])
            at += 3 + n
        out.append((tokens, np.concatenate(ids) if ids else np.zeros(0, dtype="<u4")))
    return out


class Matrix:
    """Texts by features, as lists of what is not zero."""

    def __init__(self, features, constant):
        self.rows = np.repeat(np.arange(len(features)), [len(ids) for _, ids in features])
        ids = np.concatenate([ids for _, ids in features])
        self.constant = constant
        tokens = np.array([n for n, _ in features])
        self.value = norm_of(np.minimum(tokens // NORM_STEP, 255), constant)[self.rows]
        self.ids, self.columns = np.unique(ids, return_inverse=True)
        self.n_rows = len(features)
        self.keep(np.bincount(self.columns) >= 2)

    def keep(self, wanted):
        number = np.cumsum(wanted) - 1
        here = wanted[self.columns]
        self.rows, self.value = self.rows[here], self.value[here]
        self.columns, self.ids = number[self.columns[here]], self.ids[wanted]


def norm_of(step, constant):
    return 1 / np.sqrt(step * NORM_STEP + NORM_STEP / 2 + constant)


# ---- learning ----


def weights_of(wants):
    """Weight of each example, so that yes and no weigh the same, yes at most as much as no; 0 where nothing is wanted."""
    asked = ~np.isnan(wants)
    yes = asked & (wants > 0.5)
    n_yes, n_no = int(yes.sum()), int((asked & ~yes).sum())
    weight = np.where(yes, min(1.0, n_no / n_yes), np.where(asked, min(1.0, n_yes / n_no) if n_yes < n_no else 1.0, 0.0))
    return weight / (min(n_yes, n_no) * 1.0 + (n_no if n_yes >= n_no else n_yes))


def learn(m, wants, l2, rounds):
    """One head: squared hinge loss with Adam over all examples at once."""
    sign, weight = np.where(wants > 0.5, 1.0, -1.0), weights_of(wants)
    w, first, second = (np.zeros(len(m.ids)) for _ in range(3))
    bias = bias_first = bias_second = 0.0
    decay_first = decay_second = 1.0
    for turn in range(1, rounds + 1):
        margin = np.bincount(m.rows, weights=w[m.columns] * m.value, minlength=m.n_rows) + bias
        slope = -2 * np.maximum(0, 1 - sign * margin) * sign * weight
        grad = np.bincount(m.columns, weights=slope[m.rows] * m.value, minlength=len(m.ids)) + l2 * w
        grad_bias = float(np.bincount(np.zeros(m.n_rows, dtype=int), weights=slope)[0])
        decay_first, decay_second = decay_first * 0.9, decay_second * 0.99
        rate = 0.3 * (1 - turn / (rounds + 1))
        first, second = 0.9 * first + 0.1 * grad, 0.99 * second + 0.01 * (grad * grad)
        bias_first, bias_second = 0.9 * bias_first + 0.1 * grad_bias, 0.99 * bias_second + 0.01 * grad_bias**2
        w -= rate * (first / (1 - decay_first)) / (np.sqrt(second / (1 - decay_second)) + 1e-7)
        bias -= rate / 10 * (bias_first / (1 - decay_first)) / (np.sqrt(bias_second / (1 - decay_second)) + 1e-7)
    return w, bias


def train(tool, examples, heads, plan):
    """(ids, weights per head, biases): learnt twice, the second time with the features that matter."""
    m = Matrix(features_of(tool, [e.text for e in examples]), plan["constant"])
    wants = [np.array([float(e.wants.get(h, "nan")) for e in examples]) for h in heads]
    if len(m.ids) > plan["keep"]:
        first = [learn(m, y, plan["l2"], plan["rounds"] // 4)[0] for y in wants]
        worth = np.abs(first[0]) if plan["favour_first"] else np.zeros(len(m.ids))
        for w in first:
            worth = worth + np.abs(w)
        worth = worth * np.sqrt(np.bincount(m.columns, minlength=len(m.ids)))
        m.keep(worth >= np.sort(worth)[-plan["keep"]])
    learnt = [learn(m, y, plan["l2"], plan["rounds"]) for y in wants]
    return m.ids, np.stack([w for w, _ in learnt], 1), [b for _, b in learnt]


# ---- writing ----


def place(ids, worth, bits):
    """Slot of each feature, or -1: the most telling first, four to a bucket; none where 0, which is none, is found."""
    used = np.zeros(1 << bits, dtype=int)
    slots = np.full(len(ids), -1)
    seen = {(0, 1)}
    for i in np.argsort(-worth, kind="stable"):
        bucket, fingerprint = int(ids[i]) >> (32 - bits), int(ids[i]) & 0xFFFF or 1
        if used[bucket] == SLOTS or (bucket, fingerprint) in seen:
            continue
        seen.add((bucket, fingerprint))
        slots[i] = bucket * SLOTS + used[bucket]
        used[bucket] += 1
    return slots


def encode(task, ids, weights, biases, params, plan):
    heads, bits = weights.shape[1], plan["bits"]
    # The few largest weights are cut, so that the others keep their steps.
    top = np.array([np.sort(np.abs(weights[:, h]))[-max(1, len(ids) // 2000)] for h in range(heads)])
    scale = top / 127
    steps = np.clip(np.rint(weights / scale), -127, 127).astype(np.int8)
    worth = np.zeros(len(ids))
    for h in range(heads):
        worth = worth + np.abs(weights[:, h]) / top[h]
    slots = place(ids, worth, bits)
    prints = np.zeros(SLOTS << bits, dtype=">u2")
    table = np.zeros((SLOTS << bits, heads), dtype=np.int8)
    placed = slots >= 0
    low = (ids[placed] & 0xFFFF).astype(np.uint32)
    prints[slots[placed]] = np.where(low == 0, 1, low)
    table[slots[placed]] = steps[placed]
    norms = np.rint(65535 * norm_of(np.arange(256), plan["constant"])).astype(">u2")
    out = b"SPMODEL\n" + struct.pack(">7H", 1, 1, FEATURES, task, heads, len(params), bits) + norms.tobytes()
    out += b"".join(struct.pack(">i", int(np.rint(b * ONE))) for b in biases)
    out += b"".join(struct.pack(">I", int(np.rint(s * ONE * 65536))) for s in scale)
    out += b"".join(struct.pack(">i", p) for p in params)
    out += prints.tobytes() + table.tobytes()
    print(f"  {len(ids)} features, {int(placed.sum())} placed, {len(out) + 32} bytes")
    return out + hashlib.sha256(out).digest()


TASKS = {
    "injection": dict(
        number=1, examples=injection_examples, heads=INJECTION_HEADS, params=INJECTION_PARAMS,
        plan=dict(constant=8, keep=115_000, l2=2e-6, rounds=50, bits=15, favour_first=True),
    ),
    "use_case": dict(
        number=2, examples=use_case_examples, heads=USE_CASES + ["step1", "step2", "step3"], params=USE_CASE_PARAMS,
        plan=dict(constant=8, keep=14_000, l2=2e-5, rounds=40, bits=12, favour_first=False),
    ),
}  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "share" / "models")
    parser.add_argument("--task", choices=sorted(TASKS))
    parser.add_argument("--small", action="store_true")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for name in [args.task] if args.task else sorted(TASKS):
        task = TASKS[name]
        examples = task["examples"]()
        if args.small:
            examples = examples[::50]
        print(f"{name}: {len(examples)} texts")
        ids, weights, biases = train(args.tool, examples, task["heads"], task["plan"])
        data = encode(task["number"], ids, weights, biases, task["params"], task["plan"])
        (args.out / f"{name}.bin").write_bytes(data)


if __name__ == "__main__":
    main()
