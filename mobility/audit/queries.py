"""Reading the log."""

from typing import Any

from sqlalchemy import select

from mobility.audit.models import Entry
from mobility.core.db import db


def entries_about(record: Any) -> list[Entry]:
    """What happened to a record, oldest first."""
    about = select(Entry).where(Entry.about_kind == record.__tablename__, Entry.about_id == record.id)
    return list(db.session.scalars(about.order_by(Entry.id)))
