"""Working days: Monday to Friday without the country's public holidays.

Source of the holidays: the package `holidays`, holidays of the whole country (regional ones are not counted: they
are proposed to the host, who closes these days in its offer). Ukraine has none while martial law suspends them.
"""

from bisect import bisect_left, bisect_right
from datetime import date, timedelta
from functools import lru_cache

import holidays

DAY = timedelta(days=1)
SATURDAY = 5
# Days on which many are closed although they are no public holiday, or on which work ends at noon.
OFTEN_CLOSED = {"bank", "government", "half_day", "optional", "workday"}


@lru_cache(maxsize=512)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """The public holidays of a year; none for a country the package does not know."""
    if country not in holidays.list_supported_countries():
        return frozenset()
    return frozenset(holidays.country_holidays(country, years=year))


def named_holidays(country: str, first: date, last: date) -> dict[date, str]:
    """The public holidays from first to last that would else be working days, with their English names."""
    return _named(country, first, last, frozenset({"public"}))


def holidays_to_propose(country: str, first: date, last: date, region: str = "") -> dict[date, str]:
    """Also the days on which many are closed although they are no public holiday, and the holidays of a region.

    A region that the package does not know of the country counts as none.
    """
    return _named(country, first, last, frozenset({"public", *OFTEN_CLOSED}), region)


@lru_cache(maxsize=64)
def holiday_regions(country: str) -> tuple[tuple[str, str], ...]:
    """The regions of a country that may have holidays of their own: code and name, by name."""
    if country not in holidays.list_supported_countries():
        return ()
    known = holidays.country_holidays(country)
    names: dict[str, str] = {}
    for name, code in known.subdivisions_aliases.items():
        # The first is the full one, the others are short.
        names.setdefault(code, name)
    return tuple(
        sorted(((code, names.get(code, code)) for code in known.subdivisions), key=lambda one: one[1])
    )


def _named(
    country: str, first: date, last: date, categories: frozenset[str], region: str = ""
) -> dict[date, str]:
    known = region if region in dict(holiday_regions(country)) else ""
    years = (_names_of_year(country, year, categories, known) for year in range(first.year, last.year + 1))
    return {day: name for names in years for day, name in names if first <= day <= last}


@lru_cache(maxsize=512)
def _names_of_year(
    country: str, year: int, categories: frozenset[str], region: str
) -> tuple[tuple[date, str], ...]:
    if country not in holidays.list_supported_countries():
        return ()
    known = categories & set(holidays.country_holidays(country).supported_categories)
    found = holidays.country_holidays(
        country, subdiv=region or None, years=year, categories=tuple(known), language="en_US"
    )
    return tuple((day, name) for day, name in sorted(found.items()) if day.weekday() < SATURDAY)


def is_working_day(day: date, country: str) -> bool:
    """Whether people of the country work on that day."""
    return day.weekday() < SATURDAY and day not in public_holidays(country, day.year)


def between(first: date, last: date, country: str) -> list[date]:
    """The working days from first to last, both counted; each year of a country is gone through once."""
    found = (_of_year(country, year) for year in range(first.year, last.year + 1))
    return [day for days in found for day in days[bisect_left(days, first) : bisect_right(days, last)]]


@lru_cache(maxsize=512)
def _of_year(country: str, year: int) -> tuple[date, ...]:
    return tuple(day for day in _days(date(year, 1, 1), date(year, 12, 31)) if is_working_day(day, country))


def count(first: date, last: date, country: str) -> int:
    """The working days from first to last, both counted."""
    return len(between(first, last, country))


def after(day: date, n: int, country: str = "BE") -> date:
    """The n-th working day after a day."""
    while n > 0:
        day += DAY
        n -= is_working_day(day, country)
    return day


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
