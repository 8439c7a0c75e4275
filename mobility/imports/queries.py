"""Reading imports."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import joinedload

from mobility.accounts.models import User
from mobility.calls.models import Call
from mobility.core.access import Permission
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.imports.models import Import


def imports_seen_by(user: User) -> Select[Import]:
    """The imports into calls for which somebody may import."""
    return select(Import).join(Import.call).where(_within(user)).options(joinedload(Import.call))


def import_for(user: User, reference: str) -> Import:
    """One of them, with who handed it in. Raises `NotFound`."""
    one = imports_seen_by(user).where(Import.reference == reference)
    found = db.session.scalar(one.options(joinedload(Import.handed_in_by)))
    if found is None:
        raise NotFound
    return found


def calls_for(user: User) -> Sequence[Call]:
    """The calls into which somebody may import, the newest first."""
    return db.session.scalars(select(Call).where(_within(user)).order_by(Call.id.desc())).all()


def _within(user: User) -> ColumnElement[bool]:
    # A file reaches all partnerships of its call, so a scope of one of them is not enough.
    scopes = [scope for scope in user.scopes(Permission.IMPORTS_RUN) if scope.partnership_id is None]
    return or_(
        false(), *(Call.id == scope.call_id if scope.call_id else Call.id.is_not(None) for scope in scopes)
    )
