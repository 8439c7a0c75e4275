"""Solves goal by goal: each stage raises one goal and holds the values of those before it.

Goals are never blended into one sum, so a later goal cannot cost an earlier one anything, and each has its own bound.
A stage puts prices on what is scarce, takes the plan at hand or makes one, climbs from it by neighbourhoods, and
where the problem is small gives the whole of it to CP-SAT.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from time import monotonic

from matching.aim import Aim, make_aim
from matching.board import Board, Plan
from matching.certify import Certificate, certify, public_prices
from matching.clash import clashing
from matching.climb import Climb
from matching.dual import whole
from matching.engine import Answer, Effort, run
from matching.goals import Goal, goal, proven
from matching.greedy import construct
from matching.lock_seating import seat_one_by_one, seat_together
from matching.locked import locked_slots
from matching.options import Options
from matching.problem import Problem
from matching.progress import Watch
from matching.residual import Residual
from matching.rules import Model, build
from matching.solution import Assignment, GoalResult
from matching.tables import tables
from matching.telling import Ranks, Teller, ignore, is_better
from matching.values import LOWER_IS_BETTER, Value, goal_result, measure
from matching.ways import explore

SHARE_OF_A_STAGE = 0.8
"""How much of the time left a stage may take while others follow: the first goal matters most."""

SHARE_OF_A_CLIMB = 0.25
"""How much of its time a stage that CP-SAT may prove spends on neighbourhoods first."""

SHARE_OF_PRICES = 0.2
"""How much of the time left prices may take, each time, so that plans get theirs."""

LEAST_EFFORT = 0.01

PROVEN_WHOLE, PROVEN_LOOSE = 200, 300
"""Units up to which the whole problem goes to CP-SAT: any, and one whose calendars leave room."""

CALENDARS_BIND = 0.05
"""Share of the bound that days pay from which intervals prove little of more than `PROVEN_WHOLE` units."""

PROVEN_SLOTS = 4000
"""Slots that are open up to which the whole problem goes to CP-SAT slot by slot, not by intervals."""

PATIENCE = 30
"""Neighbourhoods without gain after which a small problem goes to CP-SAT whole."""

STEPS, STEPS_AT_SCALE, SCALE = 300, 150, 300_000
"""Steps of prices, and those where there are more slots than `SCALE`."""

AT_ONCE, STEPS_AT_ONCE = 600, 15
"""Open slots up to which a proof comes first, and the steps of prices where locks leave no more."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a solve ended: `clash` names rules where the status is `infeasible`."""

    status: str
    goals: tuple[GoalResult, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    clash: tuple[str, ...] | None = None
    certified: tuple[int, Certificate] | None = None
    board: Board | None = None


class Search:
    """The state between stages: the board with the best plan so far, the values reached and the bounds proven."""

    def __init__(self, problem: Problem, options: Options, watch: Watch) -> None:
        self.problem, self.options, self.watch = problem, options, watch
        self.world = explore(problem)
        self.tables = tables(self.world)
        self.board = Board(self.tables)
        self.locked = locked_slots(self.board)
        self.open_slots = self._open_slots()
        self.has_plan = False
        self.names: list[str] = []
        self.bounds: list[Value | None] = []
        self.effort_left = options.time_limit_s
        self.is_infeasible = False
        self.certified: tuple[int, Certificate] | None = None
        self.model: Model | None = None
        self.held: dict[str, tuple[Goal, Value]] = {}

    def is_small(self, aim: Aim) -> bool:
        """Tell whether CP-SAT may prove the whole problem."""
        units = len(self.world.units)
        if self.open_slots is not None or units <= PROVEN_WHOLE:
            return True
        return units <= PROVEN_LOOSE and self._leaves_room(aim)

    def _leaves_room(self, aim: Aim) -> bool:
        return aim.share_of_days(self.tables) < CALENDARS_BIND

    @property
    def is_at_once(self) -> bool:
        """Tell whether so little is open that a proof needs no search before it."""
        return self.open_slots is not None and sum(map(len, self.open_slots.values())) <= AT_ONCE

    def run(self) -> None:
        """Run a stage per goal until one finds no plan; once told to stop, goals that are left get no bound."""
        for name in self.options.goals:
            held = self.values()
            self.names.append(name)
            is_over = self.has_plan and self.watch.should_stop()
            self.bounds.append(None if is_over else self._stage(name, held))
            if not self.has_plan:
                return

    def _stage(self, name: str, held: tuple[Value, ...]) -> Value | None:
        watch = self._watch()
        aim = self._aim(name, held, watch)
        teller = Teller(self.watch, len(self.names), name)
        if not self.has_plan:
            self._construct(aim, watch)
        if self.is_infeasible:
            return None
        if self.has_plan:
            teller.valued(aim.value(self.board))
        if name == "priority" and not held:
            self._certify(aim, watch)
        teller.bounded(aim.bound)
        if self.board.slots and not self.is_at_once:
            self._climb(aim, watch, teller)
        if self._is_open(aim) and (self.is_small(aim) or not self.has_plan):
            return _tighter(name, aim.bound, self._whole(aim, held, watch, teller))
        return aim.bound

    def _watch(self) -> Watch:
        """Return the watch of a stage: it ends earlier where others follow."""
        is_last = len(self.names) == len(self.options.goals)
        share = 1 if is_last else SHARE_OF_A_STAGE
        left = self.watch.seconds_left()
        return self.watch if left == float("inf") else replace(self.watch, until=monotonic() + share * left)

    def _effort(self, watch: Watch) -> Effort:
        options = self.options
        is_last = len(self.names) == len(options.goals)
        left = self.effort_left * (1 if is_last else SHARE_OF_A_STAGE)
        limit = left if options.deterministic else watch.seconds_left()
        return Effort(max(0.0, limit), options.seed, options.workers, options.deterministic)

    def _aim(self, name: str, held: tuple[Value, ...], watch: Watch) -> Aim:
        """Make the aim of a stage, with its prices; no steps are made where no time is left."""
        before = list(zip(self.names, held, strict=False))
        aim = make_aim(name, before, self.tables, self.locked, self._steps(watch), _part(watch).is_over)
        if "changes" in self.options.goals[len(self.names) :]:
            aim.prefer_previous(self.tables)
        return aim

    def _certify(self, aim: Aim, watch: Watch) -> None:
        """Write the bound that anybody can compute again; what is said to be proven is no weaker."""
        laid, prices, steps = self.tables, aim.prices, self._steps(watch)
        if steps and not watch.is_over():
            is_large = len(laid.way) > SCALE
            laid, prices = public_prices(laid, prices, steps, _part(watch).is_over, is_large=is_large)
        self.certified = certify(laid, prices)
        if self.certified is not None:
            aim.bound = min(aim.bound, self.certified[0])

    def _steps(self, watch: Watch) -> int:
        if watch.seconds_left() <= 0:
            return 0
        if self.is_at_once and self.problem.locks:
            return STEPS_AT_ONCE
        return STEPS if len(self.tables.way) <= SCALE else STEPS_AT_SCALE

    def _construct(self, aim: Aim, watch: Watch) -> None:
        if not seat_one_by_one(self.board, self.locked):
            answer = seat_together(self.board, self.locked, self._effort(watch), watch.should_stop)
            self.effort_left -= answer.deterministic_time
            self.is_infeasible = answer.is_infeasible
        if self._keeps_locks():
            self.board = construct(self.board, aim, watch.is_over)
            self.has_plan = self._is_plan()

    def _keeps_locks(self) -> bool:
        return self.locked.keys() <= self.board.slots.keys()

    def _is_plan(self) -> bool:
        return self._keeps_locks() and not self.board.debt()

    def _climb(self, aim: Aim, watch: Watch, teller: "Teller") -> None:
        effort, is_small = self._effort(watch), self.is_small(aim)
        if is_small:
            watch = replace(watch, until=monotonic() + SHARE_OF_A_CLIMB * watch.seconds_left())
            effort = replace(effort, limit=effort.limit * SHARE_OF_A_CLIMB)
        if effort.limit < LEAST_EFFORT or watch.should_stop() or not len(aim.worth):
            return
        climb = Climb(
            self.board,
            aim,
            effort,
            watch,
            min(PATIENCE, len(self.world.units)) if is_small else float("inf"),
        )

        def gained() -> None:
            self.has_plan = self.has_plan or self._is_plan()
            if self.has_plan:
                teller.valued(aim.value(self.board))

        climb.run(lambda: not self._is_open(aim), gained)
        self.effort_left -= effort.limit - climb.left if effort.deterministic else 0.0

    def _is_open(self, aim: Aim) -> bool:
        return not self.has_plan or aim.value(self.board) != aim.bound

    def _whole(self, aim: Aim, held: tuple[Value, ...], watch: Watch, teller: "Teller") -> Value | None:
        """Give the whole problem to CP-SAT and return what it proves."""
        effort = self._effort(watch)
        if effort.limit < LEAST_EFFORT or watch.should_stop():
            return None
        if self.open_slots is not None:
            return self._by_slots(aim, effort, watch, teller)
        return self._by_intervals(aim, held, effort, watch, teller)

    def _by_slots(self, aim: Aim, effort: Effort, watch: Watch, teller: "Teller") -> Value | None:
        """Prove with a yes or no per slot, which is stronger where there are few.

        Without a hint and by reduced costs a tight 100 x 30 was proven in eight solves of eight, in 11 s at most;
        with the plan at hand as hint four of eight were stuck below.
        """
        base = self._base()
        model = Residual(base, self.open_slots or {}, self.locked)
        model.prove(aim)
        offset = 0 if aim.is_fair else aim.total(base) + aim.baseline
        listen = Ranks(teller, offset) if not aim.is_fair else ignore
        answer = run(model.cp, effort, listen, watch.should_stop, by_reduced_costs=True)
        self.effort_left -= answer.deterministic_time
        self.is_infeasible = answer.is_infeasible
        if answer.value is not None:
            for slot in model.chosen(answer.value):
                base.put(slot)
            self._adopt(base, aim)
        if answer.is_optimal and answer.value is not None:
            return aim.value(self.board)
        if answer.bound is None or aim.is_fair:
            return None
        rank = whole(answer.bound) + offset
        return -rank if aim.goal in LOWER_IS_BETTER else rank

    def _adopt(self, board: Board, aim: Aim) -> None:
        if not self.has_plan or aim.rank(board) >= aim.rank(self.board):
            self.board, self.has_plan = board, True

    def _base(self) -> Board:
        """Return a board with nobody but those whom locks leave one slot."""
        base = Board(self.tables)
        for slots in self.locked.values():
            if len(slots) == 1 and base.has_room(base.way[slots[0]]) and base.fits(slots[0]):
                base.put(slots[0])
        return base

    def _open_slots(self) -> dict[int, list[int]] | None:
        """Return all slots that are left to units without a slot of their own; None where they are too many."""
        base, found, left = self._base(), dict[int, list[int]](), PROVEN_SLOTS
        for unit in range(len(self.world.units)):
            if unit not in base.slots:
                mine = self.locked.get(unit)
                ways = (w for w in self.world.ways_of[unit] if base.has_room(w))
                slots = (slot for w in ways for slot in base.slots_of(w)) if mine is None else mine
                found[unit] = [slot for slot in slots if base.fits(slot)]
                left -= len(found[unit])
                if left < 0:
                    return None
        return found

    def _by_intervals(
        self, aim: Aim, held: tuple[Value, ...], effort: Effort, watch: Watch, teller: "Teller"
    ) -> Value | None:
        name = aim.goal
        reached = self._model(name, held)
        self._hint()
        reached.aim(self._built())
        # A demo round whose calendars bind was proven with neighbourhoods, and left 3 % open by reduced costs;
        # a loose 250 x 90 the other way round.
        answer = run(
            self._built().cp,
            effort,
            teller.scaled(reached.scale),
            watch.should_stop,
            by_reduced_costs=self._leaves_room(aim),
        )
        self.effort_left -= answer.deterministic_time
        self.is_infeasible = answer.is_infeasible
        found = self._take(name, answer)
        if found and answer.is_optimal:
            return self._value(name)
        return None if answer.bound is None else proven(self._built(), reached, answer.bound)

    def _built(self) -> Model:
        if self.model is None:
            self.model = build(self.world)
        return self.model

    def _model(self, name: str, held: tuple[Value, ...]) -> Goal:
        """Put a goal on the whole model, which holds the values reached before: anew where one has risen."""
        for before, value in zip(self.names, held, strict=False):
            reached, was = self.held.get(before) or (goal(before, self._built()), None)
            if value != was:
                reached.hold(value)
                self.held[before] = reached, value
        return goal(name, self._built())

    def _hint(self) -> None:
        model, plan = self._built(), self.board.plan()
        model.cp.clear_hints()  # type: ignore[no-untyped-call]
        for w in range(len(self.world.ways)) if plan else ():
            model.cp.add_hint(model.chosen[w], w in plan)
            model.cp.add_hint(model.starts[w], plan.get(w, self.world.ways[w].starts[0]))

    def _take(self, name: str, answer: Answer) -> bool:
        """Take CP-SAT's plan, if it has one that is no worse; tell whether it has one."""
        plan = _plan(self._built(), answer)
        if plan is None:
            return False
        before = self.board.copy()
        was = self._value(name) if self.has_plan else None
        self.board.take(plan)
        if was is not None and is_better(name, was, self._value(name)):
            self.board = before
        self.has_plan = True
        return True

    def _value(self, name: str) -> Value:
        return measure(self.problem, self._visits(), (name,))[0]

    def values(self) -> tuple[Value, ...]:
        """Return the value of each goal begun, by the best plan."""
        return measure(self.problem, self._visits(), tuple(self.names)) if self.has_plan else ()

    def _visits(self) -> dict[str, tuple[str, date]]:
        ways = ((self.world.ways[w], start) for w, start in self.board.plan().items())
        return {
            pair.application: (way.host, self.world.first_day(way, start))
            for way, start in ways
            for pair in way.pairs
        }

    def _assignments(self) -> Iterator[Assignment]:
        for w, start in self.board.plan().items():
            way = self.world.ways[w]
            line = self.world.axes[way.host]
            for pair, days in zip(way.pairs, way.days, strict=True):
                first, last = line.day(start), line.day(start + days - 1)
                yield Assignment(pair.application, way.host, first, last)

    def outcome(self) -> Outcome:
        """Return how the search ended."""
        if self.is_infeasible:
            return Outcome("infeasible", clash=clashing(self.problem, self._effort(self.watch), self.watch))
        if not self.has_plan:
            return Outcome("unknown")
        results = tuple(
            goal_result(name, value, bound)
            for name, value, bound in zip(self.names, self.values(), self.bounds, strict=True)
        )
        is_optimal = all(result.status == "optimal" for result in results)
        status = "optimal" if is_optimal else "feasible"
        return Outcome(status, results, tuple(self._assignments()), None, self.certified, self.board)


def search(problem: Problem, options: Options, watch: Watch) -> Outcome:
    """Solve a problem goal by goal, as long as the watch allows."""
    state = Search(problem, options, watch)
    state.run()
    return state.outcome()


def _part(watch: Watch) -> Watch:
    """Return a watch for prices alone."""
    return replace(watch, until=monotonic() + SHARE_OF_PRICES * watch.seconds_left())


def _plan(model: Model, answer: Answer) -> Plan | None:
    if answer.value is None:
        return None
    taken = (w for w, chosen in enumerate(model.chosen) if answer.value(chosen))
    return {w: answer.value(model.starts[w]) for w in taken}


def _tighter(name: str, one: Value, other: Value | None) -> Value:
    if other is None:
        return one
    return max(one, other) if name in LOWER_IS_BETTER else min(one, other)
