"""Days are written one way in sentences and one way in tables."""

from datetime import date

import pytest
from flask import Flask

from mobility.core import dates


def test_a_day_is_long_in_a_sentence_and_short_in_a_table(app: Flask) -> None:
    with app.test_request_context():
        assert dates.day(date(2026, 11, 16)) == "Mon 16 November 2026"
        assert dates.short(date(2026, 11, 16)) == "Mon 16 Nov 2026"


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (date(2026, 11, 16), "Mon 16 November 2026"),
        (date(2026, 11, 20), "Mon 16 – Fri 20 November 2026"),
        (date(2026, 12, 4), "Mon 16 November – Fri 4 December 2026"),
        (date(2027, 1, 8), "Mon 16 November 2026 – Fri 8 January 2027"),
    ],
)
def test_a_period_says_month_and_year_once(app: Flask, last: date, words: str) -> None:
    with app.test_request_context():
        assert dates.period(date(2026, 11, 16), last) == words
