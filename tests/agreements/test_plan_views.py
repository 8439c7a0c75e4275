import re
from html import unescape

import pytest
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.agreements import queries
from mobility.agreements.enums import AgreementKind, AgreementStatus, Slot
from mobility.agreements.rules import days_of
from tests.agreements.pages import PLAN, enter, enter_as, hidden, plan_fields, plan_path
from tests.make.accounts import make_user
from tests.make.agreements import (
    make_agreed_exchange,
    make_commitment,
    make_plan,
    sign_all,
)
from tests.visitor import Visitor


@pytest.mark.parametrize("slot", list(Slot))
def test_each_side_and_its_officers_write_the_plan(
    session: scoped_session[Session], client: Visitor, slot: Slot
) -> None:
    exchange = make_agreed_exchange()
    enter_as(client, exchange, slot)
    path = plan_path(exchange)

    answer = client.submit(path, plan_fields(exchange, client.get(path).text))

    plan = queries.plan_of(exchange)
    assert answer.status_code == 302
    assert plan is not None
    assert plan.objectives_visitor == "Learn to weave."
    assert [row["text"] for row in plan.agenda] == [f"Part {n}." for n in range(5)]
    assert "Learn to weave." in client.get(path).text


def test_the_agenda_is_laid_out_with_each_working_day(
    session: scoped_session[Session], client: Visitor
) -> None:
    exchange = make_agreed_exchange()
    enter_as(client, exchange, Slot.VO)

    page = client.get(plan_path(exchange)).text

    assert len(re.findall(r'name="agenda-\d+"', page)) == len(days_of(exchange)) == 5


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SUPPORT_OFFICER])
def test_who_reads_all_sees_the_plan_and_cannot_write_it(
    session: scoped_session[Session], client: Visitor, role: Role
) -> None:
    exchange = make_plan().exchange
    enter(client, make_user(role))
    path = plan_path(exchange)

    page = client.get(path)

    assert "Learn how blades are tested" in page.text
    assert 'name="objectives_visitor"' not in page.text
    assert client.submit("/", PLAN | {"version": "2", "exchange_version": "1"}, to=path).status_code == 403


def test_a_plan_that_changed_meanwhile_is_not_overwritten(
    session: scoped_session[Session], client: Visitor
) -> None:
    exchange = make_plan().exchange
    enter_as(client, exchange, Slot.VO)
    path = plan_path(exchange)
    fields = plan_fields(exchange, client.get(path).text)
    client.submit(path, fields | {"objectives_host": "Written by the host meanwhile."})

    answer = client.submit(path, fields)

    plan = queries.plan_of(exchange)
    assert answer.status_code == 409
    assert plan is not None
    assert plan.objectives_host == "Written by the host meanwhile."


def test_two_who_begin_the_same_plan_do_not_overwrite_each_other(
    session: scoped_session[Session], client: Visitor
) -> None:
    exchange = make_agreed_exchange()
    enter_as(client, exchange, Slot.HO)
    path = plan_path(exchange)
    fields = plan_fields(exchange, client.get(path).text)

    answers = [client.submit(path, fields | {"place": place}).status_code for place in ("First", "Second")]

    plan = queries.plan_of(exchange)
    assert answers == [302, 409]
    assert plan is not None
    assert plan.place == "First"


def test_a_text_that_is_too_long_is_refused_beside_its_field(
    session: scoped_session[Session], client: Visitor
) -> None:
    exchange = make_agreed_exchange()
    enter_as(client, exchange, Slot.VO)
    path = plan_path(exchange)

    answer = client.submit(path, plan_fields(exchange, client.get(path).text, **{"agenda-1": "x" * 1001}))

    assert answer.status_code == 422
    assert 'id="agenda-1-error"' in answer.text
    assert queries.plan_of(exchange) is None


