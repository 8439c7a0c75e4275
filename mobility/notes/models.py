"""Notes of staff."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.accounts.models import User
from mobility.core.db import Key, Model


class Note(Model):
    """What an officer wrote about a record: for those who assess it, and for its applicant or host if shared."""

    __tablename__ = "note"
    __table_args__ = (Index("ix_note_about", "about_kind", "about_id"),)

    id: Mapped[Key]
    # Which record it is about; no key, because later rooms own it.
    about_kind: Mapped[str]
    about_id: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    written_at: Mapped[datetime]
    text: Mapped[str]
    is_shared: Mapped[bool] = mapped_column(default=False)

    author: Mapped[User] = relationship()
