"""Every hostile import file: status 1, words that name row, column and reason, and nothing changed."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from mobility.calls.models import Call
from mobility.core.db import db
from mobility.imports.commands import import_records
from mobility.imports.whole import IMPORTERS
from tests.hostile.tables import changed, digests, tell
from tests.hostile.world import World
from tests.imports.rows import APPLICATION, CLUSTER, OFFER, PARTNERSHIP, ROWS, WEAVER
from tests.make.calls import make_call

KINDS = list(IMPORTERS)
Run = Callable[..., Result]
NUL, MEGABYTE = "a\0b", "x" * 2**20
MARK_UP = "<script>alert('import')</script>"
HOSTILE_CELLS = {"NUL": NUL, "1 MB": MEGABYTE, "replaced": "a\ufffdb"}
WRONG_CELLS = {
    "partnerships": {
        "partnership": [MARK_UP, "two words", ""],
        "country": ["XX", "=1+1", ""],
        "email": ["nobody", "a@b@c", "=HYPERLINK(1)"],
        "budget_eur": ["-1", "1e9", "9223372036854775808", "NaN", "=1+1", "١"],
        "planned_exchanges": ["-1", "1.5", "9223372036854775808", "=1"],
        "ecosystems": ["fun", MARK_UP],
    },
    "organisations": {
        "country": ["US", "", MARK_UP],
        "type": ["club", "=1"],
        "town": ["Nowhere at all", MARK_UP, "=1+1"],
        "partnership": ["NOBODY", MARK_UP],
        "region": ["ZZ99", "=1"],
    },
    "offers": {
        "organisation": ["1", MARK_UP],
        "windows": [
            "2027-02-30..2027-03-19 x1",
            "soon",
            "=1+1",
            "99999-01-01 x1",
            "2027-02-15..2027-02-16 x9223372036854775808",
        ],
        "min_days": ["0", "-1", "9223372036854775808", "=1"],
        "contact_email": ["nobody", MARK_UP],
        "languages": ["xx:C1", "en", MARK_UP],
    },
    "applications": {
        "organisation": ["1", MARK_UP],
        "windows": ["2027-02-30..2027-03-19", "=1+1", "2027-03-01..2027-02-01"],
        "max_days": ["0", "9223372036854775808", "٣"],
        "email": ["nobody", "=1+1"],
        "wishes": ["NONE-1", MARK_UP],
        "purposes": ["fun", ""],
    },
}


NO_TABLES = (
    (b"", "row 1: the file is empty"),
    (b"\xef\xbb\xbf", "row 1: the file is empty"),
    (b"\r\n\r\n", "row 1: the file is empty"),
    (b"\0", "NUL"),
    (b"\xff\xfe\x00\x00", "UTF-8"),
    (b"PK\x03\x04\xff", "is not a workbook"),
    (b"a;b;c\r\n1;2;3", "semicolons"),
    (b'"open', "row 1: "),
    (b"x" * (6 * 2**20), "larger than"),
    (b"<html><script>alert(1)</script>", "is missing"),
)


@pytest.fixture
def call(world: World) -> Call:
    """A call with something of every kind imported already."""
    call = make_call()
    db.session.commit()
    return call


@pytest.fixture
def run(app: Flask, call: Call, tmp_path: Path) -> Run:
    """Runs `flask import` on the bytes given."""
    reference = call.reference

    def import_bytes(kind: str, data: bytes, *, of: str = reference) -> Result:
        path = tmp_path / f"{kind}.csv"
        path.write_bytes(data)
        return import_path(kind, str(path), of=of)

    def import_path(kind: str, path: str, *, of: str = reference) -> Result:
        return app.test_cli_runner().invoke(import_records, [kind, path, "--call", of])

    import_bytes.path = import_path  # type: ignore[attr-defined]
    for kind, rows in {
        "partnerships": [PARTNERSHIP],
        "organisations": [CLUSTER, WEAVER],
        "offers": [OFFER],
    }.items():
        assert import_bytes(kind, table(kind, *rows)).exit_code == 0
    return import_bytes


def table(kind: str, *rows: dict[str, str]) -> bytes:
    """A file of that kind."""
    page = io.StringIO()
    writer = csv.DictWriter(page, [column.name for column in IMPORTERS[kind].columns])
    writer.writeheader()
    writer.writerows(rows)
    return page.getvalue().encode("utf-8", "surrogatepass")


def refused(world: World, run: Run, kind: str, data: bytes) -> str:
    """The words of a refusal, once it is sure that nothing has changed."""
    before = digests(world.connection)
    result = run(kind, data)
    assert result.exit_code == 1, f"{kind}: {result.output[:300]} {result.exception!r}"
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert changed(before, digests(world.connection)) == []
    assert "Traceback" not in result.output
    assert "Nothing was changed" in result.output
    return result.output


@pytest.mark.parametrize("kind", KINDS)
def test_a_good_file_is_taken_with_or_without_a_byte_order_mark(world: World, run: Run, kind: str) -> None:
    assert run(kind, b"\xef\xbb\xbf" + table(kind, ROWS[kind])).exit_code == 0
    assert run(kind, table(kind, ROWS[kind]).replace(b"\r\n", b"\n")).exit_code == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_unknown_or_doubled_column_is_named(world: World, run: Run, kind: str) -> None:
    good = table(kind, ROWS[kind])
    for column in (one for one in IMPORTERS[kind].columns if not one.may_lack):
        name = column.name
        header, _, rest = good.partition(b"\r\n")
        other = b",".join(b"other" if cell == name.encode() else cell for cell in header.split(b","))
        words = refused(world, run, kind, other + b"\r\n" + rest)
        assert f"row 1: the column {name} is missing" in words
        assert "there is no column other" in words
    doubled = good.replace(b"\r\n", b"," + IMPORTERS[kind].columns[0].name.encode() + b"\r\n", 1)
    assert "stands twice" in refused(world, run, kind, doubled)


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_cell_is_named_with_row_and_column(world: World, run: Run, kind: str) -> None:
    tried = 0
    for column, values in WRONG_CELLS[kind].items():
        for value in values:
            words = refused(world, run, kind, table(kind, ROWS[kind] | {column: value}))
            assert f"row 2, column {column}: " in words, f"{column} {value!r}: {words}"
            tried += 1
    tell(f"{kind}: {tried} wrong cells")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("what", ["NUL", "1 MB"])
def test_no_cell_takes_a_hostile_value(world: World, run: Run, kind: str, what: str) -> None:
    columns = [column.name for column in IMPORTERS[kind].columns]
    for column in columns if what == "NUL" else columns[:3]:
        words = refused(world, run, kind, table(kind, ROWS[kind] | {column: HOSTILE_CELLS[what]}))
        assert "row 2" in words
        assert len(words) < 1000


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_no_table_is_refused(world: World, run: Run, kind: str) -> None:
    for data, words in NO_TABLES:
        assert words in refused(world, run, kind, data)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_in_another_encoding_is_refused_with_its_row(world: World, run: Run, kind: str) -> None:
    column = {"partnerships": "name", "organisations": "name", "offers": "title", "applications": "person"}[
        kind
    ]
    latin = table(kind, ROWS[kind] | {column: "Société"}).decode().encode("latin-1", "replace")

    assert "row 2: is not UTF-8" in refused(world, run, kind, latin)
    lone = table(kind, ROWS[kind] | {column: "a\ud800b"})
    assert "row 2: is not UTF-8" in refused(world, run, kind, lone)


@pytest.mark.parametrize("kind", KINDS)
def test_a_header_alone_or_a_ragged_row_is_refused(world: World, run: Run, kind: str) -> None:
    assert "row 2: " in refused(world, run, kind, table(kind))
    assert "row 2: has 1 cells" in refused(world, run, kind, table(kind) + b"alone\r\n")
    assert "row 3: has" in refused(world, run, kind, table(kind, ROWS[kind]) + b"," * 99 + b"x\r\n")


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_that_stands_twice_is_named(world: World, run: Run, kind: str) -> None:
    words = refused(world, run, kind, table(kind, ROWS[kind], ROWS[kind]))

    assert "row 3, column " in words
    assert "stands in row 2 already" in words


def test_one_wrong_row_among_many_changes_nothing(world: World, run: Run) -> None:
    rows = [PARTNERSHIP | {"partnership": f"NEW{number}"} for number in range(20)]

    words = refused(world, run, "partnerships", table("partnerships", *rows, PARTNERSHIP | {"country": "XX"}))

    assert "row 22, column country" in words


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_not_there_or_is_a_folder_is_refused(
    world: World, run: Run, kind: str, tmp_path: Path
) -> None:
    before = digests(world.connection)
    for path in (tmp_path / "absent.csv", tmp_path):
        result = run.path(kind, str(path))  # type: ignore[attr-defined]
        assert result.exit_code in {1, 2}
        assert path.name in result.output
    assert changed(before, digests(world.connection)) == []


@pytest.mark.parametrize("reference", ["NOBODY", "", "'; DROP TABLE call", "x" * 5000, "a\0b", "a\udcff"])
def test_a_call_that_nobody_knows_is_refused(world: World, run: Run, reference: str) -> None:
    before = digests(world.connection)

    result = run("applications", table("applications", APPLICATION), of=reference)

    assert result.exit_code in {1, 2}
    assert isinstance(result.exception, SystemExit)
    assert "There is no call" in result.output
    assert changed(before, digests(world.connection)) == []


def test_mark_up_and_formulas_are_stored_as_text_and_exported_as_text(world: World, run: Run) -> None:
    formula = f"=1+1{MARK_UP}"
    application = APPLICATION | {"person": formula, "motivation": formula}
    assert run("applications", table("applications", application)).exit_code == 0

    page = world.people["support_officer"].get("/applications").text
    exported = world.people["support_officer"].get("/applications?format=csv").text

    assert "<script>alert('import')" not in page
    assert f"'{formula}" in exported
    assert f",{formula}" not in exported
