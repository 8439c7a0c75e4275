"""Looking changes nothing and runs nothing, whoever looks and whatever the address asks for."""

import csv
import io
import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import quote

import pytest

from mobility.core.db import WRITES_ON_GET
from mobility.core.workbooks import rows_of
from tests.hostile.routes import addresses, named_routes
from tests.hostile.tables import changed, digests, tell
from tests.hostile.world import World
from tests.visitor import Visitor

# So many links are followed from the addresses that are known.
FOLLOWED = 60
LISTS = (
    "/applications",
    "/hosts",
    "/organisations",
    "/organisations/alike",
    "/payments",
    "/exchanges",
    "/exchanges/calendar",
    "/imports",
    "/imports/new",
    "/rounds",
    "/payments/batches",
    "/payments/batches/new",
    "/payments/not-payable",
    "/surveys",
    "/surveys/results",
    "/calls",
    "/agreements",
    "/reports",
    "/pairs",
    "/pairs/new",
    "/catalogue",
    "/people",
    "/work",
    "/audit",
    "/audit/viewings",
    "/eligibility",
    "/partnerships",
    "/verify",
)
ARGUMENTS = (
    "q",
    "sort",
    "page",
    "status",
    "format",
    "call",
    "country",
    "partnership",
    "side",
    "type",
    "next",
    "payer",
    "of",
    "application",
    "offer",
    "language",
    "length",
    "role",
    "second",
    "account",
    "survey",
    "code",
    # What url_for would take for its own.
    "endpoint",
    "values",
    "_method",
    "_scheme",
    "_anchor",
    "_external",
)
# The fields of the pages that are asked by their address, each tried alone.
ASKED = {
    "/applications": ARGUMENTS[:11],
    "/audit": ("person", "reference", "verb", "first_day", "last_day", "page", "format"),
    "/catalogue": ("of", "q", "page", "country", "ecosystem", "language", "length"),
    "/eligibility": (
        "part",
        "country",
        "type",
        "staff",
        "turnover",
        "residence_days",
        "host_country",
        "days",
    ),
    "/partnerships": ("country", "topic"),
    "/payments/batches/new": ("payer", "call"),
    "/verify": ("code",),
}
# Who opens what is not open to an administrator.
ASKED_BY = {
    "/organisations/alike": "support_officer",
    "/imports": "support_officer",
    "/imports/new": "support_officer",
    "/catalogue": "applicant A",
    "/pairs/new": "applicant A",
    "/payments/batches/new": "finance_initiator",
}
HOSTILE_QUERIES = {
    "nothing": "",
    "NUL": "%00",
    "half a surrogate pair": "%ED%A0%80",
    "bytes that are no text": "%ff%fe",
    "2^63": str(2**63),
    "minus one": "-1",
    "many digits": "9" * 500,
    "digits of another script": quote("٣"),
    "mark-up": quote("\"><script>alert('query')</script>"),
    "patterns": quote("%_\\%"),
    "a statement": quote("'; DROP TABLE call --"),
    "3,000 signs": "x" * 3000,
}


def everything(world: World) -> list[str]:
    """The address of every GET, with the records of A in every state."""
    of = world.sides["A"].references
    meeting = [
        f"/catalogue/{of['contact offer']}?of={of['contact none']}",
        f"/catalogue/{of['contact open']}?of={of['contact offer']}",
        f"/catalogue?of={of['offer accepted']}",
    ]
    return meeting + [
        address
        for rule in named_routes(world.app, "GET")
        if rule.endpoint not in WRITES_ON_GET
        for address in addresses(rule, world, world.sides["A"])
    ]


def links_of(page: str) -> Iterator[str]:
    """The addresses on this site that a page leads to."""
    for found in re.findall(r'(?:href|action)="(/[^"#]*)"', page):
        if not found.startswith("/static"):
            yield unescape(found)


def crawled(world: World, client: Visitor, step: int) -> dict[str, str]:
    """The pages that somebody reaches from every so manieth known address, and some behind them, with their text."""
    pages: dict[str, str] = {}
    waiting = everything(world)[::step]
    for _depth in range(2):
        found: list[str] = []
        for address in waiting:
            if address not in pages:
                answer = client.get(address)
                assert answer.status_code < 500, f"{address}: {answer.status_code}"
                # A browser shows no file of a spreadsheet as a page.
                pages[address] = answer.text if answer.mimetype == "text/html" else ""
                found += links_of(pages[address])
        waiting = sorted(set(found))[:FOLLOWED]
    return pages


