"""A first plan at once: units are placed one by one where there is room, so that a time limit finds a solution."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from matching.loads import loads
from matching.ways import Way, World

Plan = dict[int, int]
"""Per way taken, by its index, the position on which it begins."""


@dataclass(slots=True)
class _Board:
    """The plan so far and what is left: places per host and position, and room under each limit."""

    world: World
    loads_of: list[list[tuple[int, int]]]
    places: dict[str, list[int]] = field(init=False)
    room: list[int] = field(init=False)
    plan: Plan = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.places = {host: list(line.places) for host, line in self.world.axes.items()}
        self.room = [limit.max for limit in self.world.problem.limits]

    def try_way(self, w: int, starts: Sequence[int]) -> bool:
        """Take a way on the first start with room, and tell whether there was one."""
        if any(self.room[limit] < amount for limit, amount in self.loads_of[w]):
            return False
        way = self.world.ways[w]
        start = next((start for start in starts if self._fits(way, start)), None)
        if start is not None:
            self._take(w, way, start)
        return start is not None

    def _fits(self, way: Way, start: int) -> bool:
        line = self.places[way.host]
        return all(
            line[start + offset] >= sum(days > offset for days in way.days) for offset in range(max(way.days))
        )

    def _take(self, w: int, way: Way, start: int) -> None:
        for days in way.days:
            for position in range(start, start + days):
                self.places[way.host][position] -= 1
        for limit, amount in self.loads_of[w]:
            self.room[limit] -= amount
        self.plan[w] = start


def first_plan(world: World) -> Plan | None:
    """Return the best by priority of a few greedy plans, or None where none keeps all locks and lower limits."""
    loads_of = _loads_of(world)
    worth = _worth(world)
    boards = (_fill(_Board(world, loads_of), order) for order in _orders(world, worth, loads_of))
    plans = [board.plan for board in boards if board is not None and _keeps_lower_limits(board)]
    return max(plans, key=lambda plan: sum(worth[world.ways[w].unit] for w in plan), default=None)


def _loads_of(world: World) -> list[list[tuple[int, int]]]:
    found: list[list[tuple[int, int]]] = [[] for _ in world.ways]
    for limit, amounts in enumerate(loads(world)):
        for w, amount in amounts.items():
            found[w].append((limit, amount))
    return found


def _worth(world: World) -> list[int]:
    priority = {application.id: application.priority for application in world.problem.applications}
    return [sum(priority[one] for one in unit) for unit in world.units]


def _orders(world: World, worth: list[int], loads_of: list[list[tuple[int, int]]]) -> Iterator[list[int]]:
    """Yield orders of ways: by what they are worth, per day, and per day and share of their tightest limit."""
    limits = world.problem.limits
    days = [sum(way.days) for way in world.ways]
    share = [max((amount / max(1, limits[n].max) for n, amount in of), default=0.0) for of in loads_of]
    gain = [worth[way.unit] for way in world.ways]
    every = range(len(world.ways))
    yield sorted(every, key=lambda w: (-gain[w], days[w], share[w], w))
    yield sorted(every, key=lambda w: (-gain[w] / days[w], share[w], w))
    yield sorted(every, key=lambda w: (-gain[w] / (days[w] / 100 + share[w]), w))


def _fill(board: _Board, order: list[int]) -> _Board | None:
    """Place the locked units, then all others; None where a lock finds no room."""
    if not _place_locked(board):
        return None
    served = {board.world.ways[w].unit for w in board.plan}
    for w in order:
        way = board.world.ways[w]
        if way.unit not in served and board.try_way(w, way.starts):
            served.add(way.unit)
    return board


def _place_locked(board: _Board) -> bool:
    world, wanted = board.world, dict[int, tuple[int, ...]]()
    for lock in world.problem.locks:
        ways = world.ways_for(lock.application, lock.host)
        if not ways:
            return False
        starts = wanted.get(ways[0], world.ways[ways[0]].starts)
        if lock.first_day is not None:
            position = world.axes[lock.host].position(lock.first_day)
            starts = tuple(start for start in starts if start == position)
        wanted[ways[0]] = starts
    units = [world.ways[w].unit for w in wanted]
    if len(set(units)) < len(units):
        return False
    return all(board.try_way(w, wanted[w]) for w in sorted(wanted, key=lambda w: len(wanted[w])))


def _keeps_lower_limits(board: _Board) -> bool:
    limits = board.world.problem.limits
    return all(limit.max - left >= limit.min for limit, left in zip(limits, board.room, strict=True))
