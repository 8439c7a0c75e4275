"""A role for money needs two administrators, neither of whom is its holder (promise T52)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from mobility.accounts import queries, services
from mobility.accounts.commands import users
from mobility.accounts.enums import Role
from mobility.accounts.models import RoleGrant, User
from mobility.accounts.roles import FINANCE_ROLES, FOUR_EYED_ROLES
from mobility.accounts.second_factor import codes
from mobility.audit.models import Entry
from mobility.audit.queries import entries_about
from mobility.audit.services import record
from mobility.core import clock
from mobility.core.access import Permission
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.settings import DEMO_DOMAIN
from tests.make.accounts import SECRET, make_user, sign_in
from tests.make.calls import make_call
from tests.make.partnerships import make_partnership
from tests.visitor import Visitor

ADMINISTRATORS = 12
MONEY = sorted(FINANCE_ROLES)
FOUR_EYED = sorted(FOUR_EYED_ROLES)


def waiting_grant(role: Role = Role.FINANCE_APPROVER) -> tuple[RoleGrant, User]:
    """A role for money that one administrator has given, and that administrator."""
    first = make_user(Role.ADMINISTRATOR)
    given = services.grant(make_user(), role, actor=first)
    assert given is not None
    db.session.flush()
    return given, first


@pytest.mark.parametrize("role", FOUR_EYED)
def test_a_role_for_money_or_of_an_administrator_counts_only_when_a_second_administrator_approved(
    session: None, role: Role
) -> None:
    given, first = waiting_grant(role)
    before = given.user.has(role)

    services.approve_grant(given, actor=(second := make_user(Role.ADMINISTRATOR)))

    assert (before, given.user.has(role)) == (False, True)
    assert (given.granted_by_id, given.approved_by_id) == (first.id, second.id)
    assert entries_about(given.user)[-1].verb == "role.approved"


@pytest.mark.parametrize("role", sorted(set(Role) - FOUR_EYED_ROLES))
def test_other_roles_count_at_once(session: None, role: Role) -> None:
    given = services.grant(make_user(Role.AUDITOR), role, actor=make_user(Role.ADMINISTRATOR))

    assert given is None or given.is_in_force


@pytest.mark.parametrize("role", FOUR_EYED)
def test_who_gave_it_cannot_approve_it(session: None, role: Role) -> None:
    given, first = waiting_grant(role)

    with pytest.raises(RuleBroken, match="same-administrator"):
        services.approve_grant(given, actor=first)

    assert not given.is_in_force


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
def test_nobody_gives_a_role_to_themselves(session: None, role: Role) -> None:
    chief = make_user(Role.ADMINISTRATOR)

    with pytest.raises(RuleBroken, match="not-to-oneself"):
        services.grant(chief, role, actor=chief)

    assert [grant.role for grant in chief.grants] == [Role.ADMINISTRATOR]


@pytest.mark.parametrize("role", MONEY)
def test_nobody_approves_their_own(session: None, role: Role) -> None:
    chief = make_user(Role.ADMINISTRATOR)
    given = services.grant(chief, role, actor=make_user(Role.ADMINISTRATOR))
    assert given
    db.session.flush()

    with pytest.raises(RuleBroken, match="not-to-oneself"):
        services.approve_grant(given, actor=chief)

    assert not given.is_in_force


def test_the_second_of_two_approvers_is_told_who_was_first(session: None) -> None:
    given, _first = waiting_grant()
    services.approve_grant(given, actor=make_user(Role.ADMINISTRATOR, name="Doina"))

    with pytest.raises(RuleBroken) as refusal:
        services.approve_grant(given, actor=make_user(Role.ADMINISTRATOR))

    assert (refusal.value.code, refusal.value.values) == ("grant-approved", {"name": "Doina"})


def test_a_role_that_nobody_signed_for_cannot_be_approved(session: None) -> None:
    given = services.grant(make_user(), Role.FINANCE_INITIATOR)
    assert given
    db.session.flush()

    with pytest.raises(RuleBroken, match="grant-unsigned"):
        services.approve_grant(given, actor=make_user(Role.ADMINISTRATOR))


@pytest.mark.parametrize("role", MONEY)
@pytest.mark.parametrize("who", ["same administrator", "holder", "nobody gave it"])
def test_the_database_refuses_it_without_the_code(session: None, role: Role, who: str) -> None:
    given, first = waiting_grant(role)
    choices: dict[str, dict[str, int | None]] = {
        "same administrator": {"approved_by_id": first.id},
        "holder": {"approved_by_id": given.user_id},
        "nobody gave it": {"approved_by_id": make_user().id, "granted_by_id": None},
    }

    statement = update(RoleGrant).where(RoleGrant.id == given.id)
    statement = statement.values(approved_at=clock.utcnow(), **choices[who])

    with pytest.raises(IntegrityError, match=r"two_administrators|not_to_oneself"), db.session.begin_nested():
        db.session.execute(statement)

    db.session.refresh(given)
    assert not given.is_in_force


def test_an_administrator_of_the_command_line_needs_no_second_one(session: None) -> None:
    given = services.grant(make_user(), Role.ADMINISTRATOR)

    assert given
    assert given.is_in_force
    assert queries.waiting_grants() == []


def test_one_role_may_be_held_in_several_partnerships_and_calls(session: None) -> None:
    chief, user, one, call = make_user(Role.ADMINISTRATOR), make_user(), make_partnership(), make_call()
    for partnership_id, call_id in ((one.id, None), (None, call.id), (one.id, call.id)):
        where = {"partnership_id": partnership_id, "call_id": call_id}
        assert services.grant(user, Role.SUPPORT_OFFICER, **where, actor=chief) is not None
        assert services.grant(user, Role.SUPPORT_OFFICER, **where, actor=chief) is None
    db.session.flush()

    services.revoke(user, Role.SUPPORT_OFFICER, partnership_id=one.id, call_id=call.id, actor=chief)

    held = [
        (grant.partnership_id, grant.call_id) for grant in user.grants if grant.role is Role.SUPPORT_OFFICER
    ]
    assert held == [(one.id, None), (None, call.id)]
    assert user.may(Permission.APPLICATIONS_READ)


def race(app: Flask, approve: Callable[[RoleGrant, User], None]) -> tuple[int, int]:
    """Let a dozen administrators approve the same role at once; how many did, and how often the log says so."""
    with app.app_context():
        given, _first = waiting_grant()
        chiefs = [make_user(Role.ADMINISTRATOR).id for _ in range(ADMINISTRATORS)]
        grant_id = given.id
        db.session.commit()
    together = Barrier(ADMINISTRATORS // 2)

    def attempt(number: int) -> bool:
        if number < ADMINISTRATORS // 2:
            together.wait()
        with app.app_context():
            try:
                approve(db.session.get_one(RoleGrant, grant_id), db.session.get_one(User, chiefs[number]))
                db.session.commit()
            except RuleBroken:
                return False
            return True

    with ThreadPoolExecutor(ADMINISTRATORS // 2) as pool:
        worked = sum(pool.map(attempt, range(ADMINISTRATORS)))
    with app.app_context():
        entries = select(func.count(Entry.id)).where(Entry.verb == "role.approved")
        return worked, db.session.scalar(entries) or 0


def test_of_administrators_who_approve_at_once_one_does(live_app: Flask) -> None:
    counts = race(live_app, lambda given, chief: services.approve_grant(given, actor=chief))

    print("approved", counts)
    assert counts == (1, 1)


def test_the_control_that_looks_first_lets_several_approve(live_app: Flask) -> None:
    def look_then_approve(given: RoleGrant, chief: User) -> None:
        if given.approved_at is not None:
            raise RuleBroken("grant-approved", name="")
        db.session.execute(text("SELECT pg_sleep(0.05)"))
        given.approved_by_id, given.approved_at = chief.id, clock.utcnow()
        record("role.approved", given.user, actor=chief)

    worked, entries = race(live_app, look_then_approve)

    print("approved without the guard", worked)
    assert worked == entries > 1


@pytest.mark.parametrize("role", MONEY)
def test_the_command_line_gives_no_role_for_money(app: Flask, session: None, role: Role) -> None:
    app.cli.add_command(users)

    said = app.test_cli_runner().invoke(args=["users", "invite", "money@example.org", "--role", role.value])

    assert said.exit_code != 0
    assert db.session.scalars(select(User)).all() == []


def test_codes_are_shown_of_demo_accounts_only(app: Flask, session: None) -> None:
    app.cli.add_command(users)
    make_user(Role.AUDITOR, email=f"auditor1@{DEMO_DOMAIN}")
    make_user(Role.AUDITOR, email="auditor@example.org")
    make_user(email=f"mira@{DEMO_DOMAIN}")
    run = app.test_cli_runner().invoke

    shown = run(args=["users", "code", f"Auditor1@{DEMO_DOMAIN}"])

    assert codes().step_of(shown.output.strip(), SECRET) is not None
    for other in ("auditor@example.org", f"mira@{DEMO_DOMAIN}", f"nobody@{DEMO_DOMAIN}"):
        refused = run(args=["users", "code", other])
        assert refused.exit_code != 0
        assert isinstance(refused.exception, RuleBroken)


@pytest.mark.parametrize("role", list(Role))
def test_closing_an_account_acts_on_the_next_request(session: None, client: Visitor, role: Role) -> None:
    user = make_user(role)
    db.session.commit()
    sign_in(client, user)
    assert client.get("/dashboard").status_code == 200

    services.close_account(user, "Left", actor=make_user(Role.ADMINISTRATOR))
    db.session.commit()

    assert client.get("/dashboard").headers["Location"].startswith("/login")
