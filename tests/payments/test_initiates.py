"""Batches and orders are dealt with by the finance roles; an officer reads, and orders again."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.core import clock
from mobility.payments import queries, services
from mobility.payments.enums import BatchStatus, PaymentStatus
from tests.make.accounts import sign_in
from tests.make.payments import make_batch, make_finance_user, make_order
from tests.pages import next_on
from tests.payments.batch_pages import enter, path_of, press
from tests.visitor import Visitor

Db = scoped_session[Session]
OFFICERS = [Role.SUPPORT_OFFICER, Role.PARTNERSHIP_OFFICER]


@pytest.mark.parametrize("role", OFFICERS)
@pytest.mark.parametrize(
    ("until", "verb"),
    [
        ("drawn_up", "propose"),
        ("drawn_up", "void"),
        ("drawn_up", "take-out/{}"),
        ("approved", "export"),
        ("exported", "paid"),
    ],
)
def test_an_officer_sees_a_batch_and_moves_none(
    session: Db, client: Visitor, role: Role, until: str, verb: str
) -> None:
    batch = make_batch(1, until=until)
    enter(client, role, partnership=batch.partnership if role is Role.PARTNERSHIP_OFFICER else None)
    verb = verb.format(batch.lines[0].order.reference)

    page = client.get(path_of(batch))
    answer = client.submit("/payments", {"version": "1"}, to=f"{path_of(batch)}/{verb}")

    session.expire_all()
    assert page.status_code == 200
    assert f'{batch.reference}/{verb}"' not in page.text
    assert (answer.status_code, batch.status) == (403, BatchStatus(until))


@pytest.mark.parametrize("role", OFFICERS)
@pytest.mark.parametrize("verb", ["hold", "release", "void", "paid", "failed", "recovered"])
def test_an_officer_moves_no_order(session: Db, client: Visitor, role: Role, verb: str) -> None:
    order = make_order()
    enter(client, role, partnership=order.partnership if role is Role.PARTNERSHIP_OFFICER else None)
    path = f"/payments/{order.reference}"

    answer = client.submit("/payments", {"version": "1", "reason": "No."}, to=f"{path}/{verb}")

    session.expire_all()
    assert "<form" not in client.get(path).text.partition("<main")[2]
    assert (answer.status_code, order.status) == (403, PaymentStatus.DUE)
    assert client.get("/payments/batches/new").status_code == 403


@pytest.mark.parametrize("role", [*OFFICERS, Role.FINANCE_INITIATOR])
def test_an_officer_orders_again(session: Db, client: Visitor, role: Role) -> None:
    order = make_order()
    services.void(order, "Wrong.", actor=None)
    enter(client, role, partnership=order.partnership if role is Role.PARTNERSHIP_OFFICER else None)
    path = f"/payments/{order.reference}"

    assert client.submit(path, {}, to=f"{path}/again").status_code == 302

    session.expire_all()
    assert queries.live_order(order.exchange) is not None


def test_the_file_is_made_only_with_the_password_given_lately(session: Db, client: Visitor) -> None:
    batch = make_batch(1, until="approved")
    user = make_finance_user(Role.FINANCE_INITIATOR)
    session.commit()
    sign_in(client, user)
    with client.session_transaction() as stored:
        stored["fs_paa"] = stored["fs_paa"] - 11 * 60

    assert press(client, batch, "export") == 401

    session.expire_all()
    assert (batch.status, batch.file) == (BatchStatus.APPROVED, None)


def test_a_page_of_a_batch_that_moved_on_takes_nothing_down(session: Db, client: Visitor) -> None:
    batch = make_batch(1, until="exported")
    enter(client, Role.FINANCE_INITIATOR)

    assert press(client, batch, "paid", version="99", paid_on=clock.today().isoformat()) == 409

    session.expire_all()
    assert batch.status is BatchStatus.EXPORTED


@pytest.mark.parametrize(
    ("state", "to_finance", "to_officers"),
    [
        (PaymentStatus.DUE, "Put it into a batch", "Wait for its batch"),
        (PaymentStatus.HELD, "Settle what stands in the way", "Wait for its release"),
        (PaymentStatus.EXPORTED, "Enter the bank’s answer", "Wait for the bank"),
    ],
)
def test_only_finance_is_told_to_move_an_order(
    session: Db, new_client: Callable[[], Visitor], state: PaymentStatus, to_finance: str, to_officers: str
) -> None:
    order = make_batch(1, until="exported").lines[0].order
    order.status = state
    finance, officer = new_client(), new_client()
    enter(finance, Role.FINANCE_INITIATOR)
    enter(officer, Role.SUPPORT_OFFICER)
    path = f"/payments/{order.reference}"

    assert next_on(finance.get(path).text).startswith(to_finance)
    assert next_on(officer.get(path).text).startswith(to_officers)


def test_who_orders_again_is_told_to_decide_it(session: Db, new_client: Callable[[], Visitor]) -> None:
    order = make_order()
    services.void(order, "Wrong amount.", actor=None)
    officer, approver = new_client(), new_client()
    enter(officer, Role.SUPPORT_OFFICER)
    enter(approver, Role.FINANCE_APPROVER)
    path = f"/payments/{order.reference}"

    assert next_on(officer.get(path).text) == "Decide whether the exchange is to be ordered again"
    assert next_on(approver.get(path).text) == "Nothing for now"


def test_an_officer_only_waits_for_the_bank(session: Db, client: Visitor) -> None:
    batch = make_batch(1, until="exported")
    enter(client, Role.SUPPORT_OFFICER)

    assert next_on(client.get(path_of(batch)).text) == "Wait for the bank"
