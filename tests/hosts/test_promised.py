"""Places that visits hold: a host cannot offer fewer."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from mobility.accounts.models import User
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.hosts import reservations, services
from mobility.hosts.draft import ClosureDraft, PlacesDraft, WindowDraft
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from tests.hosts.filled import page_of
from tests.hosts.places import open_places
from tests.make.accounts import make_user
from tests.make.calls import make_call
from tests.make.hosts import PORTO, make_group_visit, make_offer
from tests.make.organisations import make_organisation
from tests.make.rounds import weeks
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
DAY = timedelta(days=1)


@pytest.fixture
def offer(person: User) -> Offer:
    """The host's offer: two places in four weeks, one of which a visit holds from Monday to Wednesday."""
    call = make_call()
    window = WindowDraft(*weeks(call), 2)
    offer = make_offer(
        call=call,
        organisation=make_organisation(member=person, **PORTO),
        windows=(window,),
    )
    monday = next(
        day for day in open_places(offer) if all(day + n * DAY in open_places(offer) for n in (1, 2))
    )
    reservations.reserve(offer, monday, monday + 2 * DAY, for_record=make_user())
    db.session.commit()
    return offer


def held(offer: Offer) -> date:
    """The first day that the visit holds."""
    return next(day for day, free in open_places(offer).items() if free == 1)


def dates(offer: Offer, *windows: WindowDraft, visits: int = 10, closed: date | None = None) -> PlacesDraft:
    closures = (ClosureDraft(closed, closed),) if closed else ()
    return PlacesDraft(windows, closures, visits)


def change(offer: Offer, content: PlacesDraft) -> None:
    services.change_places(offer, content, actor=None, version=offer.version)
    db.session.flush()
    db.session.expire_all()


def fields(offer: Offer, first: date, last: date, places: int, **more: Any) -> dict[str, Any]:
    return {
        "version": str(offer.version),
        "windows-0-first_day": f"{first}",
        "windows-0-last_day": f"{last}",
        "windows-0-places": str(places),
        "max_visits": "10",
    } | more


def test_places_are_changed_and_windows_added_where_nothing_is_promised(offer: Offer) -> None:
    window, day = offer.windows[0], held(offer)
    first, last = window.first_day, window.last_day
    more = WindowDraft(last + 30 * DAY, last + 50 * DAY, 3)

    change(offer, dates(offer, WindowDraft(first, last, 1), more))

    places = open_places(offer)
    assert places[day] == 0
    assert {free for one, free in places.items() if one > last} == {3}


@pytest.mark.parametrize("what", ["fewer places", "no window", "a closed day", "fewer visits"])
def test_less_than_is_promised_is_refused_and_changes_nothing(offer: Offer, what: str) -> None:
    window, before, day = offer.windows[0], open_places(offer), held(offer)
    whole = WindowDraft(window.first_day, window.last_day, 2)
    wanted = {
        "fewer places": dates(offer, WindowDraft(window.first_day, window.last_day, 0)),
        "no window": dates(offer, WindowDraft(day + DAY, window.last_day, 2)),
        "a closed day": dates(offer, whole, closed=day),
        "fewer visits": dates(offer, whole, visits=0),
    }[what]

    with pytest.raises(RuleBroken, match="promised"), db.session.begin_nested():
        change(offer, wanted)

    db.session.expire_all()
    assert open_places(offer) == before
    assert (offer.windows[0].places, offer.closures, offer.max_visits) == (2, [], 10)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM place_day WHERE offer_id = :id",
        "UPDATE place_day SET places = 0 WHERE offer_id = :id",
        "UPDATE offer_window SET places = 0 WHERE offer_id = :id",
        "UPDATE offer_window SET last_day = first_day WHERE offer_id = :id",
        "DELETE FROM offer_window WHERE offer_id = :id",
        "UPDATE offer SET max_visits = 0 WHERE id = :id",
    ],
)
def test_the_database_itself_refuses_it(offer: Offer, statement: str) -> None:
    db.session.execute(text("SET CONSTRAINTS offer_window_promised IMMEDIATE"))

    with pytest.raises(DBAPIError, match=r"promised|within_places"), db.session.begin_nested():
        db.session.execute(text(statement), {"id": offer.id})


