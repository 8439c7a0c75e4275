"""What a batch says, whole: what its approver sees, what its hash is of, and what goes to the bank."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256

from mobility.core.errors import RuleBroken
from mobility.organisations.models import Organisation
from mobility.partnerships.bank import AccountDraft, checked_account
from mobility.partnerships.models import Partnership
from mobility.payments.characters import bank_text
from mobility.payments.models import Batch, BatchLine

LONGEST_NAME = 70


@dataclass(frozen=True)
class Party:
    """Who pays or is paid, and where: an account with its holder's address."""

    name: str
    iban: str
    bic: str
    street: str
    postcode: str
    town: str
    country: str


@dataclass(frozen=True)
class Payment:
    """One payment: the order it carries out, to whom, how much."""

    order: str
    exchange: str
    creditor: Party
    amount_cents: int


@dataclass(frozen=True)
class BatchContent:
    """A batch as it is hashed; equal content has an equal hash."""

    reference: str
    call: str
    payer: str
    debtor: Party
    execution_on: date
    payments: tuple[Payment, ...]

    @property
    def total_cents(self) -> int:
        return sum(payment.amount_cents for payment in self.payments)

    @property
    def sha256(self) -> str:
        """Hash of the content in one canonical form."""
        said = {**asdict(self), "execution_on": self.execution_on.isoformat(), "total": self.total_cents}
        return sha256(
            json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
        ).hexdigest()


def live_lines(batch: Batch) -> list[BatchLine]:
    """The lines that have not left the batch."""
    return [line for line in batch.lines if line.released_at is None]


def content_of(batch: Batch) -> BatchContent:
    """What the batch would say now, from the records as they stand.

    Raises `RuleBroken`: "no-debtor-account", "no-creditor-account", "no-creditor-name".
    """
    return BatchContent(
        reference=batch.reference,
        call=batch.call.reference,
        payer=batch.partnership.code,
        debtor=debtor_of(batch.partnership),
        execution_on=batch.execution_on,
        payments=tuple(_payment(line) for line in live_lines(batch)),
    )


def debtor_of(partnership: Partnership) -> Party:
    """Where the money comes from. Raises `RuleBroken("no-debtor-account")`."""
    if not partnership.iban:
        raise RuleBroken("no-debtor-account", partnership=partnership.code)
    return _party(partnership, partnership.account_holder or partnership.name)


def creditor_of(organisation: Organisation, order: str) -> Party:
    """Where the money goes. Raises `RuleBroken`: "no-creditor-account", "no-creditor-name"."""
    if not organisation.iban:
        raise RuleBroken("no-creditor-account", order=order, organisation=organisation.name)
    party = _party(organisation, organisation.account_holder or organisation.name)
    # Banks take Latin letters, and of the address at least town and country.
    if not bank_text(party.name, LONGEST_NAME) or not bank_text(party.town, LONGEST_NAME):
        raise RuleBroken("no-creditor-name", order=order)
    return party


def changes(batch: Batch) -> Iterator[str]:
    """What of a proposed batch is no longer as it was frozen: references of orders, or "debtor"."""
    debtor = (batch.debtor_name, batch.debtor_iban, batch.debtor_bic)
    if debtor != _frozen(debtor_of(batch.partnership)):
        yield "debtor"
    for line in live_lines(batch):
        order = line.order
        now = (*_frozen(creditor_of(order.exchange.visiting_organisation, order.reference)), _amount(line))
        if (line.creditor_name, line.creditor_iban, line.creditor_bic, line.amount_cents) != now:
            yield order.reference


def _frozen(party: Party) -> tuple[str, str, str]:
    return party.name, party.iban, party.bic


def _amount(line: BatchLine) -> int:
    return line.order.exchange.lump_sum_cents


def _payment(line: BatchLine) -> Payment:
    order = line.order
    creditor = creditor_of(order.exchange.visiting_organisation, order.reference)
    return Payment(order.reference, order.exchange.reference, creditor, _amount(line))


def _party(record: Organisation | Partnership, name: str) -> Party:
    # Checked once more: what was stored by other means than our forms must not reach the bank.
    account = checked_account(AccountDraft(name, record.iban or "", record.bic))
    return Party(
        account.holder,
        account.iban,
        account.bic,
        record.street,
        record.postcode,
        record.town,
        record.country,
    )
