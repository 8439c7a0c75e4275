"""Files that staff hand in to be imported."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from mobility.accounts.models import User
from mobility.calls.models import Call
from mobility.core.crypto import EncryptedText
from mobility.core.db import Key, Model, Versioned, enum_column
from mobility.imports.enums import ImportStatus


class Import(Model, Versioned):
    """One file of one kind for one call: tried first, then taken whole or not at all."""

    __tablename__ = "import"
    __table_args__ = (
        CheckConstraint("rows >= 0 AND done BETWEEN 0 AND rows", name="rows"),
        CheckConstraint(
            "status NOT IN ('checking', 'checked', 'importing') OR content IS NOT NULL", name="content"
        ),
        CheckConstraint("(status = 'refused') = (problems <> '[]')", name="problems"),
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(unique=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    handed_in_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    status: Mapped[ImportStatus] = mapped_column(enum_column(ImportStatus))
    # A kind of `IMPORTERS`.
    kind: Mapped[str]
    filename: Mapped[str]
    sha256: Mapped[str]
    # Forgotten when it is over: what came in stands in its records.
    content: Mapped[bytes | None] = deferred(mapped_column())
    handed_in_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    # How far the step under way is, told from outside its transaction.
    rows: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    new: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    # Of them all, those that do not meet every rule: they come in, and staff see why.
    not_met: Mapped[int] = mapped_column(default=0)
    # Row, column, value and reason of each, the first of them.
    problems: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    problem_count: Mapped[int] = mapped_column(default=0)

    call: Mapped[Call] = relationship()
    handed_in_by: Mapped[User] = relationship()


class Written(Model):
    """What an import last wrote into a record."""

    __tablename__ = "written"

    about_kind: Mapped[str] = mapped_column(primary_key=True)
    about_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # Encrypted: by its bare digest an account number could be found out among all there are.
    digest: Mapped[str] = mapped_column(EncryptedText("written.digest"))
    written_at: Mapped[datetime]
