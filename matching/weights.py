"""What each slot is worth by each goal, as whole numbers, more being better: cost and changes count below zero.

All goals but one are sums over the slots taken; `fairness` is the worst of several and has no weights.
"""

from collections.abc import Callable, Mapping

import numpy as np

from matching.problem import Pair
from matching.tables import Ints, Tables

SUMMED = ("priority", "score", "cost", "changes", "lottery")


def weights(goal: str, tables: Tables) -> Ints:
    """Return the worth of each slot by a goal, shape (S,); a plan's value is their sum, but for a constant."""
    return _WEIGHTS[goal](tables)


def baseline(goal: str, tables: Tables) -> int:
    """Return what the sum of weights lacks to the value by a goal, where nobody is matched."""
    if goal != "changes":
        return 0
    before = {one.application for one in tables.world.problem.previous}
    return -sum(application.id in before for application in tables.world.problem.applications)


def _by_way(tables: Tables, worth: Callable[[Pair], int]) -> Ints:
    each = [sum(map(worth, way.pairs)) for way in tables.world.ways]
    return np.array(each, dtype=np.int64)[tables.way]


def _priority(tables: Tables) -> Ints:
    priority = {one.id: one.priority for one in tables.world.problem.applications}
    return _by_way(tables, lambda pair: priority[pair.application])


def _score(tables: Tables) -> Ints:
    return _by_way(tables, lambda pair: pair.score)


def _cost(tables: Tables) -> Ints:
    return _by_way(tables, lambda pair: -pair.amount("cost_cents"))


def _changes(tables: Tables) -> Ints:
    """Count -1 for each member who had no visit before, +1 for each who keeps its own to the day."""
    before = {one.application: (one.host, one.first_day) for one in tables.world.problem.previous}
    found = _by_way(tables, lambda pair: -(pair.application not in before))
    for w, way in enumerate(tables.world.ways):
        for pair in way.pairs:
            host, day = before.get(pair.application, ("", None))
            position = tables.world.axes[host].position(day) if host == way.host and day else None
            if position is not None and position in way.starts:
                found[tables.first_slot[w] + way.starts.index(position)] += 1
    return found


def _lottery(tables: Tables) -> Ints:
    lot = {one.id: one.lot for one in tables.world.problem.applications}
    return _by_way(tables, lambda pair: lot[pair.application])


_WEIGHTS: Mapping[str, Callable[[Tables], Ints]] = {
    "priority": _priority,
    "score": _score,
    "cost": _cost,
    "changes": _changes,
    "lottery": _lottery,
}
