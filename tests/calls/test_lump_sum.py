"""The lump sum: every worked example of domain.md 5.5, and the edges of each rule."""

from datetime import date
from typing import Any

import pytest

from mobility.calls import seed
from mobility.calls.enums import Mode
from mobility.calls.lump_sum import LumpSum, lump_sum
from mobility.calls.models import Call, Rate
from mobility.core.errors import RuleBroken

ON = date(2027, 3, 1)


def call(**changes: Any) -> Call:
    """A call with the seeded rules, never stored."""
    rules = {
        "rules_version": seed.RULES_VERSION,
        "min_days": 3,
        "full_days": 5,
        "half_below_km": 200,
        "ceiling_cents": 110_000,
        "rates": seed.rates(),
    }
    return Call(**rules | changes)


def paid(country: str, days: int, km: int, *, within: Call | None = None, **more: Any) -> LumpSum:
    return lump_sum(within or call(), country=country, starts_on=ON, days=days, km=km, **more)


@pytest.mark.parametrize(
    ("country", "days", "km", "cents"),
    [
        ("PT", 5, 900, 78_000),
        ("PT", 3, 900, 39_000),
        ("EE", 5, 80, 33_500),
        ("EE", 3, 80, 33_500),
        ("DK", 5, 900, 110_000),
    ],
)
def test_the_worked_examples_of_the_scheme_hold(country: str, days: int, km: int, cents: int) -> None:
    assert paid(country, days, km).cents == cents


@pytest.mark.parametrize(
    ("days", "cents"), [(0, 0), (2, 0), (3, 39_000), (4, 39_000), (5, 78_000), (23, 78_000)]
)
def test_the_amount_goes_in_two_steps_by_days(days: int, cents: int) -> None:
    assert paid("PT", days, 900).cents == cents


@pytest.mark.parametrize(("km", "cents"), [(0, 39_000), (199, 39_000), (200, 78_000), (201, 78_000)])
def test_under_200_kilometres_the_amount_is_half(km: int, cents: int) -> None:
    assert paid("PT", 5, km).cents == cents


def test_a_virtual_exchange_carries_no_money() -> None:
    assert paid("PT", 5, 900, mode=Mode.VIRTUAL).cents == 0


@pytest.mark.parametrize(
    ("own_cents", "cents"), [(45_000, 45_000), (78_000, 78_000), (90_000, 78_000), (0, 0)]
)
def test_a_partnership_may_pay_less_than_the_country_and_never_more(own_cents: int, cents: int) -> None:
    assert paid("PT", 5, 900, own_rate_cents=own_cents).cents == cents


def test_the_partnerships_own_rate_is_halved_too() -> None:
    assert paid("PT", 3, 900, own_rate_cents=45_000).cents == 22_500


def test_nobody_gets_more_than_the_ceiling_of_the_call() -> None:
    assert paid("DK", 5, 900, within=call(ceiling_cents=100_000)).cents == 100_000


def test_an_odd_cent_is_not_paid_when_halving() -> None:
    assert paid("PT", 3, 900, own_rate_cents=45_001).cents == 22_500


def test_the_rate_of_the_first_day_of_the_stay_counts() -> None:
    old = Rate(
        table_name="old", country="PT", cents=70_000, from_on=date(2020, 1, 1), to_on=date(2027, 2, 28)
    )
    new = Rate(table_name="new", country="PT", cents=80_000, from_on=ON, to_on=None)

    assert paid("PT", 5, 900, within=call(rates=[old, new])).cents == 80_000


@pytest.mark.parametrize("country", ["US", "NO"])
def test_a_country_without_a_rate_is_refused(country: str) -> None:
    with pytest.raises(RuleBroken) as refusal:
        paid(country, 5, 900)

    assert refusal.value.code == "no-rate"


def test_a_day_before_all_rates_is_refused() -> None:
    late = Rate(table_name="late", country="PT", cents=1, from_on=date(2028, 1, 1), to_on=None)

    with pytest.raises(RuleBroken, match="no-rate"):
        paid("PT", 5, 900, within=call(rates=[late]))


def test_the_trace_names_each_step_and_ends_in_the_amount() -> None:
    result = paid("EE", 3, 80, own_rate_cents=60_000)

    assert [(line.code, line.cents) for line in result.trace] == [
        ("rate", 67_000),
        ("own-rate", 60_000),
        ("half-days", 30_000),
        ("half-distance", 30_000),
    ]
    assert result.trace[-1].values == {"km": 80, "half_below_km": 200, "already_half": True}
    assert result.cents == result.trace[-1].cents


def test_the_trace_keeps_the_rules_and_the_table_for_an_auditor() -> None:
    first = paid("PT", 5, 900).trace[0].as_dict()

    assert first["values"] == {
        "country": "PT",
        "day": "2027-03-01",
        "table": seed.RATE_TABLE,
        "rules": seed.RULES_VERSION,
    }
