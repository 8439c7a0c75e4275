"""Roles, their scopes, and invitations."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from mobility.accounts import services
from mobility.accounts.commands import users
from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.accounts.roles import PERMISSIONS
from mobility.audit.queries import entries_about
from mobility.core.access import Permission, Scope
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.mail.models import Letter
from tests.make.accounts import PASSWORD, make_user, sign_in
from tests.make.partnerships import make_partnership
from tests.visitor import Visitor


def test_every_role_has_permissions_and_every_permission_a_role() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert set().union(*PERMISSIONS.values()) == set(Permission)


def test_an_officer_sees_only_the_partnerships_granted(session: None) -> None:
    one, other = make_partnership(), make_partnership()
    officer = make_user(Role.PARTNERSHIP_OFFICER, partnership=one)

    assert officer.scopes(Permission.APPLICATIONS_ASSESS) == frozenset({Scope(one.id)})
    assert not any(scope.covers(other.id, 1) for scope in officer.scopes(Permission.APPLICATIONS_READ))


def test_an_officer_without_a_partnership_sees_none(session: None) -> None:
    assert make_user(Role.PARTNERSHIP_OFFICER).scopes(Permission.APPLICATIONS_READ) == frozenset()


def test_the_support_office_sees_all(session: None) -> None:
    assert make_user(Role.SUPPORT_OFFICER).scopes(Permission.APPLICATIONS_READ) == frozenset({Scope()})


def test_an_applicant_has_no_scope_of_staff(session: None) -> None:
    assert make_user(Role.APPLICANT).scopes(Permission.APPLICATIONS_READ) == frozenset()


def test_a_role_is_granted_once_and_stands_in_the_log(session: None) -> None:
    user = make_user(Role.APPLICANT)

    assert services.grant(user, Role.AUDITOR) is not None
    assert services.grant(user, Role.AUDITOR) is None
    assert [entry.values["role"] for entry in entries_about(user) if entry.verb == "role.granted"] == [
        "applicant",
        "auditor",
    ]


@pytest.mark.parametrize("role", list(Role))
def test_taking_a_role_away_acts_on_the_next_request(session: None, client: Visitor, role: Role) -> None:
    user = make_user(role)
    db.session.commit()
    sign_in(client, user)
    assert client.get("/dashboard").status_code == 200

    services.revoke(user, role)
    db.session.commit()

    assert client.get("/dashboard").status_code == 403


def test_taking_a_role_that_is_not_held_is_refused(session: None) -> None:
    with pytest.raises(RuleBroken, match="role-not-held"):
        services.revoke(make_user(), Role.AUDITOR)


def test_the_first_administrator_comes_by_command_and_link(
    app: Flask, session: None, client: Visitor
) -> None:
    app.cli.add_command(users)

    said = app.test_cli_runner().invoke(
        args=["users", "invite", "first@example.org", "--role", "administrator"]
    )

    assert said.exit_code == 0, said.output
    path = re.search(r"https?://[^/]+(/\S+)", said.output)
    assert path
    client.submit(path[1], {"password": PASSWORD, "password_confirm": PASSWORD})
    assert client.submit("/login", {"email": "first@example.org", "password": PASSWORD}).status_code == 302
    assert db.session.scalars(select(Letter.kind)).first() == "accounts.invited"


@pytest.mark.parametrize(
    "arguments",
    [
        ["nobody", "--role", "auditor"],
        ["a@example.org", "--role", "king"],
        ["a@example.org", "--role", "partnership_officer", "--partnership", "NONE"],
    ],
)
def test_a_wrong_invitation_is_refused_and_makes_nobody(
    app: Flask, session: None, arguments: list[str]
) -> None:
    app.cli.add_command(users)

    said = app.test_cli_runner().invoke(args=["users", "invite", *arguments])

    assert said.exit_code != 0
    assert db.session.scalars(select(User)).all() == []
