"""What every peer is given and gives back."""

from collections.abc import Callable
from dataclasses import dataclass

from matching.problem import Problem
from matching.solution import Assignment

Told = Callable[[float | None, float | None], None]
"""Called with a better value or a better bound of the sum of priorities; the other is None."""


def _silent(_value: float | None, _bound: float | None) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long a peer may take, in seconds, and on how many cores."""

    seconds: float = 60.0
    workers: int = 2
    seed: int = 1
    told: Told = _silent


@dataclass(frozen=True, slots=True)
class Answer:
    """What a peer found: None where it found no solution; `bound` where it proves one."""

    assignments: tuple[Assignment, ...] | None
    bound: float | None = None


Peer = Callable[[Problem, Effort], Answer]
