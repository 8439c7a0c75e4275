"""Reading the outbox."""

from typing import Any

from sqlalchemy import func, select

from mobility.core.db import db
from mobility.mail.models import Letter


def letters_about(record: Any) -> list[Letter]:
    """Letters written about a record, newest first."""
    about = select(Letter).where(Letter.about_kind == record.__tablename__, Letter.about_id == record.id)
    return list(db.session.scalars(about.order_by(Letter.id.desc())))


def last_letters(number: int, to_email: str | None) -> list[Letter]:
    """The last letters to an address, or to everybody; oldest first."""
    last = select(Letter).order_by(Letter.id.desc()).limit(number)
    if to_email:
        last = last.where(func.lower(Letter.to_email) == to_email.strip().lower())
    return list(reversed(db.session.scalars(last).all()))
