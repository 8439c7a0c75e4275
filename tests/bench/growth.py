"""What pages take with 20,000 applications against 1,000, and what two web workers weigh."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from statistics import median
from time import sleep

import click
import psutil
from flask import Flask
from sqlalchemy import text

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications.enums import ApplicationStatus
from mobility.core.db import db
from mobility.rounds.services import open_round
from mobility.serve import web_command
from tests import databases
from tests.bench import table
from tests.bench.site import served
from tests.bench.visitor import COOKIE, Visitor
from tests.make.accounts import make_user, sign_in
from tests.make.applications import make_application
from tests.make.calls import make_call
from tests.make.hosts import make_offer
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.processes import environment, free_port, running, wait_until_ready

ROOMS = (
    "/work",
    "/dashboard",
    "/pairs",
    "/exchanges",
    "/exchanges/calendar",
    "/agreements",
    "/reports",
    "/payments",
    "/surveys",
)
SMALL, LARGE = 1_000, 20_000
MOST_TIMES_SMALL = 1.3
MOST_MIB = 300
TIMES = 31
HEADER = (
    "page",
    "role",
    f"ms at {SMALL:,}",
    f"ms at {LARGE:,}",
    f"bare at {SMALL:,}",
    f"bare at {LARGE:,}",
    "growth",
    "over",
)
Ports = tuple[int, int]

# Copies of the newest submitted application, each of an organisation of its own; every third is accepted.
COPIES = """
WITH pattern AS (SELECT * FROM application WHERE reference = :reference),
     home AS (SELECT * FROM organisation WHERE id = (SELECT organisation_id FROM pattern)),
     numbered AS (SELECT n FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n),
     homes AS (
        INSERT INTO organisation ({organisation})
        SELECT {home} FROM home, numbered RETURNING id, registration)
INSERT INTO application ({application})
SELECT {copy} FROM pattern, homes, LATERAL (SELECT split_part(homes.registration, '#', 2)::bigint AS n) AS number
"""
WINDOWS = """
INSERT INTO application_window (application_id, first_day, last_day)
SELECT copy.id, own.first_day, own.last_day FROM application AS copy, application_window AS own
WHERE copy.reference LIKE 'CPY-%' AND own.application_id = (SELECT id FROM application WHERE reference = :reference)
  AND NOT EXISTS (SELECT FROM application_window AS had WHERE had.application_id = copy.id)
