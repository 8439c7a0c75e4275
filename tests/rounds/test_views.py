"""The pages of rounds."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask_babel import format_datetime
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.applications.enums import ApplicationStatus
from mobility.core import clock
from mobility.core.db import db
from mobility.rounds import queries, runs, services
from mobility.rounds.enums import RoundStatus, RunStatus
from mobility.rounds.models import Proposal, Round, Run
from tests.make.accounts import make_user, sign_in
from tests.make.applications import make_application
from tests.make.calls import make_call
from tests.make.rounds import (
    QUICK,
    make_frozen_round,
    make_host,
    make_market,
    make_proposals,
    make_solved_run,
    make_visitor,
)
from tests.statements import statements_of
from tests.visitor import Visitor

Db = scoped_session[Session]


@pytest.fixture
def support(client: Visitor) -> Visitor:
    """A support officer's client."""
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    return client


def test_the_list_names_each_round_with_its_state(support: Visitor, session: Db) -> None:
    round_ = make_frozen_round()
    session.commit()

    page = support.get("/rounds")

    assert page.status_code == 200
    assert round_.reference in page.text
    assert "Frozen" in page.text


def test_the_list_is_searched_and_filtered_by_its_address(support: Visitor, session: Db) -> None:
    frozen, opened = make_frozen_round(), services.open_round(make_call(), actor=None)
    session.commit()

    page = support.get(f"/rounds?status=frozen&q={frozen.reference}")

    assert frozen.reference in page.text
    assert opened.reference not in page.text


def test_the_list_takes_as_many_queries_for_three_rounds_as_for_one(support: Visitor, session: Db) -> None:
    services.open_round(make_call(), actor=None)
    session.commit()
    for_one = statements_of(support, "/rounds")
    for _ in range(2):
        services.open_round(make_call(), actor=None)
    session.commit()

    assert statements_of(support, "/rounds") == for_one


def test_a_second_round_of_a_call_is_refused_beside_the_field_with_the_one_to_go_on_with(
    support: Visitor, session: Db
) -> None:
    opened = services.open_round(make_call(), actor=None)
    session.commit()

    answer = support.submit("/rounds/open", {"call": opened.call.reference})

    assert answer.status_code == 422
    assert f"go on with {opened.reference}" in answer.text


def test_the_page_to_publish_counts_the_letters_to_hosts_and_the_hosts(support: Visitor, session: Db) -> None:
    run = make_solved_run(make_frozen_round(make_market(visitors=2, hosts=1)))
    session.commit()

    page = support.get(f"/rounds/{run.round.reference}/runs/1/publish").text

    assert "Letters to hosts" in page
    assert "to 1 host, one for each visit" in page


def test_who_was_left_without_a_host_reads_round_reason_and_what_to_do(client: Visitor, session: Db) -> None:
    visitor, call = make_user(Role.APPLICANT), make_call()
    make_host(call, max_visits=1)
    mine = [make_visitor(call, author=visitor), make_visitor(call, author=visitor)]
    (proposal,) = make_proposals(call)
    (left,) = [one for one in mine if one != proposal.application]
    session.commit()
    sign_in(client, visitor)

    page = client.get(f"/applications/{left.reference}").text

    assert proposal.round.reference in page
    assert "the number of visits they can take is used up" in page
    assert f"/catalogue?of={left.reference}" in page
    closes = format_datetime(call.closes_at, "EEE d MMMM y, HH:mm")
    assert "withdraw the application and hand in another" in page
    assert f"until {closes}, Brussels time" in page


def test_a_later_round_that_found_a_host_silences_the_earlier_one(session: Db) -> None:
    call = make_call()
    host = make_host(call, max_visits=1)
    mine = [make_visitor(call), make_visitor(call)]
    (first,) = make_proposals(call)
    (left,) = [one for one in mine if one != first.application]
    assert queries.without_host(left) is not None
    make_host(call)
    (second,) = make_proposals(call)

    assert (second.application, second.offer == host) == (left, False)
    assert queries.without_host(left) is None


def test_after_the_last_day_for_a_stay_the_page_says_that_the_call_is_over(
    client: Visitor, session: Db
) -> None:
    visitor = make_user(Role.APPLICANT)
    application = make_application(author=visitor)
    clock.move(clock.at_local(application.call.last_day + timedelta(days=1), 9))
    session.commit()
    sign_in(client, visitor)

    page = client.get(f"/applications/{application.reference}").text

    assert "No host found" in page
    assert "The call is over" in page
    assert "waiting for a host" not in page


