"""The pages of a run with changes."""

import re
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

import matching
from mobility.accounts.enums import Role
from mobility.rounds import runs, scenario
from mobility.rounds.models import Round, Run
from mobility.rounds.scenario import Change
from mobility.rounds.services import reopen
from tests.make.accounts import make_user, sign_in
from tests.make.rounds import make_frozen_round, make_solved_run
from tests.rounds.test_scenario import ids_of, solved
from tests.statements import statements_of
from tests.visitor import Visitor

Db = scoped_session[Session]
HOW = {"goals": "priority,score", "time_limit_s": "5", "seed": "3"}


@pytest.fixture
def support(client: Visitor) -> Visitor:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    return client


@pytest.fixture
def round_(support: Visitor, session: Db) -> Round:
    frozen = make_frozen_round()
    session.commit()
    return frozen


def row(at: int = 0, /, **fields: str) -> dict[str, str]:
    """The fields of a change as the form sends them."""
    return {f"changes-{at}-{name}": value for name, value in fields.items()}


def more_visits(round_: Round) -> Change:
    limit: dict[str, Any] = next(
        one for one in (round_.problem or {})["limits"] if one["id"].startswith("visits:")
    )
    return Change("visits", "They offered", host=limit["hosts"][0], number=limit["max"] + 1)


def test_a_run_whose_frozen_problem_is_gone_is_still_shown(
    support: Visitor, session: Db, round_: Round
) -> None:
    solved(round_, more_visits(round_))
    reopen(round_, actor=None)
    session.commit()

    assert support.get(f"/rounds/{round_.reference}/runs/1").status_code == 200


def test_a_scenario_is_named_and_its_changes_are_queued_with_their_reasons(
    support: Visitor, session: Db, round_: Round
) -> None:
    visitors, hosts = ids_of(round_)
    typed = row(kind="forbid", application=visitors[0], host=hosts[0], reason="Partners before")
    budget = next(one for one in (round_.problem or {})["limits"] if one["id"].startswith("budget:"))
    code = budget["id"].partition(":")[2]
    typed |= row(1, kind="budget", partnership=code, number="900", reason="Kept back") | row(2, kind="")

    answer = support.submit(f"/rounds/{round_.reference}/solve", HOW | {"name": "Careful"} | typed)

    run = session.scalars(select(Run)).one()
    assert answer.location == f"/rounds/{round_.reference}/runs/1"
    assert run.name == "Careful"
    assert run.changes == [
        {"kind": "forbid", "application": visitors[0], "host": hosts[0], "reason": "Partners before"},
        {"kind": "budget", "partnership": code, "number": 90_000, "reason": "Kept back"},
    ]


def test_a_change_is_added_without_losing_what_was_typed(
    support: Visitor, session: Db, round_: Round
) -> None:
    typed = row(kind="forbid", reason="Partners before")

    page = support.submit(f"/rounds/{round_.reference}/solve", HOW | typed | {"add": "changes"})

    assert page.status_code == 200
    assert 'value="Partners before"' in page.text
    assert 'name="changes-1-kind"' in page.text
    assert session.scalar(select(func.count()).select_from(Run)) == 0


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"kind": "forbid", "application": "A", "reason": "Why"}, "host"),
        ({"kind": "forbid", "application": "A", "host": "H"}, "reason"),
        ({"kind": "visits", "host": "H", "number": "2", "reason": "Why", "application": "A"}, "application"),
        (
            {"kind": "places", "host": "H", "number": "-2", "first_day": "2027-03-01", "reason": "Why"},
            "number",
        ),
        (
            {"kind": "lock", "application": "A", "host": "H", "first_day": "soon", "reason": "Why"},
            "first_day",
        ),
        ({"kind": "paint", "reason": "Why"}, "kind"),
    ],
)
def test_a_change_is_refused_beside_the_field_that_is_wrong(
    support: Visitor, session: Db, round_: Round, typed: dict[str, str], field: str
) -> None:
    page = support.submit(f"/rounds/{round_.reference}/solve", HOW | row(**typed))

    assert page.status_code == 422
    assert f'id="changes-0-{field}-error"' in page.text
    assert session.scalar(select(func.count()).select_from(Run)) == 0


