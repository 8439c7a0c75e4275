"""Passes on what a stage finds, in the goal's own numbers."""

from dataclasses import dataclass

from matching.engine import Tick
from matching.progress import Watch
from matching.values import LOWER_IS_BETTER, Value


def is_better(name: str, one: Value | float, other: Value | float) -> bool:
    """Tell whether one value of a goal is better than another."""
    return one < other if name in LOWER_IS_BETTER else one > other


class Teller:
    """Passes on better values and bounds of one stage, and no others."""

    def __init__(self, watch: Watch, stage: int, name: str) -> None:
        self.watch, self.stage, self.name = watch, stage, name
        self.value: Value | float | None = None
        self.bound: Value | float | None = None

    def valued(self, value: Value | float) -> None:
        """Tell a value, if it is better."""
        if self.value is None or is_better(self.name, value, self.value):
            self.value = value
            self._tell()

    def bounded(self, bound: Value | float) -> None:
        """Tell a bound, if it is tighter."""
        if self.bound is None or is_better(self.name, self.bound, bound):
            self.bound = bound
            self._tell()

    def scaled(self, scale: int) -> "Scaled":
        """Return a listener for CP-SAT, whose numbers are this goal's times a scale."""
        return Scaled(self, scale)

    def _tell(self) -> None:
        self.watch.tell(self.stage, self.name, self.value, self.bound)


@dataclass(frozen=True, slots=True)
class Ranks:
    """A listener for CP-SAT, whose numbers lack an offset to ranks; more is better."""

    teller: Teller
    offset: int

    def __call__(self, tick: Tick) -> None:
        sign = -1 if self.teller.name in LOWER_IS_BETTER else 1
        value, bound = tick
        if value is not None:
            self.teller.valued(sign * (value + self.offset))
        if bound is not None:
            self.teller.bounded(sign * (bound + self.offset))


def ignore(_: Tick) -> None:
    """Pass nothing on."""


@dataclass(frozen=True, slots=True)
class Scaled:
    teller: Teller
    scale: int

    def __call__(self, tick: Tick) -> None:
        value, bound = tick
        if value is not None:
            self.teller.valued(value / self.scale)
        if bound is not None:
            self.teller.bounded(bound / self.scale)
