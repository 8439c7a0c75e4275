"""The verbs of proposals and exchanges."""

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.applications import services as applications
from mobility.applications.enums import ApplicationStatus
from mobility.applications.services import withdraw
from mobility.audit.queries import entries_about
from mobility.calls.queries import allotment_of
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.exchanges import services
from mobility.exchanges.enums import ExchangeStatus, Side
from mobility.exchanges.models import Exchange
from mobility.exchanges.tasks import expire_overdue, keep_time
from mobility.hosts.models import PlaceDay, Reservation
from mobility.mail.queries import letters_about
from mobility.rounds.enums import ProposalStatus, Reply
from mobility.rounds.models import Proposal
from tests.make.calls import make_call
from tests.make.exchanges import make_ended_exchange
from tests.make.rounds import make_host, make_proposal, make_proposals, make_visitor

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]
REASON = "The fair was moved."


def agreed(proposal: Proposal) -> Exchange:
    services.accept(proposal, Side.VISITOR, actor=None)
    exchange = services.accept(proposal, Side.HOST, actor=None)
    assert exchange
    return exchange


def committed_cents(proposal: Proposal) -> int:
    allotment = allotment_of(proposal.round.call, proposal.application.partnership)
    assert allotment
    db.session.refresh(allotment)
    return allotment.committed_cents


def places_taken() -> int:
    return db.session.scalar(select(func.sum(PlaceDay.taken))) or 0


def kinds_about(record: object) -> set[str]:
    return {letter.kind for letter in letters_about(record)}


def test_one_side_that_accepts_waits_for_the_other() -> None:
    proposal = make_proposal()

    assert services.accept(proposal, Side.HOST, actor=None) is None

    assert (proposal.host_reply, proposal.visitor_reply) == (Reply.ACCEPTED, None)
    assert proposal.status is ProposalStatus.OPEN
    assert proposal.host_replied_at


def confirmed(proposal: Proposal) -> Exchange:
    exchange = agreed(proposal)
    services.confirm(exchange, actor=None)
    return exchange


def test_both_sides_accepted_is_an_exchange_that_is_agreed_and_not_confirmed() -> None:
    proposal = make_proposal()

    exchange = agreed(proposal)

    assert proposal.status is ProposalStatus.ACCEPTED
    assert (exchange.status, exchange.confirmed_at) == (ExchangeStatus.AGREED, None)
    assert exchange.reference.startswith("EXC-")
    assert proposal.application.status is ApplicationStatus.MATCHED
    assert (exchange.visiting_organisation, exchange.host_organisation) == (
        proposal.application.organisation,
        proposal.offer.organisation,
    )
    assert (exchange.vop, exchange.hop) == (proposal.application.partnership, proposal.offer.partnership)
    assert (exchange.first_day, exchange.last_day) == (proposal.first_day, proposal.last_day)
    assert (exchange.lump_sum_cents, exchange.trace) == (proposal.lump_sum_cents, proposal.trace)
    assert exchange.rules_version == proposal.round.call.rules_version
    assert [entry.verb for entry in entries_about(exchange)] == ["exchange.agreed"]
    assert kinds_about(exchange) == {"exchanges.agreed_visitor", "exchanges.agreed_host"}


def test_a_confirmed_exchange_takes_place_and_both_are_told() -> None:
    exchange = confirmed(make_proposal())

    assert exchange.status is ExchangeStatus.CONFIRMED
    assert exchange.confirmed_at
    assert {"exchanges.confirmed_visitor", "exchanges.confirmed_host"} <= kinds_about(exchange)
    assert entries_about(exchange)[-1].verb == "exchange.confirmed"


def test_the_place_and_the_money_stay_reserved_when_both_accept() -> None:
    proposal = make_proposal()
    agreed(proposal)

    assert committed_cents(proposal) == proposal.lump_sum_cents
    assert places_taken() == proposal.days


def test_a_side_answers_once(session: Db) -> None:
    proposal = make_proposal()
    services.accept(proposal, Side.VISITOR, actor=None)
    session.commit()

    with pytest.raises(RuleBroken, match="answered"):
        services.decline(proposal, Side.VISITOR, REASON, actor=None)

    session.rollback()
    assert (proposal.status, proposal.visitor_reply) == (ProposalStatus.OPEN, Reply.ACCEPTED)


def test_a_declined_proposal_gives_place_and_money_back_and_tells_the_other_side() -> None:
    proposal = make_proposal()

    services.decline(proposal, Side.VISITOR, REASON, actor=None)

    assert (proposal.status, proposal.decline_reason) == (ProposalStatus.DECLINED, REASON)
    assert (places_taken(), committed_cents(proposal)) == (0, 0)
    assert db.session.scalars(select(Reservation)).one().freed_at
    assert proposal.application.status is ApplicationStatus.ACCEPTED
    (letter,) = [letter for letter in letters_about(proposal) if letter.kind.startswith("exchanges.")]
    assert (letter.kind, letter.to_email) == ("exchanges.declined_host", proposal.offer.contact_email)
    assert REASON in letter.body


