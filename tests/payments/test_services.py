import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.audit.queries import entries_about
from mobility.core.errors import RuleBroken
from mobility.exchanges.enums import ExchangeStatus
from mobility.mail.models import Letter
from mobility.papers import queries as papers
from mobility.payments import queries, services
from mobility.payments.enums import PaymentStatus
from mobility.payments.models import PaymentOrder
from tests.make.accounts import make_user
from tests.make.exchanges import make_ended_exchange
from tests.make.payments import make_order, make_payable


def orders(session: scoped_session[Session]) -> int:
    return session.scalar(select(func.count(PaymentOrder.id))) or 0


def test_an_order_takes_over_what_was_agreed(session: scoped_session[Session]) -> None:
    exchange = make_payable(days=3, rules_version="2027/1")

    order = services.order(exchange)

    assert order.reference.startswith("PO-")
    assert (order.amount_cents, order.trace, order.rules_version) == (39_000, exchange.trace, "2027/1")
    assert order.partnership is exchange.vop
    assert order.status is PaymentStatus.DUE


def test_an_order_is_written_down_and_told_to_the_visitor(session: scoped_session[Session]) -> None:
    order = make_order()

    (entry,) = entries_about(order)
    letter = session.scalars(select(Letter).where(Letter.kind == "payment.ordered")).one()
    assert (entry.verb, entry.values["amount_cents"]) == ("payment.ordered", 78_000)
    assert letter.to_email == order.exchange.application.person_email
    assert "€780.00" in letter.body
    assert order.reference in letter.body


def test_no_account_number_stands_in_a_letter(session: scoped_session[Session]) -> None:
    order = make_order()

    iban = order.exchange.visiting_organisation.iban or ""
    letter = session.scalars(select(Letter).where(Letter.kind == "payment.ordered")).one()
    assert iban
    assert iban not in "".join(letter.body.split())
    assert "BE•• •••• 7034" in letter.body


def test_an_exchange_is_ordered_once(session: scoped_session[Session]) -> None:
    order = make_order()

    with pytest.raises(RuleBroken, match="already-ordered"):
        services.order(order.exchange)

    assert orders(session) == 1


def test_a_stay_that_goes_on_is_not_ordered(session: scoped_session[Session]) -> None:
    exchange = make_ended_exchange(status=ExchangeStatus.ONGOING)

    with pytest.raises(RuleBroken, match="exchange-not-ended"):
        services.order(exchange)

    assert orders(session) == 0


def test_printing_issues_the_paper(session: scoped_session[Session]) -> None:
    order = make_order()

    paper = services.print_order(order)

    assert paper is not None
    assert paper.content.startswith(b"%PDF-1.7")
    assert (paper.number, paper.paper_version) == (order.reference, 1)
    assert papers.live(services.PAPER, order) is paper


def test_printing_again_changes_nothing(session: scoped_session[Session]) -> None:
    order = make_order()
    first = services.print_order(order)

    assert services.print_order(order) is first

    assert len(papers.versions(services.PAPER, order)) == 1


def test_a_paper_whose_facts_changed_gets_a_new_version(session: scoped_session[Session]) -> None:
    order = make_order(is_printed=True)
    order.exchange.visiting_organisation.account_holder = "Hornád Optika s.r.o."

    paper = services.print_order(order)

    assert paper is not None
    assert paper.paper_version == 2
    assert len(papers.versions(services.PAPER, order)) == 2


def test_a_void_order_loses_its_paper_and_leaves_room_for_a_new_one(session: scoped_session[Session]) -> None:
    order = make_order(is_printed=True)
    officer = make_user(Role.FINANCE_INITIATOR)

    services.void(order, "Wrong account.", actor=officer)
    again = services.order(order.exchange, actor=officer)

    assert order.status is PaymentStatus.VOID
    assert papers.live(services.PAPER, order) is None
    assert services.print_order(order) is None
    assert queries.live_order(order.exchange) is again
    voided = next(entry for entry in entries_about(order) if entry.verb == "payment.voided")
    assert (voided.actor_id, voided.values["reason"]) == (officer.id, "Wrong account.")


def test_an_order_is_voided_once(session: scoped_session[Session]) -> None:
    order = make_order()
    services.void(order, "Wrong account.", actor=None)

    with pytest.raises(RuleBroken, match="wrong-state"):
        services.void(order, "Again.", actor=None)
