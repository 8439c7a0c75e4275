"""Reading the log, its chain and who looked at what."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select

from mobility.audit.chain import Link, Logged
from mobility.audit.models import Entry, Seal, SealedHead
from mobility.core.db import db

CHUNK = 2000
# No transaction is open for so long that an entry further back than this could still wait.
RECENT = 10_000
COLUMNS = (
    Entry.id,
    Entry.at,
    Entry.actor_id,
    Entry.verb,
    Entry.about_kind,
    Entry.about_id,
    Entry.about_ref,
    Entry.values,
)


def entries_about(record: Any) -> list[Entry]:
    """What happened to a record, oldest first."""
    about = select(Entry).where(Entry.about_kind == record.__tablename__, Entry.about_id == record.id)
    return list(db.session.scalars(about.order_by(Entry.id)))


def head() -> Seal | None:
    """The last seal: whoever keeps it can prove later what the log said up to here."""
    return db.session.scalar(select(Seal).order_by(Seal.position.desc()).limit(1))


def head_words() -> str:
    """The head as it is printed and mailed: POSITION:SHA256, empty before the first seal."""
    last = head()
    return f"{last.position}:{last.sha256}" if last else ""


def sealed() -> int:
    """How many entries are in the chain."""
    return db.session.scalar(select(func.count()).select_from(Seal)) or 0


def unsealed() -> int:
    """How many entries are not in the chain yet."""
    sealed = exists().where(Seal.entry_id == Entry.id)
    return db.session.scalar(select(func.count()).select_from(Entry).where(~sealed)) or 0


def is_waiting() -> ColumnElement[bool]:
    """Entries of late that are not sealed: whatever the length of the log, a page looks at its end only."""
    newest = select(Seal.entry_id).order_by(Seal.position.desc()).limit(1).scalar_subquery()
    sealed = exists().where(Seal.entry_id == Entry.id)
    return and_(Entry.id > func.coalesce(newest, 0) - RECENT, ~sealed)


def recently_unsealed() -> int:
    """How many entries of late are not in the chain yet."""
    return db.session.scalar(select(func.count()).select_from(Entry).where(is_waiting())) or 0


def waiting(limit: int) -> list[Logged]:
    """Committed entries that nobody sealed, in the order of their ids."""
    sealed = exists().where(Seal.entry_id == Entry.id)
    found = db.session.execute(select(*COLUMNS).where(~sealed).order_by(Entry.id).limit(limit))
    return [Logged(*row) for row in found]


def chain() -> Iterator[Link]:
    """The stored chain from its beginning, read in pieces."""
    after = 0
    while piece := _piece(after):
        yield from (_link(row) for row in piece)
        after = piece[-1][0]


def _piece(after: int) -> list[tuple[Any, ...]]:
    # One statement sees seal, entry and head as one moment had them, whatever a sealer does meanwhile.
    found = (
        select(Seal.position, Seal.sha256, Seal.sealed_at, SealedHead.sha256, *COLUMNS)
        .outerjoin(Entry, Entry.id == Seal.entry_id)
        .outerjoin(SealedHead, SealedHead.position == Seal.position)
        .where(Seal.position > after)
        .order_by(Seal.position)
        .limit(CHUNK)
    )
    return [tuple(row) for row in db.session.execute(found)]


def _link(row: tuple[Any, ...]) -> Link:
    position, sha256, sealed_at, noted, *entry = row
    logged = Logged(*entry) if entry[0] is not None else None
    return Link(position, sha256, sealed_at, logged, noted)


def heads_without_seal() -> list[int]:
    """Positions that the chain once had reached and no longer has."""
    lost = select(SealedHead.position).where(~exists().where(Seal.position == SealedHead.position))
    return list(db.session.scalars(lost.order_by(SealedHead.position)))


def seal_at(position: int) -> Seal | None:
    """The seal at a position of the chain."""
    return db.session.get(Seal, position)
