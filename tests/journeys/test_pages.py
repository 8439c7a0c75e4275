"""Every page that a role can reach is accessible, quiet, its own, and fits a narrow screen."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from mobility.serve import web_command
from tests import databases
from tests.conftest import LiveServer
from tests.journeys.filled import ROLES, address, fill
from tests.journeys.looking import NARROW, WIDE, WITH_PHONES, Watch, picture, violations
from tests.journeys.steps import Person, sign_in, sign_in_as_staff
from tests.processes import environment, free_port, running, wait_until_ready

pytestmark = pytest.mark.journey

# Lists hold many of one kind: this many paths of each shape are followed, for the others one.
OF_EACH_SHAPE = {"applicant": 2, "support": 2}
DEPTH = 2
PAPERS = re.compile(r"\.(pdf|csv|xml)$|/paper$|/evidence/|/cv/|^/static/")
NUMBERED = re.compile(r"[A-Z0-9]+-[A-Z0-9-]+|\d+")
FIELDS = """() => [...document.querySelectorAll("[aria-invalid='true']")].map(field => {
    const group = field.closest("fieldset[aria-describedby]");
    const by = field.getAttribute("aria-describedby") || group?.getAttribute("aria-describedby") || "";
    const ids = by.split(" ").filter(Boolean);
    const parts = ids.map(id => document.getElementById(id));
    const error = parts.find(part => part?.matches(".error") && part.textContent.trim());
    return {name: field.name || field.id, ids, missing: ids.filter((id, at) => !parts[at]),
            error: error?.textContent.trim() || ""};
})"""
HINTS = """() => Object.fromEntries([...document.querySelectorAll("form .hint[id]")]
    .map(hint => [hint.id, hint.textContent.trim()]))"""
IN_ORDER = """targets => targets.map(to => document.querySelector(to)).every((node, at, all) => !at
    || !node || !all[at - 1] || all[at - 1].compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING
    || all[at - 1] === node)"""
# Contrast of each drawn border against what lies around it, as WCAG 1.4.11 counts.
BORDERS = """() => {
    const pen = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const rgba = colour => {
        pen.clearRect(0, 0, 1, 1); pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1);
        return [...pen.getImageData(0, 0, 1, 1).data];
    };
    const light = colour => rgba(colour).slice(0, 3).map(one => one / 255)
        .map(one => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
        .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
    const around = node => {
        for (let at = node.parentElement; at; at = at.parentElement) {
            const colour = getComputedStyle(at).backgroundColor;
            if (rgba(colour)[3] === 255) return colour;
        }
        return "Canvas";
    };
    const drawn = node => node.checkVisibility() && node.getBoundingClientRect().width > 1
        && (!["checkbox", "radio"].includes(node.type) || getComputedStyle(node).appearance === "none")
        && !(node.matches(":checked") && getComputedStyle(node).borderStyle === "none");
    return [...document.querySelectorAll("main input:not([type=hidden]), main select, main textarea")]
        .filter(drawn).map(node => {
            const [a, b] = [light(getComputedStyle(node).borderTopColor), light(around(node))];
            const width = parseFloat(getComputedStyle(node).borderTopWidth);
            return [node.name || node.id, width ? (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) : 1];
        });
}"""


# What each person sends wrongly: where, by which button, with which answers changed before.
REFUSED: dict[str, tuple[tuple[str, str, dict[str, str]], ...]] = {
    "anonymous": (
        ("/login", "Sign in", {}),
        ("/register", "Create my account", {"email": "nobody"}),
        ("survey", "Send my answers", {"days": "99"}),
        ("/eligibility", "Check eligibility", {"staff": "-1"}),
    ),
    "applicant": (
        ("/organisations/mine", "Save", {"name": "", "region": "XX", "iban": "BE00", "turnover": "much"}),
        ("application person", "Save and go on", {"person_name": "", "person_email": "ana"}),
        ("application topics", "Save and go on", {"motivation": ""}),
        ("application dates", "Save and go on", {"max_days": "1", "windows-1-first_day": "2027-03-01"}),
        ("proposal", "Decline", {}),
        ("message", "Send the message", {}),
        ("/pairs/new", "Enter the visit", {"application": "APP-1"}),
        ("pair", "Withdraw", {}),
        ("dates", "Change the dates", {"last_day": "2020-01-01"}),
        ("agreements", "Void 1 agreement", {}),
        ("agreement", "Sign the Commitment to Quality", {"name": ""}),
        ("write report", "Save and go on", {"first_day": "2020-01-02", "last_day": "2020-01-01"}),
        ("report", "Attach this file", {}),
    ),
    "host": (
        ("offer", "Check and send", {"max_visits": "-1", "windows-0-places": "", "contact_email": "rui"}),
        ("contact", "Answer", {}),
        ("pair", "Decline", {}),
    ),
    "officer": (
        ("assess application", "Decide", {}),
        ("assess offer", "Decide", {}),
        ("cancel", "Cancel the exchange", {}),
        ("validate", "Decline", {}),
        ("return report", "Send it back", {}),
    ),
    "support": (
        ("/rounds/open", "Open the round", {}),
        ("solve", "Start", {"time_limit_s": "0"}),
        ("bypass report", "Go on without it", {}),
    ),
    "finance": (
        ("order", "Void the order", {}),
        ("account", "Save the account", {"iban": "BE00", "bic": "x"}),
        ("batch exported", "as paid", {"paid_on": ""}),
    ),
    "approver": (("batch proposed", "Approve", {}), ("batch proposed", "Send back", {})),
    "administrator": (
        ("/people/invite", "Send the invitation", {"email": "nobody"}),
        ("person", "Give the role", {}),
        ("close", "Close the account of", {}),
        ("reset", "Reset the second step of", {}),
    ),
}


# Known: Flask-Security's forms list their fields in another order than the page shows them.
UNORDERED = {"/login", "/register"}
DEEP = {
    "anonymous": ["/verify", "/reset"],
    "applicant": ["/account/second-step"],
    "host": ["/organisations/mine", "host's report", "plan", "agreement"],
    "officer": ["agreement", "accept report"],
    "support": ["run", "publish", "/organisations"],
    "finance": ["/payments/batches/new", "batch drawn_up"],
    "approver": ["batch exported"],
    "auditor": ["run", "/organisations", "/account/password", "/audit/viewings"],
    "administrator": ["/account/recovery-codes"],
}


@dataclass
class Filled:
    """A filled site and what no list of it shows."""

    server: LiveServer
    paths: dict[str, str]


@pytest.fixture(scope="module")
def filled(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """One filled site for all tests of this file, which only look at it or send what is refused."""
    var, port = tmp_path_factory.mktemp("filled"), free_port()
    with databases.copy_of(template, server) as database, databases.app_on(database, var) as app:
        paths = fill(app)
        settings = environment(DATABASE_URL=database, PORT=str(port), VAR=str(var))
        with running(web_command(port, processes=1), settings, var / "web.log"):
            wait_until_ready(port, var / "web.log")
            yield Filled(LiveServer(f"http://127.0.0.1:{port}", app, database), paths)


@pytest.mark.sweep(10)
@pytest.mark.parametrize("who", ["anonymous", *ROLES])
def test_every_page_in_reach_is_accessible_quiet_and_its_own(
    filled: Filled, new_page: Callable[[], Page], who: str
) -> None:
    page, watch = new_page(), Watch(filled.server.url)
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    watch.over(page)
    enter(filled, page, who)

    titles: dict[str, str] = {}
    wrong: list[str] = []
    for path in crawl(page, filled.server.url, first_paths(filled, who), OF_EACH_SHAPE.get(who, 1)):
        wrong += [f"{path}: {said}" for said in wrong_with(page)]
        picture(page, f"{who} {path}", phone=who in WITH_PHONES)
        title = page.title()
        if title in titles:
            wrong.append(f"{path}: has the title of {titles[title]}: {title}")
        titles[title] = path

    print(f"\n{who}: {len(titles)} pages, {len(wrong)} faults, {len(watch.foreign)} requests left the origin")
    assert wrong == []
    assert watch.foreign == []
    assert watch.complaints == []
    assert len(titles) >= 6, titles


def enter(filled: Filled, page: Page, who: str) -> None:
    if who != "anonymous":
        person = Person(page, filled.server, address(who))
        (sign_in if who in {"applicant", "host"} else sign_in_as_staff)(person)


def first_paths(filled: Filled, who: str) -> list[str]:
    """Where the crawl begins: the first page, the person's forms, and what lies deep; the rest it finds."""
    known = [where for where, _button, _answers in REFUSED.get(who, ())] + DEEP.get(who, [])
    home = {"anonymous": "/", "applicant": "/dashboard", "host": "/dashboard"}.get(who, "/work")
    return [home, *(filled.paths.get(one, one) for one in known)]


