"""Moving a visit of a result by hand: every rule checked, the cost by the goals, who loses a place."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.core.errors import RuleBroken
from mobility.rounds import comparing, moving, services
from mobility.rounds.enums import RunStatus
from mobility.rounds.models import Run
from mobility.rounds.scenario import Change
from tests.make.accounts import make_user, sign_in
from tests.make.calls import make_call
from tests.make.rounds import QUICK, make_frozen_round, make_host, make_solved_run, make_visitor, weeks
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]
COSTED = replace(QUICK, goals=("priority", "score", "cost"))


@pytest.fixture
def run(session: Db) -> Run:
    """Two visits at a host with one place, one after the other."""
    call = make_call()
    make_host(call, windows=((*weeks(call), 1),))
    for _number in range(2):
        make_visitor(call)
    made = make_solved_run(make_frozen_round(call), COSTED)
    session.commit()
    return made


def visits(run: Run) -> list[dict[str, str]]:
    rows = (run.solution or {})["assignments"]
    return sorted(rows, key=lambda row: row["first_day"])


def broken(move: moving.Move) -> set[str]:
    return {name for name, is_kept in move.rules.items() if not is_kept}


def moved_by(run: Run, days: int) -> moving.Move:
    """The later visit so many days later."""
    last = moving._row(moving._rows(run), visits(run)[-1]["application"])
    return moving.moved(run, last.application, last.first_day + timedelta(days=days))


def test_the_day_it_has_costs_nothing_and_keeps_every_rule(run: Run) -> None:
    move = moved_by(run, 0)

    assert (move.is_allowed, move.displaced) == (True, ())
    assert [before for _name, before, _after in move.goals] == [after for _name, _before, after in move.goals]
    assert [goal["value"] for goal in run.reached] == [before for _name, before, _after in move.goals]


def test_a_day_of_another_visit_takes_its_place_and_costs_what_that_was_worth(run: Run) -> None:
    one, other = visits(run)
    move = moving.moved(
        run, other["application"], moving._row(moving._rows(run), one["application"]).first_day
    )

    assert (move.displaced, move.is_allowed) == ((one["application"],), True)
    worth = {name: after - before for name, before, after in move.goals}
    assert all(after * 2 == before for _name, before, after in move.goals)
    assert worth["priority"] < 0
    assert [row.better for row in comparing.move_rows(move)] == [0, 0, 1]


def test_who_is_locked_loses_no_place_and_the_rule_is_named(session: Db, run: Run) -> None:
    one, other = visits(run)
    lock = Change("lock", "Agreed.", one["application"], one["host"])
    locked = make_solved_run(run.round, COSTED, changes=[lock])
    session.commit()
    days = {row["application"]: row for row in visits(locked)}
    first_day = moving._row(moving._rows(locked), one["application"]).first_day

    move = moving.moved(locked, other["application"], first_day)

    assert days.keys() == {one["application"], other["application"]}
    assert (move.displaced, broken(move)) == ((), {"places"})


def test_a_closed_day_and_one_outside_the_windows_break_their_rules(run: Run) -> None:
    late = moved_by(run, 60)
    first = visits(run)[-1]["first_day"]
    to_saturday = next(n for n in range(7) if (moved_by(run, 0).before + timedelta(days=n)).weekday() == 5)

    assert "windows" in broken(late)
    assert "length" in broken(moved_by(run, to_saturday)), first
    with pytest.raises(RuleBroken, match="move-no-visit"):
        moving.moved(run, "APP-0000-0000", late.first_day)


def test_the_round_is_solved_with_the_day_as_a_lock_in_place_of_the_one_before(session: Db, run: Run) -> None:
    row, solution = visits(run)[0], run.solution
    support, first_day = make_user(Role.SUPPORT_OFFICER), weeks(run.round.call)[0]
    for number, day in enumerate((first_day, first_day + timedelta(days=7)), start=2):
        run = moving.solve(run, row["application"], day, f"Asked {number}.", actor=support)
        run.solution, run.status = solution, RunStatus.SOLVED

        assert [(one["kind"], one["first_day"], one["reason"]) for one in run.changes] == [
            ("lock", day.isoformat(), f"Asked {number}.")
        ]
        assert run.goals == [*COSTED.goals]
    services.reopen(run.round, actor=None)
    with pytest.raises(RuleBroken, match="run-outdated"):
        moving.solve(run, row["application"], first_day, "Late.", actor=support)


def test_the_officer_sees_the_cost_beside_the_form_and_has_it_solved(
    client: Visitor, session: Db, run: Run
) -> None:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    one, other = visits(run)
    at = f"/rounds/{run.round.reference}/runs/{run.number}"
    address = f"{at}/move?application={other['application']}"

    assert address.replace("&", "&amp;") in client.get(at).text
    assert "Nobody loses a place." in client.get(address).text
    typed = {"first_day": one["first_day"], "reason": ""}
    cost = client.submit(address, typed, to=address.replace("/move?", "/move/cost?")).text
    assert f"{one['application']} loses the place at this host." in cost
    assert "<html" not in cost
    assert client.submit(address, typed).status_code == 422
    answer = client.submit(address, typed | {"reason": "The host asked."})
    assert answer.headers["Location"].endswith("/runs/2")
    made = session.scalars(select(Run).where(Run.number == 2)).one()
    assert [change["reason"] for change in made.changes] == ["The host asked."]
    assert client.get(f"{at}/move").status_code == 302
    assert client.submit(address, typed, to=f"{at}/move/cost").status_code == 404
