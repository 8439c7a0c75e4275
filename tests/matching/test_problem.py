"""Problems are read, refused with the path of what is wrong, and written."""

import json
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings

from matching import Application, Malformed, Pair, Problem, generate
from matching.reading import parse
from tests.matching.tiny import problems

WHOLE: dict[str, Any] = {
    "format": "exchange-problem/1",
    "note": {"anything": [1.5, None]},
    "first_day": "2027-01-04",
    "last_day": "2027-12-31",
    "applications": [
        {"id": "A1", "days": 3, "priority": 12, "windows": [["2027-02-01", "2027-02-26"]], "group": None},
        {"id": "A2", "days": 1, "priority": 1, "windows": [], "group": "G"},
    ],
    "hosts": [
        {
            "id": "H1",
            "windows": [["2027-01-11", "2027-03-31", 2]],
            "closed": ["2027-02-06", ["2027-02-15", "2027-02-19"]],
        },
        {"id": "H2", "windows": [["2027-01-11", "2027-03-31", 1]]},
    ],
    "pairs": [
        {"application": "A1", "host": "H1", "score": 83, "days": 3, "amounts": {"cost_cents": 39000}},
        {"application": "A1", "host": "H2", "score": 0},
    ],
    "limits": [
        {"id": "budget", "amount": "cost_cents", "max": 5, "min": 0, "applications": ["A1"], "hosts": None},
        {"id": "visits", "amount": "visits", "max": 5, "applications": None, "hosts": ["H1"]},
        {"id": "bare", "amount": "visits", "max": 0},
    ],
    "locks": [{"application": "A1", "host": "H1", "first_day": None}, {"application": "A1", "host": "H2"}],
    "forbidden": [{"application": "A1", "host": "H2"}],
    "sets": {"partnership": {"P1": ["A1"], "P2": []}},
    "previous": [{"application": "gone", "host": "gone too", "first_day": "2027-02-01"}],
}
LATER = "9999-12-31"

