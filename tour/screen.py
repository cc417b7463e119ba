"""What the tour prints: plain text, with colour on a terminal only (and never when NO_COLOR is set)."""

import os
import sys
import textwrap

WIDTH = 100
INDENT = 14
COLOURS = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


def coloured(text, *names):
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return text
    return "".join(f"\x1b[{COLOURS[n]}m" for n in names) + text + "\x1b[0m"


def say(text="", *colours):
    print(coloured(text, *colours), flush=True)


def heading(number, title):
    say()
    say(f"── {number}  {title} " + "─" * max(0, WIDTH - len(title) - 6), "bold")


def field(name, text, *colours):
    """A named value, wrapped; control characters in it are shown, not obeyed."""
    safe = "".join(c if c.isprintable() else " " for c in str(text))
    lines = textwrap.wrap(safe, WIDTH - INDENT) or ["–"]
    for i, line in enumerate(lines):
        lead = name if i == 0 else ""
        say(coloured(f"   {lead:<{INDENT - 3}}", "dim") + coloured(line, *colours))


def verdict(is_right, text):
    field("", ("✔ " if is_right else "✘ ") + text, "green" if is_right else "red")
