"""Finds the pages to measure: every page that a role reaches by a link, one for each route."""

from collections import defaultdict, deque
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException

from mobility.serve import HOST
from tests.bench.site import Site

# Of so many records a role looks at, the one with the longest page is timed.
RECORDS = 5


@dataclass(frozen=True)
class Page:
    """A page that somebody may open: the longest (`path`) of some alike of the same route (`rule`)."""

    rule: str
    path: str
    role: str
    length: int
    alike: list[str]


@dataclass(frozen=True)
class Crawl:
    """The page of each route, the routes nobody got a page from, and what failed."""

    pages: list[Page]
    unreached: list[str]
    failed: list[str]


def crawl(site: Site) -> Crawl:
    """Walk through the site as each role; the first that gets a page from a route gives the route's page."""
    chosen: dict[str, Page] = {}
    failed: list[str] = []
    without_page: set[str] = set()
    for role in site.tokens:
        walk = _Walk(site, role)
        walk.go()
        failed += walk.failed
        without_page |= walk.without_page
        chosen = walk.longest | chosen
    unreached = set(_rules(site.app)) - chosen.keys() - without_page
    return Crawl(sorted(chosen.values(), key=lambda page: page.rule), sorted(unreached), sorted(set(failed)))


class _Walk:
    def __init__(self, site: Site, role: str) -> None:
        self.site, self.role = site, role
        self.ahead = deque([*site.starts, *(rule for rule in _rules(site.app) if "<" not in rule)])
        self.seen = set(self.ahead)
        self.looked_at: defaultdict[str, list[str]] = defaultdict(list)
        self.longest: dict[str, Page] = {}
        self.without_page: set[str] = set()
        self.failed: list[str] = []

    def go(self) -> None:
        while self.ahead:
            path = self.ahead.popleft()
            rule = _rule_of(self.site.app, path)
            if rule and len(self.looked_at[rule]) < RECORDS:
                self._look(rule, path)

    def _look(self, rule: str, path: str) -> None:
        with self.site.visitor(self.role) as visitor:
            answer = visitor.get(path)
        if answer.status >= 500:
            self.failed.append(f"{answer.status} {path} as {self.role}")
        if answer.status != 200:
            return
        self.looked_at[rule].append(path)
        if not answer.is_page:
            self.without_page.add(rule)
            return
        page = Page(rule, path, self.role, len(answer.body), self.looked_at[rule])
        self.longest[rule] = max(self.longest.get(rule, page), page, key=lambda one: one.length)
        self._follow(path, answer.body.decode())

    def _follow(self, path: str, html: str) -> None:
        links = _Links()
        links.feed(html)
        for found in links.found:
            address = urlsplit(urljoin(f"http://{HOST}{path}", found))
            link = address._replace(scheme="", netloc="", fragment="").geturl()
            if address.hostname == HOST and link not in self.seen:
                self.seen.add(link)
                self.ahead.append(link)


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag == "a" and href:
            self.found.append(href)


def _rules(app: Flask) -> list[str]:
    return [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint != "static"
    ]


def _rule_of(app: Flask, path: str) -> str | None:
    try:
        rule, _values = app.url_map.bind(HOST).match(path.partition("?")[0], method="GET", return_rule=True)
    except HTTPException:
        return None
    return None if rule.endpoint == "static" else str(rule.rule)
