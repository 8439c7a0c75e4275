"""Several applications at once: what would change, changing them, and taking that back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import exists, false, or_, select, update

from mobility.applications import services
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application, BulkStep
from mobility.audit.services import record
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import Model, db
from mobility.core.errors import RuleBroken
from mobility.core.states import expect_version
from mobility.partnerships.models import Partnership

# So long a step can be taken back, and so long the letters of acceptances wait.
WINDOW = timedelta(minutes=30)
# These tables hang on an application before anything is built upon it.
OWN = {"application_window", "wish", "change_request", "rule_exception", "review"}


class Act(StrEnum):
    ACCEPT = "accept"
    TAKE = "take"
    GIVE = "give"


@dataclass(frozen=True)
class Order:
    """What is to be done with the ticked applications."""

    act: Act
    partnership: Partnership | None = None
    reason: str = ""

    @property
    def to(self) -> Partnership:
        """Who gets them. Raises `RuleBroken("no-partnership-chosen")`."""
        if self.partnership is None:
            raise RuleBroken("no-partnership-chosen")
        return self.partnership


@dataclass(frozen=True)
class Kept:
    """An application that stays as it is, and the code of why."""

    reference: str
    code: str


def against(order: Order, application: Application, actor: Actor) -> str | None:
    """The code of what stands against it, as far as a look can tell; the verbs have the last word."""
    if application.standing != ApplicationStatus.SUBMITTED:
        return "wrong-state"
    if order.act is Act.ACCEPT and any(found["passed"] is False for found in application.findings):
        return "findings-fail"
    if order.act is Act.TAKE and application.assessor_id == actor.id:
        return "no-change"
    if order.act is Act.GIVE and application.partnership is order.partnership:
        return "no-change"
    return None


def do(
    order: Order, applications: Sequence[Application], seen: Mapping[str, int], *, actor: Actor
) -> BulkStep:
    """Carry an order out on those applications that are still as they were seen; the others are named with why.

    Each in a savepoint of its own. Raises `RuleBroken("nothing-changed")` if none is.
    """
    found = {application.reference for application in applications}
    gone = [{"reference": reference, "code": "not-yours"} for reference in sorted(seen.keys() - found)]
    step = BulkStep(act=order.act.value, actor_id=actor.id, made_at=clock.utcnow(), done=[], kept=gone)
    for application in sorted(applications, key=lambda one: one.id):
        before = {"assessor_id": application.assessor_id, "partnership_id": application.partnership_id}
        refused = _refusal(application, partial(_do, order, application, seen, actor))
        if refused is None:
            row = {"id": application.id, "reference": application.reference, "version": application.version}
            step.done = [*step.done, row | before]
        else:
            step.kept = [*step.kept, {"reference": application.reference, "code": refused}]
    if not step.done:
        raise RuleBroken("nothing-changed")
    db.session.add(step)
    record("bulk.done", step, actor=actor, act=order.act, applications=_references(step.done))
    return step


def undo(step: BulkStep, *, actor: Actor) -> list[Kept]:
    """Take a step back where nothing has changed or been built upon it since; what stays, with why.

    Raises `RuleBroken("undo-over")` after the window, or if it was taken back before.
    """
    now = clock.utcnow()
    mine = (BulkStep.id == step.id, BulkStep.undone_at.is_(None), BulkStep.made_at > now - WINDOW)
    taken = update(BulkStep).where(*mine).values(undone_at=now).returning(BulkStep.id)
    if db.session.scalar(taken) is None:
        raise RuleBroken("undo-over")
    stay: list[Kept] = []
    for row in step.done:
        application = db.session.get_one(Application, row["id"])
        refused = _refusal(application, partial(_undo, Act(step.act), application, row, actor))
        if refused is not None:
            stay.append(Kept(row["reference"], refused))
    back = {row["reference"] for row in step.done} - {one.reference for one in stay}
    record("bulk.undone", step, actor=actor, act=step.act, applications=sorted(back))
    return stay


def _refusal(application: Application, verb: Callable[[], None]) -> str | None:
    try:
        with db.session.begin_nested():
            verb()
    except RuleBroken as refused:
        # What the verb moved by a statement of its own, the session does not know to be undone.
        db.session.expire(application)
        return refused.code
    return None


def _do(order: Order, application: Application, seen: Mapping[str, int], actor: Actor) -> None:
    expect_version(application, seen.get(application.reference))
    if order.act is Act.ACCEPT:
        services.assess(application, accepted=True, held_for=WINDOW, actor=actor)
    elif order.act is Act.TAKE:
        services.take(application, actor.id, actor=actor)
    else:
        services.assign(application, order.to, order.reason, actor=actor)


def _undo(act: Act, application: Application, row: dict[str, Any], actor: Actor) -> None:
    expect_version(application, row["version"])
    if act is Act.ACCEPT:
        _refuse_built_upon(application)
        services.reopen(application, actor=actor)
    elif act is Act.TAKE:
        services.take(application, row["assessor_id"], actor=actor)
    else:
        before = db.session.get_one(Partnership, row["partnership_id"])
        services.assign(application, before, "Taken back.", actor=actor)


def _refuse_built_upon(application: Application) -> None:
    """Raise `RuleBroken("built-upon")` if a record of a later room, whichever it is, refers to the application."""
    refers = (exists().where(column == application.id) for column in _referring())
    if db.session.scalar(select(or_(false(), *refers))):
        raise RuleBroken("built-upon")


def _referring() -> Iterable[Any]:
    own = Application.__table__.c.id
    for table in Model.metadata.sorted_tables:
        if table.name not in OWN:
            yield from (key.parent for key in table.foreign_keys if key.column is own)


def _references(rows: Sequence[dict[str, Any]]) -> list[str]:
    return [row["reference"] for row in rows]
