"""Textbook CP-SAT: an optional interval per visit and a cumulative per host, as the OR-Tools manual would do it.

No hints, no prices, no parameters but the time, the seed and the workers.
"""

from itertools import groupby

from ortools.sat.python import cp_model

from matching.loads import loads
from matching.peers.choices import Choices, choices
from matching.peers.desk import Desk
from matching.peers.terms import Answer, Effort, Told
from matching.problem import Problem


class _Listener(cp_model.CpSolverSolutionCallback):
    def __init__(self, told: Told) -> None:
        super().__init__()
        self._told = told

    def on_solution_callback(self) -> None:
        self._told(self.objective_value, None)


class _Model:
    """Per way: `taken`, whether it is; `start`, on which position it begins."""

    def __init__(self, given: Choices) -> None:
        self.given, self.world, self.cp = given, given.world, cp_model.CpModel()
        ways = [w for w, starts in enumerate(given.starts) if starts]
        self.taken = {w: self.cp.new_bool_var(f"taken {w}") for w in ways}
        self.start = {
            w: self.cp.new_int_var_from_domain(
                cp_model.Domain.from_values(list(given.starts[w])), f"start {w}"
            )
            for w in ways
        }

    def state(self) -> None:
        """State all rules and the goal."""
        self._units()
        for host in self.world.axes:
            self._places(host)
        self._limits()
        priorities = self.given.priorities()
        self.cp.maximize(sum(priorities[self.world.ways[w].unit] * var for w, var in self.taken.items()))

    def _units(self) -> None:
        for unit in range(len(self.world.units)):
            ways = [self.taken[w] for w in self.given.ways_of(unit)]
            if unit in self.given.must:
                self.cp.add_exactly_one(ways)
            else:
                self.cp.add_at_most_one(ways)

    def _places(self, host: str) -> None:
        places = self.world.axes[host].places
        most = max(places, default=0)
        visits = [
            self.cp.new_optional_fixed_size_interval_var(self.start[w], days, self.taken[w], f"visit {w}")
            for w in self.world.ways_at[host]
            if w in self.taken
            for days in self.world.ways[w].days
        ]
        blocks, missing, first = [], [], 0
        for here, run in groupby(places):
            length = len(list(run))
            if here < most:
                blocks.append(self.cp.new_fixed_size_interval_var(first, length, "fewer places"))
                missing.append(most - here)
            first += length
        self.cp.add_cumulative([*visits, *blocks], [1] * len(visits) + missing, most)

    def _limits(self) -> None:
        for limit, amounts in zip(self.world.problem.limits, loads(self.world), strict=True):
            covered = [(self.taken[w], amount) for w, amount in amounts.items() if w in self.taken]
            total = sum(amount * var for var, amount in covered)
            self.cp.add_linear_constraint(total, limit.min, limit.max)


def solve(problem: Problem, effort: Effort) -> Answer:
    """Give the whole model to CP-SAT."""
    desk = Desk(choices(problem))
    model = _Model(desk.choices)
    model.state()
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = effort.seconds
    solver.parameters.num_workers = effort.workers
    solver.parameters.random_seed = effort.seed
    solver.best_bound_callback = lambda bound: effort.told(None, bound)
    status = solver.solve(model.cp, _Listener(effort.told))
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Answer(None)
    for w, taken in model.taken.items():
        if solver.value(taken):
            desk.book(w, solver.value(model.start[w]))
    return Answer(desk.assignments(), solver.best_objective_bound)
