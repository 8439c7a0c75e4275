"""Human references such as APP-2026-0042: one gap-free counter per prefix and year."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy import Executable, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from mobility.core import clock
from mobility.core.db import Model, db

_apart: ContextVar[dict[tuple[str, int], Iterator[int]] | None] = ContextVar("references_apart", default=None)


class ReferenceCounter(Model):
    """The last number given out under a prefix in a year."""

    __tablename__ = "reference_counter"

    prefix: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


def next_reference(prefix: str, year: int | None = None) -> str:
    """Take the next reference; it comes back if the transaction does not commit."""
    year = year or clock.today().year
    taken = next((_apart.get() or {}).get((prefix, year), iter(())), None)
    if taken is None:
        taken = db.session.execute(_take(prefix, year, 1)).scalar_one()
    return f"{prefix}-{year}-{taken:04d}"


@contextmanager
def numbered_apart(prefix: str, numbers: Iterable[int]) -> Iterator[None]:
    """Within it this year's references of a prefix take these numbers, as far as they go.

    For long transactions: whoever takes one from the counter makes everybody else wait for the end.
    """
    token = _apart.set({(prefix, clock.today().year): iter(numbers)})
    try:
        yield
    finally:
        _apart.reset(token)


@contextmanager
def numbered_at_once(prefix: str, number: int) -> Iterator[None]:
    """Within it so many references of a prefix are taken from the counter in one step, unless they stand apart."""
    if not number or (prefix, clock.today().year) in (_apart.get() or {}):
        yield
        return
    last = db.session.execute(_take(prefix, clock.today().year, number)).scalar_one()
    with numbered_apart(prefix, range(last - number + 1, last + 1)):
        yield


def set_aside(prefix: str, number: int) -> range:
    """Take so many numbers for `numbered_apart`, in a transaction of its own."""
    with db.engine.begin() as beside:
        last = beside.execute(_take(prefix, clock.today().year, number)).scalar_one()
    return range(last - number + 1, last + 1)


def give_back(prefix: str, numbers: range) -> None:
    """Give numbers back that were set aside and not used; a gap stays if somebody took one since."""
    if numbers:
        year = clock.today().year
        newest = (
            ReferenceCounter.prefix == prefix,
            ReferenceCounter.year == year,
            ReferenceCounter.last == numbers[-1],
        )
        db.session.execute(update(ReferenceCounter).where(*newest).values(last=numbers[0] - 1))


def _take(prefix: str, year: int, number: int) -> Executable:
    first = insert(ReferenceCounter).values(prefix=prefix, year=year, last=number)
    return first.on_conflict_do_update(
        index_elements=["prefix", "year"], set_={"last": ReferenceCounter.last + number}
    ).returning(ReferenceCounter.last)
