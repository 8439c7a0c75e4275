"""Reading plans and agreements, scoped by who asks."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import contains_eager, defer, selectinload

from mobility.accounts.models import User
from mobility.agreements.enums import SLOTS, AgreementKind, AgreementStatus, Slot
from mobility.agreements.models import Agreement, Plan, Signature
from mobility.agreements.rules import REMIND_DAYS, go_together
from mobility.applications.models import Application
from mobility.applications.queries import visits_as
from mobility.core import clock
from mobility.core.access import Permission, within
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.exchanges.queries import HOSTING, VISITING, exchange_for, in_scope
from mobility.hosts.models import Offer
from mobility.hosts.queries import hosts_as
from mobility.papers.models import Paper
from mobility.papers.queries import is_being_printed

PRINT_LOCK = "print-agreement-"
LIVE = Agreement.status != AgreementStatus.VOID


def plan_of(exchange: Exchange) -> Plan | None:
    """What both sides have written so far."""
    return db.session.scalar(select(Plan).where(Plan.exchange_id == exchange.id))


def has_visited(exchange: Exchange) -> bool:
    """Whether the visiting organisation has its visit in another exchange (promise T61)."""
    other = exists().where(
        Exchange.visiting_organisation_id == exchange.visiting_organisation_id,
        Exchange.id != exchange.id,
        Exchange.status != ExchangeStatus.CANCELLED,
    )
    return bool(db.session.scalar(select(other)))


def in_force(exchange: Exchange, kind: AgreementKind) -> Agreement | None:
    """The agreement of this kind that waits for signatures or is signed."""
    return db.session.scalar(_of(exchange).where(Agreement.kind == kind, LIVE))


def all_in_force(exchange: Exchange) -> list[Agreement]:
    """What is in force for the exchange, the commitment first."""
    return list(db.session.scalars(_of(exchange).where(LIVE)))


def is_signed(exchange: Exchange, kind: AgreementKind) -> bool:
    """Whether every slot of this agreement is signed."""
    signed = exists().where(
        Agreement.exchange_id == exchange.id,
        Agreement.kind == kind,
        Agreement.status == AgreementStatus.SIGNED,
    )
    return bool(db.session.scalar(select(signed)))


def revisions_seen_by(user: User, exchange: Exchange) -> list[Agreement]:
    """Every agreement ever drawn up for the exchange that the person may see, the newest of each kind first."""
    theirs = _whole_for(user).where(Agreement.exchange_id == exchange.id)
    return list(db.session.scalars(theirs.order_by(Agreement.kind, Agreement.revision.desc())).unique())


def last_revision(exchange: Exchange, kind: AgreementKind) -> Agreement | None:
    """The newest agreement of this kind, in force or void."""
    made = select(Agreement).where(Agreement.exchange_id == exchange.id, Agreement.kind == kind)
    return db.session.scalar(made.order_by(Agreement.revision.desc()).limit(1))


def agreements_seen_by(user: User) -> Select[Agreement]:
    """All that the person may see, with the names of both sides; of money only the visitor's side learns."""
    return (
        select(Agreement)
        .join(Agreement.exchange)
        .join(Exchange.application)
        .join(Exchange.offer)
        .join(VISITING, Exchange.visiting_organisation)
        .join(HOSTING, Exchange.host_organisation)
        .where(or_(_sees_commitment(user), _sees_money(user)))
        .options(*_names(), selectinload(Agreement.signatures))
    )


def _names() -> Iterator[Any]:
    exchange = contains_eager(Agreement.exchange)
    yield exchange.contains_eager(Exchange.visiting_organisation.of_type(VISITING))
    yield exchange.contains_eager(Exchange.host_organisation.of_type(HOSTING))


def listed_for(user: User) -> Select[Agreement]:
    """`agreements_seen_by`, as lists show them: without their texts.

    Partnerships are few: joining them to each row makes the planner work longer than the query.
    """
    exchange = contains_eager(Agreement.exchange)
    return agreements_seen_by(user).options(
        defer(Agreement.content), exchange.selectinload(Exchange.vop), exchange.selectinload(Exchange.hop)
    )


def _whole_for(user: User) -> Select[Agreement]:
    """`agreements_seen_by`, each with all that its page shows."""
    exchange = contains_eager(Agreement.exchange)
    return agreements_seen_by(user).options(
        exchange.contains_eager(Exchange.application),
        exchange.contains_eager(Exchange.offer),
        exchange.joinedload(Exchange.vop),
        exchange.joinedload(Exchange.hop),
        exchange.joinedload(Exchange.call),
    )


def agreement_for(user: User, number: str) -> Agreement:
    """The agreement of that number, such as CQ-2027-0001-1. Raises `NotFound` if absent or not theirs to see."""
    reference, _dash, revision = number.rpartition("-")
    if not (revision.isascii() and revision.isdecimal() and len(revision) < 6):
        raise NotFound
    same = (Agreement.reference == reference, Agreement.revision == int(revision))
    found = db.session.scalar(_whole_for(user).where(*same))
    if found is None or found.number != number:
        raise NotFound
    return found


def lacks(slot: Slot) -> ColumnElement[bool]:
    """Agreements that wait for this signature."""
    kinds = [kind for kind, slots in SLOTS.items() if slot in slots]
    signed = exists().where(Signature.agreement_id == Agreement.id, Signature.slot == slot)
    return and_(Agreement.status == AgreementStatus.SIGNING, Agreement.kind.in_(kinds), ~signed)


def lacks_any() -> ColumnElement[bool]:
    """Agreements that wait for any signature."""
    return or_(*(lacks(slot) for slot in Slot))