CHANGES: list[tuple[str, Any, str]] = [
    ("format", "exchange-problem/2", "format"),
    ("format", ..., "format"),
    ("first_day", ..., "first_day"),
    ("first_day", "2028-01-01", "last_day"),
    ("first_day", "4.1.2027", "first_day"),
    ("first_day", "20270104", "first_day"),
    ("first_day", "2027-W01-1", "first_day"),
    ("first_day", "2027-01-04T00:00", "first_day"),
    ("first_day", "٢٠٢٧-01-04", "first_day"),
    ("last_day", "2027-02-30", "last_day"),
    ("last_day", 20271231, "last_day"),
    ("last_day", None, "last_day"),
    ("colour", 1, "colour"),
    ("applications", None, "applications"),
    ("applications", {}, "applications"),
    ("applications.0", [], "applications[0]"),
    ("applications.0.id", 1, "applications[0].id"),
    ("applications.0.id", None, "applications[0].id"),
    ("applications.0.id", "\ud800", "applications[0].id"),
    ("applications.1.id", "A1", "applications[1].id"),
    ("applications.0.id", ..., "applications[0].id"),
    ("applications.0.days", ..., "applications[0].days"),
    ("applications.0.days", 0, "applications[0].days"),
    ("applications.0.days", -3, "applications[0].days"),
    ("applications.0.days", True, "applications[0].days"),
    ("applications.0.days", 3.0, "applications[0].days"),
    ("applications.0.days", "3", "applications[0].days"),
    ("applications.0.days", None, "applications[0].days"),
    ("applications.0.priority", 0, "applications[0].priority"),
    ("applications.0.priority", 10**13, "applications[0].priority"),
    ("applications.0.priority", ..., "applications[0].priority"),
    ("applications.0.windows", ..., "applications[0].windows"),
    ("applications.0.windows.0", ["2027-02-26", "2027-02-01"], "applications[0].windows[0]"),
    ("applications.0.windows.0", ["2027-02-26"], "applications[0].windows[0]"),
    ("applications.0.windows.0", ["2027-02-01", "2027-02-26", 1], "applications[0].windows[0]"),
    ("applications.0.windows.0.1", "26-02-2027", "applications[0].windows[0][1]"),
    ("applications.0.group", 7, "applications[0].group"),
    ("applications.0.colour", 7, "applications[0].colour"),
    ("applications.0.note", "x", "applications[0].note"),
    ("hosts.0.id", "H2", "hosts[1].id"),
    ("hosts.0.windows", ..., "hosts[0].windows"),
    ("hosts.0.windows.0.2", -1, "hosts[0].windows[0][2]"),
    ("hosts.0.windows.0.2", 1.5, "hosts[0].windows[0][2]"),
    ("hosts.0.windows.0.2", False, "hosts[0].windows[0][2]"),
    ("hosts.0.windows.0", ["2027-01-11", "2027-03-31"], "hosts[0].windows[0]"),
    ("hosts.0.windows.0.0", LATER, "hosts[0].windows[0]"),
    ("hosts.0.closed", None, "hosts[0].closed"),
    ("hosts.0.closed.0", "sunday", "hosts[0].closed[0]"),
    ("hosts.0.closed.1", ["2027-02-19", "2027-02-15"], "hosts[0].closed[1]"),
    ("hosts.0.closed.1.0", 5, "hosts[0].closed[1][0]"),
    ("hosts.0.places", 1, "hosts[0].places"),
    ("pairs.0.application", "A9", "pairs[0].application"),
    ("pairs.0.application", ..., "pairs[0].application"),
    ("pairs.0.host", "H9", "pairs[0].host"),
    ("pairs.1.host", "H1", "pairs[1]"),
    ("pairs.0.score", -1, "pairs[0].score"),
    ("pairs.0.score", 0.5, "pairs[0].score"),
    ("pairs.0.score", ..., "pairs[0].score"),
    ("pairs.0.days", 0, "pairs[0].days"),
    ("pairs.0.days", None, "pairs[0].days"),
    ("pairs.0.amounts", None, "pairs[0].amounts"),
    ("pairs.0.amounts", [], "pairs[0].amounts"),
    ("pairs.0.amounts.cost_cents", -1, "pairs[0].amounts.cost_cents"),
    ("pairs.0.amounts.cost_cents", 1.0, "pairs[0].amounts.cost_cents"),
    ("pairs.0.amounts.cost_cents", True, "pairs[0].amounts.cost_cents"),
    ("pairs.0.amounts.visits", 1, "pairs[0].amounts.visits"),
    ("pairs.0.cost_cents", 1, "pairs[0].cost_cents"),
    ("limits.1.id", "budget", "limits[1].id"),
    ("limits.0.amount", None, "limits[0].amount"),
    ("limits.0.amount", ..., "limits[0].amount"),
    ("limits.0.max", ..., "limits[0].max"),
    ("limits.0.max", None, "limits[0].max"),
    ("limits.0.max", -1, "limits[0].max"),
    ("limits.0.min", -1, "limits[0].min"),
    ("limits.0.min", 6, "limits[0].min"),
    ("limits.0.min", None, "limits[0].min"),
    ("limits.0.applications.0", "A9", "limits[0].applications[0]"),
    ("limits.0.applications", ["A1", "A1"], "limits[0].applications[1]"),
    ("limits.0.applications", "A1", "limits[0].applications"),
    ("limits.1.hosts", ["H1", "H9"], "limits[1].hosts[1]"),
    ("limits.1.hosts", ["H1", "H1"], "limits[1].hosts[1]"),
    ("limits.1.host", [], "limits[1].host"),
    ("locks.0.application", "A9", "locks[0].application"),
    ("locks.0.host", "H9", "locks[0].host"),
    ("locks.0.first_day", "soon", "locks[0].first_day"),
    ("locks.0.reason", "agreed", "locks[0].reason"),
    ("forbidden.0.application", "A9", "forbidden[0].application"),
    ("forbidden.0.host", "H9", "forbidden[0].host"),
    ("forbidden.0.first_day", "2027-02-01", "forbidden[0].first_day"),
    ("sets", [], "sets"),
    ("sets.partnership", ["A1"], "sets.partnership"),
    ("sets.partnership.P1", "A1", "sets.partnership.P1"),
    ("sets.partnership.P1.0", "A9", "sets.partnership.P1[0]"),
    ("sets.partnership.P1", ["A1", "A1"], "sets.partnership.P1[1]"),
    ("previous.0.first_day", None, "previous[0].first_day"),
    ("previous.0.first_day", ..., "previous[0].first_day"),
    ("previous.0.host", 1, "previous[0].host"),
    ("previous.0.last_day", "2027-02-01", "previous[0].last_day"),
]


