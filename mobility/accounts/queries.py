"""Reading people and their roles, for administrators; whose address it is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, column, false, func, or_, select, table
from sqlalchemy.orm import joinedload

from mobility.accounts.models import RoleGrant, User
from mobility.accounts.roles import FINANCE_ROLES, FOUR_EYED_ROLES
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.core.sessions import BrowserSession

# Rooms above this one, so only their tables are named.
PARTNERSHIPS = table("partnership", column("id"), column("code"), column("name"))
CALLS = table("call", column("id"), column("reference"), column("title"))


def people() -> Select[User]:
    """Everybody with an account."""
    return select(User)


def person(person_id: int) -> User:
    """One person. Raises `NotFound`."""
    found = db.session.get(User, person_id) if person_id < 2**63 else None
    if found is None:
        raise NotFound
    return found


def grant_of(user: User, grant_id: int) -> RoleGrant:
    """One of a person's roles. Raises `NotFound`."""
    found = next((one for one in user.grants if one.id == grant_id), None)
    if found is None:
        raise NotFound
    return found


def waiting_grants() -> list[RoleGrant]:
    """Roles that wait for a second administrator, the oldest first."""
    waiting = select(RoleGrant).where(waits_for_approval())
    waiting = waiting.options(joinedload(RoleGrant.user))
    return list(db.session.scalars(waiting.order_by(RoleGrant.granted_at, RoleGrant.id)))


def waits_for_approval() -> ColumnElement[bool]:
    """Grants that are not in force, as `RoleGrant.is_in_force` says of one."""
    asked = or_(RoleGrant.role.in_(FINANCE_ROLES), RoleGrant.granted_by_id.is_not(None))
    return and_(RoleGrant.role.in_(FOUR_EYED_ROLES), RoleGrant.approved_at.is_(None), asked)


def names(user_ids: Sequence[int | None]) -> dict[int | None, str]:
    """What the people of these ids are called."""
    found = db.session.execute(select(User.id, User.name, User.email).where(User.id.in_(user_ids)))
    return {user_id: name or email for user_id, name, email in found}


def partnerships() -> dict[int, str]:
    """Id → code and name of every partnership."""
    found = db.session.execute(select(PARTNERSHIPS).order_by(PARTNERSHIPS.c.code))
    return {row.id: f"{row.code}, {row.name}" for row in found}


def calls() -> dict[int, str]:
    """Id → reference and title of every call, the newest first."""
    found = db.session.execute(select(CALLS).order_by(CALLS.c.id.desc()))
    return {row.id: f"{row.reference}, {row.title}" for row in found}


def seen_at(users: Sequence[User]) -> dict[str, datetime]:
    """When each was seen last, by their `fs_uniquifier`; nobody whose sessions have all ended."""
    keys = [user.fs_uniquifier for user in users]
    latest = select(BrowserSession.user_key, func.max(BrowserSession.seen_at))
    found = db.session.execute(
        latest.where(BrowserSession.user_key.in_(keys)).group_by(BrowserSession.user_key)
    )
    return {str(key): at for key, at in found}


def is_address_of(user: User, column: Any) -> ColumnElement[bool]:
    """Whether a column names the person: by an address that the person has confirmed."""
    if user.confirmed_at is None:
        return false()
    return func.lower(column) == user.email.lower()
