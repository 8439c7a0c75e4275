"""Forms of rounds."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from mobility.calls.models import Call
from mobility.core.forms import Choice, HouseForm, Radio, Tick, Whole, options
from mobility.rounds.solver import Options

LONGEST_S = 3600
LARGEST_SEED = 2**31 - 1
ORDERS = (
    ("priority,score", _l("Priority points, then points of the pairs")),
    (
        "priority,fairness,score",
        _l("Priority points, then the worst matched share, then points of the pairs"),
    ),
    (
        "fairness,priority,score",
        _l("The worst matched share, then priority points, then points of the pairs"),
    ),
    ("priority,score,cost", _l("Priority points, then points of the pairs, then the lowest lump sums")),
)


class OpenForm(HouseForm):
    """Which call a new round is for."""

    call = Choice(_l("Call"), [])

    def offer(self, calls: Sequence[Call]) -> "OpenForm":
        """Put the calls into the list to choose from."""
        named = [(call.reference, f"{call.reference}: {call.title}") for call in calls]
        self.call.choices = options([("", _l("Choose…")), *named])
        return self


class SolveForm(HouseForm):
    """How a frozen round is to be solved."""

    goals = Radio(_l("Goals, in order"), ORDERS, default="priority,score")
    time_limit_s = Whole(
        _l("Time limit"),
        smallest=1,
        largest=LONGEST_S,
        default=60,
        description=_l("In seconds, at most one hour."),
    )
    seed = Whole(
        _l("Starting number (seed)"),
        smallest=0,
        largest=LARGEST_SEED,
        default=1,
        description=_l("Where the search begins: another number may find another result of the same worth."),
    )
    is_deterministic = Tick(
        _l("The same starting number is to give the same visits"),
        description=_l("Takes longer: the search counts its steps instead of the seconds."),
    )

    def options(self) -> Options:
        return Options(
            goals=tuple(self.goals.data.split(",")),
            time_limit_s=self.time_limit_s.data,
            seed=self.seed.data,
            is_deterministic=self.is_deterministic.data,
        )
