"""Writing the log."""

from datetime import date, datetime
from enum import Enum
from typing import Any

from mobility.audit.models import Entry
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db


def record(verb: str, about: Any, *, actor: Actor | None, **values: Any) -> Entry:
    """Write down a move in its own transaction; `actor` None is the clock or the house."""
    db.session.flush()
    entry = Entry(
        at=clock.utcnow(),
        actor_id=actor.id if actor else None,
        verb=verb,
        about_kind=about.__tablename__,
        about_id=about.id,
        about_ref=getattr(about, "reference", None) or getattr(about, "code", None) or str(about.id),
        values={name: _plain(value) for name, value in values.items()},
    )
    db.session.add(entry)
    return entry


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
