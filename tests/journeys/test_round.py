"""A support officer takes a closed call to a published round, by what there is to click."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from mobility.accounts.enums import Role
from mobility.core import clock
from mobility.core.db import db
from tests.conftest import LiveServer
from tests.journeys.conftest import NewPerson
from tests.journeys.looking import Looking
from tests.journeys.steps import Person
from tests.journeys.test_thread import worker
from tests.make.accounts import PASSWORD, code_for, make_user
from tests.make.calls import make_call
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.make.rounds import PORTO_CLUSTER, SEVILLA, make_host, make_visitor

pytestmark = pytest.mark.journey
MOST_CLICKS = 20
# Every press of a link or button; each field that is entered counts as one, the choice from a list as one more.
COUNT_CLICKS = """(() => {
    const count = () => localStorage.setItem("clicks", 1 + Number(localStorage.getItem("clicks")));
    const within = (event, kinds) => event.target.closest?.(kinds);
    addEventListener("click", event => within(event, "a, button, summary") && event.detail && count(), true);
    addEventListener("focusin", event => within(event, "input, select, textarea") && count(), true);
    addEventListener("change", event => within(event, "select") && count(), true);
})()"""


def test_from_a_closed_call_to_a_published_round_takes_a_support_officer_at_most_20_clicks(
    live_server: LiveServer, new_person: NewPerson, looking: Looking, tmp_path: Path
) -> None:
    close_a_call(live_server)
    support = new_person("support")
    support.page.add_init_script(COUNT_CLICKS)

    come_in(support)
    tell_applicants(support)
    with worker(live_server, tmp_path):
        support.follow("Open a round")
        support.fill(call="CXC-1")
        support.press("Open the round")
        support.press("Freeze")
        support.follow("Solve…")
        support.press("Start")
        # The page follows the worker by itself.
        expect(support.page.locator("[data-figure='matched_share']")).to_contain_text("100", timeout=90_000)
        support.look()
    support.follow("Publish…")
    support.press("Publish 2 proposals")

    support.sees("Published.", "The round is published")
    assert 10 < clicks_of(support) <= MOST_CLICKS
    looking.expect_nothing_wrong()


def close_a_call(server: LiveServer) -> None:
    """Two visitors and two hosts, accepted; the applicants are not told yet."""
    with server.app.app_context():
        make_user(Role.SUPPORT_OFFICER, email="support@office.example", name="Sara Support")
        call = make_call(title="First call", reference="CXC-1", releases_together=True)
        green = make_partnership(code="GREEN", name="Green partnership")
        for town in ("Sevilla", "Cádiz"):
            visitor = make_organisation(**SEVILLA | {"town": town, "name": f"Fábrica {town}"})
            make_visitor(call, organisation=visitor, partnership=green)
        for name in ("Porto Wind", "Douro Digital"):
            cluster = make_organisation(**PORTO_CLUSTER, name=name)
            make_host(call, organisation=cluster, partnership=green, title=f"A week at {name}")
        call.closes_at = clock.utcnow()
        db.session.commit()


def come_in(support: Person) -> None:
    """From the site's first page to what waits."""
    support.go("/")
    support.follow("Sign in")
    support.fill(email=support.email, password=PASSWORD)
    support.press("Sign in")
    support.sees("Open your authenticator app")
    support.fill(code=code_for(support.server.app, support.email))
    support.press("Sign in")


def clicks_of(support: Person) -> int:
    """How many there were until now."""
    return int(support.page.evaluate("localStorage.getItem('clicks')"))


def tell_applicants(support: Person) -> None:
    """Told all at once; until then nothing can be published."""
    support.follow("Tell 2 applicants")
    support.press("Tell 2 applicants")
