"""Several applications at once: what would change, changing them, and taking that back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from flask_babel import gettext

from mobility.applications import services
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.bulk import steps
from mobility.bulk.models import BulkStep
from mobility.bulk.steps import WINDOW, Kept
from mobility.core.access import Actor, Permission
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.partnerships.models import Partnership

# These tables hang on an application before anything is built upon it.
OWN = {
    "application_answer",
    "application_window",
    "change_request",
    "cv",
    "review",
    "rule_exception",
    "typed",
    "wish",
}


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
    """Carry an order out on those applications that are still as they were seen; see `steps.do`."""
    doing = steps.Doing(Application, order.act.value, partial(_do, order, actor), _before)
    return steps.do(doing, applications, seen, actor=actor)


def undo(step: BulkStep, *, actor: Actor) -> list[Kept]:
    """Take a step back; see `steps.undo`."""
    go_back = partial(_undo, Act(step.act), actor)
    return steps.undo(step, Application, Permission.APPLICATIONS_ASSESS, go_back, actor=actor)


def _before(application: Application) -> dict[str, Any]:
    return {"assessor_id": application.assessor_id, "partnership_id": application.partnership_id}


def _do(order: Order, actor: Actor, application: Application) -> None:
    code = against(order, application, actor)
    if code is not None:
        raise RuleBroken(code)
    if order.act is Act.ACCEPT:
        services.assess(application, accepted=True, held_for=WINDOW, actor=actor)
    elif order.act is Act.TAKE:
        services.take(application, actor.id, actor=actor)
    else:
        services.assign(application, order.to, order.reason, actor=actor)


def _undo(act: Act, actor: Actor, application: Application, row: dict[str, Any]) -> None:
    if act is Act.ACCEPT:
        steps.refuse_built_upon(application, OWN)
        services.reopen(application, actor=actor)
    elif act is Act.TAKE:
        services.take(application, row["assessor_id"], actor=actor)
    else:
        before = db.session.get_one(Partnership, row["partnership_id"])
        services.assign(application, before, gettext("Taken back."), actor=actor)
        application.assessor_id = row["assessor_id"]
