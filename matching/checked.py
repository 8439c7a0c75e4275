"""What the checker looks at: a problem and a solution side by side, with its own calendar."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from matching.problem import Application, Host, Pair, Problem
from matching.solution import Assignment, Solution

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong: a code for machines, a sentence for people."""

    code: str
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Visit:
    """An assignment whose application and host are known; `pair` is None where there is none."""

    row: Assignment
    application: Application
    host: Host
    pair: Pair | None

    def __str__(self) -> str:
        return f"{self.row.application} at {self.row.host} from {self.row.first_day} to {self.row.last_day}"

    @property
    def days(self) -> int:
        """Return how many open days the visit has to take."""
        return self.application.days if self.pair is None or self.pair.days is None else self.pair.days


class Case:
    """A problem and a solution, looked up in the ways that the rules need."""

    def __init__(self, problem: Problem, solution: Solution) -> None:
        self.problem, self.solution = problem, solution
        self.applications = {one.id: one for one in problem.applications}
        self.hosts = {one.id: one for one in problem.hosts}
        self.pairs = {(one.application, one.host): one for one in problem.pairs}
        self.forbidden = {(one.application, one.host) for one in problem.forbidden}

    @cached_property
    def visits(self) -> list[Visit]:
        """Return the assignments that name a known application and a known host."""
        return [
            Visit(
                row=row,
                application=self.applications[row.application],
                host=self.hosts[row.host],
                pair=self.pairs.get((row.application, row.host)),
            )
            for row in self.solution.assignments
            if row.application in self.applications and row.host in self.hosts
        ]

    @cached_property
    def visits_of(self) -> dict[str, list[Visit]]:
        """Return the visits per application; more than one is a fault."""
        found: dict[str, list[Visit]] = {}
        for visit in self.visits:
            found.setdefault(visit.application.id, []).append(visit)
        return found

    def visit_of(self, application: str) -> Visit | None:
        """Return the first visit of an application, or None."""
        return self.visits_of.get(application, [None])[0]

    def open_days(self, host: Host, first: date, last: date) -> list[date]:
        """Return the days of a range, cut to the round, on which the host is not closed."""
        first, last = max(first, self.problem.first_day), min(last, self.problem.last_day)
        days = (first + n * ONE_DAY for n in range((last - first).days + 1))
        return [day for day in days if not any(closed.first <= day <= closed.last for closed in host.closed)]


def places_on(host: Host, day: date) -> int:
    """Return the places of the window that holds the day, the most where several do, 0 where none does."""
    return max((one.places for one in host.windows if one.first <= day <= one.last), default=0)
