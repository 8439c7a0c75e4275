"""After declines: both answers of the engine, and publishing one of them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

import matching
from mobility.calls.models import Allotment, Call, Rate
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.exchanges import services as exchanges
from mobility.exchanges.enums import Side
from mobility.hosts.models import PlaceDay
from mobility.mail.models import Letter
from mobility.rounds import declines, runs, scenario, services
from mobility.rounds.enums import ProposalStatus, RoundStatus, RunStatus
from mobility.rounds.models import Entrant, Proposal, Round, Run
from tests.make.calls import make_call
from tests.make.partnerships import make_partnership
from tests.make.rounds import make_frozen_round, make_host, make_solved_run, make_visitor, weeks

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]
WHY = "Two said no."


def make_published(*, visitors: int = 3, places: int = 2) -> tuple[Call, list[Proposal]]:
    """A call whose one host has a week with few places for visitors who all want it, matched as far as that goes."""
    call = make_call()
    make_host(call, windows=((*weeks(call, 4, 1), places),))
    for _ in range(visitors):
        make_visitor(call, min_days=5, max_days=5)
    run = make_solved_run(make_frozen_round(call))
    proposals = services.publish(run, actor=None)
    db.session.flush()
    return call, proposals


def solve_all(round_: Round) -> list[Run]:
    """Solve what is queued of a round, here and now."""
    queued = select(Run).where(Run.round_id == round_.id, Run.status == RunStatus.QUEUED).order_by(Run.number)
    found = list(db.session.scalars(queued))
    for run in found:
        assert runs.begin(run.id)
        problem = matching.Problem.from_json(scenario.problem_of(run))
        solution = matching.solve(problem, goals=tuple(run.goals), time_limit_s=10, deterministic=True)
        runs.finish(run.id, dict(solution.to_json()))
    return found


def asked(proposals: list[Proposal], *, may_return: bool = False) -> tuple[Round, Run, Run]:
    """The first proposal declined by its visitor, and both answers to that."""
    exchanges.decline(proposals[0], Side.VISITOR, "Ill.", actor=None)
    after = declines.ask(proposals[0].round, reason=WHY, may_return=may_return, actor=None)
    refill, rematch = solve_all(after)
    return after, refill, rematch


def test_both_answers_fill_the_freed_place_and_leave_out_who_declined() -> None:
    _call, proposals = make_published()

    after, refill, rematch = asked(proposals)

    entered = set(
        db.session.scalars(select(Entrant.application_id).where(Entrant.round_id == after.id)).all()
    )
    assert (refill.status, rematch.status) == (RunStatus.SOLVED, RunStatus.SOLVED)
    assert proposals[0].application_id not in entered
    assert (after.picture or {})["left_out"] == {proposals[0].application.reference: "declined"}
    assert entered > {proposals[1].application_id}
    assert [row["name"] for row in rematch.reached] == ["priority", "changes", "score"]
    assert rematch.reached[1]["value"] == 1


def test_whoever_keeps_a_proposal_counts_what_it_costs_and_not_what_it_would_after_a_rise() -> None:
    call = make_call()
    [rate] = [one for one in call.rates if one.country == "PT"]
    rise = weeks(call, 6, 1)[0]
    rate.to_on = rise - timedelta(days=1)
    call.rates.append(Rate(table_name="dear", country="PT", cents=2 * rate.cents, from_on=rise))
    partnership = make_partnership()
    for week in (4, 6):
        make_host(call, windows=((*weeks(call, week, 1), 1),))
        make_visitor(call, partnership=partnership, min_days=5, max_days=5, windows=(weeks(call, week, 1),))
    cheap, dear = sorted(
        services.publish(make_solved_run(make_frozen_round(call)), actor=None), key=lambda one: one.first_day
    )
    exchanges.decline(dear, Side.VISITOR, "Ill.", actor=None)

    problem = declines.ask(cheap.round, reason=WHY, actor=None).problem or {}

    [budget] = [one["max"] for one in problem["limits"] if one["id"].startswith("budget:")]
    held = {"application": cheap.application.reference, "host": cheap.offer.reference}
    [pair] = [one for one in problem["pairs"] if held.items() <= one.items()]
    assert dear.lump_sum_cents > cheap.lump_sum_cents
    assert budget == db.session.scalars(select(Allotment.budget_cents)).one()
    assert pair["amounts"] == {"cost_cents": cheap.lump_sum_cents}


def test_nothing_changes_for_anybody_before_one_is_published() -> None:
    _call, proposals = make_published()
    before = db.session.scalar(select(func.sum(PlaceDay.taken)))
    exchanges.decline(proposals[0], Side.VISITOR, "Ill.", actor=None)
    letters = db.session.scalar(select(func.count()).select_from(Letter))

    after = declines.ask(proposals[0].round, reason=WHY, actor=None)
    solve_all(after)

    assert proposals[1].status is ProposalStatus.OPEN
    assert db.session.scalar(select(func.sum(PlaceDay.taken))) == (before or 0) - 5
    assert db.session.scalar(select(func.count()).select_from(Letter)) == letters


def test_publishing_the_refilling_proposes_the_freed_place_and_touches_nobody_else() -> None:
    call, proposals = make_published()
    kept = proposals[1]
    after, refill, _rematch = asked(proposals)

    made = services.publish(refill, actor=None)
    db.session.flush()

    assert len(made) == 1
    assert made[0].application_id not in {one.application_id for one in proposals}
    assert made[0].answer_by == after.answer_by == services.answer_deadline(call)
    assert (kept.status, kept.round_id) == (ProposalStatus.OPEN, proposals[0].round_id)
    assert db.session.scalar(select(func.max(PlaceDay.taken))) == 2
    told = select(Letter.to_email).where(Letter.kind.startswith("rounds."), Letter.about_id == made[0].id)
    assert made[0].application.person_email in db.session.scalars(told).all()


def moved() -> tuple[Call, Proposal, Round, Run]:
    """Of two hosts one is left; the rematch moves who has not answered, so that two are matched instead of one.

    Ana holds the early week, which only Bea could take too; the late week of the other host came free.
    """
    call = make_call()
    early, late = (
        make_host(call, windows=((*weeks(call, 4, 1), 1),)),
        make_host(call, windows=((*weeks(call, 6, 1), 1),)),
    )
    ana = make_visitor(call, min_days=5, max_days=5, windows=(weeks(call, 4, 3),), wishes={early: 1})
    cleo = make_visitor(call, min_days=5, max_days=5, windows=(weeks(call, 6, 1),))
    proposals = services.publish(make_solved_run(make_frozen_round(call)), actor=None)
    db.session.flush()
    held = {one.application_id: one for one in proposals}
    make_visitor(call, min_days=5, max_days=5, windows=(weeks(call, 4, 1),))
    exchanges.decline(held[cleo.id], Side.VISITOR, "Ill.", actor=None)
    after = declines.ask(held[ana.id].round, reason=WHY, actor=None)
    _refill, rematch = solve_all(after)
    assert late.id != held[ana.id].offer_id == early.id
    return call, held[ana.id], after, rematch


def test_publishing_the_rematch_takes_back_who_moves_and_tells_both_sides() -> None:
    call, held, _after, rematch = moved()

    made = services.publish(rematch, actor=None)
    db.session.flush()

    again = next(one for one in made if one.application_id == held.application_id)
    assert len(made) == 2
    assert held.status is ProposalStatus.WITHDRAWN
    assert again.status is ProposalStatus.OPEN
    assert again.offer_id != held.offer_id
    assert db.session.scalar(select(func.sum(PlaceDay.taken))) == 10
    committed = select(func.sum(Allotment.committed_cents)).where(Allotment.call_id == call.id)
    assert db.session.scalar(committed) == sum(one.lump_sum_cents for one in made)
    told = db.session.execute(select(Letter.kind, Letter.body).where(Letter.about_id == held.id)).all()
    words = {kind: text for kind, text in told if kind.startswith("rounds.withdrawn")}
    assert words.keys() == {"rounds.withdrawn_visitor", "rounds.withdrawn_host"}
    assert "Another visit is proposed to you" in words["rounds.withdrawn_visitor"]


def _one_accepts(held: Proposal) -> None:
    exchanges.accept(held, Side.HOST, actor=None)


def _one_declines(held: Proposal) -> None:
    exchanges.decline(held, Side.HOST, "Full.", actor=None)


@pytest.mark.parametrize("answer", [_one_accepts, _one_declines])
def test_an_answer_given_meanwhile_forbids_publishing_until_both_are_asked_again(
    answer: Callable[[Proposal], None],
) -> None:
    _call, held, after, rematch = moved()
    answer(held)
    db.session.flush()

    with pytest.raises(RuleBroken, match="inputs-changed"):
        services.publish(rematch, actor=None)

    declines.ask_again(after, actor=None)
    _refill, rematch = solve_all(after)
    services.publish(rematch, actor=None)
    kinds = db.session.scalars(select(Letter.kind).where(Letter.about_id == held.id)).all()
    assert not {kind for kind in kinds if kind.startswith("rounds.withdrawn")}


def test_who_is_declined_by_a_host_may_get_another_but_not_the_same() -> None:
    call, proposals = make_published(visitors=1, places=1)
    other = make_host(call, windows=((*weeks(call, 4, 1), 1),))
    exchanges.decline(proposals[0], Side.HOST, "Full.", actor=None)

    after = declines.ask(proposals[0].round, reason=WHY, actor=None)
    refill, _rematch = solve_all(after)
    made = services.publish(refill, actor=None)

    assert [one.offer_id for one in made] == [other.id]


@pytest.mark.parametrize("may_return", [True, False])
def test_who_said_no_returns_only_where_the_office_says_so(may_return: bool) -> None:
    call, proposals = make_published(visitors=2, places=1)
    make_host(call, windows=((*weeks(call, 4, 1), 1),))

    _after, refill, _rematch = asked(proposals, may_return=may_return)
    made = {one.application_id: one.offer_id for one in services.publish(refill, actor=None)}

    assert (proposals[0].application_id in made) is may_return
    assert made.get(proposals[0].application_id) != proposals[0].offer_id


def test_a_round_without_a_decline_is_not_asked() -> None:
    _call, proposals = make_published()

    with pytest.raises(RuleBroken, match="nobody-declined"):
        declines.ask(proposals[0].round, reason=WHY, actor=None)


def test_a_call_has_one_round_after_declines_at_a_time() -> None:
    _call, proposals = make_published()
    after, _refill, _rematch = asked(proposals)

    with pytest.raises(RuleBroken, match="round-under-way"):
        declines.ask(proposals[0].round, reason=WHY, actor=None)

    assert after.status is RoundStatus.FROZEN