@pytest.mark.sweep(4)
@pytest.mark.parametrize(
    ("person", "step"),
    [("administrator", 2), ("finance_initiator", 5), ("applicant A", 4), ("host A", 5), ("officer A", 5)],
)
def test_looking_at_every_page_changes_no_table_and_runs_nothing_that_people_typed(
    world: World, person: str, step: int
) -> None:
    before = digests(world.connection)

    pages = crawled(world, world.people[person], step)

    shown = [address for address, page in pages.items() if "&lt;script&gt;alert(" in page]
    run = [address for address, page in pages.items() if "<script>alert" in page]
    assert changed(before, digests(world.connection)) == []
    assert run == []
    assert len(pages) > 40
    assert len(shown) > 5
    tell(f"{person}: {len(pages)} addresses, {len(shown)} with mark-up as text, {len(before)} tables")


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_asking_without_wanting_the_page_changes_no_table(world: World, method: str) -> None:
    before = digests(world.connection)

    for address in everything(world)[::3]:
        answer = world.people["administrator"].open(address, method=method)
        assert answer.status_code < 500, f"{method} {address}"

    assert changed(before, digests(world.connection)) == []


def test_the_letters_in_the_outbox_show_mark_up_as_text(world: World, demo: None) -> None:
    client = world.stranger()
    addresses_of_letters = set(re.findall(r"/outbox/\d+", client.get("/outbox").text))

    pages = [client.get(address).text for address in addresses_of_letters]

    assert len(pages) >= 20
    assert any("&lt;script&gt;alert(" in page for page in pages)
    assert not any("<script>alert" in page for page in pages)


@pytest.mark.parametrize(
    "address",
    [
        "/applications?format=csv",
        "/hosts?format=csv",
        "/payments?format=csv",
        "/reports?format=csv",
        "/payments/batches/{batch exported}.csv",
    ],
)
def test_no_cell_of_an_export_starts_a_formula(world: World, address: str) -> None:
    address = address.format_map(world.sides["A"].references)
    exported = world.people["administrator"].get(address).text

    cells = [cell for row in csv.reader(io.StringIO(exported.lstrip("\ufeff"))) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert [cell for cell in cells if cell.startswith("'=1+1")]


@pytest.mark.parametrize("path", ["/applications", "/hosts", "/payments", "/reports", "/audit"])
def test_a_workbook_holds_what_the_csv_holds(world: World, path: str) -> None:
    client = world.people["administrator"]

    rows = rows_of(client.get(f"{path}?format=xlsx").data)
    exported = client.get(f"{path}?format=csv").text.lstrip("\ufeff")

    assert len(rows) == len(list(csv.reader(io.StringIO(exported, newline="")))) > 2
    assert path == "/audit" or any(cell.startswith("=1+1") for row in rows for cell in row)


def hostile_queries() -> Iterator[tuple[str, str]]:
    """Each list with every argument at once, and some with one after the other."""
    for name, value in HOSTILE_QUERIES.items():
        for path in LISTS:
            yield f"{path}?{'&'.join(f'{argument}={value}' for argument in ARGUMENTS)}", name
        for path, arguments in ASKED.items():
            for argument in arguments:
                yield f"{path}?check=1&{argument}={value}", name


def test_no_query_breaks_a_list(world: World) -> None:
    before, tried = digests(world.connection), 0

    for address, name in hostile_queries():
        person = ASKED_BY.get(address.partition("?")[0], "administrator")
        answer = world.people[person].get(address)
        assert answer.status_code in {200, 302, 400, 404, 422}, f"{address[:60]} with {name}"
        assert "<script>alert" not in answer.text
        tried += 1

    assert changed(before, digests(world.connection)) == []
    tell(f"{tried} hostile queries")


def test_no_address_breaks_a_page(world: World) -> None:
    client, tried = world.people["administrator"], 0
    for rule in named_routes(world.app, "GET"):
        for name in (
            ("NUL", "half a surrogate pair", "2^63", "mark-up", "a statement") if rule.arguments else ()
        ):
            value = HOSTILE_QUERIES[name]
            path = re.sub(r"<[^>]+>", value, rule.rule)
            answer = client.get(path)
            assert answer.status_code < 500, f"{rule.rule} with {name}"
            assert "<script>alert" not in answer.text
            tried += 1
    tell(f"{tried} hostile addresses")
