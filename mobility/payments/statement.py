"""What a bank statement says of our payments: camt.053 or CSV, found by the reference that travelled with them.

Reading a statement again changes nothing: what is taken down already is passed over.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from xml.etree import ElementTree as ET

from flask_babel import gettext as _
from sqlalchemy import select

from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.money import cents_of
from mobility.payments import batch_queries
from mobility.payments.enums import PaymentStatus
from mobility.payments.models import PaymentOrder
from mobility.payments.settling import fail_held, pay_held

COLUMNS = ("end_to_end", "amount_eur", "paid_on", "bank_reference", "returned_because")
LARGEST = 20 * 1024 * 1024


@dataclass(frozen=True)
class StatementLine:
    """One movement: a payment that was made or, with a reason, one that came back."""

    end_to_end: str
    cents: int
    booked_on: date
    bank_reference: str = ""
    returned_because: str = ""
    # It came back, whether or not the bank says why.
    is_returned: bool = False

    @property
    def came_back(self) -> bool:
        return self.is_returned or bool(self.returned_because)


@dataclass(frozen=True)
class Unmatched:
    """A line that fits nothing of ours, and the refusal: a code of `wording.REFUSALS` or of a verb."""

    line: StatementLine
    refusal: RuleBroken


@dataclass
class Taken:
    """What became of a statement."""

    paid: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    unmatched: list[Unmatched] = field(default_factory=list)


def read_statement(data: bytes) -> list[StatementLine]:
    """The movements of a statement. Raises `RuleBroken("bad-statement")` for a file that is none."""
    # Whoever declares entities means harm: no bank does.
    if len(data) > LARGEST or b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise RuleBroken("bad-statement", why="size or content")
    try:
        return list(_camt(data) if data.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<") else _csv(data))
    except (ValueError, KeyError, TypeError, ET.ParseError, csv.Error) as error:
        raise RuleBroken("bad-statement", why=type(error).__name__) from None


def take_statement(lines: Iterable[StatementLine], *, actor: Actor | None) -> Taken:
    """Take down what the bank paid and sent back, batch by batch; what does not fit is left and named."""
    taken, lines = Taken(), list(lines)
    orders = _orders_of(lines)
    batches = batch_queries.batches_by_order(orders.values())
    by_batch: dict[int, list[StatementLine]] = defaultdict(list)
    for line in lines:
        order = orders.get(line.end_to_end)
        batch = batches.get(order.id) if order else None
        by_batch[batch.id if batch else 0].append(line)
    # Always the same way round: two statements at once wait for each other, and none for ever.
    for batch in sorted(set(batches.values()), key=lambda one: one.id):
        batch_queries.lock(batch)
    for group in by_batch.values():
        for line in group:
            _take(orders.get(line.end_to_end), line, taken, actor)
    return taken


def _orders_of(lines: Iterable[StatementLine]) -> dict[str, PaymentOrder]:
    references = {line.end_to_end for line in lines}
    found = select(PaymentOrder).where(PaymentOrder.reference.in_(references))
    return {order.reference: order for order in db.session.scalars(found)}


def _take(order: PaymentOrder | None, line: StatementLine, taken: Taken, actor: Actor | None) -> None:
    try:
        if order is None:
            raise RuleBroken("unknown")
        if order.amount_cents != line.cents:
            raise RuleBroken("other-amount")
        if _is_known(order, line):
            taken.known.append(order.reference)
            return
        with db.session.begin_nested():
            _take_down(order, line, actor)
    except RuleBroken as refusal:
        taken.unmatched.append(Unmatched(line, refusal))
        return
    (taken.failed if line.came_back else taken.paid).append(order.reference)


def _is_known(order: PaymentOrder, line: StatementLine) -> bool:
    if line.came_back:
        return order.status is PaymentStatus.FAILED
    return order.status in {PaymentStatus.PAID, PaymentStatus.FAILED, PaymentStatus.RECOVERED}


def _take_down(order: PaymentOrder, line: StatementLine, actor: Actor | None) -> None:
    if line.came_back:
        fail_held(order, line.returned_because or _("The bank gave no reason."), actor=actor)
    else:
        pay_held(order, line.booked_on, line.bank_reference, actor=actor)


def _csv(data: bytes) -> Iterator[StatementLine]:
    for row in csv.DictReader(io.StringIO(data.decode("utf-8-sig")), strict=True):
        yield StatementLine(
            row["end_to_end"].strip(),
            cents_of(row["amount_eur"]),
            date.fromisoformat(row["paid_on"].strip()),
            (row.get("bank_reference") or "").strip(),
            (row.get("returned_because") or "").strip(),
        )


def _camt(data: bytes) -> Iterator[StatementLine]:
    root = ET.fromstring(data)  # noqa: S314  # without entities, as looked at above
    for entry in root.iter():
        # What is pending may never come, and comes again when it is booked.
        if _name(entry) == "Ntry" and _own(entry, "Sts") == "BOOK":
            booked = date.fromisoformat(_text(entry, "BookgDt")[:10])
            for details in (node for node in entry.iter() if _name(node) == "TxDtls"):
                yield _details(details, entry, booked)


def _details(details: ET.Element, entry: ET.Element, booked_on: date) -> StatementLine:
    amount = _text(details, "Amt") or _text(entry, "Amt")
    returned = [node for node in details.iter() if _name(node) == "RtrInf"]
    because = " ".join(part for part in (" ".join(node.itertext()) for node in returned) if part)
    return StatementLine(
        _text(details, "EndToEndId"),
        cents_of(amount),
        booked_on,
        _text(details, "AcctSvcrRef") or _text(entry, "AcctSvcrRef"),
        " ".join(because.split()),
        is_returned=bool(returned) or _comes_in(details, entry),
    )


def _comes_in(details: ET.Element, entry: ET.Element) -> bool:
    """Whether money came to us, or a transfer of ours was taken back. Raises `ValueError` if it does not say."""
    way = _own(details, "CdtDbtInd") or _own(entry, "CdtDbtInd")
    if way not in {"CRDT", "DBIT"}:
        raise ValueError("no direction")
    return way == "CRDT" or _own(entry, "RvslInd") in {"true", "1"}


def _own(node: ET.Element, name: str) -> str:
    """The words of a child of that name."""
    found = next((child for child in node if _name(child) == name), None)
    return "" if found is None else "".join(found.itertext()).strip()


def _text(node: ET.Element, name: str) -> str:
    """The words of the first element of that name, or of what is in it."""
    found = next((inner for inner in node.iter() if _name(inner) == name), None)
    return "" if found is None else "".join(found.itertext()).strip()


def _name(node: ET.Element) -> str:
    return str(node.tag).rpartition("}")[2]
