"""Payment orders as somebody may see them, and where the money of a call stands."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased, contains_eager, joinedload

from mobility.accounts.models import User
from mobility.applications.queries import visits_as
from mobility.calls.models import Allotment, Call
from mobility.core.access import Permission, Scope, within
from mobility.core.db import db
from mobility.core.errors import NotAllowed, NotFound
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.organisations.models import Organisation
from mobility.papers.models import Paper
from mobility.papers.queries import is_being_printed
from mobility.partnerships.models import Partnership
from mobility.payments.enums import OUT_OF_FORCE, Account, PaymentStatus
from mobility.payments.models import Batch, LedgerLine, PaymentOrder
from mobility.payments.proofs import conditions, is_payable, is_reported, obstacles

# A stay that is over and whose money is open.
OVER = (ExchangeStatus.ENDED, ExchangeStatus.TERMINATED)
Beneficiary = aliased(Organisation)
PRINT_LOCK = "print-"


def live_order(exchange: Exchange) -> PaymentOrder | None:
    """The order that stands for the exchange's money."""
    return db.session.scalar(
        select(PaymentOrder).where(PaymentOrder.exchange_id == exchange.id, is_in_force())
    )


def is_recovered(exchange: Exchange) -> bool:
    """Whether the exchange's money was paid and came back: it is paid no second time."""
    of = select(PaymentOrder.id).where(PaymentOrder.exchange_id == exchange.id)
    return db.session.scalar(of.where(PaymentOrder.status == PaymentStatus.RECOVERED).limit(1)) is not None


def is_in_force() -> ColumnElement[bool]:
    """Orders that stand for money: not void, failed or recovered."""
    return PaymentOrder.status.not_in(OUT_OF_FORCE)


def exchanges_to_order(limit: int = 200) -> list[int]:
    """Ids of completed exchanges that lack nothing and were never ordered; after a void order a person decides."""
    ordered = select(PaymentOrder.id).where(PaymentOrder.exchange_id == Exchange.id)
    waiting = select(Exchange.id).where(
        Exchange.status.in_(OVER), Exchange.lump_sum_cents > 0, is_payable(), ~ordered.exists()
    )
    return list(db.session.scalars(waiting.order_by(Exchange.id).limit(limit)))


def not_payable(user: User) -> Select[Any]:
    """Exchanges that are over and cannot be ordered yet, each with its conditions and obstacles."""
    ordered = select(PaymentOrder.id).where(PaymentOrder.exchange_id == Exchange.id)
    scopes = user.scopes(Permission.PAYMENTS_READ)
    # Columns follow that the type of the library does not count.
    lacking: Any = select(Exchange, *conditions(), *(stands for _code, stands in obstacles()))
    found: Select[Any] = (
        lacking.join(Beneficiary, Exchange.visiting_organisation_id == Beneficiary.id)
        .join(Partnership, Exchange.vop_id == Partnership.id)
        .where(
            Exchange.status.in_(OVER),
            Exchange.lump_sum_cents > 0,
            ~is_payable(),
            ~ordered.exists(),
            within(scopes, Exchange.vop_id, Exchange.call_id),
        )
        .options(
            contains_eager(Exchange.visiting_organisation.of_type(Beneficiary)),
            contains_eager(Exchange.vop),
        )
    )
    return found


def exchanges_to_close(limit: int = 200) -> list[Exchange]:
    """Reported exchanges that carry no lump sum: nothing is left to do."""
    done = select(Exchange).where(Exchange.status.in_(OVER), Exchange.lump_sum_cents == 0, is_reported())
    locked = done.order_by(Exchange.id).limit(limit).with_for_update(of=Exchange, skip_locked=True)
    return list(db.session.scalars(locked.execution_options(populate_existing=True)))


def live_cents(exchange: Exchange) -> int:
    """What the orders in force of the exchange's partnership come to in its call."""
    live = select(func.coalesce(func.sum(PaymentOrder.amount_cents), 0)).join(PaymentOrder.exchange)
    return (
        db.session.scalar(
            live.where(
                Exchange.call_id == exchange.call_id, Exchange.vop_id == exchange.vop_id, is_in_force()
            )
        )
        or 0
    )


def orders_to_print(paper_kind: str, limit: int = 200) -> list[PaymentOrder]:
    """Orders in force without a paper and without a job that will print it."""
    waiting = select(PaymentOrder).where(
        is_in_force(),
        ~has_paper(paper_kind, PaymentOrder),
        ~is_being_printed(PRINT_LOCK, PaymentOrder.id),
    )
    return list(db.session.scalars(waiting.order_by(PaymentOrder.id).limit(limit)))


def has_paper(paper_kind: str, about: type[PaymentOrder] | type[Batch]) -> ColumnElement[bool]:
    """The records with a paper in force."""
    paper = select(Paper.id).where(
        Paper.kind == paper_kind,
        Paper.about_kind == about.__tablename__,
        Paper.about_id == about.id,
        Paper.replaced_at.is_(None),
    )
    return paper.exists()


