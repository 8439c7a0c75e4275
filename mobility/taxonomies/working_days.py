"""Working days: Monday to Friday without the country's public holidays.

Source of the holidays: the package `holidays`, holidays of the whole country (regional ones are not counted: the
host knows them and closes these days in its offer). Ukraine has none while martial law suspends them.
"""

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


def count(first: date, last: date, country: str) -> int:
    """The working days from first to last, both counted."""
    return sum(is_working_day(day, country) for day in _days(first, last))


def closed_days(country: str, first: date, last: date) -> list[date]:
    """Weekends and public holidays from first to last, both counted."""
    return [day for day in _days(first, last) if not is_working_day(day, country)]


def after(day: date, n: int, country: str = "BE") -> date:
    """The n-th working day after a day."""
    while n > 0:
        day += DAY
        n -= is_working_day(day, country)
    return day


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
