"""Runs the methods on the instances, one process after the other, and keeps table, CSV and picture up to date."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from matching.bench.instances import SIZES, Instance
from matching.bench.measured import Measured, measure
from matching.bench.methods import METHODS, Method, title
from matching.bench.picture import picture
from matching.bench.table import as_csv, trace_csv
from matching.files import write_whole


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure. `seconds` is a method's limit; None gives each size its own."""

    sizes: Sequence[str]
    kinds: Sequence[str]
    seeds: int
    methods: Sequence[str]
    seconds: float | None = None
    workers: int = 2

    def instances(self) -> list[Instance]:
        """Return the instances, the smallest first."""
        seeds = range(1, self.seeds + 1)
        return [Instance(size, kind, seed) for size in self.sizes for kind in self.kinds for seed in seeds]

    def methods_for(self, instance: Instance) -> list[Method]:
        """Return the methods that are tried on an instance."""
        return [one for one in METHODS if one.name in self.methods and not one.refusal(instance.applications)]

    def limit(self, instance: Instance) -> float:
        """Return how many seconds a method has."""
        return SIZES[instance.size] if self.seconds is None else self.seconds


def run(plan: Plan, out: Path | None, tell: Callable[[str], None]) -> list[Measured]:
    """Measure all; files in `out` are written anew after each instance, so an interrupted run keeps what it has."""
    runs: list[Measured] = []
    with TemporaryDirectory() as folder:
        for instance in plan.instances():
            problem = _file(instance, Path(folder))
            for method in plan.methods_for(instance):
                limit, seed = plan.limit(instance), instance.seed
                runs.append(
                    measure(instance, problem, method.name, seconds=limit, workers=plan.workers, seed=seed)
                )
                tell(_line(runs[-1]))
            problem.unlink()
            if out is not None:
                keep(runs, out)
    return runs


def _file(instance: Instance, folder: Path) -> Path:
    """Write an instance to a file, by a process of its own, so that this one stays small."""
    path = folder / f"{instance.name}.json"
    command = [sys.executable, "-m", "matching.bench.write", instance.size, instance.kind, str(instance.seed)]
    subprocess.run([*command, str(path)], check=True)  # noqa: S603
    return path


def keep(runs: Sequence[Measured], out: Path) -> None:
    """Write all that was measured: `results.csv`, `trace.csv` and `value-and-bound.svg`."""
    out.mkdir(parents=True, exist_ok=True)
    write_whole(out / "results.csv", as_csv(runs).encode())
    write_whole(out / "trace.csv", trace_csv(runs).encode())
    write_whole(out / "value-and-bound.svg", picture(runs).encode())


def _line(run: Measured) -> str:
    value = "-" if run.value is None else f"{run.value:g}"
    bound = "-" if run.bound is None else f"{run.bound:g}"
    took = "-" if run.seconds is None else f"{run.seconds:.1f}"
    remark = f" ({run.note})" if run.note else ""
    wrong = f", {run.violations} VIOLATIONS" if run.violations else ""
    return (
        f"{run.instance.name}, {title(run.method)}: value {value}, bound {bound}, {took} s{wrong}{remark}; "
        f"load {os.getloadavg()[0]:.1f}"
    )
