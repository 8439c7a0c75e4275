"""The thread from import to survey, told by the verbs under a moved clock; no state is ever inserted."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random

import click
from flask import Flask, current_app
from sqlalchemy import select

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
from mobility.core.queue import work
from mobility.core.settings import ROOT
from mobility.demo import cast, second_call
from mobility.exchanges import services as exchanges
from mobility.exchanges.enums import Side
from mobility.exchanges.models import Exchange
from mobility.exchanges.tasks import expire_overdue, keep_time
from mobility.hosts import services as hosts
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from mobility.mail.models import Letter
from mobility.partnerships.models import Partnership
from mobility.payments.tasks import order_due
from mobility.rounds import services as rounds
from mobility.rounds.enums import RunStatus
from mobility.rounds.models import Proposal, Run
from mobility.rounds.solver import Options
from mobility.surveys import queries as survey_queries
from mobility.surveys import services as surveys
from mobility.surveys.questions import Question
from mobility.surveys.tasks import invite_due

CALL = "CXC-2027-1"
SAMPLES = ROOT / "docs" / "samples"
SOLVE_LIMIT_S = 20
DECLINED_EVERY = 13
SILENT_EVERY = 17
ANSWERED_SHARE = 0.7
LINK = re.compile(r"/survey/(\S+)")


def tell() -> None:
    """Run the whole thread once; a commit after each step."""
    random = Random(2027)  # noqa: S311
    for number, (words, step) in enumerate(_steps(random), start=1):
        click.echo(f"  {number}. {words}")
        step()
        db.session.commit()


def is_told() -> bool:
    """Whether the thread has run on this database."""
    return db.session.scalar(select(Call.id).where(Call.reference == second_call.CALL)) is not None


def _steps(random: Random) -> Iterator[tuple[str, Callable[[], None]]]:
    yield "A call opens, and people get their accounts", _open
    yield "Partnerships, organisations, offers and applications are imported", _import
    yield "Officers assess offers and applications", _assess
    yield "The call closes, a round is frozen and solved", _solve
    yield "The round is published; both sides answer", lambda: _answer(random)
    yield "Stays begin and end, payments are ordered, surveys go out", _travel
    yield "Surveys are answered", lambda: _reply(random)
    yield "A second call opens for whoever comes now", second_call.open_up


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


def _answer(random: Random) -> None:
    _at(date(2026, 12, 7))
    run = db.session.scalars(select(Run).where(Run.status == RunStatus.SOLVED)).one()
    rounds.publish(run, actor=actor(Role.SUPPORT_OFFICER))
    db.session.commit()
    _at(date(2026, 12, 9))
    for number, proposal in enumerate(
        db.session.scalars(select(Proposal).order_by(Proposal.id)).all(), start=1
    ):
        _answer_one(number, proposal, random)
        db.session.commit()
    _at(date(2026, 12, 21))
    expire_overdue.func(timestamp=0)


def _answer_one(number: int, proposal: Proposal, random: Random) -> None:
    visitor, host = cast.person_of(proposal.application), cast.person_of(proposal.offer)
    if number % SILENT_EVERY == 0:
        exchanges.accept(proposal, Side.HOST, actor=host)
    elif number % DECLINED_EVERY == 0:
        side, who = random.choice([(Side.VISITOR, visitor), (Side.HOST, host)])
        exchanges.decline(proposal, side, "The dates no longer suit us.", actor=who)
    else:
        exchanges.accept(proposal, Side.VISITOR, actor=visitor)
        exchanges.accept(proposal, Side.HOST, actor=host)


def _travel() -> None:
    stays = db.session.execute(select(Exchange.first_day, Exchange.last_day)).all()
    for day in sorted({one for first, last in stays for one in (first, last + timedelta(days=1))}):
        _at(day)
        keep_time.func(timestamp=0)
        order_due.func(timestamp=0)
        invite_due.func(timestamp=0)
        drain()


def _reply(random: Random) -> None:
    _at(clock.today() + timedelta(days=5))
    asked = db.session.scalars(
        select(Letter).where(Letter.kind == "survey.invited").order_by(Letter.id)
    ).all()
    for letter in asked:
        found = LINK.search(letter.body)
        if found and random.random() < ANSWERED_SHARE:
            invitation = survey_queries.invitation_of(surveys.token_hash(found[1]))
            if invitation:
                questions = [Question.from_dict(one) for one in invitation.survey.questions]
                given = {one.key: reply for one in questions if (reply := _reply_to(one, random)) is not None}
                surveys.answer(invitation, given)


def _reply_to(question: Question, random: Random) -> object:
    if question.confidential or not question.options:
        return None
    most = len(question.options)
    choice = question.options[min(most - 1, int(random.triangular(0, 1, 0.85) * most))]
    return [choice] if question.several else choice


def drain() -> None:
    """Let a real worker of this process do all jobs that wait."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    work(app, wait=False, listen_notify=False, install_signal_handlers=False)
    db.session.expire_all()


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
