"""Reading proposals and exchanges, scoped by who asks."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, null, or_, select, true
from sqlalchemy.orm import aliased, contains_eager, joinedload, load_only

from mobility.accounts.models import User
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.applications.queries import visits_as
from mobility.core.access import Permission, within
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.exchanges.enums import ExchangeStatus, Side
from mobility.exchanges.models import Exchange
from mobility.hosts.models import Offer
from mobility.hosts.queries import hosts_as
from mobility.organisations.models import Organisation
from mobility.partnerships.models import Partnership
from mobility.rounds.enums import ProposalStatus
from mobility.rounds.models import Proposal

VISITING = aliased(Organisation, name="visiting")
HOSTING = aliased(Organisation, name="hosting")
STAYED_UNTIL = func.coalesce(Exchange.broken_off_on, Exchange.last_day)
LISTED = (
    Exchange.reference,
    Exchange.first_day,
    Exchange.working_days,
    Exchange.status,
    Exchange.lump_sum_cents,
)


def sides_of(user: User, proposal: Proposal) -> frozenset[Side]:
    """For which sides of a proposal the person may answer."""
    visits = and_(Application.id == proposal.application_id, visits_as(user))
    hosts = and_(Offer.id == proposal.offer_id, hosts_as(user))
    row = db.session.execute(select(exists().where(visits), exists().where(hosts))).one()
    return frozenset(
        side for side, is_theirs in zip((Side.VISITOR, Side.HOST), row, strict=True) if is_theirs
    )


def proposals_seen_by(user: User) -> Select[Proposal]:
    """All proposals that the person may see, with both sides."""
    scope = in_scope(
        user,
        Permission.EXCHANGES_READ,
        Application.partnership_id,
        Offer.partnership_id,
        Application.call_id,
    )
    return (
        select(Proposal)
        .join(Proposal.application)
        .join(Proposal.offer)
        .where(or_(visits_as(user), hosts_as(user), scope))
        .options(*_both_sides(Proposal))
    )


def proposal_for(user: User, reference: str) -> Proposal:
    """The proposal of that reference. Raises `NotFound` if it is absent or not theirs to see."""
    return _one(proposals_seen_by(user).where(Proposal.reference == reference))


def open_proposals_of(user: User) -> list[Proposal]:
    """What waits for the person's answer, the nearest deadline first."""
    visits = and_(visits_as(user), Proposal.visitor_reply.is_(None))
    hosts = and_(hosts_as(user), Proposal.host_reply.is_(None))
    waiting = proposals_seen_by(user).where(Proposal.status == ProposalStatus.OPEN, or_(visits, hosts))
    return list(db.session.scalars(waiting.order_by(Proposal.answer_by, Proposal.id)))


def overdue_ids(now: datetime) -> list[int]:
    """Open proposals that nobody can accept any more."""
    return list(db.session.scalars(select(Proposal.id).where(is_overdue(now)).order_by(Proposal.id)))


def is_overdue(now: datetime) -> ColumnElement[bool]:
    """Open proposals whose deadline has passed, or whose visitor has withdrawn."""
    withdrawn = Proposal.application.has(Application.status == ApplicationStatus.WITHDRAWN)
    return and_(Proposal.status == ProposalStatus.OPEN, or_(Proposal.answer_by < now, withdrawn))


def exchanges_seen_by(user: User) -> Select[Exchange]:
    """All exchanges that the person may see, with both organisations and partnerships."""
    return _seen_by(user).options(
        contains_eager(Exchange.application),
        contains_eager(Exchange.offer),
        contains_eager(Exchange.visiting_organisation.of_type(VISITING)),
        contains_eager(Exchange.host_organisation.of_type(HOSTING)),
        joinedload(Exchange.vop),
        joinedload(Exchange.hop),
        joinedload(Exchange.call),
    )


