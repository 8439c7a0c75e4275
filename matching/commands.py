"""What each command does. Exit codes: 0 done, 1 violations, 2 malformed or misused, 3 infeasible, 4 none in time."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

from matching.bench.command import add_bench
from matching.bench.compare import compare
from matching.check import check
from matching.files import write_whole
from matching.options import DEFAULT_GOALS, DEFAULT_TIME_LIMIT_S, Misused
from matching.problem import Problem
from matching.progress import Progress
from matching.reading import Malformed, parse
from matching.rerun import refill, rematch
from matching.solution import GOALS, Solution
from matching.solve import solve
from matching.synthetic import generate

MOST_GAINS = 20

EXIT_VIOLATIONS, EXIT_MALFORMED, EXIT_INFEASIBLE, EXIT_UNKNOWN = 1, 2, 3, 4


def main(arguments: Sequence[str], started: float) -> int:
    """Run a command and return its exit code. `started` is when the process began, on the monotonic clock."""
    asked = _parser().parse_args(arguments, argparse.Namespace(started=started))
    try:
        return int(asked.run(asked))
    except (Malformed, Misused, OSError) as fault:
        _tell(str(fault))
        return EXIT_MALFORMED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m matching", description=__doc__)
    commands = parser.add_subparsers(required=True)
    _add_solve(commands.add_parser("solve", help="assign applications to hosts and dates"))
    checking = commands.add_parser("check", help="find everything that is wrong with a solution")
    checking.add_argument("problem", type=Path)
    checking.add_argument("solution", type=Path)
    checking.set_defaults(run=_check)
    _add_explain(commands.add_parser("explain", help="say why applications are not matched"))
    gaining = commands.add_parser("sensitivity", help="tell what more places, weeks or money would gain")
    gaining.add_argument("problem", type=Path)
    gaining.add_argument("solution", type=Path)
    gaining.add_argument(
        "-o", "--output", type=Path, help="all gains as JSON; the largest are printed anyway"
    )
    gaining.set_defaults(run=_sensitivity)
    comparing = commands.add_parser("compare", help="lay two solutions of a problem side by side")
    comparing.add_argument("problem", type=Path)
    comparing.add_argument("solutions", type=Path, nargs=2, metavar="SOLUTION")
    comparing.set_defaults(run=_compare)
    _add_rerun(commands.add_parser("rerun", help="answer a decline in two ways"))
    _add_generate(commands.add_parser("generate", help="make a problem like the scheme's"))
    add_bench(commands.add_parser("bench", help="measure the engine against its peers"))
    return parser


def _add_solve(solving: argparse.ArgumentParser) -> None:
    solving.add_argument("problem", type=Path)
    solving.add_argument("-o", "--output", type=Path, help="the solution file; standard output if left out")
    solving.add_argument("--goals", default=",".join(DEFAULT_GOALS), help=f"in order, of {','.join(GOALS)}")
    solving.add_argument(
        "--time-limit", type=float, default=DEFAULT_TIME_LIMIT_S, metavar="S", help="in seconds"
    )
    solving.add_argument("--seed", type=int, default=1)
    solving.add_argument("--workers", type=int, default=2)
    solving.add_argument("--deterministic", action="store_true", help="equal inputs give equal results")
    solving.set_defaults(run=_solve)


def _add_explain(explaining: argparse.ArgumentParser) -> None:
    explaining.add_argument("problem", type=Path)
    explaining.add_argument("solution", type=Path)
    explaining.add_argument("--application", metavar="ID", help="only this one")
    explaining.add_argument("--json", action="store_true", help="with the evidence, as the format writes it")
    explaining.set_defaults(run=_explain)


def _add_rerun(again: argparse.ArgumentParser) -> None:
    again.add_argument("problem", type=Path)
    again.add_argument("solution", type=Path)
    again.add_argument("--declined", required=True, metavar="ID,…", help="who declined")
    again.add_argument("--accepted", default="", metavar="ID,…", help="who may not be moved any more")
    again.add_argument("--may-return", action="store_true", help="who declined may go to another host")
    again.add_argument("--time-limit", type=float, default=30.0, metavar="S", help="for the second answer")
    again.add_argument(
        "-o", "--output", type=Path, required=True, metavar="DIR", help="for problems and solutions"
    )
    again.set_defaults(run=_rerun)


def _add_generate(generating: argparse.ArgumentParser) -> None:
    generating.add_argument("--applications", type=int, required=True)
    generating.add_argument("--hosts", type=int, required=True)
    generating.add_argument("--seed", type=int, required=True)
    generating.add_argument("--tight", action="store_true", help="make the calendar bind")
    generating.add_argument("-o", "--output", type=Path, help="the problem file; standard output if left out")
    generating.set_defaults(run=_generate)


def _solve(asked: argparse.Namespace) -> int:
    problem = Problem.from_json(_read(asked.problem))
    used = 0.0 if asked.deterministic else monotonic() - asked.started
    solution = solve(
        problem,
        goals=[name.strip() for name in asked.goals.split(",")],
        time_limit_s=asked.time_limit,
        used_s=used,
        seed=asked.seed,
        workers=asked.workers,
        deterministic=asked.deterministic,
        progress=_show if sys.stderr.isatty() else None,
    )
    _write(asked.output, solution.to_json())
    for rule in solution.clash or ():
        _tell(f"clash: {rule}")
    return {"infeasible": EXIT_INFEASIBLE, "unknown": EXIT_UNKNOWN}.get(solution.status, 0)


def _show(progress: Progress) -> None:
    value = "-" if progress.value is None else f"{progress.value:g}"
    bound = "-" if progress.bound is None else f"{progress.bound:g}"
    _tell(f"{progress.seconds:7.1f} s  {progress.goal}: value {value}, bound {bound}")


def _check(asked: argparse.Namespace) -> int:
    problem = Problem.from_json(_read(asked.problem))
    try:
        said = parse(asked.solution.read_bytes())
    except Malformed as fault:
        _say(fault)
        return EXIT_VIOLATIONS
    violations = check(problem, said)
    for violation in violations:
        _say(violation)
    if violations:
        return EXIT_VIOLATIONS
    _say(_praise(problem, Solution.from_json(said)))
    return 0


def _praise(problem: Problem, solution: Solution) -> str:
    values = "".join(f", {goal.name} {goal.value:g}" for goal in solution.goals or ())
    matched = f"{len(solution.assignments)} of {len(problem.applications)} matched"
    return f"no violation: {matched}, {solution.status}{values}"


def _explain(asked: argparse.Namespace) -> int:
    # It needs numpy, which the other commands do without.
    from matching.explain import explain  # noqa: PLC0415

    problem = Problem.from_json(_read(asked.problem))
    rows = explain(problem, Solution.from_json(_read(asked.solution)), asked.application)
    if asked.json:
        _write(None, [row.to_json() for row in rows])
    else:
        for row in rows:
            _say(f"{row.application}: {row.code}: {row.text}")
    return 0


def _sensitivity(asked: argparse.Namespace) -> int:
    from matching.sensitivity import sensitivity  # noqa: PLC0415

    problem = Problem.from_json(_read(asked.problem))
    gains = sensitivity(problem, Solution.from_json(_read(asked.solution)))
    if asked.output is not None:
        _write(asked.output, [one.to_json() for one in gains])
    for one in sorted(gains, key=lambda one: (-one.sure, -(one.estimate or 0.0)))[:MOST_GAINS]:
        estimate = "-" if one.estimate is None else f"{one.estimate:.1f}"
        _say(f"{one.what} {one.of} +{one.by}: {one.sure} for sure, {estimate} by prices")
    return 0


def _compare(asked: argparse.Namespace) -> int:
    problem = Problem.from_json(_read(asked.problem))
    a, b = (Solution.from_json(_read(path)) for path in asked.solutions)
    for line in compare(problem, a, b).lines():
        _say(line)
    return 0


def _rerun(asked: argparse.Namespace) -> int:
    problem = Problem.from_json(_read(asked.problem))
    solution = Solution.from_json(_read(asked.solution))
    declined, accepted = _ids(asked.declined), _ids(asked.accepted)
    answers = {
        "refill": refill(problem, solution, declined, may_return=asked.may_return),
        "rematch": rematch(
            problem,
            solution,
            declined,
            accepted,
            may_return=asked.may_return,
            time_limit_s=asked.time_limit,
        ),
    }
    asked.output.mkdir(parents=True, exist_ok=True)
    for name, answer in answers.items():
        _write(asked.output / f"{name}-problem.json", answer.problem.to_json())
        _write(asked.output / f"{name}.json", answer.solution.to_json())
        _say(f"{name}: {_praise(answer.problem, answer.solution)}")
    return 0


def _ids(written: str) -> list[str]:
    return [one.strip() for one in written.split(",") if one.strip()]


def _generate(asked: argparse.Namespace) -> int:
    problem = generate(applications=asked.applications, hosts=asked.hosts, seed=asked.seed, tight=asked.tight)
    _write(asked.output, problem.to_json())
    return 0


def _say(sentence: object) -> None:
    sys.stdout.write(f"{sentence}\n")


def _tell(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


def _read(path: Path) -> object:
    return parse(path.read_bytes())


def _write(path: Path | None, value: object) -> None:
    whole = json.dumps(value, indent=1, ensure_ascii=False) + "\n"
    if path is None:
        sys.stdout.write(whole)
    else:
        write_whole(path, whole.encode())
