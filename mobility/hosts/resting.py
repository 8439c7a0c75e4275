"""Offers that nobody uses: their host is asked whether they still hold, and without an answer they rest."""

from datetime import timedelta

from flask import current_app
from sqlalchemy import or_, update

from mobility.audit.services import record
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.crypto import link_token, token_hash
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.settings import Settings
from mobility.core.together import lock
from mobility.hosts import letters
from mobility.hosts.enums import LIFECYCLE, OfferStatus
from mobility.hosts.models import Offer
from mobility.mail.services import write

AWAKE = (OfferStatus.ACCEPTED, OfferStatus.RESTED)


def ask(offer: Offer) -> bool:
    """Ask by letter whether an offer still holds; False if it was asked since it was last used."""
    token = link_token("still", str(offer.id))
    asked = (
        update(Offer)
        .where(
            Offer.id == offer.id,
            Offer.status == OfferStatus.ACCEPTED,
            or_(Offer.asked_at.is_(None), Offer.asked_at < clock.utcnow() - unused_after()),
        )
        .values(asked_at=clock.utcnow(), still_sha256=token_hash(token))
        .returning(Offer.id)
    )
    if db.session.scalar(asked) is None:
        return False
    db.session.refresh(offer)
    record("offer.asked", offer, actor=None)
    write(letters.still_valid(offer, token, answer_within()))
    return True


def rest(offer: Offer) -> None:
    """Take an offer whose host did not answer out of lists, catalogue and rounds. Raises `RuleBroken`."""
    LIFECYCLE.move(offer, to=OfferStatus.RESTED)
    record("offer.rested", offer, actor=None)
    write(letters.rested(offer, link_token("still", str(offer.id))))


def say_valid(offer: Offer, *, actor: Actor | None) -> None:
    """The offer still holds; one that rests is awake again. Raises `RuleBroken("wrong-state")` for any other."""
    lock(offer)
    if offer.status not in AWAKE:
        raise RuleBroken("wrong-state", state=offer.status, to=OfferStatus.ACCEPTED)
    rested = offer.status == OfferStatus.RESTED
    if rested:
        LIFECYCLE.move(offer, to=OfferStatus.ACCEPTED)
    offer.used_at, offer.asked_at = clock.utcnow(), None
    record("offer.woken" if rested else "offer.still-valid", offer, actor=actor)


def unused_after() -> timedelta:
    """So long nobody has to use an offer before its host is asked."""
    return timedelta(days=_settings().unused_days)


def answer_within() -> timedelta:
    """So long the host has to answer."""
    return timedelta(days=_settings().rest_days)


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
