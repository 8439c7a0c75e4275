"""Generalized assignment: files of OR-Library's form with published optima, stated as exchange problems.

An agent is a host with places for all, a job an application of one day in a round of one day, an agent's capacity a
limit over the pairs of its host. D. G. Cattrysse, M. Salomon and L. N. Van Wassenhove, A set partitioning heuristic
for the generalized assignment problem, European Journal of Operational Research 72 (1994).
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from matching.problem import Application, Host, HostWindow, Limit, Pair, Problem, Window
from matching.reading import Malformed

DAY = date(2027, 1, 4)

Matrix = tuple[tuple[int, ...], ...]
"""A row per agent, a column per job."""


@dataclass(frozen=True, slots=True)
class Generalized:
    """Give each job to one agent: least costs (or most, where they are profits), each agent's uses within capacity."""

    costs: Matrix
    uses: Matrix
    capacities: tuple[int, ...]
    maximise: bool = False

    @classmethod
    def read(cls, text: str, *, maximise: bool = False) -> "Generalized":
        """Read `m n`, m rows of n costs, m rows of n uses, m capacities. Raises `Malformed`."""
        try:
            agents, jobs, *rest = map(int, text.split())
        except ValueError as fault:
            raise Malformed("", "is no list of whole numbers", "m n, costs, uses, capacities") from fault
        if len(rest) != 2 * agents * jobs + agents:
            raise Malformed("", f"holds {len(rest)} numbers", f"{2 * agents * jobs + agents} after m and n")
        size = agents * jobs
        return cls(
            _matrix(rest[:size], jobs),
            _matrix(rest[size : 2 * size], jobs),
            tuple(rest[2 * size :]),
            maximise,
        )

    @property
    def jobs(self) -> int:
        """Return how many jobs there are."""
        return len(self.costs[0])

    @property
    def goals(self) -> tuple[str, str]:
        """Return the goals that say the same: all jobs first, then least costs or most profit."""
        return ("priority", "score" if self.maximise else "cost")

    def problem(self) -> Problem:
        """State it as an exchange problem."""
        agents, jobs = range(len(self.costs)), range(self.jobs)
        return Problem(
            first_day=DAY,
            last_day=DAY,
            applications=tuple(Application(f"J{job}", 1, 1, (Window(DAY, DAY),)) for job in jobs),
            hosts=tuple(Host(f"A{agent}", (HostWindow(DAY, DAY, self.jobs),)) for agent in agents),
            pairs=tuple(self._pair(agent, job) for job in jobs for agent in agents),
            limits=tuple(
                Limit(f"capacity:A{agent}", "use", self.capacities[agent], hosts=(f"A{agent}",))
                for agent in agents
            ),
        )

    def _pair(self, agent: int, job: int) -> Pair:
        worth, use = self.costs[agent][job], self.uses[agent][job]
        if self.maximise:
            return Pair(f"J{job}", f"A{agent}", worth, amounts={"use": use})
        return Pair(f"J{job}", f"A{agent}", 0, amounts={"use": use, "cost_cents": worth})


def _matrix(numbers: Sequence[int], width: int) -> Matrix:
    return tuple(tuple(numbers[first : first + width]) for first in range(0, len(numbers), width))


def published(folder: Path) -> dict[str, int | None]:
    """Return the path of each instance below a folder with its optimum, from `optima.csv` where there is one."""
    listed = folder / "optima.csv"
    if listed.exists():
        with listed.open(newline="", encoding="utf-8") as file:
            return {row["Path"]: int(row["Optimum"]) for row in csv.DictReader(file)}
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in ("", ".txt"))
    return {str(path.relative_to(folder)): None for path in files}
