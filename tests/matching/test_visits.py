"""Where visits fit on a host's calendar."""

from datetime import date

import pytest

from matching import Host, HostWindow, Window
from matching.visits import axis, starts

FIRST, LAST = date(2027, 3, 1), date(2027, 3, 31)


def march(day: int) -> date:
    return date(2027, 3, day)


def window(first: int, last: int) -> Window:
    return Window(march(first), march(last))


def fitting(host: Host, wishes: tuple[Window, ...], days: int) -> list[int]:
    """Return the days of March on which a visit can begin."""
    line = axis(host, FIRST, LAST)
    return sorted(line.day(position).day for position in starts(line, wishes, days))


def test_a_weekend_that_is_not_listed_is_open() -> None:
    host = Host("H", (HostWindow(march(5), march(8), 1),))

    assert fitting(host, (window(1, 31),), 2) == [5, 6, 7]


def test_closed_days_are_stepped_over_and_never_first_or_last() -> None:
    host = Host("H", (HostWindow(march(4), march(10), 1),), (window(6, 7), window(9, 9)))

    assert fitting(host, (window(1, 31),), 2) == [4, 5, 8]


def test_a_visit_over_a_weekend_needs_the_whole_stay_inside_the_wish() -> None:
    host = Host("H", (HostWindow(march(1), march(31), 1),), (window(6, 7),))

    assert fitting(host, (window(4, 8),), 3) == [4]
    assert fitting(host, (window(4, 7),), 3) == []


@pytest.mark.parametrize("second", [(5, 8), (4, 8)], ids=["touching", "overlapping"])
def test_windows_are_not_joined(second: tuple[int, int]) -> None:
    offered = (HostWindow(march(1), march(4), 1), HostWindow(march(second[0]), march(second[1]), 1))

    assert 3 not in fitting(Host("H", offered), (window(1, 31),), 3)
    assert 3 not in fitting(
        Host("H", (HostWindow(march(1), march(31), 1),)), (window(1, 4), window(*second)), 3
    )


def test_a_day_has_the_places_of_the_largest_window_that_holds_it() -> None:
    offered = (
        HostWindow(march(1), march(3), 2),
        HostWindow(march(2), march(4), 1),
        HostWindow(march(4), march(4), 0),
    )

    assert axis(Host("H", offered), FIRST, LAST).places == (2, 2, 2, 1)


def test_windows_and_closed_days_beyond_the_round_are_cut() -> None:
    ages = HostWindow(date.min, date.max, 1)
    host = Host("H", (ages,), (Window(date.min, march(29)),))

    assert fitting(host, (Window(date.min, date.max),), 1) == [30, 31]
    assert fitting(host, (Window(date.min, date.max),), 10**12) == []
