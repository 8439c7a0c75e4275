"""What rounds take beside the solve: from a closed call to a stored and checked result, and what their pages ask."""

import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import click
from flask import Flask

import matching
from mobility.accounts.enums import Role
from mobility.core.db import db
from mobility.core.queue import work
from mobility.exchanges import services as exchanges
from mobility.exchanges.enums import Side
from mobility.rounds import declines, problem, results, services
from mobility.rounds.enums import RunStatus
from mobility.rounds.models import Round, Run
from mobility.rounds.solver import Options
from tests import databases
from tests.bench import table
from tests.bench.crawl import Page
from tests.bench.market import make_crowd
from tests.bench.site import Site, served
from tests.bench.statements import statements
from tests.bench.visitor import COOKIE
from tests.bench.weight import chromium, weight
from tests.make.accounts import make_user, sign_in

# Visitors, hosts, hosts that suit each visitor, seconds to solve, most seconds for all besides the solve.
SIZES = ((1_000, 200, 12, 30, 5), (10_000, 1_500, 12, 60, 15))
SMALL, LARGE = (100, 30), (1_000, 200)
SUITING = 12
QUICK_S = 10
# A worker that does not wait shuts down at once: its jobs may take as long.
LONGEST_JOB_S = 600
MOST_STATEMENTS, MOST_BYTES = 12, 60_000
HEADER = ("size", "step", "seconds", "of our processor", "over")
PAGES_HEADER = ("page", "SQL small", "SQL large", "kB gzip", "over")
# What is done once, beside the solve: where it is found, and what to call it.
STEPS: tuple[tuple[Any, str, str], ...] = (
    (services, "_inputs", "freeze: read"),
    (problem, "build", "freeze: build"),
    (services, "_keep", "freeze: store pairs"),
    (matching, "check", "worker: check"),
    (results, "keep", "worker: store"),
)
BEFORE = (
    "/rounds",
    "/rounds/{round}",
    "/rounds/{round}/solve",
    "/rounds/{round}/runs/1",
    "/rounds/{round}/runs/1/unmatched",
    "/rounds/{round}/compare",
    "/rounds/{round}/runs/1/publish",
)
PUBLISHED = (
    "/rounds/{round}",
    "/rounds/{round}/runs/1",
    "/rounds/{round}/runs/1/gains",
    "/rounds/{round}/runs/1/reserve",
    "/rounds/{after}/answers",
    "/exchanges/calendar",
)


def bench_rounds() -> None:
    """Measure both sizes and the pages; fail where something is over."""
    rows, over = [], False
    for size in SIZES:
        found = _solved(*size)
        rows += found
        over |= any(row[-1] for row in found)
    click.echo(f"Rounds: about {SUITING} hosts suit each visitor, a run of the worker in a child process.\n")
    table.publish("rounds", HEADER, rows)
    small, large = _pages(*SMALL), _pages(*LARGE)
    pages = [_page_row(path, small[path], large[path]) for path in large]
    click.echo(f"\nPages of a round of {SMALL[0]} × {SMALL[1]} and of {LARGE[0]:,} × {LARGE[1]}.\n")
    table.publish("round-pages", PAGES_HEADER, pages)
    if over or any(row[-1] for row in pages):
        sys.exit("\nRounds are over a limit.")


