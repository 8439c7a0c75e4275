"""What the page of a batch shows to somebody: payments, their clocks, who did what, what that person may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from mobility.accounts.models import User
from mobility.core.access import Permission
from mobility.core.clock import local
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.partnerships.bank import masked
from mobility.payments import batch_queries
from mobility.payments.content import changes, content_of
from mobility.payments.document import exported_lines
from mobility.payments.enums import BatchStatus, PaymentStatus
from mobility.payments.models import Batch, BatchLine
from mobility.reporting.enums import ReportStatus, Side
from mobility.reporting.models import ClosingReport

ENDED = (BatchStatus.EXPORTED, BatchStatus.SETTLED, BatchStatus.VOID)


@dataclass(frozen=True)
class BatchPage:
    """Plain facts for the page; `stands_in_the_way` is a refusal's words, empty if nothing does."""

    lines: tuple[BatchLine, ...]
    accepted_on: Mapping[int, date]
    people: Mapping[int, str]
    debtor_account: str
    total_cents: int
    partnership_ids: frozenset[int]
    changed: tuple[str, ...]
    lacks_debtor: bool
    may_initiate: bool
    may_approve: bool
    may_settle: bool
    may_reveal: bool
    is_own: bool
    # A payment goes to the reader: they neither propose nor approve it.
    is_own_money: bool

    @property
    def under_way(self) -> tuple[BatchLine, ...]:
        """What the bank has not answered yet."""
        return tuple(line for line in self.lines if line.order.status is PaymentStatus.EXPORTED)

    @property
    def number(self) -> int:
        return len(self.lines)


def batch_page(user: User, batch: Batch) -> BatchPage:
    """All of it, in few queries whatever the length."""
    batch_queries.load_lines(batch)
    lines = exported_lines(batch)
    holds = {
        permission: batch_queries.may_deal_with(user, batch, permission)
        for permission in (
            Permission.PAYMENTS_INITIATE,
            Permission.PAYMENTS_APPROVE,
            Permission.ACCOUNTS_CHANGE,
        )
    }
    may_initiate, may_approve, may_change = holds.values()
    return BatchPage(
        lines=tuple(lines),
        accepted_on=_accepted_on([line.order.exchange_id for line in lines]),
        people=batch_queries.people_of([batch]),
        debtor_account=masked(batch.debtor_iban or batch.partnership.iban),
        total_cents=sum(line.amount_cents for line in lines),
        partnership_ids=frozenset(line.order.exchange.vop_id for line in lines),
        changed=_changed(batch),
        lacks_debtor=batch.partnership.iban is None,
        may_initiate=may_initiate,
        may_approve=may_approve,
        may_settle=may_initiate or may_approve,
        may_reveal=may_approve or may_change,
        is_own=user.id in {batch.drawn_up_by_id, batch.proposed_by_id},
        is_own_money=_is_asked(batch, may_initiate, may_approve) and batch_queries.pays_own(user, batch),
    )


def _is_asked(batch: Batch, may_initiate: bool, may_approve: bool) -> bool:
    """Whether the next step may be the reader's."""
    return (batch.status is BatchStatus.DRAWN_UP and may_initiate) or (
        batch.status is BatchStatus.PROPOSED and may_approve
    )


def _changed(batch: Batch) -> tuple[str, ...]:
    """What is no longer as it was proposed, while that matters."""
    if batch.sha256 is None or batch.status in ENDED:
        return ()
    try:
        if content_of(batch).sha256 == batch.sha256:
            return ()
        return tuple(changes(batch)) or ("address",)
    except RuleBroken as refusal:
        return (str(refusal.values.get("order") or "debtor"),)


def _accepted_on(exchange_ids: list[int]) -> dict[int, date]:
    accepted = select(ClosingReport.exchange_id, ClosingReport.decided_at).where(
        ClosingReport.exchange_id.in_(exchange_ids),
        ClosingReport.side == Side.VISITOR,
        ClosingReport.status == ReportStatus.ACCEPTED,
    )
    return {id_: local(at).date() for id_, at in db.session.execute(accepted) if at}
