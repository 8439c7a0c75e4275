"""What everybody may know of the scheme: its amounts and its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from mobility.calls.enums import CallStatus
from mobility.calls.models import Call
from mobility.calls.queries import open_calls
from mobility.core import clock
from mobility.core.db import db
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.hosts.models import Offer, PlaceDay
from mobility.hosts.queries import is_public
from mobility.organisations.models import Organisation

FINISHED = (ExchangeStatus.ENDED, ExchangeStatus.CLOSED)


@dataclass(frozen=True)
class Numbers:
    """The scheme so far."""

    finished: int
    visitors: int
    hosts: int
    offers: int


@dataclass(frozen=True)
class OpenPlaces:
    """An offer that still takes visitors: where, between which days, and how many at once at most."""

    reference: str
    title: str
    host: str
    town: str
    country: str
    first_day: date
    last_day: date
    places: int


def open_places(limit: int = 5) -> list[OpenPlaces]:
    """Offers of open calls with free places ahead, the next ones first."""
    free = PlaceDay.places - PlaceDay.taken
    shown = (
        Offer.reference,
        Offer.title,
        Organisation.name,
        Organisation.town,
        Organisation.country,
    )
    first = func.min(PlaceDay.day)
    found = (
        select(*shown, first, func.max(PlaceDay.day), func.max(free))
        .join(Organisation, Offer.organisation_id == Organisation.id)
        .join(PlaceDay, PlaceDay.offer_id == Offer.id)
        .where(is_public(CallStatus.OPEN), PlaceDay.day > clock.today(), free > 0)
        .group_by(Offer.id, Organisation.id)
        .order_by(first, Offer.id)
        .limit(limit)
    )
    return [OpenPlaces(*row) for row in db.session.execute(found)]


def call_shown(open_now: Sequence[Call] | None = None) -> Call | None:
    """The call that takes applications and closes first, else the newest that was published."""
    found = open_calls() if open_now is None else open_now
    if found:
        return found[0]
    published = select(Call).where(Call.status != CallStatus.DRAFT)
    return db.session.scalar(published.order_by(Call.opens_at.desc()).limit(1))


def numbers() -> Numbers:
    """What came of the scheme so far, over all calls, and the offers that can be chosen now."""
    finished = Exchange.status.in_(FINISHED)
    stays = select(
        func.count(Exchange.id),
        func.count(Exchange.visiting_organisation_id.distinct()),
        func.count(Offer.organisation_id.distinct()),
    ).where(finished)
    stayed, visitors, hosts = db.session.execute(stays.join(Offer, Exchange.offer_id == Offer.id)).one()
    offers = select(func.count(Offer.id)).where(is_public(CallStatus.OPEN))
    return Numbers(stayed, visitors, hosts, db.session.scalar(offers) or 0)
