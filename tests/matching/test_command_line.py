"""The commands in real processes: what they write, what they say, how they end."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from matching import Problem, check, commands
from matching.files import write_whole
from tests.matching.rounds import PROBLEM

LOCK_OUT = {"application": "A4", "host": "H1"}


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "matching", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def problem(tmp_path: Path) -> Path:
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(PROBLEM.to_json()))
    return path


def spoilt(problem: Path, **values: object) -> Path:
    problem.write_text(json.dumps({**PROBLEM.to_json(), **values}))
    return problem


def test_a_round_is_generated_solved_and_checked(tmp_path: Path) -> None:
    problem, solution = tmp_path / "p.json", tmp_path / "s.json"

    made = run("generate", "--applications", "30", "--hosts", "10", "--seed", "1", "--tight", "-o", problem)
    solved = run(
        "solve", problem, "-o", solution, "--goals", "fairness,cost", "--time-limit", "10", "--seed", "3"
    )
    checked = run("check", problem, solution)

    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
    assert (solved.returncode, solved.stdout, solved.stderr) == (0, "", "")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert len(checked.stdout.splitlines()) == 1
    said = json.loads(solution.read_text())
    assert [goal["name"] for goal in said["goals"]] == ["fairness", "cost"]
    assert (said["format"], said["seed"]) == ("exchange-solution/1", 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.json", "s.json"]


def test_without_an_output_file_the_solution_goes_to_standard_output(problem: Path) -> None:
    solved = run("solve", problem, "--workers", "1", "--deterministic")

    assert solved.returncode == 0
    said = json.loads(solved.stdout)
    assert [goal["name"] for goal in said["goals"]] == ["priority", "score"]
    assert check(PROBLEM, said) == []


def test_violations_are_all_printed_and_end_with_1(problem: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "s.json"
    row = {"application": "A9", "host": "H9", "first_day": "2027-03-01", "last_day": "2027-03-01"}
    wrong.write_text(
        json.dumps({"format": "exchange-solution/1", "status": "feasible", "assignments": [row]})
    )

    checked = run("check", problem, wrong)

    assert checked.returncode == 1
    assert "application A9 is not in the problem\n" in checked.stdout
    assert "the lock of A1 at H1 from 2027-03-04 is not kept\n" in checked.stdout


def test_a_solution_that_is_no_json_is_a_violation(problem: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "s.json"
    wrong.write_text("{")

    assert commands.main(["check", str(problem), str(wrong)], 0.0) == 1


def test_an_infeasible_round_ends_with_3_and_names_what_clashes(problem: Path, tmp_path: Path) -> None:
    solution = tmp_path / "s.json"

    solved = run("solve", spoilt(problem, locks=[LOCK_OUT]), "-o", solution)

    assert solved.returncode == 3
    assert solved.stderr == "clash: lock: A4 at H1\n"
    said = json.loads(solution.read_text())
    assert (said["status"], said["assignments"], said["clash"]) == ("infeasible", [], ["lock: A4 at H1"])


def test_a_lower_limit_that_nobody_could_reach_is_infeasible_and_not_misused(problem: Path) -> None:
    limit = {"id": "L", "amount": "visits", "max": 10**20, "min": 10**20}

    solved = run("solve", spoilt(problem, limits=[limit]))

    assert solved.returncode == 3
    assert solved.stderr == f"clash: limit L: at least {10**20} visits\n"
    assert json.loads(solved.stdout)["status"] == "infeasible"


def test_a_number_that_no_float_can_hold_is_a_violation(problem: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "s.json"
    goal = {"name": "priority", "value": 10**400}
    wrong.write_text(
        json.dumps(
            {"format": "exchange-solution/1", "status": "feasible", "assignments": [], "goals": [goal]}
        )
    )

    checked = run("check", problem, wrong)

    assert (checked.returncode, checked.stderr) == (1, "")
    assert checked.stdout.startswith("goals[0].value: is 1000")


def test_a_fault_of_the_solver_is_not_said_to_be_one_of_the_file(
    problem: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("a fault of our own")

    monkeypatch.setattr(commands, "solve", fail)

    with pytest.raises(ValueError, match="a fault of our own"):
        commands.main(["solve", str(problem)], 0.0)


def test_a_round_without_a_solution_in_time_ends_with_4(problem: Path, tmp_path: Path) -> None:
    limit = {"id": "L", "amount": "visits", "max": 9, "min": 1, "hosts": []}
    solution = tmp_path / "s.json"

    solved = run("solve", spoilt(problem, limits=[limit]), "-o", solution, "--time-limit", "0.001")

    assert solved.returncode == 4
    assert json.loads(solution.read_text())["status"] == "unknown"


@pytest.mark.parametrize("command", ["solve", "check"])
def test_a_malformed_problem_ends_with_2_and_says_where(command: str, problem: Path) -> None:
    twice = [PROBLEM.applications[0].to_json()] * 2

    refused = run(command, spoilt(problem, applications=twice), *([problem] if command == "check" else []))

    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr == 'applications[1].id: "A1" is there twice; expected each one once\n'


@pytest.mark.parametrize(
    "arguments",
    [
        ["solve", "absent.json"],
        ["solve", "PROBLEM", "--goals", "luck"],
        ["solve", "PROBLEM", "--goals", ""],
        ["solve", "PROBLEM", "--time-limit", "-1"],
        ["solve", "PROBLEM", "--workers", "0"],
        ["generate", "--applications", "0", "--hosts", "1", "--seed", "1"],
    ],
)
def test_what_cannot_be_asked_for_ends_with_2(
    arguments: list[str], problem: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = commands.main([str(problem) if one == "PROBLEM" else one for one in arguments], 0.0)

    assert ended == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_an_unknown_command_ends_with_2() -> None:
    with pytest.raises(SystemExit) as ended:
        commands.main(["guess"], 0.0)

    assert ended.value.code == 2


def test_a_generated_problem_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["generate", "--applications", "3", "--hosts", "2", "--seed", "1"], 0.0) == 0

    assert len(Problem.from_json(json.loads(capsys.readouterr().out)).applications) == 3


def test_a_file_that_cannot_be_written_whole_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text("before")
    (tmp_path / f".s.json.{os.getpid()}.part").write_text("in the way")

    with pytest.raises(FileExistsError):
        write_whole(path, b"after")

    assert path.read_text() == "before"


def test_who_reads_a_file_while_it_is_written_again_sees_one_of_both(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text("before")

    with path.open() as reader:
        write_whole(path, b"after")
        assert reader.read() == "before"

    assert path.read_text() == "after"


def test_a_device_is_written_to_and_not_replaced() -> None:
    write_whole(Path("/dev/null"), b"gone")

    assert not Path("/dev/null").is_file()
