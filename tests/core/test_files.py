"""Reading CSV files: what is wrong is named with row, column and reason."""

from datetime import date
from typing import Any

import pytest

from mobility.core import files
from mobility.core.files import BadCell, BadFile, ImportColumn, read_table

COLUMNS = (
    ImportColumn("name", files.text(20)),
    ImportColumn("staff", files.whole(0, 500), empty=None),
    ImportColumn("days", files.several(files.days), empty=()),
)


def read(text: str | bytes, make: Any = dict) -> files.Table[Any]:
    return read_table(text if isinstance(text, bytes) else text.encode(), COLUMNS, make)


def problems(text: str | bytes, make: Any = dict) -> list[str]:
    try:
        return [str(problem) for problem in read(text, make).problems]
    except BadFile as bad:
        return [str(problem) for problem in bad.problems]


def test_rows_are_read_with_their_number_in_the_spreadsheet() -> None:
    table = read('name,staff,days\nAda,12,2027-03-01\n\n"Bo\nb",,2027-03-02..2027-03-05; 2027-04-01\n')

    assert [(row.number, row.content["name"], row.content["staff"]) for row in table.rows] == [
        (2, "Ada", 12),
        (4, "Bo\nb", None),
    ]
    assert table.rows[1].content["days"] == (
        (date(2027, 3, 2), date(2027, 3, 5)),
        (date(2027, 4, 1), date(2027, 4, 1)),
    )


def test_a_byte_order_mark_and_another_order_of_columns_do_no_harm() -> None:
    table = read("\ufeffdays,staff,name\r\n,3,Ada\r\n".encode())

    assert table.rows[0].content == {"name": "Ada", "staff": 3, "days": ()}


def test_every_wrong_cell_is_named() -> None:
    found = problems("name,staff,days\n,501,2027-13-01..2027-03-05\nAda,x,2027-03-05..2027-03-01\n")

    assert found == [
        "row 2, column name: is empty; fill it in",
        'row 2, column staff: "501" is not a whole number from 0 to 500',
        'row 2, column days: "2027-13-01.." is not a date; write YYYY-MM-DD',
        'row 3, column staff: "x" is not a whole number from 0 to 500',
        'row 3, column days: "2027-03-05..2027-03-01" ends before it begins',
    ]


def test_what_only_the_whole_row_tells_is_named_too() -> None:
    def refuse(_cells: files.Cells) -> None:
        raise BadCell("Ada", "is not welcome", "name")

    assert problems("name,staff,days\nAda,,\n", refuse) == ['row 2, column name: "Ada" is not welcome']


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "row 1: the file is empty; its first row names the columns"),
        ("name,staff,days\n", "row 2: the file has a header but no rows"),
        ("name,staff\nAda,1\n", "row 1: the column days is missing"),
        ("name,staff,days,x\n", "row 1: there is no column x"),
        ("name,staff,days,name\n", "row 1: the column name stands twice"),
        ("name;staff;days\n", "row 1: the cells are separated by semicolons; save the file with commas"),
        ("name,staff,days\nAda,1\n", "row 2: has 2 cells, the header has 3"),
        ("name,staff,days\nAda,1,,\n", "row 2: has 4 cells, the header has 3"),
        (b"name,staff,days\nAda,1,\nJos\xe9,1,\n", "row 3: is not UTF-8; save the file as CSV UTF-8"),
        (b"name,staff,days\n\xed\xa0\x80,1,\n", "row 2: is not UTF-8; save the file as CSV UTF-8"),
        ("name,staff,days\nA\0a,1,\n", "row 2: has an unreadable character (NUL); remove it"),
        ("name,staff,days\n" + "A" * 21 + ",1,\n", 'row 2, column name: "AAAAAAAAAAAAAAAAAAAAA" has 21'),
        ("name,staff,days\nAda,9223372036854775808,\n", 'row 2, column staff: "9223372036854775808" is not'),
        ("name,staff,days\nAda,１２,\n", 'row 2, column staff: "１２" is not a whole number'),
        ("name,staff,days\nAda,,9999-12-31\n", 'row 2, column days: "9999-12-31" is too far away'),
        ("name,staff,days\nAda,,2027-03-01; 2027-03-01\n", 'row 2, column days: "2027-03-01" stands twice'),
    ],
)
def test_a_bad_file_says_what_to_mend(text: str | bytes, problem: str) -> None:
    assert problems(text)[0].startswith(problem)


def test_an_open_quote_is_named_as_no_csv() -> None:
    assert "is not CSV" in problems('name,staff,days\n"Ada,1,\n')[0]


def test_a_file_of_more_than_five_megabytes_is_refused_unread() -> None:
    assert problems(b"x" * (files.LARGEST_FILE + 1)) == ["row 1: the file is larger than 5 MB"]


def test_a_long_value_is_shortened_in_the_message() -> None:
    assert len(problems("name,staff,days\nAda," + "9" * 5000 + ",\n")[0]) < 150


@pytest.mark.parametrize(("cell", "cents"), [("390", 39_000), ("390.5", 39_050), ("0", 0)])
def test_an_amount_in_euro_becomes_cents(cell: str, cents: int) -> None:
    assert files.amount(cell) == cents


@pytest.mark.parametrize("cell", ["-1", "1.234", "1e3", "€5", "1,234.50", "999999999999"])
def test_what_is_no_amount_is_refused(cell: str) -> None:
    with pytest.raises(BadCell):
        files.amount(cell)


@pytest.mark.parametrize("cell", ["ada@", "@x.org", "ada at x.org", "a@b\nbcc:x@y.org"])
def test_what_is_no_mail_address_is_refused(cell: str) -> None:
    with pytest.raises(BadCell):
        files.email(cell)


@pytest.mark.parametrize("cell", ["91", "1e1", "nan", "48,2"])
def test_what_is_no_latitude_is_refused(cell: str) -> None:
    with pytest.raises(BadCell):
        files.degrees(90)(cell)
