"""Nothing that somebody types into an application is lost: not with the browser, not with the session."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from mobility.accounts.enums import Role
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application, Typed
from mobility.applications.services import withdraw
from mobility.calls.models import Call
from mobility.core.db import db
from tests.conftest import LiveServer
from tests.journeys.conftest import NewPerson
from tests.journeys.looking import violations
from tests.journeys.steps import Person, sign_in
from tests.journeys.test_keyboard import focused, tab_to
from tests.make.accounts import make_user
from tests.make.applications import make_application
from tests.make.calls import make_allotment, make_call
from tests.make.hosts import make_offer
from tests.make.organisations import make_organisation
from tests.processes import wait_until

pytestmark = pytest.mark.journey
# What the scheme promises: nothing older is lost.
MOST_MS = 5000
KEPT = "Kept as you typed it"


@pytest.fixture
def draft(live_server: LiveServer) -> str:
    """The address of a draft's form; its author is applicant@office.example."""
    with live_server.app.app_context():
        author, call = make_user(Role.APPLICANT, email="applicant@office.example", name="Ana"), make_call()
        make_allotment(call)
        make_offer(call=call)
        organisation = make_organisation(member=author)
        application = make_application(
            call=call,
            organisation=organisation,
            author=author,
            status=ApplicationStatus.DRAFT,
            motivation="",
            consent_version="",
            windows=(),
        )
        db.session.commit()
        return f"/applications/{application.reference}/edit"


def type_into(person: Person, name: str, words: str) -> None:
    field = person.page.locator(f"[name='{name}']")
    field.press_sequentially(words)


def test_a_browser_that_dies_takes_nothing_along(draft: str, new_person: NewPerson) -> None:
    first, second = new_person("applicant"), new_person("applicant")
    for person in (first, second):
        sign_in(person)
    first.go(f"{draft}/topics")
    type_into(first, "motivation", "Half a thou")
    expect(first.page.locator("#kept")).to_contain_text(KEPT, timeout=MOST_MS)
    kill(first.page)

    second.go(f"{draft}/topics")

    second.sees("This is what you typed on")
    expect(second.page.locator("[name='motivation']")).to_have_value("Half a thou")


def kill(page: Page) -> None:
    """End the page without any farewell."""
    page.route("**/typed", lambda route: route.abort())
    page.close()


def test_what_was_typed_last_is_kept_when_somebody_just_leaves(
    draft: str, new_person: NewPerson, live_server: LiveServer
) -> None:
    person = new_person("applicant")
    sign_in(person)
    person.go(f"{draft}/dates")
    person.fill(min_days="4")
    person.go("/dashboard")
    # What a page sends as it is left, nobody waits for.
    wait_until(lambda: is_kept(live_server), MOST_MS / 1000)

    person.go(f"{draft}/dates")

    expect(person.page.locator("[name='min_days']")).to_have_value("4")


def is_kept(live_server: LiveServer) -> bool:
    with live_server.app.app_context():
        return db.session.scalar(select(Typed.id)) is not None


def test_who_is_signed_out_while_typing_signs_in_in_another_tab_and_goes_on(
    draft: str, new_person: NewPerson
) -> None:
    person = new_person("applicant")
    sign_in(person)
    person.go(f"{draft}/topics")
    person.page.context.clear_cookies()
    type_into(person, "motivation", "Half a thou")
    expect(person.page.locator("#kept")).to_contain_text("You are signed out", timeout=MOST_MS)

    with person.page.expect_popup() as opened:
        person.page.get_by_role("link", name="sign in in another tab").click()
    sign_in(Person(opened.value, person.server, person.email))
    opened.value.close()
    type_into(person, "motivation", "ght.")
    expect(person.page.locator("#kept")).to_contain_text(KEPT, timeout=15_000)
    person.press("Save and go on")

    person.go(f"{draft}/topics")
    expect(person.page.locator("[name='motivation']")).to_have_value("Half a thought.")
    expect(person.page.locator("main")).not_to_contain_text("not saved yet")


