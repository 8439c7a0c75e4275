"""What more places, weeks or money gain: for sure, and at most by prices."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from matching import HostWindow, Problem, Solution, commands, generate, solve
from matching.sensitivity import Gain, sensitivity


@pytest.fixture(scope="module")
def study() -> tuple[Problem, Solution, list[Gain]]:
    problem = generate(applications=80, hosts=20, seed=3, tight=True)
    solution = solve(problem, goals=("priority",), time_limit_s=10)
    return problem, solution, sensitivity(problem, solution)


def value(problem: Problem) -> float:
    return (solve(problem, goals=("priority",), time_limit_s=10).goals or ())[0].value


def with_more(problem: Problem, gain: Gain) -> Problem:
    if gain.what == "limit":
        limits = (replace(one, max=one.max + gain.by) if one.id == gain.of else one for one in problem.limits)
        return replace(problem, limits=tuple(limits))
    hosts = (
        replace(one, windows=tuple(HostWindow(w.first, w.last, w.places + 1) for w in one.windows))
        if one.id == gain.of
        else one
        for one in problem.hosts
    )
    return replace(problem, hosts=tuple(hosts))


def test_each_host_and_limit_has_its_gains(study: tuple[Problem, Solution, list[Gain]]) -> None:
    problem, _, gains = study

    assert len(gains) == 2 * len(problem.hosts) + len(problem.limits)
    assert all(gain.sure >= 0 and (gain.estimate is None or gain.estimate >= 0) for gain in gains)
    assert any(gain.sure for gain in gains)


@pytest.mark.parametrize("what", ["place", "limit"])
def test_a_sure_gain_is_gained(what: str, study: tuple[Problem, Solution, list[Gain]]) -> None:
    problem, solution, gains = study
    gain = max((one for one in gains if one.what == what), key=lambda one: one.sure)

    assert value(with_more(problem, gain)) >= (solution.goals or ())[0].value + gain.sure


def test_the_command_prints_the_largest_and_writes_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = generate(applications=30, hosts=8, seed=1)
    paths = [tmp_path / "p.json", tmp_path / "s.json"]
    paths[0].write_text(json.dumps(problem.to_json()))
    paths[1].write_text(json.dumps(solve(problem, time_limit_s=1).to_json()))

    assert commands.main(["sensitivity", *map(str, paths), "-o", str(tmp_path / "g.json")], 0.0) == 0

    assert capsys.readouterr().out.count("for sure") == 20
    assert len(json.loads((tmp_path / "g.json").read_text())) == 16 + len(problem.limits)
