"""Inviting people, granting and taking roles."""

from typing import cast
from uuid import uuid4

from flask_login import current_user
from flask_security.recoverable import generate_reset_password_token
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from mobility.accounts import letters
from mobility.accounts.enums import Role
from mobility.accounts.models import RoleGrant, User
from mobility.accounts.roles import FINANCE_ROLES
from mobility.audit.services import record
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.sessions import end_sessions
from mobility.core.web import external_url
from mobility.mail import services as mail

INVITATION_HOURS = 72
METHOD = "authenticator"


def signed_in() -> User:
    """Who makes this request; only behind `@requires`."""
    return cast("User", current_user._get_current_object())


def user_by_email(email: str) -> User | None:
    """The account of an address, however it is capitalised."""
    return db.session.scalar(select(User).where(func.lower(User.email) == email.strip().lower()))


def add_user(email: str, name: str, *, password_hash: str | None = None, actor: User | None = None) -> User:
    """Make an account whose address counts as confirmed by whoever adds it."""
    now = clock.utcnow()
    user = User(
        email=email.strip(),
        name=name,
        password=password_hash,
        fs_uniquifier=uuid4().hex,
        confirmed_at=now,
        created_at=now,
    )
    db.session.add(user)
    record("account.added", user, actor=actor)
    return user


def grant(
    user: User,
    role: Role,
    *,
    partnership_id: int | None = None,
    call_id: int | None = None,
    actor: User | None = None,
) -> RoleGrant | None:
    """Give a role, in one partnership or call or in all; None if the person has it already.

    A role for money or of an administrator is not in force until another administrator approves it. Raises
    `RuleBroken("not-to-oneself")`.
    """
    if _held(user, role, partnership_id, call_id):
        return None
    if actor is not None and actor.id == user.id:
        raise RuleBroken("not-to-oneself")
    try:
        with db.session.begin_nested():
            given = _given(user, role, partnership_id, call_id, actor)
    except IntegrityError:
        # Somebody else gave it a moment ago.
        return None
    record("role.granted", user, actor=actor, role=role, partnership_id=partnership_id, call_id=call_id)
    return given


def _given(
    user: User, role: Role, partnership_id: int | None, call_id: int | None, actor: User | None
) -> RoleGrant:
    given = RoleGrant(
        user=user,
        role=role,
        partnership_id=partnership_id,
        call_id=call_id,
        granted_by_id=actor.id if actor else None,
        granted_at=clock.utcnow(),
    )
    db.session.add(given)
    return given


def approve_grant(given: RoleGrant, *, actor: User) -> None:
    """Put a role in force, as the second of two administrators.

    Raises `RuleBroken`: "not-to-oneself", "same-administrator", "grant-unsigned" when nobody is named who gave it,
    "grant-approved" with the name of who was first.
    """
    if actor.id == given.user_id:
        raise RuleBroken("not-to-oneself")
    if actor.id == given.granted_by_id:
        raise RuleBroken("same-administrator")
    if given.is_in_force:
        raise RuleBroken("grant-approved", name=approver_name(given))
    if given.granted_by_id is None:
        raise RuleBroken("grant-unsigned")
    if not _put_in_force(given, actor):
        raise RuleBroken("grant-approved", name=approver_name(given))
    db.session.refresh(given)
    scope = {"partnership_id": given.partnership_id, "call_id": given.call_id}
    record("role.approved", given.user, actor=actor, role=given.role, **scope)


def _put_in_force(given: RoleGrant, actor: User) -> bool:
    statement = (
        update(RoleGrant)
        .where(
            RoleGrant.id == given.id,
            RoleGrant.approved_at.is_(None),
            RoleGrant.granted_by_id != actor.id,
            RoleGrant.user_id != actor.id,
        )
        .values(approved_by_id=actor.id, approved_at=clock.utcnow())
        .returning(RoleGrant.id)
        .execution_options(synchronize_session=False)
    )
    return db.session.scalar(statement) is not None


def approver_name(given: RoleGrant) -> str:
    """Who put a grant in force, as the database has it now."""
    by = select(User.name).join(RoleGrant, RoleGrant.approved_by_id == User.id)
    return db.session.scalar(by.where(RoleGrant.id == given.id)) or "–"


