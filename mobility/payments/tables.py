"""The list of payment orders: its columns, filters, figures and export."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _

from mobility.accounts.models import User
from mobility.core.lists import LONGEST_EXPORT, Column, Filter, Listing, listing, narrowed
from mobility.exchanges.models import Exchange
from mobility.partnerships.models import Partnership
from mobility.payments import queries, wording
from mobility.payments.document import beneficiary
from mobility.payments.enums import PaymentStatus
from mobility.payments.models import PaymentOrder
from mobility.payments.queries import Beneficiary

SEARCHED = (PaymentOrder.reference, Exchange.reference, Beneficiary.name, Partnership.name)


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
            f"{order.amount_cents // 100}.{order.amount_cents % 100:02d}",
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
        queries.orders_of(user),
        columns=_columns(),
        search=SEARCHED,
        filters=_filters(user),
        default_sort="due",
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
