"""What pages take with 20,000 applications and lists with 100,000 against 1,000, and what two web workers weigh."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from itertools import pairwise
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
from tests.bench.statements import statements
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
# Lists and searches, as the address asks for them: words of many names, of one, of none, of a town.
SEARCHES = ("q=Solarwerk", "q=Solarwerk+000077", "q=zzyzx", "q=Ghent")
LISTS = {
    "/applications": (
        "q=CPY-2000-000777",
        "page=40",
        "q=Ana",
        "status=submitted",
        "status=accepted",
        "status=held",
        "officer=nobody",
        "sort=organisation",
        "sort=-reference",
        "sort=country",
        "sort=partnership",
        "sort=status",
    ),
    "/hosts": ("q=OCP-2000-000077", "q=Porto", "country=PT", "sort=title", "sort=-dates", "sort=country"),
    "/organisations": (
        "page=40",
        "q=%23000777",
        "country=BE",
        "type=sme",
        "sort=-name",
        "sort=town",
        "sort=staff",
    ),
    "/organisations/alike": (),
}
CATALOGUE = ("", "q=Solarwerk", "q=zzyzx", "q=Ghent", "country=PT", "country=BE", "language=en")
SMALL = 1_000
# Issue 3 asks it of every page, issue 5 of lists and searches.
EVERY_PAGE, LISTED = 20_000, 100_000
SIZES = (SMALL, EVERY_PAGE, LISTED)
# Of so many organisations one is a host.
VISITORS_PER_HOST = 10
MOST_TIMES_SMALL = 1.3
MOST_MIB = 300
TIMES = 31
Ports = tuple[int, int]

# Copies of a record, each of an organisation of its own.
COPIES = """
WITH pattern AS (SELECT * FROM {table} WHERE reference = :reference),
     home AS (SELECT * FROM organisation WHERE id = (SELECT organisation_id FROM pattern)),
     numbered AS (SELECT lpad(n::text, 6, '0') AS n
                  FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n),
     homes AS (
        INSERT INTO organisation ({organisation})
        SELECT {home} FROM home, numbered RETURNING id, registration)
INSERT INTO {table} ({columns})
SELECT {copy} FROM pattern, homes, LATERAL (SELECT split_part(homes.registration, '#', 2) AS n) AS number
"""
WINDOWS = """
INSERT INTO {table}_window ({table}_id, {columns})
SELECT copy.id, {columns} FROM {table} AS copy, {table}_window AS own
WHERE copy.reference LIKE :copies AND own.{table}_id = (SELECT id FROM {table} WHERE reference = :reference)
  AND NOT EXISTS (SELECT FROM {table}_window AS had WHERE had.{table}_id = copy.id)
