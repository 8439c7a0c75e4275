"""The whole thread as its people live it: in Chromium, on a server, a worker and a database of their own."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from mobility.accounts.enums import Role
from mobility.core import clock
from mobility.core.db import db
from mobility.exchanges.models import Exchange
from mobility.exchanges.tasks import keep_time
from mobility.payments.tasks import order_due
from mobility.surveys.tasks import invite_due
from tests.conftest import LiveServer
from tests.journeys.steps import Person, enter_organisation, link_in, register, sign_in, sign_out
from tests.make.accounts import PASSWORD, make_user
from tests.make.calls import make_allotment, make_call
from tests.make.partnerships import make_partnership
from tests.processes import environment, running

pytestmark = pytest.mark.journey
WORKER = [sys.executable, "-m", "flask", "--app", "mobility.cli:app_for_commands", "worker"]
STAFF = {
    "officer": Role.PARTNERSHIP_OFFICER,
    "support": Role.SUPPORT_OFFICER,
    "finance": Role.FINANCE_INITIATOR,
}
SURVEY = {
    "took_place": "yes",
    "objectives": "5",
    "welcome": "5",
    "needs_matched": "4",
    "skills_sector": "4",
    "insight": "4",
    "partnership_support": "5",
    "recommend": "9",
}


def test_a_new_user_applies_is_matched_travels_is_paid_and_answers(
    live_server: LiveServer, new_page: Callable[[], Page], tmp_path: Path
) -> None:
    call, window = open_a_call(live_server)
    staff = {who: Person(new_page(), live_server, f"{who}@office.example") for who in STAFF}
    for member in staff.values():
        sign_in(member)

    host = register(new_page(), live_server, "rui@porto.example", "Rui Costa")
    offer = offer_places(host, call, window)
    assess(staff["officer"], f"/hosts/{offer}")
    host.go(f"/hosts/{offer}")
    host.sees("When a visitor is proposed, we write to you")

    applicant = register(new_page(), live_server, "ana@ghent.example", "Ana Peeters")
    application = apply(applicant, call, window)
    assess(staff["officer"], f"/applications/{application}")
    applicant.go("/dashboard")
    applicant.sees("Checked", application)

    with worker(live_server, tmp_path):
        round_ = solve_a_round(staff["support"], call, application)
    publish(staff["support"], round_)
    accept(applicant, "A host for you", "You accepted. Now the other side answers.")
    accept(host, "A visitor for you", "Both sides accepted. The exchange is confirmed.")

    sign_out(host)

    exchange = let_the_stay_pass(live_server)
    download_the_order(staff["finance"], exchange)
    answer_the_survey(Person(new_page(), live_server, applicant.email))
    look_at_the_results(staff["support"])
    applicant.go("/dashboard")
    expect_all_done(applicant.page)


def test_login_and_a_form_work_by_keyboard_alone(live_server: LiveServer, page: Page) -> None:
    open_a_call(live_server)
    with live_server.app.app_context():
        make_user(email="keys@example.org", name="Kim Keys")
        db.session.commit()
    page.goto(live_server.url + "/login")

    page.keyboard.press("Tab")
    assert focused(page)["text"] == "Skip to the content"
    page.keyboard.press("Enter")
    tab_to(page, "email")
    page.keyboard.type("keys@example.org")
    tab_to(page, "password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/dashboard$"))

    page.goto(live_server.url + "/organisations/mine")
    fill_organisation_by_keyboard(page)
    expect(page.locator("main")).to_contain_text("Your organisation is saved.")
    expect(page.locator("[name='town']")).to_have_value("Ghent")


def test_a_refused_form_takes_the_keyboard_to_its_summary_and_on_to_the_field(
    live_server: LiveServer, page: Page
) -> None:
    page.goto(live_server.url + "/register")
    tab_to(page, "name")
    page.keyboard.press("Enter")
    expect(page.locator("#error-summary")).to_be_focused()

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("input[aria-invalid='true']:focus")).to_have_count(1)


def open_a_call(server: LiveServer) -> tuple[str, tuple[date, date]]:
    """An open call with one allotted partnership and its staff; its reference and four good weeks."""
    with server.app.app_context():
        partnership, call = make_partnership(name="Green partnership"), make_call(title="First call")
        make_allotment(call, partnership)
        for who, role in STAFF.items():
            member_of = partnership if role is Role.PARTNERSHIP_OFFICER else None
            make_user(role, partnership=member_of, email=f"{who}@office.example", name=who.title())
        db.session.commit()
        first_day = call.first_day + timedelta(days=10)
        return call.reference, (first_day, first_day + timedelta(days=28))


def offer_places(host: Person, call: str, window: tuple[date, date]) -> str:
    """Register the host's organisation, fill the offer, look through it and send it; its reference."""
    enter_organisation(host, name="Porto Wind", country="PT", town="Porto", registration="PT500100200")
    begin(host, "/hosts", "Offer places in")
    host.fill(title="A week in the test hall", description="Tests, talks and two visits.", max_visits=2)
    host.fill(languages__0__language="en", languages__0__level="C1", min_days=3, max_days=5)
    host.fill(windows__0__first_day=window[0], windows__0__last_day=window[1], windows__0__places=1)
    host.tick("Renewable energy", "Learn from another cluster or country", "In person")
    host.press("Check and send")
    host.sees("Draft, not sent yet")
    host.press("Send offer")
    host.sees("Sent. The receipt goes to", "Green partnership assesses it")
    reference = host.path.rsplit("/", 1)[-1]
    assert reference in host.newest_letter("hosts.received").body
    return reference


