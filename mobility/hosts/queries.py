"""Reading offers, scoped by who asks."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select, true
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from mobility.accounts.models import User
from mobility.accounts.queries import is_address_of
from mobility.calls.enums import CallStatus
from mobility.calls.models import Call
from mobility.calls.queries import open_calls
from mobility.core.access import Permission, within
from mobility.core.crypto import token_hash
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.hosts.enums import ExceptionStatus, OfferKind, OfferStatus
from mobility.hosts.models import Offer, OfferException, PlaceDay, Reservation
from mobility.organisations.models import Organisation
from mobility.organisations.queries import is_acted_for, is_seen_for

# Hosts among which somebody chooses on one page: more are neither read nor sent.
MOST_LISTED = 100


def own_organisations(user: User) -> list[Organisation]:
    """The organisations a person may act for, by name."""
    mine = select(Organisation).where(is_acted_for(user, Organisation.id))
    return list(db.session.scalars(mine.order_by(Organisation.name_folded)))


def open_call(reference: str) -> Call:
    """The call of that reference, if it takes submissions now. Raises `NotFound` otherwise."""
    found = [call for call in open_calls() if call.reference == reference]
    if not found:
        raise NotFound
    return found[0]


def empty_draft(call: Call, organisation: Organisation, kind: OfferKind) -> Offer | None:
    """An offer that was begun and has no title yet: a second click on "new" leads there."""
    begun = select(Offer).where(
        Offer.call_id == call.id,
        Offer.organisation_id == organisation.id,
        Offer.status == OfferStatus.DRAFT,
        Offer.kind == kind,
        Offer.title == "",
    )
    return db.session.scalar(begun.order_by(Offer.id).limit(1))


def is_own(user: User) -> ColumnElement[bool]:
    """Offers that the person wrote, or whose organisation the person may act for."""
    return or_(Offer.author_id == user.id, is_acted_for(user, Offer.organisation_id))


def hosts_as(user: User) -> ColumnElement[bool]:
    """Offers whose host the person is: author, member, or the contact named with a confirmed address."""
    return or_(
        Offer.author_id == user.id,
        is_acted_for(user, Offer.organisation_id),
        is_address_of(user, Offer.contact_email),
    )


def takes_part(user: User) -> ColumnElement[bool]:
    """Offers that are in some way the person's own: as host, or by looking on for the organisation."""
    return or_(hosts_as(user), is_seen_for(user, Offer.organisation_id))


def in_scope(user: User, permission: Permission) -> ColumnElement[bool]:
    """Offers of the partnerships in which a staff role of the person holds the permission."""
    return within(user.scopes(permission), Offer.partnership_id, Offer.call_id)


def is_public(*statuses: CallStatus) -> ColumnElement[bool]:
    """Accepted offers of calls in one of these states."""
    calls = select(Call.id).where(Call.status.in_(statuses))
    return and_(Offer.status == OfferStatus.ACCEPTED, Offer.call_id.in_(calls))


def offers_listed_for(user: User | None) -> Select[Offer]:
    """Accepted offers of open calls; and a person's own, and those in an officer's scope, in any state."""
    return _seen(user, is_public(CallStatus.OPEN))


def offers_seen_by(user: User | None) -> Select[Offer]:
    """All offers that somebody, or a stranger (None), may open; accepted ones also after their call closed."""
    return _seen(user, is_public(CallStatus.OPEN, CallStatus.CLOSED))


def _seen(user: User | None, seen: ColumnElement[bool]) -> Select[Offer]:
    if user is not None:
        seen = or_(seen, _concerns(user))
    return _with_names(select(Offer).where(seen))


def offer_for(user: User | None, reference: str) -> Offer:
    """The offer of that reference, with its windows. Raises `NotFound` if it is absent or not theirs to see."""
    seen = offers_seen_by(user).where(Offer.reference == reference)
    return _one(seen.options(joinedload(Offer.windows)))


def own_offer(user: User, reference: str) -> Offer:
    """The person's own offer. Raises `NotFound` for anybody else's."""
    return _one(_with_names(select(Offer).where(is_own(user), Offer.reference == reference)))


def offer_behind(token: str) -> Offer:
    """The offer that the link of a letter asks about. Raises `NotFound` for any other link."""
    return _one(_with_names(select(Offer).where(Offer.still_sha256 == token_hash(token))))


def exceptions(kind: type[Any]) -> Select[Any]:
    """Exceptions of one kind, with who asked and who answered."""
    # Their roles are of no interest here.
    people = (kind.asked_by, kind.decided_by)
    return select(kind).options(*(joinedload(person).lazyload(User.grants) for person in people))


def exceptions_of(offer: Offer) -> list[OfferException]:
    """The exceptions asked for an offer, the newest first."""
    about = exceptions(OfferException).where(OfferException.offer_id == offer.id)
    return list(db.session.scalars(about.order_by(OfferException.id.desc())))


def waits_for_exception(user: User) -> ColumnElement[bool]:
    """Offers for which somebody else asks an exception that the person may grant."""
    asked = select(OfferException.id).where(
        OfferException.offer_id == Offer.id,
        OfferException.status == ExceptionStatus.ASKED,
        OfferException.asked_by_id != user.id,
    )
    waits = Offer.status == OfferStatus.SUBMITTED
    return and_(waits, in_scope(user, Permission.EXCEPTIONS_GRANT), asked.exists())


