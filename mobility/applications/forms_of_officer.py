"""The forms of an officer on an application."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from mobility.applications.bulk import Act, Order
from mobility.applications.late import MOST_USES, LateDraft
from mobility.applications.sections import Section
from mobility.applications.wording import REFUSALS, SECTIONS
from mobility.bulk.forms import TickedForm
from mobility.core import clock
from mobility.core.errors import RuleBroken
from mobility.core.forms import (
    Choice,
    Day,
    EmailLine,
    HouseForm,
    Paragraph,
    Tick,
    VersionField,
    Whole,
    options,
)
from mobility.hosts.forms import say
from mobility.partnerships.models import Partnership

# Nobody has longer than this to answer.
LONGEST = timedelta(days=60)


class ChangesForm(HouseForm):
    """What to change in which section, and by when."""

    version = VersionField()
    person = Paragraph(SECTIONS[Section.PERSON], required=False, longest=1000)
    topics = Paragraph(SECTIONS[Section.TOPICS], required=False, longest=1000)
    dates = Paragraph(SECTIONS[Section.DATES], required=False, longest=1000)
    hosts = Paragraph(SECTIONS[Section.HOSTS], required=False, longest=1000)
    questions = Paragraph(SECTIONS[Section.QUESTIONS], required=False, longest=1000)
    consents = Paragraph(SECTIONS[Section.CONSENTS], required=False, longest=1000)
    answer_by = Day(_l("Answer by"))

    @property
    def sections(self) -> list[Any]:
        """The field of each section."""
        return [self[section.value] for section in Section if section.value in self]

    def leave_out_questions(self) -> None:
        """A call without questions of its own has nothing to change in them."""
        del self.questions

    @property
    def asked(self) -> dict[Section, str]:
        """The sections in which something is to be changed, with what."""
        return {Section(field.name): field.data for field in self.sections if field.data}

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        if not self.asked:
            self.form_errors = [_("Say for one section at least what to change.")]
        if self.answer_by.data and not clock.today() < self.answer_by.data <= clock.today() + LONGEST:
            say(self.answer_by, _("Give a day after today, within %(days)s days.", days=LONGEST.days))
        return valid and not self.errors


class ReleaseForm(HouseForm):
    """How many decisions are told, as they were seen."""

    accepted = VersionField()
    rejected = VersionField()


class TellingForm(HouseForm):
    """Whether each decision of a call is told at once."""

    version = VersionField()
    each = Tick(
        _l("Tell applicants of each decision as it is made"),
        description=_l("For calls in which one is assessed and matched as one comes."),
    )


class NamesForm(HouseForm):
    """Why the names of one application are shown although its call hides them."""

    version = VersionField()
    reason = Paragraph(_l("Reason"), longest=2000, description=_l("The log keeps it."))


class ReassignForm(HouseForm):
    """Another partnership of the call, and why."""

    version = VersionField()
    partnership = Choice(_l("Partnership"), [])
    reason = Paragraph(_l("Reason"), longest=2000, description=_l("Stands in the log."))

    @classmethod
    def among(cls, others: Mapping[Partnership, str], version: int) -> "ReassignForm":
        """The form with the partnerships to choose from, each with what brings it near."""
        form = cls(data={"version": version})
        named = sorted((one.name, one.code, why) for one, why in others.items())
        chosen = [(code, f"{name} ({why})") for name, code, why in named]
        form.partnership.choices = options([("", _l("Choose…")), *chosen])
        return form


class BulkForm(TickedForm):
    """What is to be done with the ticked applications."""

    def order(self, act: Act) -> Order:
        """What is to be done with them."""
        return Order(act)


class GiveForm(BulkForm):
    """Also: to which partnership they go, and why."""

    partnership = Choice(_l("Partnership"), [])
    reason = Paragraph(_l("Reason"), longest=2000, description=_l("Stands in the log."))

    def offer(self, partnerships: Sequence[Partnership]) -> None:
        """Let one of these be chosen."""
        self._by_code = {one.code: one for one in partnerships}
        self.partnership.choices = options(
            [("", _("Choose…")), *((one.code, one.name) for one in partnerships)]
        )

    def order(self, act: Act) -> Order:
        return Order(act, self._by_code[self.partnership.data], self.reason.data)


class LateForm(HouseForm):
    """Who may still apply in a closed call, why, until when and how often."""

    email = EmailLine(_l("E-mail"), description=_l("The link works for the owner of this address only."))
    reason = Paragraph(
        _l("Reason"), longest=1000, description=_l("Stands in the log and beside the application, for staff.")
    )
    last_on = Day(_l("Last day to send"))
    uses = Whole(_l("Applications"), smallest=1, largest=MOST_USES, default=1)

    def draft(self) -> LateDraft:
        """What was typed."""
        return LateDraft(self.email.data, self.reason.data, self.last_on.data, self.uses.data)

    def refuse(self, refusal: RuleBroken) -> None:
        """Say beside its field why it was refused. Raises the refusal again if it is of none."""
        names = {"late-already": "email", "late-day": "last_on"}
        if refusal.code not in names:
            raise refusal
        say(self[names[refusal.code]], str(REFUSALS[refusal.code]))
