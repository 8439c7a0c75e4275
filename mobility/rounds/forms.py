"""Forms of rounds."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, FormField

from mobility.calls.models import Call
from mobility.core.forms import Choice, Day, HouseForm, Line, Paragraph, Radio, Tick, Whole, options
from mobility.hosts.forms import Rows, say
from mobility.rounds.measuring import Size
from mobility.rounds.scenario import BUDGET, MAY, NEEDS, Change
from mobility.rounds.solver import Options
from mobility.rounds.wording import CHANGES

LONGEST_S = 3600
LARGEST_NUMBER = 10**8
MOST_CHANGES = 40
LARGEST_SEED = 2**31 - 1
MOST_VISITORS, MOST_HOSTS, LONGEST_SYNTHETIC_S = 2000, 500, 120
ROW_LABELS = {
    "kind": _l("Change %(number)s"),
    "application": _l("Application of change %(number)s"),
    "host": _l("Host’s offer of change %(number)s"),
    "partnership": _l("Partnership’s code of change %(number)s"),
    "first_day": _l("Day of change %(number)s"),
    "number": _l("Number of change %(number)s"),
    "reason": _l("Reason for change %(number)s"),
}
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


class MoveForm(HouseForm):
    """To which day a visit is moved, and why."""

    first_day = Day(_l("First day of the visit"))
    reason = Line(_l("Reason"), longest=200)


class OpenForm(HouseForm):
    """Which call a new round is for."""

    call = Choice(_l("Call"), [])

    def offer(self, calls: Sequence[Call]) -> "OpenForm":
        """Put the calls into the list to choose from."""
        named = [(call.reference, f"{call.reference}: {call.title}") for call in calls]
        self.call.choices = options([("", _l("Choose…")), *named])
        return self


class GiveUpForm(HouseForm):
    """Why a round ends without a result."""

    reason = Paragraph(_l("Reason"), longest=1000, description=_l("It is kept in the log."))


class AnnounceForm(HouseForm):
    """How lots are drawn between equals."""

    source = Line(
        _l("Public source of the seed"),
        required=False,
        description=_l(
            "What anybody can look up later, such as the numbers of a state lottery on a day to come. Left empty, a"
            " seed is drawn now; its SHA-256 is shown at once and itself when the round is frozen."
        ),
    )
    reason = Paragraph(
        _l("Reason"), longest=1000, description=_l("Why lots are drawn, and why so. It is public.")
    )


class DrawForm(HouseForm):
    """What the public source gave."""

    seed = Line(
        _l("What the source gave"),
        description=_l("Sign by sign as everybody can read it, such as 4-17-23-31-48. It cannot be changed."),
    )


class AskForm(HouseForm):
    """What the two answers after declines are to allow."""

    reason = Paragraph(
        _l("Reason"), longest=1000, description=_l("Why the round is solved again. It is kept in the log.")
    )
    may_return = Tick(
        _l("Who said no, or nothing, may get another host"),
        description=_l("Whom a host declined may in any case."),
    )
    time_limit_s = Whole(
        _l("Time limit for each answer"),
        smallest=1,
        largest=LONGEST_S,
        default=60,
        description=_l("In seconds, at most one hour."),
    )


class ChangeRow(Form):
    """A change to the frozen problem; a row without a kind is none."""

    kind = Choice(_l("Change"), list(CHANGES.items()), required=False)
    application = Line(_l("Application"), required=False)
    host = Line(_l("Host’s offer"), required=False)
    partnership = Line(_l("Partnership’s code"), required=False)
    first_day = Day(_l("Day"), required=False)
    number = Whole(_l("Number"), largest=LARGEST_NUMBER, required=False)
    reason = Line(_l("Reason"), required=False)

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        needed = NEEDS.get(self.kind.data, set()) | ({"reason"} if self.kind.data else set())
        said = {name for name, field in self._fields.items() if field.data not in ("", None)} - {"kind"}
        for name in sorted(needed - said):
            say(self[name], _("This kind of change needs it."))
        for name in sorted(said - needed - MAY.get(self.kind.data, set())):
            say(self[name], _("This kind of change does not take it: leave it empty."))
        return not self.errors

    def change(self) -> Change:
        number = self.number.data
        return Change(
            kind=self.kind.data,
            reason=self.reason.data,
            application=self.application.data or "",
            host=self.host.data or "",
            partnership=self.partnership.data or "",
            first_day=self.first_day.data,
            number=number * 100 if self.kind.data == BUDGET and number is not None else number,
        )


class SyntheticForm(HouseForm):
    """How large an invented round is, and where its chance begins."""

    visitors = Whole(_l("Visitors"), smallest=1, largest=MOST_VISITORS, default=100)
    hosts = Whole(_l("Hosts"), smallest=1, largest=MOST_HOSTS, default=30)
    seed = Whole(
        _l("Starting number (seed)"),
        smallest=0,
        largest=LARGEST_SEED,
        default=1,
        description=_l("The same numbers make the same round."),
    )
    time_limit_s = Whole(
        _l("Time limit of each way"),
        smallest=1,
        largest=LONGEST_SYNTHETIC_S,
        default=20,
    )
    is_tight = Tick(_l("Short windows and few places"), description=_l("Then the calendar binds."))

    def size(self) -> Size:
        return Size(
            self.visitors.data, self.hosts.data, self.seed.data, self.is_tight.data, self.time_limit_s.data
        )


class SolveForm(HouseForm):
    """How a frozen round is to be solved, and with which changes."""

    name = Line(
        _l("Name of this scenario"), required=False, description=_l("What you would call it beside others.")
    )
    changes = Rows(
        FormField(ChangeRow),
        _l("Changes to the frozen problem"),
        max_entries=MOST_CHANGES,
        labels=ROW_LABELS,
    )

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

    def add_row(self) -> None:
        """One more empty change, up to the most."""
        if len(self.changes) < MOST_CHANGES:
            self.changes.append_entry()

    def told(self) -> dict[str, Any]:
        """The name and the changes, for the verb."""
        rows = [row.form.change() for row in self.changes if row.form.kind.data]
        return {"name": self.name.data or "", "changes": rows}

    def options(self) -> Options:
        return Options(
            goals=tuple(self.goals.data.split(",")),
            time_limit_s=self.time_limit_s.data,
            seed=self.seed.data,
            is_deterministic=self.is_deterministic.data,
        )
