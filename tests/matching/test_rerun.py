"""After a decline: one answer moves nobody, the other only whom it may."""

import json
from pathlib import Path

import pytest

from matching import Problem, Solution, check, commands, generate, solve
from matching.options import Misused
from matching.rerun import refill, rematch
from tests.matching.rounds import PROBLEM


@pytest.fixture(scope="module")
def solved() -> tuple[Problem, Solution]:
    problem = generate(applications=150, hosts=40, seed=3, tight=True)
    return problem, solve(problem, goals=("priority",), time_limit_s=3)


def places(solution: Solution) -> dict[str, object]:
    return {row.application: (row.host, row.first_day) for row in solution.assignments}


def test_a_freed_place_is_refilled_to_a_proven_optimum_and_nobody_moves(
    solved: tuple[Problem, Solution],
) -> None:
    problem, before = solved
    gone = before.assignments[7].application

    answer = refill(problem, before, [gone], time_limit_s=10)

    assert check(answer.problem, answer.solution) == []
    assert answer.solution.status == "optimal"
    after = places(answer.solution)
    assert gone not in after
    group = next(one.group for one in problem.applications if one.id == gone)
    together = {one.id for one in problem.applications if group is not None and one.group == group} | {gone}
    assert {
        one: where for one, where in places(before).items() if one not in together
    }.items() <= after.items()


def test_who_may_return_goes_to_another_host(solved: tuple[Problem, Solution]) -> None:
    problem, before = solved
    for row in before.assignments[:6]:
        answer = refill(problem, before, [row.application], may_return=True, time_limit_s=5)
        assert check(answer.problem, answer.solution) == []
        host = dict.fromkeys([row.host])
        assert places(answer.solution).get(row.application, ("", None))[0] not in host  # type: ignore[index]


def test_only_accepted_pairs_are_kept_and_few_others_move(solved: tuple[Problem, Solution]) -> None:
    problem, before = solved
    gone = before.assignments[7].application
    accepted = [row.application for row in before.assignments[10::3]]

    answer = rematch(problem, before, [gone], accepted, time_limit_s=4)

    assert check(answer.problem, answer.solution) == []
    after, was = places(answer.solution), places(before)
    assert all(after[one] == was[one] for one in accepted)
    assert [goal.name for goal in answer.solution.goals or ()] == ["priority", "changes"]
    assert gone not in after
    assert sum(after.get(one) != was[one] for one in was) < len(was) / 2


@pytest.mark.parametrize(
    ("declined", "accepted"), [(["A4"], []), (["A1"], ["A1"]), (["G1"], ["G2"]), (["A1"], ["A4"])]
)
def test_only_the_matched_decline_or_accept_and_not_both(declined: list[str], accepted: list[str]) -> None:
    solution = solve(PROBLEM, workers=1)

    with pytest.raises(Misused):
        rematch(PROBLEM, solution, declined, accepted, time_limit_s=1)


def test_a_group_of_which_one_declines_goes_as_a_whole() -> None:
    answer = refill(PROBLEM, solve(PROBLEM, workers=1), ["G1"])

    assert {"G1", "G2"}.isdisjoint(places(answer.solution))
    assert answer.solution.status == "optimal"


def test_the_command_writes_both_answers_with_their_problems(tmp_path: Path) -> None:
    paths = [tmp_path / "p.json", tmp_path / "s.json"]
    paths[0].write_text(json.dumps(PROBLEM.to_json()))
    paths[1].write_text(json.dumps(solve(PROBLEM, workers=1).to_json()))

    ended = commands.main(
        [
            "rerun",
            *map(str, paths),
            "--declined",
            "A2",
            "--accepted",
            "A3",
            "--time-limit",
            "2",
            "-o",
            str(tmp_path / "out"),
        ],
        0.0,
    )

    assert ended == 0
    for name in ("refill", "rematch"):
        files = [str(tmp_path / "out" / f"{name}{ending}") for ending in ("-problem.json", ".json")]
        assert commands.main(["check", *files], 0.0) == 0
