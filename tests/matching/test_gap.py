"""Generalized assignment as an exchange problem: by seed against trying everything, and read from files."""

from itertools import product
from pathlib import Path
from random import Random

import pytest

from matching import Malformed, check, commands, solve
from matching.bench.gap import DAY, Generalized, published
from matching.bench.gap_run import run_one

SMALL = "2 3\n 4 1 7\n 2 9 3\n 5 6 4\n 3 2 8\n 11 9\n"


def drawn(seed: int, *, maximise: bool = False) -> Generalized:
    """Draw two to four agents and three to six jobs; about one in four has no assignment of all jobs."""
    random = Random(seed)  # noqa: S311
    agents, jobs = random.randint(2, 4), random.randint(3, 6)
    costs = tuple(tuple(random.randint(1, 30) for _ in range(jobs)) for _ in range(agents))
    uses = tuple(tuple(random.randint(5, 25) for _ in range(jobs)) for _ in range(agents))
    return Generalized(costs, uses, tuple(random.randint(12, 45) for _ in range(agents)), maximise)


def best(given: Generalized) -> int | None:
    """Try every assignment of all jobs."""
    agents = range(len(given.costs))
    sums = [
        sum(given.costs[agent][job] for job, agent in enumerate(chosen))
        for chosen in product(agents, repeat=given.jobs)
        if all(
            sum(given.uses[agent][job] for job, one in enumerate(chosen) if one == agent)
            <= given.capacities[agent]
            for agent in agents
        )
    ]
    return (max if given.maximise else min)(sums, default=None)


@pytest.mark.parametrize("maximise", [False, True])
@pytest.mark.parametrize("seed", range(15))
def test_the_engine_proves_what_trying_everything_finds(seed: int, maximise: bool) -> None:
    given = drawn(seed, maximise=maximise)
    optimum = best(given)

    run = run_one("drawn", given, optimum, seconds=30, workers=1)

    if optimum is None:
        assert run.value is None
        assert not run.is_reached
    else:
        assert (run.value, run.bound, run.violations) == (optimum, optimum, 0)
        assert run.is_reached
        assert run.is_proven


def test_seeds_draw_problems_with_and_without_an_assignment_of_all_jobs() -> None:
    found = [best(drawn(seed)) for seed in range(15)]

    assert 0 < found.count(None) < 12


def test_a_job_given_twice_what_an_agent_can_bear_is_a_violation() -> None:
    given = Generalized(((1, 1),), ((6, 5),), (10,))
    both = {
        "format": "exchange-solution/1",
        "status": "feasible",
        "assignments": [
            {"application": job, "host": "A0", "first_day": str(DAY), "last_day": str(DAY)}
            for job in ("J0", "J1")
        ],
    }

    assert [one.code for one in check(given.problem(), both)] == ["limit_max"]
    assert len(solve(given.problem(), goals=given.goals, workers=1).assignments) == 1


def test_a_file_is_read_costs_then_uses_then_capacities() -> None:
    given = Generalized.read(SMALL)

    assert given.costs == ((4, 1, 7), (2, 9, 3))
    assert given.uses == ((5, 6, 4), (3, 2, 8))
    assert given.capacities == (11, 9)


@pytest.mark.parametrize("text", ["", "2", "1 1 3 4", "1 1 3 4 5 6", "1 1 3 x 5"])
def test_a_file_that_is_cut_short_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        Generalized.read(text)


def test_the_command_says_how_many_published_optima_are_reached(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder(tmp_path, right=best(Generalized.read(SMALL)))

    code = commands.main(["bench", "--gap", str(tmp_path), "--workers", "1"], 0.0)

    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert lines[0].startswith("set/one: optimum 8, value 8: reached, proven")
    assert lines[-1].startswith("1 of 1 published optima reached, 1 of 1 proven")


def test_an_optimum_that_is_not_reached_is_said_and_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder(tmp_path, right=5)

    code = commands.main(["bench", "--gap", str(tmp_path), "--workers", "1"], 0.0)

    assert code == 1
    assert "NOT REACHED" in capsys.readouterr().out


def test_without_a_list_of_optima_every_file_is_solved(tmp_path: Path) -> None:
    folder(tmp_path, right=8)
    (tmp_path / "optima.csv").unlink()

    assert published(tmp_path) == {"set/one": None}


def test_an_empty_folder_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["bench", "--gap", str(tmp_path)], 0.0) == 2
    assert "holds no file" in capsys.readouterr().err


def folder(path: Path, *, right: int | None) -> None:
    (path / "set").mkdir()
    (path / "set" / "one").write_text(SMALL)
    (path / "optima.csv").write_text(f"Path,Optimum\nset/one,{right}\n")
