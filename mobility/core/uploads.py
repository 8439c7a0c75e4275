"""Files that people send: looked into before anything is stored, handed out as attachments.

PDF everywhere but where tables are imported.
"""

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from unicodedata import category, normalize

from flask import Response, current_app, request
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage

LARGEST_FILE = 5 * 1024 * 1024
# A request with a file a little too large is read, so that the refusal can stand beside its field.
LARGEST_REQUEST = 8 * 1024 * 1024
LONGEST_NAME = 120
MOST_PAGES = 200
CHECK = Path(__file__).with_name("pdf_check.py")
CHECK_S = 15
WHOLE = re.compile(rb"%%EOF[\s\0]*\Z")
REFUSALS = {
    "empty": _l("This file is empty. Choose the PDF again."),
    "too-large": _l("This file is larger than 5 MB. Scan it in grey or at 150 dpi, or leave pages away."),
    "no-pdf": _l("This is not a PDF. Save or print it as PDF and choose that file."),
    "damaged": _l("This PDF is damaged or not whole. Open it, print it to a new PDF, and choose that file."),
    "encrypted": _l("This PDF is protected by a password. Save it without protection."),
    "script": _l("This PDF holds a script or an active form. Print it to a new PDF, and choose that file."),
    "action": _l("This PDF starts something when it is opened. Print it to a new PDF, and choose that file."),
    "attached": _l("This PDF carries another file inside. Print it to a new PDF, and choose that file."),
    "no-page": _l("This PDF has no page."),
    "too-many-pages": _l("This PDF has more than %(most)s pages. Leave pages away."),
    "no-table": _l("This is neither CSV nor XLSX. Save the table as one of them and choose that file."),
    "too-large-table": _l("This file is larger than 5 MB. Split it: the same kind can be imported in parts."),
    "too-heavy": _l(
        "This PDF is too complicated to be checked. Print it to a new PDF, and choose that file."
    ),
}

F = TypeVar("F", bound=Callable[..., Any])


class BadUpload(ValueError):
    """A file that is not taken; `code` names the reason, the text is for whoever sent it."""

    def __init__(self, code: str, most_pages: int = MOST_PAGES) -> None:
        super().__init__(REFUSALS[code] % {"most": most_pages})
        self.code = code


@dataclass(frozen=True)
class Upload:
    """A file that was looked into, under a name that is safe to show and to save."""

    name: str
    content: bytes


def takes_files(field: str) -> Callable[[F], F]:
    """Declare that the route takes files in this field; every other refuses them."""

    def declare(view: F) -> F:
        view.takes_files = field  # type: ignore[attr-defined]
        return view

    return declare


def file_field() -> str | None:
    """The field in which the route of this request takes files; None for most."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "takes_files", None)


def read_pdf(given: FileStorage, most_pages: int = MOST_PAGES) -> Upload:
    """The file that was sent. Raises `BadUpload`."""
    content = given.stream.read(LARGEST_FILE + 1)
    refuse_unlikely(content)
    refuse_inside(content, most_pages)
    return Upload(clean_name(given.filename or ""), content)


def read_table_file(given: FileStorage) -> Upload:
    """The table that was sent, CSV or XLSX by its first signs. Raises `BadUpload`."""
    content = given.stream.read(LARGEST_FILE + 1)
    if not content:
        raise BadUpload("empty")
    if len(content) > LARGEST_FILE:
        raise BadUpload("too-large-table")
    if not is_workbook(content) and b"\0" in content:
        raise BadUpload("no-table")
    return Upload(clean_name(given.filename or "", "xlsx" if is_workbook(content) else "csv"), content)


def is_workbook(content: bytes) -> bool:
    """Whether this begins as an XLSX does, which is a ZIP archive."""
    return content.startswith(b"PK\x03\x04")


def refuse_unlikely(content: bytes) -> None:
    """Refuse by size, first and last signs, without looking inside. Raises `BadUpload`."""
    if not content:
        raise BadUpload("empty")
    if len(content) > LARGEST_FILE:
        raise BadUpload("too-large")
    if not content.startswith(b"%PDF-"):
        raise BadUpload("no-pdf")
    if not WHOLE.search(content[-1100:]):
        raise BadUpload("damaged")


def refuse_inside(content: bytes, most_pages: int = MOST_PAGES) -> None:
    """Refuse what does not parse, is protected, acts, is long or carries files. Raises `BadUpload`."""
    try:
        looked = subprocess.run(  # noqa: S603
            [sys.executable, "-I", str(CHECK), str(most_pages)],
            input=content,
            capture_output=True,
            timeout=CHECK_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BadUpload("too-heavy") from None
    word = looked.stdout.decode(errors="replace")
    if looked.returncode != 0 or word not in {"sound", *REFUSALS}:
        raise BadUpload("too-heavy")
    if word != "sound":
        raise BadUpload(word, most_pages)


def clean_name(name: str, ending: str = "pdf") -> str:
    """The last part of a path, without signs that control or turn around, at most 120 long, with its ending."""
    last = normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    plain = "".join(sign for sign in last if category(sign)[0] != "C" and sign != "\ufffd")
    stem = re.sub(rf"(?i)(\.{ending})+$", "", " ".join(plain.split())).strip(". ")
    return f"{stem[: LONGEST_NAME - len(ending) - 1].rstrip('. ') or 'file'}.{ending}"


def serve_pdf(content: bytes, name: str) -> Response:
    """A stored file to save, never shown inside the site and kept by no cache."""
    response = Response(content, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
