"""The verbs of an import as staff know them: hand in, take, discard."""

from hashlib import sha256

from mobility.accounts.models import User
from mobility.audit.services import record
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.db import db
from mobility.core.queue import enqueue
from mobility.core.references import next_reference
from mobility.core.states import expect_version
from mobility.core.uploads import Upload
from mobility.imports import tasks
from mobility.imports.enums import LIFECYCLE, ImportStatus
from mobility.imports.models import Import


def hand_in(kind: str, call: Call, file: Upload, *, actor: User) -> Import:
    """Keep a file and have the worker try it."""
    found = Import(
        reference=next_reference("IMP"),
        call=call,
        kind=kind,
        filename=file.name,
        sha256=sha256(file.content).hexdigest(),
        content=file.content,
        status=ImportStatus.CHECKING,
        handed_in_by=actor,
        handed_in_at=clock.utcnow(),
    )
    db.session.add(found)
    record("import.handed_in", found, actor=actor, kind=kind, sha256=found.sha256)
    enqueue(tasks.check, lock="imports", import_id=found.id)
    return found


def take(found: Import, version: int | None, *, actor: User) -> None:
    """Have the worker take what was tried. Raises `RuleBroken`: stale, wrong-state."""
    expect_version(found, version)
    LIFECYCLE.move(found, to=ImportStatus.IMPORTING, done=0)
    record("import.begun", found, actor=actor)
    enqueue(tasks.take_in, lock="imports", import_id=found.id)


def discard(found: Import, version: int | None, *, actor: User) -> None:
    """Forget a file that is not taken yet; the worker keeps nothing of it. Raises `RuleBroken`: stale, wrong-state."""
    expect_version(found, version)
    LIFECYCLE.move(found, to=ImportStatus.DISCARDED, finished_at=clock.utcnow(), content=None)
    record("import.discarded", found, actor=actor)
