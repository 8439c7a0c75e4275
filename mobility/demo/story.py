"""The thread from import to survey, told by the verbs under a moved clock; no state is ever inserted."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

import click
from sqlalchemy import Select, select

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.admin.imports import import_file
from mobility.applications import services as applications
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.calls import services as calls
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.db import db
from mobility.core.settings import ROOT
from mobility.demo import cast, second_call
from mobility.demo.worker import drain, working
from mobility.exchanges import services as exchanges
from mobility.exchanges.enums import ExchangeStatus, Side
from mobility.exchanges.models import Exchange
from mobility.exchanges.tasks import expire_overdue, keep_time
from mobility.hosts import services as hosts
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from mobility.mail.models import Letter
from mobility.organisations.models import OrganisationMember
from mobility.partnerships.models import Partnership
from mobility.payments.tasks import order_due
from mobility.rounds import services as rounds
from mobility.rounds.enums import ProposalStatus, RunStatus
from mobility.rounds.models import Proposal, Run
from mobility.rounds.solver import Options
from mobility.surveys import queries as survey_queries
from mobility.surveys import services as surveys
from mobility.surveys.enums import QuestionKind
from mobility.surveys.questions import Question
from mobility.surveys.tasks import invite_due

CALL = "CXC-2027-1"
SAMPLES = ROOT / "docs" / "samples"
SOLVE_LIMIT_S = 20
DECLINED_EVERY = 13
SILENT_EVERY = 17
ANSWERED_SHARE = 0.7
OPEN_PROPOSALS = select(Proposal).where(Proposal.status == ProposalStatus.OPEN).order_by(Proposal.id)
LINK = re.compile(r"/survey/(\S+)")


@dataclass(frozen=True)
class Step:
    """A part of the story: its words, whether it has been told, and how it goes on from where it stands."""

    words: str
    is_told: Callable[[], bool]
    tell: Callable[[], None]


def tell() -> None:
    """Tell what has not been told, a commit after each step; a story cut off goes on where it stopped."""
    random = Random(2027)  # noqa: S311
    with working():
        for number, step in enumerate(steps(random), start=1):
            if not step.is_told():
                click.echo(f"  {number}. {step.words}")
                step.tell()
                db.session.commit()


def is_told() -> bool:
    """Whether the whole story has run on this database."""
    return _any(select(Call).where(Call.reference == second_call.CALL))


def steps(random: Random) -> list[Step]:
    """The story in order."""
    over = Exchange.status.in_((ExchangeStatus.ENDED, ExchangeStatus.CLOSED))
    return [
        Step("A call opens, and people get their accounts", lambda: _any(select(Call)), _open),
        Step("Samples are imported", lambda: _any(select(OrganisationMember)), _import),
        Step("Officers assess offers and applications", lambda: not _offers() + _applications(), _assess),
        Step("The call closes, a round is frozen and solved", lambda: _any(select(Run)), _solve),
        Step("The round is published", lambda: _any(select(Proposal)), _publish),
        Step("Both sides answer", lambda: not _any(OPEN_PROPOSALS), lambda: _answer(random)),
        Step(
            "Stays begin and end, payments are ordered, surveys go out and come back",
            lambda: not _any(select(Exchange).where(~over)),
            lambda: _travel(random),
        ),
        Step("A second call opens for whoever comes now", is_told, second_call.open_up),
    ]


def _any(statement: Select[Any]) -> bool:
    return db.session.scalar(select(statement.exists())) is True


def _open() -> None:
    _at(date(2026, 9, 1))
    cast.engage()
    surveys.seed()
    content = calls.CallDraft(
        reference=CALL,
        title="ClusterXchange 2027, first call",
        opens_at=clock.at_local(date(2026, 9, 1), 9),
        closes_at=clock.at_local(date(2026, 11, 30), 17),
        first_day=date(2027, 2, 1),
        last_day=date(2027, 6, 30),
    )
    administrator = actor(Role.ADMINISTRATOR)
    calls.open_call(calls.draft(content, actor=administrator), actor=administrator)


def _import() -> None:
    _at(date(2026, 11, 9))
    for kind in ("partnerships", "organisations", "offers", "applications"):
        import_file(kind, SAMPLES / f"{kind}.csv", call())
        db.session.commit()
    allotted = sorted(db.session.scalars(select(Partnership)), key=lambda one: one.code)
    cast.appoint(actors(Role.PARTNERSHIP_OFFICER), allotted)
    for applicant, application in zip(actors(Role.APPLICANT), _applications(), strict=False):
        cast.join(applicant, application.organisation)
    for host, offer in zip(actors(Role.HOST), _offers(), strict=False):
        cast.join(host, offer.organisation)
    people: list[Application | Offer] = [*_applications(), *_offers()]
    for record in people:
        cast.person_of(record)


def _assess() -> None:
    _at(date(2026, 11, 20))
    for offer in _offers():
        failing = [one["code"] for one in offer.findings if one["passed"] is False]
        hosts.assess(
            offer, accepted=not failing, reason=", ".join(failing), actor=_officer(offer.partnership_id)
        )
    for application in _applications():
        failing = [one.code for one in applications.findings_of(application) if one.passed is False]
        officer = _officer(application.partnership_id)
        applications.assess(application, accepted=not failing, reason=", ".join(failing), actor=officer)


def _solve() -> None:
    _at(date(2026, 12, 1))
    officer = actor(Role.SUPPORT_OFFICER)
    calls.close(call(), actor=officer)
    opened = rounds.open_round(call(), actor=officer)
    rounds.freeze(opened, actor=officer)
    rounds.solve(opened, Options(time_limit_s=SOLVE_LIMIT_S), actor=officer)
    db.session.commit()
    drain()


def _publish() -> None:
    _at(date(2026, 12, 7))
    run = db.session.scalars(select(Run).where(Run.status == RunStatus.SOLVED)).one()
    rounds.publish(run, actor=actor(Role.SUPPORT_OFFICER))


def _answer(random: Random) -> None:
    _at(date(2026, 12, 9))
    for proposal in db.session.scalars(OPEN_PROPOSALS).all():
        _answer_one(proposal, random)
        db.session.commit()
    _at(date(2026, 12, 21))
    expire_overdue.func(timestamp=0)


def _answer_one(proposal: Proposal, random: Random) -> None:
    visitor, host = cast.person_of(proposal.application), cast.person_of(proposal.offer)
    number = int(proposal.reference[-4:])
    if number % SILENT_EVERY == 0:
        exchanges.accept(proposal, Side.HOST, actor=host)
    elif number % DECLINED_EVERY == 0:
        side, who = random.choice([(Side.VISITOR, visitor), (Side.HOST, host)])
        exchanges.decline(proposal, side, "The dates no longer suit us.", actor=who)
    else:
        exchanges.accept(proposal, Side.VISITOR, actor=visitor)
        exchanges.accept(proposal, Side.HOST, actor=host)


def _travel(random: Random) -> None:
    stays = db.session.execute(select(Exchange.first_day, Exchange.last_day)).all()
    last_asked = 0
    for day in sorted({one for first, last in stays for one in (first, last + timedelta(days=1))}):
        _at(day)
        keep_time.func(timestamp=0)
        order_due.func(timestamp=0)
        invite_due.func(timestamp=0)
        drain()
        last_asked = _reply(last_asked, random)


def _reply(after: int, random: Random) -> int:
    """Follow the links of the letters written since one, as most people do; the newest letter's id."""
    asked = select(Letter).where(Letter.kind == "survey.invited", Letter.id > after).order_by(Letter.id)
    for letter in db.session.scalars(asked).all():
        after = letter.id
        found = LINK.search(letter.body)
        invitation = survey_queries.invitation_of(surveys.token_hash(found[1])) if found else None
        if invitation and random.random() < ANSWERED_SHARE:
            questions = [Question.from_dict(one) for one in invitation.survey.questions]
            given = {one.key: reply for one in questions if (reply := _reply_to(one, random)) is not None}
            surveys.answer(invitation, given)
    db.session.commit()
    return after


