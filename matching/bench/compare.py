"""Two solutions of one problem side by side: who gains, who loses, who moves, and what each goal says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from matching.check import check
from matching.problem import Problem
from matching.solution import GOALS, Solution
from matching.values import Value, measure

Visits = Mapping[str, tuple[str, date]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs from A to B: ids of applications, and each goal's two values.

    `gained` are matched in B only, `lost` in A only, `moved` have another host, `redated` the same host from
    another day. `wrong` are the numbers of rules that A and B break.
    """

    gained: tuple[str, ...]
    lost: tuple[str, ...]
    moved: tuple[str, ...]
    redated: tuple[str, ...]
    goals: Mapping[str, tuple[Value, Value]]
    matched: tuple[int, int]
    wrong: tuple[int, int]
    a: Visits
    b: Visits

    @property
    def unchanged(self) -> int:
        """Return how many visits are in both, at the same host from the same day."""
        return len(self.a.keys() & self.b.keys()) - len(self.moved) - len(self.redated)

    def lines(self) -> Iterator[str]:
        """Yield what staff would read."""
        for name, number in zip("AB", self.wrong, strict=True):
            if number:
                yield f"{name} breaks the rules: {number} violations, see `check`"
        yield from _aligned([("", "A", "B", "B - A"), ("matched", *_both(*self.matched)), *self._goal_rows()])
        yield (
            f"{len(self.gained)} gain a visit, {len(self.lost)} lose theirs, {len(self.moved)} get another host, "
            f"{len(self.redated)} other dates at the same host, {self.unchanged} stay as they are"
        )
        yield from (f"gains   {one}: {_visit(self.b[one])}" for one in self.gained)
        yield from (f"loses   {one}: {_visit(self.a[one])}" for one in self.lost)
        for word, ids in (("moves", self.moved), ("redated", self.redated)):
            yield from (f"{word:7} {one}: {_visit(self.a[one])} -> {_visit(self.b[one])}" for one in ids)

    def _goal_rows(self) -> Iterator[tuple[str, str, str, str]]:
        yield from ((name, *_both(*values)) for name, values in self.goals.items())


def compare(problem: Problem, a: Solution, b: Solution) -> Comparison:
    """Compare two solutions of a problem; rows of applications that it does not hold are left out."""
    ids = [application.id for application in problem.applications]
    before, after = _visits(a, ids), _visits(b, ids)
    both = [one for one in ids if one in before and one in after]
    values = zip(GOALS, measure(problem, before, GOALS), measure(problem, after, GOALS), strict=True)
    return Comparison(
        gained=tuple(one for one in ids if one in after and one not in before),
        lost=tuple(one for one in ids if one in before and one not in after),
        moved=tuple(one for one in both if before[one][0] != after[one][0]),
        redated=tuple(one for one in both if before[one][0] == after[one][0] and before[one] != after[one]),
        goals={name: (one, other) for name, one, other in values},
        matched=(len(before), len(after)),
        wrong=(len(check(problem, a)), len(check(problem, b))),
        a=before,
        b=after,
    )


def _visits(solution: Solution, ids: list[str]) -> dict[str, tuple[str, date]]:
    known = set(ids)
    return {
        row.application: (row.host, row.first_day) for row in solution.assignments if row.application in known
    }


def _visit(visit: tuple[str, date]) -> str:
    host, first_day = visit
    return f"{host} from {first_day}"


def _both(one: Value, other: Value) -> tuple[str, str, str]:
    return _shown(one), _shown(other), _shown(other - one, "+") if other != one else "0"


def _shown(value: Value, sign: str = "") -> str:
    return f"{value:{sign},}" if isinstance(value, int) else f"{float(value):{sign}.4f}"


def _aligned(rows: list[tuple[str, str, str, str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *rest in rows:
        figures = (cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))
        yield "  ".join([first.ljust(widths[0]), *figures])
