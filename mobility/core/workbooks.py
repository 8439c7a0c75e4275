"""Reading the first sheet of an XLSX file as text, as somebody would have typed it into a CSV."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

# An archive can hold a thousand times its size; no sheet of 20,000 rows comes near.
LARGEST_INSIDE = 200 * 1024 * 1024


class BadWorkbook(ValueError):
    """A file that cannot be read; the text is for whoever sent it."""


def rows_of(data: bytes) -> list[list[str]]:
    """The cells of the first sheet, from its first row on, as wide as its first row. Raises `BadWorkbook`."""
    unreadable = BadWorkbook(_("is not a workbook that can be read; save it anew as XLSX, or as CSV"))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = sum(part.file_size for part in archive.infolist())
        if inside > LARGEST_INSIDE:
            raise BadWorkbook(_("is too large when unpacked; save only its first sheet"))
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (zipfile.BadZipFile, CalamineError, OSError, IndexError):
        raise unreadable from None
    lines = [[_written(cell) for cell in row] for row in rows]
    return [_cut(line, _width(lines[0])) for line in lines]


def _width(header: Sequence[str]) -> int:
    return max((place for place, name in enumerate(header, start=1) if name), default=0)


def _cut(line: list[str], width: int) -> list[str]:
    """A sheet is as wide as its widest row; what stands beyond the header stays only where it says something."""
    return line if any(line[width:]) else line[:width]


def _written(cell: Any) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime) and (cell.hour, cell.minute, cell.second) == (0, 0, 0):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell).strip()