def changed(where: str, to: object) -> dict[str, Any]:
    """Return the whole problem with one value replaced, or removed where it is an ellipsis."""
    whole = deepcopy(WHOLE)
    *steps, last = [int(step) if step.isdigit() else step for step in where.split(".")]
    inner: Any = whole
    for step in steps:
        inner = inner[step]
    if to is ...:
        del inner[last]
    else:
        inner[last] = to
    return whole


def test_the_whole_format_is_read() -> None:
    problem = Problem.from_json(WHOLE)

    assert problem.applications[0].windows[0].last == date(2027, 2, 26)
    assert [(one.first, one.last) for one in problem.hosts[0].closed] == [
        (date(2027, 2, 6), date(2027, 2, 6)),
        (date(2027, 2, 15), date(2027, 2, 19)),
    ]
    assert problem.pairs[0] == Pair("A1", "H1", 83, 3, {"cost_cents": 39000})
    assert problem.limits[1].applications is None
    assert problem.limits[2].min == 0
    assert problem.sets == {"partnership": {"P1": ("A1",), "P2": ()}}


@pytest.mark.parametrize(("where", "to", "path"), CHANGES)
def test_a_wrong_field_is_refused_with_its_path(where: str, to: object, path: str) -> None:
    with pytest.raises(Malformed) as refused:
        Problem.from_json(changed(where, to))

    assert refused.value.path == path
    assert refused.value.wrong
    assert str(refused.value) == f"{path}: {refused.value.wrong}; expected {refused.value.expected}"


@pytest.mark.parametrize("value", [None, [], "x", 3])
def test_what_is_no_object_is_refused(value: object) -> None:
    with pytest.raises(Malformed, match=r"the file: .*; expected an object"):
        Problem.from_json(value)


def test_the_second_previous_visit_of_an_application_is_refused() -> None:
    with pytest.raises(Malformed) as refused:
        Problem.from_json(changed("previous", WHOLE["previous"] * 2))

    assert refused.value.path == "previous[1].application"


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[1,]", b'{"a": NaN}', b'"\xff"', b"[" * 100_000, b"1" * 5000],
    ids=lambda data: repr(data[:9]),
)
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed, match="expected a JSON text"):
        parse(data)


def test_a_key_that_is_there_twice_is_refused_with_its_path() -> None:
    data = json.dumps(WHOLE).replace('"P1": ["A1"]', '"P1": ["A1"], "P1": []').encode()

    with pytest.raises(Malformed) as refused:
        Problem.from_json(parse(data))

    assert refused.value.path == "sets.partnership.P1"


def test_lists_that_are_empty_may_be_left_out() -> None:
    bare = {key: WHOLE[key] for key in ("format", "first_day", "last_day")}

    assert Problem.from_json(bare) == Problem(date(2027, 1, 4), date(2027, 12, 31))


def test_large_bounds_of_limits_stand_for_no_bound() -> None:
    assert Problem.from_json(changed("limits.0.max", 10**30)).limits[0].max == 10**30


@settings(deadline=None, database=None)
@given(problem=problems)
def test_a_problem_survives_writing_and_reading(problem: Problem) -> None:
    assert Problem.from_json(json.loads(json.dumps(problem.to_json()))) == problem


def test_a_generated_problem_survives_writing_and_reading() -> None:
    problem = generate(applications=40, hosts=12, seed=3)

    assert Problem.from_json(json.loads(json.dumps(problem.to_json()))) == problem


def test_a_problem_made_in_python_is_refused_like_a_file() -> None:
    twice = (Application("A", 1, 1, ()), Application("A", 1, 1, ()))

    with pytest.raises(Malformed) as refused:
        Problem(date(2027, 1, 1), date(2027, 1, 2), applications=twice)

    assert refused.value.path == "applications[1].id"
