"""On which days euro payments move: the TARGET calendar of the European Central Bank.

Closed on Saturdays, Sundays, 1 January, Good Friday, Easter Monday, 1 May, 25 and 26 December.
"""

from datetime import date, timedelta

DAY = timedelta(days=1)
SATURDAY = 5
FIXED = {(1, 1), (5, 1), (12, 25), (12, 26)}
LATEST_DAYS = 60


def easter(year: int) -> date:
    """Easter Sunday of the western churches (the anonymous Gregorian computus)."""
    golden, century = year % 19, year // 100
    skipped, leap = divmod(century, 4)
    moon_shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - skipped - moon_shift + 15) % 30
    quarter, rest = divmod(year % 100, 4)
    to_sunday = (32 + 2 * leap + 2 * quarter - epact - rest) % 7
    late = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def is_business_day(day: date) -> bool:
    """Whether banks move euro on that day."""
    sunday = easter(day.year)
    is_easter = day in {sunday - 2 * DAY, sunday + DAY}
    return day.weekday() < SATURDAY and (day.month, day.day) not in FIXED and not is_easter


def next_business_day(after: date) -> date:
    """The first business day after a day."""
    day = after + DAY
    while not is_business_day(day):
        day += DAY
    return day
