"""The verbs of proposals and exchanges: answer, expire, build, confirm, start, end, close, cancel, terminate."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import IntegrityError

from mobility.applications.enums import ApplicationStatus
from mobility.applications.services import mark_free, mark_matched
from mobility.audit.services import record
from mobility.calls.services import free as free_budget
from mobility.calls.services import reserve as reserve_budget
from mobility.catalogue.amounts import StayAmount
from mobility.catalogue.enums import PAIR_LIFECYCLE, PairStatus
from mobility.catalogue.models import AgreedPair
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import Model, db
from mobility.core.errors import RuleBroken
from mobility.core.references import next_reference
from mobility.core.states import given_text
from mobility.exchanges import amounts, letters, queries
from mobility.exchanges.enums import LIFECYCLE, ExchangeStatus, Side
from mobility.exchanges.models import Exchange
from mobility.hosts.reservations import free_for
from mobility.hosts.reservations import move_for as move_places
from mobility.hosts.reservations import shorten as shorten_places
from mobility.mail.services import LetterDraft, write
from mobility.rounds.effects import release
from mobility.rounds.enums import PROPOSAL_LIFECYCLE, ProposalStatus, Reply
from mobility.rounds.models import Proposal

# A reason that the clock gives; `wording.cancel_reason` says it.
NOT_SIGNED = "not-signed"
ONE_VISIT = "uq_exchange_one_visit"


def accept(proposal: Proposal, side: Side, *, actor: Actor | None) -> Exchange | None:
    """Say yes for one side; once both have, the exchange is agreed and returned, and the papers follow.

    Raises `RuleBroken`: "too-late", "answered", "wrong-state", "second-visit".
    """
    _answer(proposal, side, Reply.ACCEPTED)
    record("proposal.accepted", proposal, actor=actor, side=side)
    if {proposal.visitor_reply, proposal.host_reply} != {Reply.ACCEPTED}:
        return None
    PROPOSAL_LIFECYCLE.move(proposal, to=ProposalStatus.ACCEPTED)
    exchange = _agree(_exchange(proposal, proposal=proposal), actor=actor)
    _write_both(letters.agreed(exchange, side) for side in Side)
    return exchange


def decline(proposal: Proposal, side: Side, reason: str, *, actor: Actor | None) -> None:
    """Say no for one side: place and money are free again, and the other side is told.

    Raises `RuleBroken`: "reason-needed", "too-late", "answered", "wrong-state".
    """
    reason = given_text(reason)
    _answer(proposal, side, Reply.DECLINED)
    PROPOSAL_LIFECYCLE.move(proposal, to=ProposalStatus.DECLINED, decline_reason=reason)
    release(proposal)
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
    release(proposal)
    record("proposal.expired", proposal, actor=None)
    if proposal.application.status is ApplicationStatus.WITHDRAWN:
        write(letters.withdrawn(proposal))
    else:
        _write_both(letters.expired(proposal, side) for side in Side)
    return True


def build(pair: AgreedPair, *, actor: Actor | None) -> Exchange:
    """The exchange of a pair that both partnerships validated, once; its place and money are reserved already.

    Raises `RuleBroken`: "wrong-state", "stale", "second-visit".
    """
    PAIR_LIFECYCLE.move(pair, to=PairStatus.BUILT)
    exchange = _agree(_exchange(pair, agreed_pair=pair), actor=actor)
    _write_both(letters.agreed(exchange, side) for side in Side)
    return exchange


def move(exchange: Exchange, first_day: date, last_day: date, *, actor: Actor | None) -> None:
    """Give an agreed exchange other dates: place, money and working days follow.

    Raises `RuleBroken`: "wrong-state", "stay-too-short", "over-budget", and what `hosts.reservations.reserve` refuses.
    """
    _lock(exchange)
    if exchange.status is not ExchangeStatus.AGREED:
        raise RuleBroken("wrong-state", state=exchange.status, to=ExchangeStatus.AGREED)
    before = (exchange.first_day, exchange.last_day)
    move_places(_holder(exchange), exchange.offer, first_day, last_day)
    exchange.first_day, exchange.last_day = first_day, last_day
    found = amounts.of_stay(exchange, first_day, last_day)
    if found.days < exchange.call.min_days:
        raise RuleBroken("stay-too-short", days=found.days, needed=exchange.call.min_days)
    free_budget(exchange.call, exchange.vop, exchange.lump_sum_cents)
    reserve_budget(exchange.call, exchange.vop, found.cents)
    _take_amount(exchange, found)
    record("exchange.moved", exchange, actor=actor, before=before, now=(first_day, last_day))


def confirm(exchange: Exchange, *, actor: Actor | None) -> None:
    """All agreements are signed: the exchange will take place, and applicant and host are told."""
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


def cancel_unsigned() -> int:
    """Call off the agreed exchanges whose first day went by without all signatures; how many."""
    due = queries.to_cancel(clock.today())
    for exchange in due:
        cancel(exchange, NOT_SIGNED, actor=None)
    return len(due)


def cancel(exchange: Exchange, reason: str, *, actor: Actor | None) -> None:
    """Call an exchange off before it begins: the visit, the place and the money are free again.

    Raises `RuleBroken`: "reason-needed", "wrong-state", "stale".
    """
    reason = given_text(reason)
    LIFECYCLE.move(exchange, to=ExchangeStatus.CANCELLED, cancelled_at=clock.utcnow(), cancel_reason=reason)
    free_for(_holder(exchange))
    free_budget(exchange.call, exchange.vop, exchange.lump_sum_cents)
    mark_free(exchange.application, actor=actor)
    record("exchange.cancelled", exchange, actor=actor, reason=reason)
    _write_both(letters.cancelled(exchange, side) for side in Side)


def terminate(exchange: Exchange, broken_off_on: date, reason: str, *, actor: Actor | None) -> None:
    """Break a stay off: it counts until its last day, the lump sum follows the days stayed, and the host's places of
    the days after are free again.

    Raises `RuleBroken`: "reason-needed", "outside-stay", "wrong-state", "stale".
    """
    reason = given_text(reason)
    last_day = min(exchange.last_day, clock.today())
    if not exchange.first_day <= broken_off_on <= last_day:
        raise RuleBroken("outside-stay", first_day=exchange.first_day, last_day=last_day)
    LIFECYCLE.move(
        exchange,
        to=ExchangeStatus.TERMINATED,
        terminated_at=clock.utcnow(),
        terminate_reason=reason,
        broken_off_on=broken_off_on,
    )
    shorten_places(_holder(exchange), broken_off_on)
    adjust(exchange, exchange.first_day, broken_off_on, actor=actor)
    record("exchange.terminated", exchange, actor=actor, reason=reason, broken_off_on=broken_off_on)
    _write_both(letters.terminated(exchange, side) for side in Side)


def adjust(exchange: Exchange, first_day: date, last_day: date, *, actor: Actor | None) -> bool:
    """Work out the lump sum for the days really stayed, never above what was agreed; False if nothing changes."""
    _lock(exchange)
    found = amounts.of_real_stay(exchange, first_day, last_day)
    is_same = found.trace_as_dicts() == exchange.trace
    if is_same or found.cents > exchange.lump_sum_cents:
        return False
    before = exchange.lump_sum_cents
    free_budget(exchange.call, exchange.vop, before - found.cents)
    _take_amount(exchange, found)
    record(
        "exchange.adjusted",
        exchange,
        actor=actor,
        before_cents=before,
        now_cents=found.cents,
        days=found.days,
    )
    return True


def close(exchange: Exchange, *, actor: Actor | None) -> None:
    """Nothing is left to do: reported, and paid if there is money in it."""
    LIFECYCLE.move(exchange, to=ExchangeStatus.CLOSED, closed_at=clock.utcnow())
    record("exchange.closed", exchange, actor=actor)


def _lock(exchange: Exchange) -> None:
    """Wait for whoever moves, adjusts or pays it at the same moment, and see what they made of it."""
    db.session.flush()
    db.session.refresh(exchange, with_for_update={"of": Exchange})


def _holder(exchange: Exchange) -> Model:
    """Which record holds the exchange's place at the host."""
    return exchange.proposal or exchange.agreed_pair or exchange


