"""Batches as somebody may see them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased, contains_eager, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from mobility.accounts.models import User
from mobility.applications.queries import visits_as
from mobility.calls.models import Call
from mobility.core.access import Permission, within
from mobility.core.db import db
from mobility.core.errors import NotAllowed, NotFound
from mobility.exchanges.models import Exchange
from mobility.organisations.models import Organisation
from mobility.papers.queries import is_being_printed
from mobility.partnerships.models import Partnership
from mobility.payments.enums import BatchStatus, PaymentStatus
from mobility.payments.models import Batch, BatchLine, PaymentOrder
from mobility.payments.queries import has_paper

Paid = aliased(Organisation)
LIST_LOCK = "list-"
# More would make a page, a file and a list that nobody compares.
MOST_ORDERS = 200


@dataclass(frozen=True)
class Waiting:
    """Due orders of one payer in one call: what could be a batch."""

    payer: Partnership
    call: Call
    number: int
    cents: int


def batches_of(user: User) -> Select[Batch]:
    """All batches in somebody's scope, with what a list of them shows."""
    return (
        select(Batch)
        .join(Batch.partnership)
        .join(Batch.call)
        .where(within(user.scopes(Permission.PAYMENTS_READ), Batch.partnership_id, Batch.call_id))
        .options(contains_eager(Batch.partnership), contains_eager(Batch.call))
    )


def batch_for(user: User, reference: str, *permissions: Permission) -> Batch:
    """The batch, if somebody may read it; with permissions, if they hold one there, or `NotAllowed`.

    Raises `NotFound`.
    """
    batch = db.session.scalar(batches_of(user).where(Batch.reference == reference))
    if batch is None:
        raise NotFound
    if permissions and not may_deal_with(user, batch, *permissions):
        raise NotAllowed
    return batch


def may_deal_with(user: User, batch: Batch, *permissions: Permission) -> bool:
    """Whether somebody holds one of the permissions for this payer and call."""
    return any(
        scope.covers(batch.partnership_id, batch.call_id)
        for permission in permissions
        for scope in user.scopes(permission)
    )


def batch_by_reference(reference: str) -> Batch | None:
    """The batch of that reference, for commands."""
    return db.session.scalar(select(Batch).where(Batch.reference == reference))


def line_for(batch: Batch, order_reference: str) -> BatchLine:
    """The line of a batch that pays an order. Raises `NotFound`."""
    found = (
        select(BatchLine)
        .join(BatchLine.order)
        .where(BatchLine.batch_id == batch.id, PaymentOrder.reference == order_reference)
    )
    line = db.session.scalar(found)
    if line is None:
        raise NotFound
    return line


def line_of(order: PaymentOrder) -> BatchLine | None:
    """The line that an order stands in, if it is in a batch."""
    live = select(BatchLine).where(BatchLine.order_id == order.id, BatchLine.released_at.is_(None))
    return db.session.scalar(live.options(joinedload(BatchLine.batch)))


def batches_by_order(orders: Iterable[PaymentOrder]) -> dict[int, Batch]:
    """The batches that orders stand in now: id of the order → batch."""
    ids = [order.id for order in orders]
    live = select(BatchLine).where(BatchLine.order_id.in_(ids), BatchLine.released_at.is_(None))
    return {
        line.order_id: line.batch for line in db.session.scalars(live.options(joinedload(BatchLine.batch)))
    }


def pays_own(user: User, batch: Batch) -> bool:
    """Whether a payment of the batch goes to an organisation that somebody visits for."""
    theirs = (
        select(BatchLine.id)
        .join(BatchLine.order)
        .join(PaymentOrder.exchange)
        .join(Exchange.application)
        .where(BatchLine.batch_id == batch.id, BatchLine.released_at.is_(None), visits_as(user))
    )
    return bool(db.session.scalar(select(theirs.exists())))


