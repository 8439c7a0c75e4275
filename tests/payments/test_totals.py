"""One total on page, table, PDF and in the file for the bank (promise T53)."""

import csv
import io
import os
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from xml.etree import ElementTree as ET

from flask import current_app
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.calls.models import Call
from mobility.core.export import csv_text
from mobility.core.money import euro
from mobility.core.pdf import print_page, set_page
from mobility.exchanges.models import Exchange
from mobility.organisations.models import Organisation
from mobility.partnerships.models import Partnership
from mobility.payments import batch_queries, batches, tables
from mobility.payments.characters import ALLOWED
from mobility.payments.content import content_of, live_lines
from mobility.payments.document import batch_list
from mobility.payments.enums import BatchStatus, PaymentStatus
from mobility.payments.models import Batch, BatchLine, PaymentOrder
from mobility.payments.sepa import sepa_file
from tests.make.accounts import make_user, sign_in
from tests.make.payments import make_batch, make_order
from tests.payments.pdf_text import text_of
from tests.visitor import Visitor

Db = scoped_session[Session]
BATCHES = int(os.environ.get("BATCHES", "60"))
SPACE = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"
IBAN = "BE68539007547034"
NOON = datetime(2027, 4, 9, 10, tzinfo=UTC)
# Every name that a person can type has a letter that a bank can write.
NAMES = st.text(min_size=0, max_size=90).map(lambda name: f"A{name}".replace("\0", ""))
AMOUNTS = st.lists(st.tuples(st.integers(1, 110_000), NAMES, NAMES), min_size=1, max_size=12)


def batch_of(payments: list[tuple[int, str, str]]) -> Batch:
    """An exported batch of these amounts, names and towns, as the database would give it."""
    payer = Partnership(
        id=1,
        code="GREEN",
        name="Grün & Söhne",
        account_holder="Grün & Söhne",
        iban=IBAN,
        bic="",
        street="Rue 1",
        postcode="1000",
        town="Liège",
        country="BE",
    )
    batch = Batch(
        id=1,
        reference="BAT-2027-0001",
        partnership=payer,
        debtor_iban=IBAN,
        call=Call(reference="CXC", title="Call"),
        status=BatchStatus.EXPORTED,
        log_head="",
        execution_on=date(2027, 4, 12),
        proposed_at=NOON,
        approved_at=NOON,
        exported_at=NOON,
        sha256="0" * 64,
        file_sha256="0" * 64,
        number_of_orders=len(payments),
        total_cents=sum(cents for cents, _name, _town in payments),
    )
    for number, (cents, name, town) in enumerate(payments, start=1):
        _add(batch, number, cents, name, town)
    return batch


def _add(batch: Batch, number: int, cents: int, name: str, town: str) -> None:
    visitor = Organisation(
        name=name,
        account_holder=name,
        iban=IBAN,
        bic="",
        country="BE",
        street=name[:70],
        postcode="9000",
        town=town,
    )
    exchange = Exchange(
        reference=f"EXC-2027-{number:04d}", lump_sum_cents=cents, visiting_organisation=visitor
    )
    order = PaymentOrder(
        reference=f"PO-2027-{number:04d}",
        exchange=exchange,
        amount_cents=cents,
        status=PaymentStatus.EXPORTED,
    )
    line = BatchLine(
        order=order,
        amount_cents=cents,
        creditor_name=name,
        creditor_iban=IBAN,
        released_at=None,
    )
    batch.lines.append(line)


def cents(written: str | None) -> int:
    return int(Decimal(written or "") * 100)


def sums_of_file(file: bytes) -> set[tuple[int, int]]:
    """Number and sum of payments: in both heads, and by its lines."""
    root = ET.fromstring(file)  # noqa: S314  # our own
    heads = {
        (int(node.findtext(f"{SPACE}NbOfTxs") or 0), cents(node.findtext(f"{SPACE}CtrlSum")))
        for node in (*root.iter(f"{SPACE}GrpHdr"), *root.iter(f"{SPACE}PmtInf"))
    }
    lines = [cents(node.text) for node in root.iter(f"{SPACE}InstdAmt")]
    return heads | {(len(lines), sum(lines))}


def sum_of_table(batch: Batch) -> tuple[int, int]:
    written = csv_text(tables.batch_header(), tables.batch_rows(live_lines(batch)))
    rows = list(csv.DictReader(io.StringIO(written)))
    return len(rows), sum(cents(row["Amount in euro"]) for row in rows)


@given(AMOUNTS)
@settings(
    max_examples=BATCHES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_total_is_the_same_everywhere(session: Db, payments: list[tuple[int, str, str]]) -> None:
    with session.no_autoflush:
        batch = batch_of(payments)
        expected = (len(payments), sum(amount for amount, _name, _town in payments))
        content = content_of(batch)
        printed = batch_list(batch, {}, 1)
        paper = unescape(current_app.jinja_env.get_template(batches.TEMPLATE).render(document=printed))

        assert content.total_cents == expected[1]
        assert sums_of_file(sepa_file(content, NOON)) == {expected}
        assert sum_of_table(batch) == expected
        assert sum(line.amount_cents for line in printed.lines) == printed.total_cents == expected[1]
        assert paper.count(euro(expected[1])) >= 2
        session.expunge_all()


@given(AMOUNTS)
@settings(
    max_examples=BATCHES // 3,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_is_typed_the_file_is_valid_and_in_the_banks_letters(
    session: Db, payments: list[tuple[int, str, str]]
) -> None:
    with session.no_autoflush:
        content = content_of(batch_of(payments))
        file = sepa_file(content, NOON)

        texts = [node.text or "" for node in ET.fromstring(file).iter()]  # noqa: S314
        assert {sign for text in texts for sign in text} <= ALLOWED | {":"}
        assert sepa_file(content, NOON) == file
        session.expunge_all()


def test_page_table_paper_and_file_of_a_batch_agree(session: Db, client: Visitor) -> None:
    batch = make_batch(3, days=3, until="exported")
    paper = batches.print_list(batch)
    session.commit()
    sign_in(client, make_user(Role.FINANCE_APPROVER))

    path = f"/payments/batches/{batch.reference}"
    page = client.get(path).text
    words = text_of(client.get(f"{path}.pdf").data)

    assert re.findall(r'data-figure="batch_total">([^<]+)<', page) == ["€1,170.00"]
    assert words.count("€1,170.00") == 2
    assert words.count("€390.00") == 3
    assert "one thousand one hundred and seventy euro" in words
    assert paper.content == client.get(f"{path}.pdf").data
    assert sums_of_file(client.get(f"{path}.xml").data) == {(3, 117_000)}
    assert ",390.00," in client.get(f"{path}.csv").text


def test_a_paper_says_who_proposed_and_who_approved(session: Db) -> None:
    batch = make_batch(orders=[make_order()], until="exported")
    people = batch_queries.people_of([batch])

    words = text_of(print_page(set_page(batches.TEMPLATE, batch_list(batch, people, 1))))

    for person in (batch.proposed_by_id, batch.approved_by_id):
        assert people[person or 0] in words
    assert (batch.file_sha256 or "")[:20] in words.replace(" ", "")
    assert IBAN not in words.replace(" ", "")
