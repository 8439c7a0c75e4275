"""Solve times with value, bound and gap, each in a process of its own."""

import json
import subprocess
import sys
from typing import Any

import click

from mobility.core.settings import ROOT
from tests.bench import table

# Applications, hosts, seconds.
SIZES = ((100, 30, 10), (250, 90, 30), (1000, 200, 60))
HEADER = (
    "size",
    "limit s",
    "goal",
    "value",
    "bound",
    "gap %",
    "status",
    "matched",
    "wrong",
    "seconds",
    "peak MiB",
)


def bench_solves() -> None:
    """Solve each size and tell; `wrong` counts what the independent checker found."""
    rows = [row for size in SIZES for row in _solved(*size)]
    click.echo("Solves: generated problems, seed 1, goals by stages.\n")
    table.publish("solves", HEADER, rows)


def _solved(applications: int, hosts: int, limit_s: int) -> list[list[table.Cell]]:
    click.echo(f"  {applications} × {hosts}", err=True)
    arguments = [str(number) for number in (applications, hosts, limit_s)]
    command = [sys.executable, "-m", "tests.bench.one_solve", *arguments]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    told = json.loads(done.stdout)
    end = [told[name] for name in ("matched", "violations", "seconds", "peak_mib")]
    return [[f"{applications} × {hosts}", limit_s, *_goal(goal), *end] for goal in told["goals"] or [{}]]


def _goal(goal: dict[str, Any]) -> list[table.Cell]:
    gap = goal.get("gap")
    percent = None if gap is None else round(100 * gap, 3)
    return [goal.get("name"), goal.get("value"), goal.get("bound"), percent, goal.get("status")]
