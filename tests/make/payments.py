"""Makers of payment orders and batches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.agreements.content import of_financial
from mobility.agreements.enums import SLOTS, AgreementKind, AgreementStatus
from mobility.agreements.models import Agreement, Signature
from mobility.agreements.rules import sha256_of
from mobility.audit.models import Entry
from mobility.audit.services import record
from mobility.calls.queries import allotment_of
from mobility.calls.services import reserve
from mobility.core import clock
from mobility.core.db import db
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.partnerships.bank import AccountDraft
from mobility.partnerships.models import Partnership
from mobility.partnerships.services import set_account
from mobility.payments import services
from mobility.payments.calendar import is_business_day, next_business_day
from mobility.payments.enums import PaymentStatus
from mobility.payments.models import Batch, PaymentOrder
from mobility.reporting.enums import EvidenceKind, ReportStatus, Side
from mobility.reporting.models import ClosingReport, Evidence
from tests.make.accounts import make_user
from tests.make.exchanges import make_ended_exchange

# The example IBAN of the Portuguese standard.
PAYING = AccountDraft("Green partnership", "PT50 0002 0123 1234 5678 9015 4", "")
PDF = b"%PDF-1.7 ticket"


def make_order(exchange: Exchange | None = None, *, is_printed: bool = False, **changes: Any) -> PaymentOrder:
    """An order of a completed exchange; `changes` are those of `make_ended_exchange`."""
    order = services.order(make_payable(exchange or make_ended_exchange(**changes)))
    db.session.flush()
    if is_printed:
        services.print_order(order)
        db.session.flush()
    return order


def make_payable(exchange: Exchange | None = None, **changes: Any) -> Exchange:
    """A completed exchange with all that a payment needs: agreement, report, evidence, budget."""
    exchange = exchange or make_ended_exchange(**changes)
    if not _has(Agreement, exchange):
        make_signed_agreement(exchange)
    if not _has(ClosingReport, exchange):
        make_accepted_report(exchange)
    _commit_budget(exchange)
    _log_its_way(exchange)
    db.session.flush()
    return exchange


def make_signed_agreement(exchange: Exchange) -> Agreement:
    """The financial agreement of an exchange, signed by both; its commitment is named only."""
    reference = exchange.reference.replace("EXC", "FA")
    commitment = Agreement(reference=exchange.reference.replace("EXC", "CQ"), revision=1, sha256="0" * 64)
    content = of_financial(exchange, commitment, reference, 1)
    agreement = Agreement(
        reference=reference,
        exchange=exchange,
        kind=AgreementKind.FINANCIAL,
        revision=1,
        status=AgreementStatus.SIGNING,
        content=content,
        sha256=sha256_of(content),
        lump_sum_cents=exchange.lump_sum_cents,
        drawn_up_at=exchange.agreed_at,
    )
    db.session.add(agreement)
    db.session.flush()
    for slot in SLOTS[AgreementKind.FINANCIAL]:
        signer = make_user(name=f"Signer {slot.value}")
        db.session.add(
            Signature(
                agreement=agreement,
                slot=slot,
                user_id=signer.id,
                name=signer.name,
                sha256=agreement.sha256,
                signed_at=exchange.agreed_at,
            )
        )
    db.session.flush()
    agreement.status, agreement.signed_at = AgreementStatus.SIGNED, exchange.agreed_at
    for verb in ("agreement.drawn_up", "agreement.complete"):
        record(verb, agreement, actor=None)
    db.session.flush()
    return agreement


def make_accepted_report(exchange: Exchange, *, evidence: int = 2) -> ClosingReport:
    """The visitor's report, accepted at the end of the stay, with so many papers of evidence."""
    ended_at = exchange.ended_at or clock.utcnow()
    report = ClosingReport(
        reference=exchange.reference.replace("EXC", "CR"),
        exchange=exchange,
        side=Side.VISITOR,
        status=ReportStatus.DRAFT,
        due_on=exchange.last_day + timedelta(days=15),
        begun_at=ended_at,
    )
    db.session.add(report)
    db.session.flush()
    for number in range(evidence):
        paper = PDF + str(number).encode()
        db.session.add(
            Evidence(
                report=report,
                kind=(EvidenceKind.BOARDING_PASS, EvidenceKind.TRAVEL_INVOICE)[number % 2],
                file_name=f"ticket{number}.pdf",
                content=paper,
                sha256=sha256(paper).hexdigest(),
                bytes_long=len(paper),
                added_at=ended_at,
            )
        )
    db.session.flush()
    officer = make_user(Role.PARTNERSHIP_OFFICER, partnership=exchange.vop, name="Ilse V.")
    report.status, report.filed_at = ReportStatus.ACCEPTED, ended_at
    report.decided_at, report.decided_by_id = ended_at, officer.id
    for verb in ("report.begun", "report.filed", "report.accepted"):
        record(verb, report, actor=None)
    db.session.flush()
    return report


