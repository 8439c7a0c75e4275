"""What happens to a batch: one person draws it up and proposes it, another approves it, one file leaves."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from hashlib import sha256 as digest_of

from mobility.accounts.models import User
from mobility.audit.queries import head_words
from mobility.audit.services import record
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.access import Actor, Permission
from mobility.core.db import db
from mobility.core.errors import NotAllowed, RuleBroken
from mobility.core.references import next_reference
from mobility.core.states import expect_version, given_text
from mobility.papers import services as paper_services
from mobility.papers.models import Paper
from mobility.partnerships.models import Partnership
from mobility.payments import batch_queries, ledger, rules
from mobility.payments.content import BatchContent, changes, content_of, creditor_of, live_lines
from mobility.payments.document import batch_list
from mobility.payments.enums import BATCH_LIFECYCLE, LIFECYCLE, Account, BatchStatus, PaymentStatus
from mobility.payments.models import Batch, BatchLine, PaymentOrder
from mobility.payments.sepa import sepa_file

PAPER = "batch_list"
TEMPLATE = "pdf/batch_list.html"
HANDED_OUT = (BatchStatus.EXPORTED, BatchStatus.SETTLED)


def draw_up(
    payer: Partnership,
    call: Call,
    orders: Iterable[PaymentOrder],
    execution_on: date,
    *,
    actor: Actor | None,
) -> Batch:
    """Put due orders of one payer in one call together, to be paid on a day.

    Raises `RuleBroken`: "no-orders", "too-many-orders", "other-payer", "no-business-day", "day-passed", "day-too-far",
    "no-creditor-account", "no-creditor-name", "wrong-state", "stale".
    """
    rules.require_execution_day(execution_on)
    chosen = sorted(orders, key=lambda order: order.id)
    _require_one_payer(payer, call, chosen)
    batch = Batch(
        reference=next_reference("BAT"),
        partnership=payer,
        call=call,
        status=BatchStatus.DRAWN_UP,
        execution_on=execution_on,
        drawn_up_at=clock.utcnow(),
        drawn_up_by_id=actor.id if actor else None,
    )
    db.session.add(batch)
    db.session.flush()
    for order in chosen:
        _add(batch, order)
    record("batch.drawn-up", batch, actor=actor, orders=[order.reference for order in chosen])
    return batch


def take_out(line: BatchLine, *, actor: Actor | None, version: int | None = None) -> None:
    """Leave an order out of a batch that is not proposed yet; it is due again."""
    batch = _locked(line.batch, version)
    if batch.status is not BatchStatus.DRAWN_UP or line.released_at is not None:
        raise RuleBroken("wrong-state", state=batch.status, to=BatchStatus.DRAWN_UP)
    _let_go([line])
    record("batch.taken-out", batch, actor=actor, order=line.order.reference)


def propose(batch: Batch, *, actor: User, version: int | None = None) -> None:
    """Freeze what the batch says and hand it to another person for approval.

    Raises `RuleBroken`: "stale", "wrong-state", "own-money", "no-orders", "amount-differs", "no-debtor-account",
    and what `draw_up` refuses of days and creditors.
    """
    _locked(batch, version)
    _require_move(batch, BatchStatus.PROPOSED)
    _refuse_own_money(batch, actor)
    rules.require_execution_day(batch.execution_on)
    content = _content(batch)
    for line, payment in zip(live_lines(batch), content.payments, strict=True):
        creditor = payment.creditor
        line.creditor_name, line.creditor_iban, line.creditor_bic = creditor.name, creditor.iban, creditor.bic
        line.amount_cents = payment.amount_cents
    BATCH_LIFECYCLE.move(
        batch,
        to=BatchStatus.PROPOSED,
        total_cents=content.total_cents,
        number_of_orders=len(content.payments),
        debtor_name=content.debtor.name,
        debtor_iban=content.debtor.iban,
        debtor_bic=content.debtor.bic,
        sha256=content.sha256,
        proposed_at=clock.utcnow(),
        proposed_by_id=actor.id,
    )
    record("batch.proposed", batch, actor=actor, total_cents=content.total_cents, sha256=content.sha256)


def approve(batch: Batch, sha256: str, *, actor: User) -> None:
    """Approve exactly what was shown, as another person than who drew it up and proposed it.

    Raises `NotAllowed` without the permission for this payer and call; `RuleBroken`: "already-approved" with who,
    "wrong-state", "own-batch", "own-money", "not-what-you-saw", "batch-changed" with what, "day-passed".
    """
    scopes = actor.scopes(Permission.PAYMENTS_APPROVE)
    if not any(scope.covers(batch.partnership_id, batch.call_id) for scope in scopes):
        raise NotAllowed
    _locked(batch)
    _refuse_second(batch)
    _require_move(batch, BatchStatus.APPROVED)
    if actor.id in {batch.proposed_by_id, batch.drawn_up_by_id}:
        raise RuleBroken("own-batch", batch=batch.reference)
    _refuse_own_money(batch, actor)
    if sha256 != batch.sha256:
        raise RuleBroken("not-what-you-saw", batch=batch.reference)
    _require_unchanged(batch)
    rules.require_execution_day(batch.execution_on)
    BATCH_LIFECYCLE.move(batch, to=BatchStatus.APPROVED, approved_at=clock.utcnow(), approved_by_id=actor.id)
    record("batch.approved", batch, actor=actor, sha256=sha256, total_cents=batch.total_cents)


def send_back(batch: Batch, reason: str, *, actor: Actor | None, version: int | None = None) -> None:
    """Give a proposed batch back to who drew it up; its orders stay in it."""
    reason = given_text(reason)
    _locked(batch, version)
    if batch.status is not BatchStatus.PROPOSED:
        raise RuleBroken("wrong-state", state=batch.status, to=BatchStatus.DRAWN_UP)
    BATCH_LIFECYCLE.move(batch, to=BatchStatus.DRAWN_UP, sha256=None, proposed_at=None, proposed_by_id=None)
    record("batch.sent-back", batch, actor=actor, reason=reason)


def void_batch(batch: Batch, reason: str, *, actor: Actor | None, version: int | None = None) -> None:
    """Give a batch up before its file left; its orders are due again."""
    reason = given_text(reason)
    _locked(batch, version)
    BATCH_LIFECYCLE.move(batch, to=BatchStatus.VOID, void_reason=reason)
    _let_go(live_lines(batch))
    record("batch.voided", batch, actor=actor, reason=reason)


def export(batch: Batch, *, actor: Actor | None) -> bytes:
    """The file for the bank: written once, whoever asks again gets the same bytes.

    Raises `RuleBroken`: "wrong-state", "batch-changed" with what, "day-passed", "file-invalid".
    """
    _locked(batch)
    if batch.status not in HANDED_OUT:
        _write_file(batch, actor)
    assert batch.file is not None  # noqa: S101  # by CHECK
    return batch.file


def print_list(batch: Batch, *, actor: Actor | None = None) -> Paper:
    """Print the list of a batch whose file left, and issue it; unchanged it keeps the paper it has."""
    _locked(batch)
    if batch.status not in HANDED_OUT:
        raise RuleBroken("not-exported", batch=batch.reference, state=batch.status)
    listed = partial(batch_list, batch, batch_queries.people_of([batch]))
    return paper_services.issue_if_new(PAPER, batch, batch.reference, TEMPLATE, listed, actor)


def _write_file(batch: Batch, actor: Actor | None) -> None:
    _require_move(batch, BatchStatus.EXPORTED)
    _require_unchanged(batch)
    rules.require_execution_day(batch.execution_on)
    assert batch.approved_at is not None  # noqa: S101  # set with the state
    content, lines = content_of(batch), live_lines(batch)
    file = sepa_file(content, batch.approved_at)
    BATCH_LIFECYCLE.move(
        batch,
        to=BatchStatus.EXPORTED,
        exported_at=clock.utcnow(),
        file=file,
        file_sha256=digest_of(file).hexdigest(),
        log_head=head_words(),
    )
    for line in lines:
        LIFECYCLE.move(line.order, to=PaymentStatus.EXPORTED)
    ledger.post(Account.DUE, Account.IN_TRANSFER, [line.order for line in lines], actor=actor)
    record("batch.exported", batch, actor=actor, sha256=batch.file_sha256, total_cents=batch.total_cents)


def _locked(batch: Batch, version: int | None = None) -> Batch:
    """Hold the batch and read anew all that it is made of."""
    batch_queries.lock(batch)
    if version is not None:
        expect_version(batch, version)
    return batch


def _require_one_payer(payer: Partnership, call: Call, orders: list[PaymentOrder]) -> None:
    if not orders:
        raise RuleBroken("no-orders")
    if len(orders) > batch_queries.MOST_ORDERS:
        raise RuleBroken("too-many-orders", most=batch_queries.MOST_ORDERS)
    for order in orders:
        if (order.partnership_id, order.call_id) != (payer.id, call.id):
            raise RuleBroken("other-payer", order=order.reference, payer=payer.code)


def _add(batch: Batch, order: PaymentOrder) -> None:
    creditor = creditor_of(order.exchange.visiting_organisation, order.reference)
    LIFECYCLE.move(order, to=PaymentStatus.BATCHED)
    line = BatchLine(
        batch=batch,
        order=order,
        amount_cents=order.amount_cents,
        creditor_name=creditor.name,
        creditor_iban=creditor.iban,
        creditor_bic=creditor.bic,
    )
    db.session.add(line)
    db.session.flush()


def _let_go(lines: list[BatchLine]) -> None:
    for line in lines:
        LIFECYCLE.move(line.order, to=PaymentStatus.DUE)
        line.released_at = clock.utcnow()
    db.session.flush()


def _require_move(batch: Batch, to: BatchStatus) -> None:
    if not BATCH_LIFECYCLE.allows(batch.status, to):
        raise RuleBroken("wrong-state", state=batch.status, to=to)


def _content(batch: Batch) -> BatchContent:
    lines = live_lines(batch)
    if not lines:
        raise RuleBroken("no-orders")
    for line in lines:
        if line.order.amount_cents != line.order.exchange.lump_sum_cents:
            raise RuleBroken("amount-differs", order=line.order.reference)
    return content_of(batch)


def _refuse_own_money(batch: Batch, actor: User) -> None:
    if batch_queries.pays_own(actor, batch):
        raise RuleBroken("own-money", batch=batch.reference)


def _refuse_second(batch: Batch) -> None:
    if batch.approved_by_id is not None:
        who = batch_queries.people_of([batch]).get(batch.approved_by_id, "")
        raise RuleBroken("already-approved", batch=batch.reference, who=who)


def _require_unchanged(batch: Batch) -> None:
    """What was approved, or is about to be, is what the records say at this moment (promise T56)."""
    if _content(batch).sha256 != batch.sha256:
        what = list(changes(batch)) or ["address"]
        raise RuleBroken("batch-changed", batch=batch.reference, what=", ".join(what))
