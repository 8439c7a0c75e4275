"""Letters to visitor and host about their contact and their agreed pair, and to the partnerships that validate."""

from typing import Any

from flask_babel import gettext as _

from mobility.applications.models import Application
from mobility.catalogue import wording
from mobility.catalogue.enums import Side
from mobility.catalogue.models import AgreedPair, Contact
from mobility.core.web import external_url
from mobility.hosts.models import Offer
from mobility.mail.services import LetterDraft, letter
from mobility.partnerships.models import Partnership


def contacted(contact: Contact) -> LetterDraft:
    """To the side that is asked: somebody would like to meet; no name of a visitor yet."""
    to = contact.begun_by.other
    subject = _("A host writes to you") if to is Side.VISITOR else _("A visitor writes to you")
    return _contact_letter("contacted", contact, to, subject)


def contact_accepted(contact: Contact, side: Side) -> LetterDraft:
    """To one side: both want contact, and here is the other's address."""
    return _contact_letter("contact_accepted", contact, side, _("You are in contact: names and addresses"))


def contact_declined(contact: Contact) -> LetterDraft:
    """To the side that asked: the other does not want contact."""
    return _contact_letter("contact_declined", contact, contact.begun_by, _("Your contact was declined"))


def entered(pair: AgreedPair) -> LetterDraft:
    """To the other side: this visit was entered, confirm it or decline."""
    subject = _("Confirm the visit %(ref)s", ref=pair.reference)
    return _pair_letter("pair_entered", pair, pair.entered_by.other, subject)


def confirmed(pair: AgreedPair) -> LetterDraft:
    """To the side that entered it: the other side confirms, the partnerships validate."""
    subject = _("The visit %(ref)s is confirmed by both of you", ref=pair.reference)
    return _pair_letter("pair_confirmed", pair, pair.entered_by, subject)


def to_validate(pair: AgreedPair, partnership: Partnership) -> LetterDraft:
    """To a partnership: a pair waits to be validated."""
    return letter(
        "catalogue.pair_to_validate",
        template="mail/catalogue/pair_to_validate.txt",
        to=(partnership.coordinator or partnership.name, partnership.email),
        about=pair,
        subject=_("Validate the pair %(ref)s", ref=pair.reference),
        **_values(pair.application, pair.offer, None),
        link=_pair_link(pair),
    )


def validated(pair: AgreedPair, side: Side) -> LetterDraft:
    """To one side: both partnerships agree, place and money are reserved."""
    subject = _("The visit %(ref)s is validated", ref=pair.reference)
    return _pair_letter("pair_validated", pair, side, subject)


def declined(pair: AgreedPair, side: Side) -> LetterDraft:
    """To one side: the other side or a partnership said no, and why."""
    subject = _("The visit %(ref)s was declined", ref=pair.reference)
    return _pair_letter("pair_declined", pair, side, subject)


def withdrawn(pair: AgreedPair, side: Side) -> LetterDraft:
    """To one side: the visit will not take place, and why."""
    subject = _("The visit %(ref)s was withdrawn", ref=pair.reference)
    return _pair_letter("pair_withdrawn", pair, side, subject)


def _contact_letter(name: str, contact: Contact, side: Side, subject: str) -> LetterDraft:
    application, offer = contact.application, contact.offer
    own, other = (application, offer) if side is Side.VISITOR else (offer, application)
    link = external_url("catalogue.show", reference=other.reference, of=own.reference)
    return _letter(name, contact, application, offer, side, subject, link)


def _pair_letter(name: str, pair: AgreedPair, side: Side, subject: str) -> LetterDraft:
    return _letter(name, pair, pair.application, pair.offer, side, subject, _pair_link(pair))


def _letter(
    name: str,
    about: Contact | AgreedPair,
    application: Application,
    offer: Offer,
    side: Side,
    subject: str,
    link: str,
) -> LetterDraft:
    to, person_id = _person(application, offer, side)
    return letter(
        # One person may stand on both sides, so the side is part of the kind.
        f"catalogue.{name}_{side}",
        template=f"mail/catalogue/{name}.txt",
        to=to,
        about=about,
        subject=subject,
        person_id=person_id,
        **_values(application, offer, side),
        link=link,
    )


def _values(application: Application, offer: Offer, side: Side | None) -> dict[str, Any]:
    return {
        "application": application,
        "offer": offer,
        "visitor": application.organisation,
        "host": offer.organisation,
        "profile": wording.profile(application),
        "side": side.value if side else "",
        "words": wording,
    }


def _person(application: Application, offer: Offer, side: Side) -> tuple[tuple[str, str], int | None]:
    if side is Side.VISITOR:
        return (application.person_name, application.person_email), application.author_id
    return (offer.contact_name, offer.contact_email), offer.author_id


def _pair_link(pair: AgreedPair) -> str:
    return external_url("catalogue.pairs.show", reference=pair.reference)
