"""Surveys as somebody may see them."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import aliased, contains_eager, joinedload

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.access import Permission, within
from mobility.core.db import db
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.organisations.models import Organisation
from mobility.surveys.enums import Side
from mobility.surveys.models import Answer, Invitation, Survey
from mobility.surveys.questions import AFTER_STAY, FOLLOW_UPS
from mobility.surveys.rules import FIRST_REMINDERS, MOST_REMINDERS, months_later, remind_on

# A stay broken off is asked about all the same.
OVER = (ExchangeStatus.ENDED, ExchangeStatus.CLOSED, ExchangeStatus.TERMINATED)
FOLLOW_UP_KEPT_MONTHS = 3
Visitor = aliased(Organisation)
Host = aliased(Organisation)


def exchanges_to_ask(limit: int = 200) -> list[int]:
    """Ids of finished exchanges whose sides nobody has invited."""
    return _unasked(AFTER_STAY, limit)


def exchanges_to_follow_up(months: int, limit: int = 200) -> list[int]:
    """Ids of exchanges that ended so many months ago and whose sides nobody has asked again."""
    today = clock.today()
    over_on = func.coalesce(Exchange.broken_off_on, Exchange.last_day)
    # Whoever comes too late for half a year is asked after the whole one only.
    earliest = months_later(today, -months - FOLLOW_UP_KEPT_MONTHS)
    is_due = over_on.between(earliest, months_later(today, -months))
    return _unasked(FOLLOW_UPS[months], limit, is_due)


def _unasked(code: str, limit: int, *due: ColumnElement[bool]) -> list[int]:
    asked = (
        select(Invitation.id).join(Survey).where(Invitation.exchange_id == Exchange.id, Survey.code == code)
    )
    waiting = select(Exchange.id).where(Exchange.status.in_(OVER), ~asked.exists(), *due)
    return list(db.session.scalars(waiting.order_by(Exchange.id).limit(limit)))


def invitations_to_remind(limit: int = 200) -> list[int]:
    """Ids of invitations that wait for an answer and whose next reminder is due."""
    now = clock.utcnow()
    waiting = select(Invitation).where(
        Invitation.answered_at.is_(None),
        Invitation.expires_at > now,
        Invitation.reminded < MOST_REMINDERS,
        # No two letters are nearer than a week of working days.
        func.coalesce(Invitation.reminded_at, Invitation.invited_at)
        <= now - timedelta(days=FIRST_REMINDERS[0]),
    )
    found = db.session.scalars(waiting.order_by(Invitation.id))
    return [invitation.id for invitation in found if is_to_remind(invitation)][:limit]


def is_to_remind(invitation: Invitation) -> bool:
    """Whether the next reminder of an invitation is due today."""
    is_asked = invitation.answered_at is None and invitation.reminded < MOST_REMINDERS
    is_open = is_asked and invitation.expires_at > clock.utcnow()
    return is_open and remind_on(invitation) <= clock.today()


def invitation_of(token_sha256: str) -> Invitation | None:
    """The invitation a token belongs to, while its link is valid."""
    return db.session.scalar(
        select(Invitation)
        .where(Invitation.token_sha256 == token_sha256, Invitation.expires_at > clock.utcnow())
        .options(
            joinedload(Invitation.survey),
            joinedload(Invitation.exchange).joinedload(Exchange.visiting_organisation),
            joinedload(Invitation.exchange).joinedload(Exchange.host_organisation),
        )
    )


def in_scope(user: User) -> ColumnElement[bool]:
    """What somebody may see: each partnership hears its own side of the exchange."""
    scopes = user.scopes(Permission.SURVEYS_READ)
    visitors = and_(Invitation.side == Side.VISITOR, within(scopes, Exchange.vop_id, Exchange.call_id))
    hosts = and_(Invitation.side == Side.HOST, within(scopes, Exchange.hop_id, Exchange.call_id))
    return or_(visitors, hosts)


def hears_confidences(user: User) -> bool:
    """Whether somebody may read what was written for the support office only."""
    return user.has(Role.SUPPORT_OFFICER, Role.AUDITOR)


@dataclass(frozen=True)
class Choice:
    """Which survey, of which call and from which side; None means all."""

    survey: str | None = None
    call: str | None = None
    side: Side | None = None

    def where(self) -> ColumnElement[bool]:
        """The invitations that are meant."""
        chosen: list[ColumnElement[bool]] = [true()]
        if self.survey is not None:
            chosen.append(Invitation.survey.has(Survey.code == self.survey))
        if self.call is not None:
            chosen.append(Exchange.call.has(Call.reference == self.call))
        if self.side is not None:
            chosen.append(Invitation.side == self.side)
        return and_(*chosen)


EVERYTHING = Choice()


def invitations_of(user: User, choice: Choice = EVERYTHING) -> Select[Invitation]:
    """The invitations in somebody's scope, with what a list of them shows."""
    exchange = contains_eager(Invitation.exchange)
    return (
        select(Invitation)
        .join(Invitation.exchange)
        .join(Visitor, Exchange.visiting_organisation_id == Visitor.id)
        .join(Host, Exchange.host_organisation_id == Host.id)
        .where(in_scope(user), choice.where())
        .options(
            joinedload(Invitation.survey),
            exchange.contains_eager(Exchange.visiting_organisation.of_type(Visitor)),
            exchange.contains_eager(Exchange.host_organisation.of_type(Host)),
        )
    )


@dataclass(frozen=True)
class Response:
    """How many were asked, how many answered."""

    invited: int
    answered: int

    @property
    def percent(self) -> int:
        return round(100 * self.answered / self.invited) if self.invited else 0


def response(invitations: Select[Invitation]) -> Response:
    """The response to the invitations of a list."""
    listed = invitations.order_by(None).with_only_columns(Invitation.answered_at).subquery()
    invited, answered = db.session.execute(
        select(func.count(), func.count(listed.c.answered_at)).select_from(listed)
    ).one()
    return Response(invited, answered)


def answers_of(user: User, choice: Choice = EVERYTHING) -> list[Answer]:
    """The answers in somebody's scope, oldest first."""
    found = select(Answer).join(Answer.invitation).join(Invitation.exchange)
    found = found.where(in_scope(user), choice.where())
    found = found.options(contains_eager(Answer.invitation).contains_eager(Invitation.exchange))
    return list(db.session.scalars(found.order_by(Answer.id)))


def survey(code: str = AFTER_STAY) -> Survey | None:
    """A survey, if anybody was ever asked its questions."""
    return db.session.scalar(select(Survey).where(Survey.code == code))


def calls_asked(user: User) -> list[tuple[str, str]]:
    """The calls of whose exchanges somebody in scope was asked, the newest first: reference and title."""
    asked = select(Exchange.call_id).join(Invitation, Invitation.exchange_id == Exchange.id)
    calls = select(Call.reference, Call.title).where(Call.id.in_(asked.where(in_scope(user))))
    return [
        (reference, title) for reference, title in db.session.execute(calls.order_by(Call.opens_at.desc()))
    ]
