"""The nearest few of the other side: looks by index, each of which stops when it has enough.

A look knows what an index and one row tell; who is available indeed, and who suits best, is found by scoring the
few. Beyond them somebody better may stay unseen.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    Text,
    and_,
    false,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import contains_eager, joinedload, load_only, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application, ApplicationWindow, Wish
from mobility.catalogue.records import FOUND, Record
from mobility.core.db import db
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer, OfferWindow
from mobility.organisations.models import Organisation

# What a page compares a record with: two pages of a list, few enough to score at once.
MOST_SCORED = 50
# What the list shows of an organisation and the score asks of it.
LISTED_ORGANISATION = (Organisation.name, Organisation.type, Organisation.country, Organisation.town)

# Where a look has no order but the newest first.
NO_PLACE: ColumnElement[int] = literal_column("0")

Conditions = Sequence[ColumnElement[bool]]


def visitors_for(
    offer: Offer, met: Collection[int], narrowed: Conditions = (), *, by_topic: bool = False
) -> list[Application]:
    """Those who could meet this host, with dates and what they wish of it, the nearest first: as many as are scored,
    and one more if there are more.

    Whoever is in contact (the ids in `met`) is nearest, then who wishes for the host, the best ranks first; then who
    is likely available and shares an ecosystem, who is likely available, who shares an ecosystem, and the newest.
    Where an ecosystem was chosen (`by_topic`), the shared one does not count.
    """
    could = _could_meet(Application, offer, narrowed)
    wishing = _could_meet(Application, offer, narrowed, Wish.rank)
    wishing = wishing.join(Wish, Wish.application_id == Application.id)
    wishing = wishing.where(Wish.offer_id == offer.id, Wish.rank.is_not(None))
    wishing = wishing.order_by(None).order_by(Wish.rank, Wish.application_id.desc())
    near = [could.where(Application.id.in_(met)), wishing]
    nearest = _nearest([*near, *_looks(Application, offer, could, by_topic)])
    here = and_(Wish.application_id == Application.id, Wish.offer_id == offer.id)
    found = select(Application).join(Application.organisation).outerjoin(Wish, here)
    found = found.join(nearest, nearest.c.id == Application.id).order_by(*_nearest_first(nearest.c))
    return list(db.session.scalars(found.options(*_listed_visitor())).unique())


def hosts_for(
    application: Application, met: Collection[int], narrowed: Conditions = (), *, by_topic: bool = False
) -> list[Offer]:
    """The hosts that could meet this visitor, with dates, in the same order; those it wishes for are few, and as
    near as those in contact."""
    wished = {wish.offer_id for wish in application.wishes if wish.rank is not None}
    could = _could_meet(Offer, application, narrowed)
    near = could.where(Offer.id.in_(wished | {*met}))
    nearest = _nearest([near, *_looks(Offer, application, could, by_topic)])
    found = select(Offer).join(Offer.organisation).join(nearest, nearest.c.id == Offer.id)
    found = found.order_by(*_nearest_first(nearest.c))
    return list(db.session.scalars(found.options(*_listed_host())).unique())


def shares(column: Any, names: Iterable[str]) -> ColumnElement[bool]:
    """Whether a list or a mapping in the database has one of these names."""
    has_any: ColumnElement[bool] = column.has_any(array(list(names), type_=Text))
    return has_any


def _could_meet(
    kind: type[Record], other: Record, narrowed: Conditions, place: Any = NO_PLACE
) -> Select[Any]:
    """Those of the call in another country, with the same kind of visit and a language in common, the newest first.
    All other rules are asked of each one that is scored."""
    here = kind.status.in_(FOUND) if kind is Application else kind.status == OfferStatus.ACCEPTED
    found: Any = select(kind.id, kind.submitted_at, place.label("place")).select_from(kind)
    found = found.join(Organisation, Organisation.id == kind.organisation_id).where(
        kind.call_id == other.call_id,
        kind.mode == other.mode,
        here,
        Organisation.country != other.organisation.country,
        shares(kind.languages, other.languages),
        *narrowed,
    )
    return found.order_by(*_newest_first(kind.submitted_at, kind.id))


def _looks(kind: type[Record], other: Record, could: Select[Any], by_topic: bool) -> Iterator[Select[Any]]:
    available, sharing = could.where(*_likely(kind, other)), shares(kind.ecosystems, other.ecosystems)
    for look in (available, could):
        if not by_topic:
            yield look.where(sharing)
        yield look


def _likely(kind: type[Record], other: Record) -> Iterator[ColumnElement[bool]]:
    """What one row tells of being available: a length and days in common, and nothing to wait for."""
    window: Any = ApplicationWindow if kind is Application else OfferWindow
    days = [and_(window.first_day <= own.last_day, window.last_day >= own.first_day) for own in other.windows]
    yield kind.min_days <= other.max_days
    yield kind.max_days >= other.min_days
    yield kind.windows.any(or_(false(), *days))
    if kind is Application:
        yield Application.group_key.is_(None)
        yield Application.status == ApplicationStatus.ACCEPTED


def _nearest(looks: Iterable[Select[Any]]) -> Subquery:
    """The looks in one, each nearer than the next: of several that find somebody, the first counts."""
    found = union_all(*_tiers(looks)).subquery()
    nearest = select(
        found.c.id,
        func.min(found.c.tier).label("tier"),
        func.max(found.c.place).label("place"),
        func.max(found.c.submitted_at).label("submitted_at"),
    ).group_by(found.c.id)
    nearest = nearest.order_by(*_nearest_first(nearest.selected_columns))
    return nearest.limit(MOST_SCORED + 1).subquery()


def _tiers(looks: Iterable[Select[Any]]) -> Iterator[Select[Any]]:
    for tier, look in enumerate(looks):
        yield look.add_columns(literal_column(str(tier)).label("tier")).limit(MOST_SCORED + 1)


def _nearest_first(of: Any) -> tuple[ColumnElement[Any], ...]:
    return of.tier, of.place, *_newest_first(of.submitted_at, of.id)


def _newest_first(submitted_at: Any, key: Any) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    return submitted_at.desc().nulls_last(), key.desc()


@cache
def _listed_visitor() -> tuple[ORMOption, ...]:
    return (
        _listed(
            Application,
            Application.countries,
            Application.excluded,
            Application.findings,
            Application.group_key,
        ),
        contains_eager(Application.organisation).load_only(*LISTED_ORGANISATION),
        contains_eager(Application.wishes),
        joinedload(Application.windows),
    )


@cache
def _listed_host() -> tuple[ORMOption, ...]:
    return (
        _listed(Offer, Offer.findings, Offer.title, Offer.max_visits),
        contains_eager(Offer.organisation).load_only(*LISTED_ORGANISATION),
        joinedload(Offer.windows),
        selectinload(Offer.closures),
    )


def _listed(kind: type[Record], *more: Any) -> ORMOption:
    return load_only(
        kind.reference,
        kind.call_id,
        kind.organisation_id,
        kind.partnership_id,
        kind.status,
        kind.ecosystems,
        kind.industries,
        kind.purposes,
        kind.partner_types,
        kind.languages,
        kind.mode,
        kind.min_days,
        kind.max_days,
        *more,
    )
