"""The model of a neighbourhood: some units choose anew among the places and limits that all others leave.

Each slot is a yes or no, each day of a host one inequality: on few units that proves more, and sooner, than
intervals do.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import floor

from ortools.sat.python import cp_model

from matching.aim import Aim, heads
from matching.board import Board

GRAIN = 16
"""A goal's unit is worth so many of a price's: prices only decide between plans that are as good."""

DEBT = 1000
"""What it costs to stay below a lower limit, in mean worths of a slot for all that is missing."""


class Residual:
    """A CP-SAT model of what the `slots` of some units could make of the board, from which they are lifted.

    Units that `must` be placed take one slot, others at most one. `debts` is by how much lower limits were missed
    before; they may be missed by no more.
    """

    def __init__(
        self,
        board: Board,
        slots: Mapping[int, Sequence[int]],
        must: Iterable[int] = (),
        debts: Mapping[int, int] | None = None,
    ) -> None:
        self.board, self.cp, self.debts = board, cp_model.CpModel(), debts or {}
        self.of_unit = {
            unit: {slot: self.cp.new_bool_var("") for slot in mine} for unit, mine in slots.items()
        }
        self.taken = {slot: var for mine in self.of_unit.values() for slot, var in mine.items()}
        self.by_way: dict[int, list[cp_model.IntVar]] = defaultdict(list)
        for slot, var in self.taken.items():
            self.by_way[board.way[slot]].append(var)
        self._one_slot(set(must))
        self._places()
        self.loads = self._loads()

    def _one_slot(self, must: set[int]) -> None:
        for unit, mine in self.of_unit.items():
            if unit in must:
                self.cp.add_exactly_one(mine.values())
            else:
                self.cp.add_at_most_one(mine.values())

    def _places(self) -> None:
        users: dict[int, list[cp_model.IntVar]] = defaultdict(list)
        for slot, var in self.taken.items():
            for low, high in self.board.stays(slot):
                for day in range(low, high):
                    users[day].append(var)
        seen = set()
        for day, visits in users.items():
            free = self.board.places[day]
            key = (free, *(var.index for var in visits))
            if len(visits) > free and key not in seen:
                seen.add(key)
                self._crowd(visits, free)

    def _crowd(self, visits: list[cp_model.IntVar], free: int) -> None:
        if free == 1 and len({var.index for var in visits}) == len(visits):
            self.cp.add_at_most_one(visits)
        else:
            self.cp.add(cp_model.LinearExpr.sum(visits) <= free)

    def _loads(self) -> dict[int, cp_model.LinearExpr]:
        """Keep the upper limits; return the load under each limit that is touched."""
        terms: dict[int, tuple[list[cp_model.IntVar], list[int]]] = defaultdict(lambda: ([], []))
        for way, visits in self.by_way.items():
            for limit, amount in self.board.loads[way]:
                terms[limit][0].extend(visits)
                terms[limit][1].extend([amount] * len(visits))
        loads = {limit: cp_model.LinearExpr.weighted_sum(*both) for limit, both in terms.items()}
        self.most = {limit: sum(amounts) for limit, (_, amounts) in terms.items()}
        for limit, load in loads.items():
            if self.most[limit] > self.board.room[limit]:
                self.cp.add(load <= self.board.room[limit])
        return loads

    def prove(self, aim: Aim) -> None:
        """Raise the goal alone, with all that lower limits ask for: for proofs, where all units are in the model."""
        if aim.is_fair:
            self.cp.maximize(self._worst_share(aim))
        else:
            worth = [int(aim.worth[slot]) for slot in self.taken]
            self.cp.maximize(cp_model.LinearExpr.weighted_sum(list(self.taken.values()), worth))
        self._debt(0)
        for limit, missing in enumerate(self.board.missing):
            if missing > 0 and limit not in self.loads:
                self.cp.add_bool_or([])
        self._keep(aim)

    def aim(self, aim: Aim) -> None:
        """Raise the goal, keep what is held, and pay off what lower limits still lack."""
        worth = {slot: int(aim.worth[slot]) for slot in self.taken}
        size = max(1, sum(map(abs, worth.values())) // max(1, len(worth)))
        grain = GRAIN * max(1, 8 // size)
        pays = aim.prices.paid
        sums = [grain * worth[slot] - round(grain / GRAIN * float(pays[slot])) for slot in self.taken]
        terms = [cp_model.LinearExpr.weighted_sum(list(self.taken.values()), sums)]
        if aim.is_fair:
            terms.append(self._worst_share(aim) * (1 + sum(worth.values()) * grain))
        self.cp.maximize(cp_model.LinearExpr.sum(terms) - self._debt(grain * size * DEBT))
        self._keep(aim)

    def _debt(self, price: int) -> cp_model.LinearExpr:
        owed = []
        for limit, load in self.loads.items():
            missing, debt = self.board.missing[limit], self.debts.get(limit, 0)
            if debt > 0:
                # What the slots at hand could never reach is no matter of choice.
                within = min(missing, self.most[limit])
                short = self.cp.new_int_var(0, min(debt, within), "short")
                self.cp.add(load + short >= within)
                owed.append(short * max(1, price // debt))
            elif missing > self.most[limit]:
                self.cp.add_bool_or([])
            elif missing > 0:
                self.cp.add(load >= missing)
        return cp_model.LinearExpr.sum(owed)

    def _keep(self, aim: Aim) -> None:
        """Hold the values of earlier goals."""
        others = list(self.board.slots.values())
        for weights, value in aim.held:
            terms = [int(weights[slot]) for slot in self.taken]
            taken = cp_model.LinearExpr.weighted_sum(list(self.taken.values()), terms)
            self.cp.add(taken >= value - int(weights[others].sum()))
        for (members, _), least in zip(aim.counts, aim.shares, strict=False):
            if any(unit in self.of_unit for unit in members):
                self.cp.add(self._heads(members) >= least)

    def _heads(self, members: dict[int, int]) -> cp_model.LinearExpr:
        mine = [(var, n) for unit, n in members.items() for var in self.of_unit.get(unit, {}).values()]
        others = heads(self.board, members)
        return cp_model.LinearExpr.weighted_sum([var for var, _ in mine], [n for _, n in mine]) + others

    def _worst_share(self, aim: Aim) -> cp_model.IntVar:
        scale = max((size for _, size in aim.counts), default=1) ** 2
        worst = self.cp.new_int_var(0, scale, "worst share")
        for members, size in aim.counts:
            if any(unit in self.of_unit for unit in members):
                self.cp.add(size * worst <= scale * self._heads(members))
            else:
                self.cp.add(worst <= floor(scale * heads(self.board, members) / size))
        return worst

    def hint(self, slots: Iterable[int]) -> None:
        """Start from these slots being taken, and no other."""
        before = set(slots)
        for slot, var in self.taken.items():
            self.cp.add_hint(var, slot in before)

    def chosen(self, value: Callable[[cp_model.IntVar], int]) -> list[int]:
        """Return the slots taken by the values of an answer."""
        return [slot for slot, var in self.taken.items() if value(var)]
