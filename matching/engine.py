"""Runs CP-SAT on a model: limits, seeds, progress and stopping, the only place that knows its parameters."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from queue import SimpleQueue
from threading import Thread

from ortools.sat.python import cp_model

POLL_S = 0.1

Tick = tuple[float | None, float | None]
"""A better value of the objective, or a better bound; the other is None."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and how to search. `limit` is in seconds, or in deterministic time where that is asked for."""

    limit: float
    seed: int
    workers: int
    deterministic: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What CP-SAT found. `value` tells a variable's; None where there is no solution."""

    status: str
    value: Callable[[cp_model.IntVar], int] | None
    bound: float | None
    deterministic_time: float

    @property
    def is_infeasible(self) -> bool:
        return self.status == "INFEASIBLE"

    @property
    def is_optimal(self) -> bool:
        return self.status == "OPTIMAL"


class _Listener(cp_model.CpSolverSolutionCallback):
    def __init__(self, ticks: "SimpleQueue[Tick]") -> None:
        super().__init__()
        self._ticks = ticks

    def on_solution_callback(self) -> None:
        self._ticks.put((self.objective_value, None))


def engine() -> str:
    """Name the software that a result depends on."""
    python = ".".join(map(str, sys.version_info[:3]))
    return f"matching 1, ortools {version('ortools')}, python {python}"


def run(
    cp: cp_model.CpModel,
    effort: Effort,
    listen: Callable[[Tick], None],
    should_stop: Callable[[], bool],
    *,
    by_reduced_costs: bool = False,
) -> Answer:
    """Search until proven, out of time or stopped. `listen` and `should_stop` are called on this thread.

    `by_reduced_costs` gives the second worker to branching by them, and no neighbourhoods.
    """
    solver, ticks = configured(effort, by_reduced_costs=by_reduced_costs), SimpleQueue[Tick]()
    if cp.has_objective():
        solver.best_bound_callback = lambda bound: ticks.put((None, bound))
    outcome: list[cp_model.CpSolverStatus] = []
    # The search has its own thread, so that callers are told on theirs, with its context and its database session.
    search = Thread(target=lambda: outcome.append(solver.solve(cp, _Listener(ticks))), daemon=True)
    search.start()
    try:
        _attend(solver, search, ticks, listen, should_stop)
    finally:
        solver.stop_search()
        search.join()
    return _answer(solver, cp, outcome)


def _attend(
    solver: cp_model.CpSolver,
    search: Thread,
    ticks: "SimpleQueue[Tick]",
    listen: Callable[[Tick], None],
    should_stop: Callable[[], bool],
) -> None:
    while search.is_alive():
        search.join(POLL_S)
        _pass_on(ticks, listen)
        if should_stop():
            solver.stop_search()
    # A search may end before it is first looked at.
    _pass_on(ticks, listen)


def _pass_on(ticks: "SimpleQueue[Tick]", listen: Callable[[Tick], None]) -> None:
    while not ticks.empty():
        listen(ticks.get())


def configured(effort: Effort, *, by_reduced_costs: bool = False) -> cp_model.CpSolver:
    """Return CP-SAT set up for an effort: one worker and no wall clock where the result has to repeat."""
    made = cp_model.CpSolver()
    chosen = made.parameters
    chosen.random_seed = effort.seed
    chosen.num_workers = effort.workers
    if effort.deterministic:
        chosen.num_workers = 1
        chosen.max_deterministic_time = effort.limit
    else:
        chosen.max_time_in_seconds = effort.limit
    _full_linear_relaxation(made)
    if by_reduced_costs and chosen.num_workers > 1:
        chosen.subsolvers.append("reduced_costs")
    return made


def _full_linear_relaxation(solver: cp_model.CpSolver) -> None:
    """Have one worker solve the whole linear relaxation.

    Measured on synthetic rounds of 100 x 30 and 250 x 90: the default choice for two workers leaves the bound 3 to
    5 % above the relaxation's and proves nothing, this reaches it at once.
    """
    solver.parameters.linearization_level = 2
    if 1 < solver.parameters.num_workers <= 4:
        solver.parameters.subsolvers.append("max_lp")


def _answer(
    solver: cp_model.CpSolver, cp: cp_model.CpModel, outcome: list[cp_model.CpSolverStatus]
) -> Answer:
    if not outcome:
        raise RuntimeError("the search ended without an answer")
    if outcome[0] == cp_model.MODEL_INVALID:
        raise RuntimeError(f"the solver refuses the model: {cp.validate()}")
    found = outcome[0] in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return Answer(
        status=solver.status_name(outcome[0]),
        value=solver.value if found else None,
        bound=solver.best_objective_bound if found and cp.has_objective() else None,
        deterministic_time=solver.deterministic_time,
    )
