"""Working days: Monday to Friday without the country's public holidays.

Source of the holidays: the package `holidays`, holidays of the whole country (regional ones are not counted: the
host knows them and closes these days in its offer). Ukraine has none while martial law suspends them.
"""

from bisect import bisect_left, bisect_right
from datetime import date, timedelta
from functools import lru_cache

import holidays

DAY = timedelta(days=1)
SATURDAY = 5


@lru_cache(maxsize=512)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """The public holidays of a year; none for a country the package does not know."""
    if country not in holidays.list_supported_countries():
        return frozenset()
    return frozenset(holidays.country_holidays(country, years=year))


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
