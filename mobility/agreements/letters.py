"""Letters about plans and agreements, one to each party that is asked."""

from datetime import date
from typing import Any

from flask_babel import gettext as _

from mobility.agreements import wording
from mobility.agreements.enums import Slot
from mobility.agreements.models import Agreement
from mobility.core import dates
from mobility.core.web import external_url
from mobility.exchanges.models import Exchange
from mobility.mail.services import LetterDraft, letter, next_turn


def please_sign(agreement: Agreement, slot: Slot, by: date) -> LetterDraft:
    """The text is frozen: read it and sign."""
    subject = _("Please sign: %(kind)s %(number)s", **_named(agreement))
    return _about(agreement, slot, "please_sign", subject, by=dates.day(by))


def reminder(agreement: Agreement, slot: Slot, days: int) -> LetterDraft:
    """The stay is near and a signature is missing; once for each of the days."""
    subject = _("Your signature is missing: %(kind)s %(number)s", **_named(agreement))
    return _about(agreement, slot, "reminder", subject, turn=days)


def all_signed(agreement: Agreement, slot: Slot) -> LetterDraft:
    """Everybody has signed."""
    subject = _("Signed by all: %(kind)s %(number)s", **_named(agreement))
    return _about(agreement, slot, "all_signed", subject)


def voided(agreement: Agreement, slot: Slot) -> LetterDraft:
    """To who signed: the signature counts no more, and why."""
    subject = _("No longer valid: %(kind)s %(number)s", **_named(agreement))
    return _about(agreement, slot, "voided", subject, reason=wording.void_reason(agreement.void_reason))


def moved(exchange: Exchange, slot: Slot, reason: str) -> LetterDraft:
    """The stay has other dates."""
    to, person_id = recipient(exchange, slot)
    kind = f"agreements.moved_{slot}"
    return letter(
        kind,
        template="mail/agreements/moved.txt",
        to=to,
        about=exchange,
        subject=_("Exchange %(ref)s has new dates", ref=exchange.reference),
        person_id=person_id,
        turn=next_turn(kind, to[1], exchange),
        reason=reason,
        link=external_url("agreements.of_exchange", reference=exchange.reference),
        **_sides(exchange),
    )


def recipient(exchange: Exchange, slot: Slot) -> tuple[tuple[str, str], int | None]:
    """Who is written to for a slot: name and address, and the person's id if they have an account."""
    application, offer = exchange.application, exchange.offer
    if slot is Slot.VO:
        return (application.person_name, application.person_email), application.author_id
    if slot is Slot.HO:
        return (offer.contact_name, offer.contact_email), offer.author_id
    partnership = exchange.vop if slot is Slot.VOP else exchange.hop
    return (partnership.coordinator, partnership.email), None


def _about(
    agreement: Agreement, slot: Slot, name: str, subject: str, turn: int = 1, **more: Any
) -> LetterDraft:
    to, person_id = recipient(agreement.exchange, slot)
    return letter(
        # One person may stand for two parties, so the slot is part of the kind.
        f"agreements.{name}_{slot}",
        template=f"mail/agreements/{name}.txt",
        to=to,
        about=agreement,
        subject=subject,
        person_id=person_id,
        turn=turn,
        kind_name=wording.KINDS[agreement.kind],
        party=wording.SLOTS[slot],
        exchange=agreement.exchange,
        link=external_url("agreements.show", number=agreement.number),
        **_sides(agreement.exchange),
        **more,
    )


def _named(agreement: Agreement) -> dict[str, Any]:
    return {"kind": wording.KINDS[agreement.kind], "number": agreement.number}


def _sides(exchange: Exchange) -> dict[str, Any]:
    return {"visitor": exchange.visiting_organisation, "host": exchange.host_organisation}
