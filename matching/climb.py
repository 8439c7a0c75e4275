"""Large neighbourhood search: again and again some units choose anew among what all others leave them.

Each neighbourhood is solved by CP-SAT (Shaw 1998), one per worker at a time on units that no other has. Its size
follows the effort that proofs take, and the kinds that gain more are chosen more often.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from threading import Event
from time import monotonic

import numpy as np
from ortools.sat.python import cp_model

from matching.aim import Aim, heads
from matching.board import Board
from matching.engine import POLL_S, Effort, configured
from matching.greedy import open_slots
from matching.locked import locked_slots
from matching.neighbours import KINDS, Neighbours
from matching.progress import Watch
from matching.residual import Residual

SMALLEST, FIRST_SIZE, LARGEST = 12, 24, 150
"""Units of a neighbourhood."""

SHORTEST, LONGEST, AIMED = 0.05, 0.7, 0.3
"""The most effort for one neighbourhood, in CP-SAT's deterministic time (about seconds), and the part aimed at."""

AT_GAIN, AT_NONE = 0.9, 10.0
"""How that most shrinks at a gain, and grows at none by so much in parts of the units there are to search.

Many short searches while gains come often, fewer and longer ones when they are rare.
"""

TOO_LARGE, TOO_SMALL = 0.9, 1.04
"""How a size changes where no proof came in time, and where one came soon: too small costs less than too large."""

DRAWS = 4
"""Draws for each task to be made: one may hold only units that are busy or may never choose."""

LARGE = 2000
"""Units above which tasks are made ahead; on fewer too many would be busy."""

PER_TASK, PER_SLOT = 0.001, 4e-5
"""What a neighbourhood costs besides its search, for the making of its model, in deterministic time."""

SMOOTHING, LEAST_CHANCE = 0.9, 0.2
"""How slowly the gains of a kind are forgotten, and how often each kind is chosen at least."""


@dataclass(slots=True)
class Task:
    """A neighbourhood at work: the slots its units had, the model, and what came out.

    It may wait for a worker: `until` on the monotonic clock counts from when it begins, and `over` keeps it from that.
    """

    kind: str
    units: list[int]
    before: list[int]
    model: Residual
    solver: cp_model.CpSolver
    until: float
    over: Event
    status: cp_model.CpSolverStatus = cp_model.UNKNOWN

    def solve(self) -> None:
        """Search, on the thread of a worker."""
        if not self.over.is_set():
            self.solver.parameters.max_time_in_seconds = max(SHORTEST, self.until - monotonic())
            self.status = self.solver.solve(self.model.cp)

    @property
    def spent(self) -> float:
        """Return what it has cost in all, in deterministic time."""
        return PER_TASK + PER_SLOT * len(self.model.taken) + self.solver.deterministic_time

    @property
    def after(self) -> list[int]:
        """Return the slots chosen; those before where none are found."""
        found = self.status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
        return self.model.chosen(self.solver.value) if found else self.before


