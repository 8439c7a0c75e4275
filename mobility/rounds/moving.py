"""What it costs to move a visit of a result to another day by hand, before anything is solved again."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from matching import Problem, Solution, hard_rules
from matching.checked import Case, Violation
from matching.solution import Assignment
from matching.values import measure
from mobility.core.access import Actor
from mobility.core.errors import RuleBroken
from mobility.rounds import costing, scenario, services
from mobility.rounds.models import Run
from mobility.rounds.problem import is_fixed

Rule = Callable[[Case], Iterator[Violation]]
# What a day can break; who visits whom stays.
RULES: dict[str, Rule] = {
    "length": hard_rules.length,
    "windows": hard_rules.windows,
    "places": hard_rules.places,
    "limits": hard_rules.limits,
    "groups": hard_rules.groups,
    "locks": hard_rules.locks,
}


@dataclass(frozen=True)
class Move:
    """A visit on another day, all others as they are but those who have to go; nothing is solved again."""

    application: str
    host: str
    before: date
    first_day: date
    last_day: date
    # The rule's name → whether it is kept.
    rules: dict[str, bool]
    # Who loses a place at the host to it, by reference.
    displaced: tuple[str, ...]
    # Of each goal its name, and what it is worth before and after.
    goals: tuple[tuple[str, float, float], ...]

    @property
    def is_allowed(self) -> bool:
        return all(self.rules.values())


def moved(run: Run, application: str, first_day: date) -> Move:
    """What a visit of a solved run on another day keeps, breaks and costs. Raises `RuleBroken("move-no-visit")`."""
    problem, rows = _problem(run, application), _rows(run)
    row = _row(rows, application)
    last_day = _last_day(Case(problem, Solution("feasible", tuple(rows))), row, first_day)
    there = Assignment(application, row.host, first_day, last_day)
    others = [one for one in rows if one is not row]
    displaced = _displaced(problem, there, others)
    left = [there, *(one for one in others if one.application not in displaced)]
    case = Case(problem, Solution("feasible", tuple(left)))
    goals = tuple(run.goals)
    values = zip(goals, _worth(problem, rows, goals), _worth(problem, left, goals), strict=True)
    return Move(
        application,
        row.host,
        row.first_day,
        first_day,
        last_day,
        {name: next(rule(case), None) is None for name, rule in RULES.items()},
        tuple(sorted(displaced)),
        tuple(values),
    )


def solve(run: Run, application: str, first_day: date, reason: str, *, actor: Actor | None) -> Run:
    """Queue a run like this one with the visit locked to its day.

    Raises `RuleBroken`: "move-no-visit", "run-outdated", and what `services.solve` refuses.
    """
    if not scenario.is_current(run, run.round):
        raise RuleBroken("run-outdated", run=run.number)
    host = _row(_rows(run), application).host
    changes = [*_other_changes(run, application), _lock(application, host, first_day, reason)]
    return services.solve(run.round, costing.options_of(run), actor=actor, changes=changes)


def _lock(application: str, host: str, first_day: date, reason: str) -> scenario.Change:
    return scenario.Change(scenario.LOCK, reason, application, host, first_day=first_day)


def _other_changes(run: Run, application: str) -> list[scenario.Change]:
    """The run's changes without a lock of the application, which the new one takes the place of."""
    changes = scenario.changes_of(run)
    return [one for one in changes if one.kind != scenario.LOCK or one.application != application]


def _problem(run: Run, application: str) -> Problem:
    return Problem.from_json(scenario.changed(run.round.problem or {}, _other_changes(run, application)))


def _rows(run: Run) -> list[Assignment]:
    return list(Solution.from_json(run.solution or {"status": "unknown"}).assignments)


def _row(rows: Sequence[Assignment], application: str) -> Assignment:
    found = next((row for row in rows if row.application == application), None)
    if found is None:
        raise RuleBroken("move-no-visit", application=application)
    return found


def _last_day(case: Case, row: Assignment, first_day: date) -> date:
    """The last of the open days that the visit takes; where there are too few, the last there is."""
    visit = case.visit_of(row.application)
    if visit is None:
        return first_day
    days = case.open_days(visit.host, first_day, case.problem.last_day)[: visit.days]
    return days[-1] if days else first_day


def _displaced(problem: Problem, there: Assignment, others: Sequence[Assignment]) -> set[str]:
    """Who has to leave the host so that the moved visit has a place: who is worth least first, nobody who is locked."""
    locked = {lock.application for lock in problem.locks}
    at_host = [one for one in others if one.host == there.host]
    priorities = {one.id: one.priority for one in problem.applications}
    scores = {one.application: one.score for one in problem.pairs if one.host == there.host}
    going = [
        one
        for one in at_host
        if _overlap(one, there) and one.application not in locked and not is_fixed(one.application)
    ]
    going.sort(key=lambda one: (priorities[one.application], scores[one.application], one.application))
    gone: set[str] = set()
    for one in going:
        left = [there, *(row for row in at_host if row.application not in gone)]
        if next(hard_rules.places(Case(problem, Solution("feasible", tuple(left)))), None) is None:
            break
        gone.add(one.application)
    return gone


def _overlap(one: Assignment, other: Assignment) -> bool:
    return one.first_day <= other.last_day and other.first_day <= one.last_day


def _worth(problem: Problem, rows: Sequence[Assignment], goals: tuple[str, ...]) -> list[float]:
    visits = {row.application: (row.host, row.first_day) for row in rows}
    return [float(value) for value in measure(problem, visits, goals)]
