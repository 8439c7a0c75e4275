"""A bank statement marks payments as paid or sent back (feature G6)."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session, scoped_session

from mobility.admin.invariants import broken
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.payments.commands import payments
from mobility.payments.enums import BatchStatus, PaymentStatus
from mobility.payments.models import Batch
from mobility.payments.statement import StatementLine, read_statement, take_statement
from tests.make.payments import make_batch

Db = scoped_session[Session]
CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>
<Ntry><Amt Ccy="EUR">1560.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2027-04-12</Dt></BookgDt>
<AcctSvcrRef>BK-1</AcctSvcrRef><NtryDtls>
<TxDtls><Refs><EndToEndId>PO-1</EndToEndId></Refs><Amt Ccy="EUR">780.00</Amt></TxDtls>
<TxDtls><Refs><EndToEndId>PO-2</EndToEndId></Refs><Amt Ccy="EUR">780.00</Amt>
<RtrInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>closed account</AddtlInf></RtrInf></TxDtls>
</NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>"""


def lines_of(batch: Batch, **changes: object) -> list[StatementLine]:
    usual = {"cents": 78_000, "booked_on": clock.today(), "bank_reference": "BK-1"} | changes
    return [StatementLine(line.order.reference, **usual) for line in batch.lines]  # type: ignore[arg-type]


def test_a_statement_of_the_bank_is_read() -> None:
    paid, returned = read_statement(CAMT.encode())

    assert (paid.end_to_end, paid.cents, paid.booked_on.isoformat()) == ("PO-1", 78_000, "2027-04-12")
    assert (paid.bank_reference, paid.returned_because) == ("BK-1", "")
    assert returned.returned_because == "AC04 closed account"


def entry(way: str = "DBIT", status: str = "<Cd>BOOK</Cd>", more: str = "", returned: str = "") -> bytes:
    """A statement of one movement of PO-1."""
    return (
        f'<Document><Ntry><Amt Ccy="EUR">780.00</Amt><CdtDbtInd>{way}</CdtDbtInd>{more}<Sts>{status}</Sts>'
        "<BookgDt><Dt>2027-04-12</Dt></BookgDt><NtryDtls><TxDtls><Refs><EndToEndId>PO-1</EndToEndId></Refs>"
        f"{returned}</TxDtls></NtryDtls></Ntry></Document>"
    ).encode()


@pytest.mark.parametrize(
    ("data", "came_back"),
    [
        (entry(), False),
        (entry(status="BOOK"), False),
        (entry(more="<RvslInd>false</RvslInd>"), False),
        (entry("CRDT"), True),
        (entry("CRDT", more="<RvslInd>true</RvslInd>"), True),
        (entry(more="<RvslInd>true</RvslInd>"), True),
        (entry(returned="<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"), True),
        (entry(returned="<CdtDbtInd>CRDT</CdtDbtInd>"), True),
    ],
)
def test_which_way_the_money_went_is_what_the_bank_says(data: bytes, came_back: bool) -> None:
    (line,) = read_statement(data)

    assert (line.end_to_end, line.came_back) == ("PO-1", came_back)


@pytest.mark.parametrize("status", ["PDNG", "<Cd>PDNG</Cd>", "<Cd>INFO</Cd>", "<Cd>FUTR</Cd>", ""])
def test_what_is_not_booked_does_not_count(status: str) -> None:
    assert read_statement(entry(status=status)) == []


def test_money_that_comes_back_without_a_word_is_sent_back_all_the_same(session: Db) -> None:
    batch = make_batch(1, until="settled")

    taken = take_statement(lines_of(batch, is_returned=True), actor=None)

    order = batch.lines[0].order
    assert (len(taken.failed), order.status) == (1, PaymentStatus.FAILED)
    assert order.reason == "The bank gave no reason."


