from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.core import clock
from mobility.core.db import db
from mobility.papers import queries as papers
from mobility.partnerships.bank import AccountDraft
from mobility.partnerships.models import Partnership
from mobility.payments import queries, services
from mobility.payments.enums import PaymentStatus
from mobility.payments.models import PaymentOrder
from tests.make.accounts import make_user, sign_in
from tests.make.exchanges import make_ended_exchange
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.make.payments import make_order
from tests.visitor import Visitor

IBAN = "BE68 5390 0754 7034"
SEES_ALL = [Role.FINANCE_INITIATOR, Role.FINANCE_APPROVER, Role.SUPPORT_OFFICER, Role.AUDITOR]


def enter(client: Visitor, role: Role, partnership: Partnership | None = None) -> None:
    """Sign in with a role; what the test arranged is committed first."""
    user = make_user(role, partnership=partnership)
    db.session.commit()
    sign_in(client, user)


def statements_of(client: FlaskClient, path: str) -> int:
    """How many statements a page sends to the database."""
    sent = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(db.engines[None], "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(db.engines[None], "before_cursor_execute", note)
    return len(sent)


@pytest.mark.parametrize("role", SEES_ALL)
def test_whoever_looks_after_all_payments_sees_all(
    session: scoped_session[Session], client: Visitor, role: Role
) -> None:
    order = make_order(is_printed=True)
    enter(client, role)

    assert order.reference in client.get("/payments").text
    assert client.get(f"/payments/{order.reference}").status_code == 200
    assert client.get(f"/payments/{order.reference}.pdf").data.startswith(b"%PDF-")


def test_an_officer_sees_the_orders_of_the_own_partnership(
    session: scoped_session[Session], client: Visitor
) -> None:
    mine = make_order(is_printed=True)
    enter(client, Role.PARTNERSHIP_OFFICER, partnership=mine.partnership)

    assert mine.reference in client.get("/payments").text
    assert client.get(f"/payments/{mine.reference}").status_code == 200
    assert client.get(f"/payments/{mine.reference}.pdf").status_code == 200


@pytest.mark.parametrize("path", ["/payments/{}", "/payments/{}.pdf"])
def test_another_partnerships_order_does_not_exist(
    session: scoped_session[Session], client: Visitor, path: str
) -> None:
    other = make_order(is_printed=True)
    enter(client, Role.PARTNERSHIP_OFFICER, partnership=make_partnership())

    assert client.get(path.format(other.reference)).status_code == 404
    assert other.reference not in client.get("/payments").text
    assert other.reference not in client.get("/payments?format=csv").text


def test_the_hosts_partnership_does_not_see_what_the_visitors_pays(
    session: scoped_session[Session], client: Visitor
) -> None:
    order = make_order()
    enter(client, Role.PARTNERSHIP_OFFICER, partnership=order.exchange.hop)

    assert client.get(f"/payments/{order.reference}").status_code == 404


def test_the_visitor_gets_the_own_paper_and_nothing_else(
    session: scoped_session[Session], client: Visitor
) -> None:
    visitor = make_user(Role.APPLICANT)
    order = make_order(author=visitor, is_printed=True)
    db.session.commit()
    sign_in(client, visitor)

    paper = client.get(f"/payments/{order.reference}.pdf")

    assert paper.data.startswith(b"%PDF-")
    assert paper.headers["Content-Disposition"] == f"attachment; filename={order.reference}.pdf"
    assert paper.headers["Cache-Control"] == "no-store"
    assert client.get(f"/payments/{order.reference}").status_code == 403
    assert client.get("/payments").status_code == 403


@pytest.mark.parametrize("role", [Role.APPLICANT, Role.HOST])
def test_a_stranger_gets_no_paper(session: scoped_session[Session], client: Visitor, role: Role) -> None:
    order = make_order(is_printed=True)
    enter(client, role)

    assert client.get(f"/payments/{order.reference}.pdf").status_code == 404


def test_a_paper_that_is_not_printed_yet_does_not_exist(
    session: scoped_session[Session], client: Visitor
) -> None:
    order = make_order()
    enter(client, Role.AUDITOR)

    assert client.get(f"/payments/{order.reference}.pdf").status_code == 404
    assert "being printed" in client.get(f"/payments/{order.reference}").text


def test_the_page_shows_amount_trace_checks_and_no_account(
    session: scoped_session[Session], client: Visitor
) -> None:
    order = make_order()
    enter(client, Role.AUDITOR)

    page = client.get(f"/payments/{order.reference}").text

    assert "€780.00" in page
    assert "Rate of the host country" in page
    assert "Closing report, accepted" in page
    assert "BE•• •••• 7034" in page
    assert "539007547034" not in page


@pytest.mark.parametrize("path", ["/payments", "/payments?format=csv"])
def test_three_orders_take_as_many_statements_as_one(
    session: scoped_session[Session], new_client: Callable[[], Visitor], path: str
) -> None:
    client = new_client()
    enter(client, Role.AUDITOR)
    make_order(is_printed=True)
    db.session.commit()
    client.get(path)
    one = statements_of(client, path)
    make_order(is_printed=True)
    make_order(is_printed=True)
    db.session.commit()

    assert statements_of(client, path) == one


@pytest.mark.parametrize(
    "query",
    ["?q=needle", "?status=void", "?sort=-amount&status=void", "?partnership=NEEDLE", "?q=needle&page=9"],
)
def test_the_list_is_narrowed_by_its_address(
    session: scoped_session[Session], client: Visitor, query: str
) -> None:
    other = make_order()
    wanted = make_order(
        visitor=make_organisation(name="Needle Works"), vop=make_partnership(code="NEEDLE"), days=3
    )
    services.void(wanted, "For the test.", actor=None)
    enter(client, Role.AUDITOR)

    page = client.get(f"/payments{query}").text

    assert wanted.reference in page
    assert other.reference not in page


def test_the_total_counts_the_listed_orders_that_are_not_void(
    session: scoped_session[Session], client: Visitor
) -> None:
    make_order()
    make_order(days=3)
    services.void(make_order(), "For the test.", actor=None)
    enter(client, Role.AUDITOR)

    page = client.get("/payments").text

    assert '<b data-figure="payment_orders">3</b>' in page
    assert '<b data-figure="payments_total">€1,170.00</b>' in page


@pytest.mark.parametrize("name", ["=1+1", "+SUM(A1)", "-2", "@x", "\tcmd"])
def test_the_spreadsheet_starts_no_formula(
    session: scoped_session[Session], client: Visitor, name: str
) -> None:
    make_order(visitor=make_organisation(name=name, account=AccountDraft(name, "BE68 5390 0754 7034", "")))
    enter(client, Role.AUDITOR)

    answer = client.get("/payments?format=csv")

    assert answer.mimetype == "text/csv"
    cells = [cell.strip('"') for line in answer.text.splitlines()[1:] for cell in line.split(",")]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert "780.00" in cells


def test_finance_takes_an_order_back_with_a_reason(session: scoped_session[Session], client: Visitor) -> None:
    order = make_order(is_printed=True)
    enter(client, Role.FINANCE_INITIATOR)
    path = f"/payments/{order.reference}"

    answer = client.submit(
        path, {"version": str(order.version), "reason": "Wrong account."}, to=f"{path}/void"
    )

    session.expire_all()
    assert answer.status_code == 302
    assert order.status is PaymentStatus.VOID
    assert "Wrong account." in client.get(path).text
    assert client.get(f"{path}.pdf").status_code == 404


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "a\0b"])
def test_a_bad_reason_is_refused_beside_its_field(
    session: scoped_session[Session], client: Visitor, reason: str
) -> None:
    order = make_order(is_printed=True)
    enter(client, Role.FINANCE_INITIATOR)
    path = f"/payments/{order.reference}"

    answer = client.submit(path, {"version": str(order.version), "reason": reason}, to=f"{path}/void")

    session.expire_all()
    assert order.status is PaymentStatus.DUE
    assert papers.live(services.PAPER, order) is not None
    assert answer.status_code == 422
    assert 'id="reason-error"' in answer.text


