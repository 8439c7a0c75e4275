"""Changes that staff make to a frozen problem for one run."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, scoped_session

import matching
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.hosts.models import Offer
from mobility.rounds import queries, runs, scenario, services
from mobility.rounds.enums import RoundStatus, RunStatus
from mobility.rounds.models import Round, Run, Visit
from mobility.rounds.scenario import Change
from tests.make.calls import make_call
from tests.make.rounds import QUICK, make_frozen_round, make_host, make_market, make_solved_run, make_visitor

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]


def ids_of(round_: Round) -> tuple[list[str], list[str]]:
    problem = round_.problem or {}
    return [row["id"] for row in problem["applications"]], [row["id"] for row in problem["hosts"]]


def solved(round_: Round, *changes: Change) -> Run:
    """A run with changes, solved here and now."""
    run = services.solve(round_, QUICK, actor=None, name="What if", changes=changes)
    assert runs.begin(run.id)
    problem = matching.Problem.from_json(scenario.problem_of(run))
    found = matching.solve(problem, time_limit_s=10, deterministic=True)
    runs.finish(run.id, dict(found.to_json()))
    return run


def stays_of(run: Run) -> dict[str, str]:
    return {visit.application.reference: visit.offer.reference for visit in queries.visits_of(run)}


@pytest.fixture
def round_() -> Round:
    """Two visitors, two hosts, all suit each other."""
    return make_frozen_round()


@pytest.fixture
def narrow() -> Round:
    """Two visitors, one host that takes one visit."""
    call = make_call()
    make_host(call, max_visits=1)
    for _ in range(2):
        make_visitor(call)
    return make_frozen_round(call)


def test_a_locked_pair_is_kept_with_its_first_day(round_: Round) -> None:
    (visitor, _other), hosts = ids_of(round_)
    problem = round_.problem or {}
    monday = date.fromisoformat(problem["hosts"][0]["windows"][0][0]) + timedelta(weeks=1)

    for host in hosts:
        run = solved(round_, Change("lock", "Agreed by phone", visitor, host, first_day=monday))

        assert stays_of(run)[visitor] == host
        seated = (
            select(Visit.first_day).join(Visit.offer).where(Visit.run_id == run.id, Offer.reference == host)
        )
        assert monday in db.session.scalars(seated).all()


def test_a_forbidden_pair_is_not_made(round_: Round) -> None:
    visitors, hosts = ids_of(round_)

    run = solved(round_, *(Change("forbid", "Partners before", one, hosts[0]) for one in visitors))

    assert set(stays_of(run).values()) == {hosts[1]}


def test_the_checker_holds_a_run_to_its_own_changes(round_: Round) -> None:
    visitors, hosts = ids_of(round_)
    run = services.solve(
        round_, QUICK, actor=None, changes=[Change("forbid", "No", visitors[0], one) for one in hosts]
    )
    runs.begin(run.id)
    plain = matching.solve(matching.Problem.from_json(round_.problem), time_limit_s=10, deterministic=True)

    runs.finish(run.id, dict(plain.to_json()))

    assert (run.status, run.failure.startswith("violations")) == (RunStatus.FAILED, True)


def test_one_more_visit_serves_one_more_visitor(narrow: Round) -> None:
    _visitors, (host,) = ids_of(narrow)

    assert len(stays_of(make_solved_run(narrow))) == 1
    assert len(stays_of(solved(narrow, Change("visits", "Asked them", host=host, number=2)))) == 2


def test_more_places_widen_the_window_that_holds_the_day() -> None:
    host = {"id": "H", "windows": [["2027-03-01", "2027-03-31", 2], ["2027-05-03", "2027-05-28", 1]]}
    more = Change("places", "New rooms", host="H", first_day=date(2027, 5, 10), number=3)

    found = scenario.changed({"hosts": [host], "applications": [], "limits": []}, [more])

    assert [window[2] for window in found["hosts"][0]["windows"]] == [2, 4]
    assert host["windows"][1][2] == 1


def test_a_budget_is_another_sum(round_: Round) -> None:
    limit = next(one for one in (round_.problem or {})["limits"] if one["id"].startswith("budget:"))
    less = Change("budget", "Kept back", partnership=limit["id"].partition(":")[2], number=0)

    run = solved(round_, less)

    left = [one for one in ids_of(round_)[0] if one not in stays_of(run)]
    assert set(left) == set(limit["applications"])


def test_a_run_without_changes_solves_the_frozen_problem_itself(round_: Round) -> None:
    run = make_solved_run(round_)

    assert run.inputs_sha256 == round_.inputs_sha256
    assert scenario.problem_of(run) == round_.problem


def test_the_hash_of_a_run_tells_its_changes(round_: Round) -> None:
    visitors, hosts = ids_of(round_)
    change = Change("forbid", "No", visitors[0], hosts[0])

    found = {
        services.solve(round_, QUICK, actor=None, changes=changes).inputs_sha256
        for changes in ([], [change], [replace(change, host=hosts[1])], [change])
    }

    assert len(found) == 3


@pytest.mark.parametrize(
    ("code", "rows"),
    [
        ("change-no-entrant", [("forbid", {"application": "APP-0", "host": "H0"})]),
        ("change-no-host", [("forbid", {"application": "A0", "host": "HOS-0"})]),
        ("change-no-budget", [("budget", {"partnership": "NOBODY", "number": 1})]),
        ("change-no-window", [("places", {"host": "H0", "first_day": date(2020, 1, 6), "number": 1})]),
        ("change-twice", [("forbid", {"application": "A0", "host": "H0"})] * 2),
        ("change-twice", [("visits", {"host": "H0", "number": number}) for number in (1, 2)]),
        ("lock-twice", [("lock", {"application": "A0", "host": host}) for host in ("H0", "H1")]),
        ("lock-forbidden", [(kind, {"application": "A0", "host": "H0"}) for kind in ("forbid", "lock")]),
    ],
)
def test_a_change_that_cannot_be_is_refused_and_nothing_queued(
    session: Db, round_: Round, code: str, rows: list[tuple[str, dict[str, Any]]]
) -> None:
    visitors, hosts = ids_of(round_)
    names = {"A0": visitors[0], "H0": hosts[0], "H1": hosts[1]}
    changes = [
        Change(kind, "Why", **{key: names.get(value, value) for key, value in row.items()})
        for kind, row in rows
    ]

    with pytest.raises(RuleBroken) as refusal:
        services.solve(round_, QUICK, actor=None, changes=changes)

    assert refusal.value.code == code
    assert session.scalar(select(func.count()).select_from(Run)) == 0


def test_a_pair_that_the_rules_keep_apart_is_not_locked() -> None:
    call = make_call()
    hosts = [make_host(call), make_host(call)]
    visitor = make_visitor(call, wishes={hosts[1]: None})
    frozen = make_frozen_round(call)

    with pytest.raises(RuleBroken, match="lock-no-pair"):
        services.solve(
            frozen, QUICK, actor=None, changes=[Change("lock", "Why", visitor.reference, hosts[1].reference)]
        )


def test_locks_that_clash_are_named_before_anything_is_queued(session: Db, narrow: Round) -> None:
    visitors, (host,) = ids_of(narrow)

    with pytest.raises(RuleBroken, match="locks-clash") as refusal:
        services.solve(
            narrow, QUICK, actor=None, changes=[Change("lock", "Both asked", one, host) for one in visitors]
        )

    named = refusal.value.values["found"]
    assert all(f"lock: {one} at {host}" in named for one in visitors)
    assert f"limit visits:{host}: at most 1 visits" in named
    assert session.scalar(select(func.count()).select_from(Run)) == 0


@pytest.mark.parametrize("wrong", [{"kind": "paint"}, {"reason": ""}, {"number": 3}, {"host": ""}])
def test_a_change_says_what_its_kind_needs_and_why(wrong: dict[str, Any]) -> None:
    right = {"kind": "forbid", "reason": "Why", "application": "A", "host": "H"}

    with pytest.raises(ValueError, match="a change of kind"):
        Change(**right | wrong)


def test_a_change_is_read_back_as_it_was_written() -> None:
    change = Change("lock", "Why", "A", "H", first_day=date(2027, 3, 1))

    assert Change.read(change.as_dict()) == change


def test_a_run_with_a_lock_can_be_published(round_: Round) -> None:
    visitors, hosts = ids_of(round_)
    run = solved(round_, Change("lock", "Why", visitors[0], hosts[1]))

    proposals = services.publish(run, actor=None)

    assert {one.application.reference: one.offer.reference for one in proposals}[visitors[0]] == hosts[1]


@pytest.mark.parametrize("kind", ["visits", "places", "budget"])
def test_a_run_that_counts_on_what_is_not_there_is_not_published(narrow: Round, kind: str) -> None:
    problem = narrow.problem or {}
    host = problem["hosts"][0]
    limit = next(one for one in problem["limits"] if one["id"].startswith("budget:"))
    code = limit["id"].partition(":")[2]
    more = {
        "visits": Change("visits", "Why", host=host["id"], number=2),
        "places": Change(
            "places", "Why", host=host["id"], first_day=date.fromisoformat(host["windows"][0][0]), number=1
        ),
        "budget": Change("budget", "Why", partnership=code, number=limit["max"] + 1),
    }
    run = solved(narrow, more[kind])

    with pytest.raises(RuleBroken, match="run-unreal") as refusal:
        services.publish(run, actor=None)

    assert refusal.value.values["missing"] == (code if kind == "budget" else host["id"])
    assert narrow.status is RoundStatus.FROZEN


def test_a_run_with_less_money_than_there_is_can_be_published(round_: Round) -> None:
    limit = next(one for one in (round_.problem or {})["limits"] if one["id"].startswith("budget:"))
    less = Change("budget", "Kept back", partnership=limit["id"].partition(":")[2], number=0)

    services.publish(solved(round_, less), actor=None)

    assert round_.status is RoundStatus.PUBLISHED


def test_after_the_next_freezing_a_run_with_changes_is_outdated(round_: Round) -> None:
    visitors, hosts = ids_of(round_)
    run = solved(round_, Change("forbid", "Why", visitors[0], hosts[0]))
    services.reopen(round_, actor=None)
    make_host(round_.call)
    services.freeze(round_, actor=None)

    with pytest.raises(RuleBroken, match="run-outdated"):
        services.publish(run, actor=None)


@pytest.mark.parametrize("change", ["changes = '[{}]'", "name = 'Other'", "seed = 9", "goals = '[]'"])
def test_what_a_run_was_asked_for_is_never_changed(session: Db, round_: Round, change: str) -> None:
    run = make_solved_run(round_)
    session.flush()

    with pytest.raises(DBAPIError, match="never changed"), session.begin_nested():
        session.execute(text(f"UPDATE run SET {change} WHERE id = {run.id}"))


def test_the_log_keeps_each_change_with_its_reason(session: Db) -> None:
    round_ = make_frozen_round(make_market(visitors=1, hosts=1))
    (visitor,), (host,) = ids_of(round_)

    services.solve(round_, QUICK, actor=None, changes=[Change("forbid", "Quarrel", visitor, host)])

    kept = session.scalar(text("SELECT values->'changes' FROM entry WHERE verb = 'run.queued'"))
    assert kept == [f"forbid {visitor} {host} (Quarrel)"]
