"""The first page, the amounts, and the navigation."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from mobility.accounts.enums import Role
from mobility.calls.enums import CallStatus
from mobility.calls.rates import rate_rows
from mobility.core import clock
from mobility.core.db import db
from mobility.hosts.enums import OfferStatus
from mobility.public.queries import call_shown, numbers, offers_ahead
from tests.make.accounts import make_user, sign_in
from tests.make.calls import make_call
from tests.make.exchanges import make_ended_exchange
from tests.make.hosts import make_offer
from tests.make.partnerships import make_partnership
from tests.statements import statements_of
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")


def test_the_first_page_tells_what_is_open_and_what_it_brings(client: Visitor) -> None:
    call = make_call(title="Spring call")
    page = client.get("/").text
    assert "Spring call" in page
    assert "Can you take part?" in page
    assert f"/calls/{call.reference}" in page
    assert rate_rows(call)[0].countries in page


def test_of_many_calls_the_first_page_shows_the_next_and_leads_to_the_others(client: Visitor) -> None:
    for day in range(1, 6):
        closes = clock.at_local(clock.today() + timedelta(days=day))
        make_call(title=f"Call {day}", closes_at=closes)
    hero, _, below = client.get("/").text.partition("hero-box")
    assert "Call 1 takes applications until" in hero
    assert "Call 2" not in hero
    assert "And 4 more calls" in hero
    assert "Call 3" in below
    assert "Call 4" not in below


def test_without_a_call_the_first_page_says_so(client: Visitor) -> None:
    page = client.get("/").text
    assert "No call takes applications at the moment." in page
    assert "No amounts yet" in page
    assert client.get("/amounts").status_code == 200


def test_drafts_are_not_shown(client: Visitor) -> None:
    make_call(is_open=False, title="Secret call")
    assert call_shown() is None
    assert "Secret call" not in client.get("/").text


def test_the_call_that_closes_first_is_shown_else_the_newest() -> None:
    first = make_call(closes_at=clock.at_local(clock.today() + timedelta(days=3)))
    later = make_call()
    assert call_shown() is first
    first.status = later.status = CallStatus.CLOSED
    later.opens_at += timedelta(days=1)
    assert call_shown() is later


def test_countries_of_one_amount_share_a_row_and_the_ceiling_holds() -> None:
    call = make_call()
    rows = rate_rows(call)
    assert [row.full_cents for row in rows] == sorted({row.full_cents for row in rows}, reverse=True)
    assert rows[0].full_cents <= call.ceiling_cents
    assert all(row.half_cents == row.full_cents // 2 for row in rows)
    assert rows[0].percent == 100
    call.ceiling_cents = 60_000
    assert rate_rows(call)[0].full_cents == 60_000


def test_the_numbers_count_finished_exchanges_only() -> None:
    make_ended_exchange()
    make_ended_exchange(status="ongoing")
    assert (numbers().finished, numbers().visitors, numbers().hosts) == (1, 1, 1)


def test_offers_to_choose_from_are_those_of_open_calls() -> None:
    make_offer()
    make_offer().call.status = CallStatus.CLOSED
    db.session.flush()
    assert numbers().offers == 1


def test_the_verdict_is_in_view_after_the_button(client: Visitor) -> None:
    make_call()
    db.session.commit()
    for page in ("/", "/eligibility"):
        assert 'action="/eligibility#verdict"' in client.get(page).text


def test_open_places_are_those_of_accepted_offers_of_open_calls(client: Visitor) -> None:
    offer = make_offer()
    over = make_offer()
    over.call.status = CallStatus.CLOSED
    make_offer(status=OfferStatus.SUBMITTED)
    [found] = offers_ahead().places
    assert (found.reference, found.host) == (offer.reference, offer.organisation.name)
    assert found.places == max(window.places for window in offer.windows)
    assert found.first_day > clock.today()
    page = client.get("/").text
    assert f"/hosts/{offer.reference}" in page
    assert f"/hosts/{over.reference}" not in page


def test_full_days_are_not_open(client: Visitor) -> None:
    make_offer()
    db.session.execute(text("UPDATE place_day SET taken = places"))
    assert offers_ahead().places == []
    assert "Places open now" not in client.get("/").text


def test_the_amounts_page_says_how_one_is_worked_out(client: Visitor) -> None:
    call = make_call()
    page = client.get("/amounts").text
    assert call.title in page
    assert "How an amount is worked out" in page
    assert "Under 200 km" in page


@pytest.mark.parametrize("path", ["/", "/amounts", "/eligibility", "/verify"])
def test_the_pages_take_few_statements(client: Visitor, path: str) -> None:
    make_call()
    assert statements_of(client, path) <= 12


@pytest.mark.parametrize("role", list(Role))
def test_every_link_of_the_navigation_opens(client: Visitor, role: Role) -> None:
    partnership = make_partnership() if role is Role.PARTNERSHIP_OFFICER else None
    sign_in(client, make_user(role, partnership=partnership))
    page = client.get("/dashboard").text
    nav = page[page.index('class="mainnav"') : page.index('class="masthead-end"')]
    links = {part.partition('"')[0] for part in nav.split('href="')[1:]}
    assert len(links) > 5
    assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_strangers_are_sent_to_sign_in_from_home(client: Visitor) -> None:
    assert client.get("/home").location.startswith("/login")


def test_the_short_check_on_the_first_page_can_be_sent_with_nothing_chosen(client: Visitor) -> None:
    make_call()
    db.session.commit()
    page = client.get("/").text

    selects = re.findall(r"<select[^>]*>", page)

    assert len(selects) == 2
    assert not [one for one in selects if "required" in one]


def test_a_choice_that_must_be_made_says_so_in_one_word(client: Visitor) -> None:
    make_call()
    db.session.commit()
    page = client.get("/eligibility").text

    assert re.search(r'<select id="country"\s+name="country" required class="input"', page)
    assert "True" not in page


def test_the_foot_of_every_page_leads_to_the_own_account(client: Visitor) -> None:
    assert "Your account" not in client.get("/amounts").text
    sign_in(client, make_user(Role.APPLICANT))

    foot = client.get("/dashboard").text.partition('class="footer"')[2]

    assert '<a href="/account/password">Your account</a>' in foot
