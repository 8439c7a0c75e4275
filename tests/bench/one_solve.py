"""Solves one generated problem and prints its figures as JSON: a process of its own, for its memory's sake."""

import json
import sys
from pathlib import Path

import click

from matching import check, generate, solve

SEED = 1


def main(applications: int, hosts: int, time_limit_s: int) -> None:
    """Generate, solve, tell."""
    problem = generate(applications=applications, hosts=hosts, seed=SEED)
    solution = solve(problem, time_limit_s=time_limit_s, seed=SEED)
    told = {
        "goals": [goal.to_json() for goal in solution.goals or ()],
        "matched": len(solution.assignments),
        "seconds": solution.seconds,
        "peak_mib": _peak_mib(),
        "violations": len(check(problem, solution)),
    }
    click.echo(json.dumps(told))


def _peak_mib() -> int:
    # Not `ru_maxrss`, which begins with the parent's.
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    raise RuntimeError("the kernel does not tell the peak of memory")


if __name__ == "__main__":
    main(*(int(written) for written in sys.argv[1:]))