def test_a_support_officer_opens_freezes_and_solves_a_round(support: Visitor, session: Db) -> None:
    call = make_market()
    session.commit()

    opened = support.submit("/rounds/open", {"call": call.reference})
    round_ = session.scalars(select(Round)).one()
    frozen = support.submit(opened.location, {}, to=f"/rounds/{round_.reference}/freeze")
    solve = support.submit(
        f"/rounds/{round_.reference}/solve", {"goals": "priority,score", "time_limit_s": "5", "seed": "3"}
    )

    run = session.scalars(select(Run)).one()
    assert (opened.status_code, frozen.status_code, solve.status_code) == (302, 302, 302)
    assert solve.location == f"/rounds/{round_.reference}/runs/1"
    assert (run.goals, run.time_limit_s, run.seed) == (["priority", "score"], 5, 3)
    assert run.status is RunStatus.QUEUED


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("goals", "beauty"),
        ("goals", ""),
        ("time_limit_s", ""),
        ("time_limit_s", "0"),
        ("time_limit_s", "3601"),
        ("time_limit_s", "soon"),
        ("seed", "-1"),
        ("seed", str(2**63)),
        ("seed", "\0"),
    ],
)
def test_a_wrong_answer_to_the_form_is_refused_beside_its_field(
    support: Visitor, session: Db, field: str, value: str
) -> None:
    round_ = make_frozen_round()
    session.commit()
    right = {"goals": "priority,score", "time_limit_s": "5", "seed": "3"}

    page = support.submit(f"/rounds/{round_.reference}/solve", right | {field: value})

    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text
    # An error is not left in a fold that is closed.
    assert ('<details class="fold" open>' in page.text) == (field == "seed")
    assert session.scalar(select(func.count()).select_from(Run)) == 0


def test_an_unknown_call_opens_no_round(support: Visitor, session: Db) -> None:
    page = support.submit("/rounds/open", {"call": "CXC-1999"})

    assert page.status_code == 422
    assert session.scalar(select(func.count()).select_from(Round)) == 0


def test_the_page_of_a_frozen_round_shows_what_is_in_it(support: Visitor, session: Db) -> None:
    round_ = make_frozen_round(make_market(visitors=3, hosts=2))
    session.commit()

    page = support.get(f"/rounds/{round_.reference}").text

    assert '<b data-figure="round_entrants">3</b>' in page
    assert '<b data-figure="round_hosts">2</b>' in page
    assert '<b data-figure="round_pairs">6</b>' in page
    assert "Places and visitors by week" in page


def test_visitors_for_whom_no_host_is_left_are_named(support: Visitor, session: Db) -> None:
    call = make_market(visitors=1, hosts=1)
    alone = make_visitor(call, languages={"fr": "C1"})
    round_ = make_frozen_round(call)
    session.commit()

    page = support.get(f"/rounds/{round_.reference}").text

    assert "The rules leave 1 visitor no host" in page
    assert f"/applications/{alone.reference}" in page


def test_a_frozen_round_says_who_is_accepted_and_cannot_enter(support: Visitor, session: Db) -> None:
    call = make_market(visitors=2, hosts=1)
    waits = make_visitor(call, group_key="G")
    make_application(call=call, status=ApplicationStatus.SUBMITTED, group_key="G")
    round_ = make_frozen_round(call)
    session.commit()

    page = support.get(f"/rounds/{round_.reference}").text

    assert f'<a href="/applications/{waits.reference}">{waits.reference}</a>' in page
    assert "A member of its group is still to be assessed or to answer." in page


def test_the_page_of_a_solved_run_shows_visits_goals_and_who_is_left(support: Visitor, session: Db) -> None:
    call = make_call()
    host = make_host(call, max_visits=1)
    make_visitor(call)
    make_visitor(call)
    run = make_solved_run(make_frozen_round(call))
    session.commit()

    page = support.get(f"/rounds/{run.round.reference}/runs/1")

    assert page.status_code == 200
    assert '<b data-figure="matched_share">50%</b>' in page.text
    assert "Priority points" in page.text
    assert "Proven best" in page.text
    assert host.organisation.name in page.text
    assert "1 visitor" in page.text


def test_a_failed_run_says_why(support: Visitor, session: Db) -> None:
    run = services.solve(make_frozen_round(), QUICK, actor=None)
    runs.begin(run.id)
    runs.fail(run.id, "memory")
    session.commit()

    page = support.get(f"/rounds/{run.round.reference}/runs/1")

    assert "more memory than it may have" in page.text


