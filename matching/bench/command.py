"""The command line of `bench`."""

import argparse
import os
import platform
import sys
from collections.abc import Iterable
from pathlib import Path

from matching.bench.instances import KINDS, SIZES, SMALL
from matching.bench.methods import METHODS
from matching.bench.table import HEADER, aligned, summary
from matching.options import Misused

EXIT_SHORT = 1
"""Some published optimum is not reached, or some method breaks a rule or fails."""


def add_bench(parser: argparse.ArgumentParser) -> None:
    """Describe the options."""
    names = ",".join(method.name for method in METHODS)
    parser.add_argument("--sizes", default="small", help=f"small, all, or some of {','.join(SIZES)}")
    parser.add_argument("--kinds", default=",".join(KINDS), help=f"some of {','.join(KINDS)}")
    parser.add_argument("--methods", default=names, help=f"some of {names}")
    parser.add_argument("--seeds", type=int, default=3, metavar="N", help="instances of each kind")
    parser.add_argument("--time-limit", type=float, metavar="S", help="per solve; by size if left out")
    parser.add_argument("--workers", type=int, default=2, help="cores that each method is held to")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where CSV and picture go")
    parser.add_argument(
        "--gap", type=Path, metavar="DIR", help="generalized assignment files instead, with their optima"
    )
    parser.add_argument("--maximise", action="store_true", help="their numbers are profits, not costs")
    parser.set_defaults(run=bench)


def bench(asked: argparse.Namespace) -> int:
    """Measure, print and keep; the exit code tells whether anything fell short."""
    if asked.seeds < 1 or asked.workers < 1 or (asked.time_limit is not None and asked.time_limit <= 0):
        raise Misused("seeds, workers and the time limit are above 0")
    return _gap(asked) if asked.gap else _compare_methods(asked)


def _gap(asked: argparse.Namespace) -> int:
    from matching.bench.gap_run import run_all  # noqa: PLC0415

    runs = run_all(
        asked.gap,
        seconds=asked.time_limit or 60.0,
        workers=asked.workers,
        maximise=asked.maximise,
        say=_say,
    )
    is_short = not all(run.is_proven and (run.is_reached or run.optimum is None) for run in runs)
    return EXIT_SHORT if is_short else 0


def _compare_methods(asked: argparse.Namespace) -> int:
    from matching.bench.run import Plan, run  # noqa: PLC0415

    plan = Plan(
        sizes=_chosen(asked.sizes, SIZES, {"small": SMALL, "all": tuple(SIZES)}),
        kinds=_chosen(asked.kinds, KINDS, {}),
        seeds=asked.seeds,
        methods=_chosen(asked.methods, [method.name for method in METHODS], {}),
        seconds=asked.time_limit,
        workers=asked.workers,
    )
    before = os.getloadavg()[0]
    runs = run(plan, asked.out, _tell)
    _say(aligned(HEADER, summary(runs)))
    _say(_circumstances(asked, before))
    return EXIT_SHORT if any(one.violations or one.note.startswith("failed") for one in runs) else 0


def _chosen(wanted: str, known: Iterable[str], words: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    names = words.get(wanted) or tuple(name.strip() for name in wanted.split(","))
    known = tuple(known)
    if set(names) - set(known):
        raise Misused(f"choose among {', '.join([*words, *known])}")
    return tuple(name for name in known if name in names)


def _circumstances(asked: argparse.Namespace, load_before: float) -> str:
    """Say what the figures depend on."""
    cores = min(asked.workers, os.cpu_count() or 1)
    return (
        f"Medians of {asked.seeds} seeds; goal: priority; seconds from the start of a method's own process; "
        f"{cores} of {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}; "
        f"load {load_before:.1f} before, {os.getloadavg()[0]:.1f} after."
    )


def _say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def _tell(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
