"""The page on which an officer breaks a stay off, and what the exchange's page shows afterwards."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.core.db import db
from mobility.exchanges import services
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from tests.exchanges.test_real_days import DAY, under_way
from tests.make.accounts import make_user, sign_in
from tests.make.reporting import make_over_exchange
from tests.pages import error_beside
from tests.visitor import Visitor

Db = scoped_session[Session]
NewClient = Callable[[], Visitor]


@pytest.fixture
def exchange(session: Db) -> Exchange:
    return under_way()


def entered(new_client: NewClient, user: User) -> Visitor:
    db.session.commit()
    client = new_client()
    sign_in(client, user)
    return client


@pytest.fixture
def officer(new_client: NewClient, exchange: Exchange) -> Visitor:
    return entered(new_client, make_user(Role.PARTNERSHIP_OFFICER, partnership=exchange.vop))


def page_of(exchange: Exchange) -> str:
    return f"/exchanges/{exchange.reference}/terminate"


def typed(exchange: Exchange, **changes: str) -> dict[str, str]:
    last_day = (exchange.first_day + 2 * DAY).isoformat()
    return {"version": str(exchange.version), "broken_off_on": last_day, "reason": "Ill.", **changes}


def test_the_officer_sees_what_each_last_day_would_pay_and_breaks_the_stay_off(
    officer: Visitor, exchange: Exchange, session: Db
) -> None:
    assert page_of(exchange) in officer.get(f"/exchanges/{exchange.reference}").text
    page = officer.get(page_of(exchange)).text

    done = officer.submit(page_of(exchange), typed(exchange))

    assert page.count("€390.00") == 2
    assert page.count("€780.00") == 2
    assert done.status_code == 302
    session.refresh(exchange)
    assert (exchange.status, exchange.lump_sum_cents) == (ExchangeStatus.TERMINATED, 39_000)
    shown = officer.get(f"/exchanges/{exchange.reference}").text
    assert "Ended early" in shown
    assert "Ill." in shown
    assert "€780.00 before, €390.00 now" in shown
    assert page_of(exchange) not in shown


@pytest.mark.parametrize(
    ("field", "value"),
    [("broken_off_on", ""), ("broken_off_on", "soon"), ("broken_off_on", "2020-01-01"), ("reason", " ")],
)
def test_a_refused_form_says_why_beside_the_field_and_nothing_ends(
    officer: Visitor, exchange: Exchange, session: Db, field: str, value: str
) -> None:
    answer = officer.submit(page_of(exchange), typed(exchange, **{field: value}))

    assert answer.status_code == 422
    assert error_beside(answer.text, field)
    session.refresh(exchange)
    assert exchange.status is ExchangeStatus.ONGOING


def test_a_page_opened_before_a_change_is_a_conflict(
    officer: Visitor, exchange: Exchange, session: Db
) -> None:
    answer = officer.submit(page_of(exchange), typed(exchange, version=str(exchange.version - 1)))

    assert answer.status_code == 409
    session.refresh(exchange)
    assert exchange.status is ExchangeStatus.ONGOING


def test_only_officers_of_the_vop_and_support_break_a_stay_off(
    new_client: NewClient, exchange: Exchange, session: Db
) -> None:
    people = {
        make_user(Role.PARTNERSHIP_OFFICER, partnership=exchange.hop): 404,
        make_user(Role.APPLICANT, email=exchange.application.person_email): 403,
        make_user(Role.HOST, email=exchange.offer.contact_email): 403,
        make_user(Role.AUDITOR): 403,
        make_user(Role.SUPPORT_OFFICER): 200,
    }

    for person, status in people.items():
        client = entered(new_client, person)
        assert client.get(page_of(exchange)).status_code == status
        shown = client.get(f"/exchanges/{exchange.reference}").text
        assert (page_of(exchange) in shown) == (status == 200)


def test_a_stay_that_is_over_is_not_broken_off(new_client: NewClient, session: Db) -> None:
    over = make_over_exchange()
    officer = entered(new_client, make_user(Role.PARTNERSHIP_OFFICER, partnership=over.vop))

    answer = officer.submit(page_of(over), typed(over))

    assert answer.status_code == 409
    assert page_of(over) not in officer.get(f"/exchanges/{over.reference}").text


def test_a_host_reads_nothing_of_the_money_given_back(
    new_client: NewClient, exchange: Exchange, session: Db
) -> None:
    services.terminate(exchange, exchange.first_day + 2 * DAY, "Ill.", actor=None)
    host = entered(new_client, make_user(Role.HOST, email=exchange.offer.contact_email))

    shown = host.get(f"/exchanges/{exchange.reference}").text

    assert "Ended early" in shown
    assert "€" not in shown


def test_a_closed_exchange_says_so(new_client: NewClient, session: Db) -> None:
    exchange = make_over_exchange()
    services.close(exchange, actor=None)
    officer = entered(new_client, make_user(Role.PARTNERSHIP_OFFICER, partnership=exchange.vop))

    shown = officer.get(f"/exchanges/{exchange.reference}").text

    assert "The exchange is closed" in shown
    assert f"/reports?q={exchange.reference}" in shown
