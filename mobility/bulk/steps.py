"""Changing several records of a kind at once, and taking that back; the rooms bring the verbs."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import exists, false, or_, select, update

from mobility.audit.services import record
from mobility.bulk.models import BulkStep
from mobility.core import clock
from mobility.core.access import Actor, Permission
from mobility.core.db import Model, db
from mobility.core.errors import NotFound, RuleBroken
from mobility.core.states import expect_version

# So long a step can be taken back, and so long the letters of acceptances wait.
WINDOW = timedelta(minutes=30)
Row = dict[str, Any]


@dataclass(frozen=True)
class Kept:
    """A record that stays as it is, and the code of why."""

    reference: str
    code: str


@dataclass(frozen=True)
class Doing:
    """What a step does to one record, and what is kept of it to go back."""

    kind: type[Any]
    act: str
    do: Callable[[Any], None]
    before: Callable[[Any], Row]


def do(doing: Doing, records: Sequence[Any], seen: Mapping[str, int], *, actor: Actor) -> BulkStep:
    """Do the same to those records that are still as they were seen; the others are named with why.

    Each in a savepoint of its own. Raises `RuleBroken("nothing-changed")` if none is.
    """
    found = {one.reference for one in records}
    step = BulkStep(
        kind=doing.kind.__tablename__,
        act=doing.act,
        actor_id=actor.id,
        made_at=clock.utcnow(),
        done=[],
        kept=[{"reference": reference, "code": "not-yours"} for reference in sorted(seen.keys() - found)],
    )
    for one in sorted(records, key=lambda one: one.id):
        before = doing.before(one)
        refused = _refusal(one, seen.get(one.reference), partial(doing.do, one))
        if refused is None:
            row = {"id": one.id, "reference": one.reference, "version": one.version}
            step.done = [*step.done, row | before]
        else:
            step.kept = [*step.kept, {"reference": one.reference, "code": refused}]
    if not step.done:
        raise RuleBroken("nothing-changed")
    db.session.add(step)
    done = [row["reference"] for row in step.done]
    record("bulk.done", step, actor=actor, act=step.act, records=done)
    return step


def undo(
    step: BulkStep,
    kind: type[Any],
    permission: Permission,
    go_back: Callable[[Any, Row], None],
    *,
    actor: Actor,
) -> list[Kept]:
    """Take a step back where nothing has changed or been built upon it since; what stays, with why.

    Whoever has lost the permission where a record was meanwhile leaves it as it is.
    Raises `RuleBroken("undo-over")` after the window, or if it was taken back before.
    """
    now = clock.utcnow()
    mine = (BulkStep.id == step.id, BulkStep.undone_at.is_(None), BulkStep.made_at > now - WINDOW)
    taken = update(BulkStep).where(*mine).values(undone_at=now).returning(BulkStep.id)
    if db.session.scalar(taken) is None:
        raise RuleBroken("undo-over")
    stay: list[Kept] = []
    for row in step.done:
        one = db.session.get_one(kind, row["id"])
        refused: str | None = "not-yours"
        if _reaches(actor, permission, one, row):
            refused = _refusal(one, row["version"], partial(go_back, one, row))
        if refused is not None:
            stay.append(Kept(row["reference"], refused))
    back = {row["reference"] for row in step.done} - {one.reference for one in stay}
    record("bulk.undone", step, actor=actor, act=step.act, records=sorted(back))
    return stay


def step_of(actor: Actor, kind: type[Any], step_id: int) -> BulkStep:
    """The officer's own step with records of a kind. Raises `NotFound` for anybody else's."""
    mine = (BulkStep.actor_id == actor.id, BulkStep.kind == kind.__tablename__)
    known = select(BulkStep).where(BulkStep.id == step_id, *mine)
    step = db.session.scalar(known) if step_id < 2**63 else None
    if step is None:
        raise NotFound
    return step


def refuse_built_upon(one: Any, own: Collection[str]) -> None:
    """Raise `RuleBroken("built-upon")` if a row of another table than its own ones refers to the record."""
    refers = (exists().where(column == one.id) for column in _referring(type(one), own))
    if db.session.scalar(select(or_(false(), *refers))):
        raise RuleBroken("built-upon")


def _reaches(actor: Actor, permission: Permission, one: Any, row: Row) -> bool:
    partnership_id = row.get("partnership_id", one.partnership_id)
    return any(scope.covers(partnership_id, one.call_id) for scope in actor.scopes(permission))


def _refusal(one: Any, version: int | None, verb: Callable[[], None]) -> str | None:
    try:
        with db.session.begin_nested():
            expect_version(one, version)
            verb()
    except RuleBroken as refused:
        # What the verb moved by a statement of its own, the session does not know to be undone.
        db.session.expire(one)
        return refused.code
    return None


def _referring(kind: type[Any], own: Collection[str]) -> Iterable[Any]:
    key = kind.__table__.c.id
    for table in Model.metadata.sorted_tables:
        if table.name not in own:
            yield from (one.parent for one in table.foreign_keys if one.column is key)
