"""What the bank says, and what the ledger makes of it."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session, scoped_session

from mobility.admin.invariants import broken
from mobility.core import clock
from mobility.core.access import Scope
from mobility.core.errors import RuleBroken
from mobility.exchanges.enums import ExchangeStatus
from mobility.mail.models import Letter
from mobility.papers import queries as papers
from mobility.payments import queries, services
from mobility.payments.calendar import next_business_day
from mobility.payments.enums import BatchStatus, PaymentStatus
from mobility.payments.models import Batch, LedgerLine, PaymentOrder
from tests.make.partnerships import make_partnership
from tests.make.payments import make_batch, make_order

Db = scoped_session[Session]


@pytest.fixture(autouse=True)
def every_invariant_holds(session: Db) -> Iterator[None]:
    """Whatever a test did, nothing is left that contradicts itself."""
    yield
    session.flush()
    assert broken() == {}


def money(order: PaymentOrder) -> tuple[int, int, int, int, int]:
    """Committed, due, in transfer, paid and free of the order's allotment."""
    (row,) = queries.money_of(order.call, [Scope()]).rows
    return (row.committed_cents, row.due_cents, row.in_transfer_cents, row.paid_cents, row.free_cents)


def first(batch: Batch) -> PaymentOrder:
    return batch.lines[0].order


def test_a_paid_order_closes_its_exchange_and_tells_the_visitor(session: Db) -> None:
    order = first(make_batch(1, until="exported"))

    services.mark_paid(order, clock.today(), "STMT-7", actor=None)

    letter = session.scalars(select(Letter).where(Letter.kind == "payment.paid")).one()
    assert (order.status, order.paid_on, order.bank_reference) == (
        PaymentStatus.PAID,
        clock.today(),
        "STMT-7",
    )
    assert order.exchange.status is ExchangeStatus.CLOSED
    assert "€780.00" in letter.body


def test_a_batch_is_settled_when_each_payment_is_made_or_came_back(session: Db) -> None:
    batch = make_batch(2, until="exported")

    services.mark_paid(first(batch), clock.today(), "", actor=None)
    between = batch.status
    services.fail(batch.lines[1].order, "AC04 closed account", actor=None)

    assert between is BatchStatus.EXPORTED
    assert batch.status is BatchStatus.SETTLED


def test_all_of_a_batch_is_paid_at_once(session: Db) -> None:
    batch = make_batch(3, until="exported")
    services.fail(first(batch), "AC04", actor=None)

    assert services.mark_all_paid(batch, clock.today(), actor=None) == 2

    assert batch.status is BatchStatus.SETTLED


@pytest.mark.parametrize("days", [-1, 1])
def test_the_bank_pays_neither_before_the_file_nor_tomorrow(session: Db, days: int) -> None:
    order = first(make_batch(1, until="exported"))

    with pytest.raises(RuleBroken, match="bad-paid-day"):
        services.mark_paid(order, clock.today() + timedelta(days=days), "", actor=None)

    assert order.status is PaymentStatus.EXPORTED


def test_nobody_takes_down_a_payment_before_its_execution_day(session: Db) -> None:
    batch = make_batch(1, until="exported", execution_on=next_business_day(clock.today()))

    with pytest.raises(RuleBroken, match="not-executed"):
        services.mark_all_paid(batch, clock.today(), actor=None)
    with pytest.raises(RuleBroken, match="not-executed"):
        services.mark_paid(first(batch), clock.today(), "", actor=None)

    clock.move(clock.at_local(batch.execution_on, 9))
    assert services.mark_all_paid(batch, clock.today(), actor=None) == 1


@pytest.mark.parametrize("until", ["drawn_up", "proposed", "approved"])
def test_what_did_not_leave_is_not_paid(session: Db, until: str) -> None:
    order = first(make_batch(1, until=until))

    with pytest.raises(RuleBroken, match="wrong-state"):
        services.mark_paid(order, clock.today(), "", actor=None)


@pytest.mark.parametrize("until", ["exported", "settled"])
def test_a_payment_that_came_back_is_ordered_anew(session: Db, until: str) -> None:
    order = first(make_batch(1, until=until))

    anew = services.fail(order, "AC04 closed account", actor=None)

    letter = session.scalars(select(Letter).where(Letter.kind == "payment.failed")).one()
    assert (order.status, anew.status) == (PaymentStatus.FAILED, PaymentStatus.DUE)
    assert anew.reference != order.reference
    assert anew.due_on == order.due_on
    assert "AC04 closed account" in letter.body
    assert anew.reference in letter.body
    assert money(anew)[:4] == (0, 78_000, 0, 0)
    assert papers.live(services.PAPER, order) is None


def test_an_order_that_followed_a_failed_one_is_paid_in_a_new_batch(session: Db) -> None:
    anew = services.fail(first(make_batch(1, until="settled")), "AC04", actor=None)

    make_batch(orders=[anew], until="settled")

    assert anew.status is PaymentStatus.PAID
    assert anew.exchange.status is ExchangeStatus.CLOSED


