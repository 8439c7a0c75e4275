"""Organisations and their people."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.accounts.models import User
from mobility.core.crypto import EncryptedText
from mobility.core.db import Key, Model, Searched, Versioned, enum_column
from mobility.organisations.enums import AskStatus, LikenessStatus, MemberRight, OrganisationType, Standing
from mobility.partnerships.models import Partnership


class Organisation(Model, Versioned):
    """A legal body that visits or hosts, registered in one country."""

    __tablename__ = "organisation"
    __table_args__ = (
        Index("uq_organisation_registration", "country", "registration", unique=True),
        # What lists search for words.
        Index(
            "ix_organisation_words",
            text("grams(name)"),
            text("grams(name_folded)"),
            text("grams(registration)"),
            text("grams(town)"),
            postgresql_using="gin",
        ),
        # As lists are sorted.
        *(
            Index(f"ix_organisation_{column}", column, "id")
            for column in ("name_folded", "type", "country", "town", "cluster_name", "staff")
        ),
        CheckConstraint("staff IS NULL OR staff >= 0", name="staff"),
        CheckConstraint("cluster_standing = 'declared' OR cluster_name <> ''", name="cluster_named"),
        CheckConstraint("merged_into_id <> id", name="merged_into_another"),
    )

    id: Mapped[Key]
    registration: Mapped[Searched]
    name: Mapped[Searched]
    # Folded for search and sorting: the database has no language collations.
    name_folded: Mapped[Searched]
    type: Mapped[OrganisationType] = mapped_column(enum_column(OrganisationType))
    country: Mapped[str]
    town: Mapped[Searched]
    region: Mapped[str | None]
    latitude: Mapped[float]
    longitude: Mapped[float]
    staff: Mapped[int | None]
    turnover_cents: Mapped[int | None]
    balance_cents: Mapped[int | None]
    founded: Mapped[int | None]
    website: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    cluster_name: Mapped[str] = mapped_column(default="")
    cluster_has_profile: Mapped[bool] = mapped_column(default=False)
    # What the newest question to the cluster came to; rules look at it without a query.
    cluster_standing: Mapped[Standing] = mapped_column(enum_column(Standing), default=Standing.DECLARED)
    partnership_id: Mapped[int | None] = mapped_column(ForeignKey("partnership.id"))
    account_holder: Mapped[str] = mapped_column(default="")
    iban: Mapped[str | None] = mapped_column(EncryptedText("organisation.iban"))
    bic: Mapped[str] = mapped_column(default="")
    street: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    registered_at: Mapped[datetime]
    # Entered twice: the other entry stands for both.
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)

    partnership: Mapped[Partnership | None] = relationship()
    merged_into: Mapped["Organisation | None"] = relationship(remote_side="Organisation.id")

    @property
    def survivor(self) -> "Organisation":
        """The entry that stands for this one: itself, unless it was merged."""
        return self.merged_into.survivor if self.merged_into else self


class OrganisationMember(Model):
    """A person who may act for an organisation, or only look."""

    __tablename__ = "organisation_member"
    __table_args__ = (Index("uq_organisation_member", "organisation_id", "user_id", unique=True),)

    id: Mapped[Key]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    since: Mapped[datetime]
    right: Mapped[MemberRight] = mapped_column(enum_column(MemberRight), default=MemberRight.EDIT)
    # Nobody for whoever registered it.
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    organisation: Mapped[Organisation] = relationship()
    user: Mapped[User] = relationship(foreign_keys=[user_id])
    added_by: Mapped[User | None] = relationship(foreign_keys=[added_by_id])


class ColleagueInvitation(Model, Versioned):
    """Somebody asked by letter to act for an organisation; joins by the link, once."""

    __tablename__ = "colleague_invitation"
    __table_args__ = (
        # One letter at a time to each address.
        Index(
            "uq_colleague_invitation_waiting",
            "organisation_id",
            "email",
            unique=True,
            postgresql_where="status = 'waiting'",
        ),
        CheckConstraint("(status = 'waiting') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("email = lower(email)", name="email"),
    )

    id: Mapped[Key]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    email: Mapped[str]
    right: Mapped[MemberRight] = mapped_column(enum_column(MemberRight))
    status: Mapped[AskStatus] = mapped_column(enum_column(AskStatus), default=AskStatus.WAITING)
    token_sha256: Mapped[str] = mapped_column(unique=True)
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    invited_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()
    invited_by: Mapped[User] = relationship()


class ClusterQuestion(Model, Versioned):
    """A cluster asked by letter whether an organisation is its member; whoever holds the link answers once."""

    __tablename__ = "cluster_question"
    __table_args__ = (
        Index("uq_cluster_question_turn", "organisation_id", "turn", unique=True),
        # One question at a time.
        Index(
            "uq_cluster_question_waiting",
            "organisation_id",
            unique=True,
            postgresql_where="status = 'waiting'",
        ),
        CheckConstraint("(status = 'waiting') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("status IN ('waiting', 'lapsed') OR answered_by <> ''", name="answered"),
    )

    id: Mapped[Key]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    turn: Mapped[int]
    # As it was named: a cluster named later is asked anew.
    cluster_name: Mapped[str]
    to_email: Mapped[str]
    status: Mapped[AskStatus] = mapped_column(enum_column(AskStatus), default=AskStatus.WAITING)
    token_sha256: Mapped[str] = mapped_column(unique=True)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    answered_by: Mapped[str] = mapped_column(default="")
    remark: Mapped[str] = mapped_column(default="")

    organisation: Mapped[Organisation] = relationship()
    asked_by: Mapped[User] = relationship()


class Likeness(Model, Versioned):
    """Two entries that may be one organisation, and what somebody made of it."""

    __tablename__ = "likeness"
    __table_args__ = (
        Index("uq_likeness_pair", "one_id", "other_id", unique=True),
        Index("ix_likeness_list", "status", "found_at", "id"),
        CheckConstraint("one_id < other_id", name="order"),
        CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="decided"),
    )

    id: Mapped[Key]
    one_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    reasons: Mapped[list[str]]
    status: Mapped[LikenessStatus] = mapped_column(enum_column(LikenessStatus), default=LikenessStatus.OPEN)
    found_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]

    one: Mapped[Organisation] = relationship(foreign_keys=[one_id])
    other: Mapped[Organisation] = relationship(foreign_keys=[other_id])


class Merge(Model):
    """One entry stands for both: what was moved, so that it can be given back."""

    __tablename__ = "organisation_merge"
    __table_args__ = (
        Index("uq_organisation_merge_live", "merged_id", unique=True, postgresql_where="undone_at IS NULL"),
        CheckConstraint("survivor_id <> merged_id", name="two_organisations"),
    )

    id: Mapped[Key]
    likeness_id: Mapped[int] = mapped_column(ForeignKey("likeness.id"), index=True)
    survivor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    merged_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    # {"applications": [ids], …}: the keys of what moved; of users "people" who joined the survivor, "raised" who came
    # to act for it, and "acting" who did before.
    moved: Mapped[dict[str, Any]]
    merged_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    merged_at: Mapped[datetime]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    undone_at: Mapped[datetime | None]

    likeness: Mapped[Likeness] = relationship()
    survivor: Mapped[Organisation] = relationship(foreign_keys=[survivor_id])
    merged: Mapped[Organisation] = relationship(foreign_keys=[merged_id])
    merged_by: Mapped[User] = relationship(foreign_keys=[merged_by_id])
