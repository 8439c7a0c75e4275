"""What stands against a payment, and by when it is due."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session, scoped_session

from mobility.core import clock
from mobility.core.errors import RuleBroken
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.payments import rules, services
from mobility.payments.proofs import proof_of
from tests.make.exchanges import make_ended_exchange
from tests.make.organisations import make_organisation
from tests.make.payments import make_accepted_report, make_payable, make_signed_agreement

Db = scoped_session[Session]


def require(exchange: Exchange) -> None:
    rules.require_payable(exchange, proof_of(exchange))


def lacking(exchange: Exchange) -> list[str]:
    return [found.code for found in rules.missing(exchange, proof_of(exchange)) if not found.passed]


def test_a_completed_stay_that_lacks_nothing_is_payable(session: Db) -> None:
    exchange = make_payable()

    require(exchange)

    assert lacking(exchange) == []
    assert services.order(exchange).amount_cents == exchange.lump_sum_cents > 0


def test_what_is_missing_is_named_all_at_once(session: Db) -> None:
    exchange = make_ended_exchange(visitor=make_organisation(account=None))

    assert lacking(exchange) == ["agreement-signed", "report-accepted", "evidence-there", "account-known"]


def test_a_report_without_evidence_is_not_enough(session: Db) -> None:
    exchange = make_ended_exchange()
    make_signed_agreement(exchange)
    make_accepted_report(exchange, evidence=0)

    assert lacking(exchange) == ["evidence-there"]
    with pytest.raises(RuleBroken, match="no-evidence-there"):
        services.order(exchange)


def test_an_order_names_the_first_that_is_missing(session: Db) -> None:
    exchange = make_ended_exchange()

    with pytest.raises(RuleBroken, match="no-agreement-signed"):
        services.order(exchange)
    make_signed_agreement(exchange)
    with pytest.raises(RuleBroken, match="no-report-accepted"):
        services.order(exchange)


@pytest.mark.parametrize("status", [status for status in ExchangeStatus if status not in rules.COMPLETED])
def test_a_stay_that_is_not_completed_is_not_payable(session: Db, status: ExchangeStatus) -> None:
    with pytest.raises(RuleBroken, match="exchange-not-ended"):
        require(make_ended_exchange(status=status))


def test_a_stay_that_was_broken_off_is_payable(session: Db) -> None:
    require(make_payable(status=ExchangeStatus.TERMINATED))


def test_a_stay_without_lump_sum_is_not_payable(session: Db) -> None:
    with pytest.raises(RuleBroken, match="nothing-to-pay"):
        require(make_ended_exchange(lump_sum_cents=0))


def test_an_amount_that_its_trace_does_not_give_is_not_payable(session: Db) -> None:
    with pytest.raises(RuleBroken, match="amount-without-trace"):
        require(make_ended_exchange(lump_sum_cents=78_001))


def test_no_more_is_paid_than_the_agreement_fixed(session: Db) -> None:
    exchange = make_ended_exchange(days=3)
    make_payable(exchange)
    exchange.trace = [*exchange.trace[:-1], {**exchange.trace[-1], "cents": 40_000}]
    exchange.lump_sum_cents = 40_000

    with pytest.raises(RuleBroken, match="above-agreement"):
        require(exchange)


def test_money_is_due_so_many_days_after_the_report_was_accepted(session: Db) -> None:
    exchange = make_payable(last_day=date(2027, 3, 26))

    # Accepted on 27 March, the night before the clocks go forward.
    assert rules.due_on(exchange, proof_of(exchange)) == date(2027, 4, 6)


def test_the_call_says_how_many_days_there_are(session: Db) -> None:
    exchange = make_payable(last_day=date(2027, 3, 26))
    exchange.call.pay_within_days = 30

    assert rules.due_on(exchange, proof_of(exchange)) == date(2027, 4, 26)


@pytest.mark.parametrize(
    ("days", "code"), [(-1000, "day-passed"), (3000, "day-too-far")], ids=["passed", "far"]
)
def test_an_execution_day_is_near_and_to_come(session: Db, days: int, code: str) -> None:
    day = clock.today() + timedelta(days=days)
    while day.weekday() != 2 or day.month in {1, 3, 4, 5, 12}:
        day += timedelta(days=1 if days > 0 else -1)

    with pytest.raises(RuleBroken, match=code):
        rules.require_execution_day(day)
