"""Whom a unit would displace, and what that would cost by the goals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from matching.board import Board
from matching.locked import locked_slots
from matching.solution import Solution
from matching.tables import Ints
from matching.values import LOWER_IS_BETTER
from matching.weights import SUMMED, weights

MOST = 8
"""Units displaced at most."""


@dataclass(frozen=True, slots=True)
class Displacement:
    """A visit that takes the place of others. `loss` is per goal by how much its value gets worse.

    It is `proven` that no other plan with the unit loses less of the first goal where this one reaches its bound.
    """

    host: str
    first_day: date
    applications: tuple[str, ...]
    loss: dict[str, int]
    proven: bool

    def to_json(self) -> dict[str, object]:
        """Return it as evidence."""
        return {
            "applications": list(self.applications),
            "loss": self.loss,
            "proven": self.proven,
            "witness": {"host": self.host, "first_day": self.first_day.isoformat()},
        }


class Displacer:
    """Finds the cheapest displacement for the unmatched of one board, by the goals of its solution."""

    def __init__(self, board: Board, solution: Solution) -> None:
        self.board, self.solution = board, solution
        names = [goal.name for goal in solution.goals or ()] or ["priority"]
        self.weights: dict[str, Ints] = {
            name: weights(name, board.tables) for name in names if name in SUMMED
        }
        self.locked = locked_slots(board)
        self.under: dict[int, list[int]] = {}
        for unit, slot in board.slots.items():
            for limit, _ in board.loads[board.way[slot]]:
                self.under.setdefault(limit, []).append(unit)

    def cheapest(self, unit: int) -> Displacement | None:
        """Return the displacement that costs least by the goals in their order; None where only locks bar all."""
        found = [
            (self._loss(slot, out), slot, out)
            for way in self.board.world.ways_of[unit]
            for slot in self._slots(way)
            for out in self._removals(slot)
        ]
        if not found:
            return None
        loss, slot, out = min(found)
        return self._made(loss, slot, out)

    def _slots(self, way: int) -> Sequence[int]:
        """Return the slots worth a look: one will do where only limits are in the way."""
        slots = self.board.slots_of(way)
        free = next((slot for slot in slots if self.board.fits(slot)), None)
        return slots if free is None else [free]

    def _removals(self, slot: int) -> Iterator[tuple[int, ...]]:
        """Yield the cheapest single unit whose leaving lets a slot in, or else several."""
        if self._lets_in(slot, ()):
            yield ()
            return
        others = sorted(self._in_the_way(slot), key=lambda unit: (self._loss_of(unit), unit))
        for one in others:
            if self._lets_in(slot, (one,)):
                yield (one,)
                return
        out: list[int] = []
        for one in others[:MOST]:
            out.append(one)
            if self._lets_in(slot, out):
                yield tuple(out)
                return

    def _in_the_way(self, slot: int) -> set[int]:
        board = self.board
        full = board.full_days(slot)
        over = [n for n, amount in board.loads[board.way[slot]] if amount > board.room[n]]
        guests = board.guests[board.host(slot)] if full else ()
        found = {unit for unit in guests if self._is_there(unit, full)}
        found.update(unit for n in over for unit in self.under.get(n, ()))
        return found - self.locked.keys()

    def _is_there(self, unit: int, days: Sequence[int]) -> bool:
        stays = list(self.board.stays(self.board.slots[unit]))
        return any(low <= day < high for day in days for low, high in stays)

    def _lets_in(self, slot: int, out: Sequence[int]) -> bool:
        board = self.board
        before = [board.lift(unit) for unit in out]
        fits = board.has_room(board.way[slot]) and board.fits(slot)
        if fits:
            board.put(slot)
            touched = (n for one in before for n, _ in board.loads[board.way[one]])
            fits = all(board.missing[n] <= 0 for n in touched)
            board.lift(board.unit[board.way[slot]])
        for one in before:
            board.put(one)
        return fits

    def _loss_of(self, unit: int) -> tuple[int, ...]:
        return tuple(int(each[self.board.slots[unit]]) for each in self.weights.values())

    def _loss(self, slot: int, out: Sequence[int]) -> tuple[int, ...]:
        lost = [self._loss_of(unit) for unit in out]
        return tuple(
            sum(one[n] for one in lost) - int(each[slot]) for n, each in enumerate(self.weights.values())
        )

    def _made(self, loss: tuple[int, ...], slot: int, out: Sequence[int]) -> Displacement:
        named = tuple(sorted(one for unit in out for one in self.board.world.units[unit]))
        by_goal = dict(zip(self.weights, loss, strict=True))
        host, first_day = self.board.host(slot), self.board.first_day(slot)
        return Displacement(host, first_day, named, by_goal, self._is_proven(by_goal))

    def _is_proven(self, loss: dict[str, int]) -> bool:
        goals = self.solution.goals or ()
        if not goals or goals[0].bound is None or goals[0].name not in loss:
            return False
        sign = 1 if goals[0].name in LOWER_IS_BETTER else -1
        return goals[0].value + sign * loss[goals[0].name] == goals[0].bound
