"""Lump sums: batches are drawn up, approved by somebody else, handed to the bank, and paid or sent back."""

from datetime import date

from sqlalchemy import func, select

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.core import clock
from mobility.core.db import db
from mobility.demo.stage import Stage, at, days_since, each, ids, in_days, number_of
from mobility.demo.world.parties import account_anew
from mobility.demo.world.words import table
from mobility.organisations import services as organisations
from mobility.partnerships.models import Partnership
from mobility.payments import services as payments
from mobility.payments.batch_queries import due_orders
from mobility.payments.calendar import next_business_day
from mobility.payments.enums import BatchStatus, PaymentStatus
from mobility.payments.models import Batch, PaymentOrder
from mobility.payments.tasks import order_due

FRIDAY = 4
HURRY_DAYS = 6
HELD_EVERY, FAILED_EVERY, SENT_BACK_EVERY = 13, 40, 17
HELD_DAYS = 9
APPROVED_AT = 15


def pay(stage: Stage) -> None:
    """Take down what the bank did, then send the next batches."""
    _settle(stage)
    _hold_some(stage)
    _draw_up(stage)
    # The approver looks in the afternoon.
    at(clock.today(), APPROVED_AT)
    proposed = select(Batch.id).where(Batch.status == BatchStatus.PROPOSED).order_by(Batch.id)
    each(Batch, ids(proposed), lambda batch: _approve(stage, batch))
    order_due.func(timestamp=0)


def _initiator(stage: Stage, partnership_id: int) -> User:
    return stage.login(Role.FINANCE_INITIATOR, partnership_id % 2 + 1)


def _settle(stage: Stage) -> None:
    """Read the bank's statement: what was sent is paid, but one in forty comes back."""
    sent = select(Batch.id).where(Batch.status == BatchStatus.EXPORTED, Batch.execution_on < clock.today())
    each(Batch, ids(sent.order_by(Batch.id)), lambda batch: _take_down(stage, batch))


def _take_down(stage: Stage, batch: Batch) -> Batch:
    actor = _initiator(stage, batch.partnership_id)
    under_way = [line.order for line in batch.lines if line.order.status is PaymentStatus.EXPORTED]
    refused = [order for order in under_way if _is_refused(order)]
    for order in refused:
        payments.fail(order, table("sentences")["answers"]["bank_refused"], actor=actor)
        _change_account(stage, order)
    if len(refused) < len(under_way):
        payments.mark_all_paid(
            batch, batch.execution_on, bank_reference=f"STM {batch.reference}", actor=actor
        )
    return batch


def _is_refused(order: PaymentOrder) -> bool:
    earlier = select(func.count(PaymentOrder.id)).where(PaymentOrder.exchange_id == order.exchange_id)
    return number_of(order.reference) % FAILED_EVERY == 3 and db.session.scalar(earlier) == 1


def _change_account(stage: Stage, order: PaymentOrder) -> None:
    organisation = order.exchange.visiting_organisation
    account = account_anew(stage.random("account", order.reference), stage.parties[organisation.registration])
    person = stage.user(order.exchange.application.person_email)
    organisations.change_account(organisation, account, actor=person)


def _hold_some(stage: Stage) -> None:
    """Some orders wait for a paper of the partnership."""
    waiting = select(PaymentOrder.id).where(PaymentOrder.status.in_((PaymentStatus.DUE, PaymentStatus.HELD)))
    each(PaymentOrder, ids(waiting.order_by(PaymentOrder.id)), lambda order: _hold_one(stage, order))


def _hold_one(stage: Stage, order: PaymentOrder) -> object:
    if number_of(order.reference) % HELD_EVERY != 6:
        return None
    actor = _initiator(stage, order.partnership_id)
    if order.status is PaymentStatus.DUE and not order.reason:
        payments.hold(order, table("sentences")["answers"]["held"], actor=actor)
    elif order.status is PaymentStatus.HELD and days_since(order.ordered_at) >= HELD_DAYS:
        payments.release(order, actor=actor)
    else:
        return None
    return order


def _draw_up(stage: Stage) -> None:
    """Every Friday what is due, and on other days what could be late."""
    for partnership in db.session.scalars(select(Partnership).order_by(Partnership.id)).all():
        orders = due_orders(partnership, stage.call)
        if orders and (clock.today().weekday() == FRIDAY or orders[0].due_on < in_days(HURRY_DAYS)):
            _draw_up_one(stage, partnership, list(orders))
            db.session.commit()


def _draw_up_one(stage: Stage, partnership: Partnership, orders: list[PaymentOrder]) -> None:
    actor = _initiator(stage, partnership.id)
    batch = payments.draw_up(partnership, stage.call, orders, execution_day(), actor=actor)
    payments.propose(batch, actor=actor)


def execution_day() -> date:
    """The next day on which banks work."""
    return next_business_day(clock.today())


def _approve(stage: Stage, batch: Batch) -> Batch:
    """Approve what was proposed, by whoever did not propose it; now and then it goes back first."""
    approver = stage.login(Role.FINANCE_APPROVER, batch.partnership_id % 2 + 1)
    initiator = _initiator(stage, batch.partnership_id)
    if number_of(batch.reference) % SENT_BACK_EVERY == 4:
        payments.send_back(batch, "Please check the second amount with the report.", actor=approver)
        payments.propose(batch, actor=initiator)
    payments.approve(batch, batch.sha256 or "", actor=approver)
    payments.export(batch, actor=initiator)
    return batch
