"""What a little more would gain: a place or a week at a host, 1,000 euro of a budget, one of another limit.

Two figures each, in points of priority. `estimate` is what prices say: no plan gains more than that and the gap of
the prices' bound together, where it is not null. `sure` is what those gain who can be let in with everybody kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from matching.board import Board
from matching.dual import Market, Prices, ascend
from matching.helping import Helper
from matching.problem import Host, HostWindow, Problem
from matching.seating import seat
from matching.solution import Solution
from matching.visits import axis, starts
from matching.weights import weights

STEPS = 300
COST, MORE_CENTS = "cost_cents", 100_000
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Gain:
    """What a change gains. `what` is place, week or limit, `of` the id of the host or limit, `by` how much more.

    `let_in` are the applications that would be matched for sure.
    """

    what: str
    of: str
    by: int
    estimate: float | None
    sure: int
    let_in: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return it as plain JSON values."""
        return {
            "what": self.what,
            "of": self.of,
            "by": self.by,
            "estimate": None if self.estimate is None else round(self.estimate, 2),
            "sure": self.sure,
            "let_in": list(self.let_in),
        }


def sensitivity(problem: Problem, solution: Solution) -> list[Gain]:
    """Return what one more place and week of each host, and more of each limit, would gain. Raises `Misused`."""
    study = _Study(seat(problem, solution))
    return [
        *(study.place(host) for host in problem.hosts),
        *(study.week(host) for host in problem.hosts if host.windows),
        *(study.limit(n) for n in range(len(problem.limits))),
    ]


class _Study:
    def __init__(self, board: Board) -> None:
        self.board, self.world = board, board.world
        worth = weights("priority", board.tables)
        self.prices: Prices = ascend(Market(board.tables, worth), STEPS)
        self.worth = [int(worth[slots[0]]) if (slots := board.slots_of(w)) else 0 for w in self._ways()]
        self.helper = Helper(board)
        self.members: dict[int, list[int]] = {}
        for way, limit in zip(board.tables.load_way.tolist(), board.tables.load_limit.tolist(), strict=True):
            if self.world.ways[way].unit not in board.slots:
                self.members.setdefault(limit, []).append(way)

    def _ways(self) -> range:
        return range(len(self.world.ways))

    def place(self, host: Host) -> Gain:
        """Open one more place at a host on each of its open days."""
        first = self.board.tables.offset[host.id]
        days = range(first, first + len(self.world.axes[host.id].days))
        for day in days:
            self.board.places[day] += 1
        let_in = self._let_in(self.world.ways_at[host.id])
        for day in days:
            self.board.places[day] -= 1
        estimate = float(self.prices.days[days.start : days.stop].sum())
        return self._gain("place", host.id, 1, estimate, let_in)

    def limit(self, n: int) -> Gain:
        """Raise a limit's maximum: by 1,000 euro where it counts cents, else by one."""
        limit = self.world.problem.limits[n]
        by = MORE_CENTS if limit.amount == COST else 1
        self.board.room[n] += by
        let_in = self._let_in(self.members.get(n, ()))
        self.board.room[n] -= by
        return self._gain("limit", limit.id, by, by * float(self.prices.upper[n]), let_in)

    def week(self, host: Host) -> Gain:
        """Let a host's last window end a week later; who could come then, one alone."""
        best = max(self._in_week(host), default=(0, -1))
        return self._gain("week", host.id, 1, None, [best[1]] if best[0] else [])

    def _in_week(self, host: Host) -> Iterable[tuple[int, int]]:
        problem, longer = self.world.problem, _longer(host)
        line, before = axis(longer, problem.first_day, problem.last_day), self.world.axes[host.id]
        offset = self.board.tables.offset[host.id]
        free = {day: self.board.places[offset + n] for n, day in enumerate(before.days)}
        left = [free.get(day, places) for day, places in zip(line.days, line.places, strict=True)]
        for way in self.helper.waiting_at(host.id):
            fitting = set.intersection(
                *(
                    starts(line, self.helper.applications[pair.application].windows, days)
                    for pair, days in zip(way.pairs, way.days, strict=True)
                )
            )
            for start in fitting:
                if all(left[start + day] >= sum(n > day for n in way.days) for day in range(max(way.days))):
                    yield sum(self.helper.applications[p.application].priority for p in way.pairs), way.unit
                    break

    def _let_in(self, ways: Iterable[int]) -> list[int]:
        """Return the units that could be let in together, the worthiest first."""
        units = []
        for way in sorted(ways, key=lambda w: (-self.worth[w], w)):
            unit = self.world.ways[way].unit
            if unit not in self.board.slots and self.board.has_room(way):
                slot = next((s for s in self.board.slots_of(way) if self.board.fits(s)), None)
                if slot is not None:
                    self.board.put(slot)
                    units.append(unit)
        for unit in units:
            self.board.lift(unit)
        return units

    def _gain(self, what: str, of: str, by: int, estimate: float | None, units: list[int]) -> Gain:
        named = tuple(one for unit in units for one in self.world.units[unit])
        sure = sum(self.helper.applications[one].priority for one in named)
        return Gain(what, of, by, estimate, sure, named)


def _longer(host: Host) -> Host:
    last = max(host.windows, key=lambda window: window.last)
    longer = HostWindow(last.first, min(last.last, last.last.max - WEEK) + WEEK, last.places)
    return replace(host, windows=tuple(longer if one == last else one for one in host.windows))
