"""The pages on which administrators look after people and roles."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from mobility.accounts import services
from mobility.accounts.enums import Role
from mobility.accounts.models import RoleGrant, User
from mobility.accounts.services import user_by_email
from mobility.audit.queries import entries_about
from mobility.core.db import db
from mobility.core.settings import DEMO_DOMAIN
from mobility.mail.models import Letter
from tests.make.accounts import make_user, sign_in
from tests.make.calls import make_call
from tests.make.partnerships import make_partnership
from tests.statements import statements_of
from tests.visitor import Visitor

INVITE = {"email": "new@example.org", "name": "New Person", "role": "auditor"}


@pytest.fixture
def chief(client: Visitor) -> User:
    """The administrator who sits at `client`."""
    return seated(client)


def seated(client: Visitor) -> User:
    user = make_user(Role.ADMINISTRATOR)
    db.session.commit()
    sign_in(client, user)
    return user


def page_of(user: User, *more: object) -> str:
    return "/".join(["/people", str(user.id), *map(str, more)])


def press(client: Visitor, user: User, *what: object) -> Any:
    """Send the button on the person's page."""
    return client.submit(page_of(user), {}, to=page_of(user, *what))


def letters(kind: str) -> list[Letter]:
    return list(db.session.scalars(select(Letter).where(Letter.kind == kind)))


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
def test_only_administrators_see_people(client: Visitor, role: Role) -> None:
    user = make_user(role)
    db.session.commit()
    sign_in(client, user)

    for path in ("/people", "/people/invite", page_of(user), page_of(user, "close")):
        assert client.get(path).status_code == 403


def test_the_list_finds_people_by_name_role_and_second_step(client: Visitor, chief: User) -> None:
    make_user(Role.AUDITOR, name="Máire Bhriain", partnership=make_partnership(code="NORTH"))
    make_user(Role.HOST, name="Kostas Papadakis")
    db.session.commit()

    assert "Kostas" in client.get("/people").text
    assert "NORTH" in client.get("/people").text
    for query in ("q=maire", "q=M%C3%A1ire", "role=auditor", "second=set&q=M", "account=open&role=auditor"):
        found = client.get(f"/people?{query}").text
        assert "Kostas" not in found, query
    assert "Bhriain" in client.get("/people?role=auditor").text
    assert "Bhriain" not in client.get("/people?second=missing").text


def test_the_list_asks_the_database_alike_for_few_and_many(client: Visitor, chief: User) -> None:
    def one_more() -> int:
        given = services.grant(
            make_user(Role.AUDITOR), Role.FINANCE_INITIATOR, actor=make_user(Role.ADMINISTRATOR)
        )
        assert given
        db.session.commit()
        return statements_of(client, "/people")

    for_one = one_more()
    one_more()

    assert one_more() == for_one


@pytest.mark.parametrize("number", [999_999, 2**63, 10**30])
def test_a_person_who_is_not_there_is_not_found(client: Visitor, chief: User, number: int) -> None:
    assert client.get(f"/people/{number}").status_code == 404


def test_an_invitation_makes_an_account_and_a_letter(client: Visitor, chief: User) -> None:
    partnership, call = make_partnership(), make_call()
    db.session.commit()
    fields = INVITE | {"role": "partnership_officer", "partnership": partnership.id, "call": call.id}

    answer = client.submit("/people/invite", fields)

    user = user_by_email("new@example.org")
    assert user
    assert answer.headers["Location"] == page_of(user)
    (given,) = user.grants
    assert (given.role, given.partnership_id, given.call_id) == (
        Role.PARTNERSHIP_OFFICER,
        partnership.id,
        call.id,
    )
    assert given.granted_by_id == chief.id
    (letter,) = letters("accounts.invited")
    assert letter.body not in client.get(page_of(user)).text


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "no address"},
        {"email": ""},
        {"email": f"a@{DEMO_DOMAIN}"},
        {"name": ""},
        {"name": "a\0b"},
        {"role": ""},
        {"role": "king"},
        {"role": "partnership_officer"},
        {"partnership": "999999"},
        {"call": "x" * 500},
    ],
)
def test_a_wrong_invitation_is_refused_beside_the_field(
    client: Visitor, chief: User, wrong: dict[str, str]
) -> None:
    answer = client.submit("/people/invite", INVITE | wrong)

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert db.session.scalar(select(func.count(User.id))) == 1
    assert letters("accounts.invited") == []


def test_a_role_is_given_and_taken_away(client: Visitor, chief: User) -> None:
    user = make_user()
    db.session.commit()

    client.submit(page_of(user), {"role": "auditor"}, to=page_of(user, "roles"))
    db.session.refresh(user)
    held = {grant.role: grant.id for grant in user.grants}
    press(client, user, "roles", held[Role.AUDITOR], "revoke")

    db.session.refresh(user)
    assert set(held) == {Role.APPLICANT, Role.AUDITOR}
    assert [grant.role for grant in user.grants] == [Role.APPLICANT]
    assert [entry.actor_id for entry in entries_about(user)[-2:]] == [chief.id, chief.id]


def test_a_role_given_twice_is_one(client: Visitor, chief: User) -> None:
    user = make_user()
    db.session.commit()

    for _ in range(2):
        assert client.submit(page_of(user), {"role": "auditor"}, to=page_of(user, "roles")).status_code == 302

    db.session.refresh(user)
    assert len(user.grants) == 2


