"""XLSX files: read as if somebody had typed them into a CSV; what cannot be read is refused in words."""

import io
import zipfile
from collections.abc import Callable
from datetime import date

import pytest

from mobility.calls.models import Call
from mobility.core import workbooks
from mobility.core.files import BadFile
from mobility.core.workbooks import BadWorkbook, rows_of
from mobility.imports.whole import IMPORTERS, Tally, import_file
from tests.imports.rows import APPLICATION, PARTNERSHIP
from tests.imports.workbook import make_workbook

pytestmark = pytest.mark.usefixtures("session")


def as_workbook(kind: str, row: dict[str, str]) -> bytes:
    names = [column.name for column in IMPORTERS[kind].columns]
    return make_workbook(names, [row.get(name, "") for name in names])


def test_cells_are_read_as_they_would_be_typed() -> None:
    rows = rows_of(make_workbook(["a", "b", "c", "d", "e"], [42, 390.5, date(2027, 3, 15), True, " Łódź "]))
    assert rows == [["a", "b", "c", "d", "e"], ["42", "390.5", "2027-03-15", "yes", "Łódź"]]


def test_a_formula_is_read_as_what_it_came_to() -> None:
    assert rows_of(make_workbook(["a", "b"], [("1+1", 2), "=1+1"])) == [["a", "b"], ["2", "=1+1"]]


def test_rows_keep_their_numbers_and_empty_columns_at_the_right_do_not_count() -> None:
    rows = rows_of(make_workbook(["a", "b", None], ["1", "2", ""], [], ["3", "4", ""]))
    assert rows == [["a", "b"], ["1", "2"], ["", ""], ["3", "4"]]


def test_a_workbook_comes_in_like_the_csv_with_the_same_cells(
    call: Call, stocked: Callable[..., Tally]
) -> None:
    assert stocked("applications", APPLICATION).new == 1
    again = import_file("applications", as_workbook("applications", APPLICATION), call)
    assert (again.new, again.updated, again.unchanged) == (0, 0, 1)


def test_a_wrong_cell_of_a_workbook_is_named_with_its_row_and_column(call: Call) -> None:
    with pytest.raises(BadFile) as bad:
        import_file("partnerships", as_workbook("partnerships", PARTNERSHIP | {"budget_eur": "much"}), call)
    assert str(bad.value.problems[0]).startswith('row 2, column budget_eur: "much" is not an amount')


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"PK\x03\x04" + b"\0" * 500, make_workbook(["a"])[:200]])
def test_what_is_no_workbook_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(BadWorkbook, match="can be read"):
        rows_of(content)


def test_an_archive_without_a_sheet_is_refused_in_words() -> None:
    page = io.BytesIO()
    with zipfile.ZipFile(page, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(BadWorkbook):
        rows_of(page.getvalue())


def test_an_archive_that_is_huge_inside_is_refused_before_it_is_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workbooks, "LARGEST_INSIDE", 1000)
    with pytest.raises(BadWorkbook, match="too large"):
        rows_of(make_workbook(["a"], ["b" * 2000]))
