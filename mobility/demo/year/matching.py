"""The two rounds: frozen, solved, published, answered; and the one that fills what came free."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications import services as applications
from mobility.applications.enums import ApplicationStatus
from mobility.applications.late import LateDraft, give
from mobility.applications.models import Application
from mobility.calls import services as calls
from mobility.calls.enums import CallStatus
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.demo.stage import Stage, days_since, each, ids, look_anew
from mobility.demo.worker import drain
from mobility.demo.world.words import table
from mobility.demo.year import pairs
from mobility.exchanges import feeds
from mobility.exchanges import services as exchanges
from mobility.exchanges.enums import Side
from mobility.exchanges.tasks import expire_overdue
from mobility.rounds import declines, lottery, queries, training
from mobility.rounds import services as rounds
from mobility.rounds.enums import ProposalStatus, RoundStatus, RunStatus
from mobility.rounds.measuring import Size
from mobility.rounds.models import Proposal, Round, Run
from mobility.rounds.solver import Options

# In the solver's deterministic time, so that the same seed finds the same hosts; a clock shows about three times
# as much.
LONGEST_SOLVE_S, APPLICATIONS_PER_S = 4, 75
PUBLISH_AFTER_DAYS = 3
LATE_DAYS = 10
# Of a hundred proposals, by which side, so many end like this.
DECLINED_BY_VISITOR, DECLINED_BY_HOST, SILENT = 5, 4, 4
WITHDRAWN_SHARE = 0.3


def hold_rounds(stage: Stage) -> None:
    """Close the call when it is time, hold its first round, and a second one for who is left."""
    calendar, today = stage.world.calendar, clock.today()
    if today > calendar.closes_on and stage.call.status is CallStatus.OPEN:
        calls.close(stage.call, actor=stage.login(Role.SUPPORT_OFFICER))
        _let_in_late(stage)
        db.session.commit()
    if today >= calendar.first_round_on:
        _hold(stage, 1)
        _answer(stage)
        expire_overdue.func(timestamp=0)
    if today >= calendar.second_round_on:
        _withdraw_some(stage)
        _hold(stage, 2)
    if today >= calendar.follow_up_on:
        _fill_again(stage)


def leave_open(stage: Stage) -> None:
    """An officer trains on an invented round; a visitor's calendar program may look at the exchanges."""
    size = Size(visitors=40, hosts=12, seed=stage.seed % 2**31, is_tight=True, time_limit_s=LONGEST_SOLVE_S)
    training.ask(size, actor=stage.login(Role.SUPPORT_OFFICER))
    feeds.make(stage.login(Role.APPLICANT))
    db.session.commit()


def _let_in_late(stage: Stage) -> None:
    """Somebody who acts for a second organisation, too, came too late with it and gets a link."""
    of_call = select(User).join(Application, Application.author_id == User.id)
    last = of_call.where(Application.call_id == stage.call.id).order_by(Application.id.desc()).limit(1)
    last_on = clock.today() + timedelta(days=LATE_DAYS)
    content = LateDraft(db.session.scalars(last).one().email, table("sentences")["answers"]["late"], last_on)
    give(stage.call, content, actor=stage.login(Role.SUPPORT_OFFICER))


def _hold(stage: Stage, number: int) -> None:
    call, officer = stage.call, stage.login(Role.SUPPORT_OFFICER, number)
    held = list(db.session.scalars(select(Round).where(Round.call_id == call.id).order_by(Round.id)))
    round_ = held[number - 1] if len(held) >= number else _open(stage, number, officer)
    if round_.status is RoundStatus.OPEN:
        pairs.give_up(stage, call)
        if not _freeze(round_, officer):
            return
        options = Options(time_limit_s=_limit_s(stage), seed=stage.seed % 2**31, is_deterministic=True)
        rounds.solve(round_, options, actor=officer)
        drain()
        look_anew()
    if round_.status is RoundStatus.FROZEN and days_since(round_.frozen_at) >= PUBLISH_AFTER_DAYS:
        solved = select(Run).where(Run.round_id == round_.id, Run.status == RunStatus.SOLVED)
        rounds.publish(db.session.scalars(solved).one(), actor=officer)
    db.session.commit()


