"""What a page weighs with all it brings along, as Chromium loads it with an empty cache."""

import gzip
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, Request, sync_playwright

from mobility.serve import HOST
from tests.bench.crawl import Page
from tests.bench.site import Site
from tests.bench.visitor import COOKIE
from tests.conftest import CHROMIUM_FLAGS


@dataclass(frozen=True)
class Weight:
    """Requests without fonts, and their bytes after gzip."""

    requests: int
    bytes_gzip: int


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or the one CHROMIUM names."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


def weight(browser: Browser, site: Site, page: Page) -> Weight:
    """Load the page once and add up."""
    origin = f"http://{HOST}:{site.port}"
    context = browser.new_context()
    token = site.tokens[page.role]
    if token:
        context.add_cookies([{"name": COOKIE, "value": token, "url": origin}])
    tab = context.new_page()
    asked: list[Request] = []
    tab.on("request", lambda request: asked.append(request))  # noqa: PLW0108  # it marks its handler
    tab.goto(origin + page.path, wait_until="networkidle")
    bodies = [_body(request) for request in asked if request.resource_type != "font"]
    context.close()
    return Weight(len(bodies), sum(len(gzip.compress(body)) for body in bodies))


def _body(request: Request) -> bytes:
    response = request.response()
    return response.body() if response and response.status == 200 else b""
