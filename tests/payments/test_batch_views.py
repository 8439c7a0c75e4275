"""The pages of batches: who sees and does what, and what two people cannot do to each other."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask_babel import format_date
from sqlalchemy import text
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.core import clock
from mobility.organisations.services import change_account
from mobility.partnerships.bank import AccountDraft
from mobility.payments import services
from mobility.payments.calendar import next_business_day
from mobility.payments.enums import BatchStatus, PaymentStatus
from mobility.payments.models import PaymentOrder
from tests.make.accounts import make_user, sign_in
from tests.make.exchanges import make_ended_exchange
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.make.payments import make_batch, make_finance, make_finance_user, make_order
from tests.payments.batch_pages import approve, enter, path_of, press, statements_of
from tests.visitor import Visitor

Db = scoped_session[Session]
IBAN = "BE68539007547034"
ORDERS, APPROVES = Role.FINANCE_INITIATOR, Role.FINANCE_APPROVER


def test_due_orders_are_ticked_and_drawn_up(session: Db, client: Visitor) -> None:
    first = make_order()
    second = make_order(call=first.call, vop=first.exchange.vop)
    enter(client, ORDERS)
    day = next_business_day(clock.today()).isoformat()

    page = client.get("/payments/batches/new").text
    answer = client.submit("/payments/batches/new", {"orders": [first.reference], "execution_on": day})

    session.expire_all()
    assert "€1,560.00" in page
    assert page.count('name="orders"') == 2
    assert answer.status_code == 302
    assert (first.status, second.status) == (PaymentStatus.BATCHED, PaymentStatus.DUE)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"orders": []}, "Tick at least one."),
        ({"orders": ["PO-1999-0001"]}, "not a valid choice"),
        ({"execution_on": ""}, "Write a date"),
        ({"execution_on": "2026-12-25"}, "Banks move no money"),
        ({"execution_on": "2001-02-05"}, "has passed"),
        ({"execution_on": "2101-02-07"}, "Choose a day within|Banks move"),
    ],
)
def test_a_wrong_batch_is_refused_beside_its_field(
    session: Db, client: Visitor, typed: dict[str, object], words: str
) -> None:
    order = make_order()
    enter(client, ORDERS)
    right = {"orders": [order.reference], "execution_on": next_business_day(clock.today()).isoformat()}

    answer = client.submit("/payments/batches/new", right | typed)

    session.expire_all()
    assert answer.status_code == 422
    assert re.search(words, answer.text)
    assert order.status is PaymentStatus.DUE


def test_orders_of_another_partnership_cannot_be_chosen(session: Db, client: Visitor) -> None:
    strange = make_order()
    mine = make_order()
    enter(client, ORDERS, partnership=mine.partnership)

    page = client.get("/payments/batches/new").text
    asked = client.get(
        f"/payments/batches/new?payer={strange.partnership.code}&call={strange.call.reference}"
    ).text

    assert mine.reference in page
    assert strange.reference not in page + asked
    assert "Nothing is due here" in asked


def test_the_whole_way_over_the_pages(session: Db, new_client: Callable[[], Visitor]) -> None:
    batch = make_batch(2)
    one, other = new_client(), new_client()
    enter(one, ORDERS)
    enter(other, APPROVES)

    assert press(one, batch, "propose") == 302
    session.expire_all()
    assert approve(other, batch) == 302
    assert press(one, batch, "export") == 302
    session.expire_all()
    assert press(one, batch, "paid", paid_on=clock.today().isoformat()) == 302

    session.expire_all()
    assert batch.status is BatchStatus.SETTLED
    assert {line.order.status for line in batch.lines} == {PaymentStatus.PAID}
    assert "Settled" in one.get(path_of(batch)).text


def test_nothing_is_paid_before_its_execution_day_and_the_form_says_when(
    session: Db, client: Visitor
) -> None:
    day = next_business_day(clock.today())
    batch = make_batch(1, until="exported", execution_on=day)
    enter(client, ORDERS)
    page = client.get(path_of(batch)).text
    typed = {"version": str(batch.version), "paid_on": clock.today().isoformat()}

    early = client.submit(path_of(batch), typed, to=f"{path_of(batch)}/paid")
    order = batch.lines[0].order
    of_one = client.submit(
        f"/payments/{order.reference}",
        typed | {"version": str(order.version)},
        to=f"/payments/{order.reference}/paid",
    )

    assert f'value="{day.isoformat()}"' in page
    for answer in (early, of_one):
        assert answer.status_code == 422
        assert f"The bank is to pay on {format_date(day, 'EEE d MMMM y')}." in answer.text
    session.expire_all()
    assert batch.status is BatchStatus.EXPORTED


def test_a_day_on_which_nothing_can_have_been_paid_is_refused_beside_it_in_written_dates(
    session: Db, client: Visitor
) -> None:
    batch = make_batch(1, until="exported")
    day = format_date(batch.execution_on, "EEE d MMMM y")
    enter(client, ORDERS)
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()

    answer = client.submit(
        path_of(batch),
        {"version": str(batch.version), "paid_on": tomorrow},
        to=f"{path_of(batch)}/paid",
    )

    assert answer.status_code == 422
    assert f"Choose a day from {day} to {day}." in answer.text


def test_who_proposed_does_not_approve(session: Db, client: Visitor) -> None:
    both = make_finance_user(APPROVES)
    batch = make_batch(1)
    services.propose(batch, actor=both)
    session.commit()
    sign_in(client, both)

    page = client.get(path_of(batch)).text
    answer = approve(client, batch)

    session.expire_all()
    assert "somebody else approves" in page
    assert "/approve" not in page
    assert (answer, batch.status) == (409, BatchStatus.PROPOSED)


@pytest.mark.parametrize(
    "role",
    [
        ORDERS,
        Role.SUPPORT_OFFICER,
        Role.PARTNERSHIP_OFFICER,
        Role.AUDITOR,
        Role.ADMINISTRATOR,
        Role.APPLICANT,
    ],
)
def test_only_an_approver_approves(session: Db, client: Visitor, role: Role) -> None:
    batch = make_batch(1, until="proposed")
    enter(client, role, partnership=batch.partnership if role is Role.PARTNERSHIP_OFFICER else None)

    answer = client.submit("/", {"sha256": batch.sha256, "seen": "y"}, to=f"{path_of(batch)}/approve")

    session.expire_all()
    assert (answer.status_code, batch.status) == (403, BatchStatus.PROPOSED)


def test_an_approver_of_another_partnership_sees_nothing(session: Db, client: Visitor) -> None:
    batch = make_batch(1, until="exported")
    enter(client, APPROVES, partnership=make_partnership())

    for ending in ("", ".xml", ".csv", ".pdf"):
        assert client.get(path_of(batch) + ending).status_code == 404
    for verb in ("approve", "reveal", "void", "export", "send-back", "paid"):
        assert client.submit("/", {}, to=f"{path_of(batch)}/{verb}").status_code == 404
    assert batch.reference not in client.get("/payments/batches").text


def test_approval_asks_for_the_password_after_ten_minutes(session: Db, client: Visitor) -> None:
    batch = make_batch(1, until="proposed")
    enter(client, APPROVES)
    with client.session_transaction() as stored:
        stored["fs_paa"] = stored["fs_paa"] - 11 * 60

    answer = client.submit("/payments", {"sha256": batch.sha256, "seen": "y"}, to=f"{path_of(batch)}/approve")

    session.expire_all()
    assert answer.status_code == 401
    assert 'type="password"' in answer.text
    assert batch.status is BatchStatus.PROPOSED


def test_who_did_not_compare_does_not_approve(session: Db, client: Visitor) -> None:
    batch = make_batch(1, until="proposed")
    enter(client, APPROVES)

    assert (
        client.submit(path_of(batch), {"sha256": batch.sha256}, to=f"{path_of(batch)}/approve").status_code
        == 422
    )

    session.expire_all()
    assert batch.status is BatchStatus.PROPOSED


def test_an_account_that_changed_after_the_page_was_opened_stops_the_approval(
    session: Db, client: Visitor
) -> None:
    batch = make_batch(2, until="proposed")
    enter(client, APPROVES)
    shown = client.get(path_of(batch)).text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', shown)
    assert token
    order = batch.lines[1].order
    changed = AccountDraft("Solarwerk", "BE71 0961 2345 6769")
    change_account(order.exchange.visiting_organisation, changed, actor=None)
    session.commit()

    fields = {"csrf_token": token[1], "sha256": batch.sha256, "seen": "y"}
    answer = client.post(f"{path_of(batch)}/approve", data=fields)

    session.expire_all()
    assert answer.status_code == 409
    assert order.reference in answer.text
    assert batch.status is BatchStatus.PROPOSED
    assert order.reference in client.get(path_of(batch)).text.partition("have changed")[2][:200]


def test_a_page_of_another_content_is_not_approved(session: Db, client: Visitor) -> None:
    batch = make_batch(1, until="proposed")
    enter(client, APPROVES)

    assert approve(client, batch, sha256="f" * 64) == 409


@pytest.mark.parametrize("verb", ["propose", "void"])
def test_a_page_that_is_out_of_date_is_refused(session: Db, client: Visitor, verb: str) -> None:
    batch = make_batch(1)
    enter(client, ORDERS)

    assert press(client, batch, verb, version="99", reason="No.") == 409

    session.expire_all()
    assert batch.status is BatchStatus.DRAWN_UP


def test_one_key_acts_once(session: Db, client: Visitor) -> None:
    order = make_order()
    services.void(order, "Wrong.", actor=None)
    enter(client, ORDERS)
    path = f"/payments/{order.reference}"
    page = client.get(path).text
    fields = {
        name: found[1]
        for name in ("csrf_token", "once")
        if (found := re.search(rf'name="{name}"[^>]*value="([^"]+)"', page))
    }

    answers = [client.post(f"{path}/again", data=fields).status_code for _click in range(3)]

    assert answers == [302, 409, 409]
    assert session.query(PaymentOrder).count() == 2


def test_the_bank_sends_money_back(session: Db, client: Visitor) -> None:
    order = make_batch(1, until="exported").lines[0].order
    enter(client, ORDERS)
    path = f"/payments/{order.reference}"

    answer = client.submit(
        path, {"version": str(order.version), "reason": "AC04 closed account"}, to=f"{path}/failed"
    )

    session.expire_all()
    assert answer.status_code == 302
    assert order.status is PaymentStatus.FAILED
    assert "AC04 closed account" in client.get(path).text
    assert order.reference not in answer.location


@pytest.mark.parametrize(("verb", "status"), [("hold", PaymentStatus.HELD), ("void", PaymentStatus.VOID)])
def test_an_order_is_stopped_with_a_reason(
    session: Db, client: Visitor, verb: str, status: PaymentStatus
) -> None:
    order = make_order()
    enter(client, ORDERS)
    path = f"/payments/{order.reference}"

    client.submit(path, {"version": str(order.version), "reason": "In doubt."}, to=f"{path}/{verb}")

    session.expire_all()
    assert (order.status, order.reason) == (status, "In doubt.")


def test_who_reads_all_but_orders_in_one_partnership_cannot_act_elsewhere(
    session: Db, client: Visitor
) -> None:
    order = make_order()
    user = make_user(Role.AUDITOR)
    services_grant = make_user(Role.PARTNERSHIP_OFFICER, partnership=make_partnership())
    session.execute(
        text("UPDATE role_grant SET user_id = :to WHERE user_id = :of"),
        {"to": user.id, "of": services_grant.id},
    )
    session.commit()
    session.expire_all()
    sign_in(client, user)
    path = f"/payments/{order.reference}"

    fields = {"version": str(order.version), "reason": "No."}
    answer = client.submit("/payments", fields, to=f"{path}/void")

    session.expire_all()
    assert client.get(path).status_code == 200
    assert (answer.status_code, order.status) == (403, PaymentStatus.DUE)


def test_what_lacks_something_is_listed_with_what(session: Db, client: Visitor) -> None:
    lacking = make_ended_exchange(visitor=make_organisation(name="Needle Works"))
    ready = make_order()
    enter(client, Role.SUPPORT_OFFICER)

    page = client.get("/payments/not-payable").text

    assert lacking.reference in page
    assert "Needle Works" in page
    assert page.count("missing</span>") == 3
    assert ready.exchange.reference not in page


@pytest.mark.parametrize("until", ["drawn_up", "proposed", "approved", "exported", "settled"])
def test_a_page_takes_at_most_twelve_statements(session: Db, client: Visitor, until: str) -> None:
    batch = make_batch(4, people=make_finance(), until=until)
    order = batch.lines[0].order
    enter(client, APPROVES if until == "proposed" else ORDERS)

    for path in (path_of(batch), f"/payments/{order.reference}"):
        assert statements_of(client, path) <= 12


@pytest.mark.parametrize(
    "path", ["/payments", "/payments/batches", "/payments/batches/new", "/payments/not-payable"]
)
def test_a_list_takes_at_most_twelve_statements(session: Db, client: Visitor, path: str) -> None:
    make_batch(2)
    make_order()
    make_ended_exchange()
    enter(client, ORDERS)

    assert statements_of(client, path) <= 12


def test_a_batch_that_is_only_drawn_up_is_listed_with_its_sum(session: Db, client: Visitor) -> None:
    make_batch(2)
    enter(client, ORDERS)
    assert "€1,560.00" in client.get("/payments/batches").text


def test_what_is_under_way_is_marked_as_paid_by_number_and_sum(session: Db, client: Visitor) -> None:
    batch = make_batch(2, until="exported")
    enter(client, ORDERS)
    page = client.get(f"/payments/batches/{batch.reference}").text
    assert "Mark 2 orders, €1,560.00, as paid" in page
    assert f'href="/exchanges/{batch.lines[0].order.exchange.reference}"' in page
