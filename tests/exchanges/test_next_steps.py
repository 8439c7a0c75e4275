"""The page of an exchange: what is next for whom, and what came of it."""

import pytest
from flask_babel import format_date
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.agreements.enums import Slot
from mobility.agreements.rules import sign_by
from mobility.core.money import euro
from mobility.exchanges.enums import ExchangeStatus
from tests.catalogue.people import NewClient, entered
from tests.make.accounts import make_user
from tests.make.agreements import make_commitment, sign_slot, signer
from tests.make.exchanges import make_ended_exchange
from tests.make.payments import make_batch, make_order
from tests.pages import next_on

Db = scoped_session[Session]


def test_the_visitor_of_a_closed_exchange_reads_what_was_paid_and_when_and_the_host_does_not(
    session: Db, new_client: NewClient
) -> None:
    user, other = make_user(Role.APPLICANT), make_user(Role.HOST)
    exchange = make_ended_exchange(author=user)
    exchange.offer.author_id = other.id
    order = make_batch(1, orders=[make_order(exchange)], until="settled").lines[0].order
    path = f"/exchanges/{exchange.reference}"

    own, others = entered(new_client, user).get(path).text, entered(new_client, other).get(path).text

    words = f"{euro(order.amount_cents)} were paid on {format_date(order.paid_on, 'EEE d MMMM y')}."
    assert words in own
    assert "were paid on" not in others


def test_an_agreed_exchange_asks_each_for_what_is_theirs_by_the_day_of_the_plan(
    session: Db, new_client: NewClient
) -> None:
    commitment = make_commitment()
    exchange, path = commitment.exchange, f"/exchanges/{commitment.exchange.reference}"
    client = entered(new_client, signer(exchange, Slot.VO))

    to_sign = client.get(path).text
    sign_slot(commitment, Slot.VO)
    session.commit()
    signed = client.get(path).text

    assert "Sign the agreement" in to_sign
    assert "Sign the agreement" not in signed
    assert "others sign" in signed
    assert format_date(sign_by(exchange), "EEE d MMMM y") in signed


@pytest.mark.parametrize(
    ("role", "told"),
    [(Role.PARTNERSHIP_OFFICER, "Agree on goals"), (Role.AUDITOR, "Nothing for now: others sign")],
)
def test_only_the_parties_are_told_to_agree_and_sign(
    new_client: NewClient, session: Db, role: Role, told: str
) -> None:
    exchange = make_ended_exchange(status=ExchangeStatus.AGREED)
    partnership = exchange.vop if role is Role.PARTNERSHIP_OFFICER else None

    page = entered(new_client, make_user(role, partnership=partnership)).get(
        f"/exchanges/{exchange.reference}"
    )

    assert next_on(page.text).startswith(told)
