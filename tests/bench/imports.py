"""How long files of 10,000 rows take to come in, and what a row costs."""

import csv
import io
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import click
import psutil
from schwifty import IBAN
from sqlalchemy import text

from mobility.calls.models import Call
from mobility.core.db import db
from mobility.imports.whole import IMPORTERS, import_file
from tests import databases
from tests.bench import table
from tests.make.calls import make_allotment, make_call
from tests.make.partnerships import make_partnership
from tests.statements import counted

ROWS = 10_000
WISHED = 1_500
MOST_S = 60
COUNTRIES = ("PT", "ES", "FR", "IT", "DE", "PL", "RO", "GR", "SE", "BE")
ECOSYSTEMS = ("textiles", "agri-food", "digital", "health", "mobility", "tourism", "electronics")
LANGUAGES = ("en:C1; de:B2", "fr:C2", "en:B2; pt:C2; es:B1", "it:C1; en:B1", "pl:C2")
HEADER = (
    "kind",
    "rows",
    "seconds",
    "ms of ours a row",
    "ms of the database a row",
    "statements a row",
    "over",
)
File = list[dict[str, object]]


def bench_imports() -> None:
    """Import organisations, the applications of all of them, and offers of all of them."""
    with _app(), counted() as statements:
        call = _call()
        files = {"organisations": _organisations(), "applications": _applications(), "offers": _offers()}
        rows = [_row(call, "organisations", files["organisations"], statements)]
        import_file("offers", _csv("offers", files["offers"][:WISHED]), call)
        db.session.commit()
        rows += [_row(call, kind, files[kind], statements) for kind in ("applications", "offers")]
    click.echo(f"Imports: files of {ROWS:,} rows, within {MOST_S} s each.\n")
    table.publish("imports", HEADER, rows)


@contextmanager
def _app() -> Iterator[None]:
    table.FOLDER.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        server = stack.enter_context(databases.server())
        address = stack.enter_context(databases.copy_of(databases.template(server), server))
        app = stack.enter_context(databases.app_on(address, table.FOLDER))
        stack.enter_context(app.app_context())
        yield


def _call() -> Call:
    call = make_call()
    for number in range(20):
        partnership = make_partnership(
            code=f"P{number}",
            country=COUNTRIES[number % len(COUNTRIES)],
            ecosystems=(ECOSYSTEMS[number % len(ECOSYSTEMS)],),
        )
        make_allotment(call, partnership)
    db.session.commit()
    return call


def _row(call: Call, kind: str, file: File, statements: Sequence[str]) -> list[table.Cell]:
    content = _csv(kind, file)
    backend = psutil.Process(db.session.scalar(text("SELECT pg_backend_pid()")))
    before = (time.monotonic(), time.process_time(), _cpu_s(backend), len(statements))
    import_file(kind, content, call)
    db.session.commit()
    after = (time.monotonic(), time.process_time(), _cpu_s(backend), len(statements))
    wall_s, ours_s, theirs_s, asked = (late - early for late, early in zip(after, before, strict=True))
    return [
        kind,
        len(file),
        round(wall_s, 1),
        *(round(1000 * seconds / len(file), 2) for seconds in (ours_s, theirs_s)),
        round(asked / len(file), 2),
        "time" * (wall_s > MOST_S),
    ]


def _cpu_s(process: psutil.Process) -> float:
    spent = process.cpu_times()
    return float(spent.user + spent.system)


def _csv(kind: str, file: File) -> bytes:
    page = io.StringIO()
    writer = csv.DictWriter(page, [column.name for column in IMPORTERS[kind].columns])
    writer.writeheader()
    writer.writerows(file)
    return page.getvalue().encode()


def _party(number: int) -> dict[str, object]:
    return {"organisation": f"R{number:05d}", "organisation_country": COUNTRIES[number % len(COUNTRIES)]}


def _organisations() -> File:
    return [
        {
            "registration": f"R{number:05d}",
            "name": f"Fios e Malhas {number}",
            "type": "sme",
            "country": COUNTRIES[number % len(COUNTRIES)],
            "town": "Guimarães",
            "latitude": "41.4",
            "longitude": "-8.3",
            "staff": number % 300,
            "turnover_eur": 1_000_000 + number,
            "cluster": f"Cluster {number % 50}",
            "cluster_has_profile": "yes",
            "account_holder": f"Fios e Malhas {number}",
            "iban": IBAN.generate("DE", bank_code="37040044", account_code=str(number)),
        }
        for number in range(ROWS)
    ]


def _offers() -> File:
    return [
        {
            "offer": f"O-{number}",
            **_party(number),
            "partnership": f"P{number % 20}",
            "title": f"See how fibre {number} is sorted",
            "description": "Two days in the mill and one in the laboratory.",
            "ecosystems": ECOSYSTEMS[number % len(ECOSYSTEMS)],
            "purposes": "learn; technology",
            "languages": LANGUAGES[number % len(LANGUAGES)],
            "windows": "2027-02-15..2027-03-19 x3; 2027-05-03..2027-05-28 x2",
            "closed": "2027-02-16..2027-02-17",
            "min_days": 3,
            "max_days": 5,
            "max_visits": 4,
            "contact_name": f"Inês Carvalho {number}",
            "contact_email": f"host{number}@example.org",
        }
        for number in range(ROWS)
    ]


def _applications() -> File:
    return [
        {
            "application": f"A-{number}",
            **_party(number),
            "person": f"Montserrat Puig {number}",
            "email": f"visitor{number}@example.org",
            "motivation": "See how it is sorted, and find somebody to spin it with.",
            "ecosystems": ECOSYSTEMS[number % len(ECOSYSTEMS)],
            "purposes": "learn; investment",
            "languages": LANGUAGES[number % len(LANGUAGES)],
            "windows": "2027-02-15..2027-03-12; 2027-05-03..2027-05-28",
            "min_days": 3,
            "max_days": 4,
            "wishes": "; ".join(f"O-{(number * 7 + step * 211) % WISHED}" for step in range(5)),
        }
        for number in range(ROWS)
    ]
