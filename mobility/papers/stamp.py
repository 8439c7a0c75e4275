"""What every paper carries at its foot so that anybody can check it: a code, its address, and both as a QR code."""

from dataclasses import dataclass
from itertools import groupby

import segno

from mobility.core.web import external_url
from mobility.papers.services import code_of


@dataclass(frozen=True)
class Stamp:
    """Code and address of a paper's public check page; `qr` is a path, one unit wide, on a square of `qr_side`."""

    code: str
    url: str
    qr: str
    qr_side: int


def stamp(number: str, version: int) -> Stamp:
    """The stamp of one version of a paper, issued or about to be."""
    code = code_of(number, version)
    url = external_url("public.verify", code=code)
    rows = [bytes(row) for row in segno.make(url, error="m", micro=False).matrix]
    return Stamp(code, url, _path(rows), len(rows))


def _path(rows: list[bytes]) -> str:
    """One line along each run of dark squares: a data URI would be a fetch, which papers refuse."""
    drawn = []
    for y, row in enumerate(rows):
        x = 0
        for is_dark, squares in groupby(row):
            run = len(list(squares))
            if is_dark:
                drawn.append(f"M{x} {y}.5h{run}")
            x += run
    return "".join(drawn)