def test_money_that_came_home_is_recovered(session: Db) -> None:
    order = first(make_batch(1, until="settled"))
    services.print_order(order)

    services.recover(order, "Stay found void.", actor=None)

    assert order.status is PaymentStatus.RECOVERED
    assert papers.live(services.PAPER, order) is None
    assert money(order) == (0, 0, 0, 0, 1_000_000)


def test_what_was_recovered_is_not_ordered_again(session: Db) -> None:
    order = first(make_batch(1, until="settled"))
    services.recover(order, "Stay found void.", actor=None)

    with pytest.raises(RuleBroken, match="wrong-state"):
        services.order(order.exchange, actor=None)

    assert session.query(PaymentOrder).count() == 1
    assert money(order)[1:4] == (0, 0, 0)


def test_the_money_of_a_call_moves_along(session: Db) -> None:
    batch = make_batch(2, until="drawn_up")
    order = first(batch)

    seen = [money(order)]
    services.take_out(batch.lines[1], actor=None)
    services.void(batch.lines[1].order, "Wrong.", actor=None)
    seen.append(money(order))

    assert seen == [(0, 156_000, 0, 0, 844_000), (78_000, 78_000, 0, 0, 844_000)]


@pytest.mark.parametrize(
    ("until", "stands"),
    [
        ("approved", (0, 156_000, 0, 0)),
        ("exported", (0, 0, 156_000, 0)),
        ("settled", (0, 0, 0, 156_000)),
    ],
)
def test_the_ledger_says_where_the_money_is(
    session: Db, until: str, stands: tuple[int, int, int, int]
) -> None:
    batch = make_batch(2, until=until)

    assert money(first(batch))[:4] == stands


def test_money_of_another_partnership_is_not_shown(session: Db) -> None:
    order = make_order()

    assert queries.money_of(order.call, [Scope(partnership_id=order.exchange.hop_id)]).rows == ()
    assert queries.money_of(order.call, [Scope(order.exchange.vop_id)]).sum.due_cents == 78_000


def test_each_posting_sums_to_zero_and_stays(session: Db) -> None:
    make_batch(2, until="settled")

    sums = session.scalars(select(func.sum(LedgerLine.cents)).group_by(LedgerLine.posting)).all()
    assert len(sums) == 4
    assert set(sums) == {0}
    for change in ("UPDATE ledger_line SET cents = 1", "DELETE FROM ledger_line"):
        with pytest.raises(DatabaseError), session.begin_nested():
            session.execute(text(change))


def test_an_order_on_hold_waits(session: Db) -> None:
    order = make_order()

    services.hold(order, "Account in doubt.", actor=None)
    with pytest.raises(RuleBroken, match="wrong-state"), session.begin_nested():
        make_batch(orders=[order])
    services.release(order, actor=None)

    assert (order.status, order.reason) == (PaymentStatus.DUE, "")


def test_a_reason_is_needed(session: Db) -> None:
    order = make_order()

    for verb in (services.hold, services.void):
        with pytest.raises(RuleBroken, match="reason-needed"):
            verb(order, "  ", actor=None)

    assert order.status is PaymentStatus.DUE


def test_the_ten_days_do_not_begin_anew_when_the_bank_sends_money_back(session: Db) -> None:
    order = make_order(last_day=clock.today() - timedelta(days=8))
    promised = order.due_on
    make_batch(orders=[order], until="exported")

    anew = services.fail(order, "AC04", actor=None)

    assert anew.due_on == promised == clock.today() + timedelta(days=3)


def test_a_new_payer_of_the_call_does_not_take_over_what_came_back(session: Db) -> None:
    order = first(make_batch(1, until="exported"))
    order.call.payer = make_partnership()

    anew = services.fail(order, "AC04", actor=None)

    assert anew.partnership is order.partnership


@pytest.mark.parametrize("verb", ["mark_paid", "fail", "recover", "mark_all_paid"])
def test_what_changed_since_the_page_was_opened_is_refused_after_the_lock(session: Db, verb: str) -> None:
    batch = make_batch(1, until="settled" if verb == "recover" else "exported")
    order = first(batch)
    before = order.status
    acts: dict[str, Callable[[int], object]] = {
        "mark_paid": lambda version: services.mark_paid(
            order, clock.today(), "", actor=None, version=version
        ),
        "fail": lambda version: services.fail(order, "AC04", actor=None, version=version),
        "recover": lambda version: services.recover(order, "Back.", actor=None, version=version),
        "mark_all_paid": lambda version: services.mark_all_paid(
            batch, clock.today(), actor=None, version=version
        ),
    }

    with pytest.raises(RuleBroken, match="stale"):
        acts[verb](99)

    assert order.status is before
    acts[verb](batch.version if verb == "mark_all_paid" else order.version)
    assert order.status is not before
