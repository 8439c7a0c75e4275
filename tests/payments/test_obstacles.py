"""What stands in the way of an order is named on its page, and not tried again and again."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.calls.services import set_payer
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.organisations.services import change_account
from mobility.partnerships.bank import AccountDraft
from mobility.payments import queries, services, tasks, wording
from mobility.payments.proofs import obstacles
from tests.make.exchanges import make_ended_exchange
from tests.make.partnerships import make_partnership
from tests.make.payments import make_accepted_report, make_payable
from tests.payments.batch_pages import enter
from tests.visitor import Visitor

Db = scoped_session[Session]


def other_trace(exchange: Exchange) -> None:
    exchange.trace = [*exchange.trace[:-1], {**exchange.trace[-1], "cents": 1}]


def other_payer(exchange: Exchange) -> None:
    set_payer(exchange.call, make_partnership(name="Support office"), actor=None)


def other_holder(exchange: Exchange) -> None:
    changed = AccountDraft("Somebody else", "BE71 0961 2345 6769")
    change_account(exchange.visiting_organisation, changed, actor=None)


def other_budget(_exchange: Exchange) -> None:
    db.session.execute(text("UPDATE allotment SET committed_cents = committed_cents - 1"))


OBSTACLES: list[tuple[str, Callable[[Exchange], None]]] = [
    ("amount-without-trace", other_trace),
    ("agreement-outdated", other_payer),
    ("agreement-outdated", other_holder),
    ("over-budget", other_budget),
]


@pytest.mark.parametrize(("code", "change"), OBSTACLES)
def test_what_cannot_be_ordered_is_refused_named_and_not_queued(
    session: Db, client: Visitor, code: str, change: Callable[[Exchange], None]
) -> None:
    exchange = make_payable()
    assert queries.exchanges_to_order() == [exchange.id]

    change(exchange)
    session.flush()
    tasks.order_due(timestamp=0)

    with pytest.raises(RuleBroken, match=code), session.begin_nested():
        services.order(exchange)
    enter(client, Role.SUPPORT_OFFICER)
    page = client.get("/payments/not-payable").text
    assert queries.exchanges_to_order() == []
    queued = session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE '%order_one'"))
    assert queued == 0
    assert exchange.reference in page
    assert str(wording.OBSTACLES[code]) in page
    assert len(re.findall("|".join(map(str, wording.OBSTACLES.values())), page)) == 1


def test_what_lacks_nothing_is_not_listed(session: Db, client: Visitor) -> None:
    exchange = make_payable()
    enter(client, Role.SUPPORT_OFFICER)

    assert exchange.reference not in client.get("/payments/not-payable").text


def test_an_outdated_agreement_is_named_in_words(session: Db) -> None:
    exchange = make_payable()
    other_payer(exchange)

    with pytest.raises(RuleBroken) as refused:
        services.order(exchange)

    words = str(wording.REFUSALS["agreement-outdated"]) % refused.value.values
    assert exchange.vop.name in words
    assert exchange.reference.replace("EXC", "FA") in words


def test_each_obstacle_has_words() -> None:
    assert [code for code, _stands in obstacles()] == list(wording.OBSTACLES)


@pytest.mark.parametrize("is_reported", [True, False])
def test_a_virtual_stay_without_lump_sum_is_closed_once_it_is_reported(
    session: Db, is_reported: bool
) -> None:
    exchange = make_ended_exchange(days=2, mode="virtual", lump_sum_cents=0)
    if is_reported:
        make_accepted_report(exchange)

    tasks.order_due(timestamp=0)
    tasks.order_due(timestamp=20)

    session.refresh(exchange)
    assert exchange.status is (ExchangeStatus.CLOSED if is_reported else ExchangeStatus.ENDED)
