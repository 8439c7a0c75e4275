"""Two solutions side by side."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from matching import Solution, commands
from matching.bench.compare import compare
from tests.matching.rounds import PROBLEM, solution


def other() -> dict[str, Any]:
    """A2 goes two days later, A3 gives way to A4."""
    rows = [row for row in solution()["assignments"] if row["application"] not in ("A3", "A2")]
    rows += [
        {"application": "A2", "host": "H1", "first_day": "2027-03-11", "last_day": "2027-03-13"},
        {"application": "A4", "host": "H2", "first_day": "2027-03-05", "last_day": "2027-03-05"},
    ]
    return {"format": "exchange-solution/1", "status": "feasible", "assignments": rows}


def test_who_gains_who_loses_and_who_has_other_dates() -> None:
    found = compare(PROBLEM, Solution.from_json(solution()), Solution.from_json(other()))

    assert (found.gained, found.lost, found.moved, found.redated) == (("A4",), ("A3",), (), ("A2",))
    assert found.unchanged == 3
    assert found.matched == (5, 5)


def test_who_gets_another_host_has_moved() -> None:
    moved = other()
    moved["assignments"][0] |= {"host": "H2"}

    assert compare(PROBLEM, Solution.from_json(solution()), Solution.from_json(moved)).moved == ("A1",)


def test_the_goals_stand_side_by_side_computed_anew() -> None:
    found = compare(PROBLEM, Solution.from_json(solution()), Solution.from_json(other()))

    assert found.goals["priority"] == (18, 17)
    assert found.goals["fairness"] == (Fraction(2, 3), Fraction(2, 3))
    assert found.goals["score"] == (20, 20)
    assert found.goals["cost"] == (600, 600)


def test_a_solution_that_breaks_the_rules_is_said_to() -> None:
    wrong = other()
    wrong["assignments"].pop(0)

    found = compare(PROBLEM, Solution.from_json(wrong), Solution.from_json(other()))

    assert found.wrong[0] == 1
    assert found.wrong[1] == 0
    assert next(found.lines()) == "A breaks the rules: 1 violations, see `check`"


def test_nothing_differs_from_itself() -> None:
    one = Solution.from_json(other())

    found = compare(PROBLEM, one, one)

    assert (found.gained, found.lost, found.moved, found.redated, found.unchanged) == ((), (), (), (), 5)


def test_the_command_says_it_in_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [tmp_path / name for name in ("p.json", "a.json", "b.json")]
    for path, whole in zip(paths, (PROBLEM.to_json(), solution(), other()), strict=True):
        path.write_text(json.dumps(whole))

    code = commands.main(["compare", *map(str, paths)], 0.0)

    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert [line.split() for line in lines if line.startswith("priority")] == [["priority", "18", "17", "-1"]]
    assert lines[-3:] == [
        "gains   A4: H2 from 2027-03-05",
        "loses   A3: H2 from 2027-03-05",
        "redated A2: H1 from 2027-03-09 -> H1 from 2027-03-11",
    ]


def test_an_unreadable_solution_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    problem, bad = tmp_path / "p.json", tmp_path / "b.json"
    problem.write_text(json.dumps(PROBLEM.to_json()))
    bad.write_text("{}")

    assert commands.main(["compare", str(problem), str(bad), str(bad)], 0.0) == 2
    assert "format" in capsys.readouterr().err
