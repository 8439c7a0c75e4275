"""Reading the applications and offers of the catalogue: one's own, and those of the other side that could suit."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, or_, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import joinedload, selectinload

from mobility.accounts.models import User
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application, Wish
from mobility.applications.queries import visits_as
from mobility.core.access import Permission, within
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from mobility.hosts.queries import hosts_as
from mobility.organisations.models import Organisation

SEEKING = (ApplicationStatus.SUBMITTED, ApplicationStatus.ACCEPTED)
# What a page compares a record with: more than anybody reads, few enough to score at once.
MOST_SCORED = 500

Record = Application | Offer


def own_records(user: User) -> list[Record]:
    """One's applications that seek a host, then one's offers that take visitors, the newest first."""
    applications = _applications().where(visits_as(user), Application.status.in_(SEEKING))
    offers = _offers().where(hosts_as(user), Offer.status == OfferStatus.ACCEPTED)
    # Few of each: all of a record comes in one statement.
    applications = applications.options(joinedload(Application.windows), joinedload(Application.wishes))
    offers = offers.options(joinedload(Offer.windows), joinedload(Offer.closures))
    return [
        *db.session.scalars(applications.order_by(Application.id.desc())).unique(),
        *db.session.scalars(offers.order_by(Offer.id.desc())).unique(),
    ]


def record_in_scope(user: User, reference: str) -> Record:
    """An application or offer that staff may look up in the catalogue. Raises `NotFound`."""
    scopes = user.scopes(Permission.APPLICATIONS_READ)
    application = _applications().where(
        Application.reference == reference,
        Application.status.in_(SEEKING),
        within(scopes, Application.partnership_id, Application.call_id),
    )
    offer = _offers().where(
        Offer.reference == reference,
        Offer.status == OfferStatus.ACCEPTED,
        within(user.scopes(Permission.OFFERS_READ), Offer.partnership_id, Offer.call_id),
    )
    found = db.session.scalar(application) or db.session.scalar(offer)
    if found is None:
        raise NotFound
    return found


def visitors_for(offer: Offer, met: Collection[int]) -> list[Application]:
    """Those of the call who could visit this host at all, with dates and wishes: so many as are scored.

    Whoever is in contact (the ids in `met`) or wishes for the host comes first, then who shares an ecosystem, then
    the newest.
    """
    wishing = select(Wish.application_id).where(Wish.offer_id == offer.id, Wish.rank.is_not(None))
    is_near = or_(Application.id.in_(met), Application.id.in_(wishing))
    found = _seeking_in(offer.call_id).where(*_could_meet(Application, offer))
    return list(db.session.scalars(_nearest(found, Application, offer, is_near)).unique())


def hosts_for(application: Application, met: Collection[int]) -> list[Offer]:
    """The call's hosts that this visitor could visit at all, with dates: so many as are scored, in the same order."""
    wished = {wish.offer_id for wish in application.wishes if wish.rank is not None}
    found = _hosts_in(application.call_id).where(*_could_meet(Offer, application))
    nearest = _nearest(found, Offer, application, Offer.id.in_(wished | {*met}))
    return list(db.session.scalars(nearest).unique())


def visitor_by(call_id: int, reference: str) -> Application:
    """The call's application of that reference that seeks a host. Raises `NotFound`."""
    return _one(_seeking_in(call_id).where(Application.reference == reference))


def host_by(call_id: int, reference: str) -> Offer:
    """The call's accepted offer of that reference. Raises `NotFound`."""
    return _one(_hosts_in(call_id).where(Offer.reference == reference))


def _seeking_in(call_id: int) -> Select[Application]:
    seeking = _applications().where(Application.call_id == call_id, Application.status.in_(SEEKING))
    return seeking.options(joinedload(Application.windows), selectinload(Application.wishes))


def _hosts_in(call_id: int) -> Select[Offer]:
    accepted = _offers().where(Offer.call_id == call_id, Offer.status == OfferStatus.ACCEPTED)
    return accepted.options(joinedload(Offer.windows), selectinload(Offer.closures))


def _could_meet(kind: type[Record], other: Record) -> tuple[ColumnElement[bool], ...]:
    """What no date and no place will mend is not even scored."""
    return (
        kind.mode == other.mode,
        kind.organisation.has(Organisation.country != other.organisation.country),
        _has_any(kind.languages, other.languages),
    )


def _nearest(
    found: Select[Any], kind: type[Record], other: Record, is_near: ColumnElement[bool]
) -> Select[Any]:
    shares = _has_any(kind.ecosystems, other.ecosystems)
    newest = (kind.submitted_at.desc().nulls_last(), kind.id.desc())
    return found.order_by(is_near.desc(), shares.desc(), *newest).limit(MOST_SCORED)


def _has_any(column: Any, names: Iterable[str]) -> ColumnElement[bool]:
    has_any: ColumnElement[bool] = column.has_any(array(list(names), type_=Text))
    return has_any


def _one(statement: Select[Any]) -> Any:
    found = db.session.scalars(statement).unique().one_or_none()
    if found is None:
        raise NotFound
    return found


def own_application(user: User, reference: str) -> Application | None:
    """The person's own accepted application of that reference."""
    return db.session.scalar(_accepted_application(reference).where(visits_as(user)))


def own_offer(user: User, reference: str) -> Offer | None:
    """The person's own accepted offer of that reference."""
    return db.session.scalar(_accepted_offer(reference).where(hosts_as(user)))


def application_in(call_id: int, reference: str) -> Application | None:
    """The call's accepted application of that reference."""
    return db.session.scalar(_accepted_application(reference).where(Application.call_id == call_id))


def offer_in(call_id: int, reference: str) -> Offer | None:
    """The call's accepted offer of that reference."""
    return db.session.scalar(_accepted_offer(reference).where(Offer.call_id == call_id))


def _accepted_application(reference: str) -> Select[Application]:
    accepted = Application.status == ApplicationStatus.ACCEPTED
    return _applications().where(Application.reference == reference, accepted)


def _accepted_offer(reference: str) -> Select[Offer]:
    return _offers().where(Offer.reference == reference, Offer.status == OfferStatus.ACCEPTED)


def _applications() -> Select[Application]:
    return select(Application).options(
        joinedload(Application.call),
        joinedload(Application.organisation),
        joinedload(Application.partnership),
    )


def _offers() -> Select[Offer]:
    return select(Offer).options(
        joinedload(Offer.call), joinedload(Offer.organisation), joinedload(Offer.partnership)
    )
