"""`make bench`, or `python -m tests.bench pages|solves` for one half of it."""

import sys

import click

from tests.bench.pages import bench_pages
from tests.bench.solves import bench_solves

HALVES = {"pages": bench_pages, "solves": bench_solves}


def main(asked: list[str]) -> None:
    """Measure what is asked for, or everything."""
    if set(asked) - HALVES.keys():
        sys.exit(f"Usage: python -m tests.bench [{'|'.join(HALVES)}]")
    for name, bench in HALVES.items():
        if not asked or name in asked:
            bench()
            click.echo()


if __name__ == "__main__":
    main(sys.argv[1:])
