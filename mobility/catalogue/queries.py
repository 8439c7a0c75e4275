"""Reading who may meet whom, contacts and agreed pairs, scoped by who asks."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Date,
    Select,
    and_,
    any_,
    case,
    cast,
    column,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    table,
    union_all,
)
from sqlalchemy.orm import contains_eager, defer

from mobility.accounts.models import User
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.applications.queries import applications_seen_by, visits_as
from mobility.calls.models import Call
from mobility.catalogue.enums import ContactStatus, PairStatus, Side
from mobility.catalogue.fit import Around, Claim
from mobility.catalogue.models import AgreedPair, Contact
from mobility.catalogue.records import SEEKING, Record
from mobility.core import clock
from mobility.core.access import Permission, within
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer, PlaceDay, Reservation
from mobility.hosts.queries import hosts_as, offers_seen_by
from mobility.organisations.models import Organisation

LIVE = (PairStatus.ENTERED, PairStatus.CONFIRMED, PairStatus.VALIDATED)
# Whether the sides of a contact still seek a host and take visits.
BOTH_THERE = and_(Application.status.in_(SEEKING), Offer.status == OfferStatus.ACCEPTED)
# Rooms above this one, so only their tables are named: what a round proposed, and the exchange of a pair.
PROPOSAL = table("proposal", column("application_id"), column("status"))
EXCHANGE = table("exchange", column("reference"), column("agreed_pair_id"))


def around(
    call: Call,
    applications: Collection[Application],
    offers: Collection[Offer],
    *,
    but: AgreedPair | None = None,
) -> Around:
    """What stands around these records now; `but` is a pair that does not count."""
    organisation_ids, offer_ids = {one.organisation_id for one in applications}, [one.id for one in offers]
    claims: dict[int, list[Claim]] = defaultdict(list)
    visits: dict[int, int] = {}
    full: dict[int, set[date]] = defaultdict(set)
    for kind, key, day, value in db.session.execute(
        union_all(*_claims(organisation_ids, but), *_places(offer_ids))
    ):
        if kind == "full":
            full[key].add(day)
        elif kind == "visits":
            visits[key] = value
        else:
            claims[key].append(Claim(kind, value))
    days = {offer_id: frozenset(found) for offer_id, found in full.items()}
    return Around(call, clock.today() + timedelta(days=1), claims, visits, days)


def contacts_of(record: Record) -> list[Contact]:
    """The contacts of an application or an offer, newest first."""
    own = Contact.application_id if isinstance(record, Application) else Contact.offer_id
    return list(db.session.scalars(select(Contact).where(own == record.id).order_by(Contact.id.desc())))


def contact_between(application: Application, offer: Offer) -> Contact | None:
    """The last contact of two."""
    both = select(Contact).where(Contact.application_id == application.id, Contact.offer_id == offer.id)
    return db.session.scalar(both.order_by(Contact.id.desc()).limit(1))


def open_contacts(record: Record, *, begun_by: Side) -> int:
    """How many contacts of a record that one side began wait for their answer."""
    own = Contact.application_id if isinstance(record, Application) else Contact.offer_id
    waiting = (own == record.id, Contact.begun_by == begun_by, Contact.status == ContactStatus.OPEN)
    return db.session.scalar(select(func.count()).where(*waiting)) or 0


def open_pairs(record: Record, *, entered_by: Side) -> int:
    """How many pairs of a record that one side entered wait to be confirmed."""
    own = AgreedPair.application_id if isinstance(record, Application) else AgreedPair.offer_id
    waiting = (own == record.id, AgreedPair.entered_by == entered_by, AgreedPair.status == PairStatus.ENTERED)
    return db.session.scalar(select(func.count()).where(*waiting)) or 0


def live_contacts(records: Collection[Record]) -> list[Contact]:
    """Contacts of these applications and offers that are open or accepted and whose sides are both still there,
    oldest first: one at most of two."""
    own = or_(
        Contact.application_id.in_([one.id for one in records if isinstance(one, Application)]),
        Contact.offer_id.in_([one.id for one in records if isinstance(one, Offer)]),
    )
    live = select(Contact).join(Contact.application).join(Contact.offer)
    live = live.where(own, Contact.status != ContactStatus.DECLINED, BOTH_THERE).options(*_listed_sides())
    return list(db.session.scalars(live.order_by(Contact.id)))


def contacts_gone() -> list[Contact]:
    """Open contacts of which one side is no longer there, locked."""
    waiting = select(Contact).join(Contact.application).join(Contact.offer)
    return _locked(waiting.where(Contact.status == ContactStatus.OPEN, ~BOTH_THERE), Contact)


def pairs_seen_by(user: User) -> Select[AgreedPair]:
    """All pairs that the person may see, with both sides."""
    return (
        select(AgreedPair)
        .join(AgreedPair.application)
        .join(AgreedPair.offer)
        .where(or_(visits_as(user), hosts_as(user), _in_scope(user)))
        .options(*_sides(AgreedPair))
    )


def live_pair(application: Application) -> AgreedPair | None:
    """The pair of an application that is under way."""
    live = select(AgreedPair).where(AgreedPair.application_id == application.id, AgreedPair.status.in_(LIVE))
    return db.session.scalar(live)


def pair_for(user: User, reference: str) -> AgreedPair:
    """The pair of that reference. Raises `NotFound` if it is absent or not theirs to see."""
    dates = (
        contains_eager(AgreedPair.application).joinedload(Application.windows),
        contains_eager(AgreedPair.offer).joinedload(Offer.windows),
    )
    named = pairs_seen_by(user).options(*dates).where(AgreedPair.reference == reference)
    pair: AgreedPair | None = db.session.scalars(named).unique().one_or_none()
    if pair is None:
        raise NotFound
    return pair


def opens(user: User, pair: AgreedPair) -> tuple[bool, bool]:
    """Whether the person may open the application of a pair, and its offer."""
    application = applications_seen_by(user).where(Application.id == pair.application_id)
    offer = offers_seen_by(user).where(Offer.id == pair.offer_id)
    row = db.session.execute(
        select(
            application.with_only_columns(Application.id).exists(),
            offer.with_only_columns(Offer.id).exists(),
        )
    ).one()
    return row[0], row[1]


def sides_of(user: User, application: Application, offer: Offer) -> frozenset[Side]:
    """For which sides the person acts."""
    visits = and_(Application.id == application.id, visits_as(user))
    hosts = and_(Offer.id == offer.id, hosts_as(user))
    row = db.session.execute(select(exists().where(visits), exists().where(hosts))).one()
    return frozenset(
        side for side, is_theirs in zip((Side.VISITOR, Side.HOST), row, strict=True) if is_theirs
    )


def known(user: User, pairs: Sequence[AgreedPair]) -> dict[Side, set[int]]:
    """By side, the ids of those of these pairs whose person on it the reader may know by name and address.

    Known is whoever entered or confirmed the pair, or accepted a contact while both are still seeking; to staff in
    scope everybody is.
    """
    met = and_(
        Contact.application_id == AgreedPair.application_id,
        Contact.offer_id == AgreedPair.offer_id,
        Contact.status == ContactStatus.ACCEPTED,
        # Who seeks nobody any more is named no longer.
        BOTH_THERE,
    )
    to_all = or_(AgreedPair.confirmed_at.is_not(None), exists().where(met), _in_scope(user))
    visitor = or_(to_all, AgreedPair.entered_by == Side.VISITOR, visits_as(user))
    host = or_(to_all, AgreedPair.entered_by == Side.HOST, hosts_as(user))
    found = select(AgreedPair.id, visitor, host).join(AgreedPair.application).join(AgreedPair.offer)
    rows = db.session.execute(found.where(AgreedPair.id.in_([pair.id for pair in pairs]))).all()
    return {
        Side.VISITOR: {pair_id for pair_id, is_known, _host in rows if is_known},
        Side.HOST: {pair_id for pair_id, _visitor, is_known in rows if is_known},
    }


def exchange_reference(pair: AgreedPair) -> str | None:
    """The reference of the exchange that came of a pair."""
    built = select(EXCHANGE.c.reference).where(EXCHANGE.c.agreed_pair_id == pair.id)
    return db.session.scalar(built)


def locked_pair(pair: AgreedPair) -> AgreedPair:
    """The pair as it stands now, locked with its call, visitor and application until the transaction ends.

    The call's lock is that of a round that is published: neither sees half of what the other does. The
    organisation's keeps a second visit from another call out.
    """
    application = pair.application
    for locked in (
        select(Call.id).where(Call.id == application.call_id),
        select(Organisation.id).where(Organisation.id == application.organisation_id),
    ):
        db.session.execute(locked.with_for_update(key_share=True))
    for record in (pair, application):
        db.session.refresh(record, with_for_update={"key_share": True, "of": type(record)})
    return pair


def pairs_lapsed(today: date) -> list[AgreedPair]:
    """Live pairs that cannot come about: their day is here, or their application is no longer accepted; locked."""
    live = select(AgreedPair).join(AgreedPair.application).where(AgreedPair.status.in_(LIVE))
    over = or_(AgreedPair.first_day <= today, Application.status != ApplicationStatus.ACCEPTED)
    return _locked(live.where(over), AgreedPair)


def validated_pairs() -> Select[AgreedPair]:
    """Pairs that hold place and money and wait to become an exchange."""
    return select(AgreedPair).where(AgreedPair.status == PairStatus.VALIDATED)


def validated_application_ids() -> Select[int]:
    """The applications of pairs that hold place and money."""
    return select(AgreedPair.application_id).where(AgreedPair.status == PairStatus.VALIDATED)


def _in_scope(user: User) -> ColumnElement[bool]:
    """Pairs in which a partnership of somebody on the staff has a part."""
    scopes = user.scopes(Permission.EXCHANGES_READ) | user.scopes(Permission.PAIRS_VALIDATE)
    return or_(
        within(scopes, Application.partnership_id, Application.call_id),
        within(scopes, Offer.partnership_id, Offer.call_id),
    )


def _claims(organisation_ids: Collection[int], but: AgreedPair | None) -> list[Select[Any]]:
    """What the organisations' one visit is promised to: its kind, the organisation, no day, the application."""
    of = Application.organisation_id == _any_of(organisation_ids)
    paired = case((AgreedPair.status == PairStatus.VALIDATED, "validated"), else_="entered")
    pairs = _claim(paired).join(AgreedPair, AgreedPair.application_id == Application.id)
    proposals = _claim(literal("proposed")).join(PROPOSAL, PROPOSAL.c.application_id == Application.id)
    return [
        _claim(literal("matched")).where(of, Application.status == ApplicationStatus.MATCHED),
        proposals.where(of, PROPOSAL.c.status == "open"),
        pairs.where(of, AgreedPair.status.in_(LIVE), AgreedPair.id != (but.id if but else 0)),
    ]


