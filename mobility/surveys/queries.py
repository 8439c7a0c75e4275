"""Surveys as somebody may see them."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import aliased, contains_eager, joinedload

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.core import clock
from mobility.core.access import Permission
from mobility.core.db import db
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.organisations.models import Organisation
from mobility.surveys.enums import Side
from mobility.surveys.models import Answer, Invitation, Survey
from mobility.surveys.questions import AFTER_STAY

# A stay broken off is asked about all the same.
OVER = (ExchangeStatus.ENDED, ExchangeStatus.CLOSED, ExchangeStatus.TERMINATED)
Visitor = aliased(Organisation)
Host = aliased(Organisation)


def exchanges_to_ask(limit: int = 200) -> list[int]:
    """Ids of finished exchanges whose sides nobody has invited."""
    asked = (
        select(Invitation.id)
        .join(Survey)
        .where(Invitation.exchange_id == Exchange.id, Survey.code == AFTER_STAY)
    )
    waiting = select(Exchange.id).where(Exchange.status.in_(OVER), ~asked.exists())
    return list(db.session.scalars(waiting.order_by(Exchange.id).limit(limit)))


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
    partnerships = user.partnership_ids(Permission.SURVEYS_READ)
    if partnerships is None:
        return true()
    if not partnerships:
        return false()
    visitors = and_(Invitation.side == Side.VISITOR, Exchange.vop_id.in_(partnerships))
    hosts = and_(Invitation.side == Side.HOST, Exchange.hop_id.in_(partnerships))
    return or_(visitors, hosts)


def hears_confidences(user: User) -> bool:
    """Whether somebody may read what was written for the support office only."""
    return user.has(Role.SUPPORT_OFFICER, Role.AUDITOR)


def invitations_of(user: User, side: Side | None = None) -> Select[Invitation]:
    """The invitations in somebody's scope, perhaps of one side, with what a list of them shows."""
    exchange = contains_eager(Invitation.exchange)
    return (
        select(Invitation)
        .join(Invitation.exchange)
        .join(Visitor, Exchange.visiting_organisation_id == Visitor.id)
        .join(Host, Exchange.host_organisation_id == Host.id)
        .where(in_scope(user), Invitation.side == side if side else true())
        .options(
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


def answers_of(user: User, side: Side | None = None) -> list[Answer]:
    """The answers in somebody's scope, oldest first, perhaps of one side."""
    found = select(Answer).join(Answer.invitation).join(Invitation.exchange).where(in_scope(user))
    if side is not None:
        found = found.where(Invitation.side == side)
    found = found.options(contains_eager(Answer.invitation).contains_eager(Invitation.exchange))
    return list(db.session.scalars(found.order_by(Answer.id)))


def survey() -> Survey | None:
    """The survey after the stay, if anybody was ever asked."""
    return db.session.scalar(select(Survey).where(Survey.code == AFTER_STAY))