def crawl(page: Page, origin: str, first: list[str], of_each: int) -> Iterator[str]:
    """Open what the links lead to, level by level; yields each path while its page is open."""
    seen: dict[str, int] = {}
    level = first
    for _ in range(DEPTH + 1):
        found: list[str] = []
        for path in [path for path in level if is_new(path, seen, of_each)]:
            answer = page.goto(origin + path)
            assert answer
            assert answer.status == 200, f"{path} answers {answer.status}"
            if urlsplit(page.url).path == urlsplit(path).path:
                yield path
                found += links(page, origin)
        level = list(dict.fromkeys(found))


def is_new(path: str, seen: dict[str, int], of_each: int) -> bool:
    """Whether the page is to be looked at; the same page sorted or filtered otherwise is not."""
    place = path if "/new?" in path else urlsplit(path).path
    shape = NUMBERED.sub("*", place)
    if PAPERS.search(place) or place in seen or seen.get(shape, 0) >= of_each:
        return False
    seen[place] = seen.get(place, 0) + 1
    if shape != place:
        seen[shape] = seen.get(shape, 0) + 1
    return True


def links(page: Page, origin: str) -> list[str]:
    """Paths of the page's links within the site."""
    urls: list[str] = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
    own = [urlsplit(url) for url in urls if url.startswith(origin + "/")]
    return [f"{one.path}?{one.query}" if one.query else one.path for one in own]