def exchanges_listed(user: User) -> Select[Exchange]:
    """The same for a list: no more columns than it shows."""
    visiting, hosting = ((one.name, one.country, one.town) for one in (VISITING, HOSTING))
    return (
        _seen_by(user)
        .join(Exchange.vop)
        .options(
            load_only(*LISTED),
            contains_eager(Exchange.visiting_organisation.of_type(VISITING)).load_only(*visiting),
            contains_eager(Exchange.host_organisation.of_type(HOSTING)).load_only(*hosting),
            contains_eager(Exchange.vop).load_only(Partnership.name),
        )
    )


def _seen_by(user: User) -> Select[Exchange]:
    scope = in_scope(user, Permission.EXCHANGES_READ, Exchange.vop_id, Exchange.hop_id, Exchange.call_id)
    return (
        select(Exchange)
        .join(Exchange.application)
        .join(Exchange.offer)
        .join(VISITING, Exchange.visiting_organisation)
        .join(HOSTING, Exchange.host_organisation)
        .where(or_(visits_as(user), hosts_as(user), scope))
    )


def exchanges_during(user: User, first: date, last: date, country: str = "") -> Select[Exchange]:
    """What the person may see of the stays that meet these days, of hosts in a country or all; none called off."""
    meets = and_(Exchange.first_day <= last, first <= STAYED_UNTIL)
    found = _seen_by(user).where(Exchange.status != ExchangeStatus.CANCELLED, meets)
    return found.where(HOSTING.country == country) if country else found


def hosts_of(stays: Select[Exchange], *, skip: int, most: int) -> list[int]:
    """The offers of these stays, by the host's name."""
    by_name = (HOSTING.name_folded, Exchange.offer_id)
    hosts = stays.with_only_columns(*by_name, maintain_column_froms=True).distinct()
    rows = db.session.execute(hosts.order_by(*by_name).offset(skip).limit(most))
    return [offer_id for _name, offer_id in rows]


def stays_with(stays: Select[Exchange], offer_ids: Sequence[int]) -> list[Exchange]:
    """The stays with these offers, host by host and day by day, with both organisations and the host's days."""
    offer = contains_eager(Exchange.offer)
    ordered = stays.where(Exchange.offer_id.in_(offer_ids)).order_by(
        HOSTING.name_folded, Exchange.offer_id, Exchange.first_day, Exchange.id
    )
    loaded = ordered.options(
        contains_eager(Exchange.visiting_organisation.of_type(VISITING)),
        contains_eager(Exchange.host_organisation.of_type(HOSTING)),
        offer.joinedload(Offer.organisation),
        offer.joinedload(Offer.call),
        offer.selectinload(Offer.windows),
        offer.selectinload(Offer.closures),
    )
    return list(db.session.scalars(loaded))


def all_stays_with(offer_ids: Sequence[int]) -> dict[int, list[tuple[date, date]]]:
    """First and last day of every stay with these offers, whoever may see it."""
    stays = select(Exchange.offer_id, Exchange.first_day, STAYED_UNTIL).where(
        Exchange.offer_id.in_(offer_ids), Exchange.status != ExchangeStatus.CANCELLED
    )
    found: dict[int, list[tuple[date, date]]] = defaultdict(list)
    for offer_id, first, last in db.session.execute(stays):
        found[offer_id].append((first, last))
    return found


def own_since(user: User, first: date) -> list[Exchange]:
    """The exchanges in which the person visits or hosts, whatever their roles, that ended on this day or later."""
    own = _seen_by(user).where(or_(visits_as(user), hosts_as(user)), first <= STAYED_UNTIL)
    loaded = own.options(
        contains_eager(Exchange.visiting_organisation.of_type(VISITING)),
        contains_eager(Exchange.host_organisation.of_type(HOSTING)),
    )
    return list(db.session.scalars(loaded.order_by(Exchange.first_day, Exchange.id)))


