"""The log: one entry per move, never changed or deleted (a trigger refuses)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from mobility.core.db import Key, Model


class Entry(Model):
    """Who did what to which record, and what changed."""

    __tablename__ = "entry"
    __table_args__ = (Index("ix_entry_about", "about_kind", "about_id"),)

    id: Mapped[Key]
    at: Mapped[datetime]
    actor_id: Mapped[int | None]
    verb: Mapped[str]
    about_kind: Mapped[str]
    about_id: Mapped[int]
    about_ref: Mapped[str]
    values: Mapped[dict[str, Any]]
