"""Files that are not taken as evidence, and the reason for each."""

import io
import struct
import warnings
import zlib
from collections.abc import Callable
from random import Random
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

from mobility.core.uploads import LARGEST_FILE
from tests.make.reporting import make_pdf

Change = Callable[[Any], Any]
RUN = "app.alert('hello')"


def changed(change: Change, **saved: Any) -> bytes:
    """A sound PDF of one page after a change."""
    out = io.BytesIO()
    with pikepdf.new() as pdf, warnings.catch_warnings():
        warnings.simplefilter("ignore", pikepdf.PageCopyWarning)  # a field without its form, on purpose
        pdf.add_blank_page(page_size=(200, 200))
        change(pdf)
        pdf.save(out, **saved)
    return out.getvalue()


def script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String(RUN))


def catalog(**entries: Any) -> Change:
    return lambda pdf: [pdf.Root.__setitem__(f"/{key}", value) for key, value in entries.items()]


def page(**entries: Any) -> Change:
    return lambda pdf: [pdf.pages[0].obj.__setitem__(f"/{key}", value) for key, value in entries.items()]


def annotation(subtype: str, **entries: Any) -> Change:
    one = Dictionary(Type=Name.Annot, Subtype=Name(f"/{subtype}"), Rect=Array([0, 0, 9, 9]), **entries)
    return page(Annots=Array([one]))


def attached(pdf: Any) -> None:
    pdf.attachments["data.xml"] = b"<a/>"


def in_pages(number: int) -> Change:
    return lambda pdf: [pdf.add_blank_page() for _ in range(number - 1)]


def emptied(pdf: Any) -> None:
    del pdf.pages[0]


def unchanged(_pdf: Any) -> None:
    """As it is."""


def many_objects(pdf: Any) -> None:
    pdf.Root["/Many"] = Array([pdf.make_indirect(Dictionary(N=n)) for n in range(50_001)])


def large(pdf: Any) -> None:
    pdf.Root["/Large"] = Stream(pdf, Random(1).randbytes(LARGEST_FILE))  # noqa: S311


def nested(depth: int) -> bytes:
    return make_pdf().replace(b"/Note", b"/Deep " + b"[" * depth + b"]" * depth + b"/Note", 1)


def unpacks_to(megabytes: int) -> bytes:
    """A small file whose list of objects is packed a thousandfold."""
    press = zlib.compressobj(9)
    packed = b"".join(press.compress(b" " * (1 << 20)) for _ in range(megabytes)) + press.flush()
    body, at = b"%PDF-1.5\n", {}
    entry = f"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length {len(packed)}>>".encode()
    at[2] = len(body)
    body += b"2 0 obj\n" + entry + b"\nstream\n" + packed + b"\nendstream\nendobj\n"
    at[3] = len(body)
    rows = b"".join(struct.pack(">BIB", *row) for row in ((0, 0, 0), (2, 2, 0), (1, at[2], 0), (1, at[3], 0)))
    head = f"<</Type/XRef/Size 4/W[1 4 1]/Root 1 0 R/Length {len(rows)}>>".encode()
    body += b"3 0 obj\n" + head + b"\nstream\n" + rows + b"\nendstream\nendobj\n"
    return body + f"startxref\n{at[3]}\n%%EOF".encode()


def spelt_otherwise() -> bytes:
    """Names with signs written as numbers, which a reader takes for what they mean."""
    plain = changed(annotation("Link", A=Dictionary({"/S": Name("/JavaScriptQQ"), "/JSQQ": String(RUN)})))
    return plain.replace(b"/JavaScriptQQ", b"/J#61vaScript").replace(b"/JSQQ", b"/J#53")


