"""Applications of visitors, their windows and wishes."""

from datetime import date, datetime, timedelta
from functools import reduce
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.accounts.models import User
from mobility.applications.enums import ApplicationStatus
from mobility.applications.sections import Section
from mobility.calls.enums import Mode, QuestionKind
from mobility.calls.models import Call, QuestionWording
from mobility.core import clock
from mobility.core.db import Key, Model, Searched, Versioned, enum_column
from mobility.hosts.models import AskedException, Assessed, Offer, exception_guards
from mobility.organisations.models import Organisation
from mobility.partnerships.models import Partnership

Days = tuple[date, date]
# Who rests stands in the catalogue, not available.
SEEKING = "status IN ('submitted', 'accepted', 'rested')"


class LateEntry(Model):
    """Somebody by name may still apply in a closed call, by a link, so many times until a day."""

    __tablename__ = "late_entry"
    __table_args__ = (
        # One link at a time for each address that still opens something.
        Index(
            "uq_late_entry_unused",
            "call_id",
            "email",
            unique=True,
            postgresql_where="revoked_at IS NULL AND used < uses",
        ),
        CheckConstraint("used >= 0 AND used <= uses", name="uses"),
        CheckConstraint("email = lower(email)", name="email"),
    )

    id: Mapped[Key]
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)
    email: Mapped[str]
    reason: Mapped[str]
    # What is begun by it can be sent until then.
    last_on: Mapped[date]
    uses: Mapped[int]
    used: Mapped[int] = mapped_column(default=0)
    token_sha256: Mapped[str] = mapped_column(unique=True)
    given_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    given_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    call: Mapped[Call] = relationship()
    given_by: Mapped[User] = relationship()


