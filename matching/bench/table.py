"""Rows as a plain aligned table, and the medians of runs as such rows."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from statistics import median

from matching.bench.measured import Measured
from matching.bench.methods import METHODS

Cell = str | int | float | None

HEADER = (
    "instance",
    "method",
    "matched",
    "value",
    "bound",
    "gap %",
    "to best bound %",
    "mean score",
    "seconds",
    "peak MiB",
    "remark",
)
RAW = (
    "size",
    "kind",
    "seed",
    "method",
    "matched",
    "value",
    "bound",
    "gap",
    "mean_score",
    "seconds",
    "peak_mib",
    "violations",
    "note",
)


def summary(runs: Sequence[Measured]) -> list[list[Cell]]:
    """Return a row per size, kind and method: the median of the seeds in each column."""
    sets = dict.fromkeys((run.instance.size, run.instance.kind) for run in runs)
    return [
        row
        for size, kind in sets
        for row in _rows([run for run in runs if (run.instance.size, run.instance.kind) == (size, kind)])
    ]


def _rows(runs: Sequence[Measured]) -> Iterable[list[Cell]]:
    instance = runs[0].instance
    known = {run.method for run in runs}
    for method in METHODS:
        refusal = method.refusal(instance.applications)
        if method.name in known or refusal:
            mine = [run for run in runs if run.method == method.name]
            where = f"{instance.size} {instance.kind}"
            yield [where, method.title, *(_figures(mine, runs) if mine else [None] * 8 + [refusal])]


def _figures(mine: Sequence[Measured], everybody: Sequence[Measured]) -> list[Cell]:
    best = best_bounds(everybody)
    return [
        _middle([run.matched for run in mine], 0),
        _middle([run.value for run in mine], 0),
        _middle([run.bound for run in mine], 0),
        _middle([_percent(run.gap) for run in mine], 2),
        _middle([_percent(run.gap_to(best.get(run.instance.seed))) for run in mine], 2),
        _middle([run.mean_score for run in mine], 1),
        _middle([run.seconds for run in mine], 1),
        _middle([run.peak_mib for run in mine], 0),
        _remark(mine),
    ]


def best_bounds(runs: Iterable[Measured]) -> dict[int, float]:
    """Return per seed the tightest bound that any method proved."""
    found: dict[int, float] = {}
    for run in runs:
        if run.bound is not None:
            found[run.instance.seed] = min(run.bound, found.get(run.instance.seed, run.bound))
    return found


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _middle(values: Sequence[float | None], digits: int) -> Cell:
    """Return the median, or None where half of the runs gave nothing."""
    known = [value for value in values if value is not None]
    if 2 * len(known) <= len(values):
        return None
    return f"{median(known):,.{digits}f}"


def _remark(runs: Sequence[Measured]) -> str:
    wrong = sum(run.violations or 0 for run in runs)
    notes = [f"{wrong} VIOLATIONS"] if wrong else []
    silent = [run.note for run in runs if run.note]
    notes += [f"{silent.count(note)} of {len(runs)}: {note}" for note in dict.fromkeys(silent)]
    proven = sum(run.gap == 0 for run in runs)
    return "; ".join([*notes, *([f"{proven} of {len(runs)} proven"] if proven else [])])


def aligned(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """Return lines with columns of equal width; figures stand to the right, None is a dash."""
    shown = [["-" if cell is None else str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(header, *shown, strict=True)]
    right = [
        any(row[n].replace(",", "").replace(".", "").isdigit() for row in shown) for n in range(len(header))
    ]
    lines = [list(header), ["-" * width for width in widths], *shown]
    return "\n".join(_line(line, widths, right) for line in lines) + "\n"


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    columns = zip(cells, widths, right, strict=True)
    return "  ".join(cell.rjust(n) if is_right else cell.ljust(n) for cell, n, is_right in columns).rstrip()


def as_csv(runs: Sequence[Measured]) -> str:
    """Return every run, one row each."""
    rows = [
        [run.instance.size, run.instance.kind, run.instance.seed, run.method]
        + [getattr(run, name) for name in RAW[4:]]
        for run in runs
    ]
    return _csv([RAW, *rows])


def trace_csv(runs: Sequence[Measured]) -> str:
    """Return how value and bound grew, one row per step."""
    rows = [[run.instance.name, run.method, *point] for run in runs for point in run.trace]
    return _csv([["instance", "method", "seconds", "value", "bound"], *rows])


def _csv(rows: Sequence[Sequence[object]]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
