"""The calendar of exchanges, host by host."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.core import clock
from mobility.exchanges.calendar import HostRow, Span, host_rows
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.hosts.models import OfferClosure
from tests.make.accounts import make_user, sign_in
from tests.make.exchanges import make_ended_exchange
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.statements import statements_of
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]
STAY = timedelta(days=4)


def a_stay(weeks: int = 8, **changes: object) -> Exchange:
    """An agreed stay from Monday to Friday in some weeks' time."""
    monday = clock.today() + timedelta(days=-clock.today().weekday(), weeks=weeks)
    made = make_ended_exchange(last_day=monday + STAY, **changes)  # type: ignore[arg-type]
    made.status = ExchangeStatus.AGREED
    return made


def page_of(client: Visitor, exchange: Exchange, more: str = "") -> str:
    return client.get(f"/exchanges/calendar?from={exchange.first_day.isoformat()}{more}").text


def row_of(exchange: Exchange, *others: Exchange) -> HostRow:
    stays = [(one.first_day, one.last_day) for one in (exchange, *others)]
    return host_rows([exchange, *others], {exchange.offer_id: stays}, Span.around(exchange.first_day))[0]


def test_a_stay_stands_in_its_weeks_as_a_bar_and_as_a_row(client: Visitor, session: Db) -> None:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    stay = a_stay()
    session.commit()

    page = page_of(client, stay)

    assert "gantt-visit from-1 days-5" in page
    assert page.count(f"/exchanges/{stay.reference}") == 2
    assert stay.reference not in page_of(client, a_stay(30))


def test_officers_see_their_partnerships_stays_and_both_sides_their_own(client: Visitor, session: Db) -> None:
    vop, author = make_partnership(), make_user(Role.APPLICANT)
    host = make_user(Role.HOST)
    stay = a_stay(vop=vop, author=author, host=make_organisation(member=host, country="PT"))
    other = a_stay()
    readers = [make_user(Role.PARTNERSHIP_OFFICER, partnership=vop), author, host]
    session.commit()

    for reader in readers:
        sign_in(client, reader)
        page = page_of(client, stay)
        assert stay.reference in page
        assert other.reference not in page
        assert other.host_organisation.name not in page


def test_the_country_narrows_the_hosts(client: Visitor, session: Db) -> None:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    portuguese, irish = a_stay(), a_stay(host=make_organisation(country="IE", town="Cork"))
    session.commit()

    page = page_of(client, portuguese, "&country=IE")

    assert irish.reference in page
    assert portuguese.reference not in page
    assert portuguese.reference in page_of(client, portuguese, "&country=<b>")


def test_a_stay_that_was_called_off_is_not_shown_and_one_broken_off_ends_where_it_did(
    client: Visitor, session: Db
) -> None:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    off, broken = a_stay(), a_stay()
    off.status = ExchangeStatus.CANCELLED
    broken.status, broken.broken_off_on = ExchangeStatus.TERMINATED, broken.first_day + timedelta(days=1)
    session.commit()

    page = page_of(client, broken)

    assert off.reference not in page
    assert "gantt-visit from-1 days-2" in page


def test_a_host_that_closes_meanwhile_is_marked_with_words_and_a_sign(client: Visitor, session: Db) -> None:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    stay = a_stay()
    session.commit()
    before = page_of(client, stay)

    stay.offer.closures.append(OfferClosure(first_day=stay.first_day, last_day=stay.first_day))
    session.commit()
    page = page_of(client, stay)

    assert "does not receive" not in before
    assert "The host does not receive on its first or last day." in page
    assert ">! " in page


def test_more_visits_than_places_are_a_conflict_that_a_viewer_of_one_sees_too(session: Db) -> None:
    stay = a_stay()
    places = max(window.places for window in stay.offer.windows)

    fits = row_of(stay, *[stay] * (places - 1))
    over = row_of(stay, *[stay] * places)

    assert {bar.conflicts for bar in fits.bars} == {()}
    assert {bar.conflicts for bar in over.bars} == {("host-over",)}


def test_what_is_over_has_no_conflict_to_mend(session: Db) -> None:
    stay = a_stay()
    stay.offer.windows.clear()
    assert row_of(stay).bars[0].conflicts == ("host-closed",)

    stay.status = ExchangeStatus.CLOSED

    assert row_of(stay).bars[0].conflicts == ()


def test_stays_that_meet_lie_in_lines_of_their_own(session: Db) -> None:
    stay = a_stay()
    later = a_stay(9)
    later.offer_id = stay.offer_id

    row = row_of(stay, stay, later)

    assert [len(lane) for lane in row.lanes] == [2, 1]


def test_a_long_stay_is_cut_at_the_edges_of_the_weeks(session: Db) -> None:
    stay = a_stay()
    stay.first_day, stay.last_day = date(2026, 12, 28), date(2027, 3, 5)

    bar = host_rows([stay], {}, Span.around(date(2027, 1, 6)))[0].bars[0]

    assert (bar.column, bar.days) == (1, 28)
    assert bar.weeks == [53, 1, 2, 3, 4, 5, 6, 7, 8, 9]


@pytest.mark.parametrize("asked", ["", "tomorrow", "0001-01-01", "9999-12-31", "2027-02-30"])
def test_an_address_without_a_useful_day_shows_the_weeks_from_this_one(client: Visitor, asked: str) -> None:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))

    page = client.get(f"/exchanges/calendar?from={asked}")

    assert page.status_code == 200
    assert f'value="{Span.around(clock.today()).monday.isoformat()}"' in page.text


def test_more_hosts_than_fit_a_page_are_on_the_next(client: Visitor, session: Db) -> None:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    stays = [a_stay() for _ in range(21)]
    session.commit()

    pages = [page_of(client, stays[0], f"&page={number}") for number in (1, 2)]

    assert len(pages[0].encode()) < 60_000
    assert [sum(one.reference in page for one in stays) for page in pages] == [20, 1]
    assert "More hosts" in pages[0]
    assert "Hosts before" in pages[1]


def test_the_page_asks_the_database_as_much_for_three_stays_as_for_one(client: Visitor, session: Db) -> None:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    stay = a_stay()
    session.commit()
    path = f"/exchanges/calendar?from={stay.first_day.isoformat()}"
    asked = statements_of(client, path)

    a_stay()
    a_stay()
    session.commit()

    assert statements_of(client, path) == asked
