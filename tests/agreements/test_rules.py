from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session, scoped_session

from mobility.agreements import rules, wording
from mobility.agreements.draft import AgendaDay
from mobility.agreements.enums import Slot
from mobility.agreements.models import Plan
from mobility.core import clock
from mobility.exchanges.models import Exchange
from tests.make.agreements import make_agreed_exchange, make_plan
from tests.make.hosts import PORTO
from tests.make.organisations import make_organisation

MONDAY = date(2027, 3, 1)
WEEK = [MONDAY + timedelta(days=n) for n in range(5)]


def rows(days: list[date], texts: str) -> list[dict[str, Any]]:
    return [{"day": day.isoformat(), "text": text} for day, text in zip(days, texts.split(), strict=True)]


def failing(exchange: Exchange, plan: Plan | None, *, has_visited: bool = False) -> list[str]:
    found = rules.findings(exchange, plan, today=clock.today(), has_visited=has_visited)
    return [finding.code for finding in found if not finding.passed]


def test_the_agenda_has_a_day_for_each_working_day_of_the_host(session: scoped_session[Session]) -> None:
    host = make_organisation(**PORTO, account=None)
    # 25 April, Freedom Day, is a Sunday in 2027; 10 June, Portugal Day, is a Thursday.
    exchange = make_agreed_exchange(host=host, first_day=date(2027, 6, 7), last_day=date(2027, 6, 13))

    assert [day.day for day in rules.days_of(exchange)] == [7, 8, 9, 11]


def test_a_written_agenda_stays_on_its_days() -> None:
    stored = rows(WEEK, "a b c d e")

    assert rules.agenda_on(WEEK, stored) == tuple(
        AgendaDay(day, text) for day, text in zip(WEEK, "abcde", strict=True)
    )


def test_an_agenda_moves_with_the_stay_in_its_order() -> None:
    later = [day + timedelta(days=14) for day in WEEK]

    moved = rules.agenda_on(later, rows(WEEK, "a b c d e"))

    assert [(row.day, row.text) for row in moved] == list(zip(later, "abcde", strict=True))


def test_a_shorter_stay_loses_nothing_that_was_written() -> None:
    later = [day + timedelta(days=14) for day in WEEK[:3]]

    moved = rules.agenda_on(later, rows(WEEK, "a b c d e"))

    assert [row.text for row in moved] == ["a", "b", "c\nd\ne"]


def test_a_longer_stay_has_empty_days_to_fill() -> None:
    assert [row.text for row in rules.agenda_on(WEEK, rows(WEEK[:2], "a b"))] == ["a", "b", "", "", ""]


