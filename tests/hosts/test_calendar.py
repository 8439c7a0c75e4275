"""Windows and closed days of an offer: on a calendar, as text, and as the host's country proposes them."""

import re
from datetime import date

import pytest

from mobility.catalogue.days import HostDays
from mobility.core.db import db
from mobility.core.files import BadCell
from mobility.hosts import calendar
from mobility.hosts.closures import closure, proposed, written
from mobility.hosts.draft import ClosureDraft
from mobility.hosts.models import Offer, OfferClosure, OfferWindow
from tests.hosts.filled import page_of, typed
from tests.hosts.test_rules import call_of, offer_of
from tests.make.calls import make_call
from tests.make.hosts import PORTO, make_offer
from tests.make.organisations import make_organisation
from tests.pages import error_beside
from tests.visitor import Visitor

CARNIVAL, FREEDOM = ClosureDraft(date(2028, 2, 29), date(2028, 2, 29), "Carnival"), "Freedom Day"


def in_portugal(*windows: tuple[date, date, int], closures: tuple[ClosureDraft, ...] = ()) -> Offer:
    return offer_of(
        call=call_of(first_day=date(2027, 6, 1), last_day=date(2027, 12, 31)),
        windows=[
            OfferWindow(first_day=first, last_day=last, places=places) for first, last, places in windows
        ],
        closures=[OfferClosure(first_day=c.first_day, last_day=c.last_day, name=c.name) for c in closures],
    )


def days_of(month: calendar.Month) -> dict[date, calendar.Day]:
    return {day.on: day for _number, days in month.weeks for day in days if day}


def test_a_month_has_its_weeks_with_places_closed_days_and_days_outside() -> None:
    closed = ClosureDraft(date(2027, 6, 14), date(2027, 6, 15), "Stocktaking")
    offer = in_portugal((date(2027, 6, 7), date(2027, 6, 18), 2), closures=(closed,))

    (june,) = calendar.months(offer)

    days = days_of(june)
    assert [number for number, _days in june.weeks] == [22, 23, 24, 25, 26]
    assert (days[date(2027, 6, 7)].places, days[date(2027, 6, 4)].places) == (2, None)
    assert not days[date(2027, 6, 4)].is_closed
    assert days[date(2027, 6, 14)].is_closed
    assert [(one.first_day.day, one.last_day.day, one.name) for one in june.closed] == [
        (10, 10, "Day of Portugal, Camões, and the Portuguese Communities"),
        (14, 15, "Stocktaking"),
    ]


def test_the_calendar_ends_with_the_call() -> None:
    offer = in_portugal((date(2027, 11, 20), date(2099, 1, 1), 1))

    assert [month.first_day.month for month in calendar.months(offer)] == [11, 12]


def test_of_an_accepted_offer_the_places_left_are_shown() -> None:
    offer = in_portugal((date(2027, 7, 5), date(2027, 7, 6), 3))

    (july,) = calendar.months(offer, {date(2027, 7, 5): 1, date(2027, 7, 6): 0})

    assert [days_of(july)[date(2027, 7, day)].places for day in (5, 6)] == [1, 0]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("2027-06-10", ClosureDraft(date(2027, 6, 10), date(2027, 6, 10))),
        ("2027-06-10 Portugal Day", ClosureDraft(date(2027, 6, 10), date(2027, 6, 10), "Portugal Day")),
        ("2027-08-02..2027-08-13 Summer", ClosureDraft(date(2027, 8, 2), date(2027, 8, 13), "Summer")),
        ("2027-08-02 .. 2027-08-13", ClosureDraft(date(2027, 8, 2), date(2027, 8, 13))),
    ],
)
def test_a_closed_day_is_read_as_it_is_written(line: str, found: ClosureDraft) -> None:
    assert closure(line) == found
    assert closure(written(found)) == found


@pytest.mark.parametrize(
    "line", ["", "Carnival", "2027-02-30", "2027-08-13..2027-08-02", "2027-06-10 " + "x" * 101]
)
def test_what_is_no_closed_day_is_refused(line: str) -> None:
    with pytest.raises(BadCell):
        closure(line)


def test_holidays_are_proposed_with_their_names_but_no_weekend_and_no_day_twice() -> None:
    given = (ClosureDraft(date(2028, 4, 10), date(2028, 4, 14)),)

    found = proposed("PT", "", date(2028, 2, 1), date(2028, 4, 30), given)

    assert CARNIVAL in found
    assert [one.name for one in found] == ["Carnival", FREEDOM]


