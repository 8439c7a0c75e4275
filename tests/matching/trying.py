"""Trying everything: the best assignment of a tiny problem by listing them all, written from the definition."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from itertools import product

from matching import Application, Host, Limit, Pair, Problem

ONE_DAY = timedelta(days=1)
Chosen = tuple[Pair, date, tuple[date, ...]]
"""A pair, the first day and the open days that the visit takes."""
Plan = dict[str, Chosen]


def visits(problem: Problem, application: Application) -> list[Chosen]:
    """List the visits that fit windows, closed days and forbidden pairs."""
    hosts = {host.id: host for host in problem.hosts}
    barred = {(one.application, one.host) for one in problem.forbidden}
    return [
        (pair, first, days)
        for pair in problem.pairs
        if pair.application == application.id and (pair.application, pair.host) not in barred
        for first, days in _stays(problem, application, hosts[pair.host], pair.days or application.days)
    ]


def _stays(
    problem: Problem, application: Application, host: Host, length: int
) -> Iterator[tuple[date, tuple[date, ...]]]:
    first = problem.first_day
    while first <= problem.last_day:
        days = _open_days(problem, host, first, length)
        if days and days[0] == first and _inside(days, application.windows) and _inside(days, host.windows):
            yield first, days
        first += ONE_DAY


def _open_days(problem: Problem, host: Host, first: date, length: int) -> tuple[date, ...]:
    days: list[date] = []
    day = first
    while day <= problem.last_day and len(days) < length:
        if not any(closed.first <= day <= closed.last for closed in host.closed):
            days.append(day)
        day += ONE_DAY
    return tuple(days) if len(days) == length else ()


def _inside(days: tuple[date, ...], windows: object) -> bool:
    assert isinstance(windows, tuple)
    return any(one.first <= days[0] and days[-1] <= one.last for one in windows)


def plans(problem: Problem) -> Iterator[Plan]:
    """List all assignments that keep every rule."""
    ids = [application.id for application in problem.applications]
    options: list[list[Chosen | None]] = [[None, *visits(problem, one)] for one in problem.applications]
    for combination in product(*options):
        plan = {one: chosen for one, chosen in zip(ids, combination, strict=True) if chosen is not None}
        if keeps_all(problem, plan):
            yield plan


def keeps_all(problem: Problem, plan: Plan) -> bool:
    """Tell whether a plan of fitting visits keeps the rules that bind several visits, and the locks."""
    return (
        keeps_places(problem, plan)
        and all(limit.min <= total(limit, plan) <= limit.max for limit in problem.limits)
        and _keeps_groups(problem, plan)
        and all(
            lock.application in plan
            and plan[lock.application][0].host == lock.host
            and lock.first_day in (None, plan[lock.application][1])
            for lock in problem.locks
        )
    )


def keeps_places(problem: Problem, plan: Plan) -> bool:
    """Tell whether no host has more visitors than places on any day."""
    visitors = Counter((pair.host, day) for pair, _, days in plan.values() for day in days)
    windows = {host.id: host.windows for host in problem.hosts}
    return all(
        number <= max(one.places for one in windows[host] if one.first <= day <= one.last)
        for (host, day), number in visitors.items()
    )


def total(limit: Limit, plan: Plan) -> int:
    """Sum what a plan uses of a limit."""
    return sum(
        1 if limit.amount == "visits" else pair.amounts.get(limit.amount, 0)
        for pair, _, _ in plan.values()
        if (limit.applications is None or pair.application in limit.applications)
        and (limit.hosts is None or pair.host in limit.hosts)
    )


def _keeps_groups(problem: Problem, plan: Plan) -> bool:
    groups: dict[str, set[object]] = {}
    for one in problem.applications:
        if one.group is not None:
            chosen = plan.get(one.id)
            groups.setdefault(one.group, set()).add((chosen[0].host, chosen[1]) if chosen else None)
    return all(len(begun) == 1 for begun in groups.values())


def value(problem: Problem, plan: Plan, goal: str) -> Fraction:
    """Measure a plan by a goal."""
    if goal == "priority":
        return Fraction(sum(one.priority for one in problem.applications if one.id in plan))
    if goal == "score":
        return Fraction(sum(pair.score for pair, _, _ in plan.values()))
    if goal == "cost":
        return Fraction(sum(pair.amounts.get("cost_cents", 0) for pair, _, _ in plan.values()))
    if goal == "fairness":
        sets = [ids for family in problem.sets.values() for ids in family.values() if ids]
        return min((Fraction(sum(one in plan for one in ids), len(ids)) for ids in sets), default=Fraction(1))
    if goal == "lottery":
        return Fraction(sum(one.lot for one in problem.applications if one.id in plan))
    before = {one.application: (one.host, one.first_day) for one in problem.previous}
    now = {one: (pair.host, first) for one, (pair, first, _) in plan.items()}
    return Fraction(sum(now.get(one.id) != before.get(one.id) for one in problem.applications))


def best(problem: Problem, goals: tuple[str, ...]) -> tuple[Fraction, ...] | None:
    """Return the values of the best plan, goal by goal, or None where no plan keeps the rules."""
    signs = [-1 if goal in ("cost", "changes") else 1 for goal in goals]
    ranks = (
        tuple(sign * value(problem, plan, goal) for sign, goal in zip(signs, goals, strict=True))
        for plan in plans(problem)
    )
    top = max(ranks, default=None)
    return None if top is None else tuple(sign * each for sign, each in zip(signs, top, strict=True))


def open_days_of(problem: Problem, host: Host) -> list[date]:
    """List the days of the round on which a host is not closed."""
    length = (problem.last_day - problem.first_day).days + 1
    days = (problem.first_day + number * ONE_DAY for number in range(length))
    return [day for day in days if _open_days(problem, host, day, 1) == (day,)]