def offer_to_assess(user: User, reference: str, permission: Permission = Permission.OFFERS_ASSESS) -> Offer:
    """An offer that the officer may assess, or what else is asked. Raises `NotFound` outside their scope."""
    scope = in_scope(user, permission)
    return _one(_with_names(select(Offer).where(scope, Offer.reference == reference)))


def offers_to_assess(user: User, references: Sequence[str]) -> list[Offer]:
    """Those of these offers that the officer may assess, by reference; never one the officer takes part in."""
    scope = and_(in_scope(user, Permission.OFFERS_ASSESS), takes_part(user).is_not(True))
    found = _with_names(select(Offer).where(scope, Offer.reference.in_(references)))
    return list(db.session.scalars(found.order_by(Offer.reference)))


def _concerns(user: User) -> ColumnElement[bool]:
    # Contact, decision and letters are for its own people and its officers.
    scope = in_scope(user, Permission.OFFERS_READ)
    return or_(is_own(user), is_seen_for(user, Offer.organisation_id), scope)


class Ties(NamedTuple):
    """What an offer is to somebody: theirs to act for, one they take part in, one of which they know all."""

    is_theirs: bool
    takes_part: bool
    is_concerned: bool


def ties_of(user: User | None, offer: Offer) -> Ties:
    """What the offer is to the person."""
    if user is None:
        return Ties(is_theirs=False, takes_part=False, is_concerned=False)
    asked = select(is_own(user), takes_part(user), _concerns(user)).where(Offer.id == offer.id)
    return Ties(*map(bool, db.session.execute(asked).one()))


def accepted_offers(call: Call) -> list[Offer]:
    """The call's accepted offers, with windows and organisation, by reference."""
    windows = (selectinload(Offer.windows), selectinload(Offer.closures))
    return list(db.session.scalars(_accepted(call).options(*windows)))


def hosts_to_wish_for(
    call: Call, *, home: str, countries: Collection[str], types: Collection[str], chosen: Collection[int]
) -> tuple[list[Offer], bool]:
    """The call's accepted offers abroad to choose among, with organisation, by reference; and whether there are more.

    Of very many those in these countries and of these types are listed, or any if none are named; those that are
    `chosen`, by key, in any case.
    """
    abroad = (Offer.call_id == call.id, Offer.status == OfferStatus.ACCEPTED, Organisation.country != home)
    some = select(Offer.id).join(Offer.organisation).where(*abroad).limit(MOST_LISTED + 1).subquery()
    are_many = select(func.count() > MOST_LISTED).select_from(some).scalar_subquery()
    wished = [
        column.in_(values)
        for column, values in ((Organisation.country, countries), (Organisation.type, types))
        if values
    ]
    is_chosen = Offer.id.in_(chosen)
    listed = (
        select(Offer, are_many)
        .join(Offer.organisation)
        .where(*abroad, or_(is_chosen, not_(are_many), and_(true(), *wished)))
        .options(contains_eager(Offer.organisation))
        .order_by(is_chosen.desc(), Offer.reference)
        .limit(MOST_LISTED + len(chosen))
    )
    rows = db.session.execute(listed).all()
    offers = sorted((row[0] for row in rows), key=lambda offer: offer.reference)
    return offers, bool(rows[0][1] if rows else db.session.scalar(select(are_many)))


def place_days(offers: Iterable[Offer]) -> dict[int, list[PlaceDay]]:
    """Each offer's open days in order, with places and how many are taken, by the offer's key."""
    found: dict[int, list[PlaceDay]] = {offer.id: [] for offer in offers}
    days = select(PlaceDay).where(PlaceDay.offer_id.in_(found)).order_by(PlaceDay.offer_id, PlaceDay.day)
    for place_day in db.session.scalars(days):
        found[place_day.offer_id].append(place_day)
    return found


def visits_taken(offers: Iterable[Offer]) -> dict[int, int]:
    """How many visits hold places now, by the offer's key."""
    ids = [offer.id for offer in offers]
    counted = (
        select(Reservation.offer_id, func.count().label("visits"))
        .where(Reservation.offer_id.in_(ids), Reservation.freed_at.is_(None))
        .group_by(Reservation.offer_id)
    )
    return dict.fromkeys(ids, 0) | {row.offer_id: row.visits for row in db.session.execute(counted)}


def _accepted(call: Call) -> Select[Offer]:
    accepted = select(Offer).where(Offer.call_id == call.id, Offer.status == OfferStatus.ACCEPTED)
    return _with_names(accepted).order_by(Offer.reference)


def _with_names(statement: Select[Any]) -> Select[Any]:
    return statement.options(
        joinedload(Offer.call), joinedload(Offer.organisation), joinedload(Offer.partnership)
    )


def _one(statement: Select[Any]) -> Offer:
    offer: Offer | None = db.session.scalars(statement).unique().one_or_none()
    if offer is None:
        raise NotFound
    return offer
