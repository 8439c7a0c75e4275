"""Letters to an applicant about the application."""

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _

from mobility.applications import wording
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application, ChangeRequest, LateEntry
from mobility.core import clock, dates
from mobility.core.web import external_url
from mobility.mail.services import LetterDraft, letter, next_turn


def received(application: Application) -> LetterDraft:
    """The receipt of a submitted application."""
    subject = _("We have received your application %(ref)s", ref=application.reference)
    return _about(application, "received", subject)


def accepted(application: Application) -> LetterDraft:
    """The application enters the next matching round."""
    return _about(
        application, "accepted", _("Your application %(ref)s is accepted", ref=application.reference)
    )


def rejected(application: Application) -> LetterDraft:
    """The application is refused, with the rules not met and the officer's reason."""
    subject = _("Your application %(ref)s is not accepted", ref=application.reference)
    return _about(application, "rejected", subject)


def decided(application: Application) -> LetterDraft:
    """What was decided."""
    return (
        accepted(application) if application.status == ApplicationStatus.ACCEPTED else rejected(application)
    )


def still_looking(application: Application, token: str, within: timedelta) -> LetterDraft:
    """Ask whether the applicant still looks for a host; the link answers without an account."""
    subject = _("Do you still look for a host? Application %(ref)s", ref=application.reference)
    by = clock.today() + within
    return _in_turn(application, "still_looking", subject, by=by, link=_still(token))


def rested(application: Application, token: str) -> LetterDraft:
    """The application enters no round any more; the link of the first letter wakes it."""
    subject = _("Your application %(ref)s rests", ref=application.reference)
    return _in_turn(application, "rested", subject, link=_still(token))


def _still(token: str) -> str:
    return external_url("applications.still_looking", token=token)


def received_again(application: Application) -> LetterDraft:
    """The receipt of an application that was sent again."""
    subject = _("We have received the changes of your application %(ref)s", ref=application.reference)
    return _in_turn(application, "received_again", subject)


def changes_asked(request: ChangeRequest) -> LetterDraft:
    """Which sections to change, how, and by when."""
    subject = _("Please change your application %(ref)s", ref=request.application.reference)
    return _in_turn(
        request.application, "changes_asked", subject, request=request, asked=wording.asked(request)
    )


def changes_due(request: ChangeRequest) -> LetterDraft:
    """The day is near by which the changes are wanted; once for each request."""
    application = request.application
    subject = _("Your application %(ref)s: changes are due soon", ref=application.reference)
    # What stands in the form is not sent yet, its address neither.
    to = (request.sent["person_name"], request.sent["person_email"])
    return _about(application, "changes_due", subject, to=to, turn=request.id, request=request)


def late_entry(entry: LateEntry, token: str, person_id: int | None) -> LetterDraft:
    """The call is closed, and the owner of the address may still apply; the link is the only place with the token."""
    return letter(
        "applications.late_entry",
        template="mail/applications/late_entry.txt",
        to=(entry.email, entry.email),
        about=entry,
        subject=_("You may still apply in %(call)s", call=entry.call.title),
        person_id=person_id,
        entry=entry,
        link=external_url("applications.late_entry", token=token),
        until=dates.day(entry.last_on),
    )


def _in_turn(application: Application, name: str, subject: str, **more: Any) -> LetterDraft:
    turn = next_turn(f"applications.{name}", application.person_email, application)
    return _about(application, name, subject, turn=turn, **more)


def _about(
    application: Application, name: str, subject: str, *, to: tuple[str, str] | None = None, **more: Any
) -> LetterDraft:
    shown = wording.shown(one for one in application.findings if not one["passed"])
    return letter(
        f"applications.{name}",
        template=f"mail/applications/{name}.txt",
        to=to or (application.person_name, application.person_email),
        about=application,
        subject=subject,
        person_id=application.author_id,
        application=application,
        not_met=[finding for finding in shown if finding.passed is False],
        to_prove=[finding for finding in shown if finding.passed is None],
        **{"link": external_url("applications.show", reference=application.reference)} | more,
    )
