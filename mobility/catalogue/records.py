"""Reading the applications and offers of the catalogue: one's own, and those of the other side that could suit."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, literal_column, select, union_all
from sqlalchemy.orm import joinedload, selectinload

from mobility.accounts.models import User
from mobility.accounts.queries import is_address_of
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.applications.queries import is_own as is_own_application
from mobility.applications.queries import visits_as
from mobility.core.access import Permission, within
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from mobility.hosts.queries import hosts_as
from mobility.hosts.queries import is_own as is_own_offer

SEEKING = (ApplicationStatus.SUBMITTED, ApplicationStatus.ACCEPTED)
# Whom hosts find: who rests is there, not available.
FOUND = (*SEEKING, ApplicationStatus.RESTED)

Record = Application | Offer


def own_records(user: User) -> list[Record]:
    """One's applications that seek a host, then one's offers that take visitors, the newest first."""
    own, _ = records_of(user)
    return own


def records_of(user: User, reference: str = "") -> tuple[list[Record], Record | None]:
    """One's own records, and the one of that reference: one's own or, for staff, one they may look up."""
    rows = db.session.execute(_ids_of(user, reference)).all()
    records: list[Record] = [
        *_whole_applications({key for kind, key, _ in rows if kind == Application.__tablename__}),
        *_whole_offers({key for kind, key, _ in rows if kind == Offer.__tablename__}),
    ]
    own = {(kind, key) for kind, key, is_own in rows if is_own}
    named = next((record for record in records if record.reference == reference), None)
    return [record for record in records if (record.__tablename__, record.id) in own], named


def _ids_of(user: User, reference: str) -> CompoundSelect[Any]:
    """Kind and key of each, and whether it is one's own."""
    seeks, takes = Application.status.in_(SEEKING), Offer.status == OfferStatus.ACCEPTED
    visitor, host = is_address_of(user, Application.person_email), is_address_of(user, Offer.contact_email)
    # A look by index for each way of being theirs, instead of a walk through the whole table.
    return union_all(
        _keys(Application, is_own_application(user), seeks),
        _keys(Application, visitor, seeks),
        _keys(Offer, is_own_offer(user), takes),
        _keys(Offer, host, takes),
        _named(Application, user, reference, Permission.APPLICATIONS_READ).where(seeks),
        _named(Offer, user, reference, Permission.OFFERS_READ).where(takes),
    )


def _keys(kind: type[Record], *conditions: ColumnElement[bool], is_own: bool = True) -> Select[Any]:
    columns: tuple[Any, ...] = (
        literal_column(f"'{kind.__tablename__}'"),
        kind.id,
        literal_column(str(is_own)),
    )
    return select(*columns).where(*conditions)


def _named(kind: type[Record], user: User, reference: str, permission: Permission) -> Select[Any]:
    """The record of that reference, if it lies within what staff may read."""
    in_scope = within(user.scopes(permission), kind.partnership_id, kind.call_id)
    return _keys(kind, kind.reference == reference, in_scope, is_own=False)


def _whole_applications(ids: Collection[int]) -> Iterable[Application]:
    # Few: all of a record comes in one statement.
    found = _applications().where(Application.id.in_(ids)).order_by(Application.id.desc())
    found = found.options(joinedload(Application.windows), joinedload(Application.wishes))
    return db.session.scalars(found).unique() if ids else ()


def _whole_offers(ids: Collection[int]) -> Iterable[Offer]:
    found = _offers().where(Offer.id.in_(ids)).order_by(Offer.id.desc())
    found = found.options(joinedload(Offer.windows), joinedload(Offer.closures))
    return db.session.scalars(found).unique() if ids else ()


def visitor_by(call_id: int, reference: str) -> Application:
    """The call's application of that reference that hosts find. Raises `NotFound`."""
    return _one(_found_in(call_id).where(Application.reference == reference))


def host_by(call_id: int, reference: str) -> Offer:
    """The call's accepted offer of that reference. Raises `NotFound`."""
    return _one(_hosts_in(call_id).where(Offer.reference == reference))


def _found_in(call_id: int) -> Select[Application]:
    found = _applications().where(Application.call_id == call_id, Application.status.in_(FOUND))
    return found.options(joinedload(Application.windows), selectinload(Application.wishes))


def _hosts_in(call_id: int) -> Select[Offer]:
    accepted = _offers().where(Offer.call_id == call_id, Offer.status == OfferStatus.ACCEPTED)
    return accepted.options(joinedload(Offer.windows), selectinload(Offer.closures))


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
