"""The verbs of a batch: drawn up, proposed, approved by another, exported once."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.audit.queries import entries_about
from mobility.core import clock
from mobility.core.errors import NotAllowed, RuleBroken
from mobility.organisations.services import change_account
from mobility.partnerships.bank import AccountDraft
from mobility.partnerships.services import set_account
from mobility.payments import batch_queries, services
from mobility.payments.calendar import next_business_day
from mobility.payments.content import content_of, live_lines
from mobility.payments.enums import BatchStatus, PaymentStatus
from mobility.payments.models import Batch, BatchLine
from tests.make.exchanges import make_ended_exchange
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.make.payments import PAYING, make_batch, make_finance, make_finance_user, make_order

Db = scoped_session[Session]
TWICE = """
INSERT INTO batch_line (batch_id, order_id, amount_cents, creditor_name, creditor_iban, creditor_bic)
SELECT batch_id, order_id, amount_cents, '', '', '' FROM batch_line
"""
OTHER = AccountDraft("Solarwerk", "BE71 0961 2345 6769")


def approve(batch: Batch) -> None:
    services.approve(batch, batch.sha256 or "", actor=make_finance().approver)


def test_due_orders_are_put_together(session: Db) -> None:
    batch = make_batch(3)

    assert [line.order.status for line in batch.lines] == [PaymentStatus.BATCHED] * 3
    assert batch.status is BatchStatus.DRAWN_UP
    assert batch.reference.startswith("BAT-")


def test_orders_of_another_payer_do_not_fit(session: Db) -> None:
    mine, strange = make_order(), make_order()

    with pytest.raises(RuleBroken, match="other-payer"):
        services.draw_up(
            mine.partnership, mine.call, [mine, strange], next_business_day(clock.today()), actor=None
        )

    assert mine.status is strange.status is PaymentStatus.DUE


def test_whom_the_call_names_pays_for_all(session: Db) -> None:
    office = make_partnership(name="Support office")
    exchange = make_ended_exchange()
    exchange.call.payer = office

    order = make_order(exchange)

    assert order.partnership is office
    assert make_batch(orders=[order]).partnership is office


def test_a_batch_of_nothing_is_refused(session: Db) -> None:
    order = make_order()

    with pytest.raises(RuleBroken, match="no-orders"):
        services.draw_up(order.partnership, order.call, [], next_business_day(clock.today()), actor=None)


def test_a_batch_takes_so_many_orders_and_no_more(session: Db, monkeypatch: pytest.MonkeyPatch) -> None:
    assert batch_queries.MOST_ORDERS == 200
    monkeypatch.setattr(batch_queries, "MOST_ORDERS", 2)
    first = make_order()
    orders = [first, *(make_order(call=first.call, vop=first.exchange.vop) for _number in range(2))]

    with pytest.raises(RuleBroken, match="too-many-orders"):
        make_batch(orders=orders)

    assert {order.status for order in orders} == {PaymentStatus.DUE}
    assert len(batch_queries.due_orders(first.partnership, first.call)) == 2
    assert make_batch(orders=orders[:2]).status is BatchStatus.DRAWN_UP


def test_a_bank_holiday_is_no_execution_day(session: Db) -> None:
    order = make_order()
    sunday = clock.today() + timedelta(days=6 - clock.today().weekday())

    with pytest.raises(RuleBroken, match="no-business-day"):
        services.draw_up(order.partnership, order.call, [order], sunday, actor=None)

    assert order.status is PaymentStatus.DUE


def test_an_order_is_in_one_batch(session: Db) -> None:
    batch = make_batch(1)
    order = batch.lines[0].order

    with pytest.raises(RuleBroken, match="wrong-state"):
        make_batch(orders=[order])
    with pytest.raises(IntegrityError, match="uq_batch_line"):
        session.execute(text(TWICE))


def test_an_order_that_is_taken_out_is_due_again(session: Db) -> None:
    batch = make_batch(2)

    services.take_out(batch.lines[0], actor=None)

    assert batch.lines[0].order.status is PaymentStatus.DUE
    assert [line.id for line in live_lines(batch)] == [batch.lines[1].id]


def test_proposing_freezes_what_the_records_say(session: Db) -> None:
    batch = make_batch(2)
    change_account(batch.lines[0].order.exchange.visiting_organisation, OTHER, actor=None)

    services.propose(batch, actor=make_finance().initiator)

    assert (batch.total_cents, batch.number_of_orders) == (156_000, 2)
    assert batch.lines[0].creditor_iban == "BE71096123456769"
    assert (batch.debtor_name, batch.debtor_iban) == ("Green partnership", "PT50000201231234567890154")
    assert batch.sha256 == content_of(batch).sha256


def test_nothing_is_proposed_without_the_paying_account(session: Db) -> None:
    batch = make_batch(1)
    batch.partnership.iban = None

    with pytest.raises(RuleBroken, match="no-debtor-account"):
        services.propose(batch, actor=make_finance().initiator)

    assert batch.status is BatchStatus.DRAWN_UP


def test_a_proposed_batch_is_frozen_by_the_database(session: Db) -> None:
    batch = make_batch(1, until="proposed")

    for change in (
        "UPDATE batch_line SET amount_cents = 1",
        "UPDATE batch SET total_cents = 1",
        "DELETE FROM batch_line",
        "DELETE FROM batch",
    ):
        with pytest.raises(DatabaseError), session.begin_nested():
            session.execute(text(change))

    assert batch.status is BatchStatus.PROPOSED


def test_another_person_approves(session: Db) -> None:
    people = make_finance()
    batch = make_batch(1, people=people, until="proposed")

    services.approve(batch, batch.sha256 or "", actor=people.approver)

    assert batch.status is BatchStatus.APPROVED
    assert (batch.proposed_by_id, batch.approved_by_id) == (people.initiator.id, people.approver.id)
    assert entries_about(batch)[-1].values["sha256"] == batch.sha256


def test_nobody_approves_the_own_batch(session: Db) -> None:
    both = make_finance_user(Role.FINANCE_APPROVER)
    batch = make_batch(1)
    services.propose(batch, actor=both)

    with pytest.raises(RuleBroken, match="own-batch"):
        services.approve(batch, batch.sha256 or "", actor=both)
    with pytest.raises(IntegrityError, match="four_eyes"):
        session.execute(text("UPDATE batch SET approved_by_id = proposed_by_id"))


def test_an_approver_of_another_partnership_may_not_approve(session: Db) -> None:
    batch = make_batch(1, until="proposed")
    stranger = make_finance_user(Role.FINANCE_APPROVER, make_partnership())

    with pytest.raises(NotAllowed):
        services.approve(batch, batch.sha256 or "", actor=stranger)

    assert batch.status is BatchStatus.PROPOSED


def test_what_was_not_shown_is_not_approved(session: Db) -> None:
    batch = make_batch(1, until="proposed")

    with pytest.raises(RuleBroken, match="not-what-you-saw"):
        services.approve(batch, "0" * 64, actor=make_finance().approver)


def new_iban(line: BatchLine) -> None:
    change_account(line.order.exchange.visiting_organisation, OTHER, actor=None)


def new_town(line: BatchLine) -> None:
    line.order.exchange.visiting_organisation.town = "Antwerp"


def new_amount(line: BatchLine) -> None:
    line.order.exchange.lump_sum_cents = line.order.amount_cents = 39_000


def new_debtor(line: BatchLine) -> None:
    set_account(line.batch.partnership, AccountDraft("Other", OTHER.iban), actor=None)


CHANGES = [(new_iban, "PO-"), (new_town, "address"), (new_amount, "PO-"), (new_debtor, "debtor")]


@pytest.mark.parametrize(("change", "what"), CHANGES)
def test_what_changed_since_it_was_proposed_is_not_approved(
    session: Db, change: Callable[[BatchLine], None], what: str
) -> None:
    batch = make_batch(2, until="proposed")
    change(batch.lines[1])
    session.flush()

    with pytest.raises(RuleBroken, match="batch-changed") as refused:
        approve(batch)

    assert what in refused.value.values["what"]
    assert batch.status is BatchStatus.PROPOSED


@pytest.mark.parametrize(("change", "what"), CHANGES)
def test_what_changed_since_it_was_approved_does_not_leave(
    session: Db, change: Callable[[BatchLine], None], what: str
) -> None:
    batch = make_batch(2, until="approved")
    change(batch.lines[1])
    session.flush()

    with pytest.raises(RuleBroken, match="batch-changed"):
        services.export(batch, actor=None)

    assert (batch.status, batch.file) == (BatchStatus.APPROVED, None)


def test_a_batch_that_is_sent_back_can_be_proposed_anew(session: Db) -> None:
    people = make_finance()
    batch = make_batch(2, people=people, until="proposed")

    services.send_back(batch, "Wrong day.", actor=people.approver)
    services.take_out(batch.lines[0], actor=people.initiator)
    services.propose(batch, actor=people.initiator)

    assert (batch.status, batch.total_cents) == (BatchStatus.PROPOSED, 78_000)


@pytest.mark.parametrize("until", ["drawn_up", "proposed", "approved"])
def test_a_void_batch_lets_its_orders_go(session: Db, until: str) -> None:
    batch = make_batch(2, until=until)

    services.void_batch(batch, "A mistake.", actor=None)

    assert {line.order.status for line in batch.lines} == {PaymentStatus.DUE}
    assert make_batch(orders=[line.order for line in batch.lines]).status is BatchStatus.DRAWN_UP


def test_a_batch_is_not_void_once_its_file_left(session: Db) -> None:
    batch = make_batch(1, until="exported")

    with pytest.raises(RuleBroken, match="wrong-state"):
        services.void_batch(batch, "Too late.", actor=None)


def test_only_what_is_approved_leaves(session: Db) -> None:
    batch = make_batch(1, until="proposed")

    with pytest.raises(RuleBroken, match="wrong-state"):
        services.export(batch, actor=None)

    assert batch.file is None


def test_the_file_is_made_once(session: Db) -> None:
    batch = make_batch(2, until="exported")
    first = batch.file

    again = services.export(batch, actor=None)

    assert again == first
    assert sha256(again).hexdigest() == batch.file_sha256
    assert {line.order.status for line in batch.lines} == {PaymentStatus.EXPORTED}


def test_the_file_is_kept_encrypted(session: Db) -> None:
    make_batch(1, until="exported")

    stored = bytes(session.execute(text("SELECT file FROM batch")).scalar_one())

    assert b"BE68539007547034" not in stored
    assert b"pain.001" not in stored


def test_no_plain_account_number_stands_in_any_table_of_the_room(session: Db) -> None:
    make_batch(2, until="settled")

    dump = "".join(
        str(row)
        for table in (
            "batch",
            "batch_line",
            "payment_order",
            "entry",
            "letter",
            "ledger_line",
            "organisation",
        )
        for row in session.execute(text(f"SELECT * FROM {table}"))
    )

    assert "BE68539007547034" not in dump
    assert PAYING.iban.replace(" ", "") not in dump


def test_the_day_to_pay_must_be_to_come_when_the_file_is_made(session: Db) -> None:
    batch = make_batch(1, until="approved")
    session.execute(text("ALTER TABLE batch DISABLE TRIGGER batch_frozen"))
    session.execute(text("UPDATE batch SET execution_on = '2025-02-03'"))
    session.execute(text("ALTER TABLE batch ENABLE TRIGGER batch_frozen"))
    session.expire_all()

    with pytest.raises(RuleBroken, match=r"batch-changed|day-passed"):
        services.export(batch, actor=None)


def test_a_name_that_no_bank_can_write_is_refused(session: Db) -> None:
    order = make_order(visitor=make_organisation(account=AccountDraft("日本", OTHER.iban)))

    with pytest.raises(RuleBroken, match="no-creditor-name"):
        services.draw_up(order.partnership, order.call, [order], next_business_day(clock.today()), actor=None)


def test_the_list_is_printed_when_the_file_is_there(session: Db) -> None:
    batch = make_batch(1, until="approved")
    with pytest.raises(RuleBroken, match="not-exported"):
        services.print_list(batch)
    services.export(batch, actor=None)

    paper = services.print_list(batch)

    assert paper.content.startswith(b"%PDF-1.7")
    assert services.print_list(batch) is paper
