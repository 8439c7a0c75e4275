"""A visit that two sides agreed on by themselves, found in the catalogue, as its people live it."""

from datetime import date

import pytest
from playwright.sync_api import expect

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.core.db import db
from mobility.exchanges.tasks import build_validated
from mobility.partnerships.models import Partnership
from tests.conftest import LiveServer
from tests.journeys.conftest import NewPerson
from tests.journeys.looking import Looking
from tests.journeys.steps import Person, sign_in, sign_in_as_staff
from tests.make.accounts import make_user
from tests.make.calls import make_call
from tests.make.catalogue import five_days
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.make.rounds import PORTO_CLUSTER, SEVILLA, make_host, make_visitor

pytestmark = pytest.mark.journey


def test_a_visitor_finds_a_host_agrees_and_both_partnerships_validate(
    live_server: LiveServer, new_person: NewPerson, looking: Looking
) -> None:
    days = open_a_catalogue(live_server)
    people = {who: new_person(who) for who in ("applicant", "host", "officer", "hosts-officer")}
    for who, person in people.items():
        (sign_in_as_staff if "officer" in who else sign_in)(person)
    applicant, host = people["applicant"], people["host"]

    write(applicant, "Wind tunnel")
    answer(host)
    pair = enter_the_visit(applicant, days)
    confirm(host, pair)
    validate(
        people["officer"], pair, "Green partnership (VOP)", "The other partnership has still to validate."
    )
    validate(people["hosts-officer"], pair, "Blue partnership (HOP)", "place and money are reserved.")
    with live_server.app.app_context():
        build_validated.func(timestamp=0)

    applicant.go(f"/pairs/{pair}")
    applicant.sees("The exchange is built")
    applicant.follow("EXC-")
    applicant.sees("The exchange is agreed", "Agree on goals and agenda, then sign", "€780.00")
    looking.expect_nothing_wrong()


def open_a_catalogue(server: LiveServer) -> tuple[date, date]:
    """A visitor and a host of two partnerships, both accepted; five days that suit both."""
    with server.app.app_context():
        call = make_call(title="First call")
        green = make_partnership(code="GREEN", name="Green partnership")
        blue = make_partnership(code="BLUE", name="Blue partnership")
        author, other = make_person("applicant", Role.APPLICANT), make_person("host", Role.HOST)
        make_person("officer", Role.PARTNERSHIP_OFFICER, green)
        make_person("hosts-officer", Role.PARTNERSHIP_OFFICER, blue)
        visitor = make_organisation(**SEVILLA, member=author, name="Solarwerk")
        cluster = make_organisation(**PORTO_CLUSTER, member=other, name="Porto Wind")
        make_visitor(call, author=author, organisation=visitor, partnership=green)
        offer = make_host(call, author=other, organisation=cluster, partnership=blue, title="Wind tunnel")
        days = five_days(offer)
        db.session.commit()
        return days


def make_person(who: str, role: Role, partnership: Partnership | None = None) -> User:
    return make_user(role, email=f"{who}@office.example", name=who.capitalize(), partnership=partnership)


def write(applicant: Person, host: str) -> None:
    """Look at why a host suits, and write without a name."""
    applicant.go("/catalogue")
    applicant.sees("Catalogue: hosts that suit you", "Available")
    applicant.follow(host)
    applicant.sees("Why this host", "Your name and address are not shown yet.")
    applicant.fill(message="Shall we test a blade together?")
    applicant.press("Send the message")
    applicant.sees("Your message is on its way.")


def answer(host: Person) -> None:
    """Learn who asks only by saying yes."""
    host.go("/catalogue")
    host.sees("Waiting for your answer")
    host.open_waiting()
    host.sees("A message waits for you", "Shall we test a blade together?")
    expect(host.page.locator("main")).not_to_contain_text("Solarwerk")
    host.tick("Yes: show both of us names and addresses")
    host.fill(reply="Come in spring.")
    host.press("Answer")
    host.sees("Answered. The other side gets a letter.", "Solarwerk", "You are in contact")


def enter_the_visit(applicant: Person, days: tuple[date, date]) -> str:
    """From the contact to the pair; its reference."""
    applicant.go("/catalogue")
    applicant.follow("Wind tunnel")
    applicant.sees("You are in contact", "Come in spring.")
    applicant.follow("Enter the visit")
    applicant.fill(first_day=days[0], last_day=days[1], note="Five days in the tunnel.")
    applicant.press("Enter the visit")
    applicant.sees("Entered. The other side gets a letter and confirms.")
    return applicant.reference


def confirm(host: Person, pair: str) -> None:
    """The other side finds the pair and confirms it."""
    host.go("/pairs")
    host.open(pair)
    host.sees("Confirm it or decline", "Five days in the tunnel.")
    host.press(f"Confirm {pair}")
    host.sees("Confirmed. Both partnerships are asked to validate.")


def validate(officer: Person, pair: str, partnership: str, outcome: str) -> None:
    """A partnership says yes."""
    officer.go("/pairs")
    officer.open(pair)
    officer.sees("Both sides agree")
    officer.press(f"Validate for {partnership} {pair}")
    officer.sees(outcome)
