"""How to solve: the goals in their order, the limits and the seed."""

from dataclasses import dataclass

from matching.solution import GOALS

DEFAULT_GOALS = ("priority", "score")
DEFAULT_TIME_LIMIT_S = 60.0


class Misused(ValueError):
    """What was asked for is out of range."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to solve. Raises `Misused` for goals that are unknown, twice or none, and for limits out of range.

    `time_limit_s` is in seconds; where `deterministic`, in the solver's deterministic time, about as long.
    """

    goals: tuple[str, ...] = DEFAULT_GOALS
    time_limit_s: float = DEFAULT_TIME_LIMIT_S
    seed: int = 1
    workers: int = 2
    deterministic: bool = False

    def __post_init__(self) -> None:
        if not self.goals or len(set(self.goals)) < len(self.goals) or set(self.goals) - set(GOALS):
            raise Misused(f"goals are some of {', '.join(GOALS)}, each once")
        if not 0 < self.time_limit_s < float("inf"):
            raise Misused("the time limit is a number of seconds above 0")
        if not 0 <= self.seed < 2**31 or not 1 <= self.workers <= 256:
            raise Misused("the seed is from 0 to 2147483647 and there are 1 to 256 workers")

    def to_json(self) -> dict[str, object]:
        """Return what a solution keeps of its options; the seed has a field of its own."""
        return {
            "goals": list(self.goals),
            "time_limit_s": self.time_limit_s,
            "workers": self.workers,
            "deterministic": self.deterministic,
        }
