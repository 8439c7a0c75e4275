"""Partnerships."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from mobility.core.db import Key, Model, Versioned


class Partnership(Model, Versioned):
    """A consortium of cluster organisations that holds a grant (VOP, HOP)."""

    __tablename__ = "partnership"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    topic: Mapped[str]
    ecosystems: Mapped[list[str]]
    country: Mapped[str]
    town: Mapped[str]
    email: Mapped[str]
    coordinator: Mapped[str]
    founded_at: Mapped[datetime]