def test_progress_is_told_as_json(support: Visitor, session: Db) -> None:
    run = services.solve(make_frozen_round(), QUICK, actor=None)
    runs.begin(run.id)
    runs.tell(run.id, {"stage": 1, "goal": "priority", "value": 90, "bound": 100, "seconds": 2.4})
    session.commit()

    told = support.get(f"/rounds/{run.round.reference}/runs/1/progress").get_json()

    expected: dict[str, Any] = {
        "value": 90,
        "bound": 100,
        "gap": "10%",
        "done": False,
        "status": "solving",
    }
    assert expected.items() <= told.items()
    assert told["text"] == "2 s of 10 s"


def test_a_running_run_can_be_cancelled_on_its_page(support: Visitor, session: Db) -> None:
    run = services.solve(make_frozen_round(), QUICK, actor=None)
    session.commit()
    page = f"/rounds/{run.round.reference}/runs/1"

    answer = support.submit(page, {}, to=f"{page}/cancel")

    session.refresh(run)
    assert answer.status_code == 302
    assert run.status is RunStatus.CANCELLED
    assert support.submit("/rounds/open", {}, to=f"{page}/cancel").status_code == 409


def test_publishing_shows_first_how_many_will_be_told(support: Visitor, session: Db) -> None:
    run = make_solved_run()
    session.commit()
    page = f"/rounds/{run.round.reference}/runs/1/publish"

    preview = support.get(page)
    assert "Publish 2 proposals" in preview.text
    assert session.scalar(select(func.count()).select_from(Proposal)) == 0
    answer = support.submit(page, {})

    session.refresh(run.round)
    assert answer.status_code == 302
    assert run.round.status is RoundStatus.PUBLISHED
    assert session.scalar(select(func.count()).select_from(Proposal)) == 2


def test_a_published_run_is_not_offered_for_publishing_again(support: Visitor, session: Db) -> None:
    run = make_solved_run(make_frozen_round())
    services.publish(run, actor=None)
    session.commit()

    answer = support.get(f"/rounds/{run.round.reference}/runs/1/publish")

    assert answer.headers["Location"] == f"/rounds/{run.round.reference}/runs/1"


def test_publishing_twice_is_a_conflict(support: Visitor, session: Db) -> None:
    run = make_solved_run()
    services.publish(run, actor=None)
    session.commit()

    answer = support.submit("/rounds/open", {}, to=f"/rounds/{run.round.reference}/runs/1/publish")

    assert answer.status_code == 409
    assert session.scalar(select(func.count()).select_from(Proposal)) == 2


def test_a_stale_result_is_refused_with_what_has_changed(support: Visitor, session: Db) -> None:
    call = make_market()
    run = make_solved_run(make_frozen_round(call))
    make_visitor(call)
    session.commit()

    answer = support.submit("/rounds/open", {}, to=f"/rounds/{run.round.reference}/runs/1/publish")

    assert answer.status_code == 409
    assert "something has changed: applications" in answer.text


def test_the_page_of_a_published_round_counts_the_answers(support: Visitor, session: Db) -> None:
    (proposal, *_rest) = make_proposals()
    session.commit()

    page = support.get(f"/rounds/{proposal.round.reference}").text

    assert "Waiting for answers" in page


@pytest.mark.parametrize(
    "path",
    [
        "/rounds/RND-2026-9999",
        "/rounds/RND-2026-9999/solve",
        "/rounds/RND-2026-9999/runs/1",
        "/rounds/RND-2026-9999/runs/1/progress",
        "/rounds/RND-2026-9999/runs/1/publish",
        f"/rounds/RND-2026-9999/runs/{2**63}",
    ],
)
def test_what_does_not_exist_is_not_found(support: Visitor, path: str) -> None:
    assert support.get(path).status_code == 404


def test_who_only_reads_sees_no_button_and_may_do_nothing(
    new_client: Callable[[], Visitor], session: Db
) -> None:
    run = make_solved_run()
    auditor = new_client()
    sign_in(auditor, make_user(Role.AUDITOR))
    session.commit()
    reference = run.round.reference

    page = auditor.get(f"/rounds/{reference}")

    assert page.status_code == 200
    assert "/publish" not in page.text
    assert auditor.get(f"/rounds/{reference}/runs/1/publish").status_code == 403
    assert auditor.get(f"/rounds/{reference}/solve").status_code == 403


@pytest.mark.parametrize(
    "role", [Role.APPLICANT, Role.HOST, Role.PARTNERSHIP_OFFICER, Role.FINANCE_INITIATOR]
)
def test_rounds_are_not_open_to_other_roles(client: Visitor, session: Db, role: Role) -> None:
    sign_in(client, make_user(role))
    db.session.commit()

    assert client.get("/rounds").status_code == 403