def _take_amount(exchange: Exchange, found: StayAmount) -> None:
    exchange.working_days = found.days
    exchange.lump_sum_cents = found.cents
    exchange.trace = found.trace_as_dicts()


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


def _agree(exchange: Exchange, *, actor: Actor | None) -> Exchange:
    """Store the exchange that both sides agreed to. Raises `RuleBroken("second-visit")`."""
    visitor = exchange.visiting_organisation.name
    try:
        with db.session.begin_nested():
            db.session.add(exchange)
    except IntegrityError as error:
        if ONE_VISIT not in str(error.orig):
            raise
        raise RuleBroken("second-visit", organisation=visitor) from None
    mark_matched(exchange.application, actor=actor)
    origin = exchange.proposal or exchange.agreed_pair
    record("exchange.agreed", exchange, actor=actor, origin=origin.reference if origin else None)
    return exchange


def _exchange(origin: Proposal | AgreedPair, **named: Proposal | AgreedPair) -> Exchange:
    application, offer = origin.application, origin.offer
    return Exchange(
        reference=next_reference("EXC"),
        call=application.call,
        application=application,
        offer=offer,
        visiting_organisation=application.organisation,
        host_organisation=offer.organisation,
        vop=application.partnership,
        hop=offer.partnership,
        status=ExchangeStatus.AGREED,
        mode=application.mode,
        first_day=origin.first_day,
        last_day=origin.last_day,
        working_days=origin.days,
        distance_km=origin.distance_km,
        lump_sum_cents=origin.lump_sum_cents,
        trace=origin.trace,
        rules_version=application.call.rules_version,
        agreed_at=clock.utcnow(),
        **named,
    )


def _write_both(drafts: Iterable[LetterDraft]) -> None:
    for draft in drafts:
        write(draft)