def host_countries(user: User) -> list[str]:
    """The countries of the hosts in the exchanges that the person may see."""
    seen = _seen_by(user).with_only_columns(HOSTING.country, maintain_column_froms=True)
    return list(db.session.scalars(seen.distinct()))


def exchange_for(user: User, reference: str) -> Exchange:
    """The exchange of that reference. Raises `NotFound` if it is absent or not theirs to see."""
    return _one(exchanges_seen_by(user).where(Exchange.reference == reference))


def hosted_only(user: User, exchanges: Iterable[Exchange]) -> frozenset[int]:
    """Of these, the ids of those in which the person is the host and not the visitor: no money is shown."""
    ids = [exchange.id for exchange in exchanges]
    theirs = select(Exchange.id).join(Exchange.application).join(Exchange.offer)
    return frozenset(db.session.scalars(theirs.where(Exchange.id.in_(ids), _only_hosts(user))))


def shown_cents(user: User) -> ColumnElement[int | None]:
    """The lump sum where the person sees it, to sort `exchanges_seen_by` without giving the others away."""
    return case((_only_hosts(user), null()), else_=Exchange.lump_sum_cents)


def may_open(user: User, exchange: Exchange) -> bool:
    """Whether somebody on the staff finds the exchange within a scope of theirs."""
    scopes = user.scopes(Permission.EXCHANGES_READ)
    partnerships = (exchange.vop_id, exchange.hop_id)
    return any(scope.covers(one, exchange.call_id) for scope in scopes for one in partnerships)


def may_cancel(user: User, exchange: Exchange) -> bool:
    """Whether the person is an officer of the VOP, or of all."""
    scopes = user.scopes(Permission.EXCHANGES_RUN)
    return any(scope.covers(exchange.vop_id, exchange.call_id) for scope in scopes)


def exchange_of(proposal: Proposal) -> Exchange | None:
    """The exchange that came of a proposal."""
    return db.session.scalar(select(Exchange).where(Exchange.proposal_id == proposal.id))


def to_start(today: date) -> list[Exchange]:
    """Confirmed exchanges whose first day has come."""
    return _locked(Exchange.status == ExchangeStatus.CONFIRMED, Exchange.first_day <= today)


def to_cancel(today: date) -> list[Exchange]:
    """Agreed exchanges that can no longer be signed: their first day is over."""
    return _locked(Exchange.status == ExchangeStatus.AGREED, Exchange.first_day < today)


def to_end(today: date) -> list[Exchange]:
    """Exchanges whose last day is over."""
    return _locked(Exchange.status == ExchangeStatus.ONGOING, Exchange.last_day < today)


def _only_hosts(user: User) -> ColumnElement[bool]:
    # "Is not true", for an imported record has no author and the comparison gives NULL.
    return and_(hosts_as(user), visits_as(user).is_not(true()))


def _locked(*where: ColumnElement[bool]) -> list[Exchange]:
    # What another process holds is on its way; the next look finds the rest.
    due = select(Exchange).where(*where).order_by(Exchange.id).with_for_update(of=Exchange, skip_locked=True)
    return list(db.session.scalars(due.execution_options(populate_existing=True)))


def in_scope(user: User, permission: Permission, vop: Any, hop: Any, call: Any) -> ColumnElement[bool]:
    """What either partnership of somebody with the permission has a part in."""
    scopes = user.scopes(permission)
    return or_(within(scopes, vop, call), within(scopes, hop, call))


def _both_sides(kind: type[Proposal]) -> tuple[Any, ...]:
    application, offer = contains_eager(kind.application), contains_eager(kind.offer)
    return (
        application.joinedload(Application.organisation),
        application.joinedload(Application.partnership),
        offer.joinedload(Offer.organisation),
        offer.joinedload(Offer.partnership),
    )


def _one(statement: Select[Any]) -> Any:
    found = db.session.scalar(statement)
    if found is None:
        raise NotFound
    return found
