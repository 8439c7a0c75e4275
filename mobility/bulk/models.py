"""What was done to several records at once."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from mobility.core.db import Key, Model


class BulkStep(Model):
    """What an officer did to several records of a kind at once, so that it can be taken back for a while."""

    __tablename__ = "bulk_step"

    id: Mapped[Key]
    # The table of the records.
    kind: Mapped[str]
    act: Mapped[str]
    actor_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    made_at: Mapped[datetime]
    # Each with its key, reference and version after it, and what it takes to go back.
    done: Mapped[list[dict[str, Any]]]
    # Each with its reference and the code of why it stayed as it was.
    kept: Mapped[list[dict[str, Any]]]
    undone_at: Mapped[datetime | None]
