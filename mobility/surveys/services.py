"""Seeding the survey, inviting both sides, taking an answer once."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from mobility.audit.services import record
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.exchanges.models import Exchange
from mobility.mail.services import write
from mobility.surveys import letters
from mobility.surveys.enums import Side
from mobility.surveys.models import Answer, Invitation, Survey
from mobility.surveys.queries import OVER
from mobility.surveys.questions import AFTER_STAY, AFTER_STAY_QUESTIONS

TOKEN_BYTES = 32
ANSWER_WITHIN = timedelta(days=60)


def seed() -> Survey:
    """The survey after the stay, made if it is not there yet; what was asked never changes."""
    row = insert(Survey).values(
        code=AFTER_STAY,
        title="After the stay",
        questions=[question.as_dict() for question in AFTER_STAY_QUESTIONS],
        created_at=clock.utcnow(),
    )
    db.session.execute(row.on_conflict_do_nothing(index_elements=["code"]))
    return db.session.scalars(select(Survey).where(Survey.code == AFTER_STAY)).one()


def invite(exchange: Exchange, *, actor: Actor | None = None) -> list[Invitation]:
    """Invite visitor and host by letter, each once; returns who was newly invited.

    Raises `RuleBroken("survey-too-early")` while the stay is to come or going on.
    """
    if exchange.status not in OVER:
        raise RuleBroken("survey-too-early", state=exchange.status)
    survey = seed()
    application, offer = exchange.application, exchange.offer
    people = (
        (Side.VISITOR, application.person_name, application.person_email, application.author_id),
        (Side.HOST, offer.contact_name, offer.contact_email, offer.author_id),
    )
    invited = []
    for side, name, email, person_id in people:
        token = token_urlsafe(TOKEN_BYTES)
        invitation = _invitation(survey, exchange, side, name, email, token)
        if invitation is None:
            continue
        record("survey.invited", invitation, actor=actor, exchange=exchange.reference, side=side)
        write(letters.invited(invitation, token, person_id))
        invited.append(invitation)
    return invited


def _invitation(
    survey: Survey, exchange: Exchange, side: Side, name: str, email: str, token: str
) -> Invitation | None:
    now = clock.utcnow()
    row = insert(Invitation).values(
        survey_id=survey.id,
        exchange_id=exchange.id,
        side=side,
        to_name=name,
        to_email=email,
        token_sha256=token_hash(token),
        invited_at=now,
        expires_at=now + ANSWER_WITHIN,
    )
    once = row.on_conflict_do_nothing(index_elements=["survey_id", "exchange_id", "side"]).returning(
        Invitation
    )
    return db.session.scalars(once).one_or_none()


def token_hash(token: str) -> str:
    """What the database keeps of a token."""
    return sha256(token.encode()).hexdigest()


def answer(invitation: Invitation, values: Mapping[str, Any], confidential: str = "") -> Answer:
    """Store the answer of an invitation, once. Raises `RuleBroken("survey-answered")`."""
    now = clock.utcnow()
    _use_up(invitation, now)
    given = Answer(
        invitation=invitation, values=dict(values), confidential=confidential or None, answered_at=now
    )
    db.session.add(given)
    record("survey.answered", invitation, actor=None, side=invitation.side)
    return given


def _use_up(invitation: Invitation, now: datetime) -> None:
    used = db.session.execute(
        update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.answered_at.is_(None))
        .values(answered_at=now)
        .returning(Invitation.id)
    ).scalar()
    if used is None:
        raise RuleBroken("survey-answered")
