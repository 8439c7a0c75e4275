"""Deferred acceptance: applicants propose, best score first; hosts keep those of highest priority that fit together.

D. Gale and L. S. Shapley, College admissions and the stability of marriage, American Mathematical Monthly 69 (1962).
A host's choice packs its calendar: by priority, each on the first day that fits. Limits across hosts, such as budgets,
are unknown to the method: a repair books the result by priority and offers the rejected their next choices.
"""

from collections import deque
from collections.abc import Iterable
from time import monotonic

from matching.peers.choices import choices
from matching.peers.desk import Desk
from matching.peers.terms import Answer, Effort
from matching.problem import Problem

Held = dict[str, dict[int, tuple[int, int]]]
"""Per host the units it holds for now, each with its way and start."""


def solve(problem: Problem, effort: Effort) -> Answer:
    """Let units propose until nobody is rejected who has a host left to ask, then repair."""
    until = monotonic() + effort.seconds
    desk = Desk(choices(problem))
    if not desk.open():
        return Answer(None)
    priorities = desk.choices.priorities()
    order = sorted(range(len(priorities)), key=lambda unit: -priorities[unit])
    held = _proposals(desk, [unit for unit in order if unit not in desk.booked], priorities, until)
    _repair(desk, {unit: where for guests in held.values() for unit, where in guests.items()}, order)
    effort.told(desk.value, None)
    return Answer(desk.assignments())


def _proposals(desk: Desk, units: list[int], priorities: list[int], until: float) -> Held:
    asking = {unit: iter(desk.choices.preferred(unit)) for unit in units}
    held: Held = {host: {} for host in desk.world.axes}
    waiting = deque(units)
    while waiting and monotonic() < until:
        unit = waiting.popleft()
        w = next(asking[unit], None)
        if w is not None:
            waiting.extend(_choose(desk, held[desk.world.ways[w].host], w, priorities))
    return held


def _choose(desk: Desk, guests: dict[int, tuple[int, int]], w: int, priorities: list[int]) -> list[int]:
    """Let a host choose among its guests and one more, and return whom it rejects."""
    way = desk.world.ways[w]
    wanted = {unit: held for unit, (held, _) in guests.items()} | {way.unit: w}
    free = desk.free[way.host]
    before = list(free)
    guests.clear()
    for unit in sorted(wanted, key=lambda one: (-priorities[one], one)):
        starts = desk.choices.starts[wanted[unit]]
        start = next((start for start in starts if desk.fits(wanted[unit], start)), None)
        if start is not None:
            guests[unit] = (wanted[unit], start)
            _occupy(free, start, desk.world.ways[wanted[unit]].days)
    free[:] = before
    return [unit for unit in wanted if unit not in guests]


def _occupy(free: list[int], start: int, lengths: Iterable[int]) -> None:
    for length in lengths:
        for day in range(start, start + length):
            free[day] -= 1


def _repair(desk: Desk, matched: dict[int, tuple[int, int]], order: list[int]) -> None:
    """Book by priority what limits allow, then give everybody else the best that is left."""
    for unit in order:
        if unit in matched and desk.allows(matched[unit][0]):
            desk.book(*matched[unit])
    for unit in order:
        if unit not in desk.booked:
            desk.try_ways(desk.choices.preferred(unit))