def test_an_unknown_country_proposes_nothing() -> None:
    assert proposed("ZZ", "", date(2028, 1, 1), date(2028, 12, 31), ()) == ()


def test_a_proposed_day_is_closed_in_a_round_until_the_host_takes_it_out() -> None:
    window = (date(2027, 12, 20), date(2027, 12, 31), 1)
    first, last = window[:2]
    named = proposed("PT", "", first, last, ())
    without = tuple(one for one in named if one.name != "Christmas Eve")

    closed, left_open = (
        HostDays(in_portugal(window, closures=closures), first, last).open for closures in (named, without)
    )

    assert left_open - closed == {date(2027, 12, 24)}


@pytest.mark.usefixtures("session")
class TestForm:
    """The same in the form."""

    def test_a_button_proposes_the_holidays_of_the_windows_as_text(
        self, client: Visitor, draft: Offer
    ) -> None:
        first = f"{draft.call.first_day.year + 1}-04-20"
        draft.call.last_day = date(draft.call.first_day.year + 2, 12, 31)
        db.session.commit()
        windows = {"windows-0-first_day": first, "windows-0-last_day": first[:8] + "28"}

        page = client.submit(page_of(draft, "/edit"), typed(draft, **windows, add="holidays")).text

        text = re.search(r'<textarea[^>]*id="more_closures"[^>]*>([^<]*)', page)
        assert "Propose holidays of Portugal" in page
        assert text
        assert ("Freedom Day" in text[1]) == (date.fromisoformat(first[:8] + "25").weekday() < 5)
        assert "Christmas" not in text[1]

    @pytest.mark.parametrize(
        ("region", "corpus_christi"), [("BY", True), ("BE", False), ("", False), ("??", False)]
    )
    def test_the_region_proposes_its_holidays_too_and_one_not_known_none(
        self, client: Visitor, draft: Offer, region: str, corpus_christi: bool
    ) -> None:
        draft.organisation.country = "DE"
        draft.call.first_day, draft.call.last_day = date(2027, 5, 3), date(2027, 6, 30)
        db.session.commit()
        windows = {"windows-0-first_day": "2027-05-03", "windows-0-last_day": "2027-05-31"}

        page = client.submit(
            page_of(draft, "/edit"), typed(draft, **windows, region=region, add="holidays")
        ).text

        assert "Bayern" in page
        assert "Ascension Day" in page
        assert ("2027-05-27 Corpus Christi" in page) == corpus_christi
        assert ('<option selected value="BY"' in page) == (region == "BY")

    def test_names_are_kept_and_a_line_taken_out_is_gone(self, client: Visitor, draft: Offer) -> None:
        day = draft.call.first_day
        lines = f"{day} Fair\n{day.replace(year=day.year + 1)} Moving"
        client.submit(page_of(draft, "/edit"), typed(draft, more_closures=lines))
        db.session.expire_all()
        assert [one.name for one in draft.closures] == ["Fair", "Moving"]
        assert f"{day} Fair" in client.get(page_of(draft, "/edit")).text

        client.submit(page_of(draft, "/edit"), typed(draft, more_closures=lines.splitlines()[0]))

        db.session.expire_all()
        assert [one.name for one in draft.closures] == ["Fair"]

    def test_a_line_that_is_no_day_is_refused_beside_the_text(self, client: Visitor, draft: Offer) -> None:
        answer = client.submit(page_of(draft, "/edit"), typed(draft, more_closures="Christmas"))

        assert answer.status_code == 422
        assert "is not a date" in error_beside(answer.text, "more_closures")

    def test_the_calendar_shows_what_stands_in_the_form(self, client: Visitor, draft: Offer) -> None:
        first = draft.call.first_day
        windows = {
            "windows-0-first_day": f"{first}",
            "windows-0-last_day": f"{first}",
            "windows-0-places": "7",
        }

        page = client.submit(page_of(draft, "/edit"), typed(draft, **windows, add="calendar")).text

        assert page.count('<table class="month"') == 1
        assert (f"{first.day} <small>7</small>" in page) == (first.weekday() < 5)

    def test_everybody_sees_the_places_left(self, client: Visitor) -> None:
        offer = make_offer(call=make_call(), organisation=make_organisation(**PORTO))
        db.session.commit()

        assert "Below a day: places left." in client.get(page_of(offer)).text
