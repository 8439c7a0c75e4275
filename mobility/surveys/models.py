"""Surveys, their invitations by token, and the answers."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.core.crypto import EncryptedText
from mobility.core.db import Key, Model, enum_column
from mobility.exchanges.models import Exchange
from mobility.surveys.enums import Side


class Survey(Model):
    """A set of questions; used ones never change, so that years compare."""

    __tablename__ = "survey"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    # `questions.Question.as_dict()` of each; the words live in `wording.py`, under the same keys.
    questions: Mapped[list[dict[str, Any]]]
    created_at: Mapped[datetime]


class Invitation(Model):
    """One side of one exchange, asked once per survey."""

    __tablename__ = "invitation"
    __table_args__ = (
        Index("uq_invitation", "survey_id", "exchange_id", "side", unique=True),
        Index("ix_invitation_exchange", "exchange_id"),
    )

    id: Mapped[Key]
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"))
    exchange_id: Mapped[int] = mapped_column(ForeignKey("exchange.id"))
    side: Mapped[Side] = mapped_column(enum_column(Side))
    to_name: Mapped[str]
    to_email: Mapped[str]
    token_sha256: Mapped[str] = mapped_column(unique=True)
    invited_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    # How often it was asked for again, and when last.
    reminded: Mapped[int] = mapped_column(default=0)
    reminded_at: Mapped[datetime | None]

    survey: Mapped[Survey] = relationship()
    exchange: Mapped[Exchange] = relationship()


class Answer(Model):
    """What was answered: at most one per invitation."""

    __tablename__ = "answer"

    id: Mapped[Key]
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id"), unique=True)
    values: Mapped[dict[str, Any]]
    # What was written for the support office only: apart from the rest, and unreadable in a dump.
    confidential: Mapped[str | None] = mapped_column(EncryptedText("answer.confidential"))
    answered_at: Mapped[datetime]

    invitation: Mapped[Invitation] = relationship()
