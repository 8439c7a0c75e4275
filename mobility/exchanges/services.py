"""The verbs of proposals and exchanges: answer, expire, start, end, cancel."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import IntegrityError

from mobility.applications.enums import ApplicationStatus
from mobility.applications.services import mark_free, mark_matched
from mobility.audit.services import record
from mobility.calls.services import free as free_budget
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.references import next_reference
from mobility.exchanges import letters, queries
from mobility.exchanges.enums import LIFECYCLE, ExchangeStatus, Side
from mobility.exchanges.models import Exchange
from mobility.hosts.services import free_for
from mobility.mail.services import LetterDraft, write
from mobility.rounds.enums import PROPOSAL_LIFECYCLE, ProposalStatus, Reply
from mobility.rounds.models import Proposal

LONGEST_REASON = 5000
ONE_VISIT = "uq_exchange_one_visit"


def accept(proposal: Proposal, side: Side, *, actor: Actor | None) -> Exchange | None:
    """Say yes for one side; once both have, the exchange is agreed and confirmed, and returned.

    Raises `RuleBroken`: "too-late", "answered", "wrong-state", "second-visit".
    """
    _answer(proposal, side, Reply.ACCEPTED)
    record("proposal.accepted", proposal, actor=actor, side=side)
    if {proposal.visitor_reply, proposal.host_reply} != {Reply.ACCEPTED}:
        return None
    PROPOSAL_LIFECYCLE.move(proposal, to=ProposalStatus.ACCEPTED)
    exchange = _agree(proposal, actor=actor)
    confirm(exchange, actor=actor)
    return exchange


def decline(proposal: Proposal, side: Side, reason: str, *, actor: Actor | None) -> None:
    """Say no for one side: place and money are free again, and the other side is told.

    Raises `RuleBroken`: "reason-needed", "too-late", "answered", "wrong-state".
    """
    reason = _given(reason)
    _answer(proposal, side, Reply.DECLINED)
    PROPOSAL_LIFECYCLE.move(proposal, to=ProposalStatus.DECLINED, decline_reason=reason)
    _release(proposal)
    record("proposal.declined", proposal, actor=actor, side=side, reason=reason)
    write(letters.declined(proposal, by=side))


def expire(proposal_id: int) -> bool:
    """Close a proposal that was not answered in time or whose visitor withdrew; False if it is not so."""
    overdue = select(Proposal).where(Proposal.id == proposal_id, queries.is_overdue(clock.utcnow()))
    locked = overdue.with_for_update(of=Proposal, skip_locked=True).execution_options(populate_existing=True)
    proposal = db.session.scalar(locked)
    if proposal is None:
        return False
    PROPOSAL_LIFECYCLE.move(proposal, to=ProposalStatus.EXPIRED)
    _release(proposal)
    record("proposal.expired", proposal, actor=None)
    if proposal.application.status is ApplicationStatus.WITHDRAWN:
        write(letters.withdrawn(proposal))
    else:
        _write_both(letters.expired(proposal, side) for side in Side)
    return True


def confirm(exchange: Exchange, *, actor: Actor | None) -> None:
    """The exchange will take place; applicant and host are told."""
    LIFECYCLE.move(exchange, to=ExchangeStatus.CONFIRMED, confirmed_at=clock.utcnow())
    record("exchange.confirmed", exchange, actor=actor)
    _write_both(letters.confirmed(exchange, side) for side in Side)


def start_due() -> int:
    """Start the confirmed exchanges whose first day has come; how many."""
    due = queries.to_start(clock.today())
    for exchange in due:
        LIFECYCLE.move(exchange, to=ExchangeStatus.ONGOING, started_at=clock.utcnow())
        record("exchange.started", exchange, actor=None)
    return len(due)


def end_due() -> int:
    """End the exchanges whose last day is over; how many."""
    due = queries.to_end(clock.today())
    for exchange in due:
        LIFECYCLE.move(exchange, to=ExchangeStatus.ENDED, ended_at=clock.utcnow())
        record("exchange.ended", exchange, actor=None)
    return len(due)


def cancel(exchange: Exchange, reason: str, *, actor: Actor | None) -> None:
    """Call an exchange off before it begins: the visit, the place and the money are free again.

    Raises `RuleBroken`: "reason-needed", "wrong-state", "stale".
    """
    reason = _given(reason)
    LIFECYCLE.move(exchange, to=ExchangeStatus.CANCELLED, cancelled_at=clock.utcnow(), cancel_reason=reason)
    free_for(exchange.proposal or exchange)
    free_budget(exchange.call, exchange.vop, exchange.lump_sum_cents)
    mark_free(exchange.application, actor=actor)
    record("exchange.cancelled", exchange, actor=actor, reason=reason)
    _write_both(letters.cancelled(exchange, side) for side in Side)


def _answer(proposal: Proposal, side: Side, reply: Reply) -> None:
    """Write one side's answer, in one UPDATE that only an open, unanswered proposal in time takes."""
    now = clock.utcnow()
    own = Proposal.visitor_reply if side is Side.VISITOR else Proposal.host_reply
    open_to_answer: list[ColumnElement[bool]] = [
        Proposal.id == proposal.id,
        Proposal.status == ProposalStatus.OPEN,
        Proposal.answer_by >= now,
        own.is_(None),
    ]
    answered = (
        update(Proposal)
        .where(*open_to_answer)
        .values({f"{side}_reply": reply, f"{side}_replied_at": now, "version": Proposal.version + 1})
        .returning(Proposal.id)
        .execution_options(synchronize_session=False)
    )
    is_answered = db.session.scalar(answered) is not None
    db.session.refresh(proposal)
    if not is_answered:
        _refuse_answer(proposal, side)


