"""Letters about what a round proposes."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from mobility.calls.queries import is_open
from mobility.core.web import external_url
from mobility.mail.services import LetterDraft, letter
from mobility.rounds import wording
from mobility.rounds.models import Entrant, Gain, Proposal, Round, Run


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


def withdrawn_to_visitor(proposal: Proposal, *, is_moved: bool) -> LetterDraft:
    """The proposal no longer stands: another one follows, or the application waits for the next round."""
    application = proposal.application
    to = (application.person_name, application.person_email)
    return _withdrawn(proposal, "visitor", to, application.author_id, is_moved=is_moved)


def withdrawn_to_host(proposal: Proposal) -> LetterDraft:
    """The proposal no longer stands, the place is free again."""
    offer = proposal.offer
    return _withdrawn(proposal, "host", (offer.contact_name, offer.contact_email), offer.author_id)


def more_at_host(run: Run, gains: Sequence[Gain]) -> LetterDraft:
    """Asks a host for a place or a week more, with how many visitors that would let in."""
    offer = next(gain.offer for gain in gains if gain.offer)
    return letter(
        "rounds.more_at_host",
        template="mail/rounds/more_at_host.txt",
        to=(offer.contact_name, offer.contact_email),
        about=offer,
        subject=_("Could you take one more visitor?"),
        person_id=offer.author_id,
        # A round asks a host once, whichever of its runs says so.
        turn=run.round_id,
        offer=offer,
        let_in={gain.what: len(gain.let_in) for gain in gains},
        link=external_url("hosts.show", reference=offer.reference),
    )


def on_reserve(entrant: Entrant, round_: Round, hosts: int) -> LetterDraft:
    """Somebody without a host could take a place that comes free at so many hosts."""
    application = entrant.application
    return letter(
        "rounds.on_reserve",
        template="mail/rounds/on_reserve.txt",
        to=(application.person_name, application.person_email),
        about=entrant,
        subject=_("%(reference)s is on the reserve list", reference=application.reference),
        person_id=application.author_id,
        application=application,
        round=round_,
        hosts=hosts,
        link=external_url("applications.show", reference=application.reference),
    )


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


def _withdrawn(
    proposal: Proposal, side: str, to: tuple[str, str], person_id: int | None, **values: Any
) -> LetterDraft:
    return letter(
        f"rounds.withdrawn_{side}",
        template="mail/rounds/withdrawn.txt",
        to=to,
        about=proposal,
        subject=_("Proposal %(ref)s no longer stands", ref=proposal.reference),
        person_id=person_id,
        proposal=proposal,
        side=side,
        visitor=proposal.application.organisation,
        host=proposal.offer.organisation,
        link=external_url("exchanges.proposal", reference=proposal.reference),
        **values,
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
