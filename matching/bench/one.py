"""Runs one method on one problem in a process of its own: `python -m matching.bench.one METHOD PROBLEM.json`.

Writes a JSON row to standard output for each better value or bound, then one with the outcome, then one with the
violations that `check` finds, which cost neither time nor memory of the method.
"""

from time import monotonic, process_time

# Start-up is all computing: the CPU time used so far is the time since the process began.
STARTED = monotonic() - process_time()

import argparse  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import resource  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

from matching.bench.methods import method  # noqa: E402
from matching.check import check  # noqa: E402
from matching.peers import Answer, Effort  # noqa: E402
from matching.problem import Problem  # noqa: E402
from matching.reading import parse  # noqa: E402
from matching.solution import Solution  # noqa: E402


def main() -> None:
    """Run what the arguments ask for."""
    asked = _asked()
    _pin(asked.workers)
    problem = Problem.from_json(parse(asked.problem.read_bytes()))
    left = max(0.1, asked.seconds - (monotonic() - STARTED))
    answer = method(asked.method)(problem, Effort(left, asked.workers, asked.seed, _told))
    seconds = monotonic() - STARTED
    _write(**_outcome(problem, answer), peak_mib=_peak_mib(), ended=round(seconds, 3))
    if answer.assignments is not None:
        _write(violations=len(check(problem, Solution("feasible", answer.assignments))))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("method")
    parser.add_argument("problem", type=Path)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def _pin(workers: int) -> None:
    """Keep to the first cores, so that every method has the same ones and no more."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:workers])


def _told(value: float | None, bound: float | None) -> None:
    _write(at=round(monotonic() - STARTED, 3), value=value, bound=bound)


def _peak_mib() -> int:
    """Return the most memory this process held; `getrusage` begins with what its parent had, Linux's VmHWM does not."""
    kibibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    status = Path("/proc/self/status")
    for line in status.read_text().splitlines() if status.exists() else ():
        if line.startswith("VmHWM:"):
            kibibytes = int(line.split()[1])
    return round(kibibytes / 1024)


def _outcome(problem: Problem, answer: Answer) -> dict[str, object]:
    if answer.assignments is None:
        return {"matched": None, "value": None, "bound": answer.bound, "mean_score": None}
    priority = {one.id: one.priority for one in problem.applications}
    score = {(pair.application, pair.host): pair.score for pair in problem.pairs}
    scores = [score[row.application, row.host] for row in answer.assignments]
    return {
        "matched": len(scores),
        "value": sum(priority[row.application] for row in answer.assignments),
        "bound": answer.bound,
        "mean_score": round(sum(scores) / len(scores), 1) if scores else None,
    }


def _write(**row: object) -> None:
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
