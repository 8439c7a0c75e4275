"""Paper: a template and plain data become a PDF that fetches nothing, the same bytes each time."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from flask import current_app
from flask_babel import force_locale

from mobility.core.settings import ROOT

STATIC = ROOT / "static"
SHEET = STATIC / "css" / "paper.css"
LOCALE = "en_GB"
# Archivable, tagged for screen readers, and able to carry data.
VARIANT = "pdf/a-3a"
OPENED = {".css": "text/css", ".ttf": "font/ttf", ".svg": "image/svg+xml"}

# The layout engine is not made for two threads at once.
_one_at_a_time = Lock()
logging.getLogger("weasyprint").setLevel(logging.ERROR)


class Document(Protocol):
    """What a paper is made of: a frozen dataclass of plain values, never a row."""

    @property
    def title(self) -> str: ...

    @property
    def issued_at(self) -> datetime: ...


class PaperFetched(Exception):
    """A paper asked for something that does not lie below `static/`; it is not made."""


@dataclass(frozen=True)
class _Press:
    """What all papers share, read once: the parsed sheet and the typeface."""

    sheet: Any
    fonts: Any
    fetcher: Any


def render_pdf(template: str, document: Document) -> bytes:
    """Print `document` on the template, where it is called `document`; the same document gives the same bytes.

    Raises `PaperFetched` if the page asks for anything but a sheet, font or drawing of `static/`.
    """
    from weasyprint import HTML  # noqa: PLC0415  slow to load, and only the worker prints
    from weasyprint.urls import FatalURLFetchingError  # noqa: PLC0415

    with force_locale(LOCALE):
        page = current_app.jinja_env.get_template(template).render(document=document)
    try:
        with _one_at_a_time:
            press = _press()
            html = HTML(string=page, base_url=STATIC.as_uri() + "/", url_fetcher=press.fetcher)
            laid_out = html.render(stylesheets=[press.sheet], font_config=press.fonts, pdf_variant=VARIANT)
            moment = document.issued_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            laid_out.metadata.created = laid_out.metadata.modified = moment
            content: bytes = laid_out.write_pdf(pdf_variant=VARIANT)
    except FatalURLFetchingError as error:
        # The library's own error passes every `except Exception`, and would end the worker.
        raise PaperFetched(str(error)) from error.__cause__
    return content


@cache
def _press() -> _Press:
    from weasyprint import CSS  # noqa: PLC0415
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415

    fetcher, fonts = _fetcher(), FontConfiguration()
    sheet = CSS(url=SHEET.as_uri(), url_fetcher=fetcher, font_config=fonts)
    return _Press(sheet, fonts, fetcher)


def _fetcher() -> Any:
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse  # noqa: PLC0415

    class OnlyStatic(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002
            path = bundled(url)
            if path is None:
                raise FatalURLFetchingError(f"a paper asked for {url[:200]}")
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": OPENED[path.suffix]})

    return OnlyStatic(fail_on_errors=True)


def bundled(url: str) -> Path | None:
    """The file below `static/` that the address names, if it may stand on a paper."""
    parts = urlsplit(url)
    if parts.scheme != "file" or parts.netloc:
        return None
    path = Path(unquote(parts.path)).resolve()
    fits = path.is_relative_to(STATIC) and path.suffix in OPENED and path.is_file()
    return path if fits else None
