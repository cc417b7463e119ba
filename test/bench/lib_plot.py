"""Plots as plain SVG: panels one above the other, lines with points, axes linear or by powers. No library: what is drawn here is
little, and the files can be read and compared as text."""

import dataclasses
import html
import math

WIDTH, PANEL, LEFT, RIGHT, TOP, BOTTOM = 860, 250, 84, 190, 40, 48
COLOURS = ("#1b5e9b", "#c2410c", "#2f7d32", "#7b3fa0", "#8a6d00", "#0f7b83", "#b3226b", "#555555")
FONT = "font-family='DejaVu Sans, Verdana, sans-serif'"


@dataclasses.dataclass
class Panel:
    """`lines`: (name, [(x, y), …]); `marks`: (x, word) drawn as a dashed line; `log`: which axes are by powers, of 'x' and 'y'."""

    title: str
    x: str
    y: str
    lines: list
    log: str = ""
    marks: tuple = ()
    points: bool = True


def number(value):
    """Short: 0.25, 40, 1,000, 2.5 M, and powers of two of an axis of bytes as they are."""
    for size, letter in ((1e9, " G"), (1e6, " M")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.2g}"


class Axis:
    """From values to places on the paper. Linear axes begin at 0."""

    def __init__(self, values, is_log, start, end):
        low, high = min(values), max(values)
        self.is_log, self.start, self.end = is_log, start, end
        self.ticks = self._powers(low, high) if is_log else self._steps(high)
        self.low, self.high = (min(low, self.ticks[0]), max(high, self.ticks[-1])) if is_log else (0, self.ticks[-1])

    @staticmethod
    def _powers(low, high):
        """1, 2, 5 times powers of ten, thinned to at most nine."""
        exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        all_ticks = [m * 10.0**e for e in exponents for m in (1, 2, 5)]
        ticks = [t for t in all_ticks if low * 0.99 <= t <= high * 1.01]
        if len(ticks) > 9:
            ticks = [t for t in ticks if f"{t:e}"[0] == "1"]
        return ticks or [low, high]

    @staticmethod
    def _steps(high):
        high = high or 1
        unit = 10.0 ** math.floor(math.log10(high / 5))
        step = next(unit * m for m in (1, 2, 5, 10) if high / (unit * m) <= 6)
        return [i * step for i in range(math.ceil(high * 1.001 / step) + 1)]

    def place(self, value):
        f = math.log if self.is_log else float
        span = f(self.high) - f(self.low) or 1
        return self.start + (self.end - self.start) * (f(value) - f(self.low)) / span


def text(x, y, words, size=12, more=""):
    return f"<text x='{x:.1f}' y='{y:.1f}' font-size='{size}' {FONT} {more}>{html.escape(words)}</text>"


def _frame(panel, xs, ys, top):
    bottom, right = top + PANEL - TOP - BOTTOM, WIDTH - RIGHT
    out = [text(LEFT, top - 12, panel.title, 14, "font-weight='bold'")]
    for tick in ys.ticks:
        y = ys.place(tick)
        out.append(f"<line x1='{LEFT}' x2='{right}' y1='{y:.1f}' y2='{y:.1f}' stroke='#ddd'/>")
        out.append(text(LEFT - 6, y + 4, number(tick), 11, "text-anchor='end'"))
    for tick in xs.ticks:
        x = xs.place(tick)
        out.append(f"<line x1='{x:.1f}' x2='{x:.1f}' y1='{bottom}' y2='{bottom + 4}' stroke='#333'/>")
        out.append(text(x, bottom + 17, number(tick), 11, "text-anchor='middle'"))
    for value, word in panel.marks:
        x = xs.place(value)
        out.append(f"<line x1='{x:.1f}' x2='{x:.1f}' y1='{top}' y2='{bottom}' stroke='#999' stroke-dasharray='4 3'/>")
        out.append(text(x + 3, top + 11, word, 10, "fill='#666'"))
    out.append(f"<path d='M{LEFT} {top}V{bottom}H{right}' fill='none' stroke='#333'/>")
    out.append(text((LEFT + right) / 2, bottom + 34, panel.x, 12, "text-anchor='middle'"))
    middle = (top + bottom) / 2
    out.append(text(18, middle, panel.y, 12, f"text-anchor='middle' transform='rotate(-90 18 {middle:.1f})'"))
    return out


def _line(panel, i, xs, ys, top):
    name, points = panel.lines[i]
    colour, places = COLOURS[i % len(COLOURS)], [(xs.place(x), ys.place(y)) for x, y in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    out = [f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='1.6'/>"]
    if panel.points:
        out += [f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3' fill='{colour}'/>" for x, y in places]
    y = top + 8 + 17 * i
    out.append(f"<rect x='{WIDTH - RIGHT + 12}' y='{y - 8}' width='14' height='3' fill='{colour}'/>")
    out.append(text(WIDTH - RIGHT + 31, y - 3, name, 11))
    return out


def svg(panels):
    """The whole file."""
    height = PANEL * len(panels)
    out = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' width='{WIDTH}' height='{height}'>",
        f"<rect width='{WIDTH}' height='{height}' fill='white'/>",
    ]
    for k, panel in enumerate(panels):
        top = PANEL * k + TOP
        points = [p for _, line in panel.lines for p in line]
        xs = Axis([x for x, _ in points], "x" in panel.log, LEFT, WIDTH - RIGHT)
        ys = Axis([y for _, y in points], "y" in panel.log, top + PANEL - TOP - BOTTOM, top)
        out += _frame(panel, xs, ys, top)
        for i in range(len(panel.lines)):
            out += _line(panel, i, xs, ys, top)
    return "\n".join([*out, "</svg>", ""])
