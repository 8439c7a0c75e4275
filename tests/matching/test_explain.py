"""Reasons are the first that hold by their definition, and what would help does help."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching import (
    Application,
    Host,
    HostWindow,
    Pair,
    Problem,
    Solution,
    Window,
    check,
    commands,
    generate,
    solve,
)
from matching.checked import Case
from matching.explain import explain
from matching.options import Misused
from tests.matching import trying
from tests.matching.rounds import PROBLEM
from tests.matching.tiny import problems

EXAMPLES = settings(
    max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)


def code_of(problem: Problem, solution: Solution, application: str) -> str:
    """Return the reason by the words of the definition."""
    members = [one for one in problem.applications if one.id == application]
    forbidden = {(one.application, one.host) for one in problem.forbidden}
    if not [
        p for p in problem.pairs if p.application == application and (application, p.host) not in forbidden
    ]:
        return "no_host"
    alone = [v for v in trying.visits(problem, members[0]) if trying.keeps_places(problem, {application: v})]
    if not alone:
        return "no_dates"
    if members[0].group is not None:
        members = [one for one in problem.applications if one.group == members[0].group]
    together = list(visits_together(problem, [one.id for one in members]))
    if not together:
        return "group"
    taken = totals(problem, rows_of(problem, solution))
    over = [
        {n for n, sum_ in totals(problem, plan).items() if sum_ + taken[n] > most(problem, n)}
        for plan in together
    ]
    alone_over = [
        {n for n, sum_ in totals(problem, plan).items() if sum_ > most(problem, n)} for plan in together
    ]
    return "limit" if set.intersection(*over) or all(alone_over) else "competition"


def visits_together(problem: Problem, ids: list[str]) -> list[trying.Plan]:
    each = [
        {(pair.host, first): (pair, first, days) for pair, first, days in trying.visits(problem, one)}
        for one in problem.applications
        if one.id in ids
    ]
    plans = [
        {one: visit[begun] for one, visit in zip(ids, each, strict=True)}
        for begun in set.intersection(*map(set, each))
    ]
    return [plan for plan in plans if trying.keeps_places(problem, plan)]


def rows_of(problem: Problem, solution: Solution) -> trying.Plan:
    pairs = {(pair.application, pair.host): pair for pair in problem.pairs}
    return {
        row.application: (pairs[row.application, row.host], row.first_day, ()) for row in solution.assignments
    }


def totals(problem: Problem, plan: trying.Plan) -> dict[str, int]:
    return {limit.id: trying.total(limit, plan) for limit in problem.limits}


def most(problem: Problem, name: str) -> int:
    return next(limit.max for limit in problem.limits if limit.id == name)


def changed(problem: Problem, application: str, one: dict[str, Any]) -> Problem:
    """Make a change that is said to help."""
    if one["change"] == "limit":
        raised = (replace(x, max=x.max + one["by"]) if x.id == one["limit"] else x for x in problem.limits)
        return replace(problem, limits=tuple(raised))
    ends = [date.fromisoformat(day) for day in one.get("window", ())]
    if one["change"] == "place":
        hosts = (
            replace(host, windows=tuple(_more(window, ends) for window in host.windows))
            if host.id == one["witness"]["host"]
            else host
            for host in problem.hosts
        )
        return replace(problem, hosts=tuple(hosts))
    if one["change"] == "dates":
        group = next(x.group for x in problem.applications if x.id == application)
        applications = (
            replace(x, windows=(*x.windows, Window(*ends)))
            if x.id == application or (group is not None and x.group == group)
            else x
            for x in problem.applications
        )
        return replace(problem, applications=tuple(applications))
    assert one["change"] == "nothing"
    return problem


def _more(window: HostWindow, ends: list[date]) -> HostWindow:
    is_it = [window.first, window.last] == ends
    return replace(window, places=window.places + is_it)


def with_witness(
    problem: Problem, solution: Solution, application: str, witness: dict[str, str]
) -> dict[str, Any]:
    case = Case(problem, solution)
    group = case.applications[application].group
    ids = [one.id for one in problem.applications if one.id == application or (group and one.group == group)]
    first = date.fromisoformat(witness["first_day"])
    rows = [row.to_json() for row in solution.assignments]
    for one in ids:
        length = case.pairs[one, witness["host"]].days or case.applications[one].days
        days = case.open_days(case.hosts[witness["host"]], first, problem.last_day)[:length]
        rows.append(
            {"application": one, "host": witness["host"], "first_day": str(first), "last_day": str(days[-1])}
        )
    return {"format": "exchange-solution/1", "status": "feasible", "assignments": rows}


@EXAMPLES
@given(problem=problems, goals=st.sampled_from([("priority",), ("cost", "priority"), ("changes",)]))
def test_reasons_hold_and_witnesses_fit(problem: Problem, goals: tuple[str, ...]) -> None:
    solution = solve(problem, goals=goals, workers=1)

    for row in solution.unmatched or ():
        assert row.code == code_of(problem, solution, row.application)
        for one in row.evidence["helps"]:  # type: ignore[attr-defined]
            other = changed(problem, row.application, one)
            assert check(other, with_witness(other, solution, row.application, one["witness"])) == []


def test_every_unmatched_of_a_generated_round_is_explained() -> None:
    problem = generate(applications=150, hosts=40, seed=3, tight=True)
    solution = solve(problem, time_limit_s=2)

    rows = explain(problem, solution)

    assert rows == solution.unmatched
    assert check(problem, solution.to_json()) == []
    assert {row.code for row in rows} >= {"limit"}
    for row in rows:
        displaced: Any = row.evidence.get("displaces")
        if row.code == "competition" and displaced is not None:
            gone = set(displaced["applications"])
            left = replace(
                solution,
                assignments=tuple(one for one in solution.assignments if one.application not in gone),
            )
            after = with_witness(problem, left, row.application, displaced["witness"])
            assert check(problem, after) == []


def test_competition_names_whom_a_visit_would_displace_and_the_loss() -> None:
    days = (Window(PROBLEM.first_day, PROBLEM.first_day),)
    problem = Problem(
        PROBLEM.first_day,
        PROBLEM.last_day,
        applications=tuple(Application(one, 1, priority, days) for one, priority in (("A", 5), ("B", 3))),
        hosts=(Host("H", (HostWindow(PROBLEM.first_day, PROBLEM.last_day, 1),)),),
        pairs=(Pair("A", "H", 7), Pair("B", "H", 9)),
    )

    solution = solve(problem, workers=1)

    row = (solution.unmatched or ())[0]
    displaced: Any = row.evidence["displaces"]
    assert (row.application, row.code) == ("B", "competition")
    assert (displaced["applications"], displaced["loss"]) == (["A"], {"priority": 2, "score": -2})
    assert {one["change"] for one in row.evidence["helps"]} == {"place", "dates"}  # type: ignore[attr-defined]
    assert check(problem, solution) == []


def test_a_witness_that_does_not_fit_is_a_violation() -> None:
    problem = generate(applications=60, hosts=15, seed=3, tight=True)
    said: dict[str, Any] = json.loads(json.dumps(solve(problem, time_limit_s=1).to_json()))
    helped = next(one for row in said["unmatched"] for one in row["evidence"]["helps"])
    helped["change"] = "nothing"

    assert [one.code for one in check(problem, said)] == ["helps"]


def test_one_application_is_explained_by_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    solution = solve(PROBLEM, workers=1)
    paths = [tmp_path / "p.json", tmp_path / "s.json"]
    paths[0].write_text(json.dumps(PROBLEM.to_json()))
    paths[1].write_text(json.dumps(solution.to_json()))
    one = (solution.unmatched or ())[0].application

    assert commands.main(["explain", *map(str, paths), "--application", one], 0.0) == 0
    assert capsys.readouterr().out.startswith(f"{one}: ")
    assert commands.main(["explain", *map(str, paths), "--application", "A1"], 0.0) == 2
    assert commands.main(["explain", *map(str, paths), "--json"], 0.0) == 0


def test_a_solution_that_breaks_a_rule_is_not_explained() -> None:
    solution = solve(PROBLEM, workers=1)
    doubled = replace(
        solution, assignments=tuple(replace(one, first_day=PROBLEM.first_day) for one in solution.assignments)
    )

    with pytest.raises(Misused, match="check the solution"):
        explain(PROBLEM, doubled)


def test_the_funnel_counts_all_hosts() -> None:
    problem = generate(applications=40, hosts=20, seed=1)
    rows = explain(problem, replace(solve(problem, time_limit_s=1), assignments=()))

    assert Counter(row.code for row in rows).total() == 40
    for row in rows:
        funnel: Any = row.evidence["funnel"]
        assert funnel["hosts"] == sum(funnel[key] for key in ("no_pair", "forbidden", "no_dates", "left"))
