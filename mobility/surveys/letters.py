"""The letters of surveys."""

from flask_babel import gettext as _

from mobility.core import dates
from mobility.core.clock import local
from mobility.core.web import external_url
from mobility.mail.services import LetterDraft, letter
from mobility.surveys.enums import Side
from mobility.surveys.models import Invitation
from mobility.surveys.questions import MONTHS


def invited(invitation: Invitation, token: str, person_id: int | None) -> LetterDraft:
    """Ask one side how the exchange went; the link is the only place that names the token."""
    reference = invitation.exchange.reference
    months = MONTHS.get(invitation.survey.code)
    if months is None:
        subject, template = _("How was your exchange %(reference)s?", reference=reference), "invited"
    else:
        subject, template = _("What came of your exchange %(reference)s?", reference=reference), "followed_up"
    return _letter("survey.invited", template, subject, invitation, token, person_id)


def reminded(invitation: Invitation, token: str, person_id: int | None) -> LetterDraft:
    """Ask again; the link is that of the first letter."""
    reference = invitation.exchange.reference
    subject = _("Still to answer: your exchange %(reference)s", reference=reference)
    return _letter(
        "survey.reminded", "reminded", subject, invitation, token, person_id, turn=invitation.reminded
    )


def _letter(
    kind: str,
    template: str,
    subject: str,
    invitation: Invitation,
    token: str,
    person_id: int | None,
    *,
    turn: int = 1,
) -> LetterDraft:
    exchange = invitation.exchange
    other = exchange.host_organisation if invitation.side is Side.VISITOR else exchange.visiting_organisation
    return letter(
        kind,
        template=f"mail/surveys/{template}.txt",
        to=(invitation.to_name, invitation.to_email),
        about=invitation,
        subject=subject,
        person_id=person_id,
        turn=turn,
        exchange=exchange,
        other=other,
        months=MONTHS.get(invitation.survey.code),
        link=external_url("surveys.answer_page", token=token),
        until=dates.day(local(invitation.expires_at).date()),
    )
