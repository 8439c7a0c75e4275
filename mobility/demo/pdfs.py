"""Small PDFs: CVs, and what shows that a stay took place."""

from io import BytesIO

import pikepdf

FONT = "/Helvetica"


def small_pdf(title: str, *lines: str) -> bytes:
    """One page with a title and lines, in the signs of Latin-1."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name(FONT))
    page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=pdf.make_indirect(font)))
    shown = [b"BT /F1 18 Tf 60 770 Td 24 TL", _words(title) + b" Tj /F1 11 Tf 18 TL T*"]
    shown += [b"T* " + _words(line) + b" Tj" for line in lines]
    page.obj.Contents = pdf.make_stream(b"\n".join([*shown, b"ET"]))
    written = BytesIO()
    pdf.save(written, deterministic_id=True)
    return written.getvalue()


def _words(text: str) -> bytes:
    plain = text.encode("latin-1", "replace")
    for sign in (b"\\", b"(", b")"):
        plain = plain.replace(sign, b"\\" + sign)
    return b"(" + plain + b")"
