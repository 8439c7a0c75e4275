"""Rows as a plain aligned table and as a file."""

import csv
from collections.abc import Sequence

import click

from mobility.core.settings import ROOT

FOLDER = ROOT / "var" / "bench"

Cell = str | int | float | None


def publish(name: str, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Print the rows and write them to `var/bench/NAME.csv`."""
    click.echo(_aligned(header, rows))
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def _aligned(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """Lines with columns of equal width; numbers stand to the right, None is a dash."""
    shown = [["-" if cell is None else str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(header, *shown, strict=True)]
    numeric = [any(isinstance(row[place], int | float) for row in rows) for place in range(len(header))]
    lines = [header, ["-" * width for width in widths], *shown]
    return "\n".join(_line(line, widths, numeric) for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    padded = [
        cell.rjust(width) if right else cell.ljust(width)
        for cell, width, right in zip(cells, widths, numeric, strict=True)
    ]
    return "  ".join(padded).rstrip()
