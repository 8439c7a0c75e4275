"""Looks inside a PDF that somebody sent and prints one word on it: `sound`, or why it is not taken.

Run as a script in a process of its own, for a small file can ask for gigabytes and hours; reads its standard input and
is told how many pages there may be.
"""

import io
import resource
import sys
from collections.abc import Iterator
from typing import Any

import pikepdf

SOUND = "sound"
MOST_OBJECTS = 50_000
MEMORY_BYTES = 768 * 1024**2
UNPACKED_BYTES = 64 * 1024**2
CPU_S = 4

SCRIPTS = frozenset({"/JS", "/JavaScript", "/AA", "/XFA", "/Rendition"})
ACTIONS = frozenset(
    {"/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/GoToR", "/Thread", "/Movie", "/Sound"}
)
ATTACHED = frozenset({"/EF", "/EmbeddedFile", "/FileAttachment", "/RichMedia", "/3D"})
# Where a name says what a dictionary is, rather than being a key of it.
KINDS = ("/S", "/Type", "/Subtype")


def verdict(content: bytes, most_pages: int) -> str:
    """The word on a file: `sound`, or the first thing against it."""
    try:
        with pikepdf.open(io.BytesIO(content), attempt_recovery=False, suppress_warnings=True) as pdf:
            return _verdict(pdf, most_pages)
    except pikepdf.PasswordError:
        return "encrypted"
    except (pikepdf.PdfError, ValueError, TypeError, RecursionError):
        return "damaged"


def _verdict(pdf: Any, most_pages: int) -> str:
    if pdf.is_encrypted:
        return "encrypted"
    if len(pdf.objects) > MOST_OBJECTS:
        return "too-heavy"
    pages = len(pdf.pages)
    if not pages:
        return "no-page"
    if pages > most_pages:
        return "too-many-pages"
    found = {_against(part) for part in _dictionaries(pdf)}
    return next((word for word in ("script", "action", "attached") if word in found), SOUND)


def _dictionaries(pdf: Any) -> Iterator[Any]:
    """Every dictionary of the file, also those inside others; what is referred to stands in the list itself."""
    for found in [pdf.trailer, *pdf.objects]:
        ahead = [found]
        while ahead:
            part = ahead.pop()
            if isinstance(part, pikepdf.Array):
                inner = list(part)
            elif isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
                yield part
                inner = [part[key] for key in part.keys()]  # noqa: SIM118  a stream iterates over nothing
            else:
                continue
            ahead += [one for one in inner if isinstance(one, pikepdf.Object) and not one.is_indirect]


def _against(part: Any) -> str:
    names = {key for key in part.keys()}  # noqa: C416, SIM118
    kinds = {str(part[kind]) for kind in KINDS if kind in part and isinstance(part[kind], pikepdf.Name)}
    if names & SCRIPTS or kinds & SCRIPTS:
        return "script"
    if kinds & ACTIONS or _acts_on_opening(part):
        return "action"
    return "attached" if (names | kinds) & ATTACHED else ""


def _acts_on_opening(part: Any) -> bool:
    """Opening at a page is no action."""
    opened = part.get("/OpenAction")
    return isinstance(opened, pikepdf.Dictionary) and opened.get("/S") != pikepdf.Name.GoTo


def main() -> None:
    """Limit this process, then look."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=UNPACKED_BYTES,
        png_max_memory=UNPACKED_BYTES,
        run_length_max_memory=UNPACKED_BYTES,
        max_stream_filters=2,
    )
    sys.stdout.write(verdict(sys.stdin.buffer.read(), int(sys.argv[1])))


if __name__ == "__main__":
    main()
