"""Decisions that wait, and telling the applicants of a call all of them in one step."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, case, func, literal, select, update
from sqlalchemy.orm.attributes import flag_modified

from mobility.applications import letters, queries
from mobility.applications.enums import LIFECYCLE, TO_ASSESS, ApplicationStatus
from mobility.applications.models import Application
from mobility.audit.services import record
from mobility.calls import services as calls
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.states import lock_unchanged
from mobility.core.together import together
from mobility.mail.services import write
from mobility.partnerships.models import Partnership

DECIDED = (ApplicationStatus.ACCEPTED, ApplicationStatus.REJECTED)
NOT_HELD = {"held": None, "held_reason": ""}


@dataclass(frozen=True)
class Held:
    """How many decisions of a partnership wait to be told, and how many applications for a decision."""

    partnership: str
    accepted: int
    rejected: int
    undecided: int


def held_in(call: Call) -> list[Held]:
    """What waits in a call, partnership by partnership."""
    kinds = (
        Application.held == ApplicationStatus.ACCEPTED,
        Application.held == ApplicationStatus.REJECTED,
        Application.held.is_(None) & Application.status.in_(TO_ASSESS),
    )
    numbers = [func.sum(case((kind, literal(1, Integer)), else_=0)) for kind in kinds]
    waiting = (Application.call_id == call.id, Application.status.in_(TO_ASSESS))
    found = select(Partnership.name, *numbers).join(Application.partnership).where(*waiting)
    rows = db.session.execute(found.group_by(Partnership.name).order_by(Partnership.name))
    return [Held(name, int(accepted), int(rejected), int(rest)) for name, accepted, rejected, rest in rows]


def hold(
    application: Application, decided: ApplicationStatus | None, reason: str, findings: list[dict[str, Any]]
) -> None:
    """Keep a decision from the applicant, or let go of one; as it was read, or `RuleBroken("stale")`."""
    lock_unchanged(application)
    if application.status == ApplicationStatus.CHANGES_ASKED:
        LIFECYCLE.move(application, to=ApplicationStatus.SUBMITTED)
    application.held, application.held_reason, application.findings = decided, reason, findings
    # The same decision made anew counts as a change, so that its version moves.
    flag_modified(application, "held")


def release(call: Call, *, accepted: int, rejected: int, actor: Actor | None) -> None:
    """Tell the applicants of a call what was decided, all at once and once; what is decided later is told at once.

    Raises `RuleBroken`: "released-already", "decided-since" if it is not so many who are to be told, "nobody-to-tell".
    """
    calls.note_release(call)
    told = _tell(call)
    now = [sum(one.status is status for one in told) for status in DECIDED]
    if now != [accepted, rejected]:
        raise RuleBroken("decided-since", accepted=now[0], rejected=now[1])
    if not told:
        raise RuleBroken("nobody-to-tell", call=call.reference)
    record("call.released", call, actor=actor, accepted=accepted, rejected=rejected)
    with together():
        for application in told:
            record("application.released", application, actor=actor)
            write(letters.decided(application))


def choose(call: Call, *, at_once: bool, actor: Actor | None) -> None:
    """Say whether each decision of a call is told at once. Raises `RuleBroken("decisions-wait")` if some are held."""
    calls.choose_release(call, together=not at_once, actor=actor)
    waits = select(Application.id).where(Application.call_id == call.id, Application.held.is_not(None))
    if at_once and db.session.scalar(waits.limit(1)) is not None:
        raise RuleBroken("decisions-wait")


def _tell(call: Call) -> list[Application]:
    """Move what is held to where the applicant sees it."""
    held = (Application.call_id == call.id, Application.held.is_not(None))
    moved = update(Application).where(*held, Application.status == ApplicationStatus.SUBMITTED)
    moved = moved.values(
        status=Application.held,
        decision_reason=Application.held_reason,
        decided_at=clock.utcnow(),
        held=None,
        held_reason="",
        version=Application.version + 1,
    )
    ids = db.session.scalars(moved.returning(Application.id).execution_options(synchronize_session=False))
    return queries.with_ids(ids.all())
