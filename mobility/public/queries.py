"""What everybody may know of the scheme: its amounts and its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, union_all
from sqlalchemy.orm import aliased

from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.calls.enums import CallStatus
from mobility.calls.models import Call
from mobility.calls.queries import open_calls
from mobility.core import clock
from mobility.core.db import db
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.hosts.enums import OfferKind
from mobility.hosts.models import Offer, PlaceDay
from mobility.hosts.queries import is_public
from mobility.organisations.models import Organisation
from mobility.partnerships.models import Partnership

# Smaller numbers could name somebody.
SMALLEST_SHOWN = 5
FIRST, FREE = func.min(PlaceDay.day), PlaceDay.places - PlaceDay.taken
Visiting, Hosting = aliased(Organisation), aliased(Organisation)
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
    """An offer that lies ahead: where, between which days, and how many places are left on one of them."""

    reference: str
    title: str
    host: str
    town: str
    country: str
    first_day: date
    last_day: date
    places: int


@dataclass(frozen=True)
class OffersAhead:
    """Offers that lie ahead, by kind."""

    places: list[OpenPlaces]
    group_visits: list[OpenPlaces]


def offers_ahead(limit: int = 5) -> OffersAhead:
    """Offers of open calls that lie ahead, the next ones first: those with free places, and group visits with the
    seats left."""
    free = _with_places(OfferKind.PLACES, func.max(FREE)).where(PlaceDay.day > clock.today(), FREE > 0)
    visits = _with_places(OfferKind.GROUP_VISIT, func.min(FREE)).having(clock.today() < FIRST)
    both = union_all(*(one.limit(limit).subquery().select() for one in (free, visits)))
    rows = db.session.execute(both.order_by("first", "reference")).all()
    of_kind = (
        [OpenPlaces(*row[1:]) for row in rows if row.kind == kind]
        for kind in (OfferKind.PLACES, OfferKind.GROUP_VISIT)
    )
    return OffersAhead(*of_kind)


def _with_places(kind: OfferKind, places: ColumnElement[int]) -> Select[Any]:
    """Public offers of a kind, with the first and last of their days and what is counted on them."""
    shown: tuple[Any, ...] = (
        Offer.kind,
        Offer.reference,
        Offer.title,
        Organisation.name,
        Organisation.town,
        Organisation.country,
    )
    return (
        select(*shown, FIRST.label("first"), func.max(PlaceDay.day).label("last"), places.label("places"))
        .join(Organisation, Offer.organisation_id == Organisation.id)
        .join(PlaceDay, PlaceDay.offer_id == Offer.id)
        .where(is_public(CallStatus.OPEN), Offer.kind == kind)
        .group_by(Offer.id, Organisation.id)
        .order_by(FIRST, Offer.id)
    )


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


@dataclass(frozen=True)
class Result:
    """What came of a call: organisations that applied and that found a host, stays, and their countries.

    None for a number so small that somebody could be recognised in it.
    """

    reference: str
    title: str
    applications: int | None
    matched: int | None
    visits: int | None
    countries: int | None


def results(limit: int = 10) -> list[Result]:
    """The figures of calls that are closed, the newest first; small numbers are left out."""
    handed_in = Application.submitted_at.is_not(None)
    matched = Application.status == ApplicationStatus.MATCHED
    applied = select(func.count()).where(Application.call_id == Call.id, handed_in).scalar_subquery()
    found = select(func.count()).where(Application.call_id == Call.id, matched).scalar_subquery()
    stays = (
        select(
            Exchange.call_id,
            func.count().label("visits"),
            func.array_agg(Visiting.country).label("visiting"),
            func.array_agg(Hosting.country).label("hosting"),
        )
        .join(Visiting, Exchange.visiting_organisation_id == Visiting.id)
        .join(Hosting, Exchange.host_organisation_id == Hosting.id)
        .where(Exchange.status.in_(FINISHED))
        .group_by(Exchange.call_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Call.reference, Call.title, applied, found, stays.c.visits, stays.c.visiting, stays.c.hosting)
        .outerjoin(stays, stays.c.call_id == Call.id)
        .where(Call.status == CallStatus.CLOSED)
        .order_by(Call.closes_at.desc())
        .limit(limit)
    )
    return [_result(*row) for row in rows]


def _result(
    reference: str,
    title: str,
    applied: int,
    matched: int,
    visits: int | None,
    visiting: list[str] | None,
    hosting: list[str] | None,
) -> Result:
    stays = _shown(visits or 0)
    countries = {*(visiting or []), *(hosting or [])}
    return Result(
        reference, title, _shown(applied), _shown(matched), stays, None if stays is None else len(countries)
    )


def _shown(number: int) -> int | None:
    return number if number >= SMALLEST_SHOWN else None


def cluster_countries() -> dict[int, set[str]]:
    """The countries of the clusters that form each partnership, by its key."""
    formed = select(Partnership.id, Organisation.country).join(Organisation.partnership).distinct()
    found: dict[int, set[str]] = {}
    for partnership_id, country in db.session.execute(formed):
        found.setdefault(partnership_id, set()).add(country)
    return found