def test_a_wrong_role_is_refused_on_the_page(client: Visitor, chief: User) -> None:
    user = make_user()
    db.session.commit()

    answer = client.submit(page_of(user), {"role": "partnership_officer"}, to=page_of(user, "roles"))

    assert answer.status_code == 422
    assert "without one this role sees nothing" in answer.text
    db.session.refresh(user)
    assert len(user.grants) == 1


def test_two_administrators_give_a_role_for_money(new_client: Callable[[], Visitor]) -> None:
    one, other = new_client(), new_client()
    user = make_user(name="Beata Kowalczyk")
    seated(one)
    seated(other)
    one.submit(page_of(user), {"role": "finance_approver"}, to=page_of(user, "roles"))
    (given,) = db.session.scalars(select(RoleGrant).where(RoleGrant.role == Role.FINANCE_APPROVER))

    mine, theirs = one.get(page_of(user)).text, other.get(page_of(user)).text
    same = press(one, user, "roles", given.id, "approve")
    db.session.refresh(given)
    after_same = given.is_in_force
    second = press(other, user, "roles", given.id, "approve")

    assert (">Approve<" in mine, ">Approve<" in theirs) == (False, True)
    assert (same.status_code, after_same) == (409, False)
    assert "second administrator" in same.text
    assert second.status_code == 302
    db.session.refresh(given)
    assert given.is_in_force


def test_what_waits_stands_on_the_list(client: Visitor, chief: User) -> None:
    services.grant(make_user(name="Beata Kowalczyk"), Role.FINANCE_INITIATOR, actor=chief)
    db.session.commit()

    page = client.get("/people?q=nobody-of-this-name").text

    assert "Waiting for a second administrator" in page
    assert "Beata Kowalczyk" in page


def test_a_grant_of_somebody_else_is_not_found(client: Visitor, chief: User) -> None:
    user, other = make_user(), make_user(Role.AUDITOR)
    db.session.commit()

    assert press(client, user, "roles", other.grants[0].id, "revoke").status_code == 404
    db.session.refresh(other)
    assert len(other.grants) == 1


def test_an_administrator_keeps_the_own_role_and_account(client: Visitor, chief: User) -> None:
    revoked = press(client, chief, "roles", chief.grants[0].id, "revoke")
    closed = client.submit(page_of(chief, "close"), {"reason": "Tired", "version": chief.version})

    assert (revoked.status_code, closed.status_code) == (409, 409)
    db.session.refresh(chief)
    assert (chief.active, len(chief.grants)) == (True, 1)


def test_nobody_is_offered_to_take_the_own_administration_away(client: Visitor, chief: User) -> None:
    other = make_user(Role.ADMINISTRATOR)
    db.session.commit()

    assert "/revoke" not in client.get(page_of(chief)).text
    assert "/revoke" in client.get(page_of(other)).text


def test_sessions_are_ended(new_client: Callable[[], Visitor]) -> None:
    client, theirs = new_client(), new_client()
    seated(client)
    user = make_user()
    db.session.commit()
    sign_in(theirs, user)
    assert theirs.get("/dashboard").status_code == 200

    press(client, user, "sessions", "end")

    assert theirs.get("/dashboard").status_code == 302


def test_a_lost_second_step_is_reset_with_a_reason_and_a_letter(new_client: Callable[[], Visitor]) -> None:
    client, theirs = new_client(), new_client()
    chief = seated(client)
    user = make_user(Role.AUDITOR)
    db.session.commit()
    sign_in(theirs, user)
    path = page_of(user, "second-step", "reset")

    assert client.submit(path, {"reason": "", "version": user.version}).status_code == 422
    db.session.refresh(user)
    assert user.has_second_factor
    assert client.submit(path, {"reason": "Lost on a train", "version": user.version}).status_code == 302

    db.session.refresh(user)
    assert not user.has_second_factor
    (letter,) = letters("accounts.second_factor_reset")
    assert (letter.to_email, "Lost on a train" in letter.body) == (user.email, True)
    last = entries_about(user)[-1]
    assert (last.verb, last.actor_id, last.values) == (
        "second-factor.reset",
        chief.id,
        {"reason": "Lost on a train"},
    )
    assert theirs.get("/dashboard").status_code == 302


def test_an_account_is_closed_and_opened_again(new_client: Callable[[], Visitor]) -> None:
    client, theirs = new_client(), new_client()
    seated(client)
    user = make_user()
    db.session.commit()
    sign_in(theirs, user)

    client.submit(page_of(user, "close"), {"reason": "Left", "version": user.version})
    closed = theirs.get("/dashboard").status_code
    press(client, user, "open")

    db.session.refresh(user)
    assert (closed, user.active) == (302, True)
    assert [entry.verb for entry in entries_about(user)[-2:]] == ["account.closed", "account.opened"]


def test_a_form_opened_before_a_change_closes_nothing(client: Visitor, chief: User) -> None:
    user = make_user()
    db.session.commit()

    answer = client.submit(page_of(user, "close"), {"reason": "Left", "version": user.version - 1})

    assert answer.status_code == 409
    db.session.refresh(user)
    assert user.active


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("close", "Close the account of Nora Novak"),
        ("second-step/reset", "Reset the second step of Nora Novak"),
    ],
)
def test_the_button_that_shuts_somebody_out_is_red_and_names_them(
    client: Visitor, chief: User, page: str, words: str
) -> None:
    user = make_user(Role.AUDITOR, name="Nora Novak")
    db.session.commit()

    shown = client.get(page_of(user, page)).text

    assert re.search(rf'class="button button-stop"\s+type="submit">{words}<', shown)
