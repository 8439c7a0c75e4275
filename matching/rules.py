"""The rules on the CP-SAT model, one function each.

A way is an optional interval per member on its host's axis of open days, so closed days need no rule, and the
places of a host are one cumulative constraint. Windows, groups and forbidden pairs hold by construction (`ways`).
"""

from collections.abc import Iterator
from itertools import groupby
from math import gcd

from ortools.sat.python import cp_model

from matching.loads import loads
from matching.problem import Limit
from matching.ways import Way, World


class Model:
    """A CP-SAT model of a world.

    `chosen[w]` tells whether way w is taken, `starts[w]` on which position it begins; both are indexed like
    `world.ways`. `served[u]` is the number of ways taken by unit u, 0 or 1.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.cp = cp_model.CpModel()
        self.chosen = [self.cp.new_bool_var(f"way {w}") for w in range(len(world.ways))]
        self.starts = [self._start(way) for way in world.ways]
        self.served = [cp_model.LinearExpr.sum([self.chosen[w] for w in ways]) for ways in world.ways_of]

    def _start(self, way: Way) -> cp_model.IntVar:
        return self.cp.new_int_var_from_domain(cp_model.Domain.from_values(list(way.starts)), "start")

    def matched(self, application: str) -> cp_model.LinearExprT:
        """Return 1 where an application is matched, else 0."""
        return self.served[self.world.unit_of[application]]


def build(world: World) -> Model:
    """Make the model of a world, with every rule and no goal."""
    model = Model(world)
    one_visit(model)
    places(model)
    limits(model)
    locks(model)
    return model


def one_visit(model: Model) -> None:
    """Let each unit take at most one way."""
    for ways in model.world.ways_of:
        model.cp.add_at_most_one([model.chosen[w] for w in ways])


def places(model: Model) -> None:
    """Keep the visitors at a host within its places on each open day."""
    for host, ways in model.world.ways_at.items():
        offered = model.world.axes[host].places
        intervals = [interval for w in ways for interval in _intervals(model, w)]
        most = min(max(offered, default=0), len(intervals))
        demands = [1] * len(intervals)
        for first, length, missing in _shortages(offered, most):
            intervals.append(model.cp.new_fixed_size_interval_var(first, length, "shortage"))
            demands.append(missing)
        model.cp.add_cumulative(intervals, demands, most)


def _intervals(model: Model, w: int) -> Iterator[cp_model.IntervalVar]:
    for days in model.world.ways[w].days:
        yield model.cp.new_optional_fixed_size_interval_var(model.starts[w], days, model.chosen[w], "visit")


def _shortages(places: tuple[int, ...], most: int) -> Iterator[tuple[int, int, int]]:
    """Yield (first position, length, missing places) for each run of days with fewer places than the most."""
    first = 0
    for here, run in groupby(places):
        length = len(list(run))
        if here < most:
            yield first, length, most - here
        first += length


def limits(model: Model) -> None:
    """Keep the sum of each limit's amount between its bounds."""
    for limit, amounts in zip(model.world.problem.limits, loads(model.world), strict=True):
        _between(model, limit, amounts)


def _between(model: Model, limit: Limit, amounts: dict[int, int]) -> None:
    total = sum(amounts.values())
    if limit.min > total:
        model.cp.add_bool_or([])
    elif limit.max < total or limit.min:
        # Coefficients in cents spoil the linear relaxation; dividing by what they share loses no solution.
        unit = gcd(*amounts.values())
        taken = [model.chosen[w] for w in amounts]
        load = cp_model.LinearExpr.weighted_sum(taken, [amount // unit for amount in amounts.values()])
        model.cp.add_linear_constraint(load, -(-limit.min // unit), min(limit.max, total) // unit)


def locks(model: Model) -> None:
    """Hold each locked application to its host, and to its first day where that is locked too."""
    for lock in model.world.problem.locks:
        ways = model.world.ways_for(lock.application, lock.host)
        model.cp.add_bool_or([model.chosen[w] for w in ways])
        if lock.first_day is not None:
            position = model.world.axes[lock.host].position(lock.first_day)
            for w in ways:
                model.cp.add(model.starts[w] == (-1 if position is None else position))
