"""Inviting people, granting and taking roles."""

from typing import cast
from uuid import uuid4

from flask_babel import gettext as _
from flask_login import current_user
from flask_security.recoverable import generate_reset_password_token
from sqlalchemy import func, select

from mobility.accounts.enums import Role
from mobility.accounts.models import RoleGrant, User
from mobility.audit.services import record
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.web import external_url
from mobility.mail import services as mail

INVITATION_HOURS = 72


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
    user: User, role: Role, *, partnership_id: int | None = None, actor: User | None = None
) -> RoleGrant | None:
    """Give a role, in one partnership or in all; None if the person has it already."""
    held = (grant for grant in user.grants if grant.role == role and grant.partnership_id == partnership_id)
    if next(held, None):
        return None
    given = RoleGrant(
        user=user,
        role=role,
        partnership_id=partnership_id,
        granted_by_id=actor.id if actor else None,
        granted_at=clock.utcnow(),
    )
    db.session.add(given)
    record("role.granted", user, actor=actor, role=role, partnership_id=partnership_id)
    return given


def revoke(user: User, role: Role, *, partnership_id: int | None = None, actor: User | None = None) -> None:
    """Take a role away; acts on the person's next request."""
    held = [grant for grant in user.grants if grant.role == role and grant.partnership_id == partnership_id]
    if not held:
        raise RuleBroken("role-not-held", role=role)
    user.grants.remove(held[0])
    db.session.delete(held[0])
    record("role.revoked", user, actor=actor, role=role, partnership_id=partnership_id)


def invite(
    email: str, name: str, role: Role, *, partnership_id: int | None = None, actor: User | None = None
) -> tuple[User, str]:
    """Make or find the account, grant the role, write the letter; return the account and its link."""
    user = user_by_email(email) or add_user(email, name, actor=actor)
    grant(user, role, partnership_id=partnership_id, actor=actor)
    db.session.flush()
    link = external_url("security.reset_password", token=generate_reset_password_token(user))
    mail.write(
        mail.letter(
            "accounts.invited",
            template="mail/accounts/invited.txt",
            to=(user.name or user.email, user.email),
            about=user,
            subject=_("You are invited to ClusterXchange"),
            person_id=user.id,
            turn=mail.next_turn("accounts.invited", user.email, user),
            role=role.value.replace("_", " "),
            link=link,
            hours=INVITATION_HOURS,
        )
    )
    return user, link
