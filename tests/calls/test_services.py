"""Calls open and close; budgets are promised and freed."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from mobility.audit.models import Entry
from mobility.calls import services
from mobility.calls.enums import CallStatus
from mobility.calls.models import Allotment, Call
from mobility.calls.queries import allotment_of
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.partnerships.models import Partnership
from tests.make.calls import make_allotment, make_call
from tests.make.partnerships import make_partnership

Db = scoped_session[Session]


def test_a_new_call_has_the_seeded_rules_and_is_a_draft(session: Db) -> None:
    call = make_call(is_open=False)

    assert call.status == CallStatus.DRAFT
    assert call.roles_by_type["sme"] == ["visitor", "host"]
    assert len(call.rates) == len(call.countries) - 1


def test_an_opened_call_is_in_the_log(session: Db) -> None:
    call = make_call()

    verbs = session.scalars(
        select(Entry.verb).where(Entry.about_ref == call.reference).order_by(Entry.id)
    ).all()
    assert call.status == CallStatus.OPEN
    assert verbs == ["call.drafted", "call.opened"]


def test_a_closed_call_can_be_opened_again(session: Db) -> None:
    call = make_call()
    services.close(call, actor=None)

    services.open_call(call, actor=None)

    assert call.status == CallStatus.OPEN


def test_a_draft_cannot_be_closed(session: Db) -> None:
    call = make_call(is_open=False)

    with pytest.raises(RuleBroken, match="wrong-state"):
        services.close(call, actor=None)

    assert call.status == CallStatus.DRAFT


def test_a_partnership_is_allotted_once_and_the_second_time_changes_it(session: Db) -> None:
    first = make_allotment(budget_cents=100_000)

    second = services.allot(first.call, first.partnership, 200_000, own_rate_cents=45_000, actor=None)

    assert second is first
    assert (first.budget_cents, first.own_rate_cents) == (200_000, 45_000)


def test_a_budget_cannot_fall_below_what_is_promised(session: Db) -> None:
    allotment = make_allotment(budget_cents=100_000)
    services.reserve(allotment.call, allotment.partnership, 60_000)

    with pytest.raises(RuleBroken, match="budget-below-committed"):
        services.allot(allotment.call, allotment.partnership, 59_999, actor=None)

    assert allotment.budget_cents == 100_000


def test_promises_add_up_to_the_budget_and_no_cent_more(session: Db) -> None:
    allotment = make_allotment(budget_cents=100_000)
    services.reserve(allotment.call, allotment.partnership, 60_000)
    services.reserve(allotment.call, allotment.partnership, 40_000)

    with pytest.raises(RuleBroken, match="over-budget"):
        services.reserve(allotment.call, allotment.partnership, 1)

    assert allotment.committed_cents == 100_000


def test_a_promise_of_nothing_is_kept_without_an_allotment(session: Db) -> None:
    call, partnership = make_call(), make_partnership()

    services.reserve(call, partnership, 0)

    assert allotment_of(call, partnership) is None


def test_a_partnership_without_an_allotment_promises_nothing(session: Db) -> None:
    with pytest.raises(RuleBroken, match="over-budget"):
        services.reserve(make_call(), make_partnership(), 1)


def test_what_is_freed_can_be_promised_again(session: Db) -> None:
    allotment = make_allotment(budget_cents=100_000)
    services.reserve(allotment.call, allotment.partnership, 100_000)

    services.free(allotment.call, allotment.partnership, 30_000)

    assert allotment.committed_cents == 70_000
    services.reserve(allotment.call, allotment.partnership, 30_000)


def test_more_than_was_promised_cannot_be_freed(session: Db) -> None:
    allotment = make_allotment(budget_cents=100_000)
    services.reserve(allotment.call, allotment.partnership, 10_000)

    with pytest.raises(RuleBroken, match="nothing-committed"):
        services.free(allotment.call, allotment.partnership, 10_001)

    assert allotment.committed_cents == 10_000


def test_a_promise_in_one_call_leaves_another_call_alone(session: Db) -> None:
    first = make_allotment(budget_cents=100_000)
    second = make_allotment(partnership=first.partnership, budget_cents=100_000)

    services.reserve(first.call, first.partnership, 100_000)

    assert second.committed_cents == 0


def test_eight_threads_never_promise_more_than_the_budget(live_app: Flask) -> None:
    with live_app.app_context():
        allotment = make_allotment(budget_cents=100_000)
        call_id, partnership_id = allotment.call_id, allotment.partnership_id
        db.session.commit()

    def promise(_turn: int) -> bool:
        with live_app.app_context():
            try:
                services.reserve(
                    db.session.get_one(Call, call_id), db.session.get_one(Partnership, partnership_id), 30_000
                )
            except RuleBroken:
                return False
            db.session.commit()
            return True

    with ThreadPoolExecutor(8) as pool:
        kept = sum(pool.map(promise, range(16)))

    with live_app.app_context():
        assert kept == 3
        assert db.session.scalar(select(Allotment.committed_cents)) == 90_000


def test_a_call_says_who_pays_for_all(session: Db) -> None:
    call, office = make_call(), make_partnership()

    assert services.set_payer(call, office, actor=None)
    assert not services.set_payer(call, office, actor=None)
    assert call.payer is office
    assert services.set_payer(call, None, actor=None)
    assert call.payer is None