@pytest.mark.parametrize(
    ("first", "after"),
    [
        (date(2027, 3, 1), date(2027, 4, 1)),
        (date(2027, 1, 31), date(2027, 2, 28)),
        (date(2028, 1, 31), date(2028, 2, 29)),
        (date(2027, 12, 15), date(2028, 1, 15)),
        (date(2027, 11, 30), date(2027, 12, 30)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last(first: date, after: date) -> None:
    assert rules.month_after(first) == after


def test_a_whole_plan_is_ready(session: scoped_session[Session]) -> None:
    plan = make_plan()

    assert failing(plan.exchange, plan) == []


@pytest.mark.parametrize("name", rules.TEXTS)
def test_each_missing_text_is_named(session: scoped_session[Session], name: str) -> None:
    empty: dict[str, Any] = {name: ""}
    plan = make_plan(None, **empty)

    assert failing(plan.exchange, plan) == [name.replace("_", "-")]


def test_without_a_plan_all_its_texts_are_missing(session: scoped_session[Session]) -> None:
    found = failing(make_agreed_exchange(), None)

    assert found == [*(name.replace("_", "-") for name in rules.TEXTS), "agenda"]


def test_the_empty_days_of_the_agenda_are_named(session: scoped_session[Session]) -> None:
    exchange = make_agreed_exchange()
    days = rules.days_of(exchange)
    plan = make_plan(exchange, agenda=tuple(AgendaDay(day, "Rig." if day != days[2] else "") for day in days))

    found = rules.findings(exchange, plan, today=clock.today(), has_visited=False)

    (agenda,) = [finding for finding in found if not finding.passed]
    assert agenda.values == {"missing": [days[2].isoformat()]}
    assert wording.shown(found)[0].title == "Agenda for each working day"


def test_a_host_in_the_same_country_is_refused(session: scoped_session[Session]) -> None:
    plan = make_plan(make_agreed_exchange(host=make_organisation(account=None)))

    assert failing(plan.exchange, plan) == ["transnational"]


def test_a_second_visit_is_refused(session: scoped_session[Session]) -> None:
    plan = make_plan()

    assert failing(plan.exchange, plan, has_visited=True) == ["first-visit"]


def test_a_stay_shorter_than_the_call_asks_is_refused(session: scoped_session[Session]) -> None:
    plan = make_plan(make_agreed_exchange(days=3))
    plan.exchange.call.min_days = 4

    assert failing(plan.exchange, plan) == ["min-length"]


@pytest.mark.parametrize(("days", "expected"), [(31, []), (32, ["max-length"])])
def test_a_stay_ends_within_one_month(
    session: scoped_session[Session], days: int, expected: list[str]
) -> None:
    # March has 31 days: from its first the month ends with its last.
    plan = make_plan(make_agreed_exchange(first_day=date(2027, 3, 1), days=days))

    assert failing(plan.exchange, plan) == expected


@pytest.mark.parametrize(("days", "expected"), [(1, []), (0, ["in-future"]), (-1, ["in-future"])])
def test_a_stay_begins_after_today(session: scoped_session[Session], days: int, expected: list[str]) -> None:
    plan = make_plan()
    plan.exchange.first_day = clock.today() + timedelta(days=days)
    plan.exchange.last_day = plan.exchange.first_day + timedelta(days=9)
    plan.agenda = [{"day": day.isoformat(), "text": "Rig."} for day in rules.days_of(plan.exchange)]

    assert failing(plan.exchange, plan) == expected


@pytest.mark.parametrize(
    ("slots", "may"),
    [
        ([Slot.VO], True),
        ([Slot.VOP, Slot.HOP], True),
        ([Slot.VO, Slot.VO], True),
        ([Slot.VO, Slot.HO], False),
        ([Slot.VO, Slot.VOP], False),
        ([Slot.HO, Slot.HOP], False),
        ([Slot.HO, Slot.VOP, Slot.HOP], False),
    ],
)
def test_one_person_signs_for_one_side_or_for_partnerships(slots: list[Slot], may: bool) -> None:
    assert rules.go_together(slots) is may


def test_the_hash_does_not_depend_on_the_order_of_the_parts() -> None:
    assert rules.sha256_of({"a": 1, "b": {"c": "é"}}) == rules.sha256_of({"b": {"c": "é"}, "a": 1})


@pytest.mark.parametrize("other", [{"a": 2}, {"a": "1"}, {"b": 1}, {"a": 1, "b": None}, {}])
def test_any_change_changes_the_hash(other: dict[str, Any]) -> None:
    assert rules.sha256_of(other) != rules.sha256_of({"a": 1})


def step(code: str, **values: Any) -> dict[str, Any]:
    return {"code": code, "values": values, "cents": 0}


SHORT, NEAR = step("half-days", full_days=5, days=3), step("half-distance", km=80, half_below_km=200)


@pytest.mark.parametrize(
    ("trace", "words"),
    [
        ([step("full-days", full_days=5)], "The full amount."),
        ([SHORT], "Half: fewer than 5 working days at the host."),
        ([step("full-days", full_days=5), NEAR], "Half: less than 200 km between the organisations."),
        (
            [SHORT, NEAR],
            "Half, counted once: fewer than 5 working days, and less than 200 km between the organisations.",
        ),
        ([step("virtual")], "No lump sum."),
    ],
)
def test_full_or_half_is_said_with_its_reason(
    session: scoped_session[Session], trace: list[dict[str, Any]], words: str
) -> None:
    assert wording.share(trace) == words
