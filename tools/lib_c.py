"""What the checks share: reading C files, blanking comments and literals, and one form of verdict."""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

TOKEN = re.compile(r'''/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*\'''', re.S)


def files(folders, suffixes, root=ROOT):
    """Paths below `folders`, relative to `root`, sorted."""
    found = []
    for folder in folders:
        for where, dirs, names in os.walk(os.path.join(root, folder)):
            dirs.sort()
            found += [os.path.relpath(os.path.join(where, n), root) for n in names if n.endswith(suffixes)]
    return sorted(found)


def read(path, root=ROOT):
    with open(os.path.join(root, path), encoding='utf-8') as f:
        return f.read()


def blank(text):
    """Comments become spaces and literals become quotes, line breaks stay: braces and lines can then be counted."""
    def spaces(match):
        return re.sub(r'[^\n]', ' ', match.group())
    return TOKEN.sub(spaces, text)


def blank_comments(text):
    """Comments become spaces; literals stay (an #include's name is one)."""
    return TOKEN.sub(lambda m: re.sub(r'[^\n]', ' ', m.group()) if m.group()[0] == '/' else m.group(), text)


def verdict(name, problems, looked_at):
    """Prints the problems and one closing line; returns the exit status."""
    for problem in problems:
        print(problem)
    if not looked_at:
        print(f'{name}: FAILED: there was nothing to look at')
        return 1
    print(f'{name}: {"FAILED, " + str(len(problems)) + " problems" if problems else "ok"} ({looked_at})')
    return 1 if problems else 0


def self_test(name, cases):
    """cases: (what, expected, got). A check that cannot fail proves nothing."""
    bad = [f'{name} --self-test: {what}: expected {want!r}, got {got!r}' for what, want, got in cases if want != got]
    print('\n'.join(bad) if bad else f'{name} --self-test: ok ({len(cases)} cases)')
    sys.exit(1 if bad else 0)