def test_a_statement_holds_each_batch_once(session: Db) -> None:
    batches = [make_batch(3, until="exported") for _number in range(2)]
    mixed = [line for pair in zip(*map(lines_of, batches), strict=True) for line in pair]
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "FOR UPDATE OF batch" in statement:
            sent.append(statement)

    event.listen(db.engines[None], "before_cursor_execute", note)
    try:
        taken = take_statement(mixed, actor=None)
    finally:
        event.remove(db.engines[None], "before_cursor_execute", note)

    assert (len(taken.paid), len(sent)) == (6, 2)
    assert {batch.status for batch in batches} == {BatchStatus.SETTLED}
    assert broken() == {}


def test_paid_and_sent_back_in_one_statement_is_sent_back(session: Db) -> None:
    batch = make_batch(1, until="exported")

    taken = take_statement([*lines_of(batch), *lines_of(batch, is_returned=True)], actor=None)

    assert (len(taken.paid), len(taken.failed)) == (1, 1)
    assert batch.lines[0].order.status is PaymentStatus.FAILED
    assert broken() == {}


def test_a_table_is_read_too() -> None:
    table = "end_to_end,amount_eur,paid_on,bank_reference,returned_because\nPO-1,780.00,2027-04-12,BK-1,\n"

    (line,) = read_statement(b"\xef\xbb\xbf" + table.encode())

    assert (line.end_to_end, line.cents, line.returned_because) == ("PO-1", 78_000, "")


@pytest.mark.parametrize(
    "data",
    [
        b"<",
        b"a,b\n1,2\n",
        b"\xff\xfe",
        CAMT.replace("780.00", "much").encode(),
        CAMT.replace("2027-04-12", "soon").encode(),
        CAMT.replace("DBIT", "").encode(),
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><Document>&a;</Document>',
    ],
)
def test_what_is_no_statement_is_refused(data: bytes) -> None:
    with pytest.raises(RuleBroken, match="bad-statement"):
        read_statement(data)


def test_what_the_bank_paid_is_taken_down_once(session: Db) -> None:
    batch = make_batch(2, until="exported")

    first = take_statement(lines_of(batch), actor=None)
    again = take_statement(lines_of(batch), actor=None)

    assert (len(first.paid), len(again.paid), len(again.known)) == (2, 0, 2)
    assert batch.status is BatchStatus.SETTLED


def test_what_the_bank_sent_back_is_ordered_anew_once(session: Db) -> None:
    batch = make_batch(1, until="exported")
    lines = lines_of(batch, returned_because="AC04")

    first = take_statement(lines, actor=None)
    again = take_statement([*lines, *lines_of(batch)], actor=None)

    assert (len(first.failed), again.failed, len(again.known)) == (1, [], 2)
    assert batch.lines[0].order.status is PaymentStatus.FAILED


def test_what_does_not_fit_is_named_and_left(session: Db) -> None:
    batch = make_batch(1, until="exported")
    early = make_batch(1, until="approved")

    taken = take_statement(
        [
            *lines_of(batch, cents=78_001),
            StatementLine("NOTPROVIDED", 78_000, clock.today()),
            *lines_of(early),
        ],
        actor=None,
    )

    assert [one.refusal.code for one in taken.unmatched] == ["other-amount", "unknown", "wrong-state"]
    assert batch.lines[0].order.status is PaymentStatus.EXPORTED


def test_a_statement_is_taken_by_command(live_app: Flask, tmp_path: Path) -> None:
    with live_app.app_context():
        order = make_batch(1, until="exported").lines[0].order
        db.session.commit()
        row = f"{order.reference},780.00,{clock.today().isoformat()}"
    file = tmp_path / "statement.csv"
    file.write_text(f"end_to_end,amount_eur,paid_on\n{row}\nOTHER,1.00,2027-04-12\n")

    ended = live_app.test_cli_runner().invoke(payments, ["statement", str(file)])

    assert ended.stdout == "1 paid, 0 sent back, 0 known already, 1 not matched\n"
    assert ended.stderr == "not taken: OTHER (No payment order has this reference.)\n"
