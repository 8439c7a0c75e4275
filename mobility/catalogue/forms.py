"""Forms of the catalogue and of agreed pairs."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from mobility.accounts.models import User
from mobility.accounts.services import signed_in
from mobility.applications.models import Application
from mobility.calls.findings import Finding
from mobility.catalogue import records, wording
from mobility.catalogue.enums import Side
from mobility.core.forms import Day, HouseForm, Line, Paragraph, Radio, VersionField
from mobility.hosts.forms import say
from mobility.hosts.models import Offer

LONGEST_REFERENCE = 40


class ContactForm(HouseForm):
    """What one writes to the other side."""

    message = Paragraph(
        _l("Your message"),
        description=_l(
            "Say what you would like to do together. Your address is shown once the other side wants contact."
        ),
    )


class AnswerForm(HouseForm):
    """Whether one wants contact, too."""

    version = VersionField()
    answer = Radio(
        _l("Would you like contact?"),
        [("accept", _l("Yes: show both of us names and addresses")), ("decline", _l("No"))],
    )
    reply = Paragraph(_l("Your words to them"), required=False)

    @property
    def accepted(self) -> bool:
        return bool(self.answer.data == "accept")


class PairForm(HouseForm):
    """Who visits whom, and when."""

    application = Line(
        _l("Application of the visitor"), longest=LONGEST_REFERENCE, description=_l("Such as APP-2026-0042.")
    )
    offer = Line(_l("Offer of the host"), longest=LONGEST_REFERENCE, description=_l("Such as OFF-2026-0007."))
    first_day = Day(_l("First day"))
    last_day = Day(_l("Last day"))
    note = Paragraph(
        _l("Note"),
        required=False,
        description=_l("What you agreed. The other side and both partnerships read it."),
    )
    found_application: Application | None = None
    found_offer: Offer | None = None
    # For whom the person enters it.
    side: Side | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        if not (self.application.errors or self.offer.errors):
            self._find(signed_in())
        if self.first_day.data and self.last_day.data and self.last_day.data < self.first_day.data:
            say(self.last_day, _("The last day is before the first."))
        return valid and not self.errors

    def _find(self, user: User) -> None:
        """Read one's own side, then the other; what others have is answered like what there is not."""
        visitor, host = self.application.data.upper(), self.offer.data.upper()
        application, offer = records.own_application(user, visitor), records.own_offer(user, host)
        own = application or offer
        if own is None:
            for field in (self.application, self.offer):
                say(field, _("One of the two must be your own accepted application or offer."))
            return
        self.side = Side.VISITOR if application else Side.HOST
        self.found_application = application or records.application_in(own.call_id, visitor)
        self.found_offer = records.offer_in(own.call_id, host)
        if self.found_application is None:
            say(self.application, _("No accepted application of this call has this reference."))
        if self.found_offer is None:
            say(self.offer, _("No accepted offer of this call has this reference."))

    def name(self, failing: list[Finding]) -> None:
        """Put what stands against the visit beside the days, or above the form."""
        beside = {"visitor-dates": self.first_day, "host-dates": self.first_day, "future": self.first_day}
        beside |= {"stay-length": self.last_day}
        for finding in failing:
            words = wording.finding_text(finding)
            if finding.code in beside:
                say(beside[finding.code], words)
            else:
                self.form_errors.append(words)


class EndForm(HouseForm):
    """Why a pair is declined or withdrawn."""

    version = VersionField()
    reason = Paragraph(_l("Why?"), description=_l("The other side reads this."))
