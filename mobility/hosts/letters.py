"""Letters to a host about its offer."""

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _

from mobility.core import clock
from mobility.core.web import external_url
from mobility.hosts import wording
from mobility.hosts.models import Offer
from mobility.mail.services import LetterDraft, letter, next_turn


def received(offer: Offer) -> LetterDraft:
    """The receipt of a submitted offer."""
    return _about(offer, "received", _("We have received your offer %(ref)s", ref=offer.reference))


def accepted(offer: Offer) -> LetterDraft:
    """The offer is in the list of hosts."""
    return _about(offer, "accepted", _("Your offer %(ref)s is accepted", ref=offer.reference))


def rejected(offer: Offer) -> LetterDraft:
    """The offer is refused, with the rules not met and the officer's reason."""
    return _about(offer, "rejected", _("Your offer %(ref)s is not accepted", ref=offer.reference))


def still_valid(offer: Offer, token: str, within: timedelta) -> LetterDraft:
    """Ask whether the offer still holds; the link answers without an account."""
    subject = _("Does your offer %(ref)s still hold?", ref=offer.reference)
    by = clock.today() + within
    return _about(offer, "still_valid", subject, by=by, link=_still(token), turn=_turn(offer, "still_valid"))


def rested(offer: Offer, token: str) -> LetterDraft:
    """The offer is in no list any more; the link of the first letter wakes it."""
    subject = _("Your offer %(ref)s rests", ref=offer.reference)
    return _about(offer, "rested", subject, link=_still(token), turn=_turn(offer, "rested"))


def _still(token: str) -> str:
    return external_url("hosts.still_valid", token=token)


def _turn(offer: Offer, name: str) -> int:
    return next_turn(f"hosts.{name}", offer.contact_email, offer)


def _about(offer: Offer, name: str, subject: str, **more: Any) -> LetterDraft:
    return letter(
        f"hosts.{name}",
        template=f"mail/hosts/{name}.txt",
        to=(offer.contact_name, offer.contact_email),
        about=offer,
        subject=subject,
        person_id=offer.author_id,
        offer=offer,
        not_met=_not_met(offer),
        **{"link": external_url("hosts.show", reference=offer.reference)} | more,
    )


def _not_met(offer: Offer) -> list[Any]:
    return wording.shown(one for one in offer.findings if one["passed"] is False)
