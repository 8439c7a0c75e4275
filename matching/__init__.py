"""Assigns visitors to hosts and dates: dataclasses in, dataclasses out, no web and no database.

Importing this package does not load OR-Tools; the first call of `solve` does.
"""

from matching.check import Violation, check
from matching.options import Options
from matching.problem import (
    Application,
    Forbidden,
    Host,
    HostWindow,
    Limit,
    Lock,
    Pair,
    Previous,
    Problem,
    Window,
)
from matching.progress import Progress
from matching.reading import Malformed
from matching.rerun import Rerun, refill, rematch
from matching.solution import GOALS, Assignment, GoalResult, Solution, Unmatched
from matching.solve import locks_clash, solve
from matching.synthetic import generate

__all__ = [
    "GOALS",
    "Application",
    "Assignment",
    "Forbidden",
    "GoalResult",
    "Host",
    "HostWindow",
    "Limit",
    "Lock",
    "Malformed",
    "Options",
    "Pair",
    "Previous",
    "Problem",
    "Progress",
    "Rerun",
    "Solution",
    "Unmatched",
    "Violation",
    "Window",
    "check",
    "generate",
    "locks_clash",
    "refill",
    "rematch",
    "solve",
]
