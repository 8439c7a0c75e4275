"""Lifecycles: which state may follow which, and the one conditional move between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import inspect, update

from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.together import is_unknown, lock

LONGEST_TEXT = 5000


@dataclass(frozen=True)
class Lifecycle:
    """The moves a record may make: state → the states that may follow."""

    moves: Mapping[StrEnum, frozenset[StrEnum]]

    def allows(self, state: StrEnum, to: StrEnum) -> bool:
        """Whether `to` may follow `state`."""
        return to in self.moves.get(state, frozenset())

    def move(self, record: Any, *, to: StrEnum, **changes: Any) -> StrEnum:
        """Move a record, if stored in one UPDATE on (id, status, version); return the state it left.

        Raises `RuleBroken("wrong-state")` for a move the table lacks and `RuleBroken("stale")` when
        somebody else changed the record since it was read.
        """
        if not is_unknown(record):
            db.session.flush()
        before: StrEnum = record.status
        if not self.allows(before, to):
            raise RuleBroken("wrong-state", state=before, to=to)
        if is_unknown(record):
            for name, value in {"status": to, **changes}.items():
                setattr(record, name, value)
        else:
            self._move_stored(record, before, to, changes)
        return before

    def _move_stored(self, record: Any, before: StrEnum, to: StrEnum, changes: dict[str, Any]) -> None:
        kind = type(record)
        moved = db.session.execute(
            update(kind)
            .where(kind.id == record.id, kind.status == before, kind.version == record.version)
            .values(status=to, version=kind.version + 1, **changes)
            .returning(kind.id)
            .execution_options(synchronize_session=False)
        ).scalar()
        if moved is None:
            raise RuleBroken("stale")
        columns = inspect(kind).column_attrs
        names = [column.key for column in columns if not column.deferred or column.key in changes]
        db.session.refresh(record, attribute_names=names)


def lifecycle(moves: Mapping[Any, Any]) -> Lifecycle:
    """A lifecycle from state → set of states."""
    return Lifecycle({state: frozenset(following) for state, following in moves.items()})


def lock_unchanged(record: Any) -> None:
    """Hold a record to the end of the transaction as it was read. Raises `RuleBroken("stale")`."""
    db.session.flush()
    version = record.version
    lock(record)
    expect_version(record, version)


def given_text(text: str, code: str = "reason-needed") -> str:
    """What was typed, without blanks around it and not longer than it may be. Raises `RuleBroken(code)` for nothing."""
    text = text.strip()[:LONGEST_TEXT]
    if not text:
        raise RuleBroken(code)
    return text


def expect_version(record: Any, version: int | None) -> None:
    """Refuse a form that was opened before the record's last change. Raises `RuleBroken("stale")`."""
    if version is None or record.version != version:
        raise RuleBroken("stale")
