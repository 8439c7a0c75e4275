import io
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pikepdf
import pytest
from flask import Flask
from flask_babel import Babel
from jinja2 import DictLoader

from mobility.core.pdf import STATIC, PaperFetched, bundled, print_page, set_page

ISSUED = datetime(2027, 4, 9, 8, 5, tzinfo=UTC)
PAGE = """<html lang="en-GB"><head><title>{{ document.title }}</title></head>
<body><h1>{{ document.title }}</h1><p>{{ document.text }}</p>%s</body></html>"""


@dataclass(frozen=True)
class Note:
    title: str = "A note"
    text: str = "Nothing to see."
    issued_at: datetime = ISSUED


@pytest.fixture
def desk() -> Flask:
    """An app with nothing but papers."""
    app = Flask(__name__)
    Babel(app)
    app.jinja_loader = DictLoader({"plain.html": PAGE % ""})
    return app


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A socket on the loopback that notices whoever calls."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        yield listening


def calls(listening: socket.socket) -> int:
    try:
        listening.accept()[0].close()
    except TimeoutError:
        return 0
    return 1


def printed(desk: Flask, note: Note, template: str = "plain.html") -> bytes:
    with desk.app_context():
        return print_page(set_page(template, note))


def with_extra(desk: Flask, extra: str) -> str:
    desk.jinja_loader = DictLoader({"extra.html": PAGE % extra})
    return "extra.html"


def test_the_same_document_gives_the_same_bytes(desk: Flask) -> None:
    assert printed(desk, Note()) == printed(desk, Note())


def test_another_document_gives_other_bytes(desk: Flask) -> None:
    assert printed(desk, Note()) != printed(desk, Note(text="Something else."))


def test_a_paper_is_an_archivable_tagged_pdf_with_language_and_the_date_of_its_document(desk: Flask) -> None:
    content = printed(desk, Note(title="Payment order PO-2027-0109"))

    with pikepdf.open(io.BytesIO(content)) as pdf:
        meta = pdf.open_metadata()
        assert meta["pdfaid:part"] == "3"
        assert meta["pdfaid:conformance"] == "A"
        assert meta["xmp:CreateDate"] == "2027-04-09T08:05:00Z"
        assert str(pdf.Root.Lang) == "en-GB"
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.docinfo["/Title"]) == "Payment order PO-2027-0109"


def test_a_paper_carries_its_typeface_whole_and_no_other(desk: Flask) -> None:
    content = printed(desk, Note(text="Štúrova 27, Keskijärvi, Λάρισα, София, İzmir – €950.00 •••• ‐ \u202f"))

    with pikepdf.open(io.BytesIO(content)) as pdf:
        fonts = [
            found
            for found in pdf.objects
            if isinstance(found, pikepdf.Dictionary) and "/FontDescriptor" in found
        ]
        names = {str(font.FontDescriptor.FontName).partition("+")[2] for font in fonts}
        assert names
        assert all(name.startswith("Inter") for name in names), names
        assert all({"/FontFile2", "/FontFile3"} & set(font.FontDescriptor.keys()) for font in fonts)


@pytest.mark.parametrize(
    "reference",
    [
        '<img src="http://127.0.0.1:{port}/a.png">',
        '<img src="file:///etc/passwd">',
        '<img src="file://127.0.0.1/etc/passwd">',
        '<img src="data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22/%3E">',
        '<img src="../pyproject.toml">',
        '<img src="css/../../pyproject.toml">',
        '<img src="%2e%2e/mobility/__init__.py">',
        '<link rel="stylesheet" href="http://127.0.0.1:{port}/a.css">',
        '<link rel="attachment" href="file:///etc/passwd">',
        '<a rel="attachment" href="file:///etc/passwd">x</a>',
        '<style>@import url("http://127.0.0.1:{port}/a.css");</style>',
        '<style>@font-face {{ font-family: A; src: url("http://127.0.0.1:{port}/a.ttf"); }}</style>',
        '<p style="background: url(http://127.0.0.1:{port}/a.png)">x</p>',
        '<object data="http://127.0.0.1:{port}/a.svg"></object>',
        '<embed src="http://127.0.0.1:{port}/a.svg">',
        '<svg><image href="http://127.0.0.1:{port}/a.png"/></svg>',
        '<base href="http://127.0.0.1:{port}/"><img src="a.png">',
    ],
)
def test_a_template_that_asks_for_something_outside_is_not_printed(
    desk: Flask, listener: socket.socket, reference: str
) -> None:
    template = with_extra(desk, reference.format(port=listener.getsockname()[1]))

    with pytest.raises(PaperFetched):
        printed(desk, Note(), template)

    assert calls(listener) == 0


def test_a_template_whose_drawing_cannot_be_read_is_not_printed(
    desk: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed(desk, Note())
    template = with_extra(desk, '<img src="img/gone.svg">')
    monkeypatch.setattr("mobility.core.pdf.bundled", lambda _url: STATIC / "img" / "gone.svg")

    with pytest.raises(PaperFetched):
        printed(desk, Note(), template)


@pytest.mark.parametrize(
    "text",
    [
        '<img src="http://127.0.0.1:{port}/a.png">',
        '"><link rel="attachment" href="file:///etc/passwd">',
        "</style><style>@import url(http://127.0.0.1:{port}/a.css)</style>",
        "http://127.0.0.1:{port}/ file:///etc/passwd data:text/plain,x",
        "{{{{ 7 * 7 }}}} {{% include 'plain.html' %}}",
    ],
)
def test_what_people_wrote_is_printed_as_text_and_fetches_nothing(
    desk: Flask, listener: socket.socket, text: str
) -> None:
    content = printed(desk, Note(text=text.format(port=listener.getsockname()[1])))

    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert len(pdf.attachments) == 0
        assert len(pdf.pages) == 1
    assert calls(listener) == 0


def test_bundled_sheets_fonts_and_drawings_may_be_used() -> None:
    assert bundled((STATIC / "css" / "paper.css").as_uri()) == STATIC / "css" / "paper.css"


@pytest.mark.parametrize("path", ["css/../../pyproject.toml", "css", "css/absent.css", "fonts/OFL.txt"])
def test_nothing_else_may(path: str) -> None:
    assert bundled(f"{STATIC.as_uri()}/{path}") is None
