"""Four weeks of exchanges, host by host: bars that lie beside each other, and what does not fit. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby

from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.hosts.models import Offer
from mobility.hosts.rules import places_by_day

DAYS = 28
# Where a conflict can still be mended.
AHEAD = frozenset({ExchangeStatus.AGREED, ExchangeStatus.CONFIRMED, ExchangeStatus.ONGOING})


@dataclass(frozen=True)
class Span:
    """The four weeks that a page shows."""

    monday: date

    @classmethod
    def around(cls, day: date) -> "Span":
        """The span that begins in the week of a day."""
        return cls(day - timedelta(days=day.weekday()))

    @property
    def last_day(self) -> date:
        """The Sunday that ends it."""
        return self.monday + timedelta(days=DAYS - 1)

    @property
    def mondays(self) -> list[date]:
        """The Monday of each week."""
        return [self.monday + timedelta(weeks=week) for week in range(DAYS // 7)]

    def moved(self, weeks: int) -> "Span":
        """The span some weeks later or earlier."""
        return Span(self.monday + timedelta(weeks=weeks))

    def place(self, day: date) -> int:
        """The column of a day, from 1; days outside stand at the edge."""
        return min(max((day - self.monday).days + 1, 1), DAYS)


@dataclass(frozen=True)
class Bar:
    """An exchange within a span, with the codes of what does not fit it."""

    exchange: Exchange
    conflicts: tuple[str, ...]
    column: int
    days: int

    @property
    def weeks(self) -> list[int]:
        """The calendar weeks of the stay."""
        first, last = self.exchange.first_day, self.exchange.stayed_until
        mondays = range(first.toordinal() - first.weekday(), last.toordinal() + 1, 7)
        return [date.fromordinal(monday).isocalendar().week for monday in mondays]


@dataclass(frozen=True)
class HostRow:
    """A host with its exchanges in a span, the earliest first."""

    offer: Offer
    bars: tuple[Bar, ...]

    @cached_property
    def lanes(self) -> list[list[Bar]]:
        """The bars in lines in which none lies on another."""
        lanes: list[list[Bar]] = []
        for bar in self.bars:
            free = next((lane for lane in lanes if lane[-1].column + lane[-1].days <= bar.column), None)
            if free is None:
                lanes.append([bar])
            else:
                free.append(bar)
        return lanes


Stays = Mapping[int, Sequence[tuple[date, date]]]


def host_rows(exchanges: Sequence[Exchange], stays: Stays, span: Span) -> list[HostRow]:
    """The hosts of exchanges that come host by host and day by day; `stays` are all of an offer, whoever sees them."""
    rows = []
    for offer_id, found in groupby(exchanges, key=lambda one: one.offer_id):
        visits = list(found)
        rows.append(HostRow(visits[0].offer, tuple(_bars(visits, stays.get(offer_id, ()), span))))
    return rows


def _bars(visits: Sequence[Exchange], stays: Sequence[tuple[date, date]], span: Span) -> Iterator[Bar]:
    places = places_by_day(visits[0].offer)
    for visit in visits:
        first, last = span.place(visit.first_day), span.place(visit.stayed_until)
        found = tuple(_conflicts(visit, stays, places)) if visit.status in AHEAD else ()
        yield Bar(visit, found, first, last - first + 1)


def _conflicts(
    visit: Exchange, stays: Sequence[tuple[date, date]], places: Mapping[date, int]
) -> Iterator[str]:
    """What does not fit a stay any more: hosts change their days, and records come by import."""
    first, last = visit.first_day, visit.last_day
    if first not in places or last not in places:
        yield "host-closed"
    days = [day for day in places if first <= day <= last]
    if any(sum(begun <= day <= ended for begun, ended in stays) > places[day] for day in days):
        yield "host-over"
