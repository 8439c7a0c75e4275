"""Paper: a template and plain data become a PDF that fetches nothing, the same bytes each time."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from io import BytesIO
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
COLOURS = "paper"
# Archivable, tagged for screen readers, and able to carry data.
ARCHIVABLE = {"pdf_variant": "pdf/a-3a", "output_intent": COLOURS}
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
    """What all papers share, read once: the parsed sheet, the typeface, what its colours mean."""

    sheet: Any
    fonts: Any
    colours: bytes
    fetcher: Any


@dataclass(frozen=True)
class Page:
    """A document set on its template, before it is printed: `words` is HTML."""

    template: str
    words: str
    dated: datetime

    @property
    def sha256(self) -> str:
        """Alike for two pages that say the same, whatever prints them."""
        return sha256(f"{self.dated.astimezone(UTC).isoformat()}\n{self.words}".encode()).hexdigest()


def set_page(template: str, document: Document) -> Page:
    """Set `document` on the template, where it is called `document`."""
    with force_locale(LOCALE):
        words = current_app.jinja_env.get_template(template).render(document=document)
    return Page(template, words, document.issued_at)


def print_page(page: Page) -> bytes:
    """The page as a PDF; the same page gives the same bytes.

    Raises `PaperFetched` if it asks for anything but a sheet, font or drawing of `static/`.
    """
    from weasyprint.urls import FatalURLFetchingError  # noqa: PLC0415  slow to load, and only the worker prints

    with _one_at_a_time:
        press = _press()
        refused = press.fetcher.refused
        refused.clear()
        # The library stops at a refusal in one place and passes over it in another.
        try:
            content = _printed(press, page)
        except FatalURLFetchingError as refusal:
            refused.append(str(refusal))
        if refused:
            raise PaperFetched(f"{page.template} asked for {refused[0][:200]}")
    return content


def _printed(press: _Press, page: Page) -> bytes:
    from weasyprint import HTML  # noqa: PLC0415
    from weasyprint.css import ColorProfile  # noqa: PLC0415

    # A new one for each paper: a used profile writes itself differently the second time.
    colours = ColorProfile(BytesIO(press.colours), "sRGB2014.icc", "relative-colorimetric", ("r", "g", "b"))
    html = HTML(string=page.words, base_url=f"{STATIC.as_uri()}/", url_fetcher=press.fetcher)
    paper = html.render(
        stylesheets=[press.sheet], font_config=press.fonts, color_profiles={COLOURS: colours}, **ARCHIVABLE
    )
    paper.metadata.created = paper.metadata.modified = page.dated.astimezone(UTC).strftime(
        "%Y-%m-%dT%H:%M:%SZ"
    )
    content: bytes = paper.write_pdf(**ARCHIVABLE)
    return content


@cache
def _press() -> _Press:
    from weasyprint import CSS  # noqa: PLC0415
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415

    fetcher, fonts = _fetcher(), FontConfiguration()
    sheet = CSS(url=SHEET.as_uri(), url_fetcher=fetcher, font_config=fonts)
    colours = (files("weasyprint.pdf") / "sRGB2014.icc").read_bytes()
    return _Press(sheet, fonts, colours, fetcher)


def _fetcher() -> Any:
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse  # noqa: PLC0415

    class OnlyBundled(URLFetcher):  # type: ignore[misc]
        refused: list[str] = []

        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002
            path = bundled(url)
            if path is None:
                self.refused.append(url)
                raise FatalURLFetchingError(url)
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": OPENED[path.suffix]})

    return OnlyBundled(fail_on_errors=True)


def bundled(url: str) -> Path | None:
    """The file below `static/` that the address names, if it may stand on a paper."""
    parts = urlsplit(url)
    if parts.scheme != "file" or parts.netloc:
        return None
    path = Path(unquote(parts.path)).resolve()
    fits = path.is_relative_to(STATIC) and path.suffix in OPENED and path.is_file()
    return path if fits else None
