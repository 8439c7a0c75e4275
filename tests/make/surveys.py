"""Makers of survey invitations and answers."""

import re
from typing import Any

from sqlalchemy import select

from mobility.core.db import db
from mobility.exchanges.models import Exchange
from mobility.mail.models import Letter
from mobility.surveys import services
from mobility.surveys.enums import QuestionKind, Side
from mobility.surveys.models import Answer, Invitation
from mobility.surveys.questions import AFTER_STAY_QUESTIONS
from tests.make.exchanges import make_ended_exchange


def make_invitation(side: Side = Side.VISITOR, *, exchange: Exchange | None = None) -> tuple[Invitation, str]:
    """An invitation and the token of its letter."""
    invited = services.invite(exchange or make_ended_exchange())
    invitation = next(invitation for invitation in invited if invitation.side is side)
    db.session.flush()
    return invitation, token_of(invitation)


def token_of(invitation: Invitation) -> str:
    """The token, which stands in the letter and nowhere else."""
    about = Letter.about_kind == "invitation", Letter.about_id == invitation.id
    body = db.session.scalars(select(Letter.body).where(*about)).one()
    found = re.search(r"/survey/(\S+)", body)
    assert found
    return found[1]


def make_answer(invitation: Invitation | None = None, *, confidential: str = "", **values: Any) -> Answer:
    """An answer with the values given."""
    answer = services.answer(invitation or make_invitation()[0], values, confidential)
    db.session.flush()
    return answer


def filled(side: Side = Side.VISITOR, **changes: Any) -> dict[str, Any]:
    """What somebody sends who answers what must be answered."""
    usual = {
        QuestionKind.SCALE: "4",
        QuestionKind.NPS: "9",
        QuestionKind.YES_NO: "yes",
        QuestionKind.NUMBER: "5",
    }
    needed = [question for question in AFTER_STAY_QUESTIONS if question.required and side in question.sides]
    return {question.key: usual[question.kind] for question in needed} | changes
