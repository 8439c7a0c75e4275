"""A site with something on every page, and one person of each role who sees it."""

from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.applications.sections import Section
from mobility.calls.models import Call
from mobility.core.db import db
from mobility.core.references import next_reference
from mobility.exchanges import services as exchanges
from mobility.exchanges.enums import ExchangeStatus, Side
from mobility.exchanges.models import Exchange
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from mobility.organisations.models import Organisation
from mobility.partnerships.models import Partnership
from mobility.payments.enums import PaymentStatus
from mobility.payments.models import PaymentOrder
from mobility.rounds.enums import RoundStatus
from mobility.rounds.models import Proposal, Round
from tests.journeys import rooms
from tests.make.accounts import make_user
from tests.make.applications import make_application
from tests.make.calls import make_allotment, make_call, make_call_questions
from tests.make.exchanges import make_ended_exchange
from tests.make.hosts import make_offer
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.make.payments import make_order
from tests.make.rounds import (
    PORTO_CLUSTER,
    SEVILLA,
    make_frozen_round,
    make_host,
    make_market,
    make_proposals,
    make_solved_run,
    make_visitor,
)
from tests.make.surveys import make_answer, make_invitation

ROLES = {
    "applicant": Role.APPLICANT,
    "host": Role.HOST,
    "officer": Role.PARTNERSHIP_OFFICER,
    "support": Role.SUPPORT_OFFICER,
    "finance": Role.FINANCE_INITIATOR,
    "approver": Role.FINANCE_APPROVER,
    "auditor": Role.AUDITOR,
    "administrator": Role.ADMINISTRATOR,
}
ANSWERS: dict[str, Any] = {
    "took_place": True,
    "days": 5,
    "objectives": 4,
    "recommend": 9,
    "quote": "It was worth it.",
}


def fill(app: Flask) -> dict[str, str]:
    """Fill the database; addresses by name: of each role's person, and paths that no list shows to all."""
    with app.app_context():
        partnership = make_partnership(name="Green partnership")
        people = {who: _person(who, role, partnership) for who, role in ROLES.items()}
        call = make_call(title="First call", reference="CXC-1")
        visitor = make_organisation(**SEVILLA, member=people["applicant"], name="Solarwerk")
        host = make_organisation(**PORTO_CLUSTER, member=people["host"], name="Porto Wind")
        _propose(call, partnership, people, visitor, host)
        _leave_to_do(partnership, people, visitor, host)
        paths = {"survey": _pay_and_ask(call, partnership, people["applicant"])}
        paths |= rooms.fill(partnership, people, host)
        db.session.commit()
        return paths | _paths(people)


def _paths(people: dict[str, User]) -> dict[str, str]:
    """Where the forms are that a person of a role can send."""
    own = select(Proposal).join(Proposal.application).where(Application.author_id == people["applicant"].id)
    draft = _first(Application, status=ApplicationStatus.DRAFT)
    return {
        **{f"application {section}": f"/applications/{draft}/edit/{section.value}" for section in Section},
        "offer": f"/hosts/{_first(Offer, status=OfferStatus.DRAFT)}/edit",
        "assess application": f"/applications/{_first(Application, status=ApplicationStatus.SUBMITTED)}",
        "assess offer": f"/hosts/{_first(Offer, status=OfferStatus.SUBMITTED)}",
        "proposal": f"/exchanges/proposals/{db.session.scalars(own).one().reference}",
        "cancel": f"/exchanges/{_first(Exchange, status=ExchangeStatus.AGREED)}/cancel",
        "solve": f"/rounds/{_first(Round, status=RoundStatus.FROZEN)}/solve",
        "run": f"/rounds/{_first(Round, status=RoundStatus.FROZEN)}/runs/1",
        "publish": f"/rounds/{_first(Round, status=RoundStatus.FROZEN)}/runs/1/publish",
        "order": f"/payments/{_first(PaymentOrder, status=PaymentStatus.DUE)}",
    }


def _first(kind: Any, **having: Any) -> str:
    """The reference of the first record with these values."""
    having_them = select(kind.reference).filter_by(**having).order_by(kind.id).limit(1)
    return str(db.session.scalars(having_them).one())


def address(who: str) -> str:
    """The login of the person of a role."""
    return f"{who}@filled.example"


def _person(who: str, role: Role, partnership: Partnership) -> User:
    member_of = partnership if role is Role.PARTNERSHIP_OFFICER else None
    return make_user(role, partnership=member_of, email=address(who), name=f"{who.title()} Person")


def _propose(
    call: Call,
    partnership: Partnership,
    people: dict[str, User],
    visitor: Organisation,
    host: Organisation,
) -> None:
    """A published round with an open proposal for applicant and host, and one that both sides accepted."""
    make_host(call, author=people["host"], organisation=host, partnership=partnership, title="Wind tunnel")
    offer = make_host(call, partnership=partnership, title="Wind tunnel")
    own = make_visitor(call, author=people["applicant"], organisation=visitor, partnership=partnership)
    make_visitor(call, partnership=partnership, wishes={offer: 1})
    for proposal in make_proposals(call):
        if proposal.application_id != own.id:
            exchanges.accept(proposal, Side.VISITOR, actor=None)
            exchanges.accept(proposal, Side.HOST, actor=None)


def _leave_to_do(
    partnership: Partnership, people: dict[str, User], visitor: Organisation, host: Organisation
) -> None:
    """A second call with drafts to fill, papers to assess; rounds that are open, frozen and solved."""
    call = make_call(title="First call", reference="CXC-2")
    make_call_questions(call, help="As of today.")
    make_allotment(call, partnership)
    applicant, own_host = people["applicant"], people["host"]
    make_offer(call=call, partnership=partnership, title="Wind tunnel")
    make_offer(
        call=call, organisation=host, author=own_host, partnership=partnership, status=OfferStatus.DRAFT,
        title="Wind tunnel",
    )  # fmt: skip
    make_offer(call=call, partnership=partnership, status=OfferStatus.SUBMITTED, title="Wind tunnel")
    make_application(
        call=call, organisation=visitor, author=applicant, partnership=partnership,
        status=ApplicationStatus.DRAFT,
    )  # fmt: skip
    make_application(call=call, partnership=partnership, status=ApplicationStatus.SUBMITTED)
    solved = make_solved_run(make_frozen_round(make_market(visitors=2, hosts=1)))
    # A second result, to lay beside the first.
    make_solved_run(solved.round)
    db.session.flush()


def _pay_and_ask(call: Call, partnership: Partnership, author: User) -> str:
    """Stays that ended: one order printed, one to print, a survey answered and one open; its path."""
    earlier = make_call(title="First call", reference="CXC-0", first_day=call.first_day - timedelta(days=90))
    ended = make_ended_exchange(
        reference=next_reference("EXC"), call=earlier, vop=partnership, hop=partnership
    )
    make_order(ended, is_printed=True)
    make_answer(make_invitation(exchange=ended)[0], **ANSWERS)
    other = make_ended_exchange(
        reference=next_reference("EXC"), call=earlier, vop=partnership, hop=partnership, author=author
    )
    make_order(other)
    return f"/survey/{make_invitation(exchange=other)[1]}"
