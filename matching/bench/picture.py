"""A picture of value and bound over time: a panel per size and kind, drawn by hand as SVG."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10

from matching.bench.measured import Measured
from matching.bench.methods import METHODS, title

COLOURS = dict(
    zip(
        (method.name for method in METHODS),
        ("#0050a0", "#6a6a6a", "#9a5b00", "#00785a", "#8a3a8f", "#c8330a"),
        strict=True,
    )
)
"""By method; all at least 4.5 to 1 on white. The engine's line is the thick one."""

MARKS = dict(zip(COLOURS, "oxs+d^", strict=True))

WIDTH, HEIGHT, MARGIN = 300, 210, 46
HEAD, FOOT = 74, 34


@dataclass(frozen=True, slots=True)
class Panel:
    """Where one panel stands and what it spans: seconds on a logarithmic axis, values on a linear one."""

    left: float
    top: float
    shortest: float
    longest: float
    low: float
    high: float

    def x(self, seconds: float) -> float:
        """Return the horizontal place of a moment."""
        within = min(max(seconds, self.shortest), self.longest)
        share = log10(within / self.shortest) / log10(self.longest / self.shortest)
        return round(self.left + share * WIDTH, 1)

    def y(self, value: float) -> float:
        """Return the vertical place of a value; what lies beyond the panel is clipped."""
        return round(self.top + (self.high - value) / (self.high - self.low) * HEIGHT, 1)


