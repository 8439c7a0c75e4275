"""Issued papers."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from mobility.core.db import Key, Model


class Paper(Model):
    """One version of one PDF, kept whole with its hash; a newer version replaces it and says so."""

    __tablename__ = "paper"
    __table_args__ = (
        Index("uq_paper_number", "number", "paper_version", unique=True),
        Index(
            "uq_paper_live",
            "kind",
            "about_kind",
            "about_id",
            unique=True,
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    kind: Mapped[str]
    number: Mapped[str]
    paper_version: Mapped[int] = mapped_column(default=1)
    about_kind: Mapped[str]
    about_id: Mapped[int]
    title: Mapped[str]
    # Of the page before it was printed, to tell whether a next version would say anything new.
    page_sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sha256: Mapped[str]
    bytes_long: Mapped[int]
    issued_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]
    # Out of use for good, with no paper in its place.
    cancelled_at: Mapped[datetime | None]
    # What its public check page goes by; printed on the paper.
    code: Mapped[str] = mapped_column(unique=True)
