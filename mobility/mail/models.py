"""The outbox."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from mobility.core.db import Key, Model


class Letter(Model):
    """One e-mail to one person about one thing: written with its cause, sent by the worker."""

    __tablename__ = "letter"
    __table_args__ = (
        # Never the same letter twice to one address about one thing (promise T78).
        Index("uq_letter_once", "kind", "to_email", "about_kind", "about_id", "turn", unique=True),
        Index("ix_letter_due", "try_at", postgresql_where="sent_at IS NULL"),
    )

    id: Mapped[Key]
    kind: Mapped[str]
    to_email: Mapped[str]
    to_name: Mapped[str]
    person_id: Mapped[int | None]
    about_kind: Mapped[str]
    about_id: Mapped[int]
    # Counts repeats that are meant, such as a second reset of a password.
    turn: Mapped[int] = mapped_column(default=1)
    subject: Mapped[str]
    body: Mapped[str]
    message_id: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    try_at: Mapped[datetime]
    last_error: Mapped[str] = mapped_column(default="")