"""
# As autovacuum leaves it: a snapshot that is still held keeps index-only scans off.
VACUUMS = 30
SEEN_BY_ALL = text("SELECT relallvisible >= relpages - 5 FROM pg_class WHERE relname = 'application'")


def bench_growth() -> None:
    """Measure the same pages twice, and the processes that serve them."""
    with _site() as (app, ports, tokens, pages, pattern, server):
        with app.app_context():
            _grow(pattern, 0, SMALL)
        small = {page: _ms(ports, tokens, *page) for page in pages}
        with app.app_context():
            _grow(pattern, SMALL, LARGE)
        large = {page: _ms(ports, tokens, *page) for page in pages}
        master_mib, *workers_mib = [_pss(process) for process in server]
    click.echo(f"Growth: median of {TIMES} requests with {SMALL:,} and {LARGE:,} applications.\n")
    table.publish("growth", HEADER, [_row(page, small[page], large[page]) for page in pages])
    weight_mib = sum(workers_mib)
    verdict = "within" if weight_mib <= MOST_MIB else "over"
    click.echo(
        f"\n{len(workers_mib)} web workers: {weight_mib:.0f} MiB, {verdict} {MOST_MIB} MiB;"
        f" their master: {master_mib:.0f} MiB."
    )


def _row(page: tuple[str, str], small: tuple[float, float], large: tuple[float, float]) -> list[table.Cell]:
    """`small` and `large` in milliseconds and in times of the bare page; growth is that of the second."""
    growth = large[1] / small[1]
    shown = (
        *(round(ms, 1) for ms, _bare in (small, large)),
        *(round(bare, 1) for _ms, bare in (small, large)),
    )
    return [*page, *shown, round(growth, 2), "growth" * (growth > MOST_TIMES_SMALL)]


@contextmanager
def _site() -> Iterator[
    tuple[Flask, Ports, dict[str, str], list[tuple[str, str]], str, list[psutil.Process]]
]:
    table.FOLDER.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        address = stack.enter_context(databases.server())
        own = stack.enter_context(databases.copy_of(databases.template(address), address))
        app = stack.enter_context(databases.app_on(own, table.FOLDER))
        with app.app_context(), redirect_stdout(sys.stderr):
            people, pages, pattern = _arrange()
            tokens = {name: _token(app, person) for name, person in people.items()}
        port = free_port()
        settings = environment(DATABASE_URL=own, PORT=str(port), VAR=str(table.FOLDER))
        log = table.FOLDER / "growth.log"
        process = stack.enter_context(running(web_command(port), settings, log))
        wait_until_ready(port, log)
        master = psutil.Process(process.pid)
        bare_port = stack.enter_context(served("tests.bench.bare:app", own, "/"))
        yield app, (port, bare_port), tokens, pages, pattern, [master, *master.children(recursive=True)]


def _arrange() -> tuple[dict[str, User], list[tuple[str, str]], str]:
    call, partnership = make_call(), make_partnership()
    applicant, host = make_user(Role.APPLICANT), make_user(Role.HOST)
    offer, round_ = make_offer(call=call, author=host), open_round(call, actor=None)
    draft = make_application(
        call=call,
        author=applicant,
        organisation=make_organisation(),
        partnership=partnership,
        status=ApplicationStatus.DRAFT,
    )
    pattern = make_application(call=call, partnership=partnership, status=ApplicationStatus.SUBMITTED)
    people = {
        "support_officer": make_user(Role.SUPPORT_OFFICER),
        "partnership_officer": make_user(Role.PARTNERSHIP_OFFICER, partnership=partnership),
        "applicant": applicant,
        "host": host,
    }
    db.session.commit()
    staff = [
        (path, role)
        for role in ("support_officer", "partnership_officer")
        for path in (
            "/applications",
            f"/applications?status=submitted&call={call.reference}",
            "/organisations",
            "/hosts",
            f"/applications/{pattern.reference}",
            f"/calls/{call.reference}",
            *ROOMS,
        )
    ]
    own = ["/dashboard", "/applications", f"/applications/{draft.reference}/edit/hosts", "/hosts"]
    pages = [
        *staff,
        (f"/rounds/{round_.reference}", "support_officer"),
        *((path, "applicant") for path in own),
        (f"/catalogue?of={offer.reference}", "host"),
    ]
    return people, pages, pattern.reference


def _grow(pattern: str, first: int, last: int) -> None:
    """Fill up to so many applications."""
    organisation = _columns(
        "organisation",
        registration="home.registration || '#' || numbered.n",
        name="home.name || ' ' || numbered.n",
    )
    application = _columns(
        "application",
        reference="'CPY-2000-' || number.n",
        organisation_id="homes.id",
        author_id="NULL",
        status="CASE number.n % 3 WHEN 0 THEN 'accepted' ELSE pattern.status END",
        submitted_at="pattern.submitted_at - number.n * interval '1 second'",
    )
    statement = COPIES.format(
        organisation=", ".join(organisation),
        home=", ".join(organisation.values()).replace("source.", "home."),
        application=", ".join(application),
        copy=", ".join(application.values()).replace("source.", "pattern."),
    )
    values = {"reference": pattern, "first": first + 1, "last": last}
    db.session.execute(text(statement), values)
    db.session.execute(text(WINDOWS), {"reference": pattern})
    db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for _ in range(VACUUMS):
            connection.execute(text("VACUUM ANALYZE"))
            if connection.execute(SEEN_BY_ALL).scalar():
                return
            sleep(1)
    raise RuntimeError("something holds on to an old snapshot: applications are not visible to all")


def _columns(table_name: str, **changed: str) -> dict[str, str]:
    columns = [column.name for column in db.metadata.tables[table_name].columns if column.name != "id"]
    return {column: changed.get(column, f"source.{column}") for column in columns}


def _token(app: Flask, person: User) -> str:
    client = app.test_client()
    sign_in(client, person)
    cookie = client.get_cookie(COOKIE)
    assert cookie
    return cookie.value


def _ms(ports: Ports, tokens: dict[str, str], path: str, role: str) -> tuple[float, float]:
    """Milliseconds of a page, and times a bare page asked in turn: a machine that slows down is no growth."""
    with Visitor(ports[0], tokens[role]) as visitor, Visitor(ports[1]) as other:
        pairs = [(visitor.get(path), other.get("/")) for _ in range(TIMES)]
    if pairs[-1][0].status != 200:
        raise RuntimeError(f"{path} as {role} answers {pairs[-1][0].status}")
    page, bare = (median(answer.seconds for answer in answers) for answers in zip(*pairs[3:], strict=True))
    return 1000 * page, page / bare


def _pss(process: psutil.Process) -> float:
    """What a process weighs in MiB; memory it shares counts by its share."""
    return process.memory_full_info().pss / 2**20
