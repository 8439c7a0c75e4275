"""Reading CSV and XLSX files that people made: every wrong cell is named with its row, column and reason.

`read_table` reads the file; the functions below it read a cell and raise `BadCell` with the mend.
"""

import csv
import io
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _

from mobility.core.forms import LINE, PARAGRAPH, is_storable
from mobility.core.money import cents_of
from mobility.core.uploads import is_workbook
from mobility.core.workbooks import BadWorkbook, rows_of

LARGEST_FILE = 5 * 1024 * 1024
MOST_ROWS = 20_000
LONGEST_SHOWN = 60
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LARGEST_AMOUNT_CENTS = 10**13
FIRST_YEAR, LAST_YEAR = 2000, 2100
NEEDED = object()

T = TypeVar("T")
Cells = dict[str, Any]


@dataclass(frozen=True)
class Problem:
    """What is wrong, where: rows are counted as a spreadsheet does, the header is row 1."""

    row: int
    reason: str
    column: str = ""
    value: str | None = None

    def __str__(self) -> str:
        where = _("row %(row)s", row=self.row)
        if self.column:
            where = _("%(row)s, column %(column)s", row=where, column=self.column)
        shown = "" if self.value is None else f'"{_shortened(self.value)}" '
        return f"{where}: {shown}{self.reason}"


class BadCell(ValueError):
    """A cell, or a part of it, that cannot be read; `reason` goes on after the value."""

    def __init__(self, value: str, reason: str, column: str = "") -> None:
        super().__init__(value, reason)
        self.value, self.reason, self.column = value, reason, column


