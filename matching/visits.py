"""When visits can be: the open days of a host as a line of positions, and the starts that fit on it.

A host's axis holds the open days of its windows in order, so a visit of d days is d neighbouring positions,
and stepping over closed days costs nothing. Within one window no open day is missing from the axis.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from matching.problem import Host, Window


@dataclass(frozen=True, slots=True)
class Axis:
    """The open days of one host: ordinals and places by position, and its windows as position ranges."""

    days: tuple[int, ...]
    places: tuple[int, ...]
    windows: tuple[tuple[int, int], ...]

    def day(self, position: int) -> date:
        """Return the date at a position."""
        return date.fromordinal(self.days[position])

    def position(self, day: date) -> int | None:
        """Return the position of a date, or None where it is no open day of a window."""
        place = bisect_left(self.days, day.toordinal())
        return place if place < len(self.days) and self.days[place] == day.toordinal() else None

    def within(self, first: date, last: date) -> tuple[int, int]:
        """Return the first and last position in a range of days; reversed where there are none."""
        return bisect_left(self.days, first.toordinal()), bisect_right(self.days, last.toordinal()) - 1


def axis(host: Host, first_day: date, last_day: date) -> Axis:
    """Lay out a host's open days between the two days of the round."""
    places = _places(host, first_day, last_day)
    for closed in host.closed:
        for day in _ordinals(closed.first, closed.last, first_day, last_day):
            places.pop(day, None)
    days = tuple(sorted(places))
    line = Axis(days, tuple(places[day] for day in days), ())
    windows = (line.within(max(one.first, first_day), min(one.last, last_day)) for one in host.windows)
    return Axis(days, line.places, tuple(ends for ends in windows if ends[0] <= ends[1]))


def _places(host: Host, first_day: date, last_day: date) -> dict[int, int]:
    places: dict[int, int] = {}
    for window in host.windows:
        for day in _ordinals(window.first, window.last, first_day, last_day):
            places[day] = max(window.places, places.get(day, 0))
    return places


def _ordinals(first: date, last: date, first_day: date, last_day: date) -> range:
    return range(max(first, first_day).toordinal(), min(last, last_day).toordinal() + 1)


def starts(line: Axis, windows: Iterable[Window], days: int) -> set[int]:
    """Return the positions on which a visit of `days` open days fits the windows of both sides."""
    found: set[int] = set()
    for window in windows:
        wished = line.within(window.first, window.last)
        for offered in line.windows:
            first, last = max(wished[0], offered[0]), min(wished[1], offered[1])
            found.update(range(first, last - days + 2))
    return found
