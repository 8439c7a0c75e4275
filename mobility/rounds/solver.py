"""What runs in the solver's own process; imports the engine and nothing of the site."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from typing import Any

from matching import Problem, Progress, Solution, locks_clash, solve
from matching.reserve import reserve
from matching.sensitivity import sensitivity

PAUSE_S = 0.5


@dataclass(frozen=True)
class Options:
    """How a frozen problem is to be solved."""

    goals: tuple[str, ...] = ("priority", "score")
    time_limit_s: int = 60
    seed: int = 1
    is_deterministic: bool = False


def solve_in_child(connection: "Connection[Any, Any]", problem: dict[str, Any], options: Options) -> None:
    """Solve, send ("progress", words) at most twice a second, and ("done", solution) at the end."""
    solution = solved(problem, options, _Teller(connection).tell)
    connection.send(("done", solution.to_json()))


def solved(
    problem: dict[str, Any], options: Options, tell: Callable[[Progress], None] | None = None
) -> Solution:
    """What the engine makes of a problem with these options."""
    return solve(
        Problem.from_json(problem),
        goals=options.goals,
        time_limit_s=options.time_limit_s,
        seed=options.seed,
        deterministic=options.is_deterministic,
        progress=tell,
    )


def study_in_child(
    connection: "Connection[Any, Any]", problem: dict[str, Any], solution: dict[str, Any]
) -> None:
    """Send ("done", what a little more would gain, who is on reserve at each host) of a solved problem."""
    solved, found = Problem.from_json(problem), Solution.from_json(solution)
    gains = [gain.to_json() for gain in sensitivity(solved, found)]
    connection.send(("done", gains, reserve(solved, found)))


def clash_in_child(connection: "Connection[Any, Any]", problem: dict[str, Any]) -> None:
    """Send ("done", the rules that the locked cannot keep together), nothing where they can."""
    connection.send(("done", locks_clash(Problem.from_json(problem))))


class _Teller:
    """Passes on the newest words of the solver, but not each of them."""

    def __init__(self, connection: "Connection[Any, Any]") -> None:
        self.connection = connection
        self.told_at = float("-inf")

    def tell(self, news: Progress) -> None:
        now = time.monotonic()
        if now - self.told_at >= PAUSE_S:
            self.told_at = now
            self.connection.send(("progress", asdict(news)))