def to_sign(user: User) -> Select[Agreement]:
    """What waits for the person's own signature, the nearest stay first."""
    mine = or_(*(and_(lacks(slot), fills(user, slot)) for slot in Slot))
    is_open = Exchange.status == ExchangeStatus.AGREED
    return listed_for(user).where(mine, is_open).order_by(Exchange.first_day, Agreement.id)


def next_step(user: User, exchange: Exchange) -> str:
    """What is next for somebody on an agreed exchange: "sign", "wait" for others who sign, or "plan"."""
    waits = to_sign(user).where(Agreement.exchange_id == exchange.id).exists()
    in_force = (Agreement.exchange_id == exchange.id, Agreement.status != AgreementStatus.VOID)
    takes_part = user.may(Permission.AGREEMENTS_SIGN)
    is_theirs, is_drawn_up = db.session.execute(
        select(waits, select(Agreement.id).where(*in_force).exists())
    ).one()
    return "sign" if is_theirs else "wait" if is_drawn_up or not takes_part else "plan"


def fills(user: User, slot: Slot) -> ColumnElement[bool]:
    """Exchanges on which the person may sign in this slot."""
    if slot is Slot.VO:
        return visits_as(user)
    if slot is Slot.HO:
        return hosts_as(user)
    partnership = Exchange.vop_id if slot is Slot.VOP else Exchange.hop_id
    return within(user.scopes(Permission.AGREEMENTS_SIGN), partnership, Exchange.call_id)


def slots_of(user: User, exchange: Exchange) -> frozenset[Slot]:
    """In which slots the person may sign for the exchange; any of them may also write the plan."""
    if not user.may(Permission.AGREEMENTS_SIGN):
        return frozenset()
    asked = select(*(func.coalesce(fills(user, slot), false()) for slot in Slot))
    row = db.session.execute(
        asked.select_from(Exchange)
        .join(Application, Exchange.application_id == Application.id)
        .join(Offer, Exchange.offer_id == Offer.id)
        .where(Exchange.id == exchange.id)
    ).one()
    return frozenset(slot for slot, is_theirs in zip(Slot, row, strict=True) if is_theirs)


def signed_by(user: User, exchange: Exchange) -> frozenset[Slot]:
    """The slots that the person has signed on what is in force for the exchange."""
    held = select(Signature.slot).join(Agreement, Signature.agreement_id == Agreement.id)
    return frozenset(
        db.session.scalars(
            held.where(Agreement.exchange_id == exchange.id, LIVE, Signature.user_id == user.id)
        )
    )


def slots_to_sign(user: User, agreement: Agreement, theirs: frozenset[Slot]) -> list[Slot]:
    """The empty slots of an agreement that the person may fill, of `slots_of` them, in their order."""
    exchange = agreement.exchange
    if agreement.status is not AgreementStatus.SIGNING or exchange.status is not ExchangeStatus.AGREED:
        return []
    filled = {signature.slot for signature in agreement.signatures}
    held = signed_by(user, exchange)
    empty = [slot for slot in SLOTS[agreement.kind] if slot in theirs - filled]
    return [slot for slot in empty if go_together({slot, *held})]


def void_for(limit: int = 200) -> list[int]:
    """Cancelled exchanges whose agreements are still in force."""
    dead = select(Exchange.id).join(Agreement).where(Exchange.status == ExchangeStatus.CANCELLED, LIVE)
    return list(db.session.scalars(dead.distinct().order_by(Exchange.id).limit(limit)))


def to_remind(today: date) -> list[Agreement]:
    """Agreements drawn up before today that lack a signature while the stay is near."""
    last = today + timedelta(days=max(REMIND_DAYS))
    near = (
        select(Agreement)
        .join(Agreement.exchange)
        .where(
            Agreement.status == AgreementStatus.SIGNING,
            Exchange.status == ExchangeStatus.AGREED,
            Exchange.first_day.between(today, last),
            Agreement.drawn_up_at < clock.at_local(today, 0),
        )
    )
    return list(db.session.scalars(near.order_by(Agreement.id)))


def ids_to_print(kind: str, limit: int = 50) -> list[int]:
    """Agreements in force without a paper, or with one older than the last signature, that no job is printing."""
    current = exists().where(
        Paper.kind == kind,
        Paper.about_kind == Agreement.__tablename__,
        Paper.about_id == Agreement.id,
        Paper.replaced_at.is_(None),
        or_(Agreement.signed_at.is_(None), Paper.issued_at >= Agreement.signed_at),
    )
    waiting = select(Agreement.id).where(LIVE, ~current, ~is_being_printed(PRINT_LOCK, Agreement.id))
    return list(db.session.scalars(waiting.order_by(Agreement.id).limit(limit)))


def exchange_to_write(user: User, reference: str) -> Exchange:
    """The exchange, if the person may write its plan: who may sign for it. Raises `NotFound`."""
    exchange = exchange_for(user, reference)
    if not slots_of(user, exchange):
        raise NotFound
    return exchange


def _of(exchange: Exchange) -> Any:
    mine = select(Agreement).where(Agreement.exchange_id == exchange.id)
    return mine.options(selectinload(Agreement.signatures)).order_by(Agreement.kind)


def _sees_commitment(user: User) -> ColumnElement[bool]:
    reads = in_scope(user, Permission.EXCHANGES_READ, Exchange.vop_id, Exchange.hop_id, Exchange.call_id)
    is_commitment = Agreement.kind == AgreementKind.COMMITMENT
    return and_(is_commitment, or_(visits_as(user), hosts_as(user), reads))


def _sees_money(user: User) -> ColumnElement[bool]:
    return or_(
        visits_as(user), within(user.scopes(Permission.EXCHANGES_READ), Exchange.vop_id, Exchange.call_id)
    )