def revoke(
    user: User,
    role: Role,
    *,
    partnership_id: int | None = None,
    call_id: int | None = None,
    actor: User | None = None,
) -> None:
    """Take a role away; acts on the person's next request and ends nothing else."""
    held = _held(user, role, partnership_id, call_id)
    if held is None:
        raise RuleBroken("role-not-held", role=role)
    if role is Role.ADMINISTRATOR and actor is not None and actor.id == user.id:
        raise RuleBroken("not-yourself")
    gone = db.session.scalar(delete(RoleGrant).where(RoleGrant.id == held.id).returning(RoleGrant.id))
    if gone is None:
        raise RuleBroken("role-not-held", role=role)
    db.session.expire(user, ["grants"])
    record("role.revoked", user, actor=actor, role=role, partnership_id=partnership_id, call_id=call_id)


def _held(user: User, role: Role, partnership_id: int | None, call_id: int | None) -> RoleGrant | None:
    asked = (role, partnership_id, call_id)
    same = (one for one in user.grants if (one.role, one.partnership_id, one.call_id) == asked)
    return next(same, None)


def set_second_factor(user: User, secret: str, *, step: int | None = None, actor: User | None) -> None:
    """Let signing in ask for the codes of a base32 secret; `step` is that of the code which proved it."""
    user.tf_primary_method, user.tf_totp_secret = METHOD, secret
    user.totp_last_counter = step
    record("second-factor.set", user, actor=actor)


def turn_off_second_factor(user: User, *, actor: User) -> None:
    """Sign in by the password alone again. Raises `RuleBroken("second-factor-needed")` for staff."""
    if user.is_staff:
        raise RuleBroken("second-factor-needed")
    _forget_second_factor(user)
    record("second-factor.off", user, actor=actor)


def reset_second_factor(user: User, reason: str, *, actor: User) -> None:
    """Take a lost second factor away and end the person's sessions; staff set up a new one before anything else."""
    if not user.has_second_factor:
        raise RuleBroken("no-second-factor")
    _forget_second_factor(user)
    end_sessions(user.fs_uniquifier)
    record("second-factor.reset", user, actor=actor, reason=reason)
    mail.write(letters.second_factor_reset(user, reason))


def _forget_second_factor(user: User) -> None:
    user.tf_primary_method = user.tf_totp_secret = user.totp_last_counter = None
    user.mf_recovery_codes = []


def end_all_sessions(user: User, *, actor: User) -> None:
    """Sign a person out everywhere."""
    end_sessions(user.fs_uniquifier)
    record("account.sessions-ended", user, actor=actor)


def close_account(user: User, reason: str, *, actor: User) -> None:
    """Let somebody sign in no more; acts on the next request. Raises `RuleBroken`: "not-yourself", "wrong-state"."""
    if actor.id == user.id:
        raise RuleBroken("not-yourself")
    _switch(user, to=False)
    end_sessions(user.fs_uniquifier)
    record("account.closed", user, actor=actor, reason=reason)


def open_account(user: User, *, actor: User) -> None:
    """Let somebody sign in again. Raises `RuleBroken("wrong-state")`."""
    _switch(user, to=True)
    record("account.opened", user, actor=actor)


def _switch(user: User, *, to: bool) -> None:
    if user.active is to:
        raise RuleBroken("wrong-state")
    user.active = to


def invite(
    email: str,
    name: str,
    role: Role,
    *,
    partnership_id: int | None = None,
    call_id: int | None = None,
    actor: User | None = None,
) -> tuple[User, str]:
    """Make or find the account, grant the role, write the letter; return the account and its link.

    Raises `RuleBroken("needs-two-administrators")` for a role for money that no administrator gives.
    """
    if role in FINANCE_ROLES and actor is None:
        raise RuleBroken("needs-two-administrators")
    user = user_by_email(email) or add_user(email, name, actor=actor)
    grant(user, role, partnership_id=partnership_id, call_id=call_id, actor=actor)
    db.session.flush()
    link = external_url("security.reset_password", token=generate_reset_password_token(user))
    mail.write(letters.invited(user, role, link, INVITATION_HOURS))
    return user, link
