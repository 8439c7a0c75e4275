"""`flask rounds …`: the problem and the solution of a round as JSON, and its steps by hand."""

import json
import sys
from typing import Any

import click
from flask.cli import AppGroup

from matching import Solution
from mobility.calls.queries import call_by_reference
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.rounds import queries, scenario, services, tasks
from mobility.rounds.models import Round, Run
from mobility.rounds.solver import Options, solved

rounds = AppGroup("rounds", help="Matching rounds.")


@rounds.command("problem")
@click.argument("reference", metavar="ROUND")
@click.option("--run", "number", type=int, help="With the changes of this run.")
def problem(reference: str, number: int | None) -> None:
    """Print the frozen problem of ROUND as JSON, or that of one of its runs."""
    if number is not None:
        run = _run(reference, number)
        if not scenario.is_current(run, run.round):
            raise click.ClickException(
                f"{reference} was frozen anew since run {number}: its problem is gone."
            )
        _print(scenario.problem_of(run), "")
    else:
        _print(_round(reference).problem, f"{reference} is not frozen: it has no problem yet.")


@rounds.command("solution")
@click.argument("reference", metavar="ROUND")
def solution(reference: str) -> None:
    """Print the published solution of ROUND as JSON, or the last one solved."""
    run = queries.solved_run(_round(reference))
    _print(run.solution if run else None, f"{reference} has no solved run yet.")


@rounds.command("open")
@click.argument("reference", metavar="CALL")
def open_round(reference: str) -> None:
    """Open a round of CALL and print its reference."""
    call = call_by_reference(reference)
    if call is None:
        raise click.ClickException(f"There is no call {reference}.")
    opened = services.open_round(call, actor=None)
    db.session.commit()
    click.echo(opened.reference)


@rounds.command("freeze")
@click.argument("reference", metavar="ROUND")
def freeze(reference: str) -> None:
    """Freeze ROUND."""
    services.freeze(_round(reference), actor=None)
    db.session.commit()


@rounds.command("solve")
@click.argument("reference", metavar="ROUND")
@click.option("--goals", default="priority,score", show_default=True, help="Goals in order.")
@click.option("--time-limit", "time_limit_s", type=click.IntRange(1, 3600), default=60, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--deterministic", is_flag=True, help="The same seed gives the same visits.")
def solve(reference: str, goals: str, time_limit_s: int, seed: int, deterministic: bool) -> None:
    """Queue a run of ROUND for the worker and print its number."""
    names = tuple(goals.split(","))
    if unknown := [name for name in names if name not in services.GOALS]:
        raise click.ClickException(f"'{unknown[0]}' is no goal: write some of {', '.join(services.GOALS)}.")
    run = services.solve(_round(reference), Options(names, time_limit_s, seed, deterministic), actor=None)
    db.session.commit()
    click.echo(str(run.number))


@rounds.command("publish")
@click.argument("reference", metavar="ROUND")
@click.argument("number", type=int, metavar="RUN")
def publish(reference: str, number: int) -> None:
    """Publish run RUN of ROUND."""
    proposals = services.publish(_run(reference, number), actor=None)
    db.session.commit()
    click.echo(f"{len(proposals)} proposals")


@rounds.command("replay")
@click.argument("reference", metavar="ROUND")
@click.argument("number", type=int, metavar="RUN")
def replay(reference: str, number: int) -> None:
    """Solve run RUN of ROUND again, with its changes, and say whether the result has the same hash."""
    run = _run(reference, number)
    _refuse_replay(run)
    found = solved(scenario.problem_of(run), tasks.options_of(run))
    if found.result != run.result_sha256:
        raise click.ClickException(f"{found.result} now, {run.result_sha256} then ({_engines(run, found)}).")
    click.echo(f"{found.result} as then")


def _refuse_replay(run: Run) -> None:
    if not run.result_sha256:
        raise click.ClickException(f"Run {run.number} has no result.")
    if not run.is_deterministic:
        raise click.ClickException(f"Run {run.number} was not asked to be repeatable.")
    if not scenario.is_current(run, run.round):
        raise click.ClickException(f"Run {run.number} is of an earlier freezing, which is not kept.")


def _engines(run: Run, found: Solution) -> str:
    return f"engine {(run.solution or {}).get('engine')} then, {found.engine} now"


def _round(reference: str) -> Round:
    try:
        return queries.round_by(reference)
    except NotFound:
        raise click.ClickException(f"There is no round {reference}.") from None


def _run(reference: str, number: int) -> Run:
    try:
        return queries.run_by(reference, number)
    except NotFound:
        raise click.ClickException(f"There is no run {number} of {reference}.") from None


def _print(value: dict[str, Any] | None, otherwise: str) -> None:
    if value is None:
        raise click.ClickException(otherwise)
    json.dump(value, sys.stdout, indent=1)
    sys.stdout.write("\n")
