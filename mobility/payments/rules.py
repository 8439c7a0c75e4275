"""When an exchange may be paid."""

from datetime import date, timedelta

from mobility.core import clock
from mobility.core.errors import RuleBroken
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange

PAY_WITHIN_DAYS = 10
# A stay broken off is paid by decision, not by the clock.
COMPLETED = (ExchangeStatus.ENDED, ExchangeStatus.CLOSED)


def due_on(exchange: Exchange) -> date:
    """The last day on which the lump sum is paid in time: ten days after the stay was completed."""
    completed = clock.local(exchange.ended_at).date() if exchange.ended_at else clock.today()
    return completed + timedelta(days=PAY_WITHIN_DAYS)


def require_payable(exchange: Exchange) -> None:
    """Raises `RuleBroken` with the first reason that stands against a payment."""
    if exchange.status not in COMPLETED:
        raise RuleBroken("exchange-not-ended", state=exchange.status)
    if exchange.lump_sum_cents == 0:
        raise RuleBroken("nothing-to-pay")
    if not exchange.trace or exchange.trace[-1]["cents"] != exchange.lump_sum_cents:
        raise RuleBroken("amount-without-trace")
