"""Human references such as APP-2026-0042: one gap-free counter per prefix and year."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from mobility.core import clock
from mobility.core.db import Model, db


class ReferenceCounter(Model):
    """The last number given out under a prefix in a year."""

    __tablename__ = "reference_counter"

    prefix: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


def next_reference(prefix: str, year: int | None = None) -> str:
    """Take the next reference; it comes back if the transaction does not commit."""
    year = year or clock.today().year
    first = insert(ReferenceCounter).values(prefix=prefix, year=year, last=1)
    taken = db.session.execute(
        first.on_conflict_do_update(
            index_elements=["prefix", "year"], set_={"last": ReferenceCounter.last + 1}
        ).returning(ReferenceCounter.last)
    ).scalar_one()
    return f"{prefix}-{year}-{taken:04d}"
