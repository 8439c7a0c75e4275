"""Letters to a host about its offer."""

from typing import Any

from flask_babel import gettext as _

from mobility.core.web import external_url
from mobility.hosts import wording
from mobility.hosts.models import Offer
from mobility.mail.services import LetterDraft, letter


def received(offer: Offer) -> LetterDraft:
    """The receipt of a submitted offer."""
    return _about(offer, "received", _("We have received your offer %(ref)s", ref=offer.reference))


def accepted(offer: Offer) -> LetterDraft:
    """The offer is in the list of hosts."""
    return _about(offer, "accepted", _("Your offer %(ref)s is accepted", ref=offer.reference))


def rejected(offer: Offer) -> LetterDraft:
    """The offer is refused, with the rules not met and the officer's reason."""
    return _about(offer, "rejected", _("Your offer %(ref)s is not accepted", ref=offer.reference))


def _about(offer: Offer, name: str, subject: str) -> LetterDraft:
    return letter(
        f"hosts.{name}",
        template=f"mail/hosts/{name}.txt",
        to=(offer.contact_name, offer.contact_email),
        about=offer,
        subject=subject,
        person_id=offer.author_id,
        offer=offer,
        not_met=_not_met(offer),
        link=external_url("hosts.show", reference=offer.reference),
    )


def _not_met(offer: Offer) -> list[Any]:
    return wording.shown(one for one in offer.findings if one["passed"] is False)
