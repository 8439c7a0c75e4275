"""What the paper of a payment order says, as plain data."""

from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import force_locale
from flask_babel import gettext as _

from mobility.calls.wording import trace_rows
from mobility.core.clock import local
from mobility.core.pdf import LOCALE
from mobility.organisations.models import Organisation
from mobility.payments import wording
from mobility.payments.models import PaymentOrder
from mobility.payments.words import amount_in_words

HIDDEN = "•"


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
    beneficiary: str
    beneficiary_place: str
    account: str
    exchange: str
    host: str
    stay: str
    agreed_on: date
    rules_version: str
    steps: tuple[Step, ...]
    checks: tuple[Check, ...]


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
    return PaymentOrderDocument(
        title=_("Payment order %(reference)s", reference=order.reference),
        reference=order.reference,
        version=version,
        issued_at=order.ordered_at,
        payer=order.partnership.name,
        payer_place=wording.place(order.partnership.town, order.partnership.country),
        amount_cents=order.amount_cents,
        amount_words=amount_in_words(order.amount_cents),
        due_on=order.due_on,
        beneficiary=beneficiary(visitor),
        beneficiary_place=wording.place(visitor.town, visitor.country),
        account=masked(visitor.iban or ""),
        exchange=exchange.reference,
        host=", ".join((host.name, wording.place(host.town, host.country))),
        stay=wording.period(exchange.first_day, exchange.last_day),
        agreed_on=local(exchange.agreed_at).date(),
        rules_version=order.rules_version,
        steps=tuple(Step(row.label, row.found, row.rule, row.amount_text) for row in trace_rows(order.trace)),
        checks=checks(order),
    )


def checks(order: PaymentOrder) -> tuple[Check, ...]:
    """What stood fast before the order was drawn up."""
    exchange = order.exchange
    stages = (
        (_("Both sides agreed to the stay"), exchange.agreed_at, _("Visitor and host")),
        (_("Exchange confirmed"), exchange.confirmed_at, _("Both answers")),
        (_("Stay completed"), exchange.ended_at, _("Calendar of the exchange")),
    )
    dated = [
        Check(evidence, exchange.reference, local(moment).date(), by)
        for evidence, moment, by in stages
        if moment
    ]
    amount = Check(
        _("Amount as agreed, equal to its trace"),
        _("Rules %(version)s", version=order.rules_version),
        local(order.ordered_at).date(),
        _("ClusterXchange"),
    )
    return (*dated, amount)


def beneficiary(organisation: Organisation) -> str:
    """In whose name the account stands."""
    return organisation.account_holder or organisation.name


def masked(iban: str) -> str:
    """An account that shows only its country and last four signs; its length stays hidden."""
    plain = "".join(iban.split())
    return f"{plain[:2]}{HIDDEN * 2} {HIDDEN * 4} {plain[-4:]}" if plain else ""
