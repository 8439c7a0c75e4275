"""Naive time-indexed MIP: a binary per visit and first day, a row per host and day, given to a MIP solver.

J. P. Sousa and L. A. Wolsey, A time indexed formulation of non-preemptive single machine scheduling problems,
Mathematical Programming 54 (1992).
"""

from collections import defaultdict

from ortools.linear_solver import pywraplp

from matching.loads import loads
from matching.peers.choices import Choices, choices
from matching.peers.desk import Desk
from matching.peers.terms import Answer, Effort
from matching.problem import Problem

SOLVER = "SCIP"
"""The better of two, measured on 100 x 30: SCIP proves in 6 s where CBC is open after 10 s of processor time."""


class _Model:
    """`taken[w][start]` tells whether way w is taken on that start."""

    def __init__(self, given: Choices) -> None:
        self.given, self.world = given, given.world
        self.mip = pywraplp.Solver.CreateSolver(SOLVER)
        self.taken = {
            w: {start: self.mip.BoolVar("") for start in starts}
            for w, starts in enumerate(given.starts)
            if starts
        }

    def state(self) -> None:
        """State all rules and the goal."""
        self._units()
        self._places()
        self._limits()
        priorities, goal = self.given.priorities(), self.mip.Objective()
        for w, visits in self.taken.items():
            for var in visits.values():
                goal.SetCoefficient(var, priorities[self.world.ways[w].unit])
        goal.SetMaximization()

    def _units(self) -> None:
        for unit in range(len(self.world.units)):
            row = self.mip.RowConstraint(int(unit in self.given.must), 1, "")
            for w in self.given.ways_of(unit):
                for var in self.taken[w].values():
                    row.SetCoefficient(var, 1)

    def _places(self) -> None:
        users: dict[tuple[str, int], dict[pywraplp.Variable, int]] = defaultdict(lambda: defaultdict(int))
        for w, visits in self.taken.items():
            way = self.world.ways[w]
            for start, var in visits.items():
                for length in way.days:
                    for day in range(start, start + length):
                        users[way.host, day][var] += 1
        for (host, day), visitors in users.items():
            row = self.mip.RowConstraint(0, self.world.axes[host].places[day], "")
            for var, number in visitors.items():
                row.SetCoefficient(var, number)

    def _limits(self) -> None:
        for limit, amounts in zip(self.world.problem.limits, loads(self.world), strict=True):
            row = self.mip.RowConstraint(limit.min, limit.max, "")
            for w, amount in amounts.items():
                for var in self.taken.get(w, {}).values():
                    row.SetCoefficient(var, amount)


def solve(problem: Problem, effort: Effort) -> Answer:
    """Give the whole model to the MIP solver."""
    desk = Desk(choices(problem))
    model = _Model(desk.choices)
    model.state()
    model.mip.SetTimeLimit(max(1, round(1000 * effort.seconds)))
    status = model.mip.Solve()
    if status not in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE):
        return Answer(None)
    for w, visits in model.taken.items():
        for start, var in visits.items():
            # A float solver may be off by its tolerance: what does not fit in whole numbers is left out.
            if var.solution_value() > 0.5 and desk.allows(w) and desk.fits(w, start):
                desk.book(w, start)
    bound = model.mip.Objective().BestBound()
    effort.told(desk.value, bound)
    return Answer(desk.assignments(), bound)
