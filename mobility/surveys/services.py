"""Seeding the surveys, inviting both sides, reminding until answered, taking an answer once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from mobility.audit.services import record
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.crypto import link_token, token_hash
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.exchanges.models import Exchange
from mobility.mail.services import write
from mobility.surveys import letters
from mobility.surveys.enums import Side
from mobility.surveys.models import Answer, Invitation, Survey
from mobility.surveys.queries import OVER
from mobility.surveys.questions import AFTER_STAY, FOLLOW_UPS, SURVEYS
from mobility.surveys.rules import ANSWER_WITHIN, MOST_REMINDERS, is_over_on, months_later


def seed(code: str = AFTER_STAY) -> Survey:
    """A survey of the scheme, made if it is not there yet; what was asked never changes."""
    title, questions = SURVEYS[code]
    row = insert(Survey).values(
        code=code,
        title=title,
        questions=[question.as_dict() for question in questions],
        created_at=clock.utcnow(),
    )
    db.session.execute(row.on_conflict_do_nothing(index_elements=["code"]))
    return db.session.scalars(select(Survey).where(Survey.code == code)).one()


def invite(exchange: Exchange, *, actor: Actor | None = None) -> list[Invitation]:
    """Invite visitor and host by letter, each once; returns who was newly invited.

    Raises `RuleBroken("survey-too-early")` while the stay is to come or going on.
    """
    if exchange.status not in OVER:
        raise RuleBroken("survey-too-early", state=exchange.status)
    return _invite(exchange, seed(), actor)


def follow_up(exchange: Exchange, months: int, *, actor: Actor | None = None) -> list[Invitation]:
    """Ask both sides 6 or 12 months later what came of the stay; returns who was newly invited.

    Raises `RuleBroken("survey-too-early")` before that day.
    """
    if exchange.status not in OVER or clock.today() < months_later(is_over_on(exchange), months):
        raise RuleBroken("survey-too-early", state=exchange.status)
    return _invite(exchange, seed(FOLLOW_UPS[months]), actor)


def remind(invitation: Invitation, *, actor: Actor | None = None) -> None:
    """Ask again, by a letter with the same link, which ends on the day first named; every reminder is written once.

    Raises `RuleBroken("survey-over")` once it is answered or its link has ended, `"stale"` if another was faster.
    """
    now = clock.utcnow()
    is_over = invitation.expires_at <= now or invitation.reminded >= MOST_REMINDERS
    if invitation.answered_at is not None or is_over:
        raise RuleBroken("survey-over")
    token = _token(invitation.survey.code, invitation.exchange, invitation.side)
    asked = db.session.execute(
        update(Invitation)
        .where(
            Invitation.id == invitation.id,
            Invitation.reminded == invitation.reminded,
            Invitation.answered_at.is_(None),
        )
        .values(
            reminded=Invitation.reminded + 1,
            reminded_at=now,
            token_sha256=token_hash(token),
        )
        .returning(Invitation.id)
        .execution_options(synchronize_session=False)
    ).scalar()
    if asked is None:
        raise RuleBroken("stale")
    db.session.refresh(invitation)
    record("survey.reminded", invitation, actor=actor, times=invitation.reminded)
    person_id = next(
        person for side, *_who, person in _people(invitation.exchange) if side is invitation.side
    )
    write(letters.reminded(invitation, token, person_id))


def _invite(exchange: Exchange, survey: Survey, actor: Actor | None) -> list[Invitation]:
    invited = []
    for side, name, email, person_id in _people(exchange):
        token = _token(survey.code, exchange, side)
        invitation = _invitation(survey, exchange, side, name, email, token)
        if invitation is None:
            continue
        record(
            "survey.invited",
            invitation,
            actor=actor,
            exchange=exchange.reference,
            side=side,
            survey=survey.code,
        )
        write(letters.invited(invitation, token, person_id))
        invited.append(invitation)
    return invited


def _people(exchange: Exchange) -> tuple[tuple[Side, str, str, int | None], ...]:
    application, offer = exchange.application, exchange.offer
    return (
        (Side.VISITOR, application.person_name, application.person_email, application.author_id),
        (Side.HOST, offer.contact_name, offer.contact_email, offer.author_id),
    )


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
        reminded=0,
    )
    once = row.on_conflict_do_nothing(index_elements=["survey_id", "exchange_id", "side"]).returning(
        Invitation
    )
    return db.session.scalars(once).one_or_none()


def _token(code: str, exchange: Exchange, side: Side) -> str:
    return link_token("survey", code, exchange.reference, side.value)


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