def test_a_plan_that_lacks_something_is_not_drawn_up_and_says_what(
    session: scoped_session[Session], client: Visitor
) -> None:
    exchange = make_plan(objectives_host="", place="").exchange
    enter_as(client, exchange, Slot.VOP)
    path = plan_path(exchange)

    answer = client.submit(
        path,
        {"version": hidden(client.get(path).text, "version")},
        to=f"/exchanges/{exchange.reference}/draw-up",
    )

    assert answer.status_code == 422
    assert "Objectives of the host" in answer.text
    assert "Place of the stay" in answer.text
    assert "Show the test rig" not in answer.text
    assert queries.in_force(exchange, AgreementKind.COMMITMENT) is None


def test_the_plan_is_drawn_up_with_one_button(session: scoped_session[Session], client: Visitor) -> None:
    exchange = make_plan().exchange
    enter_as(client, exchange, Slot.HOP)
    path = plan_path(exchange)

    answer = client.submit(
        path,
        {"version": hidden(client.get(path).text, "version")},
        to=f"/exchanges/{exchange.reference}/draw-up",
    )

    agreement = queries.in_force(exchange, AgreementKind.COMMITMENT)
    assert agreement is not None
    assert answer.location == f"/agreements/{agreement.number}"


@pytest.mark.parametrize("version", ["", "1", "99", "x"])
def test_a_plan_other_than_the_one_shown_is_not_drawn_up(
    session: scoped_session[Session], client: Visitor, version: str
) -> None:
    exchange = make_plan().exchange
    enter_as(client, exchange, Slot.HOP)

    answer = client.submit(
        plan_path(exchange), {"version": version}, to=f"/exchanges/{exchange.reference}/draw-up"
    )

    assert answer.status_code == 409
    assert queries.in_force(exchange, AgreementKind.COMMITMENT) is None


def test_the_page_says_before_saving_that_a_change_voids_the_agreement(
    session: scoped_session[Session], client: Visitor
) -> None:
    agreement = make_commitment()
    exchange = agreement.exchange
    enter_as(client, exchange, Slot.VO)
    path = plan_path(exchange)

    page = client.get(path).text
    answer = client.submit(path, plan_fields(exchange, page))

    session.refresh(agreement)
    assert "it becomes void with every signature on it" in unescape(page)
    assert answer.status_code == 302
    assert agreement.status is AgreementStatus.VOID


def test_agreements_are_taken_back_with_a_reason(session: scoped_session[Session], client: Visitor) -> None:
    agreement = make_commitment()
    exchange = agreement.exchange
    enter_as(client, exchange, Slot.VOP)
    path = f"/exchanges/{exchange.reference}/agreements"

    answer = client.submit(
        path,
        {"in_force": hidden(client.get(path).text, "in_force"), "reason": "The host moved house."},
        to=f"/exchanges/{exchange.reference}/amend",
    )

    session.refresh(agreement)
    assert answer.status_code == 302
    assert agreement.status is AgreementStatus.VOID
    assert "The host moved house." in client.get(path).text
    assert "The host moved house." in client.get(f"/agreements/{agreement.number}").text


def test_agreements_are_not_taken_back_without_a_reason(
    session: scoped_session[Session], client: Visitor
) -> None:
    agreement = make_commitment()
    exchange = agreement.exchange
    enter_as(client, exchange, Slot.VOP)

    answer = client.submit(
        f"/exchanges/{exchange.reference}/agreements",
        {"in_force": f"{agreement.number}/1", "reason": " "},
        to=f"/exchanges/{exchange.reference}/amend",
    )

    session.refresh(agreement)
    assert answer.status_code == 422
    assert 'id="reason-error"' in answer.text
    assert agreement.status is AgreementStatus.SIGNING


def test_agreements_that_moved_on_are_not_taken_back_from_an_old_page(
    session: scoped_session[Session], client: Visitor
) -> None:
    agreement = make_commitment()
    exchange = agreement.exchange
    sign_all(agreement)
    enter_as(client, exchange, Slot.VOP)

    answer = client.submit(
        f"/exchanges/{exchange.reference}/agreements",
        {"in_force": f"{agreement.number}/1", "reason": "No."},
        to=f"/exchanges/{exchange.reference}/amend",
    )

    session.refresh(agreement)
    assert answer.status_code == 409
    assert agreement.status is AgreementStatus.SIGNED
