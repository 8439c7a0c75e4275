"""Histories of orders and batches: whatever happens, the ledger says where the money is (promise T58)."""

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.core import clock
from mobility.core.access import Scope
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.partnerships.services import set_account
from mobility.payments import ledger, queries, services
from mobility.payments.calendar import next_business_day
from mobility.payments.enums import OUT_OF_FORCE, Account, BatchStatus, PaymentStatus
from mobility.payments.models import Batch, LedgerLine, PaymentOrder
from tests.make.calls import make_allotment, make_call
from tests.make.partnerships import make_partnership
from tests.make.payments import PAYING, make_finance, make_order

HISTORIES = int(os.environ.get("HISTORIES", "8"))
STEPS = 20
ORDER_VERBS: dict[str, Callable[[PaymentOrder], Any]] = {
    "hold": lambda order: services.hold(order, "Wait.", actor=None),
    "release": lambda order: services.release(order, actor=None),
    "void": lambda order: services.void(order, "Wrong.", actor=None),
    "pay": lambda order: services.mark_paid(order, clock.today(), "", actor=None),
    "fail": lambda order: services.fail(order, "AC04", actor=None),
    "recover": lambda order: services.recover(order, "Back.", actor=None),
    "again": lambda order: services.order(order.exchange, actor=None),
}


class Histories(RuleBasedStateMachine):
    """Any verb on any record, in any order; what is refused changes nothing."""

    batches: list[Batch]

    @initialize()
    def begin(self) -> None:
        self.call, self.vop, self.hop = make_call(), make_partnership(), make_partnership()
        make_allotment(self.call, self.vop)
        set_account(self.vop, PAYING, actor=None)
        self.people, self.batches = make_finance(), []
        for _number in range(2):
            self.another()

    def another(self) -> None:
        make_order(call=self.call, vop=self.vop, hop=self.hop)

    def orders(self) -> list[PaymentOrder]:
        return list(
            db.session.scalars(
                select(PaymentOrder).where(PaymentOrder.call_id == self.call.id).order_by(PaymentOrder.id)
            )
        )

    @precondition(lambda self: len(self.orders()) < 6)
    @rule()
    def order_another(self) -> None:
        self.another()

    @rule(verb=st.sampled_from(sorted(ORDER_VERBS)), which=st.integers(0, 9))
    def do_to_an_order(self, verb: str, which: int) -> None:
        orders = self.orders()
        self.attempt(ORDER_VERBS[verb], orders[which % len(orders)])

    @rule(number=st.integers(1, 3))
    def draw_up(self, number: int) -> None:
        due = [order for order in self.orders() if order.status is PaymentStatus.DUE][:number]
        if due:
            day = next_business_day(clock.today())
            batch = services.draw_up(self.vop, self.call, due, day, actor=self.people.initiator)
            self.batches.append(batch)

    @precondition(lambda self: self.batches)
    @rule(
        verb=st.sampled_from(["forward", "forward", "forward", "back", "void", "out", "all"]),
        which=st.integers(0, 9),
    )
    def do_to_a_batch(self, verb: str, which: int) -> None:
        self.attempt(getattr(self, verb), self.batches[which % len(self.batches)])

    @precondition(lambda self: self.batches)
    @rule(steps=st.integers(2, 4), which=st.integers(0, 9))
    def take_far(self, steps: int, which: int) -> None:
        """Chance alone seldom leads a batch to the bank."""
        batch = self.batches[which % len(self.batches)]
        for _step in range(steps):
            self.attempt(self.forward, batch)

    def forward(self, batch: Batch) -> None:
        if batch.status is BatchStatus.DRAWN_UP:
            services.propose(batch, actor=self.people.initiator)
        elif batch.status is BatchStatus.PROPOSED:
            services.approve(batch, batch.sha256 or "", actor=self.people.approver)
        elif batch.status is BatchStatus.APPROVED:
            services.export(batch, actor=None)
        else:
            services.mark_all_paid(batch, clock.today(), actor=None)

    def back(self, batch: Batch) -> None:
        services.send_back(batch, "No.", actor=self.people.approver)

    def void(self, batch: Batch) -> None:
        services.void_batch(batch, "No.", actor=None)

    def out(self, batch: Batch) -> None:
        services.take_out(batch.lines[0], actor=None)

    def all(self, batch: Batch) -> None:
        services.mark_all_paid(batch, clock.today(), actor=None)

    def attempt(self, verb: Callable[[Any], Any], record: Any) -> None:
        try:
            with db.session.begin_nested():
                verb(record)
        except RuleBroken:
            pass
        db.session.expire_all()

    @invariant()
    def postings_sum_to_zero(self) -> None:
        sums = select(func.sum(LedgerLine.cents)).group_by(LedgerLine.posting)
        assert set(db.session.scalars(sums)) <= {0}

    @invariant()
    def accounts_stand_as_the_orders_do(self) -> None:
        if not hasattr(self, "call"):
            return
        expected = dict.fromkeys((Account.DUE, Account.IN_TRANSFER, Account.BANK), 0)
        for order in self.orders():
            if order.status not in OUT_OF_FORCE:
                expected[ledger.HELD_IN[order.status]] += order.amount_cents
        (money,) = queries.money_of(self.call, [Scope()]).rows
        assert (money.due_cents, money.in_transfer_cents, money.paid_cents) == tuple(expected.values())
        assert money.committed_cents >= 0

    @invariant()
    def each_line_of_an_order_adds_up(self) -> None:
        if not hasattr(self, "call"):
            return
        for order in self.orders():
            stands = dict(
                db.session.execute(
                    select(LedgerLine.account, func.sum(LedgerLine.cents))
                    .where(LedgerLine.order_id == order.id)
                    .group_by(LedgerLine.account)
                ).all()
            )
            there = ledger.HELD_IN[order.status]
            expected = {} if there is Account.LUMP_SUMS else {there: -order.amount_cents}
            found = {account: cents for account, cents in stands.items() if cents}
            found.pop(Account.LUMP_SUMS, None)
            assert found == expected

    @invariant()
    def an_exchange_has_one_live_order(self) -> None:
        if not hasattr(self, "call"):
            return
        live = [order.exchange_id for order in self.orders() if order.status not in OUT_OF_FORCE]
        assert len(live) == len(set(live))


def test_the_ledger_follows_every_history(session: scoped_session[Session]) -> None:
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(f"T58: {HISTORIES} histories of up to {STEPS} steps")
