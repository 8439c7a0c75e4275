"""The one clock."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask, g

from mobility.core import clock
from mobility.core.errors import RuleBroken


def test_a_moved_clock_shows_the_day_it_was_set_to_and_goes_on(app: Flask, session: None) -> None:
    clock.move(clock.at_local(date(2027, 3, 15), 9))
    g.pop("clock_shift", None)

    assert clock.today() == date(2027, 3, 15)
    assert clock.is_moved()
    assert clock.utcnow() >= datetime(2027, 3, 15, 8, tzinfo=UTC)


def test_an_unmoved_clock_shows_real_time(app: Flask, session: None) -> None:
    assert abs(clock.utcnow() - datetime.now(UTC)) < timedelta(seconds=5)
    assert not clock.is_moved()


@pytest.mark.parametrize(
    ("day", "utc_hour"), [(date(2027, 3, 27), 16), (date(2027, 3, 28), 15), (date(2027, 10, 31), 16)]
)
def test_five_in_the_afternoon_in_brussels_is_another_instant_in_summer(day: date, utc_hour: int) -> None:
    assert clock.at_local(day, 17).hour == utc_hour


def test_production_refuses_to_move_the_clock(
    app: Flask, session: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(app.config["SETTINGS"]), "is_production", property(lambda _self: True))

    with pytest.raises(RuleBroken, match="clock-fixed"):
        clock.move(clock.utcnow())