def bad_files() -> dict[str, tuple[str, bytes]]:
    """What is wrong → the code of the refusal, and the file."""
    sound, owner = make_pdf(), pikepdf.Encryption(owner="o", user="")
    user, packed = pikepdf.Encryption(owner="o", user="u"), pikepdf.ObjectStreamMode.generate
    names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), script()])))
    chain = Dictionary(S=Name.GoTo, D=Array([]), Next=script())
    launch = Dictionary(S=Name.Launch, F=String("calc.exe"))
    return {
        "nothing": ("empty", b""),
        "words": ("no-pdf", b"I was there."),
        "a photograph": ("no-pdf", b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\0" * 200),
        "a drawing": ("no-pdf", b"\x89PNG\r\n\x1a\n" + b"\0" * 200),
        "an archive": ("no-pdf", b"PK\x03\x04" + b"\0" * 200),
        "a page": ("no-pdf", b"<html><script>alert(1)</script></html>"),
        "a program": ("no-pdf", b"MZ\x90\x00" + b"\0" * 200),
        "a line before": ("no-pdf", b"\n" + sound),
        "a mark before": ("no-pdf", b"\xef\xbb\xbf" + sound),
        "a page around": ("no-pdf", b"<!-- " + sound + b" -->"),
        "half a head": ("no-pdf", b"%PDF" + sound[5:]),
        "a small head": ("no-pdf", b"%pdf-" + sound[5:]),
        "only a head": ("damaged", b"%PDF-1.7\n"),
        "head and end": ("damaged", b"%PDF-1.7\n%%EOF"),
        "head, zeros, end": ("damaged", b"%PDF-1.7\n" + b"\0" * 5000 + b"\n%%EOF"),
        "half of it": ("damaged", sound[: len(sound) // 2]),
        "without its end": ("damaged", sound[:-8]),
        "an archive behind": ("damaged", sound + b"PK\x05\x06" + b"\0" * 18),
        "a page behind": ("damaged", sound + b"<script>alert(1)</script>"),
        "a wrong list of objects": ("damaged", sound.replace(b"startxref\n", b"startxref\n9", 1)),
        "no root": ("damaged", sound.replace(b"/Root", b"/Boot", 1)),
        "nested too deep": ("damaged", nested(2000)),
        "too large": ("too-large", changed(large)),
        "large zeros": ("too-large", b"%PDF-1.7\n" + b"\0" * (LARGEST_FILE + 100)),
        "a password to open": ("encrypted", changed(unchanged, encryption=user)),
        "a password to change": ("encrypted", changed(unchanged, encryption=owner)),
        "a script on opening": ("script", changed(catalog(OpenAction=script()))),
        "a script by name": ("script", changed(catalog(Names=names))),
        "a script of the file": ("script", changed(catalog(AA=Dictionary(WC=script())))),
        "a script of a page": ("script", changed(page(AA=Dictionary(O=script())))),
        "a script of a link": ("script", changed(annotation("Link", A=script()))),
        "a script of a field": ("script", changed(annotation("Widget", AA=Dictionary(K=script())))),
        "a script after a jump": ("script", changed(annotation("Link", A=chain))),
        "a script in a stream": ("script", changed(catalog(OpenAction=script()), object_stream_mode=packed)),
        "a script spelt otherwise": ("script", spelt_otherwise()),
        "a rendition": ("script", changed(annotation("Screen", A=Dictionary(S=Name.Rendition, OP=0)))),
        "an active form": (
            "script",
            changed(catalog(AcroForm=Dictionary(Fields=Array([]), XFA=String("x")))),
        ),
        "a launch on opening": ("action", changed(catalog(OpenAction=launch))),
        "a launch of a link": ("action", changed(annotation("Link", A=launch))),
        "an address on opening": (
            "action",
            changed(catalog(OpenAction=Dictionary(S=Name.URI, URI=String("https://evil.example")))),
        ),
        "a form that sends": ("action", changed(annotation("Widget", A=Dictionary(S=Name.SubmitForm)))),
        "data fetched": ("action", changed(annotation("Widget", A=Dictionary(S=Name.ImportData)))),
        "a jump into a file": ("action", changed(annotation("Link", A=Dictionary(S=Name.GoToE)))),
        "a file inside": ("attached", changed(attached)),
        "a file pinned on": ("attached", changed(annotation("FileAttachment"))),
        "a film": ("attached", changed(annotation("RichMedia"))),
        "no page": ("no-page", changed(emptied)),
        "201 pages": ("too-many-pages", changed(in_pages(201))),
        "too many objects": ("too-heavy", changed(many_objects)),
        "packed a thousandfold": ("damaged", unpacks_to(1500)),
    }