@dataclass(frozen=True)
class Finance:
    """Two people for money: one proposes, one approves."""

    initiator: User
    approver: User


def make_finance(partnership: Partnership | None = None) -> Finance:
    """An initiator and an approver, granted by two administrators."""
    return Finance(
        make_finance_user(Role.FINANCE_INITIATOR, partnership),
        make_finance_user(Role.FINANCE_APPROVER, partnership),
    )


def make_finance_user(role: Role, partnership: Partnership | None = None) -> User:
    """A person with a finance role in force."""
    return make_user(role, partnership=partnership)


def make_batch(
    number: int = 2,
    *,
    people: Finance | None = None,
    orders: Sequence[PaymentOrder] = (),
    until: str = "drawn_up",
    execution_on: date | None = None,
    **changes: Any,
) -> Batch:
    """A batch of orders, taken by the verbs to "drawn_up", "proposed", "approved", "exported" or "settled".

    The bank is to pay it today, or on the next day on which banks work.
    """
    people = people or make_finance()
    if not orders:
        first = make_order(**changes)
        same = {"call": first.call, "vop": first.exchange.vop}
        orders = [first, *(make_order(**(changes | same)) for _ in range(number - 1))]
    payer = orders[0].partnership
    if payer.iban is None:
        set_account(payer, PAYING, actor=None)
    if not is_business_day(clock.today()):
        clock.move(clock.at_local(next_business_day(clock.today()), 9))
    batch = services.draw_up(
        payer, orders[0].call, orders, execution_on or clock.today(), actor=people.initiator
    )
    if until != "drawn_up":
        services.propose(batch, actor=people.initiator)
    if until in {"approved", "exported", "settled"}:
        services.approve(batch, batch.sha256 or "", actor=people.approver)
    if until in {"exported", "settled"}:
        services.export(batch, actor=people.initiator)
    if until == "settled":
        services.mark_all_paid(batch, clock.today(), actor=people.initiator)
    db.session.flush()
    return batch


def _has(kind: type[Agreement] | type[ClosingReport], exchange: Exchange) -> bool:
    return db.session.scalar(select(kind.id).where(kind.exchange_id == exchange.id).limit(1)) is not None


def _commit_budget(exchange: Exchange) -> None:
    """Exchanges made without their round promised no money: promise what is missing."""
    db.session.flush()
    recovered = select(PaymentOrder.exchange_id).where(PaymentOrder.status == PaymentStatus.RECOVERED)
    live = select(func.coalesce(func.sum(Exchange.lump_sum_cents), 0)).where(
        Exchange.call_id == exchange.call_id,
        Exchange.vop_id == exchange.vop_id,
        Exchange.status != ExchangeStatus.CANCELLED,
        Exchange.id.not_in(recovered),
    )
    allotment = allotment_of(exchange.call, exchange.vop)
    committed = allotment.committed_cents if allotment else 0
    missing = (db.session.scalar(live) or 0) - committed
    if missing > 0:
        reserve(exchange.call, exchange.vop, missing)


def _log_its_way(exchange: Exchange) -> None:
    """Exchanges made without their round left no entries: write down what is missing."""
    moves = {
        "agreed": exchange.agreed_at,
        "confirmed": exchange.confirmed_at,
        "started": exchange.started_at,
        "ended": exchange.ended_at,
    }
    wanted: list[tuple[str, Any]] = [(f"exchange.{verb}", exchange) for verb, at in moves.items() if at]
    wanted += [("application.matched", exchange.application), ("offer.accepted", exchange.offer)]
    for verb, about in wanted:
        known = select(Entry.id).where(
            Entry.about_kind == about.__tablename__, Entry.about_id == about.id, Entry.verb == verb
        )
        if db.session.scalar(known.limit(1)) is None:
            record(verb, about, actor=None)
