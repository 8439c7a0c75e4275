"""Nobody proposes or approves a payment to an organisation that they visit for."""

import pytest
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.core import clock
from mobility.core.errors import RuleBroken
from mobility.payments import services
from mobility.payments.enums import BatchStatus, PaymentStatus
from mobility.payments.models import Batch
from tests.make.accounts import make_user, sign_in
from tests.make.payments import make_batch, make_finance, make_order
from tests.payments.batch_pages import approve, path_of, press
from tests.visitor import Visitor

Db = scoped_session[Session]


def batch_with_own(user: User, until: str = "drawn_up") -> Batch:
    """A batch of two orders, of which one pays an organisation that the person visits for."""
    strange = make_order()
    mine = make_order(author=user, call=strange.call, vop=strange.exchange.vop)
    return make_batch(orders=[strange, mine], until=until)


def test_who_is_paid_does_not_propose(session: Db) -> None:
    user = make_user(Role.FINANCE_INITIATOR)
    batch = batch_with_own(user)

    with pytest.raises(RuleBroken, match="own-money"):
        services.propose(batch, actor=user)

    assert batch.status is BatchStatus.DRAWN_UP
    services.take_out(batch.lines[1], actor=user)
    services.propose(batch, actor=user)


def test_who_is_paid_does_not_approve(session: Db) -> None:
    user = make_user(Role.FINANCE_APPROVER)
    batch = batch_with_own(user, "proposed")

    with pytest.raises(RuleBroken, match="own-money"):
        services.approve(batch, batch.sha256 or "", actor=user)

    assert batch.status is BatchStatus.PROPOSED
    services.approve(batch, batch.sha256 or "", actor=make_finance().approver)


def test_the_person_named_does_not_approve_either(session: Db) -> None:
    batch = make_batch(1, until="proposed")
    user = make_user(Role.FINANCE_APPROVER, email=batch.lines[0].order.exchange.application.person_email)

    with pytest.raises(RuleBroken, match="own-money"):
        services.approve(batch, batch.sha256 or "", actor=user)


def test_who_is_paid_may_take_down_what_the_bank_paid(session: Db) -> None:
    user = make_user(Role.FINANCE_INITIATOR)
    order = batch_with_own(user, "exported").lines[1].order

    services.mark_paid(order, clock.today(), "", actor=user)

    assert order.status is PaymentStatus.PAID


@pytest.mark.parametrize(
    ("role", "until", "verb"),
    [(Role.FINANCE_INITIATOR, "drawn_up", "propose"), (Role.FINANCE_APPROVER, "proposed", "approve")],
)
def test_the_page_has_no_button_for_it_and_the_address_refuses(
    session: Db, client: Visitor, role: Role, until: str, verb: str
) -> None:
    user = make_user(role)
    batch = batch_with_own(user, until)
    session.commit()
    sign_in(client, user)

    page = client.get(path_of(batch)).text
    answer = approve(client, batch) if verb == "approve" else press(client, batch, verb)

    session.expire_all()
    assert "an organisation that you visit for" in page
    assert f'{batch.reference}/{verb}"' not in page
    assert (answer, batch.status) == (409, BatchStatus(until))
