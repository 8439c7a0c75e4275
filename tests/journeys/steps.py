"""What people do in the browser, by the words that they see."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from mobility.core.db import db
from mobility.mail.models import Letter
from tests.conftest import LiveServer
from tests.journeys.looking import Looking
from tests.make.accounts import PASSWORD, code_for

LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True)
class Person:
    """Somebody with a browser of their own; `who` is the role in which `looking` looks at each page they open."""

    page: Page
    server: LiveServer
    email: str
    name: str = ""
    who: str = ""
    looking: Looking | None = None

    def go(self, path: str) -> None:
        """Open an address of the site."""
        answer = self.page.goto(self.server.url + path)
        assert answer
        assert answer.status == 200, f"{path} answers {answer.status}"
        self.look()

    def fill(self, **answers: object) -> None:
        """Fill fields by their name; the rows of a list are `windows-0-first_day`, written with `__`."""
        for name, answer in answers.items():
            field = self.page.locator(f"[name='{name.replace('__', '-')}']")
            written = answer.isoformat() if isinstance(answer, date) else str(answer)
            if field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(written)
            else:
                field.fill(written)

    def tick(self, *labels: str) -> None:
        """Tick boxes, or choose, by the words beside them."""
        for label in labels:
            self.page.get_by_label(label, exact=True).first.check()

    def press(self, words: str, status: int = 200) -> None:
        """Press the button with these words; the page that follows answers so, by itself without an error."""
        with self.page.expect_navigation() as following:
            self.page.get_by_role("button", name=words, exact=True).first.click()
        answer = following.value
        assert answer
        assert answer.status == status, f"{words}: {answer.status}\n{self.page.locator('main').inner_text()}"
        self.look()

    def follow(self, words: str) -> None:
        """Follow the link whose words begin like this."""
        self._click(self.page.get_by_role("link", name=re.compile(f"^{re.escape(words)}")).first)

    def open(self, reference: str) -> None:
        """Follow the link in the page's content that names a record."""
        self._click(self.page.locator(f"main a[href$='/{reference}']").first)

    def open_first(self) -> None:
        """Follow the link to the first record of the list."""
        self._click(self.page.locator("tbody th a").first)

    def open_waiting(self) -> None:
        """Follow the link to the first thing of the page that waits for one."""
        self._click(self.page.locator("#waiting a").first)

    def download(self, words: str) -> tuple[str, bytes]:
        """Name and content of the file behind the link whose words begin like this."""
        with self.page.expect_download() as download:
            self.page.get_by_role("link", name=re.compile(f"^{re.escape(words)}")).first.click()
        return download.value.suggested_filename, Path(download.value.path()).read_bytes()

    def sees(self, *words: str) -> None:
        """The page says so, within the time that a slow machine needs."""
        for one in words:
            expect(self.page.locator("main")).to_contain_text(one, timeout=15_000)

    def newest_letter(self, kind: str) -> Letter:
        """The last letter of a kind in the outbox to this person."""
        return newest_letter(self.server, kind, self.email)

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    @property
    def reference(self) -> str:
        """The record that the page is about, by its address."""
        return self.path.rsplit("/", 1)[-1]

    def _click(self, link: Locator) -> None:
        with self.page.expect_navigation() as following:
            link.click()
        answer = following.value
        assert answer
        assert answer.status == 200, f"{self.path} answers {answer.status}"
        self.look()

    def look(self) -> None:
        """Have the page that is open looked at; each step that opens one does."""
        if self.looking is not None:
            self.looking.at(self.page, self.who)


def newest_letter(server: LiveServer, kind: str, email: str) -> Letter:
    """The last letter of a kind in the outbox to an address."""
    to = select(Letter).where(Letter.kind == kind, Letter.to_email == email)
    with server.app.app_context():
        letter = db.session.scalars(to.order_by(Letter.id.desc()).limit(1)).one()
        db.session.expunge(letter)
        return letter


def link_in(letter: Letter) -> str:
    """The path and query of the link that a letter carries."""
    found = LINK.search(letter.body)
    assert found, letter.body
    parts = urlsplit(found[0])
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def register(person: Person) -> Person:
    """Open an account, confirm it by the letter's link and sign in."""
    person.go("/")
    person.follow("Register")
    person.fill(name=person.name, email=person.email, password=PASSWORD)
    if person.page.locator("[name='password_confirm']").count():
        person.fill(password_confirm=PASSWORD)
    person.press("Create my account")
    person.sees("A letter is on its way")
    person.go(link_in(person.newest_letter("accounts.welcome")))
    person.sees("Your address is confirmed")
    sign_in(person)
    return person


def sign_in(person: Person) -> None:
    """Through the login page, to one's own line of steps."""
    give_password(person)
    expect(person.page).to_have_url(re.compile("/dashboard$"))


def sign_in_as_staff(person: Person) -> None:
    """Through the login page and the second step, to what waits for staff."""
    give_password(person)
    person.sees("Open your authenticator app")
    person.fill(code=code_for(person.server.app, person.email))
    person.press("Sign in")
    expect(person.page).to_have_url(re.compile("/work$"))


def give_password(person: Person) -> None:
    """The first step, which everybody takes."""
    person.go("/login")
    person.fill(email=person.email, password=PASSWORD)
    person.press("Sign in")


def sign_out(person: Person) -> None:
    """By the button that every page has."""
    person.press("Sign out")
    expect(person.page.get_by_role("link", name="Sign in").first).to_be_visible()


def enter_organisation(person: Person, **answers: object) -> None:
    """Register the organisation that the person acts for: an SME of a profiled cluster."""
    person.follow("Your organisation")
    usual: dict[str, object] = {
        "registration": "0123456749",
        "type": "sme",
        "staff": 12,
        "turnover": "1500000",
        "balance": "800000",
        "founded": 2012,
        "cluster_name": "Flux Cluster",
    }
    person.fill(**usual | answers)
    person.tick("This cluster has a profile on the European Cluster Collaboration Platform")
    person.press("Save")
    person.sees("Your organisation is saved.")
