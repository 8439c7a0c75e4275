"""A small scheme with two partnerships and somebody of every role; what A typed is marked and hostile."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask
from flask_security.recoverable import generate_reset_password_token
from sqlalchemy.engine import Connection

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications import bulk
from mobility.applications.enums import ApplicationStatus
from mobility.applications.exceptions import ask
from mobility.applications.models import Application
from mobility.bulk.models import BulkStep
from mobility.calls.models import Call
from mobility.calls.services import reserve as reserve_budget
from mobility.core import clock
from mobility.core.db import db
from mobility.core.references import ReferenceCounter
from mobility.core.uploads import Upload, clean_name
from mobility.exchanges import services as exchanges
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.enums import Side as SideOfExchange
from mobility.hosts.enums import OfferStatus
from mobility.hosts.exceptions import OFFERS
from mobility.organisations.clusters import answer
from mobility.organisations.enums import Standing
from mobility.organisations.queries import members_of
from mobility.partnerships.bank import AccountDraft
from mobility.reviews.queries import criteria_of
from mobility.rounds import declines, lottery
from mobility.rounds import services as rounds
from mobility.rounds.models import Proposal, Round
from mobility.surveys.services import invite
from tests.hostile import records
from tests.hostile.side import Parties, Side
from tests.make.accounts import PASSWORD, make_user, sign_in
from tests.make.applications import answers_to, make_application, make_closed_call, make_late_entry
from tests.make.calls import make_allotment, make_call, make_call_question, make_call_questions
from tests.make.exchanges import make_ended_exchange
from tests.make.hosts import PORTO, make_offer
from tests.make.organisations import (
    make_colleague_invitation,
    make_likeness,
    make_organisation,
    make_question,
)
from tests.make.partnerships import make_partnership
from tests.make.reporting import make_pdf
from tests.make.reviews import make_review
from tests.make.rounds import (
    PORTO_CLUSTER,
    make_frozen_round,
    make_host,
    make_market,
    make_proposal,
    make_solved_run,
    make_visitor,
)
from tests.make.surveys import make_answer, token_of
from tests.visitor import Visitor

STAFF = (
    Role.SUPPORT_OFFICER,
    Role.FINANCE_INITIATOR,
    Role.FINANCE_APPROVER,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)


OF_PARTNERSHIP = {
    "officer": Role.PARTNERSHIP_OFFICER,
    "initiator": Role.FINANCE_INITIATOR,
    "approver": Role.FINANCE_APPROVER,
}
UNANSWERED = "Nobody answers this"


@dataclass
class World:
    """Everything there is, with a browser for each person."""

    app: Flask
    connection: Connection
    call: str
    sides: dict[str, Side]
    people: dict[str, Visitor]
    emails: dict[str, str]

    def stranger(self) -> Visitor:
        return Visitor(self.app, use_cookies=True)

    def browser_of(self, person: str) -> Visitor:
        """Another browser with the person's cookie: what a page does to it is lost with it."""
        cookie = self.people[person].get_cookie("session")
        assert cookie
        visitor = self.stranger()
        visitor.set_cookie("session", cookie.value)
        return visitor


def build(app: Flask, connection: Connection) -> World:
    """Make it by the verbs of the rooms."""
    # Makers number what they make without its verb from one on.
    for prefix in ("EXC", "CR", "FA"):
        db.session.add(ReferenceCounter(prefix=prefix, year=clock.today().year, last=7000))
    users: dict[str, User] = {role.value: make_user(role) for role in STAFF}
    users["other administrator"] = make_user(Role.ADMINISTRATOR)
    call = make_call()
    everybody = Side("Z")
    make_call_questions(call, everybody.secret("question"), help=everybody.secret("help"))
    make_call_question(call, label=UNANSWERED)
    sides = {letter: _side(letter, call, users) for letter in "AB"}
    reference = call.reference
    emails = {name: user.email for name, user in users.items()}
    db.session.commit()
    people = {name: Visitor(app, use_cookies=True) for name in users}
    for name, user in users.items():
        sign_in(people[name], user)
    half = people["half signed in"] = Visitor(app, use_cookies=True)
    half.post("/login", data={"email": emails["secured A"], "password": PASSWORD})
    # A rollback would take the browsers' sessions back too: they were written inside this one.
    db.session.commit()
    return World(app, connection, reference, sides, people, emails)


