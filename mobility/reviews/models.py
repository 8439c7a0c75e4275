"""Criteria of a call, and what a reviewer says of an application by them."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.accounts.models import User
from mobility.applications.models import Application
from mobility.core.db import Key, Model, Versioned


class Criterion(Model):
    """What reviewers of a call look at, and how much it counts."""

    __tablename__ = "review_criterion"
    __table_args__ = (
        Index("uq_review_criterion", "call_id", "name", unique=True),
        CheckConstraint("weight BETWEEN 1 AND 10", name="weight"),
    )

    id: Mapped[Key]
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    name: Mapped[str]
    weight: Mapped[int]


class Review(Model, Versioned):
    """An application given to a reviewer, and the points for each criterion once there are some."""

    __tablename__ = "review"
    __table_args__ = (
        Index("uq_review", "application_id", "reviewer_id", unique=True),
        CheckConstraint(
            "(given_at IS NULL) = (points = '{}') AND (given_at IS NULL) = (percent IS NULL)", name="given"
        ),
        CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
    )

    id: Mapped[Key]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    handed_at: Mapped[datetime]
    # Key of the criterion → 1 to 5.
    points: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # What they give of all that they could, by the weights.
    percent: Mapped[int | None]
    comment: Mapped[str] = mapped_column(default="")
    given_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship()
    reviewer: Mapped[User] = relationship()
