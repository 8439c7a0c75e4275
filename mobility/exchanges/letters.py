"""Letters to both sides about their proposal and their exchange."""

from typing import Any

from flask_babel import gettext as _

from mobility.applications.models import Application
from mobility.core.web import external_url
from mobility.exchanges import wording
from mobility.exchanges.enums import Side
from mobility.exchanges.models import Exchange
from mobility.hosts.models import Offer
from mobility.mail.services import LetterDraft, letter
from mobility.rounds.models import Proposal


def declined(proposal: Proposal, *, by: Side) -> LetterDraft:
    """To the other side: this visit will not take place, and why."""
    other = Side.HOST if by is Side.VISITOR else Side.VISITOR
    subject = _("Proposal %(ref)s was declined", ref=proposal.reference)
    return _letter("declined", proposal, other, subject, _proposal_link(proposal))


def expired(proposal: Proposal, side: Side) -> LetterDraft:
    """To one side: not both answered in time."""
    subject = _("Proposal %(ref)s was not answered in time", ref=proposal.reference)
    return _letter("expired", proposal, side, subject, _proposal_link(proposal))


def withdrawn(proposal: Proposal) -> LetterDraft:
    """To the host: the visitor withdrew the application, the place is free again."""
    subject = _("The visitor of proposal %(ref)s withdrew", ref=proposal.reference)
    return _letter("withdrawn", proposal, Side.HOST, subject, _proposal_link(proposal))


def agreed(exchange: Exchange, side: Side) -> LetterDraft:
    """To one side: both agree to the exchange, the agreements come next."""
    subject = _("Exchange %(ref)s is agreed: plan and sign it", ref=exchange.reference)
    return _letter("agreed", exchange, side, subject, _exchange_link(exchange))


def confirmed(exchange: Exchange, side: Side) -> LetterDraft:
    """To one side: everything is signed, the exchange takes place."""
    subject = _("Exchange %(ref)s is confirmed", ref=exchange.reference)
    return _letter("confirmed", exchange, side, subject, _exchange_link(exchange))


def cancelled(exchange: Exchange, side: Side) -> LetterDraft:
    """To one side: the exchange is called off, and why."""
    subject = _("Exchange %(ref)s is cancelled", ref=exchange.reference)
    return _letter("cancelled", exchange, side, subject, _exchange_link(exchange))


def terminated(exchange: Exchange, side: Side) -> LetterDraft:
    """To one side: the stay was broken off, and what that means."""
    subject = _("Exchange %(ref)s ended early", ref=exchange.reference)
    return _letter("terminated", exchange, side, subject, _exchange_link(exchange))


def _letter(name: str, about: Proposal | Exchange, side: Side, subject: str, link: str) -> LetterDraft:
    application, offer = about.application, about.offer
    to, person_id = _person(application, offer, side)
    values: dict[str, Any] = {
        "visitor": application.organisation,
        "host": offer.organisation,
        "application": application,
        "offer": offer,
        "side": side.value,
        "link": link,
        "words": wording,
    }
    return letter(
        # One person may stand on both sides, so the side is part of the kind.
        f"exchanges.{name}_{side}",
        template=f"mail/exchanges/{name}.txt",
        to=to,
        about=about,
        subject=subject,
        person_id=person_id,
        **values,
    )


def _person(application: Application, offer: Offer, side: Side) -> tuple[tuple[str, str], int | None]:
    if side is Side.VISITOR:
        return (application.person_name, application.person_email), application.author_id
    return (offer.contact_name, offer.contact_email), offer.author_id


def _proposal_link(proposal: Proposal) -> str:
    return external_url("exchanges.proposal", reference=proposal.reference)


def _exchange_link(exchange: Exchange) -> str:
    return external_url("exchanges.show", reference=exchange.reference)