def test_the_host_may_decline_after_the_visitor_accepted() -> None:
    proposal = make_proposal()
    services.accept(proposal, Side.VISITOR, actor=None)

    services.decline(proposal, Side.HOST, REASON, actor=None)

    assert proposal.status is ProposalStatus.DECLINED
    assert "exchanges.declined_visitor" in kinds_about(proposal)
    assert db.session.scalar(select(func.count()).select_from(Exchange)) == 0


@pytest.mark.parametrize("reason", ["", "  \n "])
def test_declining_needs_a_reason(reason: str) -> None:
    proposal = make_proposal()

    with pytest.raises(RuleBroken, match="reason-needed"):
        services.decline(proposal, Side.HOST, reason, actor=None)

    assert (proposal.status, proposal.host_reply) == (ProposalStatus.OPEN, None)


def test_a_declined_proposal_is_not_accepted_by_the_other_side(session: Db) -> None:
    proposal = make_proposal()
    services.decline(proposal, Side.HOST, REASON, actor=None)
    session.commit()

    with pytest.raises(RuleBroken, match="wrong-state"):
        services.accept(proposal, Side.VISITOR, actor=None)

    session.rollback()
    assert (proposal.status, proposal.visitor_reply) == (ProposalStatus.DECLINED, None)


def test_a_visitor_who_withdrew_cannot_be_matched(session: Db) -> None:
    proposal = make_proposal()
    applications.withdraw(proposal.application, actor=None)
    services.accept(proposal, Side.HOST, actor=None)
    session.commit()

    with pytest.raises(RuleBroken, match="wrong-state"):
        services.accept(proposal, Side.VISITOR, actor=None)

    session.rollback()
    assert (proposal.visitor_reply, proposal.application.status) == (None, ApplicationStatus.WITHDRAWN)
    assert db.session.scalar(select(func.count()).select_from(Exchange)) == 0


def test_a_second_visit_of_the_organisation_is_refused_by_the_database(session: Db) -> None:
    proposal = make_proposal()
    make_ended_exchange(visitor=proposal.application.organisation, reference="EXC-2025-0001")
    services.accept(proposal, Side.HOST, actor=None)
    session.commit()

    with pytest.raises(RuleBroken, match="second-visit"):
        services.accept(proposal, Side.VISITOR, actor=None)

    session.rollback()
    assert (proposal.status, proposal.visitor_reply) == (ProposalStatus.OPEN, None)
    assert db.session.scalar(select(func.count()).select_from(Exchange)) == 1


@pytest.mark.parametrize("seconds", [-1, 0])
def test_an_answer_up_to_the_deadline_counts(seconds: int) -> None:
    proposal = make_proposal()

    with time_machine.travel(proposal.answer_by + timedelta(seconds=seconds), tick=False):
        services.accept(proposal, Side.VISITOR, actor=None)

    assert proposal.visitor_reply is Reply.ACCEPTED


def test_an_answer_a_second_after_the_deadline_is_refused(session: Db) -> None:
    proposal = make_proposal()
    session.commit()

    with (
        time_machine.travel(proposal.answer_by + timedelta(seconds=1), tick=False),
        pytest.raises(RuleBroken, match="too-late"),
    ):
        services.accept(proposal, Side.VISITOR, actor=None)

    session.rollback()
    assert (proposal.status, proposal.visitor_reply) == (ProposalStatus.OPEN, None)


@pytest.mark.parametrize(
    ("seconds", "status"), [(-1, ProposalStatus.OPEN), (0, ProposalStatus.OPEN), (1, ProposalStatus.EXPIRED)]
)
def test_a_proposal_expires_after_its_deadline(session: Db, seconds: int, status: ProposalStatus) -> None:
    proposal = make_proposal()
    session.commit()

    with time_machine.travel(proposal.answer_by + timedelta(seconds=seconds), tick=False):
        expire_overdue(timestamp=0)

    assert proposal.status is status


def test_an_expired_proposal_gives_place_and_money_back_and_both_are_told() -> None:
    proposal = make_proposal()
    services.accept(proposal, Side.VISITOR, actor=None)

    with time_machine.travel(proposal.answer_by + timedelta(seconds=1), tick=False):
        assert services.expire(proposal.id)
        assert not services.expire(proposal.id)

    assert (places_taken(), committed_cents(proposal)) == (0, 0)
    assert {"exchanges.expired_visitor", "exchanges.expired_host"} <= kinds_about(proposal)


def test_a_proposal_of_a_visitor_who_withdrew_gives_place_and_money_back_at_once() -> None:
    proposal = make_proposal()
    withdraw(proposal.application, actor=None)

    expire_overdue(timestamp=0)

    assert proposal.status is ProposalStatus.EXPIRED
    assert (places_taken(), committed_cents(proposal)) == (0, 0)