def _claim(kind: ColumnElement[str]) -> Select[Any]:
    columns: tuple[Any, ...] = (kind, Application.organisation_id, cast(null(), Date), Application.id)
    return select(*columns).select_from(Application)


def _places(offer_ids: Collection[int]) -> list[Select[Any]]:
    """How many visits hold places, and the days without a place: the kind, the offer, the day, the number."""
    taken: Any = (
        select(literal("visits"), Reservation.offer_id, cast(null(), Date), func.count())
        .where(Reservation.offer_id == _any_of(offer_ids), Reservation.freed_at.is_(None))
        .group_by(Reservation.offer_id)
    )
    full = select(literal("full"), PlaceDay.offer_id, PlaceDay.day, literal(0)).where(
        PlaceDay.offer_id == _any_of(offer_ids), PlaceDay.taken >= PlaceDay.places
    )
    return [taken, full]


def _any_of(ids: Collection[int]) -> Any:
    # One value instead of as many as there are keys.
    return any_(literal(list(ids), ARRAY(BigInteger)))


def _sides(kind: type[Contact] | type[AgreedPair]) -> tuple[Any, ...]:
    application, offer = contains_eager(kind.application), contains_eager(kind.offer)
    return (
        application.joinedload(Application.organisation),
        application.joinedload(Application.partnership),
        application.joinedload(Application.call),
        offer.joinedload(Offer.organisation),
        offer.joinedload(Offer.partnership),
    )


@cache
def _listed_sides() -> tuple[Any, ...]:
    application, offer = contains_eager(Contact.application), contains_eager(Contact.offer)
    visitor, host = application.joinedload(Application.organisation), offer.joinedload(Offer.organisation)
    return (
        defer(Contact.message),
        defer(Contact.reply),
        application.load_only(Application.reference),
        visitor.load_only(Organisation.type, Organisation.country),
        offer.load_only(Offer.reference),
        host.load_only(Organisation.name),
    )


def _locked(statement: Select[Any], kind: type[Any]) -> list[Any]:
    # What another process holds is on its way; the next look finds the rest.
    due = statement.order_by(kind.id).with_for_update(of=kind, skip_locked=True)
    return list(db.session.scalars(due.execution_options(populate_existing=True)))