def wrong_with(page: Page) -> list[str]:
    """What the page that is open gets wrong, in words."""
    wrong = violations(page)
    headings = page.locator("h1").count()
    if headings != 1:
        wrong.append(f"{headings} first headings")
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > NARROW["width"]:
        wrong.append(f"scrolls sideways: {width} px at 320")
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    return wrong


@pytest.mark.parametrize("who", REFUSED)
def test_a_refused_form_ties_its_errors_to_fields_that_keep_their_hints(
    filled: Filled, page: Page, who: str
) -> None:
    enter(filled, page, who)
    wrong: list[str] = []
    for where, button, answers in REFUSED[who]:
        page.goto(filled.server.url + filled.paths.get(where, where))
        hints = page.evaluate(HINTS)
        refuse(page, button, answers)
        wrong += [f"{where}: {said}" for said in badly_tied(page, hints)]
        wrong += [f"{where}: {said}" for said in violations(page)]

    assert wrong == []


def test_a_request_that_leaves_the_origin_and_a_picture_without_words_are_seen(page: Page) -> None:
    watch = Watch("http://127.0.0.1:1")
    watch.over(page)

    page.set_content("<main><h1>Control</h1><img src='http://127.0.0.1:2/tracker.png'></main>")

    assert watch.foreign == ["http://127.0.0.1:2/tracker.png"]
    assert any(one.startswith("image-alt") for one in violations(page))


def test_an_error_page_is_accessible_too(filled: Filled, page: Page) -> None:
    answer = page.goto(filled.server.url + "/applications/nowhere/at/all")

    assert answer
    assert answer.status == 404
    assert wrong_with(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_borders_of_fields_stand_out(filled: Filled, page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    enter(filled, page, "applicant")
    faint: list[str] = []
    pages = [filled.paths[f"application {name}"] for name in ("person", "dates", "hosts")]
    for path in (*pages, "/organisations/mine", "/exchanges", filled.paths["survey"]):
        page.goto(filled.server.url + path)
        borders = page.evaluate(BORDERS)
        assert borders, path
        faint += [f"{path}: {name} has {ratio:.2f}" for name, ratio in borders if ratio < 3]
        faint += [f"{path}: {said}" for said in violations(page)]

    assert faint == []


def refuse(page: Page, button: str, answers: dict[str, str]) -> None:
    """Change answers, send, and land on the same form with its summary in focus."""
    for name, answer in answers.items():
        page.locator(f"[name='{name}']").fill(answer)
    with page.expect_navigation() as sent:
        page.locator("main").get_by_role("button", name=button).last.click()
    assert sent.value
    assert sent.value.status == 422, f"{page.url} answers {sent.value.status}"
    expect(page.locator("#error-summary")).to_be_focused()
    assert page.title().startswith("Error:")


def badly_tied(page: Page, hints: dict[str, str]) -> list[str]:
    """Fields whose error or hint is not where a screen reader finds it, and links that lead nowhere."""
    fields: list[dict[str, Any]] = page.evaluate(FIELDS)
    assert fields, "nothing is marked as wrong"
    wrong = [
        f"{one['name']} points to {one['missing']}, which is not there" for one in fields if one["missing"]
    ]
    wrong += [f"{one['name']} points to no error" for one in fields if not one["error"]]
    kept = page.evaluate(HINTS)
    wrong += [f"{name} is gone" for name in hints.keys() - kept.keys()]
    wrong += [
        f"{one['name']} has lost {hint}"
        for one in fields
        for hint in hints
        if hint == f"{one['name']}-hint" and hint not in one["ids"]
    ]
    targets = page.eval_on_selector_all("#error-summary a", "all => all.map(one => one.getAttribute('href'))")
    assert targets, "the summary links to nothing"
    if urlsplit(page.url).path not in UNORDERED and not page.evaluate(IN_ORDER, targets):
        wrong.append(f"the summary is not in the order of the page: {targets}")
    return wrong + [f"the summary links to {to}" for to in targets if not page.locator(to).count()]
