"""Letters about what a round proposes."""

from typing import Any

from flask_babel import gettext as _

from mobility.calls.queries import is_open
from mobility.core.web import external_url
from mobility.mail.services import LetterDraft, letter
from mobility.rounds import wording
from mobility.rounds.models import Entrant, Proposal, Round


def proposed_to_visitor(proposal: Proposal) -> LetterDraft:
    """A host and dates, with the deadline to answer."""
    application = proposal.application
    subject = _("A host for you: %(host)s", host=proposal.offer.organisation.name)
    to = (application.person_name, application.person_email)
    return _proposed(proposal, "visitor", to, subject, application.author_id)


def proposed_to_host(proposal: Proposal) -> LetterDraft:
    """A visitor and dates, with the deadline to answer."""
    offer = proposal.offer
    subject = _("A visitor for you: %(visitor)s", visitor=proposal.application.organisation.name)
    return _proposed(proposal, "host", (offer.contact_name, offer.contact_email), subject, offer.author_id)


def not_matched(entrant: Entrant, round_: Round, code: str) -> LetterDraft:
    """The round had no place for this application, and why; it stays for the next one."""
    application = entrant.application
    return letter(
        "rounds.not_matched",
        template="mail/rounds/not_matched.txt",
        to=(application.person_name, application.person_email),
        about=entrant,
        subject=_("No host in this round for %(reference)s", reference=application.reference),
        person_id=application.author_id,
        application=application,
        round=round_,
        reason=wording.without_host(code),
        is_open=is_open(application.call),
        catalogue=external_url("catalogue.index", of=application.reference),
        link=external_url("applications.show", reference=application.reference),
    )


def _proposed(
    proposal: Proposal, side: str, to: tuple[str, str], subject: str, person_id: int | None
) -> LetterDraft:
    values: dict[str, Any] = {
        "proposal": proposal,
        "visitor": proposal.application.organisation,
        "host": proposal.offer.organisation,
        "link": external_url("exchanges.proposal", reference=proposal.reference),
    }
    return letter(
        f"rounds.proposed_{side}",
        template=f"mail/rounds/proposed_{side}.txt",
        to=to,
        about=proposal,
        subject=subject,
        person_id=person_id,
        **values,
    )
