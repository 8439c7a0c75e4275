"""Which offers nobody uses: no change, no contact, no pair and no visit for a long time."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from mobility.calls.models import Call
from mobility.catalogue.models import AgreedPair, Contact
from mobility.catalogue.queries import LIVE
from mobility.core import clock
from mobility.core.db import db
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer, Reservation
from mobility.hosts.resting import answer_within, unused_after


def offers_to_ask() -> list[int]:
    """Offers that are unused and were not asked since they were last used, by their keys."""
    since = clock.utcnow() - unused_after()
    return _unused(since, or_(Offer.asked_at.is_(None), Offer.asked_at < since))


def offers_to_rest() -> list[int]:
    """Offers whose host was asked and did not answer in time, and that nobody has used meanwhile either."""
    since = clock.utcnow() - unused_after()
    return _unused(since, Offer.asked_at.between(since, clock.utcnow() - answer_within()))


def _unused(since: datetime, asked: ColumnElement[bool]) -> list[int]:
    used_at = func.greatest(Offer.decided_at, Offer.used_at)
    unused = (
        select(Offer.id)
        .join(Offer.call)
        .where(
            Offer.status == OfferStatus.ACCEPTED,
            # When the call is over nobody looks for a host in it.
            Call.last_day > clock.today(),
            used_at < since,
            asked,
            ~_is_visited(since),
            ~_is_talked_of(since),
        )
    )
    return list(db.session.scalars(unused.order_by(Offer.id)))


def _is_visited(since: datetime) -> ColumnElement[bool]:
    ahead = and_(Reservation.freed_at.is_(None), Reservation.last_day >= clock.today())
    return exists().where(Reservation.offer_id == Offer.id, or_(Reservation.made_at >= since, ahead))


def _is_talked_of(since: datetime) -> ColumnElement[bool]:
    spoken = func.greatest(Contact.written_at, Contact.answered_at) >= since
    paired = and_(AgreedPair.offer_id == Offer.id, AgreedPair.status.in_(LIVE))
    return or_(exists().where(Contact.offer_id == Offer.id, spoken), exists().where(paired))
