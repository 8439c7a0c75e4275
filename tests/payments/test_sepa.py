"""The file for the bank."""

from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, scoped_session

from mobility.core.errors import RuleBroken
from mobility.payments.content import BatchContent, Party, Payment
from mobility.payments.files import broken_files
from mobility.payments.sepa import sepa_file
from tests.make.payments import make_batch

APPROVED = datetime(2027, 4, 9, 12, 12, tzinfo=UTC)
SPACE = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"
DEBTOR = Party("Grüne Söhne", "IT60X0542811101000000123456", "DEMOITV0", "Via 4", "38122", "Trento", "IT")
CREDITOR = Party("Hornád Optika s.r.o.", "SK3112000000198742637541", "", "", "040 01", "Košice", "SK")


def content(**changes: object) -> BatchContent:
    usual = {
        "reference": "BAT-2027-0014",
        "call": "CXC-2027-1",
        "payer": "GREEN",
        "debtor": DEBTOR,
        "execution_on": date(2027, 4, 12),
        "payments": (
            Payment("PO-2027-0109", "EXC-2027-0031", CREDITOR, 95_000),
            Payment("PO-2027-0110", "EXC-2027-0032", CREDITOR, 5),
        ),
    }
    return BatchContent(**(usual | changes))  # type: ignore[arg-type]


def said(file: bytes, tag: str) -> list[str | None]:
    return [node.text for node in ET.fromstring(file).iter(f"{SPACE}{tag}")]  # noqa: S314


def test_the_message_goes_by_our_references_and_the_moment_of_approval() -> None:
    file = sepa_file(content(), APPROVED)

    assert said(file, "MsgId") == said(file, "PmtInfId") == ["BAT-2027-0014"]
    assert said(file, "CreDtTm") == ["2027-04-09T14:12:00"]
    assert said(file, "EndToEndId") == ["PO-2027-0109", "PO-2027-0110"]
    assert said(file, "CtrlSum") == ["950.05", "950.05"]
    assert said(file, "InstdAmt") == ["950.00", "0.05"]


def test_names_and_addresses_are_structured_and_in_the_banks_letters() -> None:
    file = sepa_file(content(), APPROVED)

    assert said(file, "Nm") == ["Grune Sohne", "Grune Sohne", "Hornad Optika s.r.o.", "Hornad Optika s.r.o."]
    assert said(file, "TwnNm") == ["Trento", "Kosice", "Kosice"]
    assert said(file, "Ctry") == ["IT", "SK", "SK"]
    assert said(file, "StrtNm") == ["Via 4"]
    assert said(file, "AdrLine") == []


def test_a_bank_without_bic_is_said_to_have_none() -> None:
    without = Party("A", DEBTOR.iban, "", "", "", "Trento", "IT")

    assert said(sepa_file(content(), APPROVED), "BICFI") == ["DEMOITV0"]
    assert b"NOTPROVIDED" in sepa_file(content(debtor=without), APPROVED)


def test_the_same_batch_gives_the_same_bytes() -> None:
    assert sepa_file(content(), APPROVED) == sepa_file(content(), APPROVED)


def test_what_does_not_fit_the_schema_is_refused() -> None:
    wrong = Party("A", "not an IBAN", "", "", "", "Trento", "IT")

    with pytest.raises(RuleBroken, match="file-invalid"):
        sepa_file(content(debtor=wrong), APPROVED)


@pytest.mark.parametrize(
    "change",
    [
        {"reference": "BAT-2027-0015"},
        {"execution_on": date(2027, 4, 13)},
        {"debtor": CREDITOR},
        {"payments": ()},
        {"payments": (Payment("PO-2027-0109", "EXC-2027-0031", CREDITOR, 95_001),)},
    ],
)
def test_any_other_content_has_another_hash(change: dict[str, object]) -> None:
    assert content(**change).sha256 != content().sha256 == content().sha256


def test_a_file_that_is_not_what_its_batch_says_is_found(session: scoped_session[Session]) -> None:
    sound, changed, cut = (make_batch(1, until="exported") for _number in range(3))
    session.execute(text("ALTER TABLE batch DISABLE TRIGGER ALL"))
    changed.file = (changed.file or b"").replace(b"780.00", b"790.00")
    session.execute(text("UPDATE batch SET total_cents = 1 WHERE id = :id"), {"id": cut.id})
    session.flush()
    session.expire_all()

    assert broken_files() == [changed.reference, cut.reference]
    assert sound.file is not None
