"""What differs between two results, without a database."""

from datetime import date
from typing import Any

import pytest

from mobility.rounds.comparison import Comparison, Entry, Stay, compare


def entry(reference: str, **changes: Any) -> Entry:
    usual: dict[str, Any] = {
        "visitor": f"Visitor {reference}",
        "partnership": "Blue",
        "country": "ES",
        "staff": 5,
        "is_first_timer": True,
        "max_days": 5,
        "first_choice": None,
    }
    return Entry(reference, **usual | changes)


def stay(offer: str = "H1", day: int = 1, **figures: int) -> Stay:
    usual = {"days": 5, "score": 60, "cost_cents": 50_000}
    return Stay(offer, f"Host {offer}", date(2027, 3, day), **usual | figures)


@pytest.fixture
def found() -> Comparison:
    entries = [entry(name) for name in ("A", "B", "C", "D", "E")]
    one = {"A": stay(), "B": stay(), "C": stay(), "D": stay()}
    other = {"A": stay(), "B": stay("H2"), "C": stay(day=8), "E": stay()}
    return compare(entries, one, other, hosts=3)


def test_each_entrant_for_whom_the_results_differ_is_named_with_what_changes(found: Comparison) -> None:
    kinds = {change.entry.reference: change.kind for change in found.changes}

    assert kinds == {"B": "moves", "C": "redated", "D": "loses", "E": "gains"}
    assert found.unchanged == 1


def test_hosts_without_a_visit_count_in_the_spread_of_visits(found: Comparison) -> None:
    assert found.one.loads == [0, 0, 4]
    assert found.other.loads == [0, 1, 3]
    assert found.one.load_gini == pytest.approx(2 / 3)
    assert found.other.load_gini == pytest.approx(0.5)


def test_no_visit_at_all_is_spread_evenly_and_has_no_mean() -> None:
    found = compare([entry("A")], {}, {}, hosts=2)

    assert (found.one.load_gini, found.one.mean_score, found.changes) == (0.0, 0.0, [])


def test_money_goes_by_partnership() -> None:
    entries = [entry("A"), entry("B", partnership="Loom")]

    found = compare(entries, {"A": stay()}, {"A": stay(), "B": stay(cost_cents=70_000)}, hosts=1)

    assert found.money() == [("Blue", 50_000, 50_000), ("Loom", 0, 70_000)]


@pytest.mark.parametrize(
    ("family", "changes", "name"),
    [
        ("partnership", {"partnership": "Loom"}, "Loom"),
        ("country", {"country": "PT"}, "PT"),
        ("size", {"staff": 50}, "medium"),
        ("size", {"staff": None}, "unknown"),
        ("size", {"staff": 250}, "large"),
        ("first_timer", {"is_first_timer": False}, "again"),
        ("length", {"max_days": 3}, "3"),
    ],
)
def test_the_set_whose_share_is_worst_comes_first(family: str, changes: dict[str, Any], name: str) -> None:
    found = compare([entry("A"), entry("B", **changes)], {"A": stay()}, {"A": stay()}, hosts=1)

    worst, best = found.shares(family)

    assert (worst.name, worst.one, worst.of, worst.shares) == (name, 0, 1, (0, 0))
    assert best.shares == (1, 1)


def test_first_choices_are_counted_among_those_who_named_one() -> None:
    entries = [entry("A", first_choice="H1"), entry("B", first_choice="H2"), entry("C")]

    found = compare(entries, {"A": stay(), "B": stay(), "C": stay()}, {}, hosts=2)

    assert (found.one.first_choices, found.other.first_choices) == ((1, 2), (0, 2))