def _reply_to(question: Question, random: Random) -> object:
    if question.confidential or not question.options:
        return None
    most = len(question.options)
    choice = question.options[min(most - 1, int(random.triangular(0, 1, 0.85) * most))]
    if question.kind in {QuestionKind.SCALE, QuestionKind.NPS}:
        return int(choice)
    return [choice] if question.several else choice


def call() -> Call:
    """The call of the story."""
    return db.session.scalars(select(Call).where(Call.reference == CALL)).one()


def actors(role: Role) -> list[User]:
    """The two people of a role."""
    emails = [login.email for login in cast.logins() if login.role == role.value]
    return list(db.session.scalars(select(User).where(User.email.in_(emails)).order_by(User.email)))


def actor(role: Role) -> User:
    """The first of a role's two people."""
    return actors(role)[0]


def _officer(partnership_id: int) -> User:
    for officer in actors(Role.PARTNERSHIP_OFFICER):
        if any(grant.partnership_id == partnership_id for grant in officer.grants):
            return officer
    return actor(Role.SUPPORT_OFFICER)


def _applications() -> list[Application]:
    submitted = select(Application).where(Application.status == ApplicationStatus.SUBMITTED)
    return list(db.session.scalars(submitted.order_by(Application.id)))


def _offers() -> list[Offer]:
    return list(
        db.session.scalars(select(Offer).where(Offer.status == OfferStatus.SUBMITTED).order_by(Offer.id))
    )


def _at(day: date) -> None:
    clock.move(clock.at_local(day, 9))
