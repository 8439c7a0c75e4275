"""The letters of surveys."""

from flask_babel import format_date
from flask_babel import gettext as _

from mobility.core.clock import local
from mobility.core.web import external_url
from mobility.mail.services import LetterDraft, letter
from mobility.surveys.enums import Side
from mobility.surveys.models import Invitation


def invited(invitation: Invitation, token: str, person_id: int | None) -> LetterDraft:
    """Ask one side how the exchange went; the link is the only place that names the token."""
    exchange = invitation.exchange
    other = exchange.host_organisation if invitation.side is Side.VISITOR else exchange.visiting_organisation
    return letter(
        "survey.invited",
        template="mail/surveys/invited.txt",
        to=(invitation.to_name, invitation.to_email),
        about=invitation,
        subject=_("How was your exchange %(reference)s?", reference=exchange.reference),
        person_id=person_id,
        exchange=exchange,
        other=other,
        link=external_url("surveys.answer_page", token=token),
        until=format_date(local(invitation.expires_at).date(), "EEE d MMMM y"),
    )
