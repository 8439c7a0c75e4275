"""Working days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobility.taxonomies import working_days
from mobility.taxonomies.countries import COUNTRIES

EASTER_MONDAY = date(2027, 3, 29)


def test_a_week_without_holidays_has_five_working_days() -> None:
    assert working_days.count(date(2027, 3, 1), date(2027, 3, 7), "DE") == 5


def test_a_public_holiday_of_the_host_country_is_no_working_day() -> None:
    assert not working_days.is_working_day(EASTER_MONDAY, "DE")
    assert working_days.is_working_day(EASTER_MONDAY, "PT")


def test_orthodox_easter_counts_where_it_is_kept() -> None:
    assert not working_days.is_working_day(date(2027, 5, 3), "GR")
    assert working_days.is_working_day(date(2027, 5, 4), "FR")


def test_the_days_of_a_real_trip_are_counted() -> None:
    assert working_days.count(date(2023, 5, 15), date(2023, 5, 17), "AT") == 3
    assert working_days.count(date(2023, 1, 19), date(2023, 1, 20), "AT") == 2


def test_weekends_and_holidays_are_left_out() -> None:
    assert working_days.between(date(2027, 3, 26), date(2027, 3, 30), "BE") == [
        date(2027, 3, 26),
        date(2027, 3, 30),
    ]


@given(
    st.dates(date(2025, 1, 1), date(2028, 12, 31)), st.integers(-30, 800), st.sampled_from(["AT", "PT", "UA"])
)
def test_the_days_between_two_are_those_on_which_people_work(first: date, more: int, country: str) -> None:
    days = [first + timedelta(days=n) for n in range(more + 1)]

    found = working_days.between(first, first + timedelta(days=more), country)

    assert found == [day for day in days if working_days.is_working_day(day, country)]


def test_the_nth_working_day_after_a_friday_leaves_the_weekend_out() -> None:
    assert working_days.after(date(2027, 3, 5), 1) == date(2027, 3, 8)
    assert working_days.after(date(2027, 3, 5), 5) == date(2027, 3, 12)
    assert working_days.after(date(2027, 3, 5), 0) == date(2027, 3, 5)


def test_a_range_that_ends_before_it_begins_has_no_days() -> None:
    assert working_days.count(date(2027, 3, 7), date(2027, 3, 1), "DE") == 0


@pytest.mark.parametrize("country", sorted(set(COUNTRIES) - {"UA"}))
def test_every_country_keeps_holidays(country: str) -> None:
    assert working_days.public_holidays(country, 2027)


def test_a_country_nobody_knows_keeps_weekends_alone() -> None:
    assert working_days.public_holidays("QQ", 2027) == frozenset()


def test_a_region_adds_its_holidays_to_those_proposed_and_one_not_known_adds_none() -> None:
    span = (date(2027, 1, 1), date(2027, 12, 31))
    country = working_days.holidays_to_propose("ES", *span)

    andalusia = working_days.holidays_to_propose("ES", *span, region="AN")

    assert date(2027, 3, 1) not in country
    assert "Andalusia" in andalusia[date(2027, 3, 1)]
    assert country.items() <= andalusia.items()
    assert working_days.holidays_to_propose("ES", *span, region="BY") == country
    assert not working_days.is_working_day(date(2027, 12, 8), "ES")
    assert working_days.is_working_day(date(2027, 3, 1), "ES")


def test_the_regions_of_a_country_come_by_name_and_some_countries_have_none() -> None:
    assert ("BY", "Bayern") in working_days.holiday_regions("DE")
    assert [name for _code, name in working_days.holiday_regions("ES")][:2] == ["Andalucía", "Aragón"]
    assert working_days.holiday_regions("NL") == working_days.holiday_regions("QQ") == ()
