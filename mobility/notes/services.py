"""Writing notes."""

from typing import Any

from mobility.audit.services import record
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.states import given_text
from mobility.notes.models import Note


def note(about: Any, text: str, *, is_shared: bool, actor: Actor) -> Note:
    """Write a note on a record. The log says that there is one, not what stands in it."""
    written = Note(
        about_kind=about.__tablename__,
        about_id=about.id,
        author_id=actor.id,
        written_at=clock.utcnow(),
        text=given_text(text),
        is_shared=is_shared,
    )
    db.session.add(written)
    record("note.written", about, actor=actor, shared=is_shared)
    return written