class Application(Model, Versioned, Assessed):
    """One organisation asks for one stay in one call, with one person."""

    __tablename__ = "application"
    __table_args__ = (
        CheckConstraint("min_days >= 1 AND max_days >= min_days", name="days"),
        # Only what waits for its decision can have one that is not told.
        CheckConstraint(
            "held IS NULL OR (held IN ('accepted', 'rejected') AND status = 'submitted')", name="held"
        ),
        CheckConstraint("review_percent BETWEEN 0 AND 100", name="review_percent"),
        Index("ix_application_held", "call_id", postgresql_where="held IS NOT NULL"),
        # The CV that the answers name is one of its own.
        ForeignKeyConstraint(
            ["id", "cv"],
            ["cv.application_id", "cv.sha256"],
            name="fk_application_id_cv",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
        Index("uq_application_import", "call_id", "import_key", unique=True),
        # One live application per organisation and call.
        Index(
            "uq_application_live",
            "call_id",
            "organisation_id",
            unique=True,
            postgresql_where="status NOT IN ('withdrawn', 'rejected')",
        ),
        # As the lists are filtered and sorted: the newest first, what was not submitted last.
        # Counted by partnership from the index alone.
        Index(
            "ix_application_list",
            "call_id",
            "status",
            text("submitted_at DESC NULLS LAST"),
            "id",
            postgresql_include=["partnership_id", "held"],
        ),
        # What lists search for words.
        Index(
            "ix_application_words",
            text("grams(reference)"),
            text("grams(person_name)"),
            postgresql_using="gin",
        ),
        # Who is named in it, found by a confirmed address.
        Index("ix_application_person_email", text("lower(person_email)")),
        Index("ix_application_status", "status", "id"),
        Index("ix_application_newest", text("submitted_at DESC NULLS LAST"), "id"),
        # Who seeks a host, for the catalogue: the newest of a call, and who shares a topic.
        Index(
            "ix_application_seeking",
            "call_id",
            "mode",
            text("submitted_at DESC NULLS LAST"),
            text("id DESC"),
            postgresql_where=SEEKING,
        ),
        Index(
            "ix_application_topics",
            "ecosystems",
            "languages",
            postgresql_using="gin",
            postgresql_where=SEEKING,
        ),
    )

    # Counts on although a foreign key begins with it.
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    reference: Mapped[Searched] = mapped_column(unique=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    # The visiting organisation's partnership (VOP); assesses, pays, gets the credit.
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"), index=True)
    # The officer who assesses it, if somebody has taken it.
    assessor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    import_key: Mapped[str | None]
    # By which it may be sent although the call has closed.
    late_entry_id: Mapped[int | None] = mapped_column(ForeignKey("late_entry.id"), index=True)
    status: Mapped[ApplicationStatus] = mapped_column(enum_column(ApplicationStatus))
    # Decided so, and the applicant is not told yet: for the applicant it is still being assessed.
    held: Mapped[ApplicationStatus | None] = mapped_column(enum_column(ApplicationStatus, "held_status"))
    held_reason: Mapped[str] = mapped_column(default="")
    # The mean of its reviews, 0 to 100, if there is one; the room of reviews writes it.
    review_percent: Mapped[int | None]
    person_name: Mapped[Searched]
    person_email: Mapped[str]
    position: Mapped[str] = mapped_column(default="")
    # The fingerprint of its file.
    cv: Mapped[str | None]
    # Third-country nationals need 183 days and a business in a country of the scheme (domain 2.2).
    is_third_country: Mapped[bool] = mapped_column(default=False)
    residence_days: Mapped[int | None]
    has_business: Mapped[bool] = mapped_column(default=False)
    motivation: Mapped[str] = mapped_column(default="")
    ecosystems: Mapped[list[str]]
    industries: Mapped[list[str]]
    # What the visitor seeks, among the scheme's purposes.
    purposes: Mapped[list[str]]
    # Host countries wished for; empty: any.
    countries: Mapped[list[str]]
    partner_types: Mapped[list[str]]
    languages: Mapped[dict[str, Any]]
    mode: Mapped[Mode] = mapped_column(enum_column(Mode), default=Mode.PHYSICAL)
    # First and last of the days inside the windows that do not suit.
    excluded: Mapped[list[list[str]]] = mapped_column(default=list)
    min_days: Mapped[int]
    max_days: Mapped[int]
    # Applications of one call with the same key travel together or not at all.
    group_key: Mapped[str | None]
    consent_version: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    # When its applicant last said to look for a host, and when that was asked; the link's hash.
    used_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    still_sha256: Mapped[str | None] = mapped_column(unique=True)
    decision_reason: Mapped[str] = mapped_column(default="")
    # When its names were shown to those who assess it although the call hides them.
    names_shown_at: Mapped[datetime | None]

    late_entry: Mapped[LateEntry | None] = relationship()
    assessor: Mapped[User | None] = relationship(foreign_keys=[assessor_id])
    call: Mapped[Call] = relationship()
    organisation: Mapped[Organisation] = relationship()
    partnership: Mapped[Partnership] = relationship()
    windows: Mapped[list["ApplicationWindow"]] = relationship(
        back_populates="application", cascade="all, delete-orphan", order_by="ApplicationWindow.first_day"
    )
    wishes: Mapped[list["Wish"]] = relationship(
        back_populates="application", cascade="all, delete-orphan", order_by="Wish.rank"
    )
    answers: Mapped[list["ApplicationAnswer"]] = relationship(
        back_populates="application", cascade="all, delete-orphan", order_by="ApplicationAnswer.question_id"
    )

    @property
    def standing(self) -> ApplicationStatus:
        """Where it stands for staff: a decision counts also while the applicant is not told."""
        return self.held or self.status

    @property
    def is_blind(self) -> bool:
        """Whether it is assessed without names, until the applicant is told; in SQL `queries.is_blind`."""
        return self.call.is_blind and self.decided_at is None and self.names_shown_at is None

    @property
    def send_by(self) -> datetime:
        """Until when a draft is sent: the call's closing, or the last day of a late entry."""
        entry, closes_at = self.late_entry, self.call.closes_at
        if entry is None or entry.revoked_at is not None:
            return closes_at
        return max(closes_at, clock.at_local(entry.last_on, 23, 59))

    @property
    def excluded_days(self) -> list[Days]:
        """The days that do not suit, as ranges from first to last."""
        return [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in self.excluded or ()]

    @property
    def free_windows(self) -> list[Days]:
        """The windows without the days that do not suit: a stay lies in one of these ranges."""
        windows = [(window.first_day, window.last_day) for window in self.windows]
        return reduce(_without, self.excluded_days, windows)


class ChangeRequest(Model):
    """An officer asks for changes in some sections by a day; the answers as they were sent are kept."""

    __tablename__ = "change_request"
    __table_args__ = (
        # One at a time waits for its answer.
        Index("uq_change_request_open", "application_id", unique=True, postgresql_where="ended_at IS NULL"),
        CheckConstraint("ended_at IS NOT NULL OR NOT is_answered", name="answered"),
    )

    id: Mapped[Key]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    asked_at: Mapped[datetime]
    answer_by: Mapped[date]
    # Section → what to change in it.
    asked: Mapped[dict[str, Any]]
    sent: Mapped[dict[str, Any]]
    ended_at: Mapped[datetime | None]
    # Sent again; otherwise it was decided or withdrawn without an answer.
    is_answered: Mapped[bool] = mapped_column(default=False)

    application: Mapped[Application] = relationship()

    @property
    def sections(self) -> list[Section]:
        """The sections that were asked for, in the scheme's order."""
        return [section for section in Section if section in self.asked]


class RuleException(Model, AskedException):
    """An exception from a rule for an application."""

    __tablename__ = "rule_exception"
    __table_args__ = exception_guards("rule_exception", "application_id")

    id: Mapped[Key]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))

    application: Mapped[Application] = relationship()


