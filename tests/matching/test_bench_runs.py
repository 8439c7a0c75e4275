"""The benchmark: instances, processes, medians, and the files it keeps."""

import csv
import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from matching import commands
from matching.bench.instances import KINDS, SIZES, Instance
from matching.bench.measured import Measured, measure, read
from matching.bench.methods import ENGINE, METHODS
from matching.bench.picture import picture
from matching.bench.run import Plan
from matching.bench.table import HEADER, aligned, summary
from matching.peers import PEERS

SMALL = Instance("100x30", "tight-free", 1)


def measured(method: str, seed: int, **figures: object) -> Measured:
    said = {"matched": 1, "value": None, "bound": None, "ended": 1.0, "peak_mib": 50, **figures}
    return read(Instance("100x30", "tight-free", seed), method, json.dumps(said))


def column(rows: list[list[str | int | float | None]], name: str) -> dict[object, object]:
    return {row[1]: row[HEADER.index(name)] for row in rows}


def test_every_peer_is_measured_beside_the_engine() -> None:
    assert [method.name for method in METHODS] == [ENGINE, *PEERS]


@pytest.mark.parametrize("kind", KINDS)
def test_budgets_are_there_or_not_and_quotas_always(kind: str) -> None:
    limits = Instance("100x30", kind, 1).make().limits

    assert any(one.amount == "cost_cents" for one in limits) == kind.endswith("budgets")
    assert any(one.id.startswith("quota") for one in limits)


def test_equal_instances_make_equal_problems() -> None:
    assert SMALL.make() == Instance("100x30", "tight-free", 1).make()


def test_methods_that_are_hopeless_at_a_size_are_named_and_not_tried() -> None:
    plan = Plan(tuple(SIZES), KINDS, 1, [method.name for method in METHODS])
    large = Instance("50000x5000", "loose-free", 1)

    tried = {method.name for method in plan.methods_for(large)}
    remarks = column(summary([Measured(large, ENGINE)]), "remark")

    assert tried == {ENGINE, "first_come", "deferred_acceptance", "min_cost_flow"}
    assert str(remarks["textbook CP-SAT"]).startswith("hopeless above")
    assert str(remarks["time-indexed MIP"]).startswith("hopeless above")


def test_the_table_shows_the_median_of_the_seeds() -> None:
    runs = [measured(ENGINE, seed, value=value, bound=110) for seed, value in ((1, 90), (2, 99), (3, 110))]

    rows = summary(runs)

    assert column(rows, "value") == {"our engine": "99"}
    assert column(rows, "gap %") == {"our engine": "10.00"}
    assert column(rows, "remark") == {"our engine": "1 of 3 proven"}


def test_a_method_without_a_bound_is_held_against_the_tightest_of_the_others() -> None:
    runs = [
        measured(ENGINE, 1, value=95, bound=100),
        measured("textbook", 1, value=90, bound=120),
        measured("first_come", 1, value=80),
    ]

    rows = summary(runs)

    assert column(rows, "gap %")["first come, first served"] is None
    assert column(rows, "to best bound %")["first come, first served"] == "20.00"
    assert column(rows, "to best bound %")["textbook CP-SAT"] == "10.00"


def test_runs_that_found_nothing_or_broke_a_rule_are_remarked() -> None:
    runs = [
        measured("textbook", 1, matched=None),
        measured("textbook", 2, matched=None),
        measured("textbook", 3, value=9, violations=2),
    ]

    rows = summary(runs)

    assert column(rows, "value") == {"textbook CP-SAT": None}
    remark = column(rows, "remark")["textbook CP-SAT"]
    assert remark == "2 VIOLATIONS; 2 of 3: no solution in time"


def test_what_a_solver_writes_to_standard_output_is_passed_over() -> None:
    said = 'Cbc 2.10\n{"at": 1.0, "value": 3, "bound": null}\n{"matched": 2, "value": 5, "bound": 7.0000000001}\n{"at'

    run = read(SMALL, "time_indexed", said)

    assert (run.value, run.bound, run.trace) == (5, 7, ((1.0, 3, None),))


def test_a_process_that_fails_is_told_by_its_last_word(tmp_path: Path) -> None:
    run = measure(SMALL, tmp_path / "missing.json", "first_come", seconds=1, workers=1, seed=1)

    assert run.value is None
    assert run.note.startswith("failed: FileNotFoundError")


def test_a_method_runs_in_a_process_of_its_own_with_its_time_and_memory(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text(json.dumps(SMALL.make().to_json()))

    run = measure(SMALL, path, "first_come", seconds=5, workers=1, seed=1)

    assert run.violations == 0
    assert run.value
    assert run.trace[-1][1] == run.value
    assert 0 < (run.seconds or 0) < 60
    assert 10 < (run.peak_mib or 0) < 80


def test_the_command_prints_a_table_and_keeps_figures_and_picture(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "matching", "bench", "--sizes", "100x30", "--kinds", "tight-free"]
    command += ["--methods", "engine,first_come", "--seeds", "1", "--time-limit", "2", "--out", str(tmp_path)]

    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)

    assert done.returncode == 0, done.stderr
    assert [line.split("  ")[1] for line in done.stdout.splitlines()[2:4]] == [
        "our engine",
        "first come, first served",
    ]
    with (tmp_path / "results.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["method"], row["violations"]) for row in rows] == [("engine", "0"), ("first_come", "0")]
    assert (tmp_path / "trace.csv").read_text().count("\n") > 2
    ET.parse(tmp_path / "value-and-bound.svg")  # noqa: S314


@pytest.mark.parametrize(
    "wrong",
    [["--sizes", "7x7"], ["--kinds", "odd"], ["--methods", "luck"], ["--seeds", "0"], ["--time-limit", "0"]],
)
def test_what_is_not_known_is_refused(wrong: list[str]) -> None:
    assert commands.main(["bench", *wrong], 0.0) == 2


@pytest.mark.parametrize(
    "runs", [[], [measured("textbook", 1, matched=None)], [measured(ENGINE, 1, value=0)]]
)
def test_a_picture_of_little_is_still_a_picture(runs: list[Measured]) -> None:
    ET.fromstring(picture(runs))  # noqa: S314


def test_the_table_sets_figures_to_the_right() -> None:
    lines = aligned(("a", "b"), [["x", "1"], ["long", "1,000.5"], ["y", None]]).splitlines()

    assert lines == ["a           b", "----  -------", "x           1", "long  1,000.5", "y           -"]


def test_a_process_that_does_not_stop_is_ended_and_keeps_what_it_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "sleeper"
    script.write_text('#!/bin/sh\necho \'{"at": 1, "value": 7, "bound": null}\'\nexec sleep 60\n')
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    monkeypatch.setattr("matching.bench.measured.GRACE", 0.5)

    run = measure(SMALL, tmp_path / "p.json", "textbook", seconds=0.1, workers=1, seed=1)

    assert (run.note, run.trace) == ("ended: did not stop in time", ((1, 7, None),))
