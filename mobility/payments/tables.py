"""The lists of payment orders and of batches: their columns, filters, figures and exports."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import case, func, select

from mobility.accounts.models import User
from mobility.calls.models import Call
from mobility.core.lists import LONGEST_EXPORT, Column, Filter, Listing, listing, narrowed
from mobility.exchanges.models import Exchange
from mobility.partnerships.bank import masked
from mobility.partnerships.models import Partnership
from mobility.payments import queries, wording
from mobility.payments.batch_queries import batches_of
from mobility.payments.document import beneficiary
from mobility.payments.enums import BatchStatus, PaymentStatus
from mobility.payments.models import Batch, BatchLine, PaymentOrder
from mobility.payments.queries import Beneficiary

SEARCHED = (PaymentOrder.reference, Exchange.reference, Beneficiary.name, Partnership.name)

# By day, but what is still to be paid stands before all that is under way or done.
CENTURY_DAYS = 36_525
OPEN_FIRST = case(
    (
        PaymentOrder.status.in_([PaymentStatus.DUE, PaymentStatus.HELD]),
        PaymentOrder.due_on.op("-")(CENTURY_DAYS),
    ),
    else_=PaymentOrder.due_on,
)

LINES = (BatchLine.batch_id == Batch.id, BatchLine.released_at.is_(None))
# Until a batch is proposed its lines alone say what it comes to.
NUMBER, CENTS = (
    case(
        (Batch.number_of_orders == 0, select(found).where(*LINES).correlate(Batch).scalar_subquery()),
        else_=proposed,
    )
    for found, proposed in (
        (func.count(BatchLine.id), Batch.number_of_orders),
        (func.coalesce(func.sum(BatchLine.amount_cents), 0), Batch.total_cents),
    )
)


@dataclass(frozen=True)
class OrderList:
    """One page of orders and what the whole list comes to."""

    listing: Listing
    sum_cents: int


def order_list(user: User) -> OrderList:
    """The page of the list that the URL asks for."""
    page = _listing(user)
    listed = narrowed(queries.orders_of(user), page.q, SEARCHED, page.filters)
    return OrderList(page, queries.sum_cents(listed))


def export_rows(user: User) -> Iterator[tuple[object, ...]]:
    """The whole list as filtered and sorted, for a spreadsheet; after its header."""
    for order in _listing(user, per_page=LONGEST_EXPORT).rows:
        exchange: Exchange = order.exchange
        yield (
            order.reference,
            exchange.reference,
            order.partnership.name,
            beneficiary(exchange.visiting_organisation),
            exchange.visiting_organisation.country,
            plain_euro(order.amount_cents),
            order.due_on.isoformat(),
            str(wording.STATUS[order.status]),
        )


def export_header() -> tuple[str, ...]:
    return (
        _("Payment order"),
        _("Exchange"),
        _("Partnership"),
        _("Beneficiary"),
        _("Country"),
        _("Amount in euro"),
        _("Due by"),
        _("Status"),
    )


def _listing(user: User, per_page: int = 25) -> Listing:
    return listing(
        queries.orders_of(user).order_by(OPEN_FIRST),
        columns=_columns(),
        search=SEARCHED,
        filters=_filters(user),
        per_page=per_page,
    )


def _columns() -> list[Column]:
    return [
        Column("reference", _("Payment order"), PaymentOrder.reference),
        Column("exchange", _("Exchange"), Exchange.reference),
        Column("beneficiary", _("Beneficiary"), Beneficiary.name_folded),
        Column("partnership", _("Paid by"), Partnership.name),
        Column("amount", _("Amount"), PaymentOrder.amount_cents, numeric=True),
        Column("due", _("Due by"), PaymentOrder.due_on),
        Column("status", _("Status"), PaymentOrder.status),
        Column("paper", _("Paper")),
    ]


def _filters(user: User) -> list[Filter]:
    partnerships = [(partnership.code, partnership.name) for partnership in queries.partnerships_of(user)]
    statuses = [(status.value, str(wording.STATUS[status])) for status in PaymentStatus]
    return [
        Filter("partnership", _("Paid by"), partnerships, lambda code: Partnership.code == code),
        Filter("status", _("Status"), statuses, lambda value: PaymentOrder.status == PaymentStatus(value)),
    ]


def plain_euro(cents: int) -> str:
    """An amount as a spreadsheet reads it: 390.00."""
    return f"{cents // 100}.{cents % 100:02d}"


def batch_list(user: User) -> Listing:
    """The page of the list of batches that the URL asks for: rows of (batch, its orders, their cents)."""
    statuses = [(status.value, str(wording.BATCH_STATUS[status])) for status in BatchStatus]
    return listing(
        batches_of(user).add_columns(NUMBER, CENTS),
        columns=[
            Column("reference", _("Batch"), Batch.reference),
            Column("payer", _("Paid by"), Partnership.name),
            Column("call", _("Call"), Call.title),
            Column("day", _("Execution day"), Batch.execution_on),
            Column("orders", _("Orders"), NUMBER, numeric=True),
            Column("total", _("Total"), CENTS, numeric=True),
            Column("status", _("Status"), Batch.status),
        ],
        search=[Batch.reference, Partnership.name, Partnership.code, Call.reference, Call.title],
        filters=[Filter("status", _("Status"), statuses, lambda value: Batch.status == BatchStatus(value))],
        default_sort="-reference",
    )


def not_payable_list(user: User) -> Listing:
    """The page of the list of stays that lack something."""
    return listing(
        queries.not_payable(user),
        columns=[
            Column("exchange", _("Exchange"), Exchange.reference),
            Column("organisation", _("Visiting organisation"), Beneficiary.name_folded),
            Column("partnership", _("Partnership"), Partnership.name),
            Column("ended", _("Over since"), Exchange.last_day),
            Column("agreement", _("Agreement")),
            Column("report", _("Report")),
            Column("evidence", _("Evidence")),
            Column("account", _("Account")),
            Column("obstacle", _("In the way")),
            Column("amount", _("Lump sum"), Exchange.lump_sum_cents, numeric=True),
        ],
        search=[Exchange.reference, Beneficiary.name, Partnership.name],
        default_sort="ended",
    )


def batch_header() -> tuple[str, ...]:
    return (
        _("Payment order"),
        _("Exchange"),
        _("Beneficiary"),
        _("Country"),
        _("Account"),
        _("Amount in euro"),
        _("Status"),
    )


def batch_rows(lines: Iterable[BatchLine]) -> Iterator[tuple[object, ...]]:
    """The payments of a batch for a spreadsheet, after its header; their sum is the batch's total."""
    for line in lines:
        order = line.order
        yield (
            order.reference,
            order.exchange.reference,
            line.creditor_name,
            order.exchange.visiting_organisation.country,
            masked(line.creditor_iban),
            plain_euro(line.amount_cents),
            str(wording.STATUS[order.status]),
        )
