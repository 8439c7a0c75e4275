"""Reading the outbox."""

from typing import Any

from sqlalchemy import select

from mobility.core.db import db
from mobility.mail.models import Letter


def letters_about(record: Any) -> list[Letter]:
    """Letters written about a record, newest first."""
    about = select(Letter).where(Letter.about_kind == record.__tablename__, Letter.about_id == record.id)
    return list(db.session.scalars(about.order_by(Letter.id.desc())))
