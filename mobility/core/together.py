"""Verbs on many records: what they write is put off, and written together in few statements."""

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import inspect

from mobility.core.db import db

Write = Callable[[list[Any]], object]


@dataclass
class _Waiting:
    """What waits for the end, by who writes it; and which records are locked already."""

    items: dict[Write, list[Any]] = field(default_factory=dict)
    held: set[Any] = field(default_factory=set)


_waiting: ContextVar[_Waiting | None] = ContextVar("together", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Within it verbs leave new records, and what they write about records, to its end.

    What a verb made before it was refused is written, too: whoever goes on after a refusal rolls back in the end.
    """
    waiting = _Waiting()
    with no_garbage():
        token = _waiting.set(waiting)
        try:
            yield
        finally:
            _waiting.reset(token)
        db.session.flush()
        for write, items in waiting.items.items():
            write(items)


@contextmanager
def no_garbage() -> Iterator[None]:
    """Where all that is made lives to the end, looking for garbage meanwhile is a third of the time and finds none."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def is_put_off(write: Write, item: object) -> bool:
    """Leave an item to be written with the others of its kind; False if it is to be written now."""
    waiting = _waiting.get()
    if waiting is None:
        return False
    waiting.items.setdefault(write, []).append(item)
    return True


def is_unknown(record: Any) -> bool:
    """Whether a new record waits to be stored with others: nobody else can have changed it."""
    return _waiting.get() is not None and bool(inspect(record).pending)


@contextmanager
def savepoint() -> Iterator[None]:
    """A savepoint; within `together()` it is the caller's, around all of them."""
    if _waiting.get() is not None:
        yield
        return
    with db.session.begin_nested():
        yield


def lock(record: Any, *, with_key: bool = False) -> None:
    """Hold a stored record to the end of the transaction and read it anew, unless that was done with others.

    With its key nothing that names the record is stored meanwhile, either.
    """
    waiting = _waiting.get()
    if waiting is None or record not in waiting.held:
        db.session.flush()
        db.session.refresh(record, with_for_update={"key_share": not with_key, "of": type(record)})


def note_locked(records: Iterable[Any]) -> None:
    """Say within `together()` which records are locked and read anew."""
    waiting = _waiting.get()
    if waiting is not None:
        waiting.held.update(records)
