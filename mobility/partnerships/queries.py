"""Reading partnerships."""

from sqlalchemy import select

from mobility.core.db import db
from mobility.partnerships.models import Partnership


def partnerships() -> list[Partnership]:
    """All partnerships, by code."""
    return list(db.session.scalars(select(Partnership).order_by(Partnership.code)))


def partnership_by_code(code: str) -> Partnership | None:
    """The partnership of that code."""
    return db.session.scalar(select(Partnership).where(Partnership.code == code))
