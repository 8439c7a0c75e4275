"""Exports that open rightly in a spreadsheet and start no formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response, request
from xlsxwriter import Workbook

# What a spreadsheet takes for a formula when a cell begins with it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def is_asked() -> bool:
    """Whether the address asks for a list as a file: `?format=csv` or `?format=xlsx`."""
    return request.args.get("format") in {"csv", "xlsx"}


def export_response(stem: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The download that the address asks for."""
    if request.args.get("format") == "xlsx":
        return _download(f"{stem}.xlsx", xlsx_bytes(header, rows), XLSX)
    return csv_response(f"{stem}.csv", header, rows)


def xlsx_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A workbook of a header and rows in which each cell is text, so that nothing in it is a formula."""
    page = io.BytesIO()
    with Workbook(page, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([header, *rows]):
            for place, value in enumerate(row):
                sheet.write_string(number, place, "" if value is None else str(value))
    return page.getvalue()


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """CSV of a header and rows; text that could start a formula gets an apostrophe before it."""
    page = io.StringIO()
    writer = csv.writer(page)
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return page.getvalue()


def csv_response(filename: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A CSV download, in UTF-8 with a mark that spreadsheets look for."""
    content = ("\ufeff" + csv_text(header, rows)).encode()
    return _download(filename, content, "text/csv")


def _download(filename: str, content: bytes, mimetype: str) -> Response:
    response = Response(content, mimetype=mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    return response


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return "" if value is None else value