def test_who_types_into_what_was_withdrawn_elsewhere_is_told_so_and_not_that_we_try_again(
    draft: str, new_person: NewPerson, live_server: LiveServer
) -> None:
    person = new_person("applicant")
    sign_in(person)
    person.go(f"{draft}/topics")
    with live_server.app.app_context():
        withdraw(db.session.scalars(select(Application)).one(), actor=None)
        db.session.commit()

    type_into(person, "motivation", "Too late")

    expect(person.page.locator("#kept")).to_contain_text("is no longer kept", timeout=MOST_MS)
    expect(person.page.locator("[name='motivation']")).to_have_value("Too late")


def test_newer_saved_text_and_older_typed_one_are_both_shown_until_somebody_chooses(
    draft: str, new_person: NewPerson
) -> None:
    desk, train = new_person("applicant"), new_person("applicant")
    for person in (desk, train):
        sign_in(person)
        person.go(f"{draft}/topics")
    type_into(desk, "motivation", "From the desk")
    train.fill(motivation="From the train")
    train.press("Save and go on")

    desk.press("Save and go on", status=409)
    desk.sees("nothing of it is saved before you choose", "From the train")
    expect(desk.page.locator("[name='motivation']")).to_have_value("From the desk")
    desk.press("Save and go on", status=409)
    expect(desk.page.locator("#error-summary")).to_contain_text("Choose one.")
    assert violations(desk.page) == []
    train.go(f"{draft}/topics?typed=0")
    expect(train.page.locator("[name='motivation']")).to_have_value("From the train")

    desk.tick("What I typed: it is saved in the place of what is saved now")
    desk.press("Save and go on")
    train.go(f"{draft}/topics")
    expect(train.page.locator("[name='motivation']")).to_have_value("From the desk")


def test_a_page_that_was_saved_is_not_kept_again(draft: str, new_person: NewPerson) -> None:
    person = new_person("applicant")
    sign_in(person)
    person.go(f"{draft}/topics")
    person.fill(motivation="A thought.")
    person.press("Save and go on")

    person.go(f"{draft}/topics")

    expect(person.page.locator("[name='motivation']")).to_have_value("A thought.")
    expect(person.page.locator("main")).not_to_contain_text("not saved yet")


def test_an_application_is_filled_and_sent_by_keyboard_alone(
    draft: str, new_person: NewPerson, live_server: LiveServer
) -> None:
    person = new_person("applicant")
    sign_in(person)
    page, keys = person.page, person.page.keyboard
    person.go(draft)
    assert person.path.endswith("/topics")

    tab_to(page, "motivation")
    keys.type("To see blades tested.")
    go_on(page, "dates")
    day = first_day(live_server)
    tab_to_words(page, "More, as text")
    keys.press("Enter")
    tab_to(page, "more_windows")
    keys.type(f"{day}..{day + timedelta(days=60)}")
    go_on(page, "hosts")
    tab_to(page, "wish_1", within=120)
    keys.press("ArrowDown")
    go_on(page, "consents")
    tab_to(page, "consent")
    keys.press("Space")
    tab_to(page, "next")
    keys.press("Enter")
    person.sees("Draft, not sent yet")
    tab_to_words(page, "Send application")
    keys.press("Enter")
    person.sees("Sent. The receipt goes to")


def first_day(server: LiveServer) -> date:
    """The first day of the call."""
    with server.app.app_context():
        return db.session.scalars(select(Call.first_day)).one()


def tab_to_words(page: Page, words: str) -> None:
    """Press Tab until what says so has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if focused(page)["text"] == words:
            return
    raise AssertionError(f"Tab does not reach {words}")


def go_on(page: Page, to: str) -> None:
    """Press the first button of the page."""
    tab_to(page, "next")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{to}")
