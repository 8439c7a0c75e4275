"""What a payment stands on, read from the rooms below: the signed agreement, the accepted report and its evidence."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, select
from sqlalchemy.orm import aliased, joinedload

from mobility.accounts.models import User
from mobility.agreements.enums import AgreementKind, AgreementStatus
from mobility.agreements.models import Agreement
from mobility.calls.models import Allotment, Call
from mobility.core.db import db
from mobility.exchanges.models import Exchange
from mobility.organisations.models import Organisation
from mobility.partnerships.models import Partnership
from mobility.payments.enums import OUT_OF_FORCE
from mobility.payments.models import PaymentOrder
from mobility.payments.rules import Agreed, Proof, Reported
from mobility.reporting.enums import ReportStatus, Side
from mobility.reporting.models import ClosingReport, Evidence

Paid = aliased(Organisation)
Payer = aliased(Partnership)


def proof_of(exchange: Exchange) -> Proof:
    """The agreement and the report of an exchange that count."""
    return Proof(_agreed(exchange), _reported(exchange))


def is_payable() -> ColumnElement[bool]:
    """The exchanges that can be ordered, as `orders.order` would."""
    return and_(*conditions(), *(~stands for _code, stands in obstacles()))


def obstacles() -> tuple[tuple[str, ColumnElement[bool]], ...]:
    """What only a person can clear away, each by the code of its refusal."""
    trace: Any = Exchange.trace
    traced = func.coalesce(trace[-1]["cents"].as_integer() == Exchange.lump_sum_cents, false())
    return (
        ("amount-without-trace", ~traced),
        ("agreement-outdated", _signed_of_exchange().exists() & ~_current().exists()),
        ("over-budget", ~_within_budget()),
    )


def _signed_of_exchange() -> Select[Any]:
    return select(Agreement.id).where(Agreement.exchange_id == Exchange.id, _signed())


def _current() -> Select[Any]:
    """Agreements that still name today's payer and account holder."""
    content: Any = Agreement.content
    payer = (
        select(Payer.name)
        .join(Call, Payer.id == func.coalesce(Call.payer_id, Exchange.vop_id))
        .where(Call.id == Exchange.call_id)
        .correlate(Exchange)
        .scalar_subquery()
    )
    holder = (
        select(func.coalesce(func.nullif(Paid.account_holder, ""), Paid.name))
        .where(Paid.id == Exchange.visiting_organisation_id)
        .correlate(Exchange)
        .scalar_subquery()
    )
    return _signed_of_exchange().where(
        content["payer"].as_string() == payer, content["account_holder"].as_string() == holder
    )


def _within_budget() -> ColumnElement[bool]:
    """The allotment that bears the exchange has promised enough for it beside the orders in force."""
    beside = aliased(Exchange)
    live = (
        select(func.coalesce(func.sum(PaymentOrder.amount_cents), 0))
        .join(beside, PaymentOrder.exchange_id == beside.id)
        .where(
            beside.call_id == Allotment.call_id,
            beside.vop_id == Allotment.partnership_id,
            PaymentOrder.status.not_in(OUT_OF_FORCE),
        )
        .correlate(Allotment)
        .scalar_subquery()
    )
    bears = select(Allotment.id).where(
        Allotment.call_id == Exchange.call_id,
        Allotment.partnership_id == Exchange.vop_id,
        Allotment.committed_cents >= live + Exchange.lump_sum_cents,
    )
    return bears.correlate(Exchange).exists()


def conditions() -> tuple[ColumnElement[bool], ...]:
    """Agreement signed for the amount, report accepted, evidence there, account known."""
    agreed = select(Agreement.id).where(
        Agreement.exchange_id == Exchange.id,
        _signed(),
        Agreement.lump_sum_cents >= Exchange.lump_sum_cents,
    )
    proved = select(Evidence.id).join(ClosingReport).where(_accepted(), _of_exchange())
    account = select(Organisation.id).where(
        Organisation.id == Exchange.visiting_organisation_id, Organisation.iban.is_not(None)
    )
    return agreed.exists(), is_reported(), proved.exists(), account.exists()


def is_reported() -> ColumnElement[bool]:
    """The exchanges whose visitor's report is accepted."""
    return select(ClosingReport.id).where(_accepted(), _of_exchange()).exists()


def _signed() -> ColumnElement[bool]:
    return (Agreement.kind == AgreementKind.FINANCIAL) & (Agreement.status == AgreementStatus.SIGNED)


def _accepted() -> ColumnElement[bool]:
    return (ClosingReport.side == Side.VISITOR) & (ClosingReport.status == ReportStatus.ACCEPTED)


def _of_exchange() -> ColumnElement[bool]:
    return ClosingReport.exchange_id == Exchange.id


def _agreed(exchange: Exchange) -> Agreed | None:
    signed = select(Agreement).where(Agreement.exchange_id == exchange.id, _signed())
    found = db.session.scalars(signed.options(joinedload(Agreement.signatures))).unique().one_or_none()
    if found is None or found.signed_at is None:
        return None
    signers = tuple(signature.name for signature in found.signatures)
    return Agreed(
        found.reference,
        found.signed_at,
        found.lump_sum_cents or 0,
        payer=found.content.get("payer", ""),
        account_holder=found.content.get("account_holder", ""),
        signers=signers,
    )


def _reported(exchange: Exchange) -> Reported | None:
    accepted = (
        select(ClosingReport, User.name)
        .outerjoin(User, ClosingReport.decided_by_id == User.id)
        .where(ClosingReport.exchange_id == exchange.id, _accepted())
        .options(joinedload(ClosingReport.evidence).load_only(Evidence.kind))
    )
    row = db.session.execute(accepted).unique().one_or_none()
    if row is None:
        return None
    report, by = row
    kinds = tuple(evidence.kind.value for evidence in report.evidence)
    return Reported(report.reference, report.decided_at, by or "", kinds) if report.decided_at else None
