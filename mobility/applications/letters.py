"""Letters to an applicant about the application."""

from flask_babel import gettext as _

from mobility.applications import wording
from mobility.applications.models import Application
from mobility.core.web import external_url
from mobility.mail.services import LetterDraft, letter


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


def _about(application: Application, name: str, subject: str) -> LetterDraft:
    shown = wording.shown(one for one in application.findings if not one["passed"])
    return letter(
        f"applications.{name}",
        template=f"mail/applications/{name}.txt",
        to=(application.person_name, application.person_email),
        about=application,
        subject=subject,
        person_id=application.author_id,
        application=application,
        not_met=[finding for finding in shown if finding.passed is False],
        to_prove=[finding for finding in shown if finding.passed is None],
        link=external_url("applications.show", reference=application.reference),
    )