def test_who_has_an_older_page_open_changes_nothing(offer: Offer) -> None:
    window = offer.windows[0]
    content = dates(offer, WindowDraft(window.first_day, window.last_day, 3))

    with pytest.raises(RuleBroken, match="stale"):
        services.change_places(offer, content, actor=None, version=offer.version - 1)


def test_the_page_names_the_days_that_are_promised_and_keeps_what_was_typed(
    client: Visitor, offer: Offer
) -> None:
    window = offer.windows[0]
    typed = fields(offer, window.first_day, window.last_day, 0)

    answer = client.submit(page_of(offer, "/places"), typed)

    assert answer.status_code == 422
    assert "There cannot be fewer places than visits." in answer.text
    assert f"{held(offer).day} " in answer.text
    assert re.search(r'<input[^>]*name="windows-0-places"[^>]*value="0"', answer.text)
    db.session.expire_all()
    assert offer.windows[0].places == 2


def test_a_host_changes_dates_of_an_accepted_offer(client: Visitor, offer: Offer) -> None:
    window = offer.windows[0]
    first, last = window.first_day, window.last_day + 14 * DAY

    answer = client.submit(
        page_of(offer, "/places"), fields(offer, first, last, 3, more_closures=f"{last} Fair")
    )

    assert answer.status_code == 302
    db.session.expire_all()
    assert (offer.windows[0].last_day, offer.closures[0].name) == (last, "Fair")
    assert set(open_places(offer).values()) == {3, 2}


def test_seats_of_a_group_visit_can_become_more_but_not_fewer_than_taken(
    client: Visitor, person: User
) -> None:
    call = make_call()
    first, last = weeks(call, 6, 1)
    visit = make_group_visit(
        call, first, last, seats=2, organisation=make_organisation(member=person, **PORTO)
    )
    for _number in range(2):
        reservations.reserve(visit, min(open_places(visit)), max(open_places(visit)), for_record=make_user())
    db.session.commit()
    days = {"first_day": f"{first}", "last_day": f"{last}"}

    fewer = client.submit(page_of(visit, "/places"), {"version": str(visit.version), "seats": "1", **days})
    more = client.submit(page_of(visit, "/places"), {"version": str(visit.version), "seats": "5", **days})

    assert (fewer.status_code, more.status_code) == (422, 302)
    db.session.expire_all()
    assert set(open_places(visit).values()) == {3}


def test_a_group_visit_becomes_no_longer_than_was_promised(client: Visitor, person: User) -> None:
    call = make_call()
    first, friday = weeks(call, 6, 1)
    visit = make_group_visit(
        call, first, friday - 2 * DAY, organisation=make_organisation(member=person, **PORTO)
    )
    reservations.reserve(visit, min(open_places(visit)), max(open_places(visit)), for_record=make_user())
    db.session.commit()
    before = open_places(visit)

    longer = client.submit(
        page_of(visit, "/places"),
        {"version": str(visit.version), "seats": "8", "first_day": f"{first}", "last_day": f"{friday}"},
    )

    assert longer.status_code == 422
    assert "the group visit cannot become longer" in longer.text
    db.session.expire_all()
    assert open_places(visit) == before


def test_a_draft_has_no_such_page_and_a_peer_finds_nothing(client: Visitor, draft: Offer) -> None:
    peers = make_offer()
    db.session.commit()

    assert client.get(page_of(draft, "/places")).location.endswith(page_of(draft))
    assert client.get(page_of(peers, "/places")).status_code == 404
    sent = client.submit(
        page_of(draft, "/edit"),
        fields(draft, date(2027, 1, 4), date(2027, 1, 8), 1),
        to=page_of(draft, "/places"),
    )
    assert sent.status_code == 409
    assert draft.status is OfferStatus.DRAFT