def in_scope(user: User, *permissions: Permission) -> ColumnElement[bool]:
    """The orders that somebody may deal with: their partnership pays, or its visitor is paid."""
    scopes = _scopes(user, permissions or (Permission.PAYMENTS_READ,))
    visits = select(Exchange.id).where(within(scopes, Exchange.vop_id, Exchange.call_id))
    pays = within(scopes, PaymentOrder.partnership_id, PaymentOrder.call_id)
    return or_(pays, PaymentOrder.exchange_id.in_(visits))


def _scopes(user: User, permissions: Iterable[Permission]) -> set[Scope]:
    return {scope for permission in permissions for scope in user.scopes(permission)}


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
            contains_eager(PaymentOrder.exchange).options(
                contains_eager(Exchange.visiting_organisation.of_type(Beneficiary)),
                joinedload(Exchange.call),
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


def order_for(user: User, reference: str, *permissions: Permission, or_own: bool = False) -> PaymentOrder:
    """The order, if somebody may read it; with permissions, if they may do that to it, or `NotAllowed`.

    `or_own` lets those see it whose money it is. Raises `NotFound`.
    """
    theirs = or_(in_scope(user), is_visitor(user)) if or_own else in_scope(user)
    order = _order(reference, theirs)
    if permissions and not may_deal_with(user, order, *permissions):
        raise NotAllowed
    return order


def may_deal_with(user: User, order: PaymentOrder, *permissions: Permission) -> bool:
    """Whether somebody holds one of the permissions where the order is paid."""
    scopes = _scopes(user, permissions)
    return any(scope.covers(order.partnership_id, order.call_id) for scope in scopes)


def _order(reference: str, theirs: ColumnElement[bool]) -> PaymentOrder:
    found = db.session.scalar(
        select(PaymentOrder)
        .where(PaymentOrder.reference == reference, theirs)
        .options(
            joinedload(PaymentOrder.exchange).joinedload(Exchange.visiting_organisation),
            joinedload(PaymentOrder.exchange).joinedload(Exchange.host_organisation),
            joinedload(PaymentOrder.exchange).joinedload(Exchange.call),
            joinedload(PaymentOrder.partnership),
        )
    )
    if found is None:
        raise NotFound
    return found


def sum_cents(orders: Select[PaymentOrder]) -> int:
    """What the orders of a list come to, those out of force left out."""
    listed = orders.where(is_in_force()).order_by(None)
    amounts = listed.with_only_columns(PaymentOrder.amount_cents).subquery()
    return db.session.scalar(select(func.coalesce(func.sum(amounts.c.amount_cents), 0))) or 0


@dataclass(frozen=True)
class Money:
    """Where the money of an allotment stands, in cents: five parts that together are its budget."""

    partnership: Partnership | None
    budget_cents: int
    # Promised to exchanges and not ordered yet.
    committed_cents: int
    due_cents: int
    in_transfer_cents: int
    paid_cents: int

    @property
    def free_cents(self) -> int:
        used = self.committed_cents + self.due_cents + self.in_transfer_cents + self.paid_cents
        return self.budget_cents - used


@dataclass(frozen=True)
class MoneyOfCall:
    """The money of a call: one row per allotment, and their sum."""

    rows: tuple[Money, ...]

    @property
    def sum(self) -> Money:
        names = ("budget_cents", "committed_cents", "due_cents", "in_transfer_cents", "paid_cents")
        return Money(None, *(sum(getattr(row, name) for row in self.rows) for name in names))


def money_of(call: Call, scopes: Iterable[Scope], *, only: Collection[int] | None = None) -> MoneyOfCall:
    """Where the money of a call stands, by the ledger; `only` narrows it to partnerships by id."""
    scopes = list(scopes)
    allotments = (
        select(Allotment)
        .join(Allotment.partnership)
        .where(Allotment.call_id == call.id, within(scopes, Allotment.partnership_id, Allotment.call_id))
        .options(contains_eager(Allotment.partnership))
        .order_by(Partnership.code)
    )
    if only is not None:
        allotments = allotments.where(Allotment.partnership_id.in_(only))
    stands = _balances(call)
    return MoneyOfCall(tuple(_money(row, stands) for row in db.session.scalars(allotments)))


def _money(allotment: Allotment, stands: dict[tuple[int, Account], int]) -> Money:
    due, in_transfer, paid = (
        stands.get((allotment.partnership_id, account), 0)
        for account in (Account.DUE, Account.IN_TRANSFER, Account.BANK)
    )
    return Money(
        partnership=allotment.partnership,
        budget_cents=allotment.budget_cents,
        committed_cents=allotment.committed_cents - due - in_transfer - paid,
        due_cents=due,
        in_transfer_cents=in_transfer,
        paid_cents=paid,
    )


def _balances(call: Call) -> dict[tuple[int, Account], int]:
    """What stands in each account, (partnership, account) → cents above zero."""
    sums = select(LedgerLine.partnership_id, LedgerLine.account, func.sum(LedgerLine.cents))
    sums = sums.where(LedgerLine.call_id == call.id)
    rows = db.session.execute(sums.group_by(LedgerLine.partnership_id, LedgerLine.account))
    return {(partnership, account): -int(cents) for partnership, account, cents in rows}