def picture(runs: Sequence[Measured]) -> str:
    """Draw the first seed of each size and kind: values solid, bounds dashed, a mark where a method ended."""
    shown = _first_seeds(runs)
    columns = max(1, min(4, len({kind for _, kind in shown})))
    rows = -(-len(shown) // columns)
    width = max(columns * (WIDTH + 2 * MARGIN), 700)
    height = HEAD + rows * (HEIGHT + 2 * MARGIN) + FOOT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="system-ui, sans-serif" font-size="11" fill="#1a1a1a">',
        "<title>Sum of priorities and bound over time, by method</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *_legend({run.method for run in runs}),
    ]
    for place, (name, mine) in enumerate(shown.items()):
        left = (place % columns) * (WIDTH + 2 * MARGIN) + 1.4 * MARGIN
        top = HEAD + (place // columns) * (HEIGHT + 2 * MARGIN) + 0.6 * MARGIN
        parts += _panel(" ".join(name), mine, left, top, place)
    note = "Across: seconds from the start of the process, logarithmic. The first seed of each kind."
    parts += [_text(0.4 * MARGIN, height - 14, note), "</svg>"]
    return "\n".join(parts) + "\n"


def _first_seeds(runs: Sequence[Measured]) -> dict[tuple[str, str], list[Measured]]:
    shown: dict[tuple[str, str], list[Measured]] = {}
    for run in runs:
        mine = shown.setdefault((run.instance.size, run.instance.kind), [])
        if not mine or mine[0].instance.seed == run.instance.seed:
            mine.append(run)
    return shown


def _legend(methods: set[str]) -> Iterator[str]:
    yield _text(0.4 * MARGIN, 22, "Sum of priorities: value (solid) and proven bound (dashed)", size=15)
    for place, name in enumerate(name for name in COLOURS if name in methods):
        x, y = 0.4 * MARGIN + 168 * (place % 4), 42 + 18 * (place // 4)
        yield _line([(x, y), (x + 24, y)], name)
        yield _mark(name, x + 12, y)
        yield _text(x + 30, y + 4, title(name))


def _panel(name: str, runs: Sequence[Measured], left: float, top: float, place: int) -> Iterator[str]:
    panel = _span(runs, left, top)
    box = f'x="{left:g}" y="{top:g}" width="{WIDTH}" height="{HEIGHT}"'
    yield f'<clipPath id="panel-{place}"><rect {box}/></clipPath>'
    yield _text(left, top - 8, name, size=13)
    yield from _axes(panel)
    yield f'<g clip-path="url(#panel-{place})">'
    for run in reversed(runs):
        yield from _curves(panel, run)
    yield "</g>"
    yield f'<rect {box} fill="none" stroke="#767676"/>'


def _span(runs: Sequence[Measured], left: float, top: float) -> Panel:
    """Choose what to show: from the weakest final value to the bounds that are not far off."""
    ended = [run.seconds for run in runs if run.seconds] or [1.0]
    begun = [point[0] for run in runs for point in run.trace[:1]] or [0.1]
    values = [run.value for run in runs if run.value is not None] or [0.0]
    bounds = sorted(run.bound for run in runs if run.bound is not None)
    low, best = min(values), max([*values, *bounds[:1]])
    high = max([best, *(bound for bound in bounds if bound - best < best - low)])
    room = max(1.0, 0.1 * (high - low))
    shortest = min(max(0.01, 0.8 * min(begun)), 0.5 * max(ended))
    return Panel(left, top, shortest, 1.1 * max(ended), low - room, high + room)


def _axes(panel: Panel) -> Iterator[str]:
    bottom = panel.top + HEIGHT
    for seconds in _decades(panel):
        x = panel.x(seconds)
        yield f'<path d="M{x} {panel.top:g}V{bottom:g}" stroke="#dddddd"/>'
        yield _text(x, bottom + 14, f"{seconds:g}", anchor="middle")
    for value in _steps(panel.low, panel.high):
        y = panel.y(value)
        yield f'<path d="M{panel.left:g} {y}h{WIDTH}" stroke="#dddddd"/>'
        yield _text(panel.left - 5, y + 4, f"{value:,.0f}", anchor="end")


def _decades(panel: Panel) -> Iterator[float]:
    for power in range(floor(log10(panel.shortest)), floor(log10(panel.longest)) + 1):
        for digit in (1, 3):
            seconds = digit * 10.0**power
            if panel.shortest <= seconds <= panel.longest:
                yield seconds


def _steps(low: float, high: float) -> Iterator[float]:
    """Yield about four round numbers."""
    rough = (high - low) / 4
    size = 10.0 ** floor(log10(rough))
    step = max(1.0, next(size * digit for digit in (1, 2, 5, 10) if size * digit >= rough))
    first = floor(low / step) + 1
    yield from (number * step for number in range(first, floor(high / step) + 1))


def _curves(panel: Panel, run: Measured) -> Iterator[str]:
    end = run.seconds or panel.longest
    if run.bound is not None:
        bounds = [(at, bound) for at, _, bound in run.trace if bound is not None]
        yield _stairs(panel, [*bounds, (end, run.bound)], run.method, dashed=True)
    if run.value is not None:
        values = [(at, value) for at, value, _ in run.trace if value is not None]
        yield _stairs(panel, [*values, (end, run.value)], run.method)
        yield _mark(run.method, panel.x(end), panel.y(run.value))


def _stairs(panel: Panel, points: Iterable[tuple[float, float]], method: str, *, dashed: bool = False) -> str:
    """Draw what holds until the next step."""
    corners: list[tuple[float, float]] = []
    for at, value in points:
        x, y = panel.x(at), panel.y(value)
        if corners:
            corners.append((x, corners[-1][1]))
        corners.append((x, y))
    return _line(corners, method, dashed=dashed)


def _line(corners: Sequence[tuple[float, float]], method: str, *, dashed: bool = False) -> str:
    points = " ".join(f"{x:g},{y:g}" for x, y in dict.fromkeys(corners))
    dashes = ' stroke-dasharray="5 3"' if dashed else ""
    thick = 2.5 if method == METHODS[0].name else 1.5
    return (
        f'<polyline points="{points}" fill="none" stroke="{COLOURS[method]}" stroke-width="{thick}"{dashes}/>'
    )


def _mark(method: str, x: float, y: float) -> str:
    """Draw a method's own shape, so that it can be told apart without its colour."""
    shapes = {
        "o": "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0",
        "x": "m-4 -4l8 8m0 -8l-8 8",
        "s": "m-4 -4h8v8h-8z",
        "+": "m-5 0h10m-5 -5v10",
        "d": "m0 -5l5 5l-5 5l-5 -5z",
        "^": "m0 -5l5 9h-10z",
    }
    colour = COLOURS[method]
    path = shapes[MARKS[method]]
    return f'<path d="M{x:g} {y:g}{path}" fill="#ffffff" stroke="{colour}" stroke-width="1.8"/>'


def _text(x: float, y: float, words: str, *, size: int = 11, anchor: str = "start") -> str:
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}">{escape(words)}</text>'
