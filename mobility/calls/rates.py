"""A call's lump sums as a table: countries with the same amount in one row."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from mobility.calls.models import Call
from mobility.core import clock
from mobility.taxonomies.countries import country_name


@dataclass(frozen=True)
class RateRow:
    """Host countries of one amount: for a stay of full length and for a short one."""

    countries: str
    full_cents: int
    half_cents: int
    percent: float


def rate_rows(call: Call) -> list[RateRow]:
    """The call's amounts for stays that start on its first day, or today; the highest first."""
    day = max(call.first_day, clock.today())
    in_force = [rate for rate in call.rates if _holds(rate.from_on, rate.to_on, day)]
    amounts = sorted(
        ((min(rate.cents, call.ceiling_cents), country_name(rate.country)) for rate in in_force),
        key=lambda one: (-one[0], one[1]),
    )
    most = amounts[0][0] if amounts else 0
    return [
        RateRow(", ".join(name for _cents, name in group), cents, cents // 2, 100 * cents / (most or 1))
        for cents, group in groupby(amounts, key=lambda one: one[0])
    ]


def _holds(from_on: date, to_on: date | None, day: date) -> bool:
    return from_on <= day and (to_on is None or day <= to_on)
