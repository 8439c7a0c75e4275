"""Reading partnerships."""

from sqlalchemy import select

from mobility.accounts.models import User
from mobility.core.access import Permission
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.partnerships.models import Partnership


def partnerships() -> list[Partnership]:
    """All partnerships, by code."""
    return list(db.session.scalars(select(Partnership).order_by(Partnership.code)))


def partnership_by_code(code: str) -> Partnership | None:
    """The partnership of that code."""
    return db.session.scalar(select(Partnership).where(Partnership.code == code))


def payer_for(user: User, code: str) -> Partnership:
    """The partnership whose paying account the person may change, in all its calls. Raises `NotFound`."""
    found = partnership_by_code(code)
    scopes = user.scopes(Permission.ACCOUNTS_CHANGE)
    if found is None or not any(scope.covers(found.id, None) for scope in scopes):
        raise NotFound
    return found
