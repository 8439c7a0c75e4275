"""A small scheme with two partnerships and somebody of every role; what A typed is marked and hostile."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from flask_security.recoverable import generate_reset_password_token
from sqlalchemy.engine import Connection

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.calls.services import reserve as reserve_budget
from mobility.core import clock
from mobility.core.db import db
from mobility.exchanges.enums import ExchangeStatus
from mobility.hosts.enums import OfferStatus
from mobility.organisations.models import Organisation
from mobility.organisations.services import AccountDraft
from mobility.partnerships.models import Partnership
from mobility.payments.services import void
from mobility.rounds import services as rounds
from mobility.rounds.models import Proposal
from mobility.surveys.services import invite
from tests.make.accounts import make_user, sign_in
from tests.make.applications import make_application
from tests.make.calls import make_allotment, make_call
from tests.make.exchanges import make_ended_exchange
from tests.make.hosts import PORTO, make_offer
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.make.payments import make_order
from tests.make.rounds import PORTO_CLUSTER, make_frozen_round, make_host, make_solved_run, make_visitor
from tests.make.surveys import make_answer, token_of
from tests.visitor import Visitor

STAFF = (
    Role.SUPPORT_OFFICER,
    Role.FINANCE_INITIATOR,
    Role.FINANCE_APPROVER,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)


@dataclass
class Side:
    """The records of one partnership's people, by the name that a route's address gives them."""

    letter: str
    references: dict[str, str] = field(default_factory=dict)

    def secret(self, what: str) -> str:
        """A text of this side that is mark-up, begins a formula and can be found again."""
        return f"=1+1<script>alert('{self.mark(what)}')</script>"

    def mark(self, what: str = "") -> str:
        return f"CANARY-{self.letter}-{what}"


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
    users: dict[str, User] = {role.value: make_user(role) for role in STAFF}
    call = make_call()
    sides = {letter: _side(letter, call, users) for letter in "AB"}
    reference = call.reference
    emails = {name: user.email for name, user in users.items()}
    db.session.commit()
    people = {name: Visitor(app, use_cookies=True) for name in users}
    for name, user in users.items():
        sign_in(people[name], user)
    # A rollback would take the browsers' sessions back too: they were written inside this one.
    db.session.commit()
    return World(app, connection, reference, sides, people, emails)


def _side(letter: str, call: Any, users: dict[str, User]) -> Side:
    side = Side(letter)
    partnership = make_partnership(code=f"SIDE{letter}", name=f"Side {letter}")
    make_allotment(call, partnership)
    applicant = users[f"applicant {letter}"] = make_user(Role.APPLICANT, name=side.secret("applicant"))
    host = users[f"host {letter}"] = make_user(Role.HOST, name=side.secret("host"))
    users[f"officer {letter}"] = make_user(Role.PARTNERSHIP_OFFICER, partnership=partnership)
    users[f"newcomer {letter}"] = make_user(Role.APPLICANT)
    users[f"new host {letter}"] = make_user(Role.HOST)
    side.references["reset"] = generate_reset_password_token(host)
    for name in ("newcomer", "new host"):
        make_organisation(member=users[f"{name} {letter}"])
    for maker in (_applications, _offers, _stay, _round):
        maker(side, call, partnership, applicant, host)
    return side


Maker = Callable[[Side, Any, Partnership, User, User], None]


def _applications(side: Side, call: Any, partnership: Partnership, applicant: User, _host: User) -> None:
    account = AccountDraft(side.secret("holder"), "BE68 5390 0754 7034", "")
    for status in ApplicationStatus:
        organisation = make_organisation(
            member=applicant,
            account=account,
            name=side.secret(f"visitor {status}"),
            town="Ghent",
            description=side.secret("about us"),
            cluster_name=side.secret("cluster"),
        )
        application = make_application(
            call=call,
            organisation=organisation,
            partnership=partnership,
            author=applicant,
            status=status,
            person_name=side.secret(f"person {status}"),
            position=side.secret("position"),
            motivation=side.secret("motivation"),
            person_email=f"canary-{side.letter}-{status}@visitor.example".lower(),
        )
        side.references[f"application {status}"] = application.reference


def _offers(side: Side, call: Any, partnership: Partnership, _applicant: User, host: User) -> None:
    organisation = make_organisation(member=host, **PORTO | {"name": side.secret("hosting")})
    for status in OfferStatus:
        offer = make_offer(
            call=call,
            organisation=organisation,
            partnership=partnership,
            author=host,
            status=status,
            title=side.secret(f"offer {status}"),
            description=side.secret("see"),
            contact_name=side.secret("contact"),
            contact_email=f"canary-{side.letter}-{status}@host.example".lower(),
        )
        side.references[f"offer {status}"] = offer.reference


def _stay(side: Side, call: Any, partnership: Partnership, applicant: User, host: User) -> None:
    both: dict[str, Any] = {"call": call, "vop": partnership, "hop": partnership, "author": applicant}
    for status in ExchangeStatus:
        exchange = make_ended_exchange(
            **both,
            visitor=make_organisation(member=applicant, name=side.secret(f"stay {status}")),
            host=make_organisation(member=host, **PORTO | {"name": side.secret("stays with")}),
            status=status,
            cancel_reason=side.secret("cancelled") if status is ExchangeStatus.CANCELLED else "",
        )
        if status in {ExchangeStatus.AGREED, ExchangeStatus.CONFIRMED}:
            reserve_budget(call, partnership, exchange.lump_sum_cents)
        side.references[f"exchange {status}"] = exchange.reference
        if status is ExchangeStatus.ENDED:
            first, second = invite(exchange)
            side.references |= {"token": token_of(first), "token answered": token_of(second)}
            make_answer(second, best=side.secret("best"), confidential=side.secret("confidence"))

    def paid() -> Organisation:
        account = AccountDraft(side.secret("paid holder"), "BE68 5390 0754 7034", "")
        return make_organisation(member=applicant, name=side.secret("paid"), account=account)

    due = make_order(vop=partnership, visitor=paid(), call=call)
    taken_back = make_order(vop=partnership, visitor=paid(), call=call)
    void(taken_back, side.secret("void"), actor=None)
    side.references |= {"order due": due.reference, "order void": taken_back.reference}


def _round(side: Side, _call: Any, partnership: Partnership, applicant: User, host: User) -> None:
    """Rounds in each state, with a proposal to answer; in a call of their own, so that sides do not mix."""
    call = make_call(title=f"Market {side.letter}")
    make_host(
        call,
        organisation=make_organisation(member=host, **PORTO_CLUSTER),
        partnership=partnership,
        author=host,
    )
    visitor = _visitor(side, call, partnership, applicant)
    opened = rounds.open_round(call, actor=None)
    db.session.flush()
    run = make_solved_run(make_frozen_round(call))
    side.references |= {"round open": opened.reference, "round frozen": run.round.reference}
    published = make_solved_run(make_frozen_round(call))
    proposal: Proposal = rounds.publish(published, actor=None)[0]
    db.session.flush()
    side.references |= {"round published": published.round.reference, "proposal": proposal.reference}
    side.references["application of round"] = visitor.reference


def _visitor(side: Side, call: Any, partnership: Partnership, applicant: User) -> Application:
    first = call.first_day + timedelta(days=20)
    assert first > clock.today()
    return make_visitor(
        call,
        organisation=make_organisation(
            member=applicant, country="ES", town="Sevilla", latitude=37.39, longitude=-5.99, region="ES61"
        ),
        partnership=partnership,
        author=applicant,
        person_name=side.secret("proposed"),
    )
