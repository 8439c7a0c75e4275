"""Exports start no formula and open with their accents (promise T32)."""

import csv
import io

import pytest

from mobility.core.export import csv_response, csv_text


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