class Climb:
    """A search from a board for a better one by one aim, given up after so many neighbourhoods without gain."""

    def __init__(
        self, board: Board, aim: Aim, effort: Effort, watch: Watch, patience: float = float("inf")
    ) -> None:
        self.patience = patience
        self.board, self.aim, self.effort, self.watch = board, aim, effort, watch
        self.random = Random(effort.seed)  # noqa: S311
        self.locked = locked_slots(board)
        self.near = Neighbours(board.tables, aim.worth, aim.prices, self.random)
        self.near.never = frozenset(unit for unit, slots in self.locked.items() if len(slots) <= 1)
        self.size, self.most = dict.fromkeys(KINDS, float(FIRST_SIZE)), SHORTEST
        self.left, self.over = effort.limit, Event()
        self.idle = 0
        self.gain = dict.fromkeys(KINDS, 1.0)

    def run(self, is_enough: Callable[[], bool], gained: Callable[[], None]) -> None:
        """Search until it is enough, the effort is spent or the watch says stop; call `gained` at each gain."""
        running: dict[Future[None], Task] = {}
        with ThreadPoolExecutor(1 if self.effort.deterministic else self.effort.workers) as pool:
            try:
                while self._goes_on(is_enough):
                    self._start(pool, running)
                    if not running:
                        break
                    ended = wait(running, timeout=POLL_S, return_when=FIRST_COMPLETED).done
                    for one in sorted(ended, key=lambda one: running[one].units):
                        one.result()
                        if self._merge(running.pop(one)):
                            gained()
            finally:
                self._end(running)
        if self._fill():
            gained()

    def _end(self, running: dict[Future[None], Task]) -> None:
        """Let no task begin any more, and stop those that have until they end: a stop before the start is lost."""
        self.over.set()
        left = {one for one in running if not one.cancel()}
        while left:
            for one in left:
                running[one].solver.stop_search()
            left = wait(left, timeout=POLL_S).not_done

    def _fill(self) -> bool:
        """Place who still fits where it is worth most; neighbourhoods look at some starts only."""
        board, worth = self.board, self.aim.worth
        was, seen = len(board.slots), set(self.locked)
        slots = open_slots(board)
        slots = slots[worth[slots] > 0]
        for slot in slots[np.lexsort((self.aim.prices.paid[slots], -worth[slots]))].tolist():
            unit = board.unit[board.way[slot]]
            if unit not in seen and board.has_room(board.way[slot]) and board.fits(slot):
                seen.add(unit)
                board.put(slot)
                if not self._holds():
                    board.lift(unit)
        return len(board.slots) > was

    def _goes_on(self, is_enough: Callable[[], bool]) -> bool:
        has_time = self.left > 0 if self.effort.deterministic else self.watch.seconds_left() > 0
        return has_time and self.idle < self.patience and not self.watch.should_stop() and not is_enough()

    def _start(self, pool: ThreadPoolExecutor, running: dict[Future[None], Task]) -> None:
        at_once = self._at_once()
        for _ in range(DRAWS * at_once):
            if len(running) >= at_once:
                return
            task = self._task({unit for task in running.values() for unit in task.units})
            if task is not None:
                running[pool.submit(task.solve)] = task

    def _at_once(self) -> int:
        """Return how many tasks are made at once: on a large board one more than there are workers waits for them."""
        if self.effort.deterministic:
            return 1
        is_large = len(self.board.world.units) > LARGE
        return self.effort.workers + is_large

    def _task(self, busy: set[int]) -> Task | None:
        kind, units = self._choice(busy)
        if not units:
            return None
        debts = {limit: self.board.missing[limit] for limit in self.board.debt()}
        before = [self.board.lift(unit) for unit in units if unit in self.board.slots]
        model = Residual(self.board, self._slots(units, before), self.locked, debts)
        model.aim(self.aim)
        model.hint(before)
        for slot in before:
            self.board.put(slot)
        return Task(kind, units, before, model, self._solver(), self.watch.until, self.over)

    def _choice(self, busy: set[int]) -> tuple[str, list[int]]:
        debts = self.board.debt()
        if debts:
            units = self.near.around(self.random.choice(debts), self.board, round(self.size["limit"]))
            return "limit", [unit for unit in units if unit not in busy]
        kind = self._kind()
        return kind, self.near.choose(kind, self.board, round(self.size[kind]), busy)

    def _kind(self) -> str:
        total = sum(self.gain.values())
        chances = [max(LEAST_CHANCE, self.gain[kind] / total if total else 0.0) for kind in KINDS]
        return self.random.choices(KINDS, chances)[0]

    def _slots(self, units: Sequence[int], before: Sequence[int]) -> dict[int, list[int]]:
        had = {self.board.unit[self.board.way[slot]]: slot for slot in before}
        found = {}
        for unit in units:
            slots = self.near.slots(self.board, unit)
            if unit in self.locked:
                slots = [slot for slot in self.locked[unit] if self.board.fits(slot)]
            if unit in had and had[unit] not in slots:
                slots.append(had[unit])
            found[unit] = slots
        return found

    def _solver(self) -> cp_model.CpSolver:
        effort = Effort(self.most, self.random.randrange(2**31), 1, deterministic=True)
        solver = configured(effort)
        # A neighbourhood lasts some tenths of a second: presolve would take more of it than it gives back.
        solver.parameters.symmetry_level = 0
        solver.parameters.cp_model_probing_level = 0
        return solver

    def _merge(self, task: Task) -> bool:
        self.left -= task.spent if self.effort.deterministic else 0.0
        self._resize(task)
        is_better = self._swap(task)
        self._lengthen(is_better)
        self.idle = 0 if is_better else self.idle + 1
        return is_better

    def _lengthen(self, is_better: bool) -> None:
        units = max(1, len(self.board.world.units))
        change = AT_GAIN if is_better else 1 + AT_NONE / units
        self.most = min(LONGEST, max(SHORTEST, self.most * change))

    def _resize(self, task: Task) -> None:
        size = self.size[task.kind]
        if task.status != cp_model.OPTIMAL:
            self.size[task.kind] = max(SMALLEST, size * TOO_LARGE)
        elif task.solver.deterministic_time < AIMED * self.most:
            self.size[task.kind] = min(LARGEST, size * TOO_SMALL)

    def _swap(self, task: Task) -> bool:
        """Take what a task found, if it is no worse and still fits; tell whether it is better."""
        if set(task.after) == set(task.before):
            self._learn(task.kind, 0.0)
            return False
        was, owed = self._share(), self._owed()
        if not self.board.can_swap(task.units, task.after):
            return False
        gain = self._share() - was if self.aim.is_fair else self.aim.gain(task.before, task.after)
        paid_off = owed - self._owed()
        if (paid_off, gain) < (0, 0) or not self._holds():
            self.board.can_swap(task.units, task.before)
            return False
        self._learn(task.kind, float(gain) / task.spent)
        return (paid_off, gain) > (0, 0)

    def _share(self) -> Fraction:
        return self.aim.rank(self.board) if self.aim.is_fair else Fraction(0)

    def _learn(self, kind: str, gain: float) -> None:
        self.gain[kind] = SMOOTHING * self.gain[kind] + (1 - SMOOTHING) * gain

    def _owed(self) -> Fraction:
        limits = self.board.world.problem.limits
        return sum(
            (Fraction(self.board.missing[n], limits[n].min) for n in self.board.debt()), start=Fraction(0)
        )

    def _holds(self) -> bool:
        """Tell whether the values of earlier goals are kept: two workers could each have used the same slack."""
        taken = list(self.board.slots.values())
        if any(int(weights[taken].sum()) < value for weights, value in self.aim.held):
            return False
        shares = zip(self.aim.counts, self.aim.shares, strict=False)
        return all(heads(self.board, members) >= least for (members, _), least in shares)
