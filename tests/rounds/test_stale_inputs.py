"""A result is used only if its inputs are still so (promise T63)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.applications import services as applications
from mobility.applications.models import Application, ApplicationWindow
from mobility.calls.models import Call
from mobility.calls.services import allot
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.hosts.models import Offer, OfferClosure, PlaceDay, Reservation
from mobility.hosts.services import close
from mobility.rounds import services
from mobility.rounds.enums import RoundStatus
from mobility.rounds.models import Proposal
from tests.make.calls import make_call
from tests.make.rounds import (
    make_frozen_round,
    make_host,
    make_market,
    make_solved_run,
    make_visitor,
)

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]


def number_of(kind: type) -> int:
    return db.session.scalar(select(func.count()).select_from(kind)) or 0


def _a_window_moved(call: Call, visitor: Application, host: Offer) -> None:
    visitor.windows[0].last_day -= timedelta(days=1)


def _a_window_came(call: Call, visitor: Application, host: Offer) -> None:
    first = call.last_day - timedelta(days=5)
    visitor.windows.append(ApplicationWindow(first_day=first, last_day=call.last_day))


def _the_visitor_withdrew(call: Call, visitor: Application, host: Offer) -> None:
    applications.withdraw(visitor, actor=None)


def _a_visitor_came(call: Call, visitor: Application, host: Offer) -> None:
    make_visitor(call)


def _the_host_closed(call: Call, visitor: Application, host: Offer) -> None:
    close(host, actor=None)


def _the_host_has_fewer_places(call: Call, visitor: Application, host: Offer) -> None:
    host.windows[0].places = 1


def _the_host_closed_a_day(call: Call, visitor: Application, host: Offer) -> None:
    day = host.windows[0].first_day
    host.closures.append(OfferClosure(first_day=day, last_day=day))


def _a_score_changed(call: Call, visitor: Application, host: Offer) -> None:
    host.ecosystems = ["textiles"]


def _a_weight_changed(call: Call, visitor: Application, host: Offer) -> None:
    call.score_weights = call.score_weights | {"topics": 34}


def _a_priority_changed(call: Call, visitor: Application, host: Offer) -> None:
    call.priority_weights = call.priority_weights | {"sme": 2}


def _a_rate_changed(call: Call, visitor: Application, host: Offer) -> None:
    next(rate for rate in call.rates if rate.country == "PT").cents -= 100


def _the_budget_changed(call: Call, visitor: Application, host: Offer) -> None:
    allot(call, visitor.partnership, 900_000, actor=None)


def _the_group_changed(call: Call, visitor: Application, host: Offer) -> None:
    visitor.group_key = "fair"


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (_a_window_moved, "applications"),
        (_a_window_came, "applications"),
        (_the_visitor_withdrew, "applications"),
        (_a_visitor_came, "applications"),
        (_the_host_closed, "hosts"),
        (_the_host_has_fewer_places, "hosts"),
        (_the_host_closed_a_day, "hosts"),
        (_a_score_changed, "pairs"),
        (_a_weight_changed, "pairs"),
        (_a_priority_changed, "applications"),
        (_a_rate_changed, "pairs"),
        (_the_budget_changed, "limits"),
        (_the_group_changed, "applications"),
    ],
)
def test_a_result_is_refused_when_one_input_has_changed_since(
    session: Db, change: Callable[[Call, Application, Offer], None], part: str
) -> None:
    call = make_call()
    host, visitor = make_host(call), make_visitor(call)
    run = make_solved_run(make_frozen_round(call))
    change(call, visitor, host)
    session.commit()

    with pytest.raises(RuleBroken, match="inputs-changed") as refusal:
        services.publish(run, actor=None)

    session.rollback()
    assert part in refusal.value.values["parts"]
    assert (run.round.status, run.is_published) == (RoundStatus.FROZEN, False)
    assert number_of(Proposal) == number_of(Reservation) == 0
    assert db.session.scalar(select(func.sum(PlaceDay.taken))) == 0


def test_an_earlier_round_that_took_places_makes_a_later_one_stale(session: Db) -> None:
    call = make_market(visitors=1, hosts=1)
    one, other = make_solved_run(make_frozen_round(call)), make_solved_run(make_frozen_round(call))
    services.publish(one, actor=None)
    session.commit()

    with pytest.raises(RuleBroken, match="inputs-changed"):
        services.publish(other, actor=None)

    session.rollback()
    assert number_of(Proposal) == 1
