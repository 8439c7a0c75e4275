"""Surveys go out, are asked for again, and seven of ten come back."""

import re
from typing import Any

from sqlalchemy import select

from mobility.core import clock
from mobility.core.crypto import token_hash
from mobility.core.db import db
from mobility.demo.stage import Stage, days_since, each, ids
from mobility.mail.models import Letter
from mobility.surveys import queries, tasks
from mobility.surveys import services as surveys
from mobility.surveys.enums import QuestionKind
from mobility.surveys.models import Invitation
from mobility.surveys.questions import Question

LINK = re.compile(r"/survey/(\S+)")
# After which letter somebody answers, of a hundred: the rest never.
TURNS = (48, 14, 8)
SOONEST_DAYS = 1


def ask(stage: Stage) -> None:
    """Send what is due, and let people answer the letters of the days before."""
    waiting = select(Invitation.id).where(
        Invitation.answered_at.is_(None), Invitation.expires_at > clock.utcnow()
    )
    each(Invitation, ids(waiting.order_by(Invitation.id)), lambda invitation: _reply(stage, invitation))
    send_due()


def send_due() -> None:
    """What the worker does by itself every few seconds."""
    for name in ("invite_due", "follow_up_due", "remind_due"):
        task = getattr(tasks, name, None)
        if task is not None:
            task.func(timestamp=0)


def _reply(stage: Stage, invitation: Invitation) -> object:
    exchange = invitation.exchange
    about = (exchange.reference, invitation.side, invitation.survey.code)
    random = stage.random("survey", *about)
    letters = _letters(invitation)
    turn = _turn(random.randrange(100))
    if turn is None or len(letters) < turn or days_since(letters[-1].created_at) < SOONEST_DAYS:
        return None
    found = LINK.search(letters[-1].body)
    opened = queries.invitation_of(token_hash(found[1])) if found else None
    if opened is None:
        return None
    questions = [Question.from_dict(one) for one in opened.survey.questions]
    asked = [one for one in questions if opened.side in one.sides]
    given = {one.key: reply for one in asked if (reply := _reply_to(one, random)) is not None}
    return surveys.answer(opened, given)


def _turn(drawn: int) -> int | None:
    """After how many letters somebody answers."""
    for turn, share in enumerate(TURNS, start=1):
        drawn -= share
        if drawn < 0:
            return turn
    return None


def _letters(invitation: Invitation) -> list[Letter]:
    about = (Letter.about_kind == Invitation.__tablename__, Letter.about_id == invitation.id)
    return list(db.session.scalars(select(Letter).where(*about).order_by(Letter.id)))


def _reply_to(question: Question, random: Any) -> object:
    if question.confidential:
        return None
    if question.kind is QuestionKind.NUMBER:
        return min(question.largest, random.choice((3, 3, 3, 4, 4, 5)))
    if not question.options:
        return None
    most = len(question.options)
    choice = question.options[min(most - 1, int(random.triangular(0, 1, 0.85) * most))]
    if question.kind in {QuestionKind.SCALE, QuestionKind.NPS}:
        return int(choice)
    return [choice] if question.several else choice