def test_after_a_withdrawal_only_the_host_is_told_and_that_the_visitor_withdrew() -> None:
    proposal = make_proposal()
    withdraw(proposal.application, actor=None)

    expire_overdue(timestamp=0)

    (letter,) = [letter for letter in letters_about(proposal) if letter.kind.startswith("exchanges.")]
    assert (letter.kind, letter.to_email) == ("exchanges.withdrawn_host", proposal.offer.contact_email)
    assert f"{proposal.application.organisation.name} withdrew its application" in letter.body
    assert "Your place is free again" in letter.body
    assert "in time" not in letter.subject + letter.body


def test_who_declined_or_let_it_expire_may_enter_the_next_round() -> None:
    call = make_call()
    make_host(call)
    make_visitor(call)
    (first,) = make_proposals(call)
    services.decline(first, Side.HOST, REASON, actor=None)

    (second,) = make_proposals(call)

    assert second.application is first.application
    assert second.round is not first.round


def status_at(exchange: Exchange, day: date, hour: int, minute: int) -> ExchangeStatus:
    with time_machine.travel(clock.at_local(day, hour, minute), tick=False):
        keep_time(timestamp=0)
    return exchange.status


def test_an_exchange_starts_on_its_first_day_and_ends_after_its_last() -> None:
    exchange = confirmed(make_proposal())
    first, last, day = exchange.first_day, exchange.last_day, timedelta(days=1)

    assert status_at(exchange, first - day, 23, 59) is ExchangeStatus.CONFIRMED
    assert status_at(exchange, first, 0, 1) is ExchangeStatus.ONGOING
    assert status_at(exchange, last, 23, 59) is ExchangeStatus.ONGOING
    assert status_at(exchange, last + day, 0, 1) is ExchangeStatus.ENDED

    assert exchange.started_at
    assert exchange.ended_at
    verbs = [entry.verb for entry in entries_about(exchange)]
    assert verbs[-2:] == ["exchange.started", "exchange.ended"]


@pytest.mark.parametrize(("days", "status"), [(0, ExchangeStatus.AGREED), (1, ExchangeStatus.CANCELLED)])
def test_what_is_not_signed_when_its_first_day_is_over_is_called_off(
    days: int, status: ExchangeStatus
) -> None:
    exchange = agreed(make_proposal())

    assert status_at(exchange, exchange.first_day + timedelta(days=days), 0, 1) is status


def test_what_was_not_signed_in_time_frees_visit_place_and_money_and_says_why() -> None:
    proposal = make_proposal()
    exchange = agreed(proposal)

    status_at(exchange, exchange.first_day + timedelta(days=1), 0, 1)

    assert proposal.application.status is ApplicationStatus.ACCEPTED
    assert (places_taken(), committed_cents(proposal)) == (0, 0)
    bodies = [letter.body for letter in letters_about(exchange) if "cancelled" in letter.kind]
    assert ["Not signed in time" in body for body in bodies] == [True, True]


def test_a_clock_moved_over_the_whole_visit_starts_and_ends_it() -> None:
    exchange = confirmed(make_proposal())

    with time_machine.travel(clock.at_local(exchange.last_day + timedelta(days=30)), tick=False):
        keep_time(timestamp=0)

    assert exchange.status is ExchangeStatus.ENDED


def test_a_cancelled_exchange_frees_visit_place_and_money() -> None:
    proposal = make_proposal()
    exchange = agreed(proposal)

    services.cancel(exchange, REASON, actor=None)

    assert (exchange.status, exchange.cancel_reason) == (ExchangeStatus.CANCELLED, REASON)
    assert (places_taken(), committed_cents(proposal)) == (0, 0)
    assert proposal.application.status is ApplicationStatus.ACCEPTED
    assert {"exchanges.cancelled_visitor", "exchanges.cancelled_host"} <= kinds_about(exchange)


def test_after_a_cancelled_exchange_the_organisation_may_visit() -> None:
    call = make_call()
    make_host(call)
    make_visitor(call)
    (first,) = make_proposals(call)
    services.cancel(agreed(first), REASON, actor=None)

    (second,) = make_proposals(call)

    assert agreed(second).status is ExchangeStatus.AGREED


def test_an_exchange_under_way_is_not_cancelled(session: Db) -> None:
    exchange = confirmed(make_proposal())
    with time_machine.travel(clock.at_local(exchange.first_day), tick=False):
        services.start_due()
    session.commit()

    with pytest.raises(RuleBroken, match="wrong-state"):
        services.cancel(exchange, REASON, actor=None)

    session.rollback()
    assert exchange.status is ExchangeStatus.ONGOING
    assert places_taken() == exchange.working_days
