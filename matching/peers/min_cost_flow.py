"""Min-cost flow: units flow to hosts whose capacity is their free place-days over the mean stay.

The flow knows neither dates nor budgets. Its matches are booked by priority, each on the first day that fits; who
finds none flows again through what is left, until nobody more is booked.
"""

from collections import defaultdict
from time import monotonic

from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from matching.peers.choices import choices
from matching.peers.desk import Desk
from matching.peers.terms import Answer, Effort
from matching.problem import Problem

ROUNDS = 20


def solve(problem: Problem, effort: Effort) -> Answer:
    """Send units through a network of hosts, best sum of priorities first, then of scores."""
    until = monotonic() + effort.seconds
    desk = Desk(choices(problem))
    if not desk.open():
        return Answer(None)
    priorities = desk.choices.priorities()
    for _ in range(ROUNDS):
        booked = len(desk.booked)
        ways = _flow(desk, priorities)
        for w in sorted(
            ways, key=lambda w: (-priorities[desk.world.ways[w].unit], len(desk.choices.starts[w]))
        ):
            desk.try_ways([w])
        effort.told(desk.value, None)
        if len(desk.booked) == booked or monotonic() > until:
            break
    return Answer(desk.assignments())


def _flow(desk: Desk, priorities: list[int]) -> list[int]:
    """Return the ways that carry flow."""
    world, network = desk.world, SimpleMinCostFlow()
    units = [unit for unit in range(len(world.units)) if unit not in desk.booked]
    open_ways = [w for unit in units for w in desk.choices.ways_of(unit) if desk.start(w) is not None]
    node = {host: len(world.units) + n for n, host in enumerate(world.axes)}
    sink = len(world.units) + len(node)
    worth = 1 + sum(max((desk.choices.score(w) for w in world.ways_of[unit]), default=0) for unit in units)
    arcs = {}
    for w in open_ways:
        unit, host = world.ways[w].unit, world.ways[w].host
        cost = -(worth * priorities[unit] + desk.choices.score(w))
        arcs[w] = network.add_arc_with_capacity_and_unit_cost(unit, node[host], 1, cost)
    for host, visits in _capacities(desk, open_ways).items():
        network.add_arc_with_capacity_and_unit_cost(node[host], sink, visits, 0)
    for unit in units:
        network.add_arc_with_capacity_and_unit_cost(unit, sink, 1, 0)
        network.set_node_supply(unit, 1)
    network.set_node_supply(sink, -len(units))
    if network.solve() != network.OPTIMAL:
        return []
    return [w for w, arc in arcs.items() if network.flow(arc)]


def _capacities(desk: Desk, ways: list[int]) -> dict[str, int]:
    """Return how many visits of mean length each host still has room for, at least one."""
    stays: dict[str, list[int]] = defaultdict(list)
    for w in ways:
        stays[desk.world.ways[w].host].append(sum(desk.world.ways[w].days))
    return {
        host: max(1, sum(max(0, free) for free in desk.free[host]) * len(days) // sum(days))
        for host, days in stays.items()
    }
