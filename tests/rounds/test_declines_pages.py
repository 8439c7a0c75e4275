"""The pages after declines: asking, both answers side by side, publishing one."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.exchanges import services as exchanges
from mobility.exchanges.enums import Side
from mobility.rounds import declines, runs, services
from mobility.rounds.enums import RoundStatus
from mobility.rounds.models import Proposal, Round, Run
from mobility.rounds.scenario import KEEP, VISITS, Change
from tests.make.accounts import make_user, sign_in
from tests.make.rounds import QUICK, make_host
from tests.pages import next_on
from tests.rounds.test_declines import asked, make_published, solve_all
from tests.statements import statements_of
from tests.visitor import Visitor

Db = scoped_session[Session]


@pytest.fixture
def support(client: Visitor) -> Visitor:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    return client


@pytest.fixture
def proposals(support: Visitor, session: Db) -> list[Proposal]:
    """What a round proposed, without an answer."""
    _call, made = make_published()
    session.commit()
    return made


def test_the_round_offers_both_answers_once_a_proposal_is_declined(
    support: Visitor, session: Db, proposals: list[Proposal]
) -> None:
    address = f"/rounds/{proposals[0].round.reference}"
    before = support.get(address).text
    exchanges.decline(proposals[0], Side.VISITOR, "Ill.", actor=None)
    session.commit()

    page = support.get(address).text

    assert f"{address}/declines" not in before
    assert f"{address}/declines" in page


def test_the_officer_asks_sees_both_answers_and_publishes_one(
    support: Visitor, session: Db, proposals: list[Proposal]
) -> None:
    exchanges.decline(proposals[0], Side.VISITOR, "Ill.", actor=None)
    session.commit()
    first = f"/rounds/{proposals[0].round.reference}"

    answer = support.submit(f"{first}/declines", {"reason": "One said no.", "time_limit_s": "5"})
    after = session.scalars(select(Round).where(Round.after_id.is_not(None))).one()
    waiting = support.get(answer.location).text
    solve_all(after)
    session.commit()
    both = support.get(answer.location).text
    preview = support.get(f"/rounds/{after.reference}/runs/1/publish").text
    support.submit(f"/rounds/{after.reference}/runs/1/publish", {})
    session.refresh(after)

    assert answer.location == f"/rounds/{after.reference}/answers"
    assert "The answers are on their way" in waiting
    assert waiting.count("data-progress-url") == 2
    assert both.count("1 gain a host, 0 get another host, 0 other days, and 0 lose theirs; 1 keep") == 2
    assert "Publish run 1…" in both
    assert "Publish run 2…" in both
    assert "Publish 1 proposal" in preview
    assert "Proposals that stay as they are" in preview
    assert after.status is RoundStatus.PUBLISHED
    assert len(session.scalars(select(Proposal).where(Proposal.round_id == after.id)).all()) == 1


def test_a_second_time_is_refused_with_the_round_that_is_under_way(
    support: Visitor, session: Db, proposals: list[Proposal]
) -> None:
    after, _refill, _rematch = asked(proposals)
    session.commit()

    page = support.submit(
        f"/rounds/{proposals[0].round.reference}/declines", {"reason": "Again.", "time_limit_s": "5"}
    )

    assert page.status_code == 422
    assert after.reference in page.text


def test_taking_down_anew_queues_both_answers_again(
    support: Visitor, session: Db, proposals: list[Proposal]
) -> None:
    after, _refill, _rematch = asked(proposals)
    session.commit()

    support.submit(f"/rounds/{after.reference}/answers/again", {})
    page = support.get(f"/rounds/{after.reference}/answers").text

    assert [run.number for run in solve_all(after)] == [3, 4]
    assert "The answers are on their way" in page


def test_where_an_answer_failed_or_is_of_before_the_page_says_so(
    support: Visitor, session: Db, proposals: list[Proposal]
) -> None:
    exchanges.decline(proposals[0], Side.VISITOR, "Ill.", actor=None)
    after = declines.ask(proposals[0].round, reason="One said no.", actor=None)
    address = f"/rounds/{after.reference}/answers"
    one, other = session.scalars(select(Run).where(Run.round_id == after.id).order_by(Run.number))
    runs.cancel(one, actor=None)
    session.commit()
    waiting = support.get(address).text
    runs.cancel(other, actor=None)
    session.commit()

    page = support.get(address).text

    assert "The answers are on their way" in waiting
    assert "The answers are on their way" not in page
    assert "Take down anew and ask again" in next_on(page)


def test_a_scenario_with_more_changes_takes_no_answers_place(proposals: list[Proposal]) -> None:
    after, refill, rematch = asked(proposals)
    host = proposals[0].offer.reference
    both = [Change(KEEP, "As before."), Change(VISITS, "Fewer.", host=host, number=1)]
    own = services.solve(after, QUICK, changes=both, actor=None)

    assert declines.answers_of([own, rematch, refill]) == declines.Answers(refill, rematch)


def test_a_round_that_follows_none_has_no_answers(support: Visitor, proposals: list[Proposal]) -> None:
    assert support.get(f"/rounds/{proposals[0].round.reference}/answers").status_code == 404


def test_the_page_of_answers_asks_no_more_for_more_people(support: Visitor, session: Db) -> None:
    addresses = []
    for visitors in (2, 5):
        call, made = make_published(visitors=visitors, places=1)
        make_host(call)
        after, _refill, _rematch = asked(made)
        addresses.append(f"/rounds/{after.reference}/answers")
    session.commit()

    few, many = (statements_of(support, address) for address in addresses)

    assert few == many
