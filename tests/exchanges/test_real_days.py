"""Stays that move, end early, or last other days than agreed: the lump sum follows and never rises."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.audit.queries import entries_about
from mobility.calls.enums import Mode
from mobility.calls.queries import allotment_of
from mobility.calls.services import allot
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.exchanges import services
from mobility.exchanges.enums import ExchangeStatus, Side
from mobility.exchanges.models import Exchange
from mobility.hosts.models import PlaceDay, Reservation
from mobility.mail.queries import letters_about
from mobility.taxonomies import working_days
from tests.make.reporting import full_week, make_over_exchange
from tests.make.rounds import make_proposal

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]
DAY = timedelta(days=1)
REASON = "Ill."


def under_way(**changes: Any) -> Exchange:
    """A stay of five working days on whose Friday it is now."""
    return make_over_exchange(status=ExchangeStatus.ONGOING, ended_at=None, **changes)


def committed_cents(exchange: Exchange) -> int:
    allotment = allotment_of(exchange.call, exchange.vop)
    assert allotment
    db.session.refresh(allotment)
    return allotment.committed_cents


def agreed() -> Exchange:
    proposal = make_proposal()
    services.accept(proposal, Side.VISITOR, actor=None)
    exchange = services.accept(proposal, Side.HOST, actor=None)
    assert exchange
    return exchange


@pytest.mark.parametrize(("days", "cents"), [(5, 78_000), (4, 39_000), (3, 39_000), (2, 0), (1, 0)])
def test_a_stay_broken_off_is_paid_for_the_days_stayed(days: int, cents: int) -> None:
    exchange = under_way()

    services.terminate(exchange, exchange.first_day + (days - 1) * DAY, REASON, actor=None)

    assert exchange.status is ExchangeStatus.TERMINATED
    assert (exchange.lump_sum_cents, exchange.working_days) == (cents, days)
    assert exchange.trace[-1]["cents"] == cents
    assert committed_cents(exchange) == cents


def test_a_stay_broken_off_keeps_its_reason_and_its_last_day_and_tells_both_sides() -> None:
    exchange = under_way()
    last_day = exchange.first_day + 2 * DAY

    services.terminate(exchange, last_day, f" {REASON} ", actor=None)

    assert (exchange.broken_off_on, exchange.terminate_reason) == (last_day, REASON)
    assert exchange.terminated_at
    letters = {letter.kind: letter.body for letter in letters_about(exchange)}
    assert set(letters) == {"exchanges.terminated_visitor", "exchanges.terminated_host"}
    assert "€390.00" in letters["exchanges.terminated_visitor"]
    assert "€" not in letters["exchanges.terminated_host"]
    assert [entry.verb for entry in entries_about(exchange)] == ["exchange.adjusted", "exchange.terminated"]


@pytest.mark.parametrize("shift", [-1, 5])
def test_a_stay_is_not_broken_off_outside_its_days(session: Db, shift: int) -> None:
    exchange = under_way()
    session.commit()

    with pytest.raises(RuleBroken, match="outside-stay"):
        services.terminate(exchange, exchange.first_day + shift * DAY, REASON, actor=None)

    session.rollback()
    assert (exchange.status, exchange.lump_sum_cents) == (ExchangeStatus.ONGOING, 78_000)


def test_a_stay_is_not_broken_off_on_a_day_to_come(session: Db) -> None:
    exchange = under_way()
    session.commit()

    with (
        time_machine.travel(clock.at_local(exchange.first_day + DAY), tick=False),
        pytest.raises(RuleBroken, match="outside-stay"),
    ):
        services.terminate(exchange, exchange.first_day + 2 * DAY, REASON, actor=None)

    session.rollback()
    assert exchange.status is ExchangeStatus.ONGOING


@pytest.mark.parametrize("status", [ExchangeStatus.CONFIRMED, ExchangeStatus.ENDED, ExchangeStatus.CLOSED])
def test_only_a_stay_under_way_is_broken_off(session: Db, status: ExchangeStatus) -> None:
    exchange = make_over_exchange(status=status)
    session.commit()

    with pytest.raises(RuleBroken, match="wrong-state"):
        services.terminate(exchange, exchange.first_day, REASON, actor=None)

    session.rollback()
    assert (exchange.status, exchange.lump_sum_cents) == (status, 78_000)


def test_breaking_off_needs_a_reason(session: Db) -> None:
    exchange = under_way()

    with pytest.raises(RuleBroken, match="reason-needed"):
        services.terminate(exchange, exchange.first_day, "  ", actor=None)

    assert exchange.status is ExchangeStatus.ONGOING


def test_fewer_real_days_cost_less_and_the_budget_gets_the_rest() -> None:
    exchange = make_over_exchange()

    assert services.adjust(exchange, exchange.first_day, exchange.first_day + 2 * DAY, actor=None)

    assert (exchange.lump_sum_cents, exchange.working_days, committed_cents(exchange)) == (39_000, 3, 39_000)
    entry = entries_about(exchange)[-1]
    assert (entry.values["before_cents"], entry.values["now_cents"], entry.values["days"]) == (
        78_000,
        39_000,
        3,
    )


def test_the_same_days_change_nothing() -> None:
    exchange = make_over_exchange()
    version = exchange.version

    assert not services.adjust(exchange, exchange.first_day, exchange.last_day, actor=None)

    assert (exchange.lump_sum_cents, exchange.version, entries_about(exchange)) == (78_000, version, [])


def test_more_real_days_never_cost_more() -> None:
    monday, friday = full_week()
    exchange = make_over_exchange(days=3)
    exchange.first_day = monday

    assert not services.adjust(exchange, monday, friday, actor=None)

    assert (exchange.lump_sum_cents, exchange.working_days, committed_cents(exchange)) == (39_000, 3, 39_000)


def test_other_days_for_the_same_money_stand_in_the_trace() -> None:
    exchange = make_over_exchange()

    assert services.adjust(exchange, exchange.first_day, exchange.last_day + 7 * DAY, actor=None)

    days = next(line["values"]["days"] for line in exchange.trace if line["code"] == "full-days")
    assert (exchange.lump_sum_cents, exchange.working_days == days, days > 5) == (78_000, True, True)


def test_a_rate_that_changed_since_the_agreement_does_not_reach_it() -> None:
    exchange = make_over_exchange()
    allot(exchange.call, exchange.vop, 1_000_000, actor=None, own_rate_cents=10_000)
    for rate in exchange.call.rates:
        rate.cents = 5_000

    assert not services.adjust(exchange, exchange.first_day, exchange.last_day, actor=None)
    services.adjust(exchange, exchange.first_day, exchange.first_day + 2 * DAY, actor=None)

    assert exchange.lump_sum_cents == 39_000


def test_a_virtual_stay_has_no_lump_sum_on_any_days() -> None:
    exchange = make_over_exchange(mode=Mode.VIRTUAL)

    services.adjust(exchange, exchange.first_day, exchange.first_day + DAY, actor=None)

    assert exchange.lump_sum_cents == 0


@pytest.mark.parametrize("status", [ExchangeStatus.ENDED, ExchangeStatus.TERMINATED])
def test_what_is_done_with_is_closed(status: ExchangeStatus) -> None:
    exchange = make_over_exchange(status=status)

    services.close(exchange, actor=None)

    assert exchange.status is ExchangeStatus.CLOSED
    assert exchange.closed_at
    assert entries_about(exchange)[-1].verb == "exchange.closed"


@pytest.mark.parametrize(
    "status",
    [ExchangeStatus.AGREED, ExchangeStatus.CONFIRMED, ExchangeStatus.ONGOING, ExchangeStatus.CANCELLED],
)
def test_what_is_not_over_is_not_closed(session: Db, status: ExchangeStatus) -> None:
    exchange = make_over_exchange(status=status)
    session.commit()

    with pytest.raises(RuleBroken, match="wrong-state"):
        services.close(exchange, actor=None)

    session.rollback()
    assert (exchange.status, exchange.closed_at) == (status, None)


def test_an_agreed_exchange_moves_with_its_place_and_its_money() -> None:
    exchange = agreed()
    monday = exchange.first_day + (7 - exchange.first_day.weekday()) * DAY
    while working_days.count(monday, monday + 2 * DAY, "PT") < 3:
        monday += 7 * DAY
    before = exchange.lump_sum_cents

    services.move(exchange, monday, monday + 2 * DAY, actor=None)

    assert (exchange.first_day, exchange.last_day) == (monday, monday + 2 * DAY)
    assert exchange.working_days <= 3
    assert committed_cents(exchange) == exchange.lump_sum_cents <= before
    held = db.session.scalars(select(Reservation).where(Reservation.freed_at.is_(None))).one()
    assert (held.first_day, held.last_day) == (monday, monday + 2 * DAY)
    assert db.session.scalar(select(func.sum(PlaceDay.taken))) == 3
    assert entries_about(exchange)[-1].verb == "exchange.moved"


def test_a_move_to_a_stay_too_short_changes_nothing(session: Db) -> None:
    exchange = agreed()
    session.commit()
    before = (exchange.first_day, exchange.last_day, exchange.lump_sum_cents, committed_cents(exchange))

    with pytest.raises(RuleBroken, match="stay-too-short"):
        services.move(exchange, exchange.first_day, exchange.first_day, actor=None)

    session.rollback()
    assert (
        exchange.first_day,
        exchange.last_day,
        exchange.lump_sum_cents,
        committed_cents(exchange),
    ) == before
    held = db.session.scalars(select(Reservation).where(Reservation.freed_at.is_(None))).one()
    assert (held.first_day, held.last_day) == before[:2]


def test_a_move_beyond_the_hosts_days_changes_nothing(session: Db) -> None:
    exchange = agreed()
    session.commit()
    before = exchange.first_day

    with pytest.raises(RuleBroken, match="host-closed"):
        services.move(exchange, before - 300 * DAY, before - 296 * DAY, actor=None)

    session.rollback()
    assert exchange.first_day == before


def test_a_confirmed_exchange_does_not_move(session: Db) -> None:
    exchange = agreed()
    services.confirm(exchange, actor=None)
    session.commit()
    before = exchange.first_day

    with pytest.raises(RuleBroken, match="wrong-state"):
        services.move(exchange, before + 7 * DAY, before + 11 * DAY, actor=None)

    session.rollback()
    assert exchange.first_day == before
