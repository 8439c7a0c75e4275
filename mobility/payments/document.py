"""What the papers of payments say, as plain data: the order of one payment, the list of a batch."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from mobility.calls.wording import trace_rows
from mobility.core import dates
from mobility.core.clock import local
from mobility.core.money import amount_in_words
from mobility.core.pdf import LOCALE
from mobility.organisations.models import Organisation
from mobility.papers.stamp import Stamp, stamp
from mobility.partnerships.bank import masked
from mobility.partnerships.models import Partnership
from mobility.payments import wording
from mobility.payments.models import Batch, BatchLine, PaymentOrder
from mobility.payments.proofs import proof_of
from mobility.payments.rules import Agreed, Proof, Reported


@dataclass(frozen=True)
class Step:
    """One line of how the amount is worked out."""

    label: str
    found: str
    rule: str
    amount_text: str


@dataclass(frozen=True)
class Check:
    """One thing that was looked at before the money is paid."""

    evidence: str
    document: str
    checked_on: date
    by: str


@dataclass(frozen=True)
class PaymentOrderDocument:
    """One payment order, ready to print."""

    title: str
    reference: str
    version: int
    issued_at: datetime
    payer: str
    payer_place: str
    amount_cents: int
    amount_words: str
    due_on: date
    pay_within_days: int
    beneficiary: str
    beneficiary_place: str
    account: str
    exchange: str
    host: str
    stay: str
    agreement: str
    agreed_on: date
    rules_version: str
    steps: tuple[Step, ...]
    checks: tuple[Check, ...]
    stamp: Stamp


@dataclass(frozen=True)
class ListLine:
    """One payment of a batch, as its list shows it."""

    order: str
    exchange: str
    beneficiary: str
    beneficiary_place: str
    account: str
    amount_cents: int


@dataclass(frozen=True)
class BatchListDocument:
    """The list of one batch, ready to print."""

    title: str
    reference: str
    version: int
    issued_at: datetime
    payer: str
    payer_place: str
    call: str
    account: str
    execution_on: date
    lines: tuple[ListLine, ...]
    number: int
    total_cents: int
    total_words: str
    initiator: str
    proposed_at: datetime
    approver: str
    approved_at: datetime
    sha256: str
    file_sha256: str
    log_head: str
    stamp: Stamp


def document(order: PaymentOrder, version: int) -> PaymentOrderDocument:
    """The paper of `order`, worded in English whoever asks; the account is masked."""
    with force_locale(LOCALE):
        return _document(order, version)


def _document(order: PaymentOrder, version: int) -> PaymentOrderDocument:
    exchange, visitor, host = (
        order.exchange,
        order.exchange.visiting_organisation,
        order.exchange.host_organisation,
    )
    proof = proof_of(exchange)
    return PaymentOrderDocument(
        title=_("Payment order %(reference)s", reference=order.reference),
        reference=order.reference,
        version=version,
        issued_at=order.ordered_at,
        payer=order.partnership.name,
        payer_place=address(order.partnership),
        amount_cents=order.amount_cents,
        amount_words=amount_in_words(order.amount_cents),
        due_on=order.due_on,
        pay_within_days=exchange.call.pay_within_days,
        beneficiary=beneficiary(visitor),
        beneficiary_place=address(visitor),
        account=masked(visitor.iban),
        exchange=exchange.reference,
        host=", ".join((host.name, wording.place(host.town, host.country))),
        stay=dates.period(exchange.first_day, exchange.broken_off_on or exchange.last_day),
        agreement=proof.agreed.reference if proof.agreed else "",
        agreed_on=local(proof.agreed.signed_at if proof.agreed else exchange.agreed_at).date(),
        rules_version=order.rules_version,
        steps=tuple(Step(row.label, row.found, row.rule, row.amount_text) for row in trace_rows(order.trace)),
        checks=checks(order, proof),
        stamp=stamp(order.reference, version),
    )


def batch_list(batch: Batch, people: Mapping[int, str], version: int) -> BatchListDocument:
    """The paper of a batch whose file left; accounts are masked."""
    exported_at, proposed_at, approved_at = _moments(batch)
    with force_locale(LOCALE):
        return BatchListDocument(
            title=_("Batch %(reference)s", reference=batch.reference),
            reference=batch.reference,
            version=version,
            issued_at=exported_at,
            payer=batch.partnership.name,
            payer_place=address(batch.partnership),
            call=batch.call.title,
            account=masked(batch.debtor_iban),
            execution_on=batch.execution_on,
            lines=tuple(_line(line) for line in exported_lines(batch)),
            number=batch.number_of_orders,
            total_cents=batch.total_cents,
            total_words=amount_in_words(batch.total_cents),
            initiator=people.get(batch.proposed_by_id or 0, ""),
            proposed_at=proposed_at,
            approver=people.get(batch.approved_by_id or 0, ""),
            approved_at=approved_at,
            sha256=batch.sha256 or "",
            file_sha256=batch.file_sha256 or "",
            log_head=batch.log_head,
            stamp=stamp(batch.reference, version),
        )


def _moments(batch: Batch) -> tuple[datetime, datetime, datetime]:
    moments = (batch.exported_at, batch.proposed_at, batch.approved_at)
    exported_at, proposed_at, approved_at = (moment or batch.drawn_up_at for moment in moments)
    return exported_at, proposed_at, approved_at


def exported_lines(batch: Batch) -> list[BatchLine]:
    """The lines that the batch's file carries: a payment that failed afterwards was in it, too."""
    left_at = batch.exported_at
    return [
        line
        for line in batch.lines
        if line.released_at is None or (left_at is not None and line.released_at > left_at)
    ]


def checks(order: PaymentOrder, proof: Proof) -> tuple[Check, ...]:
    """What stood fast before the order was drawn up."""
    found = [*_agreement_checks(proof.agreed), *_report_checks(proof.reported)]
    amount = Check(
        _("Amount as agreed and as worked out"),
        _("Rules %(version)s", version=order.rules_version),
        local(order.ordered_at).date(),
        _("ClusterXchange"),
    )
    return (*found, amount)


def beneficiary(organisation: Organisation) -> str:
    """In whose name the account stands."""
    return organisation.account_holder or organisation.name


def address(record: Organisation | Partnership) -> str:
    """Street, postcode and town, country, as far as they are known."""
    town = " ".join(part for part in (record.postcode, record.town) if part)
    return ", ".join(part for part in (record.street, wording.place(town, record.country)) if part)


def _agreement_checks(agreed: Agreed | None) -> list[Check]:
    if agreed is None:
        return []
    day = local(agreed.signed_at).date()
    return [Check(_("Financial agreement, signed"), agreed.reference, day, ", ".join(agreed.signers))]


def _report_checks(reported: Reported | None) -> list[Check]:
    if reported is None:
        return []
    day, papers = local(reported.accepted_at).date(), len(reported.evidence)
    evidence = ngettext("%(num)s paper", "%(num)s papers", papers)
    kinds = ", ".join(wording.evidence_words(reported.evidence))
    return [
        Check(_("Closing report, accepted"), reported.reference, day, reported.accepted_by),
        Check(_("Evidence of the stay: %(kinds)s", kinds=kinds), evidence, day, reported.accepted_by),
    ]


def _line(line: BatchLine) -> ListLine:
    organisation = line.order.exchange.visiting_organisation
    return ListLine(
        order=line.order.reference,
        exchange=line.order.exchange.reference,
        beneficiary=line.creditor_name,
        beneficiary_place=wording.place(organisation.town, organisation.country),
        account=masked(line.creditor_iban),
        amount_cents=line.amount_cents,
    )
