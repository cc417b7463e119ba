"""Texts from a grammar, the same ones on every machine.

A file has symbols and sections. `NAME: a | b | c` says what $NAME may become; a value that is too long for a
line goes on in the next, which begins with a blank. `## NAME key=value ...` opens a section; each line of it
is a template. `{a|b|}` takes one of its parts, parts may hold further braces and symbols; `\\n` is a newline,
`\\{`, `\\|`, `\\}` and `\\$` stand for themselves. A line that begins with `#` and no second one is a comment.
"""
import re


class Chance:
    """A generator of numbers that no version of Python changes (splitmix64)."""

    def __init__(self, seed):
        self.state = seed & 0xFFFFFFFFFFFFFFFF

    def below(self, n):
        self.state = (self.state + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
        return (z ^ (z >> 31)) % n

    def pick(self, things):
        return things[self.below(len(things))]


def split_top(text, mark):
    """Parts of `text` between marks that stand in no braces."""
    parts, depth, start, i = [], 0, 0, 0
    while i < len(text):
        c = text[i]
        if c == "\\":
            i += 1
        elif c == "{":
            depth += 1
        elif c == "}":
            depth -= 1
        elif c == mark and depth == 0:
            parts.append(text[start:i])
            start = i + 1
        i += 1
    return parts + [text[start:]]


class Grammar:
    def __init__(self):
        self.symbols = {}
        self.sections = []  # (name, {key: value}, [template])

    def read(self, text, where):
        last = None
        for number, line in enumerate(text.split("\n"), 1):
            if not line.strip() or (line.startswith("#") and not line.startswith("##")):
                continue
            if line.startswith("## "):
                name, *pairs = line[3:].split()
                self.sections.append((name, dict(p.split("=") for p in pairs), []))
                last = None
            elif re.match(r"[A-Z][A-Z0-9_]*: ", line):
                name, value = line.split(": ", 1)
                self.symbols[name] = [p.strip() for p in split_top(value, "|")]
                last = name
            elif line.startswith(" ") and last in self.symbols:
                self.symbols[last] += [p.strip() for p in split_top(line.strip().lstrip("|"), "|")]
            elif self.sections:
                self.sections[-1][2].append(line)
            else:
                raise SystemExit(f"{where}:{number}: a template needs a section (## NAME) above it")
        return self

    def expand(self, template, chance, depth=0):
        if depth > 20:
            raise SystemExit(f"the grammar goes round in circles at: {template[:60]}")
        out, i = [], 0
        while i < len(template):
            c = template[i]
            if c == "\\":
                out.append("\n" if template[i + 1] == "n" else template[i + 1])
                i += 2
            elif c == "{":
                end = self.closing(template, i)
                part = chance.pick(split_top(template[i + 1 : end], "|"))
                out.append(self.expand(part, chance, depth + 1))
                i = end + 1
            elif c == "$" and (m := re.match(r"[A-Z][A-Z0-9_]*", template[i + 1 :])):
                if m[0] not in self.symbols:
                    raise SystemExit(f"no symbol ${m[0]}, used in: {template[:60]}")
                out.append(self.expand(chance.pick(self.symbols[m[0]]), chance, depth + 1))
                i += 1 + len(m[0])
            else:
                out.append(c)
                i += 1
        return "".join(out)

    @staticmethod
    def closing(text, at):
        depth, i = 0, at
        while i < len(text):
            if text[i] == "\\":
                i += 1
            elif text[i] == "{":
                depth += 1
            elif text[i] == "}":
                depth -= 1
                if depth == 0:
                    return i
            i += 1
        raise SystemExit(f"a brace is not closed in: {text[:60]}")

    def texts(self, chance):
        """(section, keys, text), without repeats within a section: its `n`, or what it can give."""
        for name, keys, templates in self.sections:
            wanted, seen = int(keys["n"]), set()
            for turn in range(wanted * 3):
                text = self.expand(templates[turn % len(templates)], chance).strip(" ")
                if len(seen) >= wanted:
                    break
                if text and text not in seen:
                    seen.add(text)
                    yield name, keys, text