def _refuse_answer(proposal: Proposal, side: Side) -> None:
    reply = proposal.visitor_reply if side is Side.VISITOR else proposal.host_reply
    if reply is not None:
        raise RuleBroken("answered", side=side, reply=reply)
    if proposal.status is not ProposalStatus.OPEN:
        raise RuleBroken("wrong-state", state=proposal.status, to=ProposalStatus.ACCEPTED)
    raise RuleBroken("too-late", answer_by=proposal.answer_by)


def _agree(proposal: Proposal, *, actor: Actor | None) -> Exchange:
    """The exchange that both sides agreed to. Raises `RuleBroken("second-visit")`."""
    exchange = _exchange_of(proposal)
    try:
        with db.session.begin_nested():
            db.session.add(exchange)
    except IntegrityError as error:
        if ONE_VISIT not in str(error.orig):
            raise
        raise RuleBroken("second-visit", organisation=proposal.application.organisation.name) from None
    mark_matched(proposal.application, actor=actor)
    record("exchange.agreed", exchange, actor=actor, proposal=proposal.reference)
    return exchange


def _exchange_of(proposal: Proposal) -> Exchange:
    application, offer = proposal.application, proposal.offer
    return Exchange(
        reference=next_reference("EXC"),
        call=application.call,
        application=application,
        offer=offer,
        proposal=proposal,
        visiting_organisation=application.organisation,
        host_organisation=offer.organisation,
        vop=application.partnership,
        hop=offer.partnership,
        status=ExchangeStatus.AGREED,
        mode=application.mode,
        first_day=proposal.first_day,
        last_day=proposal.last_day,
        working_days=proposal.days,
        distance_km=proposal.distance_km,
        lump_sum_cents=proposal.lump_sum_cents,
        trace=proposal.trace,
        rules_version=application.call.rules_version,
        agreed_at=clock.utcnow(),
    )


def _release(proposal: Proposal) -> None:
    """Give back the place and the money that a proposal held."""
    free_for(proposal)
    application = proposal.application
    free_budget(application.call, application.partnership, proposal.lump_sum_cents)


def _given(reason: str) -> str:
    reason = reason.strip()[:LONGEST_REASON]
    if not reason:
        raise RuleBroken("reason-needed")
    return reason


def _write_both(drafts: Iterable[LetterDraft]) -> None:
    for draft in drafts:
        write(draft)
