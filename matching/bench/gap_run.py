"""Solves generalized assignment files and says how many published optima are reached and proven."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from matching.bench.gap import Generalized, published
from matching.check import check
from matching.reading import Malformed
from matching.solve import solve


@dataclass(frozen=True, slots=True)
class GapRun:
    """How one file was solved. `value` and `bound` are of costs or profits, None where some job found no agent."""

    path: str
    optimum: int | None
    value: float | None
    bound: float | None
    seconds: float
    violations: int = 0

    @property
    def is_reached(self) -> bool:
        """Tell whether the published optimum is reached by a plan that keeps every rule."""
        return self.value is not None and self.value == self.optimum and not self.violations

    @property
    def is_proven(self) -> bool:
        """Tell whether the value is proven to be the best."""
        return self.value is not None and self.value == self.bound and not self.violations

    def __str__(self) -> str:
        reached = (
            "reached" if self.is_reached else "NOT REACHED" if self.optimum is not None else "not published"
        )
        proven = "proven" if self.is_proven else f"bound {_shown(self.bound)}"
        figures = f"optimum {_shown(self.optimum)}, value {_shown(self.value)}"
        wrong = f", {self.violations} VIOLATIONS" if self.violations else ""
        return f"{self.path}: {figures}: {reached}, {proven}, {self.seconds:.2f} s{wrong}"


def run_all(
    folder: Path, *, seconds: float, workers: int, maximise: bool, say: Callable[[object], None]
) -> list[GapRun]:
    """Solve every file of a folder, at most `seconds` each. Raises `Malformed` where there is none."""
    optima = published(folder)
    if not optima:
        raise Malformed(str(folder), "holds no file", "generalized assignment files, perhaps an optima.csv")
    runs = []
    for path, optimum in optima.items():
        try:
            given = Generalized.read((folder / path).read_text(), maximise=maximise)
        except Malformed as fault:
            raise fault.under(path) from fault
        runs.append(run_one(path, given, optimum, seconds=seconds, workers=workers))
        say(runs[-1])
    say(conclusion(runs))
    return runs


def run_one(path: str, given: Generalized, optimum: int | None, *, seconds: float, workers: int) -> GapRun:
    """Solve one of them."""
    problem, since = given.problem(), monotonic()
    solution = solve(problem, goals=given.goals, time_limit_s=seconds, workers=workers)
    took = monotonic() - since
    if not solution.goals or solution.goals[0].value < given.jobs:
        return GapRun(path, optimum, None, None, took)
    last = solution.goals[-1]
    return GapRun(path, optimum, last.value, last.bound, took, len(check(problem, solution)))


def conclusion(runs: list[GapRun]) -> str:
    """Sum up in one line."""
    reached, proven = sum(run.is_reached for run in runs), sum(run.is_proven for run in runs)
    times = [run.seconds for run in runs]
    return (
        f"{reached} of {len(runs)} published optima reached, {proven} of {len(runs)} proven; "
        f"{sum(times):.1f} s in all, {max(times):.2f} s the longest"
    )


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"
