from datetime import date

import pytest
from sqlalchemy.orm import Session, scoped_session

from mobility.core.errors import RuleBroken
from mobility.exchanges.enums import ExchangeStatus
from mobility.payments import rules, services
from tests.make.exchanges import make_ended_exchange


def test_a_completed_stay_with_a_lump_sum_is_payable(session: scoped_session[Session]) -> None:
    exchange = make_ended_exchange()

    rules.require_payable(exchange)

    assert exchange.status in rules.COMPLETED
    assert services.order(exchange).amount_cents == exchange.lump_sum_cents > 0


@pytest.mark.parametrize("status", [status for status in ExchangeStatus if status not in rules.COMPLETED])
def test_a_stay_that_is_not_completed_is_not_payable(
    session: scoped_session[Session], status: ExchangeStatus
) -> None:
    with pytest.raises(RuleBroken, match="exchange-not-ended"):
        rules.require_payable(make_ended_exchange(status=status))


def test_a_stay_without_lump_sum_is_not_payable(session: scoped_session[Session]) -> None:
    with pytest.raises(RuleBroken, match="nothing-to-pay"):
        rules.require_payable(make_ended_exchange(lump_sum_cents=0))


def test_an_amount_that_its_trace_does_not_give_is_not_payable(session: scoped_session[Session]) -> None:
    with pytest.raises(RuleBroken, match="amount-without-trace"):
        rules.require_payable(make_ended_exchange(lump_sum_cents=78_001))


def test_money_is_due_ten_days_after_the_stay_was_completed(session: scoped_session[Session]) -> None:
    exchange = make_ended_exchange(last_day=date(2027, 3, 26))

    # Completed on 27 March, the night before the clocks go forward.
    assert rules.due_on(exchange) == date(2027, 4, 6)
