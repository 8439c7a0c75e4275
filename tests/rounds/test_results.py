"""What a solved run keeps of its solution, and the pages that list it."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.core.db import db
from mobility.rounds.models import Run, Unmatched, Visit
from tests.make.accounts import make_user, sign_in
from tests.make.calls import make_call
from tests.make.rounds import make_frozen_round, make_host, make_solved_run, make_visitor
from tests.statements import statements_of
from tests.visitor import Visitor

Db = scoped_session[Session]


def _run(visitors: int, places: int) -> Run:
    call = make_call()
    make_host(call, max_visits=places)
    for _ in range(visitors):
        make_visitor(call)
    return make_solved_run(make_frozen_round(call))


def test_every_entrant_of_a_solved_run_is_a_visit_or_unmatched(session: Db) -> None:
    run = _run(visitors=3, places=2)

    kept = [
        db.session.scalar(select(func.count()).where(kind.run_id == run.id)) for kind in (Visit, Unmatched)
    ]
    assert kept == [2, 1]


def test_a_visit_says_what_the_solution_says(session: Db) -> None:
    run = _run(visitors=1, places=1)

    visit = session.scalars(select(Visit).where(Visit.run_id == run.id)).one()

    assert run.solution
    assert run.solution["assignments"] == [
        {
            "application": visit.application.reference,
            "host": visit.offer.reference,
            "first_day": visit.first_day.isoformat(),
            "last_day": visit.last_day.isoformat(),
        }
    ]


def test_who_stays_without_a_host_is_listed_with_the_reason(client: Visitor, session: Db) -> None:
    run = _run(visitors=2, places=1)
    left = session.scalars(select(Unmatched).where(Unmatched.run_id == run.id)).one()
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    session.commit()

    page = client.get(f"/rounds/{run.round.reference}/runs/1/unmatched")

    assert page.status_code == 200
    assert "would have to take 1 visit more than it offers" in page.text
    assert "visits:OFF" not in page.text
    assert left.application.reference in page.text
    assert page.text.count(">APP-") == 1


def test_a_run_is_shown_with_as_many_queries_for_four_visits_as_for_one(client: Visitor, session: Db) -> None:
    one, four = _run(visitors=1, places=1), _run(visitors=5, places=4)
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    session.commit()

    for page in ("", "/unmatched"):
        paths = [f"/rounds/{run.round.reference}/runs/1{page}" for run in (one, four)]
        assert statements_of(client, paths[0]) == statements_of(client, paths[1])