"""
# One pair for each twenty organisations.
LIKENESSES = """
INSERT INTO likeness (one_id, other_id, reasons, status, found_at, version)
SELECT id, id + 1, '["name"]', 'open', now() - id * interval '1 second', 1 FROM organisation
WHERE id % 20 = 0 AND EXISTS (SELECT FROM organisation AS other WHERE other.id = organisation.id + 1)
ON CONFLICT DO NOTHING
"""
# As autovacuum leaves it: a snapshot that is still held keeps index-only scans off.
VACUUMS = 30
SEEN_BY_ALL = text("SELECT relallvisible >= relpages - 5 FROM pg_class WHERE relname = 'application'")


@dataclass(frozen=True)
class Page:
    """A page, for whom, and with how many applications it is looked at."""

    path: str
    role: str
    sizes: tuple[int, ...]


@dataclass
class Taken:
    """What a page takes by size: milliseconds, the same in times of the bare page, statements."""

    ms: dict[int, float] = field(default_factory=dict)
    bare: dict[int, float] = field(default_factory=dict)
    statements: dict[int, int] = field(default_factory=dict)

    @property
    def growth(self) -> dict[int, float]:
        """Of the times of the bare page: a machine that slows down is no growth."""
        return {size: bare / self.bare[SMALL] for size, bare in self.bare.items() if size != SMALL}

    @property
    def over(self) -> list[str]:
        grows = any(growth > MOST_TIMES_SMALL for growth in self.growth.values())
        return ["growth"] * grows + ["SQL"] * (len({*self.statements.values()}) > 1)


def bench_growth() -> None:
    """Measure the same pages at each size, and the processes that serve them."""
    with _site() as (app, ports, tokens, pages, patterns, server):
        taken = {page: Taken() for page in pages}
        for before, size in pairwise((0, *SIZES)):
            with app.app_context():
                _grow(patterns, before, size)
            for page in pages:
                if size in page.sizes:
                    _measure(app, ports, tokens[page.role], page, size, taken[page])
            if size == EVERY_PAGE:
                master_mib, *workers_mib = [_pss(process) for process in server]
    click.echo(f"Growth: median of {TIMES} requests, by the number of applications.\n")
    table.publish("growth", HEADER, [_row(page, found) for page, found in taken.items()])
    weight_mib = sum(workers_mib)
    verdict = "within" if weight_mib <= MOST_MIB else "over"
    click.echo(
        f"\n{len(workers_mib)} web workers: {weight_mib:.0f} MiB, {verdict} {MOST_MIB} MiB;"
        f" their master: {master_mib:.0f} MiB."
    )
    if differing := [page.path for page, found in taken.items() if "SQL" in found.over]:
        sys.exit(f"The number of statements depends on the number of applications: {', '.join(differing)}")


HEADER = (
    "page",
    "role",
    *(f"ms at {size:,}" for size in SIZES),
    *(f"bare at {size:,}" for size in SIZES),
    *(f"growth to {size:,}" for size in SIZES[1:]),
    "SQL",
    "over",
)


def _row(page: Page, found: Taken) -> list[table.Cell]:
    return [
        page.path,
        page.role,
        *(_rounded(found.ms.get(size), 1) for size in SIZES),
        *(_rounded(found.bare.get(size), 1) for size in SIZES),
        *(_rounded(found.growth.get(size), 2) for size in SIZES[1:]),
        "/".join(map(str, dict.fromkeys(found.statements.values()))),
        ", ".join(found.over),
    ]


def _rounded(number: float | None, places: int) -> float | None:
    return None if number is None else round(number, places)


@contextmanager
def _site() -> Iterator[
    tuple[Flask, Ports, dict[str, str], list[Page], dict[str, str], list[psutil.Process]]
]:
    table.FOLDER.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        address = stack.enter_context(databases.server())
        own = stack.enter_context(databases.copy_of(databases.template(address), address))
        app = stack.enter_context(databases.app_on(own, table.FOLDER))
        with app.app_context(), redirect_stdout(sys.stderr):
            people, pages, patterns = _arrange()
            tokens = {name: _token(app, person) for name, person in people.items()}
        port = free_port()
        settings = environment(DATABASE_URL=own, PORT=str(port), VAR=str(table.FOLDER))
        log = table.FOLDER / "growth.log"
        process = stack.enter_context(running(web_command(port), settings, log))
        wait_until_ready(port, log)
        master = psutil.Process(process.pid)
        bare_port = stack.enter_context(served("tests.bench.bare:app", own, "/"))
        yield app, (port, bare_port), tokens, pages, patterns, [master, *master.children(recursive=True)]


def _arrange() -> tuple[dict[str, User], list[Page], dict[str, str]]:
    """The people, the pages they look at, and by table the record that is copied."""
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
    own = make_application(call=call, author=applicant, partnership=partnership)
    pattern = make_application(call=call, partnership=partnership, status=ApplicationStatus.SUBMITTED)
    people = {
        "support_officer": make_user(Role.SUPPORT_OFFICER),
        "partnership_officer": make_user(Role.PARTNERSHIP_OFFICER, partnership=partnership),
        "applicant": applicant,
        "host": host,
    }
    db.session.commit()
    rooms = [f"/applications/{pattern.reference}", f"/calls/{call.reference}", *ROOMS]
    rooms.append(f"/applications?status=submitted&call={call.reference}")
    applicants = ["/dashboard", f"/applications/{draft.reference}/edit/hosts"]
    asked = {
        "support_officer": [*LISTS],
        "partnership_officer": ["/applications", "/hosts", "/organisations"],
        "applicant": ["/applications", "/hosts"],
        "host": ["/hosts"],
    }
    of = {
        "partnership_officer": own.reference,
        "applicant": own.reference,
        "host": offer.reference,
    }
    pages = [
        *(
            Page(path, role, SIZES[:2])
            for role in ("support_officer", "partnership_officer")
            for path in rooms
        ),
        Page(f"/rounds/{round_.reference}", "support_officer", SIZES[:2]),
        *(Page(path, "applicant", SIZES[:2]) for path in applicants),
        *(Page(path, role, SIZES) for role, paths in asked.items() for path in paths),
        *(
            Page(f"{path}?{how}", role, (SMALL, LISTED))
            for role, paths in asked.items()
            for path in paths
            for how in (*(SEARCHES if LISTS[path] else ()), *LISTS[path])
        ),
        *(
            Page(f"/catalogue?of={reference}&{how}", role, SIZES if not how else (SMALL, LISTED))
            for role, reference in of.items()
            for how in CATALOGUE
        ),
    ]
    return people, pages, {"application": pattern.reference, "offer": offer.reference}


def _grow(patterns: dict[str, str], first: int, last: int) -> None:
    """Fill up to so many applications, every third accepted, and hosts."""
    one_in_three = {"status": "CASE number.n::int % 3 WHEN 0 THEN 'accepted' ELSE pattern.status END"}
    _copy("application", "CPY", patterns["application"], first, last, one_in_three)
    _copy("offer", "OCP", patterns["offer"], first // VISITORS_PER_HOST, last // VISITORS_PER_HOST, {})
    db.session.execute(text(LIKENESSES))
    db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for _ in range(VACUUMS):
            connection.execute(text("VACUUM ANALYZE"))
            if connection.execute(SEEN_BY_ALL).scalar():
                return
            sleep(1)
    raise RuntimeError("something holds on to an old snapshot: applications are not visible to all")


def _copy(name: str, prefix: str, pattern: str, first: int, last: int, changed: dict[str, str]) -> None:
    organisation = _columns(
        "organisation",
        registration="home.registration || '#' || numbered.n",
        name="home.name || ' ' || numbered.n",
        name_folded="home.name_folded || ' ' || numbered.n",
    )
    copied = _columns(
        name,
        reference=f"'{prefix}-2000-' || number.n",
        organisation_id="homes.id",
        author_id="NULL",
        submitted_at="pattern.submitted_at - number.n::int * interval '1 second'",
        **changed,
    )
    statement = COPIES.format(
        table=name,
        organisation=", ".join(organisation),
        home=", ".join(organisation.values()).replace("source.", "home."),
        columns=", ".join(copied),
        copy=", ".join(copied.values()).replace("source.", "pattern."),
    )
    db.session.execute(text(statement), {"reference": pattern, "first": first + 1, "last": last})
    columns = ", ".join(_columns(f"{name}_window").keys() - {f"{name}_id"})
    windows = WINDOWS.format(table=name, columns=columns)
    db.session.execute(text(windows), {"reference": pattern, "copies": f"{prefix}-%"})


def _columns(table_name: str, **changed: str) -> dict[str, str]:
    columns = [column.name for column in db.metadata.tables[table_name].columns if column.name != "id"]
    return {column: changed.get(column, f"source.{column}") for column in columns}


def _token(app: Flask, person: User) -> str:
    client = app.test_client()
    sign_in(client, person)
    cookie = client.get_cookie(COOKIE)
    assert cookie
    return cookie.value


def _measure(app: Flask, ports: Ports, token: str, page: Page, size: int, taken: Taken) -> None:
    """Ask for the page and a bare one in turn, and count the page's statements."""
    with Visitor(ports[0], token) as visitor, Visitor(ports[1]) as other:
        answers = [(visitor.get(page.path), other.get("/")) for _ in range(TIMES)]
    if answers[-1][0].status != 200:
        raise RuntimeError(f"{page.path} as {page.role} answers {answers[-1][0].status}")
    seconds, bare = (median(one.seconds for one in of) for of in zip(*answers[3:], strict=True))
    taken.ms[size], taken.bare[size] = 1000 * seconds, seconds / bare
    # Now and then a page also counts on a session or asks for the clock.
    taken.statements[size] = min(statements(app, page.path, token) for _turn in range(3))


def _pss(process: psutil.Process) -> float:
    """What a process weighs in MiB; memory it shares counts by its share."""
    return process.memory_full_info().pss / 2**20
