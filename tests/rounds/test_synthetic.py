"""Synthetic rounds: training, and what the optimiser gains."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.applications.models import Application
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.hosts.models import Offer
from mobility.rounds import synthetic, training
from mobility.rounds.enums import METHODS, RunStatus
from mobility.rounds.measuring import Size, Unkept, measure_in_child
from mobility.rounds.models import SyntheticRound
from tests.conftest import drain
from tests.make.accounts import make_user, sign_in
from tests.statements import statements_of
from tests.visitor import Visitor

Db = scoped_session[Session]
SMALL = Size(visitors=30, hosts=6, seed=2, is_tight=True, time_limit_s=5)
PAGE = "/rounds/synthetic"


class Pipe:
    """Keeps what a child sends."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Any]] = []

    def send(self, said: tuple[str, Any]) -> None:
        self.sent.append(said)


def rows_of(size: Size) -> list[dict[str, Any]]:
    """What the child makes of a size, here and now."""
    pipe = Pipe()
    measure_in_child(pipe, size, METHODS)  # type: ignore[arg-type]
    kind, rows = pipe.sent[-1]
    assert kind == "done"
    return rows


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return rows_of(SMALL)


def a_solved_one(rows: list[dict[str, Any]]) -> SyntheticRound:
    asked = training.ask(SMALL, actor=None)
    db.session.flush()
    assert synthetic.begin(asked.id) == SMALL
    synthetic.finish(asked.id, rows)
    return asked


def test_the_optimiser_has_at_least_what_both_other_ways_have_and_a_bound(
    rows: list[dict[str, Any]],
) -> None:
    first, own, best = rows

    assert [row["method"] for row in rows] == list(METHODS)
    assert best["value"] > max(first["value"], own["value"])
    assert best["bound"] >= best["value"]
    assert first["bound"] is None


def test_the_same_numbers_make_the_same_round() -> None:
    assert SMALL.problem().to_json() == Size(30, 6, 2, is_tight=True, time_limit_s=9).problem().to_json()


def test_an_officer_asks_and_the_worker_solves_and_nobody_is_added(live_app: Flask) -> None:
    with live_app.app_context():
        user = make_user(Role.SUPPORT_OFFICER)
        db.session.commit()
        browser = Visitor(live_app, use_cookies=True)
        sign_in(browser, user)
    fields = {"visitors": "20", "hosts": "5", "seed": "3", "time_limit_s": "5"}

    browser.submit(PAGE, fields)
    waiting = browser.get(PAGE).text
    drain(live_app)
    page = browser.get(PAGE).text

    assert "is under way" in waiting
    assert browser.get(f"{PAGE}/progress").json["done"]  # type: ignore[index]
    assert "Self-service: visitors ask, hosts choose" in page
    assert "more priority points" in page
    with live_app.app_context():
        for kind in (Application, Offer):
            assert db.session.scalar(select(func.count()).select_from(kind)) == 0


@pytest.mark.usefixtures("session")
def test_the_page_shows_pairs_value_bound_and_gain_side_by_side(
    client: Visitor, session: Db, rows: list[dict[str, Any]]
) -> None:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    a_solved_one(rows)
    session.commit()

    page = client.get(PAGE).text

    for row in rows:
        assert f'<td class="num">{row["value"]}</td>' in page
        assert f'<td class="num">{row["matched"]}</td>' in page
    assert "SYN-" in page
    assert "%" in page


@pytest.mark.usefixtures("session")
def test_a_result_is_stored_whole_or_not_at_all(rows: list[dict[str, Any]]) -> None:
    asked = training.ask(SMALL, actor=None)
    db.session.flush()
    synthetic.begin(asked.id)

    with pytest.raises(IntegrityError, match="whole_results"), db.session.begin_nested():
        synthetic.finish(asked.id, rows[:2])

    db.session.expire_all()
    assert (asked.status, asked.results) == (RunStatus.SOLVING, [])


@pytest.mark.usefixtures("session")
def test_one_that_fails_keeps_nothing_and_is_said(client: Visitor, session: Db) -> None:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    asked = training.ask(SMALL, actor=None)
    session.flush()
    synthetic.begin(asked.id)

    synthetic.fail(asked.id, "time")
    synthetic.finish(asked.id, [])
    session.commit()

    assert (asked.status, asked.results) == (RunStatus.FAILED, [])
    assert "did not end in its time" in client.get(PAGE).text


@pytest.mark.usefixtures("session")
def test_a_second_one_waits_until_the_first_is_over(
    client: Visitor, session: Db, rows: list[dict[str, Any]]
) -> None:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    first = training.ask(SMALL, actor=None)
    session.commit()

    refused = client.submit(PAGE, {"visitors": "20", "hosts": "5", "seed": "3", "time_limit_s": "5"})

    assert refused.status_code == 422
    assert f"{first.reference} is under way" in refused.text
    with pytest.raises(RuleBroken, match="synthetic-live"):
        training.ask(SMALL, actor=None)
    synthetic.begin(first.id)
    synthetic.finish(first.id, rows)
    assert training.ask(SMALL, actor=None).status is RunStatus.QUEUED


@pytest.mark.usefixtures("session")
def test_a_job_that_runs_twice_changes_nothing_the_second_time(rows: list[dict[str, Any]]) -> None:
    solved = a_solved_one(rows)

    assert synthetic.begin(solved.id) is None
    synthetic.fail(solved.id, "time")
    synthetic.tell(solved.id, {"method": "engine", "value": 1, "bound": 2})

    db.session.expire_all()
    assert (solved.status, solved.progress, len(solved.results)) == (RunStatus.SOLVED, {}, 3)


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize(
    "wrong",
    [{"visitors": "0"}, {"visitors": "2001"}, {"hosts": "501"}, {"time_limit_s": "121"}, {"seed": "-1"}],
)
def test_a_round_beyond_the_limits_is_refused(client: Visitor, session: Db, wrong: dict[str, str]) -> None:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))

    answer = client.submit(PAGE, {"visitors": "20", "hosts": "5", "seed": "3", "time_limit_s": "5"} | wrong)

    assert answer.status_code == 422
    assert session.scalar(select(func.count()).select_from(SyntheticRound)) == 0


def test_a_way_that_finds_no_plan_in_its_time_leaves_no_result() -> None:
    with pytest.raises(Unkept, match="time_indexed"):
        measure_in_child(Pipe(), Size(200, 40, 1, is_tight=False, time_limit_s=0), ["time_indexed"])  # type: ignore[arg-type]


@pytest.mark.usefixtures("session")
def test_the_page_asks_the_database_as_much_for_three_as_for_one(
    client: Visitor, session: Db, rows: list[dict[str, Any]]
) -> None:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    a_solved_one(rows)
    session.commit()
    asked = statements_of(client, PAGE)

    for _ in range(2):
        a_solved_one(rows)
    session.commit()

    assert statements_of(client, PAGE) == asked