def test_an_order_that_changed_meanwhile_is_not_taken_back(
    session: scoped_session[Session], client: Visitor
) -> None:
    order = make_order()
    enter(client, Role.FINANCE_INITIATOR)
    path = f"/payments/{order.reference}"

    answer = client.submit(path, {"version": "99", "reason": "Wrong account."}, to=f"{path}/void")

    session.expire_all()
    assert answer.status_code == 409
    assert order.status is PaymentStatus.DUE


@pytest.mark.parametrize("role", [Role.FINANCE_APPROVER, Role.AUDITOR, Role.APPLICANT])
def test_only_who_orders_may_take_back(session: scoped_session[Session], client: Visitor, role: Role) -> None:
    order = make_order()
    enter(client, role)
    token = {"reason": "Wrong.", "version": str(order.version)}

    answer = client.submit("/", token, to=f"/payments/{order.reference}/void")

    session.expire_all()
    assert answer.status_code == 403
    assert order.status is PaymentStatus.DUE


def test_an_exchange_whose_order_was_taken_back_is_ordered_again(
    session: scoped_session[Session], client: Visitor
) -> None:
    order = make_order()
    services.void(order, "Wrong account.", actor=None)
    enter(client, Role.FINANCE_INITIATOR)
    path = f"/payments/{order.reference}"

    answer = client.submit(path, {}, to=f"{path}/again")

    session.expire_all()
    followed = queries.live_order(order.exchange)
    assert followed is not None
    assert answer.location == f"/payments/{followed.reference}"
    assert followed.reference in client.get(path).text


