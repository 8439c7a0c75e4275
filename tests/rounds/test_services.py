"""The verbs of a round."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, scoped_session

from mobility.audit.queries import entries_about
from mobility.calls import services as calls
from mobility.calls.queries import allotment_of
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.hosts.models import PlaceDay, Reservation
from mobility.mail.queries import letters_about
from mobility.rounds import queries, services
from mobility.rounds.enums import ProposalStatus, RoundStatus, RunStatus
from mobility.rounds.models import Entrant, Pair, Proposal, Round, Run
from mobility.taxonomies import working_days
from tests.make.calls import make_allotment, make_call
from tests.make.rounds import (
    QUICK,
    make_frozen_round,
    make_host,
    make_market,
    make_proposals,
    make_solved_run,
    make_visitor,
)

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]


def number_of(kind: type) -> int:
    return db.session.scalar(select(func.count()).select_from(kind)) or 0


def test_a_round_opens_with_a_reference() -> None:
    call = make_call()

    round_ = services.open_round(call, actor=None)

    assert round_.reference.startswith("RND-")
    assert round_.status is RoundStatus.OPEN
    assert [entry.verb for entry in entries_about(round_)] == ["round.opened"]


def test_a_call_has_one_round_under_way_at_a_time() -> None:
    call = make_market(visitors=1, hosts=1)
    services.open_round(call, actor=None)
    db.session.flush()
    with pytest.raises(RuleBroken, match="round-under-way"):
        services.open_round(call, actor=None)

    make_proposals()
    other = make_proposals(make_market(visitors=1, hosts=1))[0].round.call
    assert services.open_round(other, actor=None).status is RoundStatus.OPEN


def test_no_round_is_opened_after_the_last_day_for_a_stay() -> None:
    call = make_call()
    clock.move(clock.at_local(call.last_day + timedelta(days=1), 9))
    with pytest.raises(RuleBroken, match="call-over"):
        services.open_round(call, actor=None)


def test_freezing_keeps_entrants_pairs_and_the_problem_made_of_them() -> None:
    call = make_market(visitors=2, hosts=3)

    round_ = make_frozen_round(call)

    assert round_.status is RoundStatus.FROZEN
    assert round_.problem
    assert (number_of(Entrant), number_of(Pair)) == (2, 6)
    assert len(round_.problem["pairs"]) == 6
    for entrant in db.session.scalars(select(Entrant)):
        assert entrant.priority == sum(part["points"] for part in entrant.parts)
    for pair in db.session.scalars(select(Pair)):
        assert pair.score == sum(part["points"] for part in pair.parts)
        assert pair.cost_cents == pair.trace[-1]["cents"]


def test_nobody_can_visit_before_the_proposals_are_answered_and_signed(app: Flask) -> None:
    call = make_call(first_day=clock.today() - timedelta(days=30))
    make_host(call, windows=((clock.today(), clock.today() + timedelta(days=90), 1),))
    make_visitor(call, windows=((clock.today(), clock.today() + timedelta(days=90)),))

    round_ = make_frozen_round(call)

    answered = working_days.after(clock.today(), call.answer_days)
    assert round_.problem
    to_sign = app.config["SETTINGS"].sign_days
    assert to_sign == 14
    assert round_.problem["first_day"] == (answered + timedelta(days=to_sign + 1)).isoformat()


def test_the_days_to_sign_in_are_a_setting(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], sign_days=3))
    call = make_call(first_day=clock.today())

    answered = working_days.after(clock.today(), call.answer_days)
    assert services.first_possible_day(call) == answered + timedelta(days=4)


def test_a_round_of_nobody_is_not_frozen(session: Db) -> None:
    round_ = services.open_round(make_call(), actor=None)
    session.commit()

    with pytest.raises(RuleBroken, match="round-empty"):
        services.freeze(round_, actor=None)

    session.rollback()
    assert (round_.status, round_.problem) == (RoundStatus.OPEN, None)


def test_a_round_is_not_frozen_when_no_day_is_left(session: Db) -> None:
    call = make_call(first_day=clock.today() - timedelta(days=30), last_day=clock.today() + timedelta(days=2))
    round_ = services.open_round(call, actor=None)
    session.commit()

    with pytest.raises(RuleBroken, match="round-too-late"):
        services.freeze(round_, actor=None)

    session.rollback()
    assert round_.status is RoundStatus.OPEN


def test_a_frozen_round_is_not_frozen_again(session: Db) -> None:
    round_ = make_frozen_round()
    session.commit()

    with pytest.raises(RuleBroken, match="wrong-state"):
        services.freeze(round_, actor=None)

    session.rollback()
    assert number_of(Entrant) == 2


def test_an_open_round_is_not_solved(session: Db) -> None:
    round_ = services.open_round(make_market(), actor=None)
    session.commit()

    with pytest.raises(RuleBroken, match="wrong-state"):
        services.solve(round_, QUICK, actor=None)

    session.rollback()
    assert number_of(Run) == 0


def test_solving_queues_a_job_in_the_same_transaction(session: Db) -> None:
    round_ = make_frozen_round()

    first, second = services.solve(round_, QUICK, actor=None), services.solve(round_, QUICK, actor=None)

    jobs = session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'rounds.solve'"))
    assert (first.number, second.number, first.status) == (1, 2, RunStatus.QUEUED)
    assert jobs == 2


def test_a_reopened_round_is_frozen_with_what_has_changed() -> None:
    call = make_market(visitors=1, hosts=1)
    round_ = make_frozen_round(call)
    run = make_solved_run(round_)
    make_visitor(call)

    services.reopen(round_, actor=None)
    services.freeze(round_, actor=None)

    assert number_of(Entrant) == 2
    with pytest.raises(RuleBroken, match="run-outdated"):
        services.publish(run, actor=None)


def test_a_round_with_a_run_on_its_way_is_not_reopened(session: Db) -> None:
    round_ = make_frozen_round()
    services.solve(round_, QUICK, actor=None)
    session.commit()

    with pytest.raises(RuleBroken, match="runs-live"):
        services.reopen(round_, actor=None)

    session.rollback()
    assert round_.status is RoundStatus.FROZEN


def test_publishing_proposes_reserves_and_tells_both_sides() -> None:
    call = make_call()
    host, visitor = make_host(call), make_visitor(call)

    (proposal,) = make_proposals(call)

    assert proposal.status is ProposalStatus.OPEN
    assert (proposal.application, proposal.offer) == (visitor, host)
    assert proposal.round.status is RoundStatus.PUBLISHED
    reservation = db.session.scalars(select(Reservation)).one()
    assert (reservation.for_kind, reservation.for_id) == ("proposal", proposal.id)
    assert (reservation.first_day, reservation.last_day) == (proposal.first_day, proposal.last_day)
    allotment = allotment_of(call, visitor.partnership)
    assert allotment
    assert allotment.committed_cents == proposal.lump_sum_cents == 78_000
    kinds = {letter.kind: letter.to_email for letter in letters_about(proposal)}
    assert kinds == {
        "rounds.proposed_visitor": visitor.person_email,
        "rounds.proposed_host": host.contact_email,
    }


def test_the_deadline_is_some_working_days_later_at_five_in_brussels() -> None:
    (proposal,) = make_proposals(make_market(visitors=1))

    until = clock.local(proposal.answer_by)
    assert until.date() == working_days.after(clock.today(), proposal.round.call.answer_days)
    assert (until.hour, until.minute) == (17, 0)
    assert proposal.round.answer_by == proposal.answer_by


def test_the_proposal_keeps_score_trace_and_dates_of_its_pair() -> None:
    (proposal,) = make_proposals(make_market(visitors=1, hosts=1))

    pair = db.session.scalars(select(Pair)).one()
    assert (proposal.score, proposal.parts, proposal.days) == (pair.score, pair.parts, pair.days)
    assert proposal.trace[-1]["cents"] == proposal.lump_sum_cents == pair.cost_cents
    open_days = [day for day in _days(proposal) if working_days.is_working_day(day, "PT")]
    assert len(open_days) == proposal.days


def _days(proposal: Proposal) -> list[date]:
    length = (proposal.last_day - proposal.first_day).days
    return [proposal.first_day + timedelta(days=n) for n in range(length + 1)]


def test_who_gets_no_host_is_told_so() -> None:
    call = make_call()
    make_host(call, max_visits=1)
    make_visitor(call)
    make_visitor(call)

    (proposal,) = make_proposals(call)

    left = db.session.scalars(select(Entrant).where(Entrant.application_id != proposal.application_id)).one()
    (letter,) = letters_about(left)
    assert (letter.kind, letter.to_email) == ("rounds.not_matched", left.application.person_email)
    assert letter.subject == f"No host in this round for {left.application.reference}"


def test_who_gets_no_host_reads_why_and_what_they_can_do_themselves() -> None:
    call = make_call()
    make_host(call, max_visits=1)
    make_visitor(call)
    make_visitor(call)

    (proposal,) = make_proposals(call)

    left = db.session.scalars(select(Entrant).where(Entrant.application_id != proposal.application_id)).one()
    body = letters_about(left)[0].body
    assert f"Round {proposal.round.reference} found no host" in body
    assert "the number of visits they can take is used up" in body
    assert f"/catalogue?of={left.application.reference}" in body
    assert "withdraw the application and hand in another" in body
    assert "\n\n\n" not in body


def test_a_letter_after_the_call_closed_advises_nobody_to_hand_in_again() -> None:
    call = make_call()
    make_host(call, max_visits=1)
    make_visitor(call)
    make_visitor(call)
    calls.close(call, actor=None)

    (proposal,) = make_proposals(call)

    left = db.session.scalars(select(Entrant).where(Entrant.application_id != proposal.application_id)).one()
    body = letters_about(left)[0].body
    assert "look for a host in the catalogue" in body
    assert "hand in another" not in body


def test_a_round_is_published_once(session: Db) -> None:
    run = make_solved_run()
    services.publish(run, actor=None)
    session.commit()

    with pytest.raises(RuleBroken, match="wrong-state"):
        services.publish(run, actor=None)

    session.rollback()
    assert number_of(Proposal) == 2


def test_a_run_that_is_not_solved_is_not_published(session: Db) -> None:
    run = services.solve(make_frozen_round(), QUICK, actor=None)
    session.commit()

    with pytest.raises(RuleBroken, match="run-not-solved"):
        services.publish(run, actor=None)

    session.rollback()
    assert (run.round.status, number_of(Proposal)) == (RoundStatus.FROZEN, 0)


def test_a_visit_that_would_begin_before_the_answers_is_refused(session: Db) -> None:
    call = make_call()
    first = call.first_day
    make_host(call, windows=((first, first + timedelta(days=20), 1),))
    make_visitor(call, windows=((first, first + timedelta(days=7)),))
    run = make_solved_run(make_frozen_round(call))
    session.commit()

    with (
        time_machine.travel(clock.utcnow() + timedelta(days=35)),
        pytest.raises(RuleBroken, match="visit-too-soon"),
    ):
        services.publish(run, actor=None)

    session.rollback()
    assert number_of(Proposal) == 0


def test_the_next_round_is_for_those_without_a_proposal_and_keeps_the_places_taken(session: Db) -> None:
    call = make_call()
    host = make_host(call, max_visits=2)
    first = make_visitor(call)
    make_proposals(call)
    second = make_visitor(call)

    (proposal,) = make_proposals(call)

    assert proposal.application is second
    assert {entrant.application.reference for entrant in queries.entrants_of(proposal.round)} == {
        second.reference
    }
    assert first.reference != second.reference
    assert number_of(Reservation) == 2
    assert all(
        place.taken <= place.places for place in session.scalars(select(PlaceDay).filter_by(offer_id=host.id))
    )


def test_a_group_goes_together() -> None:
    call = make_call()
    make_host(call, max_visits=2)
    make_visitor(call, group_key="fair")
    make_visitor(call, group_key="fair")

    one, other = make_proposals(call)

    assert (one.offer_id, one.first_day) == (other.offer_id, other.first_day)


def test_a_group_that_does_not_fit_stays_away_together() -> None:
    call = make_call()
    make_host(call, max_visits=1)
    make_visitor(call, group_key="fair")
    make_visitor(call, group_key="fair")

    assert make_proposals(call) == []


def test_a_budget_that_covers_one_visit_gives_one() -> None:
    call = make_call()
    make_host(call)
    partnership = make_visitor(call, budget_cents=100_000).partnership
    make_visitor(call, partnership=partnership)

    proposals = make_proposals(call)

    allotment = allotment_of(call, partnership)
    assert len(proposals) == 1
    assert allotment
    assert allotment.committed_cents == 78_000


def test_a_partnerships_own_rate_is_what_the_proposal_pays() -> None:
    call = make_call()
    make_host(call)
    visitor = make_visitor(call)
    make_allotment(call, visitor.partnership, own_rate_cents=50_000)

    (proposal,) = make_proposals(call)

    assert proposal.lump_sum_cents == 50_000


def test_every_move_of_a_round_is_in_the_log() -> None:
    proposals = make_proposals()

    round_: Round = proposals[0].round
    verbs = [entry.verb for entry in entries_about(round_)]
    assert verbs == ["round.opened", "round.frozen", "round.published"]
