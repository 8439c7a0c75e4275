"""A call and its money."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    column,
    exists,
    table,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from mobility.calls.enums import YES_OR_NO, CallStatus, CvAsked, QuestionKind
from mobility.core.db import Key, Model, Versioned, enum_column
from mobility.partnerships.models import Partnership

# The table of `CallQuestion`, which stands below.
QUESTION = table("call_question", column("call_id"))


class Call(Model, Versioned):
    """One edition of the scheme; its rules are its data and go by `rules_version`."""

    __tablename__ = "call"
    __table_args__ = (
        CheckConstraint("opens_at < closes_at", name="opens_before_closes"),
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("min_days >= 1 AND full_days >= min_days", name="stay"),
        CheckConstraint("review_points BETWEEN 0 AND 100", name="review_points"),
        CheckConstraint("released_at IS NULL OR releases_together", name="released"),
    )

    id: Mapped[Key] = mapped_column()
    reference: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    status: Mapped[CallStatus] = mapped_column(enum_column(CallStatus))
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    # Seconds after closing in which a queued submission still counts (promise T77).
    grace_s: Mapped[int] = mapped_column(default=120)
    # Stays happen between these days.
    first_day: Mapped[date]
    last_day: Mapped[date]
    # Working days to answer a proposal.
    answer_days: Mapped[int] = mapped_column(default=5)
    rules_version: Mapped[str]
    min_days: Mapped[int] = mapped_column(default=3)
    # From so many working days on the lump sum is full, below it half.
    full_days: Mapped[int] = mapped_column(default=5)
    half_below_km: Mapped[int] = mapped_column(default=200)
    ceiling_cents: Mapped[int] = mapped_column(default=110_000)
    # {"sme": ["visitor", "host"], …}: which type of organisation may take which part.
    roles_by_type: Mapped[dict[str, Any]]
    # Types that must be a member of a cluster, and of one with an ECCP profile.
    membership_types: Mapped[list[str]]
    profile_types: Mapped[list[str]]
    # {"base": 10, "first_exchange": 3, "less_developed_region": 2, "sme": 1}
    priority_weights: Mapped[dict[str, Any]]
    # {"topics": 35, "offer": 20, "country": 15, "language": 10, "period": 10, "partner_type": 5, "length": 5}
    score_weights: Mapped[dict[str, Any]]
    # Points a ranked wish loses per rank: max(0, 100 − step·(rank − 1)).
    wish_step: Mapped[int] = mapped_column(default=8)
    # What the reviews of an application add at most to its pairs in a round; 0: nothing.
    review_points: Mapped[int] = mapped_column(default=0)
    # Who pays the lump sums of all partnerships, such as the support office; none: each its own.
    payer_id: Mapped[int | None] = mapped_column(ForeignKey("partnership.id"))
    # Days after the stay within which both sides report.
    report_days: Mapped[int] = mapped_column(default=15)
    # Days from the accepted report to the money (domain.md 5.1 R6).
    pay_within_days: Mapped[int] = mapped_column(default=10)
    # Applicants are told of all decisions in one step; otherwise of each as it is made.
    releases_together: Mapped[bool] = mapped_column(default=False)
    # When they were told; what is decided later is told at once.
    released_at: Mapped[datetime | None]
    # Whether applications are assessed without names.
    is_blind: Mapped[bool] = mapped_column(default=False)
    cv_asked: Mapped[CvAsked] = mapped_column(enum_column(CvAsked), default=CvAsked.OPTIONAL)
    created_at: Mapped[datetime]

    # Comes with the call itself, so that calls without questions of their own cost no page a statement.
    has_questions: Mapped[bool] = column_property(exists().where(QUESTION.c.call_id == id))  # noqa: A003

    payer: Mapped[Partnership | None] = relationship()
    countries: Mapped[list["CallCountry"]] = relationship(back_populates="call", cascade="all, delete-orphan")
    rates: Mapped[list["Rate"]] = relationship(back_populates="call", cascade="all, delete-orphan")
    allotments: Mapped[list["Allotment"]] = relationship(back_populates="call", cascade="all, delete-orphan")
    questions: Mapped[list["CallQuestion"]] = relationship(
        back_populates="call", cascade="all, delete-orphan", order_by="CallQuestion.position"
    )

    @property
    def holds_decisions(self) -> bool:
        """Whether a decision on an application waits until all are told."""
        return self.releases_together and self.released_at is None


class CallCountry(Model):
    """A country that takes part in a call, from a day and perhaps until one."""

    __tablename__ = "call_country"
    __table_args__ = (Index("uq_call_country", "call_id", "country", "from_on", unique=True),)

    id: Mapped[Key]
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    country: Mapped[str]
    from_on: Mapped[date]
    to_on: Mapped[date | None]

    call: Mapped[Call] = relationship(back_populates="countries")


class Rate(Model):
    """The full lump sum for stays in a host country that start within its days."""

    __tablename__ = "rate"
    __table_args__ = (
        Index("uq_rate", "call_id", "country", "from_on", unique=True),
        CheckConstraint("cents >= 0", name="cents"),
    )

    id: Mapped[Key]
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    table_name: Mapped[str]
    country: Mapped[str]
    cents: Mapped[int]
    from_on: Mapped[date]
    to_on: Mapped[date | None]

    call: Mapped[Call] = relationship(back_populates="rates")


class Allotment(Model, Versioned):
    """What a partnership may spend in a call: never more committed than its budget."""

    __tablename__ = "allotment"
    __table_args__ = (
        Index("uq_allotment", "call_id", "partnership_id", unique=True),
        CheckConstraint("committed_cents >= 0 AND committed_cents <= budget_cents", name="within_budget"),
    )

    id: Mapped[Key]
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    budget_cents: Mapped[int]
    committed_cents: Mapped[int] = mapped_column(default=0)
    # The partnership's own flat rate below the country's ceiling, if it has one.
    own_rate_cents: Mapped[int | None]
    planned_exchanges: Mapped[int] = mapped_column(default=0)

    call: Mapped[Call] = relationship(back_populates="allotments")
    partnership: Mapped[Partnership] = relationship()


class CallQuestion(Model, Versioned):
    """What the support office asks the applicants of a call beside the scheme's own questions."""

    __tablename__ = "call_question"
    __table_args__ = (
        # An answer names both, so that the kind of an answered question stands.
        UniqueConstraint("id", "kind"),
        UniqueConstraint("call_id", "id"),
        # Two that change places are in one for a moment.
        UniqueConstraint("call_id", "position", deferrable=True, initially="DEFERRED"),
        ForeignKeyConstraint(["call_id", "shown_if_id"], ["call_question.call_id", "call_question.id"]),
        CheckConstraint(
            "(shown_if_id IS NULL) = (shown_if_answer = '') AND shown_if_id <> id", name="condition"
        ),
    )

    id: Mapped[Key]
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    position: Mapped[int]
    kind: Mapped[QuestionKind] = mapped_column(enum_column(QuestionKind))
    is_required: Mapped[bool] = mapped_column(default=False)
    # An answered question cannot be deleted, but asked no longer.
    is_asked: Mapped[bool] = mapped_column(default=True)
    # Shown only if an earlier question has this answer, among perhaps several.
    shown_if_id: Mapped[int | None]
    shown_if_answer: Mapped[str] = mapped_column(default="")

    call: Mapped[Call] = relationship(back_populates="questions")
    wordings: Mapped[list["QuestionWording"]] = relationship(
        back_populates="question",
        cascade="all, delete-orphan",
        order_by="QuestionWording.number.desc()",
        lazy="joined",
    )

    @property
    def wording(self) -> "QuestionWording":
        """The words in which it is asked now."""
        return self.wordings[0]

    @property
    def answers(self) -> tuple[str, ...]:
        """What can be chosen; nothing where the answer is written."""
        return YES_OR_NO if self.kind == QuestionKind.YES_NO else tuple(self.wording.choices)


class QuestionWording(Model):
    """The words of a question from an instant on; answers keep the words to which they were given."""

    __tablename__ = "question_wording"
    __table_args__ = (UniqueConstraint("question_id", "number"), UniqueConstraint("id", "question_id"))

    id: Mapped[Key]
    question_id: Mapped[int] = mapped_column(ForeignKey("call_question.id"))
    number: Mapped[int]
    label: Mapped[str]
    help: Mapped[str]
    choices: Mapped[list[str]]
    written_at: Mapped[datetime]

    question: Mapped[CallQuestion] = relationship(back_populates="wordings", lazy="joined", innerjoin=True)