def test_a_change_that_cannot_be_is_refused_with_a_sentence(
    support: Visitor, session: Db, round_: Round
) -> None:
    typed = row(kind="forbid", application="APP-1999-0001", host="X", reason="Why")

    page = support.submit(f"/rounds/{round_.reference}/solve", HOW | typed)

    assert page.status_code == 422
    assert "APP-1999-0001 is not in this round." in page.text
    assert session.scalar(select(func.count()).select_from(Run)) == 0


def test_the_page_of_a_run_tells_its_changes_and_what_they_cost(
    support: Visitor, session: Db, round_: Round
) -> None:
    visitors, hosts = ids_of(round_)
    make_solved_run(round_)
    run = solved(round_, *(Change("forbid", "Quarrel", visitors[0], host) for host in hosts))
    session.commit()

    page = support.get(f"/rounds/{round_.reference}/runs/{run.number}").text

    assert "Run 2: What if" in page
    assert f"{visitors[0]} does not stay at {hosts[0]}" in page
    assert page.count("Quarrel") == 2
    assert "against run 1 without them: By the goals run 1 is better on Priority points" in page


def test_each_change_of_a_run_tells_what_it_costs_by_the_goals(
    support: Visitor, session: Db, round_: Round
) -> None:
    visitors, hosts = ids_of(round_)
    idle = Change("forbid", "No matter", visitors[1], hosts[0])
    run = solved(round_, *(Change("forbid", "Quarrel", visitors[0], host) for host in hosts), idle)
    session.commit()
    address = f"/rounds/{round_.reference}/runs/{run.number}"

    before = support.get(address).text
    support.submit(address, {}, to=f"{address}/cost")
    queued = session.scalars(select(Run).where(Run.id != run.id).order_by(Run.number)).all()
    waiting = support.get(address).text
    for one in queued:
        finish(one)
    session.commit()
    page = support.get(address).text
    support.submit("/rounds/open", {}, to=f"{address}/cost")

    assert before.count("not known") == 3
    assert [len(one.changes) for one in queued] == [2, 2, 2]
    assert "run 2 is under way" in waiting
    assert re.search(r"Priority points −\d+, Points of the pairs −\d+ \(run 2\)", page)
    assert "nothing (run 4)" in page
    assert session.scalar(select(func.count()).select_from(Run)) == 4


def finish(run: Run) -> None:
    """Solve a queued run here and now."""
    assert runs.begin(run.id)
    problem = matching.Problem.from_json(scenario.problem_of(run))
    runs.finish(run.id, dict(matching.solve(problem, time_limit_s=10, deterministic=True).to_json()))


def test_a_run_that_counts_on_more_visits_says_so_and_offers_no_publishing(
    support: Visitor, session: Db, round_: Round
) -> None:
    run = solved(round_, more_visits(round_))
    session.commit()

    page = support.get(f"/rounds/{round_.reference}/runs/{run.number}").text
    preview = support.get(f"/rounds/{round_.reference}/runs/{run.number}/publish")
    whole = support.get(f"/rounds/{round_.reference}").text

    assert "This run cannot be published" in page
    assert "Have entered what it counts on" in page
    assert f"/runs/{run.number}/publish" not in page + whole
    assert (preview.status_code, "not there yet" in preview.text) == (409, True)


def test_the_round_offers_to_publish_the_newest_run_that_can_be_kept(
    support: Visitor, session: Db, round_: Round
) -> None:
    make_solved_run(round_)
    solved(round_, more_visits(round_))
    session.commit()

    page = support.get(f"/rounds/{round_.reference}").text

    assert "Publish run 1…" in page
    # Both are results of the problem as it is frozen.
    assert f"/rounds/{round_.reference}/compare" in page


def test_the_page_of_a_run_asks_no_more_for_two_changes_than_for_one(
    support: Visitor, session: Db, round_: Round
) -> None:
    visitors, hosts = ids_of(round_)
    one = solved(round_, Change("forbid", "Why", visitors[0], hosts[0]))
    two = solved(round_, *(Change("forbid", "Why", visitors[0], host) for host in hosts))
    session.commit()

    few = statements_of(support, f"/rounds/{round_.reference}/runs/{one.number}")

    assert few == statements_of(support, f"/rounds/{round_.reference}/runs/{two.number}")
