"""The forms of an officer on an application."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from mobility.applications.bulk import Act, Order
from mobility.applications.sections import Section
from mobility.applications.wording import SECTIONS
from mobility.bulk.forms import TickedForm
from mobility.core import clock
from mobility.core.forms import Choice, Day, HouseForm, Paragraph, VersionField, options
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
    consents = Paragraph(SECTIONS[Section.CONSENTS], required=False, longest=1000)
    answer_by = Day(_l("Answer by"))

    @property
    def sections(self) -> list[Any]:
        """The field of each section."""
        return [self[section.value] for section in Section]

    @property
    def asked(self) -> dict[Section, str]:
        """The sections in which something is to be changed, with what."""
        return {section: self[section.value].data for section in Section if self[section.value].data}

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        if not self.asked:
            self.form_errors = [_("Say for one section at least what to change.")]
        if self.answer_by.data and not clock.today() < self.answer_by.data <= clock.today() + LONGEST:
            say(self.answer_by, _("Give a day after today, within %(days)s days.", days=LONGEST.days))
        return valid and not self.errors


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
