"""`make bench`, or `python -m tests.bench pages|growth|imports|solves|rounds` for a part of it."""

import sys

import click

from tests.bench.growth import bench_growth
from tests.bench.imports import bench_imports
from tests.bench.pages import bench_pages
from tests.bench.rounds import bench_rounds
from tests.bench.solves import bench_solves

PARTS = {
    "pages": bench_pages,
    "growth": bench_growth,
    "imports": bench_imports,
    "solves": bench_solves,
    "rounds": bench_rounds,
}


def main(asked: list[str]) -> None:
    """Measure what is asked for, or everything."""
    if set(asked) - PARTS.keys():
        sys.exit(f"Usage: python -m tests.bench [{'|'.join(PARTS)}]")
    for name, bench in PARTS.items():
        if not asked or name in asked:
            bench()
            click.echo()


if __name__ == "__main__":
    main(sys.argv[1:])
