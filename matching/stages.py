"""Solves goal by goal: each stage raises one goal and holds the values of those before it.

Goals are never blended into one sum, so a later goal cannot cost an earlier one anything, and each has its own bound.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from matching.clash import clashing
from matching.engine import Answer, Effort, Tick, run
from matching.goals import Goal, goal, proven
from matching.greedy import Plan, first_plan
from matching.options import Options
from matching.problem import Problem
from matching.progress import Watch
from matching.rules import Model, build
from matching.solution import Assignment, GoalResult
from matching.values import Value, goal_result, measure, rank
from matching.ways import explore

SHARE_OF_A_STAGE = 0.7
"""How much of the time left a stage may take while others follow: the first goal matters most."""

LEAST_EFFORT = 0.01


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a solve ended: `clash` names rules where the status is `infeasible`."""

    status: str
    goals: tuple[GoalResult, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    clash: tuple[str, ...] | None = None


class Search:
    """The state between stages: the model, the best plan so far and the bounds proven."""

    def __init__(self, problem: Problem, options: Options, watch: Watch) -> None:
        self.problem, self.options, self.watch = problem, options, watch
        self.world = explore(problem)
        self.plan: Plan | None = first_plan(self.world)
        self.model: Model = build(self.world)
        self.goals: list[Goal] = []
        self.bounds: list[Value | None] = []
        self.effort_left = options.time_limit_s
        self.is_infeasible = False

    def run(self) -> None:
        """Run a stage per goal until one finds that there is no solution, or time is up."""
        for name in self.options.goals:
            for reached, value in zip(self.goals, self.values(), strict=True):
                reached.hold(value)
            self.goals.append(goal(name, self.model))
            self.bounds.append(self._stage())
            if self.plan is None:
                return

    def _stage(self) -> Value | None:
        effort = self._effort()
        if effort.limit < LEAST_EFFORT or self.watch.should_stop():
            return None
        self._hint()
        self.goals[-1].aim(self.model)
        answer = run(self.model.cp, effort, self._teller(), self.watch.should_stop)
        self.effort_left -= answer.deterministic_time
        self.is_infeasible = answer.is_infeasible
        found = _plan(self.model, answer)
        if found is not None and (self.plan is None or self._rank(found) >= self._rank(self.plan)):
            self.plan = found
        return self._bound(answer, found)

    def _effort(self) -> Effort:
        options = self.options
        left = self.effort_left if options.deterministic else self.watch.seconds_left()
        is_last = len(self.goals) == len(options.goals)
        limit = max(0.0, left * (1 if is_last else SHARE_OF_A_STAGE))
        return Effort(limit, options.seed, options.workers, options.deterministic)

    def _hint(self) -> None:
        """Start from the best plan: in the first stage only from what it takes, later from it as a whole.

        The first plan is a greedy one, and to repeat what it leaves out keeps the search near it (measured).
        """
        self.model.cp.clear_hints()  # type: ignore[no-untyped-call]
        plan = self.plan or {}
        for w in plan if len(self.goals) == 1 else range(len(self.world.ways)):
            self.model.cp.add_hint(self.model.chosen[w], w in plan)
            self.model.cp.add_hint(self.model.starts[w], plan.get(w, self.world.ways[w].starts[0]))

    def _rank(self, plan: Plan) -> tuple[Value, ...]:
        return rank(self._names(), self._values(plan))

    def _values(self, plan: Plan) -> tuple[Value, ...]:
        return measure(self.problem, self._visits(plan), self._names())

    def _names(self) -> tuple[str, ...]:
        return tuple(reached.name for reached in self.goals)

    def _bound(self, answer: Answer, found: Plan | None) -> Value | None:
        """Return what is proven; the value of a plan proven best is its own bound, with no rounding."""
        if found is not None and answer.is_optimal:
            return self._values(found)[-1]
        return None if answer.bound is None else proven(self.model, self.goals[-1], answer.bound)

    def _teller(self) -> "_Teller":
        return _Teller(self.watch, len(self.goals), self.goals[-1])

    def values(self) -> tuple[Value, ...]:
        """Return the value of each goal begun, by the best plan."""
        return () if self.plan is None else self._values(self.plan)

    def _visits(self, plan: Plan) -> dict[str, tuple[str, date]]:
        ways = ((self.world.ways[w], start) for w, start in plan.items())
        return {
            pair.application: (way.host, self.world.first_day(way, start))
            for way, start in ways
            for pair in way.pairs
        }

    def _assignments(self, plan: Plan) -> Iterator[Assignment]:
        for w, start in plan.items():
            way = self.world.ways[w]
            line = self.world.axes[way.host]
            for pair, days in zip(way.pairs, way.days, strict=True):
                first, last = line.day(start), line.day(start + days - 1)
                yield Assignment(pair.application, way.host, first, last)

    def outcome(self) -> Outcome:
        """Return how the search ended."""
        if self.is_infeasible:
            return Outcome("infeasible", clash=clashing(self.problem, self._effort(), self.watch))
        if self.plan is None:
            return Outcome("unknown")
        results = tuple(
            goal_result(reached.name, value, bound)
            for reached, value, bound in zip(self.goals, self.values(), self.bounds, strict=True)
        )
        is_optimal = all(result.status == "optimal" for result in results)
        return Outcome("optimal" if is_optimal else "feasible", results, tuple(self._assignments(self.plan)))


class _Teller:
    """Passes on what CP-SAT reports of one stage, in the goal's own numbers."""

    def __init__(self, watch: Watch, stage: int, reached: Goal) -> None:
        self.watch, self.stage, self.reached = watch, stage, reached
        self.value: float | None = None
        self.bound: float | None = None

    def __call__(self, tick: Tick) -> None:
        value, bound = tick
        self.value = self.value if value is None else value / self.reached.scale
        self.bound = self.bound if bound is None else bound / self.reached.scale
        self.watch.tell(self.stage, self.reached.name, self.value, self.bound)


def search(problem: Problem, options: Options, watch: Watch) -> Outcome:
    """Solve a problem goal by goal, as long as the watch allows."""
    state = Search(problem, options, watch)
    state.run()
    return state.outcome()


def _plan(model: Model, answer: Answer) -> Plan | None:
    if answer.value is None:
        return None
    taken = (w for w, chosen in enumerate(model.chosen) if answer.value(chosen))
    return {w: answer.value(model.starts[w]) for w in taken}