class _Watch:
    """Seconds of each step, by the clock and by our processor."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.processor: dict[str, float] = defaultdict(float)

    @contextmanager
    def over(self, step: str) -> Iterator[None]:
        began, spent = time.monotonic(), time.process_time()
        try:
            yield
        finally:
            self.seconds[step] += time.monotonic() - began
            self.processor[step] += time.process_time() - spent

    def watched(self, do: Callable[..., Any], step: str) -> Callable[..., Any]:
        def timed(*arguments: Any, **named: Any) -> Any:
            with self.over(step):
                return do(*arguments, **named)

        return timed


def _solved(visitors: int, hosts: int, suiting: int, limit_s: int, most_s: int) -> list[list[table.Cell]]:
    size, watch = f"{visitors:,} × {hosts:,}", _Watch()
    click.echo(f"  {size}", err=True)
    with _app() as (app, _address), app.app_context(), ExitStack() as stack:
        round_ = services.open_round(make_crowd(visitors, hosts, suiting), actor=None)
        db.session.commit()
        for owner, name, step in STEPS:
            stack.enter_context(patch.object(owner, name, watch.watched(getattr(owner, name), step)))
        with watch.over("freeze"):
            services.freeze(round_, actor=None)
            db.session.commit()
        with watch.over("worker"):
            run, child_s = _run(app, round_, limit_s)
        solve_s = float((run.solution or {})["seconds"])
        pairs = (round_.picture or {})["pairs"]
    besides_s = watch.seconds["freeze"] + watch.seconds["worker"] - solve_s
    rest = [
        ["pairs", pairs, None],
        ["solve and explain (child)", solve_s, child_s],
        ["besides the solve", besides_s, watch.processor["freeze"] + watch.processor["worker"]],
    ]
    steps = [[step, watch.seconds[step], watch.processor[step]] for step in sorted(watch.seconds)]
    return [
        [
            size,
            step,
            *(None if one is None else round(one, 2) for one in figures),
            _verdict(step, figures[0], most_s),
        ]
        for step, *figures in [*steps, *rest]
    ]


def _verdict(step: str, seconds: float, most_s: int) -> str:
    return "time" if step == "besides the solve" and seconds > most_s else ""


def _run(
    app: Flask, round_: Round, limit_s: int, goals: tuple[str, ...] = ("priority", "score")
) -> tuple[Run, float]:
    """A run as the worker makes it, and the processor seconds of its child."""
    run = services.solve(round_, Options(goals, limit_s), actor=None)
    run_id = run.id
    db.session.commit()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _drain(app)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = db.session.get_one(Run, run_id, populate_existing=True)
    if found.status is not RunStatus.SOLVED:
        raise RuntimeError(f"the run is {found.status}: {found.failure}")
    return found, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _drain(app: Flask) -> None:
    work(
        app,
        wait=False,
        listen_notify=False,
        install_signal_handlers=False,
        shutdown_graceful_timeout=LONGEST_JOB_S,
    )


def _pages(visitors: int, hosts: int) -> dict[str, tuple[int, int]]:
    """Of each page its statements, and its bytes with all it brings along."""
    click.echo(f"  pages of {visitors:,} × {hosts:,}", err=True)
    with _app() as (app, address), served("wsgi:app", address, "/health/ready") as port:
        with app.app_context():
            officer = make_user(Role.SUPPORT_OFFICER)
            client = app.test_client()
            sign_in(client, officer)
            cookie = client.get_cookie(COOKIE)
            assert cookie
            round_ = services.open_round(make_crowd(visitors, hosts, SUITING), actor=None)
            services.freeze(round_, actor=None)
            db.session.commit()
            _run(app, round_, QUICK_S)
            run, _child_s = _run(app, round_, QUICK_S, ("priority", "cost"))
            names, run_id = {"round": round_.reference}, run.id
        role = Role.SUPPORT_OFFICER.value
        site = Site(port, 0, app, {role: cookie.value}, [])
        found = _measured(site, BEFORE, names)
        with app.app_context():
            run = db.session.get_one(Run, run_id)
            one, *_others = services.publish(run, actor=None)
            exchanges.decline(one, Side.VISITOR, "We cannot travel.", actor=None)
            after = declines.ask(run.round, reason="A place is free", time_limit_s=QUICK_S, actor=None)
            db.session.commit()
            _drain(app)
            names["after"] = after.reference
        published = _measured(site, PUBLISHED, names)
    return found | {f"{path} (published)": figures for path, figures in published.items()}


def _measured(site: Site, paths: tuple[str, ...], names: dict[str, str]) -> dict[str, tuple[int, int]]:
    role = Role.SUPPORT_OFFICER.value
    found = {}
    with chromium() as browser:
        for path in paths:
            address = path.format(**names)
            bytes_gzip = weight(browser, site, Page(path, address, role, 0, [address])).bytes_gzip
            found[path] = statements(site.app, address, site.tokens[role]), bytes_gzip
    return found


def _page_row(path: str, small: tuple[int, int], large: tuple[int, int]) -> list[table.Cell]:
    limits = {
        "growth": small[0] != large[0],
        "SQL": large[0] > MOST_STATEMENTS,
        "kB": large[1] > MOST_BYTES,
    }
    over = ", ".join(name for name, is_over in limits.items() if is_over)
    return [path, small[0], large[0], round(large[1] / 1000, 1), over]


@contextmanager
def _app() -> Iterator[tuple[Flask, str]]:
    table.FOLDER.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        server = stack.enter_context(databases.server())
        address = stack.enter_context(databases.copy_of(databases.template(server), server))
        yield stack.enter_context(databases.app_on(address, table.FOLDER)), address
