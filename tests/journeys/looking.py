"""What the pages that people open get wrong: by axe, by the requests that they make; and pictures of them."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import ConsoleMessage, Page, Request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from mobility.core.settings import ROOT

AXE = (ROOT / "tests" / "vendor" / "axe" / "axe.min.js").read_text()
LOOK = """async () => {
    const found = await axe.run(document, {
        preload: false, resultTypes: ["violations"], rules: {"target-size": {enabled: true}},
    });
    return found.violations.map(one => `${one.id}: ${one.nodes.map(node => node.html).join(" | ")}`);
}"""
# Whether somebody is signed in, the page's title, and beside its heading the state of its record.
SHOWN = """() => [!!document.querySelector(".masthead-end form"), document.title.split(" – ")[0],
    document.querySelector(".title-kicker .tag")?.textContent || ""]"""
NOBODY = "anybody"
WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 800}
NARROW = {"width": 320, "height": 700}
# Who visits or hosts does so from a phone, too.
WITH_PHONES = frozenset({"applicant", "host", NOBODY})
PICTURES = "SCREENSHOTS"


def violations(page: Page) -> list[str]:
    """What axe finds on the page that is open."""
    page.evaluate(AXE)
    found: list[str] = page.evaluate(LOOK)
    return found


@dataclass
class Watch:
    """What a page does that it should not."""

    origin: str
    requests: int = 0
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        page.on("request", self._request)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _request(self, request: Request) -> None:
        self.requests += 1
        if not request.url.startswith((self.origin + "/", "data:")):
            self.foreign.append(request.url)

    def _console(self, message: ConsoleMessage) -> None:
        # A refused form or a password asked for once more is a 4xx, which the browser notes by itself.
        if message.type in {"error", "warning"} and "status of 4" not in message.text:
            self.complaints.append(message.text)


class Looking:
    """All that the people of a journey met: each page of each role, in each state, is looked at once."""

    def __init__(self, app: Flask, origin: str) -> None:
        self.watch = Watch(origin)
        self.opened = 0
        self.looked_at: set[tuple[str, str, str]] = set()
        self.wrong: list[str] = []
        self._pages: MapAdapter = app.url_map.bind(urlsplit(origin).netloc)

    def at(self, page: Page, who: str) -> None:
        """Look at the page that is open, if this role did not meet it so far."""
        self.opened += 1
        path = urlsplit(page.url).path
        is_known, title, state = page.evaluate(SHOWN)
        seen = (who if is_known else NOBODY, self._name_of(path), f"{title} {state}".strip())
        if seen in self.looked_at:
            return
        self.looked_at.add(seen)
        self.wrong += [f"{who} at {path}: {one}" for one in violations(page)]
        picture(page, f"{len(self.looked_at):03d} {' '.join(seen)}", phone=seen[0] in WITH_PHONES)

    def expect_nothing_wrong(self) -> None:
        """Tell what was met; no page is inaccessible, and no request left the origin."""
        print(f"\n{self}")
        amiss = self.wrong + self.watch.foreign + self.watch.complaints
        assert not amiss, "\n".join(amiss)

    def __str__(self) -> str:
        roles = {who for who, _name, _shown in self.looked_at}
        names = {name for _who, name, _shown in self.looked_at}
        return (
            f"{self.opened} pages opened by {len(roles)} roles, {len(self.looked_at)} of {len(names)} kinds"
            f" looked at by axe: {len(self.wrong)} violations; {self.watch.requests} requests,"
            f" {len(self.watch.foreign)} left the origin"
        )

    def _name_of(self, path: str) -> str:
        for method in ("GET", "POST"):
            try:
                endpoint, _arguments = self._pages.match(path, method=method)
            except HTTPException:
                continue
            return str(endpoint)
        return path


def picture(page: Page, name: str, *, phone: bool = False) -> None:
    """Keep pictures of the whole page in the folder that SCREENSHOTS names, if it names one."""
    if PICTURES not in os.environ:
        return
    folder = Path(os.environ[PICTURES])
    folder.mkdir(parents=True, exist_ok=True)
    file = re.sub(r"[^a-z0-9_.]+", "-", name.lower()).strip("-")
    before = page.viewport_size
    for size in (WIDE, PHONE) if phone else (WIDE,):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.screenshot(path=folder / f"{file}-{size['width']}.png", full_page=True)
    if before:
        page.set_viewport_size(before)