def _side(letter: str, call: Call, users: dict[str, User]) -> Side:
    side = Side(letter)
    partnership = make_partnership(code=f"SIDE{letter}", name=f"Side {letter}")
    make_allotment(call, partnership, budget_cents=10_000_000)
    applicant = users[f"applicant {letter}"] = make_user(Role.APPLICANT, name=side.secret("applicant"))
    host = users[f"host {letter}"] = make_user(Role.HOST, name=side.secret("host"))
    for name, role in OF_PARTNERSHIP.items():
        users[f"{name} {letter}"] = make_user(role, partnership=partnership)
    users[f"newcomer {letter}"] = make_user(Role.APPLICANT)
    users[f"new host {letter}"] = make_user(Role.HOST)
    side.references["reset"] = generate_reset_password_token(host)
    for name in ("newcomer", "new host"):
        make_organisation(member=users[f"{name} {letter}"], standing=Standing.DECLARED)
    parties = Parties(call, partnership, applicant, host, users)
    for make in MAKERS:
        make(side, parties)
    return side


def _applications(side: Side, parties: Parties) -> None:
    *asked, unanswered = parties.call.questions
    answers = answers_to(asked, side.secret("answer"))
    side.references |= {
        "call": parties.call.reference,
        "question answered": str(asked[0].id),
        "question unanswered": str(unanswered.id),
    }
    account = AccountDraft(side.secret("holder"), "BE68 5390 0754 7034", "")
    for status in ApplicationStatus:
        organisation = make_organisation(
            member=parties.applicant,
            account=account,
            name=side.secret(f"visitor {status}"),
            town="Ghent",
            description=side.secret("about us"),
            cluster_name=side.secret("cluster"),
        )
        application = make_application(
            call=parties.call,
            organisation=organisation,
            partnership=parties.partnership,
            author=parties.applicant,
            status=status,
            person_name=side.secret(f"person {status}"),
            position=side.secret("position"),
            motivation=side.secret("motivation"),
            person_email=f"canary-{side.letter}-{status}@visitor.example".lower(),
            answers=answers,
            cv=Upload(clean_name(side.secret(f"cv {status}")), make_pdf(words=side.mark("paper"))),
        )
        if application.cv:
            side.references[f"cv {status}"] = application.cv
        side.references[f"application {status}"] = application.reference
        if status is ApplicationStatus.SUBMITTED:
            officer, seen = (
                parties.users[f"officer {side.letter}"],
                {application.reference: application.version},
            )
            step = bulk.do(bulk.Order(bulk.Act.TAKE), [application], seen, actor=officer)
            db.session.flush()
            side.references["bulk step"] = str(step.id)


def _exceptions(side: Side, parties: Parties) -> None:
    """Two visitors whose cluster has no profile, and two hosts of no cluster; for one of each an exception is asked."""
    officer = parties.users[f"officer {side.letter}"]
    for name in ("unmet", "excepted"):
        organisation = make_organisation(name=side.secret(name), cluster_has_profile=False)
        application = make_application(
            call=parties.call,
            organisation=organisation,
            partnership=parties.partnership,
            status=ApplicationStatus.SUBMITTED,
        )
        side.references[f"application {name}"] = application.reference
        if name == "excepted":
            ask(application, "profile", side.secret("exception"), actor=officer)
        offer = make_offer(
            call=parties.call,
            organisation=make_organisation(
                **PORTO | {"name": side.secret(f"host {name}"), "cluster_name": ""}
            ),
            partnership=parties.partnership,
            status=OfferStatus.SUBMITTED,
        )
        side.references[f"offer {name}"] = offer.reference
        if name == "excepted":
            OFFERS.ask(offer, "cluster", side.secret("offer exception"), actor=officer)


def _reviews(side: Side, parties: Parties) -> None:
    """A review of somebody else's visitor, given to the officer."""
    officer = parties.users[f"officer {side.letter}"]
    application = make_application(call=parties.call, status=ApplicationStatus.SUBMITTED)
    side.references["review"] = str(make_review(officer, application).id)
    side.references["criteria"] = " ".join(str(one.id) for one in criteria_of(parties.call.id))
    side.references["officer key"] = str(officer.id)


def _late(side: Side, parties: Parties) -> None:
    """A link into a call that is closed, for somebody with an organisation."""
    call, email = make_closed_call(), parties.users[f"newcomer {side.letter}"].email
    entry, side.references["late token"] = make_late_entry(call, email, reason=side.secret("late"))
    side.references |= {"late call": call.reference, "late number": str(entry.id)}


def _membership(side: Side, parties: Parties) -> None:
    """A question to a cluster, an invitation of a colleague, and an organisation that was entered twice."""
    asking = make_organisation(name=side.secret("asks"), standing=Standing.DECLARED)
    _question, side.references["question"] = make_question(asking, actor=parties.applicant)
    invitation, side.references["colleague"] = make_colleague_invitation(asking, actor=parties.applicant)
    said, _token = make_question(
        make_organisation(
            name=side.secret("said"), partnership=parties.partnership, standing=Standing.DECLARED
        ),
        actor=parties.applicant,
    )
    answer(said, is_member=True, by=side.secret("says so"))
    twice = make_likeness(name=side.secret("twice"))
    member = members_of(twice.one)[0]
    side.references |= {
        "place": str(asking.id),
        "invitation": str(invitation.id),
        "reply": str(said.id),
        "likeness": str(twice.id),
        "member": str(member.id),
    }


