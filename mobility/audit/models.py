"""The log: one entry per move, never changed or deleted (a trigger refuses); its seals; who looked at what."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

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


class Seal(Model):
    """A link of the chain: the hash of an entry and of the seal before it (append-only by trigger)."""

    __tablename__ = "seal"

    # 1, 2, 3, … without a gap, in the order of sealing.
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), unique=True)
    sha256: Mapped[str] = mapped_column(unique=True)
    sealed_at: Mapped[datetime]


class SealedHead(Model):
    """How far the chain went, kept apart from it: a chain cut short no longer fits (append-only by trigger)."""

    __tablename__ = "sealed_head"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[str]
    noted_at: Mapped[datetime]


class Viewing(Model):
    """Somebody looked at a full bank account, a CV or a piece of evidence (promise T84)."""

    __tablename__ = "viewing"
    __table_args__ = (Index("ix_viewing_about", "about_kind", "about_id"),)

    id: Mapped[Key]
    at: Mapped[datetime]
    actor_id: Mapped[int]
    what: Mapped[str]
    about_kind: Mapped[str]
    about_id: Mapped[int]
    about_ref: Mapped[str]
