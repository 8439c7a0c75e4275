"""The banks' holidays (TARGET)."""

from datetime import date, timedelta

import holidays
import pytest

from mobility.payments.calendar import easter, is_business_day, next_business_day


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [(2024, 3, 31), (2025, 4, 20), (2026, 4, 5), (2027, 3, 28), (2038, 4, 25), (2285, 3, 22)],
)
def test_easter_is_known(year: int, month: int, day: int) -> None:
    assert easter(year) == date(year, month, day)


def test_the_days_of_forty_years_are_those_of_the_central_bank() -> None:
    first = date(2020, 1, 1)
    bank = holidays.financial_holidays("ECB", years=range(2020, 2061))

    wrong = [
        day
        for day in (first + timedelta(days=n) for n in range(40 * 365))
        if is_business_day(day) != (day.weekday() < 5 and day not in bank)
    ]

    assert wrong == []


def test_the_next_business_day_passes_over_easter() -> None:
    assert next_business_day(date(2026, 4, 2)) == date(2026, 4, 7)


def test_the_next_business_day_passes_over_christmas() -> None:
    assert next_business_day(date(2026, 12, 24)) == date(2026, 12, 28)