def _offers(side: Side, parties: Parties) -> None:
    organisation = make_organisation(member=parties.host, **PORTO | {"name": side.secret("hosting")})
    for status in OfferStatus:
        offer = make_offer(
            call=parties.call,
            organisation=organisation,
            partnership=parties.partnership,
            author=parties.host,
            status=status,
            title=side.secret(f"offer {status}"),
            description=side.secret("see"),
            contact_name=side.secret("contact"),
            contact_email=f"canary-{side.letter}-{status}@host.example".lower(),
        )
        side.references[f"offer {status}"] = offer.reference
    officer = parties.users[f"officer {side.letter}"]
    made = {"kind": "offer", "act": "accept", "actor_id": officer.id, "made_at": clock.utcnow(), "kept": []}
    step = BulkStep(
        **made, done=[{"id": offer.id, "reference": offer.reference, "version": offer.version - 1}]
    )
    db.session.add(step)
    db.session.flush()
    side.references["offers step"] = str(step.id)


def _stay(side: Side, parties: Parties) -> None:
    both: dict[str, Any] = {
        "call": parties.call,
        "vop": parties.partnership,
        "hop": parties.partnership,
        "author": parties.applicant,
    }
    for status in ExchangeStatus:
        exchange = make_ended_exchange(
            **both,
            visitor=make_organisation(member=parties.applicant, name=side.secret(f"stay {status}")),
            host=make_organisation(member=parties.host, **PORTO | {"name": side.secret("stays with")}),
            status=status,
            cancel_reason=side.secret("cancelled") if status is ExchangeStatus.CANCELLED else "",
        )
        if status in {ExchangeStatus.AGREED, ExchangeStatus.CONFIRMED, ExchangeStatus.ONGOING}:
            reserve_budget(parties.call, parties.partnership, exchange.lump_sum_cents)
        side.references[f"exchange {status}"] = exchange.reference
        if status is ExchangeStatus.ENDED:
            first, second = invite(exchange)
            side.references |= {"token": token_of(first), "token answered": token_of(second)}
            make_answer(second, best=side.secret("best"), confidential=side.secret("confidence"))


def _round(side: Side, parties: Parties) -> None:
    """Rounds in each state, with a proposal to answer; in a call of their own, so that sides do not mix."""
    call = make_call(title=f"Market {side.letter}")
    make_host(
        call,
        organisation=make_organisation(member=parties.host, **PORTO_CLUSTER),
        partnership=parties.partnership,
        author=parties.host,
    )
    visitor = _visitor(side, call, parties)
    opened = rounds.open_round(make_market(), actor=None)
    db.session.flush()
    run = make_solved_run(make_frozen_round())
    given_up = make_frozen_round()
    rounds.give_up(given_up, "Begun too early.", actor=None)
    side.references["round given_up"] = given_up.reference
    side.references |= {"round open": opened.reference, "round frozen": run.round.reference}
    published = make_solved_run(make_frozen_round(call))
    proposal: Proposal = rounds.publish(published, actor=None)[0]
    db.session.flush()
    side.references |= {"round published": published.round.reference, "proposal": proposal.reference}
    side.references["application of round"] = visitor.reference
    side.references["round declined"] = _declined().reference
    after = declines.ask(_declined(), reason="One said no.", actor=None)
    side.references["round after"] = after.reference
    drawing = rounds.open_round(make_market(), actor=None)
    lottery.announce(drawing, source="A state lottery.", reason="Ties.", actor=None)
    side.references["round lottery"] = drawing.reference


def _declined() -> Round:
    """A published round of a market of its own with a proposal that its host declined."""
    proposal = make_proposal()
    exchanges.decline(proposal, SideOfExchange.HOST, "Full.", actor=None)
    return proposal.round


def _visitor(side: Side, call: Call, parties: Parties) -> Application:
    first = call.first_day + timedelta(days=20)
    assert first > clock.today()
    return make_visitor(
        call,
        organisation=make_organisation(
            member=parties.applicant,
            country="ES",
            town="Sevilla",
            latitude=37.39,
            longitude=-5.99,
            region="ES61",
        ),
        partnership=parties.partnership,
        author=parties.applicant,
        person_name=side.secret("proposed"),
    )


Maker = Callable[[Side, Parties], None]
MAKERS: tuple[Maker, ...] = (
    _applications,
    _exceptions,
    _reviews,
    _late,
    _membership,
    _offers,
    _stay,
    _round,
    records.people,
    records.agreements,
    records.reports,
    records.money,
    records.meetings,
    records.imports,
)
