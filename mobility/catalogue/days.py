"""On which days a visitor and a host could meet. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cached_property

from mobility.applications.models import Application
from mobility.calls.models import Call
from mobility.catalogue.rules import common_lengths
from mobility.hosts.models import Offer
from mobility.hosts.rules import window_days


class HostDays:
    """The open days of an offer between two days; `full` are those on which no place is left."""

    def __init__(
        self, offer: Offer, first_day: date, last_day: date, *, full: frozenset[date] = frozenset()
    ) -> None:
        self.offer, self.first_day, self.last_day, self.full = offer, first_day, last_day, full

    @cached_property
    def windows(self) -> list[tuple[int, list[date]]]:
        """Per window its places and its open days: a visit takes neighbours of one list."""
        return [
            (window.places, window_days(self.offer, max(window.first_day, self.first_day), window.last_day))
            for window in self.offer.windows
        ]

    @cached_property
    def closed(self) -> list[date]:
        """Weekends, public holidays and closures inside the windows."""
        days = {day for one in self.offer.windows for day in _each_day(one.first_day, one.last_day)}
        return sorted(day for day in days - self.open if self.first_day <= day <= self.last_day)

    @cached_property
    def open(self) -> set[date]:
        return {day for _, days in self.windows for day in days}

    @cached_property
    def free(self) -> list[list[date]]:
        """Neighbouring open days with a place, in lists."""
        return [run for places, days in self.windows if places for run in self._free_runs(days)]

    def most_days(self, application: Application) -> int:
        """The longest stay that fits the windows of both sides in an empty world."""
        return _longest(application, [days for places, days in self.windows if places])

    def most_free_days(self, application: Application) -> int:
        """The longest stay that fits the windows of both sides and the places left."""
        return _longest(application, self.free)

    def between(self, first: date, last: date) -> list[date]:
        """The open days of a range."""
        return sorted(day for day in self.open if first <= day <= last)

    def _free_runs(self, days: list[date]) -> Iterator[list[date]]:
        run: list[date] = []
        for day in days:
            if day not in self.full:
                run.append(day)
            elif run:
                yield run
                run = []
        if run:
            yield run


def stay_days(application: Application, host: HostDays, call: Call) -> int:
    """How long a visit would be: the longest that fits, or would fit if there were common dates."""
    longest, lengths = host.most_days(application), common_lengths(application, host.offer, call)
    if longest in lengths:
        return longest
    return lengths[-1] if lengths else min(application.max_days, host.offer.max_days)


def _longest(application: Application, runs: Sequence[Sequence[date]]) -> int:
    lengths = (
        bisect_right(days, last) - bisect_left(days, first)
        for first, last in application.free_windows
        for days in runs
    )
    return max(lengths, default=0)


def _each_day(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
