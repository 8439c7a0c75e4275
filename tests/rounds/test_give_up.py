"""A round that ends without a result."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.audit.models import Entry
from mobility.core.errors import RuleBroken
from mobility.mail.models import Letter
from mobility.rounds import runs, services
from mobility.rounds.enums import RoundStatus, RunStatus
from tests.make.accounts import make_user, sign_in
from tests.make.calls import make_call
from tests.make.rounds import QUICK, make_frozen_round, make_proposals, make_solved_run
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]


def test_a_round_given_up_makes_room_for_another_and_writes_to_nobody(session: Db) -> None:
    round_ = services.open_round(make_call(), actor=None)

    services.give_up(round_, "Begun too early.", actor=None)

    assert (round_.status, round_.given_up_reason) == (RoundStatus.GIVEN_UP, "Begun too early.")
    assert services.open_round(round_.call, actor=None).status is RoundStatus.OPEN
    assert session.scalar(select(func.count()).select_from(Letter)) == 0
    kept = session.scalars(select(Entry).where(Entry.verb == "round.given_up")).one()
    assert kept.values == {"reason": "Begun too early."}


def test_runs_of_a_round_given_up_are_cancelled_and_results_stay(session: Db) -> None:
    round_ = make_frozen_round()
    done = make_solved_run(round_)
    waiting, going = (services.solve(round_, QUICK, actor=None) for _ in range(2))
    runs.begin(going.id)

    services.give_up(round_, "Why", actor=None)

    for run in (done, waiting, going):
        session.refresh(run)
    states = [done.status, waiting.status, going.status]
    assert states == [RunStatus.SOLVED, RunStatus.CANCELLED, RunStatus.CANCELLED]


def test_a_run_of_a_round_given_up_is_not_published() -> None:
    run = make_solved_run()
    services.give_up(run.round, "Why", actor=None)

    with pytest.raises(RuleBroken, match="wrong-state"):
        services.publish(run, actor=None)


def test_a_published_round_is_not_given_up() -> None:
    round_ = make_proposals()[0].round

    with pytest.raises(RuleBroken, match="wrong-state"):
        services.give_up(round_, "Why", actor=None)

    assert (round_.status, round_.given_up_reason) == (RoundStatus.PUBLISHED, "")


def test_no_round_is_given_up_without_a_reason(session: Db) -> None:
    round_ = services.open_round(make_call(), actor=None)

    with pytest.raises(DBAPIError, match="given_up"), session.begin_nested():
        services.give_up(round_, "", actor=None)


def test_a_support_officer_gives_a_round_up_and_reads_why(client: Visitor, session: Db) -> None:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    round_ = make_frozen_round()
    session.commit()
    address = f"/rounds/{round_.reference}"
    assert f"{address}/give-up" in client.get(address).text

    refused = client.submit(f"{address}/give-up", {"reason": ""})
    answer = client.submit(f"{address}/give-up", {"reason": "The wrong call."})

    page = client.get(address).text
    assert (refused.status_code, answer.location) == (422, address)
    assert 'id="reason-error"' in refused.text
    assert "The wrong call." in page
    assert f"{address}/give-up" not in page
