"""Changes that an officer asks for: what was sent stands until they are sent, or their day is over."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import update

from mobility.applications import letters, queries, typed
from mobility.applications.columns import content_of
from mobility.applications.draft import ApplicationDraft
from mobility.applications.enums import LIFECYCLE, ApplicationStatus
from mobility.applications.models import Application, ChangeRequest
from mobility.applications.rows import fill
from mobility.applications.sections import Section
from mobility.applications.versions import as_kept, kept
from mobility.audit.services import record
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.states import lock_unchanged
from mobility.mail.services import write


def ask(
    application: Application, asked: Mapping[Section, str], answer_by: date, *, actor: Actor | None
) -> None:
    """Ask for changes in some sections by a day. The answers as they were sent are kept.

    Raises `RuleBroken`: "nothing-asked", "day-over", "wrong-state".
    """
    words = {section.value: text.strip() for section, text in asked.items() if text.strip()}
    if not words:
        raise RuleBroken("nothing-asked")
    if answer_by <= clock.today():
        raise RuleBroken("day-over")
    if application.held:
        raise RuleBroken("wrong-state", state=application.held, to=ApplicationStatus.CHANGES_ASKED)
    LIFECYCLE.move(application, to=ApplicationStatus.CHANGES_ASKED)
    request = ChangeRequest(
        application=application,
        asked_by_id=actor.id if actor else None,
        asked_at=clock.utcnow(),
        answer_by=answer_by,
        asked=words,
        sent=kept(content_of(application)),
    )
    db.session.add(request)
    record(
        "application.changes-asked", application, actor=actor, sections=request.sections, answer_by=answer_by
    )
    write(letters.changes_asked(request))


def remind(request: ChangeRequest) -> bool:
    """Remind the applicant that changes are due; False if that was done."""
    if not write(letters.changes_due(request)):
        return False
    record("application.changes-reminded", request.application, actor=None, answer_by=request.answer_by)
    return True


def sent(application: Application) -> Application:
    """The application as it was handed in last: what is being changed and not sent again does not count."""
    if application.status != ApplicationStatus.CHANGES_ASKED:
        return application
    return as_sent(queries.open_request(application))


def as_sent(request: ChangeRequest) -> Application:
    """The application as it was before changes were asked for; never stored."""
    return with_answers(request.application, as_kept(request.sent))


def with_answers(application: Application, content: ApplicationDraft) -> Application:
    """An application with other answers; never stored. All its wishes are looked up at once."""
    as_typed = Application(
        call=application.call,
        organisation=application.organisation,
        partnership=application.partnership,
        status=application.status,
        submitted_at=application.submitted_at,
    )
    with db.session.no_autoflush:
        fill(as_typed, content)
    return as_typed


def go_back_to_sent(application: Application) -> None:
    """Undo what the applicant changed and did not send, once the day to answer is over."""
    lock_unchanged(application)
    request = queries.open_request(application)
    if request.answer_by >= clock.today():
        raise RuleBroken("changes-awaited", day=request.answer_by)
    fill(application, as_kept(request.sent))
    end(application, is_answered=False)
    typed.forget_all(application)


def end(application: Application, *, is_answered: bool) -> None:
    """Say that a request for changes, if there is one, waits no more."""
    waiting = (ChangeRequest.application_id == application.id, ChangeRequest.ended_at.is_(None))
    ended = update(ChangeRequest).where(*waiting).values(ended_at=clock.utcnow(), is_answered=is_answered)
    db.session.execute(ended)