def load_lines(batch: Batch, *, hold: bool = False) -> list[BatchLine]:
    """The lines of a batch with order, exchange, and both organisations, in one query; `hold` locks the payees."""
    found = (
        select(BatchLine)
        .join(BatchLine.order)
        .join(PaymentOrder.exchange)
        .join(Paid, Exchange.visiting_organisation_id == Paid.id)
        .where(BatchLine.batch_id == batch.id)
        .order_by(BatchLine.id)
        .options(
            contains_eager(BatchLine.order)
            .contains_eager(PaymentOrder.exchange)
            .options(
                contains_eager(Exchange.visiting_organisation.of_type(Paid)),
                joinedload(Exchange.host_organisation),
                joinedload(Exchange.vop),
            )
        )
        .execution_options(populate_existing=True)
    )
    if hold:
        found = found.with_for_update(read=True, of=Paid)
    lines = list(db.session.scalars(found))
    # The batch keeps them: nothing else holds on to what was read.
    set_committed_value(batch, "lines", lines)
    return lines


def lock(batch: Batch) -> None:
    """Hold a batch, the payer's account and those of its payees, and read them anew."""
    db.session.flush()
    db.session.refresh(batch, with_for_update={"of": Batch})
    payer = select(Partnership).where(Partnership.id == batch.partnership_id).with_for_update(read=True)
    db.session.scalar(payer.execution_options(populate_existing=True))
    load_lines(batch, hold=True)


def people_of(batches: Iterable[Batch]) -> dict[int, str]:
    """The names of who drew up, proposed and approved: id → name."""
    ids = {
        person
        for batch in batches
        for person in (batch.drawn_up_by_id, batch.proposed_by_id, batch.approved_by_id)
        if person is not None
    }
    rows = db.session.execute(select(User.id, User.name, User.email).where(User.id.in_(ids)))
    return {id_: name or email for id_, name, email in rows}


def waiting(user: User) -> list[Waiting]:
    """By payer and call, what is due and may be put into a batch by somebody, the oldest duty first."""
    due = (
        select(Partnership, Call, func.count(PaymentOrder.id), func.sum(PaymentOrder.amount_cents))
        .join(PaymentOrder, PaymentOrder.partnership_id == Partnership.id)
        .join(Call, PaymentOrder.call_id == Call.id)
        .where(
            PaymentOrder.status == PaymentStatus.DUE,
            within(
                user.scopes(Permission.PAYMENTS_INITIATE), PaymentOrder.partnership_id, PaymentOrder.call_id
            ),
        )
        .group_by(Partnership.id, Call.id)
        .order_by(func.min(PaymentOrder.due_on), Partnership.code)
    )
    return [
        Waiting(payer, call, number, int(cents)) for payer, call, number, cents in db.session.execute(due)
    ]


def due_orders(payer: Partnership, call: Call) -> Sequence[PaymentOrder]:
    """The due orders of one payer in one call, the oldest duty first, as many as a batch takes."""
    due = (
        select(PaymentOrder)
        .where(
            PaymentOrder.status == PaymentStatus.DUE,
            PaymentOrder.partnership_id == payer.id,
            PaymentOrder.call_id == call.id,
        )
        .order_by(PaymentOrder.due_on, PaymentOrder.id)
        .limit(MOST_ORDERS)
        .options(
            joinedload(PaymentOrder.exchange).options(
                joinedload(Exchange.visiting_organisation), joinedload(Exchange.host_organisation)
            )
        )
    )
    return db.session.scalars(due).all()


def lists_to_print(paper_kind: str, limit: int = 50) -> list[Batch]:
    """Batches whose file left, without a printed list and without a job that will print it."""
    left = select(Batch).where(
        Batch.status.in_([BatchStatus.EXPORTED, BatchStatus.SETTLED]),
        ~has_paper(paper_kind, Batch),
        ~is_being_printed(LIST_LOCK, Batch.id),
    )
    return list(db.session.scalars(left.order_by(Batch.id).limit(limit)))