def apply(applicant: Person, call: str, window: tuple[date, date]) -> str:
    """Register the visitor's organisation, fill the application and send it; its reference."""
    enter_organisation(
        applicant,
        name="Solarwerk",
        country="BE",
        town="Ghent",
        iban="BE68 5390 0754 7034",
        account_holder="Solarwerk",
    )
    begin(applicant, "/applications", "New application in")
    watch_the_rules_while_typing(applicant, window)
    applicant.fill(languages__0__language="en", languages__0__level="B2", motivation="To see blades tested.")
    applicant.tick("Renewable energy", "Learn from another cluster or country", "In person")
    applicant.press("Check and send")
    applicant.sees("Draft, not sent yet")
    expect(applicant.page.locator(".sign-fail")).to_have_count(0)
    applicant.press("Send application")
    reference = applicant.path.rsplit("/", 1)[-1]
    applicant.sees("Sent. The receipt goes to ana@ghent.example", reference, "Received")
    letter = applicant.newest_letter("applications.received")
    assert reference in letter.body + letter.subject
    applicant.sees(letter.subject)
    return reference


def begin(person: Person, list_path: str, button: str) -> None:
    """From the list through the page that asks for the organisation to the form."""
    person.go(list_path)
    person.follow(button)
    person.press("Begin")
    assert person.path.endswith("/edit")


def watch_the_rules_while_typing(applicant: Person, window: tuple[date, date]) -> None:
    """The findings beside the form follow what is typed, before anything is saved."""
    days = applicant.page.locator("#findings [data-finding='min-days'] .sign")
    consent = applicant.page.locator("#findings [data-finding='consent'] .sign")
    amounts = applicant.page.locator("#findings #lump")
    expect(days).to_have_text("Not met")
    applicant.fill(windows__0__first_day=window[0], windows__0__last_day=window[1], min_days=3, max_days=5)
    expect(days).to_have_text("Met", timeout=15_000)
    expect(consent).to_have_text("Not met")
    applicant.page.locator("[name='consent']").check()
    expect(consent).to_have_text("Met", timeout=15_000)
    applicant.page.locator("[name='wish_1']").select_option(index=1)
    expect(amounts).to_contain_text("€780.00", timeout=15_000)
    applicant.fill(max_days=4)
    expect(amounts).to_contain_text("€390.00", timeout=15_000)
    applicant.fill(max_days=5)


def assess(officer: Person, path: str) -> None:
    """The officer finds it in the work list and accepts it."""
    listed, reference = path.rsplit("/", 1)
    officer.go(listed)
    link = officer.page.locator(f"main a[href$='/{reference}']").first
    with officer.page.expect_navigation():
        link.click()
    officer.sees("Your decision")
    officer.tick("Accept")
    officer.press("Decide")
    officer.sees("Decided.")


def solve_a_round(support: Person, call: str, application: str) -> str:
    """Open a round, freeze it, have it solved and look at the result; its reference."""
    support.go("/rounds")
    support.follow("Open a round")
    support.fill(call=call)
    support.press("Open the round")
    round_ = support.path.rsplit("/", 1)[-1]
    support.press("Freeze")
    support.sees("The round is frozen")
    expect(support.page.locator("[data-figure='round_pairs']")).to_have_text("1")
    support.follow("Solve…")
    support.fill(time_limit_s=10)
    support.press("Start")
    # The page follows the worker by itself.
    expect(support.page.locator("[data-figure='matched_share']")).to_contain_text("100", timeout=60_000)
    support.sees(application, "Porto Wind", "Everybody has a host")
    return round_


