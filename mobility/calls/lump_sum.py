"""The lump sum of one stay, by the call's rules, with the steps it was made of. Pure.

Source: domain.md 5.1 R1-R5 and 5.5. The rate of the host country on the first day of the stay is a ceiling; a
partnership may pay less; nobody gets more than the call's own ceiling. Half of it for a short stay or a short way,
halved once even if both apply; nothing for a virtual exchange or one under the shortest stay.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from mobility.calls.enums import Mode
from mobility.calls.models import Call, Rate
from mobility.core.errors import RuleBroken

# The steps to the amount that is then halved or not.
BASE_STEPS = frozenset({"rate", "own-rate", "ceiling"})


@dataclass(frozen=True)
class TraceLine:
    """A step: what was found, and the amount in cents after it."""

    code: str
    values: dict[str, Any]
    cents: int

    def as_dict(self) -> dict[str, Any]:
        """As it is stored with the exchange, so that an auditor can recompute."""
        return vars(self).copy()


@dataclass(frozen=True)
class LumpSum:
    """An amount and the steps to it; the last step's amount is the amount."""

    cents: int
    trace: tuple[TraceLine, ...]


def lump_sum(
    call: Call,
    *,
    country: str,
    starts_on: date,
    days: int,
    km: int,
    mode: Mode = Mode.PHYSICAL,
    own_rate_cents: int | None = None,
) -> LumpSum:
    """The lump sum for a stay of `days` working days at a host `km` away.

    `own_rate_cents` is the flat rate of the visitor's partnership, if it has one.
    Raises `RuleBroken("no-rate")` if the call has no rate for the country on that day.
    """
    return on_base(call, base_on(call, country, starts_on, own_rate_cents), days=days, km=km, mode=mode)


def base_on(call: Call, country: str, starts_on: date, own_rate_cents: int | None) -> tuple[TraceLine, ...]:
    """The steps to the amount that is then halved or not. Raises `RuleBroken("no-rate")`."""
    return tuple(_base(call, country, starts_on, own_rate_cents))


def on_base(call: Call, base: Sequence[TraceLine], *, days: int, km: int, mode: Mode) -> LumpSum:
    """The lump sum on a base that was found before: a signed stay keeps the rate of its agreement."""
    trace = [*base]
    if mode == Mode.VIRTUAL:
        trace.append(TraceLine("virtual", {}, 0))
    elif days < call.min_days:
        trace.append(TraceLine("too-short", {"days": days, "min_days": call.min_days}, 0))
    else:
        trace += _halved_once(call, trace[-1].cents, days, km)
    return LumpSum(trace[-1].cents, tuple(trace))


def rate_on(call: Call, country: str, day: date) -> Rate:
    """The rate for stays in a country that start on a day. Raises `RuleBroken("no-rate")`."""
    for rate in call.rates:
        if rate.country == country and rate.from_on <= day and (rate.to_on is None or day <= rate.to_on):
            return rate
    raise RuleBroken("no-rate", country=country, day=day.isoformat())


def _base(call: Call, country: str, starts_on: date, own_rate_cents: int | None) -> Iterator[TraceLine]:
    rate = rate_on(call, country, starts_on)
    values = {"country": country, "day": starts_on.isoformat(), "table": rate.table_name}
    yield TraceLine("rate", values | {"rules": call.rules_version}, rate.cents)
    cents = rate.cents
    if own_rate_cents is not None and own_rate_cents < cents:
        cents = own_rate_cents
        yield TraceLine("own-rate", {"rate_cents": own_rate_cents}, cents)
    if call.ceiling_cents < cents:
        yield TraceLine("ceiling", {"ceiling_cents": call.ceiling_cents}, call.ceiling_cents)


def _halved_once(call: Call, base: int, days: int, km: int) -> Iterator[TraceLine]:
    is_short, is_near = days < call.full_days, km < call.half_below_km
    cents = base // 2 if is_short else base
    yield TraceLine(
        "half-days" if is_short else "full-days", {"days": days, "full_days": call.full_days}, cents
    )
    values: dict[str, Any] = {"km": km, "half_below_km": call.half_below_km}
    if is_near:
        yield TraceLine("half-distance", values | {"already_half": is_short}, base // 2)
    else:
        yield TraceLine("full-distance", values, cents)
