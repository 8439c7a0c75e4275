"""The file for the bank: a SEPA credit transfer, pain.001.001.09, the same bytes for the same batch."""

from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from sepaxml import SepaTransfer

from mobility.core.clock import local
from mobility.core.errors import RuleBroken
from mobility.payments.characters import bank_text
from mobility.payments.content import LONGEST_NAME, BatchContent, Party, Payment

SCHEMA = "pain.001.001.09"
LONGEST_STREET, LONGEST_POSTCODE, LONGEST_TOWN, LONGEST_WORDS = 70, 16, 35, 140


def sepa_file(content: BatchContent, created_at: datetime) -> bytes:
    """The file of an approved batch, valid against its schema.

    The message goes by the batch's reference, each payment by its order's: nothing is drawn at random, and
    `created_at` is the moment of the approval. Raises `RuleBroken("file-invalid")`.
    """
    transfer = _Transfer(content, created_at)
    for payment in content.payments:
        transfer.add_payment(_payment(payment, content))
    written: bytes = transfer.export(validate=False)
    if not _schema().is_valid(written.decode()):
        raise RuleBroken("file-invalid", batch=content.reference)
    return written


class _Transfer(SepaTransfer):  # type: ignore[misc]
    """The library's transfer with our own numbers in the places of its random ones."""

    def __init__(self, content: BatchContent, created_at: datetime) -> None:
        self.reference = content.reference
        self.created = local(created_at).strftime("%Y-%m-%dT%H:%M:%S")
        super().__init__(_config(content), schema=SCHEMA, clean=False)

    def _create_header(self) -> None:
        self.msg_id = self.reference
        super()._create_header()
        self._each("CreDtTm", self.created)

    def _finalize_batch(self) -> None:
        super()._finalize_batch()
        self._each("PmtInfId", self.reference)
        self._name_no_bank()

    def _each(self, tag: str, text: str) -> None:
        for node in self._xml.iter(tag):
            node.text = text

    def _name_no_bank(self) -> None:
        """Say of a bank without BIC that none was given, as the guidelines want it."""
        from xml.etree.ElementTree import SubElement  # noqa: PLC0415  writes only

        for bank in self._xml.iter("FinInstnId"):
            if len(bank) == 0:
                SubElement(SubElement(bank, "Othr"), "Id").text = "NOTPROVIDED"


def _config(content: BatchContent) -> dict[str, Any]:
    debtor = content.debtor
    return {
        "name": bank_text(debtor.name, LONGEST_NAME) or content.payer,
        "IBAN": debtor.iban,
        "batch": True,
        "currency": "EUR",
        "address": _address(debtor),
        **({"BIC": debtor.bic} if debtor.bic else {}),
    }


def _payment(payment: Payment, content: BatchContent) -> dict[str, Any]:
    creditor = payment.creditor
    words = f"ClusterXchange {payment.exchange}, lump sum, order {payment.order}"
    return {
        "name": bank_text(creditor.name, LONGEST_NAME),
        "IBAN": creditor.iban,
        "amount": payment.amount_cents,
        "execution_date": content.execution_on,
        "description": bank_text(words, LONGEST_WORDS),
        "endtoend_id": payment.order,
        "address": _address(creditor),
        **({"BIC": creditor.bic} if creditor.bic else {}),
    }


def _address(party: Party) -> dict[str, str]:
    parts = {
        "street_name": bank_text(party.street, LONGEST_STREET),
        "postcode": bank_text(party.postcode, LONGEST_POSTCODE),
        "town": bank_text(party.town, LONGEST_TOWN),
        "country": party.country,
    }
    return {name: text for name, text in parts.items() if text}


@cache
def _schema() -> Any:
    import xmlschema  # noqa: PLC0415  slow to load, and only an export needs it

    return xmlschema.XMLSchema(str(files("sepaxml") / "schemas" / f"{SCHEMA}.xsd"))
