"""Exchanges built from pairs that agreed by themselves, also beside a round."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from matching import Problem, Solution, check
from mobility.applications.enums import ApplicationStatus
from mobility.applications.services import withdraw
from mobility.calls.models import Call
from mobility.calls.queries import allotment_of
from mobility.catalogue.enums import PairStatus
from mobility.catalogue.models import AgreedPair
from mobility.catalogue.services import validate_pair
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.exchanges import services as exchanges
from mobility.exchanges import tasks
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.hosts.models import PlaceDay, Reservation
from mobility.mail.queries import letters_about
from mobility.rounds import queries, services
from mobility.rounds.models import Proposal
from tests.make.calls import make_call
from tests.make.catalogue import make_pair
from tests.make.exchanges import make_ended_exchange
from tests.make.rounds import make_frozen_round, make_host, make_solved_run, make_visitor, weeks

Db = scoped_session[Session]
pytestmark = pytest.mark.usefixtures("session")


def build() -> list[Exchange]:
    db.session.commit()
    tasks.build_validated(timestamp=0)
    return list(db.session.scalars(select(Exchange).order_by(Exchange.id)))


def taken(pair: AgreedPair) -> int:
    days = select(func.coalesce(func.sum(PlaceDay.taken), 0)).where(PlaceDay.offer_id == pair.offer_id)
    return int(db.session.scalar(days) or 0)


def committed(pair: AgreedPair) -> int:
    allotment = allotment_of(pair.application.call, pair.application.partnership)
    assert allotment is not None
    db.session.refresh(allotment)
    return allotment.committed_cents


def test_a_validated_pair_becomes_an_agreed_exchange_with_the_place_and_money_it_held() -> None:
    pair = make_pair(status=PairStatus.VALIDATED)

    (exchange,) = build()

    assert (exchange.agreed_pair_id, exchange.status) == (pair.id, ExchangeStatus.AGREED)
    assert (exchange.first_day, exchange.last_day) == (pair.first_day, pair.last_day)
    assert (exchange.working_days, exchange.lump_sum_cents) == (pair.days, pair.lump_sum_cents)
    assert pair.status is PairStatus.BUILT
    assert pair.application.status is ApplicationStatus.MATCHED
    assert (taken(pair), committed(pair)) == (5, pair.lump_sum_cents)
    assert len(letters_about(exchange)) == 2


def test_it_is_built_once() -> None:
    make_pair(status=PairStatus.VALIDATED)

    assert len(build()) == len(build()) == 1


def test_what_is_not_validated_is_not_built() -> None:
    make_pair(status=PairStatus.CONFIRMED)

    assert build() == []


def test_a_pair_whose_visitor_withdrew_is_left_to_lapse() -> None:
    pair = make_pair(status=PairStatus.VALIDATED)
    withdraw(pair.application, actor=None)

    assert build() == []
    assert pair.status is PairStatus.VALIDATED


def test_cancelling_the_exchange_gives_the_pairs_place_and_money_back() -> None:
    pair = make_pair(status=PairStatus.VALIDATED)
    (exchange,) = build()

    exchanges.cancel(exchange, "Illness.", actor=None)

    assert (taken(pair), committed(pair)) == (0, 0)
    assert pair.application.status is ApplicationStatus.ACCEPTED


def test_a_pair_whose_organisation_visits_elsewhere_meanwhile_is_withdrawn_and_holds_nothing() -> None:
    pair, other = make_pair(status=PairStatus.VALIDATED), make_pair(status=PairStatus.VALIDATED)
    make_ended_exchange(visitor=pair.application.organisation, reference="EXC-1999-0001")

    found = build()

    assert [one.agreed_pair_id for one in found] == [None, other.id]
    assert (pair.status, pair.decline_reason) == (PairStatus.WITHDRAWN, "second-visit")
    assert (taken(pair), committed(pair)) == (0, 0)
    assert pair.application.status is ApplicationStatus.ACCEPTED


def test_a_pair_that_cannot_be_built_now_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = make_pair(status=PairStatus.VALIDATED)

    def refuse(*_arguments: object, **_more: object) -> None:
        raise RuleBroken("stale")

    monkeypatch.setattr(exchanges, "mark_matched", refuse)

    assert build() == []
    assert pair.status is PairStatus.VALIDATED


def test_after_a_cancelled_exchange_the_visitor_may_enter_another_pair() -> None:
    pair = make_pair(status=PairStatus.VALIDATED)
    (exchange,) = build()
    exchanges.cancel(exchange, "Illness.", actor=None)

    again = make_pair(pair.application, make_host(pair.application.call), status=PairStatus.VALIDATED)

    assert len(build()) == 2
    assert again.status is PairStatus.BUILT


@pytest.fixture
def call() -> Call:
    """A call whose host has one place: two visitors could come one after the other, a third one not."""
    return make_call()


def market(call: Call) -> AgreedPair:
    """A validated pair and two more visitors who want the same host."""
    host = make_host(call, windows=((*weeks(call, 4, 2), 1),))
    pair = make_pair(make_visitor(call, windows=(weeks(call, 4, 1),)), host, status=PairStatus.VALIDATED)
    for _ in range(2):
        make_visitor(call, windows=(weeks(call, 4, 2),), min_days=5)
    return pair


def test_a_frozen_round_leaves_the_pair_out_and_says_so(call: Call) -> None:
    pair = market(call)

    round_ = make_frozen_round(call)

    references = {entrant.application.reference for entrant in queries.entrants_of(round_)}
    assert pair.application.reference not in references
    assert len(references) == 2
    assert round_.picture is not None
    assert round_.picture["left_out"] == {pair.application.reference: "paired"}


def test_a_frozen_round_locks_the_pairs_host_and_days_and_counts_place_and_money_once(call: Call) -> None:
    pair = market(call)

    problem = Problem.from_json(make_frozen_round(call).problem)

    (lock,) = problem.locks
    assert (lock.host, lock.first_day) == (pair.offer.reference, pair.first_day)
    visits = next(limit for limit in problem.limits if limit.id == f"visits:{pair.offer.reference}")
    assert visits.max == pair.offer.max_visits - 1
    budgets = {limit.id for limit in problem.limits if limit.id.startswith("budget:")}
    assert f"budget:{pair.application.partnership.code}" not in budgets


def test_an_open_round_that_somebody_forgot_keeps_no_pair_waiting(call: Call) -> None:
    pair = market(call)
    services.open_round(call, actor=None)

    (exchange,) = build()

    assert exchange.agreed_pair_id == pair.id


def test_while_a_round_is_frozen_the_pair_waits_until_it_is_opened_again(call: Call) -> None:
    pair = market(call)
    round_ = make_frozen_round(call)
    assert build() == []

    services.reopen(round_, actor=None)
    (exchange,) = build()

    assert exchange.agreed_pair_id == pair.id
    services.freeze(round_, actor=None)
    assert Problem.from_json(round_.problem).locks[0].host == pair.offer.reference


def test_a_frozen_round_of_another_call_keeps_no_pair_waiting(call: Call) -> None:
    make_pair(status=PairStatus.VALIDATED)
    make_host(call)
    make_visitor(call)
    make_frozen_round(call)

    assert len(build()) == 1


def test_a_solved_and_published_round_keeps_the_pairs_days_and_then_it_is_built(call: Call) -> None:
    pair = market(call)
    run = make_solved_run(make_frozen_round(call))
    assert build() == []

    (proposal,) = services.publish(run, actor=None)
    (exchange,) = build()

    assert exchange.agreed_pair_id == pair.id
    assert proposal.offer_id == pair.offer_id
    assert proposal.first_day > pair.last_day
    live = select(func.count(Reservation.id)).where(Reservation.freed_at.is_(None))
    assert db.session.scalar(live) == 2
    assert db.session.scalar(select(func.max(PlaceDay.taken))) == 1
    assert committed(pair) == pair.lump_sum_cents
    assert check(Problem.from_json(run.round.problem), Solution.from_json(run.solution)) == []


def test_a_pair_validated_after_the_freezing_stops_the_publication(call: Call) -> None:
    pair = market(call)
    late = make_pair(make_visitor(call), make_host(call), status=PairStatus.CONFIRMED)
    run = make_solved_run(make_frozen_round(call))
    for slot in ("vop", "hop"):
        validate_pair(late, slot, actor=None)

    with pytest.raises(RuleBroken, match="inputs-changed"):
        services.publish(run, actor=None)
    assert db.session.scalar(select(func.count(Proposal.id))) == 0
    assert {pair.status, late.status} == {PairStatus.VALIDATED}


def test_an_organisation_with_a_pair_in_one_call_gets_no_proposal_in_another(call: Call) -> None:
    pair = make_pair(status=PairStatus.VALIDATED)
    make_host(call)
    make_visitor(call, organisation=pair.application.organisation)

    round_ = make_frozen_round(call)

    assert (round_.problem or {}).get("pairs", []) == []
