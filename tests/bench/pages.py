"""Page times beside a bare Flask page, with statements, bytes and requests."""

from dataclasses import dataclass
from statistics import median

import click
from playwright.sync_api import Browser

from tests.bench import table
from tests.bench.crawl import Page, crawl
from tests.bench.site import Site, site
from tests.bench.statements import statements
from tests.bench.visitor import Visitor
from tests.bench.weight import Weight, chromium, weight

TIMES = 25
WARM_UP = 3
MOST_TIMES_BARE = 15
MOST_STATEMENTS = 12
MOST_BYTES = 60_000
MOST_REQUESTS = 8
HEADER = ("page", "role", "ms", "bare ms", "ratio", "SQL", "kB gzip", "requests", "over")


@dataclass(frozen=True)
class Measured:
    """A page's figures; `bare_ms` was measured in turn with `ms`, statements are the most of all pages alike."""

    page: Page
    ms: float
    bare_ms: float
    is_compressed: bool
    statements: int
    weight: Weight

    @property
    def ratio(self) -> float:
        return self.ms / self.bare_ms

    @property
    def over(self) -> list[str]:
        """Which limits it exceeds."""
        limits = {
            "ratio": self.ratio > MOST_TIMES_BARE,
            "SQL": self.statements > MOST_STATEMENTS,
            "kB": self.weight.bytes_gzip > MOST_BYTES,
            "requests": self.weight.requests > MOST_REQUESTS,
        }
        return [name for name, is_over in limits.items() if is_over]

    def row(self) -> list[table.Cell]:
        kilobytes = round(self.weight.bytes_gzip / 1000, 1)
        return [
            self.page.rule,
            self.page.role,
            round(self.ms, 1),
            round(self.bare_ms, 2),
            round(self.ratio, 1),
            self.statements,
            kilobytes,
            self.weight.requests,
            ", ".join(self.over),
        ]


def bench_pages() -> None:
    """Measure every page, and tell which exceed the limits."""
    with site() as filled:
        found = crawl(filled)
        with chromium() as browser:
            measured = [_measure(filled, browser, page) for page in found.pages]
    rows = [one.row() for one in measured]
    click.echo(f"Pages: median of {TIMES} requests, one gunicorn worker, a bare Flask page in turn.\n")
    table.publish("pages", HEADER, rows)
    click.echo()
    _sum_up(measured)
    _list("No page was reached for (files, data and redirects may have none)", found.unreached)
    _list("Failed", found.failed)


def _measure(site: Site, browser: Browser, page: Page) -> Measured:
    click.echo(f"  {page.path} as {page.role}", err=True)
    ms, bare_ms, is_compressed = _times(site, page)
    counted = max(statements(site.app, path, site.tokens[page.role]) for path in page.alike)
    return Measured(page, ms, bare_ms, is_compressed, counted, weight(browser, site, page))


def _times(site: Site, page: Page) -> tuple[float, float, bool]:
    taken, bare_taken = [], []
    with site.visitor(page.role) as visitor, Visitor(site.bare_port) as bare:
        for _ in range(WARM_UP + TIMES):
            bare_taken.append(bare.get("/").seconds)
            answer = visitor.get(page.path)
            if answer.status != 200:
                raise RuntimeError(f"{page.path} as {page.role} answers {answer.status}")
            taken.append(answer.seconds)
    return 1000 * median(taken[WARM_UP:]), 1000 * median(bare_taken[WARM_UP:]), answer.is_compressed


def _sum_up(measured: list[Measured]) -> None:
    limits = (
        f"{MOST_TIMES_BARE} times bare, {MOST_STATEMENTS} statements,"
        f" {MOST_BYTES // 1000} kB and {MOST_REQUESTS} requests"
    )
    over = [f"{one.page.rule} ({', '.join(one.over)})" for one in measured if one.over]
    click.echo(f"{len(measured)} pages; {len(measured) - len(over)} within {limits}.")
    bare = [one.bare_ms for one in measured]
    click.echo(f"The bare page took {min(bare):.1f} to {max(bare):.1f} ms: far apart means a busy machine.")
    plain = sum(not one.is_compressed for one in measured)
    if plain:
        click.echo(
            f"{plain} of {len(measured)} pages are sent uncompressed; 'kB gzip' is what gzip would make of them."
        )
    _list("Over", over)


def _list(title: str, lines: list[str]) -> None:
    if lines:
        click.echo("\n  ".join([f"{title}:", *lines]))
