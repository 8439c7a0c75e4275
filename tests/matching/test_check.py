"""The checker accepts what is right and finds each thing that is wrong."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from matching import Limit, Lock, Previous, Solution, Violation, check
from tests.matching.rounds import PROBLEM, sealed, solution

Spoil = Callable[[dict[str, Any]], object]


def codes(violations: list[Violation]) -> list[str]:
    return [violation.code for violation in violations]


def test_a_solution_that_is_right_in_every_field_passes() -> None:
    assert check(PROBLEM, sealed(solution())) == []


def test_a_solution_of_another_method_needs_only_three_fields() -> None:
    bare = {key: solution()[key] for key in ("format", "status", "assignments")}

    assert check(PROBLEM, {**bare, "author": "somebody", "status": "optimal"}) == []


def test_a_solution_given_as_a_dataclass_is_checked_alike() -> None:
    assert check(PROBLEM, Solution.from_json(sealed(solution()))) == []


def _row(number: int, **values: object) -> Spoil:
    return lambda raw: raw["assignments"][number].update(values)


def _goal(number: int, **values: object) -> Spoil:
    return lambda raw: raw["goals"][number].update(values)


def _add(**row: object) -> Spoil:
    return lambda raw: raw["assignments"].append(row)


SPOILT_ROWS: list[tuple[str, Spoil]] = [
    ("unknown_application", _row(2, application="A9")),
    ("unknown_host", _row(2, host="H9")),
    ("twice", _add(application="A3", host="H2", first_day="2027-03-02", last_day="2027-03-02")),
    ("no_pair", _row(2, host="H1")),
    ("forbidden", _row(0, host="H2", first_day="2027-03-10", last_day="2027-03-12")),
    ("outside_round", _row(2, first_day="2027-02-28", last_day="2027-02-28")),
    ("outside_round", _row(2, first_day="2027-03-05", last_day="2027-03-04")),
    ("closed_day", _row(1, first_day="2027-03-10", last_day="2027-03-12")),
    ("closed_day", _row(0, first_day="2027-03-04", last_day="2027-03-07")),
    ("days", _row(1, last_day="2027-03-11")),
    ("days", _row(1, last_day="2027-03-15")),
    ("application_window", _row(2, first_day="2027-03-08", last_day="2027-03-08")),
    ("host_window", _row(3, first_day="2027-03-26", last_day="2027-03-27")),
    ("places", _row(1, first_day="2027-03-05", last_day="2027-03-09")),
    ("places", _row(1, first_day="2027-03-16", last_day="2027-03-18")),
    ("limit_max", _add(application="A4", host="H2", first_day="2027-03-30", last_day="2027-03-30")),
    ("group", lambda raw: raw["assignments"].pop()),
    ("group", _row(4, first_day="2027-03-18", last_day="2027-03-22")),
    ("lock", _row(0, first_day="2027-03-03", last_day="2027-03-05")),
    ("lock", lambda raw: raw["assignments"].pop(0)),
]

SPOILT_CLAIMS: list[tuple[str, Spoil]] = [
    ("goal_value", _goal(0, value=17, bound=17)),
    ("goal_value", _goal(1, value=0.6667, gap=0.3333)),
    ("goal_value", _goal(2, value=20.5, gap=0.18)),
    ("goal_value", _goal(3, value=599, gap=99 / 599)),
    ("goal_value", _goal(4, value=4)),
    ("goal_bound", _goal(2, bound=19, gap=0.05)),
    ("goal_bound", _goal(3, bound=601, gap=1 / 601)),
    ("goal_gap", _goal(2, gap=0.25)),
    ("goal_gap", _goal(2, gap=None)),
    ("goal_gap", _goal(2, gap=0)),
    ("goal_gap", _goal(4, gap=0.1)),
    ("goal_status", _goal(0, status="feasible")),
    ("goal_status", _goal(2, status="optimal")),
    ("goal_status", _goal(4, status="optimal")),
    ("goal_twice", lambda raw: raw["goals"].append(raw["goals"][0])),
    ("status", lambda raw: raw.update(status="optimal")),
    ("unmatched", lambda raw: raw["unmatched"].clear()),
    ("unmatched", lambda raw: raw["unmatched"].append(raw["unmatched"][0])),
    ("unmatched", lambda raw: raw["unmatched"].append({"application": "A1", "code": "limit", "text": ""})),
    ("unmatched", lambda raw: raw["unmatched"].append({"application": "A9", "code": "limit", "text": ""})),
    ("seconds", lambda raw: raw.update(seconds=-1)),
    ("seed", lambda raw: raw.update(seed=-1)),
    ("clash", lambda raw: raw.update(clash=["lock of A1"])),
    ("certificate", lambda raw: raw.update(certified_bound=20)),
    ("certificate", lambda raw: raw.update(certificate={"scale": 1})),
]


@pytest.mark.parametrize(("code", "spoil"), SPOILT_ROWS)
def test_a_broken_rule_is_found(code: str, spoil: Spoil) -> None:
    spoilt = {key: value for key, value in solution().items() if key in ("format", "status", "assignments")}
    spoil(spoilt)

    assert code in codes(check(PROBLEM, spoilt))


@pytest.mark.parametrize(("code", "spoil"), SPOILT_CLAIMS)
def test_a_false_claim_is_found_and_no_other(code: str, spoil: Spoil) -> None:
    spoilt = solution()
    spoil(spoilt)

    assert set(codes(check(PROBLEM, sealed(spoilt)))) == {code}


@pytest.mark.parametrize("field", ["result", "inputs"])
def test_a_wrong_hash_is_found(field: str) -> None:
    assert codes(check(PROBLEM, {**sealed(solution()), field: "0" * 64})) == [field]


def test_a_hash_of_inputs_without_the_options_is_only_looked_at() -> None:
    bare = {key: value for key, value in solution().items() if key != "options"}

    assert check(PROBLEM, {**bare, "inputs": "0" * 64}) == []
    assert codes(check(PROBLEM, {**bare, "inputs": "no hash"})) == ["inputs"]


def test_a_lower_limit_out_of_reach_is_found() -> None:
    problem = replace(PROBLEM, limits=(Limit("visits", "visits", 9, 6),))
    bare = {key: solution()[key] for key in ("format", "status", "assignments")}

    assert [str(one) for one in check(problem, bare)] == ["limit visits: 5 visits stay below 6"]


@pytest.mark.parametrize(
    ("limit", "is_kept"),
    [
        (Limit("L", "visits", 0, applications=()), True),
        (Limit("L", "visits", 0, hosts=()), True),
        (Limit("L", "visits", 4), False),
        (Limit("L", "visits", 5), True),
        (Limit("L", "visits", 1, applications=("A1", "A3"), hosts=("H2",)), True),
        (Limit("L", "visits", 0, applications=("A1", "A3"), hosts=("H2",)), False),
        (Limit("L", "hours", 0), True),
    ],
)
def test_a_limit_counts_the_pairs_that_both_lists_hold(limit: Limit, is_kept: bool) -> None:
    bare = {key: solution()[key] for key in ("format", "status", "assignments")}

    assert (check(replace(PROBLEM, limits=(limit,)), bare) == []) == is_kept


def test_a_lock_without_a_date_leaves_the_date_free() -> None:
    bare = {key: solution()[key] for key in ("format", "status", "assignments")}

    assert check(replace(PROBLEM, locks=(Lock("A3", "H2"),)), bare) == []


def test_a_previous_visit_of_a_gone_application_is_ignored_and_of_a_gone_host_counts() -> None:
    previous = (Previous("gone", "H1", PROBLEM.first_day), Previous("A4", "gone", PROBLEM.first_day))
    spoilt = solution()
    spoilt["goals"][4]["value"] = 6

    found = check(replace(PROBLEM, previous=previous), {**spoilt, "inputs": None})

    assert found == []


@pytest.mark.parametrize("status", ["infeasible", "unknown"])
def test_without_a_solution_the_checker_says_so(status: str) -> None:
    empty = {"format": "exchange-solution/1", "status": status, "assignments": []}

    assert [str(one) for one in check(PROBLEM, empty)] == [f"there is no solution: the status is {status}"]
    assert len(check(PROBLEM, {**solution(), "status": status})) == 2


@pytest.mark.parametrize(
    ("spoil", "path"),
    [
        (lambda raw: raw.pop("format"), "format"),
        (lambda raw: raw.pop("status"), "status"),
        (lambda raw: raw.pop("assignments"), "assignments"),
        (lambda raw: raw.update(format="exchange-solution/2"), "format"),
        (lambda raw: raw.update(status="fine"), "status"),
        (lambda raw: raw.update(status=None), "status"),
        (lambda raw: raw.update(assignments={}), "assignments"),
        (lambda raw: raw.update(assignments=None), "assignments"),
        (_row(1, first_day="9 March"), "assignments[1].first_day"),
        (_row(1, first_day=None), "assignments[1].first_day"),
        (_row(1, application=1), "assignments[1].application"),
        (lambda raw: raw["assignments"][3].pop("last_day"), "assignments[3].last_day"),
        (_goal(0, name="luck"), "goals[0].name"),
        (_goal(0, value=None), "goals[0].value"),
        (_goal(0, value=True), "goals[0].value"),
        (_goal(0, bound="18"), "goals[0].bound"),
        (_goal(0, bound=float("inf")), "goals[0].bound"),
        (_goal(0, value=10**400), "goals[0].value"),
        (_goal(0, bound=-(10**400)), "goals[0].bound"),
        (_goal(0, gap=10**5000), "goals[0].gap"),
        (lambda raw: raw.update(seconds=10**400), "seconds"),
        (lambda raw: raw.update(seed=10**400), "seed"),
        (lambda raw: raw.update(certified_bound=10**400), "certified_bound"),
        (_goal(0, gap=float("nan")), "goals[0].gap"),
        (_goal(0, status="infeasible"), "goals[0].status"),
        (lambda raw: raw["unmatched"][0].update(code="bad luck"), "unmatched[0].code"),
        (lambda raw: raw.update(seed="1"), "seed"),
        (lambda raw: raw.update(seconds="long"), "seconds"),
        (lambda raw: raw.update(certified_bound=2.5), "certified_bound"),
        (lambda raw: raw.update(certificate=[]), "certificate"),
    ],
)
def test_an_unreadable_field_is_a_violation_with_its_path(spoil: Spoil, path: str) -> None:
    spoilt = solution()
    spoil(spoilt)

    found = check(PROBLEM, spoilt)

    assert "unreadable" in codes(found)
    assert str(found[0]).startswith(f"{path}: ")


@pytest.mark.parametrize("value", [None, [], 3, "x"])
def test_what_is_no_object_is_one_violation(value: object) -> None:
    assert codes(check(PROBLEM, value))[0] == "unreadable"


def test_every_violation_is_listed() -> None:
    spoilt = solution()
    _row(1, last_day="9 March")(spoilt)
    _row(2, host="H9")(spoilt)
    _row(3, first_day="2027-03-16")(spoilt)

    assert set(codes(check(PROBLEM, spoilt))) == {"unreadable", "unknown_host", "days", "group"}


def test_a_gap_that_is_nearly_nothing_is_not_written_as_nothing() -> None:
    rich = replace(PROBLEM.applications[4], priority=10**6)
    problem = replace(PROBLEM, applications=(*PROBLEM.applications[:4], rich, PROBLEM.applications[5]))
    bare = {key: solution()[key] for key in ("format", "status", "assignments")}
    goal = {"name": "priority", "value": 10**6 + 16, "bound": 10**6 + 17, "gap": 1e-6, "status": "feasible"}

    assert check(problem, {**bare, "goals": [goal]}) == []
    assert codes(check(problem, {**bare, "goals": [{**goal, "gap": 0}]})) == ["goal_gap"]


def test_the_hash_of_a_result_does_not_depend_on_the_order_of_its_rows() -> None:
    turned = solution()
    turned["assignments"].reverse()

    assert check(PROBLEM, {**sealed(solution()), "assignments": turned["assignments"]}) == []


def test_a_price_too_large_to_reckon_with_is_a_violation() -> None:
    spoilt = {
        **solution(),
        "certified_bound": 18,
        "certificate": {"scale": 10**400, "days": {}, "limits": {}},
    }

    found = check(PROBLEM, sealed(spoilt))

    assert codes(found) == ["certificate"]
    assert str(found[0]).startswith("certificate.scale: ")
