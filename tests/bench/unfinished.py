"""What the story leaves nobody in the middle of: records whose forms would otherwise have no page."""

from flask import url_for
from flask_security.recoverable import generate_reset_password_token

from mobility.accounts.enums import Role
from mobility.applications.enums import ApplicationStatus
from mobility.applications.sections import Section
from mobility.calls.models import Call
from mobility.core.db import db
from mobility.demo import story
from mobility.exchanges import services as exchanges
from mobility.exchanges.enums import Side
from mobility.exchanges.models import Exchange
from mobility.hosts.enums import OfferStatus
from tests.make.applications import make_application
from tests.make.calls import make_allotment, make_call_questions
from tests.make.exchanges import make_ended_exchange
from tests.make.hosts import make_offer
from tests.make.organisations import make_organisation
from tests.make.rounds import make_proposal, make_solved_run
from tests.make.surveys import make_invitation


def leave_unfinished() -> list[str]:
    """Make drafts, an unpublished run, an open proposal, an exchange to come and an open survey; their pages."""
    call = story.open_call()
    run, agreed, draft = make_solved_run(), _agreed(), _application(call)
    _invitation, token = make_invitation(exchange=make_ended_exchange(reference="EXC-BENCH"))
    pages = [
        url_for("applications.new", call=call.reference),
        *(url_for("applications.section", reference=draft, section=section.value) for section in Section),
        url_for("hosts.new", call=call.reference),
        url_for("hosts.edit", reference=_offer(call)),
        url_for("rounds.solve", reference=run.round.reference),
        url_for("rounds.preview", reference=run.round.reference, number=run.number),
        url_for("exchanges.proposal", reference=make_proposal().reference),
        url_for("exchanges.cancel", reference=agreed.reference),
        url_for("surveys.answer_page", token=token),
        url_for("security.reset_password", token=generate_reset_password_token(story.actor(Role.HOST))),
    ]
    db.session.commit()
    return pages


def _application(call: Call) -> str:
    author = story.actor(Role.APPLICANT)
    organisation = make_organisation(member=author)
    partnership = make_allotment(call).partnership
    make_call_questions(call)
    draft = make_application(
        call=call,
        organisation=organisation,
        partnership=partnership,
        author=author,
        status=ApplicationStatus.DRAFT,
    )
    return draft.reference


def _offer(call: Call) -> str:
    author = story.actor(Role.HOST)
    return make_offer(call=call, author=author, status=OfferStatus.DRAFT).reference


def _agreed() -> Exchange:
    proposal = make_proposal()
    exchanges.accept(proposal, Side.VISITOR, actor=None)
    agreed = exchanges.accept(proposal, Side.HOST, actor=None)
    assert agreed is not None
    return agreed
