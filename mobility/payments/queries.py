"""Payment orders as somebody may see them."""

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    cast,
    column,
    false,
    func,
    literal,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.orm import aliased, contains_eager, joinedload

from mobility.accounts.models import User
from mobility.core.access import Permission
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.exchanges.models import Exchange
from mobility.exchanges.queries import visits_as
from mobility.organisations.models import Organisation
from mobility.papers.models import Paper
from mobility.partnerships.models import Partnership
from mobility.payments.enums import PaymentStatus
from mobility.payments.models import PaymentOrder
from mobility.payments.rules import COMPLETED

Beneficiary = aliased(Organisation)
PRINT_LOCK = "print-"
# The queue's own table has no model; its lock names the order that a job prints.
Job = table("procrastinate_jobs", column("lock"), column("status"))


def live_order(exchange: Exchange) -> PaymentOrder | None:
    """The order of the exchange that is not void."""
    return db.session.scalar(
        select(PaymentOrder).where(
            PaymentOrder.exchange_id == exchange.id, PaymentOrder.status != PaymentStatus.VOID
        )
    )


def exchanges_to_order(limit: int = 200) -> list[int]:
    """Ids of completed exchanges that were never ordered; after a void order a person decides."""
    ordered = select(PaymentOrder.id).where(PaymentOrder.exchange_id == Exchange.id)
    waiting = select(Exchange.id).where(
        Exchange.status.in_(COMPLETED), Exchange.lump_sum_cents > 0, ~ordered.exists()
    )
    return list(db.session.scalars(waiting.order_by(Exchange.id).limit(limit)))


def orders_to_print(paper_kind: str, limit: int = 200) -> list[PaymentOrder]:
    """Due orders without a paper in force and without a job that will print it."""
    paper = select(Paper.id).where(
        Paper.kind == paper_kind,
        Paper.about_kind == PaymentOrder.__tablename__,
        Paper.about_id == PaymentOrder.id,
        Paper.replaced_at.is_(None),
    )
    # One under way counts too: were it queued again meanwhile, its retry would break the queueing lock.
    job = select(Job.c.lock).where(
        Job.c.lock == literal(PRINT_LOCK) + cast(PaymentOrder.id, String),
        cast(Job.c.status, String).in_(["todo", "doing"]),
    )
    waiting = select(PaymentOrder).where(
        PaymentOrder.status == PaymentStatus.DUE, ~paper.exists(), ~job.exists()
    )
    return list(db.session.scalars(waiting.order_by(PaymentOrder.id).limit(limit)))


def in_scope(user: User) -> ColumnElement[bool]:
    """The orders of the partnerships whose payments somebody may read."""
    partnerships = user.partnership_ids(Permission.PAYMENTS_READ)
    if partnerships is None:
        return true()
    return PaymentOrder.partnership_id.in_(partnerships) if partnerships else false()


def is_visitor(user: User) -> ColumnElement[bool]:
    """The orders for stays on which somebody is the visitor."""
    stays = select(Exchange.id).join(Exchange.application).where(visits_as(user))
    return PaymentOrder.exchange_id.in_(stays)


def orders_of(user: User) -> Select[PaymentOrder]:
    """All orders in somebody's scope, with what a list of them shows."""
    return (
        select(PaymentOrder)
        .join(PaymentOrder.exchange)
        .join(Beneficiary, Exchange.visiting_organisation_id == Beneficiary.id)
        .join(PaymentOrder.partnership)
        .where(in_scope(user))
        .options(
            contains_eager(PaymentOrder.exchange).contains_eager(
                Exchange.visiting_organisation.of_type(Beneficiary)
            ),
            contains_eager(PaymentOrder.partnership),
        )
    )


def partnerships_of(user: User) -> list[Partnership]:
    """The partnerships that pay orders in somebody's scope."""
    paying = select(PaymentOrder.partnership_id).where(in_scope(user))
    return list(
        db.session.scalars(select(Partnership).where(Partnership.id.in_(paying)).order_by(Partnership.name))
    )


def order_for(user: User, reference: str, *, or_own: bool = False) -> PaymentOrder:
    """The order, if it is in somebody's scope or, where allowed, their own money. Raises `NotFound`."""
    theirs = or_(in_scope(user), is_visitor(user)) if or_own else in_scope(user)
    found = db.session.scalar(
        select(PaymentOrder)
        .where(PaymentOrder.reference == reference, theirs)
        .options(
            joinedload(PaymentOrder.exchange).joinedload(Exchange.visiting_organisation),
            joinedload(PaymentOrder.exchange).joinedload(Exchange.host_organisation),
            joinedload(PaymentOrder.partnership),
        )
    )
    if found is None:
        raise NotFound
    return found


def sum_cents(orders: Select[PaymentOrder]) -> int:
    """What the orders of a list come to, void ones left out."""
    listed = orders.where(PaymentOrder.status != PaymentStatus.VOID).order_by(None)
    amounts = listed.with_only_columns(PaymentOrder.amount_cents).subquery()
    return db.session.scalar(select(func.coalesce(func.sum(amounts.c.amount_cents), 0))) or 0