def test_an_exchange_is_not_ordered_again_while_its_order_stands(
    session: scoped_session[Session], client: Visitor
) -> None:
    order = make_order()
    enter(client, Role.FINANCE_INITIATOR)
    path = f"/payments/{order.reference}"

    answer = client.submit(path, {}, to=f"{path}/again")

    assert answer.status_code == 409
    assert order.reference in answer.text
    assert session.query(PaymentOrder).count() == 1


def test_names_with_mark_up_stay_text(session: scoped_session[Session], client: Visitor) -> None:
    order = make_order(
        make_ended_exchange(
            visitor=make_organisation(
                name="<script>x</script>", account=AccountDraft("<script>x</script>", IBAN)
            )
        )
    )
    enter(client, Role.AUDITOR)

    for path in ("/payments", f"/payments/{order.reference}"):
        assert "<script>x" not in client.get(path).text


def test_orders_stand_open_first_without_an_arrow_and_sort_by_day(
    session: scoped_session[Session], client: Visitor
) -> None:
    paid = make_order()
    paid.status, paid.due_on = PaymentStatus.PAID, clock.today() - timedelta(days=50)
    due = make_order(call=paid.call, vop=paid.exchange.vop)
    enter(client, Role.AUDITOR)
    page = client.get("/payments").text
    assert page.index(due.reference) < page.index(paid.reference)
    assert "aria-sort" not in page
    page = client.get("/payments?sort=due").text
    assert page.index(paid.reference) < page.index(due.reference)
    assert 'aria-sort="ascending"' in page


def test_who_pays_for_another_partnership_is_led_to_no_exchange_that_is_closed_to_them(
    session: scoped_session[Session], client: Visitor
) -> None:
    order = make_order()
    order.partnership = make_partnership()
    enter(client, Role.FINANCE_INITIATOR, order.partnership)
    page = client.get(f"/payments/{order.reference}").text
    assert order.exchange.reference in page
    assert f'href="/exchanges/{order.exchange.reference}"' not in page