class Cv(Model):
    """A CV as a PDF; never changed, and gone when no answer names it any more."""

    __tablename__ = "cv"
    __table_args__ = (
        Index("uq_cv", "application_id", "sha256", unique=True),
        CheckConstraint("bytes_long > 0 AND bytes_long <= 5242880", name="size"),
    )

    id: Mapped[Key]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    sha256: Mapped[str]
    file_name: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    bytes_long: Mapped[int]
    added_at: Mapped[datetime]
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    application: Mapped[Application] = relationship(foreign_keys=[application_id])


class ApplicationWindow(Model):
    """Days between which the visitor could stay."""

    __tablename__ = "application_window"
    __table_args__ = (CheckConstraint("first_day <= last_day", name="days"),)

    id: Mapped[Key]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]

    application: Mapped[Application] = relationship(back_populates="windows")


class Wish(Model):
    """A host ranked by the visitor (1 is best), or ruled out: rank null means never."""

    __tablename__ = "wish"
    __table_args__ = (
        Index("uq_wish", "application_id", "offer_id", unique=True),
        Index("uq_wish_rank", "application_id", "rank", unique=True),
        # Who wishes for a host, the best ranks first.
        Index("ix_wish_offer", "offer_id", "rank", text("application_id DESC")),
        CheckConstraint("rank >= 1", name="rank"),
    )

    id: Mapped[Key]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"))
    rank: Mapped[int | None]

    application: Mapped[Application] = relationship(back_populates="wishes")
    offer: Mapped[Offer] = relationship()


class ApplicationAnswer(Model):
    """What the applicant answers to a question of the call; one that was taken away stays, without value."""

    __tablename__ = "application_answer"
    __table_args__ = (
        UniqueConstraint("application_id", "question_id"),
        # An answered question is not deleted and keeps its kind; an answer keeps the words that it was given to.
        ForeignKeyConstraint(["question_id", "kind"], ["call_question.id", "call_question.kind"]),
        ForeignKeyConstraint(
            ["wording_id", "question_id"], ["question_wording.id", "question_wording.question_id"]
        ),
    )

    id: Mapped[Key]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    question_id: Mapped[int] = mapped_column(index=True)
    kind: Mapped[QuestionKind] = mapped_column(enum_column(QuestionKind))
    wording_id: Mapped[int] = mapped_column(index=True)
    value: Mapped[Any] = mapped_column(JSONB(none_as_null=True), nullable=True)

    application: Mapped[Application] = relationship(back_populates="answers")
    wording: Mapped[QuestionWording] = relationship(
        primaryjoin=lambda: ApplicationAnswer.wording_id == QuestionWording.id,
        foreign_keys=[wording_id],
        lazy="joined",
        innerjoin=True,
    )


class Typed(Model):
    """What stands in an open page of a draft, as typed: nobody has checked it, and it is no answer yet."""

    __tablename__ = "typed"
    __table_args__ = (
        Index("uq_typed", "application_id", "section", "page", unique=True),
        CheckConstraint("octet_length(fields::text) <= 400000", name="size"),
    )

    id: Mapped[Key]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    section: Mapped[Section] = mapped_column(enum_column(Section))
    # The one-use key of the form in which it stands: two devices never write over each other.
    page: Mapped[str]
    # Counts what the page has sent, so that what comes late does not win.
    count: Mapped[int]
    # The application's version when the page was opened.
    of_version: Mapped[int]
    # The digest of the section's answers as they were saved then.
    basis: Mapped[str] = mapped_column(default="")
    fields: Mapped[dict[str, Any]]
    typed_at: Mapped[datetime]


def _without(windows: list[Days], gap: Days) -> list[Days]:
    """Of each window what lies before and after the gap."""
    day = timedelta(days=1)
    parts = (
        part
        for first, last in windows
        for part in ((first, min(last, gap[0] - day)), (max(first, gap[1] + day), last))
    )
    return sorted({(first, last) for first, last in parts if first <= last})
