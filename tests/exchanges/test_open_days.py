"""One counter of days: a host's closure inside the stay counts neither when it moves nor when it ends."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from mobility.agreements import rules as agreement_rules
from mobility.catalogue.enums import PairStatus
from mobility.core import clock
from mobility.core.db import db
from mobility.exchanges import services
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.hosts.draft import ClosureDraft
from mobility.hosts.models import OfferClosure, PlaceDay
from mobility.hosts.rules import open_days
from mobility.hosts.services import close
from mobility.reporting.models import ClosingReport
from mobility.reporting.rules import long_enough, working_days_of
from mobility.taxonomies import working_days
from tests.make.calls import make_call
from tests.make.catalogue import make_pair
from tests.make.reporting import full_week, make_over_exchange
from tests.make.rounds import make_host, make_visitor

pytestmark = pytest.mark.usefixtures("session")
DAY = timedelta(days=1)
HALF, WHOLE = 39_000, 78_000


def closed_inside() -> tuple[Exchange, date]:
    """A stay from Monday to Friday whose host is closed on Tuesday and Wednesday, built from a pair; the Monday."""
    call = make_call()
    monday = call.first_day + timedelta(days=14 - call.first_day.weekday())
    while working_days.count(monday, monday + 11 * DAY, "PT") != 10:
        monday += 7 * DAY
    window, closure = (monday, monday + 11 * DAY, 1), ClosureDraft(monday + DAY, monday + 2 * DAY)
    host = make_host(call, windows=(window,), closures=(closure,))
    visitor = make_visitor(call, windows=(window[:2],))
    days = (monday, monday + 4 * DAY)
    pair = make_pair(visitor, host, status=PairStatus.VALIDATED, days=days)
    exchange = services.build(pair, actor=None)
    assert (exchange.working_days, exchange.lump_sum_cents) == (3, HALF)
    return exchange, monday


def over_with_closure() -> Exchange:
    """A stay of last week, agreed for its three open days; the host was closed on two."""
    monday, _friday = full_week()
    exchange = make_over_exchange(status=ExchangeStatus.ONGOING, ended_at=None, days=3)
    exchange.offer.closures.append(OfferClosure(first_day=monday + DAY, last_day=monday + 2 * DAY))
    db.session.flush()
    return exchange


def taken() -> list[date]:
    days = select(PlaceDay.day).where(PlaceDay.taken > 0).order_by(PlaceDay.day)
    return list(db.session.scalars(days))


def test_moving_a_stay_to_its_own_days_changes_nothing_of_its_money() -> None:
    exchange, monday = closed_inside()

    services.move(exchange, monday, monday + 4 * DAY, actor=None)

    assert (exchange.working_days, exchange.lump_sum_cents) == (3, HALF)


def test_a_stay_that_moves_away_from_the_closure_counts_all_its_days() -> None:
    exchange, monday = closed_inside()

    services.move(exchange, monday + 7 * DAY, monday + 11 * DAY, actor=None)

    assert (exchange.working_days, exchange.lump_sum_cents) == (5, WHOLE)


def test_the_agenda_has_a_row_for_each_open_day() -> None:
    exchange, monday = closed_inside()

    assert agreement_rules.days_of(exchange) == [monday, monday + 3 * DAY, monday + 4 * DAY]


def test_a_stay_broken_off_counts_the_open_days_until_then() -> None:
    exchange = over_with_closure()

    services.terminate(exchange, exchange.first_day + 3 * DAY, "Ill.", actor=None)

    assert (exchange.working_days, exchange.lump_sum_cents) == (2, 0)


def test_the_real_days_count_where_the_host_was_open() -> None:
    exchange = over_with_closure()

    assert not services.adjust(exchange, exchange.first_day, exchange.last_day, actor=None)

    assert (exchange.working_days, exchange.lump_sum_cents) == (3, HALF)


def test_real_days_that_end_sooner_count_without_the_closure() -> None:
    exchange = over_with_closure()

    assert services.adjust(exchange, exchange.first_day, exchange.first_day + 3 * DAY, actor=None)

    assert (exchange.working_days, exchange.lump_sum_cents) == (2, 0)


def test_a_report_counts_the_same_days_and_its_partnership_reads_them() -> None:
    exchange = over_with_closure()
    monday = exchange.first_day
    report = ClosingReport(exchange=exchange, first_day=monday, last_day=monday + 4 * DAY)

    assert working_days_of(report) == 3
    assert long_enough(report).passed


def test_days_outside_the_hosts_windows_count_if_they_are_working_days_without_a_closure() -> None:
    exchange = over_with_closure()
    monday = exchange.first_day
    assert not any(window.first_day <= monday for window in exchange.offer.windows)

    assert open_days(exchange.offer, monday - 2 * DAY, monday + 4 * DAY) == [
        monday,
        monday + 3 * DAY,
        monday + 4 * DAY,
    ]


def test_a_stay_keeps_its_place_at_an_offer_that_was_closed_and_may_move_there() -> None:
    exchange, monday = closed_inside()
    close(exchange.offer, actor=None)

    services.move(exchange, monday + 7 * DAY, monday + 11 * DAY, actor=None)

    assert exchange.first_day == monday + 7 * DAY
    assert taken() == [monday + n * DAY for n in range(7, 12)]


def test_a_stay_broken_off_frees_the_places_of_the_days_after(monkeypatch: pytest.MonkeyPatch) -> None:
    exchange, monday = closed_inside()
    exchange.status = ExchangeStatus.ONGOING
    db.session.flush()
    monkeypatch.setattr(clock, "today", lambda: monday + 3 * DAY)

    services.terminate(exchange, monday + 3 * DAY, "Ill.", actor=None)

    assert taken() == [monday, monday + 3 * DAY]
    assert db.session.scalar(select(func.sum(PlaceDay.taken))) == 2
