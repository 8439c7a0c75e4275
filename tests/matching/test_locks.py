"""Locks on a host alone leave a choice of days, which may only work out for all of them together."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from matching import (
    Application,
    Host,
    HostWindow,
    Lock,
    Pair,
    Problem,
    Window,
    check,
    generate,
    locks_clash,
    solve,
)
from matching.board import Board
from matching.lock_seating import seat_one_by_one
from matching.locked import locked_slots
from matching.tables import tables
from matching.ways import explore

FIRST = date(2027, 3, 1)
LOCKS = (Lock("A", "H"), Lock("B", "H"))


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def crowd(waiting: int, last: int) -> Problem:
    """A and B share the one place of H from day 0 to `last`, and may visit X too, where many wait."""
    ids = ["A", "B", *(f"W{n}" for n in range(waiting))]
    long = Window(FIRST, day(60))
    return Problem(
        FIRST,
        long.last,
        applications=(
            Application("A", 1, 5, (Window(day(1), day(last)),)),
            Application("B", 2, 5, (Window(day(0), day(last)),)),
            *(Application(one, 3, 3, (long,)) for one in ids[2:]),
        ),
        hosts=(
            Host("H", (HostWindow(day(0), day(last), 1),)),
            Host("X", (HostWindow(FIRST, long.last, 3),)),
        ),
        pairs=(*(Pair(one, "H", 1) for one in ids[:2]), *(Pair(one, "X", 1) for one in ids)),
        locks=LOCKS,
    )


def seated(problem: Problem) -> bool:
    board = Board(tables(explore(problem)))
    return seat_one_by_one(board, locked_slots(board))


@pytest.mark.parametrize("waiting", [0, 60, 310], ids=["slot by slot", "by intervals", "by neighbourhoods"])
def test_locks_that_only_fit_together_are_kept_at_any_size(waiting: int) -> None:
    problem = crowd(waiting, last=2)
    assert not seated(problem)

    solution = solve(problem, goals=("priority",), deterministic=True, time_limit_s=0.1)

    assert check(problem, solution) == []
    assert {row.application: row.first_day for row in solution.assignments if row.host == "H"} == {
        "A": day(2),
        "B": day(0),
    }


@pytest.mark.parametrize("waiting", [0, 60, 310])
def test_locks_without_room_for_both_are_named_at_any_size(waiting: int) -> None:
    solution = solve(crowd(waiting, last=1), goals=("priority",), deterministic=True, time_limit_s=0.1)

    assert solution.status == "infeasible"
    assert set(solution.clash or ()) == {"places of host H", "lock: A at H", "lock: B at H"}


def test_no_locked_unit_is_left_placed_where_one_finds_no_room() -> None:
    board = Board(tables(explore(crowd(0, last=2))))

    assert not seat_one_by_one(board, locked_slots(board))
    assert board.slots == {}


@pytest.fixture(scope="module")
def full() -> Problem:
    """A large round in which all who are matched are locked to their hosts, not to their days."""
    problem = generate(applications=1000, hosts=200, seed=1, tight=True)
    first = solve(problem, goals=("priority",), time_limit_s=10, used_s=10)
    return replace(problem, locks=tuple(Lock(row.application, row.host) for row in first.assignments))


def test_hundreds_of_host_locks_are_kept_where_calendars_bind(full: Problem) -> None:
    assert not seated(full)

    solution = solve(full, goals=("priority",), deterministic=True, time_limit_s=0.2)

    assert check(full, solution) == []
    assert solution.status in ("feasible", "optimal")


def test_a_clash_among_hundreds_of_locks_is_proven_and_named(full: Problem) -> None:
    small = crowd(0, last=1)
    both = replace(
        full,
        applications=(*full.applications, *(_moved(one, full.first_day) for one in small.applications)),
        hosts=(*full.hosts, _host_moved(small.hosts[0], full.first_day)),
        pairs=(*full.pairs, *small.pairs[:2]),
        locks=(*full.locks, *LOCKS),
    )

    solution = solve(both, goals=("priority",), deterministic=True, time_limit_s=5)

    assert solution.status == "infeasible"
    assert set(solution.clash or ()) == {"places of host H", "lock: A at H", "lock: B at H"}


def _moved(one: Application, first: date) -> Application:
    by = first - FIRST
    return replace(one, windows=tuple(Window(w.first + by, w.last + by) for w in one.windows))


def _host_moved(one: Host, first: date) -> Host:
    by = first - FIRST
    windows = tuple(HostWindow(w.first + by, w.last + by, w.places) for w in one.windows)
    return replace(one, windows=windows)


def test_locks_that_can_all_be_kept_clash_with_nothing_and_others_are_named() -> None:
    problem = Problem.from_json(
        {
            "format": "exchange-problem/1",
            "first_day": "2027-01-04",
            "last_day": "2027-01-08",
            "applications": [
                {"id": one, "days": 5, "priority": 1, "windows": [["2027-01-04", "2027-01-08"]]}
                for one in "AB"
            ],
            "hosts": [{"id": "H", "windows": [["2027-01-04", "2027-01-08", 1]]}],
            "pairs": [{"application": one, "host": "H", "score": 1} for one in "AB"],
            "locks": [{"application": one, "host": "H"} for one in "AB"],
        }
    )

    assert set(locks_clash(problem)) == {"places of host H", "lock: A at H", "lock: B at H"}
    assert locks_clash(replace(problem, locks=problem.locks[:1])) == ()
