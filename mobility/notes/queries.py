"""Reading notes."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from mobility.accounts.models import User
from mobility.core.db import db
from mobility.notes.models import Note


def notes_about(record: Any, *, only_shared: bool) -> list[Note]:
    """The notes on a record, newest first: all of them, or those that its applicant or host may read too."""
    about = select(Note).where(Note.about_kind == record.__tablename__, Note.about_id == record.id)
    if only_shared:
        about = about.where(Note.is_shared)
    # The author's roles are of no interest here.
    author = joinedload(Note.author).lazyload(User.grants)
    return list(db.session.scalars(about.options(author).order_by(Note.id.desc())))
