"""Computes the bound that a certificate proves, in exact integers (Lagrangian relaxation of places and limits).

Every choice of prices at or above 0 gives a bound: each unit pays for what it takes and keeps its best way, and all
that is on sale is bought back. Prices are in 1 / `scale` of a priority point.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from matching.checked import Case, places_on
from matching.problem import Application, Host, Pair, Problem
from matching.reading import Malformed, at, at_least, day, each, holding, integer, mapping, refuse, text
from matching.solution import Solution

Names = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Cover:
    """Pairs of one limit that cannot all be matched, and the price of each."""

    limit: str
    pairs: tuple[Names, ...]
    price: int

    @classmethod
    def read(cls, value: object) -> "Cover":
        found = holding(value, "limit", "pairs", "price")
        return cls(
            limit=at("limit", text, found["limit"]),
            pairs=at("pairs", each(_two_texts), found["pairs"]),
            price=at("price", _price, found["price"]),
        )


@dataclass(frozen=True, slots=True)
class Prices:
    """The prices of a certificate: per host and day, per limit (below `min`, above `max`), and per cover."""

    scale: int
    days: Mapping[str, Mapping[date, int]]
    limits: Mapping[str, tuple[int, int]]
    covers: tuple[Cover, ...]

    @classmethod
    def read(cls, value: Mapping[str, object]) -> "Prices":
        """Read prices. Raises `Malformed`."""
        found = holding(dict(value), "scale")
        scale = at("scale", integer, found["scale"])
        at_least("scale", scale, 1, None)
        days = at("days", mapping, found.get("days", {}))
        limits = at("limits", mapping, found.get("limits", {}))
        return cls(
            scale=scale,
            days={host: at(f"days.{host}", _day_prices, rows) for host, rows in days.items()},
            limits={name: at(f"limits.{name}", _two_prices, rows) for name, rows in limits.items()},
            covers=at("covers", each(Cover.read), found.get("covers", [])),
        )


def certified_bound(problem: Problem, certificate: Mapping[str, object]) -> int:
    """Return the bound on the sum of matched priorities. Raises `Malformed` for prices that prove nothing.

    A way is a visit that fits the windows and closed days of both sides, on a pair that is not forbidden; places,
    limits and locks do not restrict it.
    """
    prices = Prices.read(certificate)
    market = _Market(Case(problem, Solution("feasible")), prices)
    market.refuse_unknown()
    market.refuse_loose_covers()
    return (market.best_ways() + market.stock()) // prices.scale


class _Market:
    """A problem in which places, limits and covers have prices."""

    def __init__(self, case: Case, prices: Prices) -> None:
        self.case, self.prices = case, prices
        self.limits = {limit.id: limit for limit in case.problem.limits}
        self.hosts_of: dict[str, list[str]] = defaultdict(list)
        for pair in case.problem.pairs:
            if (pair.application, pair.host) not in case.forbidden:
                self.hosts_of[pair.application].append(pair.host)
        self.fees = self._fees()
        self.lines = {host.id: _Line(case, host, prices.days.get(host.id, {})) for host in case.problem.hosts}

    def _fees(self) -> Mapping[Names, int]:
        """Return what each pair pays to the limits and covers."""
        fees: dict[Names, int] = defaultdict(int)
        for name, (below, above) in self.prices.limits.items():
            for pair in self._covered(name):
                fees[pair.application, pair.host] += (above - below) * pair.amount(self.limits[name].amount)
        for cover in self.prices.covers:
            for names in cover.pairs:
                fees[names] += cover.price
        return fees

    def _covered(self, name: str) -> Iterator[Pair]:
        if name not in self.limits:
            return iter(())
        limit = self.limits[name]
        hosts = None if limit.hosts is None else set(limit.hosts)
        applications = self.case.applications if limit.applications is None else limit.applications
        return (
            self.case.pairs[one, host]
            for one in applications
            for host in self.hosts_of[one]
            if hosts is None or host in hosts
        )

    def refuse_unknown(self) -> None:
        """Refuse prices for hosts and limits that do not exist, and for days that are closed."""
        for host, rows in self.prices.days.items():
            if host not in self.case.hosts:
                raise Malformed(f"days.{host}", "is no host", "the id of a host")
            for one in rows:
                if not self.case.open_days(self.case.hosts[host], one, one):
                    raise Malformed(f"days.{host}", f"{one} is not open", "open days of the round")
        for name in self.prices.limits:
            if name not in self.limits:
                raise Malformed(f"limits.{name}", "is no limit", "the id of a limit")

    def refuse_loose_covers(self) -> None:
        """Refuse covers of which all pairs could be matched: their amounts have to exceed the limit together."""
        for place, cover in enumerate(self.prices.covers):
            amounts = {
                (pair.application, pair.host): pair.amount(self.limits[cover.limit].amount)
                for pair in self._covered(cover.limit)
            }
            if len(set(cover.pairs)) < len(cover.pairs) or not set(cover.pairs) <= amounts.keys():
                raise Malformed(f"covers[{place}].pairs", "is no set of pairs of the limit", "each pair once")
            if sum(amounts[names] for names in cover.pairs) <= self.limits[cover.limit].max:
                raise Malformed(f"covers[{place}]", "does not exceed the limit", "amounts above max together")

    def stock(self) -> int:
        """Return what all places, limits and covers are worth."""
        total = sum((len(cover.pairs) - 1) * cover.price for cover in self.prices.covers)
        for host, rows in self.prices.days.items():
            total += sum(places_on(self.case.hosts[host], one) * price for one, price in rows.items())
        for name, (below, above) in self.prices.limits.items():
            total += self.limits[name].max * above - self.limits[name].min * below
        return total

    def best_ways(self) -> int:
        """Return the sum over the units of what their best way leaves after paying, or 0 for none."""
        units: dict[Names, list[Application]] = defaultdict(list)
        for application in self.case.problem.applications:
            is_alone = application.group is None
            units[("", application.id) if is_alone else ("group", application.group or "")].append(
                application
            )
        return sum(max([0, *self._ways(members)]) for members in units.values())

    def _ways(self, members: list[Application]) -> Iterator[int]:
        worth = sum(member.priority for member in members) * self.prices.scale
        for host in self.hosts_of[members[0].id]:
            if all(host in self.hosts_of[member.id] for member in members):
                fee = sum(self.fees.get((member.id, host), 0) for member in members)
                costs = [
                    self.lines[host].costs(member, self.case.pairs[member.id, host]) for member in members
                ]
                for first in set(costs[0]).intersection(*costs[1:]):
                    yield worth - fee - sum(cost[first] for cost in costs)


class _Line:
    """The open days of a host with the sums of their prices up to each."""

    def __init__(self, case: Case, host: Host, prices: Mapping[date, int]) -> None:
        days = {one for window in host.windows for one in case.open_days(host, window.first, window.last)}
        self.host, self.days = host, sorted(days)
        self.sums = [0, *accumulate(prices.get(one, 0) for one in self.days)]

    def costs(self, member: Application, pair: Pair) -> dict[date, int]:
        """Return, per first day on which the visit fits both sides' windows, what its days cost."""
        length = pair.days or member.days
        found = {}
        for wished in member.windows:
            for offered in self.host.windows:
                low = bisect_left(self.days, max(wished.first, offered.first))
                high = bisect_right(self.days, min(wished.last, offered.last))
                for place in range(low, high - length + 1):
                    found[self.days[place]] = self.sums[place + length] - self.sums[place]
        return found


def _price(value: object) -> int:
    price = integer(value)
    at_least("", price, 0, None)
    return price


def _two_texts(value: object) -> Names:
    first, second = _two(value, "[application, host]")
    return at("[0]", text, first), at("[1]", text, second)


def _two_prices(value: object) -> tuple[int, int]:
    below, above = _two(value, "[price below min, price above max]")
    return at("[0]", _price, below), at("[1]", _price, above)


def _day_prices(value: object) -> dict[date, int]:
    rows = each(_day_price)(value)
    found = dict(rows)
    if len(found) < len(rows):
        raise Malformed("", "has a day twice", "each day once")
    return found


def _day_price(value: object) -> tuple[date, int]:
    first, second = _two(value, "[day, price]")
    return at("[0]", day, first), at("[1]", _price, second)


def _two(value: object, shape: str) -> list[object]:
    if not isinstance(value, list) or len(value) != 2:
        refuse(value, shape)
    return value
