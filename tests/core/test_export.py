"""Exports start no formula and open with their accents (promise T32)."""

import csv
import io
import zipfile

import pytest

from mobility.core.export import csv_response, csv_text, xlsx_bytes
from mobility.core.workbooks import rows_of


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_could_start_a_formula_is_quoted(start: str) -> None:
    written = csv_text(["a"], [[f"{start}1+1"]])

    cell = list(csv.reader(io.StringIO(written, newline="")))[1][0]

    assert cell == f"'{start}1+1"


def test_numbers_stay_numbers() -> None:
    assert csv_text(["a", "b"], [[-5, None]]) == "a,b\r\n-5,\r\n"


def test_a_download_begins_with_the_mark_of_utf8() -> None:
    response = csv_response("list.csv", ["Ort"], [["Jyväskylä"]])

    assert response.get_data().startswith(b"\xef\xbb\xbf")
    assert response.headers["Content-Disposition"] == "attachment; filename=list.csv"


def test_every_cell_of_a_workbook_is_text() -> None:
    row = ["=1+1", "@SUM(A1)", "https://example.org", "007", "Łódź", -5, None]

    made = xlsx_bytes(["=2+2", *"bcdefg"], [row])

    assert rows_of(made) == [
        ["=2+2", *"bcdefg"],
        ["=1+1", "@SUM(A1)", "https://example.org", "007", "Łódź", "-5", ""],
    ]
    with zipfile.ZipFile(io.BytesIO(made)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert sheet.count("<c ") == sheet.count('t="inlineStr"') == 14
    assert "hyperlink" not in sheet