class BadFile(Exception):
    """A file with problems; nothing of it is taken."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = sorted(problems, key=lambda problem: problem.row)


@dataclass(frozen=True)
class ImportColumn:
    """A column: how a filled cell is read, and what an empty one stands for unless it is needed."""

    name: str
    read: Callable[[str], Any]
    empty: Any = NEEDED
    # Files from before the column was thought of go without it.
    may_lack: bool = False


@dataclass(frozen=True)
class Row(Generic[T]):
    """A row that could be read, with its number in the file."""

    number: int
    content: T


@dataclass(frozen=True)
class Table(Generic[T]):
    """The rows that could be read, and all problems of the others."""

    rows: list[Row[T]]
    problems: list[Problem]


def read_table(data: bytes, columns: Sequence[ImportColumn], make: Callable[[Cells], T]) -> Table[T]:
    """Read a CSV or XLSX file; `make` builds a row's content from its cells and may raise `BadCell` too.

    Raises `BadFile` if the file as a whole cannot be read.
    """
    header, *lines = _lines(data)
    _refuse_header(header, columns)
    rows: list[Row[T]] = []
    problems: list[Problem] = []
    for number, line in enumerate(lines, start=2):
        if not any(cell.strip() for cell in line):
            continue
        found = _row(number, dict(zip(header, line, strict=False)), len(header), len(line), columns, make)
        if isinstance(found, Row):
            rows.append(found)
        else:
            problems += found
    if not rows and not problems:
        raise BadFile([Problem(2, _("the file has a header but no rows"))])
    return Table(rows, problems)


def text(longest: int = LINE) -> Callable[[str], str]:
    """One line of at most so many characters."""

    def read(cell: str) -> str:
        if len(cell) > longest:
            raise BadCell(cell, _("has %(long)s characters; at most %(most)s", long=len(cell), most=longest))
        return cell

    return read


paragraph = text(PARAGRAPH)


def key(cell: str) -> str:
    """A short name without spaces."""
    if not re.fullmatch(r"[\w./+-]{1,60}", cell):
        raise BadCell(cell, _("is not a key; use at most 60 letters, digits and - . / _ +"))
    return cell


def whole(smallest: int, largest: int) -> Callable[[str], int]:
    """A whole number between two others."""

    def read(cell: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,12}", cell) or not smallest <= int(cell) <= largest:
            reason = _("is not a whole number from %(least)s to %(most)s", least=smallest, most=largest)
            raise BadCell(cell, reason)
        return int(cell)

    return read


def degrees(largest: float) -> Callable[[str], float]:
    """A coordinate in decimal degrees."""

    def read(cell: str) -> float:
        if not re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,10})?", cell) or abs(float(cell)) > largest:
            raise BadCell(cell, _("is not a coordinate; write decimal degrees such as 48.2082"))
        return float(cell)

    return read


def amount(cell: str) -> int:
    """Cents of an amount in euro."""
    try:
        cents = cents_of(cell)
    except ValueError:
        raise BadCell(cell, _("is not an amount; write euro such as 390 or 390.50")) from None
    if cents > LARGEST_AMOUNT_CENTS:
        raise BadCell(cell, _("is too large an amount"))
    return cents


def yes_no(cell: str) -> bool:
    """yes or no."""
    if cell.lower() not in {"yes", "no"}:
        raise BadCell(cell, _("is neither yes nor no"))
    return cell.lower() == "yes"


def email(cell: str) -> str:
    """An e-mail address."""
    try:
        return validate_email(cell, check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError:
        raise BadCell(cell, _("is not an e-mail address such as name@example.org")) from None


def one_of(allowed: Collection[str]) -> Callable[[str], str]:
    """One of a list of codes."""

    def read(cell: str) -> str:
        if cell not in allowed:
            raise BadCell(cell, _("is not one of: %(codes)s", codes=", ".join(allowed)))
        return cell

    return read


def several(read_one: Callable[[str], Any]) -> Callable[[str], tuple[Any, ...]]:
    """Parts separated by semicolons, none of them twice."""

    def read(cell: str) -> tuple[Any, ...]:
        parts = [part.strip() for part in cell.split(";") if part.strip()]
        twice = next((part for part in parts if parts.count(part) > 1), None)
        if twice is not None:
            raise BadCell(twice, _("stands twice"))
        return tuple(read_one(part) for part in parts)

    return read


def day(cell: str) -> date:
    """A date."""
    return _day(cell, cell)


def days(cell: str) -> tuple[date, date]:
    """First and last day, such as 2027-03-01..2027-04-30; one day alone is both."""
    first_text, dots, last_text = (part.strip() for part in cell.partition(".."))
    if not dots:
        return _day(cell, cell), _day(cell, cell)
    first, last = _day(first_text, f"{first_text}.."), _day(last_text, f"..{last_text}")
    if first > last:
        raise BadCell(cell, _("ends before it begins"))
    return first, last


def _day(written: str, shown: str) -> date:
    try:
        found = date.fromisoformat(written) if DAY.fullmatch(written) else None
    except ValueError:
        found = None
    if found is None:
        raise BadCell(shown, _("is not a date; write YYYY-MM-DD"))
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise BadCell(shown, _("is too far away"))
    return found


def _row(
    number: int,
    cells: dict[str, str],
    wanted: int,
    given: int,
    columns: Sequence[ImportColumn],
    make: Callable[[Cells], T],
) -> Row[T] | list[Problem]:
    if given != wanted:
        reason = _("has %(given)s cells, the header has %(wanted)s", given=given, wanted=wanted)
        return [Problem(number, reason)]
    values: Cells = {}
    problems = []
    for column in columns:
        try:
            values[column.name] = _value(cells.get(column.name, "").strip(), column)
        except BadCell as bad:
            problems.append(Problem(number, bad.reason, column.name, bad.value or None))
    if problems:
        return problems
    try:
        return Row(number, make(values))
    except BadCell as bad:
        return [Problem(number, bad.reason, bad.column, bad.value or None)]


def _value(cell: str, column: ImportColumn) -> Any:
    if not is_storable(cell):
        raise BadCell(cell.replace("\0", "␀"), _("has an unreadable character; remove it"))
    if cell:
        return column.read(cell)
    if column.empty is NEEDED:
        raise BadCell("", _("is empty; fill it in"))
    return column.empty


def _lines(data: bytes) -> list[list[str]]:
    if len(data) > LARGEST_FILE:
        reason = _("the file is larger than %(most)s MB", most=LARGEST_FILE // 1024**2)
        raise BadFile([Problem(1, reason)])
    lines = _sheet(data) if is_workbook(data) else _csv(data)
    if not lines or not any(lines[0]):
        raise BadFile([Problem(1, _("the file is empty; its first row names the columns"))])
    if len(lines) > MOST_ROWS + 1:
        raise BadFile([Problem(MOST_ROWS + 2, _("the file has more than %(most)s rows", most=MOST_ROWS))])
    return lines


def _sheet(data: bytes) -> list[list[str]]:
    try:
        return rows_of(data)
    except BadWorkbook as bad:
        raise BadFile([Problem(1, str(bad))]) from None


def _csv(data: bytes) -> list[list[str]]:
    reader = csv.reader(io.StringIO(_text(data), newline=""), strict=True)
    try:
        return list(reader)
    except csv.Error as error:
        reason = _("is not CSV (%(error)s); save the file anew", error=error)
        raise BadFile([Problem(reader.line_num, reason)]) from None


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        raise BadFile([Problem(row, _("is not UTF-8; save the file as CSV UTF-8"))]) from None
    if "\0" in text:
        row = text[: text.index("\0")].count("\n") + 1
        raise BadFile([Problem(row, _("has an unreadable character (NUL); remove it"))])
    return text


def _refuse_header(header: list[str], columns: Sequence[ImportColumn]) -> None:
    names = [column.name for column in columns]
    needed = [column.name for column in columns if not column.may_lack]
    if len(header) == 1 and len(names) > 1 and ";" in header[0]:
        raise BadFile([Problem(1, _("the cells are separated by semicolons; save the file with commas"))])
    reasons = [_("the column %(name)s is missing", name=name) for name in needed if name not in header]
    reasons += [
        _("the column %(name)s stands twice", name=name)
        for name in sorted(set(header))
        if header.count(name) > 1
    ]
    reasons += [
        _("there is no column %(name)s", name=_shortened(name)) for name in header if name not in names
    ]
    if reasons:
        raise BadFile([Problem(1, reason) for reason in reasons])


def _shortened(value: str) -> str:
    plain = " ".join(value.split())
    return plain if len(plain) <= LONGEST_SHOWN else plain[:LONGEST_SHOWN] + "…"
