"""Forms of plans and agreements."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from mobility.agreements import rules, wording
from mobility.agreements.draft import AgendaDay, PlanDraft
from mobility.agreements.enums import Slot
from mobility.agreements.models import Agreement, Plan
from mobility.core import dates
from mobility.core.forms import Day, HouseForm, Line, Paragraph, Radio, Tick, VersionField, options
from mobility.exchanges.models import Exchange
from mobility.hosts.forms import Rows, say

MOST_DAYS = 31
LONGEST_DAY = 1000


class Shown(HiddenField):
    """What the page showed; left out, it is nothing, and not what would be shown now."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = valuelist[0] if valuelist else ""


class PlanForm(HouseForm):
    """Goals of both sides, where, who does what, and what happens on each working day."""

    version = VersionField()
    # Other dates mean another agenda, so the stay's own version travels, too.
    exchange_version = VersionField()
    objectives_visitor = Paragraph(
        _l("What the visitor wants to reach"),
        required=False,
        description=_l("What will be learnt, seen or agreed by the end of the stay."),
    )
    objectives_host = Paragraph(_l("What the host wants to reach"), required=False)
    outcomes_visitor = Paragraph(
        _l("What the visitor expects to come of it"),
        required=False,
        description=_l("Such as a joint project, a new market, a technology adopted."),
    )
    outcomes_host = Paragraph(_l("What the host expects to come of it"), required=False)
    tasks = Paragraph(
        _l("Who does what"), required=False, description=_l("What each side prepares, brings and does.")
    )
    place = Line(_l("Where the visitor stays and works"), required=False, description=_l("Address or site."))
    agenda = Rows(
        Paragraph(_l("Agenda"), required=False, longest=LONGEST_DAY),
        _l("Agenda"),
        max_entries=MOST_DAYS,
        labels={},
        description=_l("Morning and afternoon of each working day: what, where, with whom."),
    )

    @classmethod
    def of(cls, exchange: Exchange, plan: Plan | None, **more: Any) -> "PlanForm":
        """The form as the plan stands, with a row for each working day of the stay."""
        days = rules.days_of(exchange)
        stored: dict[str, Any] = {name: getattr(plan, name) for name in rules.TEXTS} if plan else {}
        stored["version"] = plan.version if plan else 0
        stored["exchange_version"] = exchange.version
        stored["agenda"] = [row.text for row in rules.agenda_on(days, plan.agenda if plan else [])]
        form = cls(data=stored, **more)
        form.show_days(days)
        return form

    def show_days(self, days: Sequence[date]) -> None:
        """Name each row after its day."""
        while len(self.agenda.entries) < len(days):
            self.agenda.append_entry("")
        for entry, day in zip(self.agenda.entries, days, strict=False):
            entry.label.text = dates.day(day)

    def draft(self, exchange: Exchange) -> PlanDraft:
        texts = {name: getattr(self, name).data or "" for name in rules.TEXTS}
        days = rules.days_of(exchange)
        written = [entry.data or "" for entry in self.agenda.entries]
        rows = (AgendaDay(day, text) for day, text in zip(days, written, strict=False))
        return PlanDraft(**texts, agenda=tuple(rows))


class DrawUpForm(HouseForm):
    """Freeze the plan as it was shown."""

    version = VersionField()


class SignForm(HouseForm):
    """Sign for one party the text that was shown."""

    sha256 = Shown()
    slot = Radio(_l("You sign for"), [])
    name = Line(_l("Your name"), description=_l("As it stands in your passport or identity card."))
    position = Line(
        _l("Your position"), description=_l("What entitles you to sign, such as managing director.")
    )
    has_read = Tick(_l("I have read the text on this page and sign it for this party."), required=True)

    @classmethod
    def of(cls, agreement: Agreement, slots: Sequence[Slot], name: str) -> "SignForm":
        """The form for the text as it stands, with the parties that the person may sign for."""
        first = slots[0].value if slots else None
        form = cls(data={"sha256": agreement.sha256, "slot": first, "name": name})
        form.slot.choices = options([(slot.value, wording.SLOTS[slot]) for slot in slots])
        return form


class AmendForm(HouseForm):
    """Why what was signed is taken back."""

    # Which agreements were in force on the page, and in which version.
    in_force = Shown()
    reason = Paragraph(
        _l("Why is it taken back?"), description=_l("Everybody who signed reads this in their letter.")
    )


class DatesForm(HouseForm):
    """Other dates for the stay."""

    version = VersionField()
    first_day = Day(_l("First day"))
    last_day = Day(_l("Last day"))
    reason = Paragraph(
        _l("Why do the dates change?"), description=_l("All four parties read this in their letter.")
    )

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if self.last_day.data < self.first_day.data:
            say(self.last_day, _("Choose a last day that is not before the first day."))
            return False
        return True