def _fill_again(stage: Stage) -> None:
    """Once, give what came free by declines to those who wait, and move nobody for it."""
    officer = stage.login(Role.SUPPORT_OFFICER)
    held = db.session.scalars(
        select(Round).where(Round.call_id == stage.call.id).order_by(Round.id.desc())
    ).all()
    after = next((one for one in held if one.after_id), None) or _ask(stage, held, officer)
    if after is None or after.status is not RoundStatus.FROZEN:
        return
    drain()
    look_anew()
    refill = declines.answers_of(queries.runs_of(after)).refill
    if refill is not None and refill.status is RunStatus.SOLVED:
        rounds.publish(refill, actor=officer)
    db.session.commit()


def _ask(stage: Stage, held: Sequence[Round], officer: User) -> Round | None:
    """Have both answers to the newest declines worked out; None if there are none, or nobody waits."""
    freed = next((one for one in held if declines.ended_of(one)), None)
    if freed is None or held[0].status is not RoundStatus.PUBLISHED:
        return None
    reason = table("sentences")["answers"]["came_free"]
    try:
        return declines.ask(
            freed, reason=reason, may_return=True, time_limit_s=_limit_s(stage), actor=officer
        )
    except RuleBroken as refusal:
        if refusal.code != "round-empty":
            raise
        db.session.rollback()
        return None


def _open(stage: Stage, number: int, officer: User) -> Round:
    """Open a round; who is left for the second one draws lots."""
    round_ = rounds.open_round(stage.call, actor=officer)
    if number > 1:
        words = table("sentences")["lottery"]
        lottery.announce(round_, **words, actor=officer)
        lottery.draw(round_, str(stage.seed), actor=officer)
    return round_


def _freeze(round_: Round, officer: User) -> bool:
    """Freeze the round; False if nobody is left to enter it."""
    try:
        rounds.freeze(round_, actor=officer)
    except RuleBroken as refusal:
        if refusal.code != "round-empty":
            raise
        db.session.rollback()
        return False
    return True


def _limit_s(stage: Stage) -> int:
    return max(1, min(LONGEST_SOLVE_S, len(stage.world.applications) // APPLICATIONS_PER_S))


def _answer(stage: Stage) -> None:
    waiting = select(Proposal.id).where(Proposal.status == ProposalStatus.OPEN).order_by(Proposal.id)
    each(Proposal, ids(waiting), lambda proposal: _answer_one(stage, proposal))


def _answer_one(stage: Stage, proposal: Proposal) -> object:
    """Each side has its own pace; the last ones answer on the last day, or never."""
    random, age = stage.random("answers", proposal.reference), days_since(proposal.made_at)
    outcome, hurry = random.randrange(100), random.randint(1, 6)
    visitor, host = (
        stage.user(one) for one in (proposal.application.person_email, proposal.offer.contact_email)
    )
    if clock.utcnow() > proposal.answer_by or age < 1:
        return None
    words = table("sentences")["answers"]
    if outcome < DECLINED_BY_VISITOR:
        if proposal.visitor_reply is None and age >= hurry:
            exchanges.decline(proposal, Side.VISITOR, random.choice(words["declined"]), actor=visitor)
        return proposal
    if outcome < DECLINED_BY_VISITOR + DECLINED_BY_HOST:
        if proposal.host_reply is None and age >= hurry:
            exchanges.decline(proposal, Side.HOST, random.choice(words["host_declined"]), actor=host)
        return proposal
    is_silent = outcome < DECLINED_BY_VISITOR + DECLINED_BY_HOST + SILENT
    if proposal.host_reply is None and age >= 1:
        exchanges.accept(proposal, Side.HOST, actor=host)
    if proposal.visitor_reply is None and age >= hurry and not is_silent:
        exchanges.accept(proposal, Side.VISITOR, actor=visitor)
    return proposal


def _withdraw_some(stage: Stage) -> None:
    """Some of those who declined give up before the second round."""
    call = stage.call
    if db.session.scalar(select(func.count(Round.id)).where(Round.call_id == call.id)) != 1:
        return
    declined = (
        select(Application.id)
        .join(Proposal, Proposal.application_id == Application.id)
        .where(
            Application.call_id == call.id,
            Application.status == ApplicationStatus.ACCEPTED,
            Proposal.status == ProposalStatus.DECLINED,
        )
    )
    each(Application, ids(declined.order_by(Application.id)), lambda one: _withdraw(stage, one))


def _withdraw(stage: Stage, application: Application) -> object:
    if stage.random("gives up", application.reference).random() > WITHDRAWN_SHARE:
        return None
    applications.withdraw(application, actor=stage.user(application.person_email))
    return application
