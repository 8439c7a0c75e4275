"""What people do in the browser, by the words that they see."""

import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect
from sqlalchemy import select

from mobility.core.db import db
from mobility.mail.models import Letter
from tests.conftest import LiveServer
from tests.make.accounts import PASSWORD

LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True)
class Person:
    """Somebody with a browser of their own."""

    page: Page
    server: LiveServer
    email: str
    name: str = ""

    def go(self, path: str) -> None:
        """Open an address of the site."""
        answer = self.page.goto(self.server.url + path)
        assert answer
        assert answer.status == 200, f"{path} answers {answer.status}"

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

    def press(self, words: str) -> None:
        """Press the button with these words; the page that follows must not be an error."""
        with self.page.expect_navigation() as following:
            self.page.get_by_role("button", name=words, exact=True).first.click()
        answer = following.value
        assert answer
        assert answer.status == 200, f"{words}: {answer.status}\n{self.page.locator('main').inner_text()}"

    def follow(self, words: str) -> None:
        """Follow the link whose words begin like this."""
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=re.compile(f"^{re.escape(words)}")).first.click()

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


def register(page: Page, server: LiveServer, email: str, name: str) -> Person:
    """Open an account, confirm it by the letter's link and sign in."""
    person = Person(page, server, email, name)
    person.go("/")
    person.follow("Register")
    person.fill(name=name, email=email, password=PASSWORD)
    if page.locator("[name='password_confirm']").count():
        person.fill(password_confirm=PASSWORD)
    person.press("Create my account")
    person.sees("A letter is on its way")
    person.go(link_in(person.newest_letter("accounts.welcome")))
    person.sees("Your address is confirmed")
    sign_in(person)
    return person


def sign_in(person: Person) -> None:
    """Through the login page."""
    person.go("/login")
    person.fill(email=person.email, password=PASSWORD)
    person.press("Sign in")
    expect(person.page).to_have_url(re.compile("/dashboard$"))


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