def publish(support: Person, round_: str) -> None:
    """See what will happen, then publish."""
    support.follow("Publish…")
    support.sees("What will happen")
    support.press("Publish 1 proposal")
    support.sees("Published.", "The round is published")
    assert support.path == f"/rounds/{round_}"


def accept(person: Person, heading: str, outcome: str) -> None:
    """Find the proposal that waits and accept it."""
    person.go("/exchanges")
    person.sees("Waiting for your answer", "Answer by")
    with person.page.expect_navigation():
        person.page.locator("a[href*='/exchanges/proposals/']").first.click()
    person.sees(heading, "points")
    person.press("Accept")
    person.sees(outcome)


def let_the_stay_pass(server: LiveServer) -> str:
    """Move the clock into and behind the stay, and let the clock's tasks and the worker do theirs."""
    with server.app.app_context():
        stay = db.session.scalars(select(Exchange)).one()
        reference, days = stay.reference, (stay.first_day, stay.last_day + timedelta(days=1))
    for day in days:
        with server.app.app_context():
            clock.move(clock.at_local(day, 9))
        with server.app.app_context():
            for task in (keep_time, order_due, invite_due):
                task.func(timestamp=0)
        server.drain()
    return reference


def download_the_order(finance: Person, exchange: str) -> None:
    """Finance finds what is due and downloads its paper."""
    finance.go("/payments")
    finance.sees(exchange, "Solarwerk", "€780.00")
    with finance.page.expect_navigation():
        finance.page.locator("tbody a.ref").first.click()
    reference = finance.path.rsplit("/", 1)[-1]
    finance.sees("Ordered, not yet paid", "Payment order (PDF)")
    with finance.page.expect_download() as download:
        finance.page.get_by_role("link", name="Payment order (PDF)").click()
    assert reference in download.value.suggested_filename
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")


def answer_the_survey(visitor: Person) -> None:
    """By the link of the letter, without an account; the second look says thank you."""
    visitor.go(link_in(visitor.newest_letter("survey.invited")))
    visitor.fill(days=5, quote="Three days that saved us a year.")
    for question, choice in SURVEY.items():
        visitor.page.locator(f"input[name='{question}'][value='{choice}']").check()
    visitor.press("Send my answers")
    visitor.sees("Thank you", "There is nothing left for you to do")


def look_at_the_results(support: Person) -> None:
    """The support officer reads what came back."""
    support.go("/surveys")
    support.follow("See the results")
    support.sees("Three days that saved us a year.")
    expect(support.page.locator("[data-figure='surveys_answered']")).to_have_text("1")
    expect(support.page.locator("[data-figure='surveys_response_percent']")).to_have_text("50 %")


def expect_all_done(page: Page) -> None:
    """The line of steps is walked to its end."""
    expect(page.locator("main")).to_contain_text("Payment ordered")
    expect(page.locator("main ol li")).to_have_count(7)
    expect(page.locator("main ol li.is-done")).to_have_count(7)


@contextmanager
def worker(server: LiveServer, folder: Path) -> Iterator[None]:
    """A worker process on the server's database."""
    settings = environment(DATABASE_URL=server.database_url, VAR=str(folder))
    with running(WORKER, settings, folder / "worker.log"):
        yield


def focused(page: Page) -> dict[str, str]:
    """Name and words of what has the focus, which must be outlined."""
    found: dict[str, str] = page.evaluate(
        """() => { const on = document.activeElement;
        return {name: on.name || "", text: on.textContent.trim(), outline: getComputedStyle(on).outlineStyle} }"""
    )
    assert found["outline"] != "none", f"no focus to be seen on {found}"
    return found


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the field has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if focused(page)["name"] == name:
            return
    raise AssertionError(f"Tab does not reach {name}")


def fill_organisation_by_keyboard(page: Page) -> None:
    """In the order of the page; letters choose in a list, Space ticks, Enter sends."""
    typed = {"name": "Solarwerk", "registration": "0123456749", "type": "Small", "country": "Belg"}
    for name, words in (typed | {"town": "Ghent", "staff": "12", "cluster_name": "Flux Cluster"}).items():
        tab_to(page, name)
        page.keyboard.type(words)
    tab_to(page, "cluster_has_profile")
    page.keyboard.press("Space")
    tab_to(page, "iban")
    page.keyboard.press("Enter")
