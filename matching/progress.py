"""What a solve tells on the way, and when it has to end."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from matching.values import Value, number


@dataclass(frozen=True, slots=True)
class Progress:
    """A better value or bound of the goal at work. Stages count from 1; None is not known yet."""

    stage: int
    goal: str
    value: float | None
    bound: float | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Watch:
    """Who listens to a solve, and when it has to end. `since` and `until` are on the monotonic clock, in seconds."""

    since: float
    until: float
    progress: Callable[[Progress], None]
    should_stop: Callable[[], bool]

    def tell(self, stage: int, goal: str, value: Value | float | None, bound: Value | float | None) -> None:
        """Report a better value or bound."""
        self.progress(Progress(stage, goal, number(value), number(bound), monotonic() - self.since))

    def seconds_left(self) -> float:
        """Return how long the solve may still take."""
        return self.until - monotonic()

    def is_over(self) -> bool:
        """Tell whether time is up or the caller wants no more."""
        return self.seconds_left() <= 0 or self.should_stop()
