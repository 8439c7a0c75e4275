"""The nearest few of the other side: looks by index, each of which stops when it has enough."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, func, literal_column, select, union_all
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import contains_eager, joinedload, load_only, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from mobility.applications.models import Application, Wish
from mobility.catalogue.records import SEEKING, Record
from mobility.core.db import db
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from mobility.organisations.models import Organisation

# What a page compares a record with: two pages of a list, few enough to score at once.
MOST_SCORED = 50
# What the list shows of an organisation and the score asks of it.
LISTED_ORGANISATION = (Organisation.name, Organisation.type, Organisation.country, Organisation.town)

Conditions = Sequence[ColumnElement[bool]]


def visitors_for(offer: Offer, met: Collection[int], narrowed: Conditions = ()) -> list[Application]:
    """So many as are scored of those who could visit this host at all, with dates and what they wish of it.

    Whoever is in contact (the ids in `met`) or wishes for the host comes first, then who shares an ecosystem, then
    the newest. Where too many wish for the host, those who rank it best are near.
    """
    ids = _near_visitors(offer, met, narrowed)
    here = and_(Wish.application_id == Application.id, Wish.offer_id == offer.id)
    found = (
        select(Application)
        .join(Application.organisation)
        .outerjoin(Wish, here)
        .where(Application.id.in_(ids))
    )
    return list(db.session.scalars(found.options(*_listed_visitor())).unique())


def hosts_for(application: Application, met: Collection[int], narrowed: Conditions = ()) -> list[Offer]:
    """So many as are scored of the hosts that this visitor could visit at all, with dates, in the same order."""
    ids = _near_hosts(application, met, narrowed)
    found = select(Offer).join(Offer.organisation).where(Offer.id.in_(ids))
    return list(db.session.scalars(found.options(*_listed_host())).unique())


def _near_visitors(offer: Offer, met: Collection[int], narrowed: Conditions) -> Select[int]:
    could = _could_meet(Application, offer, narrowed)
    wishing = could.join(Wish, Wish.application_id == Application.id)
    wishing = wishing.where(Wish.offer_id == offer.id, Wish.rank.is_not(None))
    wishing = wishing.order_by(Wish.rank, Wish.application_id.desc())
    return _nearest(Application, offer, could, [could.where(Application.id.in_(met)), wishing])


def _near_hosts(application: Application, met: Collection[int], narrowed: Conditions) -> Select[int]:
    wished = {wish.offer_id for wish in application.wishes if wish.rank is not None}
    could = _could_meet(Offer, application, narrowed)
    return _nearest(Offer, application, could, [could.where(Offer.id.in_(wished | {*met}))])


def shares(column: Any, names: Iterable[str]) -> ColumnElement[bool]:
    """Whether a list or a mapping in the database has one of these names."""
    has_any: ColumnElement[bool] = column.has_any(array(list(names), type_=Text))
    return has_any


def _could_meet(kind: type[Record], other: Record, narrowed: Conditions) -> Select[Any]:
    """Whom no rule keeps from the other for good: what no date and no place will mend is not even scored."""
    here = kind.status.in_(SEEKING) if kind is Application else kind.status == OfferStatus.ACCEPTED
    found: Any = select(kind.id, kind.submitted_at).join(
        Organisation, Organisation.id == kind.organisation_id
    )
    return found.where(
        kind.call_id == other.call_id,
        kind.mode == other.mode,
        here,
        Organisation.country != other.organisation.country,
        shares(kind.languages, other.languages),
        *narrowed,
    )


def _nearest(
    kind: type[Record], other: Record, could: Select[Any], near: Sequence[Select[Any]]
) -> Select[int]:
    newest = could.order_by(*_newest_first(kind.submitted_at, kind.id))
    sharing = newest.where(shares(kind.ecosystems, other.ecosystems))
    looks = union_all(*_tiers([*near, sharing, newest])).subquery()
    tier, submitted_at = func.min(looks.c.tier), func.max(looks.c.submitted_at)
    ids = select(looks.c.id).group_by(looks.c.id).limit(MOST_SCORED)
    return ids.order_by(tier, *_newest_first(submitted_at, looks.c.id))


def _tiers(looks: Iterable[Select[Any]]) -> Iterator[Select[Any]]:
    for tier, look in enumerate(looks):
        yield look.add_columns(literal_column(str(tier)).label("tier")).limit(MOST_SCORED)


def _newest_first(submitted_at: Any, key: Any) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    return submitted_at.desc().nulls_last(), key.desc()


@cache
def _listed_visitor() -> tuple[ORMOption, ...]:
    return (
        _listed(Application, Application.countries, Application.group_key),
        contains_eager(Application.organisation).load_only(*LISTED_ORGANISATION),
        contains_eager(Application.wishes),
        joinedload(Application.windows),
    )


@cache
def _listed_host() -> tuple[ORMOption, ...]:
    return (
        _listed(Offer, Offer.title, Offer.max_visits),
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
