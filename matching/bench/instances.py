"""The problems to measure on: four sizes, loose or tight calendars, with or without budgets, by seed."""

from dataclasses import dataclass, replace

from matching.problem import Problem
from matching.synthetic import generate

SIZES = {"100x30": 60.0, "1000x200": 60.0, "10000x1500": 60.0, "50000x5000": 600.0}
"""Applications x hosts, and how many seconds a method has."""

SMALL = ("100x30", "1000x200")

KINDS = ("loose-budgets", "tight-budgets", "loose-free", "tight-free")
"""`tight` makes calendars bind; `free` leaves out the partnerships' budgets, quotas stay."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One problem, by its size (applications x hosts), kind and seed."""

    size: str
    kind: str
    seed: int

    @property
    def applications(self) -> int:
        """Return how many applications there are."""
        return int(self.size.split("x")[0])

    @property
    def name(self) -> str:
        """Return a name for files and tables."""
        return f"{self.size}-{self.kind}-{self.seed}"

    def make(self) -> Problem:
        """Generate the problem: equal instances make equal problems."""
        hosts = int(self.size.split("x")[1])
        is_tight = self.kind.startswith("tight")
        problem = generate(applications=self.applications, hosts=hosts, seed=self.seed, tight=is_tight)
        return problem if self.kind.endswith("budgets") else _without_budgets(problem)


def _without_budgets(problem: Problem) -> Problem:
    return replace(problem, limits=tuple(one for one in problem.limits if one.amount != "cost_cents"))
