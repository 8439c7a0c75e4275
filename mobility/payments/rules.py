"""When an exchange may be paid, and when a batch may leave."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mobility.calls.findings import Finding
from mobility.core import clock
from mobility.core.errors import RuleBroken
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.payments.calendar import LATEST_DAYS, is_business_day, next_business_day

# A stay broken off is paid for its days; one that is closed already may be paid anew after a failed payment.
COMPLETED = (ExchangeStatus.ENDED, ExchangeStatus.TERMINATED, ExchangeStatus.CLOSED)


@dataclass(frozen=True)
class Agreed:
    """The financial agreement that is signed by both."""

    reference: str
    signed_at: datetime
    lump_sum_cents: int
    # Who pays and whose account is paid, as both signed it.
    payer: str
    account_holder: str
    signers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reported:
    """The visitor's report that the partnership accepted, and how many papers prove the stay."""

    reference: str
    accepted_at: datetime
    accepted_by: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proof:
    """What a payment stands on; None where it is missing."""

    agreed: Agreed | None
    reported: Reported | None


def missing(exchange: Exchange, proof: Proof) -> list[Finding]:
    """Every condition of a payment, met or not: agreement, report, evidence, bank account."""
    agreed, reported = proof.agreed, proof.reported
    return [
        Finding("agreement-signed", agreed is not None, {"reference": agreed.reference if agreed else ""}),
        Finding(
            "report-accepted", reported is not None, {"reference": reported.reference if reported else ""}
        ),
        Finding(
            "evidence-there",
            bool(reported and reported.evidence),
            {"number": len(reported.evidence) if reported else 0},
        ),
        Finding("account-known", bool(exchange.visiting_organisation.iban), {}),
    ]


def due_on(exchange: Exchange, proof: Proof) -> date:
    """The last day on which the lump sum is paid in time: so many days after the report was accepted."""
    accepted = clock.local(proof.reported.accepted_at).date() if proof.reported else clock.today()
    return accepted + timedelta(days=exchange.call.pay_within_days)


def require_payable(exchange: Exchange, proof: Proof) -> None:
    """Raises `RuleBroken` with the first reason that stands against a payment."""
    if exchange.status not in COMPLETED:
        raise RuleBroken("exchange-not-ended", state=exchange.status)
    if exchange.lump_sum_cents == 0:
        raise RuleBroken("nothing-to-pay")
    if not exchange.trace or exchange.trace[-1]["cents"] != exchange.lump_sum_cents:
        raise RuleBroken("amount-without-trace")
    for finding in missing(exchange, proof):
        if not finding.passed:
            raise RuleBroken(f"no-{finding.code}")
    if proof.agreed and exchange.lump_sum_cents > proof.agreed.lump_sum_cents:
        raise RuleBroken("above-agreement", agreement=proof.agreed.reference)
    if proof.agreed:
        _require_current(exchange, proof.agreed)


def _require_current(exchange: Exchange, agreed: Agreed) -> None:
    """The call may name another payer, or the organisation another holder, after both have signed."""
    visitor = exchange.visiting_organisation
    payer = (exchange.call.payer or exchange.vop).name
    holder = visitor.account_holder or visitor.name
    if (agreed.payer, agreed.account_holder) != (payer, holder):
        raise RuleBroken(
            "agreement-outdated",
            agreement=agreed.reference,
            payer=agreed.payer or "–",
            holder=agreed.account_holder or "–",
        )


def require_paid_day(execution_on: date, day: date) -> None:
    """Raises `RuleBroken`: "not-executed" before the day on which the bank is to pay, "bad-paid-day"."""
    today = clock.today()
    if today < execution_on:
        raise RuleBroken("not-executed", day=execution_on)
    if not execution_on <= day <= today:
        raise RuleBroken("bad-paid-day", first=execution_on, last=today)


def require_execution_day(day: date) -> None:
    """Raises `RuleBroken`: "no-business-day", "day-passed" or "day-too-far"."""
    today = clock.today()
    if not is_business_day(day):
        raise RuleBroken("no-business-day", day=day, next=next_business_day(day))
    if day < today:
        raise RuleBroken("day-passed", day=day)
    if day > today + timedelta(days=LATEST_DAYS):
        raise RuleBroken("day-too-far", days=LATEST_DAYS)
