"""Two runs of a round on one page."""

import csv
import io

import pytest
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.rounds import services
from mobility.rounds.models import Round
from mobility.rounds.solver import Options
from tests.make.accounts import make_user, sign_in
from tests.make.calls import make_call
from tests.make.rounds import make_frozen_round, make_host, make_market, make_solved_run, make_visitor, weeks
from tests.statements import statements_of
from tests.visitor import Visitor

Db = scoped_session[Session]
# The lowest lump sums alone: nobody travels.
NOBODY = Options(goals=("cost",), time_limit_s=10, is_deterministic=True)


@pytest.fixture
def support(client: Visitor) -> Visitor:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    return client


def compared(visitors: int = 2) -> Round:
    """A round with a run that matches nobody and one that matches everybody."""
    call = make_call()
    make_host(call, windows=((*weeks(call), visitors),), max_visits=visitors)
    for _ in range(visitors):
        make_visitor(call)
    round_ = make_frozen_round(call)
    make_solved_run(round_, NOBODY)
    make_solved_run(round_)
    return round_


def test_the_last_two_runs_are_laid_side_by_side_with_who_gains(support: Visitor, session: Db) -> None:
    round_ = compared()
    session.commit()

    page = support.get(f"/rounds/{round_.reference}/compare").text

    assert "Run 2 against run 1: 2 gain a host, 0 lose theirs" in page
    assert "Run 1 comes to €0.00" in page
    assert "bound" in page


def test_the_other_way_round_those_who_gained_lose(support: Visitor, session: Db) -> None:
    round_ = compared()
    session.commit()

    page = support.get(f"/rounds/{round_.reference}/compare?one=2&other=1").text

    assert "0 gain a host, 2 lose theirs" in page


def test_the_page_of_the_round_offers_to_compare_two_results(support: Visitor, session: Db) -> None:
    round_ = make_frozen_round()
    make_solved_run(round_)
    session.commit()
    alone = support.get(f"/rounds/{round_.reference}").text
    make_solved_run(round_)
    session.commit()

    both = support.get(f"/rounds/{round_.reference}").text

    assert f"/rounds/{round_.reference}/compare" not in alone
    assert f"/rounds/{round_.reference}/compare" in both


def test_one_result_is_not_compared(support: Visitor, session: Db) -> None:
    run = make_solved_run()
    session.commit()

    page = support.get(f"/rounds/{run.round.reference}/compare")

    assert (page.status_code, "There are no two results yet" in page.text) == (200, True)


@pytest.mark.parametrize("asked", ["one=3", "one=x", "other=9999999999999999999999"])
def test_a_run_without_a_result_is_not_found(support: Visitor, session: Db, asked: str) -> None:
    round_ = compared()
    session.commit()

    assert support.get(f"/rounds/{round_.reference}/compare?{asked}").status_code == 404


def test_runs_from_before_the_last_freezing_are_not_compared(support: Visitor, session: Db) -> None:
    round_ = make_frozen_round()
    make_solved_run(round_)
    make_solved_run(round_)
    services.reopen(round_, actor=None)
    make_market()
    session.commit()

    page = support.get(f"/rounds/{round_.reference}/compare").text

    assert "There are no two results yet" in page


def test_the_download_names_everybody_for_whom_the_runs_differ(support: Visitor, session: Db) -> None:
    round_ = compared(visitors=14)
    session.commit()

    page = support.get(f"/rounds/{round_.reference}/compare").text
    table = support.get(f"/rounds/{round_.reference}/compare?format=csv").text

    rows = list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))))
    gained = [row for row in rows if row["change"] == "gains"]
    assert len(gained) == len(rows) > 12
    assert f"And {len(rows) - 12} more" in page


def test_the_page_asks_no_more_for_six_visits_than_for_two(support: Visitor, session: Db) -> None:
    few, many = compared(), compared(visitors=6)
    session.commit()

    asked = statements_of(support, f"/rounds/{few.reference}/compare")

    assert asked == statements_of(support, f"/rounds/{many.reference}/compare")
