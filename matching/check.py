"""Checks a solution against its problem, sharing nothing with the solver but the dataclasses.

The calendar here is plain date arithmetic, day by day: slow, short and easy to believe.
"""

from matching.checked import Case, Violation
from matching.claims import CLAIMS
from matching.hard_rules import HARD_RULES
from matching.problem import Problem
from matching.solution import Solution

__all__ = ["Violation", "check"]


def check(problem: Problem, solution: object) -> list[Violation]:
    """Return every violation of a solution, which is a `Solution` or the plain JSON values of one."""
    read, faults = (solution, []) if isinstance(solution, Solution) else Solution.read(solution)
    unreadable = [Violation("unreadable", str(fault)) for fault in faults]
    case = Case(problem, read)
    if read.status in ("infeasible", "unknown"):
        return [*unreadable, *_no_solution(read)]
    # What could not be read would only raise false alarms about sums and counts.
    rules = HARD_RULES if faults else (*HARD_RULES, *CLAIMS)
    return [*unreadable, *(violation for rule in rules for violation in rule(case))]


def _no_solution(solution: Solution) -> list[Violation]:
    found = [Violation("no_solution", f"there is no solution: the status is {solution.status}")]
    if solution.assignments:
        found.append(Violation("no_solution", f"{len(solution.assignments)} assignments, yet no solution"))
    return found
