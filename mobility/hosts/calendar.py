"""An offer's days month by month, week by week. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from mobility.hosts import rules
from mobility.hosts.draft import ClosureDraft, WindowDraft
from mobility.hosts.models import Offer, OfferClosure, OfferWindow
from mobility.taxonomies import working_days

WORKING_WEEK = 5


@dataclass(frozen=True)
class Day:
    """A day from Monday to Friday."""

    on: date
    # None outside the windows and where the host is closed.
    places: int | None
    is_closed: bool


@dataclass(frozen=True)
class ClosedDays:
    """Neighbouring days on which the host is closed, and why, as far as that has a name."""

    first_day: date
    last_day: date
    name: str


@dataclass(frozen=True)
class Month:
    """The weeks of a month, each with its number and a day or a gap for each day from Monday to Friday."""

    first_day: date
    weeks: tuple[tuple[int, tuple[Day | None, ...]], ...]
    closed: tuple[ClosedDays, ...]


def months(offer: Offer, free: Mapping[date, int] | None = None) -> list[Month]:
    """The months in which an offer has windows; with `free`, the places left instead of all places."""
    call = offer.call
    spans = [
        (max(window.first_day, call.first_day), min(window.last_day, call.last_day))
        for window in offer.windows
    ]
    in_window = {day for first, last in spans for day in _days(first, last)}
    places = rules.places_by_day(offer)
    shown = places if free is None else {day: free.get(day, 0) for day in places}
    firsts = sorted({day.replace(day=1) for day in in_window})
    return [
        Month(first, _weeks(first, shown, in_window), _closed(offer, first, in_window)) for first in firsts
    ]


def as_typed(offer: Offer, windows: Sequence[WindowDraft], closures: Sequence[ClosureDraft]) -> Offer:
    """An offer that is not stored, with the dates that stand in a form."""
    return Offer(
        call=offer.call,
        organisation=offer.organisation,
        windows=[
            OfferWindow(first_day=one.first_day, last_day=one.last_day, places=one.places) for one in windows
        ],
        closures=[
            OfferClosure(first_day=one.first_day, last_day=one.last_day, name=one.name) for one in closures
        ],
    )


def _weeks(
    first: date, places: Mapping[date, int], in_window: set[date]
) -> tuple[tuple[int, tuple[Day | None, ...]], ...]:
    weeks: dict[int, list[Day | None]] = {}
    for day in _days(first, _last_of_month(first)):
        if day.weekday() < WORKING_WEEK:
            week = weeks.setdefault(day.isocalendar().week, [None] * WORKING_WEEK)
            week[day.weekday()] = Day(day, places.get(day), day in in_window and day not in places)
    return tuple((number, tuple(days)) for number, days in weeks.items())


def _closed(offer: Offer, first: date, in_window: set[date]) -> tuple[ClosedDays, ...]:
    last = _last_of_month(first)
    holidays = working_days.named_holidays(offer.organisation.country, first, last)
    given = {
        day: one.name
        for one in sorted(offer.closures, key=lambda one: bool(one.name))
        for day in _days(max(one.first_day, first), min(one.last_day, last))
        if day.weekday() < WORKING_WEEK
    }
    names = {day: name for day, name in sorted((holidays | given).items()) if day in in_window}
    names = {day: name or holidays.get(day, "") for day, name in names.items()}
    return tuple(_joined(names))


def _joined(names: Mapping[date, str]) -> Iterator[ClosedDays]:
    """Neighbouring days of one name in one."""
    rows = [(number, day, name) for number, (day, name) in enumerate(names.items())]
    for (_place, name), run in groupby(rows, key=lambda row: (row[1].toordinal() - row[0], row[2])):
        days = [day for _number, day, _name in run]
        yield ClosedDays(days[0], days[-1], name)


def _last_of_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
