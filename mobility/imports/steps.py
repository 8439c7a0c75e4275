"""The verbs of an import as the worker meets them: a job can run twice, and its row may have moved on."""

from itertools import count
from time import monotonic

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import undefer

from mobility.audit.services import record
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.files import BadFile, Problem
from mobility.core.references import give_back, numbered_apart, set_aside
from mobility.imports.enums import LIFECYCLE, UNDER_WAY, ImportStatus
from mobility.imports.models import Import
from mobility.imports.whole import IMPORTERS, Tally, Told, import_file

PROBLEMS_KEPT = 2000
# References of a trial begin here; nobody sees one.
TRIED = 10**9
TOLD_EVERY_S = 0.5


def try_out(import_id: int) -> None:
    """Import the file and keep nothing but the verdict."""
    found = _under_way(import_id, ImportStatus.CHECKING)
    if found is None:
        return
    with numbered_apart(IMPORTERS[found.kind].prefix, count(TRIED)):
        verdict = _verdict(found)
    db.session.rollback()
    if isinstance(verdict, Tally):
        _close(import_id, ImportStatus.CHECKED, verdict)
    else:
        _refuse(import_id, verdict)


def take_in(import_id: int) -> None:
    """Import the file, in the transaction of its end; a problem that came up meanwhile undoes all."""
    found = _under_way(import_id, ImportStatus.IMPORTING)
    if found is None:
        return
    prefix = IMPORTERS[found.kind].prefix
    numbers = set_aside(prefix, found.new) if prefix and found.new else range(0)
    with numbered_apart(prefix, numbers):
        verdict = _verdict(found)
    if isinstance(verdict, Tally) and _close(
        import_id, ImportStatus.IMPORTED, verdict, content=None, finished_at=clock.utcnow()
    ):
        return
    db.session.rollback()
    give_back(prefix, numbers)
    if isinstance(verdict, list):
        _refuse(import_id, verdict)


def _under_way(import_id: int, status: ImportStatus) -> Import | None:
    found = db.session.get(Import, import_id, options=[undefer(Import.content)])
    return found if found is not None and found.status is status else None


def _verdict(found: Import) -> Tally | list[Problem]:
    try:
        return import_file(
            found.kind,
            found.content or b"",
            found.call,
            actor=found.handed_in_by,
            told=_teller(found.id),
        )
    except BadFile as bad:
        return list(bad.problems)
    except RuleBroken as refusal:
        return [Problem(1, str(current_app.extensions["rule_words"](refusal) or refusal))]


def _close(import_id: int, to: ImportStatus, tally: Tally, **more: object) -> bool:
    rows = tally.new + tally.updated + tally.unchanged
    return _end(
        import_id,
        to,
        rows=rows,
        done=rows,
        new=tally.new,
        updated=tally.updated,
        unchanged=tally.unchanged,
        not_met=tally.not_met,
        **more,
    )


def _refuse(import_id: int, problems: list[Problem]) -> None:
    _end(
        import_id,
        ImportStatus.REFUSED,
        problems=[vars(problem) for problem in problems[:PROBLEMS_KEPT]],
        problem_count=len(problems),
        content=None,
        finished_at=clock.utcnow(),
    )


def _end(import_id: int, to: ImportStatus, **changes: object) -> bool:
    """Move the import as it stands now; False for one that was discarded meanwhile."""
    locked = select(Import).where(Import.id == import_id).with_for_update(of=Import)
    found = db.session.scalars(locked.execution_options(populate_existing=True)).one()
    if not LIFECYCLE.allows(found.status, to):
        return False
    LIFECYCLE.move(found, to=to, **changes)
    record(f"import.{to.value}", found, actor=None, new=found.new, updated=found.updated)
    return True


def _teller(import_id: int) -> Told:
    """Writes how far the work is, beside its transaction, which nobody sees before its end.

    It ends the work by `RuleBroken("wrong-state")` once the file is discarded.
    """
    before = monotonic()

    def told(done: int, rows: int) -> None:
        nonlocal before
        if monotonic() - before < TOLD_EVERY_S:
            return
        before = monotonic()
        working = update(Import).where(Import.id == import_id, Import.status.in_(UNDER_WAY))
        with db.engine.begin() as beside:
            is_under_way = beside.execute(working.values(done=done, rows=rows)).rowcount
        if not is_under_way:
            raise RuleBroken("wrong-state", state=ImportStatus.DISCARDED, to=ImportStatus.IMPORTED)

    return told
